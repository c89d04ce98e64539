"""The proposed configuration as YAML 1.2, with a comment on each line that is a guess."""

import json
import re
from collections.abc import Iterator, Sequence

from monitor.discover.entries import Entry, Raw

COMMENT_COLUMN, WIDEST = 42, 116
_PLAIN = re.compile(r"(?:[A-Za-z_/]|\.\.?/)(?:[A-Za-z0-9_./+=()$ -]|:(?=[^ ])|\*)*")
_NUMBER_WITH_UNIT = re.compile(r"\d+(?:us|ms|[smhdw])")
_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n", "inf", "nan")
"""Those that some reader or other takes for no text."""


def text(sections: Sequence[Entry], heading: Sequence[str]) -> str:
    """A whole file. Names from data are quoted, so that they mean themselves whatever is in them."""
    lines = [f"# {line}".rstrip() for line in heading]
    for section in sections:
        top = isinstance(section.value, tuple)
        lines += ["", *_lines(section, 0)] if top else _lines(section, 0)
    return "\n".join(lines) + "\n"


def scalar(value: str) -> str:
    """A text as a YAML scalar: plain where every reader takes it for that text, else in double quotes."""
    plain = (_PLAIN.fullmatch(value) and value == value.strip()) or _NUMBER_WITH_UNIT.fullmatch(value)
    if plain and value.lower() not in _WORDS:
        return value
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(each if each.isprintable() else _escape(each) for each in quoted)


def _escape(character: str) -> str:
    point = ord(character)
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _lines(each: Entry, depth: int) -> Iterator[str]:
    key = scalar(each.key) + ":"
    if isinstance(each.value, tuple) and each.value and isinstance(each.value[0], Entry) and not each.flow:
        yield from _commented("  " * depth + key, each.why)
        for below in each.value:
            if isinstance(below, Entry):
                yield from _lines(below, depth + 1)
        return
    line = f"{key} {_inline(each.value)}"
    mark = "# " if each.off else ""
    yield from _commented("  " * depth + mark + line, each.why)


def _inline(value: object) -> str:
    if isinstance(value, Raw):
        return json.dumps(value.text, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if value.startswith("{objective:") else scalar(value)
    if isinstance(value, tuple):
        items: tuple[object, ...] = value  # pyright: ignore[reportUnknownVariableType]
        if items and isinstance(items[0], Entry):
            pairs = [
                f"{_within(each.key)}: {_nested(each.value)}" for each in items if isinstance(each, Entry)
            ]
            return "{" + ", ".join(pairs) + "}"
        return "[" + ", ".join(_within(str(each)) for each in items) + "]"
    return str(value)


def _nested(value: object) -> str:
    return _within(value) if isinstance(value, str) else _inline(value)


def _within(value: str) -> str:
    """A text inside brackets, where commas and brackets mean something."""
    written = scalar(value)
    return (
        json.dumps(value, ensure_ascii=False)
        if re.search(r"[,\[\]{}]", written) and written == value
        else written
    )


def _commented(line: str, why: str) -> Iterator[str]:
    if not why:
        yield line
        return
    why = "".join(each if each.isprintable() else "?" for each in why)
    padded = line.ljust(COMMENT_COLUMN - 2) + "  # " + why
    if len(padded) <= WIDEST:
        yield padded
        return
    indent = len(line) - len(line.lstrip())
    yield f"{' ' * indent}# {why}:"
    yield line
