"""How sure are rankings and off-policy estimates? Coverage of 95 % intervals, and alarms of the mean weight.

Rankings: scores of positives and negatives are normal, one standard deviation apart, or by another distance
in every list where it says so. Logged policies: a softmax over 10 actions, the target its sharper or flatter
self; rewards are clicks whose rate differs by action.

    python bench/calibration/ranking.py [--draws 2000]
"""

import argparse
from collections.abc import Callable
from functools import partial

import numpy as np
from scipy.special import ndtr

from monitor.statistics.offpolicy import Weights, mean_is_one
from monitor.statistics.ranking import auc, auc_error

SEED = 20261121
Draw = np.random.Generator


def coverage(draws: int, truth: float, once: Callable[[], tuple[float, float]]) -> float:
    """How often an estimate lies within 1.96 of its standard errors of the truth."""
    found = np.array([once() for _ in range(draws)])
    return float(np.mean(np.abs(found[:, 0] - truth) <= 1.96 * found[:, 1]))


def placements(scores: np.ndarray, up: np.ndarray) -> tuple[float, float]:
    """An AUC and its error by DeLong, all rows in one list."""
    high, low = scores[up], scores[~up]
    beats = (high[:, None] > low[None, :]).astype(float)
    error = auc_error(beats.mean(1).var(ddof=1), beats.mean(0).var(ddof=1), len(high), len(low))
    return float(beats.mean()), error


def one_list(draw: Draw, rows: int, share: float) -> tuple[float, float]:
    up = np.arange(rows) < max(2, round(rows * share))
    return placements(draw.normal(size=rows) + up, up)


def of_lists(draw: Draw, lists: int, spread: float, pooled: bool) -> tuple[float, float]:
    """Lists of 10 rows, 3 of them positive, whose separation differs from list to list."""
    up = np.tile(np.arange(10) < 3, (lists, 1))
    apart = 1 + spread * draw.normal(size=(lists, 1))
    scores = draw.normal(size=(lists, 10)) + up * apart
    if pooled:
        return placements(scores.ravel(), up.ravel())
    found = [auc(row, mine) or 0.0 for row, mine in zip(scores, up, strict=True)]
    return float(np.mean(found)), float(np.std(found, ddof=1) / np.sqrt(lists))


def softmax(values: np.ndarray, heat: float) -> np.ndarray:
    raised = np.exp(values / heat)
    return raised / raised.sum()


VALUES = np.linspace(-1, 1, 10)
RATES = np.linspace(0.02, 0.08, 10)


def log_of(draw: Draw, rows: int, heat: float, wrong: float = 1.0) -> Weights:
    """A log by a softmax of heat 1 for a target of another; `wrong` raises the logged propensities."""
    p, q = softmax(VALUES, 1.0), softmax(VALUES, heat)
    action = draw.choice(10, rows, p=p)
    logged = p**wrong / (p**wrong).sum() if wrong != 1 else p
    w, r = (q / logged)[action], (draw.random(rows) < RATES[action]).astype(float)
    sums = (w.sum(), (w * w).sum(), w.max(), (w * r).sum(), (w * w * r).sum(), (w * w * r * r).sum())
    return Weights(rows, *map(float, sums))


def policies(draw: Draw, draws: int) -> None:
    print("\n### Logged policies\n")
    print("| target | rows | effective share | SNIPS ± 1.96 errors covers | alarms, tolerance 0 | 10 % |")
    print("|---|---|---|---|---|---|")
    for name, heat in (("the same", 1.0), ("flatter", 3.0), ("sharper", 0.5), ("far sharper", 0.2)):
        truth = float(softmax(VALUES, heat) @ RATES)
        for rows in (300, 3000):
            logs = [log_of(draw, rows, heat) for _ in range(draws)]
            inside = np.mean([abs((log.snips or 0) - truth) <= 1.96 * log.snips_error for log in logs])
            share = np.mean([log.effective for log in logs]) / rows
            alarms = [np.mean([not mean_is_one(log, limit) for log in logs]) for limit in (0.0, 0.1)]
            print(f"| {name} | {rows:,} | {share:.0%} | {inside:.1%} | {alarms[0]:.2%} | {alarms[1]:.2%} |")
    print(
        "\n| logged propensities are wrong, flatter target | rows | alarms, tolerance 10 % |\n|---|---|---|"
    )
    for wrong in (1.2, 1.5, 2.0):
        for rows in (300, 3000):
            logs = [log_of(draw, rows, 3.0, wrong) for _ in range(draws)]
            alarms = np.mean([not mean_is_one(log, 0.1) for log in logs])
            print(f"| raised to the power of {wrong:g} | {rows:,} | {alarms:.1%} |")


def rankings(draw: Draw, draws: int) -> None:
    truth = float(ndtr(1 / np.sqrt(2)))
    print("### Coverage of AUC ± 1.96 standard errors\n\n| rows | positives | coverage |\n|---|---|---|")
    for rows, share in ((50, 0.2), (200, 0.05), (200, 0.5), (1000, 0.02)):
        inside = coverage(draws, truth, partial(one_list, draw, rows, share))
        print(f"| {rows:,} in one list | {share:.0%} | {inside:.1%} |")
    print("\n| lists of 10 | separation differs by | over lists (with `query`) | all rows in one (DeLong) |")
    print("|---|---|---|---|")
    for lists, spread in ((20, 0.0), (100, 0.0), (100, 1.0), (400, 1.0)):
        apart = np.random.default_rng(SEED).normal(size=200_000) * spread + 1
        exact = float(ndtr(apart / np.sqrt(2)).mean())
        by = [coverage(draws, exact, partial(of_lists, draw, lists, spread, each)) for each in (False, True)]
        print(f"| {lists} | {spread:g} | {by[0]:.1%} | {by[1]:.1%} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2000)
    draws, draw = parser.parse_args().draws, np.random.default_rng(SEED)
    rankings(draw, draws)
    policies(draw, draws)


if __name__ == "__main__":
    main()
