"""bots: rules, weights and overrides, against pandas and the labels of a real access log."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.binding.sources import Sources
from monitor.errors import ConfigError
from monitor.shown.preview import preview
from tests.pipelines import Pipeline, micros

AT = "2026-11-20T13:00Z"
CHECK: dict[str, Any] = {"kind": "bots", "dataset": "rows", "window": "4h", "settle": "0s"}
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
LINE = re.compile(r'^\s*(\S+) \S+ \S+ \[([^\]]+)\] "(.*?)" (\d+) (\S+) "(.*?)" "(.*)"$')


@pytest.fixture(scope="session")
def log(shared_data: Path) -> pd.DataFrame:
    """The access log, with who fetched robots.txt: a label that does not rest on the agent."""
    text = (shared_data / "web_access_log/apache_access.log").read_text(errors="replace")
    rows = [found.groups() for found in map(LINE.match, text.splitlines()) if found]
    frame = pd.DataFrame(rows, columns=["client", "at", "request", "status", "size", "referrer", "agent"])
    frame["t"] = pd.to_datetime(frame.pop("at"), format="%d/%b/%Y:%H:%M:%S %z", utc=True)
    fetched = frame["request"].str.contains("/robots.txt", regex=False)
    frame["robot"] = frame["client"].isin(frame.loc[fetched, "client"])
    return frame[["client", "t", "request", "agent", "robot"]]


def people(n: int = 200, seed: int = 7) -> pd.DataFrame:
    """Sessions of people: bursts of a few clicks, seconds to minutes apart."""
    draw = np.random.default_rng(seed)
    rows = []
    for person in range(n):
        start = pd.Timestamp("2026-11-20T09:10Z") + pd.Timedelta(minutes=draw.uniform(0, 200))
        for gap in np.cumsum(draw.lognormal(3, 1.2, draw.integers(1, 12))):
            rows.append({"t": start + pd.Timedelta(seconds=gap), "user": f"p{person}", "agent": BROWSER})
    frame = pd.DataFrame(rows).assign(robot=False)
    return frame[frame["t"] < pd.Timestamp(AT)]


def robot(name: str, every: float, n: int, start: str = "2026-11-20T10:00Z", **more: Any) -> pd.DataFrame:
    times = pd.Timestamp(start) + pd.to_timedelta(np.arange(n) * every, unit="s")
    return pd.DataFrame({"t": times, "user": name, "agent": BROWSER, "robot": True} | more)


def test_the_real_log_by_user_agents(pipeline: Pipeline, log: pd.DataFrame):
    crawleruseragents = pytest.importorskip("crawleruseragents")
    pipeline.rows("rows", log, time="t", lateness="10m")
    check = CHECK | {"agent": "agent", "actor": "client", "window": "5d", "truth": "robot"}
    said = pipeline.once("2015-05-21T12:00Z", **check)
    listed = log["agent"].map(crawleruseragents.is_crawler)
    assert said.value == pytest.approx(listed.mean()) == pytest.approx(0.1955, abs=1e-4)
    assert (said.total, said.good) == (len(log), (~listed).sum())
    right = (listed & log["robot"]).sum()
    assert said.detail["precision"] == pytest.approx(right / listed.sum())
    assert said.detail["recall"] == pytest.approx(right / 1446)
    assert said.detail["rules"]["agents"]["rows"] == listed.sum()
    assert said.detail["off"] == ["dwell", "flag", "robots_txt", "unexposed"]


def test_the_real_log_by_robots_txt(pipeline: Pipeline, log: pd.DataFrame):
    pipeline.rows("rows", log.drop(columns="t"))
    rules = {"agents": False, "rate": False, "regular": False}
    check = {"kind": "bots", "actor": "client", "path": "request", "rules": rules, "truth": "robot"}
    said = pipeline.once(AT, dataset="rows", **check)
    assert said.detail["bots"] == said.detail["rules"]["robots_txt"]["rows"] == 1446
    assert (said.detail["precision"], said.detail["recall"]) == (1.0, 1.0)


def test_every_behavioural_rule_finds_its_robots_and_no_people(pipeline: Pipeline):
    crowd = people()
    fast, even = robot("fast", 0.3, 300), robot("even", 30, 40)
    pipeline.rows("rows", pd.concat([crowd, fast, even]), time="t", lateness="10m")
    said = pipeline.once(AT, **CHECK, actor="user", agent="agent", truth="robot")
    rules = said.detail["rules"]
    assert rules["rate"]["rows"] == 300
    assert rules["regular"]["rows"] == 340
    assert said.value == pytest.approx(340 / (len(crowd) + 340))
    assert (said.detail["precision"], said.detail["recall"]) == (1.0, 1.0)


def test_a_rate_is_of_any_stretch_and_not_of_minutes_on_the_clock(pipeline: Pipeline):
    rows = robot("astride", 0.4, 130, "2026-11-20T09:59:34Z")
    pipeline.rows("rows", rows, time="t", lateness="10m")
    only = dict.fromkeys(("regular", "agents"), False)
    assert pipeline.once(AT, **CHECK, actor="user", rules=only).value == 1.0
    more = only | {"rate": {"over": 129, "per": "1m"}}
    assert pipeline.once(AT, **CHECK, actor="user", rules=more).value == 1.0
    more = only | {"rate": {"over": 130, "per": "1m"}}
    assert pipeline.once(AT, **CHECK, actor="user", rules=more).value == 0.0


def test_regularity_is_the_coefficient_of_variation(pipeline: Pipeline):
    draw = np.random.default_rng(3)
    gaps = draw.uniform(20, 40, 60)
    times = pd.Timestamp("2026-11-20T10:00Z") + pd.to_timedelta(np.cumsum(gaps).round(3), unit="s")
    pipeline.rows("rows", pd.DataFrame({"t": times, "user": "u"}), time="t", lateness="10m")
    measured = np.diff(times.astype("int64"))
    cv = measured.std() / measured.mean()
    for under, value in ((cv + 1e-4, 1.0), (cv - 1e-4, 0.0)):
        rules = {"regular": {"under": float(under)}, "rate": False}
        assert pipeline.once(AT, **CHECK, actor="user", rules=rules).value == value
    rules = {"regular": {"under": 1.0, "at_least": 60}}
    assert pipeline.once(AT, **CHECK, actor="user", rules=rules).value == 0.0


def test_dwell_of_a_column_and_of_a_session(pipeline: Pipeline):
    quick = robot("quick", 0.02, 12).assign(stay=[0.01] * 3 + [5.0] * 8 + [100_000.0])
    crowd = people(40).assign(stay=4.0)
    pipeline.rows("rows", pd.concat([crowd, quick]), time="t", lateness="10m")
    check = CHECK | {"rules": {"rate": False, "regular": False}}
    assert pipeline.once(AT, **check, dwell="stay").detail["bots"] == 4
    assert pipeline.once(AT, **check, dwell="stay * 10").detail["bots"] == 1
    assert pipeline.once(AT, **check, session="user").detail["bots"] == 12
    rules = {"dwell": {"over": "3m", "at_least": 50}}
    length = crowd.groupby("user")["t"].agg(lambda t: t.max() - t.min())
    long = crowd["user"].isin(length[length > pd.Timedelta("3m")].index).sum()
    assert long > 0
    assert pipeline.once(AT, **CHECK, session="user", rules=rules).detail["bots"] == long


def test_clicks_on_what_was_never_shown(pipeline: Pipeline):
    clicks = people(60).assign(item=lambda f: [f"i{n}" for n in range(len(f))])
    shown = clicks[["t", "user", "item"]].assign(t=clicks["t"] - pd.Timedelta("20m"))
    blind = robot("blind", 77, 9).assign(item=[f"i{n}" for n in range(9)])
    late = robot("late", 111, 4).assign(item="x")
    seen = late[["t", "user", "item"]].assign(t=late["t"] + pd.Timedelta("1s"))
    unlucky = people(1, seed=5).head(2).assign(item="never", user="unlucky")
    rows = pd.concat([clicks, blind, late, unlucky])
    pipeline.rows("rows", rows, time="t", lateness="10m")
    pipeline.rows("shown", pd.concat([shown, seen.head(1)]), time="t", lateness="10m")
    rules = {"rate": False, "regular": False}
    check = CHECK | {"actor": "user", "exposures": "shown", "exposure_key": ["user", "item"]}
    said = pipeline.once(AT, **check, rules=rules)
    # The first click of `late` came a second before its exposure; the next ones within the hour after it.
    assert said.detail["rules"]["unexposed"]["rows"] == 9
    said = pipeline.once(AT, **check, rules=rules | {"unexposed": {"within": "10m"}})
    assert said.detail["bots"] == 9 + _clicks_of_three(clicks)
    said = pipeline.once(AT, **check, rules=rules, clicks="\"user\" <> 'blind'")
    assert said.detail["bots"] == 0


def _clicks_of_three(clicks: pd.DataFrame) -> int:
    sizes = clicks.groupby("user").size()
    return int(sizes[sizes >= 3].sum())


def test_weights_add_up_to_the_threshold(pipeline: Pipeline):
    both = robot("both", 30, 40, agent=GOOGLEBOT)
    one = robot("one", 30, 40)
    pipeline.rows("rows", pd.concat([both, one]), time="t", lateness="10m")
    rules = {"agents": {"weight": 0.5}, "regular": {"weight": 0.5}}
    said = pipeline.once(AT, **CHECK, actor="user", agent="agent", rules=rules)
    assert said.value == 0.5
    said = pipeline.once(AT, **CHECK, actor="user", agent="agent", rules=rules, threshold=0.5)
    assert said.value == 1.0


def test_overrides_beat_every_rule(pipeline: Pipeline):
    rows = pd.concat([robot("ours", 30, 20, agent=GOOGLEBOT), robot("theirs", 50, 5), robot("x", 60, 4)])
    pipeline.rows("rows", rows, time="t", lateness="10m")
    check = CHECK | {"actor": "user", "agent": "agent"}
    said = pipeline.once(AT, **check, allow=["googlebot"], deny=["theirs"])
    assert (said.detail["bots"], said.detail["allowed"], said.detail["denied"]) == (5, 20, 5)
    said = pipeline.once(AT, **check, allow="ours", deny=["firefox"])
    assert said.detail["bots"] == 9
    said = pipeline.once(AT, **check, allow="ours", deny="ours")
    assert said.detail["bots"] == 0


@pytest.mark.parametrize(
    "values, share, unknown",
    [([True, False, None, False], 0.25, 1), ([1, 0, None, 3], 0.5, 1), (["yes", "no", "TRUE", None], 0.5, 1)],
)
def test_a_flag_however_it_is_stored(pipeline: Pipeline, values: list[Any], share: float, unknown: int):
    rows = [{"t": pd.Timestamp("2026-11-20T11:00Z").to_pydatetime(), "is_bot": value} for value in values]
    pipeline.rows("rows", rows, time="t", lateness="10m")
    for check in (CHECK, CHECK | {"flag": "is_bot"}):
        said = pipeline.once(AT, **check)
        assert (said.value, said.detail["unknown"]) == (share, unknown)


def test_what_happened_before_the_window_counts_where_one_looks_back(pipeline: Pipeline):
    rows = robot("u", 600, 12, "2026-11-20T09:30Z").assign(path=["/robots.txt"] + ["/a"] * 11)
    pipeline.rows("rows", rows, time="t", lateness="10m")
    check = CHECK | {"actor": "user", "path": "path", "window": "1h", "rules": {"regular": False}}
    at = "2026-11-20T11:00Z"
    assert pipeline.once(at, **check).value == 0.0
    said = pipeline.once(at, **check, look_back="2h")
    assert (said.value, said.total) == (1.0, 6)


def test_segments_judge_actors_as_a_whole(pipeline: Pipeline):
    rows = robot("even", 30, 40).assign(region=["eu", "us", None, "eu"] * 10)
    rows = pd.concat([rows, people(30).assign(region="eu")])
    pipeline.rows("rows", rows, time="t", lateness="10m")
    said = pipeline.tick(AT, {"b": CHECK | {"actor": "user", "by": ["region"]}})
    found = {name: each.detail["bots"] for name, each in said.segments("b").items()}
    assert found == {"eu": 20, "us": 10, "__null__": 10}


def test_no_rows_are_no_data_and_nulls_are_nobodys(pipeline: Pipeline):
    blank = {"t": pd.Timestamp("2026-11-20T11:00Z").to_pydatetime(), "user": None, "agent": None}
    pipeline.rows("rows", [blank | {"user": "a", "agent": "b"}] + [blank] * 500, time="t", lateness="10m")
    assert pipeline.once(AT, **CHECK, actor="user", agent="agent").value == 0.0
    early = pipeline.once("2026-11-20T05:00Z", **CHECK, actor="user", agent="agent")
    assert (str(early.outcome), early.value) == ("no_data", None)


def test_without_the_package_its_list_is_not_the_default(lake: Pipeline, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("crawleruseragents")
    lake.rows("rows", [{"agent": agent} for agent in (BROWSER, GOOGLEBOT, "Wget/1.21")])
    check = {"kind": "bots", "agent": "agent"}
    said = lake.once(AT, **check)
    assert (said.detail["bots"], said.detail["lists"]) == (2, ["crawlers"])
    monkeypatch.setattr("monitor.detect.agents.find_spec", lambda name: None)
    said = lake.once(AT, **check)
    assert (said.detail["bots"], said.detail["lists"]) == (1, ["words"])


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"lists": "nolist"}, "unknown list 'nolist'"),
        ({"lists": "nowhere.json"}, "'nowhere.json' cannot be read"),
        ({"lists": "broken.json"}, "no JSON list"),
        ({"lists": []}, "the list is empty"),
        ({"allow": "("}, "no regular expression"),
        ({"rules": {"rate": {"over": 0}}}, "at least 1"),
        ({"rules": {"speed": False}}, "unknown key 'speed'"),
        ({"path": "agent"}, "needs an 'actor'"),
    ],
)
def test_what_is_wrong_is_said_when_the_file_is_loaded(lake: Pipeline, wrong: dict[str, Any], message: str):
    lake.rows("rows", [{"agent": BROWSER}])
    (lake.folder / "broken.json").write_text('[{"name": "x"}]')
    with pytest.raises(ConfigError, match=message):
        lake.load({"c": {"kind": "bots", "dataset": "rows", "agent": "agent"} | wrong})


def test_lists_of_ones_own(lake: Pipeline, shared_data: Path):
    rows = [{"agent": agent} for agent in (BROWSER, GOOGLEBOT, "LumiBot 2.0", "acme-probe/3", "Cubot X19")]
    lake.rows("rows", rows)
    (lake.folder / "mine.txt").write_text("# ours\n^acme-probe\n")
    counter = shared_data / "bots/COUNTER_Robots_list.json"
    check = {"kind": "bots", "agent": "agent"}
    assert lake.once(AT, **check).detail["bots"] == 1
    assert lake.once(AT, **check, lists=["crawlers", "mine.txt"]).detail["bots"] == 2
    assert lake.once(AT, **check, lists="words").detail["bots"] == 2
    assert lake.once(AT, **check, lists=str(counter)).detail["bots"] >= 2


def test_a_plan_takes_expressions_that_are_no_conditions(pipeline: Pipeline, log: pd.DataFrame):
    pipeline.rows("rows", log.head(50), time="t", lateness="10m")
    check = CHECK | {
        "actor": "client",
        "path": "lower(request)",
        "dwell": "length(request) / 100.0",
        "window": "5d",
    }
    loaded = pipeline.load({"c": check})
    with Sources(loaded) as sources:
        seen = preview(loaded, sources, micros("2015-05-21T12:00Z"))
    assert not seen.errors
