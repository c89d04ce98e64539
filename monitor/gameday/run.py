"""A game day: stages, scenarios and clean weeks, on several processes."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import Any

from monitor.engines import duckdb
from monitor.gameday.clean import Clean, False_, clean
from monitor.gameday.long import OBJECTIVES, long
from monitor.gameday.play import Played, play
from monitor.gameday.scenario import Scenario, Where
from monitor.gameday.score import Score, scores
from monitor.gameday.stage import BEGIN, Stage, stage
from monitor.garbage import look_seldom

LONG = frozenset(
    {"canary_failure", "blind_copies", "retraining_runaway", "failed_deployment", "cold_start_users"}
    | {"bias", "cold_start", "hallucination", "retention_gap", "model_drift", "feedback_loop"}
)
"""Kinds of faults that are looked for longest."""

Say = Callable[[str], object]
"""Prints a line."""

BORNE = 1000
"""Clean days in which one page is borne."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a game day plays: every scenario with every seed, and how many clean days for each seed."""

    scenarios: tuple[Scenario, ...]
    seeds: tuple[int, ...] = (1,)
    days: float = 7.0
    resolve: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it; `seconds` is how long it took. `failed` says of scenarios why there is no score."""

    played: tuple[Played, ...]
    clean: tuple[Clean, ...]
    failed: tuple[tuple[str, str], ...]
    seconds: float

    @property
    def scores(self) -> tuple[Score, ...]:
        return tuple(score for each in self.played for score in scores(each))

    @property
    def good(self) -> bool:
        """Whether every fault was told of that is worse than its threshold, and clean days did not page.

        One page in a thousand days is borne, which a clean week does not reach.
        """
        missed = any(each.missed for each in self.scores)
        paged = any(each.pages > each.days // BORNE for each in self.clean)
        return not (missed or self.failed or paged)


def varied(
    some: Iterable[Scenario],
    faults: Sequence[str] = (),
    severities: Sequence[float] = (),
    segments: Sequence[Where] = (),
) -> tuple[Scenario, ...]:
    """The scenarios of some faults, at each of some severities, in each of some segments; given none, as they
    are. What does not fit a fault is left out."""
    found: list[Scenario] = []
    for each in some:
        if faults and not any(fault.kind in faults for fault in each.faults):
            continue
        for severity, where in product(severities or (None,), segments or (None,)):
            made = each if severity is None else each.at(severity)
            made = made if where is None else made.inside(where)
            if where is None or made.fits:
                found.append(made)
    return tuple({(each.name, each.main): each for each in found}.values())


def run(plan: Plan, folder: Path, processes: int, say: Say) -> Result:
    """Play a plan in a folder of its own. Raises WeirError where a stage cannot be made."""
    began, busy = monotonic(), len(plan.seeds) * max(len(plan.scenarios), 2 if plan.days else 1)
    threads = cores() // min(processes, busy)
    with ProcessPoolExecutor(processes, get_context("spawn"), _prepared, (threads,)) as pool:
        stages = {seed: pool.submit(stage, folder / f"stage-{seed}", seed) for seed in plan.seeds}
        weeks = [
            pool.submit(clean, folder / f"clean-{seed}", seed, plan.days) for seed in plan.seeds if plan.days
        ]
        work = _submitted(plan, pool, stages, folder)
        played, failed = _gathered(work, say)
        result = Result(tuple(played), tuple(each.result() for each in weeks), tuple(failed), 0.0)
    return replace(result, seconds=monotonic() - began)


def cores() -> int:
    """How many processors this process may use."""
    found = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    return max(1, len(found))


def _prepared(threads: int) -> None:
    """What a process does first; processes that share the processors scan with as many threads each."""
    look_seldom()
    duckdb.THREADS = max(1, threads)


def run_long(
    seeds: Sequence[int], days: int, folder: Path, processes: int, say: Say, family: str = "bursts"
) -> Result:
    """Only clean days, and many of them: of two hundred objectives, with no rows behind their counts.

    `family` is one of `counts.FAMILIES`: how they come about.
    """
    began, weeks = monotonic(), list[Clean]()
    with ProcessPoolExecutor(processes, get_context("spawn"), look_seldom) as pool:
        for seed in seeds:
            work = [pool.submit(long, seed, number, days, folder, family) for number in range(OBJECTIVES)]
            fired: list[False_] = []
            for done, each in enumerate(as_completed(work), 1):
                paged = [one for chunk in each.result() for one in chunk.fired]
                fired += [False_(one.at, "BudgetBurn", one.severity, one.check, "") for one in paged]
                say(f"{done} of {OBJECTIVES} objectives, {len(fired)} alerts")
            weeks.append(Clean(seed, days, BEGIN, tuple(sorted(fired, key=lambda one: one.at))))
    return Result((), tuple(weeks), (), monotonic() - began)


def _submitted(
    plan: Plan, pool: ProcessPoolExecutor, stages: dict[int, Future[Stage]], folder: Path
) -> dict[Future[Played], str]:
    """Every scenario with every seed, in the plan's order. Those that take longest begin first."""
    work: dict[int, tuple[Future[Played], str]] = {}
    numbered = [*enumerate(plan.scenarios)]
    for turn, seed in enumerate(plan.seeds):
        made = stages[seed].result()
        for number, scenario in sorted(numbered, key=lambda each: not _long(each[1])):
            played = pool.submit(_play, scenario, made, folder / f"play-{seed}-{number}", plan.resolve)
            work[turn * len(numbered) + number] = played, scenario.name
    return dict(work[number] for number in sorted(work))


def _long(scenario: Scenario) -> bool:
    """Whether it takes half a minute: begun last, it would keep one processor busy alone."""
    return any(each.kind in LONG for each in scenario.faults)


def _gathered(work: dict[Future[Played], str], say: Say) -> tuple[list[Played], list[tuple[str, str]]]:
    found: dict[Future[Played], Played] = {}
    failed: list[tuple[str, str]] = []
    for each in as_completed(work):
        try:
            found[each] = each.result()
        except Exception as error:  # one scenario that cannot be played does not end the others
            failed.append((work[each], f"{type(error).__name__}: {error}"))
        say(f"{len(found) + len(failed)} of {len(work)}: {work[each]}")
    return [found[each] for each in work if each in found], failed


def _play(scenario: Scenario, made: Stage, folder: Path, resolve: bool) -> Played:
    from shutil import rmtree

    try:
        return play(scenario, made, _loaded(made.folder), folder, resolve=resolve)
    finally:
        rmtree(folder, ignore_errors=True)


@cache
def _loaded(folder: Path) -> Any:
    """A stage's configuration, read once for each process."""
    from monitor import config

    return config.load(folder / "weir.yaml", {})
