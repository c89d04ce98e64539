"""What is kept for a page because somebody asked: an explanation, dead letters by cause, a report.

Of each subject there is one exhibit of a name, the newest; what is older than a week is dropped.
"""

import zlib
from dataclasses import dataclass

from sqlalchemy import delete, select

from monitor.model import DAY
from monitor.store import lease
from monitor.store.database import Store, plain, reading, upsert, writing
from monitor.store.lease import Fence
from monitor.store.request_tables import exhibits, samples

KEPT = 7 * DAY


@dataclass(frozen=True, slots=True)
class Exhibit:
    """Something about a subject, a check or a dataset. `progress` is 1 when it is finished, and below 0 when
    it failed; `said` what is being done, or what went wrong; `at` in microseconds.
    """

    subject: str
    name: str
    at: int
    progress: float
    said: str
    content: str = ""


def put(store: Store, pipeline: str, exhibit: Exhibit, fence: Fence | None = None) -> None:
    """Keep it in the place of the one before. Raises LeaseLost, StoreError."""
    row = {
        "pipeline": pipeline,
        "subject": plain(exhibit.subject),
        "name": exhibit.name,
        "at": exhibit.at,
        "progress": exhibit.progress,
        "said": plain(exhibit.said),
        "content": zlib.compress(plain(exhibit.content).encode(), 6),
    }
    with writing(store) as connection:
        if fence is not None:
            lease.check(connection, fence)
        upsert(connection, exhibits, [row])


def get(store: Store, pipeline: str, subject: str, name: str) -> Exhibit | None:
    """The newest of a name, if there is one."""
    mine = (exhibits.c.pipeline == pipeline) & (exhibits.c.subject == plain(subject))
    with reading(store) as connection:
        row = connection.execute(select(exhibits).where(mine, exhibits.c.name == name)).first()
    if row is None:
        return None
    content = zlib.decompress(row.content).decode()
    return Exhibit(row.subject, row.name, row.at, row.progress, row.said, content)


def state(store: Store, pipeline: str, subject: str, name: str) -> Exhibit | None:
    """The same without its content, which may be large."""
    columns = [each for each in exhibits.c if each.name != "content"]
    mine = (exhibits.c.pipeline == pipeline) & (exhibits.c.subject == plain(subject))
    with reading(store) as connection:
        row = connection.execute(select(*columns).where(mine, exhibits.c.name == name)).first()
    return None if row is None else Exhibit(row.subject, row.name, row.at, row.progress, row.said)


def prune(store: Store, now: int) -> int:
    """Drop exhibits and sampled rows that are older than a week; how many."""
    with writing(store) as connection:
        return sum(
            connection.execute(delete(table).where(table.c.at < now - KEPT)).rowcount
            for table in (exhibits, samples)
        )
