"""The command `weir`: one file for each command, imported when it is called."""

import sys
from pkgutil import iter_modules
from typing import Any

import click

from monitor import __version__
from monitor.errors import WeirError
from monitor.garbage import look_seldom

ORDER = (
    "demo",
    "init",
    "validate",
    "plan",
    "run",
    "backfill",
    "serve",
    "status",
    "runbook",
    "explain",
    "test",
    "rules",
    "notify",
    "silence",
    "backtest",
    "gameday",
    "gate",
    "mark",
    "replay",
    "probe",
    "trust",
    "incident",
    "report",
    "contract",
    "schema",
    "doctor",
)


class Commands(click.Group):
    """Finds commands by their files, so that `weir --help` loads none of what they need."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        found = {module.name for module in iter_modules(__path__) if not module.name.startswith("_")}
        return [name for name in ORDER if name in found] + sorted(found.difference(ORDER))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        from importlib import import_module

        return import_module(f"{__name__}.{cmd_name}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Summaries from the files' first lines: nothing is imported for `--help`."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary(name)) for name in self.list_commands(ctx)])


def summary(name: str) -> str:
    """The first line of a command's docstring, read from its file."""
    import ast
    from pathlib import Path

    tree = ast.parse((Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").split("\n", 1)[0]


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="weir")
def weir() -> None:
    """SLOs for feedback pipelines: honest numbers for streams of clicks, exposures, labels and features."""


def main(argv: list[str] | None = None) -> Any:
    """Run a command. Errors of ours are printed without a traceback and set the exit code."""
    look_seldom()
    try:
        code = weir.main(argv, prog_name="weir", standalone_mode=False)
    except WeirError as error:
        click.echo(f"error: {error}" if "\n" not in str(error) else str(error), err=True)
        code = error.exit_code
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    except BrokenPipeError:
        sys.stderr.close()
        code = 0
    sys.exit(code if isinstance(code, int) else 0)
