"""How often `compare` is wrong: coverage of its intervals, and false alarms when it is looked at hourly.

    python bench/calibration/compare.py          prints Markdown tables; about five minutes on one core

Users see 20 to 50 items each and have click rates of their own, so that rows of a user resemble each other.
All simulations are seeded. Nothing here needs a database: sums by slot are drawn as a scan would give them.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import log, sqrt
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor.statistics.comparison import Side, means, quantiles, share_inflation, shares
from monitor.statistics.proportions import ratio_interval, ratio_score, share_interval, two_sided
from monitor.statistics.sequential import boundary

SLOTS, Z = 50, two_sided(0.95)
HOURS = 28 * 24


@dataclass(frozen=True)
class Users:
    """Users of a side: how many, and their click rates, Beta with mean `rate` and so many pseudo-views."""

    one: int
    zero: int
    rate: float = 0.1
    spread: float = 4.0
    views: tuple[int, int] = (20, 51)
    effect: float = 1.0


def draw(random: np.random.Generator, users: int, rate: float, setting: Users) -> tuple[np.ndarray, ...]:
    """Slot, views and clicks of each user."""
    own = random.beta(rate * setting.spread, (1 - rate) * setting.spread, users)
    views = random.integers(*setting.views, users)
    return random.integers(0, SLOTS, users), views, random.binomial(views, own)


def side(slots: np.ndarray, views: np.ndarray, sums: np.ndarray) -> Side:
    return Side(
        np.bincount(slots, views, SLOTS), np.bincount(slots, sums, SLOTS), np.zeros(SLOTS), clustered=True
    )


def newcombe(good1: float, n1: float, good0: float, n0: float) -> tuple[float, float]:
    """Newcombe's interval of a difference of two shares of independent rows (1998, method 10)."""
    p1, p0 = good1 / n1, good0 / n0
    (l1, u1), (l0, u0) = share_interval(p1, n1, Z), share_interval(p0, n0, Z)
    return p1 - p0 - sqrt((p1 - l1) ** 2 + (u0 - p0) ** 2), p1 - p0 + sqrt((u1 - p1) ** 2 + (p0 - l0) ** 2)


def coverage(setting: Users, repeats: int, seed: int) -> tuple[float, float, float]:
    """How often 95 % intervals hold the truth: Newcombe by rows, Miettinen-Nurminen by rows, and by users."""
    random, hits = np.random.default_rng(seed), np.zeros(3)
    for _ in range(repeats):
        one = draw(random, setting.one, setting.rate * setting.effect, setting)
        zero = draw(random, setting.zero, setting.rate, setting)
        counts = one[2].sum(), one[1].sum(), zero[2].sum(), zero[1].sum()
        truth = setting.rate * (setting.effect - 1)
        by_rows, by_users = ratio_interval(*counts, Z), shares(side(*one), side(*zero)).at(0.95)
        low, high = newcombe(*counts)
        hits += (
            low <= truth <= high,
            by_rows[0] <= setting.effect <= by_rows[1],
            by_users[0] <= setting.effect - 1 <= by_users[1],
        )
    return tuple(hits / repeats)


SETTINGS = {
    "800 users, equal": Users(400, 400),
    "4,000 users, equal": Users(2000, 2000),
    "4,000 users, 9 to 1": Users(400, 3600),
    "4,000 users, 9 to 1, 20 % better": Users(400, 3600, effect=1.2),
    "4,000 users of very different rates": Users(2000, 2000, spread=1.0),
    "rare: 0.5 %, 4,000 users": Users(2000, 2000, rate=0.005, spread=50.0),
    "rare: 0.5 %, 9 to 1": Users(400, 3600, rate=0.005, spread=50.0),
    "one view a user": Users(4000, 4000, views=(1, 2)),
    "100 users": Users(50, 50),
}


def print_coverage(repeats: int) -> None:
    print("| users with 20 to 50 views | Newcombe, rows | Miettinen–Nurminen, rows | by users (Weir) |")
    print("|---|---|---|---|")
    for number, (name, setting) in enumerate(SETTINGS.items()):
        found = coverage(setting, repeats, number)
        print(f"| {name} | " + " | ".join(f"{each:.1%}" for each in found) + " |")


