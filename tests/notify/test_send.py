"""What arrives: at Alertmanager's API, and at a webhook by Apprise; and what is said where it does not."""

import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from monitor.errors import DeliveryError
from monitor.model import MINUTE, SECOND
from monitor.notify import alertmanager, chat, text
from monitor.notify.deliver import FIRST, LONGEST, backoff
from monitor.notify.http import ask
from monitor.notify.notice import Notice
from tests.notify.ears import Ear, ear

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's

NOW = 1_790_000_040 * SECOND
FIRES = Notice(
    key="k1",
    name="BudgetBurn",
    labels={"pipeline": "shop", "slo": "loss", "severity": "page", "stage": "ingest"},
    starts=NOW - 5 * MINUTE,
    ends=None,
    summary="loss burns its error budget: 2.8% of 1000 events were bad in the last 1h",
    links={"runbook_url": "http://weir/runbooks/loss", "dashboard_url": "http://weir/?slo=loss"},
)
ENDED = Notice(
    "k2", "CheckFailing", {"pipeline": "shop", "check": "late"}, NOW - MINUTE, NOW, "late fails", {}
)


@pytest.fixture
def listening() -> Iterator[Ear]:
    with ear() as made:
        yield made


def test_alertmanager_hears_what_prometheus_would_say(listening: Ear):
    alertmanager.post([f"{listening.url}/prefix/"], [FIRES, ENDED], NOW)
    ((path, alerts),) = listening.heard
    assert path == "/prefix/api/v2/alerts"
    assert alerts[0] == {
        "labels": {"alertname": "BudgetBurn", **FIRES.labels},
        "annotations": {"summary": FIRES.summary, **FIRES.links},
        "startsAt": "2026-09-21T14:09:00.000Z",
        "endsAt": "2026-09-21T14:18:00.000Z",
        "generatorURL": "http://weir/?slo=loss",
    }
    assert alerts[1]["endsAt"] == "2026-09-21T14:14:00.000Z"


def test_one_alertmanager_of_a_cluster_is_enough(listening: Ear):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        down = f"http://127.0.0.1:{closed.getsockname()[1]}"
        alertmanager.post([down, listening.url], [FIRES], NOW)
        assert len(listening.alerts) == 1
        assert alertmanager.healthy([down, listening.url])
        with pytest.raises(DeliveryError, match=r"^connection refused$"):
            alertmanager.post([down], [FIRES], NOW)
        assert not alertmanager.healthy([down])


def test_a_password_in_the_address_becomes_a_header(listening: Ear):
    alertmanager.post([listening.url.replace("//", "//ann:p%40ss@")], [FIRES], NOW)
    assert listening.headers[0]["Authorization"] == "Basic YW5uOnBAc3M="
    assert "@" not in listening.headers[0]["Host"]


@pytest.mark.parametrize("url", ["http://ann:hunter2@127.0.0.1:1/hunter2", "http://[hunter2"])
def test_no_failure_shows_an_address(url: str):
    with pytest.raises(DeliveryError) as caught:
        ask(url)
    assert "hunter2" not in str(caught.value)


def test_an_answer_that_never_comes_is_not_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(DeliveryError, match="no answer in time"):
            ask(url, timeout=0.05)


def test_attempts_grow_rare():
    assert [backoff(n) // FIRST for n in range(4)] == [1, 2, 4, 8]
    assert backoff(6) == backoff(60) == LONGEST


# Apprise ---------------------------------------------------------------------------------------------------


def test_a_webhook_of_apprises_hears_the_same(listening: Ear):
    pytest.importorskip("apprise")
    chat.send([listening.url.replace("http", "json")], [FIRES, ENDED], "0123456789abcdef")
    ((_, body),) = listening.heard
    assert body["title"] == "FIRING BudgetBurn loss and 1 more (shop: 1 firing, 1 resolved)"
    assert body["type"] == "failure"
    assert body["message"] == (
        "FIRING BudgetBurn loss: loss burns its error budget: 2.8% of 1000 events were bad in the last 1h\n"
        "since 2026-09-21T14:09:00Z\n"
        "pipeline=shop, severity=page, slo=loss, stage=ingest\n"
        "runbook: http://weir/runbooks/loss\n"
        "dashboard: http://weir/?slo=loss\n"
        "\n"
        "RESOLVED CheckFailing late: late fails\n"
        "since 2026-09-21T14:13:00Z until 2026-09-21T14:14:00Z\n"
        "check=late, pipeline=shop\n"
        "\n"
        "ref 0123456789ab"
    )


def test_an_end_alone_is_good_news(listening: Ear):
    pytest.importorskip("apprise")
    chat.send([listening.url.replace("http", "json")], [ENDED], "k")
    ((_, body),) = listening.heard
    assert (body["title"], body["type"]) == ("RESOLVED CheckFailing late (shop)", "success")


def test_titles_name_the_one_alert():
    assert text.title([FIRES]) == "FIRING page BudgetBurn loss (shop)"


def test_a_refusal_and_an_address_that_apprise_does_not_know(listening: Ear):
    pytest.importorskip("apprise")
    listening.status = 500
    with pytest.raises(DeliveryError, match="did not take it"):
        chat.send([listening.url.replace("http", "json")], [FIRES], "k")
    with pytest.raises(DeliveryError, match="knows no such address") as caught:
        chat.send(["nonsense://hunter2"], [FIRES], "k")
    assert "hunter2" not in str(caught.value)


def test_without_apprise_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(DeliveryError, match=r"install weir-slo\[notify\]"):
        chat.send(["json://127.0.0.1"], [FIRES], "k")


def test_a_service_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch):
    from threading import Event

    release = Event()

    class Hanging:
        def notify(self, **_: Any) -> bool:
            return release.wait(30)

    monkeypatch.setattr(chat, "_messenger", lambda urls: Hanging())
    try:
        with pytest.raises(DeliveryError, match="no answer in time"):
            chat.send(["json://127.0.0.1"], [FIRES], "k", patience=0.05)
    finally:
        release.set()
