"""Good configurations: what is filled in, and what YAML 1.2 makes of words."""

import json
from pathlib import Path

import pytest

from monitor.config import Config, load
from monitor.config.composites import All, AnyOf, Not, members
from monitor.errors import ConfigError
from monitor.grammar import show_duration
from monitor.model import DAY, HOUR, MINUTE, SECOND, Severity, Stage

GOOD = Path(__file__).parent / "good"
ENV = {"SCRAPE_PASSWORD": "s3cret-scrape", "WAREHOUSE_PASSWORD": "s3cret-warehouse"}


def good(name: str, env: dict[str, str] | None = None) -> Config:
    return load(GOOD / name, ENV if env is None else env)


def test_a_pipeline_needs_a_name_and_nothing_else() -> None:
    config = good("minimal.yaml")
    assert (config.pipeline, config.owner, dict(config.checks)) == ("shop", "", {})
    assert config.store == f"sqlite:///{GOOD.resolve() / 'weir.db'}"
    assert (config.serve.host, config.serve.tls) == ("127.0.0.1", None), "loopback unless said otherwise"


def test_yaml_1_2_leaves_words_alone() -> None:
    config = good("traps.yaml")
    check, dataset = config.checks["on"], config.datasets["events"]
    assert (config.pipeline, config.owner) == ("NO", "on")
    assert [source.parallel for source in config.sources.values()] == [15, 12]
    assert list(config.sources) == ["yes", "2024-01-01"]
    assert (dataset.source, dataset.time, dataset.files) == (
        "2024-01-01",
        "on",
        ("NO.parquet", "12.30.parquet"),
    )
    assert dataset.columns == {"on": "off", "y": "n", "012": "x", "NO": "null_country"}
    assert check.by == (("y",), ("n",), ("NO",))
    assert (check.where, check.params.good, check.description) == ("region = 'NO'", "true", "1_000")
    assert check.tags == ("NO", "12:30:45", "2024-01-01")
    assert check.snooze
    assert (check.snooze.until, check.snooze.reason) == (1_798_070_400 * SECOND, "off")


def test_json_writes_some_characters_as_two_escapes(tmp_path: Path) -> None:
    columns = {"basket \U0001f9fa": "b\U0001f600"}
    dataset = {"files": "a.parquet", "time": "t", "columns": columns}
    whole = {
        "pipeline": "shop",
        "owner": "ann \U0001f600 (\u00e9)",
        "sources": {"lake": {"engine": "duckdb"}},
    }
    path = tmp_path / "weir.yaml"
    path.write_text(json.dumps(whole | {"datasets": {"events": dataset}}), encoding="utf-8")
    assert "\\ud83d\\ude00" in path.read_text("utf-8")
    config = load(path)
    assert config.owner == whole["owner"]
    assert config.datasets["events"].columns == columns


def test_times_follow_the_law() -> None:
    """bucket, settle, every, window: worked out by hand from section 4 of the design."""
    checks = good("every-kind.yaml").checks
    assert {
        name: tuple(map(show_duration, (c.bucket, c.settle, c.every, c.window))) for name, c in checks.items()
    } == {
        "ingestion": ("1m", "15m", "1m", "1m"),  # within + lateness
        "labelled": ("1h", "14d", "1h", "1h"),  # within is the labels' lateness; and 7d of lateness
        "reconciled": ("1m", "10m", "1m", "1m"),
        "renamed": ("1h", "14d", "1h", "1h"),
        "fast": ("1m", "10m5s", "1m", "1m"),  # threshold + lateness
        "fresh": ("1m", "0s", "1m", "1m"),
        "rows": ("30s", "10m", "30s", "30s"),  # lateness
        "night": ("15m", "2h", "1h", "1d"),
        "people": ("0s", "0s", "1h", "0s"),  # a snapshot
        "once": ("1m", "1m", "1m", "1m"),  # min(bucket, lateness)
        "basket": ("1m", "2m", "5m", "7m"),
        "trained": ("1m", "1m", "1m", "1m"),
        "logged": ("5m", "0s", "5m", "5m"),
    }


