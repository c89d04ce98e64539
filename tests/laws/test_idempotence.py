"""A tick twice changes nothing, and rollups equal a full recomputation, whatever the order of everything."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from monitor import config, store
from monitor.backfill import backfill
from monitor.binding.sources import Sources
from monitor.model import MINUTE, SECOND, TOTAL, Segment, Window, floor_to
from monitor.store import Store, open_store
from monitor.tick import tick
from tests.laws.shop import START, TICKS, UTC, arrive, differences, dump, write_shop

LATENESS, WITHIN, SPAN = 4 * MINUTE, 2 * MINUTE, 24
WINDOW = 3 * MINUTE
SLICE = 4 * MINUTE

CHECKS = {
    # by check: its kind's settle, and how far back its SLO reads
    "good": (MINUTE, 60 * MINUTE),
    "loss": (WITHIN + LATENESS, 60 * MINUTE),
    "rows": (LATENESS, 0),
}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write_shop(tmp_path)


def run(shop: Path, numbers: Iterator[int] | list[int], url: str) -> None:
    loaded, opened = config.load(shop), open_store(url)
    with Sources(loaded) as sources:
        for number in numbers:
            arrive(shop.parent, number)
            tick(loaded, opened, sources, TICKS[number], wall=lambda: 0.0)
    opened.close()


def test_the_same_tick_twice_changes_nothing(shop: Path):
    url = f"sqlite:///{shop.parent / 'weir.db'}"
    for number in range(len(TICKS)):
        run(shop, [number], url)
        once = dump(url)
        run(shop, [number], url)
        assert differences(once, dump(url)) == []


def test_ticks_of_the_past_disturb_nothing(shop: Path):
    url = f"sqlite:///{shop.parent / 'weir.db'}"
    run(shop, list(range(len(TICKS))), url)
    run(shop, [len(TICKS) - 1], url)
    once = dump(url, ("runs", "run_totals", "readings", "marks"))
    run(shop, [0, 2, 1, 2], url)
    assert differences(once, dump(url, ("runs", "run_totals", "readings", "marks"))) == []


@dataclass(frozen=True)
class Row:
    """An event, when it arrives, and when its partner does (None: never); instants from START in µs."""

    at: int
    arrives: int
    region: str | None
    good: bool
    partner: int | None


@dataclass(frozen=True)
class Step:
    """A tick set back by so much, or a backfill of a stretch of minutes; both at a real instant."""

    clock: int
    back: int = 0
    stretch: tuple[int, int] | None = None


@dataclass(frozen=True)
class Story:
    rows: tuple[Row, ...]
    steps: tuple[Step, ...]


@st.composite
def stories(draw: st.DrawFn, late: bool) -> Story:
    span = SPAN * MINUTE
    delay = st.integers(0, LATENESS // SECOND).map(lambda seconds: seconds * SECOND)
    beyond = delay | st.integers(0, 3 * LATENESS) if late else delay

    @st.composite
    def one(draw: st.DrawFn) -> Row:
        at = draw(st.integers(0, span // SECOND - 1)) * SECOND + draw(st.sampled_from([0, 0, 1, SECOND - 1]))
        partner = draw(st.none() | beyond)
        region = draw(st.sampled_from(["eu", "us", "é|x", None]))
        return Row(
            at, at + draw(beyond), region, draw(st.booleans()), None if partner is None else at + partner
        )

    minute = st.integers(0, SPAN)
    step = st.builds(
        Step,
        st.integers(0, SPAN + 12).map(lambda minute: minute * MINUTE) | st.integers(0, span + 3 * LATENESS),
        st.sampled_from([0, 0, 0, MINUTE, MINUTE, 2 * MINUTE, 7 * MINUTE, 15 * MINUTE]),
        st.none() | st.none() | st.tuples(minute, minute).map(lambda two: (min(two), max(two) + 1)),
    )
    steps = draw(st.lists(step, max_size=14))
    repeated = [*steps, *draw(st.lists(st.sampled_from(steps), max_size=2))] if steps else []
    return Story(
        tuple(draw(st.lists(one(), max_size=30))), tuple(sorted(repeated, key=lambda each: each.clock))
    )


@dataclass
class Bucket:
    computed: int
    final: bool
    sums: Any


@dataclass
class Oracle:
    """The laws of time in plain Python: what each check has stored, bucket by bucket."""

    story: Story
    stored: dict[str, dict[int, Bucket]] = field(default_factory=lambda: {name: {} for name in CHECKS})

    def tick(self, clock: int, now: int) -> None:
        for name, (settle, slo) in CHECKS.items():
            mine, end = self.stored[name], floor_to(now - settle, MINUTE)
            starts = set(range(end - WINDOW, end, MINUTE))
            starts |= {start for start, each in mine.items() if start < end and not each.final}
            if slo and mine:
                starts |= set(range(max(min(mine), end - slo), end, MINUTE))
            self.put(name, starts, clock, now)

    def backfill(self, clock: int, stretch: Window) -> None:
        for name, (settle, _) in CHECKS.items():
            end = min(stretch.end, floor_to(clock - settle, MINUTE))
            self.put(name, set(range(stretch.start, end, MINUTE)), clock, clock)

    def put(self, name: str, starts: set[int], clock: int, now: int) -> None:
        closed = now - CHECKS[name][0] - LATENESS
        for start in starts:
            old = self.stored[name].get(start)
            if old is None or not (old.final or old.computed > now):
                sums = self.sums(name, start, clock)
                self.stored[name][start] = Bucket(now, start + MINUTE <= closed, sums)

    def sums(self, name: str, start: int, clock: int) -> dict[Segment, tuple[int, ...]]:
        """(good, total) or (total,) of the rows that have arrived in a bucket, by segment."""
        good: Counter[Segment] = Counter()
        total: Counter[Segment] = Counter({TOTAL: 0})
        for row in self.story.rows:
            if start <= START + row.at < start + MINUTE and START + row.arrives <= clock:
                for segment in (TOTAL, Segment("region", row.region or "__null__")):
                    total[segment] += 1
                    good[segment] += self.good(name, row, clock)
        return {each: (number,) if name == "rows" else (good[each], number) for each, number in total.items()}

    def good(self, name: str, row: Row, clock: int) -> bool:
        if name != "loss":
            return row.good
        return row.partner is not None and row.partner - row.at <= WITHIN and START + row.partner <= clock


YAML = """\
pipeline: story
owner: data
sources: {lake: {engine: duckdb, root: lake/}}
datasets:
  shown: {files: shown/*.parquet, time: at, key: id, lateness: 4m}
  clicks: {files: clicks/*.parquet, time: at, key: id, lateness: 4m}
checks:
  good: {kind: ratio, dataset: shown, good: good, by: region, window: 3m,
         slo: {objective: 99%, window: 1h, alerts: {page: false, ticket: false}}}
  loss: {kind: match, left: shown, right: clicks, by: region, within: 2m, after: 0s, window: 3m,
         slo: {objective: 99%, window: 1h, alerts: {page: false, ticket: false}}}
  rows: {kind: volume, dataset: shown, by: region, window: 3m}
  sliced: {kind: ratio, dataset: shown, good: good, window: 3m,
           slo: {objective: 90%, budgeting: timeslices, slice: 4m, slice_target: 60%}}
"""


class Lake:
    """Shows only what has arrived: a file more whenever the clock advances."""

    def __init__(self, folder: Path, story: Story) -> None:
        self.folder, self.story, self.until, self.files = folder, story, -1, 0
        (folder / "weir.yaml").write_text(YAML)
        empty = {"id": pa.array([], pa.int64()), "at": pa.array([], UTC)}
        for name, more in (
            ("shown", {"region": pa.array([], pa.string()), "good": pa.array([], pa.bool_())}),
            ("clicks", {}),
        ):
            (folder / "lake" / name).mkdir(parents=True)
            pq.write_table(pa.table(empty | more), folder / "lake" / name / "0.parquet")

    def advance(self, clock: int) -> None:
        """To an instant from START on."""
        numbered = list(enumerate(self.story.rows))
        came = [(n, row) for n, row in numbered if self.until < row.arrives <= clock]
        shown = [{"id": n, "at": START + row.at, "region": row.region, "good": row.good} for n, row in came]
        partners = [(n, row.partner) for n, row in numbered if row.partner is not None]
        found = [{"id": n, "at": START + at} for n, at in partners if self.until < at <= clock]
        # The partner of an event that is half a second away: its copy changes nothing.
        self.files += 1
        self._add("shown", shown)
        self._add("clicks", found + found[:1])
        self.until = max(self.until, clock)

    def _add(self, name: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            path = self.folder / "lake" / name
            like = pq.read_schema(path / "0.parquet")
            pq.write_table(pa.Table.from_pylist(rows, like), path / f"{self.files}.parquet")


def tell(story: Story) -> tuple[Oracle, dict[str, dict[int, Any]]]:
    """Run a story on the real thing and on the oracle; they agree after each step. What is left."""
    oracle, found = Oracle(story), dict[str, dict[int, Any]]()
    end = SPAN * MINUTE + 2 * LATENESS + WITHIN + MINUTE
    with TemporaryDirectory() as name:
        lake, opened = Lake(Path(name), story), open_store("sqlite://")
        loaded = config.load(Path(name) / "weir.yaml")
        with Sources(loaded) as sources:
            for step in (*story.steps, Step(max(end, *(each.clock for each in story.steps), end))):
                lake.advance(step.clock)
                _step(step, loaded, opened, sources, oracle)
                found = {name: _buckets(opened, name) for name in CHECKS}
                assert (step, differing(oracle, found)) == (step, [])
                assert (step, sliced(opened, "sliced slices")) == (step, verdicts(opened))
        opened.close()
    return oracle, found


def _step(step: Step, loaded: Any, opened: Store, sources: Sources, oracle: Oracle) -> None:
    clock = START + step.clock
    if step.stretch:
        stretch = Window(*(START + minute * MINUTE for minute in step.stretch))
        backfill(loaded, opened, sources, stretch, clock)
        oracle.backfill(clock, stretch)
    else:
        assert not tick(loaded, opened, sources, clock - step.back).errors
        oracle.tick(clock, clock - step.back)


def _buckets(opened: Store, check: str) -> dict[int, dict[Segment, tuple[int, ...]]]:
    definition = next(each for each in store.current(opened, "story") if each.check == check)
    names = ("total",) if check == "rows" else ("good", "total")
    found: dict[int, dict[Segment, tuple[int, ...]]] = {}
    for segment in (TOTAL, *(Segment("region", value) for value in ("eu", "us", "é|x", "__null__"))):
        whole = Window(START - 60 * MINUTE, START + 120 * MINUTE)
        for start, width, sums in store.buckets(opened, definition, whole, segment):
            assert width == MINUTE
            found.setdefault(start, {})[segment] = tuple(sums[name] for name in names)
    return found


def sliced(opened: Store, name: str) -> dict[int, tuple[int, int]]:
    """Good and counted by slice, as the store has them."""
    definition = next(each for each in store.current(opened, "story") if each.check == name)
    whole = Window(START - 60 * MINUTE, START + 120 * MINUTE)
    return {
        start: (sums["good"], sums["total"]) for start, _, sums in store.buckets(opened, definition, whole)
    }


def verdicts(opened: Store) -> dict[int, tuple[int, int]]:
    """The same, worked out of the minutes: of the slices all of whose minutes were measured."""
    minutes = sliced(opened, "sliced")
    starts = {start - start % SLICE for start in minutes}
    found: dict[int, tuple[int, int]] = {}
    for start in starts:
        inside = [minutes.get(start + n * MINUTE) for n in range(SLICE // MINUTE)]
        if None not in inside:
            good, total = (sum(each[n] for each in inside if each) for n in (0, 1))
            found[start] = (int(total > 0 and good >= 0.6 * total), int(total > 0))
    return found


def differing(oracle: Oracle, found: dict[str, dict[int, Any]]) -> list[Any]:
    """Buckets that are not as the oracle has them; one that is both missing and empty is the same."""
    wrong: list[Any] = []
    for name, stored in oracle.stored.items():
        wanted = {start: each.sums for start, each in stored.items()}
        for start in sorted(wanted.keys() | found[name].keys()):
            if wanted.get(start) != found[name].get(start):
                wrong.append((name, (start - START) / MINUTE, wanted.get(start), found[name].get(start)))
    return wrong


FAST = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


def between(*steps: Step) -> Story:
    """A row of the tenth minute that arrives after twelve and a half."""
    return Story((Row(9 * MINUTE + 1, 12 * MINUTE + 30 * SECOND, "eu", True, None),), steps)


@FAST
@example(between(Step(12 * MINUTE), Step(13 * MINUTE, back=2 * MINUTE)))  # what is newer stays
@given(stories(late=True))
def test_rollups_hold_what_had_arrived_when_they_were_last_computed(story: Story):
    tell(story)


@FAST
@given(stories(late=False))
def test_merged_rollups_equal_a_full_recomputation(story: Story):
    """Everything arrives before its close: then order does not matter."""
    oracle, found = tell(story)
    for name, stored in oracle.stored.items():
        for start, bucket in stored.items():
            if bucket.final:
                assert found[name][start] == oracle.sums(name, start, START + 10_000 * MINUTE)
