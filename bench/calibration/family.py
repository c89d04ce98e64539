"""Many checks, many looks: how many alarms are false, and what is found, under several rules.

    python bench/calibration/family.py [months]      prints Markdown tables; about half a minute a month

A pipeline of 76 checks that test, looked at every hour for 28 days: 44 drifts (psi of 100 users × 20 events,
design effect 4.2), 24 comparisons without `since` (400 users a side and hour, each with a click rate of its
own), 8 splits (500 units an hour). Four columns drift for two days (psi .25), two candidates lose 20 % for
three, one split goes to 46 : 54. Then comparisons alone, for longer. Seeded; no database.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import gammaincc, ndtr, ndtri, stdtr

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor.judging.discovery import LEVEL
from monitor.statistics.multiplicity import e_value
from monitor.statistics.sequential import CLEAR, multinomial_e, one_sided_e

HOURS, BINS, USERS, SLOTS = 28 * 24, 10, 100, 50
DRIFTS, PAIRS, SPLITS = 44, 24, 8
CHECKS = DRIFTS + PAIRS + SPLITS
REACH = 100
Floats = np.ndarray
Stretch = tuple[int, int]


def drift(random: np.random.Generator, true: Stretch | None) -> tuple[Floats, Floats]:
    """p-values and excess of psi, hour by hour, against a week of hours."""
    shares = np.full((HOURS, BINS), 0.1)
    if true:
        shares[slice(*true)] += np.repeat([0.048, -0.048], BINS // 2)
    tastes = random.gamma(np.broadcast_to(shares[:, None, :] * 5, (HOURS, USERS, BINS)))
    counts = random.multinomial(20, tastes / tastes.sum(-1, keepdims=True))
    slots = np.zeros((HOURS, 30, BINS))
    np.add.at(slots, (np.arange(HOURS)[:, None], random.integers(0, 30, (HOURS, USERS))), counts)
    n, baseline = 20.0 * USERS, 20.0 * USERS * 168
    total = counts.sum(1)
    share = total / n
    rests = slots - slots.sum(-1, keepdims=True) * share[:, None, :]
    effect = np.maximum(1, n / 9 * (30 / 29 * (rests**2).sum(1) / n**2 / np.maximum(share, 1e-9)).sum(-1))
    before = 0.1 + random.normal(0, np.sqrt(0.09 * 4.2 / baseline), (HOURS, BINS))
    before /= before.sum(1, keepdims=True)
    now = (total + 0.5) / (n + 5)
    psi, noise = ((now - before) * np.log(now / before)).sum(1), effect * (1 / n + 1 / baseline)
    return gammaincc(9 / 2, psi / noise / 2), psi - 9 * noise


def compared(random: np.random.Generator, true: Stretch | None, users: int = 400, loss: float = 0.2):
    """Scores by which the candidate is better, their information, and relative differences, by hour."""
    sides = []
    for candidate in (False, True):
        rate = np.full((HOURS, 1), 0.1)
        if candidate and true:
            rate[slice(*true)] *= 1 - loss
        views = random.integers(20, 51, (HOURS, users))
        clicks = random.binomial(views, random.beta(rate * 4, (1 - rate) * 4, (HOURS, users)))
        cell = random.integers(0, SLOTS, (HOURS, users)) + np.arange(HOURS)[:, None] * SLOTS
        tables = [np.bincount(cell.ravel(), each.ravel(), HOURS * SLOTS) for each in (views, clicks)]
        sides.append([table.reshape(HOURS, SLOTS) for table in tables])
    shares, variance = [], np.zeros(HOURS)
    for rows, good in sides:
        share = good.sum(1) / rows.sum(1)
        rest = good - rows * share[:, None]
        variance += SLOTS / (SLOTS - 1) * (rest**2).sum(1) / rows.sum(1) ** 2
        shares.append(share)
    t = (shares[1] - shares[0]) / np.sqrt(variance)
    score = -np.sign(t) * ndtri(stdtr(2 * (SLOTS - 1), -np.abs(t)))
    pooled = sum(good.sum(1) for _, good in sides) / sum(rows.sum(1) for rows, _ in sides)
    return score, pooled**2 / variance, shares[1] / shares[0] - 1


def detected(score: Floats, information: Floats, needed: float) -> tuple[Floats, Floats]:
    """Evidence (ln) and alarms of `sequential.detect` at every hour of a loss, in one pass."""
    walk = np.cumsum(np.r_[0.0, -score * np.sqrt(information)])
    clock = np.cumsum(np.r_[0.0, information])
    evidence, alarms = np.full(HOURS, -np.inf), np.zeros(HOURS, bool)
    begun, width, alarm = 0, 0, False
    for end in range(1, HOURS + 1):
        begun = max(begun, end - REACH)
        first = max(end - width, 0)
        if alarm and walk[end] - walk[first] < -CLEAR * np.sqrt(clock[end] - clock[first]):
            alarm, begun = False, end
        each = one_sided_e(walk[end] - walk[begun:end], clock[end] - clock[begun:end])
        evidence[end - 1] = np.logaddexp.reduce(each) if len(each) else -np.inf
        if len(each) and not alarm:
            alarm, width = evidence[end - 1] >= np.log(needed), end - begun - int(each.argmax())
        alarms[end - 1] = alarm
    return evidence, alarms


@dataclass(frozen=True)
class Month:
    """By check and hour: p-values, e-values of one look, evidence as Weir has it, effects that matter."""

    p: Floats
    one_look: Floats
    evidence: Floats
    matters: Floats
    true: Mapping[int, Stretch]


def e_values(p: Floats) -> Floats:
    return np.vectorize(e_value)(np.maximum(p, 1e-300))


def month(seed: int) -> Month:
    random = np.random.default_rng(seed)

    def stretch(length: int) -> Stretch:
        start = int(random.integers(96, 500))
        return start, min(HOURS, start + length)

    true = {check: stretch(48) for check in range(4)}
    true |= {DRIFTS + check: stretch(72) for check in range(2)} | {DRIFTS + PAIRS: stretch(HOURS)}
    drifts = [drift(random, true.get(check)) for check in range(DRIFTS)]
    pairs = [compared(random, true.get(DRIFTS + check)) for check in range(PAIRS)]
    found = [detected(score, information, HOURS / LEVEL) for score, information, _ in pairs]
    splits = [_split(random, true.get(DRIFTS + PAIRS + check)) for check in range(SPLITS)]
    p = np.array([each[0] for each in drifts] + [ndtr(each[0]) for each in pairs] + [p for p, _ in splits])
    process = np.exp(np.minimum([e for _, e in splits], 600))
    looks = e_values(p)
    looks[DRIFTS + PAIRS :] = process
    evidence = looks.copy()
    evidence[DRIFTS : DRIFTS + PAIRS] = np.exp(np.minimum([each[0] for each in found], 600))
    matters = [each[1] > 0.1 for each in drifts] + [each[1] for each in found] + [p < 0.01 for p, _ in splits]
    return Month(p, looks, evidence, np.array(matters), true)


def _split(random: np.random.Generator, true: Stretch | None) -> tuple[Floats, Floats]:
    share = np.full(HOURS, 0.5)
    if true:
        share[true[0] :] = 0.46
    units = random.poisson(500, HOURS)
    one = random.binomial(units, share)
    path = multinomial_e(np.cumsum(np.stack([one, units - one], 1), 0), [0.5, 0.5])
    return np.exp(-np.maximum.accumulate(np.maximum(path, 0))), path


# Rules ------------------------------------------------------------------------------------------------------


def stepped(ranked_enough: Floats) -> Floats:
    """The largest k of each hour for which the k-th is enough; 0 of none."""
    return np.where(ranked_enough.any(0), CHECKS - np.argmax(ranked_enough[::-1], 0), 0)


def benjamini_hochberg(p: Floats) -> Floats:
    k = stepped(np.sort(p, 0) <= LEVEL * np.arange(1, CHECKS + 1)[:, None] / CHECKS)
    return p <= np.where(k > 0, LEVEL * k / CHECKS, -1)


def e_bh(e: Floats) -> Floats:
    k = stepped(-np.sort(-e, 0) * np.arange(1, CHECKS + 1)[:, None] * LEVEL >= CHECKS)
    return e >= np.where(k > 0, CHECKS / (LEVEL * np.maximum(k, 1)), np.inf)


def over_time(e: Floats, matters: Floats, batch: bool) -> Floats:
    """e-LOND over all looks of 28 days; with `batch`, e-BH within each hour on top of it."""
    looks = np.r_[np.full(DRIFTS + PAIRS, HOURS), np.ones(SPLITS)]
    share = np.where(matters, e, 0) * LEVEL / (CHECKS * looks[:, None])
    alarms, last, begun = np.zeros(e.shape, bool), np.full(CHECKS, -99), 0
    for hour in range(HOURS):
        on = hour - last <= 24
        new = np.sort(share[~on, hour])[::-1]
        together = max((k for k, each in enumerate(new, 1) if each * (begun + k) >= 1), default=1)
        alarms[:, hour] = share[:, hour] * (begun + (together if batch else 1)) >= 1
        begun += int((alarms[:, hour] & ~on).sum())
        last[alarms[:, hour]] = hour
    return alarms


def lord(p: Floats) -> Floats:
    """LORD++ over all looks in order (Ramdas and others 2017), with Javanmard and Montanari's weights."""
    series, count = p.T.ravel(), p.size
    j = np.arange(1, count + 1)
    weights = np.log(np.maximum(j, 2)) / (j * np.exp(np.sqrt(np.log(j))))
    weights /= weights.sum()
    found: list[int] = []
    for at in range(count):
        level = LEVEL / 2 * weights[at]
        if found:
            ago = at - np.array(found)
            level += LEVEL / 2 * weights[ago[0] - 1] + LEVEL * weights[ago[1:] - 1].sum()
        if series[at] <= level:
            found.append(at)
    alarms = np.zeros(count, bool)
    alarms[found] = True
    return alarms.reshape(HOURS, CHECKS).T


