"""A board as Prometheus metrics, in text and OpenMetrics.

What was measured is a gauge of event time, computed by Weir; what is not known is absent, never 0: that is what
the outcome and the last success are for. Nothing here asks a store or a source, and no sample has a timestamp.
"""

import logging
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from math import isnan
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from monitor import names
from monitor.board import Board, CheckRow
from monitor.expr import log_bucket
from monitor.grammar import show_duration
from monitor.model import SECOND, Histogram, Outcome, Segment

LONGEST = 200
"""Characters of a label value that comes from data."""

BOUNDS = (
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    60.0, 300.0, 900.0, 3_600.0, 14_400.0, 86_400.0,
)  # fmt: skip
"""Upper bounds of delays in seconds, from one millisecond to one day. They never change: a recording rule
over buckets that come and go is wrong."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """What the serving process says of itself."""

    version: str
    config_hash: str
    reloaded: bool = True
    leader: bool = False
    clock_trusted: bool = True


@dataclass(frozen=True, slots=True)
class Family:
    """A metric: how it is built, what it says, which labels it has after `pipeline`."""

    make: Callable[..., Any]
    says: str
    labels: tuple[str, ...] = ()


_GAUGE, _COUNTER, _INFO = GaugeMetricFamily, CounterMetricFamily, InfoMetricFamily
_SLO, _WINDOWED, _CHECK, _DATASET = (names.SLO,), (names.SLO, names.WINDOW), (names.CHECK,), (names.DATASET,)

FAMILIES: dict[str, Family] = {
    names.BUILD: Family(_INFO, "Version of Weir."),
    names.CONFIG: Family(_INFO, "Digest of the configuration that is in force."),
    names.RELOADED: Family(_GAUGE, "1 if the configuration on disk is the one in force, 0 if it was refused."),
    names.LEADER: Family(_GAUGE, "1 if this replica measures, 0 if it only serves."),
    names.CLOCK: Family(_GAUGE, "0 while this machine's clock is not trusted and nothing is measured by it."),
    names.SERIES_REFUSED: Family(_GAUGE, "Series left out because of serve.max_series."),
    names.OUTCOME: Family(_GAUGE, "1 for the outcome of the last attempt.", (names.CHECK, names.RESULT)),
    names.LAST_SUCCESS: Family(_GAUGE, "When the check was last measured.", _CHECK),
    names.LAST_START: Family(_GAUGE, "When the check was last begun.", _CHECK),
    names.INTERVAL: Family(_GAUGE, "How often the check is due.", _CHECK),
    names.DURATION: Family(_GAUGE, "How long its last run took.", _CHECK),
    names.RUNS: Family(_COUNTER, "Runs by outcome.", (names.CHECK, names.RESULT)),
    names.SCAN_ROWS: Family(_COUNTER, "Rows that the check's scans brought back.", _CHECK),
    names.OVERFLOW: Family(_COUNTER, "Segment values folded into __other__, once a bucket.", _CHECK),
    names.WATERMARK: Family(_GAUGE, "End of the newest bucket with rows, not after now.", _DATASET),
    names.ODD_ROWS: Family(_GAUGE, "Rows without a usable event time.", (names.DATASET, names.REASON)),
    names.LATE_ROWS: Family(_COUNTER, "Rows that came later than the dataset's lateness.", _DATASET),
    names.SLO_INFO: Family(_INFO, "Who looks after an objective.", _SLO),
    names.SLO_OBJECTIVE: Family(_GAUGE, "The share that should be good.", _SLO),
    names.SLO_BAD_RATIO: Family(_GAUGE, "Bad events as a share of all, over the window.", _WINDOWED),
    names.SLO_EVENTS: Family(_GAUGE, "Events in the window.", _WINDOWED),
    names.SLO_SETTLED: Family(_GAUGE, "Event time up to which the window is settled.", _SLO),
    names.SLO_BUDGET: Family(_GAUGE, "Error budget left; negative when overspent.", _SLO),
    names.SLO_MEASURED: Family(_GAUGE, "Share of the window that was measured.", _SLO),
    names.SLI_EVENTS: Family(_COUNTER, "Events counted as their buckets became final (publication time).", _SLO),
    names.SLI_BAD: Family(_COUNTER, "Bad ones of weir_sli_events_total.", _SLO),
    names.READING: Family(_GAUGE, "What the check reads, in its kind's unit.", (names.CHECK, names.STAGE)),
    names.DELAY: Family(HistogramMetricFamily, "Delays in final buckets; bounds are up to 2% wide.", _CHECK),
    names.SEGMENT_READING: Family(
        _GAUGE, "What the check reads for one segment.", (names.CHECK, names.DIMENSION, names.VALUE)
    ),
}  # fmt: skip
"""In the order in which series are kept when there are too many: ours first, segments last."""

Row = tuple[str, tuple[str, ...], Any]
"""A metric's name, its label values after `pipeline`, and its value: a number; of an info its further labels; of
a histogram (cumulative buckets, sum)."""


class BoardCollector(Collector):
    """The metrics of the board that was last published. Scrapes, in any thread, read what is ready."""

    def __init__(self, most: int) -> None:
        """`most` is how many series there may be."""
        self.most = most
        self.refused = 0
        self._families: Sequence[Metric] = ()
        self._segments: frozenset[Row] | frozenset[tuple[str, ...]] = frozenset()
        self._counted: dict[str, tuple[float, float]] = {}

    def publish(self, board: Board, health: Health) -> None:
        """Replace what scrapes see; to be called by one thread at a time."""
        rows = [*_own(health), *self._monotone(board_rows(board)), *self._segment_rows(board)]
        kept = _keep([row for row in rows if _known(row[2])], self.most)
        self._warn(len(rows) and sum(_series(row) for row in rows if _known(row[2])) - kept[1])
        self._segments = frozenset(row[1] for row in kept[0] if row[0] == names.SEGMENT_READING)
        self._families = _families(board.pipeline, [*kept[0], (names.SERIES_REFUSED, (), self.refused)])

    def describe(self) -> Iterable[Metric]:
        """Nothing: names are fixed, and a registry need not collect to learn them."""
        return ()

    def collect(self) -> Iterable[Metric]:
        return self._families
