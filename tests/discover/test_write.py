"""The YAML that is written means what was meant, whatever the names are, to two readers."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from monitor.config.substitute import Surroundings
from monitor.config.yaml import read
from monitor.discover.entries import Entry, bound, entry
from monitor.discover.write import COMMENT_COLUMN, scalar, text

AWKWARD = [
    "no", "NO", "null", "~", "true", "on", "1", "1e3", "0x1f", "2026-01-01", "1_000", "-", "- a",
    "a: b", "a:", "#c", "a #c", "*", "*/*.csv", "&a", "!t", "%x", "@x", "`x`", "'", "\"", "a\"b",
    "a'b", "a\nb", "\t", " a", "a ", "[x]", "{x}", "a, b", "...", "---", "?", "? a", "|", ">", "=",
    "<<", ".inf", "\u00e9", "\u2028", "\u0007", "\u65e5\u672c", "10m", "1h30m", "\\", "a\\n",
    "events/date=*/*.parquet", "../data/", "sqlite:///weir.db", "C:\\x", "\U0001f600", "\u0085",
    "x:y", "::", "a?b",
]  # fmt: skip


def parsed(written: str, path: Path) -> object:
    path.write_text(written, encoding="utf-8")
    ours = read(path, Surroundings({}, path.parent)).data
    theirs = YAML(typ="safe", pure=True).load(written)
    assert ours == theirs
    return ours


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_names_survive(name: str, tmp_path: Path):
    key = name if name.strip() else "k"  # a blank key is refused by Weir, and is no column's name
    sections = [
        Entry("a", name),
        Entry("b", (name, "x")),
        Entry("c", (Entry(key, name),)),
        Entry("d", (Entry(key, name),), flow=True),
    ]
    expected = {"a": name, "b": [name, "x"], "c": {key: name}, "d": {key: name}}
    assert parsed(text(sections, ["head"]), tmp_path / "x.yaml") == expected


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_any_text_is_one_scalar_of_that_text(value: str):
    written = scalar(value)
    assert "\n" not in written
    assert YAML(typ="safe", pure=True).load(f"a: {written}\n") == {"a": value}
    assert (
        YAML(typ="safe", pure=True).load(f"a: [{written if written.startswith(chr(34)) else 1}, 2]\n")["a"][1]
        == 2
    )


def test_comments_hold_one_line_and_change_nothing(tmp_path: Path):
    sections = [
        Entry("a", "x", "why\nevil: true"),
        Entry("b", bound("> 5%"), "w" * 200),
        *entry("c", "z", off=True),
    ]
    written = text(sections, ["one", "two"])
    assert parsed(written, tmp_path / "x.yaml") == {"a": "x", "b": "> 5%"}
    assert "evil: true" in written
    assert "# c: z" in written
    assert all(len(line) <= 220 for line in written.splitlines())


def test_comments_stand_in_a_column():
    written = text([Entry("a", "x", "one"), Entry("long", "y" * 20, "two")], [])
    assert {line.index("#") for line in written.splitlines()} == {COMMENT_COLUMN}


def test_nothing_is_no_entry():
    assert entry("a", None) == ()