def rules(month: Month) -> dict[str, Floats]:
    always = np.ones_like(month.matters)
    single = np.vstack([month.matters[:DRIFTS], month.p[DRIFTS : DRIFTS + PAIRS] < 0.025])
    return {
        "each p < .01": month.p < 0.01,
        "Benjamini–Hochberg of each hour": benjamini_hochberg(month.p),
        "LORD++ over all looks": lord(month.p),
        "bounds, 95 % at each look, splits at .001": np.vstack([single, month.p[DRIFTS + PAIRS :] < 0.001]),
        "e-BH of each hour, one look": e_bh(month.one_look),
        "e-LOND, one look": over_time(month.one_look, always, batch=False),
        "bounds, detectors, splits at .001": np.vstack(
            [month.matters[: DRIFTS + PAIRS], month.p[DRIFTS + PAIRS :] < 0.001]
        ),
        "the same, then e-LOND (Weir)": over_time(month.evidence, month.matters, batch=False),
        "the same, then e-LOND with e-BH of each hour": over_time(month.evidence, month.matters, batch=True),
    }


def score(alarms: Floats, true: Mapping[int, Stretch]) -> tuple[int, list[int]]:
    """False episodes, apart by a day of silence, and the hours until each true change was found."""
    false, delays = 0, []
    for check, row in enumerate(alarms):
        hours = np.flatnonzero(row)
        starts = hours[np.diff(hours, prepend=-99) > 24]
        first, end = true.get(check, (0, -24))
        false += int(((starts < first) | (starts >= end + 24)).sum())
        inside = hours[(hours >= first) & (hours < end)]
        delays += [int(inside[0]) - first + 1] if len(inside) else []
    return false, delays


