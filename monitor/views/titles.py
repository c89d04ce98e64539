"""Names and numbers as they stand on a page, for people who have never heard of a check."""

from typing import Any

from monitor.judge import show
from monitor.model import MINUTE, SECOND, Outcome

OUTCOMES = {
    Outcome.PASS: "fine",
    Outcome.WARN: "worth a look",
    Outcome.FAIL: "failing",
    Outcome.NO_DATA: "no data",
    Outcome.ERROR: "cannot be measured",
    None: "never measured",
}
"""What an outcome is called on a page."""

STATES = {
    Outcome.PASS: "good",
    Outcome.WARN: "warn",
    Outcome.FAIL: "bad",
    Outcome.NO_DATA: "unknown",
    Outcome.ERROR: "unknown",
    None: "unknown",
}
"""How an outcome looks: what is not known is neither good nor bad."""


SPELT = frozenset({"ctr", "id", "ids", "llm", "ndcg", "pii", "roi", "sdk", "slo", "sql", "srm", "url"})
"""Words of names that are spelt with capitals."""


def title(check: Any) -> str:
    """What a check is about: its name as words, `checkout-has-basket` as "Checkout has basket"."""
    words = check.name.replace("-", " ").replace("_", " ").strip()
    said = " ".join(word.upper() if word in SPELT else word for word in words.split(" "))
    return said[:1].upper() + said[1:]


def about(check: Any) -> str:
    """The first sentence of its description, without the full stop and what follows a semicolon; "" where it
    has none.
    """
    first = " ".join(check.description.split()).partition(". ")[0].partition("; ")[0].rstrip(".;")
    return first[:1].upper() + first[1:]


def ago(instant: int | None, now: int) -> str:
    """How long ago an instant was, in words."""
    if instant is None:
        return "never"
    age = now - instant
    return "just now" if age < MINUTE else f"{show(age / SECOND, 'seconds')} ago"


def lasting(micros: float | None) -> str:
    """A duration in words; – where it is not known."""
    return "–" if micros is None else show(micros / SECOND, "seconds")


def percent(share: float | None, digits: int = 1) -> str:
    """A share of a budget or a period; – where it is not known."""
    return "–" if share is None else f"{share * 100:.{digits}f}%"
