"""Compare two versions of a data contract: what breaks, and for whom."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.contracts.model import Contract


@click.group()
def command() -> None:
    """Work with data contracts."""


@command.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.option("--strict", is_flag=True, help="A change that breaks consumers alone is a failure too.")
@click.pass_context
def difference(context: click.Context, old: Path, new: Path, as_json: bool, strict: bool) -> None:
    """Compare two versions of a contract (ODCS 3.1, or as in a check).

    A change breaks producers where rows that were right may be wrong now (a column is required, a type, enum,
    range or pattern narrower, a key unique), and consumers where rows may come that they do not know (a
    column is gone, a value is new). Exit code 0: nothing breaks producers, and no column is gone, renamed or
    of another type; 1: something does; 2: a file is no contract.
    """
    from monitor.contracts.diff import diff

    changes = diff(_load(old), _load(new))
    breaking = [each for each in changes if _breaks(each.breaks, strict)]
    additive = [each for each in changes if each not in breaking]
    if as_json:
        import json

        rows = [
            {
                "kind": each.kind,
                "table": each.table,
                "column": each.column,
                "breaking": each in breaking,
                "breaks": list(each.breaks),
                "text": each.text,
            }
            for each in changes
        ]
        click.echo(json.dumps({"breaking": len(breaking), "changes": rows}, ensure_ascii=False))
    else:
        for title, some in (("breaking", breaking), ("compatible", additive)):
            for each in some:
                table = f"{each.table}: " if each.table else ""
                whom = f" (breaks {' and '.join(each.breaks)})" if each.breaks else ""
                click.echo(f"{title}: {table}{each.text}{whom}")
        click.echo(f"{len(breaking)} breaking, {len(additive)} compatible")
    context.exit(1 if breaking else 0)


def _breaks(whom: tuple[str, ...], strict: bool) -> bool:
    return "producers" in whom or (strict and bool(whom))


def _load(path: Path) -> "Contract":
    from monitor.contracts.odcs import load

    try:
        return load(path, str(path))
    except ValueError as error:
        raise UsageError(str(error)) from None
