"""What people ask for on the pages, and what becomes of it. Every step is written to the audit trail.

An action bears being done twice: the process that does it may die before it has said so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor import audit
from monitor.errors import LeaseLost, UsageError, WeirError, origin
from monitor.model import DAY, Window
from monitor.notify import silencing
from monitor.store import Fence, Store, alarms, requests, silences
from monitor.store.requests import Request, State

LONGEST = 7 * DAY
"""A silence that lasts longer hides what should be mended, or a check that should be changed."""


class RefusedError(Exception):
    """What was asked for cannot be done; the text says why, in words for a page."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where requests are dealt with. `run` measures one check now, and says what came of it; `look` has
    something of a subject worked out and kept, by the action's name, and says what; `play` plays for somebody
    a kind of fault, with what else was asked for.
    """

    config: Any
    store: Store
    run: Callable[[str], str]
    fence: Fence | None = None
    look: Callable[[str, str], str] = lambda action, subject: ""
    play: Callable[[str, str, Mapping[str, Any]], str] = lambda actor, fault, arguments: ""


def deal(desk: Desk, now: int, *, long: bool | None = None) -> int:
    """Do everything that waits, or only what takes `long` or does not; returns how many requests that were.
    Raises StoreError, LeaseLost.
    """
    waiting = requests.waiting(desk.store, desk.config.pipeline, now)
    waiting = [each for each in waiting if long is None or (each.action in LONG) == long]
    for request in waiting:
        state, result = _outcome(desk, request, now)
        requests.answer(desk.store, request.id, state, result, now, desk.fence)
        detail = {**request.arguments, "request": request.id, "state": state.value, "result": result}
        audit.record(
            desk.store, desk.config.pipeline, now, request.actor, request.action, request.subject, detail
        )
    return len(waiting)


def _outcome(desk: Desk, request: Request, now: int) -> tuple[State, str]:
    action = ACTIONS.get(request.action)
    if action is None:
        return State.REFUSED, f"there is no action '{request.action}'"
    try:
        return State.DONE, action(desk, request, now)
    except RefusedError as error:
        return State.REFUSED, str(error)
    except LeaseLost:  # it stays open, for whoever leads next
        raise
    except WeirError as error:
        return State.FAILED, error.message
    except Exception as error:  # a slip of ours must not be made again every two seconds
        return State.FAILED, f"Weir itself failed ({origin(error)}): please report it"


def _acknowledge(desk: Desk, request: Request, now: int) -> str:
    """The subject is an incident's number."""
    number = int(request.subject) if request.subject.isdigit() else -1
    if not alarms.acknowledge(desk.store, desk.config.pipeline, number, now, request.actor):
        raise RefusedError("somebody is on it already, or it is over")
    return f"{request.actor} is on it"


def _silence(desk: Desk, request: Request, now: int) -> str:
    """The subject is a check; `ends` is an instant, `reason` says why."""
    _known(desk, request.subject)
    ends, reason = int(request.arguments.get("ends", 0)), str(request.arguments.get("reason", "")).strip()
    if not reason:
        raise RefusedError("say why: whoever comes next will want to know")
    if not now < ends <= now + LONGEST:
        raise RefusedError("a silence ends within a week: mend the check, or switch it off")
    window, by = Window(now, ends), request.actor
    there = {(each.matchers, each.ends) for each in silences.listed(desk.store, desk.config.pipeline, now)}
    for label in ("slo", "check"):
        matchers = ((label, request.subject),)
        if (matchers, ends) in there:
            continue
        silencing.add(desk.store, desk.config.pipeline, matchers, window, reason, by, now)
    return "silent until then"


def _run(desk: Desk, request: Request, now: int) -> str:
    """The subject is a check."""
    _known(desk, request.subject)
    return desk.run(request.subject)


def _look(desk: Desk, request: Request, now: int) -> str:
    """The subject is a check."""
    _known(desk, request.subject)
    return desk.look(request.action, request.subject)


def _letters(desk: Desk, request: Request, now: int) -> str:
    """The subject is a dataset."""
    if request.subject not in desk.config.datasets:
        raise RefusedError(f"no dataset is called '{request.subject}'")
    return desk.look(request.action, request.subject)


def _play(desk: Desk, request: Request, now: int) -> str:
    """The subject is a kind of fault of the simulated shop: a game day breaks that, and nothing else.

    `severity`, `segment` and `seed` say how badly, where, and of which shop.
    """
    from monitor.gameday.asked import asked

    try:
        wanted = asked(request.subject, request.arguments)
    except UsageError as error:
        raise RefusedError(error.message + (f" ({error.hint})" if error.hint else "")) from None
    return desk.play(request.actor, wanted.fault, wanted.arguments)


def _known(desk: Desk, check: str) -> None:
    if check not in desk.config.checks:
        raise RefusedError(f"no check is called '{check}'")


ACTIONS: Mapping[str, Callable[[Desk, Request, int], str]] = {
    "acknowledge": _acknowledge,
    "silence": _silence,
    "run": _run,
    "explain": _look,
    "sample": _look,
    "report": _look,
    "letters": _letters,
    "play": _play,
}
"""Every action by its name, as a request bears it."""

LONG = frozenset({"report", "play"})
"""Actions that take a minute: they wait in a line of their own."""
