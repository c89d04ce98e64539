"""Do nowcasts hold the truth, do young rows raise false alarms, and how fast is a dead labeller seen?

A stream of exposures with a day and a night (5 to 1), of which a share that wanders from quarter to quarter
gets a label after a log-normal delay (median an hour, which wanders from day to day); looked at every quarter
of an hour through the reading of `match` with `maturity: [1h, 6h]`, `within: 1d` and a curve of 7 days.

    python bench/calibration/nowcast.py [--worlds 4] [--days 10] [--deaths 40]
"""

import argparse
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from monitor.kinds._maturity import FAIL, Maturity, edges, name_of, stretches
from monitor.model import DAY, HOUR, MINUTE, Outcome, Past, Window

QUARTER, LATENESS = 15 * MINUTE, 5 * MINUTE
AGES, WITHIN, CURVE = (HOUR, 6 * HOUR), DAY, 7 * DAY
EDGES = edges(AGES, WITHIN)
CHECK = SimpleNamespace(settle=WITHIN + LATENESS, bucket=QUARTER, lateness=LATENESS, window=HOUR)


@dataclass
class World:
    """Labels by the quarter of their exposure, and their delay; exposures by quarter."""

    rows: np.ndarray
    at: np.ndarray
    delay: np.ndarray

    def sums(self, until: float = np.inf) -> dict[str, np.ndarray]:
        """Running sums of every measure by quarter, of the labels that came before an instant."""
        came = self.at + self.delay
        kept = came < until
        size, quarter = len(self.rows), (self.at[kept] // QUARTER).astype(int)
        found = {"total": self.rows}
        for edge in EDGES:
            found[name_of(edge)] = np.bincount(quarter[self.delay[kept] <= edge], minlength=size)
        arrived = (came[kept] // QUARTER).astype(int)
        found["arrivals"] = np.bincount(arrived[arrived < size], minlength=size)
        return {name: np.concatenate([[0], np.cumsum(each[:size])]) for name, each in found.items()}


def world(draw: np.random.Generator, hourly: float, days: int, wander: float) -> World:
    """`wander` is the standard deviation of the share's logit and of the median delay's logarithm."""
    quarters = days * 96
    day = 1 + 2 / 3 * np.sin(2 * np.pi * np.arange(quarters) / 96)
    rows = draw.poisson(hourly / 4 * day)
    noise = np.zeros(quarters)
    for place in range(1, quarters):
        noise[place] = 0.95 * noise[place - 1] + draw.normal(0, wander * np.sqrt(1 - 0.95**2))
    share = 1 / (1 + np.exp(-(0.4 + noise)))
    median = HOUR * np.exp(draw.normal(0, wander, days))
    at = np.repeat(np.arange(quarters), draw.binomial(rows, share)) * QUARTER
    at = at + draw.uniform(0, QUARTER, len(at))
    delay = median[(at // DAY).astype(int)] * np.exp(draw.normal(0, 1.2, len(at)))
    return World(rows, at[delay <= WITHIN], delay[delay <= WITHIN])


def maturity(sums: dict[str, np.ndarray], now: int) -> Maturity:
    """What the reading knows at an instant."""

    def of(window: Window) -> dict[str, float]:
        first, last = window.start // QUARTER, window.end // QUARTER
        return {name: float(each[last] - each[first]) for name, each in sums.items()}

    settled = (now - CHECK.settle) // QUARTER * QUARTER
    windows = [(each, of(each)) for each, _ in stretches(AGES, WITHIN, CURVE, CHECK, now)]
    return Maturity(AGES, WITHIN, LATENESS, Past(Window(settled - HOUR, settled), now, None, windows))


def quiet(draw: np.random.Generator, hourly: float, wander: float, worlds: int, days: int) -> str:
    """A row of the first table: how often intervals hold the truth, and alarms where nothing is wrong."""
    held: dict[int, list[bool]] = {age: [] for age in AGES}
    widths, alarms, warnings, ticks = list[float](), 0, 0, 0
    for _ in range(worlds):
        sums = world(draw, hourly, 9 + days, wander).sums()
        for now in range(9 * DAY, (8 + days) * DAY, QUARTER):
            seen = maturity(sums, now)
            outcomes = [outcome for outcome, _ in seen.findings()]
            alarms, warnings = alarms + outcomes.count(Outcome.FAIL), warnings + outcomes.count(Outcome.WARN)
            ticks += 1
            if now % (2 * HOUR):
                continue
            for age in AGES:
                end = (now - LATENESS - age) // QUARTER
                rows = sums["total"][end] - sums["total"][end - 4]
                truth = (sums[name_of(WITHIN)][end] - sums[name_of(WITHIN)][end - 4]) / rows if rows else None
                final = seen.final(age)
                if truth is not None and final:
                    held[age].append(final[1] - 1e-9 <= truth <= final[2] + 1e-9)
                    widths += [final[2] - final[1]] if age == AGES[0] else []
    year = 365 * 96 / ticks
    shares = " | ".join(f"{np.mean(each):.1%}" for each in held.values())
    return (
        f"| {hourly:,.0f} | {wander:g} | {shares} | ±{np.median(widths) / 2:.1%} | {warnings / ticks:.2%} |"
        f" {alarms * year:,.1f} |"
    )


def deaths(draw: np.random.Generator, hourly: float, wander: float, number: int) -> str:
    """A row of the second table: minutes from the labeller's death to the failure."""
    minutes: list[float] = []
    made = world(draw, hourly, 12, wander)
    for _ in range(number):
        died = int(draw.uniform(9 * DAY, 11 * DAY))
        sums = made.sums(died)
        first = (died // QUARTER + 1) * QUARTER
        for now in range(first, first + 12 * HOUR, QUARTER):
            if any(outcome == Outcome.FAIL for outcome, _ in maturity(sums, now).findings()):
                minutes.append((now - died) / MINUTE)
                break
        else:
            minutes.append(np.inf)
    middle, late = np.quantile(minutes, [0.5, 0.95], method="higher")
    within = np.mean(np.array(minutes) <= 60)
    return f"| {hourly:,.0f} | {wander:g} | {middle:.0f} min | {late:.0f} min | {within:.0%} |"


def limit(draw: np.random.Generator, hourly: float, number: int) -> str:
    """A row of the third table: minutes until any test could fail, that knows the true rate of arrivals.

    Nothing that comes from a death on has the chance exp(−m), m the labels that would have come; a test is
    wrong as seldom as FAIL at a look only if m exceeds −ln FAIL.
    """
    rates = world(draw, 40_000, 12, 0.0).sums()["arrivals"] * hourly / 40_000
    cells: list[str] = []
    for chance in (FAIL, 1e-3):
        minutes: list[float] = []
        for _ in range(number):
            died = draw.uniform(9 * DAY, 10 * DAY)
            first = int(died // QUARTER) + 1
            before = np.interp(died / QUARTER, np.arange(len(rates)), rates)
            ticks = range(first, first + 96 * 2)
            seen = (
                now
                for now in ticks
                if rates[int((now * QUARTER - LATENESS) // QUARTER)] - before > -np.log(chance)
            )
            minutes.append((next(seen) * QUARTER - died) / MINUTE)
        cells += [f"{each:.0f} min" for each in np.quantile(minutes, [0.5, 0.95])]
        cells.append(f"{np.mean(np.array(minutes) <= 60):.0%}")
    return f"| {hourly:,.0f} | {' | '.join(cells)} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--worlds", type=int, default=4)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--deaths", type=int, default=40)
    asked = parser.parse_args()
    draw = np.random.default_rng(20261120)
    cases = [(hourly, wander) for hourly in (40, 400, 4000) for wander in (0.0, 0.15)]
    print(
        "| exposures an hour | wander | held at 1h | at 6h | half width | ticks that warn | failures a year |"
    )
    print("|---|---|---|---|---|---|---|")
    for hourly, wander in cases:
        print(quiet(draw, hourly, wander, asked.worlds, asked.days), flush=True)
    print(f"\nFailing below a chance of {FAIL:g}.\n")
    print("| exposures an hour | wander | median | p95 | within the hour |")
    print("|---|---|---|---|---|")
    for hourly, wander in cases:
        print(deaths(draw, hourly, wander, asked.deaths), flush=True)
    print(f"\n| exposures an hour | at {FAIL:g} | p95 | within the hour | at .001 | p95 | within the hour |")
    print("|---|---|---|---|---|---|---|")
    for hourly in (10, 20, 40, 60, 100, 200, 400, 4000):
        print(limit(draw, hourly, 2000), flush=True)


if __name__ == "__main__":
    main()
