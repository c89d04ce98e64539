"""SQL of the user's means on each engine what that engine says it means, whatever stands in it."""

from typing import Any

import pytest

from monitor.engines.render import Scope, render
from monitor.expr import Fragment
from tests.engines.conftest import Both

pytestmark = pytest.mark.postgres

ROWS: dict[str, Any] = {
    "select": ["checkout", "view", "O'Hare", "100% off", "é_x", None, 'a "b"', "view"],
    "MixedCase": [1, 2, 3, 4, 5, None, -7, 0],
    "order": [10.5, -0.5, 0.0, 1e6, None, 2.5, 7.0, 1.0],
    "flag": [True, False, None, True, False, True, None, True],
    "group": ['{"k": {"z": 1}}', '{"k": {"z": 2}}', "{}", None, '{"k": null}', '{"k": {"z": 1}}', "{}", "{}"],
    "b": [1, 2, 3, 4, 5, 6, 7, 8],
    "d0": ["x", None, "y", "x", "", "x", "y", "z"],
}

COMMON = """
flag
not flag
"select" = 'checkout'
"select" = 'O''Hare'
"select" like '100\\% %' or "select" like '%x'
"select" not in ('view', 'a "b"')
"select" in ('é_x', '100% off')
"MixedCase" % 2 = 1
"MixedCase" between 1 and 3 and "order" > 0
MixedCase = 3
MIXEDCASE is not null
"MixedCase"::text = '-7'
cast("order" as integer) = 1
case when "MixedCase" > 2 then flag when "MixedCase" < 0 then true else "order" < 1 end
coalesce("order", 0) = 0
"MixedCase" is distinct from 4
"order" is null or flag is true
flag is not false
length("select") > 5
lower("select") = 'é_x'
"MixedCase" / 2 = 1
"MixedCase" / 2.0 = 1.5
-"MixedCase" = 7
abs("MixedCase" - 5) <= 2
"select" || 'x' = 'viewx'
substr("select", 2, 2) = 'ie'
position('%' in "select") > 0
replace("select", '%', '') = '100 off'
b = 2 or d0 = 'x'
b in (1, 2) and d0 is null
nullif(d0, '') is null
"select" = 'view' and ("MixedCase" = 2 or "MixedCase" = 0)
not ("MixedCase" = 2 and flag) or flag is null
extract(year from date '2026-01-01') = 2026 and flag
""".strip().splitlines()

OWN = {
    "duckdb": """
regexp_matches("select", '^[a-z]+$')
"select" ilike 'CHECK%'
contains("select", '%')
("group"->'k'->>'z') = '1'
json_extract_string("group", '$.k.z') = '2'
"group"::json->>'$.k.z' = '1'
list_contains(['view', 'checkout'], "select")
"select" similar to 'v.*'
try_cast("select" as integer) is null
"MixedCase" // 2 = 1
"select"[1] = 'v'
starts_with("select", 'v')
"MixedCase" = any([1, 2])
"select" glob 'v*'
""",
    "postgres": """
"select" ~ '^[a-z]+$'
"select" ~* '^CHECK'
"select" !~ 'view'
"select" ilike 'CHECK%'
"group"::jsonb->'k'->>'z' = '1'
"group"::json#>>'{k,z}' = '2'
"group"::jsonb @> '{"k": {"z": 1}}'
"group"::jsonb ? 'k'
"MixedCase" = any(array[1, 2])
"select" similar to 'v%'
"MixedCase"::numeric / 2 = 1.5
split_part("select", ' ', 1) = '100%'
"select" ^@ 'v'
starts_with("select", 'v')
(timestamp '2026-01-01' at time zone 'UTC') > '2025-01-01' and flag
""",
}


@pytest.fixture(scope="module")
def rows(both: Both) -> str:
    return both.rows(ROWS, "fragments")


def answers(both: Both, name: str, sql: str, dialect: str) -> tuple[list[Any], list[Any]]:
    """What Weir's rendering gives for each row, and what the engine gives for the text as it is."""
    engine, table = both.tables[name][["duckdb", "postgres"].index(dialect)]
    relation = engine.relation(table.dataset, None)
    rendered = render(Fragment(sql), Scope(table))
    written = (
        sql.replace('"MixedCase"', "MixedCase")
        .replace("MixedCase", '"MixedCase"')
        .replace("MIXEDCASE", '"MixedCase"')
    )
    ask = "SELECT {} AS x FROM {} ORDER BY n".format
    return tuple(engine.fetch(ask(text, relation))["x"].to_pylist() for text in (rendered, written))  # type: ignore


@pytest.mark.parametrize("sql", COMMON)
def test_common_sql_means_the_same_as_it_says(both: Both, rows: str, sql: str):
    for dialect in OWN:
        ours, plain = answers(both, rows, sql, dialect)
        assert ours == plain
        assert True in ours


@pytest.mark.parametrize(
    "dialect, sql", [(d, sql) for d, some in OWN.items() for sql in some.strip().splitlines()]
)
def test_sql_of_one_engine_means_what_it_says(both: Both, rows: str, dialect: str, sql: str):
    ours, plain = answers(both, rows, sql, dialect)
    assert ours == plain
    assert True in ours
