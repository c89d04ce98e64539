"""From the counts of a drift check to what it says of each column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, cast

import numpy as np

from monitor.model import JOINT, MISSING, OTHER, Sums
from monitor.statistics import divergence
from monitor.statistics.divergence import Array, Bins, Method

MOST = 100
"""Categories with a bin of their own; the rest is pooled."""
TILES = 8
"""Fewer past windows than this say too little of what is usual."""
SHOWN = 20
NAMED = 10
PRESENT = ("ks", "wasserstein")
"""Methods for numbers: missing values have no place among them, and are shown beside."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a check: its place among them, its name, and the edges of its bins (None: texts)."""

    place: int
    name: str
    edges: tuple[float, ...] | None

    def counts(self, sums: Sums, what: str = "bins") -> Mapping[str, float]:
        """One of its measures by key: `bins`, `sums` or `slots`; none where it was not measured."""
        return sums.get(f"{what}{self.place}") or {}

    def number(self, sums: Sums, what: str) -> float:
        """Its `sum` or the sum of its `squares`."""
        return sums.get(f"{what}{self.place}") or 0.0

    def present(self, sums: Sums) -> float:
        """How many rows have a value."""
        return sum(count for key, count in self.counts(sums).items() if key != MISSING)


@dataclass(frozen=True, slots=True)
class Found:
    """What is said of a column."""

    name: str
    value: float | None
    judged: float | None
    events: float
    p_value: float | None
    detail: Mapping[str, Any]


def found(
    column: Column, method: Method, sums: Sums, base: Sums, tiles: Sequence[Sums], dims: Sequence[str]
) -> Found:
    """A column's reading: its statistic, its excess over what no drift would give, and where from."""
    keys = _keys(column, method, sums, base)
    pair = _pair(column, method, keys, sums, base)
    n, m = (float(_of(column, each, keys).sum()) for each in (sums, base))
    seen = _counts(column, sums, base, n, m)
    if pair is None:
        return Found(column.name, None, None, min(n, m), None, seen)
    value = divergence.statistic(method, pair)
    usual, how = _usual(column, method, keys, pair, (sums, base), tiles, value)
    detail = {
        **seen,
        **how,
        "expected": usual.expected,
        "p_value": usual.p_value,
        **_effect(method, pair),
        **_moments(column, sums, base),
        "bins": _by_bin(column, method, keys, pair),
        **_categories(column, sums, base),
        **_explained(column, method, keys, pair, (sums, base), dims),
    }
    return Found(column.name, value, max(value - usual.expected, 0.0), min(n, m), usual.p_value, detail)


def _counts(column: Column, sums: Sums, base: Sums, n: float, m: float) -> dict[str, Any]:
    missing = [column.counts(each).get(MISSING, 0) for each in (sums, base)]
    whole = [sum(column.counts(each).values()) for each in (sums, base)]
    shares = [part / all_ if all_ else None for part, all_ in zip(missing, whole, strict=True)]
    return {"n": n, "baseline_n": m, "missing": shares[0], "baseline_missing": shares[1]}


# Bins -------------------------------------------------------------------------------------------------------


def _keys(column: Column, method: Method, sums: Sums, base: Sums) -> list[str]:
    """The keys of the bins, in order; numbers' are indices, and what is missing has a bin of its own."""
    seen = {key for each in (sums, base) for key, count in column.counts(each).items() if count}
    missing = [MISSING] if MISSING in seen and method not in PRESENT else []
    if column.edges is not None:
        return [str(index) for index in range(len(column.edges) + 1)] + missing
    names = seen - {MISSING, OTHER}

    def rank(name: str) -> tuple[float, str]:
        return -max(_share(column, sums, name), _share(column, base, name)), name

    named = sorted(names, key=rank)[:MOST]
    pooled = [OTHER] if OTHER in seen or len(names) > MOST else []
    return sorted(named) + pooled + missing


def _share(column: Column, sums: Sums, key: str) -> float:
    counts = column.counts(sums)
    return counts.get(key, 0) / (sum(counts.values()) or 1)


def _of(column: Column, sums: Sums, keys: Sequence[str], what: str = "bins") -> Array:
    """A measure by bin; of categories, all that has no bin is in OTHER."""
    return _folded(column.counts(sums, what), keys, column.edges is None)


def _folded(counts: Mapping[str, float], keys: Sequence[str], pooled: bool) -> Array:
    index = {key: place for place, key in enumerate(keys)}
    result = np.zeros(len(keys))
    for key, count in counts.items():
        place = index.get(key, index.get(OTHER) if pooled and key != MISSING else None)
        if place is not None:
            result[place] += count
    return result


def _pair(column: Column, method: Method, keys: Sequence[str], sums: Sums, base: Sums) -> Bins | None:
    now, then = _of(column, sums, keys), _of(column, base, keys)
    if not now.sum() or not then.sum():
        return None
    if method != "wasserstein":
        return divergence.bins(now, then)
    at, at_then = _of(column, sums, keys, "sums"), _of(column, base, keys, "sums")
    places = {"current_at": _mean(at, now), "baseline_at": _mean(at_then, then)}
    return divergence.bins(now, then, **places, spread=_spread(column, base) or 0.0)


