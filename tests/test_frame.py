"""Promises of the repository itself: pins, no trace of a machine, nothing forgotten beside a new kind."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import grimp
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).resolve().parents[1]
LOCKS = {"run": [], "demo": ["notify", "dashboard"], "dev": ["postgres", "dev"]}
FOLDERS = [
    "alerts",
    "bench",
    "checks",
    "dashboards",
    "docs",
    "examples",
    "monitor",
    "requirements",
    "runbooks",
    "tests",
]
TEXT = {"", ".j2", ".json", ".md", ".mako", ".py", ".sql", ".toml", ".txt", ".yaml", ".yml"}
MACHINE_PATH = re.compile(r"(?<![\w./~-])/(?:work|root|home/\w+)(?:/|\b)")


def texts() -> Iterator[Path]:
    """Every text file of the repository, its own environment and caches aside."""
    places = [TOP.glob("*"), TOP.glob(".ci/*"), *((TOP / folder).rglob("*") for folder in FOLDERS)]
    for path in chain.from_iterable(places):
        if path.is_file() and path.suffix in TEXT and "__pycache__" not in path.parts:
            yield path


def pins(lock: str) -> dict[str, str]:
    """Package → pinned version of requirements/<lock>.txt."""
    text = (TOP / "requirements" / f"{lock}.txt").read_text()
    found = re.findall(r"(?m)^(\S+)==([^\s;\\]+)", text)
    return {canonicalize_name(name): version for name, version in found}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_names_no_host_and_hashes_every_pin(lock: str):
    text = (TOP / "requirements" / f"{lock}.txt").read_text()
    assert not re.search(r"://|index-url|find-links|trusted-host|@", text)
    entries = re.split(r"(?m)^(?=\S)", text)[1:]
    assert len(entries) == len(pins(lock)) > 20
    assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("lock, extras", LOCKS.items())
def test_lock_satisfies_the_project(lock: str, extras: list[str]):
    project = tomllib.loads((TOP / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    wanted = [*project["dependencies"], *(line for extra in [*extras, "build"] for line in optional[extra])]
    pinned = pins(lock)
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement


def test_locks_agree():
    assert pins("run").items() <= pins("demo").items() <= pins("dev").items()


def test_no_file_names_a_path_of_some_machine():
    lines = ((path, line) for path in texts() for line in path.read_text(errors="replace").splitlines())
    assert not [f"{path.relative_to(TOP)}: {line}" for path, line in lines if MACHINE_PATH.search(line)]


def test_machine_paths_are_recognised():
    assert MACHINE_PATH.search("open('" + "/wor" + "k/shared')")
    assert MACHINE_PATH.search(" " + "/roo" + "t/.venv")


def test_modules_have_one_responsibility():
    sizes = {path: len(path.read_text().splitlines()) for path in (TOP / "monitor").rglob("*.py")}
    assert not {str(path.relative_to(TOP)): lines for path, lines in sizes.items() if lines > 400}


def shortcuts(graph: grimp.ImportGraph) -> list[str]:
    """Imports by which a page goes past the board, or the board past the store."""
    sources = {"monitor.engines", "monitor.plan", "monitor.scan", "monitor.tick"}
    barred = {name: sources | {"monitor.store"} for name in ("monitor.exporter", "monitor.cli.status")}
    barred["monitor.board"] = sources
    pairs = [(page, name) for page in barred for name in graph.modules if page in graph.modules]
    taken = [(page, name) for page, name in pairs if graph.direct_import_exists(importer=page, imported=name)]
    return [f"{page} imports {name}" for page, name in taken if ".".join(name.split(".")[:2]) in barred[page]]


def test_pages_read_the_board_alone():
    assert not shortcuts(grimp.build_graph("monitor", cache_dir=None))


def test_shortcut_is_named():
    graph = grimp.ImportGraph()
    for importer, imported in [("exporter", "store.tables"), ("exporter", "board"), ("board", "store")]:
        graph.add_import(importer=f"monitor.{importer}", imported=f"monitor.{imported}")
    assert shortcuts(graph) == ["monitor.exporter imports monitor.store.tables"]


def missing_pieces(top: Path) -> list[str]:
    """What a kind in monitor/kinds still lacks, one sentence each."""
    kinds = [path.stem for path in (top / "monitor" / "kinds").glob("[a-z]*.py")]
    wanted = {"test": "tests/kinds/test_{}.py", "runbook": "runbooks/{}.md"}
    pairs = [(kind, piece, place.format(kind)) for kind in sorted(kinds) for piece, place in wanted.items()]
    lacking = [pair for pair in pairs if not (top / pair[2]).is_file()]
    return ["kind {} has no {}: write {}".format(*pair) for pair in lacking]


def test_every_kind_has_its_test_and_its_runbook():
    pieces = missing_pieces(TOP)
    assert not pieces, "\n".join(pieces)


def test_missing_piece_is_named(tmp_path: Path):
    kinds = [f"monitor/kinds/{name}.py" for name in ("__init__", "_words", "drift", "ratio")]
    for name in ["runbooks/drift.md", *kinds]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert missing_pieces(tmp_path) == [
        "kind drift has no test: write tests/kinds/test_drift.py",
        "kind ratio has no test: write tests/kinds/test_ratio.py",
        "kind ratio has no runbook: write runbooks/ratio.md",
    ]


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_readme_commands_exist(command: str):
    assert command in "\n".join((TOP / "README.md").read_text().splitlines()[:60])
    assert re.search(rf"(?m)^{command.split()[1]}:", (TOP / "Makefile").read_text())


def test_import_is_light():
    heavy = {"click", "duckdb", "numpy", "pandas", "pyarrow", "pydantic", "rich", "sqlalchemy", "sqlglot"}
    code = "import monitor, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True, check=True)
    assert not heavy & set(done.stdout.split())
