"""The on-call page renews itself, and whoever reads it loses nothing: in a browser, its clock moved."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from monitor.deployments import mark
from monitor.store.deployments import Marked
from tests.dashboards.browser import Visit, browser, pages
from tests.dashboards.stores import Seeded

pytestmark = [pytest.mark.chromium, pytest.mark.timeout(300)]

MINUTE = 60_000_000
INTERVAL = 16_000
"""Milliseconds after which the page has asked anew."""
PLACE = "document.querySelector('[data-testid=stMain]').scrollTop"


@pytest.fixture(scope="module")
def store(seeded: Callable[[str], Any]) -> Seeded:
    made: Seeded = seeded("huge")
    return made


@pytest.fixture(scope="module")
def running(store: Seeded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    pytest.importorskip("playwright", reason="Playwright is not installed")
    pytest.importorskip("streamlit", reason="the extra `dashboard` is not installed")
    log = tmp_path_factory.mktemp("log") / "pages.txt"
    with pages(store.path, log, operator=True) as url, browser() as chromium:
        yield chromium, url


@pytest.fixture
def seen(running: tuple[Any, str]) -> Iterator[Visit]:
    visit = Visit(*running)
    visit.page.clock.install()
    visit.open("/on-call?range=6h&segment=region%3A+region-03")
    yield visit
    assert visit.complaints == []
    visit.close()


def renewed(seen: Visit, store: Seeded, what: str) -> None:
    """Wait for a renewal, which shows something that was not there before."""
    assert what not in seen.text()
    held = store.open()
    mark(held, "huge", Marked(store.at - MINUTE, what, "ada", store.at))
    held.close()
    seen.page.clock.fast_forward(INTERVAL)
    seen.page.get_by_text(what).first.wait_for()
    seen.settle()


def test_picks_place_and_what_is_open_stay(seen: Visit, store: Seeded) -> None:
    others = seen.page.get_by_text("more ask for somebody: ")
    others.click()
    inner = seen.page.get_by_text("38 more ask for somebody; All checks lists them.")
    inner.wait_for()
    renewed(seen, store, "model v42")  # by then it has unfolded
    inner.scroll_into_view_if_needed()
    place, address = seen.page.evaluate(PLACE), seen.page.url
    assert place > 500
    renewed(seen, store, "model v43")
    assert seen.page.evaluate(PLACE) == place
    assert seen.page.url == address
    assert inner.is_visible()
    assert seen.page.get_by_role("combobox", name="Segment").input_value() == "region: region-03"
    assert seen.page.get_by_text("region region-03: 100.00%").first.is_visible()


def test_a_reason_half_written_stays(seen: Visit, store: Seeded) -> None:
    seen.page.get_by_role("button", name="Silence").first.click()
    reason = seen.page.get_by_label("Why?")
    reason.fill("the disk of the collector")
    renewed(seen, store, "model v44")
    assert reason.is_visible()
    assert reason.input_value() == "the disk of the collector"


def test_the_runbook_beside_stays_open(seen: Visit, store: Seeded) -> None:
    seen.page.get_by_role("button", name="Runbook").first.click()
    steps = seen.page.get_by_role("heading", name="First five minutes")
    steps.wait_for()
    renewed(seen, store, "model v45")
    assert steps.is_visible()
    assert "runbook=series-0" in seen.page.url
