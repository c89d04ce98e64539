"""Ticks every five minutes, by hand and by Weir in turn, in one warm process; both store what they find.

    python bench/ticks.py --data DIR --ticks 12

The lake grows by five minutes before each pair (hard links to the day's files), so that nobody sees the
future. Prints one JSON object: seconds by the clock and of processor of every tick of each side, without the
first two, and the median ratio of the pairs.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import handwritten
import numpy as np

SIDES = ("handwritten", "weir")


def grow(day: Path, lake: Path, until: int) -> None:
    """Link every file of the day that ends at or before `until`, in microseconds."""
    midnight = handwritten.midnight_of(day)
    lake.mkdir(exist_ok=True)
    if not (lake / "day.json").exists():
        (lake / "day.json").write_text((day / "day.json").read_text())
    for slot, name in enumerate(sorted(path.name for path in (day / "events").glob("*/*.parquet"))):
        if midnight + (slot + 1) * handwritten.SLOT > until:
            break
        for dataset in ("events", "exposures"):
            source = next((day / dataset).glob(f"*/{name}"))
            target = lake / dataset / source.parent.name / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                os.link(source, target)


def by_hand(lake: Path, store: Path) -> Callable[[int], object]:
    """A tick by the hand-written SQL."""
    opened = handwritten.open_lake(lake, "800MB")

    def tick(at: int) -> None:
        handwritten.save(handwritten.tick(opened, at, handwritten.KEYS_64), store)

    return tick


def by_weir(lake: Path, store: Path) -> Callable[[int], object]:
    """A tick by Weir, as `weir serve` runs it: sources and store stay open."""
    from monitor import config
    from monitor.binding.sources import Sources
    from monitor.store import open_store
    from monitor.tick import tick

    os.environ |= {
        "WEIR_BENCH_DATA": str(lake),
        "WEIR_BENCH_STORE": str(store),
        "WEIR_BENCH_WINDOW": "1h",
    }
    loaded = config.load(Path(__file__).parent / "weir")
    opened, sources = open_store(loaded.store), Sources(loaded)

    def one(at: int) -> None:
        ticked = tick(loaded, opened, sources, at)
        if ticked.errors:
            raise RuntimeError(f"{len(ticked.errors)} checks could not be measured: {ticked.errors}")

    return one


def measure(data: Path, ticks: int, folder: Path) -> dict[str, dict[str, list[float]]]:
    """Alternate the sides, and who goes first."""
    lake = folder / "lake"
    start = handwritten.midnight_of(data) + 12 * handwritten.HOUR
    grow(data, lake, start)
    sides = dict(
        zip(SIDES, (by_hand(lake, folder / "hand.db"), by_weir(lake, folder / "weir.db")), strict=True)
    )
    spent: dict[str, dict[str, list[float]]] = {name: {"wall": [], "cpu": []} for name in SIDES}
    for number in range(ticks + 2):
        at = start + number * handwritten.SLOT
        grow(data, lake, at)
        for name in SIDES if number % 2 else SIDES[::-1]:
            wall, cpu = time.perf_counter(), time.process_time()
            sides[name](at)
            spent[name]["wall"].append(time.perf_counter() - wall)
            spent[name]["cpu"].append(time.process_time() - cpu)
    return {name: {of: values[2:] for of, values in each.items()} for name, each in spent.items()}


def main() -> None:
    """Read the command line and print what the ticks cost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ticks", type=int, default=12)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(
        dir=options.data.parent
    ) as folder:  # hard links need the same file system
        spent = measure(options.data, options.ticks, Path(folder))
    ratios = np.divide(*(spent[name]["wall"] for name in SIDES[::-1]))
    print(json.dumps(spent | {"ratio": float(np.median(ratios))}))


if __name__ == "__main__":
    main()
