"""Write the postmortem of an incident, or list the incidents there were."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli._options import config_option, load, opened
from monitor.errors import UsageError
from monitor.iso import to_second

if TYPE_CHECKING:
    from monitor.store import Store
    from monitor.store.alarms import Incident


@click.command()
@click.argument("number", metavar="[ID]", required=False, type=int)
@config_option
@click.option("--list", "listing", is_flag=True, help="List incidents instead, newest last.")
@click.option("--days", default=28, show_default=True, type=click.IntRange(1), help="How far back to list.")
@click.option("--severity", type=click.Choice(["page", "ticket"]), help="List only these.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; default: the terminal.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of Markdown.")
def command(
    config_path: Path,
    number: int | None,
    listing: bool,
    days: int,
    severity: str | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Write the postmortem of an incident as Markdown, or list the incidents there were.

    ID is the number that the list and the pages show; without one the incidents are listed. An incident is a
    time in which an alert fired while `weir serve` was running: that records them. Data lost is counted from
    rollups.
    """
    from time import time

    loaded, now = load(config_path, allow_missing_env=True), int(time() * 1_000_000)
    if listing and number is not None:
        raise UsageError("give an incident's number, or --list")
    with opened(loaded) as store:
        if number is None:
            text = _list(loaded, store, now, days, severity, as_json)
        else:
            text = _written(loaded, store, number, now, as_json)
    _put(text, out)


def _list(config: Any, store: "Store", now: int, days: int, severity: str | None, as_json: bool) -> str:
    from monitor.model import DAY
    from monitor.postmortem.written import row
    from monitor.store import alarms

    found = [
        each
        for each in alarms.history(store, config.pipeline, now - days * DAY)
        if severity in (None, each.severity)
    ]
    if as_json:
        return json.dumps({"pipeline": config.pipeline, "incidents": [row(each) for each in found]}) + "\n"
    if not found:
        return f"no incident in {days} days, as far as `weir serve` was running: it records them\n"
    return "".join(f"{_line(each)}\n" for each in found)


def _line(each: "Incident") -> str:
    from monitor.postmortem.timeline import named

    end = "still open" if each.resolved_at is None else f"to {to_second(each.resolved_at)}"
    return f"{each.id:>5}  {to_second(each.fired_at)} {end:<23}  {named(each).removeprefix('the ')}"


def _written(loaded: Any, store: "Store", number: int, now: int, as_json: bool) -> str:
    from monitor.postmortem.document import postmortem
    from monitor.postmortem.written import as_json as as_object
    from monitor.postmortem.written import markdown

    found, config, why = postmortem(loaded, store, number, now)
    if why:
        click.echo(f"note: the dataset 'deployments' is left out: {why}", err=True)
    if as_json:
        return json.dumps(as_object(found), allow_nan=False) + "\n"
    return markdown(found, config)


def _put(text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}") from None
    click.echo(str(out))
