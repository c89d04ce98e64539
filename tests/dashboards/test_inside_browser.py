"""The inside of a check and the catalogue as a developer sees them, in a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.dashboards.browser import Visit, axe, pages
from tests.dashboards.inside_stores import drifting

pytestmark = [pytest.mark.chromium, pytest.mark.timeout(300)]

SHOWS = {
    "inside-distribution": ("/check?check=device-mix&tab=Distribution", "Beside the baseline"),
    "inside-rows": ("/check?check=has-price&tab=Rows", "rows that are not good"),
    "inside-dead-letters": ("/check?check=has-price&tab=Dead+letters", "dead_letters"),
    "inside-declaration": ("/check?check=has-price&tab=Declaration", "How it is measured"),
    "catalogue": ("/checks?outcome=failing", "2 on, 0 off"),
}
LOOKS = {"light": {}, "dark": {"dark": True}, "phone": {"phone": True}}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    made = drifting(tmp_path_factory.mktemp("drifting"))
    with pages(made.path, tmp_path_factory.mktemp("log") / "pages.txt", operator=True) as url:
        yield url


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", SHOWS)
def test_every_part_in_every_look(
    visit: Callable[..., Visit],
    screenshots: Path,
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    look: str,
) -> None:
    seen, (path, says) = visit(**LOOKS[look]), SHOWS[name]
    seen.open(path)
    assert says in seen.text()
    wide = seen.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    assert seen.faults(axe(tmp_path_factory.getbasetemp())) == []
    seen.picture(screenshots / f"{name}-{look}.png")


def test_a_report_is_shown_in_the_page(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.open("/check?check=variety&tab=Report")
    seen.page.get_by_text("Show it here").click()
    frame = seen.page.frame_locator("[data-testid=stIFrame]")
    frame.get_by_role("heading", name="A report of Evidently's").wait_for()
    with seen.page.expect_download() as download:
        seen.page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "variety.html"


def test_what_is_asked_for_is_acknowledged(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.open("/check?check=has-price&tab=Report")
    seen.page.get_by_role("button", name="Make a report").click()
    seen.page.get_by_text("Waiting for weir serve.").wait_for()


def test_the_tab_and_the_filters_stand_in_the_address(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.open("/check?check=has-price")
    seen.page.get_by_role("tab", name="Runs").click()
    seen.page.get_by_text("runs:").wait_for()
    assert "tab=Runs" in seen.page.url
    seen.open("/checks?kind=drift")
    assert "1 on, 0 off" in seen.text()
