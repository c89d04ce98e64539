"""What loading a configuration costs those who only want help."""

import subprocess
import sys

import pytest


def loaded(code: str) -> set[str]:
    command = [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


@pytest.mark.parametrize(
    "module", ["sqlglot", "ruamel.yaml", "duckdb", "sqlalchemy", "pandas", "pyarrow", "numpy"]
)
def test_importing_the_configuration_loads_nothing_heavy(module: str) -> None:
    assert module not in loaded("import monitor.config")


def test_sqlglot_loads_with_the_first_fragment() -> None:
    assert "sqlglot" in loaded(
        "from monitor.grammar import parse_expression; parse_expression('a', 'duckdb')"
    )
