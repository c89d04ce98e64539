"""How often checks are due in a game day, and how much of the traffic its segments are."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor import config
from monitor.gameday.segments import share_of, values_of
from monitor.gameday.stage import PACE, SOUGHT, seeking, watching
from monitor.simulate.watched import watched


def test_what_is_looked_for_is_due_as_often_for_all_who_ask(tmp_path: Path) -> None:
    path = tmp_path / "weir.yaml"
    path.write_text(watching(watched(0), 10.0, tmp_path), encoding="utf-8")
    slow = config.load(path, {})
    found = seeking(slow, frozenset({"label-coverage"}))
    assert slow.checks["label-coverage"].every == PACE
    assert found.checks["label-coverage"].every == SOUGHT
    assert {each.every for each in found.packaged["label-coverage"].variants} == {SOUGHT}
    assert found.checks["propensities"].every == PACE


def test_regions_wake_up_one_after_another() -> None:
    noon = int(datetime(2026, 9, 21, 12, tzinfo=UTC).timestamp()) * 1_000_000
    midnight = noon + 12 * 3_600_000_000
    regions = values_of("region")
    assert sum(share_of((("region", each),), noon) for each in regions) == pytest.approx(1)
    assert share_of((("region", "apac"),), noon) > 1.3 * share_of((("region", "apac"),), midnight)
    pair = share_of((("region", "apac"), ("device", "web")), noon)
    assert pair == pytest.approx(0.22 * share_of((("region", "apac"),), noon))
