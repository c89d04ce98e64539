"""Bad configurations, one fault each: what is said of it, to the letter, and where.

`bad/expected.txt` is the table: one line for each file. Write it anew with `--update`, and read what changed.
"""

import os
from pathlib import Path

import pytest

from monitor.config import load
from monitor.errors import ConfigError, Fault

BAD = Path(__file__).parent / "bad"
FILES = sorted(BAD.glob("*.yaml"))
SECRET = "hunter2 'or' 1"
TABLE = BAD / "expected.txt"


def faults(path: Path) -> list[Fault]:
    with pytest.raises(ConfigError) as caught:
        load(path, {"PASSWORD": SECRET})
    assert caught.value.exit_code == 2
    return caught.value.faults


def said(path: Path) -> str:
    found = faults(path)
    assert len(found) == 1, f"{path.name} has one fault: {[str(fault) for fault in found]}"
    return str(found[0]).removeprefix(f"{path.parent}{os.sep}")


def expected() -> dict[str, str]:
    lines = TABLE.read_text("utf-8").splitlines()
    return {line.partition(":")[0]: line for line in lines}


def test_the_table_is_complete(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        TABLE.write_text("".join(said(path) + "\n" for path in FILES), "utf-8")
    assert list(expected()) == [path.name for path in FILES]
    assert len(FILES) >= 100


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_message(path: Path) -> None:
    assert said(path) == expected()[path.name]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_message_shows_a_secret(path: Path) -> None:
    for word in ("hunter2", "'or'"):
        assert word not in said(path)


def test_all_faults_come_at_once_and_in_order(tmp_path: Path) -> None:
    path = tmp_path / "weir.yaml"
    path.write_text(
        "pipeline: shop\nowner: 5\nsources:\n  lake: {engine: duckdb, parallel: 0}\n  lake: {}\ndatasets:\n"
        "  events: {files: a.parquet, lateness: soon}\n  clicks: {files: b.parquet, source: lak}\n"
        "checks:\n  one: {kind: volume, dataset: events, every: 5}\n"
        "  two: {kind: volume, dataset: clicks, fail: bad}\n"
        "  three: {kind: ratio, dataset: nothing, good: a =, wherre: b}\n"
    )
    lines = [(fault.place.line, fault.place.column) for fault in faults(path)]
    assert lines == sorted(lines)
    assert [line for line, _ in lines] == [2, 4, 5, 7, 8, 10, 11, 12]


def test_a_file_of_100_megabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "weir.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    assert said(path) == (
        "weir.yaml: the file is too large: 100,000,000 bytes, and 1,000,000 are allowed"
        " (is it a configuration?)"
    )


@pytest.mark.parametrize(
    "data,message",
    [
        (b"pipeline: caf\xe9\n", "weir.yaml:1:14: the file is not UTF-8 text (save it as UTF-8)"),
        (b"pipeline: a\nowner: \xff\n", "weir.yaml:2:8: the file is not UTF-8 text (save it as UTF-8)"),
        ("pipeline: a\n".encode("utf-16"), "weir.yaml:1:1: the file is UTF-16 (save it as UTF-8)"),
        ("pipeline: a\n".encode("utf-32"), "weir.yaml:1:1: the file is UTF-32 (save it as UTF-8)"),
        (
            "pipeline: a\n".encode("utf-8-sig"),
            "weir.yaml:1:1: the file starts with a byte order mark (save it as UTF-8 without BOM)",
        ),
        (b"pipeline: a\nowner: \x07\n", "weir.yaml:2:8: the file holds a control character (remove it)"),
        (b"\x00" * 4096, "weir.yaml:1:1: the file holds a control character (remove it)"),
        (b"[" * 500_000, "weir.yaml:1:41: nested deeper than 40 levels (is it a configuration?)"),
    ],
    ids=["latin-1", "binary", "utf-16", "utf-32", "bom", "control", "zeros", "brackets"],
)
def test_what_is_no_text(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "weir.yaml"
    path.write_bytes(data)
    assert said(path) == message


def test_files_that_are_not_there(tmp_path: Path) -> None:
    hint = "(name one with --config, or write one with 'weir init')"
    assert said(tmp_path / "weir.yaml") == f"weir.yaml: there is no such file {hint}"
    assert said_in_folder(tmp_path) == f"weir.yaml: there is no such file {hint}"
    os.mkfifo(tmp_path / "pipe.yaml")
    assert said(tmp_path / "pipe.yaml") == "pipe.yaml: this is no file", "and nobody waits for its other end"


def said_in_folder(folder: Path) -> str:
    found = faults(folder)
    assert len(found) == 1
    return str(found[0]).removeprefix(f"{folder}{os.sep}")
