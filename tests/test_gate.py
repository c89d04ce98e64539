"""`weir gate`: go, stop or cannot tell, held against budgets that are counted here by hand."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result

from monitor.board import board
from monitor.cli import weir
from monitor.errors import UsageError, WeirError
from monitor.gate import Asked, Judged, Limits, Verdict, gate, joined
from monitor.model import HOUR, MINUTE
from tests.pipelines import EPOCH, Pipeline, micros

NOW = micros("2026-11-20T12:00Z")
SLO = {"kind": "ratio", "dataset": "rows", "good": "ok", "settle": "0s", "every": "1m", "window": "28d"}
BUDGET = {"loss": SLO | {"slo": {"objective": "99%", "window": "28d"}}}


def rows(lake: Pipeline, bad: list[int], last: int = NOW, days: int = 2, by: int = 1) -> None:
    """A row every `by` minutes up to `last`; those of the minutes `bad` ago are bad."""
    ago = range(1, days * 24 * 60, by)
    at = [last - minute * MINUTE for minute in ago]
    table = {"t": pa.array(at, pa.timestamp("us", tz="UTC")), "ok": [minute not in bad for minute in ago]}
    lake.rows("rows", pa.table(table), time="t", lateness="0s")


def judged(
    lake: Pipeline, checks: dict[str, Any], asked: Asked | None = None, now: int = NOW, **limits: Any
) -> dict[str, Judged]:
    config = lake.load(checks)
    found = gate(config, board(config, lake.store, burns=True), now, asked or Asked(), Limits(**limits))
    return {each.check: each for each in found}


@pytest.mark.parametrize(
    "verdicts, whole",
    [
        ("go go", "go"),
        ("go stop unknown", "stop"),
        ("unknown go", "unknown"),
        ("unknown stop", "stop"),
        ("", "unknown"),
    ],
)
def test_one_reason_to_stop_outweighs_what_is_unknown(verdicts: str, whole: str):
    assert joined(map(Verdict, verdicts.split())) == whole


def test_a_budget_that_is_whole_lets_go(lake: Pipeline):
    rows(lake, bad=[2000])
    lake.tick(NOW, BUDGET)
    found = judged(lake, BUDGET)["loss"]
    assert (found.verdict, found.reasons, found.about) == (Verdict.GO, (), "budget")
    total = 2 * 24 * 60 - 1
    assert found.numbers["budget_left"] == pytest.approx(1 - (1 / total) / 0.01)
    assert found.numbers["burning"] is None


def test_a_budget_that_is_spent_stops_and_less_may_be_asked(lake: Pipeline):
    rows(lake, bad=list(range(2000, 2027)))  # 27 of 2879: 94 % of what is allowed, a day ago
    lake.tick(NOW, BUDGET)
    left = 1 - (27 / 2879) / 0.01
    found = judged(lake, BUDGET)["loss"]
    assert found.verdict == Verdict.STOP
    assert found.reasons == (f"{left * 100:.3g}% of its budget is left, 10% is asked",)
    assert judged(lake, BUDGET, least_left=0.05)["loss"].verdict == Verdict.GO


def test_a_budget_that_burns_fast_stops_though_much_is_left(lake: Pipeline):
    rows(lake, bad=list(range(1, 21)), days=28)
    lake.tick(NOW, BUDGET)
    found = judged(lake, BUDGET)["loss"]
    assert found.numbers["budget_left"] > 0.9
    assert found.verdict == Verdict.STOP
    assert found.reasons[0].startswith("its budget burns (page: ")


def test_a_slow_burn_is_a_note_unless_it_is_strict(lake: Pipeline):
    rows(lake, bad=list(range(1, 1440, 30)), days=28)  # 3.3 % of the last day
    lake.tick(NOW, BUDGET)
    found = judged(lake, BUDGET)["loss"]
    assert (found.verdict, found.reasons) == (Verdict.GO, ())
    assert found.notes[0].startswith("its budget burns (ticket: ")
    assert judged(lake, BUDGET, strict=True)["loss"].verdict == Verdict.STOP


def test_what_was_not_measured_of_late_is_not_known(lake: Pipeline):
    rows(lake, bad=[])
    assert judged(lake, BUDGET)["loss"].reasons == ("it was never measured",)
    lake.tick(NOW, BUDGET)
    late = judged(lake, BUDGET, now=NOW + 2 * HOUR)["loss"]
    assert late.verdict == Verdict.UNKNOWN
    assert late.reasons == ("it is stale: last measured 2h ago, due every 1m",)


def test_a_dataset_that_stands_still_is_not_known(lake: Pipeline):
    rows(lake, bad=[], last=NOW - 3 * HOUR)
    lake.tick(NOW, BUDGET)
    found = judged(lake, BUDGET)["loss"]
    assert found.verdict == Verdict.UNKNOWN
    assert found.reasons == ("the dataset rows stands still: its newest row is 3h old",)


def test_a_source_that_does_not_answer_is_not_known(lake: Pipeline):
    rows(lake, bad=[])
    lake.tick(NOW, BUDGET)
    for path in (lake.folder / "rows").iterdir():
        path.write_bytes(b"no parquet")
    lake.tick(NOW + MINUTE, BUDGET)
    found = judged(lake, BUDGET, now=NOW + MINUTE)["loss"]
    assert found.verdict == Verdict.UNKNOWN
    assert found.reasons[0].startswith("it could not be measured: ")


def assigned(lake: Pipeline, treated: int, control: int) -> None:
    names = ["treatment"] * treated + ["control"] * control
    at = [EPOCH + timedelta(microseconds=NOW - HOUR + n * 1000) for n in range(len(names))]
    lake.rows(
        "rows",
        [{"t": t, "user": n, "variant": v} for n, (t, v) in enumerate(zip(at, names, strict=True))],
        time="t",
        lateness="0s",
    )


SPLIT = {
    "srm": {
        "kind": "split",
        "dataset": "rows",
        "unit": "user",
        "variant": "variant",
        "expected": {"treatment": "50%", "control": "50%"},
        "window": "1d",
        "settle": "0s",
    }
}


@pytest.mark.parametrize(
    "treated, control, verdict", [(500, 500, "go"), (700, 300, "stop"), (0, 0, "unknown")]
)
def test_a_sample_ratio_mismatch_stops(lake: Pipeline, treated: int, control: int, verdict: str):
    assigned(lake, treated, control) if treated else rows_of_nobody(lake)
    lake.tick(NOW, SPLIT)
    found = judged(lake, SPLIT)["srm"]
    assert (found.about, found.verdict) == ("split", verdict)
    if treated:
        assert found.numbers["units_since"] == {"treatment": treated, "control": control}


def rows_of_nobody(lake: Pipeline) -> None:
    at = pa.array([NOW - HOUR], pa.timestamp("us", tz="UTC"))
    nobody = pa.array([None], pa.string())
    lake.rows("rows", pa.table({"t": at, "user": nobody, "variant": nobody}), time="t", lateness="0s")


def logged(lake: Pipeline, propensities: list[float]) -> None:
    at = pa.array([NOW - HOUR + n for n in range(len(propensities))], pa.timestamp("us", tz="UTC"))
    columns = {"t": at, "p": propensities, "reward": [n % 2 for n in range(len(propensities))]}
    lake.rows("rows", pa.table(columns), time="t", lateness="0s")


LOG = {
    "log": {
        "kind": "ranking",
        "dataset": "rows",
        "label": "reward",
        "propensity": "p",
        "target": "uniform",
        "actions": 2,
        "window": "1d",
        "settle": "0s",
    }
}


def effective(propensities: list[float]) -> float:
    weights = [0.5 / p for p in propensities]
    return sum(weights) ** 2 / sum(w * w for w in weights)


def test_a_log_with_too_small_an_effective_sample_stops(lake: Pipeline):
    propensities = [0.5] * 100 + [0.01] * 1
    logged(lake, propensities)
    lake.tick(NOW, LOG)
    sample = effective(propensities)
    assert sample < 10
    found = judged(lake, LOG)["log"]
    assert found.verdict == Verdict.STOP
    assert found.numbers["effective_sample_size"] == pytest.approx(sample)
    assert any(f"effective sample size is {sample:,.0f}, 100 is asked" in each for each in found.reasons)


def test_a_log_whose_policy_has_support_lets_go(lake: Pipeline):
    logged(lake, [0.5] * 300)
    lake.tick(NOW, LOG)
    assert judged(lake, LOG)["log"].verdict == Verdict.GO
    assert judged(lake, LOG, least_sample=301)["log"].verdict == Verdict.STOP


def test_a_log_with_impossible_propensities_stops(lake: Pipeline):
    logged(lake, [0.5] * 300 + [1.5] * 10)
    lake.tick(NOW, LOG)
    found = judged(lake, LOG)["log"]
    assert found.verdict == Verdict.STOP
    assert "lie outside 0 to 1" in found.reasons[0]


def test_the_logs_of_two_real_policies(lake: Pipeline, shared_data: Path):
    """Open Bandit: the uniform policy's log is worth every row, Thompson sampling's 655.71 of its 10,000."""
    import pandas as pd

    check = LOG["log"] | {"label": "click", "propensity": "propensity_score", "actions": 34, "window": "7d"}
    checks = {name: check | {"dataset": name} for name in ("random", "thompson")}
    for name, file in (("random", "random_men.csv"), ("thompson", "bts_men.csv")):
        log = pd.read_csv(shared_data / "open_bandit" / file, index_col=0)
        log["timestamp"] = pd.to_datetime(log["timestamp"], utc=True, format="ISO8601")
        lake.rows(name, log[["timestamp", "click", "propensity_score"]], time="timestamp", lateness="0s")
    end = micros("2019-12-01T00:00Z")
    lake.tick(end, checks)
    # Both are finished logs; the newest row of either is minutes old.
    verdicts = {name: each.verdict for name, each in judged(lake, checks, now=end, least_sample=650).items()}
    samples = {
        name: each.numbers["effective_sample_size"]
        for name, each in judged(lake, checks, now=end, least_sample=5_000).items()
    }
    assert samples == {"random": pytest.approx(10_000), "thompson": pytest.approx(655.71, abs=0.01)}
    assert verdicts["random"] == Verdict.GO
    stopped = judged(lake, checks, now=end, least_sample=5_000)["thompson"]
    assert stopped.verdict == Verdict.STOP
    assert any("effective sample size is 656, 5,000 is asked" in why for why in stopped.reasons)


PLAIN = {"plain": SLO | {"fail": "< 90%"}}


@pytest.mark.parametrize("bad, verdict", [(0, "go"), (300, "stop")])
def test_a_check_without_an_slo_is_asked_by_name(lake: Pipeline, bad: int, verdict: str):
    rows(lake, bad=list(range(bad)))
    checks = BUDGET | PLAIN
    lake.tick(NOW, checks)
    assert list(judged(lake, checks)) == ["loss"]
    found = judged(lake, checks, Asked(checks=frozenset({"plain"})))
    assert {name: each.verdict for name, each in found.items()} == {"plain": verdict}


def test_only_what_reads_the_dataset_is_asked(lake: Pipeline):
    rows(lake, bad=[])
    lake.declare("other", files="rows/*.parquet", time="t")
    checks = {"loss": BUDGET["loss"], "else": BUDGET["loss"] | {"dataset": "other"}}
    lake.tick(NOW, checks)
    assert list(judged(lake, checks, Asked(dataset="other"))) == ["else"]


@pytest.mark.parametrize(
    "checks, asked, said",
    [
        (PLAIN, Asked(), "no check can judge"),
        (PLAIN, Asked(slos=frozenset({"plain"})), "has no SLO"),
    ],
)
def test_what_cannot_be_asked(lake: Pipeline, checks: dict[str, Any], asked: Asked, said: str):
    lake.declare("rows", time="t")
    with pytest.raises(UsageError, match=said):
        judged(lake, checks, asked)


# The command ------------------------------------------------------------------------------------------------


def ran(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(weir, ["gate", "--config", str(path), *arguments])


@pytest.fixture
def live(lake: Pipeline) -> Path:
    """Measured just now, by the clock that the command reads."""
    from time import time

    now = int(time()) * 1_000_000
    rows(lake, bad=[1, 2, 3, *range(500, 600)], last=now)
    path = lake.write(BUDGET | PLAIN, store="sqlite:///weir.db")
    assert CliRunner().invoke(weir, ["run", "--config", str(path)]).exit_code in (0, 1)
    return path


def test_the_command_says_it_for_machines(live: Path):
    result = ran(live, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (told["verdict"], told["checks"][0]["check"]) == ("stop", "loss")
    assert told["reasons"] == [f"loss: {why}" for why in told["checks"][0]["reasons"]]
    assert told["checks"][0]["settled"].endswith("Z")
    assert told["checks"][0]["budget_left"] == pytest.approx(1 - (103 / 2879) / 0.01, abs=0.02)


def test_the_command_says_it_for_people(live: Path):
    result = ran(live, "--check", "plain")
    assert (result.exit_code, result.stdout) == (0, "go\n  ✓ plain (outcome)\n")


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--min-budget", "lots"], "is no percentage"),
        (["--check", "los"], "did you mean 'loss'"),
        (["--slo", "nope"], "no check is called 'nope'"),
        (["--dataset", "nope"], "no dataset is called 'nope'"),
    ],
)
def test_slips_are_named(live: Path, arguments: list[str], said: str):
    result = ran(live, *arguments)
    assert isinstance(result.exception, WeirError)
    assert result.exception.exit_code == 2
    assert said in str(result.exception)


def test_a_store_that_never_saw_a_tick_cannot_tell(lake: Pipeline):
    path = lake.write(BUDGET, store="sqlite:///weir.db")
    rows(lake, bad=[], days=1)
    result = ran(lake.write(BUDGET, store="sqlite:///weir.db"))
    assert (path.exists(), result.exit_code) == (True, 3)
    assert result.stdout == "cannot tell\n  ? loss (budget): it was never measured\n"
