"""Write alert rules for Prometheus with their tests, and routes for Alertmanager."""

from pathlib import Path

import click

from monitor.cli import _openslo
from monitor.cli._options import config_option, load


@click.command()
@config_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("rules"),
    show_default=True,
    help="Folder to write to.",
)
@click.option(
    "--link-base", default="", help="Where runbooks and dashboards are; default: weir serve's address."
)
@click.option(
    "--names",
    type=click.Choice(["weir", "sloth"]),
    default="weir",
    show_default=True,
    help="sloth: also record Sloth's series, so that its dashboards work.",
)
@click.option(
    "--openslo",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="Write the objectives as OpenSLO v1 instead.",
)
def command(config_path: Path, out: Path, link_base: str, names: str, openslo: Path | None) -> None:
    """Write alert rules for Prometheus with their tests, and routes for Alertmanager.

    No data and no server are needed. The files are the same for the same configuration.
    """
    from monitor.alerting.prometheus import routes_file, rule_file
    from monitor.alerting.rules import links_of, rules
    from monitor.alerting.unit_tests import tests_file

    config = load(config_path)
    if openslo is not None:
        _openslo.write(config, openslo)
        return
    ruled = rules(config, links_of(config, link_base))
    for sentence in ruled.left_out:
        click.echo(f"note: {sentence}", err=True)
    out.mkdir(parents=True, exist_ok=True)
    start, sloth = f"weir-{config.pipeline}", names == "sloth"
    for name, text in (
        (f"{start}.rules.yaml", rule_file(config, ruled, sloth=sloth)),
        (f"{start}.tests.yaml", tests_file(config, ruled, f"{start}.rules.yaml", sloth=sloth)),
        (f"{start}.alertmanager.yaml", routes_file(config)),
    ):
        (out / name).write_text(text, encoding="utf-8")
        click.echo(f"wrote {out / name}")
    click.echo(f"{len(ruled.alerts)} alerts in {len(ruled.groups)} groups")
