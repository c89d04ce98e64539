"""Two policies' logs of a week: clicks by position, propensities, and what is left to learn from."""

from pathlib import Path

import pandas as pd
import pytest

from tests.examples.conftest import Run, Runner

AT = "2019-12-01T00:00:00Z"
POLICIES = {"random": "random_men.csv", "thompson": "bts_men.csv"}


@pytest.fixture(scope="module")
def ran(example: Runner) -> Run:
    return example("open_bandit", "--at", AT)


@pytest.fixture(scope="module")
def logs(shared_data: Path) -> dict[str, pd.DataFrame]:
    def read(name: str) -> pd.DataFrame:
        log = pd.read_csv(shared_data / "open_bandit" / name, index_col=0)
        return log.assign(at=pd.to_datetime(log["timestamp"], utc=True, format="ISO8601"))

    return {policy: read(name) for policy, name in POLICIES.items()}


def test_nothing_fails(ran: Run) -> None:
    assert ran.code == 0
    assert {name for name, outcome in ran.outcomes.items() if outcome != "pass"} == {
        "thompson-rare",
        "thompson-effective-sample",
    }
    assert set(ran.outcomes.values()) == {"pass", "warn"}


@pytest.mark.parametrize("policy, clicks", [("random", 46), ("thompson", 69)])
def test_clicks_are_those_known(ran: Run, policy: str, clicks: int) -> None:
    total = ran.reading(f"{policy}-ctr")
    assert (total["good"], total["total"], total["value"]) == (clicks, 10_000, clicks / 10_000)
    assert (total["start"], total["end"]) == ("2019-11-24T00:00:00Z", AT)


@pytest.mark.parametrize("policy", POLICIES)
def test_clicks_by_position_are_those_of_pandas(ran: Run, logs: dict[str, pd.DataFrame], policy: str) -> None:
    assert len(ran.segments(f"{policy}-ctr")) == 3
    for position, rows in logs[policy].groupby("position"):
        part = ran.reading(f"{policy}-ctr", position=str(position))
        assert (part["good"], part["total"]) == (rows["click"].sum(), len(rows))
        assert part["value"] == rows["click"].mean()


def test_propensities(ran: Run, logs: dict[str, pd.DataFrame]) -> None:
    uniform = ran.reading("random-is-uniform")
    assert (uniform["good"], uniform["total"], uniform["outcome"]) == (10_000, 10_000, "pass")
    assert ran.reading("thompson-propensity")["value"] == 1
    for position, rows in logs["thompson"].groupby("position"):
        rare = ran.reading("thompson-rare", position=str(position))
        assert rare["detail"]["bad"] == (rows["propensity_score"] < 0.01).sum() > 0


def test_effective_sample_size(ran: Run, logs: dict[str, pd.DataFrame]) -> None:
    weights = 1 / logs["thompson"]["propensity_score"]
    effective = ran.reading("thompson-effective-sample")
    assert effective["good"] == pytest.approx(655.71, abs=0.005)
    assert effective["good"] == pytest.approx(weights.sum() ** 2 / (weights**2).sum(), rel=1e-9)
    assert effective["value"] == pytest.approx(effective["good"] / 10_000)


def test_volume_of_the_last_day(ran: Run, logs: dict[str, pd.DataFrame]) -> None:
    last = logs["random"][logs["random"]["at"] >= "2019-11-30"]
    assert ran.reading("random-volume")["value"] == len(last) == 1_432
    for position, rows in last.groupby("position"):
        assert ran.reading("random-volume", position=str(position))["value"] == len(rows)


def test_no_doubles_and_every_item_is_known(ran: Run, logs: dict[str, pd.DataFrame]) -> None:
    assert not logs["random"].duplicated(["timestamp", "item_id", "position"]).any()
    doubles = ran.reading("random-duplicates")
    assert (doubles["value"], doubles["total"]) == (0, 10_000)
    known = ran.reading("random-in-catalogue")
    assert (known["good"], known["total"]) == (10_000, 10_000)


def test_freshness_of_the_log_and_of_items(ran: Run, logs: dict[str, pd.DataFrame]) -> None:
    ages = (pd.Timestamp(AT) - logs["random"].groupby("item_id")["at"].max()).dt.total_seconds()
    assert ran.reading("random-freshness")["value"] == pytest.approx(ages.min(), abs=1e-6)
    items = ran.reading("random-items-fresh")
    assert items["value"] == pytest.approx(ages.quantile(0.95), abs=1e-5)
    assert items["detail"]["median"] == pytest.approx(ages.median(), abs=1e-5)
    assert items["detail"]["maximum"] == pytest.approx(ages.max(), abs=1e-6)
    assert items["detail"]["count"] == 34
