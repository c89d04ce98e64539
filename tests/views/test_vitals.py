"""The numbers that are asked for first: by the checks that answer them, the worst of several."""

from types import SimpleNamespace
from typing import Any

from monitor.model import Outcome, Segment
from monitor.objectives.burning import standings
from monitor.views.vitals import Vital, vitals
from tests.standings import NOW, board, row, stored

LATAM = Segment("region", "latam")


def told(*rows: Any, parts: tuple[Segment, ...] = ()) -> dict[str, Vital]:
    params = SimpleNamespace(candidate="canary")
    checks = {each.name: SimpleNamespace(name=each.name, params=params) for each in rows}
    found = vitals(SimpleNamespace(checks=checks), standings(board(*rows), NOW), parts)
    return {each.name: each for each in found}


def test_each_question_has_its_check() -> None:
    found = told(
        row(
            "kept",
            kind="schema",
            stage="ingest",
            total=stored(Outcome.WARN, detail={"missing_columns": ["price"]}),
        ),
        row("served", kind="ratio", stage="feature", runbook="feature-retrieval"),
        row("careful", kind="compare", stage="serve", total=stored(Outcome.PASS, 0.021)),
        row("other", kind="volume", stage="store"),
    )
    assert {name: (each.check, each.value) for name, each in found.items()} == {
        "Schema errors": ("kept", "10 rows"),
        "Features retrieved": ("served", "99.00%"),
        "Canary against stable": ("careful", "2.1% better"),
    }
    assert found["Schema errors"].state == "warn"
    assert "price is gone" in found["Schema errors"].note


def test_of_several_the_worst_is_told() -> None:
    detail = {"p50": 1.0, "p95": 2.0, "p99": 3.0}
    late = stored(Outcome.FAIL, 2.0, detail=detail)
    slow = row("slow", Outcome.FAIL, kind="latency", unit="seconds", stage="feature", total=late)
    [found] = told(row("fast", kind="latency", unit="seconds", stage="store"), slow).values()
    assert (found.check, found.state) == ("slow", "bad")
    assert "p50 1 s · p95 2 s · p99 3 s" in found.note


def test_dead_letters_are_told_where_only_a_count_stands_beside() -> None:
    counted = stored(Outcome.PASS, detail={"dead_letters": 1234})
    found = told(row("ingestion-success", kind="match", stage="ingest", total=counted))["Dead letters"]
    assert (found.value, found.state) == ("1,234", "")
    own = row("refused", kind="match", stage="ingest", runbook="dead-letters")
    both = told(row("ingestion-success", kind="match", stage="ingest", total=counted), own)
    assert both["Dead letters"].check == "refused"


def test_a_part_is_told_where_the_check_knows_it() -> None:
    part = stored(Outcome.FAIL, 0.5, LATAM)
    one = row("ingestion-success", kind="match", stage="ingest", segments={LATAM: part})
    two = row("age", kind="freshness", stage="store")
    found = told(one, two, parts=(LATAM,))
    assert (found["Stored of what was sent"].value, found["Stored of what was sent"].state) == (
        "50.00%",
        "bad",
    )
    assert "of everything" in found["Age of the newest row"].note
