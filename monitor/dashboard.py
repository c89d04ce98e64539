"""The pages as a process of their own: Streamlit with our theme, on loopback unless told otherwise."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from monitor.resources import resource

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


def arguments(config: Path, host: str, port: int, at: str = "", *, opened: bool = False) -> list[str]:
    """The command line that starts the pages."""
    options = {
        **OPTIONS,
        "server.address": host,
        "server.port": str(port),
        "server.headless": str(not opened).lower(),
    }
    given = [f"--{name}={value}" for name, value in options.items()]
    app = str(resource("dashboards", "app.py"))
    more = ["--at", at] if at else []
    return [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        app,
        *given,
        "--",
        "--config",
        str(config.resolve()),
        *more,
    ]


def run(config: Path, host: str, port: int, at: str = "", *, opened: bool = False) -> int:
    """Serve the pages until they are stopped; returns their exit code."""
    process = subprocess.Popen(arguments(config, host, port, at, opened=opened), env=environment())
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.terminate()
        return process.wait()


def environment() -> dict[str, str]:
    """The environment, with the package in reach of a checkout's pages too."""
    here = str(Path(__file__).resolve().parents[1])
    paths = [here, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
