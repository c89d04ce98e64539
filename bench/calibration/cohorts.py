"""Are cohorts suspected that only differ, and are robots found? 28 daily cohorts, each with rates of its own.

People convert on their first day with a rate of 5 % and return on the next with one of 20 %, both
beta-distributed over cohorts; robots all convert and never return.

    python bench/calibration/cohorts.py [--draws 2000]
"""

import argparse
from typing import Any

import numpy as np

from monitor.kinds.cohorts import Params, suspects
from monitor.model import DAY, Window

SEED, COHORTS = 20261121, 28
PARAMS = Params(converted="bought", days=(1,))
WINDOW = Window(0, (COHORTS + 1) * DAY)


def drawn(draw: np.random.Generator, units: int, alike: float, robots: float) -> dict[int, dict[str, Any]]:
    """Cohorts by first day; the tenth has so many robots beside its people. `alike` is the betas' a + b."""
    cohorts: dict[int, dict[str, Any]] = {}
    for number in range(COHORTS):
        buys, returns = (draw.beta(mean * alike, (1 - mean) * alike) for mean in (0.05, 0.2))
        bots = round(robots * units) if number == 10 else 0
        bought, back = draw.binomial(units, buys) + bots, draw.binomial(units, returns)
        cohorts[number * DAY] = {"units": units + bots, "converted": int(bought), "returned": {1: int(back)}}
    return cohorts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=2000)
    draws, draw = parser.parse_args().draws, np.random.default_rng(SEED)
    print("| people a cohort | rates of cohorts | robots beside them | another suspected | robots found |")
    print("|---|---|---|---|---|")
    for units in (60, 300, 3000):
        for name, alike in (("equal", 1e6), ("± 20 % and ± 10 %", 500.0), ("± 60 % and ± 30 %", 50.0)):
            for robots in (0.0, 0.1, 0.5, 1.5):
                found = [suspects(PARAMS, drawn(draw, units, alike, robots), WINDOW) for _ in range(draws)]
                false = np.mean([any(day != 10 * DAY for day in each) for each in found])
                right = f"{np.mean([10 * DAY in each for each in found]):.0%}" if robots else ""
                print(f"| {units:,} | {name} | {robots:.0%} | {false:.2%} | {right} |")


if __name__ == "__main__":
    main()
