"""Dropping what coarser rollups have taken over, and old readings and runs."""

from monitor.store.database import Store


def compact(store: Store, now: int) -> int:
    """Deletes fine rollups that are older than their tier keeps and covered by a final coarser one; returns rows.

    Also readings older than 90 d (older than 3 d all but the last of an hour and changes of outcome) and runs
    older than 3 d (30 d, if they failed); the newest of each check stay. Doing it twice changes nothing.
    """
    raise NotImplementedError
