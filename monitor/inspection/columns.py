"""Which columns may leave their source as they are: none that names or may hold personal data."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from monitor.detect.personal import DETECTORS, find, title_of

if TYPE_CHECKING:
    from monitor.engines import Table

_WORDS = """
    email mail phone mobile fax name firstname lastname surname address street zip postcode ip ssn iban card
    password secret token user uid customer account session cookie agent birthday birthdate birth dob latitude
    longitude lat lon geo payload message comment prompt query response answer text body
"""
IDENTIFIERS = frozenset("trace id uuid guid".split())  # noqa: SIM905
PERSONAL = frozenset(_WORDS.split())
"""Words in a column's name for which it is left out."""
_PERSONAL_VALUE = re.compile(r"@|\d{7,}|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[A-Z]{2}\d{2}(?: ?\w{4}){3,}")
SHOWN = frozenset({"text", "integer", "number", "boolean"})
"""Families of types whose values can be shown."""


def parts(name: str) -> list[str]:
    """The words of a column's name: `clientIp` has client and ip."""
    return re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())


def of_people(name: str) -> bool:
    """Whether a column's name has one of the words of personal data in it."""
    return _has(name, PERSONAL)


def personal(name: str) -> bool:
    """Whether a column's name has one of the words of personal data or identifiers in it."""
    return _has(name, PERSONAL | IDENTIFIERS)


def _has(name: str, words: frozenset[str]) -> bool:
    return any(part in words or part.removesuffix("s") in words for part in parts(name))


def names_of(table: "Table", name: str) -> list[str]:
    """A column's own name and its words."""
    return [name, *(word for word, own in table.dataset.columns.items() if own == name)]


def allowed(config: Any, table: "Table", name: str) -> bool:
    """Whether a column may leave its source: by its type, name and word, and by what checks look for PII."""
    named = any(personal(each) for each in names_of(table, name)) or name in suspected(config, table)
    return table.columns[name].family in SHOWN and not named


def suspected(config: Any, table: "Table") -> frozenset[str]:
    """The columns in which some check, on or off, looks for personal data."""
    declared = [*config.checks.values(), *(each.check for each in getattr(config, "off", {}).values())]
    mine = [c for c in declared if c.kind == "pii" and c.main_dataset == table.dataset.name]
    found = [table.find(name) for check in mine for name in check.params.columns]
    return frozenset(column.name for column in found if column is not None)


def looks_personal(values: Iterable[Any], column: str = "") -> bool:
    """Whether one of some texts looks like a person's: by form, and by the detectors of `pii` checks."""
    texts = [value for value in values if isinstance(value, str) and value]
    return any(_PERSONAL_VALUE.search(value) for value in texts) or any(
        _detected(value, column) for value in texts
    )


def _detected(value: str, column: str) -> bool:
    detectors: Sequence[Any] = [*DETECTORS.values()]
    return bool(find(value, detectors, (), title_of(column)))
