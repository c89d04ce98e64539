"""What somebody at the pages wants done: `weir serve` does it, and says what came of it."""

import json
from collections.abc import Mapping
from typing import Any

from monitor import audit
from monitor.audit import Line
from monitor.model import DAY
from monitor.store import Store, requests
from monitor.store.requests import Request
from monitor.views.access import Visitor
from monitor.views.gamedays import GAMEDAY, summary

DAYS = 90
"""How far back the audit trail is shown."""


def wish(
    store: Store,
    pipeline: str,
    visitor: Visitor,
    now: int,
    action: str,
    subject: str,
    arguments: Mapping[str, Any] | None = None,
) -> int:
    """Ask for something; returns the request's number. Raises PermissionError for one who may look only."""
    if not visitor.operates:
        raise PermissionError(f"{visitor.name} may look, and do nothing")
    return requests.ask(store, pipeline, now, visitor.name, action, subject, arguments)


def answers(store: Store, pipeline: str, subject: str, now: int) -> list[Request]:
    """What was lately asked for a subject, the newest first."""
    return [each for each in requests.last(store, pipeline, subject, 5) if each.asked > now - DAY]


def how(line: Line) -> str:
    """What a line says beside who, what and of what: a game day's figures, else what was given with it."""
    if line.action == GAMEDAY:
        return summary(line)
    return json.dumps(dict(line.detail), ensure_ascii=False)


def trail(store: Store, pipeline: str, visitor: Visitor, now: int) -> list[Line]:
    """Who did what, the newest first. Raises PermissionError for one who may not read it."""
    if not visitor.administers:
        raise PermissionError(f"{visitor.name} may not read the audit trail")
    return audit.trail(store, pipeline, now - DAYS * DAY)[::-1]
