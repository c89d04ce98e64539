"""A check from the inside, on a store that has something of everything."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.replay import record
from monitor.store import exhibits, requests
from monitor.store.exhibits import Exhibit
from tests.dashboards.inside_stores import HOSTILE, drifting
from tests.dashboards.stores import NOW, Seeded
from tests.dashboards.test_pages import text


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    return drifting(tmp_path_factory.mktemp("drifting"))


@pytest.fixture
def seeded(made: Seeded) -> Callable[[str], Seeded]:
    return lambda name: made


@pytest.fixture
def inside(page: Callable[..., Any]) -> Callable[..., Any]:
    """A tab of a check's page."""

    def run(check: str, tab: str, *more: str) -> Any:
        app = page("debug", "drifting", *more, check=check, tab=tab)
        assert not app.exception
        return app

    return run


def tables(app: Any) -> list[Any]:
    return [each.value for each in app.dataframe]


@pytest.mark.parametrize("check", ["device-mix", "has-price", "variety", "robots"])
@pytest.mark.parametrize(
    "tab",
    [
        "Over time", "Segments", "Distribution", "Readings", "Rows", "Dead letters", "Replays", "Runs",
        "Declaration", "Report", "Detail",
    ],
)  # fmt: skip
def test_no_tab_breaks(inside: Callable[..., Any], check: str, tab: str) -> None:
    inside(check, tab)


def test_a_drift_stands_beside_its_baseline(inside: Callable[..., Any]) -> None:
    bins = tables(inside("device-mix", "Distribution"))[0]
    shown = bins.set_index("bin")
    assert shown.loc["phone", "now"] > 0.8
    assert shown.loc["phone", "baseline"] == pytest.approx(0.5, abs=0.05)
    assert list(bins["adds to the drift"]) == sorted(bins["adds to the drift"], reverse=True)


def test_the_affected_segment_is_looked_at_first(inside: Callable[..., Any]) -> None:
    chosen = next(each for each in inside("device-mix", "Distribution").selectbox if each.label == "Rows of")
    assert chosen.value.startswith("region ")


def test_diversity_is_shown_over_time(inside: Callable[..., Any]) -> None:
    app = inside("variety", "Distribution")
    assert "Gini coefficient" in app.multiselect(key="figures").options


def test_the_rules_that_told_robots_are_named(inside: Callable[..., Any]) -> None:
    rules = tables(inside("robots", "Distribution"))[0].set_index("rule")
    assert rules.loc["agents", "rows"] == 50
    assert rules.loc["rate", "rows"] != rules.loc["rate", "rows"]  # off: no number


def test_example_rows_are_bad_ones_and_nobodys(inside: Callable[..., Any]) -> None:
    app = inside("has-price", "Rows")
    [rows] = tables(app)
    assert 0 < len(rows) <= 50
    assert set(rows["price"]) == {"–"}
    assert "email" not in rows.columns
    assert "email" in text(app) + "".join(each.value for each in app.text)


def test_dead_letters_are_grouped_by_cause(inside: Callable[..., Any]) -> None:
    [causes] = tables(inside("has-price", "Dead letters"))
    assert dict(zip(causes["cause"], causes["last day"], strict=True)) == {
        "too large": 20,
        HOSTILE: 10,
        "•••": 10,
    }


def test_readings_are_corrected_by_late_rows(inside: Callable[..., Any]) -> None:
    app = inside("has-price", "Readings")
    [said] = tables(app)
    assert list(said["as it was said"]) == list(said["with late rows"])
    assert "late rows have changed none" in text(app)


def test_the_sql_is_shown_once_it_was_explained(inside: Callable[..., Any]) -> None:
    code = [each.value for each in inside("has-price", "Declaration").code]
    assert any("SELECT" in each for each in code)
    assert "weir explain variety" in text(inside("variety", "Declaration"))


def test_a_report_is_offered_failed_or_asked_for(inside: Callable[..., Any], made: Seeded) -> None:
    offered = inside("variety", "Report")
    assert [each.proto.label for each in offered.get("download_button")] == ["Download"]
    assert "The report failed." in text(inside("robots", "Report"))
    app = inside("device-mix", "Report", "--operator")
    assert "There is none yet" in text(app)
    app.button(key="report device-mix").click().run()
    assert not app.exception
    store = made.open()
    [asked] = requests.last(store, "shop", "device-mix")
    assert (asked.action, asked.state.value) == ("report", "asked")
    exhibits.put(store, "shop", Exhibit("device-mix", "report", NOW + 1, 0.5, "comparing"))
    store.close()
    app.run()
    assert [each.proto.value for each in app.get("progress")] == [50]
    assert "comparing" in app.get("progress")[0].proto.text


def test_the_catalogue_is_filtered(page: Callable[..., Any]) -> None:
    app = page("checks", "drifting", outcome="failing")
    assert {each.partition("check=")[2] for each in tables(app)[0]["check"]} == {"device-mix", "has-price"}
    app.multiselect(key="kind").set_value(["bots"]).run()
    assert "No check has all of these" in text(app)


def test_coverage_names_the_columns(page: Callable[..., Any]) -> None:
    covered = tables(page("checks", "drifting"))[-1].set_index("dataset")
    assert covered.loc["events", "checks"] == 4
    assert {"price (1)", "region (2)", "device (1)", "item (1)", "agent (1)"} <= set(
        covered.loc["events", "columns"].split(", ")
    )
    assert covered.loc["dead_letters", "checks"] == 0


def test_the_store_holds_nothing_personal(made: Seeded) -> None:
    held = b"".join(path.read_bytes() for path in Path(made.path).parent.glob("weir.db*"))
    assert b"@example.org" not in held


def test_replays_are_told_of(inside: Callable[..., Any], made: Seeded) -> None:
    assert "weir replay DATASET" in text(inside("has-price", "Replays"))
    store = made.open()
    detail = {
        "dataset": "events", "from": None, "to": None, "outcome": "fail", "value": 0.5, "objective": 0.99,
        "identical": 5, "replayed": 10, "different": 5, "missing": 0, "extra": 0, "idempotent": True,
        "old_versions": {"replayed": 0, "identical": 0},
    }  # fmt: skip
    record.keep(store, "shop", NOW, HOSTILE, detail)
    store.close()
    app = inside("has-price", "Replays")
    [rows] = tables(app)
    shown = [rows[name][0] for name in ("identical", "by", "second run")]
    assert shown == ["50.00%", HOSTILE, "changed nothing"]
    assert HOSTILE not in text(app)
