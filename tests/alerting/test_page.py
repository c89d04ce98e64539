"""The page arrives: Weir measures, Prometheus evaluates the written rules, Alertmanager tells a webhook."""

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from time import time
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from monitor.model import MINUTE, SECOND
from tests import components
from tests.serve.test_prometheus import answers
from tests.serve.test_server import serving, until

pytestmark = [pytest.mark.prometheus, pytest.mark.alertmanager]

WEIR = """\
pipeline: shop
owner: data
store: sqlite:///weir.db
sources:
  lake: {engine: duckdb, root: lake/}
datasets:
  events: {source: lake, files: events/*.parquet, time: event_time, key: event_id, lateness: 0s}
checks:
  basket:
    kind: ratio
    dataset: events
    good: ok
    every: 1s
    bucket: 1s
    window: 1m
    slo: {objective: 99%, window: 30d}
"""


def write(folder: Path, name: str, start: int, end: int, bad: bool) -> None:
    """Ten rows a minute between two instants in microseconds."""
    at = list(range(start, end, MINUTE // 10))
    columns = {
        "event_id": [f"{name}{n}" for n in range(len(at))],
        "event_time": pa.array(at, pa.timestamp("us", tz="UTC")),
        "ok": [not (bad and n % 2) for n in range(len(at))],
    }
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), folder / f"{name}.parquet")


@contextmanager
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address that notes every alert that is sent to it."""
    heard: list[dict[str, Any]] = []

    class Ear(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.extend(body["alerts"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Ear)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def running(program: Path, *arguments: str, ready: str) -> Iterator[None]:
    with subprocess.Popen(
        [program, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            until(lambda: answers(ready) or _ok(ready), f"{program.name}")
            yield
        finally:
            process.kill()


def _ok(url: str) -> bool:
    from urllib.request import urlopen

    try:
        with urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def hurried(folder: Path, routes: Path, hook: str) -> Path:
    """The written routes with the webhook as every receiver's address, and no waiting."""
    text: dict[str, Any] = yaml.safe_load(routes.read_text())
    text["route"] |= {"group_wait": "0s", "group_interval": "1s"}
    for route in text["route"]["routes"]:
        route |= {"group_wait": "0s", "group_interval": "1s"}
    for receiver in text["receivers"]:
        receiver["webhook_configs"] = [{"url": hook, "send_resolved": True}]
    path = folder / "alertmanager.yml"
    path.write_text(yaml.safe_dump(text))
    return path


@contextmanager
def chain(folder: Path, weir: str, hook: str) -> Iterator[None]:
    """Prometheus with the rules, evaluated each second, and Alertmanager behind it."""
    rules = yaml.safe_load((folder / "rules" / "weir-shop.rules.yaml").read_text())
    for group in rules["groups"]:
        group["interval"] = "1s"
    (folder / "rules.yml").write_text(yaml.safe_dump(rules))
    manager, prometheus = port(), port()
    routes = hurried(folder, folder / "rules" / "weir-shop.alertmanager.yaml", hook)
    (folder / "prometheus.yml").write_text(
        yaml.safe_dump(
            {
                "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                "rule_files": ["rules.yml"],
                "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{manager}"]}]}]},
                "scrape_configs": [{"job_name": "weir", "static_configs": [{"targets": [weir]}]}],
            }
        )
    )
    with (
        running(
            components.program("alertmanager"),
            f"--config.file={routes}",
            f"--storage.path={folder / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{manager}",
            "--cluster.listen-address=",
            ready=f"http://127.0.0.1:{manager}/-/ready",
        ),
        running(
            components.program("prometheus"),
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            "--rules.alert.resend-delay=1s",
            f"--web.listen-address=127.0.0.1:{prometheus}",
            ready=f"http://127.0.0.1:{prometheus}/-/ready",
        ),
    ):
        yield


def test_a_loss_reaches_the_webhook_with_its_runbook(tmp_path: Path):
    from monitor.cli import main

    lake, now = tmp_path / "lake" / "events", int(time()) * SECOND
    write(lake, "good", now - 70 * MINUTE, now - 30 * MINUTE, bad=False)
    write(lake, "bad", now - 30 * MINUTE, now + 10 * MINUTE, bad=True)
    (tmp_path / "weir.yaml").write_text(WEIR)
    for command in (
        ["rules", "--config", str(tmp_path / "weir.yaml"), "--out", str(tmp_path / "rules")],
        [
            "backfill",
            "--config",
            str(tmp_path / "weir.yaml"),
            "--from",
            _iso(now - 80 * MINUTE),
            "--to",
            _iso(now),
        ],
    ):
        with pytest.raises(SystemExit) as ended:
            main(command)
        assert ended.value.code == 0
    with (
        webhook() as (hook, heard),
        serving(tmp_path / "weir.yaml") as url,
        chain(tmp_path, url.removeprefix("http://"), hook),
    ):
        until(lambda: any(each["labels"]["alertname"] == "Watchdog" for each in heard), "the watchdog")
        until(lambda: bool(pages(heard)), "a page")
        alert = pages(heard)[0]
        assert (
            alert["labels"].items()
            >= {"slo": "basket", "pipeline": "shop", "owner": "data", "stage": "store"}.items()
        )
        assert alert["annotations"]["runbook_url"].endswith("/runbooks/ratio")
        assert alert["annotations"]["summary"].startswith("basket burns its error budget: ")
        assert "where 1% are allowed" in alert["annotations"]["summary"]
        assert "?" not in alert["annotations"]["summary"]
        for path in lake.glob("*.parquet"):
            path.unlink()
        end = int(time()) * SECOND
        write(lake, "mended", end - 8 * 60 * MINUTE, end + 10 * MINUTE, bad=False)
        with pytest.raises(SystemExit):
            main(
                [
                    *("backfill", "--restate", "--config", str(tmp_path / "weir.yaml")),
                    *("--from", _iso(end - 90 * MINUTE), "--to", _iso(end)),
                ]
            )
        until(lambda: any(each["status"] == "resolved" for each in pages(heard)), "the end of the page")


def pages(heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        each
        for each in heard
        if (each["labels"]["alertname"], each["labels"]["severity"]) == ("BudgetBurn", "page")
    ]


def _iso(at: int) -> str:
    from monitor.cli._options import iso

    return str(iso(at))
