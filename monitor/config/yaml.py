"""YAML 1.2 to plain values, with the place of each.

Values are made of ruamel.yaml's nodes by the core schema of YAML 1.2 (section 10.3.2 of its specification):
`NO`, `on` and bare dates stay text. A file is refused when its aliases are cyclic or expand to much more than
was written.
"""

import re
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from monitor.config.nodes import compose, joined, read_text
from monitor.config.substitute import Surroundings, substitute
from monitor.errors import ConfigError, Fault, Place
from monitor.grammar import Path as KeyPath

MOST_REPEATED = 10_000
"""Values that aliases may add to a file."""

_TAG = "tag:yaml.org,2002:"
_TAGS = {
    _TAG + name
    for name in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp", "merge", "value")
}
_WORDS = {"null": None, "true": True, "false": False}
_WORD = re.compile(r"null|Null|NULL|true|True|TRUE|false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,40}|0o[0-7]{1,40}|0x[0-9a-fA-F]{1,40}")
_FLOAT = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)


@dataclass(slots=True)
class Tree:
    """One file's values, and where each stands. `faults` are those that did not stop the reading."""

    file: str
    root: Any
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    faults: list[Fault] = field(default_factory=list[Fault])
    secrets: set[str] = field(default_factory=set[str])
    entries: dict[int, dict[str, tuple[Any, Any]]] = field(
        default_factory=dict[int, dict[str, tuple[Any, Any]]]
    )
    referring: dict[int, str] = field(default_factory=dict[int, str])
    missing: set[int] = field(default_factory=set[int])
    broken: set[int] = field(default_factory=set[int])
    digest: str = ""

    def place(self, path: KeyPath, *, key: bool = False) -> Place:
        """Where the value at a path stands; where it is absent, the nearest thing around it.

        Of a section with keys of its own, and with `key`, it is the key.
        """
        node, name = self._find(path)
        mark = (name if name is not None and (key or id(node) in self.entries) else node).start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def has(self, path: KeyPath) -> bool:
        """Whether something is written at a path, even if it was refused."""
        node: Any = self.root
        for step in path:
            node = self._step(node, step)[0]
        return node is not None

    def references(self, path: KeyPath) -> str:
        """The references in the value at a path, without their defaults; "" where it has none."""
        return self.referring.get(id(self._find(path)[0]), "")

    def refused(self, path: KeyPath, data: dict[str, Any]) -> bool:
        """Whether a section has keys that did not make it into its data."""
        node = id(self._find(path)[0])
        return node in self.broken or bool(self.entries.get(node, {}).keys() - data.keys())

    def unresolved(self, path: KeyPath) -> bool:
        """Whether a reference in the value at a path was missing."""
        return id(self._find(path)[0]) in self.missing

    def _find(self, path: KeyPath) -> tuple[Any, Any]:
        node, name = self.root, None
        for step in path:
            below, below_name = self._step(node, step)
            if below is None:
                break
            node, name = below, below_name or name
        return node, name

    def _step(self, node: Any, step: str | int) -> tuple[Any, Any]:
        if isinstance(step, str):
            key, value = self.entries.get(id(node), {}).get(step, (None, None))
            return value, key
        items: list[Any] = node.value if type(node).__name__ == "SequenceNode" else []
        return (items[step], None) if step < len(items) else (None, None)


STARTS = "a configuration starts with 'pipeline: NAME'"
"""What to write into a file that is empty."""


def read(path: Path, around: Surroundings, file: str = "", starts: str = STARTS) -> Tree:
    """A file's values and their places. Raises ConfigError where it cannot be read at all."""
    file = file or str(path)
    text = read_text(path, file)
    root = compose(text, file)
    if root is None:
        raise ConfigError([Fault(Place(file, 1, 1), "the file is empty", starts)])
    tree = Tree(file, root, digest=sha256(text.encode()).hexdigest())
    builder = _Builder(tree, around)
    if type(root).__name__ != "MappingNode":
        raise ConfigError(
            [Fault(tree.place(()), "the file must hold keys and values, such as 'pipeline: shop'")]
        )
    tree.data = builder.mapping(root)
    return tree


# The values -------------------------------------------------------------------------------------------------


class _Stop(Exception):
    """A value that cannot be made; its fault is noted."""


class _Empty(_Stop):
    """No value at all."""


TESTS = "tests"


