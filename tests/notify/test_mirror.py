"""Silences are held by Alertmanager, too: once, until they are over, whatever happened to it meanwhile."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from time import time
from typing import Any
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from monitor.cli import weir
from monitor.errors import DeliveryError
from monitor.model import HOUR, MINUTE, SECOND
from monitor.notify import mirror
from monitor.store.silences import Silence
from tests.alerting.parts import QUICK, alertmanager, broken, port, webhook
from tests.serve.test_server import serving, until

NOW = 1_763_632_800_000_000
ONE = Silence(3, (("check", "basket"),), NOW, NOW + HOUR, "migration", "ann", NOW, None)
ENDED = Silence(3, ONE.matchers, NOW, ONE.ends, "migration", "ann", NOW, NOW + MINUTE)


@contextmanager
def manager() -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """What Alertmanager's API makes of silences; `asked` are the requests that change something."""
    held: dict[str, Any] = {}
    asked: list[str] = []

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(list(held.values()))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            id_ = f"id{len(held)}"
            held[id_] = body | {"id": id_, "status": {"state": "active"}}
            asked.append("POST")
            self._say({"silenceID": id_})

        def do_DELETE(self) -> None:
            held[self.path.rpartition("/")[2]]["status"]["state"] = "expired"
            asked.append("DELETE")
            self._say(None)

        def _say(self, answer: Any) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"" if answer is None else json.dumps(answer).encode())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Api)
    thread = Thread(target=lambda: server.serve_forever(0.02), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", held, asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_once_until_it_is_ended():
    with manager() as (url, held, asked):
        for _ in range(2):  # another replica, or the same after a restart
            mirror.reconcile((url,), "shop", [ONE], NOW)
        by_check, by_slo = held.values()
        pairs = [{each["name"]: each["value"] for each in one["matchers"]} for one in (by_check, by_slo)]
        assert pairs == [
            {"pipeline": "shop", "check": "basket"},
            {"pipeline": "shop", "check": "", "slo": "basket"},
        ]
        assert (by_check["createdBy"], by_check["endsAt"]) == ("ann", "2025-11-20T11:00:00.000Z")
        assert by_check["comment"].startswith("migration [weir shop 3.1 ")
        assert mirror.known((url,), "shop", [ONE]) == {3: True}
        for _ in range(2):
            mirror.reconcile((url,), "shop", [ENDED], NOW)
        assert asked == ["POST", "POST", "DELETE", "DELETE"]
        assert mirror.known((url,), "shop", [ONE]) == {3: False}


def test_one_that_somebody_expired_there_stays_so_and_one_that_was_lost_comes_back():
    with manager() as (url, held, asked):
        mirror.reconcile((url,), "shop", [ONE], NOW)
        for each in held.values():
            each["status"]["state"] = "expired"
        mirror.reconcile((url,), "shop", [ONE], NOW)
        assert len(asked) == 2
        held.clear()
        mirror.reconcile((url,), "shop", [ONE], NOW)
        assert len(asked) == 4


def test_the_first_of_a_cluster_that_answers_and_again_soon_where_none_does():
    nobody, kept = f"http://127.0.0.1:{port()}", mirror.Mirror()
    assert not kept.due((nobody,), [], NOW)
    assert kept.due((nobody,), [ONE], NOW)
    with pytest.raises(DeliveryError):
        kept.run((nobody,), "shop", [ONE], NOW)
    assert not kept.due((nobody,), [ONE], NOW + mirror.RETRY - 1)
    assert kept.due((nobody,), [ONE], NOW + mirror.RETRY)
    with manager() as (url, held, _):
        kept.run((nobody, url), "shop", [ONE], NOW)
        assert len(held) == 2
        assert not kept.due((nobody, url), [ONE], NOW + mirror.AGAIN - 1)
        assert kept.due((nobody, url), [ONE], NOW + mirror.AGAIN)
        assert kept.due((nobody, url), [ENDED], NOW)


def called(config: Path, *arguments: str) -> str:
    result = CliRunner().invoke(weir, ["silence", *arguments, "--config", str(config)])
    assert result.exit_code == 0, result.output
    return result.output


def api(number: int, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"http://127.0.0.1:{number}/api/v2/{path}", data, {"Content-Type": "application/json"})
    with urlopen(request, timeout=5) as answer:
        text = answer.read()
    return json.loads(text) if text.strip() else None


def states(number: int) -> list[str]:
    return sorted(each["status"]["state"] for each in api(number, "silences"))


@pytest.mark.alertmanager
def test_alertmanager_holds_what_is_silenced_here(tmp_path: Path):
    number = port()
    config = broken(tmp_path, f'routes: {{page: {{alertmanager: "http://127.0.0.1:{number}"}}}}\n')
    called(config, "add", "--check", "basket", "--for", "2h", "--reason", "migration")
    assert "[Alertmanager does not answer]" in called(config, "list")
    with webhook() as (hook, _), alertmanager(tmp_path, number, hook):
        assert "[not in Alertmanager" in called(config, "list")
        with serving(config, QUICK):
            until(lambda: states(number) == ["active", "active"], "that Alertmanager has it")
            assert "[in Alertmanager]" in called(config, "list")
            assert json.loads(called(config, "list", "--json"))["silences"][0]["alertmanager"] is True
            labels = {"alertname": "BudgetBurn", "pipeline": "shop", "slo": "basket", "severity": "page"}
            starts = mirror.instant(int(time()) * SECOND)
            api(number, "alerts", [{"labels": labels, "startsAt": starts}])  # as Prometheus would

            def held() -> bool:
                found = [each for each in api(number, "alerts") if each["labels"] == labels]
                return bool(found) and found[0]["status"]["state"] == "suppressed"

            until(held, "that it holds what others send")
            called(config, "end", "1")
            until(lambda: states(number) == ["expired", "expired"], "the end of it there")
