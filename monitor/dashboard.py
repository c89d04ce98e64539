"""The pages as a process of their own: Streamlit with our theme, on loopback unless told otherwise."""

import ipaddress
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

from monitor.errors import UsageError
from monitor.resources import resource

PORT = 8918
"""Where the pages listen unless told otherwise."""

PATIENCE = 10.0
"""Seconds that the pages get to end by themselves."""

CALLBACK = "/oauth2callback"
"""What Streamlit's login adds to the pages' own address."""

log = logging.getLogger(__name__)

OPTIONS = {
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "server.fileWatcherType": "none",
    "theme.primaryColor": "#0b6e99",
    "theme.baseRadius": "small",
    "theme.light.textColor": "#1d2733",
    "theme.light.backgroundColor": "#ffffff",
    "theme.light.secondaryBackgroundColor": "#f3f6f8",
    "theme.dark.primaryColor": "#56b4e9",
    "theme.dark.textColor": "#e6edf3",
    "theme.dark.backgroundColor": "#10161c",
    "theme.dark.secondaryBackgroundColor": "#1a232c",
}
"""Settings of Streamlit: nothing is sent anywhere, and no error shows data."""


def available() -> bool:
    """Whether Streamlit is installed."""
    return find_spec("streamlit") is not None


def require() -> None:
    """Raises UsageError where Streamlit is not installed."""
    if not available():
        raise UsageError("the pages need Streamlit", hint="pip install 'weir-slo[dashboard]'")


@dataclass(frozen=True, slots=True)
class Start:
    """How the pages are started. `at` is an instant in microseconds, `latest`, or nothing for now; with
    `operator` whoever opens them may acknowledge, silence and run; `secrets` is the file that Streamlit
    reads its login from. `also` are the configurations of more pipelines; the first one's login is asked.
    """

    config: Path
    host: str = "127.0.0.1"
    port: int = PORT
    at: str = ""
    operator: bool = False
    opened: bool = False
    secrets: Path | None = None
    also: tuple[Path, ...] = ()


def arguments(start: Start) -> list[str]:
    """The command line that starts the pages."""
    options = {
        **OPTIONS,
        "server.address": start.host,
        "server.port": str(start.port),
        "server.headless": str(not start.opened).lower(),
    }
    options |= {"secrets.files": str(start.secrets)} if start.secrets else {}
    given = [f"--{name}={value}" for name, value in options.items()]
    own = [f"--config={each.resolve()}" for each in (start.config, *start.also)]
    own += [f"--at={start.at}"] if start.at else []
    own += ["--operator"] if start.operator else []
    app = str(resource("dashboards", "app.py"))
    return [sys.executable, "-m", "monitor.pages", "run", app, *given, "--", *own]


def refuse_strangers(dashboard: Any, start: Start) -> None:
    """Raises UsageError where people from elsewhere would come in without a login, or with rights of all."""
    if dashboard.login is None and not _loopback(start.host):
        raise UsageError(
            f"anyone who reaches {start.host} could read the pages",
            hint="configure dashboard.login, or listen on 127.0.0.1 behind a proxy that asks who it is",
        )
    if dashboard.login is not None and start.operator:
        raise UsageError(
            "with a login, roles come from it", hint="remove --operator, name dashboard.operators"
        )


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def secrets(dashboard: Any) -> Generator[Path | None]:
    """The file from which Streamlit reads its login: this user's alone, and gone afterwards."""
    login = dashboard.login
    if login is None:
        yield None
        return
    values = {
        "redirect_uri": login.redirect,
        "cookie_secret": login.cookie_secret,
        "client_id": login.client_id,
        "client_secret": login.client_secret,
        "server_metadata_url": login.metadata,
    }
    with TemporaryDirectory(prefix="weir-") as folder:  # made for its owner alone
        path = Path(folder) / "secrets.toml"
        # JSON's strings are TOML's: both escape alike.
        lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
        lines.append(f"client_kwargs = {{scope = {json.dumps(' '.join(login.scopes))}}}")
        path.write_text("\n".join(["[auth]", *lines, ""]), encoding="utf-8")
        yield path


def run(start: Start) -> int:
    """Serve the pages until they are stopped; returns their exit code. SIGTERM ends them as Ctrl-C does."""
    ended, serving = Event(), list["subprocess.Popen[Any]"]()

    def end(_number: int, _frame: Any) -> None:
        ended.set()
        for each in serving:
            each.terminate()

    before = signal.signal(signal.SIGTERM, end)  # first: a signal that comes as they start ends them, too
    try:
        process = subprocess.Popen(arguments(start), env=environment())
        serving.append(process)
        if ended.is_set():
            process.terminate()
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.terminate()
            return process.wait()
    finally:
        signal.signal(signal.SIGTERM, before)


def address(dashboard: Any, start: Start) -> str:
    """Where people find the pages: where a login brings them back to, else where they listen."""
    if dashboard.login is not None:
        return str(dashboard.login.redirect).removesuffix(CALLBACK).rstrip("/")
    host = f"[{start.host}]" if ":" in start.host else start.host
    return f"http://{host}:{start.port}"


@contextmanager
def beside(dashboard: Any, start: Start, out: Any = None) -> Generator[str]:
    """The pages' address, while they run as a child of this process; they end with it. `out` takes
    what they print, as subprocess does. Raises UsageError where they are not installed, or strangers would
    come in.
    """
    require()
    refuse_strangers(dashboard, start)
    ending = Event()
    with secrets(dashboard) as path:
        command = arguments(replace(start, secrets=path))
        # A session of their own: Ctrl-C reaches the server, which ends them.
        quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "start_new_session": True}
        quiet |= {"stdout": out or subprocess.DEVNULL, "stderr": out}
        process = subprocess.Popen(command, env=environment(), **quiet)
        Thread(target=_tell_of_an_end, args=(process, ending), daemon=True, name="pages").start()
        try:
            yield address(dashboard, start)
        finally:
            ending.set()
            _end(process)


def _tell_of_an_end(process: "subprocess.Popen[Any]", ending: Event) -> None:
    code = process.wait()
    if not ending.is_set():
        log.error("the pages ended with %d; is their port taken? what is measured is not touched by it", code)


def _end(process: "subprocess.Popen[Any]") -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def environment() -> dict[str, str]:
    """The environment, with the package in reach of a checkout's pages too."""
    here = str(Path(__file__).resolve().parents[1])
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
