"""Each example's README shows what its command really prints."""

from collections.abc import Callable

import pytest

from tests.examples.conftest import EXAMPLES

NAMES = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())


def test_every_example_has_a_readme() -> None:
    assert NAMES == ["llm_chat", "open_bandit", "purchases", "web_access_log"]
    for name in NAMES:
        assert (EXAMPLES / name / "README.md").is_file()
        assert (EXAMPLES / name / "weir.yaml").is_file()


@pytest.mark.parametrize("name", NAMES)
def test_readme_shows_the_real_output(
    weir: Callable[..., tuple[int, str]], printed_block: Callable[[str], tuple[list[str], str]], name: str
) -> None:
    arguments, shown = printed_block(name)
    code, printed = weir(name, *arguments)
    assert code == 0
    assert [line.rstrip() for line in printed.splitlines()] == shown.splitlines()
