"""Show what would run: checks on and off and why, scans, and their SQL."""

from pathlib import Path
from typing import Any

import click

from monitor.cli._options import chosen, config_option, dropped_lines, instant, iso, load, off_lines, opened
from monitor.errors import WeirError


@click.command()
@config_option
@click.option("--at", metavar="TIME", help="As if it were then; default: now.")
@click.option("--check", "names", multiple=True, metavar="NAME", help="Only this check; may be repeated.")
@click.option("--sql", is_flag=True, help="Show the SQL of every scan.")
@click.pass_context
def command(
    context: click.Context, config_path: Path, at: str | None, names: tuple[str, ...], sql: bool
) -> None:
    """Show what would run: checks on and off and why, scans, and their SQL.

    Looks at the live tables, reads no rows of them, and writes nothing. Exit code 0: all checks fit their
    tables; 2: some do not; 3: a source could not be reached.
    """
    from time import time

    from monitor.binding.sources import Sources
    from monitor.shown.preview import preview

    config = load(config_path)
    now = instant(at) if at else int(time() * 1_000_000)
    with Sources(config) as sources:
        seen = preview(config, sources, now, chosen(config, names), _remembered(config))
    _print(seen.config, seen, sql)
    for error in seen.errors.values():
        click.echo(f"error: {error}", err=True)
    context.exit(_code(list(seen.errors.values())))


def _remembered(config: Any) -> Any:
    """What the store knows of packaged checks, where there is a store: none is made here."""
    if not (config.packaged or config.off):
        return {}
    path = config.store.removeprefix("sqlite:///")
    if path != config.store and not Path(path).exists():
        return {}
    from monitor import store

    with opened(config) as opened_:
        return store.settings(opened_, config.pipeline)


def _code(errors: list[WeirError]) -> int:
    """What is wrong in the configuration goes before what cannot be reached."""
    return min((error.exit_code for error in errors), default=0)


def _print(config: Any, seen: Any, sql: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("check", "kind", "every", "window", "settle", "scan", "why not"):
        table.add_column(title, overflow="fold")
    for name, check in config.checks.items():
        cells = [name, check.kind, *map(_span, (check.every, check.window, check.settle))]
        why = "switched off" if not check.enabled else "see below" if name in seen.errors else ""
        table.add_row(*map(Text, [*cells, seen.scan_of.get(name, ""), why]))
    console = Console()
    console.print(table)
    for line in [*off_lines(seen.off), *dropped_lines(config)]:
        console.print(Text(line, "dim"), soft_wrap=True)
    for number, scan in enumerate(seen.scans, 1):
        stretch = f"{iso(scan.start)} to {iso(scan.end)}" if scan.end else "whole"
        console.print(Text(f"\nscan {number}: {scan.dataset}, {stretch}: {', '.join(scan.checks)}", "bold"))
        for each in scan.sql if sql else ():
            console.print(Text(each), soft_wrap=True)


def _span(microseconds: int) -> str:
    from monitor.grammar import show_duration

    return show_duration(microseconds) if microseconds else "–"
