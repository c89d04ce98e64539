"""Record a deployment, or list those there were."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli._options import config_option, instant, iso, load, opened
from monitor.errors import UsageError, WeirError
from monitor.iso import to_second
from monitor.model import DAY, MINUTE, Window

if TYPE_CHECKING:
    from monitor.deployments import Deployment

LONGEST = 200
"""Characters of what was deployed: it stands beside a line in a chart."""


@click.command()
@click.argument("what", required=False)
@config_option
@click.option("--at", metavar="TIME", help="When it went out, an ISO 8601 time; default: now.")
@click.option("--author", metavar="NAME", help="Who says so; default: the name you are logged in under.")
@click.option("--list", "listing", is_flag=True, help="List deployments instead, newest last.")
@click.option("--days", default=28, show_default=True, type=click.IntRange(1), help="How far back to list.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    config_path: Path,
    what: str | None,
    at: str | None,
    author: str | None,
    listing: bool,
    days: int,
    as_json: bool,
) -> None:
    """Record a deployment, or list those there were.

    WHAT is what went out, such as "model v42". The same one at the same instant is recorded once, so that a
    job may be repeated. The list has the rows of a dataset `deployments` too.
    """
    from time import time

    now = int(time() * 1_000_000)
    if listing == bool(what):
        raise UsageError("give what was deployed, or --list", hint='such as weir mark "model v42"')
    config = load(config_path, allow_missing_env=True)
    if what is None:
        _list(config, Window(now - days * DAY, now + MINUTE), as_json)
    else:
        _mark(config, what, (_past(at, now), now), author, as_json)


def _past(at: str | None, now: int) -> int:
    """The instant that is meant; a minute ahead is a clock that runs fast."""
    when = now if at is None else instant(at)
    if when > now + MINUTE:
        raise UsageError(f"{to_second(when)} is in the future", hint="record what has happened")
    return when


def _mark(config: Any, what: str, at: tuple[int, int], author: str | None, as_json: bool) -> None:
    from monitor.deployments import mark
    from monitor.store.deployments import Marked

    what, who = " ".join(what.split()), author or _login()
    if not what or len(what) > LONGEST:
        raise UsageError(f"what was deployed is a text of 1 to {LONGEST} characters")
    with opened(config) as store:
        new = mark(store, config.pipeline, Marked(at[0], what, who, at[1]))
    if as_json:
        click.echo(json.dumps({"what": what, "at": iso(at[0]), "author": who, "recorded": new}))
    else:
        click.echo(f"{'recorded' if new else 'recorded before'}: {what} at {to_second(at[0])}, says {who}")


def _login() -> str:
    from getpass import getuser

    try:
        return getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return "unknown"


def _list(config: Any, window: Window, as_json: bool) -> None:
    found = _found(config, window)
    if as_json:
        rows = [
            {"at": iso(each.at), "what": each.what, "author": each.author, "status": each.status}
            | {"source": each.source}
            for each in found
        ]
        click.echo(json.dumps({"pipeline": config.pipeline, "deployments": rows}))
        return
    for each in found:
        said = f", says {each.author}" if each.author else f", {each.status}" if each.status else ""
        click.echo(f"{to_second(each.at)}  {each.what}{said}")
    if not found:
        click.echo(f"no deployment since {to_second(window.start)}")


def _found(config: Any, window: Window) -> "Sequence[Deployment]":
    """All of them; where the source does not answer, the recorded ones, and a word about the others."""
    from monitor.binding.sources import Sources
    from monitor.deployments import deployments

    with opened(config) as store:
        try:
            with Sources(config) as sources:
                return deployments(config, store, window, sources)
        except WeirError as error:
            click.echo(f"note: the dataset 'deployments' is left out: {error}", err=True)
            return deployments(config, store, window)
