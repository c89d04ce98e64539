"""A handful of checks for a dataset, with bounds that its sample keeps with a margin."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from monitor.config.timing import grid
from monitor.discover import nice
from monitor.discover.columns import ARRIVALS, Described, delays
from monitor.discover.entries import Entries, bound, entry
from monitor.discover.files import safe_name
from monitor.discover.pace import Pace, freshness
from monitor.fragments import parse_expression
from monitor.grammar import show_duration
from monitor.model import DAY, HOUR, SECOND, ceil_to

IMPORTANT = (
    # Columns without which a row is of no use, by their words; more than a few would be noise.
    "event_id", "exposure_id", "user_id", "item_id", "request_id", "session_id", "event_type", "label",
    "position",
    "propensity", "variant", "model_version", "consent", "schema_version", "trace_id",
)  # fmt: skip
MOST_IMPORTANT = 2
OFTEN_NULL = 0.05
"""A column that is NULL more often is meant to be."""
FEW = 100
"""Rows below which a share says little."""
OBJECTIVE = "{objective: 99.5%, window: 28d}"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A check: its name and its keys. `dataset` is the one it is listed under."""

    name: str
    kind: str
    dataset: str
    keys: Entries


def checks(described: Described, pace: Pace, dialect: str) -> list[Proposed]:
    """Volume, freshness, duplicates, columns that should be there, delays: what a dataset allows."""
    found = [*_volume(described, pace), *_freshness(described, pace), *_duplicates(described, pace)]
    return [*found, *_present(described, pace, dialect), *_delays(described, pace)]


def window(described: Described, pace: Pace, settle: int = 0) -> Entries:
    """The stretch of event time that a reading speaks of, at least a bucket; a snapshot has none."""
    length = ceil_to(pace.window, grid(max(described.lateness.value, settle)))
    return entry("window", show_duration(length)) if described.time.value else ()


