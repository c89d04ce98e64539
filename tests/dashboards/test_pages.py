"""Every page on every store: it says what is so, and never breaks."""

from collections.abc import Callable
from typing import Any

import pytest

PAGES = ("executive", "on_call", "debug", "checks")


def text(app: Any) -> str:
    """Everything that a page says."""
    kinds = ("header", "subheader", "title", "markdown", "caption", "info", "success", "warning", "error")
    said = [each.value for kind in kinds for each in getattr(app, kind)]
    return "\n".join([*said, *(each.proto.body for each in app.get("html"))])


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("store", ["well", "burning", "empty"])
def test_no_page_breaks(page: Callable[..., Any], name: str, store: str) -> None:
    app = page(name, store)
    assert not app.exception
    assert text(app)


def test_a_manager_reads_that_all_is_well(page: Callable[..., Any]) -> None:
    app = page("executive", "well")
    assert app.header[0].value == "All 4 objectives are kept; feedback is complete and on time."


def test_a_manager_reads_what_is_broken(page: Callable[..., Any]) -> None:
    app = page("executive", "burning")
    assert app.header[0].value == "Of 4 objectives 1 missed; feedback is incomplete and on time."


def test_on_call_reads_stage_segment_and_runbook(page: Callable[..., Any]) -> None:
    app = page("on_call", "burning")
    said = text(app)
    assert "ingestion-success burns its budget" in app.header[0].value
    assert "region latam" in said
    assert said.index("began here") > said.index("ingest ")
    app.button(key="runbook ingestion-success").click().run()
    assert "First five minutes" in text(app)


def test_nobody_is_needed_where_all_is_well(page: Callable[..., Any]) -> None:
    assert "Nobody is needed" in text(page("on_call", "well"))


def test_an_empty_store_says_what_to_do(page: Callable[..., Any]) -> None:
    assert "weir run" in text(page("executive", "empty"))


def test_a_search_that_finds_nothing_says_so(page: Callable[..., Any]) -> None:
    app = page("checks", "well")
    app.text_input(key="q").set_value("zebra").run()
    assert "Nothing is called or described like" in text(app)
