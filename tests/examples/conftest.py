"""Runs of the examples as a user runs them, each in a store of its own."""

import io
import json
import os
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import main

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@dataclass(frozen=True)
class Run:
    """An exit code, and the object that `weir run --json` printed."""

    code: int
    said: dict[str, Any]

    def reading(self, check: str, **segment: str) -> dict[str, Any]:
        """The reading of a check, of its total unless a segment is given."""
        (found,) = [
            each
            for each in self.said["readings"]
            if each["check"] == check and (each["segment"] or {}) == segment
        ]
        return found

    def segments(self, check: str) -> list[dict[str, str]]:
        return [each["segment"] for each in self.said["readings"] if each["check"] == check][1:]

    @property
    def outcomes(self) -> dict[str, str]:
        """Outcome of every check's total."""
        return {each["check"]: each["outcome"] for each in self.said["readings"] if each["segment"] is None}


Runner = Callable[..., Run]


@pytest.fixture(scope="session")
def weir(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[int, str]]:
    """`weir(example, *arguments, **environment)`: exit code and standard output of a tick."""
    folder = tmp_path_factory.mktemp("stores")

    def run(example: str, *arguments: str, **environment: str) -> tuple[int, str]:
        store = {"WEIR_STORE": f"sqlite:///{folder / example}.db", "COLUMNS": "100"}
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as printed:
            for name in [name for name in os.environ if name.startswith("WEIR_")]:
                patch.delenv(name)
            for name, value in (store | environment).items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as ended:
                main(["run", "--config", str(EXAMPLES / example), *arguments])
        return int(ended.value.code or 0), printed.getvalue()

    return run


@pytest.fixture(scope="session")
def example(weir: Callable[..., tuple[int, str]]) -> Runner:
    """`example(name, *arguments, **environment)`: a tick as a Run."""

    def run(name: str, *arguments: str, **environment: str) -> Run:
        code, printed = weir(name, *arguments, "--json", **environment)
        return Run(code, json.loads(printed))

    return run


@pytest.fixture(scope="session")
def printed_block() -> Callable[[str], tuple[list[str], str]]:
    """`printed_block(example)`: arguments of the README's first `weir run`, and what it says that prints."""

    def read(example: str) -> tuple[list[str], str]:
        text = (EXAMPLES / example / "README.md").read_text(encoding="utf-8")
        _, shell, rest = text.partition("```sh\n")
        assert shell, f"examples/{example}/README.md has no shell block"
        command = next(line for line in rest.splitlines() if line.startswith("weir run --config"))
        arguments = command.partition("#")[0].split()
        assert arguments[:4] == ["weir", "run", "--config", f"examples/{example}"]
        return arguments[4:], rest.partition("```text\n")[2].partition("```")[0]

    return read
