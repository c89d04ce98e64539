"""A file's text and its YAML nodes, or what is wrong with them, in plain English.

ruamel.yaml's own messages are written for those who know its scanner; the table below says what to do.
"""

import re
from pathlib import Path
from typing import Any

from monitor.errors import ConfigError, Fault, Place

LARGEST = 1_000_000
"""Bytes of a file: a hundred times what a few dozen checks need."""
DEEPEST = 40

# The file ---------------------------------------------------------------------------------------------------

_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def read_text(path: Path, file: str) -> str:
    """A file's text. Raises ConfigError for one that is missing, too large or no UTF-8."""
    data = _bytes(path, file)
    for mark, name in _MARKS:
        if data.startswith(mark):
            raise ConfigError([Fault(Place(file, 1, 1), f"the file is {name}", "save it as UTF-8")])
    if data.startswith(b"\xef\xbb\xbf"):
        raise ConfigError(
            [
                Fault(
                    Place(file, 1, 1),
                    "the file starts with a byte order mark",
                    "save it as UTF-8 without BOM",
                )
            ]
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        place = _at(file, before)
        raise ConfigError([Fault(place, "the file is not UTF-8 text", "save it as UTF-8")]) from None


def _bytes(path: Path, file: str) -> bytes:
    def stop(message: str, hint: str = "") -> ConfigError:
        return ConfigError([Fault(Place(file), message, hint)])

    try:
        if not path.exists():
            raise stop("there is no such file", "name one with --config, or write one with 'weir init'")
        if not path.is_file():
            raise stop("this is no file")
        if (size := path.stat().st_size) > LARGEST:
            raise stop(
                f"the file is too large: {size:,} bytes, and {LARGEST:,} are allowed",
                "is it a configuration?",
            )
        return path.read_bytes()
    except OSError as error:
        raise stop(f"the file cannot be read: {error.strerror}") from None


def _at(file: str, before: str) -> Place:
    return Place(file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


# The nodes --------------------------------------------------------------------------------------------------


def compose(text: str, file: str) -> Any:
    """The root node of the one document; None for an empty one. Raises ConfigError for what is no YAML."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    if directive := re.search(r"^%YAML +(?!1\.2\s*$).*$", text, re.MULTILINE):
        raise ConfigError(
            [Fault(_at(file, text[: directive.start()]), "the file asks for another YAML than 1.2")]
        )
    reader = YAML(typ="safe", pure=True)
    reader.max_depth = DEEPEST
    reader.composer.warn_double_anchors = False
    try:
        return reader.compose(text)
    except MarkedYAMLError as error:
        raise ConfigError([_syntax(error, text, file)]) from None
    except ReaderError as error:
        place = _at(file, text[: error.position])
        raise ConfigError([Fault(place, "the file holds a control character", "remove it")]) from None
    except (RecursionError, ValueError):
        raise ConfigError(
            [Fault(Place(file, 1, 1), "the file is nested too deeply, or is no YAML")]
        ) from None


def joined(text: str) -> str | None:
    r"""A text in which JSON's pairs of escapes, such as \uD83D\uDE00, are the characters that they stand for;
    None where half of a pair stands alone.
    """
    if text.isascii():
        return text
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return None


_SYNTAX = (
    # (in the problem or its context, at the context's place, message, hint)
    ("'\\t'", False, "a tab where spaces are expected", "indent with spaces"),
    ("block scalar", True, "'>' and '|' start a block of text in YAML", 'quote the bound: "> 5%"'),
    (
        "simple key",
        True,
        "this line is neither 'key: value' nor the rest of the line above",
        "is a ':' missing?",
    ),
    (
        "mapping values are not allowed",
        False,
        "a second ':' in one value, or a line that is indented too far",
        "quote the value",
    ),
    (
        "quoted scalar",
        True,
        "the quote that opens here is never closed, or holds a bad escape",
        "close it; in '...' a backslash is plain",
    ),
    ("flow sequence", True, "the '[' that opens here is not closed, or a ',' is missing", ""),
    ("flow mapping", True, "the '{' that opens here is not closed, or a ',' is missing", ""),
    ("flow node", False, "a value is missing in {...} or [...]", "remove the extra ',' or close the bracket"),
    ("undefined alias", False, "the anchor of this alias is not defined above it", "define it with '&name'"),
    ("maximum depth", False, f"nested deeper than {DEEPEST} levels", "is it a configuration?"),
    (
        "single document",
        False,
        "a second document starts here",
        "one file holds one document: remove the '---' or '...'",
    ),
    ("that cannot start any token", False, "a value cannot start with this character", "quote the value"),
    (
        "block mapping",
        False,
        "this line's indentation fits no line above",
        "align it with the keys of its section",
    ),
    (
        "block collection",
        False,
        "a list and keys are mixed on one level",
        "align it with the lines of its section",
    ),
    ("sequence entries are not allowed", False, "a list cannot start here", "put '-' on a line of its own"),
)


def _syntax(error: Any, text: str, file: str) -> Fault:
    words = f"{error.context} {error.problem}"
    for part, at_context, message, hint in _SYNTAX:
        if part in words:
            mark = (error.context_mark if at_context else None) or error.problem_mark or error.context_mark
            return Fault(Place(file, mark.line + 1, mark.column + 1), message, hint)
    mark = error.problem_mark or error.context_mark
    return Fault(Place(file, mark.line + 1, mark.column + 1), f"this is no YAML: {error.problem}")
