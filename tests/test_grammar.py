"""The small words of the YAML."""

import math
import subprocess
import sys
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from monitor import grammar as g
from monitor.model import DAY, HOUR, MINUTE, SECOND

STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)


@pytest.mark.parametrize(
    "text,microseconds",
    [
        ("90s", 90_000_000),
        ("10m", 600_000_000),
        ("2h", 7_200_000_000),
        ("7d", 604_800_000_000),
        ("4w", 2_419_200_000_000),
        ("500ms", 500_000),
        ("250us", 250),
        ("1h30m", 5_400_000_000),
    ],
)
def test_durations(text: str, microseconds: int) -> None:
    assert g.duration(text) == microseconds


@pytest.mark.parametrize(
    "text,why",
    [
        ("", "is no duration"),
        ("10", "is no duration"),
        ("ten minutes", "is no duration"),
        ("1.5h", "is no duration"),
        ("10 m", "is no duration"),
        ("10M", "is no duration"),
        ("30m1h", "is no duration"),
        ("٣m", "is no duration"),
        ("10m\n", "is no duration"),
        (10, "is no duration"),
        (True, "is no duration"),
        (None, "is no duration"),
        ("9" * 5000 + "s", "is no duration"),
        ("999999999999999w", "longer than a hundred years"),
        ("0s", "is zero"),
        ("-10m", "is negative"),
    ],
)
def test_what_is_no_duration(text: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        g.duration(text)


def test_offsets_and_delays_may_be_zero() -> None:
    offset, delay = TypeAdapter(g.Offset), TypeAdapter(g.Delay)
    assert offset.validate_python("-10m") == -10 * MINUTE
    assert offset.validate_python("0s") == delay.validate_python("0s") == 0
    with pytest.raises(ValidationError, match="negative"):
        delay.validate_python("-1s")


@given(st.integers(-g.LONGEST, g.LONGEST))
def test_a_shown_duration_reads_as_itself(value: int) -> None:
    assert g.duration(g.show_duration(value), allow_zero=True, allow_negative=True) == value


def test_durations_are_shown_as_people_write_them() -> None:
    shown = [g.show_duration(v) for v in (0, 10 * MINUTE, 90 * MINUTE, 28 * DAY, -5 * MINUTE, 1_500_000)]
    assert shown == ["0s", "10m", "1h30m", "28d", "-5m", "1s500ms"]


@pytest.mark.parametrize(
    "value,share", [("99.9%", 0.999), ("5%", 0.05), (0.995, 0.995), (1, 1.0), ("0%", 0.0)]
)
def test_percentages_are_exact(value: object, share: float) -> None:
    assert g.percentage(value) == share


@pytest.mark.parametrize(
    "value", ["99,9%", "most", "0.9", True, None, 99.9, "101%", "-1%", [1], math.nan, "1e99%"]
)
def test_what_is_no_percentage(value: object) -> None:
    with pytest.raises(ValueError, match=r"percentage|between"):
        g.percentage(value)


def test_a_number_meant_as_percents_is_noticed() -> None:
    with pytest.raises(ValueError, match=r"did you mean 99\.9%\?"):
        g.percentage(99.9)


@pytest.mark.parametrize(
    "text,size", [("10GB", 10**10), ("500MB", 5 * 10**8), ("1.5KB", 1500), ("2 GiB", 2 * 1024**3), ("7B", 7)]
)
def test_sizes(text: str, size: int) -> None:
    assert g.size(text) == size


@pytest.mark.parametrize("text", ["10", 10, "GB", "10 gigs", "0GB", "-1GB", "10iB", "10gb"])
def test_what_is_no_size(text: object) -> None:
    with pytest.raises(ValueError, match="is no size"):
        g.size(text)


@pytest.mark.parametrize(
    "text,unit,bad,good",
    [
        ("> 5%", "percent", 0.0501, 0.05),
        (">= 3", "number", 3, 2.999),
        ("< 99%", "percent", 0.98999, 0.99),
        ("<=0", "number", 0, 0.001),
        ("> 5s", "seconds", 5.001, 5),
        ("> 1h", "seconds", 3600.5, 3600),
        (">1.5s", "seconds", 1.6, 1.5),
        ("< 500ms", "seconds", 0.499, 0.5),
        ("outside 5%..15%", "percent", 0.151, 0.15),
        ("outside -1 .. 1", "number", -1.5, -1),
    ],
)
def test_bounds(text: str, unit: str, bad: float, good: float) -> None:
    bound = g.bound(text)
    assert (bound.unit, bound.text, str(bound)) == (unit, text, text)
    assert bound.breaks(bad)
    assert not bound.breaks(good)
    assert bound.breaks(math.nan)


def test_a_share_at_its_bound_does_not_break_it() -> None:
    assert not g.bound("< 99.9%").breaks(999 / 1000)
    assert not g.bound("> 0.1%").breaks(1 / 1000)


@pytest.mark.parametrize(
    "text",
    [
        "5%",
        "> five",
        "=> 5",
        "> 5 %",
        "> 5 s",
        "!= 5",
        "> 5y",
        "outside 5%",
        "outside 15%..5%",
        "outside 1..2%",
        5,
        None,
        "> ",
    ],
)
def test_what_is_no_bound(text: object) -> None:
    with pytest.raises(ValueError, match="bound"):
        g.bound(text)


class Inner(BaseModel):
    model_config = STRICT
    left: Annotated[str, g.ColumnName(of="a")]


class Outer(BaseModel):
    model_config = STRICT
    a: Annotated[str, g.DatasetName()]
    where: g.Fragment | None = None
    right_where: Annotated[str, g.SqlExpression(of="a")] | None = None
    start: g.Column = "t"
    keys: g.KeyColumns = ()
    pairs: g.KeyPairs = ()
    inner: Inner | None = None
    words: dict[g.Column, g.Fragment] | None = None
    plain: str = ""


def test_marked_texts_are_found_wherever_they_are() -> None:
    params = Outer.model_validate(
        {
            "a": "events",
            "right_where": "x > 1",
            "keys": ["k", "l"],
            "pairs": {"p": "q"},
            "inner": {"left": "c"},
            "words": {"w": "1"},
            "plain": "no",
        }
    )
    assert list(g.marked(params)) == [
        (("a",), g.DatasetName(), "events"),
        (("right_where",), g.SqlExpression(of="a"), "x > 1"),
        (("start",), g.ColumnName(), "t"),
        (("keys", 0), g.ColumnName(), "k"),
        (("keys", 1), g.ColumnName(), "l"),
        (("pairs", 0, 0), g.ColumnName(of="left"), "p"),
        (("pairs", 0, 1), g.ColumnName(of="right"), "q"),
        (("inner", "left"), g.ColumnName(of="a"), "c"),
        (("words", "w"), g.ColumnName(), "w"),
        (("words", "w"), g.SqlExpression(), "1"),
    ]


@pytest.mark.parametrize(
    "key,pairs", [("k", (("k", "k"),)), (["a", "b"], (("a", "a"), ("b", "b"))), ({"l": "r"}, (("l", "r"),))]
)
def test_keys_of_a_match(key: Any, pairs: tuple[tuple[str, str], ...]) -> None:
    assert Outer(a="events", pairs=key).pairs == pairs


@pytest.mark.parametrize(
    "wrong", [{"a": " "}, {"a": "e", "keys": []}, {"a": "e", "keys": [1]}, {"a": "e", "pairs": 5}]
)
def test_names_are_texts_with_something_in_them(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Outer.model_validate(wrong)


EXPRESSIONS = [
    "a = 1",
    "region = 'NO' and device is distinct from 'phone'",
    "comment = 'x' and replace(a, 'b', 'c') = 'd'",
    "case when a then b else not c end",
    "amount::int between 1 and 5",
    "payload ->> 'kind' = 'click'",
    "x in ('a', 'b') -- trailing remark",
    "name ~ '^a.*'",
    '"odd name" is not null',
    "date_trunc('day', a) = date '2026-01-01'",
    "interval '1 day' < d",
    "a;",
    "true",
]


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize("sql", EXPRESSIONS)
def test_expressions(sql: str, dialect: str) -> None:
    tree = g.parse_expression(sql, dialect)
    assert not any(node.comments for node in tree.walk())
    again = g.parse_expression(tree.sql(dialect), dialect)
    assert again.sql(dialect) == tree.sql(dialect), "what is written is read as the same"


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize(
    "sql,why",
    [
        ("", "is empty"),
        ("-- nothing", "is empty"),
        ("a = ", r"does not parse near '=' \(character 3\)"),
        ("a,\n b", r"does not parse near ',' \(character 2\)"),
        ("a =\n = b", r"does not parse near '=' \(line 2, character 2\)"),
        ("a = 1 as x", "does not parse near 'as'"),
        ("'abc", "a quote or a comment is not closed"),
        ("a; b", r"more than one statement \(character 4\)"),
        ("a = ';'; drop table events", r"more than one statement \(character 10\)"),
        ("select 1", "is a statement"),
        ("drop table events", "is a statement"),
        ("(select 1) = a", "subquery"),
        ("a in (select b from c)", "subquery"),
        ("exists (select 1)", "subquery"),
        ("a = any(select 1)", "subquery"),
        ("count(*) > 1", "aggregate"),
        ("sum(a) > 1", "aggregate"),
        ("bool_and(a)", "aggregate"),
        ("lag(a) over (order by b) = a", "window function"),
        ("unnest(a) = 1", "several rows"),
        ("*", "a `\\*`"),
        ("a = ?", "parameter"),
        ("a = $1", "parameter"),
        ("a = :name", "parameter"),
        ("random() < 0.5", "another answer"),
        ("t < now()", "another answer"),
        ("t < current_timestamp", "another answer"),
        ("pg_sleep(10) is null", "'pg_sleep', which does more"),
        ("pg_catalog.pg_read_file('x') is null", "'pg_read_file', which does more"),
        ("nextval('s') > 1", "'nextval', which does more"),
        ("a or dblink('x', 'y')", "'dblink', which does more"),
        ("a = '" + "x" * 20_000 + "'", "longer than 20,000"),
        ("(" * 5000 + "a" + ")" * 5000, "nested too deeply|does not parse"),
    ],
)
def test_what_is_no_expression(sql: str, why: str, dialect: str) -> None:
    with pytest.raises(ValueError, match=why):
        g.parse_expression(sql, dialect)


@pytest.mark.parametrize("sql", ["read_csv('x.csv')", "read_text('/etc/passwd') = 'x'", "glob('*')"])
def test_an_expression_reads_no_file(sql: str) -> None:
    with pytest.raises(ValueError, match="reads a file"):
        g.parse_expression(sql, "duckdb")


@pytest.mark.parametrize(
    "sql",
    [
        "select * from events",
        "with a as (select 1 as x) select x from a",
        "select 1 union all select 2",
        "select * from read_csv('x.csv') where a in (select b from c);",
        "from events select a",
    ],
)
def test_selects(sql: str) -> None:
    assert g.parse_select(sql, "duckdb").sql("duckdb").lower().count("select") >= 1


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
@pytest.mark.parametrize(
    "sql,why",
    [
        ("select 1; select 2", "more than one statement"),
        ("drop table a", "no SELECT"),
        ("copy a to 'b'", "no SELECT"),
        ("vacuum", "no SELECT"),
        ("set x = 1", "no SELECT"),
        ("insert into a select 1", "no SELECT"),
        ("a = 1", "no SELECT"),
        ("with a as (delete from b returning *) select * from a", "more than read"),
        ("with a as (insert into b values (1) returning *) select * from a", "more than read"),
        ("select * into b from a", "more than read"),
        ("select * from a for update", "more than read"),
        ("select pg_terminate_backend(1)", "which does more"),
        ("select * from a where b = $1", "parameter"),
        ("select * from a where", "does not parse near 'where'"),
    ],
)
def test_what_is_no_select(sql: str, why: str, dialect: str) -> None:
    with pytest.raises(ValueError, match=why):
        g.parse_select(sql, dialect)


def test_a_forgotten_warning_of_the_parser_does_not_reach_the_terminal() -> None:
    code = "from monitor.grammar import parse_select\ntry: parse_select('vacuum', 'postgres')\n"
    code += "except ValueError: pass"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == done.stdout == ""


def test_durations_are_in_the_units_of_the_model() -> None:
    assert (g.duration("1s"), g.duration("1h")) == (SECOND, HOUR)
