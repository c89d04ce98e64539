"""Rows that keep a contract, against pandas and the cells that are known to be bad."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.contracts.odcs import load
from tests.pipelines import Pipeline

NOW = pd.Timestamp("2026-11-20T12:00:00Z")
CHECK: dict[str, Any] = {"kind": "schema", "dataset": "rows", "window": "1h", "settle": "0s"}
CONTRACT: dict[str, Any] = {
    "columns": {
        "id": {"type": "string", "required": True, "unique": True, "pattern": "^e[0-9]+$"},
        "amount": {"type": "number", "min": 0, "max": 100},
        "count": {"type": "integer"},
        "status": {"type": "string", "enum": ["new", "done"], "required": True},
        "day": {"type": "date", "min": "2026-01-01"},
        "note": {"maxLength": 5},
        "flag": "boolean",
    }
}


def frame(seed: int = 3, size: int = 600) -> pd.DataFrame:
    """Rows of which every promise is broken by some."""
    draw = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "id": [f"e{n}" for n in draw.integers(0, size * 4, size)],
            "amount": draw.uniform(-5, 105, size).round(2),
            "count": draw.choice(["1", "22", "3.5", "x", "", "7.0", None], size),
            "status": draw.choice(["new", "done", "gone", None], size, p=[0.6, 0.3, 0.05, 0.05]),
            "day": draw.choice(["2026-02-28", "2026-02-30", "2025-12-31", "n/a", None], size),
            "note": draw.choice(["", "short", "too long", None], size),
            "flag": draw.choice([True, False, None], size),
            "region": draw.choice(["eu", "us", None], size),
            "t": NOW - pd.to_timedelta(draw.integers(1, 3600, size), "s"),
        }
    )
    rows.loc[rows.index % 50 == 0, "id"] = None
    rows.loc[rows.index % 41 == 0, "id"] = "bad"
    rows.loc[rows.index % 37 == 0, "amount"] = None
    rows["flag"] = rows["flag"].astype("boolean")
    return rows


def broken(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Which rows break each rule, by plain Python."""

    def whole(text: Any) -> bool:
        return text is None or re.fullmatch(r"[+-]?\d+(\.0+)?", text) is not None

    parsed = pd.to_datetime(rows["day"], format="%Y-%m-%d", errors="coerce")
    ordered = rows.sort_values(["t"], kind="stable")
    first = ~ordered.duplicated("id") | ordered["id"].isna()
    return {
        "id.required": rows["id"].isna(),
        "id.pattern": rows["id"].map(lambda text: text is not None and not re.search("^e[0-9]+$", str(text))),
        "id.unique": ~first.reindex(rows.index),
        "amount.range": (rows["amount"] < 0) | (rows["amount"] > 100),
        "count.type": ~rows["count"].map(whole),
        "status.required": rows["status"].isna(),
        "status.enum": rows["status"].notna() & ~rows["status"].isin(["new", "done"]),
        "day.type": rows["day"].notna() & parsed.isna(),
        "day.range": parsed < pd.Timestamp("2026-01-01"),
        "note.length": rows["note"].str.len() > 5,
    }


def nulls(rows: pd.DataFrame) -> pd.DataFrame:
    """None where pandas has NaN, so that texts reach every engine as NULL."""
    texts = rows.select_dtypes(exclude=["number", "datetimetz"]).columns
    return rows.assign(**{name: rows[name].astype(object).where(rows[name].notna(), None) for name in texts})


def test_every_rule(pipeline: Pipeline):
    rows = nulls(frame())
    rows = rows[~rows.duplicated("t")]
    pipeline.rows("rows", rows, time="t", lateness="1m")
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"contract": CONTRACT, "by": "region"}})
    expected = broken(rows)
    counted = {name: int(flags.fillna(False).sum()) for name, flags in expected.items()}
    assert said["c"].detail["rules"] == {name: n for name, n in counted.items() if n}
    assert min(counted.values()) > 0
    bad = pd.concat(expected, axis=1).fillna(False).any(axis=1)
    assert (said["c"].good, said["c"].total) == (int((~bad).sum()), len(rows))
    assert said["c"].value == said["c"].good / len(rows)
    assert said["c"].outcome == "fail"
    assert said["c"].detail["unknown_columns"] == ["region", "t"]
    named = rows.assign(bad=bad, region=rows["region"].fillna("__null__")).groupby("region")["bad"]
    assert {key: each.good for key, each in said.segments("c").items()} == {
        key: int((~some).sum()) for key, some in named
    }


