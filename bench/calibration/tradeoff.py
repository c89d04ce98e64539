"""What a threshold costs: how soon and how surely a fault is told of, against false alerts, as it is moved.

Budgets: the rows that page are scaled, and the guard against chance is moved, and the evaluator of production
goes over objectives that are kept (both families of `monitor.gameday.counts`) and over such with a fault in
them. A bound: the packaged `dead-letter-share`, whose bound is scaled, judged every five minutes over an hour
by production's `judge`. A fault's severity is a multiple of the threshold as packaged, capped at everything.

    python bench/calibration/tradeoff.py [--objectives 20] [--days 168] [--print]

writes the section of CALIBRATION.md between its two marks. Objectives are some of the two hundred of
`weir gameday --long`: false pages are told for 1,000 days of all two hundred, so one found stands for many.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from monitor import config
from monitor.alerting import observed
from monitor.backtest.measuring import Asked, Gathered
from monitor.backtest.past import past
from monitor.backtest.series import Series, series
from monitor.gameday import long
from monitor.gameday.counts import FAMILIES
from monitor.gameday.stage import BEGIN
from monitor.grammar import Bound, bound
from monitor.judge import judge
from monitor.model import DAY, HOUR, MINUTE, Outcome, Reading, Severity, Window
from monitor.slo import burn

SEVERITIES = (0.5, 1.0, 2.0, 5.0, 20.0)
SCALES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
GUARDS = ((1.0, 0.0), (1e-2, 0.0), (burn.GUARD, 0.0), (1e-8, 0.0), (burn.GUARD, 1.0))
"""How unlikely so many bad events have to be, and how much of the factor has to be sure: 0 asks nothing."""
SEED, FAULT = 1, 6 * 60
"""Of all that is random, and how many minutes a fault lasts."""
OFTEN = 5
"""Minutes from one judgement of the bound to the next."""
PACKAGED = 0.01
"""The bound of `dead-letter-share`."""
LEAST = (100, 200, 300, 500)
"""How many events `min_events` may ask for."""
FASTEST = max(row.factor for row in burn.table(28 * DAY))
"""The factor of the fastest row: what a severity of 1 burns."""
MARKS = ("<!-- tradeoff: begin -->", "<!-- tradeoff: end -->")
RESULTS = Path(__file__).parents[1] / "CALIBRATION.md"


@contextmanager
def thresholds(scale: float, guard: float, surely: float) -> Iterator[None]:
    """Rows that page at so many times their factor, and other guards, everywhere in production's code."""
    table, before = burn.table, (observed.GUARD, burn.SURELY)

    def scaled(window: int) -> tuple[burn.Row, ...]:
        return tuple(
            replace(row, factor=row.factor * scale) if row.severity == Severity.PAGE else row
            for row in table(window)
        )

    burn.table, observed.GUARD, burn.SURELY = scaled, guard, surely  # pyright: ignore
    try:
        yield
    finally:
        burn.table, (observed.GUARD, burn.SURELY) = table, before  # pyright: ignore


def objective(folder: Path, number: int) -> Any:
    path = folder / f"{number}.yaml"
    path.write_text(long.text(number), encoding="utf-8")
    return config.load(path, {})


def pages(loaded: Any, number: int, counted: Series, window: Window) -> list[int]:
    """When somebody is paged."""
    gathered = Gathered(loaded)
    gathered.series[f"slo-{number}"] = counted
    fired = past(gathered, Asked(window, window.end)).fired
    return [each.start for each in fired if each.labels["severity"] == Severity.PAGE and not each.held]


def broken(counted: Series, onset: int, share: float, draw: np.random.Generator) -> Series:
    """The same counts with so large a share of what was good lost for some hours."""
    total, good = np.diff(counted.total).astype(np.int64), np.diff(counted.good).astype(np.int64)
    hit = (counted.edges[:-1] >= onset) & (counted.edges[:-1] < onset + FAULT * MINUTE)
    good = good - np.where(hit, draw.binomial(good, share), 0)
    cells = np.column_stack([counted.edges[:-1], np.diff(counted.edges), good, total]).astype(float)
    return series(cells, MINUTE, Window(int(counted.edges[0]), int(counted.edges[-1])))


def budgets(numbers: range, days: int, folder: Path) -> list[str]:
    lines = [
        "| factor of the rows that page × | guard | of it for sure "
        "| false pages in 1,000 days of 200: bursts | regimes | "
        + " | ".join(f"{each:g} ×" for each in SEVERITIES)
        + " |",
        "|---" * (5 + len(SEVERITIES)) + "|",
    ]
    for scale, guard, surely in [
        *((each, burn.GUARD, burn.SURELY) for each in SCALES),
        *((1.0, *each) for each in GUARDS),
    ]:
        with thresholds(scale, guard, surely):
            false = [str(round(false_pages(numbers, days, family, folder))) for family in FAMILIES]
            found = [told(detection(numbers, severity, folder)) for severity in SEVERITIES]
        lines.append(f"| {scale:g} | {guard:g} | {surely:.2f} | {' | '.join(false)} | {' | '.join(found)} |")
    return lines


def told(minutes: list[float]) -> str:
    """The share that is told of, and the median of the minutes until then."""
    known = sorted(each for each in minutes if each < np.inf)
    share = len(known) / len(minutes)
    return f"{share:.0%}, {known[len(known) // 2]:.0f} min" if known else "0 %"


