"""Runbooks by name: one in the folder `runbooks/` beside weir.yaml goes before Weir's own; or an address."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from monitor.config.draft import Draft
from monitor.config.words import NAME
from monitor.config.yaml import Tree
from monitor.grammar import Path as KeyPath
from monitor.resources import resource

FOLDER = "runbooks"
INDEX = "README"


class _Having(Protocol):
    @property
    def runbook(self) -> str: ...


def is_address(runbook: str) -> bool:
    """Whether a runbook is somewhere else."""
    return "://" in runbook


def packaged() -> list[str]:
    """The names of Weir's own."""
    return sorted(path.stem for path in resource("runbooks").glob("*.md") if path.stem != INDEX)


def own(folder: Path) -> list[str]:
    """The names of those beside weir.yaml."""
    found = (folder / FOLDER).glob("*.md")
    return sorted(path.stem for path in found if path.stem != INDEX and NAME.fullmatch(path.stem))


def located(name: str, folder: Path) -> Path | None:
    """The file of a runbook; None for an address and for a name that there is no runbook of."""
    if not NAME.fullmatch(name) or name == INDEX:
        return None
    beside = folder / FOLDER / f"{name}.md"
    if beside.is_file():
        return beside
    path = resource("runbooks") / f"{name}.md"
    return path if path.is_file() else None


def check_runbooks(draft: Draft, alerts: Mapping[str, _Having] | None = None) -> None:
    """Note every runbook of a check, or of a composite alert, that does not exist."""
    for name, check in draft.checks.items():
        _known(draft, draft.origins[name], ("checks", name, "runbook"), check.runbook)
    for name, alert in (alerts or {}).items():
        if alert.runbook:
            _known(draft, draft.trees[0], ("alerts", name, "runbook"), alert.runbook)


def _known(draft: Draft, tree: Tree, path: KeyPath, runbook: str) -> None:
    if is_address(runbook):
        if urlsplit(runbook).scheme not in ("http", "https"):
            draft.faults.add(
                tree, path, "a runbook's address starts with https://", "or name one in runbooks/"
            )
    elif located(runbook, draft.folder) is None:
        draft.faults.add(tree, path, f"unknown runbook '{runbook[:60]}'", hint(runbook, draft.folder))


def hint(name: str, folder: Path) -> str:
    """The nearest runbook there is, or how to write one."""
    near = get_close_matches(name, [*packaged(), *own(folder)], 1, cutoff=0.75)
    if near:
        return f"did you mean '{near[0]}'?"
    if not NAME.fullmatch(name):
        return "a name has letters, digits, '_', '-' and '.'; or give an address"
    return f"write {FOLDER}/{name}.md beside weir.yaml, or give an address"


def names(folder: Path | None = None) -> Iterable[str]:
    """Every name that can be asked for, those beside weir.yaml first."""
    return dict.fromkeys([*(own(folder) if folder else ()), *packaged()])
