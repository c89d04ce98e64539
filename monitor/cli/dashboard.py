"""Open the pages: for the manager, for whoever is on call, for the team that owns a check."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from monitor.cli._options import config_option, instant, load
from monitor.errors import UsageError


@click.command()
@config_option
@click.option(
    "--also",
    metavar="PATH",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Show the pipeline of this configuration too; may be given several times.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=int, default=8918, show_default=True, help="Port to listen on.")
@click.option("--at", default="", help="Look at this instant, or at `latest`, instead of now.")
@click.option("--operator", is_flag=True, help="Let whoever opens them acknowledge, silence and run.")
@click.option("--open", "opened", is_flag=True, help="Open a browser.")
def command(
    config_path: Path, also: tuple[Path, ...], host: str, port: int, at: str, operator: bool, opened: bool
) -> None:
    """Open the pages: for the manager, for whoever is on call, for the team that owns a check.

    They read the store, and never a source; what somebody wants done there is done by `weir serve`. Without
    a login (`dashboard:` in the configuration, the first where there are several) they are for this machine
    alone. Ctrl-C ends them.
    """
    from monitor.dashboard import Start, refuse_strangers, require, run, secrets

    several = [load(each) for each in (config_path, *also)]
    dashboard = several[0].dashboard
    if len({each.pipeline for each in several}) < len(several):
        raise UsageError(
            "two configurations name the same pipeline", hint="give each of them a name of its own"
        )
    require()
    moment = str(instant(at)) if at not in ("", "latest") else at
    start = Start(config_path, host, port, moment, operator, opened, also=also)
    refuse_strangers(dashboard, start)
    with secrets(dashboard) as path:
        code = run(replace(start, secrets=path))
    sys.exit(code)
