"""Text from data or people, shown as it is: neither markup nor Streamlit's own words work in it."""

import re
from html import escape

import streamlit as st

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()<>#+.!|~$&^=-])")
_COLON = re.compile(r":(?=[A-Za-z_+-])")
JOINER = "\u2060"
"""Has no width and breaks no line. After a colon it keeps `:red[…]`, `:smile:` and `:material/…:` plain."""


def literal(text: str) -> str:
    """Text for where Streamlit takes Markdown only: labels, captions, messages. In one line."""
    plain = _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))
    return _COLON.sub(f":{JOINER}", plain)


def heading(text: str, level: int = 2) -> None:
    """A heading that says just this text."""
    st.html(f'<h{level} class="weir-heading" dir="auto">{escape(text)}</h{level}>')


def table(columns: dict[str, list[str]]) -> None:
    """A small table of text, by its columns; on a phone every row is a card that names its numbers."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    rows = zip(*columns.values(), strict=True)
    body = "".join(f"<tr>{''.join(map(_cell, columns, row))}</tr>" for row in rows)
    st.html(
        f'<div class="weir-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


TITLES = ("what", "question")
"""Columns whose words need no name beside them."""


def _cell(name: str, text: str) -> str:
    kind = ' class="title"' if name in TITLES else "" if text else ' class="nothing"'
    return f'<td dir="auto"{kind} data-name="{escape(name)}">{escape(text)}</td>'
