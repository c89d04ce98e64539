"""Files as objects of OpenSLO v1: read, held against the shapes, named once, references resolved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from monitor.config.words import nearest
from monitor.errors import ConfigError, Fault, Place, UsageError
from monitor.openslo.documents import Document, documents
from monitor.openslo.schema import SPECS, VERSION, shape
from monitor.openslo.shapes import mapping, verify

SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Object:
    """One object without faults; empty values are left out of its `spec`."""

    kind: str
    name: str
    metadata: Mapping[str, Any]
    spec: Mapping[str, Any]
    document: Document

    def place(self, *path: str | int) -> Place:
        """Where something stands, such as `place("spec", "timeWindow", 0)`."""
        return self.document.place(*path)

    @property
    def annotations(self) -> Mapping[str, str]:
        return self.metadata.get("annotations") or {}


@dataclass(frozen=True, slots=True)
class Objects:
    """All objects of some files, in order, and what was noticed that is no fault."""

    all: tuple[Object, ...]
    notes: tuple[Fault, ...]

    def of(self, kind: str) -> list[Object]:
        return [each for each in self.all if each.kind == kind]

    def find(self, kind: str, name: str) -> Object | None:
        return next((each for each in self.all if (each.kind, each.name) == (kind, name)), None)


def read(path: Path) -> Objects:
    """The objects of a file, or of every YAML and JSON file of a folder.

    Raises ConfigError with every fault, each with its file, line and column; UsageError for a folder without
    such files.
    """
    files = _files(path)
    faults: list[Fault] = []
    found: list[Object] = []
    for file in files:
        try:
            for document in documents(file):
                each = _object(document, faults)
                found += [each] if each else []
        except ConfigError as error:
            faults += error.faults
    notes = _doubles(found, faults)
    if not faults:
        _references(found, faults)
    if faults:
        raise ConfigError(faults)
    if not found:
        raise ConfigError([Fault(Place(str(path), 1, 1), "no object of OpenSLO stands here", "is it empty?")])
    return Objects(tuple(found), tuple(notes))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = [file for file in sorted(path.rglob("*")) if file.suffix in SUFFIXES and file.is_file()]
    if not files:
        raise UsageError(f"the folder '{path}' has no .yaml, .yml or .json file")
    return files


def _object(document: Document, faults: list[Fault]) -> Object | None:
    """An object without faults; the others are noted, those of a version or kind we do not know at once."""
    value, before = document.value, len(faults)

    def note(where: tuple[str | int, ...], message: str, hint: str) -> None:
        faults.append(Fault(document.place(*where), message, hint))

    if not isinstance(value, dict):
        note((), "an object of OpenSLO holds keys and values", "it starts with 'apiVersion: openslo/v1'")
        return None
    whole = mapping(value)
    version, kind = whole.get("apiVersion"), whole.get("kind")
    if version != VERSION:
        _version(version, partial(note, ("apiVersion",)))
    elif not isinstance(kind, str) or kind not in SPECS:
        said = "'kind' is missing" if kind is None else f"unknown kind '{str(kind)[:60]}'"
        note(("kind",), said, nearest(str(kind or ""), SPECS))
    else:
        verify(shape(kind), whole, (), note)
    if len(faults) > before:
        return None
    spec = {key: each for key, each in whole["spec"].items() if each is not None}
    return Object(str(kind), whole["metadata"]["name"], whole["metadata"], spec, document)


def _version(version: Any, note: Any) -> None:
    if version is None:
        note("'apiVersion' is missing", f"an object of OpenSLO starts with 'apiVersion: {VERSION}'")
    elif isinstance(version, str) and version.startswith(("openslo/", "openslo.com/")):
        note(f"this is {version}, and Weir reads {VERSION}", "convert it first")
    else:
        note(f"apiVersion '{str(version)[:60]}' is none of OpenSLO's", f"write {VERSION}")


def _doubles(found: Iterable[Object], faults: list[Fault]) -> list[Fault]:
    """Two objects of one kind and name: which is meant cannot be told. Services only have a description."""
    first: dict[tuple[str, str], Object] = {}
    notes: list[Fault] = []
    for each in found:
        other = first.setdefault((each.kind, each.name), each)
        if other is each:
            continue
        message = (
            f"the {each.kind} '{each.name}' is declared twice, first in {other.place('metadata', 'name')}"
        )
        if each.kind == "Service":
            notes.append(Fault(each.place("metadata", "name"), message, "the first one counts"))
        else:
            faults.append(Fault(each.place("metadata", "name"), message, "rename one of them"))
    return notes


def _references(found: Sequence[Object], faults: list[Fault]) -> None:
    """An SLO cannot go without its indicator; what else is named may live in files that are not here."""
    names = [each.name for each in found if each.kind == "SLI"]
    for slo in (each for each in found if each.kind == "SLO"):
        wanted: list[tuple[tuple[str | int, ...], Any]] = [
            (("spec", "indicatorRef"), slo.spec.get("indicatorRef"))
        ]
        for number, each in enumerate(slo.spec["objectives"]):
            wanted.append((("spec", "objectives", number, "indicatorRef"), each.get("indicatorRef")))
        for path, name in wanted:
            if name is not None and name not in names:
                hint = nearest(name, names) or "give the folder that holds its file too"
                faults.append(Fault(slo.place(*path), f"no SLI is called '{name}'", hint))
