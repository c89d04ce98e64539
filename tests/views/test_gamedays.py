"""Game days, as a page tells of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from monitor import audit
from monitor.gameday import kept
from monitor.model import DAY
from monitor.store import Store, exhibits, open_store, requests
from monitor.store.exhibits import Exhibit
from monitor.views.gamedays import faults, gamedays, places, report_html, running, wanted
from monitor.views.wishes import how

NOW = 1_795_000_000_000_000
RIGHT = {"stage_right": True, "segment_right": True, "routed_right": True}
WRONG = dict.fromkeys(RIGHT, False)


def fault(name: str, minutes: float | None, noise: int = 0, **more: Any) -> dict[str, Any]:
    """A fault as `weir gameday --json` tells it."""
    said = {
        "fault": name, "severity": 20.0, "segment": None, "seed": 1, "detected": minutes is not None,
        "ticks_to_detect": minutes and int(minutes), "minutes_to_detect": minutes, "noise": noise,
    }  # fmt: skip
    return said | (RIGHT if minutes is not None else WRONG) | more


def day(*some: dict[str, Any], days: float = 0.0, pages: int = 0) -> dict[str, Any]:
    clean = {"days": days, "seeds": [1], "pages": pages, "tickets": 2}
    return {"faults": list(some), "clean": clean, "seconds": 61.5, "failed": [], "good": True}


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite://")
    yield opened
    opened.close()


def test_figures_are_shares_of_what_was_told(store: Store) -> None:
    latam = {"segment": {"region": "latam", "device": "ios"}, "segment_right": False}
    some = (fault("loss", 4.0, **latam), fault("delay", None), fault("bots", 9.5, noise=3))
    kept.keep(store, "shop", NOW, "ada", day(*some, days=7, pages=1))
    (found,) = gamedays(store, "shop", NOW)
    assert [(each.name, each.value, each.state) for each in found.figures] == [
        ("Told of", "2 of 3", "bad"),
        ("Right stage", "2 of 2", "good"),
        ("Right segment", "1 of 2", "bad"),
        ("Page or ticket right", "2 of 2", "good"),
        ("Other alerts", "3", "warn"),
        ("Pages in 7 clean days", "1", "bad"),
        ("Tickets in 7 clean days", "2", ""),
    ]
    assert [each.fault for each in found.faults] == ["delay", "bots", "loss"]  # missed first, slow next
    missed, _, lost = found.faults
    assert (missed.detected, missed.stage, missed.after) == ("✗", "–", "never")
    assert (lost.where, lost.segment, lost.after) == ("device ios and region latam", "✗", "4 min")
    assert (found.by, found.about) == ("ada", "3 faults")


def test_what_is_no_worse_than_its_threshold_may_go_unsaid(store: Store) -> None:
    kept.keep(store, "shop", NOW, "ada", day(fault("loss", None, severity=0.5)))
    (found,) = gamedays(store, "shop", NOW)
    assert [(each.value, each.state) for each in found.figures[:2]] == [("0 of 1", "good"), ("0 of 0", "")]


def test_clean_days_alone_have_no_faults(store: Store) -> None:
    kept.keep(store, "shop", NOW, "ada", day(days=7))
    (found,) = gamedays(store, "shop", NOW)
    assert [each.value for each in found.figures] == ["0", "2"]
    assert (found.faults, found.about) == ((), "clean days")


def test_the_newest_come_first_and_old_ones_not_at_all(store: Store) -> None:
    for ago in (91, 3, 1):
        kept.keep(store, "shop", NOW - ago * DAY, "ada", day(fault("loss", float(ago))))
    kept.keep(store, "other", NOW, "bob", day(fault("loss", 1.0)))
    assert [each.at for each in gamedays(store, "shop", NOW)] == [NOW - DAY, NOW - 3 * DAY]


def test_a_game_day_that_is_played_says_how_far_it_is(store: Store) -> None:
    assert running(store, "shop", "loss", NOW).state == "none"
    requests.ask(store, "shop", NOW, "ada", "play", "loss")
    assert running(store, "shop", "loss", NOW).state == "waiting"
    exhibits.put(store, "shop", Exhibit("loss", "play", NOW + 1, 0.6, "breaking it"))
    found = running(store, "shop", "loss", NOW)
    assert (found.state, found.share, found.said) == ("made", 0.6, "breaking it")
    assert report_html(store, "shop", "loss") == ""
    exhibits.put(store, "shop", Exhibit("loss", "play", NOW + 1, 1.0, "told", "<html>"))
    assert running(store, "shop", "loss", NOW).state == "done"
    assert report_html(store, "shop", "loss") == "<html>"


def test_every_fault_that_can_be_broken_says_what_it_does() -> None:
    known = faults()
    assert "loss" in known
    assert all(known.values())


def test_the_audit_trail_tells_a_game_day_in_a_line(store: Store) -> None:
    kept.keep(store, "shop", NOW, "ada", day(fault("loss", 4.0), fault("delay", None)))
    audit.record(store, "shop", NOW, "bob", "silence add", "3", {"reason": "known"})
    lines = audit.trail(store, "shop", NOW - DAY)
    assert {each.action: how(each) for each in lines} == {
        "gameday": "Told of 1 of 2, Right stage 1 of 1, Right segment 1 of 1, Page or ticket right 1 of 1,"
        " Other alerts 0",
        "silence add": '{"reason": "known"}',
    }


def test_detection_is_told_by_severity_where_several_were_played(store: Store) -> None:
    some = [
        fault("loss", 4.0, severity=20.0),
        fault("loss", None, severity=0.5),
        fault("loss", 9.0, severity=0.5, segment={"region": "us"}),
        fault("bots", 30.0, severity=2.0),
        fault("bots", None, severity=0.5),
        fault("delay", 3.0),
    ]
    kept.keep(store, "shop", NOW, "ada", day(*some))
    (found,) = gamedays(store, "shop", NOW)
    assert [(each.name, each.told, each.of) for each in found.curve] == [
        ("0.5×", 1, 3),
        ("2×", 1, 1),
        ("20×", 2, 2),
    ]
    assert found.table == {
        "what": ("bots", "loss"),
        "0.5×": ("✗", "1 of 2"),
        "2×": ("✓", ""),
        "20×": ("", "✓"),
    }


def test_one_severity_makes_no_curve(store: Store) -> None:
    kept.keep(store, "shop", NOW, "ada", day(fault("loss", 4.0), fault("bots", 4.0)))
    (found,) = gamedays(store, "shop", NOW)
    assert (found.curve, found.table) == ((), {})


def test_what_is_picked_is_what_the_command_says() -> None:
    found = wanted("loss", 2.0, {"region": "latam", "device": None}, 3)
    assert found.command == "weir gameday --fault loss --severity 2 --segment region=latam --seed 3 --keep"
    assert found.arguments == {"severity": 2.0, "segment": "region=latam", "seed": 3}
    assert wanted("loss", 20.0, {}, 1).command == "weir gameday --fault loss --keep"
    wrong = wanted("loss", 2.0, {"region": "latam", "device": "ios", "app_version": "1"}, 3)
    assert "unknown app_version" in wrong.wrong
    assert set(places("loss")) >= {"region", "device"}
