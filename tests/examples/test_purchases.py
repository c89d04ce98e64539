"""A text file of purchases: rows, free ones, doubles, and the money that hangs on them."""

from pathlib import Path

import pandas as pd
import pytest

from tests.examples.conftest import Run, Runner

AT = "1998-07-01T00:00:00Z"


@pytest.fixture(scope="module")
def ran(example: Runner) -> Run:
    return example("purchases", "--at", AT)


@pytest.fixture(scope="module")
def purchases(shared_data: Path) -> pd.DataFrame:
    return pd.read_csv(shared_data / "purchases" / "CDNOW_master.txt", sep=r"\s+")


def test_outcomes(ran: Run) -> None:
    assert ran.code == 0
    assert {name for name, outcome in ran.outcomes.items() if outcome == "warn"} == {
        "duplicates",
        "dollars-without-duplicates",
    }


def test_every_purchase_is_read(ran: Run, purchases: pd.DataFrame) -> None:
    rows = ran.reading("purchases")
    assert rows["value"] == len(purchases) == 69_659
    assert (rows["start"], rows["end"]) == ("1997-01-01T00:00:00Z", AT)
    june = purchases["date"].between(19980601, 19980630).sum()
    assert ran.reading("purchases-a-month")["value"] == june


def test_free_purchases(ran: Run, purchases: pd.DataFrame) -> None:
    free = ran.reading("free-purchases")
    assert free["detail"]["bad"] == (purchases["dollar_value"] == 0).sum() == 80
    assert free["value"] == pytest.approx(1 - 80 / 69_659)


def test_exact_doubles(ran: Run, purchases: pd.DataFrame) -> None:
    doubles = ran.reading("duplicates")
    assert doubles["detail"]["surplus"] == purchases.duplicated().sum() == 255
    assert doubles["total"] == 69_659
    assert doubles["value"] == pytest.approx(255 / 69_659)


def test_dollars_with_and_without_doubles(ran: Run, purchases: pd.DataFrame) -> None:
    dollars = ran.reading("dollars-without-duplicates")
    once = purchases.drop_duplicates()["dollar_value"].sum()
    assert dollars["total"] == pytest.approx(2_500_315.63, abs=0.001)
    assert dollars["total"] == pytest.approx(purchases["dollar_value"].sum(), rel=1e-12)
    assert dollars["good"] == pytest.approx(once, rel=1e-12)
    assert dollars["value"] == pytest.approx(once / purchases["dollar_value"].sum(), rel=1e-12)


def test_latest_reaches_the_last_day(example: Runner) -> None:
    ran = example("purchases", "--at", "latest", "--check", "purchases")
    assert ran.reading("purchases")["value"] == 69_659


def test_the_data_may_lie_elsewhere(example: Runner, shared_data: Path, tmp_path: Path) -> None:
    (tmp_path / "purchases").symlink_to(shared_data / "purchases")
    store = f"sqlite:///{tmp_path / 'weir.db'}"
    chosen = ("--at", AT, "--check", "purchases-a-month")
    moved = example("purchases", *chosen, WEIR_SHARED_DATA=str(tmp_path), WEIR_STORE=store)
    assert moved.reading("purchases-a-month")["value"] == 2_043


def test_data_that_is_not_there_is_an_error_that_says_where_to_look(example: Runner, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path / 'weir.db'}"
    ran = example("purchases", "--at", AT, WEIR_SHARED_DATA=str(tmp_path), WEIR_STORE=store)
    assert ran.code == 3
    assert set(ran.outcomes.values()) == {"error"}
    assert "root" in ran.reading("purchases")["message"]
