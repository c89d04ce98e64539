"""What an incident cost and when what happened, held against rows that are counted here by hand."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from monitor import audit
from monitor.attribute.cause import Cause, Event, Origin, Share, written
from monitor.backfill import backfill
from monitor.binding.sources import Sources
from monitor.cli import weir
from monitor.deployments import mark
from monitor.errors import UsageError
from monitor.model import MINUTE, Segment, Window
from monitor.postmortem.gathered import Postmortem, about, gathered, of
from monitor.postmortem.timeline import timeline
from monitor.postmortem.written import as_json, lasting, markdown
from monitor.store import Store, alarms, attributions, maintenances, open_store, outbox, silences
from monitor.store.alarms import Alarm
from monitor.store.attributions import Kept
from monitor.store.database import writing
from monitor.store.deployments import Marked
from monitor.store.maintenances import Maintenance
from monitor.store.outbox import Draft
from monitor.store.tables import checks
from monitor.tick import tick
from monitor.trust.dataset import as_measured
from monitor.trust.models import models
from monitor.views.incident import document
from tests.pipelines import Pipeline, micros

DAY = "2026-11-20"
NOW = micros(f"{DAY}T12:00Z")


def at(clock: str) -> int:
    return micros(f"{DAY}T{clock}Z")


CHECKS: dict[str, Any] = {
    "present": {
        "kind": "ratio",
        "dataset": "rows",
        "good": "ok",
        "description": "rows that are <whole>",
        "settle": "0s",
        "every": "1m",
        "window": "5m",
        "by": ["region"],
        "fail": "< 95%",
        "slo": {"objective": "99%", "window": "7d"},
    }
}
BURN = Alarm(
    key="k1",
    name="BudgetBurn",
    labels={"pipeline": "test", "slo": "present", "severity": "page", "owner": "team", "stage": "store"},
    state="firing",
    active_at=at("10:04"),
    fired_at=at("10:06"),
    onset=at("10:00"),
    summary="present burns its budget, 12 | 100",
    evaluated=at("10:06"),
)
OTHER = replace(
    BURN, key="k2", name="CheckFails", labels={"check": "present", "severity": "ticket"}, fired_at=at("10:10")
)
LATER = replace(OTHER, key="k3", fired_at=at("11:40"), active_at=at("11:40"), onset=at("11:40"))


def table() -> pd.DataFrame:
    """Sixty rows a minute for four hours; from 10:00 to 10:20 two thirds of one region's are bad."""
    n = pd.Series(range(240 * 60))
    time = pd.to_datetime(NOW - 240 * MINUTE + n * 1_000_000, unit="us", utc=True)
    frame = pd.DataFrame({"t": time.astype("datetime64[us, UTC]"), "n": n})
    frame["region"] = (n % 4).map({0: "eu", 1: "us", 2: "us", 3: "ap|ac"})
    within = (frame["t"] >= f"{DAY}T10:00Z") & (frame["t"] < f"{DAY}T10:20Z")
    frame["ok"] = ~(within & (frame["region"] == "eu") & (n % 12 < 8) | (n % 1000 == 1))
    return frame


@pytest.fixture
def frame(lake: Pipeline) -> pd.DataFrame:
    made = table()
    lake.rows("rows", made, time="t", key="n", lateness="0s")
    return made


@pytest.fixture
def store(lake: Pipeline, frame: pd.DataFrame) -> Iterator[Store]:
    """All of it measured, and the life of one incident with two others."""
    config = lake.load(CHECKS)
    store = open_store(config.store)
    with Sources(config) as sources:
        tick(config, store, sources, NOW)
        backfill(config, store, sources, Window(NOW - 240 * MINUTE, NOW), NOW)
    draft = Draft("page", "{}", "first", {"notices": [_notice(None)]})
    alarms.record(store, "test", [BURN, OTHER], [draft], at("10:06"))
    outbox.settle(store, outbox.due(store, "test", at("10:06"))[0], at=at("10:07"))
    (first, _) = alarms.history(store, "test")
    alarms.acknowledge(store, "test", first.id, at("10:08"), "ada")
    over = replace(BURN, state="inactive", fired_at=None, active_at=None, resolved_at=at("10:31"))
    end = Draft("page", "{}", "second", {"notices": [_notice(at("10:31"))]})
    alarms.record(store, "test", [over, LATER], [end], at("11:40"))
    yield store
    store.close()


def _notice(ends: int | None) -> dict[str, Any]:
    return {"key": "k1", "name": "BudgetBurn", "starts": at("10:06"), "ends": ends}


def told(lake: Pipeline, store: Store, number: int = 1) -> Postmortem:
    config = as_measured(lake.load(CHECKS), store)
    incident = of(store, "test", number)
    some = models(config, store, Window(at("08:00"), NOW))
    return gathered(config, store, incident, NOW, some)


