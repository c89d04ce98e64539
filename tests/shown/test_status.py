"""The table, the sentence above it, and the JSON."""

import json
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from monitor.board import Board
from monitor.iso import iso
from monitor.model import DAY, HOUR, MINUTE, Outcome, Segment
from monitor.objectives.burning import standings
from monitor.shown.status import as_table, rate, summary
from monitor.shown.status_json import to_json
from monitor.store.maintenances import Maintenance
from tests.standings import NOW, board, row, segment, slo, stored

CALM = {5 * MINUTE: 0.1, 30 * MINUTE: 0.1, HOUR: 0.1, 6 * HOUR: 0.1, 3 * DAY: 0.1}
FAST = CALM | {5 * MINUTE: 20.0, HOUR: 20.0}
STATUS = (Path(__file__).parents[2] / "docs" / "status.md").read_text(encoding="utf-8")


def said(*rows: Any) -> str:
    return summary(standings(board(*rows), NOW))


def drawn(shown: Board, width: int) -> list[str]:
    console = Console(width=width, file=StringIO(), color_system=None)
    console.print(as_table(shown, NOW, width))
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


# The sentence -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows, sentence",
    [
        ([], "There are no checks."),
        ([row("a")], "Nothing burns, fails or is stale."),
        (
            [row("a", slo=slo(0.8, CALM)), row("b", slo=slo(0.25, CALM))],
            "Nothing burns, fails or is stale; the least budget is left of b: 25%.",
        ),
        (
            [row("a", slo=slo(0.5, FAST))],
            "a burns its budget 20× too fast (page): empty in 18 h.",
        ),
        (
            [row("a", slo=slo(-1.0, FAST)), row("b", outcome=Outcome.FAIL)],
            "a burns its budget 20× too fast (page): nothing of it is left. b fails.",
        ),
        (
            [row(name, slo=slo(0.5, FAST)) for name in "abc"],
            "".join(f"{name} burns its budget 20× too fast (page): empty in 18 h. " for name in "ab")
            + "1 more burns.",
        ),
        (
            [row(name, outcome=Outcome.FAIL) for name in "abcde"],
            "a, b, c and 2 more fail.",
        ),
        ([row("a"), row("b", success=NOW - HOUR)], "b is not measured."),
        (
            [row("a", outcome=None), row("b", outcome=Outcome.ERROR)],
            "None of the 2 checks is measured now: is `weir serve` running?",
        ),
        (
            [row("a", success=NOW - HOUR), row("b", outcome=Outcome.FAIL, success=NOW - HOUR)],
            "None of the 2 checks is measured now: is `weir serve` running? b fails.",
        ),
        ([row("a", enabled=False)], "Nothing burns, fails or is stale."),
    ],
)
def test_the_sentence_says_what_matters(rows: list[Any], sentence: str):
    assert said(*rows) == sentence


@pytest.mark.parametrize(
    "times, text", [(0.0, "0×"), (0.317, "0.32×"), (14.44, "14.4×"), (1234.5, "1,234×"), (float("inf"), "∞×")]
)
def test_rates_have_the_digits_that_matter(times: float, text: str):
    assert rate(times) == text


# The table --------------------------------------------------------------------------------------------------

EU = Segment("region", "eu")
MIXED = board(
    row("a-check-with-quite-a-long-name", slo=slo(0.5, FAST, segments=(segment("eu", FAST),))),
    row("fails", outcome=Outcome.FAIL, segments={EU: stored(Outcome.FAIL, 0.5, EU)}),
    row("warns", outcome=Outcome.WARN, slo=slo(-3.0, CALM)),
    row("old", success=NOW - HOUR),
    row("fine", slo=slo(0.9, CALM)),
)


def test_it_shows_how_fast_what_is_left_and_for_how_long():
    lines = drawn(MIXED, 130)
    (burns,) = [line for line in lines if line.startswith("✓  a-check")]
    assert "█████░░░░░ 50%" in burns
    assert re.search(r"20× 1h +18 h", burns)
    assert "4 × spent" in next(line for line in lines if line.startswith("!  warns"))
    assert next(line for line in lines if line.startswith("✗    region = eu"))
    assert next(line for line in lines if line.startswith("~  old"))
    assert "what to do: weir runbook a-check-with-quite-a-long-name" in lines
    why = next(line for line in lines if "a-check-with-quite-a-long-name: " in line)
    assert "burns 20× over 5m and 1h, page above 14.4×" in why
    assert "region = eu burns 20× by itself" in why


