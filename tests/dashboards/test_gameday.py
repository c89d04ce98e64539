"""The page of game days: what they have shown, and the button that plays one."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from monitor.gameday import kept
from monitor.store import exhibits, requests
from monitor.store.exhibits import Exhibit
from tests.dashboards.stores import NOW, Seeded, empty
from tests.dashboards.test_pages import text
from tests.views.test_gamedays import day, fault


@pytest.fixture
def seeded(tmp_path: Any) -> Callable[[str], Seeded]:
    made: list[Seeded] = []

    def of(name: str) -> Seeded:
        if not made:
            made.append(empty(tmp_path))
        return made[0]

    return of


def rows(app: Any) -> list[str]:
    """The faults of the table."""
    return re.findall(r'data-name="what">(\w+)<', text(app))


def test_results_are_read_and_one_is_asked_for(
    page: Callable[..., Any], seeded: Callable[[str], Seeded]
) -> None:
    app = page("gameday", "empty", fault="loss")
    assert not app.exception
    assert "weir gameday --keep" in text(app)
    assert [each.value for each in app.code] == ["weir gameday --fault loss --keep"]
    assert not app.button

    store = seeded("empty").open()
    kept.keep(store, "shop", NOW - 1, "ada", day(fault("loss", 4.0)))
    kept.keep(store, "shop", NOW, "<b>bob</b>", day(fault("delay", None), fault("loss", 4.0)))
    app = page("gameday", "empty", "--operator", fault="loss")
    assert rows(app) == ["delay", "loss"]
    assert "1 of 2" in text(app)
    app.selectbox(key="gameday").select_index(1).run()
    assert rows(app) == ["loss"]

    app.number_input(key="severity").set_value(2.0).run()
    app.selectbox(key="loss region").select("latam").run()
    assert [each.value for each in app.code] == [
        "weir gameday --fault loss --severity 2 --segment region=latam --keep"
    ]
    app.button(key="play loss").click().run()
    assert not app.exception
    [asked] = requests.last(store, "shop", "loss")
    assert (asked.action, asked.state.value) == ("play", "asked")
    assert asked.arguments == {"severity": 2.0, "segment": "region=latam", "seed": 1}
    exhibits.put(store, "shop", Exhibit("loss", "play", asked.asked + 1, 0.6, "breaking it"))
    app.run()
    assert [each.proto.value for each in app.get("progress")] == [60]
    store.close()
