"""A tick that is killed by SIGKILL and started again ends with the same store as one never killed."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.laws.shop import TICKS, write_shop

LANES = 2


def kill(
    folder: Path, ticks: Sequence[int], at_random: int, checks: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """What became of each kill: all in one go, since starting Python costs more than a tick."""
    lanes: list[subprocess.Popen[str]] = []
    for lane in range(LANES):
        here = folder / f"lane-{lane}"
        write_shop(here)
        asked = {"ticks": ticks, "random": at_random, "lane": lane, "lanes": LANES, "checks": checks}
        command = [sys.executable, "-m", "tests.laws.kills", str(here), json.dumps(asked)]
        root = Path(__file__).parents[2]
        lanes.append(subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True))
    said = [process.communicate()[0] for process in lanes]
    assert [process.returncode for process in lanes] == [0] * LANES
    return [json.loads(line) for text in said for line in text.splitlines()]


def judge(kills: list[dict[str, Any]], ticks: Sequence[int], at_random: int) -> None:
    assert {each["status"] for each in kills} == {-signal.SIGKILL}
    assert sum(not each["write"] for each in kills) >= at_random
    for tick in ticks:
        boundaries = sorted(each["point"] for each in kills if each["write"] and each["tick"] == tick)
        assert boundaries == list(range(len(boundaries)))
        assert len(boundaries) > 20
    assert [each for each in kills if each["differs"]] == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_tick_is_killed_at_every_write(tmp_path: Path):
    """The third tick of some checks: late rows restate what is open, and buckets become final."""
    judge(kill(tmp_path, [2], 10, ["good", "fresh", "lost"]), [2], 10)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_first_tick_and_one_after_a_pause_are_killed_at_every_write_and_anywhere(tmp_path: Path):
    """The first makes the tables too; all checks, and a hundred random points."""
    ticks = [0, len(TICKS) - 1]
    judge(kill(tmp_path, ticks, 100), ticks, 100)
