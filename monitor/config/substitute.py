"""`${NAME}`, `${NAME:-default}` and `${file:/run/secrets/x}` in values of the YAML; `$${` is a plain `${`.

What comes from outside is a secret, whatever it holds: it is remembered so that no message shows it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_REFERENCE = re.compile(r"\$(\$)?\{([^}]*)(\})?")
_VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)
LARGEST_FILE = 65_536
"""Bytes of a file of secrets."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where references are looked up: the environment, and the folder that relative paths start from."""

    env: Mapping[str, str]
    folder: Path
    allow_missing: bool = False


@dataclass(slots=True)
class Substituted:
    """A text with its references replaced, what it was replaced by, and what went wrong."""

    text: str
    names: list[str] = field(default_factory=list[str])
    secrets: list[str] = field(default_factory=list[str])
    missing: bool = False
    faults: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def substitute(text: str, around: Surroundings) -> Substituted:
    """Replace every reference. One that cannot be resolved stays as it is, with a (message, hint)."""
    result = Substituted(text)
    result.text = _REFERENCE.sub(lambda match: _replace(match, around, result), text)
    return result


def _replace(match: re.Match[str], around: Surroundings, result: Substituted) -> str:
    if match[1]:
        return match[0][1:]
    result.names.append("${" + match[2].split(":-")[0][:60] + "}")
    if match[3] and match[2].startswith("file:"):
        return _from_file(match[2][5:], match[0], around, result)
    variable = _VARIABLE.fullmatch(match[2])
    if not match[3] or not variable:
        shown = match[0] if len(match[0]) <= 40 else match[0][:37] + "..."
        result.faults.append(
            (
                f"'{shown}' is no reference",
                "write ${NAME}, ${NAME:-default} or ${file:PATH}; $${ is a plain ${",
            )
        )
        return match[0]
    return _from_environment(variable[1], variable[2], match[0], around, result)


def _from_environment(
    name: str, default: str | None, raw: str, around: Surroundings, result: Substituted
) -> str:
    value = around.env.get(name, "")
    if value:
        result.secrets.append(value)
        return value
    if default is not None:
        return default
    if name in around.env:
        return ""
    result.missing = True
    if not around.allow_missing:
        message = f"the environment variable '{name}' is not set"
        result.faults.append((message, f"set it, write ${{{name}:-default}}, or give --allow-missing-env"))
    return raw


def _from_file(name: str, raw: str, around: Surroundings, result: Substituted) -> str:
    path = around.folder / name
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError("it is larger than 64 KB")
        value = path.read_text("utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        result.missing = True
        if not around.allow_missing:
            why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text or larger than 64 KB"
            result.faults.append(
                (f"the file of '{raw}' cannot be read: {why}", "give --allow-missing-env to go on without")
            )
        return raw
    if value:
        result.secrets.append(value)
    return value
