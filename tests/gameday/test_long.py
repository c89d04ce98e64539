"""Clean days by the thousand: nobody is paged while objectives are kept, and somebody when they are not."""

from pathlib import Path

import pytest

from monitor.gameday import long as module
from monitor.gameday.long import BACK, counted, long
from monitor.model import MINUTE, Severity


def test_nobody_is_paged_while_an_objective_is_kept(tmp_path: Path) -> None:
    (chunk,) = long(5, 3, 7, tmp_path)
    assert chunk.days == 7
    assert [each for each in chunk.fired if each.severity == Severity.PAGE] == []


def test_the_same_days_page_where_twenty_times_as_much_is_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FULL", (20.0, 21.0))
    (chunk,) = long(5, 3, 7, tmp_path)
    assert Severity.PAGE in {each.severity for each in chunk.fired}


def test_counts_are_made_again_alike_and_keep_their_objective() -> None:
    one, again = counted(5, 3, 0, 7, 0.999), counted(5, 3, 0, 7, 0.999)
    assert (one.total == again.total).all()
    assert len(one.edges) == (7 + BACK) * 24 * 60 + 1
    assert one.edges[1] - one.edges[0] == MINUTE
    assert 1 - one.good[-1] / one.total[-1] < 0.001
