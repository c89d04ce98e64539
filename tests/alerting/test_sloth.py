"""Weir beside Sloth: the same windows and factors, its names, and what differs on the same events."""

import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor import config
from monitor.alerting.prometheus import rule_file
from monitor.alerting.promql import promql
from monitor.alerting.rules import rules
from monitor.alerting.sloth import recordings
from monitor.slo.budget import least_ratio, tail_probability
from monitor.slo.burn import GUARD
from tests.alerting.test_rules import LINKS, shop

__all__ = ["shop"]

ONE = """
pipeline: svc01
owner: us
sources: {{lake: {{engine: duckdb}}}}
datasets: {{events: {{files: events/*.parquet, time: event_time}}}}
checks:
  slo1: {{kind: ratio, dataset: events, good: ok, slo: {{objective: {objective}%, window: {days}d}}}}
"""


def weir(folder: Path, objective: float, days: int) -> Any:
    (folder / "weir.yaml").write_text(ONE.format(objective=f"{objective:g}", days=days), encoding="utf-8")
    return config.load(folder / "weir.yaml")


# Golden files -----------------------------------------------------------------------------------------------


def documents(path: Path) -> list[Any]:
    text = re.sub(r"\{\{ ?\.version ?\}\}", "v0", path.read_text(encoding="utf-8"))
    return [each for each in yaml.safe_load_all(text) if each]


def groups(data: Any) -> list[Any]:
    return data.get("groups") or data["spec"]["groups"]


def golden_slos(path: Path) -> Iterator[tuple[float, int, list[set[Any]]]]:
    """Objective in percent, days, and the conditions of each alert of every SLO of a file of Sloth's."""
    every = [rule for data in documents(path) for group in groups(data) for rule in group["rules"]]
    number = re.compile(r"vector\((.+)\)")
    own: dict[str, dict[str, float]] = {}
    for rule in every:
        if rule.get("record") in ("slo:objective:ratio", "slo:time_period:days"):
            found = number.match(rule["expr"])
            assert found
            own.setdefault(rule["labels"]["sloth_id"], {})[rule["record"]] = float(found[1])
    for slo, facts in own.items():
        said = [conditions(r["expr"], "ratio_rate(\\w+)", f'"{slo}"') for r in every if "alert" in r]
        alerts = [each for each in said if each]
        yield round(facts["slo:objective:ratio"] * 100, 6), round(facts["slo:time_period:days"]), alerts


def conditions(expression: str, window: str, within: str) -> set[Any]:
    """(window, threshold) of every pair, as a frozen set."""
    if within not in expression:
        return set()
    pairs = re.split(r"\)\s*or\s*\(", expression)
    over = re.compile(rf"{window}[^>]*> \(?([\d.e-]+)(?: \* ([\d.e-]+)\))?")
    return {
        frozenset((m[1], f"{float(m[2]) * float(m[3] or 1):.9g}") for m in over.finditer(pair))
        for pair in pairs
    }


def ours(alert: Any) -> set[Any]:
    burning = promql(alert.when.of[0])
    found = conditions(burning, r'bad_ratio\{[^}]*window="(\w+)"', "weir_slo_bad_ratio")
    return {each for each in found if each}


def test_factors_windows_and_conditions_are_those_of_sloth(shared_data: Path, tmp_path: Path):
    compared = 0
    for path in sorted((shared_data / "sloth_golden").glob("out-*.tpl")):
        for objective, days, alerts in golden_slos(path):
            of = weir(tmp_path, objective, days)
            mine = [ours(alert) for alert in rules(of, LINKS).alerts if alert.name == "BudgetBurn"]
            assert all(each in mine for each in alerts), path.name
            compared += len(alerts)
    assert compared == 18


# Names ------------------------------------------------------------------------------------------------------


