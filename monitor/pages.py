"""The process of the pages: `python -m monitor.pages run APP …` is Streamlit, with what they need loaded.

Whoever opens them first would wait for it otherwise: Streamlit runs a page's imports with its first visit.
"""

import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from threading import Thread
from time import sleep

FIRST = ("monitor.views.reader", "monitor.views.executive", "monitor.views.on_call")
LATER = ("pandas", "altair", "monitor.views.inside", "monitor.views.catalogue")
"""Charts and tables take longest, and the first pages of all have none."""
PAUSE = 2.0
"""Seconds in which somebody who waited for the pages to start gets the first one without competition."""


def load(words: Sequence[str]) -> None:
    """Import what every page needs, and look at the configurations of a command line once; what cannot be is
    the page's to explain.
    """
    _import(FIRST)
    with suppress(Exception):
        _look(words)
    sleep(PAUSE)
    _import(LATER)


def _import(names: Sequence[str]) -> None:
    for name in names:
        with suppress(ImportError):
            import_module(name)


def _look(words: Sequence[str]) -> None:
    """What the first visitor would wait for: the board, and the course of every budget."""
    from monitor.views.reader import given, opened, trends

    paths, at = given(words)
    for path in paths:
        trends(opened(path, at).look())


def main() -> None:
    """Streamlit's command line, while the rest is loaded beside."""
    from streamlit.web.cli import main as streamlit

    Thread(target=load, args=(sys.argv,), daemon=True, name="early").start()
    streamlit(prog_name="streamlit")


if __name__ == "__main__":
    main()
