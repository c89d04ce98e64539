"""Pages draw: what they show is worked out in `monitor.views`."""

import ast
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2] / "dashboards"
PAGES = sorted(path for path in TOP.rglob("*.py"))
ALLOWED = ("monitor.views", "monitor.errors")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_pages_import_views_alone(page: Path) -> None:
    tree = ast.parse(page.read_text("utf-8"))
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    ours = [name for name in names if name.split(".")[0] == "monitor"]
    assert [name for name in ours if not name.startswith(ALLOWED)] == []
