"""Rows that have a partner, against a merge in pandas."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
SECOND = pd.Timedelta("1s")
CHECK: dict[str, Any] = {"kind": "match", "left": "sent", "right": "stored", "window": "20m", "settle": "1m"}


def frames(seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows sent, and those stored of them: some never, some twice, some late or early, some by nobody."""
    draw = np.random.default_rng(seed)
    size = 1200
    sent = pd.DataFrame(
        {
            "id": pd.array(np.arange(size) // 2, "Int64"),
            "part": ["x", "y"] * (size // 2),
            "t": NOW + pd.to_timedelta(draw.integers(-3600, 0, size), "s"),
            "region": draw.choice(["eu", "us", None], size),
            "retries": pd.array(draw.choice([0, 1, 2, None], size), "Int64"),
            "dead_letter": pd.array(draw.choice([True, False, None], size, p=[0.1, 0.8, 0.1]), "boolean"),
        }
    )
    sent.loc[sent.index % 97 == 0, "id"] = pd.NA
    kept = sent[draw.random(size) < 0.8]
    stored = pd.concat([kept, kept.sample(200, random_state=1), kept.assign(id=kept["id"] + 10**6).head(50)])
    moved = stored["t"] + pd.to_timedelta(draw.integers(-400, 400, len(stored)), "s")
    stored = stored.assign(u=moved, ok=draw.random(len(stored)) < 0.7, w=draw.integers(1, 5, len(stored)))
    return sent, stored.rename(columns={"id": "event", "part": "piece"})[
        ["event", "piece", "u", "ok", "w", "region"]
    ]


def partners(
    sent: pd.DataFrame, stored: pd.DataFrame, on: dict[str, str], after: str, within: str
) -> pd.Series:
    """Whether each row that was sent has a partner."""
    left = sent.reset_index(names="row").dropna(subset=list(on))
    pairs = left.merge(stored, left_on=list(on), right_on=list(on.values()))
    gap = pairs["u"] - pairs["t"]
    near = pairs[(gap >= pd.Timedelta(after)) & (gap <= pd.Timedelta(within))]
    return sent.index.isin(near["row"])


def put(pipeline: Pipeline, sent: pd.DataFrame, stored: pd.DataFrame) -> None:
    pipeline.rows("sent", sent, time="t", lateness="1m", key="id")
    pipeline.rows("stored", stored, time="u", lateness="2m", key="event")


@pytest.mark.parametrize("after, within", [("-5m", "5m"), ("0s", "3m"), ("-3m", "1s"), ("30s", "2m")])
def test_partners_in_time(pipeline: Pipeline, after: str, within: str):
    sent, stored = frames()
    put(pipeline, sent, stored)
    checks: dict[str, Any] = {
        "one": CHECK | {"after": after, "within": within, "by": "region"},
        "two": CHECK | {"after": after, "within": within, "key": {"id": "event", "part": "piece"}},
        "some": CHECK
        | {"after": after, "within": within, "right_where": "ok and w > 1", "where": "part = 'x'"},
    }
    now = NOW - pd.Timedelta("9m")
    said = pipeline.tick(now.to_pydatetime(), checks)
    start, end = now - pd.Timedelta("21m"), now - pd.Timedelta("1m")
    one, two = {"id": "event"}, {"id": "event", "part": "piece"}
    good = stored[stored["ok"] & (stored["w"] > 1)]
    for name, on, theirs in (("one", one, stored), ("two", two, stored), ("some", one, good)):
        inside = (sent["t"] >= start) & (sent["t"] < end) & ((sent["part"] == "x") | (name != "some"))
        matched = partners(sent, theirs, on, after, within) & inside
        assert (said[name].good, said[name].total) == (matched.sum(), inside.sum())
        assert said[name].value == matched.sum() / inside.sum()
        assert said[name].detail["unmatched"] == inside.sum() - matched.sum()
        # Retries and dead letters stand beside the loss: the left rows have such columns.
        assert said[name].detail["retries"] == sent.loc[inside, "retries"].sum()
        assert said[name].detail["dead_letters"] == sent.loc[inside, "dead_letter"].fillna(False).sum()
    inside = sent[(sent["t"] >= start) & (sent["t"] < end)].assign(
        matched=partners(sent, stored, one, after, within)[(sent["t"] >= start) & (sent["t"] < end)]
    )
    named = inside.assign(region=inside["region"].fillna("__null__")).groupby("region")["matched"]
    assert {key: (each.good, each.total) for key, each in said.segments("one").items()} == {
        key: (some.sum(), len(some)) for key, some in named
    }


def test_bounds_are_inclusive(pipeline: Pipeline):
    base, micro = NOW - pd.Timedelta("15m"), pd.Timedelta("1us")
    gaps = {
        "a": -60 * SECOND,
        "b": -60 * SECOND - micro,
        "c": 120 * SECOND,
        "d": 120 * SECOND + micro,
        "e": 0 * SECOND,
    }
    pipeline.rows("sent", pd.DataFrame({"id": list(gaps), "t": base}), time="t", key="id")
    pipeline.rows(
        "stored",
        pd.DataFrame({"id": list(gaps), "u": [base + gap for gap in gaps.values()]}),
        time="u",
        key="id",
    )
    said = pipeline.tick(NOW.to_pydatetime(), {"m": CHECK | {"after": "-1m", "within": "2m"}})
    assert (said["m"].good, said["m"].total) == (3, 5)


def test_within_defaults_to_the_rights_lateness_both_ways(pipeline: Pipeline):
    base = NOW - pd.Timedelta("15m")
    gaps = [-121, -120, 0, 120, 121]
    ids = list(range(5))
    pipeline.rows("sent", pd.DataFrame({"id": ids, "t": base}), time="t", key="id", lateness="1m")
    stored = pd.DataFrame({"id": ids, "u": [base + gap * SECOND for gap in gaps]})
    pipeline.rows("stored", stored, time="u", key="id", lateness="2m")
    assert pipeline.tick(NOW.to_pydatetime(), {"m": CHECK})["m"].good == 3


def test_a_partner_may_still_come_until_its_time_is_up(pipeline: Pipeline):
    base = NOW - pd.Timedelta("15m")
    pipeline.rows("sent", pd.DataFrame({"id": [1, 2], "t": base}), time="t", key="id", lateness="1m")
    pipeline.rows("stored", pd.DataFrame({"id": [1], "u": [base]}), time="u", key="id", lateness="1m")
    check = {key: value for key, value in CHECK.items() if key != "settle"} | {"within": "5m", "after": "0s"}
    start = base.floor("min")
    for minutes, total in ((6, None), (7, 2)):  # bucket 1m, within 5m, lateness 1m
        said = pipeline.tick(
            (start + pd.Timedelta(minutes=minutes, seconds=59)).to_pydatetime(), {"m": check}
        )
        assert (said["m"].total or None) == total
    assert said["m"].good == 1


def test_no_right_rows_at_all(pipeline: Pipeline):
    sent, stored = frames()
    put(pipeline, sent, stored.head(0))
    said = pipeline.tick(NOW.to_pydatetime(), {"m": CHECK | {"within": "1m", "fail": "< 50%"}})
    assert (said["m"].good, said["m"].value, said["m"].outcome) == (0, 0, "fail")
    said = pipeline.tick(
        (NOW + pd.Timedelta("1D")).to_pydatetime(), {"m": CHECK | {"within": "1m", "fail": "< 50%"}}
    )
    assert (said["m"].value, said["m"].outcome) == (None, "no_data")


def test_keys_of_different_types(pipeline: Pipeline):
    base = NOW - pd.Timedelta("15m")
    pipeline.rows("sent", pd.DataFrame({"id": [1, 2, 3], "t": base}), time="t")
    pipeline.rows("stored", pd.DataFrame({"id": ["1", "2", "none"], "u": base}), time="u")
    said = pipeline.tick(NOW.to_pydatetime(), {"m": CHECK | {"key": "id"}})
    assert (said["m"].good, said["m"].total) == (2, 3)


def test_dead_letters_of_their_own(pipeline: Pipeline):
    sent, stored = frames()
    put(pipeline, sent.drop(columns=["retries", "dead_letter"]), stored)
    dead = sent[sent.index % 5 == 0][["id", "t"]].rename(columns={"t": "at"})
    pipeline.rows("dead", pd.concat([dead, dead]), time="at", lateness="1m")
    said = pipeline.tick(NOW.to_pydatetime(), {"m": CHECK | {"within": "5m", "dead_letters": "dead"}})
    start, end = NOW - pd.Timedelta("21m"), NOW - pd.Timedelta("1m")
    inside = (sent["t"] >= start) & (sent["t"] < end)
    refused = partners(sent, dead.rename(columns={"at": "u", "id": "event"}), {"id": "event"}, "-5m", "5m")
    assert said["m"].detail["dead_letters"] == (refused & inside).sum()
    assert "retries" not in said["m"].detail


def counts(sent: pd.DataFrame, stored: pd.DataFrame) -> dict[str, tuple[float, float]]:
    start, end = NOW - pd.Timedelta("21m"), NOW - pd.Timedelta("1m")
    ours = sent[(sent["t"] >= start) & (sent["t"] < end)]
    theirs = stored[(stored["u"] >= start) & (stored["u"] < end)]
    return {
        "rows": (len(theirs), len(ours)),
        "sums": (theirs["w"].sum(), ours["retries"].sum()),
        "eu": ((theirs["region"] == "eu").sum(), (ours["region"] == "eu").sum()),
    }


def test_sums_are_reconciled(pipeline: Pipeline):
    sent, stored = frames()
    put(pipeline, sent, stored)
    pipeline.datasets["stored"]["lateness"] = "1m"
    checks: dict[str, Any] = {
        "rows": CHECK | {"count": {"left": "*", "right": "*"}, "by": "region"},
        "sums": CHECK | {"count": {"left": "retries", "right": "w"}, "right_where": "w > 0"},
    }
    said = pipeline.tick(NOW.to_pydatetime(), checks)
    expected = counts(sent, stored)
    for name in checks:
        right, left = expected[name]
        assert said[name].value == right / left
        # What is stored beyond what was sent makes nothing better than whole.
        assert (said[name].good, said[name].total) == (min(right, left), left)
    right, left = expected["eu"]
    assert said.segments("rows")["eu"].value == right / left


def test_sums_of_nothing_are_no_data_and_one_side_is_a_loss(pipeline: Pipeline):
    sent, stored = frames()
    put(pipeline, sent, stored)
    check: dict[str, Any] = CHECK | {"count": {"left": "*", "right": "*"}, "fail": "< 99%"}
    said = pipeline.tick(
        NOW.to_pydatetime(),
        {"none": check | {"where": "region = 'x'"}, "lost": check | {"right_where": "w > 9"}},
    )
    assert (said["none"].value, said["none"].outcome) == (None, "no_data")
    assert (said["lost"].value, said["lost"].outcome) == (0, "fail")


def test_snapshots_match_without_time(pipeline: Pipeline):
    sent, stored = frames()
    pipeline.rows("sent", sent.drop(columns="t"), key="id")
    pipeline.rows("stored", stored.drop(columns="u"), key="event")
    check = {"kind": "match", "left": "sent", "right": "stored", "by": "region"}
    said = pipeline.tick(
        NOW.to_pydatetime(), {"m": check, "c": check | {"count": {"left": "*", "right": "*"}}}
    )
    matched = sent["id"].isin(stored["event"].dropna()) & sent["id"].notna()
    assert (said["m"].good, said["m"].total) == (matched.sum(), len(sent))
    assert said.segments("m")["eu"].good == matched[sent["region"] == "eu"].sum()
    assert said["c"].value == len(stored) / len(sent)


def test_a_snapshot_on_one_side(pipeline: Pipeline):
    sent, stored = frames()
    pipeline.rows("sent", sent, key="id", time="t", lateness="1m")
    pipeline.rows("stored", stored.drop(columns="u"), key="event")
    said = pipeline.tick(NOW.to_pydatetime(), {"m": CHECK | {"within": "5m"}})
    inside = (sent["t"] >= NOW - pd.Timedelta("21m")) & (sent["t"] < NOW - pd.Timedelta("1m"))
    known = sent["id"].isin(stored["event"].dropna()) & sent["id"].notna()
    assert (said["m"].good, said["m"].total) == ((inside & known).sum(), inside.sum())
    mirrored = {"kind": "match", "left": "stored", "right": "sent", "within": "5m"}
    said = pipeline.tick(NOW.to_pydatetime(), {"o": mirrored})
    assert said["o"].good == (stored["event"].isin(sent["id"].dropna()) & stored["event"].notna()).sum()


def test_joins_split_by_time_count_each_row_once(pipeline: Pipeline):
    times = pd.date_range(NOW - pd.Timedelta("30h"), NOW, freq="173s", inclusive="left")
    sent = pd.DataFrame({"id": range(len(times)), "t": times})
    stored = pd.DataFrame({"id": range(len(times)), "u": times + 600 * SECOND})
    pipeline.rows("sent", sent, time="t", key="id", lateness="1m")
    pipeline.rows("stored", stored[stored["id"] % 3 > 0], time="u", key="id", lateness="1m")
    check = CHECK | {"window": "1d", "within": "15m", "every": "1h"}
    said = pipeline.tick(NOW.to_pydatetime(), {"m": check})
    start, end = said.window("m")
    at = sent["t"].astype("datetime64[us, UTC]").astype("int64")
    inside = sent[(at >= start) & (at < end)]
    assert (said["m"].good, said["m"].total) == ((inside["id"] % 3 > 0).sum(), len(inside))


def test_two_sources(lake: Pipeline, tmp_path: Any):
    """Files of two folders can be joined; a table of a server and files cannot, and are told so."""
    sent, stored = frames()
    put(lake, sent, stored)
    (lake.folder / "stored").rename(lake.folder / "other")
    sources = {
        "here": {"engine": "duckdb"},
        "there": {"engine": "duckdb", "root": "other"},
        "server": {"engine": "postgresql", "url": "postgresql://127.0.0.1:1/none"},
    }
    lake.datasets["sent"]["source"] = "here"
    lake.datasets["stored"] |= {"source": "there", "files": "*.parquet"}
    said = lake.tick(NOW.to_pydatetime(), {"m": CHECK | {"within": "5m"}}, sources=sources)
    inside = (sent["t"] >= NOW - pd.Timedelta("21m")) & (sent["t"] < NOW - pd.Timedelta("1m"))
    matched = partners(sent, stored, {"id": "event"}, "-5m", "5m") & inside
    assert (said["m"].good, said["m"].total) == (matched.sum(), inside.sum())
