"""Numbers as pages show them, read back and held against what JSON says: to the last digit that is shown."""

import re
from dataclasses import dataclass
from typing import Any

UNITS = {"%": 0.01, "ms": 0.001, "s": 1.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0, "×": 1.0}
NUMBER = re.compile(
    r"(?P<minus>-|−)?(?P<whole>[\d,]+)(?:\.(?P<part>\d+))?\s*(?P<unit>%|×|ms|min|s|h|d)?(?![\w%])"
)


@dataclass(frozen=True)
class Shown:
    """A number that is shown: its value, and by how much it may differ from the exact one."""

    value: float
    slack: float

    def agrees(self, exact: float) -> bool:
        """Whether it is `exact`, rounded."""
        return abs(self.value - exact) <= self.slack * 1.0001 + abs(exact) * 1e-9


def read(text: str) -> Shown:
    """The first number of a text. ValueError where there is none."""
    found = NUMBER.search(text)
    if found is None:
        raise ValueError(f"no number in {text!r}")
    part, factor = found["part"] or "", UNITS.get(found["unit"] or "", 1.0)
    value = float(f"{found['whole'].replace(',', '')}.{part or 0}") * factor
    return Shown(-value if found["minus"] else value, 0.5 * 10 ** -len(part) * factor)


def tiles(page: Any) -> list[tuple[str, str, str, str]]:
    """The tiles of a page: the check that each leads to, its name, its value and its note."""
    return [
        (_check(each), *(_said(each, part) for part in (".name", ".value", ".note")))
        for each in page.locator(".weir-tile").all()
    ]


def figures(page: Any) -> dict[str, str]:
    """The checks of the loop, and the value that stands at each."""
    return {
        _check_of(each.get_attribute("href")): each.locator("b").inner_text()
        for each in page.locator("a.weir-figure").all()
    }


def troubles(page: Any) -> list[dict[str, str]]:
    """The cards of a page: their title and value, the burn rate of each window, and their facts by name."""
    return [_card(each) for each in page.locator(".weir-trouble").all()]


def _card(card: Any) -> dict[str, str]:
    facts = dict(zip(card.locator("dt").all_inner_texts(), card.locator("dd").all_inner_texts(), strict=True))
    rates = dict(each.split(" ", 1) for each in card.locator(".weir-rate").all_inner_texts())
    title = {"title": card.locator(".weir-title b").inner_text()}
    return facts | rates | title | {"value": card.locator(".weir-title > span").last.inner_text()}


def _said(tile: Any, part: str) -> str:
    found = tile.locator(part)
    return found.text_content() if found.count() else ""


def _check(tile: Any) -> str:
    link = tile.locator("a")
    return _check_of(link.get_attribute("href")) if link.count() else ""


def _check_of(address: str | None) -> str:
    found = re.search(r"check=([^&]*)", address or "")
    return found[1] if found else ""