def test_what_is_left_out_is_filled_in() -> None:
    checks = good("every-kind.yaml").checks
    assert (checks["ingestion"].main_dataset, checks["ingestion"].lateness) == ("emitted", 10 * MINUTE)
    assert checks["labelled"].lateness == 7 * DAY, "the larger of the two datasets'"
    assert {c.owner for name, c in checks.items() if name != "basket"} == {"data-platform"}
    assert [checks[n].severity for n in ("once", "rows", "basket", "renamed")] == [
        Severity.PAGE,
        Severity.TICKET,
        Severity.TICKET,
        Severity.PAGE,
    ]
    assert [checks[n].stage for n in ("basket", "ingestion", "trained")] == [
        Stage.CAPTURE,
        Stage.INGEST,
        Stage.FEATURE,
    ]
    assert [checks[n].runbook for n in ("rows", "basket")] == ["volume", "https://wiki.example.org/basket"]


def test_an_slo_without_bounds_is_yellow_below_its_objective() -> None:
    checks = good("every-kind.yaml").checks
    ingestion, once = checks["ingestion"].warn, checks["once"].warn
    assert ingestion
    assert once
    assert (ingestion.text, ingestion.breaks(0.9994), ingestion.breaks(0.9995)) == ("< 99.95%", True, False)
    assert (once.text, once.breaks(0.0011), once.breaks(0.001)) == ("> 0.1%", True, False), (
        "a share of bad rows"
    )
    assert checks["fast"].warn is None, "its value is a time, which an objective says nothing of"


def test_a_check_keeps_what_is_written() -> None:
    check = good("every-kind.yaml").checks["basket"]
    assert check.by == (("region",), ("app_version",), ("region", "device"))
    assert check.slo
    assert (check.slo.objective, check.slo.window) == (0.995, 28 * DAY)
    assert (check.min_events, check.enabled, check.was, check.upstream) == (
        50,
        False,
        "checkout",
        ("ingestion", "rows"),
    )
    assert check.snooze
    assert check.snooze.until == 1_798_131_600 * SECOND


def test_sources_and_datasets() -> None:
    config = good("every-kind.yaml")
    lake, file, warehouse = config.sources.values()
    assert lake.root == GOOD.resolve() / "lake"
    assert (lake.timeout, lake.max_scan, lake.parallel, lake.dialect) == (5 * MINUTE, 10**10, 4, "duckdb")
    assert (file.root, file.database) == (GOOD.resolve(), GOOD.resolve() / "shop.duckdb")
    assert warehouse.url == "postgresql+psycopg://reader:s3cret-warehouse@warehouse/shop"
    assert warehouse.dialect == "postgres"
    assert {name: d.format for name, d in config.datasets.items() if d.files} == {
        "emitted": "parquet",
        "events": "parquet",
        "logs": "csv",
        "labels": "json",
    }
    assert (config.source_of("users"), config.source_of("purchases")) == (warehouse, file)
    assert (config.datasets["logs"].timezone, config.datasets["logs"].lateness) == ("Europe/Berlin", 0)


def test_aliases_and_merge_keys() -> None:
    config = good("aliases.yaml")
    rows, clicks = config.checks["rows"], config.checks["clicks"]
    assert (rows.dataset, clicks.dataset, clicks.every) == ("events", "clicks", 5 * MINUTE)
    assert rows.fail == clicks.fail == clicks.warn
    assert config.datasets["clicks"].files == ("b.parquet",)
    assert config.datasets["clicks"].lateness == 5 * MINUTE


def test_references_have_defaults() -> None:
    config = good("environment.yaml", {})
    assert (config.pipeline, config.sources["lake"].parallel, config.sources["lake"].timeout) == (
        "shop",
        3,
        90 * SECOND,
    )
    assert config.datasets["events"].files == ("events/*.parquet",)
    assert config.checks["rows"].params.good == "name ~ '${x'", "$${ is a plain ${"
    changed = good("environment.yaml", {"PARALLEL": "7", "OWNER": "growth", "FAIL": "< 50%"})
    assert (changed.sources["lake"].parallel, changed.owner) == (7, "growth")
    assert str(changed.checks["rows"].fail) == "< 50%"


