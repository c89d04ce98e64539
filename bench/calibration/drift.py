"""How far `drift` is from zero where nothing drifts, and how often it alerts then; and whether it sees a
drift.

    python bench/calibration/drift.py          prints Markdown tables; about two minutes on one core

Users have tastes of their own, Dirichlet around common shares of ten bins, and twenty events each, so that
rows of a user resemble each other: an intra-user correlation of 1/(1 + 5) and a design effect of 4.2. The
window is one tile, the rolling baseline the forty before it. Seeded. Nothing here needs a database: sums are
drawn as a scan would give them, and read by the kind itself.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor.kinds import drift
from monitor.model import JOINT, Past, Sums, Window
from monitor.statistics.multiplicity import e_benjamini_hochberg, e_value

BINS, EVENTS, TILES = 10, 20, 40
SHARES = np.full(BINS, 0.1)
FROZEN = {"edges": [None]}
PLAIN = drift.Params.model_validate({"column": "x"})
UNITS = drift.Params.model_validate({"column": "x", "unit": "user"})
NULLS = ("rows", "units", "past windows", "units and past windows")


@dataclass(frozen=True)
class Setting:
    """Users of a tile (0: independent rows, `rows` of them), by day and by night."""

    name: str
    users: int
    rows: int = 0
    night: float = 1.0


SETTINGS = (
    Setting("2,000 independent rows", 0, 2000),
    Setting("100 users × 20", 100),
    Setting("20 users × 20", 20),
    Setting("1,000 users × 20", 1000),
    Setting("200 users × 20, by night 40", 200, night=0.2),
)


def tile(random: np.random.Generator, setting: Setting, at: int, shares: np.ndarray) -> Sums:
    """The sums of one tile; every second one is a night."""
    if not setting.users:
        counts = random.multinomial(setting.rows, shares)
        table = counts[None, :]
        slots = np.stack(
            [random.multinomial(count, np.full(drift.SLOTS, 1 / drift.SLOTS)) for count in counts], 1
        )
    else:
        users = int(setting.users * (setting.night if at % 2 else 1))
        tastes = random.dirichlet(shares * 5, users)
        table = random.multinomial(EVENTS, tastes)
        slots = np.zeros((drift.SLOTS, BINS))
        np.add.at(slots, random.integers(0, drift.SLOTS, users), table)
    keys = [f"{bin_:02}" for bin_ in range(BINS)]
    bins = dict(zip(keys, map(float, table.sum(axis=0)), strict=True))
    pairs = {
        f"{s}{JOINT}{k}": float(c) for s, row in enumerate(slots) for k, c in zip(keys, row, strict=True) if c
    }
    return {"total": sum(bins.values()), "bins0": bins, "sum0": 0.0, "squares0": 0.0, "slots0": pairs}


def added(parts: Sequence[Sums]) -> dict[str, Any]:
    from monitor.kinds._drift import added

    return dict(added(parts))


def readings(
    setting: Setting, repeats: int, seed: int, shares: np.ndarray = SHARES
) -> Iterator[dict[str, Any]]:
    """What the kind says by each of its nulls, for fresh draws of a window with `shares` and its baseline."""
    random = np.random.default_rng(seed)
    window = Window(TILES, TILES + 1)
    for repeat in range(repeats):
        past = [(Window(at, at + 1), tile(random, setting, at, SHARES)) for at in range(TILES)]
        now, whole = tile(random, setting, repeat, shares), [(Window(0, TILES), added([s for _, s in past]))]

        def read(params: drift.Params, windows: Sequence[tuple[Window, Sums]], now: Sums = now) -> Any:
            known = [(each, sums if params.unit else without_users(sums)) for each, sums in windows]
            current = now if params.unit else without_users(now)
            return drift.reading(params, current, Past(window, 0, FROZEN, known))

        each = (read(PLAIN, whole), read(UNITS, whole), read(PLAIN, past), read(UNITS, past))
        yield dict(zip(NULLS, each, strict=True))


def without_users(sums: Sums) -> Sums:
    return {name: value for name, value in sums.items() if name != "slots0"}


def nulls(repeats: int) -> None:
    print("| without drift | mean psi | no-drift level by | level | excess > 0.1 | p < .05 | p < .01 |")
    print("|---|---|---|---|---|---|---|")
    for seed, setting in enumerate(SETTINGS):
        found = list(readings(setting, repeats, seed))
        for name in NULLS:
            each = [reading[name] for reading in found]
            p = np.array([reading.detail["p_value"] for reading in each])
            level = np.mean([reading.detail["expected"] for reading in each])
            false = np.mean([reading.judged > 0.1 for reading in each])
            first = f"{setting.name} | {np.mean([r.value for r in each]):.4f}" if name == "rows" else " | "
            tails = " | ".join(f"{(p < size).mean():.1%}" for size in (0.05, 0.01))
            print(f"| {first} | {name} | {level:.4f} | {false:.1%} | {tails} |")


def power(repeats: int) -> None:
    print(
        "\n| drift, 100 users × 20 | true psi | mean psi | plain > 0.1 | excess > 0.1, units | past windows |"
    )
    print("|---|---|---|---|---|---|")
    for moved in (0.0, 0.03, 0.06, 0.09):
        shares = SHARES + np.repeat([moved, -moved], BINS // 2) * 0.8
        true = ((shares - SHARES) * np.log(shares / SHARES)).sum()
        found = list(readings(SETTINGS[1], repeats, 77, shares))
        plain = [each["rows"].value for each in found]
        over = [np.mean([each[name].judged > 0.1 for each in found]) for name in ("units", "past windows")]
        cells = " | ".join(f"{share:.1%}" for share in (np.mean(np.array(plain) > 0.1), *over))
        print(f"| {moved * 0.8:.1%} moved per bin | {true:.3f} | {np.mean(plain):.3f} | {cells} |")


def columns(repeats: int) -> None:
    """Fifty columns that share their users, so that their p-values depend on each other; ten drift."""
    random = np.random.default_rng(9)
    false, seen, plain = [], [], []
    for _ in range(repeats):
        common = random.normal()
        z = 0.7 * common + (1 - 0.49) ** 0.5 * random.normal(size=50) + np.repeat([5.0, 0.0], [10, 40])
        from scipy.special import ndtr

        p = ndtr(-z)
        named = e_benjamini_hochberg({str(i): e_value(each) for i, each in enumerate(p)})
        false.append(sum(int(name) >= 10 for name in named) / max(len(named), 1))
        seen.append(sum(int(name) < 10 for name in named) / 10)
        plain.append((p[10:] < 0.05).any())
    print("\n| fifty dependent columns, ten of them drift | |\n|---|---|")
    print(f"| a false one at p < .05 each | {np.mean(plain):.0%} of windows |")
    print(f"| false share of those named by e-BH at 5 % | {np.mean(false):.1%} |")
    print(f"| drifting ones named | {np.mean(seen):.0%} |")


if __name__ == "__main__":
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    nulls(many)
    power(many)
    columns(many * 5)
