"""Planned maintenance: announced, listed, cancelled, and every step of it audited.

It explains and it silences; what was measured, and what that cost, stays as it was.
"""

from dataclasses import dataclass
from typing import Any

from monitor import audit
from monitor.audit import Line
from monitor.errors import UsageError
from monitor.iso import iso
from monitor.model import Window
from monitor.store import Store, maintenances
from monitor.store.database import writing
from monitor.store.maintenances import Maintenance

LONGEST = 500
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What somebody wants to announce; `checks` is empty for the whole pipeline."""

    window: Window
    checks: tuple[str, ...]
    reason: str
    author: str


def plan(config: Any, store: Store, planned: Planned, now: int) -> Maintenance:
    """Announce maintenance over `[start, end)`. Raises UsageError for what cannot be meant."""
    reason = " ".join(planned.reason.split())
    if not reason or len(reason) > LONGEST:
        raise UsageError(f"a reason is a text of 1 to {LONGEST} characters", hint="such as 'broker upgrade'")
    if planned.window.length <= 0:
        message = f"maintenance that ends at {iso(planned.window.end)} cannot begin later"
        raise UsageError(message, hint="give a --to after --from")
    unknown = next((name for name in planned.checks if name not in config.checks), None)
    if unknown is not None:
        raise UsageError(f"there is no check '{unknown}'", hint="`weir validate` lists them")
    checks = tuple(sorted(set(planned.checks))) or None
    window = planned.window
    wanted = Maintenance(0, checks, window.start, window.end, reason, planned.author, now)
    detail = {"checks": checks, "from": window.start, "to": window.end, "reason": reason}
    with writing(store) as connection:
        id_ = maintenances.add(connection, config.pipeline, wanted)
        line = Line(now, planned.author, "maintenance add", str(id_), detail)
        audit.write(connection, config.pipeline, line)
    return Maintenance(id_, checks, window.start, window.end, reason, planned.author, now)


def cancel(config: Any, store: Store, id_: int, by: str, now: int) -> None:
    """End maintenance now, or keep it from beginning. Raises UsageError where there is none to cancel."""
    with writing(store) as connection:
        if not maintenances.cancel(connection, config.pipeline, id_, now, by):
            hint = "`weir maintenance list` shows those that are"
            raise UsageError(f"no maintenance {id_} is on or ahead", hint=hint)
        audit.write(connection, config.pipeline, Line(now, by, "maintenance cancel", str(id_), {}))
