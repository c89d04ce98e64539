"""Answers that take long: worked out beside whoever asks, who is shown the last one meanwhile."""

import logging
from collections.abc import Callable, Hashable
from threading import Lock, Thread
from time import perf_counter, sleep
from typing import Any

PATIENCE = 0.3
"""Seconds that whoever asks first waits: of a small store there is an answer by then."""

LONGEST_BREATH = 0.2

log = logging.getLogger(__name__)


class Failed(str):
    """The class of what went wrong instead of an answer."""

    __slots__ = ()


class Breath:
    """Between two steps of long work: pauses as long as the last one took: pages are drawn meanwhile."""

    def __init__(self) -> None:
        self._since = perf_counter()

    def __call__(self) -> None:
        sleep(min(perf_counter() - self._since, LONGEST_BREATH))
        self._since = perf_counter()


class Later:
    """Answers by question; any thread may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[Hashable, tuple[Hashable, Any]] = {}
        self._making: dict[Hashable, Thread] = {}

    def ask(
        self, question: Hashable, version: Hashable, make: Callable[[], Any], patience: float = PATIENCE
    ) -> Any:
        """The answer of a version, else the last one while that is made; None where there is none yet.

        `make` runs in a thread of its own, once at a time for a question. Where it raises, the answer of that
        version is `Failed`.
        """
        with self._lock:
            known = self._known.get(question)
            if known is not None and known[0] == version:
                return known[1]
            working = self._making.get(question)
            if working is None:
                working = Thread(target=self._make, args=(question, version, make), daemon=True, name="later")
                self._making[question] = working
                working.start()
        if known is None:
            working.join(patience)
        with self._lock:
            known = self._known.get(question)
        return known[1] if known else None

    def _make(self, question: Hashable, version: Hashable, make: Callable[[], Any]) -> None:
        try:
            made = make()
        except Exception as error:  # whatever it is: nobody waits for this thread
            made = Failed(type(error).__name__)
            log.warning("what a page asked for could not be worked out: %s", made)
        with self._lock:
            self._known[question] = version, made
            del self._making[question]
