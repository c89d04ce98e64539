"""What has been read of a configuration so far, while its faults are gathered."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from monitor.config.check import Check
from monitor.config.dataset import Dataset
from monitor.config.faults import Faults
from monitor.config.packs import Off, Packaged
from monitor.config.source import Source
from monitor.config.words import NAME
from monitor.config.yaml import Tree


@dataclass(slots=True)
class Draft:
    """What has been read so far. `trees` are the files, the main one first."""

    folder: Path
    trees: list[Tree] = field(default_factory=list[Tree])
    faults: Faults = field(default_factory=Faults)
    sources: dict[str, Source] = field(default_factory=dict[str, Source])
    datasets: dict[str, Dataset] = field(default_factory=dict[str, Dataset])
    checks: dict[str, Check] = field(default_factory=dict[str, Check])
    origins: dict[str, Tree] = field(default_factory=dict[str, Tree])
    packaged: dict[str, Packaged] = field(default_factory=dict[str, Packaged])
    off: dict[str, Off] = field(default_factory=dict[str, Off])
    use: tuple[str, ...] = ()
    beside: set[Path] = field(default_factory=set[Path])
    """Files that checks name, such as contracts."""

    def declared(self, section: str) -> dict[str, Any]:
        """What the main file has under a section, valid or not."""
        return section_of(self.trees[0], section)


def section_of(tree: Tree, section: str) -> dict[str, Any]:
    """A file's section, empty where it is missing or of another shape."""
    found = tree.data.get(section)
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}


def checked_name(draft: Draft, section: str, name: str, tree: Tree | None = None) -> str:
    """A section's name; one that cannot be a name is noted once, and stands in as a plain word."""
    if NAME.fullmatch(name):
        return name
    hint = "a name has letters, digits, '_', '-' and '.', at most 100"
    draft.faults.add(tree or draft.trees[0], (section, name), f"'{name[:60]}' is no name", hint, key=True)
    return "unnamed"
