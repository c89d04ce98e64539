"""Hold alerts back for a while, list what is held back, end it."""

import json
from dataclasses import asdict
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

import click

from monitor.cli._options import config_option, instant, iso, load, opened
from monitor.errors import UsageError
from monitor.iso import to_second
from monitor.model import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.store.silences import Silence


@click.group()
def command() -> None:
    """Hold alerts back for a while, list what is held back, end it.

    Silences hold for what `weir serve` tells by its routes, and it puts them into the Alertmanagers of these.
    What was told before goes on to its end, and incidents are recorded all the same.
    """


@command.command()
@config_option
@click.option("--check", metavar="NAME", help="Every alert of a check, its budget's too.")
@click.option(
    "--match",
    "matches",
    multiple=True,
    metavar="LABEL=VALUE",
    help="Alerts with this label, such as alertname=CheckStale.",
)
@click.option("--for", "length", metavar="DURATION", help="For how long, such as 2h.")
@click.option("--until", metavar="TIME", help="Until when, an ISO 8601 time.")
@click.option("--reason", required=True, help="Why, for those who come after.")
@click.option("--author", metavar="NAME", help="Who says so; default: the name you are logged in under.")
def add(
    config_path: Path,
    check: str | None,
    matches: tuple[str, ...],
    length: str | None,
    until: str | None,
    reason: str,
    author: str | None,
) -> None:
    """Hold alerts back that have all that is named."""
    from monitor.notify import silencing

    config, now = load(config_path, allow_missing_env=True), int(time() * 1_000_000)
    window = _window(now, length, until)
    matchers = _matchers(config, check, matches)
    if not reason.strip():
        raise UsageError("a silence needs a reason")
    with opened(config) as store:
        number = silencing.add(
            store, config.pipeline, matchers, window, reason.strip(), author or login(), now
        )
    click.echo(f"silence {number} until {to_second(window.end)}")


@command.command(name="list")
@config_option
@click.option("--all", "everything", is_flag=True, help="Those that are over, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def list_(config_path: Path, everything: bool, as_json: bool) -> None:
    """List silences that hold or are to come."""
    from monitor.store import silences

    config, now = load(config_path, allow_missing_env=True), int(time() * 1_000_000)
    with opened(config) as store:
        found = silences.listed(store, config.pipeline, None if everything else now)
    open_ = [each for each in found if each.ended is None and each.ends > now]
    mirrored = _mirrored(config, open_)
    if as_json:
        rows = [_row(each) | {"alertmanager": mirrored.get(each.id)} for each in found]
        click.echo(json.dumps({"pipeline": config.pipeline, "silences": rows}))
        return
    for each in found:
        click.echo(_line(each, now) + (_SAID[mirrored[each.id]] if each.id in mirrored else ""))
    if not found:
        click.echo("no silence holds")


@command.command()
@click.argument("number", type=int)
@config_option
@click.option("--author", metavar="NAME", help="Who says so; default: the name you are logged in under.")
def end(config_path: Path, number: int, author: str | None) -> None:
    """End a silence before its time."""
    from monitor.notify import silencing

    config, now = load(config_path, allow_missing_env=True), int(time() * 1_000_000)
    with opened(config) as store:
        if not silencing.end(store, config.pipeline, number, author or login(), now):
            raise UsageError(f"no silence {number} holds", hint="see weir silence list")
    click.echo(f"silence {number} has ended")


_SAID = {
    True: "  [in Alertmanager]",
    False: "  [not in Alertmanager: weir serve puts it there, unless somebody expired it]",
    None: "  [Alertmanager does not answer]",
}


def _mirrored(config: Any, some: "Sequence[Silence]") -> "dict[int, bool | None]":
    """Whether every Alertmanager of the routes holds each silence; None where one does not answer."""
    from monitor.errors import DeliveryError
    from monitor.notify import mirror

    clusters = mirror.managers(config.routes) if some else []
    found: dict[int, bool | None] = {each.id: True for each in some} if clusters else {}
    for urls in clusters:
        try:
            there = mirror.known(urls, config.pipeline, some)
        except DeliveryError:
            return dict.fromkeys(found)
        found = {id_: bool(held) and there[id_] for id_, held in found.items()}
    return found


def _window(now: int, length: str | None, until: str | None) -> Window:
    from monitor.grammar import duration

    if (length is None) == (until is None):
        raise UsageError("say how long: either --for or --until", hint="such as --for 2h")
    try:
        end_ = now + duration(length) if until is None else instant(until)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if end_ <= now:
        raise UsageError(f"{to_second(end_)} is over")
    return Window(now, end_)


def _matchers(config: Any, check: str | None, matches: tuple[str, ...]) -> list[tuple[str, str]]:
    from monitor.cli._options import chosen
    from monitor.config.routes import GROUPS
    from monitor.config.words import nearest

    found = [("check", check)] if check else []
    chosen(config, (check,) if check else ())
    for text in matches:
        label, equals, value = text.partition("=")
        if not equals or label not in GROUPS:
            hint = nearest(label, GROUPS) or "such as --match stage=ingest"
            raise UsageError(f"'{text}' names no label of alerts", hint=hint)
        found.append((label, value))
    if not found:
        raise UsageError("say what: --check or --match", hint="a silence of everything is none")
    return found


def login() -> str:
    """The name of whoever runs this."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _row(silence: "Silence") -> dict[str, Any]:
    times = {name: iso(getattr(silence, name)) for name in ("starts", "ends", "created", "ended")}
    return asdict(silence) | times | {"matchers": dict(silence.matchers)}


def _line(silence: "Silence", now: int) -> str:
    state = "holds" if silence.active(now) else "to come" if silence.starts > now else "over"
    about = ", ".join(f"{label}={value}" for label, value in silence.matchers)
    ends = to_second(silence.ends if silence.ended is None else silence.ended)
    return f"{silence.id}  {state} until {ends}  {about}  {silence.reason} ({silence.author})"
