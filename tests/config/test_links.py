"""Addresses in alerts: of the pages, the one to an incident's beginning."""

from monitor.config.links import around

ONSET = 1_795_000_000_123_456
SEEN = "&range=6h&around=2026-11-18T11%3A06%3A40Z"


def test_a_page_opens_when_an_incident_began() -> None:
    links = {
        "runbook_url": "https://w.example/runbooks/x?a=b",
        "dashboard_url": "https://w.example/check?check=x",
    }
    assert around(links, ONSET) == links | {"dashboard_url": f"https://w.example/check?check=x{SEEN}"}
    loop = {"dashboard_url": "https://w.example/weir/on-call?pipeline=shop"}
    assert around(loop, ONSET)["dashboard_url"].endswith(f"pipeline=shop{SEEN}")


def test_what_is_no_page_and_what_has_no_beginning_stays() -> None:
    own = {"dashboard_url": "http://127.0.0.1:8917/?pipeline=shop&check=check"}
    assert around(own, ONSET) == own
    page = {"dashboard_url": "https://w.example/check?check=x"}
    assert around(page, None) == page
    assert around({}, ONSET) == {}
