"""Where a game day's result is kept: a line of the audit trail, which pages read. Nothing else is touched."""

from typing import TYPE_CHECKING, Any

from monitor import audit
from monitor.store import Store

if TYPE_CHECKING:
    from monitor.gameday.run import Result

ACTION = "gameday"


def detail(result: "Result") -> dict[str, Any]:
    """The object of `weir gameday --json`, and which scenarios could not be played."""
    from monitor.gameday.told import as_json

    failed = [{"scenario": name, "why": why} for name, why in result.failed]
    return {**as_json(result), "failed": failed, "good": result.good}


def subject(said: dict[str, Any]) -> str:
    """What was played, in a few words: `loss`, `55 faults`, `clean days`."""
    kinds = list(dict.fromkeys(str(each["fault"]) for each in said["faults"]))
    if not kinds:
        return "clean days"
    return kinds[0] if len(kinds) == 1 else f"{len(kinds)} faults"


def keep(store: Store, pipeline: str, now: int, actor: str, said: dict[str, Any]) -> None:
    """Add a result, as `detail` gives it, to the audit trail."""
    audit.record(store, pipeline, now, actor, ACTION, subject(said), said)


def kept(store: Store, pipeline: str, since: int) -> list[audit.Line]:
    """The game days since an instant, oldest first."""
    return [each for each in audit.trail(store, pipeline, since) if each.action == ACTION]
