"""What names say. The tables below were written from schemas of warehouses, not from the table of words."""

import pytest

from monitor.discover.naming import event_times, identifies, plain, role, stem, words
from monitor.engines import ColumnType


def columns(**families: str) -> list[ColumnType]:
    return [ColumnType(name, family, family) for name, family in families.items()]


@pytest.mark.parametrize(
    "name, expected",
    [
        ("ingestTimeUTC", "ingest_time_utc"),
        ("UserID", "user_id"),
        ("Event-Time", "event_time"),
        ("HTTPUserAgent", "http_user_agent"),
        ("x", "x"),
    ],
)
def test_plain(name: str, expected: str):
    assert plain(name) == expected


@pytest.mark.parametrize(
    "name, expected",
    [
        ("ts", ""),
        ("ingest_ts", "ingest"),
        ("eventTimestamp", "event"),
        ("created_at", "created"),
        ("price", None),
    ],
)
def test_stem(name: str, expected: str | None):
    assert stem(name) == expected


@pytest.mark.parametrize(
    "table, families, best",
    [
        ("events", {"ingest_time": "aware", "event_time": "aware"}, "event_time"),
        ("events", {"received_at": "naive", "ts": "naive"}, "ts"),
        ("events", {"created_at": "aware", "updated_at": "aware"}, "created_at"),
        ("events", {"date": "date", "created_at": "aware"}, "created_at"),
        ("events", {"date": "date", "loaded_at": "aware"}, "date"),
        ("orders", {"order_date": "date", "shipped_at": "aware"}, "order_date"),
        ("users", {"birth_date": "date", "signup": "aware"}, "signup"),
        ("labels", {"label_time": "aware", "date": "date"}, "label_time"),
        ("clicks", {"clickTs": "integer", "n": "integer"}, "clickTs"),
        ("clicks", {"occurredAt": "text", "receivedAt": "text"}, "occurredAt"),
        ("x", {"expires_at": "aware"}, None),
        ("x", {"runtime": "number", "uptime_pct": "number"}, None),
    ],
)
def test_event_time(table: str, families: dict[str, str], best: str | None):
    ranked = [each.column for each in event_times(columns(**families), table)]
    assert (ranked or [None])[0] == best or (best is None and not ranked)


def test_runtime_in_numbers_is_no_event_time_ahead_of_a_real_one():
    ranked = event_times(columns(runtime="number", at="aware"), "jobs")
    assert ranked[0].column == "at"


@pytest.mark.parametrize(
    "families, expected",
    [
        (
            {
                "uid": "text",
                "ingested_at": "aware",
                "country": "text",
                "sku": "text",
                "ua": "text",
                "platform": "text",
            },
            {
                "user_id": "uid",
                "received_at": "ingested_at",
                "region": "country",
                "item_id": "sku",
                "user_agent": "ua",
                "device": "platform",
            },
        ),
        (
            {
                "customerId": "integer",
                "serverTimestamp": "naive",
                "dbInsertTime": "naive",
                "pscore": "number",
                "slot": "integer",
            },
            {
                "user_id": "customerId",
                "received_at": "serverTimestamp",
                "stored_at": "dbInsertTime",
                "propensity": "pscore",
                "position": "slot",
            },
        ),
        ({"user_id": "text", "uid": "text"}, {}),
        (
            {"feature_time": "aware", "stored_time": "aware"},
            {"available_at": "feature_time", "stored_at": "stored_time"},
        ),
        ({"position": "text", "rank": "integer"}, {}),
        ({"region": "integer"}, {}),
        (
            {"treatment": "text", "gdpr_consent": "boolean", "model": "text"},
            {"variant": "treatment", "consent": "gdpr_consent", "model_version": "model"},
        ),
    ],
)
def test_words(families: dict[str, str], expected: dict[str, str]):
    assert words(columns(**families), None) == expected


def test_event_time_is_no_word():
    found = columns(ingest_time="aware")
    assert words(found, None) == {"received_at": "ingest_time"}
    assert words(found, "ingest_time") == {}


def test_each_column_gets_one_word():
    found = words(columns(customer="text", client_id="text", visitor_id="text", ts="aware"), "ts")
    assert len(set(found.values())) == len(found)


@pytest.mark.parametrize(
    "table, expected",
    [
        ("impressions", "exposures"),
        ("events", "events"),
        ("analysis_gt", "outcomes"),
        ("raw_labels", "outcomes"),
        ("orders", None),
    ],
)
def test_role(table: str, expected: str | None):
    assert role(table) == expected


@pytest.mark.parametrize(
    "column, table, better_than",
    [
        ("order_id", "orders", ("user_id", "orders")),
        ("category_id", "categories", ("order_id", "categories")),
        ("event_id", "clicks", ("id", "clicks")),
        ("id", "clicks", ("user_id", "clicks")),
        ("item_id", "item_context", ("item_feature_key", "item_context")),
    ],
)
def test_keys_are_ranked(column: str, table: str, better_than: tuple[str, str]):
    mine, other = identifies(column, table), identifies(*better_than)
    assert mine is not None
    assert other is None or mine < other


def test_a_price_is_no_key():
    assert identifies("price", "orders") is None
