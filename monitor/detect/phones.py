"""Telephone numbers: digits that a word before or after, or an unmistakable form, makes one.

No checksum tells a telephone number from any other: seven digits in groups are a price list's as well. So
digits count where a word near them says so, where they start with + and the code of a country, or where they
have the form of North American numbers. The package phonenumbers, where it is installed, has the last word on
numbers with a country's code.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

PHONE_CANDIDATE = "[0-9]([ ()./-]{0,4}[0-9]){6}"
"""Seven digits, the fewest that count, with what may stand between two of them."""
_PHONE = re.compile(
    r"(?<![\w@])(?<![0-9][.,:/-])(?<![A-Za-z]/)(?<!\$)"
    r"(?P<number>\(?\+?\(?[0-9]++\)?(?:(?:[ .\-/]{1,2}|(?<=\)))\(?[0-9]++\)?){0,7})"
    r"(?:[ ]?(?:x|ext\.?|#)[ ]?[0-9]{1,6})?"
    r"(?![\w@%]|[.,:/-][0-9])"
)
_WORDS = (
    r"\b(?:tele)?(?:phone|fax|cell|mobile|tel|telefon\w*|handy|mobil|gsm|sms|pager)s?\b",
    r"\b(?:whats ?app|signal|viber)\b",
    r"\b(?:call|calls|called|calling|dial|ring|text|phoned|reach|contact)\b(?! center)",
    r"\b(?:office|desk|hotline|landline|extension|voice ?mail)\b",
    r"\banswering at\b|\bmessages? (?:to|on|from|at)\b|\bmy (?:registered|number)\b|\bp(?:h|hone)[.:]",
)
_CONTEXT = re.compile("|".join(_WORDS), re.IGNORECASE)
_STEMS = tuple(
    """ph fax cell mob tel handy gsm sms pager whats signal viber call dial ring text reach contact office
    desk hotline landline extension voice answer message registered number""".split()  # noqa: SIM905
)
"""One of these is in whatever `_CONTEXT` finds, and costs a tenth to look for."""
_TITLE = re.compile(_WORDS[0], re.IGNORECASE)
"""What makes a column one of telephone numbers: `full_text` is none."""
BEFORE, AFTER = 40, 12
"""Characters around a number in which a word says that it is one."""
_AMERICAN = re.compile(
    r"(?<![0-9])(?:\+?1[ .-])?(?:\([0-9]{3}\) ?|[0-9]{3}[.-])[0-9]{3}[ .-][0-9]{4}(?![0-9])"
)
SHORT, CLOSE = 9, 10
"""Digits in one piece, fewer than so many, are a number only where the word stands so close before them."""
_OTHER = re.compile(
    r"[12][0-9]{3}[./-][01]?[0-9][./-][0-3]?[0-9]"  # a date
    r"|[0-3]?[0-9][./-][01]?[0-9][./-](?:[12][0-9])?[0-9]{2}"
    r"|[12][0-9]{3} ?[-/] ?[12][0-9]{3}"  # years
    r"|[0-9]{5}-[0-9]{4}"  # a postal code
    r"|[0-9]{1,3}(?:\.[0-9]{1,3}){3}"  # an address of the Internet
    r"|[0-9]+\.[0-9]+"  # a fraction
)


def phones(text: str, context: Sequence[str], title: str) -> Iterator[tuple[int, int]]:
    """The spans of telephone numbers, announced by words near them, more of `context`, or the `title`."""
    more = _announced(tuple(context))
    for found in _PHONE.finditer(text):
        number = found["number"]
        digits = re.sub(r"\D", "", number)
        if not 7 <= len(digits) <= 15 or _OTHER.fullmatch(number.strip("()+ ")):
            continue
        before, after = text[max(0, found.start() - BEFORE) : found.start()], text[found.end() :][:AFTER]
        alone = len(digits) < SHORT and number.isdigit()
        near = before[-CLOSE:] if alone else f"{before}\n{after}"
        announced = _announces(near) or _TITLE.search(title) or (more and more.search(title + near))
        if announced or _certain(number, digits):
            yield found.span()


def _announces(near: str) -> bool:
    low = near.lower()
    return any(stem in low for stem in _STEMS) and bool(_CONTEXT.search(near))


def _certain(number: str, digits: str) -> bool:
    """Whether a number says by its form alone that it is one."""
    if number.lstrip("(").startswith("+"):
        return len(digits) > 7 and _international()("+" + digits)
    if digits.startswith("00") and len(digits) > 10 and not number.isdigit():
        return _international()("+" + digits[2:])
    return bool(_AMERICAN.search(number))


@cache
def _announced(words: tuple[str, ...]) -> re.Pattern[str] | None:
    if not words:
        return None
    return re.compile(r"\b(?:" + "|".join(map(re.escape, words)) + r")\b", re.IGNORECASE)


@cache
def _international() -> Callable[[str], bool]:
    """Whether a number with a country's code may be one: by phonenumbers, else by its first digit."""
    try:
        import phonenumbers
    except ImportError:
        return lambda number: number[1] != "0"

    def possible(number: str) -> bool:
        try:
            return phonenumbers.is_possible_number(phonenumbers.parse(number))
        except phonenumbers.NumberParseException:
            return False

    return possible
