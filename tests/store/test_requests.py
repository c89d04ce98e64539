"""What pages want done: asked once, done once, and answered."""

from monitor.model import HOUR
from monitor.store import Store, requests
from monitor.store.requests import State

NOW = 1_795_000_000_000_000


def ask(store: Store, at: int = NOW, subject: str = "loss") -> int:
    return requests.ask(store, "shop", at, "ada", "run", subject, {"why": "to see"})


def test_what_is_asked_waits_and_is_answered(store: Store) -> None:
    number = ask(store)
    [waiting] = requests.waiting(store, "shop", NOW + 1)
    assert (waiting.id, waiting.actor, waiting.arguments) == (number, "ada", {"why": "to see"})
    requests.answer(store, number, State.DONE, "99.9 %", NOW + 2)
    assert requests.waiting(store, "shop", NOW + 3) == []
    [done] = requests.last(store, "shop", "loss")
    assert (done.state, done.done, done.result) == (State.DONE, NOW + 2, "99.9 %")


def test_the_same_wish_is_one_request(store: Store) -> None:
    assert ask(store) == ask(store, NOW + 5)
    assert ask(store, subject="delay") != ask(store)


def test_an_answer_stands(store: Store) -> None:
    number = ask(store)
    requests.answer(store, number, State.REFUSED, "no", NOW)
    requests.answer(store, number, State.DONE, "yes", NOW + 1)
    assert requests.last(store, "shop")[0].state == State.REFUSED


def test_what_nobody_took_is_no_longer_wanted(store: Store) -> None:
    ask(store)
    assert requests.waiting(store, "shop", NOW + HOUR) == []
    assert requests.waiting(store, "other", NOW) == []
    assert ask(store, NOW + 2 * HOUR) != 1


def test_every_wish_moves_the_revision(store: Store) -> None:
    before = store.revision()
    number = ask(store)
    asked = store.revision()
    requests.answer(store, number, State.DONE, "", NOW)
    assert before < asked < store.revision()
