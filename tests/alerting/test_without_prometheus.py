"""The same page without Prometheus: Weir evaluates, and tells Alertmanager, or whoever Apprise reaches."""

import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.alerting.parts import (
    QUICK,
    alertmanager,
    broken,
    mend,
    over,
    pages,
    port,
    prometheus,
    said,
    webhook,
)
from tests.notify.ears import Ear, ear
from tests.serve.test_server import get, serving, until

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's

CHAT = """\
routes:
  page: {{apprise: "{url}", group_wait: 0s, group_interval: 1s}}
"""


@pytest.mark.prometheus
@pytest.mark.alertmanager
def test_both_ways_say_the_same(tmp_path: Path):
    """One server, one fault: once by Prometheus's rules, once by Weir's own; an Alertmanager behind each."""
    mine, theirs = port(), port()
    config = broken(tmp_path, f'routes: {{page: {{alertmanager: "http://127.0.0.1:{mine}"}}}}\n')
    with (
        webhook() as (own_hook, own),
        webhook() as (hook, heard),
        serving(config, QUICK) as url,
        alertmanager(tmp_path, mine, own_hook),
        alertmanager(tmp_path, theirs, hook),
        prometheus(tmp_path, url.removeprefix("http://"), theirs),
    ):
        until(lambda: bool(pages(own)), "a page of Weir's")
        until(lambda: bool(pages(heard)), "a page of Prometheus's")
        both = said(pages(own)[0]), said(pages(heard)[0])
        assert both[0]["summary"].startswith(both[1].pop("summary"))  # Weir's own tells the cause, too
        assert "began at basket" in both[0].pop("summary")
        assert both[0] == both[1]
        assert "/runbooks/ratio?alert=" in pages(own)[0]["annotations"]["runbook_url"]
        assert "?" not in pages(own)[0]["annotations"]["summary"]
        mend(config)
        until(lambda: over(own), "the end of Weir's page")
        until(lambda: over(heard), "the end of Prometheus's page")


def messages(listening: Ear, state: str) -> list[str]:
    """What the webhook heard of the budget, by the word that a message begins with."""
    texts = [str(body["message"]) for _, body in listening.heard]
    return [text for text in texts if text.startswith(f"{state} BudgetBurn basket: ")]


def test_a_webhook_of_apprises_hears_the_page_and_its_end(tmp_path: Path):
    pytest.importorskip("apprise")
    with ear() as listening:
        config = broken(tmp_path, CHAT.format(url=listening.url.replace("http", "json")))
        with serving(config, QUICK):
            until(lambda: bool(messages(listening, "FIRING")), "a page")
            text = messages(listening, "FIRING")[0]
            assert re.search(r"basket burns its error budget: \d[\d.]*% of \d+ events were bad", text)
            assert "owner=data, pipeline=shop, severity=page, slo=basket, stage=store" in text
            assert re.search(r"(?m)^runbook: http://\S+/runbooks/ratio\?\S+$", text)
            mend(config)
            until(lambda: bool(messages(listening, "RESOLVED")), "the end of the page")
        assert len(messages(listening, "FIRING")) == 1


@pytest.mark.alertmanager
def test_an_alertmanager_that_comes_late_hears_it_once(tmp_path: Path):
    manager = port()
    config = broken(tmp_path, f'routes: {{page: {{alertmanager: "http://127.0.0.1:{manager}"}}}}\n')
    failed = 'weir_alert_deliveries_total{outcome="failed",pipeline="shop",route="page"}'
    with webhook() as (hook, heard), serving(config, QUICK) as url:
        until(lambda: failed in get(f"{url}/metrics"), "an attempt that failed")
        with alertmanager(tmp_path, manager, hook):
            until(lambda: bool(pages(heard)), "a page")
            mend(config)
            until(lambda: over(heard), "the end of the page")
    assert [each["status"] for each in pages(heard)] == ["firing", "resolved"]


@pytest.mark.postgres
def test_two_replicas_raise_one_page_and_the_second_tells_its_end(tmp_path: Path, postgres_database: str):
    pytest.importorskip("apprise")
    with ear() as listening:
        routes = CHAT.format(url=listening.url.replace("http", "json"))
        config = broken(tmp_path, routes, postgres_database)
        with ExitStack() as first_one:
            first = first_one.enter_context(serving(config, QUICK))
            until(lambda: "leader" in get(f"{first}/readyz"), "the first one leading")
            with serving(config, QUICK) as second:
                until(lambda: bool(messages(listening, "FIRING")), "a page")
                assert "follower" in get(f"{second}/readyz")
                first_one.close()
                until(lambda: "leader" in get(f"{second}/readyz"), "the second one leading")
                mend(config)
                until(lambda: bool(messages(listening, "RESOLVED")), "the end of the page")
        assert (len(messages(listening, "FIRING")), len(messages(listening, "RESOLVED"))) == (1, 1)
