"""A folder: `weir.yaml` and `checks/**/*.yaml`."""

from pathlib import Path

import pytest

from monitor.config import load
from monitor.errors import ConfigError

GOOD = Path(__file__).parent / "good" / "folder"
MAIN = """pipeline: shop
{owner}sources: {{lake: {{engine: duckdb}}}}
datasets: {{events: {{files: a.parquet, time: at}}}}
"""


def folder(tmp_path: Path, owner: str = "owner: data\n", **files: str) -> Path:
    (tmp_path / "checks").mkdir()
    (tmp_path / "weir.yaml").write_text(MAIN.format(owner=owner))
    for name, text in files.items():
        (tmp_path / "checks" / name.replace("_", ".")).write_text(text)
    return tmp_path


def said(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    return [str(fault).removeprefix(f"{path}/") for fault in caught.value.faults]


def test_every_file_may_name_its_own_owner() -> None:
    config = load(GOOD, {})
    assert {name: check.owner for name, check in config.checks.items()} == {
        "rows": "data-platform",
        "clicks": "growth",
        "views": "pages",
        "plain": "data-platform",
    }
    assert [file.relative_to(GOOD).as_posix() for file in config.files] == [
        "weir.yaml",
        "checks/growth/clicks.yaml",
        "checks/plain.yaml",
    ]
    place = config.place("checks", "clicks", "where")
    assert (Path(place.file).name, place.line) == ("clicks.yaml", 3)


def test_paths_start_from_the_file_that_names_them() -> None:
    config = load(GOOD, {})
    assert config.sources["lake"].root == GOOD.resolve().parent / "lake"
    assert config.store == f"sqlite:///{GOOD.resolve() / 'weir.db'}"


def test_one_file_of_a_folder_is_one_file() -> None:
    assert list(load(GOOD / "weir.yaml", {}).checks) == ["rows"]


def test_faults_of_all_files_come_together(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        a_yaml="checks:\n  one: {kind: volume, dataset: event}\n  two: {kind: volum, dataset: events}\n",
        b_yaml="sources: {}\nchecks:\n  one: {kind: volume, dataset: events}\n",
        c_yaml="owner: [a\n",
        d_yaml="owner: data\n",
    )
    assert said(path) == [
        "checks/a.yaml:2:32: unknown dataset 'event' (did you mean 'events'?)",
        "checks/a.yaml:3:15: unknown kind 'volum' (did you mean 'volume'?)",
        "checks/b.yaml:1:1: unknown key 'sources' (one of checks, owner)",
        f"checks/b.yaml:3:3: the check 'one' exists already (in {path}/checks/a.yaml:2:3)",
        "checks/c.yaml:1:8: the '[' that opens here is not closed, or a ',' is missing",
        "checks/d.yaml:1:1: 'checks' is missing (what is measured, by name)",
    ]


def test_an_owner_is_needed_somewhere(tmp_path: Path) -> None:
    path = folder(tmp_path, owner="", a_yaml="checks:\n  one: {kind: volume, dataset: events}\n")
    assert said(path) == ["checks/a.yaml:2:3: the check 'one' has no owner (give it an 'owner', or its file)"]


def test_no_file_is_passed_over_in_silence(tmp_path: Path) -> None:
    path = folder(tmp_path, a_yml="checks: {}\n")
    assert said(path) == ["checks/a.yml: files of checks end in .yaml (rename it)"]


def test_upstream_goes_across_files(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        a_yaml="checks:\n  one: {kind: volume, dataset: events, upstream: [two]}\n",
        b_yaml="checks:\n  two: {kind: volume, dataset: events, upstream: [one]}\n",
    )
    assert said(path) == ["checks/a.yaml:2:50: upstream goes in a circle: one -> two -> one (remove one)"]
