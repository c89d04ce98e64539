"""What a replay shows, as the packaged checks of the role `replays` read it."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.pipelines import Pipeline, connect
from tests.replay.conftest import START, WINDOW, declared

RAW = pd.DataFrame(
    {
        "event_id": [f"e{n}" for n in range(40)],
        "t": [START + pd.Timedelta(minutes=n) for n in range(40)],
        "body": [f"b{n}" for n in range(40)],
    }
)
QUERY = "SELECT event_id, t, 'd-' || body AS digest FROM raw"
EVENTS = RAW.assign(digest="d-" + RAW["body"]).drop(columns="body")


def pipeline_of(
    pipeline: Pipeline, events: pd.DataFrame, replays: dict[str, Any], query: str = QUERY
) -> Path:
    pipeline.rows("raw", RAW, time="t", key="event_id")
    pipeline.rows("events", events, **declared({"query": query}))
    if pipeline.url:
        with connect(pipeline.url) as connection:
            connection.execute(
                f'CREATE TABLE "{pipeline.schema}"."replays"'
                " (replay_id text, event_id text, t timestamptz, digest text, replayed_at timestamptz)"
            )
    pipeline.declare("replays", time="t", **replays)
    return pipeline.write({}, use=["feedback"], store=f"sqlite:///{pipeline.folder / 'weir.db'}")


def packaged(pipeline: Pipeline) -> Any:
    """What the packaged checks of replays say at the end of the hour."""
    return pipeline.tick("2026-11-20T12:10Z", {}, use=["feedback"])


def test_the_packaged_checks_read_what_was_replayed(pipeline: Pipeline, call: Any) -> None:
    _read_by_checks(pipeline, call, {})


@pytest.mark.parametrize("pattern", ["replays/date=*/*.parquet", "replays/**/*.csv"])
def test_a_file_is_written_where_its_pattern_says(lake: Pipeline, call: Any, pattern: str) -> None:
    _read_by_checks(lake, call, {"files": pattern})


def _read_by_checks(pipeline: Pipeline, call: Any, replays: dict[str, Any]) -> None:
    """Ten of forty events come back different: the replay says so, and the packaged checks find it."""
    changed = EVENTS.copy()
    changed.loc[:9, "digest"] = "other"
    code, said = call(pipeline_of(pipeline, changed, replays), "replay", "events", *WINDOW)
    assert (code, said["into"], said["identical"], said["different"]) == (1, "replays", 30, 10)
    result = packaged(pipeline)
    assert not {"replayed-alike", "replayed-once"} & result.errors.keys()
    alike, once = result["replayed-alike"], result["replayed-once"]
    assert (alike.good, alike.total) == (30, 40)
    assert once.value == 0


def test_what_a_second_run_adds_is_seen_by_the_packaged_check(lake: Pipeline, call: Any) -> None:
    """A query that gives one row twice."""
    twice = f"{QUERY} UNION ALL {QUERY} WHERE event_id = 'e20'"
    path = pipeline_of(lake, EVENTS, {}, twice)
    said = call(path, "replay", "events", *WINDOW)[1]
    assert said["into"] == "replays"
    once = packaged(lake)["replayed-once"]
    assert once.value == pytest.approx(1 / once.total)
    assert said["extra"] == 1


def test_rows_that_cannot_be_added_leave_the_result(lake: Pipeline, call: Any) -> None:
    path = pipeline_of(lake, EVENTS, {"files": "replays/one.parquet"})
    code, said = call(path, "replay", "events", *WINDOW)
    assert (code, said["value"], said["into"]) == (0, 1.0, None)
    assert "no name of a file follows from 'replays/one.parquet'" in said["note"]
    assert len(call(path, "replay", "--list")[1]["replays"]) == 1


@pytest.mark.postgres
def test_a_user_who_may_only_read_is_told_what_is_missing(
    postgres_database: str, tmp_path: Path, call: Any
) -> None:
    with connect(postgres_database) as connection:
        connection.execute("CREATE SCHEMA s")
    pipeline = Pipeline(tmp_path, postgres_database, "s")
    path = pipeline_of(pipeline, EVENTS, {})
    with connect(postgres_database) as connection:
        connection.execute("DROP ROLE IF EXISTS reader_of_replays")
        connection.execute("CREATE ROLE reader_of_replays LOGIN")
        connection.execute("GRANT USAGE ON SCHEMA s TO reader_of_replays")
        connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA s TO reader_of_replays")
    user, _, rest = postgres_database.partition("://")[2].partition("@")
    path.write_text(path.read_text().replace(f"{user}@{rest}", f"reader_of_replays@{rest}"))
    try:
        said = call(path, "replay", "events", *WINDOW)[1]
        assert said["value"] == 1.0
        assert "InsufficientPrivilege 42501" in said["note"]
        assert "let its user insert there" in said["note"]
    finally:
        with connect(postgres_database) as connection:
            connection.execute("DROP OWNED BY reader_of_replays")
            connection.execute("DROP ROLE reader_of_replays")


def test_a_dry_run_writes_nothing(lake: Pipeline, call: Any) -> None:
    path = pipeline_of(lake, EVENTS, {})
    assert call(path, "replay", "events", *WINDOW, "--dry-run")[1]["value"] == 1
    assert not (lake.folder / "replays").exists()
    assert call(path, "replay", "--list")[1]["replays"] == []
