"""Fields without personal data.

value = clean fields ÷ fields checked; a field is one column of one row that is not NULL. It is clean where no
detector finds anything: e-mail addresses; telephone numbers (by a word near them, a country's code, or the
North American form); payment cards (issuer, length, Luhn's check digit); IBANs (length by country, mod 97);
addresses of the Internet; US social security numbers; and what Presidio's recognisers find, by their names
(`US_PASSPORT`, `CryptoRecognizer`: patterns and checksums, no language model). In the source a cheap
expression picks the texts in which something may be; those alone are fetched, some at a time, checked here,
and forgotten.

What is found is never stored, logged or shown. Detail has numbers only: `leaks` (fields with a find), `found`
by column and detector, and in `rows` up to 20 of them as a pointer, the keyed hash of the row's key, where
the dataset has one: `hmac.new(KEY, key, "sha256").hexdigest()[:16]`, the parts of a key joined by U+001F, KEY
from the environment as WEIR_HASH_KEY. Without that variable pointers only tell rows apart while Weir runs.

`allow` are patterns of accepted marks of redaction: a find inside a match of one is none. `sample` checks a
share of the rows, always the same ones. Canaries measure the detectors' own `recall`: with a number, so many
fakes of each sort are drawn and looked for; with a list, those are values that somebody plants in the rows:
fields that hold one count neither as leaks nor as clean, and `recall` is the share of them in which something
was found.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from monitor.detect import canaries
from monitor.detect.personal import DETECTORS, Detector, Span, find, title_of
from monitor.detect.pointers import pointer
from monitor.grammar import KeyColumns, Share
from monitor.kinds import Facts, Steps, View
from monitor.kinds._lists import Patterns
from monitor.kinds._rows import records
from monitor.kinds._texts import chunks, counted
from monitor.model import JOINT, Merge, Outcome, Reading, Stage, Sums, merge_two

STAGE = Stage.STORE
UNIT = "ratio"
FAIL = "< 100%"
MERGES: dict[str, Merge] = {
    "good": "sum",
    "total": "sum",
    "found": "keyed",
    "pointers": "keyed",
    "planted": "sum",
    "planted_found": "sum",
}

POINTERS = 20
"""Rows of a bucket and segment that are pointed to."""
MASKED = "__masked__"
"""Stands for the values of a dimension in which personal data was found."""
LEAST_RECALL = 0.9
"""Below it the detector itself is worth a look."""
DRAWN = 100
"""Canaries of each sort where no number is given."""


def _detectors(value: object) -> object:
    names: Any = _tuple(value)
    for name in names if isinstance(names, tuple) else ():  # pyright: ignore[reportUnknownVariableType]
        if isinstance(name, str) and name not in DETECTORS and not re.fullmatch(r"[A-Z]\w+", name):
            known = ", ".join(DETECTORS)
            raise ValueError(f"unknown detector '{name}': take {known}, or one of Presidio's by name")
    return names  # pyright: ignore[reportUnknownVariableType]


def _canaries(value: object) -> object:
    if isinstance(value, dict | float):
        raise ValueError("'canaries' is a number of fakes to draw, or a list of those that are planted")
    return DRAWN * value if isinstance(value, bool) else _tuple(value)


def _tuple(value: object) -> object:
    """Strict models take no list for a tuple."""
    return tuple(value) if isinstance(value, list) else (value,) if isinstance(value, str) else value  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]


_LIST: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_TEXTS: dict[str, Any] = {"anyOf": [{"type": "string"}, _LIST]}
_PLANTED: dict[str, Any] = {"anyOf": [{"type": "boolean"}, {"type": "integer"}, {"type": "string"}, _LIST]}
_SHARE: dict[str, Any] = {
    "anyOf": [{"const": "all"}, {"type": "string", "pattern": "%$"}, {"type": "number"}]
}

Names = Annotated[tuple[str, ...], BeforeValidator(_detectors), WithJsonSchema(_TEXTS)]
Words = Annotated[tuple[str, ...], BeforeValidator(_tuple), WithJsonSchema(_TEXTS)]
Canaries = Annotated[int | tuple[str, ...], BeforeValidator(_canaries), WithJsonSchema(_PLANTED)]
Sample = Annotated[
    Share, BeforeValidator(lambda value: 1.0 if value == "all" else value), WithJsonSchema(_SHARE)
]


class Params(BaseModel):
    """Columns that should be clean, and what is looked for in them."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    columns: KeyColumns = Field(description="columns that should hold no personal data")
    detect: Names = Field(
        tuple(DETECTORS), description=f"any of {', '.join(DETECTORS)}, and recognisers of Presidio's by name"
    )
    sample: Sample = Field(1.0, description="share of the rows that is checked; default: all")
    allow: Patterns = Field((), description="patterns of accepted marks of redaction")
    context: Words = Field((), description="more words that announce a number")
    canaries: Canaries = Field(0, description="how many fakes to draw, or fake values planted in the rows")
    key: KeyColumns = Field((), description="what a row is pointed to by; default: the dataset's key")

    @property
    def planted(self) -> tuple[str, ...]:
        return self.canaries if isinstance(self.canaries, tuple) else ()


