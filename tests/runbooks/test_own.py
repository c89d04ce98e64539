"""Runbooks beside weir.yaml: found first, linted by `weir validate` and `weir doctor`."""

from pathlib import Path

import pytest

from monitor import config
from monitor.config.runbooks import hint, located, names, own
from monitor.doctor import examine
from monitor.errors import ConfigError, UsageError
from monitor.resources import resource
from monitor.runbook.text import of_configuration, read

YAML = """
pipeline: shop
owner: team
sources: {lake: {engine: duckdb}}
datasets: {events: {files: rows.csv, time: at}}
checks:
  baskets: {kind: ratio, dataset: events, good: ok, fail: "< 99%", runbook: RUNBOOK}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "runbooks").mkdir()
    return tmp_path


def configured(folder: Path, runbook: str) -> config.Config:
    (folder / "weir.yaml").write_text(YAML.replace("RUNBOOK", runbook))
    return config.load(folder / "weir.yaml")


def test_yours_goes_before_ours(folder: Path):
    assert located("ratio", folder) == resource("runbooks", "ratio.md")
    (folder / "runbooks" / "ratio.md").write_text("Call Ada.\n")
    assert located("ratio", folder) == folder / "runbooks" / "ratio.md"
    assert read("ratio", folder).text == "Call Ada.\n"
    assert read("ratio", folder).own
    assert next(iter(names(folder))) == "ratio"
    assert list(names(folder)).count("ratio") == 1


def test_one_of_your_own_is_known_to_the_configuration(folder: Path):
    with pytest.raises(ConfigError, match=r"unknown runbook 'baskets' \(write runbooks/baskets.md beside"):
        configured(folder, "baskets")
    (folder / "runbooks" / "baskets.md").write_text("Call Ada.\n")
    assert configured(folder, "baskets").checks["baskets"].runbook == "baskets"


def test_in_a_folder_of_checks_it_stands_beside_the_main_file(folder: Path):
    (folder / "runbooks" / "baskets.md").write_text("Call Ada.\n")
    whole = YAML.replace("RUNBOOK", "baskets")
    (folder / "checks").mkdir()
    (folder / "weir.yaml").write_text(whole.split("checks:")[0])
    (folder / "checks" / "team.yaml").write_text("checks:" + whole.split("checks:")[1])
    assert config.load(folder).checks["baskets"].runbook == "baskets"


@pytest.mark.parametrize("name", ["../weir", "README", "", "a/b", ".hidden", "x" * 101])
def test_no_name_leads_out_of_the_folder(folder: Path, name: str):
    (folder / "weir.md").write_text("secret")
    (folder / "runbooks" / "README.md").write_text("not a runbook")
    assert located(name, folder) is None
    assert own(folder) == []
    with pytest.raises(UsageError, match="there is no runbook"):
        read(name, folder)


def test_the_nearest_is_named(folder: Path):
    (folder / "runbooks" / "checkouts.md").write_text("Call Ada.\n")
    assert hint("checkuots", folder) == "did you mean 'checkouts'?"
    assert hint("rati", folder) == "did you mean 'ratio'?"
    assert hint("zebra", folder) == "write runbooks/zebra.md beside weir.yaml, or give an address"


def test_places_that_nothing_fills_in_are_found_by_day(folder: Path):
    (folder / "runbooks" / "mine.md").write_text("# mine\n\nCall {{ownr}} about {{check}}.\n")
    loaded = configured(folder, "mine")
    assert [str(fault) for fault in of_configuration(loaded)] == [
        "runbooks/mine.md:3: nothing fills in '{{ownr}}' (did you mean 'owner'?)"
    ]
    (finding,) = [each for each in examine(folder / "weir.yaml", 0) if each.about == "runbooks"]
    assert (finding.state, finding.code) == ("wrong", 2)
    (folder / "runbooks" / "mine.md").write_text("# mine\n\nCall {{owner}} about {{check}}.\n")
    (finding,) = [each for each in examine(folder / "weir.yaml", 0) if each.about == "runbooks"]
    assert (finding.state, finding.message) == ("ok", "mine beside weir.yaml")


def test_what_is_no_text_is_said_not_raised(folder: Path):
    (folder / "runbooks" / "mine.md").write_bytes(b"\xff\xfe")
    assert [str(fault) for fault in of_configuration(configured(folder, "ratio"))] == [
        "runbooks/mine.md: the runbook 'mine' cannot be read: UnicodeDecodeError"
    ]


def test_validate_ends_with_2(folder: Path, capsys: pytest.CaptureFixture[str]):
    from monitor.cli import main

    configured(folder, "ratio")
    for text, code in (("{{check}}", 0), ("{{chek}}", 2)):
        (folder / "runbooks" / "mine.md").write_text(text)
        with pytest.raises(SystemExit) as ended:
            main(["validate", "--config", str(folder / "weir.yaml")])
        assert ended.value.code == code
    assert "runbooks/mine.md:1: nothing fills in '{{chek}}'" in capsys.readouterr().err
