"""Write alert rules for Prometheus with their tests, routes for Alertmanager, dashboards for Grafana."""

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
    "--grafana/--no-grafana",
    default=True,
    show_default=True,
    help="Copy the three dashboards to `grafana/` in that folder: import them, or provision the folder.",
)
@click.option(
    "--openslo",
    type=click.Path(path_type=Path),
    metavar="FILE|DIR",
    help="Write the objectives as OpenSLO v1 instead.",
)
def command(
    config_path: Path, out: Path, link_base: str, names: str, grafana: bool, openslo: Path | None
) -> None:
    """Write alert rules for Prometheus with their tests, routes for Alertmanager, dashboards for Grafana.

    No data and no server are needed. The files are the same for the same configuration; the dashboards ask in
    Grafana for the pipeline and the data source.
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
    if grafana:
        _dashboards(out / "grafana")
    click.echo(f"{len(ruled.alerts)} alerts in {len(ruled.groups)} groups")


def _dashboards(folder: Path) -> None:
    """They ask for the pipeline and the data source in Grafana: the same files do for every pipeline."""
    from monitor.resources import resource

    folder.mkdir(exist_ok=True)
    for path in sorted(resource("dashboards", "grafana").glob("*.json")):
        (folder / path.name).write_text(path.read_text("utf-8"), encoding="utf-8")
        click.echo(f"wrote {folder / path.name}")
