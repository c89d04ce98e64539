"""What a pipeline was given to carry, in both stores: letters are claimed once, probes are remembered."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from monitor.model import Window
from monitor.store import Store, letters, open_store, probes
from monitor.store.letters import Sent
from monitor.store.probes import Arrival, Probe

NAMES = [f"letter{n:04}" for n in range(1200)]


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()


def test_of_two_claims_at_once_each_letter_goes_to_one(store: Store) -> None:
    start = Barrier(2)

    def claim(batch: str) -> set[str]:
        start.wait()
        return letters.claim(store, "shop", "dead", batch, 1, dict.fromkeys(NAMES))

    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(claim, ["a", "b"])
    assert one | other == set(NAMES)
    assert not one & other


def test_a_claim_needs_the_state_that_was_seen(store: Store) -> None:
    assert letters.claim(store, "shop", "dead", "a", 1, {"x": None, "y": None}) == {"x", "y"}
    assert letters.claim(store, "shop", "dead", "b", 2, {"x": None}) == set()
    assert letters.claim(store, "shop", "other", "b", 2, {"x": None}) == {"x"}
    letters.settle(store, "shop", "dead", "a", Sent.FAILED)
    assert letters.known(store, "shop", "dead") == {"x": (Sent.FAILED, 1), "y": (Sent.FAILED, 1)}
    assert letters.claim(store, "shop", "dead", "c", 3, {"x": Sent.FAILED}) == {"x"}
    letters.settle(store, "shop", "dead", "c", Sent.SENT)
    assert letters.known(store, "shop", "dead") == {"x": (Sent.SENT, 3), "y": (Sent.FAILED, 1)}


def test_probes_keep_when_they_were_seen_first_and_all_that_they_leaked(store: Store) -> None:
    probes.announce(
        store, "shop", [Probe("p1", "click", 10), Probe("p2", "click", 20), Probe("q", "buy", 20)]
    )
    probes.confirm(store, "shop", ["p1"], 11)
    assert probes.sent(store, "shop", "click", Window(0, 100)) == [
        Probe("p1", "click", 11, True),
        Probe("p2", "click", 20),
    ]
    probes.see(store, "shop", [Arrival("p1", "events", 50, 40, 1, ("email",))])
    probes.see(
        store, "shop", [Arrival("p1", "events", 60, 45, 2, ("card",)), Arrival("q", "events", 60, None, 1)]
    )
    (seen,) = probes.arrived(store, "shop", "click", Window(0, 100))
    assert seen == Arrival("p1", "events", 50, 40, 2, ("card", "email"))
    assert probes.known(store, "shop", 15) == {"p2": "click", "q": "buy"}
    assert probes.forget(store, "shop", 15) == 1
    assert probes.arrived(store, "shop", "click", Window(0, 100)) == []
    assert len(probes.arrived(store, "shop", "buy", Window(0, 100))) == 1
