"""Run the tests that stand beside checks, offline."""

import json
from pathlib import Path
from typing import Any

import click

from monitor.cli._options import chosen, config_option, iso, load


@click.command()
@config_option
@click.option("--check", "names", multiple=True, metavar="NAME", help="Only this check; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.pass_context
def command(context: click.Context, config_path: Path, names: tuple[str, ...], as_json: bool) -> None:
    """Run the tests that stand beside checks, offline.

    A test under a check's `tests:` has a name, rows, and the outcome that they should have. Its rows become
    files, and the check reads them with DuckDB, whatever its source is.

    Exit code 0: all passed; 1: some failed; 2: bad usage or configuration.
    """
    from monitor.testing.check_tests import run

    config = load(config_path, allow_missing_env=True)
    cases = list(run(config, chosen(config, names)))
    failed = [case for case in cases if not case.passed]
    if as_json:
        click.echo(json.dumps(_as_json(cases), allow_nan=False))
    else:
        _print(config, cases, failed)
    context.exit(1 if failed else 0)


def _as_json(cases: Any) -> dict[str, Any]:
    tests = [
        {
            "check": case.check,
            "name": case.name,
            "passed": case.passed,
            "expected": case.expected,
            "got": case.got,
            "message": case.message,
        }
        for case in cases
    ]
    passed = sum(case.passed for case in cases)
    return {"passed": passed, "failed": len(cases) - passed, "tests": _finite(tests)}


def _finite(value: Any) -> Any:
    """JSON knows no NaN and no infinity."""
    from math import isfinite

    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return [_finite(each) for each in value] if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType]


def _print(config: Any, cases: Any, failed: Any) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    if not cases:
        console.print("no check has tests: write some under its 'tests:'")
        return
    table = Table("check", "test", "expected", "got", "", box=None, pad_edge=False)
    for case in cases:
        verdict = Text("passed", "green") if case.passed else Text("FAILED", "bold red")
        table.add_row(case.check, case.name, case.expected["outcome"], case.got["outcome"], verdict)
    console.print(table)
    for case in failed:
        console.print(
            Text(f"\n{config.place('checks', case.check, 'tests')}: {case.check}: {case.name}", "bold")
        )
        for line in differences(config, case):
            console.print(Text(line))
    console.print(f"\n{len(cases) - len(failed)} passed, {len(failed)} failed")


def differences(config: Any, case: Any) -> list[str]:
    """What differs, expected beside got, and what the check said."""
    from monitor.testing.check_tests import shown

    unit = config.checks[case.check].unit
    lines: list[str] = []
    for name in case.wrong:
        expected, got = (shown(name, each[name], unit) for each in (case.expected, case.got))
        lines.append(f"  {name}: expected {expected}, got {got}")
    if case.window:
        lines.append(f"  it read: {iso(case.window.start)} to {iso(case.window.end)}")
    return [*lines, f"  it said: {case.message}"]
