"""A runbook on a page: Streamlit reads neither formulas nor colours nor icons out of it."""

import pytest

from monitor.views.guide import JOINER, calm


@pytest.mark.parametrize(
    "markdown, shown",
    [
        ("costs $5 or $6", r"costs \$5 or \$6"),
        (r"costs \$5", r"costs \$5"),
        ("a :red[x] and :material/close:", f"a :{JOINER}red[x] and :{JOINER}material/close:"),
        ("at 11:02, region:latam", "at 11:02, region:latam"),
        ("`$HOME :red[x]` and $1", r"`$HOME :red[x]` and \$1"),
        ("``a ` $b``, $1", r"``a ` $b``, \$1"),
        ("```sh\necho $HOME\n```\n$1", "```sh\necho $HOME\n```\n\\$1"),
        ("[x](<http://h/:a?$b>) $1", r"[x](<http://h/:a?$b>) \$1"),
    ],
)
def test_only_text_is_calmed(markdown: str, shown: str) -> None:
    assert calm(markdown) == shown
