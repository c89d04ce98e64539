"""SQL of the user's: one expression, or one SELECT, parsed when the file is loaded.

This is a check for slips and a fence against surprises, not a sandbox: what a source may do is decided by the
rights that Weir is given there. sqlglot loads when the first fragment is met.
"""

import logging
from collections.abc import Container
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlglot import exp
    from sqlglot.tokenizer_core import Token

__all__ = ["parse_expression", "parse_select"]

LONGEST = 20_000
"""Characters of a fragment; a parser of recursive descent runs out of stack long after that."""

_FORBIDDEN = frozenset(
    """dblink dblink_exec dblink_connect lo_import lo_export lo_unlink nextval setval set_config getenv
    pg_sleep pg_sleep_for pg_sleep_until pg_read_file pg_read_binary_file pg_ls_dir pg_stat_file pg_notify
    pg_terminate_backend pg_cancel_backend pg_reload_conf pg_advisory_lock pg_advisory_xact_lock pg_switch_wal
    pg_logical_emit_message query_to_xml table_to_xml query query_table""".split()  # noqa: SIM905
)
"""Functions that write, wait, signal, or read what is no table."""

_READERS = frozenset(
    """read_csv read_csv_auto read_parquet parquet_scan read_json read_json_auto read_json_objects read_ndjson
    read_text read_blob read_xlsx glob""".split()  # noqa: SIM905
)
"""Functions that read files: the business of a `query:` dataset, not of an expression on its rows."""

_STATEMENTS = frozenset(
    """select with insert update delete drop create alter truncate merge copy attach set pragma
    call""".split()  # noqa: SIM905
)

_AGGREGATES = frozenset(
    """bool_and bool_or every any_value list histogram string_agg json_agg jsonb_agg mode""".split()  # noqa: SIM905
)
"""Those that sqlglot takes for plain functions."""

_VOLATILE = frozenset(
    """now random clock_timestamp statement_timestamp transaction_timestamp today""".split()  # noqa: SIM905
)

_QUERY = "declare a dataset with `query:` instead"
_ROW = "where one value for each row is expected"


def parse_expression(sql: str, dialect: str) -> "exp.Expr":
    """The tree of one SQL expression that gives a value for each row.

    Raises ValueError, with the position inside the fragment, for SQL that does not parse, a second expression
    or statement, a subquery, an aggregate, a window function, a parameter, a function with side effects, and
    one that gives another answer each time (the clock is Weir's: any instant can be measured again).
    """
    from sqlglot import exp

    volatile = (exp.Rand, exp.Randn, exp.Uuid, exp.CurrentTimestamp, exp.CurrentDate, exp.CurrentTime)
    tree = _parse(sql, dialect, exp.Condition)
    nodes = list(tree.walk())
    _refuse(nodes, (exp.Query, exp.Subquery, exp.Exists), f"holds a subquery: {_QUERY}")
    _refuse(nodes, (exp.Window,), f"holds a window function: {_QUERY}")
    _refuse(nodes, (exp.AggFunc,), f"holds an aggregate, {_ROW}", _AGGREGATES)
    _refuse(nodes, (exp.Star,), f"holds a `*`, {_ROW}")
    _refuse(nodes, (exp.Unnest, exp.Explode), f"gives several rows for one: {_QUERY}")
    _refuse(nodes, volatile, "gives another answer each time: compare columns with each other", _VOLATILE)
    _refuse(nodes, (exp.ReadCSV, exp.ReadParquet), "reads a file: declare a dataset with `files:`", _READERS)
    _refuse_effects(nodes)
    return tree


def parse_select(sql: str, dialect: str) -> "exp.Query":
    """The tree of one SELECT; WITH and set operations are allowed.

    Raises ValueError for what does not parse, more than one statement, and whatever does more than read.
    """
    from sqlglot import exp

    tree = _parse(sql, dialect, None)
    if not isinstance(tree, exp.Select | exp.SetOperation):
        raise ValueError("is no SELECT: give one query that reads, and nothing else")
    nodes = list(tree.walk())
    writes = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.DDL, exp.Command, exp.Into, exp.Lock)
    _refuse([node for node in nodes if not isinstance(node, exp.Query)], writes, "does more than read")
    _refuse_effects(nodes)
    return tree


def _parse(sql: str, dialect: str, into: Any) -> "exp.Expr":
    from sqlglot.dialects.dialect import Dialect
    from sqlglot.errors import ParseError, TokenError

    # Of statements that it does not know sqlglot warns before it hands them over; they are refused below.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    if len(sql) > LONGEST:
        raise ValueError(f"is longer than {LONGEST:,} characters")
    try:
        reader = Dialect.get_or_raise(dialect)
        _refuse_second(reader.tokenize(sql))
        parsed = reader.parse_into(into, sql) if into else reader.parse(sql)
        trees = [tree for tree in parsed if tree is not None]
    except ParseError as error:
        if into and sql.split(maxsplit=1)[0].lower() in _STATEMENTS:
            raise ValueError("is a statement, where one expression is expected") from None
        raise ValueError(f"does not parse{_where(error.errors)}") from None
    except TokenError:
        raise ValueError("does not parse: a quote or a comment is not closed") from None
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    if not trees:
        raise ValueError("is empty")
    for node in trees[0].walk():
        node.comments = None
    return trees[0]


def _refuse_second(tokens: "list[Token]") -> None:
    for end, second in pairwise(tokens):
        if end.text == ";" and second.text != ";":
            start = second.col - (second.end - second.start)
            raise ValueError(f"holds more than one statement ({_character(second.line, start)})")


def _where(errors: list[dict[str, Any]]) -> str:
    found = errors[-1] if errors else {}
    word, line, column = found.get("highlight"), found.get("line"), found.get("col")
    if not word or not line or not column:
        return ""
    quoted = word.strip("'")
    return f" near '{quoted}' ({_character(line, column - len(word) + 1)})"


def _character(line: int, start: int) -> str:
    return f"{'' if line == 1 else f'line {line}, '}character {max(1, start)}"


def _refuse(nodes: "list[exp.Expr]", types: tuple[type, ...], why: str, names: Container[str] = ()) -> None:
    from sqlglot import exp

    for node in nodes:
        if isinstance(node, types) or (isinstance(node, exp.Anonymous) and node.name.lower() in names):
            raise ValueError(why + _position(node))


def _refuse_effects(nodes: "list[exp.Expr]") -> None:
    from sqlglot import exp

    _refuse(
        nodes,
        (exp.Parameter, exp.SessionParameter, exp.Placeholder),
        "holds a parameter: write the value itself",
    )
    for node in nodes:
        if isinstance(node, exp.Anonymous) and node.name.lower() in _FORBIDDEN:
            raise ValueError(
                f"calls '{node.name.lower()}', which does more than compute a value{_position(node)}"
            )


def _position(node: "exp.Expr") -> str:
    for part in node.walk():
        if column := part.meta.get("col"):
            length = part.meta.get("end", 0) - part.meta.get("start", 0)
            return f" ({_character(part.meta.get('line', 1), column - length)})"
    return ""
