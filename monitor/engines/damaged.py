"""Which file it is that a query could not read: engines' own words quote data, and so name none."""

from collections.abc import Callable, Iterable

from monitor.engines.files import Span
from monitor.errors import SourceError

TRIED = 100
"""How many files are read whole for it at once; the rest with the next failure."""

READING = ("(Error)", "(IOException)", "(InvalidInputException)", "(SerializationException)")
"""DuckDB's errors that a file may cause; those of a query's own are others."""


class Sound:
    """Files that were read to their end, as they were then."""

    def __init__(self) -> None:
        self._known: set[tuple[str, int, int]] = set()

    def first_damaged(self, files: Iterable[tuple[str, Span]], read: Callable[[str], object]) -> str | None:
        """The first of some files that `read` cannot read; None where it can, or too many are untried."""
        tried = 0
        for path, span in files:
            mark = (path, span.size, span.changed)
            if span.broken:
                return path
            if mark in self._known or tried == TRIED:
                continue
            tried += 1
            try:
                read(path)
            except SourceError:
                return path
            self._known.add(mark)
        return None
