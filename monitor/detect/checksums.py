"""Checksums that tell numbers of cards and accounts from other numbers."""

import re

IBAN_LENGTHS = {
    code: length
    for length, codes in {
        15: "NO",
        16: "BE",
        18: "DK FO FI GL NL SD FK",
        19: "MK SI",
        20: "AT BA EE KZ LT LU XK MN",
        21: "CR HR LV LI CH",
        22: "BH BG GE DE IE ME RS GB VA",
        23: "AE GI IL IQ OM TL SO",
        24: "AD CZ MD PK RO SA SK ES SE TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "FR GR IT MC MR SM BI DJ",
        28: "AL AZ BY CY DO GT HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for code in codes.split()
}
"""Characters of an IBAN by country, of the IBAN registry (SWIFT, release 99)."""

_ISSUERS = (
    # First digits and lengths, of ISO/IEC 7812 ranges as the card networks publish them.
    (r"4", (13, 16, 19)),
    (r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),
    (r"3[47]", (15,)),
    (r"30[0-5]|309|36|3[89]", (14, 16, 19)),
    (r"6011|64[4-9]|65", (16, 17, 18, 19)),
    (r"352[89]|35[3-8]", (16, 17, 18, 19)),
    (r"2131|1800", (15,)),
    (r"62|81", (16, 17, 18, 19)),
    (r"220[0-4]", (16, 17, 18, 19)),
    (r"50|5[6-9]|6", (12, 13, 14, 15, 16, 17, 18, 19)),
)
_CARDS = tuple((re.compile(start), frozenset(lengths)) for start, lengths in _ISSUERS)


def luhn(digits: str) -> bool:
    """Whether the last of some digits checks the others (ISO/IEC 7812-1, annex B)."""
    doubled = (sum(divmod(2 * int(each), 10)) for each in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(doubled)) % 10 == 0


def is_card(digits: str) -> bool:
    """Whether digits are a payment card's: an issuer's range, its length, and the check digit."""
    known = any(start.match(digits) and len(digits) in lengths for start, lengths in _CARDS)
    return known and len(set(digits)) > 1 and luhn(digits)


def mod97(iban: str) -> int:
    """The remainder that makes an IBAN valid where it is 1 (ISO 7064, MOD 97-10); letters count from 10."""
    return int("".join(str(int(each, 36)) for each in iban[4:] + iban[:4])) % 97


def is_iban(text: str) -> bool:
    """Whether letters and digits without spaces, in capitals, are an IBAN of a country that has them."""
    return IBAN_LENGTHS.get(text[:2]) == len(text) and mod97(text) == 1


def is_ssn(area: str, group: str, serial: str) -> bool:
    """Whether the Social Security Administration may have given a number: no part is all zeros, and areas 666
    and 900 to 999 are not given.
    """
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"
