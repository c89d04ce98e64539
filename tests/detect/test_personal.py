"""Detectors: checksums against published examples, labelled texts, and sources that let every find pass."""

import json
import re
from collections import Counter
from pathlib import Path
from time import perf_counter

import pytest

from monitor.detect.canaries import MAKERS, canaries
from monitor.detect.checksums import is_card, is_iban, luhn, mod97
from monitor.detect.personal import DETECTORS, Span, find, title_of
from monitor.errors import BindError

EVERY = tuple(DETECTORS.values())
ENTITIES = {
    "email": "EMAIL_ADDRESS",
    "phone": "PHONE_NUMBER",
    "card": "CREDIT_CARD",
    "iban": "IBAN_CODE",
    "ip": "IP_ADDRESS",
    "ssn": "US_SSN",
}
CLEAN = [
    "order 4111111111111112 shipped",  # Luhn fails
    "id 1716300000000 at 2026-11-20T09:30:00.123456Z",
    "v1.2.3.4 and build 10.0.19041.1 of std::vector at 09:30:00",
    "logo@2x.png and @someone, a @ b",
    "GB82 WEST 1234 5698 7654 33",  # mod 97 fails
    "000-12-3456 666-12-3456 912-12-3456 123-00-4567 123-45-0000",
    "deadbeef4111111111111111cafe and 0.4111111111111111",
    "prices 1 234 567 and 12345-6789, 2026-11-20, 20.11.2026",
    "127.0.0.1 ::1 0.0.0.0",
    "numbers[::2] + first[1::2], a route\n@app.route('/')",
    "Mozilla/5.0 (X11; rv:1.9.0.19) Chrome/26.0.1410.58 Mobile Safari/537.36, version 1.2.3.4",
    "mobile traffic reached 1234567 hits",
    "uuid 4f9619ff-8b86-d011-b42d-00c04fc964ff",
    "",
]


@pytest.mark.parametrize(
    "number", ["4111111111111111", "378282246310005", "6011111111111117", "30569309025904"]
)
def test_published_card_numbers(number: str):
    assert luhn(number)
    assert is_card(number)
    assert not any(is_card(number[:-1] + last) for last in "0123456789" if last != number[-1])


@pytest.mark.parametrize(
    "iban",
    ["GB82WEST12345698765432", "DE89370400440532013000", "FR1420041010050500013M02606", "NO9386011117947"],
)
def test_published_ibans(iban: str):
    assert is_iban(iban)
    assert mod97(iban) == 1
    assert not is_iban(iban[:-1])
    assert not is_iban(iban[:4] + iban[5] + iban[4] + iban[6:])


@pytest.mark.parametrize(
    "text, expected",
    [
        ("mail o'neil+x@mail.example.co.uk, please", {"email": "o'neil+x@mail.example.co.uk"}),
        ("/unsubscribe?u=bob%40example.org&x=1", {"email": "bob%40example.org"}),
        ("grüße an jürgen@müller.de", {"email": "jürgen@müller.de"}),
        ("card 4111 1111 1111 1111!", {"card": "4111 1111 1111 1111"}),
        ("3 x 4111-1111-1111-1111", {"card": "4111-1111-1111-1111"}),
        ("to gb82 west 1234 5698 7654 32 today", {"iban": "gb82 west 1234 5698 7654 32"}),
        ('{"ip":"203.0.113.9"}', {"ip": "203.0.113.9"}),
        ("from 2001:db8::8a2e:370:7334 port 443", {"ip": "2001:db8::8a2e:370:7334"}),
        ("ssn 536 90 4399", {"ssn": "536 90 4399"}),
        ("536-90-4399", {"ssn": "536-90-4399"}),
        ("call me: (415) 555-2671", {"phone": "(415) 555-2671"}),
        ("+44 20 7946 0958", {"phone": "+44 20 7946 0958"}),
        ("Tel. 030 123456", {"phone": "030 123456"}),
        ("or 0049 30 901820 then", {"phone": "0049 30 901820"}),
        ("phone 4673395, and 1234567 more", {"phone": "4673395"}),
    ],
)
def test_what_is_found_and_where(text: str, expected: dict[str, str]):
    assert {name: text[slice(*spans[0])] for name, spans in find(text, EVERY, ()).items()} == expected


@pytest.mark.parametrize("text", CLEAN)
def test_what_is_none(text: str):
    assert find(text, EVERY, ()) == {}