def complete(params: Params, main: Facts, others: dict[str, Facts]) -> Params:
    return params.model_copy(update={"key": params.key or main.key})


def steps(params: Params, view: View) -> Steps:
    detectors = [_detector(name) for name in params.detect]
    sums: dict[str, dict[str, Any]] = {}
    for column in params.columns:
        counts = records((yield counted(params, view, column, detectors)))
        for row in counts:
            mine = sums.setdefault(row["s"], _nothing())
            mine["total"] += row["fields"] - row["planted"]
            mine["good"] += row["fields"] - row["planted"]
            mine["planted"] += row["planted"]
        for sql in chunks(params, view, column, detectors, counts):
            for row in records((yield sql)):
                _check(sums[row["s"]], params, column, detectors, row)
    return _masked(sums, detectors)


def reading(params: Params, sums: Sums) -> Reading:
    good, total = sums["good"], sums["total"]
    detail: dict[str, Any] = {"leaks": total - good, "found": _nested(sums["found"])}
    detail["rows"] = [
        dict(zip(("row", "column", "detector"), name.split(JOINT), strict=True))
        for name in sorted(sums["pointers"])[:POINTERS]
    ]
    found = _recall(params, sums)
    detail |= {"recall": found} if found else {}
    weak = [name for name, share in found.items() if share is not None and share < LEAST_RECALL]
    said = tuple((Outcome.WARN, f"of its canaries '{name}' finds {found[name]:.0%}") for name in weak)
    return Reading(good / total if total else None, good, total, detail, findings=said)


def _recall(params: Params, sums: Sums) -> dict[str, float | None]:
    """How many of its canaries each detector finds; of planted ones, all detectors together."""
    if params.planted:
        return {"planted": sums["planted_found"] / sums["planted"] if sums["planted"] else None}
    if not params.canaries:
        return {}
    own = tuple(name for name in params.detect if name in DETECTORS)
    return dict(canaries.recall(own, int(str(params.canaries)), params.context))


def _detector(name: str) -> Detector:
    if name in DETECTORS:
        return DETECTORS[name]
    from monitor.detect import presidio

    return presidio.detector(name)


def _nothing() -> dict[str, Any]:
    numbers = dict.fromkeys((name for name, merge in MERGES.items() if merge == "sum"), 0)
    return numbers | {"found": {}, "pointers": {}}


def _check(
    sums: dict[str, Any], params: Params, column: str, detectors: Sequence[Detector], row: Mapping[str, Any]
) -> None:
    """Look at one text, which `n` fields hold. It goes no further than this."""
    found = _not_allowed(row["x"], find(row["x"], detectors, params.context, title_of(column)), params.allow)
    if not found:
        return
    if row["p"]:
        sums["planted_found"] += row["n"]
        return
    sums["good"] -= row["n"]
    for name in found:
        key = f"{column}{JOINT}{name}"
        sums["found"][key] = sums["found"].get(key, 0) + row["n"]
        if row["k"] is not None:
            _point(sums["pointers"], f"{pointer(row['k'])}{JOINT}{key}")


def _point(pointers: dict[str, int], name: str) -> None:
    """Keep the first few by their hash, which no order of arrival changes."""
    pointers[name] = 1
    if len(pointers) > POINTERS:
        del pointers[max(pointers)]


def _not_allowed(text: str, found: Mapping[str, list[Span]], allow: Sequence[str]) -> list[str]:
    """The detectors with a find outside the accepted marks."""
    marks = [match.span() for pattern in allow for match in _compiled(pattern).finditer(text)]
    return [
        name
        for name, spans in found.items()
        if any(not any(a <= span[0] and span[1] <= b for a, b in marks) for span in spans)
    ]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _masked(sums: Mapping[str, dict[str, Any]], detectors: Sequence[Detector]) -> dict[str, Sums]:
    """The sums by segment; a value that holds what is looked for is no name for one."""
    shown: dict[str, Sums] = {}
    for value, mine in sums.items():
        name = MASKED if value and find(value, detectors, ()) else value
        known = shown.get(name)
        shown[name] = mine if known is None else _merged(known, mine)
    return shown


def _merged(one: Sums, other: Sums) -> Sums:
    return {name: merge_two(merge, one[name], other[name]) for name, merge in MERGES.items()}


def _nested(found: Mapping[str, float]) -> dict[str, dict[str, float]]:
    columns: dict[str, dict[str, float]] = {}
    for name, number in found.items():
        column, detector = name.split(JOINT)
        columns.setdefault(column, {})[detector] = number
    return columns
