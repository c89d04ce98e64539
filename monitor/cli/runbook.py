"""Open the runbook of an alert or a check, with its numbers filled in."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli._options import config_option, iso, load, opened

if TYPE_CHECKING:
    from monitor.objectives.burning import Standing


@click.command()
@config_option
@click.option("--check", default="", metavar="NAME", help="The check that an alert is about.")
@click.option("--dataset", default="", metavar="NAME", help="The dataset that an alert is about.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.argument("name", required=False, metavar="[ALERT|CHECK]")
def command(config_path: Path, check: str, dataset: str, as_json: bool, name: str | None) -> None:
    """Open the runbook of an alert or a check, with its numbers filled in.

    NAME is an alert (BudgetBurn), a check, a composite alert or a runbook; without it, what calls for one now
    is listed. Reads the store alone, never a source. In a pipe it is Markdown.
    """
    from time import time

    from monitor.errors import ConfigError

    try:
        config = load(config_path, allow_missing_env=True)
    except ConfigError as error:
        if not name or as_json:
            raise
        _unconfigured(name, config_path, error)
        return
    now = int(time() * 1_000_000)
    with opened(config) as store:
        if not name and not (check or dataset):
            _list(config, store, now, as_json)
        else:
            _open(config, store, (name or check or "WatermarkLag", check, dataset), now, as_json, config_path)


def _unconfigured(name: str, config_path: Path, error: Exception) -> None:
    """A broken configuration must not keep anybody from reading what to do about it."""
    from monitor.runbook.lookup import unconfigured

    folder = config_path if config_path.is_dir() else config_path.parent
    found = unconfigured(name, folder)
    click.echo(
        f"{error}\nThe configuration is broken: there are no numbers, and nothing is filled in.\n", err=True
    )
    _show(found.text)


def _open(
    config: Any, store: Any, about: tuple[str, str, str], now: int, as_json: bool, config_path: Path
) -> None:
    from monitor.runbook import lookup

    found = lookup.opened(config, store, lookup.Asked(*about), now, str(config_path), iso)
    if as_json:
        click.echo(json.dumps(lookup.to_json(found, iso), allow_nan=False, ensure_ascii=False))
    else:
        _show(found.markdown(iso))


def _list(config: Any, store: Any, now: int, as_json: bool) -> None:
    from monitor.board import board
    from monitor.objectives.burning import Urgency, standings

    calling = (Urgency.PAGE, Urgency.TICKET, Urgency.LOOK)
    found = standings(board(config, store, burns=True), now)
    found = [each for each in found if each.urgency in calling]
    if as_json:
        listed = [{"check": each.row.name, "urgency": each.urgency.value} for each in found]
        click.echo(json.dumps({"pipeline": config.pipeline, "checks": listed}))
        return
    for line in _lines(found, now):
        click.echo(line)


def _lines(found: "Sequence[Standing]", now: int) -> list[str]:
    from monitor.shown.status import said_of

    if not found:
        return ["Nothing calls for a runbook. weir runbook CHECK opens one all the same."]
    width = max(len(each.row.name) for each in found)
    return [
        f"weir runbook {each.row.name:<{width}}  # {each.urgency}: {'; '.join(said_of(each, now))}"
        for each in found
    ]


# On the screen ----------------------------------------------------------------------------------------------


def _show(markdown: str) -> None:
    """Formatted on a terminal. Code is not folded there: a command broken in two cannot be pasted."""
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.text import Text

    console = Console(highlight=False)
    if not console.is_terminal:
        click.echo(markdown, nl=False)
        return
    for number, part in enumerate(re.split(r"(?ms)^```\w*\n(.*?)^```\n?", markdown)):
        if number % 2:
            console.print(Text(part.rstrip("\n"), "cyan"), soft_wrap=True)
            console.print()
        else:
            console.print(Markdown(part))
