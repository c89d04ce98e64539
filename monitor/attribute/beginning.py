"""When a check's trouble began: by its rollups where they count rows, else by its first bad reading."""

from collections.abc import Sequence
from math import log
from typing import Any

from monitor import store
from monitor.alerting.onset import LEAST, began
from monitor.attribute.mix import as_counts, risen
from monitor.attribute.troubles import BAD
from monitor.model import DAY, HOUR, MINUTE, Outcome, Sums, Window, merge_two
from monitor.objectives.onset import onset
from monitor.slo.burn import rows_of
from monitor.store import Definition, Store, Stored, readings

PAST = 2 * DAY
"""How far back readings are looked at."""

LOOK = 6 * HOUR
"""How far back rollups are."""

PIECES = 24
"""In how many pieces what is usual is told from the past: the median of their shares."""

EARLIER = 30 * MINUTE
"""How much before its likeliest beginning a trouble is looked for in bursts."""

SURE = 8.0
"""The logarithm of how much likelier another share must be where it is less than half as much again."""

Bucket = tuple[int, int, Sums]


def young(definition: Definition, window: Window) -> bool:
    """Whether the rollups reach back too little to tell when a trouble began."""
    return definition.since is None or definition.since > min(window.end - HOUR, window.start)


def beginning(
    config: Any,
    store_: Store,
    definition: Definition,
    check: Any,
    window: Window,
    counted: Sequence[Bucket] = (),
) -> int:
    """The start of the bucket with which the trouble of a `window` most likely began, in microseconds.

    `counted` are buckets where the rollups reach back too little.
    """
    found = None
    if counted:
        found = _counted(check, counted)
        found = _earlier(check, counted, found)
    elif check.slo is not None:
        found = onset(config, store_, check, window.end)
        if found is not None and definition.bucket:
            stretch = Window(found - EARLIER, window.end)
            found = _earlier(check, store.buckets(store_, definition, stretch), found)
    elif definition.bucket:
        long = max(LOOK, 12 * check.window)
        buckets = store.buckets(store_, definition, Window(window.end - long, window.end))
        found = _by_rollups(_shares(check, buckets, window), check.window)
    if found is None:
        found = _by_readings(readings.history(store_, definition.check_id, window.end - PAST), window)
    return min(found, window.end - max(definition.bucket, 1))


def _earlier(check: Any, buckets: Sequence[Bucket], found: int | None) -> int | None:
    """Some buckets before, where more was bad than is allowed: a segment that is broken comes in bursts.

    As long as an eighth of the share since is likelier there than what is allowed (Page 1954, a cumulative
    sum).
    """
    if found is None or check.slo is None or check.slo.budgeting == "timeslices":
        return found
    usual = max(1 - check.slo.objective, 1e-6)
    since = _share([each for each in buckets if each[0] >= found and "total" in each[2]])
    worse = max((since or 0.0) / 8, 2 * usual)
    if (since or 0.0) < 4 * usual:
        return found
    best, sum_, first = 0.0, 0.0, found
    for start, _, sums in reversed([each for each in buckets if found - EARLIER <= each[0] < first]):
        sum_ += _bad((0, 0, sums)) * log(worse / usual) - (sums.get("total") or 0) * (worse - usual)
        if sum_ > best:
            best, found = sum_, start
    return found


def _shares(check: Any, buckets: Sequence[Bucket], window: Window) -> Sequence[Bucket]:
    """Of a drift, rows in bins that have more of them in the window than before it, as bad ones."""
    if check.kind != "drift":
        return buckets
    before, since = ([each for each in buckets if (each[0] < window.start) == old] for old in (True, False))
    place, bins = risen(*(_together(each) for each in (before, since)))
    return [(start, width, as_counts(sums, place, bins)) for start, width, sums in buckets] if bins else []


def _together(buckets: Sequence[Bucket]) -> Sums:
    found: dict[str, Any] = {}
    for _, _, sums in buckets:
        for name, each in sums.items():
            if name.startswith("bins"):
                found[name] = merge_two("keyed", found.get(name), each)
    return found


