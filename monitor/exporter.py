"""A board as Prometheus metrics, in text and OpenMetrics.

What was measured is a gauge of event time, computed by Weir; what is not known is absent, never 0: that is
what the outcome and the last success are for. Nothing here asks a store or a source, and no sample has a
timestamp.
"""

import logging
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from itertools import accumulate
from math import isnan
from typing import Any
from unicodedata import category

from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from monitor import names
from monitor.board import Board, CheckRow, Probed, SloRow
from monitor.grammar import show_duration
from monitor.histogram import as_dict, log_bucket
from monitor.model import SECOND, Histogram, Outcome

LONGEST = 200
"""Characters of a label value."""

BOUNDS = (
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0,
)  # fmt: skip
"""Upper bounds of delays in seconds. They never change, or every recorded quantile would break."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """What the serving process says of itself."""

    version: str
    config_hash: str
    reloaded: bool = True
    leader: bool = False
    clock_trusted: bool = True
    deliveries: tuple[tuple[str, str, int], ...] = ()
    """How often a target was told since the process began: its name, the outcome, the number."""
    maintained: frozenset[str] = frozenset()
    """The checks of which maintenance is on now; an empty name stands for the whole pipeline."""


@dataclass(frozen=True, slots=True)
class _Family:
    make: Callable[..., Any]
    says: str
    labels: tuple[str, ...] = ()


_GAUGE, _COUNTER, _INFO, _HISTOGRAM = (
    GaugeMetricFamily, CounterMetricFamily, InfoMetricFamily, HistogramMetricFamily,
)  # fmt: skip
_CHECK, _DATASET, _SLO, _SLO_WINDOW = (
    (names.CHECK,),
    (names.DATASET,),
    (names.SLO,),
    (names.SLO, names.WINDOW),
)
_PROBE = (names.PROBE, names.DATASET)
_FINDING = (names.CHECK, names.FINDING)
_BY_OUTCOME, _BY_REASON = (names.CHECK, names.RESULT), (names.DATASET, names.REASON)
_SEGMENT = (names.CHECK, names.DIMENSION, names.VALUE)
_SLO_SEGMENT = (names.SLO, names.WINDOW, names.DIMENSION, names.VALUE)

FAMILIES: Mapping[str, _Family] = {
    names.BUILD: _Family(_INFO, "Version of Weir."),
    names.CONFIG: _Family(_INFO, "Digest of the configuration in force."),
    names.RELOADED: _Family(_GAUGE, "1 if the configuration on disk is in force, 0 if it was refused."),
    names.LEADER: _Family(_GAUGE, "1 if this replica measures, 0 if it only serves."),
    names.CLOCK: _Family(_GAUGE, "0 while this machine's clock is not trusted: then nothing is measured."),
    names.DELIVERIES: _Family(
        _COUNTER, "Attempts to tell a route of alerts, by outcome.", (names.ROUTE, names.RESULT)
    ),
    names.SERIES_REFUSED: _Family(_GAUGE, "Series left out because of serve.max_series."),
    names.OUTCOME: _Family(_GAUGE, "1 for the outcome of the last attempt.", _BY_OUTCOME),
    names.MAINTENANCE: _Family(
        _GAUGE, "1 while maintenance of the check is on; of the pipeline, under no name.", _CHECK
    ),
    names.PROBE_FAILING: _Family(
        _GAUGE, "1 where probes were lost, late or not redacted when somebody last looked.", _PROBE
    ),
    names.PROBE_EVENTS: _Family(
        _GAUGE, "Probes sent in the day before that, by what became of them.", (*_PROBE, names.STATE)
    ),
    names.PROBE_SENT: _Family(_GAUGE, "When the last of them went out.", _PROBE),
    names.PROBE_LOOKED: _Family(_GAUGE, "When somebody last looked for them.", _PROBE),
    names.PROBE_SLOWEST: _Family(_GAUGE, "How long the slowest took to be there.", _PROBE),
    names.PROBE_REDACTED: _Family(_GAUGE, "Share of their personal data that arrived redacted.", _PROBE),
    names.FINDING_OF: _Family(_GAUGE, "1 while the last reading is out of what was expected.", _FINDING),
    names.LAST_SUCCESS: _Family(_GAUGE, "When the check was last measured.", _CHECK),
    names.CREATED: _Family(_GAUGE, "When Weir first met the check.", _CHECK),
    names.DELETED: _Family(_GAUGE, "When a check left the configuration: its alerts end.", _CHECK),
    names.LAST_START: _Family(_GAUGE, "When its last run began.", _CHECK),
    names.INTERVAL: _Family(_GAUGE, "How often the check is due.", _CHECK),
    names.DURATION: _Family(_GAUGE, "How long its last run took.", _CHECK),
    names.RUNS: _Family(_COUNTER, "Runs by outcome.", _BY_OUTCOME),
    names.SCAN_ROWS: _Family(_COUNTER, "Rows that its scans brought back from the source.", _CHECK),
    names.OVERFLOW: _Family(_COUNTER, "Segment values folded into __other__, once a bucket.", _CHECK),
    names.WATERMARK: _Family(_GAUGE, "End of the newest bucket with rows, not after now.", _DATASET),
    names.ODD_ROWS: _Family(_GAUGE, "Rows without a usable event time.", _BY_REASON),
    names.LATE_ROWS: _Family(
        _COUNTER, "Rows that came later than the dataset's lateness, since it is watched.", _DATASET
    ),
    names.SLO_INFO: _Family(_INFO, "Where an objective belongs.", _SLO),
    names.SLO_OBJECTIVE: _Family(_GAUGE, "The share that should be good.", _SLO),
    names.SLO_BAD_RATIO: _Family(_GAUGE, "Bad events as a share of all in the window.", _SLO_WINDOW),
    names.SLO_EVENTS: _Family(_GAUGE, "Events in the window.", _SLO_WINDOW),
    names.SLO_TAIL: _Family(
        _GAUGE, "How likely so many bad events are where the objective is kept.", _SLO_WINDOW
    ),
    names.SLO_LEAST: _Family(_GAUGE, "The bad ratio that is exceeded at 99 % confidence.", _SLO_WINDOW),
    names.SLO_SETTLED: _Family(_GAUGE, "Event time up to which the window is settled.", _SLO),
    names.SLO_BUDGET: _Family(_GAUGE, "Error budget left, as a share; negative when overspent.", _SLO),
    names.SLO_MEASURED: _Family(_GAUGE, "Share of the window that was measured.", _SLO),
    names.SLI_EVENTS: _Family(_COUNTER, "Events, counted when their bucket became final.", _SLO),
    names.SLI_BAD: _Family(_COUNTER, "The bad ones of weir_sli_events_total.", _SLO),
    names.READING: _Family(_GAUGE, "What the check reads, in its kind's unit.", (names.CHECK, names.STAGE)),
    names.DELAY: _Family(_HISTOGRAM, "Delays in buckets that became final; bounds are 2% wide.", _CHECK),
    names.SEGMENT_BAD_RATIO: _Family(_GAUGE, "Bad events of one segment, as a share.", _SLO_SEGMENT),
    names.SEGMENT_EVENTS: _Family(_GAUGE, "Events of one segment in the window.", _SLO_SEGMENT),
    names.SEGMENT_TAIL: _Family(
        _GAUGE, "How likely so many bad events of it are where the objective is kept.", _SLO_SEGMENT
    ),
    names.SEGMENT_LEAST: _Family(
        _GAUGE, "The bad ratio of the segment that is exceeded at 99 % confidence.", _SLO_SEGMENT
    ),
    names.SEGMENT_FAILING: _Family(
        _GAUGE, "Events of a segment that breaks its check's bound, beyond chance; else absent.", _SEGMENT
    ),
    names.SEGMENT_READING: _Family(_GAUGE, "What the check reads for one segment.", _SEGMENT),
}
"""In the order in which series are kept when there are too many: our own health first, segments last."""

_ORDER = {name: place for place, name in enumerate(FAMILIES)}


@dataclass(frozen=True, slots=True)
class Row:
    """One line, or the lines of one histogram.

    `labels` come after `pipeline`. `value` is a number, an info's further labels, or a histogram's cumulative
    buckets and sum; what is not known, None or NaN, gives no line.
    """

    name: str
    labels: tuple[str, ...]
    value: Any

    @property
    def known(self) -> bool:
        return self.value is not None and not (isinstance(self.value, float) and isnan(self.value))

    @property
    def series(self) -> int:
        return len(self.value[0]) + 2 if self.name == names.DELAY else 1


class BoardCollector(Collector):
    """The metrics of the board that was last published. Scrapes, in any thread, find them ready."""

    def __init__(self, most: int) -> None:
        """`most`: how many series there may be."""
        self.most = most
        self.refused = 0
        self._families: Sequence[Metric] = ()
        self._segments: frozenset[tuple[str, ...]] = frozenset()
        self._counted: dict[str, tuple[float, float]] = {}

    def publish(self, board: Board, health: Health) -> None:
        """Replace what scrapes see; one thread at a time."""
        rows = [*_own(health), *self._monotone(_rows(board))]
        kept, refused = _fit(sorted((row for row in rows if row.known), key=self._rank), self.most - 1)
        if refused > self.refused:
            log.warning("%d series left out: there may be %d (serve.max_series)", refused, self.most)
        self.refused = refused
        self._segments = frozenset(row.labels for row in kept if row.name == names.SEGMENT_READING)
        self._families = _families(board.pipeline, [*kept, Row(names.SERIES_REFUSED, (), refused)])

    def describe(self) -> Iterable[Metric]:
        """Nothing, so that registering collects nothing."""
        return ()

    def collect(self) -> Iterable[Metric]:
        return self._families

    def _rank(self, row: Row) -> tuple[int, bool]:
        """Segments that are shown stay shown: a newcomer never drives one out."""
        return _ORDER[row.name], row.name == names.SEGMENT_READING and row.labels not in self._segments

    def _monotone(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Bad events that turned out good do not turn a counter back; a new definition starts it anew."""
        events = 0.0
        for row in rows:
            if row.name == names.SLI_EVENTS:
                events = row.value
            elif row.name == names.SLI_BAD:
                total, bad = self._counted.get(row.labels[0], (0.0, 0.0))
                row = Row(row.name, row.labels, max(row.value, bad) if events >= total else row.value)
                self._counted[row.labels[0]] = (events, row.value)
            yield row


