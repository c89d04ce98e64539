"""What every page looks at: a configuration, its store, and one board for each revision of it."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from time import time
from typing import Any, TypeVar

from monitor import packs, store
from monitor.board import Board, board
from monitor.model import Segment
from monitor.serve.reload import Watcher
from monitor.store import Store
from monitor.trust.dataset import Judged
from monitor.trust.shares import as_of, judged
from monitor.views.later import PATIENCE, Breath, Failed, Later
from monitor.views.parts import Parts, chosen_of, parts
from monitor.views.span import Span, span
from monitor.views.trends import Course, Kept, courses

T = TypeVar("T")

KEPT = 64
"""Answers that are remembered for the pages of a process."""

LATEST = "latest"
"""Looks at the instant of the last reading instead of now."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one page draws from. `off` says of the packaged checks that are not on why; `good` is false while
    the configuration on disk is refused and the last good one is shown.
    """

    config: Any
    store: Store
    board: Board
    off: Mapping[str, str]
    good: bool
    now: int
    span: Span
    remembered: Callable[[Hashable, Callable[[], Any]], Any]
    """The answer to a question of this board, worked out where it is asked for the first time."""
    parts: tuple[Segment, ...] = ()
    """The segments that are looked at; none is everything."""
    kept: Kept = field(default_factory=Kept)
    """Days of budgets that are over, whatever the store's revision is."""
    later: Later = field(default_factory=Later)
    """What takes long, and is worked out beside the pages."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for, as text; unknown words ask for nothing."""

    range: str | None = None
    zone: str | None = None
    around: str | None = None
    segment: str | None = None
    model: str | None = None


class Reader:
    """Reads for all pages of a process; any thread may ask."""

    def __init__(self, path: Path, at: str = "") -> None:
        """`at`: an instant in microseconds as text, `latest`, or nothing for now. Raises WeirError."""
        self._watcher, self._at = Watcher(path), at
        self._store = store.open_store(self._watcher.config.store)
        self._kept: tuple[tuple[str, int], Any, Board] | None = None
        self._lock = Lock()
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._days, self._later = Kept(), Later()

    @property
    def dashboard(self) -> Any:
        """What the configuration in force says of who may do what."""
        return self._watcher.config.dashboard

    @property
    def pipeline(self) -> str:
        """The pipeline's name."""
        return self._watcher.config.pipeline

    def parts(self) -> Parts:
        """The segments and model versions that can be picked. Raises WeirError."""
        look = self.look()
        return look.remembered("parts", lambda: parts(look.board))

    def look(self, asked: Asked | None = None) -> Look:
        """The newest board with what is asked for. Raises WeirError where the store is gone."""
        asked = asked or Asked()
        with self._lock:
            self._watcher.poll()
            declared = self._watcher.config
            now_at = declared.digest, self._store.revision()
            if self._kept is None or self._kept[0] != now_at:
                seen = packs.seen(declared, store.settings(self._store, declared.pipeline))
                self._kept = now_at, seen, board(declared, self._store, burns=True)
            _, seen, shown = self._kept
        now = self._now(shown)
        off = {name: each.why for name, each in declared.off.items()}
        off |= {name: NOT_ON for name in declared.packaged if name not in seen.checks}
        chosen = span(asked.range, now, asked.zone, asked.around)
        looked_at = chosen_of(shown, asked.segment, asked.model)

        def remembered(key: Hashable, make: Callable[[], T]) -> T:
            return self._remembered((now_at, key), make)

        good, days, later = self._watcher.good, self._days, self._later
        return Look(seen, self._store, shown, off, good, now, chosen, remembered, looked_at, days, later)

    def _remembered(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._answers:
                return self._answers[key]
        made = make()
        with self._lock:
            self._answers[key] = made
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        return made

    def _now(self, shown: Board) -> int:
        if self._at == LATEST:
            return shown.at or 0
        return int(self._at) if self._at else int(time() * 1_000_000)

    def close(self) -> None:
        self._store.close()


def trends(look: Look) -> dict[str, Course]:
    """What was left of every budget day by day, by check."""
    return look.remembered("trends", lambda: courses(look.config, look.store, look.now, look.kept))


def training(look: Look, patience: float = PATIENCE) -> tuple[Judged, ...] | Failed | None:
    """What every check says of what models learn from, as of the last full hour; None: not worked out yet."""
    hour, breath = as_of(look.now), Breath()
    return look.later.ask(
        ("training", look.config.digest),
        hour,
        lambda: judged(look.config, look.store, hour, breath),
        patience,
    )


_opened: dict[tuple[Path, str], Reader] = {}
_opening = Lock()


def opened(path: Path, at: str = "") -> Reader:
    """The reader of a configuration that all pages of this process share. Raises WeirError."""
    with _opening:
        if (path, at) not in _opened:
            _opened[path, at] = Reader(path, at)
        return _opened[path, at]


def given(words: Sequence[str]) -> tuple[list[Path], str]:
    """The configurations and the instant that `weir dashboard` gives to the pages."""
    pairs = [(name, value) for name, _, value in (each.partition("=") for each in words)]
    paths = [Path(value) for name, value in pairs if name == "--config"]
    return paths or [Path("weir.yaml")], dict(pairs).get("--at", "")


NOT_ON = "its dataset lacks a column that it needs, or it was never run: `weir plan` says which"
