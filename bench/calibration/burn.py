"""Does a burn-rate page on low traffic mean anything? False pages a year, and how long a loss takes to page.

One series of 100 events an hour (Poisson) with an objective of 99.9 % over 30 days, looked at every minute
through Weir's own rows and guards (`monitor.slo.burn`). A page is a
stretch of minutes in which some page row fires; it is a new one after an hour of silence.

    python bench/calibration/burn.py [--years 100] [--losses 2000]
"""

import argparse
from collections.abc import Sequence

import numpy as np
from scipy.special import bdtrc, betaincinv

from monitor.model import DAY, MINUTE, Severity
from monitor.slo.budget import CONFIDENCE
from monitor.slo.burn import GUARD, Row, fitted, table

HOURLY, OBJECTIVE, LOSS = 100.0, 0.999, 0.05
YEAR = 365 * 24 * 60
QUIET = 60
"""Minutes of silence after which a page is a new one."""


def windowed(values: np.ndarray, minutes: int) -> np.ndarray:
    """Sums over the minutes up to and with each one."""
    summed = np.concatenate([[0], np.cumsum(values)])
    starts = np.maximum(np.arange(1, len(values) + 1) - minutes, 0)
    return summed[1:] - summed[starts]


def fires(row: Row, events: np.ndarray, bad: np.ndarray, guard: str) -> np.ndarray:
    """Minute by minute, whether a row fires with a guard: "both", "tail", "three" (bad ones) or "none"."""
    over = []
    for length in (row.short, row.long):
        n, x = windowed(events, length // MINUTE), windowed(bad, length // MINUTE)
        over.append((n > 0) & (x > row.threshold(OBJECTIVE) * n))
    n, x = windowed(events, row.long // MINUTE), windowed(bad, row.long // MINUTE)
    firing = over[0] & over[1]
    if guard in ("tail", "both"):
        at = np.flatnonzero(firing)
        firing[at] = bdtrc(x[at] - 1, n[at], 1 - OBJECTIVE) < GUARD
    if guard == "both":
        at = np.flatnonzero(firing)
        least = betaincinv(x[at] + 0.5, n[at] - x[at] + 0.5, 1 - CONFIDENCE)
        firing[at] = least > row.surely(OBJECTIVE)
    return firing & (x >= 3) if guard == "three" else firing


def paging(rows: Sequence[Row], events: np.ndarray, bad: np.ndarray, guard: str) -> np.ndarray:
    return np.any([fires(row, events, bad, guard) for row in rows if row.severity == Severity.PAGE], axis=0)


def episodes(firing: np.ndarray) -> int:
    at = np.flatnonzero(firing)
    return int(at.size > 0) + int(np.sum(np.diff(at) > QUIET))


def false_pages(rng: np.random.Generator, rows: Sequence[Row], years: int) -> dict[str, float]:
    """Pages a year of a series that keeps its objective exactly, by guard."""
    found = dict.fromkeys(("none", "three", "tail", "both"), 0)
    for _ in range(years):
        events = rng.poisson(HOURLY / 60, YEAR)
        bad = rng.binomial(events, 1 - OBJECTIVE)
        for guard in found:
            found[guard] += episodes(paging(rows, events, bad, guard))
    return {guard: count / years for guard, count in found.items()}


def delays(rng: np.random.Generator, rows: Sequence[Row], losses: int) -> np.ndarray:
    """Minutes from the onset of a loss of 5 % to its page, infinite where six hours are not enough."""
    calm, after = 6 * 60, 6 * 60
    found = np.full(losses, np.inf)
    for number in range(losses):
        events = rng.poisson(HOURLY / 60, calm + after)
        wrong = np.concatenate([np.full(calm, 1 - OBJECTIVE), np.full(after, LOSS)])
        firing = np.flatnonzero(paging(rows, events, rng.binomial(events, wrong), "both")[calm:])
        if firing.size:
            found[number] = firing[0] + 1
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--years", type=int, default=100)
    parser.add_argument("--losses", type=int, default=2_000)
    options = parser.parse_args()
    rng = np.random.default_rng(20_261_121)
    rows, _ = fitted(table(30 * DAY), MINUTE, OBJECTIVE)
    pages = false_pages(rng, rows, options.years)
    print("| guard beside the burn rate | false pages a year |\n|---|---|")
    sure = f"and {CONFIDENCE:.0%} sure of two thirds of the factor (Weir's)"
    for guard, words in (
        ("none", "none"),
        ("three", "at least 3 bad"),
        ("tail", f"binomial tail < {GUARD:g}"),
        ("both", sure),
    ):
        print(f"| {words} | {pages[guard]:.2f} |")
    took = delays(rng, rows, options.losses)
    median, slow = np.quantile(took, [0.5, 0.95])
    print(f"\nA loss of {LOSS:.0%}: paged after {median:.0f} minutes at the median, {slow:.0f} at p95.")


if __name__ == "__main__":
    main()
