"""Which files below a folder belong together, and the pattern that names them.

Folders and file names that differ only by a date, a number or an identifier hold one dataset, such as
`events/date=*/*.parquet`.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from glob import escape
from pathlib import Path, PurePosixPath

FORMATS = {
    "parquet": "parquet",
    "pq": "parquet",
    "csv": "csv",
    "tsv": "csv",
    "json": "json",
    "jsonl": "json",
    "ndjson": "json",
}
_SUFFIX = re.compile(r"\.([a-z]+)(?:\.(?:gz|zst))?$", re.IGNORECASE)

DEEPEST, MOST_FILES = 12, 100_000
"""Levels of folders, and files, that are looked at."""

_SKIPPED_FOLDERS = ("node_modules", "__pycache__", "venv", "site-packages")
_VARYING_FOLDER = re.compile(
    r"(?:\d{4}[-_]?(?:\d\d[-_]?)*(?:T?\d\d)*|\d+|(?:year|month|day|hour|dt|date|week|y|m|d|h)[-_]?\d[\d-]*|[0-9a-f-]{16,})",
    re.IGNORECASE,
)
_VARYING = re.compile(
    r"""[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{18,}          # a UUID
      | (?<![a-z0-9])(?=[0-9a-f]*\d)[0-9a-f]{8,}(?![a-z0-9])  # a hash or a long number
      | \d{4}[-_.]?\d\d[-_.]?\d\d(?:[-_T.]?\d\d(?:[-_:.]?\d\d){0,2}Z?)?  # a date, or a date and a time
      | \d{4}[-_.]\d\d(?!\d)                              # a month
      | \d{3,}                                            # a long number
      | (?<=[-_.])(?:part|p|v)?\d+(?=$|\.)                # a number at the end
      | ^\d+$ | (?<=[a-z])\d+$""",
    re.IGNORECASE | re.VERBOSE,
)
_EMPTY_WORDS = frozenset(
    "part parts data file files chunk batch export dump snapshot output run log snappy c000 v p".split()  # noqa: SIM905
)
MANY = 5
"""So many files of one folder whose names have nothing in common are parts of one dataset."""


@dataclass(frozen=True, slots=True)
class Group:
    """Files of one dataset: patterns below the root, and the paths they match, in order."""

    name: str
    format: str
    patterns: tuple[str, ...]
    paths: tuple[str, ...]


def grouped(root: Path) -> tuple[list[Group], list[str]]:
    """The datasets below a folder, and what else lies there: how many files of which other types."""
    found: dict[str, list[str]] = defaultdict(list)
    others: dict[str, int] = defaultdict(int)
    for path in _walk(root):
        form = format_of(path)
        if form:
            found[f"{form}:{_pattern(path)}"].append(path)
        elif PurePosixPath(path).suffix:
            others[PurePosixPath(path).suffix.lower()] += 1
    every = sorted(path for paths in found.values() for path in paths)
    groups = _merged({key.partition(":")[2]: sorted(paths) for key, paths in found.items()})
    named = _named(root, [_tight(pattern, paths, every) for pattern, paths in sorted(groups.items())])
    return named, [f"{count} × {suffix}" for suffix, count in sorted(others.items())]


def one(path: Path) -> Group:
    """A single file. Raises KeyError for a format that Weir does not read."""
    return Group(
        _name([path.name], path.parent), FORMATS[_ending(path.name)], (escape(path.name),), (path.name,)
    )


def format_of(path: str) -> str | None:
    """The format that a file's name promises."""
    return FORMATS.get(_ending(path))


def _ending(path: str) -> str:
    match = _SUFFIX.search(path)
    return match[1].lower() if match else ""


def _walk(root: Path) -> Iterator[str]:
    """Paths of visible files relative to the root, with slashes, in order."""
    count = 0
    for folder, folders, files in os.walk(root):
        here = Path(folder).relative_to(root)
        folders[:] = sorted(name for name in folders if _visible(name)) if len(here.parts) < DEEPEST else []
        for name in sorted(filter(_visible, files)):
            yield (here / name).as_posix()
            count += 1
            if count >= MOST_FILES:
                return


def _visible(name: str) -> bool:
    return not name.startswith((".", "_")) and name not in _SKIPPED_FOLDERS


def _pattern(path: str) -> str:
    *folders, name = path.split("/")
    patterns = [_folder(each) for each in folders]
    # A partition holds one dataset, whatever its writer calls the files.
    partitioned = any(each.endswith("=*") for each in patterns)
    return "/".join([*patterns, _any_file(name) if partitioned else _file(name)])


def _folder(name: str) -> str:
    key, equals, _ = name.partition("=")
    if equals:
        return f"{escape(key)}=*"
    return "*" if _VARYING_FOLDER.fullmatch(name) else escape(name)


def _file(name: str) -> str:
    match = _SUFFIX.search(name)
    end = match.start() if match else len(name)
    parts = [escape(part) for part in _VARYING.sub("\0", name[:end]).split("\0")]
    return re.sub(r"\*[-_.]?(?:\*[-_.]?)*\*", "*", "*".join(parts)) + name[end:]


def _any_file(name: str) -> str:
    match = _SUFFIX.search(name)
    return "*" + (name[match.start() :] if match else "")


def _merged(groups: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Files put together that no name keeps apart: of dated folders, and many of names drawn at random."""
    by_folder: dict[str, list[str]] = defaultdict(list)
    for pattern in groups:
        by_folder[_whole_folder(pattern)].append(pattern)
    kept = dict(groups)
    for together, patterns in by_folder.items():
        dated = "*" in together.split("/")[:-1][-1:] and _apart([groups[each] for each in patterns])
        drawn = [each for each in patterns if len(groups[each]) == 1 and _nameless(groups[each][0])]
        chosen = patterns if dated else drawn if len(drawn) >= MANY else []
        if chosen:
            paths = [path for pattern in chosen for path in kept.pop(pattern)]
            kept[together if together not in kept else chosen[0]] = sorted(paths)
    return kept


def _apart(groups: Sequence[list[str]]) -> bool:
    """Whether no folder holds files of two of the groups."""
    folders = [{path.rpartition("/")[0] for path in paths} for paths in groups]
    return sum(map(len, folders)) == len(set[str]().union(*folders))


def _whole_folder(pattern: str) -> str:
    folder, slash, name = pattern.rpartition("/")
    return folder + slash + _any_file(name)


def _nameless(path: str) -> bool:
    """Whether a file's name looks drawn at random: letters and digits in turn, as in `k3f9x0`."""
    name = PurePosixPath(path).name.partition(".")[0]
    return len(re.findall(r"[a-zA-Z](?=\d)|\d(?=[a-zA-Z])", name)) >= 2


def _tight(pattern: str, paths: list[str], every: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """Patterns that match these files and no others."""
    if len(paths) == 1:
        # A partition of one file will have more; a plain file is itself.
        pattern = pattern if "*" in pattern.rpartition("/")[0] else escape(paths[0])
    for trial in (pattern, _digits(paths)):
        if [path for path in every if _matches(path, trial)] == paths:
            return (trial,), paths
    return tuple(map(escape, paths)), paths


def _digits(paths: Sequence[str]) -> str:
    """The first path with a class for each digit: `2024-01.csv` as `[0-9][0-9][0-9][0-9]-[0-9][0-9].csv`."""
    return re.sub(r"\d", "[0-9]", paths[0])


def _matches(path: str, pattern: str) -> bool:
    parts, wanted = path.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def _named(root: Path, found: Sequence[tuple[tuple[str, ...], list[str]]]) -> list[Group]:
    groups: list[Group] = []
    taken: set[str] = set()
    for patterns, paths in found:
        base = _name(patterns[0].split("/") if len(patterns) == 1 else _pattern(paths[0]).split("/"), root)
        name = unique(base, taken)
        groups.append(Group(name, FORMATS[_ending(paths[0])], patterns, tuple(paths)))
    return groups


def _name(parts: Sequence[str], root: Path) -> str:
    """A name from what does not vary in the file's name, else of the nearest folder, else the root's."""
    file = re.sub(r"\[0-9\]", "*", _SUFFIX.sub("", parts[-1]))
    said = [word for word in re.split(r"[^A-Za-z0-9]+", file) if word and word.lower() not in _EMPTY_WORDS]
    steady = [part for part in parts[:-1] if "*" not in part]
    return safe_name("_".join(said) or (steady[-1] if steady else root.resolve().name))


def safe_name(text: str, default: str = "data") -> str:
    """A text as a name that the configuration takes."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", text).strip("_-")[:80] or default


def unique(base: str, taken: set[str]) -> str:
    """The name, with a number where it is taken already; it is taken then."""
    name = next(each for each in (base, *(f"{base}_{n}" for n in range(2, 100_000))) if each not in taken)
    taken.add(name)
    return name
