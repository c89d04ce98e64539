"""Report what became of the objectives in a month."""

from pathlib import Path
from time import time

import click

from monitor.cli._options import config_option, load, opened
from monitor.errors import UsageError


@click.group()
def command() -> None:
    """Report what became of the objectives in a month."""


@command.command("report")
@config_option
@click.option("--month", "text", metavar="YYYY-MM", help="Which month; default: the one before this.")
@click.option("--timezone", "zone", help="By whose midnight; default: the objectives' own, else UTC.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["md", "html", "csv", "json"]),
    help="Default: as FILE ends, else md.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; default: the terminal.")
def report(config_path: Path, text: str | None, zone: str | None, form: str | None, out: Path | None) -> None:
    """Write a month's attainment, budgets, incidents and maintenance.

    Attainment is over the calendar month, whatever the window of an objective. A month that is not over is
    shown so far. HTML is one file that needs nothing beside it; CSV has a row for each objective.
    """
    from monitor import packs, store
    from monitor.objectives import attainment
    from monitor.objectives.attainment_text import FORMATS

    config, now = load(config_path, allow_missing_env=True), int(time() * 1_000_000)
    zone = _zone(zone) if zone else attainment.zone_of(config)
    year, number = _month(text, now, zone)
    form = form or (out.suffix.lstrip(".") if out and out.suffix.lstrip(".") in FORMATS else "md")
    with opened(config) as opened_:
        config = packs.seen(config, store.settings(opened_, config.pipeline))
        made = FORMATS[form](attainment.report(config, opened_, year, number, now, zone))
    if out is None:
        click.echo(made, nl=False)
        return
    try:
        out.write_text(made, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}") from None
    click.echo(str(out))


def _zone(name: str) -> str:
    from monitor.config.dataset import zone
    from monitor.config.words import Slip

    try:
        return str(zone(name))
    except Slip as slip:
        raise UsageError(str(slip), hint=slip.hint) from None


def _month(text: str | None, now: int, zone: str) -> tuple[int, int]:
    """Year and number of a month that has begun."""
    from monitor.slo.calendar import month, month_before, parse_month

    if text is None:
        return month_before(now, zone)
    try:
        year, number = parse_month(text)
        begun = month(year, number, zone).start <= now
    except (ValueError, OverflowError):
        raise UsageError(f"'{text}' is no month", hint="write one such as 2026-10") from None
    if not begun:
        raise UsageError(f"{text} has not begun")
    return year, number
