"""Packs: files of ready checks, written against the names of datasets (roles) and column words.

A packaged check is a check like any other, but for `either`: variants, in order of preference, each a few
keys more; and for `needs`: columns of its dataset, or of another as `dataset.column`, without which its kind
would measure nothing of use. It is switched on where the datasets that it reads are declared; which of its
variants the live columns allow, and whether any, is seen when there are tables (`monitor.packs`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from pydantic import BaseModel, Field

from monitor.config.check import Check
from monitor.config.overlay import EITHER
from monitor.config.substitute import Surroundings
from monitor.config.words import STRICT, Text
from monitor.config.yaml import Tree, read
from monitor.resources import resource


class PackFile(BaseModel):
    """The keys of a pack."""

    model_config = STRICT
    pack: Text = Field(description="its name, that of the file")
    description: Text = Field(description="what it watches")
    checks: dict[str, Any] = Field(description="the checks, by name; datasets by their roles")


@dataclass(frozen=True, slots=True)
class Off:
    """A packaged check that is not on: which of its datasets, or what of them, is missing.

    `check` is what it would be, as far as that can be told without its datasets; None for a kind that is not
    known.
    """

    pack: str
    why: str
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class Packaged:
    """A packaged check that the declared datasets allow: its variants, in order of preference.

    `own` are the keys that the user gives.
    """

    pack: str
    variants: tuple[Check, ...]
    own: frozenset[str]


@cache
def names() -> tuple[str, ...]:
    """Every pack there is."""
    return tuple(sorted(path.stem for path in resource("checks").glob("*.yaml")))


@cache
def load(name: str) -> Tree:
    """A pack's file. Raises KeyError for one that does not exist."""
    if name not in names():
        raise KeyError(name)
    path = resource("checks", f"{name}.yaml")
    return read(path, Surroundings({}, path.parent), f"checks/{path.name}")


def sections(name: str) -> dict[str, dict[str, Any]]:
    """The checks of a pack as they are written, by name."""
    return cast(dict[str, dict[str, Any]], load(name).data["checks"])


def needed(packaged: Mapping[str, Any], own: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that a packaged check needs beyond those that it names elsewhere.

    Those of a query are left to the query of a user's own.
    """
    return () if "query" in own else tuple(packaged.get(NEEDS, ()))


def variants(packaged: Mapping[str, Any], own: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each variant of a packaged check with the user's keys over it, key by key, and its number.

    A user who gives another kind gives another check: of the packaged one only what kinds share is left.
    """
    shared = {key: value for key, value in packaged.items() if key not in (EITHER, NEEDS)}
    more: list[dict[str, Any]] = packaged.get(EITHER) or [{}]
    for number, variant in enumerate(more):
        whole = {**shared, **variant}
        if own.get("kind", whole.get("kind")) != whole.get("kind"):
            whole = {key: whole[key] for key in KEPT & whole.keys()}
        instead = {key for pair in EXCLUSIVE if pair & own.keys() for key in pair}
        yield number, {**{key: value for key, value in whole.items() if key not in instead}, **own}


EXCLUSIVE = (frozenset({"good", "bad"}), frozenset({"column", "columns"}), frozenset({"kept", "population"}))
"""Keys of which a check takes one: the user's takes the place of the pack's."""
NEEDS = "needs"
KEPT = frozenset({"description", "severity", "stage", "owner", "upstream", "tags"})
