"""The demonstration's inbox takes what Weir sends, and shows it as text whatever it holds."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from monitor.demo.inbox import MOST, Inbox, Message, page, read
from monitor.notify import chat
from monitor.notify.notice import Notice

# A module that Apprise imports is deprecated in 3.11.
pytestmark = pytest.mark.filterwarnings("ignore:.*imghdr:DeprecationWarning")

NOTICE = Notice(
    "k1",
    "BudgetBurn",
    {"severity": "page", "slo": "loss", "pipeline": "shop"},
    1_790_000_000_000_000,
    None,
    "loss burns",
    {"runbook_url": "http://127.0.0.1:1/runbooks/loss?alert=BudgetBurn&slo=loss"},
)


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with closing(Inbox()) as made:
        yield made


def post(url: str, data: Any, kind: str = "application/json") -> int:
    """What is answered to a POST."""
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    try:
        with urlopen(Request(url, body, {"Content-Type": kind}), timeout=5) as answer:
            return answer.status
    except HTTPError as error:
        with error:
            return error.code


def test_what_apprise_sends_arrives_with_its_links(inbox: Inbox) -> None:
    pytest.importorskip("apprise", reason="the extra `notify` is not installed")
    chat.send([f"json://127.0.0.1:{inbox.port}/"], [NOTICE], "0123456789abcdef")
    (message,) = inbox.messages()
    assert message.title == "FIRING page BudgetBurn loss (shop)"
    assert message.links == [NOTICE.links["runbook_url"]]
    assert not message.over


def test_what_an_alertmanager_sends_arrives(inbox: Inbox) -> None:
    alert = {"labels": {"alertname": "BudgetBurn"}, "annotations": {"summary": "loss burns"}}
    assert post(inbox.url, {"status": "resolved", "alerts": [alert]}) == 200
    (message,) = inbox.messages()
    assert (message.title, message.over) == ("RESOLVED 1 alerts", True)
    assert "summary: loss burns" in message.body


@pytest.mark.parametrize("data", [b"{", [], {}, {"message": 1}, {"alerts": ["x"]}, b"\xff"])
def test_anything_else_is_refused(inbox: Inbox, data: Any) -> None:
    assert post(inbox.url, data) == 400
    assert not inbox.messages()


def test_a_form_of_another_site_is_refused(inbox: Inbox) -> None:
    assert post(inbox.url, {"message": "x"}, "text/plain") == 400


def test_too_much_is_refused(inbox: Inbox) -> None:
    assert post(inbox.url, {"message": "x" * (MOST << 10)}) == 400


def test_old_messages_make_room(inbox: Inbox) -> None:
    for number in range(MOST + 3):
        inbox.take(Message(0.0, str(number), ""))
    assert [inbox.messages()[place].title for place in (0, -1)] == ["3", str(MOST + 2)]


def test_markup_is_text_and_addresses_are_links(inbox: Inbox) -> None:
    evil = "<script>alert(1)</script> see http://127.0.0.1:1/a?b=1&c=2 or javascript:alert(1)"
    assert post(inbox.url, {"title": "<b>", "message": evil}) == 200
    with urlopen(inbox.url, timeout=5) as answer:
        html, policy = answer.read().decode(), answer.headers["Content-Security-Policy"]
    assert "<script>" not in html
    assert "<b>" not in html
    assert '<a href="http://127.0.0.1:1/a?b=1&amp;c=2"' in html
    assert html.count("<a ") == 1
    assert policy.startswith("default-src 'none'")


def test_the_newest_comes_first() -> None:
    html = page([read({"message": "first"}, 0.0), read({"message": "second"}, 1.0)])
    assert html.index("second") < html.index("first")
