"""A real Prometheus scrapes a real server."""

import json
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.serve.test_server import get, live, serving, until

__all__ = ["live"]

pytestmark = pytest.mark.prometheus

CONFIG = """\
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: weir
    static_configs: [{{targets: ["{target}"]}}]
    basic_auth: {{username: ann, password: wood-pigeon}}
"""


@contextmanager
def scraping(program: Path, folder: Path, target: str) -> Iterator[str]:
    """A Prometheus that scrapes `target` each second; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder.mkdir()
    (folder / "prometheus.yml").write_text(CONFIG.format(target=target))
    options = {
        "config.file": folder / "prometheus.yml",
        "storage.tsdb.path": folder / "data",
        "web.listen-address": f"127.0.0.1:{port}",
        "log.level": "error",
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    with subprocess.Popen([program, *arguments], stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: answers(f"http://127.0.0.1:{port}/-/ready"), "a Prometheus")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def answers(url: str) -> bool:
    try:
        return "Ready" in get(url)
    except OSError:
        return False


def query(url: str, expression: str) -> list[Any]:
    """The samples of an instant query."""
    text = urllib.parse.urlencode({"query": expression})
    with urllib.request.urlopen(f"{url}/api/v1/query?{text}", timeout=10) as answer:
        return json.load(answer)["data"]["result"]


def test_prometheus_reads_what_weir_measured(prometheus: Path, live: Path, tmp_path: Path):
    live.write_text(live.read_text() + "serve: {users: {ann: wood-pigeon}}\n")
    with (
        serving(live) as url,
        scraping(prometheus, tmp_path / "prometheus", url.removeprefix("http://")) as api,
    ):
        until(lambda: bool(query(api, "weir_reading")), "a reading in Prometheus")
        (sample,) = query(api, 'weir_reading{check="events"}')
        assert sample["metric"].items() >= {"pipeline": "shop", "stage": "store"}.items()
        assert sample["value"][1] == "50"
        outcomes = query(api, 'weir_check_outcome{check="events"}')
        assert {each["metric"]["outcome"]: each["value"][1] for each in outcomes} == {
            "pass": "1",
            "warn": "0",
            "fail": "0",
            "no_data": "0",
            "error": "0",
        }
        assert {each["metric"]["value"] for each in query(api, "weir_segment_reading")} == {"eu", "us"}
        (fresh,) = query(api, 'time() - weir_check_last_success_timestamp_seconds{check="events"} < 120')
        assert float(fresh["value"][1]) >= 0
        until(lambda: bool(query(api, "rate(weir_check_runs_total[1m])")), "a rate of runs")
        assert kind(api, "weir_check_runs") == "counter"


def kind(url: str, family: str) -> str:
    """The type that Prometheus has learnt of a family, by the name it has in OpenMetrics."""
    with urllib.request.urlopen(f"{url}/api/v1/metadata?metric={family}", timeout=10) as answer:
        return json.load(answer)["data"][family][0]["type"]
