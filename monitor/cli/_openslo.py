"""What `weir rules` and `weir init` do with OpenSLO."""

from pathlib import Path
from typing import Any

import click

from monitor.errors import ConfigError, UsageError

PROMETHEUS = "http://127.0.0.1:9090"
"""Where Prometheus listens by default; the one who reads the file knows better."""


def write(config: Any, path: Path) -> None:
    """Write a configuration's objectives as OpenSLO: into one file, or one a piece into a folder.

    Raises UsageError where there is none.
    """
    from monitor.openslo.outgoing import exported, text

    found = exported(config, PROMETHEUS)
    if not found.files:
        raise UsageError("no check has an objective", hint="give one an 'slo'")
    for note in found.notes:
        click.echo(f"note: {note}", err=True)
    if path.suffix in (".yaml", ".yml"):
        path.parent.mkdir(parents=True, exist_ok=True)
        _put(path, text(found.all))
        return
    path.mkdir(parents=True, exist_ok=True)
    for name, objects in found.files.items():
        _put(path / f"{name or f'weir-{config.pipeline}'}.yaml", text(objects))


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    click.echo(f"wrote {path}")


def read(path: Path, out: Path, name: str) -> None:
    """Write a weir.yaml of the objectives that a file or folder of OpenSLO holds.

    Raises ConfigError with every fault of theirs, and where the written file needs more than a dataset.
    """
    from monitor import config
    from monitor.openslo.incoming import draft
    from monitor.openslo.objects import read as objects_in
    from monitor.openslo.proposal import text

    found = draft(objects_in(path), name or path.resolve().stem)
    out.write_text(text(found, str(path)), encoding="utf-8")
    for each in found.left:
        click.echo(f"left out: {each}", err=True)
    for each in found.notes:
        click.echo(f"note: {each}", err=True)
    click.echo(f"wrote {out}: {len(found.checks)} check{'' if len(found.checks) == 1 else 's'}")
    try:
        config.load(out, allow_missing_env=True)
    except ConfigError as error:
        click.echo(f"{out} needs a hand before it can be used:", err=True)
        raise ConfigError(error.faults) from None
    off = [each.name for each in found.checks if each.keys.get("enabled") is False]
    if off:
        click.echo(f"off until they have a dataset: {', '.join(off)}")