def ended(pace: Pace) -> Entries:
    """Switches a check off where the dataset has ended."""
    if not pace.finished or pace.newest is None:
        return ()
    day = datetime.fromtimestamp(pace.newest // SECOND, UTC).date()
    return entry("enabled", False, f"its newest row is of {day}: it seems to have ended")


def _volume(described: Described, pace: Pace) -> Iterator[Proposed]:
    limit, why = _least(described, pace)
    keys = entry("dataset", described.name) + window(described, pace)
    keys += entry("fail", bound(f"< {limit}"), why) + ended(pace)
    if "region" in described.words:
        keys += entry("by", (described.words["region"],), "each value apart, if there are few", off=True)
    yield Proposed(f"{described.name}-volume", "volume", described.name, keys)


def _least(described: Described, pace: Pace) -> tuple[int, str]:
    seen = described.seen
    if not described.time.value:
        if seen.whole and seen.rows > 1:
            return nice.down(seen.rows / 2), f"at most half of its {seen.rows:,} rows"
        return 1, "it is not empty; raise this once you know how many rows are usual"
    if not pace.quietest:
        return 1, "the sample is too short to know how many rows are usual: raise this"
    part, words = (
        (2, "half") if pace.span >= 7 * DAY else (4, "a quarter") if pace.span >= DAY else (10, "a tenth")
    )
    nights = "; nights may be quieter" if pace.span < DAY else ""
    why = f"{words} of the quietest of {pace.windows:,} sampled ({pace.quietest:,} rows){nights}"
    return nice.down(pace.quietest / part), why


def _freshness(described: Described, pace: Pace) -> Iterator[Proposed]:
    if not described.time.value:
        return
    limit = freshness(pace, described.lateness.value)
    gap = f"the longest pause in the sample is {nice.about(pace.gap)}" if pace.gap else "a usual value"
    keys = (
        entry("dataset", described.name)
        + entry("fail", bound(f"> {show_duration(limit)}"), gap)
        + ended(pace)
    )
    yield Proposed(f"{described.name}-freshness", "freshness", described.name, keys)


def _duplicates(described: Described, pace: Pace) -> Iterator[Proposed]:
    if not described.key.value or described.declared_key:
        return
    names = described.key.value
    values = described.seen.hashes.get(names[0], np.empty(0, np.int64))
    repeated = 1 - len(np.unique(values)) / len(values) if len(values) else 0.0
    limit = max(0.01, np.ceil(3 * repeated * 100) / 100)
    keys = entry("dataset", described.name) + window(described, pace)
    if described.time.value and pace.window > HOUR:
        keys += entry("look_back", show_duration(min(pace.window, 7 * DAY)), "rows come slowly")
    keys += entry(
        "fail", bound(f"> {nice.share(limit)}"), f"{nice.share(repeated)} of the sample repeat the key"
    )
    keys += ended(pace)
    yield Proposed(f"{described.name}-duplicates", "duplicates", described.name, keys)


def _present(described: Described, pace: Pace, dialect: str) -> Iterator[Proposed]:
    seen = described.seen
    columns = [described.words[word] for word in IMPORTANT if word in described.words]
    named = (
        described.key.value if described.time.value else ()
    )  # without a key nothing repeats it: counted there
    usual = [name for name in columns if seen.nulls.get(name, 0) <= OFTEN_NULL and name not in named]
    for column in usual[:MOST_IMPORTANT]:
        missing = seen.nulls.get(column, 0.0)
        why = (
            f"NULL in {nice.share(missing)} of {seen.rows:,} sampled rows"
            if missing
            else "never NULL in the sample"
        )
        why = why if seen.rows >= FEW else f"only {seen.rows} rows were seen: a usual value"
        keys = entry("dataset", described.name)
        keys += entry("good", f"{sql_name(column, dialect)} is not null") + window(described, pace)
        keys += entry("fail", bound(f"< {nice.share(min(nice.objective(missing), 0.99))}"), why) + ended(pace)
        yield Proposed(
            f"{described.name}-{safe_name(column, 'column')}-present", "ratio", described.name, keys
        )


def _delays(described: Described, pace: Pace) -> Iterator[Proposed]:
    start = described.time.value
    arrival = next((word for word in ARRIVALS if word in described.words), "received_at")
    for word in (arrival, "available_at"):
        stop = described.words.get(word)
        if not start or not stop or start == stop:
            continue
        found = delays(described.seen, start, stop)
        if len(found) < ENOUGH_DELAYS or np.median(found) < 0 or np.quantile(found, 0.99) > nice.LONGEST:
            continue
        threshold = nice.up(float(np.quantile(found, 0.99)))
        keys = entry("dataset", described.name) + entry("from", start) + entry("to", stop)
        why = f"99% of {len(found):,} sampled rows took at most {nice.about(float(np.quantile(found, 0.99)))}"
        keys += entry("threshold", show_duration(threshold), why) + _missing(described, stop, threshold)
        keys += window(described, pace, threshold + described.lateness.value)
        keys += entry("fail", bound(f"> {show_duration(threshold)}"), "of the 95th percentile")
        keys += entry("slo", OBJECTIVE, "an objective, once you have one", off=True) + ended(pace)
        yield Proposed(f"{described.name}-{word.removesuffix('_at')}-delay", "latency", described.name, keys)


ENOUGH_DELAYS = 20


def _missing(described: Described, stop: str, threshold: int) -> Entries:
    """Rows without the later time are bad once it is due, unless many never get one."""
    there, later = described.instants, described.seen.instants[stop]
    due = (there > 0) & (there < there.max() - threshold - described.lateness.value)
    if not due.any():
        return ()
    share = float((later[due] < 0).mean())
    if share <= OFTEN_NULL:
        return ()
    return entry("missing", "ignore", f"{nice.share(share)} of sampled rows never get one")


def sql_name(column: str, dialect: str) -> str:
    """A column's name in SQL: quoted unless it reads as itself."""
    from monitor.engines.render import columns_of, quote

    if column.isidentifier() and column.isascii() and column == column.lower():
        try:
            sql = f"{column} is not null"
            parse_expression(sql, dialect)
            if columns_of(sql, dialect) == [column]:
                return column
        except ValueError:
            pass
    return quote(column)
