"""Anomaly rules on the Numenta Anomaly Benchmark: labelled windows found, and false alarms raised.

    python -m bench.nab [FOLDER]

FOLDER holds `combined_windows.json` and the series as CSV files (timestamp, value) at any depth; those there
are of them are scored. Every rule has one setting for all series, sees only the past of each point, and is
silent on the first 15 % of a series (the benchmark's own probation).

A window is found when a point inside it alarms. Alarms less than six hours apart are one episode, and an
episode that touches no window is a false alarm. Points with the same stamp are averaged; gaps stay gaps.
"""

import csv
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from monitor.expect.anomaly import Rule, assess, fit
from monitor.model import DAY, HOUR, MINUTE, SECOND
from monitor.statistics.robust import mad

FOLDER = Path(__file__).parents[1] / "../shared/data/nab"
PROBATION = 0.15
EPISODE = 6 * HOUR
LEARNT = 56 * DAY
REFIT = DAY

Alarms = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Series:
    """Stamps in microseconds, ascending and unlike; values; labelled windows as (first, last) instants."""

    name: str
    times: np.ndarray[Any, np.dtype[np.int64]]
    values: np.ndarray[Any, np.dtype[np.float64]]
    windows: Sequence[tuple[int, int]]

    @property
    def begin(self) -> int:
        """The first point that may alarm."""
        return int(len(self.times) * PROBATION)


