"""Serving processes as a whole: in this process by threads, and as `weir serve`."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import Any
from urllib.error import HTTPError

import pytest

from monitor.cli.serve import address
from monitor.errors import UsageError
from monitor.serve.server import Process, run_server
from tests.serve.shop import CONFIG, write_events

TOP = Path(__file__).resolve().parents[2]


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """The configuration of a pipeline whose events end now."""
    write_events(tmp_path / "lake" / "events", time.time())
    path = tmp_path / "weir.yaml"
    path.write_text(CONFIG.format(store="sqlite:///weir.db"))
    return path


@contextmanager
def serving(path: Path, process: Process | None = None, **options: Any) -> Iterator[str]:
    """A server in this process; yields its address. It must end in time."""
    stop, said = Event(), Queue[Any]()

    def run() -> None:
        try:
            arguments = {"port": 0, "process": process or Process(heartbeat=0.05, poll=0.05)} | options
            said.put(run_server(path, stop=stop, ready=said.put, **arguments))
        except BaseException as error:
            said.put(error)

    thread = Thread(target=run)
    thread.start()
    try:
        url = said.get(timeout=30)
        if isinstance(url, BaseException):
            raise url
        yield url
    finally:
        stop.set()
        thread.join(30)
    assert said.get(timeout=1) is True


def get(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()
    except HTTPError as error:
        with error:
            return error.read().decode()


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something that threads do by themselves."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, f"never: {what}"
        Event().wait(0.02)


READING = re.compile(r'^weir_reading\{check="events",pipeline="shop",stage="store"\} (\d+)', re.MULTILINE)


def test_it_measures_at_once_and_shows(live: Path):
    with serving(live) as url:
        until(lambda: bool(READING.search(get(f"{url}/metrics"))), "a reading")
        assert get(f"{url}/readyz") == "ready\nleader\n"
        assert get(f"{url}/healthz") == "alive\n"
        assert "shop" in get(f"{url}/")


def test_second_replica_follows_shows_and_takes_over(live: Path):
    with ExitStack() as first_one:
        first = first_one.enter_context(serving(live))
        until(lambda: bool(READING.search(get(f"{first}/metrics"))), "a reading")
        with serving(live) as url:
            assert get(f"{url}/readyz") == "ready\nfollower\n"
            assert READING.search(get(f"{url}/metrics"))
            first_one.close()
            until(lambda: get(f"{url}/readyz") == "ready\nleader\n", "the second one leading")


def test_edited_file_is_taken_up_and_a_broken_one_is_not(live: Path):
    with serving(live) as url:
        good = live.read_text()
        live.write_text(good + "  more: {kind: volume, dataset: events}\n")
        until(lambda: 'weir_reading{check="more"' in get(f"{url}/metrics"), "the new check's reading")
        live.write_text(good + "  more: {kind: nonsense}\n")
        refused = 'weir_config_last_reload_successful{pipeline="shop"} 0.0'
        until(lambda: refused in get(f"{url}/metrics"), "the refusal")
        assert 'check="more"' in get(f"{url}/metrics")
        assert get(f"{url}/readyz").startswith("ready\n")


def test_users_and_address_come_from_the_configuration(live: Path):
    live.write_text(live.read_text() + "serve: {port: 0, users: {ann: wood-pigeon}}\n")
    with serving(live, port=None) as url:
        assert get(f"{url}/metrics") == "name and password, please\n"
        assert get(f"{url}/healthz") == "alive\n"


def test_tls_files_are_beside_the_configuration(live: Path):
    live.write_text(live.read_text() + "serve: {tls: {certificate: a.crt, key: a.key}}\n")
    with pytest.raises(UsageError, match=r"no certificate and key in a\.crt and a\.key"):
        run_server(live, stop=Event(), port=0)
    options = (
        "-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=x -keyout a.key -out a.crt"
    )
    subprocess.run(["openssl", "req", *options.split()], cwd=live.parent, check=True, capture_output=True)
    with serving(live) as url:
        assert url.startswith("https://127.0.0.1:")


def test_busy_port_is_told_before_anything_is_measured(live: Path):
    with serving(live) as url, pytest.raises(UsageError, match="cannot listen on"):
        run_server(live, stop=Event(), port=int(url.rsplit(":", 1)[1]))


@contextmanager
def command(*arguments: str, cwd: Path) -> Iterator["subprocess.Popen[str]"]:
    """`weir serve` as a process of its own, which does not outlive the test."""
    start = [sys.executable, "-c", "from monitor.cli import main; main()", "serve", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(TOP)}
    with subprocess.Popen(start, cwd=cwd, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def log_until(process: "subprocess.Popen[str]", pattern: str) -> re.Match[str]:
    assert process.stderr
    for line in process.stderr:
        if found := re.search(pattern, line):
            return found
    raise AssertionError(f"never logged: {pattern}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_command_ends_cleanly(live: Path, number: signal.Signals):
    with command("--listen", "127.0.0.1:0", cwd=live.parent) as process:
        url = log_until(process, r"serving shop on (\S+)")[1]
        log_until(process, r"tick 1m lake: 2 checks, \d scans, \S+ s, pass 2$")
        until(lambda: bool(READING.search(get(f"{url}/metrics"))), "a reading")
        process.send_signal(signal.SIGHUP)
        log_until(process, r"configuration \w+ in force: 2 checks")
        process.send_signal(number)
        log_until(process, "no longer leading")
        assert process.wait(30) == 0


def test_command_tells_what_is_wrong(live: Path):
    live.write_text("pipeline: [")
    with command(cwd=live.parent) as process:
        assert process.stderr
        said = process.stderr.read()
        assert process.wait(30) == 2
    assert "weir.yaml:1:" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "listen, expected",
    [
        (None, (None, None)),
        ("0.0.0.0:9000", ("0.0.0.0", 9000)),
        (":9000", (None, 9000)),
        ("9000", ("9000", None)),
        ("weir.internal", ("weir.internal", None)),
        ("[::1]:0", ("::1", 0)),
        ("[::1]", ("::1", None)),
    ],
)
def test_addresses(listen: str | None, expected: tuple[str | None, int | None]):
    assert address(listen) == expected


@pytest.mark.parametrize("listen", ["host:port", "host:65536", "host:-1", "host:²"])
def test_what_is_no_address(listen: str):
    with pytest.raises(UsageError, match="is no address"):
        address(listen)