def _counted(check: Any, buckets: Sequence[Bucket]) -> int | None:
    """As `objectives.onset` has it of rollups, where there is an objective of rows."""
    slo = check.slo
    rows = rows_of(check)[0] if slo is not None and slo.budgeting != "timeslices" else ()
    if slo is None or not rows:
        window = Window(
            max(0, buckets[-1][0] + buckets[-1][1] - check.window), buckets[-1][0] + buckets[-1][1]
        )
        return _by_rollups(_shares(check, buckets, window), check.window)
    return began(buckets, 1 - slo.objective, min(each.short for each in rows))


def _by_rollups(buckets: Sequence[Bucket], recent: int) -> int | None:
    counted = [each for each in buckets if "total" in each[2]]
    if not counted:
        return None
    if not any(name in counted[-1][2] for name in ("good", "bad")):
        return fewer_or_more(counted, recent)
    usual = _usual(counted)
    last = [each for each in counted if each[0] + each[1] > counted[-1][0] + counted[-1][1] - recent]
    if usual is None or _share(last) is None:
        return None
    if (_share(last) or 0.0) < usual:
        counted, usual = [_flipped(each) for each in counted], 1 - usual
    sudden = began(counted, usual, recent) if usual < 1 else None
    return _moved(counted, usual) if sudden is None and 0 < usual < 1 else sudden


def _moved(buckets: Sequence[Bucket], usual: float) -> int | None:
    """The start of the likeliest bucket since which a share is larger, though by less than a half.

    As `alerting.onset.began`, where a large part of the rows is bad anyway: clicks that do not come.
    """
    found, best, bad, rows = None, SURE, 0.0, 0.0
    for start, _, sums in reversed(buckets):
        bad, rows = bad + _bad((0, 0, sums)), rows + (sums.get("total") or 0)
        share = bad / rows if rows else 0.0
        if usual < share < 1:
            gain = bad * log(share / usual) + (rows - bad) * log((1 - share) / (1 - usual))
            found, best = (start, gain) if gain > best else (found, best)
    return found


def _usual(buckets: Sequence[Bucket]) -> float | None:
    """The median of the shares of bad rows over pieces of the past."""
    size = max(1, len(buckets) // PIECES)
    pieces = [_share(buckets[at : at + size]) for at in range(0, len(buckets), size)]
    known = sorted(each for each in pieces if each is not None)
    return known[len(known) // 2] if known else None


def _share(buckets: Sequence[Bucket]) -> float | None:
    total = sum(sums.get("total") or 0 for _, _, sums in buckets)
    return sum(map(_bad, buckets)) / total if total else None


def _bad(bucket: Bucket) -> float:
    sums = bucket[2]
    return (sums.get("total") or 0) - (sums["good"] or 0) if "good" in sums else sums.get("bad") or 0


def _flipped(bucket: Bucket) -> Bucket:
    start, width, sums = bucket
    return start, width, {"good": _bad(bucket), "total": sums.get("total")}


def fewer_or_more(buckets: Sequence[Bucket], recent: int) -> int | None:
    """The start of the bucket since which there most likely are fewer rows, or more, than the median before.

    As `alerting.onset.began`, with Poisson counts: the likeliest of all starts (Hinkley 1970).
    """
    rates = sorted((sums.get("total") or 0) / width for _, width, sums in buckets)
    usual = rates[len(rates) // 2]
    end = buckets[-1][0] + buckets[-1][1]
    late = [each for each in buckets if each[0] + each[1] > end - recent]
    since = sum(sums.get("total") or 0 for _, _, sums in late) / sum(width for _, width, _ in late)
    times = max(since / usual, 1e-6) if usual else 0.0
    if not usual or 1 / LEAST < times < LEAST:
        return None
    found, best, sum_ = None, 0.0, 0.0
    for start, width, sums in reversed(buckets):
        sum_ += (sums.get("total") or 0) * log(times) - usual * width * (times - 1)
        if sum_ > best:
            found, best = start, sum_
    return found


def _by_readings(past: Sequence[Stored], window: Window) -> int:
    """The end of the window of the first reading of the last stretch that did not pass; else this window."""
    seen = [each for each in past if each.window.end <= window.end]
    good = max((place for place, each in enumerate(seen) if each.reading.outcome == Outcome.PASS), default=-1)
    bad = [each for each in seen[good + 1 :] if each.reading.outcome in BAD]
    if bad and good >= 0:
        return bad[0].window.end
    return min([window.start, *(each.window.start for each in bad)])
