"""What a manager reads of a check: words and bounds, never a bare share of something."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from monitor.model import Outcome, Reading, Stage
from monitor.views.themes import FIRST, better, people, themes

NOW = 1_795_000_000_000_000
HEADINGS = 5


@dataclass
class Row:
    """As much of a check's row as a theme asks for."""

    name: str
    kind: str
    unit: str
    said: Reading | None
    outcome: Outcome | None = Outcome.PASS
    stage: Stage = Stage.SERVE
    slo: Any = None

    @property
    def total(self) -> Any:
        return self.said and SimpleNamespace(reading=self.said)

    def stale(self, now: int) -> bool:
        return False


def told(*rows: Any) -> dict[str, Any]:
    checks = {row.name: SimpleNamespace(name=row.name, description="") for row in rows}
    return {each.heading: each for each in themes(SimpleNamespace(checks=checks), rows, NOW)}


def fact(row: Row) -> Any:
    (found,) = [one for each in told(row).values() for one in each.facts]
    return found


@pytest.mark.parametrize(
    "difference, way, words",
    [
        (0.021, "up", "2.1% better"),
        (-0.021, "up", "2.1% worse"),
        (0.021, "down", "2.1% worse"),
        (-0.3, "down", "30.0% better"),
        (-0.3, "both", "30.0% less"),
        (0.0001, "up", "the same"),
        (float("inf"), "down", "any amount worse"),
    ],
)
def test_a_difference_in_words(difference: float, way: str, words: str) -> None:
    assert better(difference, way) == words


def test_a_comparison_says_between_what_bounds_it_is_known() -> None:
    sides = {"candidate": {"group": "v42"}, "baseline": {"group": "v41"}}
    detail = {"interval": [-0.04, 0.01], "confidence": 0.95, "direction": "up", **sides}
    found = fact(Row("m", "compare", "ratio", Reading(-0.015, detail=detail)))
    assert found.value == "1.5% worse"
    assert found.note == "v42 against v41, between 4.0% worse and 1.0% better, 95% sure"


def test_worse_comes_first_where_less_is_better() -> None:
    detail = {"interval": [-0.04, 0.01], "confidence": 0.9, "direction": "down"}
    found = fact(Row("m", "compare", "ratio", Reading(-0.015, detail=detail)))
    assert (found.value, found.note) == ("1.5% better", "between 1.0% worse and 4.0% better, 90% sure")


def test_privacy_is_counted() -> None:
    leaks = fact(Row("p", "pii", "ratio", Reading(0.9, 9, 10, {"leaks": 1200})))
    assert (leaks.value, leaks.note) == ("found 1,200 times", "in 10 fields")
    assert fact(Row("p", "pii", "ratio", Reading(1.0, 9, 9, {"leaks": 0}))).value == "none found"
    assert fact(Row("p", "pii", "ratio", Reading(0.9, 9, 10, {"leaks": 1}))).value == "found once"
    assert fact(Row("r", "retention", "ratio", Reading(0.9, 9, 10, {"too_old": 1}))).value == "1 rows too old"


def test_what_is_not_known_is_not_good() -> None:
    found = fact(Row("p", "pii", "ratio", None, None))
    assert (found.value, found.state) == ("not known", "unknown")


def test_what_is_not_watched_is_said() -> None:
    said = told()
    assert len(said) == HEADINGS
    assert all(not each.facts and each.missing.startswith("Not watched yet: ") for each in said.values())


def test_what_is_wrong_comes_first_and_the_rest_is_a_click_away() -> None:
    rows = [Row(f"v{each}", "value", "EUR", Reading(1.0)) for each in range(FIRST + 2)]
    rows[-1].outcome = Outcome.FAIL
    money = told(*rows)["Value and cost"]
    assert money.first[0].check == f"v{FIRST + 1}"
    assert (len(money.first), money.others) == (FIRST, "2 more, all fine")


def test_who_comes_back() -> None:
    cohorts = [
        {"cohort": "2026-11-01", "units": 1000, "conversion": None, "day_1": 0.4, "day_7": 0.2},
        {"cohort": "2026-11-08", "units": 500, "conversion": None, "day_1": 0.5, "day_7": None},
    ]
    detail = {"active": {"2026-11-08": 700}, "day_1": 0.43, "day_7": None, "cohorts": cohorts}
    row = Row("u", "cohorts", "units", Reading(700.0, detail=detail))
    assert (fact(row).value, fact(row).note) == ("700 a day", "come back: 43% after a day")
    found = people([row])  # type: ignore[list-item]
    assert found.after == ("a day", "7 days")
    assert found.cohorts == (("2026-11-08", "500", "50%", "–"), ("2026-11-01", "1,000", "40%", "20%"))


def test_days_of_which_nobody_knows_are_not_drawn_as_zero() -> None:
    row = Row("u", "cohorts", "units", Reading(0.0, detail={"active": {"2026-11-08": 0}}))
    assert people([row]).active == ()  # type: ignore[list-item]


def test_what_is_allowed_stands_beside_what_is_worse() -> None:
    detail = {"margin": -0.1, "direction": "up", "interval": [-0.08, -0.05]}
    found = fact(Row("m", "compare", "ratio", Reading(-0.066, detail=detail)))
    assert found.value == "6.6% worse"
    assert found.note.endswith("up to 10% worse is allowed")


def test_money_has_four_digits() -> None:
    found = fact(Row("v", "value", "per model", Reading(38.68752)))
    assert found.value == "38.69 per model"


def test_before_the_first_day_is_over_nobody_is_counted() -> None:
    found = fact(Row("people", "cohorts", "units", Reading(0.0), Outcome.NO_DATA))
    assert (found.value, found.note) == ("not known", "no whole day has been measured yet")