def _mean(total: Array, count: Array) -> Array:
    return np.divide(total, count, out=np.zeros_like(total), where=count > 0)


def _spread(column: Column, sums: Sums) -> float | None:
    """Standard deviation of the numbers that are there (divisor n)."""
    n = column.present(sums)
    if not n:
        return None
    mean = column.number(sums, "sum") / n
    return max(column.number(sums, "squares") / n - mean * mean, 0.0) ** 0.5


# What no drift would give -----------------------------------------------------------------------------------


def _usual(
    column: Column,
    method: Method,
    keys: Sequence[str],
    pair: Bins,
    both: tuple[Sums, Sums],
    tiles: Sequence[Sums],
    value: float,
) -> tuple[divergence.Null, dict[str, Any]]:
    """The no-drift level: of sampling at the effective sizes, or of past windows where that is more."""
    effects = [_design_effect(column, keys, each) for each in both]
    n, m = (size / (effect or 1.0) for size, effect in zip(pair.sizes, effects, strict=True))
    sampling = divergence.null(method, pair, n, m)
    how: dict[str, Any] = {"null": "independent rows" if effects[0] is None else "units"}
    how |= {"effective_n": n, "effective_baseline_n": m}
    if effects[0] is not None:
        how |= {"design_effect": effects[0], "baseline_design_effect": effects[1]}
        # Few units leave bins empty, which psi takes for much and Pearson's statistic for little.
        surer: Method = "chi2" if method in ("psi", "kl") else method
        how["sampling_p_value"] = divergence.null(surer, pair, n, m).p_value
    past = _past(column, method, keys, pair, both[1], tiles)
    if past is None:
        return sampling, how
    level = divergence.level(method, past, int((pair.pooled > 0).sum()) - 1)
    how["past_windows"] = len(past)
    if level <= sampling.expected:
        return sampling, how
    rank = float((1 + (past >= value).sum()) / (1 + len(past)))
    return divergence.Null(level, rank), {**how, "null": "past windows"}


def _design_effect(column: Column, keys: Sequence[str], sums: Sums) -> float | None:
    slots = column.counts(sums, "slots")
    if not slots:
        return None
    table: dict[str, dict[str, float]] = {}
    for key, count in slots.items():
        slot, _, bin_ = key.partition(JOINT)
        if bin_:
            table.setdefault(slot, {})[bin_] = count
    return divergence.design_effect([_folded(row, keys, column.edges is None) for row in table.values()])


def _past(
    column: Column, method: Method, keys: Sequence[str], pair: Bins, base: Sums, tiles: Sequence[Sums]
) -> Array | None:
    """Each past window against the rest of the past, at the sizes of now; of like sizes where there are
    enough.

    None of too few.
    """
    found: list[tuple[float, float, float]] = []
    mine = [f"{what}{column.place}" for what in ("bins", "sums", "sum", "squares")]
    for tile in tiles:
        rest = _without(base, tile, mine)
        apart = _pair(column, method, keys, tile, rest)
        if apart is not None:
            n, m = apart.sizes
            found.append((n, 1 / n + 1 / m, divergence.statistic(method, apart)))
    now = pair.sizes[0]
    like = [each for each in found if now / 2 <= each[0] <= now * 2]
    chosen = np.array(like if len(like) >= TILES else found)
    if len(chosen) < TILES:
        return None
    noise = sum(1 / size for size in pair.sizes)
    return divergence.rescaled(method, chosen[:, 2], chosen[:, 1], noise)


def added(parts: Sequence[Sums]) -> Sums:
    """Sums of several windows in one; nothing of none."""
    result: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            if isinstance(value, Mapping):
                counts = result.setdefault(name, {})
                for key, number in cast(Mapping[str, float], value).items():
                    counts[key] = counts.get(key, 0) + number
            else:
                result[name] = result.get(name, 0) + (value or 0)
    return result


def _without(whole: Sums, part: Sums, names: Sequence[str]) -> Sums:
    """Sums by these names less a part of them."""
    result: dict[str, Any] = {}
    for name in names:
        value, less = whole.get(name), part.get(name)
        if isinstance(value, Mapping):
            taken: Mapping[str, float] = less or {}
            counts = cast(Mapping[str, float], value)
            result[name] = {key: number - taken.get(key, 0) for key, number in counts.items()}
        elif value is not None:
            result[name] = value - (less or 0)
    return result


# What stands beside -----------------------------------------------------------------------------------------


