"""Announce planned maintenance, list it, or cancel it."""

import json
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

import click

from monitor.cli._options import config_option, instant, iso, load, opened
from monitor.iso import to_second

if TYPE_CHECKING:
    from monitor.store.maintenances import Maintenance

_AUTHOR = click.option("--author", metavar="NAME", help="Who; default: the name you are logged in under.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")


@click.group()
def command() -> None:
    """Announce planned maintenance, list it, or cancel it.

    While it is on, pages and tickets of the pipeline, or of the checks that it names, are held back. It never
    changes what was measured: budgets stay as they are, and `weir slo report` says what it cost of them.
    """


@command.command("add")
@config_option
@click.option("--from", "start", metavar="TIME", help="When it begins, an ISO 8601 time; default: now.")
@click.option(
    "--to", "end", metavar="TIME", required=True, help="When it is over; that instant is not in it."
)
@click.option("--reason", required=True, help="Why, for those who come after.")
@click.option("--check", "checks", multiple=True, metavar="NAME", help="Only this check; may be given again.")
@_AUTHOR
@_JSON
def add(
    config_path: Path,
    start: str | None,
    end: str,
    reason: str,
    checks: tuple[str, ...],
    author: str | None,
    as_json: bool,
) -> None:
    """Announce maintenance."""
    from monitor.maintenance import Planned, plan
    from monitor.model import Window

    now, config = int(time() * 1_000_000), load(config_path, allow_missing_env=True)
    window = Window(instant(start) if start else now, instant(end))
    with opened(config) as store:
        made = plan(config, store, Planned(window, checks, reason, author or login()), now)
    click.echo(json.dumps(_object(made, now)) if as_json else f"{made.id}  {_line(made, now)}")


@command.command("list")
@config_option
@click.option("--all", "everything", is_flag=True, help="What is over or cancelled too.")
@_JSON
def listing(config_path: Path, everything: bool, as_json: bool) -> None:
    """List what is on or ahead, by its beginning."""
    from monitor.store import maintenances

    now, config = int(time() * 1_000_000), load(config_path, allow_missing_env=True)
    with opened(config) as store:
        found = maintenances.planned(store, config.pipeline)
    if not everything:
        found = [each for each in found if each.window and each.window.end > now]
    if as_json:
        whole: dict[str, Any] = {"pipeline": config.pipeline, "at": iso(now)}
        click.echo(json.dumps(whole | {"maintenance": [_object(each, now) for each in found]}))
        return
    for each in found:
        click.echo(f"{each.id}  {_line(each, now)}")
    if not found:
        click.echo("no maintenance was ever planned" if everything else "no maintenance is on or ahead")


@command.command("cancel")
@click.argument("number", type=int, metavar="ID")
@config_option
@_AUTHOR
def cancelled(number: int, config_path: Path, author: str | None) -> None:
    """End maintenance now, or keep it from beginning."""
    from monitor.maintenance import cancel

    now, config = int(time() * 1_000_000), load(config_path, allow_missing_env=True)
    with opened(config) as store:
        cancel(config, store, number, author or login(), now)
    click.echo(f"cancelled: {number}")


def login() -> str:
    """The name that one is logged in under."""
    from getpass import getuser

    try:
        return getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return "unknown"


def _state(each: "Maintenance", now: int) -> str:
    if each.window is None:
        return "cancelled"
    if each.window.end <= now:
        return "over"
    return "on" if each.active(now) else "ahead"


def _line(each: "Maintenance", now: int) -> str:
    window = each.window
    end = window.end if window else each.ends
    checks = ", ".join(each.checks) if each.checks else "all checks"
    times = f"{to_second(each.starts)} to {to_second(end)}"
    return f"{_state(each, now)}: {times}, {checks}: {each.reason} ({each.author})"


def _object(each: "Maintenance", now: int) -> dict[str, Any]:
    return {
        "id": each.id,
        "state": _state(each, now),
        "from": iso(each.starts),
        "to": iso(each.ends),
        "checks": list(each.checks) if each.checks else None,
        "reason": each.reason,
        "author": each.author,
        "created": iso(each.created),
        "cancelled": iso(each.cancelled),
        "cancelled_by": each.cancelled_by or None,
    }
