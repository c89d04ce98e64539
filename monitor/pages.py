"""The process of the pages: `python -m monitor.pages run APP …` is Streamlit, with what they need loaded.

Whoever opens them first would wait for it otherwise: Streamlit runs a page's imports with its first visit.
"""

from contextlib import suppress
from importlib import import_module
from threading import Thread

NEEDED = ("pandas", "altair", "monitor.views.executive", "monitor.views.on_call", "monitor.views.inside")


def load() -> None:
    """Import what every page needs; one that cannot be is the page's to explain."""
    for name in NEEDED:
        with suppress(ImportError):
            import_module(name)


def main() -> None:
    """Streamlit's command line, while the rest is loaded beside."""
    from streamlit.web.cli import main as streamlit

    Thread(target=load, daemon=True, name="early").start()
    streamlit(prog_name="streamlit")


if __name__ == "__main__":
    main()