def test_rows_that_keep_it_pass(pipeline: Pipeline):
    rows = nulls(frame())
    good = ~pd.concat(broken(rows), axis=1).fillna(False).any(axis=1)
    pipeline.rows("rows", rows[good], time="t", lateness="1m")
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"contract": CONTRACT}})
    assert (said["c"].value, said["c"].outcome, said["c"].detail["rules"]) == (1, "pass", {})


def test_a_missing_required_column_fails_whatever_the_bounds_say(pipeline: Pipeline):
    rows = nulls(frame(size=50)).drop(columns=["status", "note"])
    pipeline.rows("rows", rows, time="t", lateness="1m")
    contract = {"columns": {"status": {"required": True}, "note": "string", "region": "string"}}
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"contract": contract, "fail": "< 0%"}})
    assert (said["c"].value, said["c"].outcome) == (0, "fail")
    assert "lacks the required column 'status'" in said["c"].message
    assert said["c"].detail["missing_columns"] == ["status", "note"]
    assert said["c"].detail["rules"] == {"status.missing": 50}
    del contract["columns"]["status"]
    said = pipeline.tick(NOW.to_pydatetime(), {"d": CHECK | {"contract": contract}})
    assert (said["d"].value, said["d"].outcome) == (1, "warn")
    assert "lacks the column 'note'" in said["d"].message


def test_a_column_of_another_type_fails(pipeline: Pipeline):
    rows = nulls(frame(size=50))
    pipeline.rows("rows", rows, time="t", lateness="1m")
    contract = {"amount": "boolean", "t": "timestamp", "flag": "boolean"}
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"contract": contract, "fail": "< 0%"}})
    assert said["c"].outcome == "fail"
    assert "column 'amount' is" in said["c"].message
    assert said["c"].detail["rules"] == {"amount.type": rows["amount"].notna().sum()}
    assert list(said["c"].detail["wrong_types"]) == ["amount"]


@pytest.mark.parametrize("policy, outcome", [("ignore", "pass"), ("warn", "warn"), ("fail", "fail")])
def test_unknown_fields(lake: Pipeline, policy: str, outcome: str):
    lake.rows("rows", nulls(frame(size=50)), time="t", lateness="1m")
    contract = {
        "columns": [{"name": name} for name in ("id", "t", "amount", "count", "status", "day", "note")]
    }
    said = lake.tick(NOW.to_pydatetime(), {"c": CHECK | {"contract": contract, "unknown_fields": policy}})
    assert said["c"].outcome == outcome
    assert said["c"].detail["unknown_columns"] == ["flag", "region"]


def test_versions(pipeline: Pipeline):
    rows = nulls(frame(size=100)).assign(schema_version=["1.0"] * 60 + ["1.1"] * 30 + [None] * 4 + ["9"] * 6)
    pipeline.rows("rows", rows, time="t", lateness="1m")
    contract = {"region": "string"}
    checks = {
        "any": CHECK | {"contract": contract},
        "some": CHECK | {"contract": contract, "versions": ["1.0", 1.1]},
    }
    said = pipeline.tick(NOW.to_pydatetime(), checks)
    shares = {"1.0": 0.6, "1.1": 0.3, "9": 0.06, "__null__": 0.04}
    assert said["any"].detail["schema_versions"] == said["some"].detail["schema_versions"] == shares
    assert (said["any"].value, said["some"].value) == (1, 0.9)
    assert said["some"].detail["rules"] == {"schema_version.enum": 6, "schema_version.required": 4}


