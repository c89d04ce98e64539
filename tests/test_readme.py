"""What the documents show must work: the YAML loads, the commands exist."""

import re
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
DOCUMENTS = [TOP / "README.md", *sorted((TOP / "runbooks").glob("*.md"))]


def blocks(path: Path, language: str) -> list[str]:
    """The fenced code blocks of a document."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", path.read_text(encoding="utf-8"))


def test_readme_configuration_loads(tmp_path: Path):
    from monitor import config

    (tmp_path / "lake").mkdir()
    (yaml,) = blocks(TOP / "README.md", "yaml")
    (tmp_path / "weir.yaml").write_text(yaml, encoding="utf-8")
    loaded = config.load(tmp_path / "weir.yaml", env={})
    assert list(loaded.checks) == ["ingestion-success", "checkout-has-basket"]
    assert len(yaml.splitlines()) <= 22  # "twenty lines of YAML"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_documented_commands_exist(document: Path):
    code = "\n".join(blocks(document, "") + blocks(document, "sh"))
    commands = set(re.findall(r"(?m)^weir (\w+)", code))
    assert not {name for name in commands if not (TOP / "monitor" / "cli" / f"{name}.py").is_file()}
