"""Compute the rollups of the past; can be interrupted and resumed."""

from pathlib import Path
from typing import Any

import click

from monitor.cli._options import chosen, config_option, instant, iso, load, opened
from monitor.errors import UsageError
from monitor.model import HOUR, Window, ceil_to, floor_to


@click.command()
@config_option
@click.option("--from", "start", required=True, metavar="TIME", help="Start, an ISO 8601 time.")
@click.option("--to", "end", metavar="TIME", help="End, exclusive; default: now.")
@click.option("--check", "names", multiple=True, metavar="NAME", help="Only this check; may be repeated.")
@click.option("--restate", is_flag=True, help="Recompute what is final too: rows were repaired or deleted.")
@click.pass_context
def command(
    context: click.Context,
    config_path: Path,
    start: str,
    end: str | None,
    names: tuple[str, ...],
    restate: bool,
) -> None:
    """Compute the rollups of the past; can be interrupted and resumed.

    What is final already is not read again. Nothing old can page: windows are by event time. Ends are moved
    outward to whole hours to restate.
    """
    from time import time

    from monitor.backfill import backfill
    from monitor.binding.sources import Sources

    now = int(time() * 1_000_000)
    window = Window(instant(start), min(instant(end), now) if end else now)
    if window.start >= window.end:
        raise UsageError(f"--from {iso(window.start)} is not before --to {iso(window.end)}")
    if restate:
        window = Window(floor_to(window.start, HOUR), ceil_to(window.end, HOUR))
    config = load(config_path)
    with opened(config) as store, Sources(config) as sources, _Bar() as bar:
        only = chosen(config, names)
        done = backfill(config, store, sources, window, now, restate=restate, only=only, progress=bar)
    for error in done.errors.values():
        click.echo(f"error: {error}", err=True)
    click.echo(f"{done.buckets:,} buckets stored from {iso(window.start)} to {iso(window.end)}")
    context.exit(3 if done.errors else 0)


class _Bar:
    """A progress bar on a terminal; nothing in a pipe."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("days"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        console = Console(stderr=True)
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task("days", total=None)

    def __call__(self, done: int, of: int) -> None:
        self._bar.update(self._task, completed=done, total=of)

    def __enter__(self) -> Any:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
