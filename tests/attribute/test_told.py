"""Where a cause is told: status, explain, the runbook and the page of who is on call say the same."""

import json
from dataclasses import replace
from typing import Any

import pytest

from monitor import config
from monitor.attribute.cause import Cause, Event, Origin, Share, read, written
from monitor.attribute.sentence import sentence
from monitor.attribute.told import explained
from monitor.binding.sources import Sources
from monitor.board import board
from monitor.iso import iso
from monitor.model import DAY, HOUR, MINUTE
from monitor.shown.explain import explain
from monitor.shown.situation import as_markdown, situation, to_json
from monitor.shown.status_json import to_json as status
from monitor.views.on_call import on_call
from monitor.views.span import span
from tests.attribute.test_attributing import FAILS, NOW, told
from tests.pipelines import Pipeline, micros

AT = micros("2026-11-20T12:20Z")
SINCE = micros("2026-11-20T12:04Z")
LATAM = Share((("region", "latam"), ("app_version", "6.3.0")), 0.957, 100, 60, 1)


def cause(**but: Any) -> Cause:
    given: dict[str, Any] = {
        "check": "stored",
        "at": AT,
        "since": SINCE,
        "until": AT - MINUTE,
        "of": "loss",
        "segments": (LATAM,),
        "everywhere": False,
        "excess": 59.0,
        "origin": Origin("sent", "capture", SINCE),
        "event": Event(SINCE - 3 * MINUTE, "ranker-20261110", "deployment"),
        "fault": "system",
    }
    return Cause(**(given | but))


@pytest.mark.parametrize(
    "but, said",
    [
        (
            {},
            (
                "Since 12:04, 96% of the loss is region latam on app 6.3.0; it began at sent (capture), "
                "3 min after ranker-20261110 was deployed: the system is at fault, not the model"
            ),
        ),
        (
            {"segments": (), "everywhere": True, "event": None, "fault": "", "of": "bad events"},
            "Since 12:04, the bad events are spread over all segments alike; it began at sent (capture)",
        ),
        (
            {"segments": (), "since": SINCE - DAY, "event": None, "fault": "model"},
            (
                "Since 2026-11-19 12:04, no segment stands out; it began at sent (capture): "
                "the model is at fault, no check of its path is in trouble"
            ),
        ),
        (
            {
                "segments": (LATAM, Share((("device", "__null__"),), 0.3, 9, 9, 0)),
                "origin": Origin("sent", "capture", SINCE, "events"),
                "event": Event(SINCE - 2 * HOUR, "the check sent", "configuration"),
                "fault": "",
            },
            (
                "Since 12:04, 96% of the loss is region latam on app 6.3.0 and 30% no device; "
                "it began at sent (capture, before events), 2 h after the check sent was changed"
            ),
        ),
        (
            {"everywhere": True, "event": None, "fault": "", "origin": Origin("delay", "store", SINCE)},
            (
                "Since 12:04, 96% of the loss is region latam on app 6.3.0, and the rest is spread over all "
                "segments; it began at delay (store)"
            ),
        ),
        (
            {
                "segments": (),
                "everywhere": True,
                "of": "late events",
                "event": None,
                "origin": Origin("delay", "store", SINCE, leg=("received_at", "stored_at")),
            },
            (
                "Since 12:04, the late events are spread over all segments alike; it began at delay (store, "
                "from received_at to stored_at): the system is at fault, not the model"
            ),
        ),
    ],
)
def test_a_cause_is_one_plain_sentence(but: dict[str, Any], said: str):
    assert sentence(cause(**but)) == said


BURNS = "stored burns its error budget: 14% of 45,270 events were bad; 0% of it is left."
WORST = " Worst is region us, 14.51% of 12125 events."
SEGMENT = "stored burns in a segment: worst is region us, 14.51% of 12125 events were bad."


@pytest.mark.parametrize(
    "summary, but, said",
    [
        (BURNS + WORST, {}, BURNS + " Since 12:04, 96% of the loss is region latam on app 6.3.0"),
        (
            BURNS + WORST,
            {"segments": (), "everywhere": True},
            BURNS + " Since 12:04, the loss is spread over",
        ),
        (BURNS + WORST, {"segments": ()}, BURNS + WORST + " Since 12:04, no segment stands out; it began at"),
        (
            SEGMENT,
            {"segments": (), "everywhere": True},
            SEGMENT
            + " Since 12:04, it is not this segment alone: the loss is spread over all segments alike;",
        ),
        (SEGMENT, {"segments": ()}, SEGMENT + " It began at 12:04 with sent (capture)"),
        ("", {}, ""),
    ],
)
def test_a_message_and_its_cause_do_not_contradict_each_other(summary: str, but: dict[str, Any], said: str):
    found = cause(**but)
    told_ = explained(summary, replace(found, sentence=sentence(found)))
    assert told_.startswith(said)
    assert not summary or told_.endswith("the system is at fault, not the model.")


def test_a_message_without_a_cause_stays_as_it_is():
    assert explained(BURNS + WORST, None) == BURNS + WORST


def test_a_value_from_data_is_one_short_line():
    long = Share((("region", "a\n" + "b" * 500),), 1.0, 1, 1, 0)
    assert len(sentence(cause(segments=(long,)))) < 400
    assert "\n" not in sentence(cause(segments=(long,)))


@pytest.mark.parametrize("but", [{}, {"event": None, "segments": (), "excess": None}])
def test_what_is_kept_is_read_again(but: dict[str, Any]):
    assert read(written(cause(**but))) == cause(**but)


def test_all_say_the_same(lake: Pipeline):
    said = told(lake, {"basket": FAILS}, region="latam").ticked.causes["basket"].sentence
    loaded, now = config.load(lake.folder / "weir.yaml"), micros(NOW)
    seen = board(loaded, lake.store, burns=True)
    (check,) = json.loads(json.dumps(status(seen, now, iso)))["checks"]
    assert check["attribution"]["sentence"] == said
    assert check["attribution"]["segments"][0]["segment"] == {"region": "latam"}
    with Sources(loaded) as sources:
        assert explain(loaded, lake.store, sources, "basket", now, str)["Cause"] == [said]
    found = situation(loaded, lake.store, seen, now, "basket")
    assert "region latam" in as_markdown(found, iso)
    assert to_json(found, iso)["attribution"]["sentence"] == said
    (trouble,) = on_call(loaded, lake.store, seen, now, span("24h", now, None)).troubles
    assert trouble.cause == said


def test_a_check_that_is_well_again_has_no_cause(lake: Pipeline):
    told(lake, {"basket": FAILS}, region="latam")
    lake.tick(micros(NOW) + 3 * HOUR, {"basket": FAILS})
    loaded = config.load(lake.folder / "weir.yaml")
    (row,) = board(loaded, lake.store).checks
    assert row.cause is None
