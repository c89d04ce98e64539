"""Who ticks: one holder at a time, and an epoch by which a paused one is fenced out.

After M. Kleppmann, "How to do distributed locking" (2016): a lease that ran out is noticed too late by its
holder, so every write names the epoch under which it was made, and the store refuses an old one.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from monitor.errors import LeaseLost
from monitor.store.database import Store, clock, exclusive, writing
from monitor.store.tables import leases


@dataclass(frozen=True, slots=True)
class Fence:
    """A tenure of a lease; `epoch` grows with each."""

    name: str
    epoch: int


def acquire(store: Store, name: str, holder: str, ttl: int, now: int) -> Fence | None:
    """Takes a lease for `ttl` microseconds, or returns None while another holder has it.

    A holder that takes its own lease again starts a new tenure: a forgotten thread of the same name is fenced
    out too. On PostgreSQL the server's clock decides, on SQLite `now`.
    """
    with writing(store) as connection:
        exclusive(connection, 3)
        now = clock(connection) or now
        old = connection.execute(select(leases).where(leases.c.name == name).with_for_update()).one_or_none()
        if old is not None and old.holder != holder and old.expires > now:
            return None
        epoch = 1 if old is None else old.epoch + 1
        values = {"holder": holder, "epoch": epoch, "expires": now + ttl}
        if old is None:
            connection.execute(insert(leases).values(name=name, **values))
        else:
            connection.execute(update(leases).where(leases.c.name == name).values(values))
        return Fence(name, epoch)


def renew(store: Store, fence: Fence, ttl: int, now: int) -> bool:
    """Extends a tenure to `ttl` microseconds from now; False when another one has begun."""
    with writing(store) as connection:
        expires = (clock(connection) or now) + ttl
        return connection.execute(_of(fence).values(expires=expires)).rowcount == 1


def release(store: Store, fence: Fence) -> None:
    """Ends a tenure, so that the next holder need not wait; does nothing when another one has begun."""
    with writing(store) as connection:
        connection.execute(_of(fence).values(expires=0))


def holder(store: Store, name: str) -> str | None:
    """Who has, or last had, a lease."""
    with store.reader.begin() as connection:
        return connection.scalar(select(leases.c.holder).where(leases.c.name == name))


def check(connection: Connection, fence: Fence) -> None:
    """Raises LeaseLost unless the tenure is the newest; no other can begin before this transaction ends."""
    query = select(leases.c.epoch).where(leases.c.name == fence.name).with_for_update(read=True)
    if connection.scalar(query) != fence.epoch:
        raise LeaseLost(f"another process has taken over {fence.name!r}: this one's result is discarded")


def _of(fence: Fence):
    return update(leases).where(leases.c.name == fence.name, leases.c.epoch == fence.epoch)
