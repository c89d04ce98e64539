"""A replay that is killed half way: nothing real was touched, and what it left behind goes away."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from monitor.replay.command import filled, surroundings
from monitor.replay.scratch import PREFIX, scratch
from tests.pipelines import Pipeline
from tests.replay.conftest import ENRICH, WINDOW, declared, made, raw_rows, script

STUCK = """
import os, sys, time
open(sys.argv[2] + "/half.parquet", "w").write("half")
open({path!r}, "w").write(str(os.getpid()))
time.sleep(60)
"""


def test_a_killed_replay_leaves_nothing_behind(
    lake: Pipeline, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = lake.folder / "scratch"
    places.mkdir()
    monkeypatch.setenv("TMPDIR", str(places))
    monkeypatch.setattr(tempfile, "tempdir", None)
    lake.rows("raw", raw_rows(), time="t", key="event_id")
    stuck = lake.folder / "stuck"
    command = script(lake.folder, STUCK.format(path=str(stuck)))
    lake.rows("events", made(raw_rows()), **declared({"command": command}))
    path = lake.write({}, store=f"sqlite:///{lake.folder / 'weir.db'}")
    before = sorted((each.name, each.read_bytes()) for each in (lake.folder / "events").iterdir())
    words = ["-c", "from monitor.cli import main; main()", "replay", "events", *WINDOW]
    process = subprocess.Popen([sys.executable, *words, "--config", str(path)])
    until = time.monotonic() + 60
    while not (stuck.exists() and stuck.read_text()):
        assert time.monotonic() < until
        time.sleep(0.02)
    process.kill()
    process.wait()
    os.killpg(int(stuck.read_text()), signal.SIGKILL)
    assert list(places.glob(f"{PREFIX}*"))
    assert call(path, "replay", "--list")[1]["replays"] == []
    script(lake.folder, ENRICH)
    assert call(path, "replay", "events", *WINDOW)[1]["value"] == 1.0
    assert not list(places.glob(f"{PREFIX}*"))
    after = sorted((each.name, each.read_bytes()) for each in (lake.folder / "events").iterdir())
    assert after == before


def test_a_folder_in_use_is_left_to_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with scratch() as one:
        with scratch() as other:
            assert one != other
            assert one.is_dir()
            assert one.stat().st_mode & 0o077 == 0
        assert one.is_dir()
        assert not other.exists()
    with scratch(keep=True) as kept:
        (kept / "found").touch()
    with scratch():
        assert (kept / "found").exists()


def test_a_place_is_filled_in_once() -> None:
    assert filled("{input}/{x}/{output}", {"input": "{output}", "output": "o"}) == "{output}/{x}/o"


def test_the_environment_is_small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WAREHOUSE_URL", "secret")
    names = set(surroundings((), {"input": "i"}, tmp_path))
    assert names == {"PATH", "HOME", "TMPDIR", "LANG", "TZ", "WEIR_INPUT"}
    assert surroundings(("WAREHOUSE_URL",), {}, tmp_path)["WAREHOUSE_URL"] == "secret"
