"""What takes long is worked out beside whoever asks."""

from threading import Event
from threading import enumerate as enumerate_threads

from monitor.views.later import Failed, Later

LONG = 20.0


def test_whoever_asks_first_waits_for_what_is_quick():
    assert Later().ask("sum", 1, lambda: 3, LONG) == 3


def test_what_takes_long_is_not_waited_for_and_is_there_later():
    later, go = Later(), Event()

    def slow() -> int:
        go.wait(LONG)
        return 3

    assert later.ask("sum", 1, slow, 0) is None
    assert later.ask("sum", 1, slow, 0) is None  # it is not begun twice
    go.set()
    assert later.ask("sum", 1, slow, LONG) == 3


def test_the_last_answer_stands_while_a_new_one_is_worked_out():
    later, go = Later(), Event()
    later.ask("sum", 1, lambda: 3, LONG)
    assert later.ask("sum", 2, lambda: go.wait(LONG) and 4, 0) == 3
    go.set()
    for each in enumerate_threads():
        if each.name == "later":
            each.join(LONG)
    assert later.ask("sum", 2, lambda: 5, LONG) == 4


def test_what_fails_says_so_once_and_is_not_tried_again_for_the_same_version():
    later, tried = Later(), list[int]()

    def fails() -> int:
        tried.append(1)
        raise ValueError("secret")

    found = later.ask("sum", 1, fails, LONG)
    assert isinstance(found, Failed)
    assert (found, len(tried)) == ("ValueError", 1)
    later.ask("sum", 1, fails, LONG)
    assert len(tried) == 1
