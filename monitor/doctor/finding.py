"""One thing that was looked at, and how it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from monitor.errors import WeirError

State = Literal["ok", "wrong", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`about` what, its state, what was seen, what to do; `code` is the exit code of one that is wrong."""

    about: str
    state: State
    message: str
    hint: str = ""
    code: int = 0


def ok(about: str, message: str) -> Finding:
    """It is as it should be."""
    return Finding(about, "ok", message)


def skipped(about: str, message: str, hint: str = "") -> Finding:
    """It could not be looked at, or is worth a word and no more."""
    return Finding(about, "skipped", message, hint)


def wrong(about: str, message: str, hint: str = "", *, code: int = 3) -> Finding:
    """It has to be put right: the configuration (2), or what it needs to reach (3)."""
    return Finding(about, "wrong", message, hint, code)


def failed(about: str, error: WeirError) -> Finding:
    """What an error says, with the place it points to."""
    place = f"{error.place}: " if error.place.file else ""
    return wrong(about, place + error.message, error.hint, code=error.exit_code)


def exit_code(findings: Iterable[Finding]) -> int:
    """0 all fine, 2 the configuration is wrong, 3 something cannot be reached."""
    codes = {each.code for each in findings if each.state == "wrong"}
    return 2 if 2 in codes else 3 if codes else 0