PAYLOADS = [
    '{"user": {"id": 7, "mail": "a@b.de"}, "score": 0.5, "tags": ["x"]}',
    '{"user": {"id": "7"}, "score": 2}',
    '{"user": {}, "score": null}',
    '{"score": "high"}',
    '{"user": {"id": 7.0, "mail": "nobody"}}',
    '{"user": 5}',
    "[1]",
    '{"user": {"id": 1}',
    "",
    None,
]


def test_payload(pipeline: Pipeline):
    rows = pd.DataFrame(
        {"body": PAYLOADS, "t": [NOW - pd.Timedelta(f"{n + 1}s") for n in range(len(PAYLOADS))]}
    )
    pipeline.rows("rows", rows, time="t", lateness="1m")
    payload = {
        "column": "body",
        "required": True,
        "properties": {
            "user": {
                "type": "object",
                "required": True,
                "properties": {
                    "id": {"type": "integer", "required": True},
                    "mail": {"type": "string", "format": "email"},
                },
            },
            "score": {"type": "number", "max": 1},
            "tags": "array",
        },
    }
    said = pipeline.tick(NOW.to_pydatetime(), {"c": CHECK | {"payload": payload}})
    assert said["c"].detail["rules"] == {
        "body.required": 1,
        "body.json": 2,
        "body.type": 1,
        "body.user.required": 1,
        "body.user.type": 1,
        "body.user.id.required": 1,
        "body.user.id.type": 1,
        "body.user.mail.format": 1,
        "body.score.type": 1,
        "body.score.range": 1,
    }
    assert said["c"].detail["parse_errors"] == 2
    assert (said["c"].good, said["c"].total) == (1, 10)


def test_keys_of_several_columns_look_back(pipeline: Pipeline):
    times = [NOW - pd.Timedelta(minutes=m) for m in (50, 40, 30, 20, 10, 5)]
    rows = pd.DataFrame({"a": ["x"] * 6, "b": [1, 1, 2, 2, None, None], "t": times, "v": [1, 1, 1, 0, 1, 1]})
    rows["b"] = rows["b"].astype("Int64")
    pipeline.rows("rows", rows, time="t", lateness="1m")
    contract = {"columns": {"a": "string", "b": "integer", "v": {"enum": [1]}}, "keys": [["a", "b"]]}
    checks = {
        "wide": CHECK | {"contract": contract, "look_back": "10m"},
        "near": CHECK | {"contract": contract, "look_back": "9m"},
    }
    said = pipeline.tick(NOW.to_pydatetime(), checks)
    assert said["wide"].detail["rules"] == {"a,b.unique": 2, "v.enum": 1}
    assert (said["wide"].good, said["near"].good) == (4, 5)  # one row breaks both rules


def test_many_rules_and_a_snapshot(pipeline: Pipeline):
    rows = pd.DataFrame({f"c{n}": ["x", "y", None] for n in range(40)})
    pipeline.rows("rows", rows)
    contract = {f"c{n}": {"required": True, "enum": ["x"]} for n in range(41)}
    check = {"kind": "schema", "dataset": "rows", "contract": contract}
    said = pipeline.tick(NOW.to_pydatetime(), {"c": check})
    assert (said["c"].good, said["c"].total) == (0, 3)
    assert len(said["c"].detail["rules"]) == 81
    del contract["c40"]
    said = pipeline.tick(NOW.to_pydatetime(), {"d": check})
    assert said["d"].good == 1


# Files of the standard --------------------------------------------------------------------------------------


def examples(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "contracts" / "odcs_examples").rglob("*.yaml"))


def test_every_example_measures(lake: Pipeline, shared_data: Path):
    lake.rows("rows", nulls(frame(size=20)), time="t", lateness="1m")
    checks: dict[str, Any] = {}
    for path in examples(shared_data):
        for number, table in enumerate(load(path).tables or [None]):
            name = f"{path.name.split('.')[0]}-{number}"
            named = {"table": table.name} if table else {}
            checks[name] = CHECK | {"contract": str(path)} | named
    said = lake.tick(NOW.to_pydatetime(), checks)
    assert not said.ticked.errors
    assert all(said[name].total == 20 for name in checks)
    assert said["all-data-types-0"].detail["unchecked"]
    assert said["azure-server-0"].value == 1


