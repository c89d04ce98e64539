"""How often checks are due in a game day."""

from pathlib import Path

from monitor import config
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
