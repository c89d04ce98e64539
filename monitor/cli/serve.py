"""Measure on a schedule and serve /metrics."""

import logging
import os
import signal
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from threading import Event
from typing import Any

import click

from monitor.cli._options import config_option, load
from monitor.errors import UsageError


@click.command()
@config_option
@click.option(
    "--listen", metavar="HOST:PORT", help="Address; before the configuration's. Port 0: any free one."
)
@click.option("--dashboard", is_flag=True, help="Open the pages beside it, as `weir dashboard` does.")
@click.option(
    "--dashboard-port", type=click.IntRange(1, 65535), metavar="PORT", help="Port of the pages; 8918."
)
@click.option("--operator", is_flag=True, help="With --dashboard: let whoever opens them act.")
@click.option("--verbose", is_flag=True, help="Log more than one line a tick.")
def command(
    config_path: Path,
    listen: str | None,
    dashboard: bool,
    dashboard_port: int | None,
    operator: bool,
    verbose: bool,
) -> None:
    """Measure on a schedule and serve /metrics.

    Several replicas may share a store: one of them measures, all serve. A changed configuration is taken up;
    a broken one is refused, and the last good one stays. SIGHUP reads it again, SIGTERM and Ctrl-C end it.

    With --dashboard the pages run beside it and end with it, and alerts lead to them unless `links:` says
    otherwise.
    """
    host, port = address(listen)
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)-7s %(message)s",
    )
    for chatty in ("apscheduler", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    from monitor.serve.server import Process, run_server

    stop, reload = Event(), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        _on(number, stop)
    _on(signal.SIGHUP, reload)
    with _pages(config_path, dashboard, dashboard_port, operator) as pages:
        process = Process(reload=reload, pages=pages)
        done = run_server(config_path, stop=stop, host=host, port=port, process=process)
    if not done:
        # A thread that hangs in a source would keep the interpreter from ending; its writes are fenced out.
        logging.shutdown()
        os._exit(0)


def _pages(config: Path, wanted: bool, port: int | None, operator: bool) -> AbstractContextManager[str]:
    """The pages' address while they run; none where they are not wanted."""
    if not wanted:
        if port is not None or operator:
            raise UsageError("--dashboard-port and --operator are about the pages", hint="add --dashboard")
        return nullcontext("")
    from monitor.dashboard import PORT, Start, beside

    loaded = load(config)
    # Without a login they are for this machine alone, wherever /metrics is read from.
    host = loaded.serve.host if loaded.dashboard.login else "127.0.0.1"
    return beside(loaded.dashboard, Start(config, host, port or PORT, operator=operator))


def address(listen: str | None) -> tuple[str | None, int | None]:
    """Host and port of `HOST:PORT`, `[IPV6]:PORT`, `HOST` or `:PORT`; None for what is not given."""
    if not listen:
        return None, None
    host, colon, port = listen.rpartition(":") if not listen.endswith("]") else (listen, "", "")
    if not colon:
        host, port = listen, ""
    if port and not (port.isascii() and port.isdigit() and int(port) < 1 << 16):
        raise UsageError(f"'{listen}' is no address", hint="write one such as 127.0.0.1:8917 or [::1]:8917")
    return host.strip("[]") or None, int(port) if port else None


def _on(number: int, event: Event) -> None:
    def handle(_number: int, _frame: Any) -> None:
        event.set()

    signal.signal(number, handle)