class _Builder:
    """Makes values of nodes, noting faults, references and which keys stand where in the tree."""

    def __init__(self, tree: Tree, around: Surroundings):
        self.tree, self.around = tree, around
        self.seen: set[int] = set()
        self.open: set[int] = set()
        self.repeated = 0
        self.in_tests = 0

    def value(self, node: Any) -> Any:
        """The value of any node. Raises _Stop for one that was refused."""
        self._count(node)
        if str(node.tag) not in _TAGS:
            tag = str(node.tag).removeprefix(_TAG)
            self.refuse(
                node,
                f"the tag '!{tag.lstrip('!')}' is not allowed",
                "remove it: values are text, numbers, true and false",
            )
        kind = type(node).__name__
        if kind == "ScalarNode":
            return self.scalar(node)
        return self.mapping(node) if kind == "MappingNode" else self.sequence(node)

    def mapping(self, node: Any) -> dict[str, Any]:
        """The values by key; keys that were refused, or have no value, are left out.

        In the rows of tests, nothing is a value: NULL.
        """
        with_key: dict[str, Any] = {}
        self.open.add(id(node))
        for key, (at, value) in self.pairs(node).items():
            self.in_tests += key == TESTS
            try:
                with_key[key] = self.value(value)
            except _Empty:
                if self.in_tests:
                    with_key[key] = None
                else:
                    self.note(at, f"'{key}' has no value", "give it one, or remove it")
            except _Stop:
                continue
            finally:
                self.in_tests -= key == TESTS
        self.open.discard(id(node))
        return with_key

    def sequence(self, node: Any) -> list[Any]:
        items: list[Any] = []
        self.open.add(id(node))
        for item in node.value:
            try:
                items.append(self.value(item))
            except _Empty:
                self.note(item, "this entry of the list is empty", "remove it")
            except _Stop:
                continue
        self.open.discard(id(node))
        return items

    def pairs(self, node: Any) -> dict[str, tuple[Any, Any]]:
        """A mapping's key and value nodes by key, merged ones last; a second one of a key is a fault."""
        if id(node) in self.tree.entries:
            return self.tree.entries[id(node)]
        own: dict[str, tuple[Any, Any]] = {}
        merged: list[Any] = []
        for key, value in node.value:
            if str(key.tag) == _TAG + "merge":
                merged += value.value if type(value).__name__ == "SequenceNode" else [value]
                self.tree.broken |= {id(node) for one in merged if type(one).__name__ != "MappingNode"}
            elif (name := self.key(key)) in own:
                first = own[name][0].start_mark.line + 1
                self.note(key, f"the key '{name}' is given twice", f"it first stands in line {first}")
            elif name:
                own[name] = (key, value)
        self.tree.entries[id(node)] = own
        for source in merged:
            own.update({name: pair for name, pair in self._merged(source).items() if name not in own})
        return own

    def _merged(self, source: Any) -> dict[str, tuple[Any, Any]]:
        if type(source).__name__ != "MappingNode":
            self.note(
                source, "'<<' takes keys and values", "give it an alias of a mapping, such as '<<: *common'"
            )
            return {}
        return self.pairs(source)

    def key(self, node: Any) -> str:
        """A key is a text as written; "" for one that was refused."""
        if type(node).__name__ != "ScalarNode" or not node.value.strip():
            self.note(node, "a key must be a word", "write it as 'key: value'")
            return ""
        try:
            return self._text(node)
        except _Stop:
            return ""

    def scalar(self, node: Any) -> Any:
        """A text, a number or a truth value; references are replaced first."""
        text = self._text(node)
        if "${" in text:
            text = self._substituted(node, text)
        if node.style is None and (str(node.tag) != _TAG + "str" or id(node) in self.tree.referring):
            value = plain(text)
            if value is None:
                raise _Empty
            return value
        return text

    def _text(self, node: Any) -> str:
        """What a scalar holds. Raises _Stop for what cannot be written as UTF-8."""
        text = joined(node.value)
        if text is None:
            hint = r"write both, such as \uD83D\uDE00, or the character itself"
            self.refuse(node, r"one half of a pair of escapes (\uD800 to \uDFFF) stands alone", hint)
        return text or ""

    def _substituted(self, node: Any, text: str) -> str:
        result = substitute(text, self.around)
        self.tree.referring[id(node)] = " ".join(result.names)
        self.tree.secrets.update(result.secrets)
        if result.missing:
            self.tree.missing.add(id(node))
        for message, hint in result.faults:
            self.note(node, message, hint)
        if result.faults:
            raise _Stop
        return result.text

    def at(self, node: Any) -> Place:
        return Place(self.tree.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def note(self, node: Any, message: str, hint: str = "") -> None:
        fault = Fault(self.at(node), message, hint)
        if fault not in self.tree.faults:
            self.tree.faults.append(fault)

    def refuse(self, node: Any, message: str, hint: str = "") -> None:
        self.note(node, message, hint)
        raise _Stop

    def _count(self, node: Any) -> None:
        if id(node) in self.open:
            self.refuse(node, "this anchor holds an alias of itself", "remove the alias")
        if id(node) in self.seen:
            self.repeated += 1
            if self.repeated > MOST_REPEATED:
                fault = Fault(
                    self.at(node), f"aliases repeat more than {MOST_REPEATED:,} values", "write them out"
                )
                raise ConfigError([fault])
        self.seen.add(id(node))


def plain(text: str) -> Any:
    """A plain scalar by the core schema: None, a truth value, a number, or the text itself."""
    if text in ("", "~") or _WORD.fullmatch(text):
        return _WORDS[text.lower()] if len(text) > 1 else None
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        return float(
            text.replace(".inf", "inf")
            .replace(".Inf", "inf")
            .replace(".INF", "inf")
            .lower()
            .replace(".nan", "nan")
        )
    return text