def false_pages(numbers: range, days: int, name: str, folder: Path) -> float:
    """For 1,000 days of two hundred objectives."""
    found = 0
    for number in numbers:
        loaded = objective(folder, number)
        for first in range(0, days, long.CHUNK):
            window = Window(BEGIN + first * DAY, BEGIN + (first + long.CHUNK) * DAY)
            allowed = loaded.checks[f"slo-{number}"].slo.objective
            counted = long.counted(SEED, number, first, long.CHUNK, allowed, FAMILIES[name])
            found += len(pages(loaded, number, counted, window))
    return found * 1000 * long.OBJECTIVES / (len(numbers) * days)


def detection(numbers: range, severity: float, folder: Path) -> list[float]:
    """Minutes from a fault's onset to the page, infinite where none comes while it lasts."""
    found: list[float] = []
    for number in numbers:
        loaded = objective(folder, number)
        allowed = loaded.checks[f"slo-{number}"].slo.objective
        for family in FAMILIES.values():
            counted = long.counted(SEED, number, 0, 1, allowed, family)
            onset = BEGIN + 6 * HOUR
            share = min(1.0, severity * FASTEST * (1 - allowed))
            worse = broken(counted, onset, share, np.random.default_rng([SEED, number]))
            at = [each for each in pages(loaded, number, worse, Window(BEGIN, BEGIN + DAY)) if each > onset]
            late = (at[0] - onset) / MINUTE if at else np.inf
            found.append(late if late <= FAULT else np.inf)
    return found


# A bound ---------------------------------------------------------------------------------------------------


def bounds(numbers: range, days: int) -> list[str]:
    lines = [
        "| bound | events at least | false tickets in 1,000 days: bursts | regimes | "
        + " | ".join(f"{each:g} ×" for each in SEVERITIES)
        + " |",
        "|---" * (4 + len(SEVERITIES)) + "|",
    ]
    for scale, least in [*((each, 0) for each in SCALES), *((1.0, each) for each in LEAST)]:
        limit = Bounded(bound(f"> {scale * PACKAGED:.2%}"), least)
        false = [sum(failures(limit, number, days, each) for number in numbers) for each in FAMILIES]
        shown = [f"{each * 1000 / (len(numbers) * days):.1f}" for each in false]
        found = [
            told([crossed(limit, number, each, severity) for number in numbers for each in FAMILIES])
            for severity in SEVERITIES
        ]
        lines.append(f"| {limit.fail.text} | {least} | {' | '.join(shown)} | {' | '.join(found)} |")
    return lines


def outcomes(check: "Bounded", total: Any, bad: Any) -> list[bool]:
    """Whether the check fails at each look, over the hour before it."""
    n, x = (np.cumsum(np.concatenate([[0], each])) for each in (total, bad))
    found: list[bool] = []
    for end in range(60, len(n), OFTEN):
        events, wrong = float(n[end] - n[end - 60]), float(x[end] - x[end - 60])
        reading = Reading(value=wrong / events if events else None, good=events - wrong, total=events)
        found.append(judge(check, "ratio", reading).outcome == Outcome.FAIL)
    return found


@dataclass(frozen=True)
class Bounded:
    """What `judge` asks of a check."""

    fail: Bound
    min_events: int
    warn: Bound | None = None
    anomaly: Any = None


def refused(number: int, days: int, name: str, severity: float = 0.0) -> tuple[Any, Any]:
    """Events and refused ones by minute: a hundredth to a fourteenth of the bound, with ups and downs."""
    counted = long.counted(SEED, number, 0, days, 1 - PACKAGED / 10, FAMILIES[name])
    if severity:
        share = min(1.0, severity * PACKAGED)
        counted = broken(counted, BEGIN + 6 * HOUR, share, np.random.default_rng([SEED, number]))
    total = np.diff(counted.total)
    return total, total - np.diff(counted.good)


def failures(limit: Bounded, number: int, days: int, name: str) -> int:
    """How often it begins to fail."""
    failing = outcomes(limit, *refused(number, days, name))
    return sum(now and not before for before, now in zip([False, *failing], failing, strict=False))


def crossed(limit: Bounded, number: int, name: str, severity: float) -> float:
    """Minutes from a fault's onset until it fails."""
    total, bad = refused(number, 1, name, severity)
    onset = long.BACK * 24 * 60 + 6 * 60
    failing = outcomes(limit, total, bad)[(onset - 60) // OFTEN + 1 : (onset - 60 + FAULT) // OFTEN + 1]
    return float((failing.index(True) + 1) * OFTEN) if True in failing else np.inf


def section(numbers: range, days: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        burning = budgets(numbers, days, Path(folder))
    said = (
        f"{len(numbers)} objectives, {days} days of each family; a fault lasts six hours. A cell says how\n"
        "many were told of while it lasted, and the median of the minutes until then."
    )
    return "\n".join([said, "", *burning, "", *bounds(numbers, days)])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--objectives", type=int, default=20)
    parser.add_argument("--days", type=int, default=6 * long.CHUNK)
    parser.add_argument(
        "--print", action="store_true", dest="only", help="print, and leave CALIBRATION.md alone"
    )
    given = parser.parse_args()
    step = long.OBJECTIVES // given.objectives
    step += step % len(long.PROMISES) == 0  # objectives promise by turns: some of each
    made = section(range(0, long.OBJECTIVES, step), given.days)
    print(made)
    if not given.only:
        before, rest = RESULTS.read_text().split(MARKS[0])
        RESULTS.write_text(f"{before}{MARKS[0]}\n{made}\n{MARKS[1]}{rest.split(MARKS[1])[1]}")


if __name__ == "__main__":
    main()
