"""Clean days by the thousand: nobody is paged while objectives are kept, and somebody when they are not."""

from pathlib import Path

import numpy as np
import pytest

from monitor.gameday import counts
from monitor.gameday.clean import Clean, False_
from monitor.gameday.counts import FAMILIES, MOST, WORST
from monitor.gameday.long import BACK, counted, long
from monitor.gameday.run import Result
from monitor.model import MINUTE, Severity


def test_nobody_is_paged_while_an_objective_is_kept(tmp_path: Path) -> None:
    (chunk,) = long(5, 3, 7, tmp_path)
    assert chunk.days == 7
    assert [each for each in chunk.fired if each.severity == Severity.PAGE] == []


def test_the_same_days_page_where_twenty_times_as_much_is_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "FULL", (20.0, 21.0))
    (chunk,) = long(5, 3, 7, tmp_path)
    assert Severity.PAGE in {each.severity for each in chunk.fired}


@pytest.mark.parametrize(
    "days, pages, good", [(7, 0, True), (7, 1, False), (1000, 1, True), (1000, 2, False)]
)
def test_one_page_is_borne_in_a_thousand_days(days: int, pages: int, good: bool) -> None:
    paged = tuple(False_(at, "BudgetBurn", Severity.PAGE, "slo-3", "") for at in range(pages))
    assert Result((), (Clean(1, days, 0, paged),), (), 0.0).good == good


def test_counts_are_made_again_alike_and_keep_their_objective() -> None:
    one, again = counted(5, 3, 0, 7, 0.999), counted(5, 3, 0, 7, 0.999)
    assert (one.total == again.total).all()
    assert len(one.edges) == (7 + BACK) * 24 * 60 + 1
    assert one.edges[1] - one.edges[0] == MINUTE
    assert 1 - one.good[-1] / one.total[-1] < 0.001


def test_nobody_is_paged_by_the_other_family_either(tmp_path: Path) -> None:
    (chunk,) = long(5, 3, 7, tmp_path, "regimes")
    assert [each for each in chunk.fired if each.severity == Severity.PAGE] == []


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_keeps_the_objective_and_burns_no_page(name: str) -> None:
    family, at = FAMILIES[name], np.arange(28 * 24 * 60)
    for number in range(12):
        rate = family.rate(np.random.default_rng(number), np.random.default_rng(100 + number), at)
        bad = rate * family.bad(np.random.default_rng(200 + number), rate, 0.7)
        assert bad.sum() < rate.sum()
        # Of an hour's events 13.44 times the even pace are never bad, of six hours' 5.6: the rows that page.
        for minutes, factor in ((60, 13.44), (360, 5.6)):
            window = np.ones(minutes)
            burns = np.convolve(bad, window, "valid") / np.convolve(rate, window, "valid")
            assert burns.max() < factor


def test_families_are_not_alike() -> None:
    at = np.arange(60 * 24 * 60)
    logs = {}
    for name, family in FAMILIES.items():
        rate = family.rate(np.random.default_rng(1), np.random.default_rng(2), at)
        bad = family.bad(np.random.default_rng(3), rate, 0.5)
        assert rate.min() > 0
        hourly = np.log(bad.reshape(-1, 60).mean(axis=1) + 0.01)
        logs[name] = np.corrcoef(hourly[1:], hourly[:-1])[0, 1]
    assert logs["bursts"] < 0.2 < 0.5 < logs["regimes"]
    assert MOST < 5.6 < WORST < 13.44
