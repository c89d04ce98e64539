"""What `weir serve` refuses before it serves."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor import dashboard
from monitor.cli.serve import command
from monitor.errors import UsageError

CONFIG = """\
pipeline: shop
owner: data
sources: {lake: {engine: duckdb, root: lake/}}
datasets: {events: {files: "*.parquet", time: at, key: id}}
checks: {events: {kind: volume, dataset: events}}
"""


@pytest.mark.parametrize("option", [["--operator"], ["--dashboard-port", "8918"]])
def test_what_is_about_the_pages_needs_the_pages(tmp_path: Path, option: list[str]) -> None:
    path = tmp_path / "weir.yaml"
    path.write_text(CONFIG)
    done = CliRunner().invoke(command, ["--config", str(path), *option])
    assert isinstance(done.exception, UsageError)
    assert "--dashboard" in done.exception.hint


def test_pages_need_streamlit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard, "available", lambda: False)
    path = tmp_path / "weir.yaml"
    path.write_text(CONFIG)
    done = CliRunner().invoke(command, ["--config", str(path), "--dashboard"])
    assert isinstance(done.exception, UsageError)
    assert "Streamlit" in str(done.exception)
