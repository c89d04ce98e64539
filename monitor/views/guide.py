"""A check's runbook with the numbers of now, beside the page."""

import re
from typing import Any

from monitor.iso import iso
from monitor.runbook.lookup import Asked, opened
from monitor.runbook.page import config_path
from monitor.store import Store

_CODE = re.compile(
    r"(^```.*?^```[ ]*$|^~~~.*?^~~~[ ]*$|(?<!`)(`+)(?!`).*?(?<!`)\2(?!`))", re.DOTALL | re.MULTILINE
)
_LINK = re.compile(r"(\]\(<[^>\n]*>\)|\]\([^)\s]*\)|https?://\S+)")
_DIRECTIVE = re.compile(r"(?<!\w):(?=[A-Za-z_+-])")
JOINER = "\u2060"
"""Has no width and breaks no line; after a colon it keeps Streamlit's own words plain."""


def guide(config: Any, store: Store, check: str, now: int) -> str:
    """Markdown; names and values from data are escaped in it. Raises UsageError for an unknown check."""
    return calm(opened(config, store, Asked(check), now, config_path(config), iso).markdown(iso))


def calm(markdown: str) -> str:
    """Markdown in which Streamlit finds no formulas, colours or icons, outside code and addresses."""
    parts = _CODE.split(markdown)
    # Each match leaves two groups, the code and its fence: every third part is text.
    return "".join(
        _text(part) if place % 3 == 0 else part if place % 3 == 1 else ""
        for place, part in enumerate(parts)
        if part is not None
    )


def _text(markdown: str) -> str:
    parts = _LINK.split(markdown)
    return "".join(part if place % 2 else _plain(part) for place, part in enumerate(parts))


def _plain(text: str) -> str:
    return _DIRECTIVE.sub(f":{JOINER}", re.sub(r"(?<!\\)\$", r"\\$", text))
