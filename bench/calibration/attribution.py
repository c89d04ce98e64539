"""Does Weir name the segment that is broken, and none that is not? And the stage, and the minute?

First the search alone, on counts that are drawn: rows of four dimensions with rates of their own, a value or
a pair of which loses some rows beyond an objective of 99.9 %. The severity is a multiple of what pages at
once (14.4 times the 0.1 % that are allowed), within the segment, five minutes after its onset. Then all of
it: the simulated shop, a fault in it, and ticks until five minutes after the first that is not well.

    python bench/calibration/attribution.py [--draws 100] [--shops 12]
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from monitor import config
from monitor.attribute.cause import Cause, Where
from monitor.attribute.cells import Cells, Count, cells
from monitor.attribute.segments import Explained, explain_count, explain_share
from monitor.binding.sources import Sources
from monitor.model import HOUR, MINUTE
from monitor.simulate import population
from monitor.simulate.faults import Fault
from monitor.simulate.simulation import start
from monitor.store import open_store
from monitor.tick import tick

PAGES = 14.4 * 0.001
SEVERITIES = (0.5, 1.0, 2.0, 5.0, 20.0)
MINUTES = 5
TRAFFIC = (20, 200)
"""Rows a second."""

DIMENSIONS: Mapping[str, Mapping[str, float]] = {
    "region": {"na": 0.38, "emea": 0.32, "apac": 0.21, "latam": 0.09},
    "device": {"ios": 0.4, "android": 0.35, "web": 0.25},
    "app_version": {"6.3.0": 0.35, "6.2.1": 0.4, "6.1.4": 0.15, "6.0.0": 0.1},
    "producer": {"one": 0.5, "two": 0.3, "three": 0.2},
}
Draw = np.random.Generator


@dataclass
class Score:
    """Right: exactly what is broken is named. `named` and `true` count segments, `hit` those both."""

    cases: int = 0
    right: int = 0
    named: int = 0
    true: int = 0
    hit: int = 0

    def add(self, found: set[Where], truth: set[Where]) -> None:
        self.cases += 1
        self.right += found == truth
        self.named += len(found)
        self.true += len(truth)
        self.hit += len(found & truth)

    @property
    def precision(self) -> str:
        return f"{self.hit / self.named:.1%}" if self.named else "–"

    @property
    def recall(self) -> str:
        return f"{self.hit / self.true:.1%}" if self.true else "–"


def place(draw: Draw, ways: int) -> Where:
    """A segment of so many dimensions."""
    dims = sorted(draw.choice(list(DIMENSIONS), ways, replace=False))
    return tuple((str(dim), str(draw.choice(list(DIMENSIONS[dim])))) for dim in dims)


Hits = Sequence[tuple[Where, float]]
"""Segments, and the share of their rows that is lost."""


def drawn(draw: Draw, hits: Hits, traffic: float, lumpy: float) -> Cells:
    """Counts of an hour before and of some minutes since, of whose rows inside segments a share is lost.

    Rates differ by 60 % (one standard deviation) between values, and by `lumpy` between stretches of time.
    """
    effects = {
        dim: {value: float(np.exp(draw.normal(0, 0.6))) for value in values}
        for dim, values in DIMENSIONS.items()
    }
    found: dict[tuple[str, ...], Count] = {}
    for values in product(*DIMENSIONS.values()):
        at = dict(zip(DIMENSIONS, values, strict=True))
        weight = float(np.prod([DIMENSIONS[dim][value] for dim, value in at.items()]))
        rate = 0.0003 * float(np.prod([effects[dim][value] for dim, value in at.items()]))
        kept = [1 - size for where, size in hits if all(at[dim] == value for dim, value in where)]
        lost = 1 - float(np.prod(kept))
        n0, n1 = (draw.poisson(60 * traffic * weight * length) for length in (60, MINUTES))
        before, since = (min(0.5, rate * float(np.exp(draw.normal(0, lumpy)))) for _ in range(2))
        b1 = draw.binomial(n1, since + lost * (1 - since))
        found[values] = Count(n0, draw.binomial(n0, before), n1, b1)
    return cells(tuple(DIMENSIONS), found)


def segments(found: Explained) -> set[Where]:
    return {tuple(sorted(each.where)) for each in found.segments}


def searched(draws: int) -> Iterator[tuple[str, int, str, Score]]:
    """Severity, rows a second, dimensions of the fault, and how the search did."""
    for number, (severity, traffic, ways) in enumerate(product(SEVERITIES, TRAFFIC, (1, 2, 0))):
        score, draw = Score(), np.random.default_rng(number)
        for _ in range(draws):
            where = place(draw, ways)
            of = drawn(draw, [(where, min(1.0, severity * PAGES))], traffic, lumpy=0.1)
            score.add(segments(explain_share(of)), {where} if where else set())
        yield f"{severity:g} ×", traffic, ("everywhere", "one-way", "two-way")[ways], score


MIXTURES = ("two values of one dimension", "values of two dimensions", "a value and a pair", "two pairs")
BOTH = ((2.0, 2.0), (5.0, 2.0), (20.0, 2.0), (5.0, 5.0), (20.0, 20.0))


def two(draw: Draw, mixture: str) -> tuple[Where, Where]:
    """Two segments of which neither is in the other."""
    while True:
        first = place(draw, 2 if mixture == "two pairs" else 1)
        second = place(draw, 1 if "values" in mixture else 2)
        same = {dim for dim, _ in first} == {dim for dim, _ in second}
        wanted = same if mixture == MIXTURES[0] else not same if mixture == MIXTURES[1] else True
        if wanted and not set(first) <= set(second) and not set(second) <= set(first):
            return first, second


def mixed(draws: int) -> Iterator[tuple[str, str, int, Score]]:
    """Two faults at once: of which kind, the severity of each, rows a second, and how the search did."""
    for number, (mixture, (one, other), traffic) in enumerate(product(MIXTURES, BOTH, TRAFFIC)):
        score, draw = Score(), np.random.default_rng(100 + number)
        for _ in range(draws):
            where = two(draw, mixture)
            sizes = [min(1.0, severity * PAGES) for severity in (one, other)]
            of = drawn(draw, [*zip(where, sizes, strict=True)], traffic, lumpy=0.1)
            score.add(segments(explain_share(of)), set(where))
        yield mixture, f"{one:g} × and {other:g} ×", traffic, score
    for number, (all_, severity, traffic) in enumerate(product((1.0, 5.0), (5.0, 20.0), TRAFFIC)):
        score, draw = Score(), np.random.default_rng(300 + number)
        for _ in range(draws):
            where = place(draw, 1 + draw.integers(2))
            of = drawn(draw, [((), all_ * PAGES), (where, severity * PAGES)], traffic, lumpy=0.1)
            score.add(segments(explain_share(of)), {where})
        yield "everywhere, more in a segment", f"{all_:g} × and {severity:g} ×", traffic, score


VISIT = 20
"""Rows of a visit, on average."""

STORIES = ((5, 5, 0.3), (10, 25, 0.03), (10, 25, 0.3), (10, 60, 0.02), (50, 10, 0.05))
"""Rows a second, minutes since the onset, and the share that is bad: of rows, or of whole visits."""


def visited(draw: Draw, where: Where, story: tuple[float, float, float], whole: bool) -> Cells:
    """Counts of an hour before and minutes since, of visits; a segment is hit by rows, or by `whole` ones."""
    rate, minutes, size = story
    found: dict[tuple[str, ...], Count] = {}
    for since, length in ((False, 60), (True, minutes)):
        many = draw.poisson(60 * rate * length / VISIT)
        columns = [draw.choice(list(some), many, p=list(some.values())) for some in DIMENSIONS.values()]
        columns.append(draw.integers(0, 12, many).astype(str))
        for values, rows in zip(zip(*columns, strict=True), draw.geometric(1 / VISIT, many), strict=True):
            at = dict(zip(DIMENSIONS, values[:-1], strict=True))
            hit = size if since and all(at[dim] == value for dim, value in where) else 0.0
            bad = draw.binomial(rows, 0.0003)
            bad = max(bad, rows * (draw.random() < hit) if whole else bad + draw.binomial(rows - bad, hit))
            key = tuple(map(str, values))
            old = found.get(key, Count())
            new = old._replace(n1=old.n1 + rows, b1=old.b1 + bad)
            found[key] = new if since else old._replace(n0=old.n0 + rows, b0=old.b0 + bad)
    return cells((*DIMENSIONS, "partition"), found)


def by_visits(draws: int) -> Iterator[tuple[str, str, Score]]:
    """What is bad, a visit or its rows by themselves, dimensions of the fault, and how the search did."""
    for whole, ways in product((False, True), (1, 2, 0)):
        score, draw = Score(), np.random.default_rng(500 + 3 * whole + ways)
        for story in STORIES:
            for _ in range(draws):
                where = place(draw, ways)
                of = visited(draw, where, story, whole)
                score.add(segments(explain_share(of, 0.001)), {where} if where else set())
        yield ("rows", "whole visits")[whole], ("everywhere", "one-way", "two-way")[ways], score


def missing(draws: int) -> Iterator[tuple[str, str, Score]]:
    """Share of the rows of a segment that do not come, and how the search did, 5 minutes after the onset."""
    for gone, ways in product((0.2, 0.5, 1.0), (1, 2)):
        score, draw = Score(), np.random.default_rng(int(10 * gone) + ways)
        for _ in range(draws):
            where = place(draw, ways)
            of = drawn(draw, (), TRAFFIC[-1], lumpy=0.0)
            rows = of.n1.copy()
            masks = [
                of.codes[:, of.dims.index(dim)] == of.values[of.dims.index(dim)].index(value)
                for dim, value in where
            ]
            inside = np.all(masks, axis=0)
            rows[inside] = draw.binomial(rows[inside].astype(int), 1 - gone)
            cut = Cells(of.dims, of.values, of.codes, of.n0, of.b0, rows, of.b1)
            score.add(segments(explain_count(cut, MINUTES / 60)), {where})
        yield f"{gone:.0%}", ("", "one-way", "two-way")[ways], score


def broken(number: int) -> tuple[Fault, Cause | None, float, float]:
    """A fault in the simulated shop, what was said, and seconds of processor of a tick with and without."""
    draw = np.random.default_rng(number)
    begin = 1_790_000_400_000_000 + number * 17 * MINUTE
    choices = {"region": population.REGIONS, "device": population.DEVICES}
    ways = sorted(draw.choice(list(choices), 1 + number % 2, replace=False))
    where = tuple((str(dim), str(draw.choice(choices[dim]))) for dim in ways)
    size = float(draw.choice([0.05, 0.2, 1.0]))
    seconds: dict[bool, list[float]] = {True: [0.0], False: [0.0]}
    with tempfile.TemporaryDirectory() as folder:
        shop = start(Path(folder), begin, HOUR, seed=number, events_per_second=100.0)
        fault = Fault("loss", size, begin + 3 * MINUTE, begin + HOUR, where)
        shop.suffer(fault)
        (Path(folder) / "weir.yaml").write_text(shop.config)
        loaded, store, cause, first = (
            config.load(Path(folder) / "weir.yaml"),
            open_store("sqlite://"),
            None,
            0,
        )
        with Sources(loaded) as sources:
            for minute in range(25):
                now = begin + minute * MINUTE
                shop.advance(now)
                began = process_time()
                done = tick(loaded, store, sources, now, only=frozenset(["ingestion-success"]))
                seconds[bool(done.causes)].append(process_time() - began)
                cause = done.causes.get("ingestion-success", cause)
                first = first or (now if done.causes else 0)
                if first and now >= first + 5 * MINUTE:
                    break
        store.close()
    return fault, cause, max(seconds[True]), float(np.median(seconds[False]))


def whole(shops: int) -> None:
    """The table of the shop."""
    score, stage, onsets, costs = Score(), 0, list[float](), list[float]()
    for number in range(shops):
        fault, cause, slow, usual = broken(number)
        score.add({tuple(sorted(each.where)) for each in cause.segments} if cause else set(), {fault.where})
        stage += bool(cause and cause.origin.stage == "ingest")
        onsets.append(abs(cause.since - fault.start) / MINUTE if cause else np.inf)
        costs.append(slow - usual)
    print("| faults | segment right | precision | recall | stage right | onset within a minute | costs |")
    print("|---|---|---|---|---|---|---|")
    near = sum(each <= 1 for each in onsets) / shops
    print(
        f"| {shops} | {score.right / shops:.1%} | {score.precision} | {score.recall} | {stage / shops:.1%} "
        f"| {near:.1%} | {np.median(costs):.2f} s |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--shops", type=int, default=12)
    asked = parser.parse_args()
    print(
        "| severity in the segment | since | fault | right | precision | recall |\n|---|---|---|---|---|---|"
    )
    sums: Counter[str] = Counter()
    for severity, traffic, fault, score in searched(asked.draws):
        print(
            f"| {severity} | {traffic} | {fault} | {score.right / score.cases:.1%} | {score.precision} "
            f"| {score.recall} |"
        )
        sums.update(named=score.named, hit=score.hit)
    print(f"\nOf all that was named, {sums['hit'] / max(1, sums['named']):.1%} was broken.\n")
    print(
        "| two at once | severities | rows a second | right | precision | recall |\n|---|---|---|---|---|---|"
    )
    for mixture, severities, traffic, score in mixed(asked.draws):
        print(
            f"| {mixture} | {severities} | {traffic} | {score.right / score.cases:.1%} | {score.precision} "
            f"| {score.recall} |"
        )
    print("\n| bad by | fault | right | precision | recall |\n|---|---|---|---|---|")
    for what, fault, score in by_visits(asked.draws):
        right = f"{score.right / score.cases:.1%}"
        print(f"| {what} | {fault} | {right} | {score.precision} | {score.recall} |")
    print("\n| rows missing | fault | right | precision | recall |\n|---|---|---|---|---|")
    for gone, fault, score in missing(asked.draws):
        right: Any = score.right / score.cases
        print(f"| {gone} | {fault} | {right:.1%} | {score.precision} | {score.recall} |")
    if asked.shops:
        print()
        whole(asked.shops)


if __name__ == "__main__":
    main()