def family(months: int) -> None:
    found: dict[str, list[tuple[int, list[int]]]] = {}
    wanted = 0
    for seed in range(months):
        made = month(seed)
        wanted += len(made.true)
        for name, alarms in rules(made).items():
            found.setdefault(name, []).append(score(alarms, made.true))
    print(
        "| 76 checks, 672 looks | false alarms in 28 days | share of alarms | found | hours (median, p90) |"
    )
    print("|---|---|---|---|---|")
    for name, each in found.items():
        delays = [delay for _, some in each for delay in some]
        false = [count for count, _ in each]
        share = np.mean([count / max(count + len(some), 1) for count, some in each])
        late = f"{np.median(delays):.0f}, {np.quantile(delays, 0.9):.0f}"
        print(f"| {name} | {np.mean(false):.1f} | {share:.0%} | {len(delays)} of {wanted} | {late} |")


# Comparisons without an end ---------------------------------------------------------------------------------


def endless(months: int) -> None:
    """One comparison by the hour: alarms a year while nothing is lost, the hours until a loss is found."""
    print(
        "\n| users a side and hour | loss | rule | alarms a year | found in 10 days | hours (median, p90) |"
    )
    print("|---|---|---|---|---|---|")
    for users in (100, 400, 2000):
        for loss in (0.1, 0.2):
            found: dict[str, list[tuple[int, list[int]]]] = {}
            for seed in range(months):
                true = (400, 640)
                numbers = compared(np.random.default_rng([users, seed]), true, users, loss)
                detector = detected(numbers[0], numbers[1], HOURS / LEVEL)[1]
                day = np.array([numbers[0][max(0, h - 23) : h + 1].sum() for h in range(HOURS)])
                ways = {
                    "each hour, 95 %": numbers[0] < ndtri(0.025),
                    "each day so far, 95 %": day / np.sqrt(np.minimum(np.arange(HOURS) + 1, 24))
                    < ndtri(0.025),
                    "hour at the detector's level": ndtr(numbers[0]) < LEVEL / HOURS,
                    "detector (Weir)": detector,
                }
                for name, alarms in ways.items():
                    alarms = alarms.copy()
                    alarms[true[1] :] = False
                    found.setdefault(name, []).append(score(alarms[None, :], {0: true}))
            for name, each in found.items():
                delays = [delay for _, some in each for delay in some]
                false = np.mean([count for count, _ in each]) * 365 * 24 / 400
                late = f"{np.median(delays):.0f}, {np.quantile(delays, 0.9):.0f}" if delays else ""
                print(
                    f"| {users} | {loss:.0%} | {name} | {false:.1f} | {len(delays) / months:.0%} | {late} |"
                )


if __name__ == "__main__":
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    print("### Many checks, many looks\n")
    family(many)
    print("\n### Comparisons without an end\n")
    endless(many * 2)