def _effect(method: Method, pair: Bins) -> dict[str, Any]:
    """Sizes of the effect that do not depend on the number of rows."""
    if method == "chi2":
        n, m = pair.sizes
        strength = (divergence.statistic("chi2", pair) / (n + m)) ** 0.5
        return {"degrees": int((pair.pooled > 0).sum()) - 1, "cramers_v": strength}
    if method == "wasserstein":
        spread = max(pair.spread, divergence.FLOOR)
        return {"distance": divergence.statistic("wasserstein", pair) * spread}
    return {"smoothed": divergence.empty(pair)} if method in ("psi", "kl") else {}


def _moments(column: Column, sums: Sums, base: Sums) -> dict[str, Any]:
    if column.edges is None:
        return {}
    result: dict[str, Any] = {}
    for prefix, each in (("", sums), ("baseline_", base)):
        n = column.present(each)
        result[f"{prefix}mean"] = column.number(each, "sum") / n if n else None
        result[f"{prefix}sd"] = _spread(column, each)
    return result


def _by_bin(column: Column, method: Method, keys: Sequence[str], pair: Bins) -> list[dict[str, Any]]:
    """The bins, those that add most to the statistic first."""
    p, q = divergence.shares(pair)
    each = divergence.contributions(method, pair)
    order = sorted(range(len(keys)), key=lambda place: -abs(each[place]))
    return [
        {"bin": _label(column, keys[i]), "share": float(p[i]), "baseline_share": float(q[i])}
        | {"contribution": float(each[i])}
        for i in order[:SHOWN]
        if p[i] or q[i]
    ]


def _label(column: Column, key: str) -> str:
    if column.edges is None or key == MISSING:
        return key
    at, edges = int(key), (-inf, *column.edges, inf)
    if edges[at + 1] == np.nextafter(edges[at], inf):
        return f"{edges[at]:.6g}"
    low, high = edges[at], edges[at + 1]
    return f"< {high:.6g}" if low == -inf else f">= {low:.6g}" if high == inf else f"{low:.6g} to {high:.6g}"


def _categories(column: Column, sums: Sums, base: Sums) -> dict[str, Any]:
    """New categories, and those that have gone: of which five rows at least would have been expected."""
    if column.edges is not None:
        return {}
    now, then = ({key for key, count in column.counts(each).items() if count} for each in (sums, base))
    n, apart = sum(column.counts(sums).values()), {MISSING, OTHER}
    new = {key: _share(column, sums, key) for key in now - then - apart}
    gone = {key: _share(column, base, key) for key in then - now - apart}
    gone = {key: share for key, share in gone.items() if share * n >= 5}
    return {
        "new": _largest(new, "share"),
        "new_count": len(new),
        "vanished": _largest(gone, "baseline_share"),
        "vanished_count": len(gone),
    }


def _largest(shares: Mapping[str, float], name: str) -> list[dict[str, Any]]:
    ranked = sorted(shares, key=lambda key: (-shares[key], key))[:NAMED]
    return [{"category": key, name: shares[key]} for key in ranked]


def _explained(
    column: Column,
    method: Method,
    keys: Sequence[str],
    pair: Bins,
    both: tuple[Sums, Sums],
    dims: Sequence[str],
) -> dict[str, Any]:
    """By segment of the columns in `explain_by`: what it adds to the statistic.

    `mix` is the part that its share of the rows explains, `within` that of its own distribution; they add up
    to its `contribution`, and the contributions of a column's segments to the statistic.
    """
    if not dims:
        return {}
    weights = divergence.weights(method, pair)
    return {
        "explained": {
            name: _segments(column, keys, weights, both, f"by{column.place}_{number}")
            for number, name in enumerate(dims)
        }
    }


def _segments(
    column: Column, keys: Sequence[str], weights: Array, both: tuple[Sums, Sums], measure: str
) -> list[dict[str, Any]]:
    tables = [_table(column, keys, each.get(measure) or {}) for each in both]
    n, m = (sum(row.sum() for row in table.values()) or 1.0 for table in tables)
    zero, rows = np.zeros(len(keys)), list[dict[str, Any]]()
    for segment in sorted(tables[0].keys() | tables[1].keys()):
        p, q = tables[0].get(segment, zero) / n, tables[1].get(segment, zero) / m
        own = q / q.sum() if q.sum() else p / p.sum() if p.sum() else zero
        mix = float((weights * own).sum() * (p.sum() - q.sum()))
        whole = float((weights * (p - q)).sum())
        rows.append(
            {"segment": segment, "contribution": whole, "within": whole - mix, "mix": mix}
            | {"share": float(p.sum()), "baseline_share": float(q.sum())}
        )
    return sorted(rows, key=lambda row: (-row["contribution"], row["segment"]))[:SHOWN]


def _table(column: Column, keys: Sequence[str], counts: Mapping[str, float]) -> dict[str, Array]:
    by: dict[str, dict[str, float]] = {}
    for key, count in counts.items():
        segment, joint, bin_ = key.partition(JOINT)
        if joint:
            by.setdefault(segment, {})[bin_] = count
    return {segment: _folded(row, keys, column.edges is None) for segment, row in by.items()}