def test_secrets_from_files(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("pass word\n")
    path = tmp_path / "weir.yaml"
    path.write_text(
        "pipeline: a\nsources:\n  db:\n    engine: postgresql\n    url: postgres://u:${file:password}@h/d\n"
    )
    assert load(path, {}).sources["db"].url == "postgresql+psycopg://u:pass word@h/d"


def test_a_file_can_be_checked_where_its_secrets_are_not() -> None:
    with pytest.raises(ConfigError, match="'SCRAPE_PASSWORD' is not set"):
        good("every-kind.yaml", {})
    config = load(GOOD / "every-kind.yaml", {}, allow_missing_env=True)
    assert config.serve.users == {"prometheus": "${SCRAPE_PASSWORD}"}
    assert "${WAREHOUSE_PASSWORD}" in (config.sources["warehouse"].url or "")


def test_a_configuration_does_not_print_its_secrets() -> None:
    assert "s3cret" not in repr(good("every-kind.yaml"))


def test_places() -> None:
    config = good("every-kind.yaml")
    lines = (GOOD / "every-kind.yaml").read_text().splitlines()

    def text(*path: str | int) -> str:
        place = config.place(*path)
        return lines[place.line - 1][place.column - 1 :]

    assert text("checks", "basket").startswith("basket:")
    assert text("checks", "basket", "where").startswith("event_type =")
    assert text("checks", "basket", "by", 1).startswith("app_version")
    assert text("checks", "basket", "slo", "objective").startswith("0.995")
    assert text("checks", "fast", "from").startswith("received_at")
    assert text("checks", "labelled", "key", 0, 1).startswith("event_id]"), "the nearest thing around it"
    assert text("checks", "rows", "where").startswith("rows:"), "absent: its check"
    assert text("sources", "lake", "root").startswith("lake/")
    assert config.place("checks", "nothing").line >= 1


def test_values_never_change() -> None:
    config = good("every-kind.yaml")
    for value in (config.checks["basket"], config.sources["lake"], config.datasets["events"], config.serve):
        with pytest.raises(ValueError, match="frozen"):
            value.name = "other"  # type: ignore[misc,union-attr]


def test_the_digest_follows_the_files(tmp_path: Path) -> None:
    path = tmp_path / "weir.yaml"
    path.write_text("pipeline: a\n")
    first = load(path, {}).digest
    assert load(path, {}).digest == first
    path.write_text("pipeline: a\nowner: b\n")
    assert load(path, {}).digest != first


def test_every_hour_is_enough_for_what_is_read_whole() -> None:
    assert good("every-kind.yaml").checks["people"].every == HOUR


def test_expectations() -> None:
    checks = good("expectations.yaml").checks
    anomaly, trend, change = (
        checks["checkouts"].anomaly,
        checks["checkouts"].trend,
        checks["checkouts"].change,
    )
    assert anomaly
    assert trend
    assert change
    assert (anomaly.sensitivity, anomaly.direction, anomaly.combined) == ((0.005, 3.0), "down", "warn")
    assert (anomaly.learnt, anomaly.min_history, anomaly.raises) == (28 * DAY, 7 * DAY, "warn")
    assert [day % DAY for day in anomaly.calendar] == [0, 0]
    assert anomaly.exclude[0].end - anomaly.exclude[0].start == 30 * HOUR
    assert (trend.direction, trend.over, trend.min_change, trend.confidence) == (
        "falling",
        56 * DAY,
        0.1,
        0.995,
    )
    assert (change.against, change.fail and (change.fail.limit, change.fail.upper)) == (7 * DAY, (-0.2, 0.2))
    plain = checks["baskets"].anomaly
    assert plain
    assert (plain.season, plain.sensitivity, plain.learnt) == ("hour-of-week", (0.001, 3.0), 42 * DAY)
    tests = checks["checkouts"].tests
    assert tests[0].rows[""][1] == {"event_id": None, "note": "{i}", "$repeat": 3, "$every": "1m"}
    assert (tests[1].rows, tests[1].expect.value) == ({"events": ()}, 0)


def test_alerts_over_several_checks() -> None:
    config = good("alerts.yaml")
    both, either, odd = config.composites.values()
    assert (both.condition, both.severity, both.owner) == (All(("basket", "stored")), Severity.PAGE, "data")
    assert (both.hold, both.description) == (5 * MINUTE, "Sales are lost.")
    assert either.condition == AnyOf(("basket", All(("stored", Not("basket")))))
    assert (either.severity, either.owner) == (Severity.TICKET, "checkout")
    assert odd.condition == Not(AnyOf(("basket", "stored")))
    assert members(either.condition) == ("basket", "stored")
    assert (config.checks["basket"].hold, config.checks["stored"].hold) == (10 * MINUTE, MINUTE)
    assert config.checks["stored"].ingestion
    assert config.links.dashboards == "https://weir.example.org"