def test_an_example_with_data(pipeline: Pipeline, shared_data: Path):
    contract = shared_data / "contracts/odcs_examples/data-types/all-data-types.odcs.yaml"
    good = {
        "account_id": "ACC12345678",
        "txn_ref_date": "2020-06-30",
        "txn_timestamp": "2020-06-30 12:00:00",
        "txn_timestamp_tz": "2020-06-30 12:00:00+10:00",
        "txn_time": "23:59:58",
        "amount": 12.5,
        "age": 18,
        "is_open": True,
        "latest_txns": "[1, 2]",
        "customer_details": '{"num_children": 2, "date_of_birth": "1990-01-01"}',
    }
    bad: dict[str, Any] = {
        "account_id.pattern": {"account_id": "ACX12345678"},
        "account_id.length": {"account_id": "ACC123456789"},
        "txn_ref_date.range": {"txn_ref_date": "2020-01-01"},
        "txn_ref_date.type": {"txn_ref_date": "30.06.2020"},
        "txn_timestamp.range": {"txn_timestamp": "2021-01-01 00:00:01"},
        "txn_timestamp_tz.range": {"txn_timestamp_tz": "2020-01-01 00:00:00+11:00"},
        "txn_time.type": {"txn_time": "25:00:00"},
        "amount.range": {"amount": -0.01},
        "age.range": {"age": 100},
        "latest_txns.json": {"latest_txns": "[1, 2"},
        "customer_details.num_children.required": {"customer_details": '{"date_of_birth": 1}'},
    }
    rows = pd.DataFrame([good, *({**good, **each} for each in bad.values())])
    pipeline.rows("rows", rows)
    said = pipeline.tick(
        NOW.to_pydatetime(), {"c": {"kind": "schema", "dataset": "rows", "contract": str(contract)}}
    )
    assert said["c"].detail["rules"] == dict.fromkeys(bad, 1)
    assert said["c"].good == 1


def test_library_rules_with_numbers(pipeline: Pipeline, tmp_path: Path):
    contract = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "x",
        "version": "1",
        "status": "active",
        "schema": [
            {
                "name": "rows",
                "properties": [
                    {
                        "name": "a",
                        "quality": [{"metric": "nullValues", "mustBeLessThan": 30, "unit": "percent"}],
                    },
                    {
                        "name": "b",
                        "quality": [
                            {
                                "metric": "invalidValues",
                                "mustBeLessOrEqualTo": 1,
                                "arguments": {"validValues": ["x", "y"]},
                                "severity": "warning",
                            },
                            {
                                "metric": "missingValues",
                                "mustBe": 2,
                                "arguments": {"missingValues": [None, "n/a"]},
                            },
                        ],
                    },
                ],
                "quality": [
                    {"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": ["a", "b"]}},
                    {"type": "sql", "query": "select 1", "mustBe": 1, "name": "one"},
                ],
            }
        ],
    }
    (pipeline.folder / "c.yaml").write_text(json.dumps(contract))
    pipeline.rows("rows", pd.DataFrame({"a": [1, 2, 3, 4], "b": ["x", "n/a", None, "q"]}))
    check = {"kind": "schema", "dataset": "rows", "contract": "c.yaml"}
    said = pipeline.tick(NOW.to_pydatetime(), {"c": check})
    assert said["c"].outcome == "warn"
    assert "b.invalidValues is 2 rows, the contract says <= 1" in said["c"].message
    assert said["c"].detail["tolerated"] == {"a.nullValues": 0, "b.invalidValues": 2, "b.missingValues": 2}
    assert said["c"].detail["unchecked"] == ["rows: quality rule sql: one"]
    assert said["c"].value == 1
    pipeline.rows("rows", pd.DataFrame({"a": [1, None, None], "b": ["x", None, None]}).astype({"a": "Int64"}))
    said = pipeline.tick((NOW + pd.Timedelta("1h")).to_pydatetime(), {"c": check})
    assert said["c"].outcome == "fail"
    assert said["c"].detail["rules"] == {"a,b.unique": 1}


# Dirty tables -----------------------------------------------------------------------------------------------


