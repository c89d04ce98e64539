"""The page that an alert's link leads to."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from wsgiref.util import setup_testing_defaults

import pytest

from monitor import config
from monitor.alerting.rules import links_of, rules
from monitor.binding.sources import Sources
from monitor.iso import iso
from monitor.runbook.page import CSP, STYLE, page
from monitor.serve.http import application
from monitor.store import Store, open_store
from monitor.tick import tick
from tests.serve.test_http import ask, site

NOW = 1_763_632_800_000_000
"""2025-11-20T10:00:00Z."""
YAML = """
pipeline: shop
owner: "data <b>team</b>"
sources: {lake: {engine: duckdb}}
datasets:
  events: {files: rows.csv, time: at, lateness: 1m}
checks:
  baskets: {kind: ratio, dataset: events, good: ok = 'y', by: [region], window: 5m, fail: "< 99%"}
alerts:
  together: {all: [baskets], severity: ticket}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[Any, Store]]:
    """A shop of which half the rows are bad, in a region with a nasty name."""
    rows = [f'2025-11-20T09:5{n % 10}:30Z,{"yn"[n % 2]},"<script>alert(1)</script>|x"' for n in range(40)]
    (tmp_path / "rows.csv").write_text("\n".join(["at,ok,region", *rows]) + "\n")
    path = tmp_path / "weir.yaml"
    path.write_text(YAML)
    loaded = config.load(path)
    store = open_store(loaded.store)
    with Sources(loaded) as sources:
        tick(loaded, store, sources, NOW)
    yield loaded, store
    store.close()


class Tags(HTMLParser):
    """Every tag of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def tags(html: str) -> Tags:
    found = Tags()
    found.feed(html)
    return found


def test_it_shows_the_numbers_and_commands_of_the_check(shop: tuple[Any, Store]):
    status, html = page(*shop, "/runbooks/ratio", {"pipeline": "shop", "check": "baskets"}, NOW, iso)
    text = tags(html).text
    assert status == 200
    assert "baskets: fail is < 99%" in text
    assert "weir run --check baskets" in text
    assert "{{" not in text
    assert f"export WEIR_CONFIG={shop[0].folder / 'weir.yaml'}" in text


def test_nothing_from_data_or_configuration_becomes_markup(shop: tuple[Any, Store]):
    _, html = page(*shop, "/runbooks/baskets", {}, NOW, iso)
    found = tags(html)
    assert "region = <script>alert(1)</script>|x" in found.text
    assert "data <b>team</b>" in found.text
    assert not {"script", "b", "img"} & set(found.found)


def test_it_needs_nothing_from_elsewhere_and_reads_on_a_phone(shop: tuple[Any, Store]):
    _, html = page(*shop, "/runbooks/baskets", {}, NOW, iso)
    found = tags(html)
    assert not {"link", "script", "img", "iframe"} & set(found.found)
    assert not [name for name, _ in found.attributes if name in ("style", "src") or name.startswith("on")]
    assert ("name", "viewport") in found.attributes
    assert "prefers-color-scheme: dark" in STYLE
    assert "<style>" + STYLE + "</style>" in html


@pytest.mark.parametrize(
    "path, query",
    [
        ("/runbooks/nonesuch", {}),
        ("/runbooks/ratio", {"pipeline": "other"}),
        ("/runbooks/../weir", {}),
        ("/runbooks/<script>", {}),
    ],
)
def test_what_is_not_there_is_said(shop: tuple[Any, Store], path: str, query: dict[str, str]):
    status, html = page(*shop, path, query, NOW, iso)
    assert status == 404
    assert "script" not in tags(html).found


@pytest.mark.parametrize("query", [{"check": "gone"}, {"slo": "gone"}, {"dataset": "gone"}, {"alert": "No"}])
def test_a_link_outlives_what_it_speaks_of(shop: tuple[Any, Store], query: dict[str, str]):
    status, html = page(*shop, "/runbooks/check-error", query, NOW, iso)
    assert status == 200
    assert "check-error: a check cannot be measured" in html


def test_links_of_alerts_lead_to_their_check(shop: tuple[Any, Store]):
    for alert in rules(shop[0], links_of(shop[0])).alerts:
        parts = urlsplit(alert.links["runbook_url"])
        status, html = page(*shop, parts.path, dict(parse_qsl(parts.query)), NOW, iso)
        assert (status, "export WEIR_CONFIG=" in html) == (200, True)
        if alert.name == "CheckFailing":
            text = tags(html).text
            assert "weir run --check baskets" in text
            assert "CheckFailing: A check's value is where its fail says" in text
        if alert.name == "Composite":
            assert "weir runbook baskets" in tags(html).text


def test_every_runbook_opens(shop: tuple[Any, Store]):
    _, index = page(*shop, "/runbooks/", {}, NOW, iso)
    links = re.findall(r'href="(/runbooks/[^"]+)"', index)
    assert len(links) > 35
    for link in links:
        status, html = page(*shop, link, {}, NOW, iso)
        assert status == 200
        assert "{{" not in tags(html).text, link


def test_it_is_served_behind_the_password_with_a_policy_for_its_style():
    asked: list[Any] = []

    def answer(path: str, query: Any) -> tuple[int, str]:
        asked.append((path, dict(query)))
        return 200, "<p>ä</p>"

    status, headers, body = ask(site(runbook=answer), "/runbooks/ratio")
    assert (status, body, headers["Content-Security-Policy"]) == (200, "<p>ä</p>".encode(), CSP)
    environ: dict[str, Any] = {"QUERY_STRING": "check=a%20b&x=1", "PATH_INFO": "/runbooks/ratio"}
    setup_testing_defaults(environ)
    list(application(site(runbook=answer))(environ, lambda *_: None))
    assert asked == [("/runbooks/ratio", {}), ("/runbooks/ratio", {"check": "a b", "x": "1"})]
    assert ask(site(runbook=answer, users=lambda: {"ada": "x"}), "/runbooks/ratio")[0] == 401
    assert ask(site(), "/runbooks/ratio")[0] == 404
