"""Evaluate every check once, now or at an instant."""

import json
from pathlib import Path
from time import time
from typing import Any

import click

from monitor.cli._options import chosen, config_option, instant, iso, load, opened
from monitor.errors import ClockError
from monitor.model import HOUR, MINUTE


@click.command()
@config_option
@click.option(
    "--at", metavar="TIME", help="As if it were then: an ISO 8601 time, or `latest` for the newest data."
)
@click.option("--check", "names", multiple=True, metavar="NAME", help="Only this check; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_context
def command(
    context: click.Context, config_path: Path, at: str | None, names: tuple[str, ...], as_json: bool
) -> None:
    """Evaluate every check once, now or at an instant.

    Exit code 0: nothing failed; 1: some check failed; 2: bad usage or configuration; 3: some check could not
    be measured.
    """
    from monitor.binding.sources import Sources
    from monitor.shown import report
    from monitor.tick import tick

    config = load(config_path)
    only = chosen(config, names)
    with opened(config) as store, Sources(config) as sources:
        now, known = _now(config, store, sources, at, only), int(time() * 1_000_000)
        ticked = tick(config, store, sources, now, only=only, progress=_progress, known=known)
        if at is None:
            _tidy(config, store, now)
    if as_json:
        click.echo(json.dumps(report.as_json(ticked.config, ticked, iso), allow_nan=False))
    else:
        report.print_readings(ticked.config, ticked)
    context.exit(report.exit_code(ticked))


def _now(config: Any, store: Any, sources: Any, at: str | None, only: frozenset[str] | None) -> int:
    from monitor.shown.latest import latest

    if at == "latest":
        return latest(config, sources, only)
    if at:
        return instant(at)
    return _wall_clock(config, store)


def _wall_clock(config: Any, store: Any) -> int:
    """Now, unless the store has seen a later live tick: a clock that went back would restate the past."""
    from monitor.store import marks

    now, mark = int(time() * 1_000_000), f"tick:live:{config.pipeline}"
    seen = marks.get(store, mark)
    if seen is not None and seen > now + MINUTE:
        raise ClockError(
            f"the clock says {iso(now)}, but the store has seen a tick at {iso(seen)}",
            hint="set the clock, or name the instant with --at",
        )
    marks.put(store, mark, max(now, seen or now))
    return now


def _tidy(config: Any, store: Any, now: int) -> None:
    """Once an hour drop what the store no longer needs: where nothing serves, nobody else does."""
    from monitor.store import compact, marks

    mark = f"compacted:{config.pipeline}"
    done = marks.get(store, mark)
    if done is None or now - done >= HOUR:
        compact(store, now)
        marks.put(store, mark, now)


def _progress(scans: Any) -> Any:
    """A bar on a terminal once there is much to read; quiet in a pipe."""
    import sys

    pieces = sum(max(len(scan.windows), 1) for scan in scans)
    if pieces < 20 or not sys.stderr.isatty():
        return None
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), transient=True)
    bar.start()
    task = bar.add_task("reading", total=pieces)

    def advance(steps: int) -> None:
        bar.advance(task, steps)
        if bar.finished:
            bar.stop()

    return advance