def test_series_have_the_names_and_labels_that_dashboards_ask_for(shared_data: Path, shop: Any):
    (data,) = documents(shared_data / "sloth_golden" / "out-base-28d.yaml.tpl")
    theirs = [rule for group in groups(data) for rule in group["rules"] if "record" in rule]
    mine = recordings(replace(shop, checks={"fresh": shop.checks["fresh"]}))
    assert {rule["record"] for rule in theirs} <= {each.record for each in mine}
    for rule in theirs:
        kept = {name for name in rule["labels"] if name.startswith("sloth_")}
        assert all(kept == set(each.labels) for each in mine if each.record == rule["record"])
    stretched = [each for each in recordings(shop) if each.labels["sloth_slo"] == "slow"]
    fastest = next(each for each in stretched if each.record == "slo:sli_error:ratio_rate5m")
    assert fastest.labels["sloth_window"] == "3h", "the name that dashboards ask for, and what it really is"


@pytest.mark.prometheus
def test_recorded_values(shop: Any, promtool: Path, tmp_path: Path):
    text = rule_file(shop, rules(shop, LINKS), sloth=True)
    (tmp_path / "rules.yaml").write_text(text, encoding="utf-8")
    own = 'slo="loss",pipeline="shop",instance="one"'
    given = {
        f'weir_slo_bad_ratio{{{own},window="5m"}}': 0.002,
        f'weir_slo_bad_ratio{{{own},window="30d"}}': 0.0004,
        f"weir_slo_error_budget_remaining_ratio{{{own}}}": 0.6,
    }
    labels = 'pipeline="shop",sloth_id="shop-loss",sloth_service="shop",sloth_slo="loss"'
    plain = labels.removeprefix('pipeline="shop",')
    wanted = {
        f'slo:sli_error:ratio_rate5m{{{labels},sloth_window="5m"}}': 0.002,
        f'slo:sli_error:ratio_rate30d{{{labels},sloth_window="30d"}}': 0.0004,
        f"slo:objective:ratio{{{plain}}}": 0.999,
        f"slo:error_budget:ratio{{{plain}}}": 0.001,
        f"slo:time_period:days{{{plain}}}": 30,
        f"slo:current_burn_rate:ratio{{{labels}}}": 2,
        f"slo:period_burn_rate:ratio{{{labels}}}": 0.4,
        f"slo:period_error_budget_remaining:ratio{{{labels}}}": 0.6,
    }
    test = {
        "input_series": [{"series": series, "values": f"{value}x3"} for series, value in given.items()],
        "promql_expr_test": [
            {"expr": f"{series.split('{')[0]}{{sloth_slo='loss'}}", "eval_time": "2m", "exp_samples": [
                {"labels": series, "value": value}
            ]}
            for series, value in wanted.items()
        ],
    }  # fmt: skip
    asked = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": [test]}
    (tmp_path / "test.yaml").write_text(yaml.safe_dump(asked), encoding="utf-8")
    subprocess.run([promtool, "test", "rules", "test.yaml"], cwd=tmp_path, check=True, capture_output=True)
    assert 'sloth_severity: "page"' in text
    assert "sloth" not in rule_file(shop, rules(shop, LINKS))


# The same events --------------------------------------------------------------------------------------------

MINUTES = 260
RULE_FILES = ["sloth.yaml", "weir.rules.yaml"]
WINDOWS = {"5m": 5, "30m": 30, "1h": 60, "2h": 120, "6h": 360, "1d": 1440, "3d": 4320}
EXACT, EARLIER, ONLY_SLOTH, ONLY_WEIR, HELD = "exact", "earlier", "only Sloth", "only Weir", "held"


@dataclass(frozen=True)
class Story:
    """Events and bad ones of each minute; the counters of Sloth's service, and the gauges that Weir computes.

    `differs` says how Weir's page differs from Sloth's, and `why`. `arrives` is the minute in which a bad
    event is counted; `stops` is when both lose their data; `born` says that no bad event was counted before.
    """

    name: str
    total: Callable[[int], int]
    bad: Callable[[int], int]
    differs: str
    why: str
    delay: int = 0
    stops: int = MINUTES
    born: bool = False


def steady(at: int) -> int:
    return 1000


