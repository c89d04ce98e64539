"""Lists of user agents as a parameter, and the rows that no rule decides."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, ValidationInfo, WithJsonSchema

from monitor.detect import agents
from monitor.detect.agents import AgentList


def _lists(value: object, info: ValidationInfo) -> object:
    """Names of lists and files, relative to the file that names them; what is no text is left to the type."""
    names: Any = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple):
        return value
    if not names:
        raise ValueError("the list is empty: name at least one list, or switch the rule 'agents' off")
    return tuple(_list(name, (info.context or {}).get("folder", Path())) for name in names)  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]


def _list(name: object, folder: Path) -> object:
    if not isinstance(name, str):
        return name
    if name in (agents.CRAWLERS, agents.WORDS):
        return agents.named_list(name)
    if not Path(name).suffix:
        raise ValueError(f"unknown list '{name}': it is '{agents.CRAWLERS}', '{agents.WORDS}' or a file")
    return agents.read_list(folder / name)


def _patterns(value: object) -> object:
    texts: Any = [value] if isinstance(value, str) else value
    for text in texts if isinstance(texts, list) else ():  # pyright: ignore[reportUnknownVariableType]
        if isinstance(text, str):
            agents.check_pattern(text, f"'{text[:60]}'")
    return tuple(texts) if isinstance(texts, list) else value  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]


_TEXTS: dict[str, Any] = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
}

Lists = Annotated[
    tuple[AgentList, ...],
    BeforeValidator(_lists),
    PlainSerializer(lambda lists: [f"{each.name} {each.digest}".strip() for each in lists]),
    WithJsonSchema(_TEXTS),
]
"""Read when the configuration is loaded; told apart by what is in them, wherever they lie."""
Patterns = Annotated[tuple[str, ...], BeforeValidator(_patterns), WithJsonSchema(_TEXTS)]
"""Regular expressions."""


def known(found: Iterable[str], patterns: Sequence[str]) -> frozenset[str]:
    """The agents in which one of the patterns is found, whatever the case of letters."""
    compiled = [re.compile(pattern, re.IGNORECASE) for pattern in patterns]
    return frozenset(agent for agent in found if any(each.search(agent) for each in compiled))
