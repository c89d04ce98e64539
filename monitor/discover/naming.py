"""What a name says: of event time, of a key, of a dataset's part, and of Weir's word for a column."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from monitor.discover.evidence import FORMS, Shares, alike
from monitor.discover.patterns import LOOSE, PATTERNS
from monitor.discover.spelling import bag, canonical, plain, says_whether, spelled, tight, vocabulary
from monitor.discover.words import (
    BARE,
    ENTITIES,
    EVENT_STEMS,
    EVENTFUL,
    FOREIGN,
    LAST_RESORT,
    MISLEADING,
    NEVER_EVENTS,
    OWN_IDS,
    OWNERS,
    RECORDS,
    ROLES,
    SUFFIXES,
    TIMES,
    UNITS,
    WORDS,
)
from monitor.engines import ColumnType

_TIME_TYPES = ("aware", "aware_ns", "naive", "date")


_BARE_TIMES = frozenset({"created", "occurred", "happened", "logged", "requested", "hour"})
"""Names of times that say so without a suffix; what is in them is looked at later."""


@dataclass(frozen=True, slots=True)
class Moment:
    """How much a column looks like event time: smaller is better."""

    column: str
    rank: float


def stem(name: str) -> str | None:
    """A time's name without what says that it is one: `ingest` of `ingest_ts`; None where nothing says so."""
    words = plain(name).split("_")
    kept = [word for word in words if word not in SUFFIXES]
    if len(kept) < len(words):
        return "_".join(kept)
    for suffix in ("timestamp", "datetime", "time", "date"):
        if words[-1].endswith(suffix):
            return "_".join([*words[:-1], words[-1].removesuffix(suffix)])
    return None


def event_times(columns: Iterable[ColumnType], dataset: str) -> list[Moment]:
    """Columns that may be the event time, best first. Numbers and text count when their name says so."""
    found = [Moment(column.name, rank) for column in columns if (rank := _rank(column, dataset)) is not None]
    return sorted(found, key=lambda each: each.rank)


def _rank(column: ColumnType, dataset: str) -> float | None:
    typed = column.family in _TIME_TYPES
    said = None if not typed and _lasts(column.name) else stem(column.name)
    if said is None and plain(column.name) in _BARE_TIMES:
        said = plain(column.name)
    if (said is None and not typed) or column.family not in (*_TIME_TYPES, "text", "integer", "number"):
        return None
    root = plain(column.name) if said is None else spelled(said) if typed else said
    # A day says less than an instant, and text or a number less than a time.
    rougher = {"date": 2.5, "text": 0.3, "integer": 0.4, "number": 0.4}.get(column.family, 0.0)
    rougher += 0.5 if plain(column.name).endswith("date") and column.family in ("text", "integer") else 0.0
    if root in NEVER_EVENTS.split() or any(part in ("birth", "expiry", "due") for part in root.split("_")):
        return None
    if root and root in (_singular(plain(dataset)), plain(dataset)):
        return 0.5 + rougher
    for rank, stems in enumerate(EVENT_STEMS):
        if root in stems.split() or (root == "" and BARE in stems.split()):
            return rank + rougher
    if any(root in stems.split() for stems in TIMES.values()):
        return 7.0 + rougher
    if root in LAST_RESORT.split():
        return 8.0 + rougher
    return 5.0 + rougher if typed else None


def _lasts(name: str) -> bool:
    """Whether a number's name has a unit and nothing that says a point in time: `listened_sec`."""
    said = [word for word in plain(name).split("_") if word in SUFFIXES]
    return bool(said) and set(said) <= UNITS and len(said) < len(plain(name).split("_"))


def words(
    columns: Iterable[ColumnType], time: str | None, dataset: str = "", forms: Shares | None = None
) -> dict[str, str]:
    """Weir's words for columns that are called something else. Each word and each column is used once.

    Whole names go first, then times, then names without what their source puts before them, then what the
    table's own key is, then patterns; at last what the values of texts look like (`forms`).
    """
    left = {column.name: column for column in columns if column.name != time}
    exact = {tight(name): name for name in left}
    taken = {name for name in left if name in WORDS or name in TIMES} | _misleading(left)
    found = _by_names(left, exact, taken)
    found |= _times(left, taken)
    found |= _by_names(left, {tight(spelled(name)): name for name in left}, taken, found)
    shorter = unprefixed(left)
    found |= _by_names(left, {tight(each): name for name, each in shorter.items()}, taken, found)
    found |= _own_id(left, taken, found, dataset)
    found |= _alike(left, taken, found)
    found |= _patterns(left, taken, found, PATTERNS)
    found |= _patterns(left, taken, found, LOOSE)
    return found | _by_values(left, taken, found, forms or {})


