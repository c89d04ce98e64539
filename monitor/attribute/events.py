"""What went out or was changed shortly before a trouble began."""

from collections.abc import Collection, Sequence
from typing import Any

from monitor import audit
from monitor.attribute.cause import Event, Share
from monitor.model import HOUR, Window
from monitor.store import Store, deployments, history

BEFORE = HOUR
"""How long before a beginning something is still told of."""

RELATED = 24 * HOUR
"""And something that the segments speak of, such as the version that is hit."""


def nearest(
    config: Any,
    store_: Store,
    since: int,
    slack: int,
    segments: Sequence[Share] = (),
    checks: Collection[str] = (),
) -> Event | None:
    """The last event before `since`, or within `slack` microseconds after it, as far as an onset is blurred.

    One that names the value of a segment goes before all others. That a check is defined anew is told of
    `checks` alone: it changes no data.
    """
    some = events(config, store_, Window(since - RELATED, since + slack + 1))
    others = {f"the check {name}" for name in config.checks} - {f"the check {name}" for name in checks}
    some = [each for each in some if each.kind != "configuration" or each.what not in others]
    values = {value.casefold() for each in segments for _, value in each.where if len(value) > 2}
    related = [each for each in some if any(value in each.what.casefold() for value in values)]
    near = [each for each in some if each.at >= since - BEFORE]
    return max(related or near, key=lambda each: each.at, default=None)


def events(config: Any, store_: Store, window: Window) -> list[Event]:
    """Deployments, redefined checks and changed configurations of a stretch, in order of time."""
    out = [
        Event(each.at, each.what, "deployment")
        for each in deployments.recorded(store_, config.pipeline, window)
    ]
    seams = [
        Event(at, f"the check {name}", "configuration")
        for at, name in history.redefined(store_, config.pipeline, window)
    ]
    trail = [
        Event(each.at, f"the configuration ({each.subject})", "configuration")
        for each in audit.trail(store_, config.pipeline, window.start, window.end)
        if each.action == "configuration"
    ]
    return sorted(out + seams + trail, key=lambda each: (each.at, each.what))
