"""A short game day in a process of its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import main
from monitor.gameday import kept, process
from monitor.gameday import stage as stages
from monitor.gameday.stage import Stage
from monitor.store import open_store


def test_a_fault_is_played_and_said_how_far_it_is(
    small: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stages, "stage", lambda folder, seed: small)
    process.play_one("loss", {"severity": 10, "segment": "region=latam"}, tmp_path)
    shares = [float(line.split(" ")[0]) for line in capsys.readouterr().out.splitlines()]
    assert shares == sorted(shares)
    said = json.loads((tmp_path / process.RESULT).read_text())
    [found] = said["faults"]
    assert (found["fault"], found["detected"], found["segment"]) == ("loss", True, {"region": "latam"})
    assert found["severity"] == 10
    assert kept.subject(said) == "loss"
    assert "Told after" in (tmp_path / process.REPORT).read_text()


def test_a_result_is_kept_for_the_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from monitor.gameday import run
    from monitor.gameday.run import Result

    def nothing(*_: Any) -> Result:
        return Result((), (), (("loss", "no disk"),), 1.0)

    monkeypatch.setattr(run, "run", nothing)
    path = tmp_path / "weir.yaml"
    path.write_text(f"pipeline: shop\nowner: team\nstore: sqlite:///{tmp_path / 'weir.db'}\n")
    with pytest.raises(SystemExit) as ended:
        main(["gameday", "--fault", "loss", "--keep", "--config", str(path)])
    assert ended.value.code == 1
    store = open_store(f"sqlite:///{tmp_path / 'weir.db'}")
    (line,) = kept.kept(store, "shop", 0)
    store.close()
    assert line.detail["failed"] == [{"scenario": "loss", "why": "no disk"}]
    assert line.detail["good"] is False
