"""Robots told by their conduct and left out of other checks: against pandas, row by row."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.pipelines import Pipeline

AT = "2026-11-20T13:00Z"
START = pd.Timestamp("2026-11-20T09:00Z")
HOUR = pd.Timedelta("1h")
WINDOW: dict[str, Any] = {"window": "4h", "every": "5m", "bucket": "5m", "settle": "0s"}
VOLUME: dict[str, Any] = {"kind": "volume", "dataset": "rows", **WINDOW}
ROBOTS: dict[str, Any] = {"kind": "bots", "dataset": "rows", "actor": "user", "window": "4h", "settle": "0s"}


@pytest.fixture
def rows() -> pd.DataFrame:
    """People in bursts, one who clicks like a clock, one who hammers, one who is quick, and nobody."""
    draw = np.random.default_rng(5)
    parts: list[pd.DataFrame] = []

    def put(user: str | None, seconds: Any, **more: Any) -> None:
        t = START + pd.to_timedelta(np.asarray(seconds, float).round(3), unit="s")
        parts.append(pd.DataFrame({"t": t, "user": user, "session": f"{user}-s"} | more))

    for person in range(60):
        put(f"p{person}", draw.uniform(0, 12_000) + np.cumsum(draw.lognormal(3, 1.3, 30)) % 2_000)
    put("clock", 3_000 + 20 * np.arange(300))
    put("hammer", 5_000 + 0.25 * np.arange(400))
    put("quick", np.concatenate([7_000 + 60 * np.arange(20) + 0.02 * step for step in range(8)]))
    put(None, draw.uniform(0, 14_000, 200))
    frame = pd.concat(parts, ignore_index=True)
    frame["session"] = frame["session"].where(frame["user"].notna())
    return frame[frame["t"] < pd.Timestamp(AT)].sort_values("t", ignore_index=True)


def judged(rows: pd.DataFrame, rule: Any, key: str = "user") -> pd.Series:
    """Whether each row's actor breaks a rule in the row's five minutes and the hour before them."""
    cells = rows["t"].dt.floor("5min")
    found = pd.Series(False, rows.index)
    for _, mine in rows[rows[key].notna()].groupby(key):
        stamps = mine["t"].dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64)
        within = np.arange(len(mine)) - np.searchsorted(stamps, stamps - 59_999_999) + 1
        many = pd.Series(within, mine.index)
        pause = mine["t"].diff().dt.total_seconds().where(lambda each: each <= 3600)
        for cell in cells[mine.index].unique():
            frame = (mine["t"] >= cell - HOUR) & (mine["t"] < cell + pd.Timedelta("5min"))
            if rule(many[frame], pause[frame].dropna()):
                found[mine.index[cells[mine.index] == cell]] = True
    return found


def fast(many: pd.Series, pauses: pd.Series) -> bool:
    return bool(many.max() > 120)


def even(many: pd.Series, pauses: pd.Series) -> bool:
    return len(pauses) >= 10 and pauses.mean() > 0 and pauses.std(ddof=0) < 0.2 * pauses.mean()


def hasty(many: pd.Series, pauses: pd.Series) -> bool:
    moved = pauses[pauses > 0]
    return len(moved) >= 5 and (moved < 0.1).mean() > 0.5


def left(pipeline: Pipeline, rules: dict[str, Any] | bool = True, **more: Any) -> float:
    off = dict.fromkeys(("rate", "regular", "dwell", "robots_txt", "agents", "unexposed"), False)
    robots = ROBOTS | {"rules": off | rules if isinstance(rules, dict) else {}} | more
    pipeline.close()
    said = pipeline.tick(AT, {"robots": robots, "c": VOLUME | {"exclude_bots": "robots"}})
    assert not said.errors
    return said["c"].value or 0


def test_each_rule_leaves_its_robots_out(pipeline: Pipeline, rows: pd.DataFrame):
    pipeline.rows("rows", rows, time="t", lateness="10m")
    rate, regular = judged(rows, fast), judged(rows, even)
    dwell = judged(rows, hasty, "session")
    assert set(rows["user"][rate]) == {"hammer"}
    assert "clock" in set(rows["user"][regular])
    assert set(rows["user"][dwell]) >= {"quick"}
    session = {"session": "session"}
    assert left(pipeline, {"rate": True}) == (~rate).sum()
    assert left(pipeline, {"regular": True}) == (~regular).sum()
    assert left(pipeline, {"dwell": True}, **session) == (~dwell).sum()
    assert left(pipeline, True, **session) == (~(rate | regular | dwell)).sum()


def test_weights_add_up_and_exceptions_hold(pipeline: Pipeline, rows: pd.DataFrame):
    pipeline.rows("rows", rows.assign(bot=rows["user"] == "clock"), time="t", lateness="10m")
    regular, rate = judged(rows, even), judged(rows, fast)
    half = {"regular": {"weight": 0.5}, "rate": {"weight": 0.5}}
    assert left(pipeline, half) == (~(regular & rate)).sum()
    flagged = half | {"flag": {"weight": 0.5}}
    robot = (regular & rate) | ((rows["user"] == "clock") & (regular | rate))
    assert left(pipeline, flagged, flag="bot") == (~robot).sum()
    both = {"regular": True, "rate": True}
    kept = ~(regular | rate) | (rows["user"] == "hammer")
    assert left(pipeline, both, allow=["hammer"]) == kept.sum()
    gone = (~(regular | rate) & (rows["user"] != "p3")).sum()
    assert left(pipeline, both, deny=["p3"]) == gone


def test_buckets_do_not_depend_on_what_is_read_with_them(lake: Pipeline, rows: pd.DataFrame):
    """Ticks every five minutes, each of which reads a few buckets, say what one tick says."""
    lake.rows("rows", rows.assign(region=rows.index % 3), time="t", lateness="10m")
    checks = {"robots": ROBOTS, "c": VOLUME | {"exclude_bots": True, "by": "region"}}
    whole = lake.tick(AT, checks)
    lake.close()
    said = None
    for minutes in range(0, 245, 5):
        said = lake.tick((START + pd.Timedelta(minutes=minutes)).to_pydatetime(), checks)
    assert said is not None
    assert said["c"].value == whole["c"].value < len(rows)
    assert {key: each.value for key, each in said.segments("c").items()} == {
        key: each.value for key, each in whole.segments("c").items()
    }


def test_beside_the_whole_and_for_kinds_with_steps(pipeline: Pipeline, rows: pd.DataFrame):
    pipeline.rows("rows", rows.assign(id=range(len(rows))), time="t", key="id", lateness="10m")
    robot = judged(rows, fast) | judged(rows, even)
    checks = {
        "robots": ROBOTS,
        "c": VOLUME | {"bots": "both"},
        "twice": {"kind": "duplicates", "dataset": "rows", "bots": "both", **WINDOW},
    }
    said = pipeline.tick(AT, checks)
    assert not said.errors
    for name in ("c", "twice"):
        assert said[name].total == len(rows)
        assert said[name].detail["without_bots"]["total"] == (~robot).sum()


def test_a_page_that_only_robots_fetch_and_impossible_dwell(pipeline: Pipeline, rows: pd.DataFrame):
    draw = np.random.default_rng(2)
    rows["path"] = np.where(rows.index == rows.index[rows["user"] == "p7"][3], "/robots.txt", "/item/3")
    rows["stay"] = np.where(draw.random(len(rows)) < 0.1, 0.01, 4.0)
    pipeline.rows("rows", rows, time="t", lateness="10m")
    fetched = rows["t"][rows["path"] == "/robots.txt"].iloc[0]
    cells = rows["t"].dt.floor("5min")
    after = (
        (rows["user"] == "p7") & (cells >= fetched.floor("5min")) & (cells <= fetched.floor("5min") + HOUR)
    )
    assert left(pipeline, {"robots_txt": True}, path="path") == (~after).sum()
    assert left(pipeline, {"dwell": True}, dwell="stay") == (rows["stay"] > 1).sum()


def test_whose_conduct_it_is_stays_in_the_source(lake: Pipeline, rows: pd.DataFrame):
    from sqlalchemy import text

    lake.rows("rows", rows, time="t", lateness="10m")
    lake.tick(AT, {"robots": ROBOTS, "c": VOLUME | {"exclude_bots": True}})
    with lake.store.engine.connect() as connection:
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars()
        whole = repr([connection.execute(text(f'SELECT * FROM "{name}"')).all() for name in names])
    assert "hammer" not in whole
    assert "'clock'" not in whole


SHOWN = {"exposures": "shown", "exposure_key": ["user", "item"], "clicks": "item IS NOT NULL"}


@pytest.fixture
def clicks(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same people, who click on some of what they see, and one who clicks on what nobody showed."""
    draw = np.random.default_rng(11)
    blind = pd.DataFrame(
        {"user": "blind", "t": START + pd.to_timedelta(6_000 + 97 * np.arange(30), unit="s")}
    )
    both = pd.concat([rows, blind], ignore_index=True).sort_values("t", ignore_index=True)
    named = pd.Series([f"i{n}" for n in range(len(both))])
    both["item"] = named.where((draw.random(len(both)) < 0.5) | (both["user"] == "blind"))
    seen = both[both["item"].notna() & (both["user"] != "blind") & (draw.random(len(both)) < 0.7)]
    ago = pd.to_timedelta(draw.uniform(0, 5_000, len(seen)).round(3), unit="s")
    return both, seen[["t", "user", "item"]].assign(t=lambda each: each["t"] - ago)


