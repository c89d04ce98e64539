"""Fake personal data of every sort, to see whether the detectors would find the real: their recall.

They are drawn with a seed, valid by their checksums, in the forms and sentences in which they leak: form
fields, logs, JSON, addresses.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from random import Random

from monitor.detect.checksums import is_card, luhn, mod97
from monitor.detect.personal import DETECTORS, find

SENTENCES = (
    "{}",
    "please use {} from now on",
    "user said: {}.",
    '{{"note": "{}", "ok": true}}',
    "GET /form?value={}&step=2 200",
    "2026-11-20 09:30:00 INFO saved ({}) in 12 ms",
    "<td>{}</td>",
)


def recall(names: Sequence[str], number: int, context: Sequence[str]) -> dict[str, float]:
    """The share of so many canaries that each detector finds."""
    return {name: _recall(name, number, tuple(context)) for name in names}


@cache
def _recall(name: str, number: int, context: tuple[str, ...]) -> float:
    detector, texts = DETECTORS[name], canaries(name, number)
    candidate = re.compile(detector.candidate.replace("[:space:]", r"\s"))
    found = (candidate.search(text) and name in find(text, (detector,), context) for text in texts)
    return sum(map(bool, found)) / len(texts)


def canaries(name: str, number: int, seed: int = 1) -> list[str]:
    """Texts with one canary each. Raises KeyError for a detector without canaries."""
    draw, make = Random(f"{name} {seed}"), MAKERS[name]  # noqa: S311 -- fakes, not secrets
    return [draw.choice(SENTENCES).format(make(draw)) for _ in range(number)]


def _digits(draw: Random, number: int) -> str:
    return "".join(draw.choices("0123456789", k=number))


def _word(draw: Random) -> str:
    return "".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(3, 9)))


def _email(draw: Random) -> str:
    local = draw.choice(("{0}", "{0}.{1}", "{0}_{1}42", "{0}+{1}", "{0}-{1}")).format(
        _word(draw), _word(draw)
    )
    return (
        f"{local}@{draw.choice(('', 'mail.'))}{_word(draw)}.{draw.choice(('com', 'de', 'co.uk', 'museum'))}"
    )


def _card(draw: Random) -> str:
    while True:
        start, length = draw.choice(
            (("4", 16), ("51", 16), ("2221", 16), ("37", 15), ("6011", 16), ("36", 14))
        )
        body = start + _digits(draw, length - len(start) - 1)
        digits = next(body + check for check in "0123456789" if luhn(body + check))
        if is_card(digits):
            return _grouped(digits, draw.choice(("", "", " ", "-")), 4)


def _iban(draw: Random) -> str:
    country, letters, digits = draw.choice((("GB", 4, 14), ("DE", 0, 18), ("NL", 4, 10), ("FR", 0, 23)))
    bank = "".join(draw.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ", k=letters)) + _digits(draw, digits)
    iban = f"{country}{98 - mod97(f'{country}00{bank}'):02}{bank}"
    return _grouped(iban, draw.choice(("", " ")), 4)


def _grouped(text: str, sign: str, size: int) -> str:
    return sign.join(text[at : at + size] for at in range(0, len(text), size))


def _address(draw: Random) -> str:
    if draw.random() < 0.3:
        return "2001:db8:" + ":".join(f"{draw.randrange(1, 65536):x}" for _ in range(6))
    return ".".join(map(str, (draw.randint(128, 223), *(draw.randint(0, 255) for _ in range(3)))))


def _ssn(draw: Random) -> str:
    area = draw.choice([number for number in range(1, 900) if number != 666])
    number = f"{area:03}-{draw.randint(1, 99):02}-{draw.randint(1, 9999):04}"
    return draw.choice(
        (number, "SSN " + number.replace("-", ""), "social security " + number.replace("-", " "))
    )


def _phone(draw: Random) -> str:
    city, first, last = draw.randint(201, 989), draw.randint(200, 999), draw.randint(0, 9999)
    american = draw.choice(
        ("{}-{}-{:04}", "({}) {}-{:04}", "+1 {} {} {:04}", "+1-{}-{}-{:04}", "{}.{}.{:04}")
    )
    european = draw.choice(("+49 30 {}{}", "phone 030 {} {}", "call me on 07{} {}", "Tel.: 01 {} {}"))
    if draw.random() < 0.5:
        return american.format(city, first, last)
    return european.format(_digits(draw, 3), _digits(draw, 4))


MAKERS: dict[str, Callable[[Random], str]] = {
    "email": _email,
    "phone": _phone,
    "card": _card,
    "iban": _iban,
    "ip": _address,
    "ssn": _ssn,
}
