"""Which models were trained on damaged data, by what the registry says and by what is assumed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from monitor.binding.sources import Sources
from monitor.cli import weir
from monitor.deployments import mark
from monitor.model import DAY, HOUR, MINUTE, Window
from monitor.store.deployments import Marked
from monitor.trust.findings import State
from monitor.trust.models import Model, models, read, touched
from monitor.trust.together import Interval
from tests.pipelines import EPOCH, Pipeline, micros

NOW = micros("2026-11-20T12:00Z")
WHOLE = Window(NOW - DAY, NOW)


def moment(at: int) -> Any:
    return EPOCH + timedelta(microseconds=at)


def deployed(lake: Pipeline, **more: Any) -> None:
    """Versions every six hours, each trained on the day before it but an hour."""
    rows = [
        {
            "at": moment(at),
            "version": f"v{number}",
            "status": "succeeded",
            "since": moment(at - DAY - HOUR),
            "till": moment(at - HOUR),
        }
        for number, at in enumerate(range(NOW - 2 * DAY, NOW + 1, 6 * HOUR))
    ]
    lake.rows("deployments", rows, time="at", columns={"model_version": "version"} | more)


def found(lake: Pipeline, window: Window = WHOLE, **more: Any) -> list[Model]:
    config = lake.load({})
    with Sources(config) as sources:
        return models(config, lake.store, window, sources, **more)


def test_the_registry_says_what_a_model_was_trained_on(lake: Pipeline):
    deployed(lake, trained_from="since", trained_until="till")
    some = found(lake, Window(NOW - 8 * HOUR, NOW - 7 * HOUR))
    assert [(each.version, each.trained, each.assumed) for each in some] == [
        ("v7", Window(NOW - 6 * HOUR - DAY - HOUR, NOW - 7 * HOUR), ""),
        ("v8", Window(NOW - DAY - HOUR, NOW - HOUR), ""),
    ]


def test_without_these_columns_it_is_what_came_since_the_last_one(lake: Pipeline):
    deployed(lake)
    some = found(lake, Window(NOW - 8 * HOUR, NOW - 7 * HOUR))
    assert [(each.version, each.trained) for each in some] == [
        ("v7", Window(NOW - 12 * HOUR, NOW - 6 * HOUR)),
    ]
    assert some[0].assumed == "since the deployment before it"
    longer = found(lake, Window(NOW - 8 * HOUR, NOW - 7 * HOUR), length=2 * DAY)
    assert [each.version for each in longer] == ["v7", "v8"]
    assert longer[1].trained == Window(NOW - 2 * DAY, NOW)


def test_of_what_was_recorded_by_hand_only_models_count(lake: Pipeline):
    lake.declare("rows", files="rows/*.parquet", time="t")
    for hours, what in ((30, "Model v1"), (20, "app 7"), (4, "model v2")):
        mark(lake.store, "test", Marked(NOW - hours * HOUR, what, "ci", NOW))
    some = models(lake.load({}), lake.store, WHOLE)
    assert [(each.version, each.trained.start) for each in some] == [("model v2", NOW - 30 * HOUR)]


def test_a_registry_that_does_not_answer_leaves_what_the_store_knows(lake: Pipeline):
    deployed(lake)
    for path in Path(lake.folder / "deployments").iterdir():
        path.write_bytes(b"no parquet")
    mark(lake.store, "test", Marked(NOW - HOUR, "model v2", "ci", NOW))
    some, why = read(lake.load({}), lake.store, WHOLE)
    assert [each.version for each in some] == ["model v2"]
    assert why


MODEL = Model(NOW, "v1", Window(NOW - 10 * HOUR, NOW - 2 * HOUR))


@pytest.mark.parametrize(
    "states, expected, damaged, unknown",
    [
        ([State.SAFE], State.SAFE, 0, 0),
        ([State.SAFE, State.DAMAGED], State.DAMAGED, 3 * HOUR, 0),
        ([State.PARTLY, State.UNKNOWN], State.PARTLY, 0, 3 * HOUR),
        ([State.SAFE, State.UNKNOWN], State.UNKNOWN, 0, 3 * HOUR),
    ],
)
def test_a_model_is_as_good_as_what_it_was_trained_on(
    states: list[State], expected: State, damaged: int, unknown: int
):
    cut = NOW - 5 * HOUR if len(states) > 1 else NOW
    windows = [Window(NOW - 12 * HOUR, cut), Window(cut, NOW)]
    why = {State.DAMAGED: (("loss", ""),), State.PARTLY: (("loss", ""),), State.UNKNOWN: (("loss", "gap"),)}
    intervals = [
        Interval(window, state, because=why.get(state, ()))
        for window, state in zip(windows, states, strict=False)
    ]
    (one,) = touched([MODEL], intervals)
    assert (one.state, one.damaged, one.unknown) == (expected, damaged, unknown)
    assert one.checks == (("loss",) if expected in (State.DAMAGED, State.PARTLY) else ())


def test_what_lies_outside_of_the_answer_is_not_known(lake: Pipeline):
    (one,) = touched([MODEL], [Interval(Window(NOW - 4 * HOUR, NOW), State.SAFE)])
    assert (one.state, one.outside) == (State.UNKNOWN, 6 * HOUR)


def test_the_command_names_them(lake: Pipeline):
    deployed(lake, trained_from="since", trained_until="till")
    minutes = range(NOW - 6 * HOUR, NOW, MINUTE)
    bad = Window(NOW - 4 * HOUR, NOW - 3 * HOUR)
    rows = [{"t": moment(at), "ok": not bad.start <= at < bad.end} for at in minutes]
    lake.rows("events", rows, time="t", lateness="0s")
    check = {
        "kind": "ratio",
        "dataset": "events",
        "good": "ok",
        "every": "1h",
        "window": "1h",
        "fail": "< 90%",
    }
    config = str(lake.write({"whole": check}))
    start, end = ("--from", "2026-11-20T06:00Z"), ("--to", "2026-11-20T12:00Z")
    assert CliRunner().invoke(weir, ["backfill", "--config", config, *start, *end]).exit_code == 0
    said = CliRunner().invoke(weir, ["trust", "events", "--config", config, *start, *end])
    assert said.exit_code == 1
    (line,) = [each for each in said.stdout.splitlines() if " v8, deployed" in each]
    assert line.startswith("  ✗ v8, deployed 2026-11-20T12:00:00Z, trained on 2026-11-19T11:00:00Z …")
    assert "1h of it damaged" in line
