"""Show how every check and objective stands."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from monitor.cli._options import config_option, iso, load, opened


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--watch", type=float, metavar="SECONDS", help="Refresh until interrupted.")
def command(config_path: Path, as_json: bool, watch: float | None) -> None:
    """Show how every check and objective stands.

    Reads the store alone, never a source. What is wrong comes first, then the order of the flow.
    """
    from monitor.board import board
    from monitor.status import as_table, to_json

    config = load(config_path, allow_missing_env=True)
    with opened(config) as store:
        if as_json:
            click.echo(json.dumps(to_json(board(config, store), _now(), iso), allow_nan=False))
        elif watch:
            _watch(lambda width: as_table(board(config, store), _now(), width), watch)
        else:
            _print(lambda width: as_table(board(config, store), _now(), width))


def _now() -> int:
    from time import time

    return int(time() * 1_000_000)


def _print(draw: Callable[[int], Any]) -> None:
    from rich.console import Console

    console = Console()
    console.print(draw(console.width))


def _watch(draw: Callable[[int], Any], seconds: float) -> None:
    from time import sleep

    from rich.live import Live

    with Live(refresh_per_second=4) as live:
        while True:
            live.update(draw(live.console.width))
            sleep(seconds)
