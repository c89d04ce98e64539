"""Explain one check: what it measures, its SQL, its windows and its last readings."""

from pathlib import Path
from typing import Any

import click

from monitor.cli._options import chosen, config_option, instant, iso, load, opened


@click.command()
@config_option
@click.option("--at", metavar="TIME", help="As if it were then; default: now.")
@click.argument("check")
def command(config_path: Path, at: str | None, check: str) -> None:
    """Explain one check: what it measures, its SQL, its windows and its last readings.

    Looks at the live tables and the store; reads no rows and writes nothing.
    """
    from time import time

    from rich.console import Console

    from monitor.binding.sources import Sources
    from monitor.shown.explain import explain

    config = load(config_path)
    chosen(config, (check,))
    now = instant(at) if at else int(time() * 1_000_000)
    with opened(config) as store, Sources(config) as sources:
        said = explain(config, store, sources, check, now, _shown)
    console = Console(highlight=False)
    for title, lines in said.items():
        console.print(f"\n[bold]{title}[/bold]" if lines else "", end="\n" if lines else "")
        for line in lines:
            console.print(line, markup=False, soft_wrap=True)


def _shown(at: Any) -> str:
    return iso(at) or "never"
