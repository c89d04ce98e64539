"""Deployments that were recorded with `weir mark`: what went out, when, and who says so."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from monitor.model import Window
from monitor.store.database import Store, bump, exclusive, plain, reading
from monitor.store.deployment_tables import deployments


@dataclass(frozen=True, slots=True)
class Marked:
    """A deployment at an instant, and when that was recorded, in microseconds."""

    at: int
    what: str
    author: str
    created: int


def add(connection: Connection, pipeline: str, marked: Marked) -> bool:
    """Records a deployment; False where the same one is recorded for the same instant already."""
    row = {"pipeline": pipeline, "at": marked.at, "what": plain(marked.what)}
    same = [deployments.c[name] == value for name, value in row.items()]
    exclusive(connection, 5)
    if connection.scalar(select(deployments.c.id).where(*same)) is not None:
        return False
    connection.execute(
        insert(deployments).values(row | {"author": plain(marked.author), "created": marked.created})
    )
    bump(connection)
    return True


def recorded(store: Store, pipeline: str, window: Window) -> list[Marked]:
    """The recorded deployments of a stretch, in order of time."""
    columns = (deployments.c.at, deployments.c.what, deployments.c.author, deployments.c.created)
    query = select(*columns).where(
        deployments.c.pipeline == pipeline, deployments.c.at >= window.start, deployments.c.at < window.end
    )
    with reading(store) as connection:
        rows = connection.execute(query.order_by(deployments.c.at, deployments.c.id))
        return [Marked(*row) for row in rows]
