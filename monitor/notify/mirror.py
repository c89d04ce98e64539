"""Weir's silences in the Alertmanagers that its routes lead to, so that what others send there is held, too.

Nothing is remembered of it: a silence is known there by the mark at the end of its comment. Whatever is
missing is made, whatever was ended here is expired there; one that somebody expired there stays expired.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from monitor.config.routes import Routes
from monitor.errors import DeliveryError
from monitor.model import MINUTE, SECOND
from monitor.notify.alertmanager import instant
from monitor.notify.http import fetch
from monitor.store.silences import Matcher, Silence

AGAIN = MINUTE
"""How often the Alertmanagers are looked at: one that lost its silences gets them back."""

RETRY = 5 * SECOND
"""How soon after a failure."""

SHORT = 3.0
"""Seconds that a command waits for an Alertmanager."""

Urls = tuple[str, ...]


def managers(routes: Routes) -> list[Urls]:
    """The Alertmanagers of each route, once."""
    return list(dict.fromkeys(route.alertmanager for route in routes.routes.values() if route.alertmanager))


class Mirror:
    """What was mirrored where, and when it is due again."""

    def __init__(self) -> None:
        self._done: dict[Urls, tuple[tuple[Any, ...], int]] = {}

    def due(self, urls: Urls, some: Sequence[Silence], now: int) -> bool:
        """Whether something changed, or was not looked at for a while."""
        if not some:
            return False
        seen, again = self._done.get(urls, ((), 0))
        return seen != _state(some) or now >= again

    def run(self, urls: Urls, pipeline: str, some: Sequence[Silence], now: int) -> None:
        """Brings a cluster's silences up to date. Raises DeliveryError; it is due again soon then."""
        self._done[urls] = _state(some), now + RETRY
        reconcile(urls, pipeline, some, now)
        self._done[urls] = _state(some), now + AGAIN


def _state(some: Iterable[Silence]) -> tuple[Any, ...]:
    return tuple((each.id, each.ended) for each in some)


def reconcile(urls: Urls, pipeline: str, some: Iterable[Silence], now: int) -> None:
    """Makes and expires what differs, at the first of a cluster that answers: they tell one another.

    `some` are the silences that would not be over by themselves. Raises DeliveryError.
    """
    url, there = _listed(urls)
    for each in some:
        for mark, matchers in _parts(pipeline, each):
            mine = [one for one in there if _marked(one, mark)]
            if each.ended is None and not mine:
                fetch(f"{url}/api/v2/silences", _postable(each, mark, matchers))
            for one in mine if each.ended is not None else ():
                if _state_of(one) != "expired":
                    fetch(f"{url}/api/v2/silence/{one['id']}", method="DELETE")


def known(urls: Urls, pipeline: str, some: Iterable[Silence]) -> dict[int, bool]:
    """Whether a cluster holds each silence, all parts of it, now or later. Raises DeliveryError."""
    _, there = _listed(urls, SHORT)
    live = [each for each in there if _state_of(each) != "expired"]
    return {
        each.id: all(any(_marked(one, mark) for one in live) for mark, _ in _parts(pipeline, each))
        for each in some
    }


def _listed(urls: Urls, timeout: float | None = None) -> tuple[str, list[Any]]:
    failed = DeliveryError("no address")
    for url in (each.rstrip("/") for each in urls):
        try:
            found = fetch(f"{url}/api/v2/silences", timeout=timeout)
        except DeliveryError as error:
            failed = error
            continue
        if isinstance(found, list):
            return url, found  # pyright: ignore[reportUnknownVariableType]
        failed = DeliveryError("this is no Alertmanager")
    raise failed


def _parts(pipeline: str, silence: Silence) -> list[tuple[str, list[Matcher]]]:
    """The marks and matchers that make up a silence there: an alert about a budget names its check `slo`."""
    own = [("pipeline", pipeline), *(each for each in silence.matchers if each[0] != "pipeline")]
    checks = [value for label, value in own if label == "check"]
    both = [own]
    if checks and not any(label == "slo" for label, _ in own):
        both.append([*(each for each in own if each[0] != "check"), ("check", ""), ("slo", checks[0])])
    made = silence.created // SECOND
    return [(f"[weir {pipeline} {silence.id}.{number} {made}]", some) for number, some in enumerate(both, 1)]


def _postable(silence: Silence, mark: str, matchers: Iterable[Matcher]) -> dict[str, Any]:
    """A silence as `postableSilence`."""
    return {
        "matchers": [
            {"name": label, "value": value, "isRegex": False, "isEqual": True} for label, value in matchers
        ],
        "startsAt": instant(silence.starts),
        "endsAt": instant(silence.ends),
        "createdBy": silence.author,
        "comment": f"{silence.reason} {mark}",
    }


def _marked(there: Any, mark: str) -> bool:
    return str(there.get("comment", "")).endswith(mark)


def _state_of(there: Any) -> str:
    status: Any = there.get("status")
    return str(status["state"]) if status else ""
