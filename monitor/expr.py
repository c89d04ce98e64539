"""Measure expressions: the primitives that every engine must render.

Kinds build trees of these; `engines/dialects.py` holds one row per primitive and dialect. Trees are frozen
and have a canonical `repr`, which the definition of a check hashes: two trees that print alike measure alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache, lru_cache
from typing import Any

GAMMA = 1.02
"""Growth of a log-bucket. A quantile read at the bucket's middle is at most (γ − 1)/(γ + 1), about 1 %, off:
the relative-error guarantee of DDSketch (Masson, Rim and Lee, PVLDB 12, 2019, section 2)."""


class Expr:
    """A value for each row."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Fragment(Expr):
    """SQL of the user's, one expression in the source's dialect, checked when the file was loaded."""

    sql: str


@dataclass(frozen=True, slots=True)
class Column(Expr):
    """A column by its word or its own name."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal(Expr):
    """A number, a text or a truth value."""

    value: float | str | bool


@dataclass(frozen=True, slots=True)
class Instant(Expr):
    """Microseconds since the epoch of a time column; NULL for NULL, unreadable and infinite times."""

    of: Column


@dataclass(frozen=True, slots=True)
class Minus(Expr):
    """A difference of two numbers."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Plus(Expr):
    """A sum of two numbers."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Times(Expr):
    """A product of two numbers."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Compare(Expr):
    """`left op right`, op one of = <> < <= > >=."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class NullSafeEqual(Expr):
    """Equal, or both NULL."""

    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class IsNull(Expr):
    of: Expr


@dataclass(frozen=True, slots=True)
class NotTrue(Expr):
    """False or NULL."""

    of: Expr


@dataclass(frozen=True, slots=True)
class All(Expr):
    """A conjunction; true when empty."""

    of: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Expr):
    """A disjunction; false when empty."""

    of: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not(Expr):
    """The opposite; NULL stays NULL."""

    of: Expr


@dataclass(frozen=True, slots=True)
class Indicator(Expr):
    """1 where it is true, 0 where it is false or NULL."""

    of: Expr


@dataclass(frozen=True, slots=True)
class OneOf(Expr):
    """Equal to one of some texts, as text; false when there are none, NULL for NULL."""

    of: Expr
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coalesce(Expr):
    """The first that is not NULL."""

    of: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Text(Expr):
    """A value as text, written alike on every engine; NULL for NULL."""

    of: Expr


@dataclass(frozen=True, slots=True)
class Joined(Expr):
    """Texts in one, U+001F between them; NULL where one of them is."""

    of: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Slot(Expr):
    """Which of `n` equal groups a value's text falls in by its hash, 0 … n − 1; NULL for NULL."""

    of: Expr
    n: int


@dataclass(frozen=True, slots=True)
class Bin(Expr):
    """How many of the `edges`, which ascend, a number has reached: 0 … len(edges); NULL for NULL."""

    of: Expr
    edges: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Number(Expr):
    """A column as a double; NULL for NaN and the infinities, so that one cannot poison a sum."""

    of: Expr


@dataclass(frozen=True, slots=True)
class Moderate(Expr):
    """A double whose square is one too; NULL from ±1e150 on, where squares would overflow."""

    of: Expr


@dataclass(frozen=True, slots=True)
class Contains(Expr):
    """The text contains a literal, case-sensitively."""

    of: Expr
    text: str


@dataclass(frozen=True, slots=True)
class Regex(Expr):
    """The text has a match of a regular expression (the common part of RE2 and PostgreSQL's)."""

    of: Expr
    pattern: str


@dataclass(frozen=True, slots=True)
class Guarded(Expr):
    """A condition that is worked out only where a cheap one holds, and is false elsewhere."""

    guard: Expr
    of: Expr


@dataclass(frozen=True, slots=True)
class JsonField(Expr):
    """A field of a JSON text, as text; NULL where the text is no JSON or lacks the field."""

    of: Expr
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Maybe(Expr):
    """A column that the table may lack: NULL then, so that its absence can be counted."""

    name: str


@dataclass(frozen=True, slots=True)
class Lacking(Expr):
    """Whether the table lacks a column, the same for every row."""

    name: str