def _by_names(
    left: Mapping[str, ColumnType],
    exact: Mapping[str, str],
    taken: set[str],
    found: Mapping[str, str] | None = None,
    key: Callable[[str], str] = tight,
) -> dict[str, str]:
    """Columns whose whole name, as `exact` has it, is a word or a synonym of one that is still free.

    `key` is what of a synonym `exact` has.
    """
    more: dict[str, str] = {}
    for word, (families, synonyms) in WORDS.items():
        if word in left or word in (found or {}):
            continue
        names = (exact.get(key(synonym)) for synonym in (word, *synonyms.split()))
        for name in names:
            if name and name not in taken and _may_be(word, left[name], families):
                more[word] = name
                taken.add(name)
                break
    return more


def _may_be(word: str, column: ColumnType, families: str) -> bool:
    """Whether a column has a type that its word may have; of identifiers some engines make decimals."""
    if says_whether(column.name) and families and "boolean" not in families:
        return False
    decimal = column.family == "number" and word.endswith("_id") and "integer" in families
    return not families or column.family in families.split() or decimal


def _alike(left: Mapping[str, ColumnType], taken: set[str], found: Mapping[str, str]) -> dict[str, str]:
    """Columns whose plainest form has the words of a synonym; an identifier's stays one."""
    names = {name: canonical(name) for name in left}
    marks = {name: each for name, each in names.items() if not plain(name).endswith("_id")}
    bags = {bag(each): name for name, each in marks.items()}
    bags = {bag: name for bag, name in bags.items() if bag not in ("event", "id")}
    more = _by_names(left, bags, taken, found, bag)
    kept = {word: name for word, name in more.items() if word.endswith("_id") == names[name].endswith("_id")}
    for plainly in ("replay_id", "release"):  # a job's name, or a song's, is neither
        kept.pop(plainly, None)
    taken -= {name for word, name in more.items() if word not in kept}
    return kept


def _by_values(
    left: Mapping[str, ColumnType], taken: set[str], found: Mapping[str, str], forms: Shares
) -> dict[str, str]:
    more: dict[str, str] = {}
    for word in FORMS:
        if word not in found and word not in left:
            name = alike(word, forms, [name for name in left if name not in taken])
            if name:
                more[word] = name
                taken.add(name)
    return more


def _of_time(column: ColumnType, stems: list[str]) -> bool:
    """Whether a time's name says one of these: as a whole, or in its last word (`server_received_time`)."""
    root = stem(column.name)
    if root is None and column.family in _TIME_TYPES:
        root = plain(column.name)
    return root is not None and (root in stems or root.split("_")[-1] in stems)


def _own_id(
    left: Mapping[str, ColumnType], taken: set[str], found: Mapping[str, str], dataset: str
) -> dict[str, str]:
    """The key of a table of events, exposures or requests that is only called `id`, or after the table."""
    table, last = role(dataset), _rows_of(dataset)
    eventful = {_singular(part) for part in plain(dataset).split("_")} & EVENTFUL
    word = OWN_IDS.get(table or "", ENTITIES.get(last, "event_id") if table is None else "")
    if not word or word in left or word in found:
        return {}
    ranked = sorted((rank, name) for name in left if (rank := identifies(name, dataset)) is not None)
    most = (
        3 if table or eventful or last in ENTITIES else 0
    )  # of other tables only a key that bears the table's own name
    own = next((name for rank, name in ranked if rank <= most and name not in taken), None)
    if own is None or left[own].family not in ("text", "integer", "other"):
        return {}
    taken.add(own)
    if table is None and identifies(own, dataset) != 2:
        named = (each for each in FOREIGN if any(re.search(of, spelled(own)) for of in PATTERNS[each][1:]))
        word = next((each for each in named if each not in found and each not in left), word)
    return {word: own}


def _rows_of(dataset: str) -> str:
    """What a table's rows are, by its name: `order` of `raw_orders_log`."""
    parts = [_singular(part) for part in plain(dataset).split("_")]
    while len(parts) > 1 and parts[-1] in RECORDS:
        parts.pop()
    return parts[-1]


