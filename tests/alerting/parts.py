"""Parts of a chain of real programs: a pipeline with a fault, Prometheus, Alertmanager, a webhook."""

import json
import re
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from time import time
from typing import Any
from urllib.request import urlopen

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from monitor.cli import main
from monitor.cli._options import iso
from monitor.model import MINUTE, SECOND
from monitor.serve.server import Process
from tests import components
from tests.serve.test_server import until

WEIR = """\
pipeline: shop
owner: data
store: {store}
sources:
  lake: {{engine: duckdb, root: lake/}}
datasets:
  events: {{source: lake, files: events/*.parquet, time: event_time, key: event_id, lateness: 0s}}
checks:
  basket:
    kind: ratio
    dataset: events
    good: ok
    every: 1s
    bucket: 1s
    window: 1m
    slo: {{objective: 99%, window: 30d}}
{routes}"""

QUICK = Process(heartbeat=0.1, poll=0.1, alerts=0.1)


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


def weir(*arguments: str) -> None:
    """A command that ends well."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert ended.value.code == 0


def broken(folder: Path, routes: str = "", store: str = "sqlite:///weir.db") -> Path:
    """The configuration of a pipeline that has lost every second basket for half an hour; measured so far."""
    lake, now = folder / "lake" / "events", int(time()) * SECOND
    write(lake, "good", now - 70 * MINUTE, now - 30 * MINUTE, bad=False)
    write(lake, "bad", now - 30 * MINUTE, now + 10 * MINUTE, bad=True)
    config = folder / "weir.yaml"
    config.write_text(WEIR.format(store=store, routes=routes))
    weir("rules", "--config", str(config), "--out", str(folder / "rules"))
    span = ("--from", str(iso(now - 80 * MINUTE)), "--to", str(iso(now)))
    weir("backfill", "--config", str(config), *span)
    return config


def mend(config: Path) -> None:
    """The baskets are found again: the rows are as they should have been."""
    lake, end = config.parent / "lake" / "events", int(time()) * SECOND
    for path in lake.glob("*.parquet"):
        path.unlink()
    write(lake, "mended", end - 8 * 60 * MINUTE, end + 10 * MINUTE, bad=False)
    span = ("--from", str(iso(end - 90 * MINUTE)), "--to", str(iso(end)))
    with pytest.raises(SystemExit):
        main(["backfill", "--restate", "--config", str(config), *span])


@contextmanager
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address that notes every alert that Alertmanager sends to it."""
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
    """A program while it is needed; it answers at `ready` first."""
    with subprocess.Popen(
        [program, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            until(lambda: _ok(ready), f"{program.name}")
            yield
        finally:
            process.kill()


def _ok(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def port() -> int:
    """One that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def alertmanager(folder: Path, number: int, hook: str) -> Iterator[None]:
    """Alertmanager with the routes that `weir rules` wrote: a webhook behind each, and no waiting."""
    text: dict[str, Any] = yaml.safe_load((folder / "rules" / "weir-shop.alertmanager.yaml").read_text())
    hurried = {"group_wait": "0s", "group_interval": "1s"}
    text["route"] |= hurried
    for route in text["route"]["routes"]:
        route |= hurried
    for receiver in text["receivers"]:
        receiver["webhook_configs"] = [{"url": hook, "send_resolved": True}]
    path = folder / f"alertmanager-{number}.yml"
    path.write_text(yaml.safe_dump(text))
    with running(
        components.program("alertmanager"),
        f"--config.file={path}",
        f"--storage.path={folder / f'alertmanager-{number}'}",
        f"--web.listen-address=127.0.0.1:{number}",
        "--cluster.listen-address=",
        ready=f"http://127.0.0.1:{number}/-/ready",
    ):
        yield


@contextmanager
def prometheus(folder: Path, target: str, manager: int) -> Iterator[None]:
    """Prometheus with the written rules; it scrapes and evaluates each second, and `for` is 2 s."""
    rules = yaml.safe_load((folder / "rules" / "weir-shop.rules.yaml").read_text())
    for group in rules["groups"]:
        group["interval"] = "1s"
        for rule in group["rules"]:
            rule |= {"for": "2s"} if "for" in rule else {}
    (folder / "rules.yml").write_text(yaml.safe_dump(rules))
    number = port()
    (folder / "prometheus.yml").write_text(
        yaml.safe_dump(
            {
                "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                "rule_files": ["rules.yml"],
                "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{manager}"]}]}]},
                "scrape_configs": [{"job_name": "weir", "static_configs": [{"targets": [target]}]}],
            }
        )
    )
    with running(
        components.program("prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--rules.alert.resend-delay=1s",
        f"--web.listen-address=127.0.0.1:{number}",
        ready=f"http://127.0.0.1:{number}/-/ready",
    ):
        yield


def named(heard: list[dict[str, Any]], name: str, severity: str = "page") -> list[dict[str, Any]]:
    """What was heard of alerts of a name and severity."""
    wanted = (name, severity)
    return [each for each in heard if (each["labels"]["alertname"], each["labels"]["severity"]) == wanted]


def pages(heard: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The pages for a budget that burns."""
    return named(heard, "BudgetBurn")


def over(heard: list[dict[str, Any]]) -> bool:
    """Whether the page has ended."""
    return any(each["status"] == "resolved" for each in pages(heard))


def said(alert: Mapping[str, Any]) -> dict[str, Any]:
    """What an alert says, with `#` for its numbers: they move while the test runs."""
    notes = dict(alert["annotations"])
    return {"labels": alert["labels"], **notes, "summary": re.sub(r"\d[\d.e+-]*", "#", notes["summary"])}
