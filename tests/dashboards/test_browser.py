"""The pages as people see them: in a browser, light and dark, on a screen and on a phone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dashboards.browser import Visit, axe, pages

pytestmark = [pytest.mark.chromium, pytest.mark.timeout(300)]

PAGES = {
    "overview": "/",
    "on-call": "/on-call?range=6h",
    "check": "/check?check=ingestion-success&range=6h",
    "checks": "/checks",
    "game-days": "/game-days?part=Break+something",
}
SAYS = {
    "overview": "1 missed",
    "on-call": "began here",
    "check": "failing",
    "checks": "8 on, 0 off",
    "game-days": "weir gameday --fault",
}
LOOKS = {"light": {}, "dark": {"dark": True}, "phone": {"phone": True}}


@pytest.fixture(scope="module")
def address(seeded: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The pages of the store in which one region's events are lost."""
    with pages(seeded("burning").path, tmp_path_factory.mktemp("log") / "pages.txt") as url:
        yield url


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_in_every_look(
    visit: Callable[..., Visit], screenshots: Path, name: str, look: str
) -> None:
    seen = visit(**LOOKS[look])
    seen.open(PAGES[name])
    seen.picture(screenshots / f"{name}-{look}.png")
    assert SAYS[name] in seen.text()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_no_serious_fault_of_accessibility(
    visit: Callable[..., Visit], tmp_path_factory: pytest.TempPathFactory, name: str, dark: bool
) -> None:
    seen = visit(dark=dark)
    seen.open(PAGES[name])
    assert seen.faults(axe(tmp_path_factory.getbasetemp())) == []


def test_a_manager_understands_in_a_minute(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.open("/")
    said = seen.text()
    assert "Of 4 objectives 1 missed; feedback is incomplete and on time." in said
    assert "the allowance is used up" in said


def test_on_call_finds_stage_segment_and_runbook_in_three_clicks(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.open("/on-call")
    said = seen.text()
    assert "region latam" in said
    assert said.index("ingest") < said.index("began here")
    seen.page.get_by_role("button", name="Runbook").first.click()
    seen.page.get_by_role("heading", name="First five minutes").wait_for()
    assert "runbook=ingestion-success" in seen.page.url


def test_a_developer_sees_why(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.open("/checks")
    seen.open("/check?check=ingestion-success&range=6h")
    assert "fail is < 99.5%" in seen.text()
    seen.page.get_by_role("tab", name="Segments").click()
    seen.page.get_by_role("tab", name="Declaration").click()
    seen.page.get_by_text("99.9% over 28d").wait_for()


def test_what_is_chosen_stands_in_the_address(visit: Callable[..., Visit]) -> None:
    seen = visit()
    seen.open("/on-call?range=7d&zone=Asia%2FTokyo")
    assert (
        seen.page.get_by_role("radio", name="7d")
        .or_(seen.page.locator("button[aria-pressed=true]", has_text="7d"))
        .count()
    )
    assert "zone=Asia" in seen.page.url
