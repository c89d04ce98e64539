"""Say whether a deployment, a canary or a training job may go ahead."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli._options import chosen, config_option, iso, load, opened
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.gate import Judged

EXITS = {"go": 0, "stop": 1, "unknown": 3}


@click.command()
@config_option
@click.option("--check", "checks", multiple=True, metavar="NAME", help="Ask this check; may be repeated.")
@click.option("--slo", "slos", multiple=True, metavar="NAME", help="Ask this error budget; may be repeated.")
@click.option("--dataset", metavar="NAME", help="Ask only what reads this dataset, such as a training job's.")
@click.option(
    "--min-budget", default="10%", metavar="SHARE", show_default=True, help="Budget that must be left."
)
@click.option(
    "--min-ess",
    type=click.FloatRange(min=0, min_open=True),
    metavar="ROWS",
    help="Effective sample size that a log must have; default: the check's min_ess, else 100.",
)
@click.option("--strict", is_flag=True, help="Stop for warnings, and for budgets that burn slowly, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_context
def command(  # noqa: PLR0913 -- options, each by its name
    context: click.Context,
    config_path: Path,
    checks: tuple[str, ...],
    slos: tuple[str, ...],
    dataset: str | None,
    min_budget: str,
    min_ess: float | None,
    strict: bool,
    as_json: bool,
) -> None:
    """Say whether a deployment, a canary or a training job may go ahead.

    Asks every error budget (what is left, whether it burns), every split of an experiment and every log with
    propensities, as the store knows them; --check and --slo narrow that. Reads no source: `weir run` or
    `weir serve` measures. What was not measured of late is not known, and is no go.

    Exit code 0: go; 1: stop; 2: bad usage or configuration; 3: cannot tell. One reason to stop outweighs what
    cannot be told.
    """
    from time import time

    from monitor import packs, store
    from monitor.board import board
    from monitor.gate import Asked, Limits, gate

    config, now = load(config_path, allow_missing_env=True), int(time() * 1_000_000)
    with opened(config) as opened_:
        config = packs.seen(config, store.settings(opened_, config.pipeline))
        asked = Asked(_known(config, checks), _known(config, slos), _dataset(config, dataset))
        limits = Limits(_share(min_budget), min_ess, strict)
        judged = gate(config, board(config, opened_, burns=True), now, asked, limits)
    context.exit(_say(config, now, judged, as_json))


def _known(config: Any, names: tuple[str, ...]) -> frozenset[str]:
    return chosen(config, names) or frozenset()


def _dataset(config: Any, name: str | None) -> str:
    if name and name not in config.datasets:
        raise UsageError(f"no dataset is called '{name}'", hint=f"there are {', '.join(config.datasets)}")
    return name or ""


def _share(text: str) -> float:
    from monitor.grammar import percentage

    try:
        return percentage(text)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _say(config: Any, now: int, judged: "list[Judged]", as_json: bool) -> int:
    from monitor.gate import joined

    verdict = joined(each.verdict for each in judged)
    reasons = [f"{each.check}: {why}" for each in judged for why in each.reasons]
    if as_json:
        whole = {"pipeline": config.pipeline, "at": iso(now), "verdict": verdict, "reasons": reasons}
        click.echo(json.dumps(whole | {"checks": [_json(each) for each in judged]}, allow_nan=False))
    else:
        click.echo({"go": "go", "stop": "stop", "unknown": "cannot tell"}[verdict])
        for each in judged:
            sign = {"go": "✓", "stop": "✗", "unknown": "?"}[each.verdict]
            said = "; ".join(each.reasons or each.notes)
            click.echo(f"  {sign} {each.check} ({each.about}){': ' if said else ''}{said}")
    return EXITS[verdict]


def _json(each: "Judged") -> dict[str, Any]:
    numbers = dict(each.numbers)
    if "settled" in numbers:
        numbers["settled"] = iso(numbers["settled"])
    told = {"check": each.check, "about": each.about, "verdict": each.verdict}
    return told | {"reasons": list(each.reasons), "notes": list(each.notes)} | numbers
