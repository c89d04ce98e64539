"""Show how every check and objective stands."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from monitor.cli._options import config_option, iso, load, opened

PIPE = 200
"""Columns in a pipe, where nothing has to fit a screen."""


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--watch", type=float, metavar="SECONDS", help="Refresh until interrupted.")
def command(config_path: Path, as_json: bool, watch: float | None) -> None:
    """Show how every check and objective stands.

    What burns comes first: how fast, what is left of its budget, and for how long; then what fails, what is
    stale, and the rest in the order of the flow. Reads the store alone, never a source.
    """
    from monitor.board import board
    from monitor.shown.status import as_table
    from monitor.shown.status_json import to_json

    config = load(config_path, allow_missing_env=True)
    with opened(config) as store:

        def draw(width: int) -> Any:
            return as_table(board(config, store, burns=True), _now(), width)

        if as_json:
            found = to_json(board(config, store, burns=True), _now(), iso)
            click.echo(json.dumps(found, allow_nan=False, ensure_ascii=False))
        elif watch:
            _watch(draw, watch)
        else:
            _print(draw)


def _now() -> int:
    from time import time

    return int(time() * 1_000_000)


def _print(draw: Callable[[int], Any]) -> None:
    from rich.console import Console

    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(width=PIPE)
    console.print(draw(console.width))


def _watch(draw: Callable[[int], Any], seconds: float) -> None:
    from time import sleep

    from rich.live import Live

    with Live(refresh_per_second=4) as live:
        while True:
            live.update(draw(live.console.width))
            sleep(seconds)
