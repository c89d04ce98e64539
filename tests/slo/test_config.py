"""What an objective becomes when the configuration is read."""

from typing import Any

import pytest
from click.testing import CliRunner

from monitor.cli import weir
from monitor.errors import ConfigError
from monitor.model import DAY, HOUR, MINUTE
from monitor.slo.burn import MONTH
from tests.pipelines import Pipeline

RATIO = {"kind": "ratio", "dataset": "rows", "good": "ok"}


def slo(lake: Pipeline, check: dict[str, Any], **given: Any) -> Any:
    lake.declare("rows", time="t", lateness="5m", key="id")
    return lake.load({"c": check | {"slo": {"objective": "99%"} | given}}).checks["c"].slo


def test_defaults(lake: Pipeline):
    found = slo(lake, RATIO)
    assert (found.window, found.label, found.budgeting, found.slice) == (28 * DAY, "28d", "events", 0)
    assert (found.alerts.page, found.alerts.ticket, found.alerts.segments) == (True, True, True)
    assert (found.alerts.fast, found.alerts.half) == (False, False)
    assert found.said == "99% over 28d"


def test_a_calendar_month(lake: Pipeline):
    found = slo(lake, RATIO, window="month", timezone="Europe/Zurich")
    assert (found.window, found.label) == (MONTH, "month")
    assert found.said == "99% over a calendar month in Europe/Zurich"
    assert slo(lake, RATIO, window="month").timezone == "UTC"


@pytest.mark.parametrize("written, days", [("4w", 28), ("672h", 28), ("90d", 90), ("7d", 7)])
def test_the_same_length_in_other_words(lake: Pipeline, written: str, days: int):
    assert slo(lake, RATIO, window=written).window == days * DAY


def test_31_days_are_no_month(lake: Pipeline):
    with pytest.raises(ConfigError, match="the nearest are 30d or month"):
        slo(lake, RATIO, window="31d")


@pytest.mark.parametrize(
    "check, given, length",
    [
        (RATIO, {"slice_target": "95%"}, 5 * MINUTE),
        (RATIO | {"bucket": "3m"}, {"slice_target": "95%"}, 6 * MINUTE),
        (RATIO | {"bucket": "15m"}, {"slice_target": "95%"}, 15 * MINUTE),
        (RATIO | {"bucket": "1h"}, {"slice_target": "95%", "slice": "1h"}, HOUR),
        (RATIO | {"every": "1h"}, {"slice_target": "95%", "slice": "2m"}, 2 * MINUTE),
        ({"kind": "volume", "dataset": "rows", "fail": "< 9", "every": "7m"}, {}, 10 * MINUTE),
        ({"kind": "volume", "dataset": "rows", "fail": "< 9", "every": "2h"}, {}, 2 * HOUR),
        ({"kind": "freshness", "dataset": "rows", "fail": "> 1h", "every": "1m"}, {}, 5 * MINUTE),
    ],
)
def test_slices_fit_the_check(lake: Pipeline, check: dict[str, Any], given: dict[str, Any], length: int):
    found = slo(lake, check, budgeting="timeslices", **given)
    assert found.slice == length
    assert found.alerts.segments is False


def test_a_kind_without_good_rows_counts_slices_unasked(lake: Pipeline):
    found = slo(lake, {"kind": "volume", "dataset": "rows", "fail": "< 9"})
    assert (found.budgeting, found.slice) == ("timeslices", 5 * MINUTE)
    assert found.said == "99% of slices of 5m over 28d"


def test_a_window_without_a_table_is_taken_where_nobody_is_told(lake: Pipeline):
    quiet = {"page": False, "ticket": False}
    assert slo(lake, RATIO, window="14d", alerts=quiet).window == 14 * DAY
    with pytest.raises(ConfigError, match="the nearest are 7d or 28d"):
        slo(lake, RATIO, window="14d", alerts={"page": False})


def test_how_large_a_segment_must_be(lake: Pipeline):
    assert slo(lake, RATIO, alerts={"segments": {"least": 1000}}).alerts.segments.least == 1000
    assert slo(lake, RATIO, alerts={"segments": False}).alerts.segments is False


def test_validate_says_which_rows_cannot_watch_a_budget(lake: Pipeline):
    lake.declare("rows", time="t", lateness="5m", key="id")
    path = lake.write({"c": RATIO | {"slo": {"objective": "90%"}}})
    result = CliRunner().invoke(weir, ["validate", "--config", str(path)])
    assert result.exit_code == 0
    left_out = "c: the row 5m/1h × 13.44 is left out: no more than everything can be bad"
    assert result.stdout.splitlines()[1:] == [f"  {left_out}"]
    planned = CliRunner().invoke(weir, ["plan", "--config", str(path)])
    assert left_out in planned.stdout.splitlines()
