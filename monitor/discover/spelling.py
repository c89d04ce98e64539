"""How a column's name is spelled, whatever the convention: parted, written out, in its plainest form."""

import re
from collections.abc import Mapping
from functools import cache

from monitor.discover.words import EMPTY, ID_LIKE, SHORT, SUFFIXES_OF_NAMES, TIMES, WHOLE, WORDS


def plain(name: str) -> str:
    """`ingestTimeUTC` and `Ingest-Time UTC` as `ingest_time_utc`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def tight(name: str) -> str:
    """A name without its separators: `userid` of `User-ID`."""
    return plain(name).replace("_", "")


def says_whether(name: str) -> bool:
    """Whether a name asks for yes or no: `isBot`, `has_clicked`."""
    return spelled(name).startswith(("is_", "has_", "was_", "can_"))


def spelled(name: str) -> str:
    """A name with its short words written out: `evt_nm` as `event_name`, `isclick` as `is_click`."""
    parts = (part for word in plain(name).split("_") for part in _parted(word))
    return "_".join(SHORT.get(word, _unscrambled(word)) for word in parts)


@cache
def _parted(word: str) -> tuple[str, ...]:
    """What is written together, as the fewest known words that make it up: `searchid`, `watchtime`."""
    if word in _known() or word in WHOLE or len(word) < 5:
        return (word,)
    ways: list[tuple[str, ...] | None] = [(), *[None] * len(word)]
    for end in range(2, len(word) + 1):
        found: list[tuple[str, ...]] = [
            (*before, word[start:end])
            for start in range(end - 1)
            if (before := ways[start]) is not None and word[start:end] in _known()
        ]
        ways[end] = min(found, key=len, default=None)
    if whole := ways[-1]:
        return whole
    named = word.endswith("id") and (len(word) > 5 or word[:-2] in SHORT)
    return (word[:-2], "id") if named else (word,)


@cache
def _known() -> frozenset[str]:
    """Words that names are put together from."""
    words = {word for word in vocabulary() if len(word) > 2 or word in ("id", "is", "os", "ip")}
    return frozenset(words | SUFFIXES_OF_NAMES | {"has", "was"}) - SHORT.keys() | {"cvr", "uid"}


def _unscrambled(word: str) -> str:
    """A long word whose letters stand in the wrong order, in the right one: `recieved`."""
    if len(word) < 6 or word in _known():
        return word
    return _letters().get((word[0], "".join(sorted(word))), word)


@cache
def _letters() -> Mapping[tuple[str, str], str]:
    stems = {part for more in TIMES.values() for each in more.split() for part in each.split("_")}
    return {(word[0], "".join(sorted(word))): word for word in sorted(_known() | stems) if len(word) > 5}


def canonical(name: str) -> str:
    """A name in its plainest form: `web_session_ref` as `web_session_id`, `bought_flag` as `bought`."""
    parts = spelled(name).split("_")
    if parts[-1] in ID_LIKE and len(parts) > 1:
        return "_".join([*parts[:-1], "id"])
    while len(parts) > 1 and parts[-1] in EMPTY:
        parts.pop()
    return "_".join(parts)


def bag(name: str) -> str:
    """Its words in any order: `features_missing` and `missing_features` are one."""
    return " ".join(sorted(plain(name).split("_")))


@cache
def vocabulary() -> frozenset[str]:
    """The parts of all names that stand for a word."""
    names = [name for word, (_, more) in WORDS.items() for name in (word, *more.split())]
    return frozenset(part for name in names for part in plain(name).split("_")) | SHORT.keys()