def outage(at: int) -> int:
    return 50 if 120 <= at < 180 else 0


STORIES = (
    Story("a loss of 5 % for an hour", steady, outage, EXACT, "the same windows, factors and numbers"),
    Story(
        "nothing bad",
        steady,
        lambda at: 0,
        EXACT,
        "neither has anything to say",
    ),
    Story(
        "two bad events of a handful",
        lambda at: 1 if at % 6 == 0 else 0,
        lambda at: 1 if at in (120, 126) else 0,
        ONLY_SLOTH,
        "low traffic: two of ten in an hour may be chance, and Weir's guard says so",
    ),
    Story(
        "everything is bad for the first minute ever in which something is",
        steady,
        lambda at: 1000 if at == 120 else 0,
        ONLY_WEIR,
        "a counter is born with its first value, whose increase `rate` cannot see",
        born=True,
    ),
    Story(
        "bad events that are counted ten minutes late",
        steady,
        outage,
        EARLIER,
        "a counter grows when an event is seen, Weir's windows when it happened",
        delay=10,
    ),
    Story(
        "the data stops while it burns",
        steady,
        lambda at: 50 if at >= 120 else 0,
        HELD,
        "Sloth's page ends when its short window is empty; Weir's stays until something is known",
        stops=200,
    ),
)


def counters(story: Story) -> list[dict[str, str]]:
    seen = {code: [0] * MINUTES for code in ("200", "500")}
    for at in range(MINUTES):
        seen["200"][at] += story.total(at) - story.bad(at)
        if at + story.delay < MINUTES:
            seen["500"][at + story.delay] += story.bad(at)
    found: list[dict[str, str]] = []
    for code, added in seen.items():
        # What is counted in a minute is scraped at its end.
        sums = [0, *accumulate(added)][:MINUTES]
        shown = ["_" if (story.born and code == "500" and not total) else str(total) for total in sums]
        name = f'http_request_duration_seconds_count{{job="myservice",code="{code}"}}'
        found.append({"series": name, "values": " ".join(shown[: story.stops])})
    return found


def gauges(story: Story) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    own = 'pipeline="svc01",slo="slo1"'
    for name, window in WINDOWS.items():
        minutes = [range(max(0, now - window), now) for now in range(story.stops)]
        sums = [(sum(map(story.bad, each)), sum(map(story.total, each))) for each in minutes]
        for metric, values in (
            ("weir_slo_bad_ratio", [bad / total if total else None for bad, total in sums]),
            ("weir_slo_events", [total for _, total in sums]),
            ("weir_slo_bad_tail_probability", [tail_probability(*each, 0.999) for each in sums]),
            ("weir_slo_bad_ratio_lower_limit", [least_ratio(*each) for each in sums]),
        ):
            shown = " ".join("_" if value is None else repr(float(value)) for value in values)
            found.append({"series": f'{metric}{{{own},window="{name}"}}', "values": shown})
    check = 'pipeline="svc01",check="slo1"'
    success = " ".join(str(60 * now) for now in range(story.stops))
    found.append({"series": f"weir_check_last_success_timestamp_seconds{{{check}}}", "values": success})
    found.append({"series": f"weir_check_interval_seconds{{{check}}}", "values": f"60x{story.stops - 1}"})
    return found


@pytest.fixture(scope="module")
def said(
    any_promtool: Path, tmp_path_factory: pytest.TempPathFactory, shared_data: Path
) -> dict[str, dict[str, list[int]]]:
    """For every story the minutes at which Sloth's page and Weir's fire, as promtool finds them."""
    promtool, folder = any_promtool, tmp_path_factory.mktemp("sloth")
    (data,) = documents(shared_data / "sloth_golden" / "out-base.yaml.tpl")
    slo1 = [group for group in groups(data) if group["name"].endswith("slo1")]
    for rule in (
        rule for group in slo1 for rule in group["rules"] if "ratio_rate30d" in rule.get("record", "")
    ):
        rule["expr"] = "vector(0)"  # thirty days of minutes, which no alert looks at
    text = closed(yaml.safe_dump({"groups": slo1}), promtool)
    (folder / "sloth.yaml").write_text(text, encoding="utf-8")
    of = weir(folder, 99.9, 30)
    (folder / "weir.rules.yaml").write_text(rule_file(of, rules(of, LINKS)), encoding="utf-8")
    return {story.name: _said(promtool, folder, story) for story in STORIES}


