"""Adding and ending silences, with a line in the audit trail that comes with them or not at all."""

from collections.abc import Sequence

from monitor.audit import Line, write
from monitor.model import Window
from monitor.store import Store, silences
from monitor.store.database import writing
from monitor.store.silences import Matcher


def add(
    store: Store,
    pipeline: str,
    matchers: Sequence[Matcher],
    window: Window,
    reason: str,
    author: str,
    now: int,
) -> int:
    """Keeps a silence; returns its number. Raises ValueError for one of everything, StoreError."""
    with writing(store) as connection:
        number = silences.add(connection, pipeline, matchers, window, reason=reason, author=author, now=now)
        said = {"matchers": dict(matchers), "starts": window.start, "ends": window.end, "reason": reason}
        write(connection, pipeline, Line(now, author, "silence add", str(number), said))
        return number


def end(store: Store, pipeline: str, number: int, author: str, now: int) -> bool:
    """Ends a silence; false where none of that number holds or is to come. Raises StoreError."""
    with writing(store) as connection:
        done = silences.end(connection, pipeline, number, now)
        if done:
            write(connection, pipeline, Line(now, author, "silence end", str(number), {}))
        return done
