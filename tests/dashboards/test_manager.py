"""What a manager asks, answered by one page: the answers are known, and the files say the same."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.objectives.standing import slos
from monitor.views.executive import executive
from monitor.views.months import months
from monitor.views.paper import Paper, paper
from monitor.views.reader import Asked, Reader
from monitor.views.trends import AGAIN, Kept, courses
from tests.dashboards.managed import NOW, PEOPLE, managed
from tests.dashboards.stores import Seeded
from tests.dashboards.test_pages import text

TICKED = 2
"""Days on which something was measured."""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return managed(tmp_path_factory.mktemp("managed")).path


@pytest.fixture
def said(page: Callable[..., Any], room: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The page as a manager reads it."""
    monkeypatch.setattr("tests.dashboards.stores.room", lambda _: Seeded(room, NOW), raising=False)
    app = page("executive", "room")
    assert not app.exception
    return text(app)


@pytest.fixture(scope="module")
def files(room: Path) -> Paper:
    reader = Reader(room, "latest")
    look = reader.look(Asked())
    given = courses(look.config, look.store, look.now)
    seen = executive(look.config, look.store, look.board, look.now, look.span.window, given)
    both = months(look.config, look.store, look.now, "UTC")
    made = paper("reading-room", seen, both, look.now, look.span)
    reader.close()
    return made


@pytest.mark.parametrize(
    "answer",
    [
        "The objective is missed; feedback is",  # do we keep what we promise?
        "the allowance is used up",  # how much may still go wrong?
        "new against old, between",  # is the new model better, and how sure is that?
        "EUR",  # what does it cost?
        "none found",  # is there personal data where none may be?
        "all with consent",  # did people agree?
        "come back: 40% after a day, 20% after 7 days",  # do people come back?
        "15 min",  # how soon do we notice? half of 10 and 20 minutes
        "60 min",  # how soon is it over?
        "Of October 2026 nothing is known",  # is this month better than the last?
    ],
)
def test_a_manager_finds_the_answer(said: str, answer: str) -> None:
    assert answer in said


def test_the_files_have_the_numbers_of_the_page(files: Paper) -> None:
    rows = list(csv.DictReader(io.StringIO(files.csv)))
    found = {(row["section"], row["what"], row["which"]): row["value"] for row in rows}
    assert found["Who comes back", "2026-11-15", "people"] == str(PEOPLE)
    assert found["Who comes back", "2026-11-15", "after a day"] == "40%"
    assert (
        found["November 2026 against October 2026", "Times that somebody was called", "November 2026"] == "2"
    )
    assert (
        found["November 2026 against October 2026", "Times that somebody was called", "October 2026"] == "–"
    )
    for value in found.values():
        assert value in files.html


def test_days_that_are_over_are_worked_out_once(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(room, "latest")
    look = reader.look(Asked())
    kept = Kept()
    first = courses(look.config, look.store, look.now, kept)
    assert first == courses(look.config, look.store, look.now)
    assert len(first["stored"]) == len(kept.points) == TICKED

    asked: list[Any] = []

    def counted(*given: Any) -> Any:
        asked.append(given)
        return slos(*given)

    monkeypatch.setattr("monitor.views.trends.slos", counted)
    assert courses(look.config, look.store, look.now, kept) == first
    assert asked == []
    kept.points.popitem()  # the newest day, as if rows could still come
    assert courses(look.config, look.store, look.now, kept) == first
    assert len(asked) == 1
    kept.began -= AGAIN
    assert courses(look.config, look.store, look.now, kept) == first
    assert len(asked) == 1 + TICKED
    reader.close()
