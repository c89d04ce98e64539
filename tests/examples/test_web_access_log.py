"""Ten thousand lines of a web server: what parses, what failed, who is a robot, and how much in each hour."""

import re
from pathlib import Path

import pandas as pd
import pytest

from tests.examples.conftest import Run, Runner

AT = "2015-05-20T22:00:00Z"


@pytest.fixture(scope="module")
def ran(example: Runner) -> Run:
    return example("web_access_log", "--at", AT)


@pytest.fixture(scope="module")
def log(shared_data: Path) -> pd.DataFrame:
    """Every line, with its fields where it has nine."""
    text = (shared_data / "web_access_log" / "apache_access.log").read_text(encoding="utf-8")
    lines = pd.Series(text.splitlines(), name="line")
    field = r'(?:\[([^]]*)\]|"([^"]*)"|(\S+))'
    whole = lines.where(lines.str.count('"') == 6, "")
    rows = [["".join(parts) for parts in re.findall(field, line)] for line in whole]
    names = ["client", "identity", "user", "at", "request", "status", "bytes", "referer", "agent"]
    log = pd.DataFrame(rows, columns=names).assign(line=lines)
    log["at"] = pd.to_datetime(lines.str.extract(r"\[(.*?)\]")[0], format="%d/%b/%Y:%H:%M:%S %z", utc=True)
    return log


def test_nothing_fails(ran: Run) -> None:
    assert ran.code == 0
    assert set(ran.outcomes.values()) == {"pass"}


def test_one_line_is_malformed_and_keeps_its_place_in_time(ran: Run, log: pd.DataFrame) -> None:
    parsed = ran.reading("lines-parse")
    assert (parsed["good"], parsed["total"], parsed["detail"]["bad"]) == (9_999, 10_000, 1)
    assert log["status"].isna().sum() == 1
    (requests,) = ran.said["datasets"]
    assert requests["no_time"] == 0


def test_server_errors_by_method(ran: Run, log: pd.DataFrame) -> None:
    parsed = log.dropna(subset="status")
    failed = parsed["status"].astype(int) >= 500
    assert ran.reading("server-errors")["detail"]["bad"] == failed.sum() == 3
    for method, bad in failed.groupby(parsed["request"].str.split().str[0]):
        part = ran.reading("server-errors", method=str(method))
        assert (part["detail"]["bad"], part["total"]) == (bad.sum(), len(bad))


def test_one_failed_request_is_no_verdict_on_its_method(ran: Run) -> None:
    options = ran.reading("server-errors", method="OPTIONS")
    assert (options["total"], options["value"], options["outcome"]) == (1, 0, "no_data")
    assert ran.reading("server-errors", method="GET")["outcome"] == "pass"


def test_clients_that_asked_for_robots_txt(ran: Run, log: pd.DataFrame) -> None:
    parsed = log.dropna(subset="status")
    asked = parsed.loc[parsed["request"].str.split().str[1] == "/robots.txt", "client"].unique()
    people = ran.reading("people")
    assert len(asked) == 121
    assert people["detail"]["bad"] == parsed["client"].isin(asked).sum() == 1_446
    assert people["total"] == 9_999


def test_repeated_lines(ran: Run, log: pd.DataFrame) -> None:
    assert ran.reading("repeated-lines")["detail"]["surplus"] == log["line"].duplicated().sum() > 0


def test_freshness(ran: Run, log: pd.DataFrame) -> None:
    age = pd.Timestamp(AT) - log["at"].max()
    assert ran.reading("log-freshness")["value"] == age.total_seconds()


@pytest.mark.parametrize("hour", ["2015-05-17T10", "2015-05-19T19", "2015-05-20T21"])
def test_requests_of_an_hour(example: Runner, log: pd.DataFrame, hour: str) -> None:
    start = pd.Timestamp(f"{hour}:00:00Z")
    end = (start + pd.Timedelta(hours=1)).isoformat()
    ran = example("web_access_log", "--check", "requests-per-hour", "--at", end)
    rows = log["at"].between(start, start + pd.Timedelta(hours=1), inclusive="left").sum()
    assert ran.reading("requests-per-hour")["value"] == rows > 50
    assert ran.reading("requests-per-hour")["outcome"] == "pass"


def test_an_hour_without_requests_fails(example: Runner) -> None:
    ran = example("web_access_log", "--check", "requests-per-hour", "--at", "2015-05-17T10:00:00Z")
    assert ran.code == 1
    assert (ran.reading("requests-per-hour")["value"], ran.outcomes) == (0, {"requests-per-hour": "fail"})


def test_a_second_tick_says_the_same(example: Runner, ran: Run) -> None:
    again = example("web_access_log", "--at", AT)
    assert again.said["readings"] == ran.said["readings"]
