"""docs/replay.md says what is so."""

import re
from pathlib import Path

import click
import jsonschema
import pytest
from ruamel.yaml import YAML

from monitor import config
from monitor.cli import probe, replay
from monitor.config.schema import json_schema

PAGE = (Path(__file__).parents[2] / "docs" / "replay.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_its_examples_are_valid(example: str, tmp_path: Path) -> None:
    path = tmp_path / "weir.yaml"
    path.write_text(example)
    loaded = config.load(path)
    assert loaded.probes or any(each.replay or each.resend for each in loaded.datasets.values())


def test_its_examples_fit_the_schema_of_editors() -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    for example in EXAMPLES:
        assert not list(validator.iter_errors(YAML(typ="safe").load(example)))


def test_its_options_are_there() -> None:
    there = {
        option
        for command in (replay.command, probe.command)
        for each in command.params
        if isinstance(each, click.Option)
        for option in each.opts
    }
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)) <= there | {"--restate"}
