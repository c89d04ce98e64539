"""The demonstration's story: an incident that pages, a runbook that opens, an end that is told."""

from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from monitor import config
from monitor.binding.sources import Sources
from monitor.demo.chosen import Chosen
from monitor.demo.inbox import Message
from monitor.demo.live import live
from monitor.demo.once import once
from monitor.demo.stand import stand
from monitor.demo.story import ALERT, LASTS, LOST, WITHIN, incident, standing
from monitor.model import MINUTE
from monitor.prepare import prepare
from monitor.simulate.population import REGIONS
from monitor.simulate.simulation import start
from monitor.store import alarms, open_store

# A module that Apprise imports is deprecated in 3.11.
pytestmark = pytest.mark.filterwarnings("ignore:.*imghdr:DeprecationWarning")

NOW = 1_795_000_020_000_000 // MINUTE * MINUTE


def test_the_whole_story_is_told(tmp_path: Path) -> None:
    pytest.importorskip("apprise", reason="the extra `notify` is not installed")
    said: list[str] = []
    assert once(tmp_path, 0, 10, Event(), said.append)
    told = [line for line in said if "IngestionFailing" in line]
    assert ["FIRING page" in told[0], "RESOLVED page" in told[-1]] == [True, True]
    assert any("its runbook opens: /runbooks/match" in line for line in said)
    loaded = config.load(tmp_path / "weir.yaml")
    with closing(open_store(loaded.store)) as store:
        known = alarms.history(store, loaded.pipeline, 0, 1 << 62)
    (page,) = [each for each in known if each.name == ALERT]
    assert 3 * MINUTE < page.fired_at - page.onset < 6 * MINUTE, "noticed when its minutes had settled"


def test_a_chosen_fault_is_told_by_its_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("apprise", reason="the extra `notify` is not installed")
    monkeypatch.setattr("monitor.demo.once.RECOVERY", 0)
    said: list[str] = []
    assert once(tmp_path, 0, 10, Event(), said.append, Chosen("loss"))
    assert any("its runbook opens: /runbooks/match" in line for line in said)
    assert "Told: FIRING page" in said[-1]


def test_who_is_not_told_in_time_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("apprise", reason="the extra `notify` is not installed")
    monkeypatch.setattr("monitor.demo.once.LONGEST", MINUTE)
    said: list[str] = []
    assert not once(tmp_path, 0, 10, Event(), said.append, Chosen("sample_ratio"))
    assert any(line.startswith("Nobody is told of sample_ratio within minutes") for line in said)
    assert "Nobody has been told yet" in said[-1] or said[-1].startswith("In 0:00 min")


def test_the_incident_takes_its_share_of_all_events(tmp_path: Path) -> None:
    simulation = start(tmp_path, NOW, 20 * MINUTE, events_per_second=40.0)
    fault = incident(simulation, NOW)
    assert (fault.start, fault.end) == (NOW + WITHIN, NOW + WITHIN + LASTS)
    before = simulation.truth(fault.start, fault.end).lost
    simulation.suffer(fault)
    lost = simulation.truth(fault.start, fault.end)
    more = lost.lost - before
    assert more.sum() / lost.emitted.sum() == pytest.approx(LOST, rel=0.35)
    assert more.sum() == more[REGIONS.index("latam")]


def test_what_is_written_cannot_go_wrong_any_more(tmp_path: Path) -> None:
    simulation = start(tmp_path, NOW, 2 * MINUTE, events_per_second=5.0)
    fault = incident(simulation, NOW - 2 * MINUTE)
    with pytest.raises(ValueError, match="must begin after"):
        simulation.suffer(fault)


def test_where_the_story_stands(tmp_path: Path) -> None:
    fault = incident(start(tmp_path, NOW, 2 * MINUTE, events_per_second=5.0), NOW)
    page = Message(0.0, "FIRING page IngestionFailing ingestion-success (shop)", "")
    over = Message(0.0, "RESOLVED page IngestionFailing ingestion-success (shop)", "", over=True)
    assert standing(fault, NOW, []).startswith("In 1:00 min")
    assert "have been lost" in standing(fault, fault.start, [])
    assert "open the inbox" in standing(fault, fault.start + MINUTE, [page])
    assert "comes all the same" in standing(fault, fault.end, [])
    assert standing(fault, fault.end, [page, over]).startswith("It is over")


def test_without_the_extras_the_status_is_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("monitor.dashboard.available", lambda: False)
    monkeypatch.setattr("monitor.demo.live.messenger", lambda: False)
    monkeypatch.setattr("monitor.demo.stand.WARM", MINUTE)
    said, drawn = list[str](), list[Any]()
    screen = lambda draw, stop, seconds: drawn.append(draw(100))  # noqa: E731 -- three arguments, one act
    assert live(tmp_path, 0, 10, Event(), said.append, screen, 1.0)
    assert drawn
    assert "pip install 'weir-slo[dashboard]'" in "\n".join(said)
    assert "pip install 'weir-slo[notify]'" in "\n".join(said)


def test_its_configuration_leads_to_its_own_addresses(tmp_path: Path) -> None:
    made = stand(tmp_path, NOW, 1, 12345, 23456)
    loaded = config.load(made.path)
    assert loaded.serve.port == 12345
    assert loaded.routes.routes["page"].apprise == ("json://127.0.0.1:23456/",)


def test_everything_packaged_that_its_data_allow_is_on(tmp_path: Path) -> None:
    made = stand(tmp_path, NOW, 1, 12345, None)
    loaded = config.load(made.path)
    with closing(open_store(loaded.store)) as store, Sources(loaded) as sources:
        on = {each.check.name for each in prepare(loaded, store, sources, NOW, None).bound}
    assert {"pii-redaction", "sample-ratio", "daily-active-users", "traffic-drift", "orders-per-visit"} <= on
