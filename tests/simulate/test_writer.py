"""The lake: what stands in it depends on the clock alone; whole files, each row once, never changed."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from monitor.simulate import writer
from monitor.simulate.draws import DAY_US, MINUTE_US, SECOND_US
from monitor.simulate.encoding import COLUMNS, table
from monitor.simulate.faults import Fault
from monitor.simulate.pipeline import DATASETS, deliver
from monitor.simulate.population import Shop
from monitor.simulate.rows import joined, take
from monitor.simulate.traffic import minutes

START = 20_777 * DAY_US + (11 * 60 + 57) * MINUTE_US
SHOP = Shop(seed=5, events_per_second=30)
TIME = {"outcomes": "label_time"}


def files(lake: Path, dataset: str) -> list[Path]:
    return sorted((lake / dataset).glob("date=*/*.parquet"))


def read(paths: list[Path]) -> pa.Table:
    return pa.concat_tables([parquet.read_table(path, partitioning=None) for path in paths])


def contents(lake: Path, dataset: str) -> list[dict[str, Any]]:
    rows = read(files(lake, dataset))
    return rows.sort_by([(name, "ascending") for name in rows.column_names]).to_pylist()


def opened(folder: Path) -> writer.State:
    return writer.opened(folder, SHOP, (), START)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven minutes, written in one call."""
    folder = tmp_path_factory.mktemp("lake")
    writer.advance(opened(folder), START + 7 * MINUTE_US)
    return folder


def test_the_lake_holds_what_has_arrived(lake: Path) -> None:
    end = START + 7 * MINUTE_US
    made = [deliver(SHOP, each) for each in minutes(SHOP, START, end)]
    for dataset in DATASETS:
        assert files(lake, dataset)
        rows = joined([getattr(each, dataset) for each in made])
        arrived = table(dataset, take(rows, rows.arrival < end))
        assert read(files(lake, dataset)).num_rows == arrived.num_rows
        plain = pa.table({name: pa.array(arrived[name].to_pylist()) for name in arrived.column_names})
        expected = plain.sort_by([(name, "ascending") for name in plain.column_names]).to_pylist()
        assert contents(lake, dataset) == expected


def test_many_small_steps_write_the_same_rows(lake: Path, tmp_path: Path) -> None:
    state, at, rows = opened(tmp_path), START, 0
    steps = np.random.default_rng(1).integers(0, 45 * SECOND_US, 40)
    for step in steps.tolist():
        at = min(at + step, START + 7 * MINUTE_US)
        rows += writer.advance(state, at)
    assert at == START + 7 * MINUTE_US
    assert rows == sum(read(files(tmp_path, dataset)).num_rows for dataset in COLUMNS)
    for dataset in COLUMNS:
        assert contents(tmp_path, dataset) == contents(lake, dataset)


def test_no_row_is_written_twice(lake: Path) -> None:
    for dataset, keys in (("emitted", ["event_id"]), ("events", ["event_id", "ingest_time"])):
        rows = read(files(lake, dataset)).select(keys).to_pylist()
        assert len({tuple(row.values()) for row in rows}) == len(rows)


def test_files_only_come_and_never_change(tmp_path: Path) -> None:
    state = opened(tmp_path)
    writer.advance(state, START + 3 * MINUTE_US)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    writer.advance(state, START + 5 * MINUTE_US)
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert before.items() <= after.items()
    assert len(after) > len(before)


def test_a_file_is_named_after_the_arrival_of_its_rows(tmp_path: Path) -> None:
    state = opened(tmp_path)
    for tens in range(1, 31):
        writer.advance(state, START + tens * 10 * SECOND_US)
    paths = files(tmp_path, "events")
    assert len(paths) == 30
    assert paths[0].relative_to(tmp_path).as_posix() == "events/date=2026-11-20/1157-0.parquet"
    assert paths[-1].relative_to(tmp_path).as_posix() == "events/date=2026-11-20/1201-5.parquet"
    waits: list[float] = []
    for path in paths:
        hour, minute, ten = map(int, re.fullmatch(r"(\d\d)(\d\d)-(\d)", path.stem).groups())
        start = datetime(2026, 11, 20, hour, minute, ten * 10, tzinfo=UTC).timestamp()
        rows = read([path])
        assert max(each.timestamp() for each in rows["stored_time"].to_pylist()) < start + 10
        waits += [start - each.timestamp() for each in rows["event_time"].to_pylist()]
    assert max(waits) > 20  # a late row stands in a later file


def test_midnight_opens_a_new_partition(tmp_path: Path) -> None:
    state = writer.opened(tmp_path, SHOP, (), 20_778 * DAY_US - MINUTE_US)
    writer.advance(state, 20_778 * DAY_US + MINUTE_US)
    assert [path.parent.name for path in files(tmp_path, "emitted")] == ["date=2026-11-20", "date=2026-11-21"]


def test_history_is_a_file_for_a_quarter_of_an_hour(tmp_path: Path) -> None:
    state = writer.opened(tmp_path, Shop(seed=5, events_per_second=5), (), START)
    writer.advance(state, START + 60 * MINUTE_US)
    assert len(files(tmp_path, "events")) == 5
    writer.advance(state, START + 61 * MINUTE_US)
    assert len(files(tmp_path, "events")) == 6