def test_a_word_of_ones_own_announces_a_number():
    text = "rufnummer 47 11 08 15"
    assert find(text, EVERY, ()) == {}
    assert list(find(text, EVERY, ("Rufnummer",))) == ["phone"]


@pytest.mark.parametrize(
    "column, text, name",
    [
        ("homePhone", "2053258100", "phone"),
        ("CARD_NUMBER", "0604 2607 0011", "card"),
        ("social security no", "536904399", "ssn"),
    ],
)
def test_a_columns_name_says_what_its_numbers_are(column: str, text: str, name: str):
    assert not any(find(text, EVERY, (), title_of(other)) for other in ("amount", "full_text", "contact_id"))
    assert list(find(text, EVERY, (), title_of(column))) == [name]


def labelled(path: Path) -> list[tuple[str, dict[str, list[Span]]]]:
    texts = json.loads((path / "pii/synth_dataset_v2.json").read_text())
    return [
        (
            each["full_text"],
            {
                name: [
                    (s["start_position"], s["end_position"])
                    for s in each["spans"]
                    if s["entity_type"] == entity
                ]
                for name, entity in ENTITIES.items()
            },
        )
        for each in texts
    ]


def test_precision_and_recall_on_labelled_texts(shared_data: Path):
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for text, spans in labelled(shared_data):
        found = find(text, EVERY, ())
        for name, labels in spans.items():
            mine = found.get(name, [])
            right[name] += sum(any(a < d and c < b for c, d in mine) for a, b in labels)
            missed[name] += sum(not any(a < d and c < b for c, d in mine) for a, b in labels)
            wrong[name] += sum(not any(a < d and c < b for c, d in labels) for a, b in mine)
    for name in ENTITIES:
        assert right[name] / (right[name] + missed[name]) >= 0.97, (name, missed[name])
        assert right[name] / (right[name] + wrong[name]) >= 0.97, (name, wrong[name])


@pytest.mark.parametrize("name", MAKERS)
def test_canaries_are_found_and_differ(name: str):
    drawn = canaries(name, 300)
    assert len(set(drawn)) > 250
    assert drawn == canaries(name, 300) != canaries(name, 300, seed=2)
    assert sum(name in find(text, EVERY, ()) for text in drawn) >= 295


def test_texts_that_are_made_to_be_slow():
    parts = [
        "1",
        "1 ",
        "a@",
        "a.",
        "a@b.",
        "(1)",
        "1.1.",
        "a:",
        "GB12 ",
        "+",
        "1-",
        '"',
        "a-@",
        "0.0.0.0.",
        "x4 ",
    ]
    for part in parts:
        start = perf_counter()
        find(part * (20_000 // len(part)), EVERY, ())
        assert perf_counter() - start < 2, part


def test_presidio_by_name_agrees_with_its_own_patterns():
    pytest.importorskip("presidio_analyzer")
    from monitor.detect.presidio import detector

    text = "my passport number is 123456789, the wallet 16UwLL9Risc3QfPqBUvKofHmBQ7wMtjvM"
    passport, wallet = detector("US_PASSPORT"), detector("CryptoRecognizer")
    assert [text[slice(*span)] for span in passport.find(text, (), "")] == ["123456789"]
    assert [text[slice(*span)] for span in wallet.find(text, (), "")] == ["16UwLL9Risc3QfPqBUvKofHmBQ7wMtjvM"]
    assert list(passport.find("order 123456789", (), "")) == []
    assert (passport.candidate, detector("URL").candidate) == ("[0-9]", "")


def test_a_guard_is_asked_of_digits_only_where_every_find_has_one():
    pytest.importorskip("presidio_analyzer")
    from re import _parser  # pyright: ignore

    from monitor.detect.presidio import _has_digit

    for pattern, needed in {
        r"\d{3}": True,
        r"[0-9]?x": False,
        "(a|1)": False,
        "(1|[2-9])x": True,
        "[a-f0-9]": False,
    }.items():
        assert _has_digit(_parser.parse(pattern)) == needed, pattern
        assert not needed or not re.search(pattern, "abcxyz")


def test_a_recogniser_that_does_not_exist_or_needs_a_model():
    pytest.importorskip("presidio_analyzer")
    from monitor.detect.presidio import detector

    for name in ("PERSON", "NO_SUCH_THING", "SpacyRecognizer"):
        with pytest.raises(BindError, match="without a language model"):
            detector(name)
