"""How many columns of published tables get the right word: measured, so that a change of words is seen."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from monitor.discover.naming import event_times, unprefixed, words
from monitor.discover.spelling import canonical, spelled
from monitor.discover.words import TIMES, WORDS
from tests.discover import real
from tests.discover.fresh import FRESH
from tests.discover.held_out import HELD_OUT
from tests.discover.schemas import FIFTH, FOURTH, SECOND, THIRD, TUNED, Schema, table
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


@dataclass(frozen=True)
class Mapped:
    """Of tables' columns: how many are called right, which are not, how many there are."""

    right: int
    wrong: tuple[str, ...]
    columns: int
    plain: int

    @property
    def share(self) -> float:
        """Right ones of those that bear a word, where the word is not what they are called anyway."""
        return self.right / (self.right + len(self.wrong))

    @property
    def bearing(self) -> float:
        """The same, with those that are called by their word."""
        return (self.right + self.plain) / (self.right + self.plain + len(self.wrong))

    @property
    def all(self) -> float:
        """Columns with their right word, or rightly without one."""
        return 1 - len(self.wrong) / self.columns


def mapped(schemas: Sequence[Schema]) -> Mapped:
    """`word=a|b` is right by either column, `?word=a` may be missing. A wrong column counts twice where its
    word belongs to another.
    """
    right, columns, plain, wrong = 0, 0, 0, list[str]()
    for schema in schemas:
        names = {each.name for each in schema.columns} - {schema.time}
        columns, plain = columns + len(names), plain + len(names & {*WORDS, *TIMES})
        given = words(schema.columns, schema.time, schema.name)
        wanted = {word.removeprefix("?"): each.split("|") for word, each in schema.words.items()}
        firm = [word for word in schema.words if not word.startswith("?")]
        assert names >= {each for some in wanted.values() for each in some}, schema.name
        right += sum(given.get(word) in wanted[word] for word in firm)
        wrong += [f"{schema.name}: no {word}" for word in firm if given.get(word) not in wanted[word]]
        wrong += [f"{schema.name}.{c}: {w}" for w, c in given.items() if c not in wanted.get(w, ())]
    return Mapped(right, tuple(wrong), columns, plain)


@pytest.mark.parametrize(
    "schemas, least", [(real.LEARNED, 0.95), (real.HELD_BACK, 0.95), (FRESH, 0.97)], ids=["1", "2", "3"]
)
def test_tables_of_public_projects(schemas: Sequence[Schema], least: float):
    found = mapped(schemas)
    assert found.right > 80
    assert found.share >= least, found.wrong


def test_tables_that_nothing_was_learned_from():
    """At first sight 60 of 69 (87.0 %), 92.3 % of the columns that bear a word, 96.8 % of all."""
    found = mapped(HELD_OUT)
    assert len(HELD_OUT) >= 30
    assert found.share >= 0.85, found.wrong
    assert found.bearing >= 0.9, found.wrong
    assert found.all >= 0.96, found.wrong


def test_words_written_together_and_scrambled():
    assert spelled("isclick") == "is_click"
    assert spelled("watchtime") == "watch_time"
    assert spelled("ideaid") == "idea_id"
    assert spelled("recieved_ts") == "received_ts"
    assert [spelled(each) for each in ("android", "valid", "grid", "paid")] == [
        "android",
        "valid",
        "grid",
        "paid",
    ]


@pytest.mark.parametrize(
    "columns, word",
    [
        ("model:text brand:text", "model_version"),  # a phone's
        ("state:text city:text zip:text", "status"),  # an address's
        ("is_new_visitor:integer", "user_id"),
        ("stack_trace:text", "trace_id"),
        ("page_number:integer", "item_id"),
        ("track_name:text", "release"),
        ("device_id:text", "device"),
        ("br_version:text", "app_version"),
        ("referrer_query:text referrer_path:text referrer_domain:text", "query_text"),
    ],
)
def test_what_only_looks_like_a_word_is_none(columns: str, word: str):
    assert word not in words(table("rows", None, columns).columns, None, "rows")


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