@lru_cache(20_000)
def label(value: str) -> str:
    """A label value of at most 200 characters, none a control. A changed one ends in a digest of its own."""
    if value.isascii() and value.isprintable() and len(value) <= LONGEST:
        return value
    shown = "".join("\N{REPLACEMENT CHARACTER}" if category(c)[0] == "C" else c for c in value[:LONGEST])
    if shown == value:
        return value
    return f"{shown[: LONGEST - 9]}~{sha256(value.encode(errors='surrogatepass')).hexdigest()[:8]}"


def _own(health: Health) -> Iterator[Row]:
    yield Row(names.BUILD, (), {names.VERSION: health.version})
    yield Row(names.CONFIG, (), {names.HASH: health.config_hash})
    yield Row(names.RELOADED, (), int(health.reloaded))
    yield Row(names.LEADER, (), int(health.leader))
    yield Row(names.CLOCK, (), int(health.clock_trusted))
    for route, outcome, number in health.deliveries:
        yield Row(names.DELIVERIES, (route, outcome), number)
    for name in sorted({"", *health.maintained}):
        yield Row(names.MAINTENANCE, (name,), int(name in health.maintained))


def _rows(board: Board) -> Iterator[Row]:
    """Every line of a board. A check that is switched off has none, and so can raise no alert."""
    for check in board.checks:
        if check.enabled:
            yield from _check(check)
            yield from _counters(check)
            yield from _slo(check, check.slo) if check.slo else ()
    for name, at in board.deleted.items():
        yield Row(names.DELETED, (name,), _seconds(at))
    for probe in board.probes:
        yield from _probe(probe)
    for mark in board.datasets:
        yield Row(names.WATERMARK, (mark.dataset,), _seconds(mark.newest))
        yield Row(names.LATE_ROWS, (mark.dataset,), mark.too_late)
        for reason in ("no_time", "ancient", "future"):
            yield Row(names.ODD_ROWS, (mark.dataset, reason), getattr(mark, reason))