def derived(clean: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    """A contract as a person writes it after a look at clean data: types, required, values, ranges, forms."""
    columns: dict[str, Any] = {}
    for name, (_, cells) in zip(names, clean.items(), strict=True):
        known = cells[cells != ""]
        promise: dict[str, Any] = {"required": len(known) == len(cells)}
        numbers = pd.to_numeric(known, errors="coerce")
        forms = known.map(lambda text: re.sub("[0-9]", "9", re.sub("[a-zA-Z]+", "a", text)))
        if len(known) and numbers.notna().all():
            promise |= {"type": "number", "min": float(numbers.min()), "max": float(numbers.max())}
        elif known.nunique() <= len(known) / 4:
            promise |= {"type": "string", "enum": sorted(known.unique())}
        elif forms.nunique() == 1:
            promise |= {
                "type": "string",
                "pattern": "^" + re.sub("9", "[0-9]", re.sub("a", "[a-zA-Z]+", forms.iloc[0])),
            }
        else:
            promise |= {"type": "string", "maxLength": int(known.str.len().max())}
        columns[name] = promise
    return {"columns": columns}


@pytest.mark.parametrize("table, cells, least", [("hospital", 509, 0.9), ("beers", 4362, 0.5)])
def test_a_contract_of_the_clean_table_finds_bad_cells(
    lake: Pipeline, shared_data: Path, table: str, cells: int, least: float
):
    folder = shared_data / "dirty_tables"
    clean, dirty = (
        pd.read_csv(folder / f"{table}_{kind}.csv", dtype=str, keep_default_na=False)
        for kind in ("clean", "dirty")
    )
    contract = derived(clean, list(dirty.columns))
    clean.columns = dirty.columns
    for name, rows in (("clean", clean), ("dirty", dirty)):
        lake.rows(name, rows.replace("", None))
    checks = {each: {"kind": "schema", "dataset": each, "contract": contract} for each in ("clean", "dirty")}
    said = lake.tick(NOW.to_pydatetime(), checks)
    assert said["clean"].value == 1
    assert said["clean"].detail["rules"] == {}
    wrong = (clean != dirty).to_numpy()
    assert wrong.sum() == cells
    found = sum(said["dirty"].detail["rules"].values())
    print(table, found, cells, said["dirty"].value, 1 - wrong.any(axis=1).mean())
    assert least * cells <= found <= cells
    assert said["dirty"].outcome == "fail"


def test_a_file_of_text_keeps_its_contract(lake: Pipeline, shared_data: Path):
    """Types that a reader guesses from text are no promise of the producer's."""
    path = shared_data / "dirty_tables" / "hospital_clean.csv"
    lake.declare("rows", files=str(path))
    contract = {"ZipCode": {"type": "string", "length": 5}, "ProviderNumber": {"type": "integer", "min": 1}}
    said = lake.tick(NOW.to_pydatetime(), {"c": {"kind": "schema", "dataset": "rows", "contract": contract}})
    assert (said["c"].value, said["c"].outcome) == (1, "pass")


# Configuration ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "contract, says",
    [
        ({"columns": {"a": {"typ": "string"}}}, "column 'a': unknown key 'typ': did you mean 'type'?"),
        ({"a": {"type": "strin"}}, "column 'a': unknown type 'strin'"),
        ({"a": {"pattern": "(?=x)"}}, "has '(?=', which not every engine knows"),
        ({"a": {"pattern": "("}}, "is no regular expression"),
        ({"a": {"range": [1]}}, "'range' must have two ends"),
        ({"a": {"type": "date", "min": "soon"}}, "the limit 'soon' is neither a number nor a date"),
        ({"columns": {"a": {}}, "required": ["b"]}, "'required' names 'b'"),
        ("none.yaml", "the contract 'none.yaml' cannot be read"),
    ],
)
def test_slips(lake: Pipeline, contract: Any, says: str):
    from monitor.errors import ConfigError

    lake.rows("rows", pd.DataFrame({"a": ["x"]}))
    with pytest.raises(ConfigError, match=re.escape(says)):
        lake.load({"c": {"kind": "schema", "dataset": "rows", "contract": contract}})
