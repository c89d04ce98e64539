"""How often `split` is wrong when it is looked at hourly for 28 days, and how soon it sees a real mismatch.

    python bench/calibration/split.py            prints Markdown tables; about two minutes on one core

All simulations are seeded. Units arrive at random; each look sees the counts by variant up to its hour.
"""

import sys
from pathlib import Path

import numpy as np
from scipy.special import chdtrc

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor.statistics.sequential import CONCENTRATIONS, multinomial_e

HOURS = 28 * 24
LEVELS = (0.01, 0.001)
SPLITS = {"50 : 50": (0.5, 0.5), "90 : 10": (0.9, 0.1), "four alike": (0.25, 0.25, 0.25, 0.25)}


def paths(random: np.random.Generator, shares: tuple[float, ...], hourly: float, runs: int) -> np.ndarray:
    """Counts by hour and variant, shape (runs, hours, variants)."""
    return random.poisson(np.array(shares) * hourly, (runs, HOURS, len(shares))).astype(float)


def chi_square(counts: np.ndarray, shares: tuple[float, ...]) -> np.ndarray:
    """p-values of counts (…, variants); 1 of nothing."""
    n = counts.sum(axis=-1, keepdims=True)
    expected = np.maximum(n * np.array(shares), 1e-9)
    statistic = ((counts - expected) ** 2 / expected).sum(axis=-1)
    return np.where(n[..., 0] > 0, chdtrc(len(shares) - 1, statistic), 1.0)


def rolling(counts: np.ndarray, hours: int) -> np.ndarray:
    """Sums over so many hours up to each one."""
    summed = np.cumsum(counts, axis=1)
    before = np.concatenate([np.zeros_like(summed[:, :hours]), summed[:, :-hours]], axis=1)
    return summed - before


def sequential(
    counts: np.ndarray, shares: tuple[float, ...], concentrations: tuple[float, ...]
) -> np.ndarray:
    """ln of the e-process at each look, shape (runs, hours)."""
    summed = np.cumsum(counts, axis=1)
    flat = multinomial_e(summed.reshape(-1, len(shares)), shares, concentrations)
    return flat.reshape(summed.shape[:2])


def print_false_alarms(runs: int) -> None:
    ways = "χ² since the start | χ² of 24 h | e-process (Weir)"
    print(f"| split, units an hour | α | {ways} |\n|---|---|---|---|---|")
    for number, (name, shares) in enumerate(SPLITS.items()):
        for hourly in (20, 1000):
            random = np.random.default_rng(10 * number + hourly)
            counts = paths(random, shares, hourly, runs)
            ever = [
                chi_square(np.cumsum(counts, axis=1), shares).min(axis=1),
                chi_square(rolling(counts, 24), shares).min(axis=1),
                np.exp(-sequential(counts, shares, CONCENTRATIONS).max(axis=1)),
            ]
            for level in LEVELS:
                found = " | ".join(f"{(each < level).mean():.2%}" for each in ever)
                print(f"| {name}, {hourly:,} | {level:g} | {found} |", flush=True)


def print_power(runs: int) -> None:
    """Units until the e-process is above 1,000, of one concentration and of the average of five."""
    tried = {"10": (10.0,), "1,000": (1e3,), "10,000": (1e4,), "five (Weir)": CONCENTRATIONS}
    print("| true share of 50 % | " + " | ".join(tried) + " |\n|---|" + "---|" * len(tried))
    for share, hourly in ((0.6, 50), (0.55, 200), (0.52, 1000), (0.51, 5000), (0.505, 20_000)):
        random = np.random.default_rng(int(share * 1000))
        counts = paths(random, (share, 1 - share), hourly, runs)
        units = np.cumsum(counts.sum(axis=2), axis=1)
        cells = []
        for concentrations in tried.values():
            over = sequential(counts, (0.5, 0.5), concentrations) > np.log(1000)
            seen = over.any(axis=1)
            first = units[np.arange(len(over)), over.argmax(axis=1)][seen]
            late = f", {1 - seen.mean():.0%} never" if not seen.all() else ""
            cells.append(f"{np.median(first):,.0f}{late}" if len(first) else "never")
        print(f"| {share:.1%} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    print("### Ever an alarm in 28 days of hourly looks, nothing wrong\n")
    print_false_alarms(int(3000 * scale))
    print("\n### Units until a real mismatch is seen at 0.001 (median)\n")
    print_power(int(300 * scale))
