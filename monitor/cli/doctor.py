"""Say what is reachable, what is missing, and what to do about it."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli._options import config_option

if TYPE_CHECKING:
    from monitor.doctor import Finding

SIGNS = {"ok": ("✓", "green"), "wrong": ("✗", "red"), "skipped": ("–", "yellow")}
"""Sign and colour of a state; the sign alone must do."""


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_context
def command(context: click.Context, config_path: Path, as_json: bool) -> None:
    """Say what is reachable, what is missing, and what to do about it.

    Looks at Python and its libraries, the configuration, every source and dataset, the store, the clock and
    the port of `weir serve`; changes nothing. Exit code 0: all fine; 2: the configuration is wrong; 3:
    something cannot be reached.
    """
    from time import time

    from monitor.doctor import examine, exit_code

    findings = examine(config_path, int(time() * 1_000_000))
    found = list(findings) if as_json else _printed(findings)
    code = exit_code(found)
    if as_json:
        each = [{key: value for key, value in asdict(one).items() if key != "code"} for one in found]
        click.echo(json.dumps({"ok": code == 0, "exit_code": code, "findings": each}, ensure_ascii=False))
    context.exit(code)


def _printed(findings: "Iterable[Finding]") -> "list[Finding]":
    """Print each finding when it is found: a source that is down takes its time."""
    found: list[Finding] = []
    for each in findings:
        sign, colour = SIGNS[each.state]
        click.echo(f"{click.style(sign, fg=colour)} {click.style(each.about, bold=True)}: {each.message}")
        if each.hint:
            click.echo(f"    {each.hint}")
        found.append(each)
    return found
