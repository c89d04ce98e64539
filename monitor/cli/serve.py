"""Measure on a schedule and serve /metrics."""

import logging
import os
import signal
from pathlib import Path
from threading import Event
from typing import Any

import click

from monitor.cli._options import config_option
from monitor.errors import UsageError


@click.command()
@config_option
@click.option(
    "--listen", metavar="HOST:PORT", help="Address; before the configuration's. Port 0: any free one."
)
@click.option("--verbose", is_flag=True, help="Log more than one line a tick.")
def command(config_path: Path, listen: str | None, verbose: bool) -> None:
    """Measure on a schedule and serve /metrics.

    Several replicas may share a store: one of them measures, all serve. A changed configuration is taken up;
    a broken one is refused, and the last good one stays. SIGHUP reads it again, SIGTERM and Ctrl-C end it.
    """
    host, port = address(listen)
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)-7s %(message)s",
    )
    for chatty in ("apscheduler", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    from monitor.serve import Process, run_server

    stop, reload = Event(), Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        _on(number, stop)
    _on(signal.SIGHUP, reload)
    done = run_server(config_path, stop=stop, host=host, port=port, process=Process(reload=reload))
    if not done:
        # A thread that hangs in a source would keep the interpreter from ending; its writes are fenced out.
        logging.shutdown()
        os._exit(0)


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
