"""The pages of a store of hostile texts: they show them, and nothing else comes of it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dashboards.browser import Visit, pages
from tests.dashboards.hostile import LONG, STRINGS

pytestmark = [pytest.mark.chromium, pytest.mark.timeout(300)]

PAGES = {
    "overview": "/?range=28d",
    "on-call": f"/on-call?range=6h&runbook={LONG}"
    "&segment=value%3A%20%3Cimg%20src%3Dx%20onerror%3Dwindow.hacked%3D1%3E",
    "check": f"/check?check={LONG}&range=6h",
    "checks": "/checks",
    "audit": "/audit",
    "game-days": "/game-days",
    "replays": f"/check?check={LONG}&tab=Replays",
    "odd": "/on-call?pipeline=%3Ascript%3A%3Cb%3E%24x%24&around=9999-12-31T23:59:59Z"
    "&zone=%3Cb%3E&runbook=%3Cb%3E",
}
LOOKS = {"light": {}, "dark": {"dark": True}, "phone": {"phone": True}}

ODD = """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter(each =>
    each.matches('script, svg[onload], img[src="x"], img[src*="invalid"], a[href^="javascript:"], .katex')
    || [...each.attributes].some(one => one.name.startsWith('on')))
    .map(each => each.outerHTML.slice(0, 200))"""
"""What hostile texts wanted to become."""

WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT = """() => { const main = document.querySelector('[data-testid=stMain]');
    return main.scrollWidth - main.clientWidth; }"""


@pytest.fixture(scope="module")
def address(seeded: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("log") / "pages.txt"
    with pages(seeded("hostile").path, log, operator=True) as url:
        yield url


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_hostile_texts_are_texts(chromium: Any, address: str, tmp_path: Path, name: str, look: str) -> None:
    seen = Visit(chromium, address, **LOOKS[look])
    seen.open(PAGES[name])
    folder = Path(os.environ.get("WEIR_SCREENSHOTS") or tmp_path)
    seen.picture(folder / f"hostile-{name}-{look}.png")
    assert seen.page.evaluate("window.hacked === undefined")
    assert seen.page.evaluate(ODD) == []
    assert (seen.page.evaluate(WIDE), seen.page.evaluate(CUT)) == (0, 0)
    assert seen.page.locator("[data-testid=stException]").count() == 0
    assert seen.complaints == []
    seen.close()


def test_what_was_said_can_be_read(chromium: Any, address: str) -> None:
    seen = Visit(chromium, address)
    seen.open("/on-call?range=6h")
    seen.page.get_by_text("Before that", exact=True).click()
    seen.page.locator("details[open]", has_text="Before that").get_by_role("table").wait_for()
    said = seen.text()
    for each in STRINGS:
        assert " ".join(each.split()) in " ".join(said.split())
    seen.close()
