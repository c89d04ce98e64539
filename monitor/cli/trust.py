"""Say which stretches and segments of a dataset are safe to train on, and what was trained on others."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli._options import chosen, config_option, instant, iso, load, opened
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.model import Window
    from monitor.store import Store
    from monitor.trust.dataset import Trust
    from monitor.trust.models import Touched

EXITS = {"safe": 0, "partly": 1, "damaged": 1, "unknown": 3}


@click.command()
@click.argument("dataset")
@config_option
@click.option("--from", "start", metavar="TIME", help="Default: 28 days before the end.")
@click.option("--to", "end", metavar="TIME", help="Default: up to where every check has had its time.")
@click.option(
    "--segment",
    "segments",
    multiple=True,
    metavar="DIMENSION=VALUE",
    help="Only rows of this segment, such as region=eu; several: rows that are in all of them.",
)
@click.option("--check", "checks", multiple=True, metavar="NAME", help="Let this check count too.")
@click.option("--without", multiple=True, metavar="NAME", help="Do not let this check count.")
@click.option("--least", metavar="SHARE", default="100%", show_default=True, help="Enough for exit code 0.")
@click.option("--strict", is_flag=True, help="A warning is damage, too.")
@click.option(
    "--trained-on",
    metavar="DURATION",
    help="How much a model was trained on, where the dataset deployments does not say it.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_context
def command(  # noqa: PLR0913 -- options
    context: click.Context,
    config_path: Path,
    dataset: str,
    start: str | None,
    end: str | None,
    segments: tuple[str, ...],
    checks: tuple[str, ...],
    without: tuple[str, ...],
    least: str,
    strict: bool,
    trained_on: str | None,
    as_json: bool,
) -> None:
    """Say which stretches and segments of a dataset are safe to train on, and what was trained on others.

    Judges again, from what the store has rolled up, every check of the dataset, those upstream of it, and
    matches and flows that end in it. What was not measured is not known, and is not safe.

    Exit code 0: all of it is safe, or the share that --least asks for; 1: some of it is damaged; 2: bad usage
    or configuration; 3: nothing is known to be damaged, and some of it is not known.
    """
    from time import time

    from monitor.trust.dataset import Asked, as_measured

    loaded, now = load(config_path, allow_missing_env=True), int(time() * 1_000_000)
    if dataset not in loaded.datasets:
        raise UsageError(f"no dataset is called '{dataset}'", hint=f"there are {', '.join(loaded.datasets)}")
    enough, length = _share(least), _length(trained_on)
    with opened(loaded) as store:
        config = as_measured(loaded, store)
        asked = Asked(
            dataset,
            segment=_segment(segments),
            also=chosen(config, checks) or frozenset(),
            without=chosen(config, without) or frozenset(),
            strict=strict,
        )
        found = _trusted(config, store, asked, (start, end), now)
        trained = _models(config, store, found, length)
    context.exit(_say(config, found, trained, enough, dict(asked.segment), as_json))


def _trusted(
    config: Any, store: "Store", asked: Any, ends: tuple[str | None, str | None], now: int
) -> "Trust":
    from dataclasses import replace

    from monitor.trust.dataset import WEEKS, trust, usual

    start, end = (instant(each) if each else None for each in ends)
    last = usual(config, asked, now).end if end is None else end
    return trust(
        config, store, replace(asked, window=_window(last - WEEKS if start is None else start, last)), now
    )


def _window(start: int, end: int) -> "Window":
    from monitor.model import Window

    if end <= start:
        raise UsageError(f"a stretch that ends at {iso(end)} cannot begin at {iso(start)}", hint="swap them")
    return Window(start, end)


def _segment(given: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in given:
        dimension, sign, value = each.partition("=")
        if not sign or not dimension or dimension in found:
            raise UsageError(
                f"'{each}' is no segment", hint="write one such as region=eu, each dimension once"
            )
        found[dimension] = value
    return found


def _share(text: str) -> float:
    from monitor.grammar import percentage

    try:
        return percentage(text)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _length(text: str | None) -> int | None:
    from monitor.grammar import duration

    try:
        return None if text is None else duration(text)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _models(config: Any, store: "Store", found: "Trust", length: int | None) -> "list[Touched]":
    """What was trained on the stretch; where the dataset does not answer, as far as the store knows."""
    from monitor.trust.models import read, touched

    some, why = read(config, store, found.window, length)
    if why:
        click.echo(f"note: the dataset 'deployments' is left out: {why}", err=True)
    return touched(some, found.intervals)


def _say(
    config: Any,
    found: "Trust",
    trained: "list[Touched]",
    enough: float,
    segment: dict[str, str],
    as_json: bool,
) -> int:
    from monitor.trust import told

    if as_json:
        about = {"pipeline": config.pipeline, "dataset": found.dataset, "segment": segment or None}
        click.echo(json.dumps(about | told.as_json(found, trained, config), allow_nan=False))
    else:
        for line in told.lines(found, trained, config):
            click.echo(line)
    return 0 if found.safe >= enough else EXITS[found.state.value]
