"""An alert as it is told: that it fires, or that it is over."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from monitor.model import Severity
from monitor.names import SEVERITY
from monitor.store.alarms import Alarm


@dataclass(frozen=True, slots=True)
class Notice:
    """Instants in microseconds, `ends` None while it fires. `key` and `starts` tell it from every other."""

    key: str
    name: str
    labels: Mapping[str, str]
    starts: int
    ends: int | None
    summary: str
    links: Mapping[str, str]

    @property
    def firing(self) -> bool:
        return self.ends is None

    @property
    def severity(self) -> str:
        return self.labels.get(SEVERITY, "")


def of(alarm: Alarm) -> Notice:
    """A firing alert's notice."""
    starts = alarm.evaluated if alarm.fired_at is None else alarm.fired_at
    return Notice(alarm.key, alarm.name, alarm.labels, starts, None, alarm.summary, alarm.links)


def over(told: Notice, alarm: Alarm | None, now: int) -> Notice:
    """The notice of the end of what was told, with the words that it last had."""
    ended = alarm.resolved_at if alarm and alarm.resolved_at is not None else now
    summary = alarm.summary if alarm and alarm.summary else told.summary
    ends = max(ended, told.starts)
    return Notice(told.key, told.name, told.labels, told.starts, ends, summary, told.links)


def ordered(notices: Sequence[Notice]) -> list[Notice]:
    """What fires before what is over, pages before tickets, the oldest first."""
    return sorted(
        notices, key=lambda each: (not each.firing, each.severity != Severity.PAGE, each.starts, each.key)
    )


def written(notices: Sequence[Notice]) -> list[dict[str, Any]]:
    """As plain JSON."""
    return [asdict(each) for each in notices]


def read(content: Any) -> list[Notice]:
    """The notices of a delivery's content."""
    return [Notice(**each) for each in content["notices"]]
