"""Check the configuration, offline."""

from pathlib import Path

import click

from monitor.cli._options import config_option, dropped_lines, load, off_lines


@click.command()
@config_option
@click.option("--allow-missing-env", is_flag=True, help="Do not mind environment variables that are not set.")
def command(config_path: Path, allow_missing_env: bool) -> None:
    """Check the configuration, offline.

    Every fault is printed with its file, line and column, those of your runbooks too. Exit code 0: it is
    right; 2: it is not.
    """
    from monitor.errors import ConfigError
    from monitor.runbook.text import of_configuration

    config = load(config_path, allow_missing_env)
    if faults := of_configuration(config):
        raise ConfigError(faults)
    enabled = sum(check.enabled for check in config.checks.values())
    off = f", {len(config.checks) - enabled} switched off" if enabled < len(config.checks) else ""
    packaged = f" ({len(config.packaged)} of packs)" if config.packaged else ""
    click.echo(
        f"{config_path}: pipeline '{config.pipeline}', {_many(len(config.sources), 'source')}, "
        f"{_many(len(config.datasets), 'dataset')}, {_many(enabled, 'check')}{packaged}{off}: all right"
    )
    for line in [*off_lines({name: each.why for name, each in config.off.items()}), *dropped_lines(config)]:
        click.echo(f"  {line}")


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