def test_the_data_lost_are_counted_exactly(lake: Pipeline, store: Store, frame: pd.DataFrame):
    (loss,) = told(lake, store).losses
    assert loss.window == Window(at("10:00"), at("10:20"))
    inside = frame[(frame["t"] >= f"{DAY}T10:00Z") & (frame["t"] < f"{DAY}T10:20Z")]
    assert (loss.bad, loss.reading.total) == ((~inside["ok"]).sum(), len(inside))
    (part,) = loss.parts
    mine = inside[inside["region"] == "eu"]
    assert (part.segment, part.causes) == (Segment("region", "eu"), True)
    assert (part.reading.good, part.reading.total) == (mine["ok"].sum(), len(mine))
    before = frame[(frame["t"] >= f"{DAY}T09:00Z") & (frame["t"] < f"{DAY}T10:00Z")]
    assert loss.usual
    assert loss.usual.value == pytest.approx(before["ok"].mean())
    measured = frame[frame["t"] < f"{DAY}T10:20Z"]  # of the seven days, what there was
    assert loss.spent == pytest.approx((~inside["ok"]).sum() / (0.01 * len(measured)))


def test_times_are_those_of_the_pages(lake: Pipeline, store: Store):
    found = told(lake, store)
    assert (found.detect, found.mitigate) == (6 * MINUTE, 25 * MINUTE)
    assert found.notified == at("10:06")
    assert found.begin == at("10:00")
    assert [each.id for each in found.others] == [2]


def test_an_alert_that_dates_itself_late_began_with_its_data(lake: Pipeline, store: Store):
    found = told(lake, store, 2)
    assert (found.incident.onset, found.begin) == (at("10:00"), at("10:00"))
    assert found.mitigate is None


def test_an_incident_without_bad_data_says_so(lake: Pipeline, store: Store):
    found = told(lake, store, 3)
    assert found.losses == ()
    assert found.notes == ("no stretch of present stands out in what is kept of it",)
    assert "None that is counted." in markdown(found, lake.load(CHECKS))


def test_everything_that_happened_is_in_order(lake: Pipeline, store: Store):
    mark(store, "test", Marked(at("09:50"), "model v41", "ci", at("09:50")))
    with writing(store) as connection:
        window = Window(at("10:10"), at("11:00"))
        silences.add(
            connection, "test", [("slo", "present")], window, reason="known", author="ada", now=at("10:10")
        )
        planned = Maintenance(0, ("present",), at("10:15"), at("10:40"), "broker", "bob", at("09:00"))
        maintenances.add(connection, "test", planned)
    audit.record(store, "test", at("10:12"), "ada", "run", "present", {})
    audit.record(store, "test", at("09:40"), "weir serve", "configuration", "weir.yaml", {})
    found = [(each.at, each.what) for each in timeline(told(lake, store))]
    assert found == [
        (at("09:40"), "configuration: weir.yaml"),
        (at("09:50"), "model v41"),
        (at("10:00"), "onset, as the alert dates it"),
        (at("10:00"), "data: present begins to be bad"),
        (at("10:06"), "detected: the page BudgetBurn fires"),
        (at("10:06"), "page: told"),
        (at("10:08"), "acknowledged by ada"),
        (at("10:10"), "silenced by ada until 2026-11-20T11:00:00Z: known"),
        (at("10:10"), "the ticket CheckFails of present fires, too (incident 2)"),
        (at("10:12"), "ada: run present"),
        (at("10:15"), "maintenance of bob begins: broker"),
        (at("10:20"), "data: present is well again"),
        (at("10:31"), "the alert is over"),
        (at("11:40"), "page: told that it is over, did not arrive (pending)"),
    ]


CAUSE = Cause(
    check="present",
    at=at("10:09"),
    since=at("09:56"),  # an alert dates itself later than the rows of its window
    until=at("09:58"),
    of="bad rows",
    segments=(Share((("region", "eu"), ("device", "i|os")), 0.97, 300.0, 200.0, 1.0),),
    everywhere=False,
    excess=199.0,
    origin=Origin("arrived", "ingest", at("09:55")),
    event=Event(at("09:50"), "gateway 3", "deployment"),
    fault="system",
    sentence="97% of the bad rows are in region = eu, since gateway 3",
)