def _probe(each: Probed) -> Iterator[Row]:
    own = each.probe, each.dataset
    yield Row(names.PROBE_FAILING, own, int(each.outcome == Outcome.FAIL))
    for state, number in each.events.items():
        yield Row(names.PROBE_EVENTS, (*own, state), number)
    yield Row(names.PROBE_SENT, own, _seconds(each.sent))
    yield Row(names.PROBE_LOOKED, own, _seconds(each.looked))
    yield Row(names.PROBE_SLOWEST, own, each.slowest)
    yield Row(names.PROBE_REDACTED, own, each.recall)


def _check(check: CheckRow) -> Iterator[Row]:
    name, run = check.name, check.run
    # Before its first run has ended a check is new, not stale: nothing holds a success against its interval.
    yield Row(
        names.INTERVAL, (name,), _seconds(check.every if check.success or any(check.runs.values()) else None)
    )
    yield Row(names.SCAN_ROWS, (name,), check.rows_read)
    yield Row(names.CREATED, (name,), _seconds(check.created))
    yield Row(names.LAST_SUCCESS, (name,), _seconds(check.success))
    yield Row(names.LAST_START, (name,), _seconds(run.started if run else None))
    took = run.finished - run.started if run and run.finished is not None else None
    yield Row(names.DURATION, (name,), _seconds(took))
    for outcome in Outcome:
        yield Row(names.OUTCOME, (name, outcome.value), int(outcome == check.outcome))
        yield Row(names.RUNS, (name, outcome.value), check.runs.get(outcome, 0))
    if check.total:
        yield Row(names.READING, (name, check.stage), check.total.reading.value)
    for name_ in check.expected if check.total else ():
        yield Row(names.FINDING_OF, (name, name_), int(name_ in check.findings))
    for segment, said in check.segments.items():
        yield Row(names.SEGMENT_READING, (name, segment.dimension, segment.value), said.reading.value)
    for segment, events in check.failing.items():
        yield Row(names.SEGMENT_FAILING, (name, segment.dimension, segment.value), events)


