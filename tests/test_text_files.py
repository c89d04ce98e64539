"""Text files as sources: found from their root, read in one piece, up to their last row."""

import json
from pathlib import Path
from typing import Any

import pytest

from monitor import config
from monitor.cli import main
from monitor.expr import count
from monitor.model import DAY, MINUTE, Measure, Window
from monitor.plan import Draft, Part, Scan, split

WEEK = Window(0, 7 * DAY)

YAML = """\
pipeline: text
owner: me
sources: {files: {engine: duckdb, root: data}}
datasets:
  lines:
    query: SELECT * FROM read_csv('lines.csv')
    time: at
    lateness: 0s
  csv: {files: lines.csv, time: at, lateness: 0s}
  parquet: {files: lines.parquet, time: at, lateness: 0s}
  parquet-query: {query: "SELECT * FROM read_parquet('lines.parquet')", time: at, lateness: 0s}
checks:
  first: {kind: ratio, dataset: lines, good: copy = 1, window: 1h}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "lines.csv").write_text("at,copy\n2026-01-01T00:30:00Z,1\n2026-01-01T01:00:00Z,2\n")
    (tmp_path / "weir.yaml").write_text(YAML)
    return tmp_path


def run(folder: Path, printed: pytest.CaptureFixture[str], at: str) -> tuple[int, dict[str, Any]]:
    with pytest.raises(SystemExit) as ended:
        main(["run", "--config", str(folder), "--at", at, "--json"])
    return int(ended.value.code or 0), json.loads(printed.readouterr().out)


def test_a_querys_files_are_found_wherever_weir_is_started(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = run(folder, capsys, "2026-01-01T01:30:00Z")
    (reading,) = said["readings"]
    assert (code, reading["good"], reading["total"]) == (0, 1, 2)


def test_latest_judges_a_row_that_lies_on_the_minute(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = run(folder, capsys, "latest")
    assert (code, said["at"], said["readings"][0]["total"]) == (0, "2026-01-01T01:01:00Z", 2)


def test_a_missing_file_is_an_error_that_says_where_it_was_looked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "data" / "lines.csv").unlink()
    code, said = run(folder, capsys, "2026-01-01T01:30:00Z")
    assert (code, said["readings"][0]["outcome"]) == (3, "error")
    assert "the source's `root`" in said["readings"][0]["message"]


@pytest.mark.parametrize("dataset, pieces", [("lines", 1), ("csv", 1), ("parquet", 7), ("parquet-query", 7)])
def test_only_what_can_be_skipped_in_part_is_read_in_pieces(folder: Path, dataset: str, pieces: int) -> None:
    part = Part("first", dataset, None, (), (Measure("total", count()),), MINUTE, (WEEK,))
    scan = Scan("files", dataset, MINUTE, (part,), (WEEK,))
    loaded = config.load(folder, allow_missing_env=False)
    (cut,) = split(Draft(loaded, 0, (), lambda bound, window: (), scans=(scan,))).scans
    assert len(cut.windows) == pieces
    assert sum(window.length for window in cut.windows) == WEEK.length
