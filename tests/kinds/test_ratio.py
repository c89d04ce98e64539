"""Share of rows that are good, against pandas."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.model import MISSING, OTHER
from tests.pipelines import Pipeline, micros

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
AT = NOW.to_pydatetime()
START, END = NOW - pd.Timedelta("31m"), NOW - pd.Timedelta("1m")
CHECK: dict[str, Any] = {"kind": "ratio", "dataset": "rows", "good": "ok", "window": "30m"}


def frame(size: int = 3000, seed: int = 1) -> pd.DataFrame:
    """Rows of an hour around the window, with every kind of gap."""
    draw = np.random.default_rng(seed)
    micro = draw.integers(-3600 * 10**6, 60 * 10**6, size)
    return pd.DataFrame(
        {
            "t": NOW + pd.to_timedelta(micro, "us"),
            "ok": pd.array(draw.choice([True, False, None], size, p=[0.7, 0.2, 0.1]), "boolean"),
            "region": draw.choice(["eu", "us", None, "", "O'Hare × 1"], size),
            "device": draw.choice([1.0, 2.0, np.nan], size),
            "kind": draw.choice(["checkout", "view"], size),
        }
    )


def inside(rows: pd.DataFrame, start: pd.Timestamp = START, end: pd.Timestamp = END) -> pd.DataFrame:
    return rows[(rows["t"] >= start) & (rows["t"] < end)]


def good_and_total(rows: pd.DataFrame) -> tuple[int, int]:
    return int(rows["ok"].fillna(False).sum()), len(rows)


@pytest.fixture
def rows(pipeline: Pipeline) -> pd.DataFrame:
    made = frame()
    pipeline.rows("rows", made, time="t", lateness="1m")
    return made


def test_total_segments_and_pairs(pipeline: Pipeline, rows: pd.DataFrame):
    checks = {
        "good": CHECK | {"by": ["region", "device", ["region", "device"]]},
        "bad": CHECK | {"good": None, "bad": "not ok", "where": "kind = 'checkout'", "by": "region"},
    }
    checks["bad"].pop("good")
    said = pipeline.tick(AT, checks)
    assert said.window("good") == (micros(START.to_pydatetime()), micros(END.to_pydatetime()))
    window = inside(rows)
    assert (said["good"].good, said["good"].total) == good_and_total(window)
    assert said["good"].value == good_and_total(window)[0] / len(window)
    assert said["good"].detail["unknown"] == window["ok"].isna().sum()
    named = window.assign(
        region=window["region"].fillna(MISSING),
        device=window["device"].map({1.0: "1", 2.0: "2"}).fillna(MISSING),
    )
    for column in ("region", "device"):
        found = said.segments("good", column)
        assert {key: (each.good, each.total) for key, each in found.items()} == {
            key: good_and_total(some) for key, some in named.groupby(column)
        }
    pairs = said.segments("good", "region,device")
    assert {key: (each.good, each.total) for key, each in pairs.items()} == {
        f"{a} × {b}": good_and_total(some) for (a, b), some in named.groupby(["region", "device"])
    }
    checkouts = inside(rows[rows["kind"] == "checkout"])
    # A row is good unless `bad` is true: one for which it is NULL is good, and shown as unknown.
    bad = int((~checkouts["ok"].fillna(True)).sum())
    assert (said["bad"].good, said["bad"].total) == (len(checkouts) - bad, len(checkouts))
    assert said["bad"].detail["unknown"] == checkouts["ok"].isna().sum()


def test_an_empty_window_is_no_data(pipeline: Pipeline, rows: pd.DataFrame):
    checks = {
        "later": CHECK | {"where": "kind = 'refund'", "fail": "< 99%", "by": "region"},
        "earlier": CHECK | {"fail": "< 99%"},
    }
    said = pipeline.tick(AT, {"later": checks["later"]})
    assert (said["later"].outcome, said["later"].value, said["later"].total) == ("no_data", None, 0)
    assert said.segments("later") == {}
    said = pipeline.tick((NOW - pd.Timedelta("3D")).to_pydatetime(), {"earlier": checks["earlier"]})
    assert (said["earlier"].outcome, said["earlier"].value) == ("no_data", None)


def test_a_fused_neighbour_adds_no_segments(pipeline: Pipeline):
    times = [NOW - pd.Timedelta("5m")] * 4
    table = pd.DataFrame(
        {"t": times, "ok": [True] * 4, "kind": list("aabb"), "region": ["eu", "eu", "us", "us"]}
    )
    pipeline.rows("rows", table, time="t", lateness="1m")
    some = CHECK | {"where": "kind = 'a'", "by": "region"}
    every = CHECK | {"by": "region"}
    said = pipeline.tick(AT, {"some": some, "every": every})
    assert said.ticked.scans == 1
    assert {key: each.total for key, each in said.segments("some").items()} == {"eu": 2}
    assert {key: each.total for key, each in said.segments("every").items()} == {"eu": 2, "us": 2}


def test_many_values_are_folded_and_the_largest_shown(pipeline: Pipeline):
    sizes = {f"v{number:03}": 1 + number % 37 for number in range(260)}
    values = [value for value, size in sizes.items() for _ in range(size)] + [None] * 3
    table = pd.DataFrame({"t": [NOW - pd.Timedelta("5m")] * len(values), "ok": True, "who": values})
    pipeline.rows("rows", table, time="t", lateness="1m")
    said = pipeline.tick(AT, {"r": CHECK | {"by": "who"}})
    shown = said.segments("r")
    ranked = sorted(sizes, key=lambda value: (-sizes[value], value))
    admitted, folded = ranked[:200], ranked[200:]
    assert shown.pop(OTHER).total == sum(sizes[value] for value in folded)
    assert {key: each.total for key, each in shown.items()} == {
        value: sizes[value] for value in admitted[:20]
    }
    assert list(shown) == admitted[:20]
    assert said["r"].total == len(values)


def test_a_late_file_arrives_between_two_ticks(pipeline: Pipeline):
    first, late = frame(500, seed=2), frame(400, seed=3)
    pipeline.rows("rows", first[first["t"] < NOW - pd.Timedelta("2m")], time="t", lateness="20m")
    check = {"r": CHECK | {"by": "region", "settle": "1m"}}
    pipeline.tick(AT, check)
    # Rows of the last twenty minutes are still taken in, those from before are too late.
    pipeline.rows("rows", late)
    later = NOW + pd.Timedelta("3m")
    said = pipeline.tick(later.to_pydatetime(), check)
    start, end = later - pd.Timedelta("31m"), later - pd.Timedelta("1m")
    closed = NOW - pd.Timedelta("21m")
    seen = pd.concat(
        [
            inside(first[first["t"] < NOW - pd.Timedelta("2m")], start, end),
            inside(late, closed, end),
        ]
    )
    assert (said["r"].good, said["r"].total) == good_and_total(seen)
    by_region = seen.assign(region=seen["region"].fillna(MISSING)).groupby("region")
    assert {k: e.total for k, e in said.segments("r").items()} == {k: len(some) for k, some in by_region}


def test_a_snapshot_is_measured_whole(pipeline: Pipeline, rows: pd.DataFrame):
    pipeline.rows("all", rows)
    check = {"kind": "ratio", "dataset": "all", "good": "ok", "by": "region", "where": "kind = 'view'"}
    said = pipeline.tick(AT, {"r": check})
    views = rows[rows["kind"] == "view"]
    assert (said["r"].good, said["r"].total) == good_and_total(views)
    named = views.assign(region=views["region"].fillna(MISSING))
    assert {k: (e.good, e.total) for k, e in said.segments("r").items()} == {
        k: good_and_total(some) for k, some in named.groupby("region")
    }


def test_a_query_of_ones_own(pipeline: Pipeline, rows: pd.DataFrame):
    query = f"""select t as "When", ok, lower(kind) as kind -- as they come
        from {pipeline.relation("rows")} as raw where region = 'eu' and kind like '%' -- no more
    """
    pipeline.declare("mine", query=query, time="When", lateness="1m")
    said = pipeline.tick(AT, {"r": CHECK | {"dataset": "mine", "by": "kind"}})
    european = inside(rows[rows["region"] == "eu"])
    assert (said["r"].good, said["r"].total) == good_and_total(european)
    assert {k: e.total for k, e in said.segments("r").items()} == {
        k: len(g) for k, g in european.groupby("kind")
    }


def test_columns_that_are_called_as_weirs_own(pipeline: Pipeline):
    names = ["b", "d0", "i", "m0", "t", "x0", "rows", "before"]
    table = pd.DataFrame({name: [number, number] for number, name in enumerate(names) if name != "t"})
    pipeline.rows("rows", table.assign(t=NOW - pd.Timedelta("5m"), d0=["x", "y"]), time="t", lateness="1m")
    good = "b = 0 and i = 2 and m0 = 3 and x0 = 5 and rows = 6 and before = 7 and d0 = 'x'"
    checks: dict[str, Any] = {
        "r": CHECK | {"good": good, "by": ["b", "d0", "i", "t"]},
        "d": {"kind": "duplicates", "dataset": "rows", "key": ["b", "i"], "window": "30m", "by": ["b", "d0"]},
        "m": {
            "kind": "match",
            "left": "rows",
            "right": "rows",
            "key": ["b", "d0"],
            "window": "30m",
            "by": "d0",
        },
    }
    said = pipeline.tick((NOW + pd.Timedelta("20m")).to_pydatetime(), checks)
    assert (said["r"].good, said["r"].total) == (1, 2)
    assert {key: each.good for key, each in said.segments("r", "d0").items()} == {"x": 1, "y": 0}
    assert (said["d"].good, said["d"].total, said["m"].good) == (1, 2, 2)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kolkata"])
def test_local_times_over_the_change_of_clocks(pipeline: Pipeline, zone: str):
    local = pd.date_range("2026-10-24 22:00", "2026-10-25 12:00", freq="7min")
    aware = local.tz_localize(zone, ambiguous=[False] * len(local), nonexistent="shift_forward")
    pipeline.rows("rows", pd.DataFrame({"t": local, "ok": True}), time="t", timezone=zone, lateness="1m")
    for now in ("2026-10-25T00:31Z", "2026-10-25T01:31Z", "2026-10-25T02:31Z"):
        end = pd.Timestamp(now) - pd.Timedelta("1m")
        said = pipeline.tick(pd.Timestamp(now).to_pydatetime(), {"r": CHECK | {"window": "1h"}})
        assert said["r"].total == ((aware >= end - pd.Timedelta("1h")) & (aware < end)).sum()
