"""Delays, orphans and young rows, against pandas."""

from collections import Counter
from math import ceil, log2
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.kinds.test_match import CHECK, NOW, frames, put
from tests.pipelines import Pipeline

DAY = pd.Timedelta("1D")
LABELS: dict[str, Any] = {
    "kind": "match",
    "left": "shown",
    "right": "labels",
    "after": "0s",
    "within": "1d",
    "window": "1h",
    "maturity": ["1h", "6h"],
    "curve": "2d",
    "fail": "< 20%",
}


def stream(days: float = 4.5, per_hour: int = 60, seed: int = 11) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows shown up to NOW, 60 % of which get a label after a log-normal delay; the labels come by NOW."""
    draw = np.random.default_rng(seed)
    size = int(days * 24 * per_hour)
    shown = pd.DataFrame(
        {"id": range(size), "t": NOW - pd.to_timedelta(draw.uniform(0, days * 86400, size), "s")}
    )
    shown["t"] = shown["t"].dt.floor("s")
    delays = pd.to_timedelta(np.exp(draw.normal(np.log(3600), 1.2, size)).round(), "s")
    labels = pd.DataFrame({"id": shown["id"], "u": shown["t"] + delays})[draw.random(size) < 0.6]
    again = labels.sample(frac=0.1, random_state=1).assign(u=lambda rows: rows["u"] + pd.Timedelta("90s"))
    labels = pd.concat([labels, again])
    return shown, labels[labels["u"] < NOW]


def put_stream(pipeline: Pipeline, shown: pd.DataFrame, labels: pd.DataFrame) -> None:
    pipeline.rows("shown", shown, time="t", key="id", lateness="5m")
    pipeline.rows("labels", labels, time="u", key="id", lateness="5m")


def first_delay(shown: pd.DataFrame, labels: pd.DataFrame) -> pd.Series:
    """The delay of the first label of every row, NaT where there is none within a day."""
    pairs = shown.merge(labels, on="id")
    gap = pairs["u"] - pairs["t"]
    gap = gap[(gap >= pd.Timedelta(0)) & (gap <= DAY)]
    return gap.groupby(pairs["id"]).min().reindex(shown["id"])


def test_delays_of_first_partners(pipeline: Pipeline):
    shown, labels = stream()
    put_stream(pipeline, shown, labels)
    check = {key: value for key, value in LABELS.items() if key != "maturity"} | {
        "delays": True,
        "window": "1d",
    }
    said = pipeline.tick(NOW.to_pydatetime(), {"m": check})
    start, end = (pd.Timestamp(at, unit="us", tz="UTC") for at in said.window("m"))
    inside = (shown["t"] >= start) & (shown["t"] < end)
    delays = first_delay(shown, labels)[inside.to_numpy()].dropna().dt.total_seconds()
    detail = said["m"].detail
    assert said["m"].good == len(delays) == sum(detail["delays"].values())
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        assert detail[name] == pytest.approx(delays.quantile(share), rel=0.011)
    exact = Counter(f"{2.0 ** ceil(log2(each)):.6g}" for each in delays)
    assert detail["delays"].keys() == exact.keys()
    assert all(abs(detail["delays"][key] - exact[key]) <= 0.02 * len(delays) + 1 for key in exact)


def test_orphans_are_the_mirror(pipeline: Pipeline):
    sent, stored = frames()
    put(pipeline, sent, stored)
    check = CHECK | {"after": "-1m", "within": "5m", "orphans": True, "right_where": "ok", "by": "region"}
    now = NOW - pd.Timedelta("9m")
    said = pipeline.tick(now.to_pydatetime(), {"m": check})
    start, end = now - pd.Timedelta("21m"), now - pd.Timedelta("1m")
    mine = stored.reset_index(drop=True).reset_index(names="row")
    mine = mine[(mine["u"] >= start) & (mine["u"] < end) & mine["ok"]]
    pairs = mine.dropna(subset="event").merge(sent.dropna(subset="id"), left_on="event", right_on="id")
    gap = pairs["u"] - pairs["t"]
    known = pairs[(gap >= pd.Timedelta("-1m")) & (gap <= pd.Timedelta("5m"))]["row"].nunique()
    detail = said["m"].detail
    assert (detail["orphans"], detail["right"]) == (len(mine) - known, len(mine))
    assert detail["orphan_share"] == (len(mine) - known) / len(mine)


def coverage(shown: pd.DataFrame, labels: pd.DataFrame, age: str, now: pd.Timestamp) -> tuple[int, int]:
    """Rows with a label within an age, and all, of the newest hour of quarters that is so old."""
    end = (now - pd.Timedelta(age) - pd.Timedelta("5m")).floor("15min")
    inside = (shown["t"] >= end - pd.Timedelta("1h")) & (shown["t"] < end)
    delays = first_delay(shown, labels)[inside.to_numpy()]
    return int((delays <= pd.Timedelta(age)).sum()), int(inside.sum())


def test_coverage_by_age(pipeline: Pipeline):
    shown, labels = stream()
    put_stream(pipeline, shown, labels)
    said = pipeline.tick(NOW.to_pydatetime(), {"m": LABELS})["m"]
    mature = said.detail["maturity"]
    assert said.outcome == "pass"
    for age in ("1h", "6h"):
        labelled, rows = coverage(shown, labels, age, NOW)
        assert (mature[age]["labelled"], mature[age]["rows"]) == (labelled, rows)
        assert mature[age]["coverage"] == labelled / rows
        # The past hours, up to the window that is judged.
        end = (NOW - DAY - pd.Timedelta("5m")).floor("15min") - pd.Timedelta("1h")
        past = (shown["t"] < end.floor("h")) & (shown["t"] >= end.floor("h") - 2 * DAY)
        delays = first_delay(shown, labels)[past.to_numpy()]
        assert mature[age]["expected"] == pytest.approx((delays <= pd.Timedelta(age)).mean())
        assert mature[age]["low"] <= mature[age]["final"] <= mature[age]["high"]
        assert mature[age]["low"] < 0.6 < mature[age]["high"]
        assert mature[age]["p"] > 0.001
    assert said.detail["nowcast"]["age"] == "1h"
    width = {age: mature[age]["high"] - mature[age]["low"] for age in mature}
    assert width["6h"] < width["1h"]


def test_later_ticks_read_what_a_fresh_store_reads(pipeline: Pipeline):
    """Buckets are read again as they come of age: nothing is missed, whatever the ticks before."""
    shown, labels = stream(days=3)
    put_stream(pipeline, shown, labels)
    check = {"m": LABELS | {"curve": "6h"}}
    for minutes in (200, 95, 60, 52, 30, 15):
        pipeline.tick((NOW - pd.Timedelta(minutes=minutes)).to_pydatetime(), check)
    later = pipeline.tick(NOW.to_pydatetime(), check)["m"]
    pipeline.close()
    fresh = pipeline.tick(NOW.to_pydatetime(), check)["m"]
    assert later.detail == fresh.detail
    assert (later.good, later.total) == (fresh.good, fresh.total)


def test_a_dead_labeller_is_seen_within_the_hour(lake: Pipeline):
    shown, labels = stream(per_hour=240)
    died = NOW - pd.Timedelta("1h")
    put_stream(lake, shown, labels[labels["u"] < died])
    outcomes = {}
    for minutes in (75, 45, 30, 15, 0):
        said = lake.tick((NOW - pd.Timedelta(minutes=minutes)).to_pydatetime(), {"m": LABELS})["m"]
        outcomes[minutes] = said.outcome
    assert outcomes[75] == "pass"
    assert said.value > 0.5  # what is judged is a day old, and was labelled
    assert said.outcome == "fail"
    assert "partners came in the last" in said.message
    assert outcomes[30] == "fail"


def test_a_quiet_stream_stays_silent(lake: Pipeline):
    shown, labels = stream(days=5, per_hour=30, seed=5)
    put_stream(lake, shown, labels)
    for hours in range(20, -1, -4):
        said = lake.tick((NOW - pd.Timedelta(hours=hours)).to_pydatetime(), {"m": LABELS | {"fail": "< 5%"}})[
            "m"
        ]
        assert said.outcome == "pass", said.message


def test_an_immature_window_says_not_yet(pipeline: Pipeline):
    shown, labels = stream(days=0.3)
    put_stream(pipeline, shown, labels)
    said = pipeline.tick(NOW.to_pydatetime(), {"m": LABELS})["m"]
    assert (said.value, said.outcome) == (None, "no_data"), said
    labelled, rows = coverage(shown, labels, "6h", NOW)
    assert f"not yet: {labelled / rows:.2%} of {rows} rows 6h old have a partner" in said.message


@pytest.mark.parametrize(
    "more, says",
    [
        ({"maturity": ["2d"]}, "the age 2d of 'maturity' is beyond 'within', 1d"),
        ({"maturity": ["soon"]}, "'soon' is no duration"),
    ],
)
def test_slips(lake: Pipeline, more: dict[str, Any], says: str):
    from monitor.errors import ConfigError

    put_stream(lake, *stream(days=0.1))
    with pytest.raises(ConfigError, match=says):
        lake.load({"m": LABELS | more})


def test_segments_have_young_rows_too(lake: Pipeline):
    """The right side need not know the dimension; then arrivals alone are not told."""
    shown, labels = stream()
    shown["region"] = np.where(shown["id"] % 3 == 0, "eu", "us")
    put_stream(lake, shown, labels)
    said = lake.tick(NOW.to_pydatetime(), {"m": LABELS | {"by": "region"}})
    assert "arrivals" not in said["m"].detail
    for region, some in shown.groupby("region"):
        labelled, rows = coverage(some, labels, "1h", NOW)
        mature = said.segments("m")[str(region)].detail["maturity"]["1h"]
        assert (mature["labelled"], mature["rows"]) == (labelled, rows)


def test_the_value_is_of_settled_rows_alone(lake: Pipeline):
    """Rows that were read before their time are in the store, and in no window that is judged."""
    shown, labels = stream()
    put_stream(lake, shown, labels)
    check = LABELS | {"slo": {"objective": "50%", "window": "3d", "alerts": {"page": False, "ticket": False}}}
    said = lake.tick(NOW.to_pydatetime(), {"m": check})
    start, end = said.window("m")
    assert pd.Timestamp(end, unit="us", tz="UTC") <= NOW - DAY
    assert (
        said["m"].total
        == (
            (shown["t"] >= pd.Timestamp(start, unit="us", tz="UTC"))
            & (shown["t"] < pd.Timestamp(end, unit="us", tz="UTC"))
        ).sum()
    )
