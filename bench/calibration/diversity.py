"""How much traffic moves the measures of `diversity`, and how far their estimates are from the truth.

    python bench/calibration/diversity.py          prints Markdown tables; about a minute on one core

Exposures are drawn from known shares over 100,000 items; seeded.
"""

import sys
from collections.abc import Callable
from math import log
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor.statistics import diversity
from monitor.statistics.diversity import Frequencies

ITEMS = 100_000
TOP = ITEMS // 100
SIZES = (5_000, 20_000, 100_000, 1_000_000)


def shares(name: str) -> np.ndarray:
    rank = np.arange(1, ITEMS + 1)
    made: dict[str, Callable[[], np.ndarray]] = {
        "Zipf 1": lambda: 1 / rank,
        "Zipf 0.6": lambda: rank**-0.6,
        "Zipf 1.5": lambda: rank**-1.5,
        "log-normal, σ = 2": lambda: np.exp(np.random.default_rng(0).normal(0, 2, ITEMS)),
        "equal": lambda: np.ones(ITEMS),
    }
    weights = made[name]()
    return weights / weights.sum()


def of(counts: np.ndarray) -> Frequencies:
    times, items = np.unique(counts[counts > 0], return_counts=True)
    return diversity.frequencies(list(zip(times.tolist(), items.tolist(), strict=True)))


def entropies(seen: Frequencies) -> tuple[float, ...]:
    """Plain, Miller–Madow, Chao–Shen, and of the estimated shares; ÷ ln(catalogue)."""
    plain = diversity.entropy(seen)
    nats = (
        plain,
        plain + (seen.items - 1) / 2 / seen.exposures,
        diversity.chao_shen(seen),
        diversity.entropy(diversity.estimated(seen, ITEMS)),
    )
    return tuple(each / log(ITEMS) for each in nats)


def entropy_table(repeats: int) -> None:
    print("| entropy ÷ ln 100,000 | exposures | truth | plain | Miller–Madow | Chao–Shen | judged |")
    print("|---|---|---|---|---|---|---|")
    for name in ("Zipf 1", "Zipf 0.6", "Zipf 1.5", "log-normal, σ = 2", "equal"):
        p, random = shares(name), np.random.default_rng(1)
        truth = -(p * np.log(p)).sum() / log(ITEMS)
        for size in SIZES:
            found = np.array([entropies(of(random.multinomial(size, p))) for _ in range(repeats)])
            cells = " | ".join(
                f"{mean:.3f} ± {sd:.3f}" for mean, sd in zip(found.mean(0), found.std(0), strict=True)
            )
            print(f"| {name if size == SIZES[0] else ''} | {size:,} | {truth:.3f} | {cells} |")


def others(seen: Frequencies) -> tuple[float, ...]:
    behind = diversity.estimated(seen, ITEMS)
    high, low = diversity.top_share(seen, TOP), diversity.top_share(behind, TOP)
    half = diversity.items_at_coverage(seen, 0.5)
    return (
        diversity.gini(seen, ITEMS),
        diversity.gini(behind, ITEMS),
        high,
        (high + low) / 2,
        seen.items / ITEMS,
        (seen.items + diversity.unseen(seen, ITEMS)) / ITEMS,
        float("nan") if half is None else half,
        diversity.inverse_simpson(seen) or float("nan"),
    )


def other_table(repeats: int) -> None:
    print(
        "\n| | exposures | gini | judged | top 1 % | judged | coverage | judged"
        " | items at 50 % coverage | inverse Simpson |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name in ("Zipf 1", "Zipf 0.6", "log-normal, σ = 2", "equal"):
        p, random = shares(name), np.random.default_rng(2)
        ascending = Frequencies(np.sort(p), np.ones(ITEMS))
        gini, top = diversity.gini(ascending, ITEMS), diversity.top_share(ascending, TOP)
        half = float((np.cumsum(np.sort(p)[::-1]) < 0.5).sum() + 1)
        rest = f"1 | | ({half:,.0f} items have half) | {1 / (p**2).sum():,.0f}"
        print(f"| {name} | truth | {gini:.3f} | | {top:.3f} | | {rest} |")
        for size in SIZES:
            found = np.array([others(of(random.multinomial(size, p))) for _ in range(repeats)])
            mean = found.mean(axis=0)
            cells = " | ".join([f"{each:.3f}" for each in mean[:6]] + [f"{each:,.0f}" for each in mean[6:]])
            print(f"| | {size:,} | {cells} |")


def alarms(repeats: int) -> None:
    """A day of 100,000 exposures, then nights of 5,000 from the same shares: who calls it a fall by 3 %?"""
    p, random = shares("Zipf 1"), np.random.default_rng(3)
    day = np.mean([entropies(of(random.multinomial(100_000, p))) for _ in range(5)], axis=0)
    nights = np.array([entropies(of(random.multinomial(5_000, p))) for _ in range(repeats * 10)])
    narrow = p.copy()
    narrow[5_000:] = 0  # only the first 5,000 items are shown any more
    fall = np.array(
        [entropies(of(random.multinomial(5_000, narrow / narrow.sum()))) for _ in range(repeats * 10)]
    )
    print("\n| a fall of entropy by more than 3 % at night | plain | Miller–Madow | Chao–Shen | judged |")
    print("|---|---|---|---|---|")
    for name, each in (("none: false alarms", nights), ("only 5,000 items left: seen", fall)):
        print(
            f"| {name} | " + " | ".join(f"{share:.0%}" for share in (each < 0.97 * day).mean(axis=0)) + " |"
        )


if __name__ == "__main__":
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    entropy_table(many)
    other_table(max(many // 4, 1))
    alarms(many)