def test_a_long_history_is_a_file_for_an_hour(tmp_path: Path) -> None:
    state = writer.opened(tmp_path, Shop(seed=5, events_per_second=1), (), START)
    writer.advance(state, START + 8 * 60 * MINUTE_US)
    assert len(files(tmp_path, "events")) == 8 + 4  # up to each hour from 12:00 on, then every quarter


def test_a_clock_that_goes_back_or_stands_writes_nothing(tmp_path: Path) -> None:
    state = opened(tmp_path)
    assert writer.advance(state, START + MINUTE_US) > 0
    for instant in (START + MINUTE_US, START, START + MINUTE_US + 9 * SECOND_US):
        assert writer.advance(state, instant) == 0
    assert state.written_us == START + MINUTE_US


def test_what_has_not_arrived_waits(tmp_path: Path) -> None:
    state = opened(tmp_path)
    writer.advance(state, START + 4 * MINUTE_US)
    made = [deliver(SHOP, each) for each in minutes(SHOP, START, START + 4 * MINUTE_US)]
    total = sum(len(getattr(each, dataset).arrival) for each in made for dataset in DATASETS)
    written = sum(read(files(tmp_path, dataset)).num_rows for dataset in DATASETS)
    assert written + sum(writer.waiting(state)[dataset] for dataset in DATASETS) == total


@pytest.mark.parametrize("failing", ["emitted", "exposures"])
def test_a_failed_write_leaves_no_torn_file_and_is_made_good(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    state = opened(tmp_path)
    writer.advance(state, START + MINUTE_US)
    whole = parquet.write_table

    def torn(rows: pa.Table, path: Path, **options: Any) -> None:
        if failing in path.parts:
            path.write_bytes(b"PAR1 and then the disk was full")
            raise OSError("No space left on device")
        whole(rows, path, **options)

    monkeypatch.setattr(parquet, "write_table", torn)
    with pytest.raises(OSError, match="No space"):
        writer.advance(state, START + 90 * SECOND_US)
    for dataset in DATASETS:
        read(files(tmp_path, dataset))
    monkeypatch.undo()
    writer.advance(state, START + 7 * MINUTE_US)
    for dataset in DATASETS:
        assert contents(tmp_path, dataset) == contents(lake, dataset)
    assert all(path.suffix == ".parquet" for path in tmp_path.rglob("*") if path.is_file())


def test_a_file_is_never_seen_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = parquet.write_table

    def watched(rows: pa.Table, path: Path, **options: Any) -> None:
        whole(rows, path, **options)
        assert not path.match("*.parquet")
        assert path not in tmp_path.glob("*/date=*/*.parquet")

    monkeypatch.setattr(parquet, "write_table", watched)
    assert writer.advance(opened(tmp_path), START + MINUTE_US) > 0


def test_a_lake_with_something_in_it_is_refused(lake: Path) -> None:
    with pytest.raises(FileExistsError, match="is not empty"):
        opened(lake)


def test_columns_have_plain_types(lake: Path) -> None:
    schema = parquet.read_schema(files(lake, "events")[0])
    assert [schema.field(name).type for name in ("event_id", "region", "payload")] == [pa.string()] * 3
    assert schema.field("event_time").type == pa.timestamp("us", tz="UTC")
    assert schema.field("is_bot").type == pa.bool_()
    shown = contents(lake, "exposures")
    assert {row["model_version"] for row in shown} == {"ranker-20261120", "ranker-20261120+"}
    assert {row["position"] for row in shown} == {1, 2, 3}
    assert {row["variant"] for row in shown} == {"control", "treatment"}


def test_nulls_stand_where_something_is_missing(tmp_path: Path) -> None:
    state = writer.opened(tmp_path, Shop(seed=5, events_per_second=300), (), START)
    writer.advance(state, START + 5 * MINUTE_US)
    rows = contents(tmp_path, "events")
    assert 0 < sum(row["feature_time"] is None for row in rows) < 0.005 * len(rows)
    baskets = [row["basket_id"] for row in rows if row["event_type"] == "checkout"]
    assert 0 < baskets.count(None) < 0.02 * len(baskets)
    assert all(row["basket_id"] is None for row in rows if row["event_type"] != "checkout")
    assert all(re.fullmatch("[0-9a-f]{16}", basket) for basket in baskets if basket)


def test_a_retention_gap_takes_the_days_before(tmp_path: Path) -> None:
    midnight, shop = 20_778 * DAY_US, Shop(seed=5, events_per_second=5)
    gap = Fault("retention_gap", 1, midnight + 3 * MINUTE_US, midnight + 4 * MINUTE_US)
    state = writer.opened(tmp_path, shop, (gap,), midnight - 2 * MINUTE_US)
    writer.advance(state, midnight + 2 * MINUTE_US)
    assert {path.parent.name for path in files(tmp_path, "events")} == {"date=2026-11-20", "date=2026-11-21"}
    writer.advance(state, midnight + 9 * MINUTE_US)
    assert {path.parent.name for path in files(tmp_path, "events")} == {"date=2026-11-21"}
    assert {path.parent.name for path in files(tmp_path, "emitted")} >= {"date=2026-11-20"}
