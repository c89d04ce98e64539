"""A game day as a page of HTML that needs nothing beside itself."""

from html import escape

from monitor.gameday.run import Result
from monitor.gameday.told import as_text


def page(result: Result) -> str:
    """The report."""
    lines = escape("\n".join(as_text(result)))
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Game day</title>'
    return f"{head}<pre>{lines}</pre></html>"