def test_what_attribution_said_is_part_of_it(lake: Pipeline, store: Store):
    with store.engine.connect() as connection:
        [number] = connection.scalars(select(checks.c.id).where(checks.c.name == "present"))
    kept = Kept("present", number, CAUSE.since, CAUSE.until, CAUSE.at, written(CAUSE))
    attributions.put(store, [kept])
    long_ago = replace(CAUSE, since=at("08:00"), until=at("08:10"), at=at("08:10"), sentence="another one")
    old = Kept("present", number, long_ago.since, long_ago.until, long_ago.at, written(long_ago))
    attributions.put(store, [old])
    found = told(lake, store)
    assert found.causes == (CAUSE,)
    text = markdown(found, lake.load(CHECKS))
    for line in (
        "- found by Weir: 97% of the bad rows are in region = eu, since gateway 3",
        "- said: 2026-11-20T10:09:00Z, of what is bad since 2026-11-20T09:56:00Z",
        "- began at: stage ingest, seen first by arrived since 2026-11-20T09:55:00Z",
        "- where: region = eu and device = i\\|os",
        "- went out or was changed shortly before: gateway 3, 2026-11-20T09:50:00Z",
        "- at fault: the system: paths, services or data, not what the model chose",
        "| region = eu and device = i\\|os | 97.00% of the bad rows | 200 | 300 | 1 |",
    ):
        assert line in text.splitlines()
    assert (at("10:09"), "cause") in [(each.at, each.kind) for each in timeline(found)]
    [said] = as_json(found)["causes"]
    assert (said["check"], said["fault"], said["origin"]["stage"]) == ("present", "system", "ingest")
    assert document(lake.load(CHECKS), store, 1, NOW).startswith("# Incident 1: page BudgetBurn of present")
    assert "no incident 9 is known" in document(lake.load(CHECKS), store, 9, NOW)


def test_models_that_were_trained_on_it_are_named(lake: Pipeline, store: Store):
    for clock, what in (
        ("09:30", "model v40"),
        ("10:10", "model v41"),
        ("11:30", "model v42"),
        ("11:45", "app 3"),
    ):
        mark(store, "test", Marked(at(clock), what, "ci", at(clock)))
    found = told(lake, store)
    assert found.datasets == ("rows",)
    assert [(each.model.version, each.damaged) for each in found.models] == [
        ("model v41", 10 * MINUTE),
        ("model v42", 10 * MINUTE),
    ]


def test_a_number_is_the_same_tomorrow_and_an_unknown_one_is_bad_usage(lake: Pipeline, store: Store):
    assert of(store, "test", 1).fired_at == BURN.fired_at
    with pytest.raises(UsageError, match="no incident 9 is known"):
        of(store, "test", 9)
    with pytest.raises(UsageError):
        of(store, "other", 1)


def test_a_composite_speaks_of_its_checks(lake: Pipeline, store: Store):
    both = {"both": {"all": ["present", {"not": "second"}], "severity": "page"}}
    config = lake.load(CHECKS | {"second": CHECKS["present"]}, alerts=both)
    incident = replace(of(store, "test", 1), labels={"alert": "both", "severity": "page"})
    assert about(config, incident) == ("present", "second")


def test_words_of_others_do_not_break_the_document(lake: Pipeline, store: Store):
    text = markdown(told(lake, store), lake.load(CHECKS))
    assert "present burns its budget, 12 \\| 100" in text
    assert "rows that are \\<whole\\>" in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.replace("\\|", "").count("|") in (3, 4, 5, 6) for line in tables)


def run(lake: Pipeline, *arguments: str) -> str:
    done = CliRunner().invoke(weir, ["incident", *arguments, "--config", str(lake.folder / "weir.yaml")])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_command_writes_markdown_and_json(
    lake: Pipeline, store: Store, frame: pd.DataFrame, tmp_path: Any
):
    text = run(lake, "1")
    assert text.startswith("# Incident 1: page BudgetBurn of present\n")
    inside = frame[(frame["t"] >= f"{DAY}T10:00Z") & (frame["t"] < f"{DAY}T10:20Z")]
    assert f"{(~inside['ok']).sum()} of {len(inside):,} rows bad" in text
    out = tmp_path / "postmortem.md"
    run(lake, "1", "--out", str(out))
    assert out.read_text().splitlines()[0] == text.splitlines()[0]
    found = json.loads(run(lake, "1", "--json"))
    assert found["incident"]["id"] == 1
    assert found["detect_seconds"] == 360
    assert found["lost"][0]["segments"][0]["segment"] == {"region": "eu"}
    assert found == json.loads(json.dumps(as_json(told(lake, store)))) | {"alerts": found["alerts"]}


def test_the_list_has_the_incidents_of_the_pages(lake: Pipeline, store: Store):
    found = json.loads(run(lake, "--list", "--days", "100000", "--json"))["incidents"]
    assert [each["id"] for each in found] == [each.id for each in alarms.history(store, "test")]
    pages = run(lake, "--list", "--days", "100000", "--severity", "page").splitlines()
    assert len(pages) == 1
    assert "page BudgetBurn of present" in pages[0]


@pytest.mark.parametrize(
    "minutes, text",
    [(0.75, "45 s"), (12, "12 min"), (200, "3 h 20 min"), (180, "3 h"), (52 * 60, "2 d 4 h"), (2880, "2 d")],
)
def test_lengths_are_said_as_people_say_them(minutes: float, text: str):
    assert lasting(round(minutes * MINUTE)) == text
