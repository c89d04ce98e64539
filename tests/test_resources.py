"""Packaged files are found from a checkout and from an installed wheel alike."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from monitor.resources import resource

TOP = Path(__file__).resolve().parents[1]
FOLDERS = ("alerts", "checks", "dashboards", "runbooks")
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


def run(*command: str | Path, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built offline from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", folder, TOP, folder=folder)
    return next(folder.glob("weir_slo-*.whl"))


def test_checkout_serves_its_own_folders():
    assert resource("runbooks") == TOP / "runbooks"
    assert resource("runbooks", "ratio.md").read_text().startswith("# ")


def test_missing_file_names_the_place():
    with pytest.raises(FileNotFoundError, match=r"no 'nonesuch.md' in .*runbooks"):
        resource("runbooks", "nonesuch.md")


@pytest.mark.parametrize("name", ["../pyproject.toml", "a/../../pyproject.toml", "/etc/hostname"])
def test_name_cannot_leave_the_folder(name: str):
    with pytest.raises(ValueError, match="leads out of the folder 'runbooks'"):
        resource("runbooks", name)


def test_wheel_ships_every_packaged_file(wheel: Path):
    files = [path.relative_to(TOP) for folder in FOLDERS for path in (TOP / folder).rglob("*.*")]
    expected = {f"monitor/_data/{path.as_posix()}" for path in files if "__pycache__" not in path.parts}
    shipped = set(zipfile.ZipFile(wheel).namelist())
    assert "monitor/_data/runbooks/ratio.md" in expected
    assert expected <= shipped
    assert {"monitor/__init__.py", "monitor/py.typed"} <= shipped
    assert not [name for name in shipped if name.startswith("tests/") or "__pycache__" in name]


def test_installed_wheel_serves_the_same_files(wheel: Path, tmp_path: Path):
    site = tmp_path / "site"
    run(*PIP, "install", "--no-deps", "--no-index", "--target", site, wheel, folder=tmp_path)
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r}); from monitor.resources import resource\n"
        f"print(*(resource(folder) for folder in {FOLDERS}), sep='\\n')"
    )
    found = [Path(line) for line in run(sys.executable, "-c", code, folder=tmp_path).splitlines()]
    assert found == [site / "monitor" / "_data" / folder for folder in FOLDERS]
    assert (found[-1] / "ratio.md").read_bytes() == (TOP / "runbooks" / "ratio.md").read_bytes()
