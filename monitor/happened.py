"""What went out and what was changed: the first things to look at where something began to go wrong."""

from typing import Any

from monitor import audit
from monitor.model import Window
from monitor.store import Store, deployments, history

CHANGES = {
    "configuration": "configuration: {subject}",
    "maintenance add": "maintenance planned: {subject}",
    "maintenance cancel": "maintenance cancelled: {subject}",
}
"""The lines of the audit trail that say that something is otherwise now, in words for a page."""

MOST = 50
"""Things that are listed: the newest ones."""


def happened(config: Any, store: Store, window: Window, now: int) -> tuple[tuple[int, str], ...]:
    """Deployments, redefined checks and changes of the configuration in order of time, none after `now`."""
    seen = Window(window.start, min(window.end, now + 1))
    if seen.end <= seen.start:
        return ()
    out = [(each.at, each.what) for each in deployments.recorded(store, config.pipeline, seen)]
    seams = [(at, f"{name} was redefined") for at, name in history.redefined(store, config.pipeline, seen)]
    trail = [
        (each.at, CHANGES[each.action].format(subject=each.subject))
        for each in audit.trail(store, config.pipeline, seen.start, seen.end)
        if each.action in CHANGES
    ]
    return tuple(sorted(out + seams + trail)[-MOST:])
