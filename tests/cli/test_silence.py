"""`weir silence` and `weir notify --test`, as one calls them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor import audit
from monitor.cli import weir
from monitor.config import load
from monitor.errors import UsageError
from monitor.store import open_store
from tests.notify.ears import Ear, ear
from tests.serve.shop import CONFIG

ROUTES = """\
routes:
  page: {{alertmanager: "{url}/secret"}}
  ticket: {{apprise: "${{CHAT:-json://127.0.0.1:1/hunter2}}"}}
"""


@pytest.fixture
def manager() -> Iterator[Ear]:
    with ear() as made:
        yield made


@pytest.fixture
def shop(tmp_path: Path, manager: Ear) -> Path:
    path = tmp_path / "weir.yaml"
    path.write_text(CONFIG.format(store="sqlite:///weir.db") + ROUTES.format(url=manager.url))
    return path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(weir, arguments)


def refused(*arguments: str) -> str:
    result = call(*arguments)
    assert isinstance(result.exception, UsageError)
    return str(result.exception)


def silence(shop: Path, *arguments: str) -> Result:
    return call("silence", *arguments, "--config", str(shop))


def test_a_silence_from_its_beginning_to_its_end(shop: Path):
    added = silence(
        shop, "add", "--check", "events", "--for", "2h", "--reason", "migration", "--author", "ann"
    )
    assert added.output.startswith("silence 1 until 20")
    listed = json.loads(silence(shop, "list", "--json").output)
    (row,) = listed["silences"]
    assert (row["matchers"], row["reason"], row["author"]) == ({"check": "events"}, "migration", "ann")
    assert "holds until" in silence(shop, "list").output
    assert silence(shop, "end", "1", "--author", "bob").output == "silence 1 has ended\n"
    assert silence(shop, "list").output == "no silence holds\n"
    assert "over until" in silence(shop, "list", "--all").output
    store = open_store(load(shop).store)
    said = [(line.actor, line.action, line.subject) for line in audit.trail(store, "shop")]
    store.close()
    assert said == [("ann", "silence add", "1"), ("bob", "silence end", "1")]


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--check", "evnts", "--for", "2h"], "did you mean 'events'?"),
        (["--check", "events"], "either --for or --until"),
        (["--check", "events", "--for", "2h", "--until", "2099-01-01"], "either --for or --until"),
        (["--check", "events", "--for", "two hours"], "is no duration"),
        (["--check", "events", "--until", "2001-01-01"], "is over"),
        (["--for", "2h"], "say what"),
        (["--match", "stages=x", "--for", "2h"], "did you mean 'stage'?"),
    ],
)
def test_what_is_no_silence(shop: Path, arguments: list[str], said: str):
    full = ("silence", "add", *arguments, "--reason", "x", "--config", str(shop))
    assert said in refused(*full)


def test_a_silence_that_is_not_there_is_not_ended(shop: Path):
    assert "no silence 7 holds" in refused("silence", "end", "7", "--config", str(shop))


def test_a_test_alert_goes_the_way_of_a_real_one(shop: Path, manager: Ear):
    result = call("notify", "--test", "page", "--config", str(shop))
    assert (result.output, result.exit_code) == ("page: delivered by 1 Alertmanager\n", 0)
    (alert,) = manager.alerts
    assert alert["labels"] == {
        "alertname": "WeirTest",
        "pipeline": "shop",
        "severity": "page",
        "owner": "data",
    }
    assert "nothing is wrong" in alert["annotations"]["summary"]


def test_a_test_alert_that_does_not_arrive_is_exit_1_without_an_address(shop: Path, manager: Ear):
    manager.status = 503
    result = call("notify", "--test", "page", "--config", str(shop))
    assert "page: not delivered by 1 Alertmanager: HTTP 503" in result.output
    assert "secret" not in result.output
    assert main_exit("notify", "--test", "page", "--config", str(shop)) == 1


def main_exit(*arguments: str) -> object:
    from monitor.cli import main

    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return ended.value.code


def test_a_route_that_is_not_there(shop: Path):
    assert "did you mean 'page'?" in refused("notify", "--test", "pages", "--config", str(shop))


def test_the_heartbeat_can_be_tried_too(shop: Path, manager: Ear):
    shop.write_text(shop.read_text() + f'  heartbeat: "{manager.url}/beat"\n')
    assert call("notify", "--test", "heartbeat", "--config", str(shop)).output == "heartbeat: delivered\n"
    assert manager.heard == [("/beat", None)]
    manager.status = 500
    assert main_exit("notify", "--test", "heartbeat", "--config", str(shop)) == 1
