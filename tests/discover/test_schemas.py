"""How many columns of published tables get the right word: measured, so that a change of words is seen."""

from collections.abc import Sequence

import pytest

from monitor.discover.naming import event_times, words
from tests.discover.schemas import FIFTH, FOURTH, SECOND, THIRD, TUNED, Schema


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


@pytest.mark.parametrize(
    "schemas, least", [(TUNED, 0.96), (SECOND, 0.96), (THIRD, 0.96), (FOURTH, 0.88), (FIFTH, 0.94)]
)
def test_columns_get_the_right_words(schemas: Sequence[Schema], least: float):
    right, total, wrong = score(schemas)
    assert total > 40
    assert right / total >= least, wrong


def test_event_times_are_found():
    every = [*TUNED, *SECOND, *THIRD, *FOURTH, *FIFTH]
    found = [(event_times(each.columns, each.name) or [None])[0] for each in every]
    missed = [s.name for s, each in zip(every, found, strict=True) if each is None or each.column != s.time]
    assert missed == ["avazu_train"]  # an hour written as a number, 14102100