def _misleading(left: Mapping[str, ColumnType]) -> set[str]:
    """Columns that mean something else in the company that they keep."""
    named = {plain(name): name for name in left}
    return {named[name] for name, company in MISLEADING.items() if name in named and company & named.keys()}


def _patterns(
    left: Mapping[str, ColumnType],
    taken: set[str],
    found: Mapping[str, str],
    known: Mapping[str, tuple[str, ...]],
) -> dict[str, str]:
    more: dict[str, str] = {}
    for word, (families, *patterns) in known.items():
        if word in found or word in left:
            continue
        usable = [name for name, column in left.items() if _may_be(word, column, families)]
        fits = (
            name
            for pattern in patterns
            for name in usable
            if name not in taken and any(re.search(pattern, form(name)) for form in _FORMS)
        )
        if name := next(fits, None):
            more[word] = name
            taken.add(name)
    return more


_FORMS = (plain, spelled, canonical)
"""What a pattern may fit of a name."""
COMMON = 3
"""Columns that begin alike before what they begin with is taken for a prefix of their source."""


def unprefixed(names: Iterable[str]) -> dict[str, str]:
    """Names without what several of them begin with, where that is no word of Weir's: `mp_`, `gen_ai_`.

    Of `user_name, user_mail, user_plan` the first part says whose they are, and stays.
    """
    parts = {name: plain(name).split("_") for name in names}
    count: Counter[tuple[str, ...]] = Counter()
    for each in parts.values():
        count.update({tuple(each[:length]) for length in (1, 2) if len(each) > length})
    known = vocabulary()
    alike = {start for start, many in count.items() if many >= COMMON and start[0] not in known | OWNERS}
    longest = {
        name: max((len(start) for start in alike if tuple(each[: len(start)]) == start), default=0)
        for name, each in parts.items()
    }
    return {name: "_".join(parts[name][length:]) for name, length in longest.items() if length}


def _times(left: Mapping[str, ColumnType], taken: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word, stems in TIMES.items():
        if word in left:
            continue
        for name, column in left.items():
            usable = column.family in (*_TIME_TYPES, "text", "integer", "number")
            usable = usable and not (column.family in ("integer", "number") and _takes(name))
            if usable and name not in taken and _of_time(column, stems.split()):
                found[word] = name
                taken.add(name)
                break
    return found


def _takes(name: str) -> bool:
    """Whether a number's name says how long something took: `response_time`."""
    return spelled(name).endswith(("response_time", "answer_time", "reply_time", "completion_time"))


def role(dataset: str) -> str | None:
    """The part that a dataset's name says it plays."""
    name = plain(dataset)
    for known, synonyms in ROLES.items():
        if name in synonyms.split():
            return known
    for known, synonyms in ROLES.items():
        last = [each for each in synonyms.split() if name.endswith("_" + each)]
        if last or (known == "outcomes" and name.endswith("_gt")):
            return known
    return None


def identifies(column: str, dataset: str) -> float | None:
    """How much a name says that it names a row of its dataset: smaller is better; None for not at all."""
    said = _names_row(plain(column), plain(dataset))
    return said if said is not None else _names_row(spelled(column), spelled(dataset))


def _names_row(name: str, table: str) -> float | None:
    singulars = {_singular(table), *(_singular(part) for part in table.split("_"))}
    owner = next(
        (name.removesuffix(end) for end in ("_id", "_uuid", "_guid", "_key") if name.endswith(end)), None
    )
    if owner is not None and owner in singulars:
        return 0 if owner == _singular(table) else 1
    if name in ("event_id", "event_uuid", "message_id", "insert_id"):
        return 2
    if name in ("id", "uuid", "guid", "_id", "row_id", "record_id"):
        return 3
    return 4 if owner else None


def is_identifier(column: str) -> bool:
    """Whether a column's name is that of an identifier."""
    name = spelled(column)
    known = {
        tight(each)
        for word, (_, more) in WORDS.items()
        if word.endswith("_id")
        for each in (word, *more.split())
    }
    return (
        name.endswith(("_id", "_uuid", "_guid", "_key"))
        or name in ("id", "uuid", "guid")
        or tight(name) in known
    )


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith(("sses", "ches", "shes", "xes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
