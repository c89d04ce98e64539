"""Which checks are due together: one group for each interval and source."""

from dataclasses import dataclass

from monitor.config import Config
from monitor.grammar import show_duration


@dataclass(frozen=True, slots=True)
class Group:
    """Checks that are due together and ask the same source: a slow source holds up no other."""

    every: int
    source: str
    checks: frozenset[str]

    @property
    def id(self) -> str:
        return f"{show_duration(self.every)} {self.source}"


def groups(config: Config) -> tuple[Group, ...]:
    """The enabled checks by interval and source."""
    found: dict[tuple[int, str], set[str]] = {}
    for check in config.checks.values():
        if check.enabled:
            source = config.source_of(check.main_dataset).name
            found.setdefault((check.every, source), set()).add(check.name)
    return tuple(Group(*key, frozenset(names)) for key, names in sorted(found.items()))
