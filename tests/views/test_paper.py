"""The manager's page as files: the same numbers, harmless wherever they are opened."""

import csv
import io
from typing import Any

import pytest

from monitor.model import DAY, HOUR, Window
from monitor.store.alarms import Incident
from monitor.views.executive import Executive, Incidents, Objective, pace, trend
from monitor.views.months import Compared, Months
from monitor.views.paper import paper
from monitor.views.span import Span
from monitor.views.themes import Fact, People, Theme

NOW = 1_795_000_000_000_000
SPAN = Span(Window(NOW - DAY, NOW), "UTC")
EVIL = '=HYPERLINK("http://x")<script>alert(1)</script>'


def objective(left: float | None = 0.5, runs_out: int | None = None, course: Any = ()) -> Objective:
    return Objective("loss", EVIL, "", "99.9%", "99.95%", left, "good", "kept", runs_out, 1.0, course)


@pytest.fixture
def made() -> Any:
    themes = (
        Theme("Privacy", (Fact("p", "Texts", "none found", "in 9 fields", "good"),), ""),
        Theme("Value and cost", (), "Not watched yet."),
    )
    labels = {"severity": "page"}
    times = NOW - 3 * HOUR, NOW - 2 * HOUR, None
    incident = Incident(1, "k", "IngestionFailing", labels, "page", *times, None, None, "lost")
    happened = Incidents(1, 1, float(HOUR), None, (incident,))
    seen = Executive("All is kept.", "good", (objective(),), themes, People(), happened, "")
    both = Months("November 2026", "October 2026", (Compared("Texts", "99%", "100%", "98%", "better"),))
    return paper("shop", seen, both, NOW, SPAN)


def test_one_page_that_needs_nothing_beside_it(made: Any) -> None:
    assert made.html.startswith("<!doctype html>")
    for word in ("All is kept.", "99.95%", "none found", "Not watched yet.", "still open", "better"):
        assert word in made.html
    assert "<script" not in made.html
    assert "src=" not in made.html
    assert "href=" not in made.html


def test_a_row_for_each_number(made: Any) -> None:
    rows = list(csv.DictReader(io.StringIO(made.csv)))
    found = {(row["section"], row["what"], row["which"]): row["value"] for row in rows}
    assert found["What is promised", "'" + EVIL, "reached"] == "99.95%"
    assert found["Privacy", "Texts", "now"] == "none found"
    assert found["November 2026 against October 2026", "Texts", "October 2026"] == "98%"
    assert not any(row["what"].startswith("=") for row in rows)


@pytest.mark.parametrize(
    "left, ahead, words",
    [
        (0.5, HOUR, "runs out on 18 Nov 12:06, in 60 min, at this pace"),
        (0.5, 5 * DAY, "runs out on 23 Nov, in 5 d, at this pace"),
        (0.5, None, "lasts at this pace"),
        (-0.1, None, ""),
        (None, None, ""),
    ],
)
def test_the_day_it_runs_out(left: float | None, ahead: int | None, words: str) -> None:
    given = objective(left, None if ahead is None else NOW + ahead)
    assert pace(given, NOW, "UTC") == words


@pytest.mark.parametrize(
    "shares, words",
    [
        ((0.9, 0.7), "▼ down 20 points in 1 d"),
        ((0.5, None, 0.9), "▲ up 40 points in 2 d"),
        ((0.9,) * 20, "steady for 7 d"),
        ((1.0,) * 10 + (0.5,) * 3, "▼ down 50 points in 7 d"),
        ((0.9,), ""),
        ((), ""),
    ],
)
def test_a_trend_is_that_of_a_week(shares: tuple[float | None, ...], words: str) -> None:
    course = tuple((NOW + day * DAY, share) for day, share in enumerate(shares))
    assert trend(objective(course=course)) == words
