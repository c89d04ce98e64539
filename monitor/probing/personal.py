"""Invented personal data: of nobody, but of a form that what redacts must know. It follows from a probe's id.

E-mail addresses end in a domain that is reserved (RFC 2606), addresses of hosts are of documentation
(RFC 5737), telephone numbers are kept for fiction (555-01xx), cards and accounts have right check digits and
no bank, and the social security number is that of a pamphlet of 1940.
"""

import re
from hashlib import sha256


def value(sort: str, uid: str) -> str:
    """The personal data of a sort that a probe carries."""
    number = int.from_bytes(sha256(f"{sort}:{uid}".encode()).digest()[:8], "big")
    if sort == "email":
        return f"probe.{number:016x}@example.com"
    if sort == "phone":
        return f"+1 202-555-01{number % 100:02}"
    if sort == "card":
        return _card(f"400000{number % 10**9:09}")
    if sort == "iban":
        return _iban(f"{number % 10**18:018}")
    return f"203.0.113.{number % 254 + 1}" if sort == "ip" else "219-09-9999"


def _card(digits: str) -> str:
    """With the digit of Luhn's, ISO/IEC 7812-1."""
    doubled = sum(sum(divmod(int(digit) * 2, 10)) for digit in digits[::-2])
    plain = sum(int(digit) for digit in digits[-2::-2])
    return f"{digits}{-(doubled + plain) % 10}"


def _iban(account: str) -> str:
    """A German one, with the check digits of ISO 13616."""
    return f"DE{98 - int(account + '131400') % 97:02}{account}"


_BETWEEN = re.compile(r"(?<=\w)[\s./()-]+(?=\w)")


def bears(text: str, sort: str, uid: str) -> bool:
    """Whether a text still has a probe's personal data, however it is written: spaced, cut up, escaped."""
    wanted, text = value(sort, uid), text.lower()
    if sort == "email":
        return wanted.partition("@")[0] in text
    if sort == "ip":
        return re.search(rf"(?<![\d.]){re.escape(wanted)}(?!\d|\.\d)", text) is not None
    digits = re.sub(r"[^0-9a-z]", "", wanted.lower())
    return (digits[1:] if sort == "phone" else digits) in _BETWEEN.sub("", text)