def unexposed(
    both: pd.DataFrame, shown: pd.DataFrame, within: str = "1h", share: float = 0.5, least: int = 3
) -> pd.Series:
    """Whether most of an actor's clicks in a row's five minutes and the hour before them lack an exposure."""
    newest = shown.rename(columns={"t": "seen"}).sort_values("seen")
    clicks = both[both["item"].notna() & both["user"].notna()].reset_index(names="row")
    joined = clicks.merge(newest, on=["user", "item"], how="left")
    inside = (joined["seen"] <= joined["t"]) & (joined["seen"] >= joined["t"] - pd.Timedelta(within))
    lone = ~inside.groupby(joined["row"]).any()
    found = pd.Series(False, both.index)
    cells = both["t"].dt.floor("5min")
    for (user, cell), rows in both.groupby(["user", cells]):
        mine = clicks[(clicks["user"] == user) & (clicks["t"] >= cell - HOUR)]
        mine = mine[mine["t"] < cell + pd.Timedelta("5min")]
        alone = int(lone[mine["row"]].sum())
        found[rows.index] = alone >= least and alone > share * len(mine)
    return found


def test_clicks_on_what_was_never_shown(pipeline: Pipeline, clicks: tuple[pd.DataFrame, pd.DataFrame]):
    both, shown = clicks
    pipeline.rows("rows", both, time="t", lateness="10m")
    pipeline.rows("shown", shown, time="t", lateness="10m")
    robot = unexposed(both, shown)
    assert robot[both["user"] == "blind"].sum() > 20
    assert 0 < robot[both["user"] != "blind"].sum() < len(both) / 2
    assert left(pipeline, {"unexposed": True}, **SHOWN) == (~robot).sum()
    strict = {"unexposed": {"within": "20m", "share": 0.8, "at_least": 8}}
    least = unexposed(both, shown, "20m", 0.8, 8)
    assert 0 < least.sum() != robot.sum()
    assert left(pipeline, strict, **SHOWN) == (~least).sum()
    fast_ones = judged(both, fast)
    half = {"unexposed": {"weight": 0.5}, "rate": {"weight": 0.5}}
    assert left(pipeline, half, **SHOWN) == (~(robot & fast_ones)).sum()
    assert left(pipeline, half | {"rate": True}, **SHOWN) == (~fast_ones).sum()
    assert left(pipeline, {"rate": True}, **SHOWN) == (~fast_ones).sum()
    kept = ~robot | (both["user"] == "blind")
    assert left(pipeline, {"unexposed": True}, allow=["blind"], **SHOWN) == kept.sum()


