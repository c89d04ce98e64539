"""A command of the pipeline's own: a list of words, run without a shell."""

import re
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from monitor.config.words import STRICT, Slip, listed
from monitor.grammar import Duration
from monitor.model import MINUTE

PLACES = ("input", "output", "from", "to", "run", "scratch", "folder")
"""What may stand in braces in a command; the same is in its environment, as WEIR_INPUT and so on."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _words(value: object) -> object:
    if isinstance(value, str):
        raise Slip(
            "a command is a list of words: no shell reads it", "such as [python, '{folder}/enrich.py']"
        )
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):  # pyright: ignore[reportUnknownVariableType]
        raise Slip("a command is a list of texts", "quote numbers: [head, '-n', '5']")
    words = tuple(str(each) for each in value)  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
    if not words[0].strip() or any("\0" in word for word in words):
        raise Slip("the first word of a command is the program to run", "such as python")
    return words


def _variables(value: object) -> object:
    names = listed(value)
    for name in names if isinstance(names, tuple) else ():  # pyright: ignore[reportUnknownVariableType]
        if not isinstance(name, str) or not _VARIABLE.fullmatch(name):
            raise Slip(f"'{str(name)[:60]}' is no name of an environment variable", "such as WAREHOUSE_URL")  # pyright: ignore[reportUnknownArgumentType]
    return cast(object, names)


_TEXTS: dict[str, Any] = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_NAME: dict[str, Any] = {"type": "string", "pattern": f"^{_VARIABLE.pattern}$"}
_SEVERAL: dict[str, Any] = {"anyOf": [_NAME, {"type": "array", "items": _NAME, "uniqueItems": True}]}

Command = Annotated[tuple[str, ...], BeforeValidator(_words), WithJsonSchema(_TEXTS)]
Variables = Annotated[tuple[str, ...], BeforeValidator(_variables), WithJsonSchema(_SEVERAL)]


class Running(BaseModel):
    """How a command of the pipeline's is run."""

    model_config = STRICT
    # A replay of an hour takes minutes; what hangs should not hold a job of the night.
    timeout: Duration = Field(10 * MINUTE, description="longest that one run may take")
    # Weir's own environment has passwords that a pipeline's command needs not.
    env: Variables = Field((), description="variables that the command may see; default: none but its own")
