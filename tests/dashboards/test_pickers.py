"""What is picked stands in the address, stays there, and comes along: in a browser."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.dashboards.browser import Visit, browser, pages

pytestmark = [pytest.mark.chromium, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def seen(seeded: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    pytest.importorskip("playwright", reason="Playwright is not installed")
    pytest.importorskip("streamlit", reason="the extra `dashboard` is not installed")
    log = tmp_path_factory.mktemp("log") / "pages.txt"
    with pages(seeded("burning").path, log, operator=True) as url, browser() as running:
        visit = Visit(running, url)
        yield visit
        assert visit.complaints == []
        visit.close()


def asked(url: str) -> dict[str, str]:
    """What an address asks for."""
    return {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}


def test_what_is_picked_stays_and_comes_along(seen: Visit) -> None:
    seen.open("/on-call?range=6h")
    seen.page.get_by_role("combobox", name="Segment").click()
    seen.page.get_by_role("option", name="region: latam").click()
    seen.page.wait_for_url("**segment=**")
    seen.settle()
    seen.page.get_by_text("Looked at").first.wait_for()
    assert asked(seen.page.url) == {"range": "6h", "segment": "region: latam"}
    seen.page.reload()
    seen.settle()
    seen.page.get_by_text("Looked at").first.wait_for()
    inside = seen.page.get_by_role("link", name="Look inside").first.get_attribute("href")
    assert asked(inside or "") == {
        "check": "ingestion-success",
        "range": "6h",
        "segment": "region: latam",
    }


def test_a_link_from_an_alert_leads_back_to_now(seen: Visit) -> None:
    seen.open("/on-call?pipeline=shop&check=ingestion-success&range=1h&around=2026-11-18T08%3A00%3A00Z")
    assert "Nothing in this stretch of time" in seen.text()
    seen.page.get_by_role("button", name="Show up to now").click()
    seen.page.get_by_role("cell", name="model v42").wait_for()
    assert "around" not in asked(seen.page.url)
    assert asked(seen.page.url)["range"] == "1h"


def test_an_operator_silences_with_a_reason_and_an_end(seen: Visit) -> None:
    seen.open("/on-call")
    seen.page.get_by_role("button", name="Silence").first.click()
    seen.page.get_by_label("Why?").fill("$5 :red[known] <b>")
    seen.page.get_by_role("button", name="Silence it").click()
    seen.page.get_by_text("waiting for weir serve").first.wait_for()
    assert "silence: waiting for weir serve" in seen.text()
