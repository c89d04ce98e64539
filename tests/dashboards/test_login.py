"""A whole login: a provider of OpenID Connect on loopback, the pages, and people in a browser."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from monitor import config, dashboard
from monitor.dashboard import Start
from monitor.store import requests
from tests.dashboards import stores
from tests.dashboards.browser import free, listening

# The provider runs in a thread of this process, on interfaces that Authlib gives up.
GIVEN_UP = "ignore::DeprecationWarning"
pytestmark = [pytest.mark.chromium, pytest.mark.timeout(120), pytest.mark.filterwarnings(GIVEN_UP)]

PATIENCE = 20_000

PEOPLE = {
    "vera": {"email": "vera@shop.example", "groups": ["everyone"]},
    "otto": {"email": "Otto@Shop.example", "email_verified": True, "groups": ["everyone"]},
    "ada": {"email": "ada@shop.example", "groups": ["everyone", "platform"]},
    "eve": {"email": "eve@elsewhere.example", "groups": ["other"]},
    "mallory": {"email": "otto@shop.example", "email_verified": False, "groups": ["everyone"]},
}

ACCESS = """
dashboard:
  login:
    client_id: weir
    client_secret: "not much of one"
    metadata: "http://localhost:{provider}/.well-known/openid-configuration"
    redirect: "http://localhost:{port}/oauth2callback"
    cookie_secret: "0123456789abcdef0123456789abcdef"
    scopes: [openid, email, profile, groups]
  viewers: [everyone]
  operators: [otto@shop.example]
  admins: [platform]
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[int]:
    """The port of an identity provider who knows these people, and believes whoever they say they are."""
    mock = pytest.importorskip("oidc_provider_mock", reason="oidc-provider-mock is not installed")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    users = [mock.User(sub=name, claims=claims) for name, claims in PEOPLE.items()]
    with mock.run_server_in_thread(user_claims=users) as server:
        yield server.server_port


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, provider: int) -> Iterator[tuple[stores.Seeded, str]]:
    """A store in which something burns, and the address of its pages, which ask who it is."""
    pytest.importorskip("streamlit", reason="the extra `dashboard` is not installed")
    seeded, port = stores.burning(tmp_path_factory.mktemp("guarded")), free()
    seeded.path.write_text(seeded.path.read_text("utf-8") + ACCESS.format(provider=provider, port=port))
    start = Start(seeded.path, port=port, at="latest")
    log = tmp_path_factory.mktemp("log") / "pages.txt"
    with log.open("w") as out, dashboard.beside(config.load(seeded.path).dashboard, start, out) as url:
        listening(f"http://127.0.0.1:{port}/_stcore/health")
        yield seeded, url


@pytest.fixture
def enter(chromium: Any, guarded: tuple[stores.Seeded, str]) -> Callable[..., Any]:
    """Opens a page as somebody, who has to log in on the way; gives the page."""

    @contextmanager
    def as_somebody(name: str) -> Iterator[Any]:
        context = chromium.new_context()
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(guarded[1])
        page.get_by_role("button", name="Log in").click()
        page.get_by_role("button", name=name, exact=True).click()
        page.get_by_role("button", name="Log out").wait_for()
        settled(page)
        yield page
        context.close()

    return as_somebody


def settled(page: Any) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def open_(page: Any, url: str) -> str:
    """Everything that a page says."""
    page.goto(url)
    page.get_by_role("button", name="Log out").wait_for()
    settled(page)
    return page.inner_text("[data-testid=stApp]")


def test_nothing_is_shown_before_a_login(chromium: Any, guarded: tuple[stores.Seeded, str]) -> None:
    page = chromium.new_page()
    for path in ("/", "/on-call", "/check?check=volume", "/checks", "/audit"):
        page.goto(guarded[1] + path)
        page.get_by_role("button", name="Log in").wait_for()
        settled(page)
        said = page.inner_text("[data-testid=stApp]")
        assert "objective" not in said, path
        assert "ingestion" not in said, path
    page.close()


def test_a_viewer_looks_and_does_nothing(enter: Any, guarded: tuple[stores.Seeded, str]) -> None:
    with enter("vera") as page:
        said = open_(page, f"{guarded[1]}/on-call")
        assert "vera@shop.example, viewer" in said
        assert "ingestion-success burns" in said
        assert "I am on it" not in said
        assert "Silence" not in said
        assert "Who did what" not in said


def test_an_operator_acts_under_the_name_of_the_claim(enter: Any, guarded: tuple[stores.Seeded, str]) -> None:
    seeded, url = guarded
    with enter("otto") as page:
        assert "Otto@Shop.example, operator" in open_(page, f"{url}/check?check=volume")
        page.get_by_role("button", name="Run now").click()
        page.get_by_text("waiting for weir serve").wait_for()
        assert "Who did what" not in page.inner_text("[data-testid=stApp]")
    store = seeded.open()
    (asked,) = requests.last(store, "shop", "volume")
    store.close()
    assert (asked.actor, asked.action) == ("Otto@Shop.example", "run")


def test_an_administrator_reads_who_did_what(enter: Any, guarded: tuple[stores.Seeded, str]) -> None:
    with enter("ada") as page:
        said = open_(page, f"{guarded[1]}/audit")
        assert "ada@shop.example, admin" in said
        assert "Who did what" in said


def test_a_stranger_sees_nothing(enter: Any, guarded: tuple[stores.Seeded, str]) -> None:
    with enter("eve") as page:
        said = open_(page, f"{guarded[1]}/on-call")
        assert "eve@elsewhere.example may not look at these pages" in said
        assert "ingestion" not in said


def test_an_address_that_is_not_verified_is_nobodys(enter: Any, guarded: tuple[stores.Seeded, str]) -> None:
    with enter("mallory") as page:
        said = open_(page, f"{guarded[1]}/on-call")
        assert "mallory, viewer" in said
        assert "otto@shop.example" not in said


def test_whoever_logs_out_is_out(enter: Any, guarded: tuple[stores.Seeded, str]) -> None:
    with enter("ada") as page:
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/oauth2/end_session?**")  # the provider ends its own session too
        page.goto(guarded[1])
        page.get_by_role("button", name="Log in").wait_for()
        settled(page)
        assert "objective" not in page.inner_text("[data-testid=stApp]")
