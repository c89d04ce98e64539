"""Personal data in a text: where each detector finds what.

A detector has two halves. `candidate` is a cheap regular expression of the common part of RE2 and
PostgreSQL's, with texts of which one must be there (`guards`): it runs in the source, and lets pass every
text in which `find` would find something. `find` gives the spans, checked: it runs here, on those texts.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from monitor.detect.checksums import IBAN_LENGTHS, is_card, is_iban, is_ssn, luhn
from monitor.detect.phones import PHONE_CANDIDATE, phones

Span = tuple[int, int]
Find = Callable[[str, "Sequence[str]", str], Iterator[Span]]


@dataclass(frozen=True, slots=True)
class Detector:
    """What looks for one sort of personal data. `find` takes a text, more words of context, and a title."""

    name: str
    candidate: str
    find: Find
    guards: tuple[str, ...] = ()


EMAIL_CANDIDATE = "[^[:space:]@](@|%40)[^[:space:]@]+[.][^[:space:]@.]"
_AT = re.compile("@|%40")
_LOCAL = re.compile(r"(?:[\w.!#$%'*+^~-]{1,64}|\"[^\"\s]{1,62}\")\Z")
_DOMAIN = re.compile(r"((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_])")
_NO_DOMAIN = frozenset(
    """png jpg jpeg gif svg webp ico css js mjs ts map json xml html htm pdf txt log csv zip gz tar py rb
    java class local localhost""".split()  # noqa: SIM905
)
"""Last labels that are no top-level domain but endings of files: `icon@2x.png`."""


def _emails(text: str, context: Sequence[str], title: str) -> Iterator[Span]:
    for at in _AT.finditer(text):
        local, domain = (
            _LOCAL.search(text[max(0, at.start() - 64) : at.start()]),
            _DOMAIN.match(text, at.end()),
        )
        if local and domain and domain[1].rsplit(".", 1)[-1].lower() not in _NO_DOMAIN:
            yield at.start() - len(local[0]), domain.end()


CARD_CANDIDATE = "[0-9]([ -]?[0-9]){11}"
_CARD = re.compile(r"[0-9](?<![0-9A-Za-z_].)(?<![0-9][.,].)(?:[ -]?[0-9]){11,18}(?![0-9A-Za-z_]|[.,][0-9])")
_JOINED = re.compile(r"[0-9]+")
_CARD_WORDS = re.compile(r"\b(?:credit|debit)?[ -]?cards?\b|\bcc\b|\bpan\b", re.IGNORECASE)
NEAR = 60
"""Characters before a number in which a word says what it is."""


def _cards(text: str, context: Sequence[str], title: str) -> Iterator[Span]:
    for found in _CARD.finditer(text):
        start, end = found.span()
        groups = [each.span() for each in _JOINED.finditer(text, start, end)]
        named = _CARD_WORDS.search(title + text[max(0, start - NEAR) : start])
        if _is_card(text[start:end]) or (named and luhn(_digits(text[start:end]))):
            yield start, end
        elif len(groups) > 2:  # a number before or after it: "2 4111 1111 1111 1111"
            yield from _part(text, groups)


def _part(text: str, groups: list[Span]) -> Iterator[Span]:
    for first, last in ((1, len(groups)), (0, len(groups) - 1)):
        start, end = groups[first][0], groups[last - 1][1]
        if _is_card(text[start:end]):
            yield start, end
            return


def _is_card(text: str) -> bool:
    return is_card(_digits(text))


def _digits(text: str) -> str:
    return text.replace(" ", "").replace("-", "")


IBAN_CANDIDATE = "[A-Za-z]{2}[0-9]{2}[ -]?([A-Za-z0-9][ -]?){10}[A-Za-z0-9]"
_IBAN = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]{2}[0-9]{2}(?:[ -]?[0-9A-Za-z]){11,30}")


def _ibans(text: str, context: Sequence[str], title: str) -> Iterator[Span]:
    at = 0
    while found := _IBAN.search(text, at):
        end = _iban_end(text, found.start())
        if end:
            yield found.start(), end
        at = end or found.start() + 2


def _iban_end(text: str, start: int) -> int:
    """Where an IBAN that starts here ends, by its country's length; 0 where none does."""
    wanted, taken, at = IBAN_LENGTHS.get(text[start : start + 2].upper(), 0), "", start
    while at < len(text) and len(taken) < wanted and (text[at].isalnum() or text[at] in " -"):
        taken += text[at] if text[at].isalnum() else ""
        at += 1
    whole = at >= len(text) or not text[at].isalnum()
    return at if wanted and whole and taken.isascii() and is_iban(taken.upper()) else 0


