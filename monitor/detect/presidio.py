"""Presidio's recognisers by name: its patterns and checksums alone, without a language model.

A recogniser is asked directly, so that nothing is downloaded and no pipeline is loaded. A word of its
context among the five before a find adds .35 to its score and lifts it to .4 at least, as Presidio's own
enhancer does; what then reaches .4 is a find.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from monitor.detect.personal import Detector, Span
from monitor.errors import BindError

SIMILAR, LEAST, WORDS_BEFORE = 0.35, 0.4, 5
_MODELS = ("nlp_engine_recognizers", "third_party", ".ner.")


@cache
def detector(name: str) -> Detector:
    """A recogniser by its class or entity, `UsPassportRecognizer` or `US_PASSPORT`.

    Raises BindError where Presidio is not installed, has no such recogniser, or has one that needs a model.
    """
    recogniser = _recogniser(name)
    entities: list[str] = [name] if name in recogniser.supported_entities else recogniser.supported_entities
    words = tuple(word.lower() for word in recogniser.context or ())

    def find(text: str, context: Sequence[str], title: str) -> Iterator[Span]:
        for found in recogniser.analyze(text, entities, None):
            score = _score(found.score, title + text[: found.start], (*words, *context))
            if score >= LEAST:
                yield found.start, found.end

    return Detector(name, "[0-9]" if _digits_needed(recogniser) else "", find)


def _score(score: float, before: str, words: Sequence[str]) -> float:
    near = [each.lower() for each in re.findall(r"\w+", before)[-WORDS_BEFORE:]]
    if any(word.lower() in each for word in words for each in near):
        return max(score + SIMILAR, LEAST)
    return score


def _recogniser(name: str) -> Any:
    known = _known()
    found = next((each for each in known if name in (each.__name__, *_entities(each))), None)
    if found is None:
        raise BindError(
            f"Presidio has no recogniser '{name}' that works without a language model",
            hint="name one of its pattern recognisers by class or entity, such as US_PASSPORT",
        )
    return found()


@cache
def _known() -> tuple[Any, ...]:
    try:
        from presidio_analyzer import EntityRecognizer, predefined_recognizers
    except ImportError:
        raise BindError(
            "recognisers by name are Presidio's, which is not installed",
            hint="pip install 'weir-slo[pii]', or detect only email, phone, card, iban, ip and ssn",
        ) from None
    _stay_offline()
    named = [getattr(predefined_recognizers, name) for name in sorted(vars(predefined_recognizers))]
    classes = [each for each in named if isinstance(each, type) and issubclass(each, EntityRecognizer)]
    return tuple(each for each in classes if not any(model in each.__module__ for model in _MODELS))


@cache
def _entities(recogniser: Any) -> tuple[str, ...]:
    try:
        return tuple(recogniser().supported_entities)
    except (ImportError, TypeError, ValueError):  # it wants a service or a package of its own
        return ()


def _stay_offline() -> None:
    """The recogniser of e-mail addresses would fetch the public suffixes, which come with the package."""
    import logging

    import tldextract.tldextract as suffixes

    suffixes.TLD_EXTRACTOR = suffixes.TLDExtract(cache_dir=None, suffix_list_urls=())
    logging.getLogger("presidio-analyzer").setLevel(logging.CRITICAL)  # its own words may quote a text


def _digits_needed(recogniser: Any) -> bool:
    """Whether nothing without a digit can be found: such texts need not leave their source."""
    from re import _parser  # pyright: ignore

    patterns = getattr(recogniser, "patterns", None) or ()
    try:
        return bool(patterns) and all(_has_digit(_parser.parse(each.regex)) for each in patterns)
    except re.error:
        return False


def _has_digit(parsed: Any) -> bool:
    return any(_is_digit(str(operation), argument) for operation, argument in parsed)


def _is_digit(operation: str, argument: Any) -> bool:
    """Whether a part of a parsed expression cannot match without a digit."""
    tests: dict[str, Callable[[], bool]] = {
        "LITERAL": lambda: chr(argument).isdigit(),
        "IN": lambda: all(_is_digit(str(kind), value) for kind, value in argument),
        "CATEGORY": lambda: str(argument) == "CATEGORY_DIGIT",
        "RANGE": lambda: ord("0") <= argument[0] and argument[1] <= ord("9"),
        "MAX_REPEAT": lambda: argument[0] > 0 and _has_digit(argument[2]),
        "MIN_REPEAT": lambda: argument[0] > 0 and _has_digit(argument[2]),
        "SUBPATTERN": lambda: _has_digit(argument[3]),
        "BRANCH": lambda: all(_has_digit(each) for each in argument[1]),
    }
    return operation in tests and tests[operation]()