def print_others(repeats: int) -> None:
    """Means and percentiles of clustered users; the truth is no difference."""
    random, hits = np.random.default_rng(77), np.zeros(4)
    for _ in range(repeats):
        sides, plain, histograms, spreads = [], [], [], []
        for users in (300, 1200):
            level = random.normal(0, 0.6, users)
            views = random.integers(20, 51, users)
            value = np.exp(np.repeat(level, views) + random.normal(0, 0.8, int(views.sum())))
            slots = np.repeat(random.integers(0, SLOTS, users), views)
            sums = np.bincount(slots, value, SLOTS)
            sides.append(Side(np.bincount(slots, minlength=SLOTS).astype(float), sums, np.zeros(SLOTS), True))
            totals = [np.array([float(x)]) for x in (len(value), value.sum(), (value**2).sum())]
            plain.append(Side(totals[0], totals[1], totals[2], False))
            keys, counts = np.unique(np.ceil(np.log(value * 1e5) / log(1.02)).astype(int), return_counts=True)
            histograms.append(dict(zip(keys.tolist(), counts.tolist(), strict=True)))
            beyond = np.bincount(slots // 2, value > 4.0, 25)
            spreads.append(share_inflation(beyond, np.bincount(slots // 2, minlength=25).astype(float)))
        effects = (
            means(*plain),
            means(*sides),
            quantiles(histograms[0], histograms[1], 0.95),
            quantiles(histograms[0], histograms[1], 0.95, (spreads[0], spreads[1]), 24),
        )
        ends = [effect.at(0.95) for effect in effects]
        hits += [low <= 0 <= high for low, high in ends]
    names = ("mean, rows (Fieller)", "mean, by users", "p95, rows (Woodruff)", "p95, by users")
    print("| " + " | ".join(names) + " |\n|---|---|---|---|")
    print("| " + " | ".join(f"{each:.1%}" for each in hits / repeats) + " |")


@dataclass(frozen=True)
class Looks:
    """An experiment looked at hourly. `stay`: a user comes back all month, else within a day."""

    one: int
    zero: int
    stay: bool
    effect: float = 1.0
    rate: float = 0.1
    spread: float = 4.0


def cumulated(random: np.random.Generator, looks: Looks) -> Iterator[tuple[Side, Side]]:
    """Both sides' sums by slot, from the start to the end of each hour and of the day before it."""
    paths = []
    for users, rate in ((looks.one, looks.rate * looks.effect), (looks.zero, looks.rate)):
        own = random.beta(rate * looks.spread, (1 - rate) * looks.spread, users)
        views = random.integers(20, 51, users)
        who = np.repeat(np.arange(users), views)
        if looks.stay:
            hour = random.integers(0, HOURS, len(who))
        else:
            hour = np.minimum(
                random.integers(0, HOURS, users)[who] + random.integers(0, 24, len(who)), HOURS - 1
            )
        cell = hour * SLOTS + random.integers(0, SLOTS, users)[who]
        click = random.random(len(who)) < own[who]
        tables = [np.bincount(cell, weights, HOURS * SLOTS) for weights in (None, click)]
        paths.append([np.cumsum(table.reshape(HOURS, SLOTS), axis=0) for table in tables])
    nothing = np.zeros(SLOTS)
    for hour in range(HOURS):
        yield tuple(Side(rows[hour] * 1.0, clicks[hour], nothing, True) for rows, clicks in paths)


def day(now: Side, before: Side) -> Side:
    return Side(now.rows - before.rows, now.sums - before.sums, now.squares, True)


Alarm = Callable[[Side, Side], bool]


def by_rows(one: Side, zero: Side) -> bool:
    score = ratio_score(one.sums.sum(), one.n, zero.sums.sum(), zero.n, 1.0)
    return abs(score) > Z


def by_users(one: Side, zero: Side) -> bool:
    try:
        return abs(shares(one, zero).score(0.0)) > Z
    except ValueError:
        return False


def always(one: Side, zero: Side) -> bool:
    try:
        effect = shares(one, zero)
    except ValueError:
        return False
    return abs(effect.score(0.0)) > boundary(effect.information, 0.05)


def first_alarms(random: np.random.Generator, looks: Looks) -> list[int | None]:
    """The hour of the first alarm of each way to look: rows, users and a day's users naively; always."""
    found: list[int | None] = [None] * 4
    history: list[tuple[Side, Side]] = []
    for hour, (one, zero) in enumerate(cumulated(random, looks)):
        history.append((one, zero))
        if not (one.n and zero.n and one.sums.sum() + zero.sums.sum()):
            continue
        asked: list[tuple[Alarm, Side, Side]] = [(by_rows, one, zero), (by_users, one, zero)]
        asked.append(
            (by_users, one, zero) if hour < 24 else (by_users, *map(day, (one, zero), history[hour - 24]))
        )
        asked.append((always, one, zero))
        for place, (alarm, a, b) in enumerate(asked):
            if found[place] is None and alarm(a, b):
                found[place] = hour
    return found


EXPERIMENTS = {
    "users stay, 1,000 and 1,000": Looks(1000, 1000, stay=True),
    "users stay, 200 and 1,800": Looks(200, 1800, stay=True),
    "users of a day, 1,000 and 1,000": Looks(1000, 1000, stay=False),
    "users of a day, 200 and 1,800": Looks(200, 1800, stay=False),
    "20 % worse, users of a day, 1,000 and 1,000": Looks(1000, 1000, stay=False, effect=0.8),
    "20 % worse, users of a day, 10,000 and 10,000": Looks(10_000, 10_000, stay=False, effect=0.8),
    "clicks of 0.5 %, users of a day, 200 and 1,800": Looks(200, 1800, stay=False, rate=0.005, spread=50.0),
}


def print_looks(repeats: int) -> None:
    ways = "rows, each look | users, each look | users of 24 h | confidence sequence (Weir)"
    print(f"| 672 hourly looks, α = 5 % | {ways} |")
    print("|---|---|---|---|---|")
    for number, (name, looks) in enumerate(EXPERIMENTS.items()):
        random = np.random.default_rng(100 + number)
        runs = repeats if looks.one < 5000 else max(repeats // 10, 10)
        alarms = [first_alarms(random, looks) for _ in range(runs)]
        cells = []
        for place in range(4):
            hours = [each[place] for each in alarms if each[place] is not None]
            cell = f"{len(hours) / runs:.1%}"
            cells.append(
                cell + (f" (median day {np.median(hours) / 24:.1f})" if hours and looks.effect != 1 else "")
            )
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def print_purchases(repeats: int) -> None:
    """Means of what users pay: 5 % buy, log-normally, one visit each; 300 against 2,700 and 1,500 each."""
    ways = "users, each look | sequence by the sides' variances | by the pooled one where larger (Weir)"
    print(f"| 672 hourly looks at means, α = 5 % | {ways} |")
    print("|---|---|---|---|")
    random = np.random.default_rng(6)
    for users in ((1500, 1500), (300, 2700)):
        alarms = np.zeros(3)
        for _ in range(repeats):
            paths = [_purchases(random, count) for count in users]
            ever = np.zeros(3, dtype=bool)
            for hour in range(HOURS):
                one, zero = (Side(rows[hour], paid[hour], np.zeros(SLOTS), True) for rows, paid in paths)
                if one.n and zero.n and zero.sums.sum() > 0:
                    effect = means(one, zero)
                    plain = replace(effect, caution=1.0).always_p(0.0, 0.95)
                    ever |= (abs(effect.score(0.0)) > Z, plain < 0.05, effect.always_p(0.0, 0.95) < 0.05)
            alarms += ever
        shown = " | ".join(f"{each:.1%}" for each in alarms / repeats)
        print(f"| {users[0]:,} and {users[1]:,} users | {shown} |", flush=True)


def _purchases(random: np.random.Generator, users: int) -> list[np.ndarray]:
    paid = np.where(random.random(users) < 0.05, random.lognormal(3, 1.2, users), 0.0)
    cell = random.integers(0, HOURS, users) * SLOTS + random.integers(0, SLOTS, users)
    tables = [np.bincount(cell, weights, HOURS * SLOTS) for weights in (np.ones(users), paid)]
    return [np.cumsum(table.reshape(HOURS, SLOTS), axis=0) for table in tables]


def print_highest(repeats: int) -> None:
    """Groups alike, the highest of them chosen by the data: how often the rule of four fifths is broken."""
    print("| groups alike, by size | lowest under 4/5 of the highest | warns | fails |\n|---|---|---|---|")
    random = np.random.default_rng(9)
    for groups, size in ((4, 200), (8, 200), (8, 1000)):
        found = np.zeros(3)
        pairs = groups * (groups - 1) / 2
        for _ in range(repeats):
            good = random.binomial(size, 0.3, groups)
            top = int(good.max())
            zero = Side(np.array([float(size)]), np.array([float(top)]), np.zeros(1), False)
            results = []
            for count in good[good < top]:
                one = Side(np.array([float(size)]), np.array([float(count)]), np.zeros(1), False)
                high = shares(one, zero).at(1 - 0.05 / pairs)[1]
                results.append((count < 0.8 * top, count < 0.8 * top and high < 0, high < -0.2))
            found += np.any(results, axis=0) if results else 0
        print(f"| {groups} × {size} | " + " | ".join(f"{each:.1%}" for each in found / repeats) + " |")


if __name__ == "__main__":
    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    print("### Coverage of 95 % intervals at one look\n")
    print_coverage(int(2000 * scale))
    print("\n### Means and percentiles, 300 users against 1,200, no difference\n")
    print_others(int(1000 * scale))
    print("\n### Ever an alarm in 28 days\n")
    print_looks(int(400 * scale))
    print()
    print_purchases(int(400 * scale))
    print("\n### Four fifths of the highest\n")
    print_highest(int(2000 * scale))
