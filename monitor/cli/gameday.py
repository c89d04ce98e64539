"""Break the simulated pipeline on purpose, and score what Weir says of it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli._options import config_option, load, opened
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.gameday.run import Result
    from monitor.gameday.scenario import Scenario


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--fault", "faults", multiple=True, metavar="NAME", help="This kind of fault; --faults lists them."
)
@click.option(
    "--severity",
    "severities",
    multiple=True,
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="N times the threshold of the check that catches it; default: as the scenario says.",
)
@click.option(
    "--segment",
    "segments",
    multiple=True,
    metavar="WHERE",
    help="In a segment: region=latam, or region=us,device=ios; `everywhere` for the whole stream.",
)
@click.option(
    "--seed", "seeds", multiple=True, type=click.IntRange(0), help="Of all that is random.  [default: 1]"
)
@click.option(
    "--clean-days",
    type=click.FloatRange(0),
    default=None,
    metavar="N",
    help="Days in which nothing is broken, for each seed.  [default: 7, with --fault 0]",
)
@click.option("--resolve", is_flag=True, help="Mend it, too, and watch until all alerts of it are over.")
@click.option(
    "--long", "long_run", is_flag=True, help="A thousand clean days of 200 objectives, and nothing else."
)
@click.option(
    "--family",
    type=click.Choice(["bursts", "regimes"]),
    default="bursts",
    show_default=True,
    help="How the counts of --long come about.",
)
@click.option(
    "--processes", type=click.IntRange(1), default=None, help="How many at once.  [default: every core]"
)
@click.option(
    "--html", type=click.Path(path_type=Path), help="Write a report with timelines and curves there."
)
@click.option("--keep", "keeping", is_flag=True, help="Keep the result for the pages, in the audit trail.")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--faults", "listing", is_flag=True, help="List the kinds of faults, and exit.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a file of scenarios, and exit.")
def command(files: tuple[Path, ...], listing: bool, schema: bool, **options: Any) -> None:
    """Break the simulated pipeline on purpose, and score what Weir says of it.

    Without arguments every packaged fault is played at twenty times the threshold of the check that catches
    it, and a week in which nothing is broken. FILES are scenarios of your own, in YAML. Ticks, rules and the
    evaluation of alerts are those of `weir serve`; only the clock is another.

    Exit code 0 where every fault was told of and no clean day paged, else 1.
    """
    if schema:
        from monitor.gameday.scenario import model_schema

        click.echo(json.dumps(model_schema(), indent=2))
    elif listing:
        from monitor.gameday.told import kinds

        click.echo("\n".join(kinds()))
    else:
        click.get_current_context().exit(_run(files, **options))


def _run(files: tuple[Path, ...], **given: Any) -> int:
    import tempfile

    from monitor.gameday.long import DAYS
    from monitor.gameday.run import Plan, cores, run, run_long
    from monitor.gameday.told import as_json, as_text

    kept_in = load(given["config_path"]) if given["keeping"] else None
    days = given["clean_days"]
    if days is None:
        days = 0.0 if given["faults"] or files else 7.0
    seeds, processes = given["seeds"] or (1,), given["processes"] or cores()
    with tempfile.TemporaryDirectory(prefix="weir-gameday-") as folder, _Progress() as progress:
        if given["long_run"]:
            days = round(given["clean_days"] or DAYS)
            result = run_long(seeds, days, Path(folder), processes, progress, given["family"])
        else:
            plan = Plan(_scenarios(files, given), seeds, days, given["resolve"])
            result = run(plan, Path(folder), processes, progress)
    if kept_in is not None:
        _keep(kept_in, result)
    if given["html"]:
        from monitor.gameday.page import page

        given["html"].write_text(page(result), encoding="utf-8")
    if given["as_json"]:
        click.echo(json.dumps(as_json(result), allow_nan=False))
    else:
        click.echo("\n".join(as_text(result)))
    return 0 if result.good else 1


def _keep(config: Any, result: "Result") -> None:
    """Leave the result where the pages of a configuration show it."""
    from getpass import getuser
    from time import time

    from monitor.gameday.kept import detail, keep

    try:
        actor = getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        actor = "unknown"
    with opened(config) as store:
        keep(store, config.pipeline, int(time() * 1_000_000), actor, detail(result))


def _scenarios(files: tuple[Path, ...], given: Any) -> "tuple[Scenario, ...]":
    from monitor.gameday.asked import known, segment_of
    from monitor.gameday.run import varied
    from monitor.gameday.scenario import PACKAGED, scenarios, single

    for name in given["faults"]:
        known(name)
    chosen = tuple(each for path in files or (PACKAGED,) for each in scenarios(path))
    if given["faults"] and not files:
        chosen = tuple(single(name) for name in given["faults"])
    segments = tuple(map(segment_of, given["segments"]))
    found = varied(chosen, given["faults"], given["severities"], segments)
    if not found:
        raise UsageError("nothing is left to play", hint="no scenario has such a fault in such a segment")
    return found


class _Progress:
    """The last scenario that was played, on a terminal; nothing in a pipe."""

    def __init__(self) -> None:
        from rich.console import Console

        console = Console(stderr=True)
        self._status = console.status("making the stage") if console.is_terminal else None

    def __call__(self, text: str) -> None:
        if self._status:
            self._status.update(text)

    def __enter__(self) -> "_Progress":
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()
