"""The tree of errors, and the place each points to.

    WeirError
    ├── UsageError        a command was called wrongly                      exit 2
    ├── ConfigError       the YAML is wrong; carries every fault found      exit 2
    ├── BindError         the YAML contradicts the live table               exit 2 from plan, 3 from run
    ├── SourceError       a source did not answer as it should              exit 3
    │   ├── SourceDown    it cannot be reached: its other scans need not be tried
    │   ├── ScanTimeout   a scan took longer than the source's `timeout`
    │   └── ScanTooLarge  a scan would read more than the source's `max_scan`
    ├── DeliveryError     a route did not take a message                    exit 3
    └── StoreError        Weir's own store                                  exit 3
        ├── LeaseLost     another replica has taken over; this one's writes are refused
        └── ClockError    the clock disagrees with the store's

Messages never quote data or secrets: what an engine says is cut down to its error's class and code.
"""

from dataclasses import dataclass, replace
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the configuration: a file, and a line and column counted from 1 (0 is unknown)."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        numbers = [str(n) for n in (self.line, self.column) if n]
        return ":".join([self.file, *numbers])


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, what, and what to do about it."""

    place: Place
    message: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place.file else self.message
        return f"{text} ({self.hint})" if self.hint else text


class WeirError(Exception):
    """Anything that Weir reports on purpose; shown without a traceback."""

    exit_code = 3

    def __init__(
        self, message: str, *, place: Place | None = None, check: str = "", source: str = "", hint: str = ""
    ):
        super().__init__(message)
        self.message, self.place, self.check, self.source, self.hint = (
            message,
            place or Place(),
            check,
            source,
            hint,
        )

    def __str__(self) -> str:
        return str(Fault(self.place, self.message, self.hint))


class UsageError(WeirError):
    """A command was called wrongly."""

    exit_code = 2


class ConfigError(WeirError):
    """The configuration is wrong. `faults` holds every fault found, in file order."""

    exit_code = 2

    def __init__(self, faults: list[Fault]):
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults

    def __str__(self) -> str:
        return self.message


class BindError(WeirError):
    """The configuration names what the live table does not have, or has with another type."""

    exit_code = 2


class SourceError(WeirError):
    """A source did not answer as it should."""


class SourceDown(SourceError):
    """The source cannot be reached."""


class ScanTimeout(SourceError):
    """A scan took longer than its source allows."""


class ScanTooLarge(SourceError):
    """A scan would read more than its source allows."""


class DeliveryError(WeirError):
    """A route did not take a message. It is told without the route's address, which may hold a secret."""


class StoreError(WeirError):
    """Weir's own store failed or refused."""


class LeaseLost(StoreError):
    """Another replica has taken over."""


class ClockError(StoreError):
    """The clock disagrees with the store's."""


E = TypeVar("E", bound=WeirError)


def located(error: E, *, check: str = "", place: Place | None = None) -> E:
    """The same error, pointing to a check and a place where it did not yet."""
    error.check = error.check or check
    error.place = error.place if error.place.file else replace(place or Place())
    return error


def origin(error: BaseException) -> str:
    """`KeyError in writer.py:42`: its class and where it arose. Its words may quote data: they stay out."""
    from pathlib import Path
    from traceback import extract_tb

    traced = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(traced.filename).name}:{traced.lineno}"
