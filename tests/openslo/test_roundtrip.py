"""OpenSLO in and out: the same objectives come back, and what cannot be carried is said."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from monitor.cli import weir
from monitor.config import load
from monitor.errors import ConfigError, UsageError
from monitor.grammar import show_duration
from monitor.openslo.objects import read
from monitor.slo.burn import rows_of
from tests.openslo.test_reading import BOTH

WEIR = """\
pipeline: shop
owner: data
sources: {lake: {engine: duckdb, root: lake/}}
datasets:
  events: {files: events/*.parquet, time: event_time, key: event_id, lateness: 10m}
  emitted: {files: emitted/*.parquet, time: event_time, key: event_id}
checks:
  ingestion_Success:
    kind: match
    left: emitted
    right: events
    key: event_id
    within: 5m
    by: [region]
    description: Emitted events that arrive
    slo: {objective: 99.95%, window: 28d}
  basket:
    kind: ratio
    dataset: events
    good: "basket is not null and note <> 'it''s'"
    upstream: [volume, ingestion_Success]
    slo:
      objective: 99.5%
      window: month
      timezone: Europe/Zurich
      budgeting: timeslices
      slice: 5m
      slice_target: 99%
  consent:
    kind: ratio
    dataset: events
    good: consent
    slo: {objective: 100%, window: 30d, alerts: {half: true, segments: {least: 500}}}
  fresh:
    kind: freshness
    dataset: events
    fail: "> 10m"
    slo: {objective: 99%, window: 7d, alerts: {ticket: false}}
  quiet:
    kind: ratio
    dataset: events
    bad: broken
    enabled: false
    slo: {objective: 99%, window: 14d, alerts: {page: false, ticket: false}}
  volume: {kind: volume, dataset: events}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "weir.yaml"
    path.write_text(WEIR)
    return path


def exported(path: Path, to: Path) -> Result:
    return CliRunner().invoke(weir, ["rules", "--config", str(path), "--openslo", str(to)])


def imported(path: Path, out: Path, *more: str) -> Result:
    return CliRunner().invoke(weir, ["init", "--from-openslo", str(path), "--out", str(out), *more])


def slos(path: Path) -> dict[str, Any]:
    return {name: check.slo for name, check in load(path, {}).checks.items() if check.slo}


@pytest.mark.parametrize("to", ["openslo.yaml", "folder"])
def test_the_same_checks_come_back(shop: Path, tmp_path: Path, to: str):
    assert exported(shop, tmp_path / to).exit_code == 0
    result = imported(tmp_path / to, tmp_path / "back.yaml")
    assert result.exit_code == 0, result.output
    before, after = load(shop, {}), load(tmp_path / "back.yaml", {})
    assert slos(tmp_path / "back.yaml") == slos(shop)
    for name in slos(shop):
        mine, other = before.checks[name], after.checks[name]
        assert other.params == mine.params
        assert (other.every, other.settle, other.by, other.severity) == (
            mine.every,
            mine.settle,
            mine.by,
            mine.severity,
        )
    assert after.checks["basket"].upstream == ("ingestion_Success",)
    assert "its upstream has no objective, and is not here: volume" in (tmp_path / "back.yaml").read_text()


def test_what_is_written_says_the_same_in_openslo_s_own_words(shop: Path, tmp_path: Path):
    result = exported(shop, tmp_path / "out.yaml")
    documents: list[Any] = list(yaml.safe_load_all((tmp_path / "out.yaml").read_text()))
    spec = {each["metadata"]["name"]: each["spec"] for each in documents if each["kind"] == "SLO"}
    assert spec["ingestion-success"]["objectives"] == [{"target": 0.9995}]
    assert spec["ingestion-success"]["timeWindow"] == [{"duration": "28d", "isRolling": True}]
    assert spec["ingestion-success"]["budgetingMethod"] == "Occurrences"
    ratio = spec["ingestion-success"]["indicator"]["spec"]["ratioMetric"]
    assert ratio["total"]["metricSource"]["spec"]["query"] == (
        'weir_sli_events_total{pipeline="shop", slo="ingestion_Success"}'
    )
    assert spec["basket"]["budgetingMethod"] == "Timeslices"
    assert spec["basket"]["objectives"] == [
        {"target": 0.995, "timeSliceTarget": 0.99, "timeSliceWindow": "5m"}
    ]
    (month,) = spec["basket"]["timeWindow"]
    assert (month["duration"], month["isRolling"]) == ("1M", False)
    assert month["calendar"]["timeZone"] == "Europe/Zurich"
    raw = spec["fresh"]["indicator"]["spec"]["ratioMetric"]
    assert (raw["rawType"], raw["counter"]) == ("failure", False)
    assert "consent: OpenSLO knows no objective of 100%" in result.stderr


def test_every_burn_rate_row_is_a_policy(shop: Path, tmp_path: Path):
    exported(shop, tmp_path / "out.yaml")
    objects = read(tmp_path / "out.yaml")
    check = load(shop, {}).checks["consent"]
    policies = [each for each in objects.of("AlertPolicy") if each.name.startswith("consent-")]
    conditions = [each.spec["conditions"][0] for each in policies]
    told = [
        (each["spec"]["severity"], each["spec"]["condition"]["threshold"], each["metadata"]["annotations"])
        for each in conditions
    ]
    assert told == [
        (
            str(row.severity),
            row.factor,
            {"weir.dev/short-window": show_duration(row.short)}
            | ({"weir.dev/row": row.name} if row.name else {}),
        )
        for row in rows_of(check)[0]
    ]


def test_the_export_is_the_same_each_time(shop: Path, tmp_path: Path, golden: Callable[[str, str], None]):
    exported(shop, tmp_path / "out.yaml")
    golden("shop.openslo.yaml", (tmp_path / "out.yaml").read_text())


def test_a_secret_of_the_environment_is_not_exported(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TOKEN", "hunter2")
    shop.write_text(WEIR.replace("good: consent", "good: \"token = '${TOKEN}'\""))
    result = exported(shop, tmp_path / "out.yaml")
    assert "hunter2" not in (tmp_path / "out.yaml").read_text()
    assert "consent: it refers to the environment" in result.stderr


def test_a_changed_objective_wins_over_the_annotation(shop: Path, tmp_path: Path):
    exported(shop, tmp_path / "out.yaml")
    text = (tmp_path / "out.yaml").read_text()
    (tmp_path / "out.yaml").write_text(text.replace("target: 0.9995", "target: 0.99"))
    imported(tmp_path / "out.yaml", tmp_path / "back.yaml")
    assert slos(tmp_path / "back.yaml")["ingestion_Success"].objective == 0.99


def test_a_broken_annotation_says_what_to_do(shop: Path, tmp_path: Path):
    exported(shop, tmp_path / "out.yaml")
    text = (tmp_path / "out.yaml").read_text()
    (tmp_path / "out.yaml").write_text(text.replace("weir.dev/check: '{", "weir.dev/check: '[", 1))
    result = imported(tmp_path / "out.yaml", tmp_path / "back.yaml")
    assert "weir.dev/check' is no JSON object" in str(result.exception)
    assert not (tmp_path / "back.yaml").exists()


def test_an_annotation_that_makes_no_check_leaves_a_file_to_mend(shop: Path, tmp_path: Path):
    exported(shop, tmp_path / "out.yaml")
    text = (tmp_path / "out.yaml").read_text()
    (tmp_path / "out.yaml").write_text(text.replace('"kind": "match"', '"kind": "mtach"'))
    result = imported(tmp_path / "out.yaml", tmp_path / "back.yaml")
    assert isinstance(result.exception, ConfigError)
    assert "unknown kind 'mtach' (did you mean 'match'?)" in str(result.exception)
    assert "needs a hand" in result.stderr
    assert (tmp_path / "back.yaml").exists()


# Foreign files ----------------------------------------------------------------------------------------------


def one(folder: Path, text: str, *more: str) -> tuple[Any, str, str]:
    """The check that comes of it, the written file, and what was said."""
    (folder / "in.yaml").write_text(text)
    result = imported(folder / "in.yaml", folder / "out.yaml", "--force", *more)
    assert result.exit_code == 0, (result.output, result.exception)
    (check,) = load(folder / "out.yaml", {}).checks.values()
    return check, (folder / "out.yaml").read_text(), result.stderr


def test_a_query_is_a_comment_and_its_check_is_off(tmp_path: Path):
    check, text, said = one(tmp_path, BOTH)
    assert (check.name, check.kind, check.enabled, check.slo.objective) == ("searches", "ratio", False, 0.99)
    assert "  # good (some system): good\n  # total (some system): all\n" in text
    assert "files: latency/*.parquet" in text
    assert (check.slo.alerts.page, check.slo.alerts.ticket) == (False, False)
    assert "no alert policy: nobody is told" in said


def policy(severity: str, threshold: float, window: str) -> str:
    return f"""\
  alertPolicies:
  - kind: AlertPolicy
    metadata: {{name: p}}
    spec:
      conditions:
      - kind: AlertCondition
        metadata: {{name: c}}
        spec:
          severity: {severity}
          condition: {{kind: burnrate, op: gt, threshold: {threshold}, lookbackWindow: {window}}}
      notificationTargets: [{{targetRef: t}}]
"""


def with_policy(*policies: str) -> str:
    first, *rest = policies
    entries = first + "".join(each.removeprefix("  alertPolicies:\n") for each in rest)
    return BOTH.replace("  - target: 0.99\n", f"  - target: 0.99\n{entries}")


@pytest.mark.parametrize(
    "text, severity, page, ticket, stands_in",
    [
        (with_policy(policy("page", 13.44, "1h")), "page", True, False, False),
        (with_policy(policy("Critical", 2, "1h")), "page", True, False, True),
        (with_policy(policy("warning", 2.8, "1d")), "ticket", False, True, False),
        (with_policy(policy("page", 13.44, "1h"), policy("low", 1.5, "3d")), "page", True, True, True),
    ],
)
def test_alert_policies_say_who_is_told(
    tmp_path: Path, text: str, severity: str, page: bool, ticket: bool, stands_in: bool
):
    check, _, said = one(tmp_path, text)
    assert (str(check.severity), check.slo.alerts.page, check.slo.alerts.ticket) == (severity, page, ticket)
    assert ("windows of Weir's own stand in" in said) == stands_in


DAY = 24 * 3600 * 1_000_000


@pytest.mark.parametrize(
    "window, length, said",
    [
        ("duration: 4w\n    isRolling: true", 28 * DAY, ""),
        ("duration: 1M\n    isRolling: true", 30 * DAY, ""),
        ("duration: 1Q\n    isRolling: true", 90 * DAY, ""),
        ("duration: 2w\n    isRolling: true", 28 * DAY, "a window of 2w becomes 28d"),
        (
            "duration: 1w\n    calendar: {startTime: 2026-01-05 00:00:00, timeZone: UTC}",
            7 * DAY,
            "a rolling one",
        ),
        (
            "duration: 1M\n    calendar: {startTime: 2026-01-15 00:00:00, timeZone: Asia/Tokyo}",
            31 * DAY + 1,
            "months start on the first at midnight",
        ),
    ],
)
def test_windows(tmp_path: Path, window: str, length: int, said: str):
    text = with_policy(policy("page", 13.44, "1h"))
    check, _, told = one(tmp_path, text.replace("duration: 28d\n    isRolling: true", window))
    assert check.slo.window == length
    assert said in told
    if not said:
        assert "becomes" not in told


def test_a_window_that_nothing_alerts_on_is_carried_exactly(tmp_path: Path):
    check, _, said = one(tmp_path, BOTH.replace("duration: 28d", "duration: 2w"))
    assert check.slo.window == 14 * DAY
    assert "becomes" not in said


def test_target_percent_and_slices(tmp_path: Path):
    text = BOTH.replace(
        "target: 0.99", "targetPercent: 99.95\n    timeSliceTarget: 0.9\n    timeSliceWindow: 7m"
    )
    check, _, said = one(tmp_path, text.replace("Occurrences", "Timeslices"))
    assert (check.slo.objective, check.slo.budgeting, check.slo.slice_target) == (0.9995, "timeslices", 0.9)
    assert check.slo.slice == 6 * 60_000_000
    assert "slices of 7m become 6m" in said


def test_the_value_of_a_threshold_is_a_condition(tmp_path: Path):
    text = BOTH.replace("    good: {metricSource: {spec: {query: good}}}\n", "").replace(
        "ratioMetric", "thresholdMetric"
    )
    text = text.replace(
        "total: {metricSource: {spec: {query: all}}}", "metricSource: {type: Datadog, spec: {query: p}}"
    )
    check, written, _ = one(
        tmp_path, text.replace("target: 0.99", "target: 0.99\n    op: lte\n    value: 0.5")
    )
    assert str(check.params.good) == "value <= 0.5"
    assert "# value (Datadog): p" in written
    _, _, said = one(tmp_path, text)
    assert "a threshold without 'op' and 'value' does not say which values are good" in said


def test_what_the_specification_lets_one_leave_out(tmp_path: Path):
    text = with_policy(policy("page", 13.44, "1h").replace("kind: burnrate, op: gt, ", "alertAfter: 0m, "))
    text = text.replace("  timeWindow:\n  - duration: 28d\n    isRolling: true\n", "").replace(
        "searches", "web/searches.all"
    )
    text = text.replace("target: 0.99\n", "target: 0.99\n    timeSliceTarget: 1\n    timeSliceWindow: 5\n")
    check, _, said = one(tmp_path, text.replace("Occurrences", "Timeslices"))
    assert (check.name, check.slo.window, str(check.severity)) == ("web-searches.all", 28 * DAY, "page")
    assert (check.slo.slice, check.slo.slice_target) == (5 * 60_000_000, 1.0)
    assert "no time window: 28d" in said
    assert "stand in" not in said


def test_secrets_of_a_metric_source_stay_where_they_are(tmp_path: Path):
    spec = "{clusterId: c1, secretAccessKey: hunter2, apiKey: hunter3, metric: latency}"
    _, text, said = one(tmp_path, BOTH.replace("{query: good}", spec))
    assert "hunter" not in text + said
    assert '# good (some system): {"clusterId": "c1", "metric": "latency"}' in text


def test_several_objectives_are_several_checks(tmp_path: Path):
    text = BOTH.replace(
        "- target: 0.99", "- {displayName: Our own, target: 0.995}\n  - {displayName: SLA, target: 0.99}"
    )
    (tmp_path / "in.yaml").write_text(text)
    assert imported(tmp_path / "in.yaml", tmp_path / "out.yaml").exit_code == 0
    found = {name: slo.objective for name, slo in slos(tmp_path / "out.yaml").items()}
    assert found == {"searches-our-own": 0.995, "searches-sla": 0.99}


def test_what_is_in_the_files_cannot_break_out_of_a_comment_or_a_text(tmp_path: Path):
    evil = json.dumps("a\nb: c # x ' \" {{ ${HOME} } \u2028 d")
    text = BOTH.replace("{query: good}", f"{{query: {evil}}}").replace(
        "spec:\n  ratio", f"spec:\n  description: {evil}\n  ratio"
    )
    (tmp_path / "in.yaml").write_text(text)
    result = imported(tmp_path / "in.yaml", tmp_path / "out.yaml")
    assert result.exit_code == 0, result.output + str(result.exception)
    (check,) = load(tmp_path / "out.yaml", {"HOME": "/secret"}).checks.values()
    assert check.name == "searches"


RESULTS = {
    "alert_conditions.yaml": "no SLO and no SLI",
    "alert_notification_targets.yaml": "no SLO and no SLI",
    "alert_policies.yaml": "no SLO and no SLI",
    "data_sources.yaml": "no SLO and no SLI",
    "services.yaml": "no SLO and no SLI",
    "timeslices-slo.yaml": "no budget is kept over 1m, which is in minutes (a month is 1M)",
    "occurences-slo.yaml": {"search-slo": (0.99, 14 * DAY)},
    "ratio-timeslices.yaml": {"main-page": (0.99, 14 * DAY)},
    "slos.yaml": {"web-availability": (0.995, 7 * DAY)},
    "slis.yaml": {},
}


@pytest.mark.parametrize("name", RESULTS)
def test_the_project_s_own_examples_import_or_say_why_not(shared_data: Path, tmp_path: Path, name: str):
    result = imported(shared_data / "openslo" / name, tmp_path / "out.yaml")
    wanted = RESULTS[name]
    if isinstance(wanted, str):
        assert isinstance(result.exception, ConfigError)
        assert wanted in str(result.exception)
        assert all(fault.place.file.endswith(name) and fault.place.line for fault in result.exception.faults)
        assert not (tmp_path / "out.yaml").exists()
    else:
        assert {n: (slo.objective, slo.window) for n, slo in slos(tmp_path / "out.yaml").items()} == wanted


def test_all_examples_together_leave_out_what_cannot_be(shared_data: Path, tmp_path: Path):
    assert {path.name for path in (shared_data / "openslo").glob("*.yaml")} == RESULTS.keys()
    result = imported(shared_data / "openslo", tmp_path / "out.yaml")
    assert result.exit_code == 0
    assert slos(tmp_path / "out.yaml").keys() == {"search-slo", "main-page", "web-availability"}
    assert len(load(tmp_path / "out.yaml", {}).checks) == 7
    assert "left out: " in result.stderr


def test_nothing_to_export(tmp_path: Path, shop: Path):
    head = WEIR.partition("  ingestion_Success:")[0]
    shop.write_text(f"{head}  volume: {{kind: volume, dataset: events}}\n")
    assert isinstance(exported(shop, tmp_path / "x.yaml").exception, UsageError)


def test_a_file_that_is_there_is_not_overwritten(tmp_path: Path):
    (tmp_path / "in.yaml").write_text(BOTH)
    (tmp_path / "out.yaml").write_text("mine")
    assert "exists already" in str(imported(tmp_path / "in.yaml", tmp_path / "out.yaml").exception)
