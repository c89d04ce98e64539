"""Dead letters that were sent again: each by a hash of its key, claimed before the pipeline gets it."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from sqlalchemy import select, update

from monitor.store.carried_tables import letters
from monitor.store.database import Store, bump, exclusive, reading, upsert, writing

TOPIC = 8
"""Of `exclusive`: two replays never claim one letter."""


class Sent(StrEnum):
    """How far a letter came. One that stays `SENDING` was being sent when a replay died."""

    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


def known(store: Store, pipeline: str, dataset: str) -> dict[str, tuple[Sent, int]]:
    """Every letter of a dataset that was ever claimed: how far it came, and when."""
    query = select(letters.c.letter, letters.c.state, letters.c.at)
    with reading(store) as connection:
        rows = connection.execute(query.where(letters.c.pipeline == pipeline, letters.c.dataset == dataset))
        return {letter: (Sent(state), at) for letter, state, at in rows}


def claim(
    store: Store, pipeline: str, dataset: str, batch: str, at: int, wanted: Mapping[str, Sent | None]
) -> set[str]:
    """Take letters for a batch, each only if it still is in the state given; returns those that were."""
    names = sorted(wanted)
    with writing(store) as connection:
        exclusive(connection, TOPIC)
        mine = (letters.c.pipeline == pipeline) & (letters.c.dataset == dataset)
        found: dict[str, str] = {}
        for part in _parts(names):
            query = select(letters.c.letter, letters.c.state).where(mine, letters.c.letter.in_(part))
            found.update((letter, state) for letter, state in connection.execute(query))
        taken = {name for name in names if found.get(name) == wanted[name]}
        row = {"pipeline": pipeline, "dataset": dataset, "state": Sent.SENDING, "at": at, "batch": batch}
        upsert(connection, letters, [row | {"letter": name} for name in sorted(taken)])
        bump(connection)
    return taken


def settle(store: Store, pipeline: str, dataset: str, batch: str, state: Sent) -> None:
    """Say what became of a batch's letters."""
    of = (letters.c.pipeline == pipeline) & (letters.c.dataset == dataset) & (letters.c.batch == batch)
    with writing(store) as connection:
        connection.execute(update(letters).where(of).values(state=state))
        bump(connection)


def _parts(names: Sequence[str], size: int = 500) -> Iterable[Sequence[str]]:
    return (names[at : at + size] for at in range(0, len(names), size))