IP_CANDIDATE = (
    "[0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}[.][0-9]|[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]*:|::[0-9A-Fa-f]{1,4}"
)
_IP4 = re.compile(r"[0-9](?<![\w.].)[0-9]{0,2}(?:\.[0-9]{1,3}){3}(?![\w]|\.[0-9])")
_IP6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f.]{0,15}(?![\w:])")


_VERSION = re.compile(
    r"(?:\brv:|\bv(?:er(?:sion)?)?[ .:=]{0,2}|\b(?:release|build|firmware)[ :=]|(?:^|[\s;(])[a-z][\w-]*/)\Z",
    re.IGNORECASE,
)
"""What stands before a version: `Firefox/2.0.0.4`."""


def _addresses(text: str, context: Sequence[str], title: str) -> Iterator[Span]:
    signs = (text.count(".") >= 3, text.count(":") >= 2)
    for pattern in (each for each, there in zip((_IP4, _IP6), signs, strict=True) if there):
        for found in pattern.finditer(text):
            word = found[0].rstrip(".")
            if _is_address(word) and not _VERSION.search(text[max(0, found.start() - 24) : found.start()]):
                yield found.start(), found.start() + len(word)


def _is_address(word: str) -> bool:
    """Whether a text is an address of one host: neither this host's own nor none's."""
    if ":" in word and max(map(len, word.split(":"))) < 3:
        return False  # a time, or a `::2` of a programming language
    try:
        address = ip_address(word)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or word == "255.255.255.255")


SSN_CANDIDATE = "[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{4}"
_SSN = re.compile(
    r"([0-9](?<![\w-].)(?<![0-9][.,].)[0-9]{2})([ -]?)([0-9]{2})\2([0-9]{4})(?![\w-]|[.,][0-9])"
)
_SSN_WORDS = re.compile(r"\bssn?\b|social security|\bsoc\.? ?sec|tax ?id", re.IGNORECASE)


def _ssns(text: str, context: Sequence[str], title: str) -> Iterator[Span]:
    for found in _SSN.finditer(text):
        before = title + text[max(0, found.start() - NEAR) : found.start()]
        named = found[2] == "-" or _SSN_WORDS.search(before)
        if named and is_ssn(found[1], found[3], found[4]):
            yield found.span()


DETECTORS = {
    each.name: each
    for each in (
        Detector("email", EMAIL_CANDIDATE, _emails, ("@", "%40")),
        Detector("phone", PHONE_CANDIDATE, phones),
        Detector("card", CARD_CANDIDATE, _cards),
        Detector("iban", IBAN_CANDIDATE, _ibans),
        Detector("ip", IP_CANDIDATE, _addresses),
        Detector("ssn", SSN_CANDIDATE, _ssns),
    )
}


def title_of(column: str) -> str:
    """A column's name as words, which say what its numbers are: `homePhone_2` is `home Phone 2`."""
    return re.sub(r"[_\W]+|(?<=[a-z])(?=[A-Z])", " ", column) + "\n"


def find(
    text: str, detectors: Sequence[Detector], context: Sequence[str], title: str = ""
) -> dict[str, list[Span]]:
    """What each detector finds, by words of context around it and the `title` above the text.

    Digits that a checksum or a fixed form explains are no telephone number.
    """
    found = {each.name: list(each.find(text, context, title)) for each in detectors}
    taken = [span for name, spans in found.items() if name != "phone" for span in spans]
    if "phone" in found and taken:
        found["phone"] = [span for span in found["phone"] if not any(_overlap(span, one) for one in taken)]
    return {name: spans for name, spans in found.items() if spans}


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
