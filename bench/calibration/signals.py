"""How often readings of sampled signals, agreement and click-through are wrong.

    python bench/calibration/signals.py          prints Markdown tables; some seconds on one core

All simulations are seeded. Nothing here needs a database: counts are drawn as a scan would give them.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor.statistics.agreement import Table, interval
from monitor.statistics.sampling import Stratum, certain_deviation, hajek

RUNS = 20_000


def rates(draw: np.random.Generator) -> None:
    """Hourly looks at three strata kept at 10 %: how often one deviates by more than 5 %, and for certain."""
    print("| rows of a stratum, an hour | plain deviation over 5 % | certain deviation over 0 | over 5 % |")
    print("|---|---|---|---|")
    for rows in (50, 500, 5_000, 50_000):
        for kept_at, label in ((0.1, "as declared"), (0.08, "a fifth lost")):
            kept = draw.binomial(rows, kept_at, (RUNS // 3, 3))
            certain = np.array(
                [max(certain_deviation(Stratum("", k, rows), 0.1, 3) for k in hour) for hour in kept.tolist()]
            )
            plain = np.abs(kept / rows / 0.1 - 1).max(axis=1)
            shares = (np.mean(plain > 0.05), np.mean(certain > 0), np.mean(certain > 0.05))
            print(f"| {rows:,}, {label} | " + " | ".join(f"{share:.2%}" for share in shares) + " |")


def weights(draw: np.random.Generator) -> None:
    """The good share of three strata, when the copies' rate slipped from 50 % to 35 % unannounced."""
    sizes, truth = np.array([2_000, 4_000, 14_000]), np.array([0.9, 0.6, 0.1])
    declared, realised = np.array([1.0, 0.5, 0.1]), np.array([1.0, 0.35, 0.1])
    goods = (sizes * truth).astype(int)
    target = goods.sum() / sizes.sum()
    found: dict[str, list[float]] = {"plain": [], "declared rates": [], "realised rates (Hájek)": []}
    covered = 0
    for _ in range(2_000):
        kept = draw.binomial(sizes, realised)
        good = draw.hypergeometric(goods, sizes - goods, kept)
        found["plain"].append(good.sum() / kept.sum())
        found["declared rates"].append((good / declared).sum() / sizes.sum())
        rows = zip("abc", kept.tolist(), sizes.tolist(), good.tolist(), strict=True)
        share, error = hajek([Stratum(*row) for row in rows]) or (0.0, 0.0)
        found["realised rates (Hájek)"].append(share)
        covered += abs(share - target) <= 1.96 * error
    print(f"\n| estimate of {target:.1%} | mean | standard deviation |\n|---|---|---|")
    for name, values in found.items():
        print(f"| {name} | {np.mean(values):.2%} | {np.std(values):.2%} |")
    print(f"\nThe 95 % interval of the last covers the truth in {covered / 2_000:.1%} of 2,000 runs.")


def agreement(draw: np.random.Generator) -> None:
    """Coverage of the interval of φ, for marks of several frequencies."""
    print("\n| units | signal, truth | φ | coverage of 95 % |\n|---|---|---|---|")
    for units in (100, 1_000):
        for cells in ((0.2, 0.1, 0.1, 0.6), (0.02, 0.08, 0.03, 0.87), (0.15, 0.35, 0.15, 0.35)):
            a, b, c, d = cells
            true = (a * d - b * c) / np.sqrt((a + b) * (c + d) * (a + c) * (b + d))
            ends = [
                interval(Table(*map(float, row))) for row in draw.multinomial(units, cells, 4_000).tolist()
            ]
            known = [each for each in ends if each]
            hits = np.mean([low <= true <= high for low, high in known])
            print(f"| {units:,} | {a + b:.0%}, {a + c:.0%} | {true:.2f} | {hits:.1%} |")


def clicks(draw: np.random.Generator) -> None:
    """What a ranker that puts good answers first or last does to the plain and the corrected rate."""
    looked = np.array([1, 0.5, 0.25, 0.1])
    print("\n| good answers first | plain rate | corrected, true 25 % |\n|---|---|---|")
    for share in (0.1, 0.5, 0.9):
        first = draw.random(200_000) < share
        worth = np.where(first[:, None], [0.4, 0.4, 0.1, 0.1], [0.1, 0.1, 0.4, 0.4])
        clicked = draw.random(worth.shape) < worth * looked
        print(f"| {share:.0%} | {clicked.mean():.1%} | {(clicked / looked).mean():.1%} |")


if __name__ == "__main__":
    generator = np.random.default_rng(2026)
    for table in (rates, weights, agreement, clicks):
        table(generator)
