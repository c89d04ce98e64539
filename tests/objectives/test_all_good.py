"""An objective of 100 %: one thing is said of it everywhere."""

from math import inf
from types import SimpleNamespace
from typing import Any, cast

import pytest

from monitor.gate import Limits, _budget
from monitor.model import DAY
from monitor.objectives.all_good import verdict, words
from monitor.objectives.burning import standing
from monitor.shown import situation
from monitor.shown.status import _cells, summary
from monitor.views import on_call
from monitor.views.apart import Apart
from monitor.views.executive import _objective, left
from tests.standings import NOW, row, slo

QUIET = SimpleNamespace(page=False, ticket=False, fast=False, half=False)
SLO = SimpleNamespace(window=30 * DAY, slice=0, alerts=QUIET)
CHECK = SimpleNamespace(name="c", description="", title="", slo=SLO, severity="page")


def of(good: float, total: float = 1000, **changes: Any):
    bad = 1 - good / total
    return slo(
        1.0 if good == total else -inf, objective=1.0, good=good, total=total, bad_ratio=bad, **changes
    )


def test_kept_or_broken_by_how_many():
    assert words(of(1000)) == "kept"
    assert words(of(999)) == "broken: 1 bad event"
    assert words(of(0, 12_000)) == "broken: 12,000 bad events"
    assert words(of(998, slice=60)) == "broken: 2 bad slices"
    assert words(slo()) is None
    assert verdict(1.0, None, None) is None
    assert verdict(1.0, None, 3) == "broken: 3 bad events"


@pytest.mark.parametrize("good, said", [(1000, "kept"), (997, "broken: 3 bad events")])
def test_the_same_everywhere(good: float, said: str):
    mine = row(slo=of(good))
    (cells,) = _cells(standing(mine, NOW), NOW)
    assert cells["budget left"].plain == cells["left"].plain == said
    assert f": {said}; " in situation._budget(standing(mine, NOW))
    assert on_call._left(mine) == said
    assert left(_objective(CHECK, mine, NOW, {}, Apart(board=cast(Any, None)))) == said
    judged = _budget(CHECK, mine, Limits())
    assert judged.reasons == ((said,) if good < 1000 else ())


def test_a_calm_board_names_what_is_broken_and_whose_budget_is_least():
    broken, least = row("privacy", slo=of(997)), row("loss", slo=slo(0.4))
    said = summary([standing(each, NOW) for each in (row("calm", slo=slo()), broken, least)])
    assert said == (
        "Nothing burns, fails or is stale; privacy is broken: 3 bad events;"
        " the least budget is left of loss: 40%."
    )
