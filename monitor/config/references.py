"""What one part of a configuration says of another: sources, datasets, SQL, upstream checks, former names."""

from collections.abc import Iterable, Mapping

from monitor.config.check import Check
from monitor.config.dataset import Dataset, format_of
from monitor.config.faults import Faults
from monitor.config.source import Source
from monitor.config.words import Slip, nearest
from monitor.config.yaml import Tree
from monitor.fragments import parse_expression, parse_select
from monitor.grammar import DatasetName, Path, SqlExpression, marked

Origins = Mapping[str, Tree]
"""Which file each check comes from."""


def check_dataset(
    dataset: Dataset, tree: Tree, sources: Mapping[str, Source], declared: Iterable[str], faults: Faults
) -> Dataset | None:
    """The dataset with its source and format filled in, or None where its source is not known."""
    path, names = ("datasets", dataset.name), list(declared)
    name = dataset.source or (names[0] if len(names) == 1 else "")
    if not name:
        hint = f"one of {', '.join(names)}" if names else "declare one under 'sources'"
        faults.add(tree, path, "'source' is missing", hint, key=True)
    elif name not in names:
        faults.add(tree, (*path, "source"), f"unknown source '{name}'", nearest(name, names))
    if name not in sources:
        return None
    dataset = dataset.model_copy(update={"source": name})
    _check_relation(dataset, sources[name], tree, path, faults)
    try:
        return dataset.model_copy(update={"format": format_of(dataset)})
    except Slip as slip:
        faults.add(tree, (*path, "files"), str(slip), slip.hint)
        return None


def _check_relation(dataset: Dataset, source: Source, tree: Tree, path: Path, faults: Faults) -> None:
    if dataset.files is not None and source.engine != "duckdb":
        message = f"'files' needs a duckdb source, and '{source.name}' is {source.engine}"
        faults.add(tree, (*path, "files"), message, "give 'table' or 'query'", key=True)
    if dataset.table is not None and source.engine == "duckdb" and source.database is None:
        message = f"'table' needs a database, and the source '{source.name}' has none"
        faults.add(tree, (*path, "table"), message, "give the source a 'database', or 'files' here", key=True)
    if dataset.query is not None:
        parsed(dataset.query, source.dialect, (*path, "query"), tree, faults)


def unknown_datasets(check: Check, tree: Tree, declared: Iterable[str], faults: Faults) -> set[str]:
    """Names of the datasets that a check names; those that do not exist are noted."""
    names = list(declared)
    found = [
        (path, text)
        for path, marker, text in marked(check.params)
        if isinstance(marker, DatasetName) and (text in names or not marker.perhaps)
    ]
    found += [(("dataset",), check.dataset)] if check.dataset else []
    for path, name in found:
        if name not in names:
            faults.add(tree, ("checks", check.name, *path), f"unknown dataset '{name}'", nearest(name, names))
    return {name for _, name in found}


def check_fragments(check: Check, tree: Tree, dialects: Mapping[str, str], faults: Faults) -> None:
    """Parse all SQL of a check, each in the dialect of the dataset that it looks at."""
    path = ("checks", check.name)
    if check.where:
        _parse(check.where, dialects[check.main_dataset], (*path, "where"), tree, faults)
    for inner, marker, sql in marked(check.params):
        if isinstance(marker, SqlExpression):
            dataset = getattr(check.params, marker.of) if marker.of else check.main_dataset
            _parse(sql, dialects[dataset], (*path, *inner), tree, faults)


def parsed(query: str, dialect: str, path: Path, tree: Tree, faults: Faults) -> None:
    """Parse one SELECT; what is wrong with it is noted."""
    _parse(query, dialect, path, tree, faults, select=True)


def _parse(sql: str, dialect: str, path: Path, tree: Tree, faults: Faults, *, select: bool = False) -> None:
    if tree.unresolved(path):
        return
    try:
        (parse_select if select else parse_expression)(sql, dialect)
    except ValueError as error:
        # A reference's value must not be quoted, not even a word of it: the message is cut before any quote.
        why = str(error).split(" near ")[0] if tree.references(path) else str(error)
        faults.add(tree, path, f"this SQL {why}")


def check_names(checks: Mapping[str, Check], origins: Origins, faults: Faults) -> None:
    """Upstream edges and former names."""
    former: dict[str, str] = {}
    for check in checks.values():
        path, tree = ("checks", check.name), origins[check.name]
        for index, name in enumerate(check.upstream):
            if name not in origins:
                others = [other for other in origins if other != check.name]
                faults.add(tree, (*path, "upstream", index), f"unknown check '{name}'", nearest(name, others))
        if isinstance(check.exclude_bots, str) and check.exclude_bots not in origins:
            name, others = check.exclude_bots, [each.name for each in checks.values() if each.kind == "bots"]
            faults.add(tree, (*path, "exclude_bots"), f"unknown check '{name}'", nearest(name, others))
        if check.was in origins:
            faults.add(
                tree,
                (*path, "was"),
                f"the check '{check.was}' still exists",
                "'was' takes a name that is no longer used",
            )
        elif check.was in former:
            message = f"'{former[check.was]}' was already '{check.was}'"
            faults.add(tree, (*path, "was"), message, "one check can take over a history")
        if check.was:
            former[check.was] = check.name
    for cycle in _cycles(checks):
        place = ("checks", cycle[0], "upstream")
        faults.add(
            origins[cycle[0]],
            place,
            f"upstream goes in a circle: {' -> '.join((*cycle, cycle[0]))}",
            "remove one",
        )


def _cycles(checks: Mapping[str, Check]) -> list[tuple[str, ...]]:
    """Circles of upstream edges, each once, from its first check."""
    order = {name: index for index, name in enumerate(checks)}
    done: set[str] = set()
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for start in checks:
        trail, ways = [start], [iter(checks[start].upstream)]
        while ways and start not in done:
            step = next(ways[-1], None)
            if step is None:
                done.add(trail.pop())
                ways.pop()
            elif step in trail:
                circle = trail[trail.index(step) :]
                turn = circle.index(min(circle, key=order.__getitem__))
                found.setdefault(frozenset(circle), (*circle[turn:], *circle[:turn]))
            elif step in checks and step not in done:
                trail.append(step)
                ways.append(iter(checks[step].upstream))
    return list(found.values())
