"""Seeded stores, and the pages run on them: without a browser, and in one."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dashboards import stores
from tests.dashboards.browser import Visit, browser

DASHBOARDS = Path(__file__).parents[2] / "dashboards"


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """A store by its name, made when it is first asked for."""
    made: dict[str, Any] = {}

    def of(name: str) -> Any:
        if name not in made:
            made[name] = getattr(stores, name)(tmp_path_factory.mktemp(name))
        return made[name]

    return of


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, seeded: Callable[[str], Any]) -> Callable[..., Any]:
    """Runs a page on a store, with more options; what the address says is given by name."""
    testing = pytest.importorskip("streamlit.testing.v1", reason="the extra `dashboard` is not installed")
    monkeypatch.syspath_prepend(str(DASHBOARDS))
    # A page is run as `__main__`, and left there: processes that are started later would run it again.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])

    def run(name: str, store: str, *more: str, **query: str) -> Any:
        path = str(seeded(store).path)
        monkeypatch.setattr(sys, "argv", ["app.py", f"--config={path}", "--at=latest", *more])
        app = testing.AppTest.from_file(str(DASHBOARDS / f"{name}.py"), default_timeout=30)
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return run


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    pytest.importorskip("playwright", reason="Playwright is not installed")
    pytest.importorskip("streamlit", reason="the extra `dashboard` is not installed")
    with browser() as running:
        yield running


@pytest.fixture
def visit(chromium: Any, address: str) -> Iterator[Callable[..., Visit]]:
    """Opens pages; what a browser complains of fails the test."""
    made: list[Visit] = []

    def open_(**look: bool) -> Visit:
        made.append(Visit(chromium, address, **look))
        return made[-1]

    yield open_
    for each in made:
        each.close()
    assert [line for each in made for line in each.complaints] == []


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures are kept: WEIR_SCREENSHOTS, else with the test run's files."""
    asked = os.environ.get("WEIR_SCREENSHOTS")
    return Path(asked) if asked else tmp_path_factory.mktemp("screenshots")
