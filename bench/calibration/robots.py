"""Precision and recall of each rule for robots: on a real log, and on simulated people and robots.

    python bench/calibration/robots.py ../shared/data      about twenty seconds on one core

The folder holds the access log and the COUNTER robots list; without one only the simulation is run.
"""

import json
import re
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor import config
from monitor.binding.sources import Sources
from monitor.store import open_store
from monitor.tick import tick

LINE = re.compile(r'^\s*(\S+) \S+ \S+ \[([^\]]+)\] "(.*?)" (\d+) (\S+) "(.*?)" "(.*)"$')
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


def measured(
    folder: Path, rows: pd.DataFrame, at: int, shown: pd.DataFrame | None = None, **check: Any
) -> Any:
    """The reading of a `bots` check over rows."""
    checks = {"c": {"kind": "bots", "dataset": "rows", "settle": "0s", **check}}
    return next(each.reading for each in told(folder, rows, at, shown, checks))


def told(
    folder: Path, rows: pd.DataFrame, at: int, shown: pd.DataFrame | None, checks: dict[str, Any]
) -> list[Any]:
    """The readings of checks over rows, in a store of their own."""
    rows.to_parquet(folder / "rows.parquet")
    datasets = {"rows": {"files": "rows.parquet", "time": "t", "lateness": "1m"}}
    if shown is not None:
        shown.to_parquet(folder / "shown.parquet")
        datasets["shown"] = {"files": "shown.parquet", "time": "t", "lateness": "1m"}
    file = folder / "weir.yaml"
    top = {"pipeline": "x", "owner": "y", "sources": {"here": {"engine": "duckdb"}}}
    file.write_text(json.dumps({**top, "datasets": datasets, "checks": checks}))
    loaded, store = config.load(file), open_store("sqlite://")
    with Sources(loaded) as sources:
        found = tick(loaded, store, sources, at)
    store.close()
    return found.readings


def excluded(folder: Path, rows: pd.DataFrame, at: int, shown: pd.DataFrame) -> None:
    """How many rows of each sort another check leaves out, by the conduct of their actors."""
    robots = {"kind": "bots", "dataset": "rows", "settle": "0s", "actor": "user", "session": "user"}
    robots |= {"exposures": "shown", "exposure_key": ["user", "item"]}
    volume = {"kind": "volume", "dataset": "rows", "window": "1d", "settle": "0s", "bots": "both"}
    # Sorts are texts: people's is not the missing one.
    named = rows.assign(sort=rows["sort"].replace("", "people"))
    checks = {"robots": robots | {"every": "1h"}, "c": volume | {"every": "1h", "bucket": "5m", "by": "sort"}}
    said = [each for each in told(folder, named, at, shown, checks) if each.check == "c"]
    print("| rows of | rows | left out |\n|---|---|---|")
    for each in said:
        kept, whole = each.reading.detail["without_bots"]["total"] or 0, each.reading.total
        print(f"| {each.segment.value or 'all'} | {whole:,} | {1 - kept / whole:.2%} |")


def table(said: Any) -> None:
    print("| rule | rows | precision | recall |\n|---|---|---|---|")
    for name, rule in sorted(said.detail["rules"].items()):
        print(f"| {name} | {rule['rows']:,} | {_show(rule['precision'])} | {_show(rule['recall'])} |")
    both = said.detail
    print(f"| all together | {both['bots']:,} | {_show(both['precision'])} | {_show(both['recall'])} |\n")


