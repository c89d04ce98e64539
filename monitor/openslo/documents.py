"""YAML files as plain values with the place of each: several documents in a file, lists of objects, anchors.

Unlike Weir's own configuration a value may be missing (`alertPolicies:` and nothing behind it), and nothing
is taken from the environment. Aliases that are cyclic, or expand to much more than was written, are refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.config.nodes import DEEPEST, compose, read_text
from monitor.config.yaml import plain
from monitor.errors import ConfigError, Fault, Place

MOST = 10_000
"""Values in a file, those that aliases repeat included: a hundred objectives are two thousand."""

Path_ = tuple[str | int, ...]
_TAG = "tag:yaml.org,2002:"
_TAGS = frozenset(
    _TAG + name
    for name in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp", "merge", "value")
)


@dataclass(frozen=True, slots=True)
class Document:
    """One object of a file: its value, and where each part of it stands."""

    value: Any
    places: Mapping[Path_, Place]

    def place(self, *path: str | int) -> Place:
        """Where something stands; where it is absent, the nearest thing around it."""
        while path not in self.places:
            path = path[:-1]
        return self.places[path]


def documents(path: Path, file: str = "") -> list[Document]:
    """Every object of a file; a document that is a list holds several.

    Raises ConfigError for what is no YAML, for a file that is missing, too large or no UTF-8, and for
    duplicate keys and tags.
    """
    file = file or str(path)
    text = read_text(path, file)
    reader = _Reader(file)
    found: list[Document] = []
    for root in _roots(text, file):
        for node in root.value if _kind(root) == "SequenceNode" else [root]:
            reader.places = {}
            value = reader.value(node, ())
            found += [] if value is None else [Document(value, reader.places)]
    if reader.faults:
        raise ConfigError(reader.faults)
    return found


def _roots(text: str, file: str) -> Iterator[Any]:
    """The root node of each document that holds something."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = DEEPEST
    yaml.composer.warn_double_anchors = False
    try:
        yield from [root for root in yaml.compose_all(text) if root is not None]
    except (MarkedYAMLError, RecursionError, ValueError) as error:
        raise ConfigError([_syntax(error, text, file)]) from None


def _syntax(error: Exception, text: str, file: str) -> Fault:
    """What is wrong in plain words, where the configuration's own reader finds the same thing."""
    try:
        compose(text, file)
    except ConfigError as said:
        if "second document" not in said.faults[0].message:
            return said.faults[0]
    mark = getattr(error, "problem_mark", None)
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
    return Fault(place, f"this is no YAML: {getattr(error, 'problem', None) or 'it cannot be read'}")


def _kind(node: Any) -> str:
    return type(node).__name__


@dataclass(slots=True)
class _Reader:
    file: str
    faults: list[Fault] = field(default_factory=list[Fault])
    places: dict[Path_, Place] = field(default_factory=dict[Path_, Place])
    open: set[int] = field(default_factory=set[int])
    count: int = 0

    def value(self, node: Any, path: Path_) -> Any:
        self._look(node)
        self.places[path] = _at(self.file, node)
        if _kind(node) == "ScalarNode":
            return node.value if node.style else plain(node.value)
        self.open.add(id(node))
        found: Any
        if _kind(node) == "SequenceNode":
            found = [self.value(item, (*path, number)) for number, item in enumerate(node.value)]
        else:
            found = {key: self.value(each, (*path, key)) for key, each in self._pairs(node).items()}
        self.open.discard(id(node))
        return found

    def _look(self, node: Any) -> None:
        self.count += 1
        if id(node) in self.open:
            self._stop(node, "this anchor holds an alias of itself", "remove the alias")
        if self.count > MOST:
            message = f"the file holds more than {MOST:,} values, or its aliases repeat them"
            self._stop(node, message, "split it")
        if str(node.tag) not in _TAGS:
            tag = str(node.tag).removeprefix(_TAG).lstrip("!")
            self._stop(node, f"the tag '!{tag}' is not allowed", "remove it")

    def _pairs(self, node: Any) -> dict[str, Any]:
        """Value nodes by key; merged ones (`<<`) give way to a mapping's own."""
        own: dict[str, Any] = {}
        lines: dict[str, int] = {}
        merged: list[Any] = []
        for key, value in node.value:
            if str(key.tag) == _TAG + "merge":
                merged += value.value if _kind(value) == "SequenceNode" else [value]
            elif _kind(key) != "ScalarNode":
                self._stop(key, "a key must be a word", "write it as 'key: value'")
            elif key.value in own:
                hint = f"it first stands in line {lines[key.value]}"
                self.faults.append(Fault(_at(self.file, key), f"the key '{key.value}' is given twice", hint))
            else:
                own[key.value], lines[key.value] = value, key.start_mark.line + 1
        for source in merged:
            if _kind(source) != "MappingNode":
                self._stop(source, "'<<' takes keys and values", "give it an alias of a mapping")
            self._look(source)
            own = self._pairs(source) | own
        return own

    def _stop(self, node: Any, message: str, hint: str) -> None:
        raise ConfigError([*self.faults, Fault(_at(self.file, node), message, hint)])


def _at(file: str, node: Any) -> Place:
    return Place(file, node.start_mark.line + 1, node.start_mark.column + 1)