def test_clicks_read_the_same_at_every_tick(lake: Pipeline, clicks: tuple[pd.DataFrame, pd.DataFrame]):
    both, shown = clicks
    lake.rows("rows", both, time="t", lateness="10m")
    lake.rows("shown", shown, time="t", lateness="10m")
    checks = {"robots": ROBOTS | SHOWN, "c": VOLUME | {"exclude_bots": True}}
    whole = lake.tick(AT, checks)
    lake.close()
    said = None
    for minutes in range(0, 250, 10):
        said = lake.tick((START + pd.Timedelta(minutes=minutes)).to_pydatetime(), checks)
    assert said is not None
    assert not said.errors
    assert said["c"].value == whole["c"].value < len(both)


def test_where_nothing_was_shown_or_its_table_is_gone(
    pipeline: Pipeline, clicks: tuple[pd.DataFrame, pd.DataFrame]
):
    both, shown = clicks
    pipeline.rows("rows", both, time="t", lateness="10m")
    pipeline.rows("shown", shown.iloc[:0], time="t", lateness="10m")
    robot = unexposed(both, shown.iloc[:0])
    assert left(pipeline, {"unexposed": True}, **SHOWN) == (~robot).sum()
    pipeline.datasets["shown"] = pipeline.datasets["shown"] | {"time": "when"}
    pipeline.close()
    robots = ROBOTS | SHOWN | {"enabled": False}
    said = pipeline.tick(AT, {"robots": robots, "c": VOLUME | {"exclude_bots": "robots"}})
    assert "when" in str(said.errors["c"])