@dataclass(frozen=True, slots=True)
class Parsed(Expr):
    """A value as a type of a contract's, and NULL where it cannot be one (engines/casts.py has the table).

    Types: text (whatever the value is), string, integer, number, boolean, date and timestamp (microseconds
    since 1970), time, and the documents object, array and json. A value that is no column counts as text.
    """

    of: Expr
    type: str


@dataclass(frozen=True, slots=True)
class Member(Expr):
    """A member of a document, as text; NULL where it lacks the path or has a null there."""

    of: Expr
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemberType(Expr):
    """What JSON calls a member of a document: string, number, boolean, object or array; else NULL."""

    of: Expr
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Length(Expr):
    """How many characters a text has."""

    of: Expr


@dataclass(frozen=True, slots=True)
class Once(Expr):
    """The same value, computed once for each row and carried along, whatever it is made of."""

    of: Expr


@dataclass(frozen=True, slots=True)
class Structure(Expr):
    """How the live columns differ from those promised, as JSON, the same for every row; NULL: not at all.

    `{"missing": [names], "types": {name: live type}, "unknown": [names]}`. `promised` pairs names and types.
    """

    promised: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Hash(Expr):
    """A bigint hash of a text, equal on every engine: the first 60 bits of its MD5."""

    of: Expr


@dataclass(frozen=True, slots=True)
class LogBucket(Expr):
    """Which log-bucket a non-negative whole number falls in: ⌈ln x / ln γ⌉, and −1 for 0."""

    of: Expr


@dataclass(frozen=True, slots=True)
class HasPartner(Expr):
    """Some row of `dataset` has the same key, at `after ≤ its time − this row's time ≤ within`.

    A semi-join: however many partners a row has, it counts once. `on` pairs columns, this row's and the
    partner's; a NULL in a key has no partner. Durations in microseconds. `only` says which of this side's
    rows count at all.
    """

    dataset: str
    on: tuple[tuple[str, str], ...]
    after: int
    within: int
    where: Expr | None = None
    only: Expr | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PartnerDelay(Expr):
    """How long after this row the first partner comes, in microseconds; 0 for one that came before.

    NULL for a row without a partner; see HasPartner. Both datasets have a time. All measures that hold it are
    counted over the rows with a partner.
    """

    dataset: str
    on: tuple[tuple[str, str], ...]
    after: int
    within: int
    where: Expr | None = None


@dataclass(frozen=True, slots=True)
class Repeated(Expr):
    """An earlier row of the same key exists at most `look_back` microseconds before this one.

    Of rows of equal time all but one are repeated. A NULL in the key repeats nothing, nor does a key with a
    column that the table lacks where it is `lenient`. Where it is a part of a larger condition, all measures
    of its check come from the same sorted rows.
    """

    key: tuple[str, ...]
    look_back: int
    lenient: bool = field(default=False, repr=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An additive aggregate: `op` over `of`, of the rows for which `where` is true.

    op: count (of rows), sum, max, min, histogram (counts by LogBucket of `of`), distinct (of one scan), keyed
    (rows, or the sum of `value`, by the text of `of`).
    """

    op: str
    of: Expr | None = None
    where: Expr | None = None
    value: Expr | None = None


def count(where: Expr | None = None) -> Aggregate:
    """How many rows, of those for which `where` is true."""
    return Aggregate("count", None, where)


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    """The names of a node's parts: trees are walked for every scan."""
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else ()


def walk(node: Any) -> Iterator[Any]:
    """A tree's nodes, itself first."""
    yield node
    names = _fields(node.__class__)
    if names:
        for name in names:
            yield from walk(getattr(node, name))
    elif isinstance(node, tuple):
        for part in node:  # pyright: ignore[reportUnknownVariableType]
            yield from walk(part)


@lru_cache(10_000)
def has(node: Any, *kinds: type) -> bool:
    """Whether a tree has a node of one of some kinds; the same trees are asked at every tick."""
    return any(isinstance(part, kinds) for part in walk(node))


def joins(node: Any) -> bool:
    """Whether a tree needs other rows than its own: such scans run alone and are split by time."""
    return has(node, HasPartner, PartnerDelay, Repeated)
