"""A segment apart from everything: its reading, and its objective by its own rows."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from monitor import store
from monitor.model import Segment, Window, floor_to
from monitor.views.apart import apart
from monitor.views.executive import executive
from monitor.views.reader import Asked, Look, Reader

LATAM = Segment("region", "latam")


@pytest.fixture(scope="module")
def look(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Look]:
    from tests.dashboards import stores

    reader = Reader(stores.burning(tmp_path_factory.mktemp("burning")).path, "latest")
    yield reader.look(Asked())
    reader.close()


@pytest.fixture
def told(look: Look) -> Callable[..., Any]:
    def of(*parts: Segment) -> Any:
        seen = apart(look.config, look.store, look.board, parts)
        return executive(look.config, look.store, look.board, look.now, look.span.window, {}, seen)

    return of


def test_a_promise_is_held_against_the_rows_of_the_segment(look: Look) -> None:
    seen = apart(look.config, look.store, look.board, (LATAM,))
    row = next(each for each in seen.board.checks if each.name == "ingestion-success")
    definition = next(each for each in store.current(look.store, "shop") if each.check == row.name)
    assert row.slo
    window = Window(floor_to(row.slo.settled - row.slo.window, definition.bucket), row.slo.settled)
    good, total = 0.0, 0.0
    for _, _, sums in store.buckets(look.store, definition, window, LATAM):
        good, total = good + sums["good"], total + sums["total"]
    assert total > 0
    assert (row.slo.good, row.slo.total) == (good, total)
    assert row.slo.budget_left == pytest.approx(1 - (1 - good / total) / 0.001)
    assert row.total
    assert row.total.segment == LATAM


def test_nothing_picked_is_the_board_itself(look: Look) -> None:
    assert apart(look.config, look.store, look.board, ()).board is look.board


def test_what_does_not_know_the_segment_says_so(told: Callable[..., Any]) -> None:
    seen = told(LATAM)
    assert seen.sentence.startswith("Region latam: of 4 objectives 1 missed; feedback is incomplete")
    notes = {one.check: one.note for each in seen.themes for one in each.facts}
    assert "of everything" in notes["freshness"]
    assert "of everything" not in notes["ingestion-success"]
    assert not any(each.note for each in seen.objectives)


def test_a_promise_that_is_not_counted_by_it_stands_last(told: Callable[..., Any]) -> None:
    seen = told(Segment("producer", "web-tag"))
    assert [each.check for each in seen.objectives if not each.note] == ["ingestion-success"]
    assert [bool(each.note) for each in seen.objectives] == [False, True, True, True]
    assert "objective is missed" in seen.sentence
