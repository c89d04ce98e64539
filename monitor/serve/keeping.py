"""What is worked out for the pages, and kept in the store: they never ask a source.

At a tick the failing checks' example rows and the dead letters are taken anew, each when the last is old; the
rest when somebody asks. Whatever fails here is said on the page, and stops nothing.
"""

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING, Any

from monitor import packs, store
from monitor.errors import LeaseLost, UsageError, WeirError
from monitor.inspection import letters
from monitor.inspection.sample import sample
from monitor.iso import iso
from monitor.model import MINUTE, TOTAL, Outcome
from monitor.shown.explain import explain
from monitor.store import Fence, Store, exhibits, readings, samples
from monitor.store.exhibits import Exhibit

if TYPE_CHECKING:
    from monitor.binding.sources import Sources
    from monitor.tick import Ticked

AGAIN = 10 * MINUTE
"""How old a sample or a count of dead letters grows before a tick takes it anew."""
MOST = 5
"""Checks that one tick samples: an outage of everything must not become one of Weir."""
EXPLANATION, REPORT = "explanation", "report"
FAILED, UNFINISHED = -1.0, 0.99


@dataclass(frozen=True, slots=True)
class Keeper:
    """Where to look and where to keep. `config` has the packaged checks that are on."""

    config: Any
    store: Store
    sources: "Sources"
    fence: Fence | None = None


def seen(config: Any, store_: Store, sources: "Sources", fence: Fence | None = None) -> Keeper:
    """A keeper of a configuration as it was loaded."""
    return Keeper(packs.seen(config, store.settings(store_, config.pipeline)), store_, sources, fence)


def after_tick(keeper: Keeper, ticked: "Ticked", source: str) -> list[WeirError]:
    """Take what a tick calls for, of the source that it asked; what could not be had."""
    keeper = Keeper(ticked.config, keeper.store, keeper.sources, keeper.fence)
    failing = [
        said.check
        for said in ticked.readings
        if said.segment == TOTAL and said.reading.outcome == Outcome.FAIL
    ]
    ids = _ids(keeper)
    old = samples.taken(keeper.store)
    failing = failing if keeper.config.serve.samples else []
    due = [name for name in failing if old.get(ids.get(name, -1), 0) <= ticked.at - AGAIN][:MOST]
    dead = [
        name
        for name in letters.datasets(keeper.config)
        if keeper.config.source_of(name).name == source and _old(keeper, name, ticked.at)
    ]
    errors = [_tried(keep_sample, keeper, name, ticked.at) for name in due]
    errors += [_tried(keep_letters, keeper, name, ticked.at) for name in dead]
    return [error for error in errors if error is not None]


def _tried(keep: Callable[[Keeper, str, int], str], keeper: Keeper, name: str, now: int) -> WeirError | None:
    try:
        keep(keeper, name, now)
    except WeirError as error:
        return error
    return None


def keep_sample(keeper: Keeper, check: str, now: int) -> str:
    """Take example rows of a check; what was taken, in words. Raises WeirError."""
    if not keeper.config.serve.samples:
        raise UsageError("example rows are switched off", hint="serve: {samples: true}")
    said = [each for each in readings.latest(keeper.store, keeper.config.pipeline) if each.check == check]
    taken = sample(keeper.config, keeper.sources, check, now, said)
    number = _ids(keeper).get(check)
    if number is None:
        raise UsageError(f"the check '{check}' has not been measured yet", hint="run it first")
    samples.put(keeper.store, number, now, taken, keeper.fence)
    return f"{len(taken.rows)} rows: {taken.what}"


def keep_letters(keeper: Keeper, dataset: str, now: int) -> str:
    """Count dead letters by cause; what was found, in words. Raises WeirError, and keeps what it said."""
    with _said(keeper, dataset, letters.ROLE, now):
        causes = letters.by_cause(keeper.config, keeper.sources, dataset, now)
    _put(keeper, Exhibit(dataset, letters.ROLE, now, 1.0, "", letters.written(causes)))
    return f"{sum(each.day for each in causes):,} in a day, {len(causes)} causes"


def keep_explanation(keeper: Keeper, check: str, now: int) -> str:
    """Explain a check: declaration, windows, plan and SQL. Raises WeirError."""
    if check not in keeper.config.checks:
        raise UsageError(f"the check '{check}' is off", hint="`weir plan` says why")
    said = explain(keeper.config, keeper.store, keeper.sources, check, now, lambda at: iso(at) or "never")
    _put(keeper, Exhibit(check, EXPLANATION, now, 1.0, "", json.dumps(said)))
    return "explained"


def keep_report(
    keeping: Callable[[], AbstractContextManager[Keeper]], check: str, now: int, stopping: Event
) -> str:
    """Have Evidently report a check's rows, saying how far it is. `keeping` is held while the source is
    asked. Raises WeirError, and keeps what it said; LeaseLost where it was given up, as `stopping` was set.
    """
    from monitor.evidently.report import Wanted, lines, take, write

    with keeping() as keeper:

        def told(share: float, what: str) -> None:
            _put(keeper, Exhibit(check, REPORT, now, min(share, UNFINISHED), what))

        with _said(keeper, check, REPORT, now):
            taken = take(keeper.config, keeper.sources, Wanted(check, now), told)
    with _said(keeper, check, REPORT, now), _unless(stopping):
        html = _html(lambda out: write(taken, out, told, stopping))
    _put(keeper, Exhibit(check, REPORT, now, 1.0, "; ".join(lines(taken.reported, iso)), html))
    return f"{taken.reported.preset} of {taken.reported.rows:,} rows"


@contextmanager
def _said(keeper: Keeper, subject: str, name: str, now: int) -> Generator[None]:
    """An error stands where the exhibit would."""
    try:
        yield
    except LeaseLost:
        raise
    except WeirError as error:
        hint = f" ({error.hint})" if error.hint else ""
        _put(keeper, Exhibit(subject, name, now, FAILED, error.message + hint))
        raise


@contextmanager
def _unless(stopping: Event) -> Generator[None]:
    """What fails as we are ending has not failed: whoever leads next does it."""
    try:
        yield
    except WeirError:
        if stopping.is_set():
            raise LeaseLost("this process ends: the report is left to the next one") from None
        raise


def _html(write: Callable[[Path], None]) -> str:
    with TemporaryDirectory(prefix="weir-report-") as folder:
        out = Path(folder) / "report.html"
        write(out)
        return out.read_text("utf-8")


def _put(keeper: Keeper, exhibit: Exhibit) -> None:
    exhibits.put(keeper.store, keeper.config.pipeline, exhibit, keeper.fence)


def _old(keeper: Keeper, dataset: str, now: int) -> bool:
    known = exhibits.get(keeper.store, keeper.config.pipeline, dataset, letters.ROLE)
    return known is None or known.at <= now - AGAIN


def _ids(keeper: Keeper) -> dict[str, int]:
    return {each.name: each.id for each in store.known_checks(keeper.store, keeper.config.pipeline)}


KEPT: Mapping[str, Callable[[Keeper, str, int], str]] = {
    "sample": keep_sample,
    "letters": keep_letters,
    "explain": keep_explanation,
}
"""What is kept when somebody asks, by the action's name."""