def _show(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def log(path: Path) -> pd.DataFrame:
    found = [
        match.groups() for match in map(LINE.match, path.read_text(errors="replace").splitlines()) if match
    ]
    frame = pd.DataFrame(found, columns=["client", "at", "request", "status", "size", "referrer", "agent"])
    frame["t"] = pd.to_datetime(frame.pop("at"), format="%d/%b/%Y:%H:%M:%S %z", utc=True)
    fetched = frame["request"].str.contains("/robots.txt", regex=False)
    return frame.assign(robot=frame["client"].isin(frame.loc[fetched, "client"]))


def crowd(seed: int = 11) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A day of 5,000 people in sessions, and of five sorts of robots; what was shown to whom."""
    draw, day = np.random.default_rng(seed), pd.Timestamp("2026-11-20", tz="UTC")
    parts: list[pd.DataFrame] = []

    def add(user: str, start: float, gaps: np.ndarray, robot: str, seen: bool = True) -> None:
        seconds = start + np.concatenate([[0.0], np.cumsum(gaps)])
        seconds = seconds[seconds < 86_399]
        parts.append(pd.DataFrame({"seconds": seconds, "user": user, "sort": robot, "seen": seen}))

    for person in range(5_000):
        for _ in range(draw.poisson(1.5) + 1):
            gaps = draw.lognormal(2.5, 1.3, draw.integers(0, 40))
            add(f"p{person}", draw.uniform(0, 80_000), gaps, "", seen=bool(draw.random() > 0.001))
    for n in range(40):
        start = draw.uniform(0, 40_000)
        add(f"fast{n}", start, draw.exponential(0.25, 600), "rate")
        add(f"even{n}", start, draw.normal(60, 3, 200).clip(1), "regular")
        add(f"twitch{n}", start, draw.exponential(0.05, 60), "dwell")
        add(f"blind{n}", start, draw.lognormal(3, 1.3, 30), "unexposed", seen=False)
        add(f"human{n}", start, draw.lognormal(2.5, 1.3, 60), "none of them")
    rows = pd.concat(parts, ignore_index=True)
    rows["t"] = day + pd.to_timedelta(rows["seconds"].round(3), unit="s")
    rows["item"] = [f"i{n}" for n in range(len(rows))]
    rows["robot"], rows["agent"] = rows["sort"] != "", BROWSER
    shown = rows.loc[rows["seen"] & (draw.random(len(rows)) > 0.02), ["t", "user", "item"]]
    shown = shown.assign(t=shown["t"] - pd.to_timedelta(draw.exponential(60, len(shown)), unit="s"))
    return rows.drop(columns=["seconds", "seen"]), shown


def real_log(folder: Path, data: Path) -> None:
    real = log(data / "web_access_log/apache_access.log")[["client", "t", "request", "agent", "robot"]]
    print("### A real access log: robots are who fetched robots.txt\n")
    check: dict[str, Any] = {"window": "5d", "agent": "agent", "actor": "client", "truth": "robot"}
    at = int(pd.Timestamp("2015-05-21T12:00Z").timestamp() * 1e6)
    counter = str((data / "bots/COUNTER_Robots_list.json").resolve())
    for lists in (["crawlers"], ["words"], [counter], ["crawlers", counter]):
        said = measured(folder, real, at, **check, lists=lists)
        names = " and ".join("COUNTER" if each == counter else each for each in lists)
        print(f"Agents by {names}: {said.value:.2%} of {said.total:,} rows are robots'.\n")
        table(said)


def main() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        if len(sys.argv) > 1:
            real_log(folder, Path(sys.argv[1]))
        rows, shown = crowd()
        print("### Simulated: 5,000 people, 40 robots of each sort\n")
        check = {"window": "1d", "agent": "agent", "actor": "user", "session": "user", "truth": "robot"}
        check |= {"exposures": "shown", "exposure_key": ["user", "item"]}
        at = int(pd.Timestamp("2026-11-21T00:00Z").timestamp() * 1e6)
        table(measured(folder, rows, at, shown, **check))
        print("### Left out of another check, by buckets of five minutes\n")
        excluded(folder, rows, at, shown)
        print()
        sizes = rows[rows["robot"]].groupby("sort").size()
        print("Rows of robots by sort: " + ", ".join(f"{name} {size:,}" for name, size in sizes.items()))


if __name__ == "__main__":
    main()
