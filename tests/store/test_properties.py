"""Merged rollups equal a full recomputation, whatever the order of ticks and of arrivals up to the close."""

from collections import Counter
from dataclasses import dataclass
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.model import DAY, HOUR, MINUTE, TOTAL, Segment, Sums, Window, ceil_to, floor_to
from monitor.store import (
    Store,
    buckets,
    compact,
    counters,
    open_store,
    pending,
    slo_sums,
    sums,
    sync,
    transaction,
)
from tests.store.samples import T0, want

SPAN = 70  # buckets
COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@dataclass(frozen=True)
class Row:
    """One event: when it happened, how long after that it arrived, in µs; its segment; whether it is good."""

    time: int
    delay: int
    region: str
    good: bool


@dataclass(frozen=True)
class Story:
    bucket: int
    lateness: int
    rows: tuple[Row, ...]
    ticks: tuple[tuple[int, int, bool], ...]  # real instant, how far back the tick is set, compact afterwards


@st.composite
def stories(draw: st.DrawFn) -> Story:
    bucket = draw(st.sampled_from([MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR]))
    lateness = draw(st.integers(0, 6)) * bucket
    span = SPAN * bucket
    row = st.builds(
        Row,
        st.integers(0, span - 1).map(lambda offset: T0 + offset),
        st.integers(0, lateness),
        st.sampled_from(["north", "south", "west"]),
        st.booleans(),
    )
    instants = st.integers(0, 2 * span + 9 * DAY).map(lambda offset: T0 + offset)
    early = st.integers(0, span).map(lambda offset: T0 + offset)
    back = st.just(0) | st.integers(0, span)
    ticks = st.lists(st.tuples(early | instants, back, st.booleans()), max_size=12)
    rows = tuple(draw(st.lists(row, max_size=40)))
    return Story(bucket, lateness, rows, tuple(sorted(draw(ticks), key=lambda tick: tick[0])))


def scan(story: Story, windows: list[Window], clock: int) -> dict[tuple[int, Segment], Sums]:
    """What a source answers: the rows that have arrived by the real instant."""
    counts: dict[tuple[int, Segment], Counter[str]] = {}
    for row in story.rows:
        inside = any(window.start <= row.time < window.end for window in windows)
        if inside and row.time + row.delay <= clock:
            for segment in (TOTAL, Segment("region", row.region)):
                count = counts.setdefault((floor_to(row.time, story.bucket), segment), Counter())
                count.update(good=int(row.good), total=1)
    return {key: {"good": count["good"], "total": count["total"]} for key, count in counts.items()}


def expected(story: Story, window: Window) -> dict[Segment, Sums]:
    found = {TOTAL: {"good": 0, "total": 0}}
    for row in story.rows:
        if window.start <= row.time < window.end:
            for segment in (TOTAL, Segment("region", row.region)):
                old = found.get(segment, {"good": 0, "total": 0})
                found[segment] = {"good": old["good"] + row.good, "total": old["total"] + 1}
    return found


def tell(store: Store, story: Story) -> None:
    pipeline = uuid4().hex
    definition = sync(store, pipeline, [want(bucket=story.bucket)], T0)["clicks"]
    whole = Window(T0, T0 + SPAN * story.bucket)
    end = whole.end + story.lateness
    for clock, back, compacts in (*story.ticks, (end, 0, False), (end + 9 * DAY, 0, True)):
        now = max(T0, clock - back)
        settled = Window(T0, min(whole.end, floor_to(now, story.bucket)))
        open_ = pending(store, definition, settled)
        with transaction(store, definition) as tx:
            tx.put(open_, scan(story, open_, clock), now, now - story.lateness)
        if compacts:
            compact(store, now)
    _compare(store, story, definition.id, pipeline, whole)


def _compare(store: Store, story: Story, definition_id: int, pipeline: str, whole: Window) -> None:
    definition = sync(store, pipeline, [want(bucket=story.bucket)], T0)["clicks"]
    truth = expected(story, whole)
    assert pending(store, definition, whole) == []
    assert sums(store, definition, whole) == (whole, truth, whole.length)
    assert counters(store, pipeline)["clicks"].sums == truth[TOTAL]
    hours = Window(ceil_to(whole.start, HOUR), floor_to(whole.end, HOUR))
    asked = [Window(hours.start + 7, hours.end - HOUR // 3), whole, Window(hours.end - HOUR, whole.end)]
    for window, answer in zip(asked, slo_sums(store, [(definition_id, each) for each in asked]), strict=True):
        really, found, covered = sums(store, definition, window)
        total = expected(story, really)[TOTAL]
        if covered:
            assert found[TOTAL] == total
            assert answer == (total["good"], total["total"], covered)
        slices = buckets(store, definition, window)
        assert sum(each["total"] for _, _, each in slices) == total["total"]


@given(story=stories())
@settings(max_examples=60, **COMMON)
def test_on_sqlite(story: Story) -> None:
    store = open_store("sqlite://")
    try:
        tell(store, story)
    finally:
        store.close()


@pytest.fixture(scope="module")
def shared_store(postgres_url: str):
    from tests.postgresql import database

    with database(postgres_url, f"weir_{uuid4().hex}") as url:
        opened = open_store(url)
        yield opened
        opened.close()


@pytest.mark.postgres
@given(story=stories())
@settings(max_examples=10, **COMMON)
def test_on_postgresql(shared_store: Store, story: Story) -> None:
    tell(shared_store, story)
