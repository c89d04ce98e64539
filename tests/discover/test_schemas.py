"""How many columns of published tables get the right word: measured, so that a change of words is seen."""

from collections.abc import Sequence

import pytest

from monitor.discover.naming import canonical, event_times, unprefixed, words
from tests.discover.schemas import FIFTH, FOURTH, SECOND, THIRD, TUNED, Schema
from tests.discover.unseen import EIGHTH, ELEVENTH, NINTH, SEVENTH, SIXTH, TENTH


def score(schemas: Sequence[Schema]) -> tuple[int, int, list[str]]:
    """Columns that are called right, those that have a word or were given one, and what is wrong."""
    right, wrong = 0, list[str]()
    for schema in schemas:
        wanted = {column: word for word, column in schema.words.items()}
        given = {c: word for word, c in words(schema.columns, schema.time, schema.name).items()}
        for column in wanted.keys() | given.keys():
            if wanted.get(column) == given.get(column):
                right += 1
            else:
                wrong.append(f"{schema.name}.{column}: {given.get(column)}, not {wanted.get(column)}")
    return right, right + len(wrong), wrong


TABLES = [(TUNED, 0.95), (SECOND, 0.96), (THIRD, 0.96), (FOURTH, 0.88), (FIFTH, 0.94), (SIXTH, 0.96)]
LATER = [(SEVENTH, 0.9), (EIGHTH, 0.96), (NINTH, 0.95), (TENTH, 0.92), (ELEVENTH, 0.95)]


@pytest.mark.parametrize("schemas, least", [*TABLES, *LATER])
def test_columns_get_the_right_words(schemas: Sequence[Schema], least: float):
    right, total, wrong = score(schemas)
    assert total > 40
    assert right / total >= least, wrong


def test_event_times_are_found():
    every = [schema for schemas, _ in (*TABLES, *LATER) for schema in schemas]
    found = [(event_times(each.columns, each.name) or [None])[0] for each in every]
    missed = {s.name for s, each in zip(every, found, strict=True) if (each and each.column) != s.time}
    # An hour written as a number, 14102100; the time of the change log instead of its source's; a label's.
    assert missed == {"avazu_train", "debezium_outbox", "loan_scoring"}


def test_what_a_source_puts_before_its_names_is_left_out():
    assert unprefixed(["mp_event_name", "mp_os", "mp_country_code", "time"]) == {
        "mp_event_name": "event_name",
        "mp_os": "os",
        "mp_country_code": "country_code",
    }
    assert unprefixed(["user_name", "user_mail", "user_plan"]) == {}
    assert unprefixed(["gen_ai_system", "gen_ai_prompt", "gen_ai_completion"])["gen_ai_prompt"] == "prompt"


def test_plainest_forms():
    assert canonical("browser_sess_ref") == "browser_session_id"
    assert canonical("bought_flag") == "bought"
    assert canonical("flag") == "flag"