def _counters(check: CheckRow) -> Iterator[Row]:
    """What accumulated over buckets that became final."""
    if check.counter is None:
        return
    sums = check.counter.sums
    yield Row(names.OVERFLOW, (check.name,), check.counter.overflow)
    if "delays" in sums:
        yield Row(names.DELAY, (check.name,), (cumulative(sums["delays"]), sums.get("sum", 0) / SECOND))
    if check.slo and "total" in sums and ("good" in sums or "bad" in sums):
        bad = sums["total"] - sums["good"] if "good" in sums else sums["bad"]
        yield Row(names.SLI_EVENTS, (check.name,), sums["total"])
        yield Row(names.SLI_BAD, (check.name,), max(0, bad))


def cumulative(delays: Histogram) -> list[tuple[str, int]]:
    """How many delays are at or under each bound in seconds, from log-buckets of microseconds.

    A bound counts the whole log-bucket it lies in: a delay of exactly one second is under one second.
    """
    ordered = sorted(as_dict(delays).items())
    indexes, sums = [index for index, _ in ordered], [0, *accumulate(count for _, count in ordered)]
    keys = [(str(bound), log_bucket(round(bound * SECOND))) for bound in BOUNDS]
    return [*((text, sums[bisect_right(indexes, key)]) for text, key in keys), ("+Inf", sums[-1])]


def _slo(check: CheckRow, slo: SloRow) -> Iterator[Row]:
    name, window = check.name, slo.label or show_duration(slo.window)
    info = {names.STAGE: check.stage, names.OWNER: check.owner, names.SEVERITY: check.severity}
    yield Row(names.SLO_INFO, (name,), info)
    yield Row(names.SLO_OBJECTIVE, (name,), slo.objective)
    yield Row(names.SLO_BAD_RATIO, (name, window), slo.bad_ratio)
    yield Row(names.SLO_EVENTS, (name, window), slo.total)
    for burn in slo.burns:
        label_ = show_duration(burn.window)
        yield Row(names.SLO_BAD_RATIO, (name, label_), burn.bad_ratio)
        yield Row(names.SLO_EVENTS, (name, label_), burn.events)
        yield Row(names.SLO_TAIL, (name, label_), burn.tail)
        yield Row(names.SLO_LEAST, (name, label_), burn.least)
    yield Row(names.SLO_SETTLED, (name,), _seconds(slo.settled))
    yield Row(names.SLO_BUDGET, (name,), slo.budget_left)
    yield Row(names.SLO_MEASURED, (name,), slo.measured)
    for each in slo.segments:
        segment = each.segment.dimension, each.segment.value
        for burn in each.burns:
            own = (name, show_duration(burn.window), *segment)
            yield Row(names.SEGMENT_BAD_RATIO, own, burn.bad_ratio)
            yield Row(names.SEGMENT_EVENTS, own, burn.events)
            yield Row(names.SEGMENT_TAIL, own, burn.tail)
            yield Row(names.SEGMENT_LEAST, own, burn.least)


def _seconds(micros: int | None) -> float | None:
    return None if micros is None else micros / SECOND


def _fit(rows: Iterable[Row], most: int) -> tuple[list[Row], int]:
    """The first rows of at most so many series, and how many series are left out."""
    kept: list[Row] = []
    used = refused = 0
    for row in rows:
        if used + row.series <= most:
            kept.append(row)
            used += row.series
        else:
            refused += row.series
    return kept, refused


def _families(pipeline: str, rows: Iterable[Row]) -> list[Metric]:
    made: dict[str, Any] = {}
    for row in sorted(rows, key=lambda row: _ORDER[row.name]):
        family = FAMILIES[row.name]
        if row.name not in made:
            name = row.name.removesuffix("_info")
            made[row.name] = family.make(name, family.says, labels=(names.PIPELINE, *family.labels))
        made[row.name].add_metric([pipeline, *map(label, row.labels)], *_arguments(row))
    return list(made.values())


def _arguments(row: Row) -> tuple[Any, ...]:
    if row.name == names.DELAY:
        return row.value
    if FAMILIES[row.name].make is _INFO:
        return ({key: label(text) for key, text in row.value.items()},)
    return (row.value,)
