"""Adding rows to a table of PostgreSQL: the one thing for which a source is not opened read-only."""

from collections.abc import Iterable, Sequence
from typing import Any

from monitor.engines.render import quote, table_name
from monitor.errors import SourceDown, SourceError
from monitor.model import SECOND


def insert(source: Any, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Add rows in one transaction: all or none; how many. Texts become what the columns are.

    Raises SourceDown, SourceError with the class and code of the server's error: its words may quote rows.
    """
    import psycopg

    columns, places = ", ".join(map(quote, names)), ", ".join(["%s"] * len(names))
    statement = f"INSERT INTO {table_name(table)} ({columns}) VALUES ({places})".encode()
    timeout = f"-c TimeZone=UTC -c statement_timeout={max(1, source.timeout // 1000)}"
    given = list(rows)
    try:
        with (
            psycopg.connect(
                source.url.replace("+psycopg", "", 1),
                connect_timeout=max(2, source.timeout // SECOND),
                options=timeout,
                application_name="weir",
            ) as connection,
            connection.cursor() as cursor,
        ):
            cursor.executemany(statement, given)
    except psycopg.Error as error:
        code = error.sqlstate or ""
        name = f"{type(error).__name__} {code}".strip()
        kind = SourceError if code else SourceDown
        hint = "let its user insert there, and read" if code == "42501" else ""
        message = f"source '{source.name}' took no rows ({name})"
        raise kind(message, source=source.name, hint=hint) from None
    return len(given)