@pytest.mark.parametrize("width", [40, 60, 72, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal_and_names_stay_whole(width: int):
    lines = drawn(MIXED, width)
    assert max(map(len, lines)) <= width
    header = next(line for line in lines if line.strip().startswith("check "))
    assert ("objective" in header) == (width >= 100)
    if width >= 60:
        assert {"check", "burns"} <= set(header.split())
        assert any("a-check-with-quite-a-long-name " in line for line in lines)
        assert not any("…" in line for line in lines[: lines.index("", 5)])


def test_what_stands_still_together_is_said_once():
    lines = drawn(board(row("a", success=NOW - 2 * HOUR), row("b", success=NOW - 2 * HOUR)), 120)
    assert "~ passed when last measured, 2 h ago: a, b" in lines


def test_planned_maintenance_stands_above_and_what_it_burnt_beside():
    work = Maintenance(1, ("fails",), NOW - HOUR, NOW + 2 * HOUR, "broker upgrade", "ada", NOW - HOUR)
    over = Maintenance(2, None, NOW - 2 * HOUR, NOW - HOUR, "long ago", "ada", NOW - HOUR)
    made = board(row("fails", outcome=Outcome.FAIL, slo=slo(-0.5, CALM, maintained=0.25)))
    shown = replace(made, maintenance=(work, over))
    lines = drawn(shown, 120)
    assert "maintenance of fails for another 2 h: broker upgrade" in lines
    assert not any("long ago" in line for line in lines)
    assert any("25% of its budget went in planned maintenance" in line for line in lines)
    found = to_json(shown, NOW, iso)["maintenance"]
    assert [(each["checks"], each["active"]) for each in found] == [(["fails"], True), (None, False)]


# JSON -------------------------------------------------------------------------------------------------------


def whole() -> dict[str, Any]:
    work = Maintenance(1, None, NOW, NOW + HOUR, "upgrade", "ada", NOW)
    shown = replace(MIXED, maintenance=(work,))
    return json.loads(json.dumps(to_json(shown, NOW, iso), allow_nan=False))


def test_it_has_the_numbers_of_the_table():
    found = whole()
    assert [each["check"] for each in found["checks"]][:2] == ["a-check-with-quite-a-long-name", "fails"]
    first = found["checks"][0]
    assert (first["urgency"], first["slo"]["burning"]) == ("page", "page")
    assert first["slo"]["empty_in"] == pytest.approx(18 * 3600)
    assert first["slo"]["budget_left"] == 0.5
    fast = first["slo"]["rows"][0]
    assert (fast["short"], fast["long"], fast["factor"], fast["fires"]) == ("5m", "1h", 14.4, True)
    assert fast["burn_rate"] == pytest.approx(20.0)
    assert {each["window"]: each["burn_rate"] for each in first["slo"]["burns"]}["6h"] == pytest.approx(0.1)
    assert first["slo"]["worst_segment"]["segment"] == {"region": "eu"}
    assert found["summary"].startswith("a-check-with-quite-a-long-name burns")


def test_what_is_no_number_is_null():
    endless = row("c", slo=slo(-float("inf"), FAST, objective=1.0))
    found = to_json(replace(MIXED, checks=(endless,)), NOW, iso)["checks"][0]["slo"]
    json.dumps(found, allow_nan=False)
    assert (found["budget_left"], found["empty_in"], found["rows"][0]["burn_rate"]) == (None, 0.0, None)


def keys(value: Any, prefix: str = "") -> set[str]:
    """Every key, those of an objective with `slo.` before them."""
    if isinstance(value, list):
        return set[str]().union(*(keys(each, prefix) for each in value))
    if not isinstance(value, dict):
        return set()
    mine = {prefix + key for key in value} if prefix != "-" else set[str]()
    inner = (keys(each, "slo." if key == "slo" else "-") for key, each in value.items() if key != "checks")
    return mine.union(*inner, keys(value.get("checks", [])))


def test_every_key_is_documented():
    found = keys(whole())
    assert len(found) > 35
    assert sorted(key for key in found if f"`{key}`" not in STATUS) == []
    for inner in ("rows", "burns"):
        each = whole()["checks"][0]["slo"][inner][0]
        assert sorted(key for key in each if f"`{key}`" not in STATUS) == []
