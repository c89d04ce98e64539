"""Every page on every store: it says what is so, and never breaks."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from monitor.store import requests
from monitor.store.requests import State

PAGES = ("executive", "on_call", "debug", "checks", "gameday")


def text(app: Any) -> str:
    """Everything that a page says."""
    kinds = ("header", "subheader", "title", "markdown", "caption", "info", "success", "warning", "error")
    said = [each.value for kind in kinds for each in getattr(app, kind)]
    return "\n".join([*said, *(each.proto.body for each in app.get("html"))])


def figure(title: str, app: Any) -> str:
    """The percentage of a check in the loop."""
    [found] = re.findall(rf"</span> {title}</span><b>([\d.]+)%</b>", text(app))
    return str(found)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("store", ["well", "burning", "empty", "stale", "huge", "hostile"])
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
    assert "ingestion-success burns its budget" in said
    assert "18 Nov 10:27 (40 min ago)" in said
    assert "region latam" in said
    assert said.index("began here") > said.index("ingest ")
    app.button(key="runbook ingestion-success").click().run()
    assert "First five minutes" in text(app)


def test_a_part_is_looked_at_where_checks_have_it(page: Callable[..., Any]) -> None:
    everything, latam = (page("on_call", "burning", **each) for each in ({}, {"segment": "region: latam"}))
    assert float(figure("Ingestion success", everything)) > 90
    assert float(figure("Ingestion success", latam)) < 15
    assert "of everything" in text(latam)
    assert "Looked at" in text(latam)
    unknown = page("on_call", "burning", segment="region: atlantis", model="v0")
    assert figure("Ingestion success", unknown) == figure("Ingestion success", everything)
    assert "Looked at" not in text(unknown)


def test_a_link_from_an_alert_shows_the_time_around_its_beginning(page: Callable[..., Any]) -> None:
    nothing, out = "Nothing in this stretch of time", ">model v42</td>"
    near, before = (
        text(page("on_call", "burning", range="1h", around=each))
        for each in ("2026-11-18T10:27:00Z", "2026-11-18T08:00:00Z")
    )
    assert out in near
    assert nothing not in near
    assert out not in before
    assert nothing in before
    assert "model v42 (18 Nov 10:20)" in before


def test_what_is_stale_is_not_called_well(page: Callable[..., Any]) -> None:
    said = text(page("on_call", "stale"))
    assert "ingestion-success" in said
    assert "not measured" in said
    assert "Nobody is needed" not in said


def test_many_troubles_leave_the_loop_in_sight(page: Callable[..., Any]) -> None:
    app = page("on_call", "huge")
    assert "38 more ask for somebody" in text(app)
    assert "and 17 more" in text(app)
    [others] = app.expander
    assert others.label.startswith("47 more ask for somebody: Series")


def test_a_manager_reads_what_is_not_known_any_more(page: Callable[..., Any]) -> None:
    app = page("executive", "stale", range="7d")
    assert app.header[0].value.startswith("All 4 objectives were kept when last measured, 3 h ago;")
    said = text(app)
    assert "labels came late" in said
    assert "1 still open" in said


def test_many_incidents_leave_the_months_in_sight(page: Callable[..., Any]) -> None:
    app = page("executive", "huge", range="28d")
    assert text(app).count("series-0 burned") == 40
    assert [each.label for each in app.expander if each.label.endswith("more")] == ["82 more", "188 more"]


@pytest.mark.parametrize("name", ["executive", "checks"])
def test_a_segment_is_looked_at_on_every_page(page: Callable[..., Any], name: str) -> None:
    app = page(name, "burning", segment="region: latam")
    assert not app.exception
    if name == "executive":
        assert app.header[0].value.startswith("Region latam: of 4 objectives 1 missed")
        return
    shown = app.dataframe[0].value.set_index("what")
    stored, age = "Events that producers sent and that were stored", "Age of the newest stored event"
    assert (shown.loc[stored, "of"], shown.loc[age, "of"]) == ("latam", "everything")
    assert "segment=region%3A%20latam" in shown.loc[stored, "check"]


def test_the_postmortem_of_an_open_incident_is_at_hand(page: Callable[..., Any]) -> None:
    taken = [each.proto for each in page("on_call", "stale").get("download_button")]
    assert [each.label for each in taken] == ["Postmortem 2"]
    assert "weir incident 2" in taken[0].help
    assert not page("on_call", "well").get("download_button")


def test_a_runbook_of_no_check_says_so(page: Callable[..., Any]) -> None:
    assert "speaks of a check that is not there" in text(page("on_call", "well", runbook="gone"))


def test_a_silence_says_until_when_by_whom_and_why(page: Callable[..., Any]) -> None:
    app = page("on_call", "hostile")
    assert "until 18 Nov 12:07, by &lt;img src=x onerror=window.hacked=1&gt;: :material/close:" in text(app)


def test_nobody_is_needed_where_all_is_well(page: Callable[..., Any]) -> None:
    assert "Nobody is needed" in text(page("on_call", "well"))


def test_an_empty_store_says_what_to_do(page: Callable[..., Any]) -> None:
    assert "weir run" in text(page("executive", "empty"))


def test_a_search_that_finds_nothing_says_so(page: Callable[..., Any]) -> None:
    app = page("checks", "well")
    app.text_input(key="q").set_value("zebra").run()
    assert "Nothing is called or described like" in text(app)


def test_whoever_may_look_only_sees_no_buttons(page: Callable[..., Any]) -> None:
    labels = [button.label for button in page("on_call", "burning").button]
    assert "Runbook" in labels
    assert "I am on it" not in labels


def test_an_operator_asks_and_reads_what_became_of_it(
    page: Callable[..., Any], seeded: Callable[[str], Any]
) -> None:
    app = page("debug", "burning", "--operator", check="volume")
    app.button(key="run volume").click().run()
    store = seeded("burning").open()
    [asked] = requests.last(store, "shop", "volume")
    assert (asked.action, asked.state.value) == ("run", "asked")
    requests.answer(store, asked.id, State.DONE, "pass, 13,609 rows", seeded("burning").at)
    store.close()
    assert "run: done: pass, 13,609 rows" in text(app.run())


def test_the_audit_trail_is_not_for_everybody(page: Callable[..., Any]) -> None:
    assert "may not read the audit trail" in text(page("audit", "well"))
    assert "Nobody has done anything" in text(page("audit", "well", "--operator"))


def test_the_month_can_be_taken_along(page: Callable[..., Any]) -> None:
    app = page("executive", "burning")
    assert [each.proto.label for each in app.get("download_button")] == [
        "This page as a file",
        "These numbers as a table",
    ]
    assert "Of October 2026 nothing is known" in text(app)


def test_several_pipelines_are_shown_one_at_a_time(
    page: Callable[..., Any], seeded: Callable[[str], Any]
) -> None:
    other = f"--config={seeded('huge').path}"
    assert "ingestion-success" in text(page("on_call", "burning", other))
    assert "series-0" in text(page("on_call", "burning", other, pipeline="huge"))
    assert "ingestion-success" in text(page("on_call", "burning", other, pipeline="gone"))
