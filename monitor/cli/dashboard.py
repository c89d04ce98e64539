"""Open the pages: for the manager, for whoever is on call, for the team that owns a check."""

import sys
from pathlib import Path

import click

from monitor.cli._options import config_option, load
from monitor.errors import UsageError


@click.command()
@config_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, default=8918, show_default=True, help="Port to listen on.")
@click.option("--at", default="", help="Look at this instant, or at `latest`, instead of now.")
@click.option("--open", "opened", is_flag=True, help="Open a browser.")
def command(config_path: Path, host: str, port: int, at: str, opened: bool) -> None:
    """Open the pages: for the manager, for whoever is on call, for the team that owns a check.

    They read the store, and never a source. Ctrl-C ends them.
    """
    from monitor.dashboard import available, run

    load(config_path)
    if not available():
        raise UsageError("the pages need Streamlit", hint="pip install 'weir-slo[dashboard]'")
    sys.exit(run(config_path, host, port, at, opened=opened))