def closed(rules: str, promtool: Path) -> str:
    """Sloth's rules whose ranges reach to the sample at their far end, whatever Prometheus reads them.

    Up to version 2 a range holds the samples at both its ends; from 3 on it is left-open (Prometheus 3.0
    migration guide, "Range selectors and lookback exclude samples coinciding with the left boundary").
    Scraped once a minute on the minute, 30m then are 30 samples and the increases of 29 minutes, and Sloth's
    page ends a minute before the outage has left the window. That is no difference between Sloth and Weir: a
    range that is longer by a millisecond holds the same samples as before.
    """
    said = subprocess.run([promtool, "--version"], capture_output=True, text=True, check=True)
    if "version 2." in said.stdout + said.stderr:
        return rules
    return re.sub(r"\[(\d+[mhd])\]", r"[\g<1>1ms]", rules)


def _said(promtool: Path, folder: Path, story: Story) -> dict[str, list[int]]:
    """promtool prints what it got where nothing was expected."""
    asked = {
        "sloth": 'ALERTS{alertstate="firing",sloth_severity="page"}',
        "weir": 'ALERTS{alertname="BudgetBurn",alertstate="firing",severity="page"}',
    }
    tests = [
        {"expr": expression, "eval_time": f"{now}m", "exp_samples": [{"labels": "none", "value": 1}]}
        for expression in asked.values()
        for now in range(MINUTES)
    ]
    test = {"interval": "1m", "input_series": [*counters(story), *gauges(story)], "promql_expr_test": tests}
    read = [yaml.safe_load((folder / name).read_text(encoding="utf-8")) for name in RULE_FILES]
    file = {
        "rule_files": RULE_FILES,
        "evaluation_interval": "1m",
        "group_eval_order": [group["name"] for each in read for group in each["groups"]],
        "tests": [test],
    }
    (folder / "test.yaml").write_text(yaml.safe_dump(file), encoding="utf-8")
    done = subprocess.run(
        [promtool, "test", "rules", "test.yaml"], cwd=folder, capture_output=True, text=True, check=False
    )
    got = re.findall(r'expr: "(.+)", time: (\w+),\s+exp:.*\s+got:(.*)', done.stdout + done.stderr)
    assert len(got) == len(tests), done.stderr[:2000]
    return {
        name: [
            _minutes(time)
            for said, time, what in got
            if said.replace('\\"', '"') == each and "ALERTS" in what
        ]
        for name, each in asked.items()
    }


def _minutes(duration: str) -> int:
    parts = {unit: int(number) for number, unit in re.findall(r"(\d+)([hms])", duration)}
    return parts.get("h", 0) * 60 + parts.get("m", 0)


@pytest.mark.prometheus
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_every_difference_is_explained(story: Story, said: dict[str, dict[str, list[int]]]):
    sloth, mine = said[story.name]["sloth"], said[story.name]["weir"]
    assert story.why
    check: dict[str, Callable[[Sequence[int], Sequence[int]], bool]] = {
        EXACT: lambda a, b: a == b,
        ONLY_SLOTH: lambda a, b: bool(a) and not b,
        ONLY_WEIR: lambda a, b: bool(b) and not a,
        EARLIER: lambda a, b: bool(b) and bool(a) and b[0] < a[0] and b[-1] < a[-1],
        HELD: lambda a, b: bool(a) and a[0] == b[0] and a[-1] <= story.stops + 30 and b[-1] == MINUTES - 1,
    }
    assert check[story.differs](sloth, mine), (sloth[:1], sloth[-1:], mine[:1], mine[-1:], GUARD)
