"""Example rows: the bad ones, few, and nothing of a person."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from monitor import store as stores
from monitor.binding.sources import Sources
from monitor.inspection.masking import MASK, masked, showable
from monitor.inspection.sample import sample
from monitor.model import OTHER, Outcome, Segment
from monitor.store import readings, samples
from monitor.store.samples import Sample
from tests.pipelines import Pipeline, micros
from tests.standings import stored

NOW = "2026-11-20T12:00Z"
START = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
RATIO = {"kind": "ratio", "dataset": "rows", "good": "ok", "window": "1h", "every": "1h"}


def put(pipeline: Pipeline, count: int = 600, **more: Any) -> None:
    times = [START + timedelta(seconds=6 * number) for number in range(count)]
    columns = {
        "t": pa.array(times, pa.timestamp("us", "UTC")),
        "row_id": [f"r{number:07}" for number in range(count)],
        "ok": [number % 10 != 0 for number in range(count)],
        "device": [("phone", "desktop")[number // 10 % 2] for number in range(count)],
        "price": [number / 7 for number in range(count)],
        "big": [10_000_000 + number for number in range(count)],
        "email": [f"bob{number}@example.org" for number in range(count)],
    }
    pipeline.rows("rows", pa.table(columns | more), time="t", lateness="0s", key="row_id")


def taken(pipeline: Pipeline, check: dict[str, Any], at: str = NOW) -> Sample:
    config = pipeline.load({"c": check})
    with Sources(config) as sources:
        return sample(config, sources, "c", micros(at))


def column(of: Sample, name: str) -> list[str | None]:
    return [row[of.columns.index(name)] for row in of.rows]


def test_bad_rows_are_shown_at_most_fifty_and_masked(pipeline: Pipeline):
    put(pipeline)
    said = taken(pipeline, RATIO)
    assert said.what == "rows that are not good"
    assert len(said.rows) == 50
    assert set(column(said, "ok")) == {"false"}
    assert set(column(said, "device")) == {"phone", "desktop"}
    assert set(column(said, "row_id")) == {MASK}
    assert set(column(said, "big")) == {MASK}
    assert column(said, "t")[0] == "2026-11-20T11:00:00Z"
    assert said.left_out == ("email",)


def test_where_all_is_well_some_rows_are_shown(lake: Pipeline):
    put(lake)
    said = taken(lake, RATIO | {"good": "price >= 0"})
    assert said.what == "some rows of the window"
    assert len(said.rows) == 50


def test_rows_without_a_partner_are_the_bad_ones(pipeline: Pipeline):
    put(pipeline)
    times = pa.array([START + timedelta(seconds=6 * n) for n in range(600)], pa.timestamp("us", "UTC"))
    there = pa.table({"t": times, "row_id": [f"r{n:07}" for n in range(600)]})
    lost = there.filter(pa.array([n % 10 == 0 for n in range(600)]))
    pipeline.rows("stored", lost, time="t", lateness="0s", key="row_id")
    check = {
        "kind": "match",
        "left": "rows",
        "right": "stored",
        "within": "1s",
        "window": "1h",
        "every": "1h",
    }
    said = taken(pipeline, check)
    assert said.what == "rows that are not good"
    assert set(column(said, "ok")) == {"true"}


def test_repeated_rows_are_the_bad_ones(pipeline: Pipeline):
    put(pipeline, row_id=[f"r{max(number, 3)}" for number in range(600)])
    check = {"kind": "duplicates", "dataset": "rows", "look_back": "10m", "window": "1h", "every": "1h"}
    said = taken(pipeline, check)
    assert said.what == "rows that are not good"
    assert len(said.rows) == 3


def test_free_text_and_rare_values_stay(lake: Pipeline):
    put(lake, remark=[f"the customer said {n}" for n in range(600)])
    said = taken(lake, RATIO | {"good": "price > 0.2"})
    assert "remark" in said.left_out
    known = showable("who", ["web"] * 9 + ["Ann Li"])
    assert known == {"web"}
    assert masked("Ann Li", known or ()) == MASK


@pytest.mark.parametrize("name", ["remark", "caller", "label"])
def test_no_personal_data_of_the_corpus_reaches_the_store(lake: Pipeline, shared_data: Path, name: str):
    corpus = json.loads((shared_data / "pii" / "synth_dataset_v2.json").read_text("utf-8"))[:600]
    texts = [each["full_text"] for each in corpus]
    spans = [span["entity_value"] for each in corpus for span in each["spans"]]
    values = [(texts[n] if name == "remark" else spans[n]) for n in range(600)]
    put(lake, **{name: values})
    said = taken(lake, RATIO)
    store = lake.store
    lake.tick(NOW, {"c": RATIO})
    [known] = stores.known_checks(store, "test")
    samples.put(store, known.id, micros(NOW), said)
    held = samples.get(store, known.id)
    assert held is not None
    assert held == (micros(NOW), said)
    text = repr(held)
    assert name in said.left_out
    assert [value for value in spans + texts if len(value) > 3 and value in text] == []


SINCE = {"kind": "drift", "dataset": "rows", "window": "30m", "every": "30m", "baseline": {"last": "30m"}}


def focused(pipeline: Pipeline, check: dict[str, Any]) -> Sample:
    """Rows as they are taken after a tick, by what it read."""
    pipeline.tick(NOW, {"c": check})
    config = pipeline.load({"c": check})
    said = readings.latest(pipeline.store, config.pipeline)
    with Sources(config) as sources:
        return sample(config, sources, "c", micros(NOW), said)


def test_what_drifted_is_shown(pipeline: Pipeline):
    put(pipeline, device=["phone" if n >= 300 and n % 5 else "desktop" for n in range(600)])
    said = focused(pipeline, SINCE | {"column": "device", "fail": "> 0.1"})
    assert said.what == "rows with device phone, of which there are more than before"
    assert set(column(said, "device")) == {"phone"}


def test_of_numbers_the_bin_that_grew_is_shown(lake: Pipeline):
    put(lake, price=[float(n % 100 + (1000 if n >= 400 else 0)) for n in range(600)])
    said = focused(lake, SINCE | {"column": "price", "fail": "> 0.1"})
    assert said.what.startswith("rows with price >= ")
    assert len(said.rows) == 50
    assert all(float(each or 0) > 80 for each in column(said, "price"))


def test_where_no_row_is_bad_those_of_the_worst_segment_are_shown(pipeline: Pipeline):
    put(pipeline, device=["it's new" if n % 3 else "desktop" for n in range(600)])
    config = pipeline.load({"c": {"kind": "volume", "dataset": "rows", "window": "1h", "every": "1h"}})
    failing = [stored(Outcome.FAIL, 400, Segment("device", each)) for each in ("it's new", OTHER)]
    with Sources(config) as sources:
        said = sample(config, sources, "c", micros(NOW), [stored(Outcome.FAIL), *failing])
    assert said.what == "rows of device it's new, which is failing"
    assert set(column(said, "device")) == {"it's new"}


def test_a_segment_says_what_its_rows_have():
    assert Segment("region,device", "eu × ios").where == (("region", "eu"), ("device", "ios"))
    assert Segment("campaign", "spring × sale").where == (("campaign", "spring × sale"),)
    assert Segment().where == ()


def test_rows_are_pointed_to_where_somebody_holds_the_key(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
):
    put(pipeline)
    assert "row" not in taken(pipeline, RATIO).columns
    monkeypatch.setenv("WEIR_HASH_KEY", "held by the team")
    said = taken(pipeline, RATIO)
    bad = {f"r{number:07}" for number in range(0, 600, 10)}
    hashes = {hmac.new(b"held by the team", key.encode(), "sha256").hexdigest()[:16] for key in bad}
    assert said.columns[0] == "row"
    assert set(column(said, "row")) <= hashes
    assert len(set(column(said, "row"))) == 50
    assert not any(key in repr(said) for key in bad)
