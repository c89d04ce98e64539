"""What a change of a contract breaks, and for whom."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from monitor.cli import weir
from monitor.contracts.diff import diff
from monitor.contracts.odcs import inline, load

BASE: dict[str, Any] = {
    "id": {"type": "integer", "physicalType": "bigint", "required": True},
    "name": {"type": "string", "physicalType": "varchar(40)"},
    "state": {"type": "string", "enum": ["new", "done"]},
    "share": {"type": "number", "min": 0, "max": 1},
    "code": {"type": "string", "pattern": "^[a-z]+$"},
    "made_at": {"type": "timestamp", "min": "2020-01-01"},
    "user": {"type": "object", "properties": {"mail": "string", "age": "integer"}},
}

CASES: dict[str, tuple[dict[str, Any | None], list[tuple[str, str, tuple[str, ...]]]]] = {
    "nothing": ({}, []),
    "removed": ({"code": None}, [("column_removed", "code", ("producers", "consumers"))]),
    "renamed": (
        {"made_at": None, "madeAt": BASE["made_at"]},
        [("column_renamed", "made_at", ("producers", "consumers"))],
    ),
    "added": ({"note": "string"}, [("column_added", "note", ())]),
    "added and required": ({"note": {"required": True}}, [("column_added", "note", ("producers",))]),
    "retyped": ({"share": "string"}, [("type_changed", "share", ("producers", "consumers")),
                                      ("range_removed", "share", ("consumers",))]),
    "narrower number": ({"share": {"type": "integer", "min": 0, "max": 1}},
                        [("type_narrowed", "share", ("producers",))]),
    "wider number": ({"id": {"type": "number", "required": True}}, [("type_widened", "id", ("consumers",))]),
    "fewer bits": ({"id": {"type": "integer", "physicalType": "int", "required": True}},
                   [("type_narrowed", "id", ("producers",))]),
    "shorter": ({"name": {"type": "string", "physicalType": "varchar(20)"}},
                [("length_narrowed", "name", ("producers",))]),
    "longer": ({"name": {"type": "string", "physicalType": "varchar(80)"}},
               [("length_widened", "name", ("consumers",))]),
    "required": ({"name": BASE["name"] | {"required": True}}, [("required_added", "name", ("producers",))]),
    "optional": ({"id": BASE["id"] | {"required": False}}, [("required_removed", "id", ("consumers",))]),
    "unique": ({"name": BASE["name"] | {"unique": True}}, [("unique_added", "name", ("producers",))]),
    "fewer values": ({"state": {"type": "string", "enum": ["new"]}},
                     [("enum_narrowed", "state", ("producers",))]),
    "more values": (
        {"state": {"type": "string", "enum": ["new", "done", "gone"]}},
        [("enum_widened", "state", ("consumers",))],
    ),
    "other values": (
        {"state": {"type": "string", "enum": ["new", "gone"]}},
        [("enum_narrowed", "state", ("producers",)), ("enum_widened", "state", ("consumers",))],
    ),
    "values at all": ({"code": BASE["code"] | {"enum": ["a"]}}, [("enum_added", "code", ("producers",))]),
    "narrower range": ({"share": {"type": "number", "min": 0.1, "max": 1}},
                       [("range_narrowed", "share", ("producers",))]),
    "open end": ({"share": {"type": "number", "exclusiveMinimum": 0, "max": 1}},
                 [("range_narrowed", "share", ("producers",))]),
    "wider range": ({"share": {"type": "number", "min": 0}}, [("range_widened", "share", ("consumers",))]),
    "moved range": ({"share": {"type": "number", "min": 1, "max": 2}},
                    [("range_changed", "share", ("producers", "consumers"))]),
    "later dates": ({"made_at": {"type": "timestamp", "min": "2021-01-01"}},
                    [("range_narrowed", "made_at", ("producers",))]),
    "another pattern": ({"code": {"type": "string", "pattern": "^[a-f]+$"}},
                        [("pattern_changed", "code", ("producers", "consumers"))]),
    "a member": (
        {"user": {"type": "object", "properties": {"age": {"type": "integer", "min": 0}}}},
        [("column_removed", "user.mail", ("producers", "consumers")),
         ("range_added", "user.age", ("producers",))],
    ),
    "a whole object": ({"user": None}, [("column_removed", "user", ("producers", "consumers"))]),
}  # fmt: skip


def changed(changes: dict[str, Any | None]) -> dict[str, Any]:
    return {name: each for name, each in {**BASE, **changes}.items() if each is not None}


@pytest.mark.parametrize("case", CASES)
def test_changes(case: str):
    changes, expected = CASES[case]
    found = diff(inline({"columns": BASE}), inline({"columns": changed(changes)}))
    assert [(each.kind, each.column, each.breaks) for each in found] == expected


def test_keys_and_tables():
    one = {"schema": [{"name": "a", "properties": [{"name": "x"}, {"name": "y"}]}, {"name": "b"}]}
    keyed = [{"name": "x", "primaryKey": True}, {"name": "y", "primaryKey": True}]
    two = {"schema": [{"name": "a", "properties": keyed}, {"name": "c"}]}
    found = [(each.kind, each.table, each.column) for each in diff(inline(one), inline(two))]
    assert found == [
        ("required_added", "a", "x"),
        ("required_added", "a", "y"),
        ("unique_added", "a", "x,y"),
        ("table_removed", "b", ""),
        ("table_added", "c", ""),
    ]


def test_a_name_for_life_tells_a_rename():
    old = {
        "columns": [{"name": "a", "id": "1", "type": "string"}, {"name": "b", "id": "2", "type": "string"}]
    }
    new = {
        "columns": [{"name": "z", "id": "1", "type": "string"}, {"name": "b", "id": "2", "type": "string"}]
    }
    (change,) = diff(inline(old), inline(new))
    assert (change.kind, change.text) == ("column_renamed", "column 'a' is called 'z' now")


def run(*arguments: str | Path) -> tuple[int, str]:
    from monitor.errors import WeirError

    done = CliRunner().invoke(weir, ["contract", "diff", *map(str, arguments)], standalone_mode=False)
    if isinstance(done.exception, WeirError):
        return done.exception.exit_code, str(done.exception)
    return done.return_value or done.exit_code, done.output


def test_the_command(tmp_path: Path):
    def write(name: str, columns: dict[str, Any]) -> Path:
        path = tmp_path / name
        path.write_text(json.dumps({"columns": columns}))
        return path

    old = write("old.yaml", BASE)
    added, wider, narrow = (
        write("added.yaml", {**BASE, "note": "string"}),
        write("wider.yaml", {**BASE, "state": {"type": "string", "enum": ["new", "done", "x"]}}),
        write("narrow.yaml", {**BASE, "state": {"type": "string", "enum": ["new"]}}),
    )
    assert run(old, old) == (0, "0 breaking, 0 compatible\n")
    assert run(old, added) == (0, "compatible: column 'note' is new\n0 breaking, 1 compatible\n")
    assert run(old, wider)[0] == 0
    assert run(old, wider, "--strict")[0] == 1
    code, said = run(old, narrow)
    assert (code, said.splitlines()[0]) == (
        1,
        "breaking: 'state' may not be 'done' any more (breaks producers)",
    )
    code, said = run(old, narrow, "--json")
    assert code == 1
    assert json.loads(said)["breaking"] == 1
    assert json.loads(said)["changes"][0]["kind"] == "enum_narrowed"


@pytest.mark.parametrize(
    "text, says",
    [
        (None, "cannot be read: No such file"),
        ("columns: [", "c.yaml:1:11: this is no YAML"),
        ("kind: Deployment\napiVersion: v3.1.0", "this is no data contract"),
        ("apiVersion: v2.2.2\nkind: DataContract", "version 3 of the standard"),
        ("columns: {a: {typ: string}}", "column 'a': unknown key 'typ'"),
        ("just text", "keys and values are expected"),
    ],
)
def test_what_is_no_contract(tmp_path: Path, text: str | None, says: str):
    path = tmp_path / "c.yaml"
    if text is not None:
        path.write_text(text)
    code, said = run(path, path)
    assert (code, says in said) == (2, True), said


def test_every_example_equals_itself(shared_data: Path):
    for path in sorted((shared_data / "contracts" / "odcs_examples").rglob("*.yaml")):
        assert run(path, path)[0] == 0
    whole = shared_data / "contracts/odcs_examples/all/full-example.odcs.yaml"
    assert len(load(whole).tables) == 2
