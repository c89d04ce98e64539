"""Real logs, re-timed and damaged in known ways: the segments and stages that are named are the damaged ones.

`bench/calibration/real_logs.py` plays all of them minute by minute, and measures how soon people are told.
"""

from pathlib import Path

import pytest

from bench.calibration.real_logs import DAMAGES, Damage, once
from monitor.model import HOUR, MINUTE, Outcome
from monitor.tick import Ticked

FAST = (
    "5 % of a segment lost",
    "all of a pair lost",
    "5 % lost everywhere",
    "doubles of a segment",
    "a pair late",
    "no propensities of a policy",
    "no policy named",
    "errors of a class",
    "no agents of a class",
    "robots everywhere",
)


AFTER = 45 * MINUTE


def ticked(log: str, damage: Damage | None, folder: Path) -> Ticked:
    return once(log, damage, folder, rate=2.0, past=2 * HOUR, after=AFTER)


@pytest.mark.parametrize("log", ["bandit", "web"])
def test_an_undamaged_log_is_quiet(log: str, shared_data: Path, tmp_path: Path):
    said = ticked(log, None, tmp_path)
    assert not said.errors
    outcomes = {each.check: each.reading.outcome for each in said.readings}
    assert set(outcomes.values()) <= {Outcome.PASS, Outcome.NO_DATA}
    assert not said.causes


@pytest.mark.parametrize(
    "damage", [each for each in DAMAGES if each.name in FAST], ids=lambda each: f"{each.log}: {each.name}"
)
def test_what_is_damaged_is_named_and_nothing_else(damage: Damage, shared_data: Path, tmp_path: Path):
    said = ticked(damage.log, damage, tmp_path)
    cause = said.causes[damage.checks[0]]
    assert {tuple(sorted(each.where)) for each in cause.segments} == (
        {damage.where} if damage.where else set()
    )
    assert cause.origin.stage in damage.stages
    assert cause.everywhere is not bool(damage.where)
    # Pages of a kind are asked for in bursts; kinds with steps of their own have no buckets at a first tick.
    assert abs(cause.since - said.at + AFTER) <= (10 if "robots" not in damage.name else 15) * MINUTE