def micros(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


def load(folder: Path) -> list[Series]:
    """Every labelled series that lies in a folder."""
    labels = json.loads((folder / "combined_windows.json").read_text())
    files = {path.name: path for path in folder.rglob("*.csv")}
    there = [(name, files[Path(name).name]) for name in sorted(labels) if Path(name).name in files]
    return [series(name, path, labels[name]) for name, path in there]


def series(name: str, path: Path, labels: Sequence[Sequence[str]]) -> Series:
    with path.open() as file:
        rows = [(micros(row["timestamp"]), float(row["value"])) for row in csv.DictReader(file)]
    stamps, place = np.unique([at for at, _ in rows], return_inverse=True)
    values = np.bincount(place, [value for _, value in rows]) / np.bincount(place)
    begin = stamps[int(len(stamps) * PROBATION)]
    windows = [(micros(first), micros(last)) for first, last in labels]
    return Series(name, stamps, values, [each for each in windows if each[1] >= begin])


# Rules ------------------------------------------------------------------------------------------------------


def weir(each: Series, rule: Rule = Rule()) -> Alarms:  # noqa: B008 -- frozen
    """Weir's `anomaly`, learnt anew once a day; what it found anomalous, it leaves out."""
    alarms, model, learnt = np.zeros(len(each.times), bool), None, None
    rule = replace(rule, slot=slot(each))
    for now in range(each.begin, len(each.times)):
        at = int(each.times[now])
        if learnt is None or at - learnt >= REFIT:
            first = int(np.searchsorted(each.times, at - LEARNT))
            model = fit(each.times[first:now], each.values[first:now], alarms[first:now], rule)
            learnt = at
        verdict = assess(model, at, float(each.values[now])) if model else None
        alarms[now] = verdict is not None and verdict.anomalous
    return alarms


def slot(each: Series) -> int:
    """The shortest part of an hour, five minutes at least, that is no shorter than the usual step."""
    step = float(np.median(np.diff(each.times)))
    return next((each * MINUTE for each in (5, 10, 15, 20, 30) if each * MINUTE >= step), HOUR)


def static(each: Series, sigmas: float = 3) -> Alarms:
    """Further from the mean than so many standard deviations, both of the probation."""
    learnt = each.values[: each.begin]
    return _after(each, np.abs(each.values - learnt.mean()) > sigmas * learnt.std())


def growing(each: Series, sigmas: float = 3) -> Alarms:
    """The same with the mean and standard deviation of all points before."""
    count = np.arange(1, len(each.values) + 1)
    mean = np.cumsum(each.values) / count
    spread = np.sqrt(np.maximum(np.cumsum(each.values**2) / count - mean**2, 0))
    return _after(each, np.abs(each.values - np.roll(mean, 1)) > sigmas * np.roll(spread, 1))


def naive(each: Series, sigmas: float = 3, season: int = 7 * DAY) -> Alarms:
    """Change against the season before, further from its median than so many pooled MADs of the past, learnt
    anew once a day.

    The season is a day until there is a season of history; the value before is the nearest within an hour.
    """
    change = _change(each, season)
    change = np.where(np.isnan(change), _change(each, DAY), change)
    alarms, learnt, middle, reach = np.zeros(len(change), bool), -REFIT, 0.0, np.inf
    for now in range(each.begin, len(change)):
        if each.times[now] - learnt >= REFIT:
            learnt, past = int(each.times[now]), change[:now][np.isfinite(change[:now])]
            middle, reach = (float(np.median(past)), sigmas * mad(past)) if len(past) >= 24 else (0.0, np.inf)
        alarms[now] = abs(change[now] - middle) > reach
    return alarms


def _change(each: Series, season: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    wanted = each.times - season
    right = np.clip(np.searchsorted(each.times, wanted), 1, len(each.times) - 1)
    nearest = np.where(wanted - each.times[right - 1] <= each.times[right] - wanted, right - 1, right)
    near = np.abs(each.times[nearest] - wanted) <= HOUR
    return np.where(near, each.values - each.values[nearest], np.nan)


def _after(each: Series, alarms: Alarms) -> Alarms:
    return alarms & (np.arange(len(alarms)) >= each.begin)


# Scores -----------------------------------------------------------------------------------------------------


def score(each: Series, alarms: Alarms) -> tuple[int, int]:
    """How many windows were found, and how many episodes were false."""
    at = each.times[alarms]
    found = sum(bool(((at >= first) & (at <= last)).any()) for first, last in each.windows)
    if not len(at):
        return found, 0
    episodes = np.split(at, np.flatnonzero(np.diff(at) > EPISODE) + 1)
    touched = [any(e[-1] >= first and e[0] <= last for first, last in each.windows) for e in episodes]
    return found, touched.count(False)


RULES: dict[str, Callable[[Series], Alarms]] = {
    "**Weir `anomaly`, defaults**": weir,
    "static 3 sigma": static,
    "static 5 sigma": lambda each: static(each, 5),
    "3 sigma of all before": growing,
    "5 sigma of all before": lambda each: growing(each, 5),
    "seasonal naive, 3 pooled MAD": naive,
    "seasonal naive, 5 pooled MAD": lambda each: naive(each, 5),
    "seasonal naive, 10 pooled MAD": lambda each: naive(each, 10),
}


def main(folder: Path = FOLDER) -> None:
    """Print a table of all rules, and one of all series."""
    every = load(folder)
    windows = sum(len(each.windows) for each in every)
    scores = {name: [score(each, rule(each)) for each in every] for name, rule in RULES.items()}
    print(f"{len(every)} series, {windows} labelled windows after probation\n")
    print("| rule | windows found | false alarms | share of windows | share of alarms true | F1 |")
    print("|---|---|---|---|---|---|")
    for name, found in scores.items():
        hits, false = (sum(column) for column in zip(*found, strict=True))
        recall, precision = hits / max(windows, 1), hits / max(hits + false, 1)
        f1 = 2 * recall * precision / max(recall + precision, 1e-9)
        print(f"| {name} | {hits} | {false} | {recall:.0%} | {precision:.0%} | {f1:.2f} |")
    print("\n| series | windows | " + " | ".join(scores) + " |\n" + "|---" * (len(scores) + 2) + "|")
    for number, each in enumerate(every):
        cells = " | ".join(f"{found[number][0]} + {found[number][1]}" for found in scores.values())
        print(f"| {each.name} | {len(each.windows)} | {cells} |")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
