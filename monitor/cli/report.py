"""Write an Evidently report of a check's rows, as one HTML file."""

from pathlib import Path
from time import time

import click

from monitor.cli._options import chosen, config_option, instant, iso, load
from monitor.errors import UsageError


@click.command()
@click.argument("check")
@config_option
@click.option(
    "--kind", type=click.Choice(["drift", "summary"]), help="Default: drift, where there is a baseline."
)
@click.option("--at", metavar="TIME", help="As of then: an ISO 8601 time, or `latest` for the newest data.")
@click.option("--window", metavar="DURATION", help="How long the window is; default: the check's.")
@click.option("--baseline", metavar="DURATION", help="How much before it; default: the check's, or 7d.")
@click.option("--rows", default=100_000, show_default=True, help="Rows of the sample on each side, at most.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Default: CHECK.html.")
def command(  # noqa: PLR0913 -- options, each by its name
    check: str,
    config_path: Path,
    kind: str | None,
    at: str | None,
    window: str | None,
    baseline: str | None,
    rows: int,
    out: Path | None,
) -> None:
    """Write an Evidently report of a check's rows, as one HTML file.

    A bounded sample of the check's window is set beside one of its baseline. Columns that may hold personal
    data, identifiers, free texts and times are left out. Needs the extra `report`.

    Exit code 0: it is written; 2: bad usage or configuration, or Evidently is missing; 3: the source failed.
    """
    from monitor.binding.sources import Sources
    from monitor.evidently.report import Wanted, lines, report
    from monitor.shown.latest import latest

    config = load(config_path)
    chosen(config, (check,))
    with Sources(config) as sources:
        only = frozenset([check])
        now = latest(config, sources, only) if at == "latest" else instant(at) if at else int(time() * 1e6)
        preset = "drift" if kind == "drift" else "summary" if kind else None
        wanted = Wanted(check, now, preset, _length(window), _length(baseline), rows)
        path = out or Path(f"{check}.html")
        said = report(config, sources, wanted, path)
    click.echo(str(path))
    for line in lines(said, iso):
        click.echo(line)


def _length(text: str | None) -> int | None:
    from monitor.grammar import duration

    try:
        return duration(text) if text else None
    except ValueError as error:
        raise UsageError(str(error)) from None
