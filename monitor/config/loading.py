"""From files to a Config: read, validate section by section, fill in defaults, report every fault at once."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from monitor.config import packs
from monitor.config.completing import completed, written
from monitor.config.composites import composites
from monitor.config.dataset import Dataset
from monitor.config.draft import Draft, checked_name, section_of
from monitor.config.faults import validate
from monitor.config.packaging import package, packs_in_use
from monitor.config.pipeline import ChecksFile, Config, Pipeline, store_in
from monitor.config.probes import probes_of
from monitor.config.references import check_dataset, check_names
from monitor.config.replays import check_replays
from monitor.config.routes import routes_of
from monitor.config.runbooks import check_runbooks
from monitor.config.source import Source, located_in
from monitor.config.substitute import Surroundings
from monitor.config.yaml import Tree, read
from monitor.errors import ConfigError, Fault, Place

MAIN = "weir.yaml"


def load_config(path: Path, env: Mapping[str, str], *, allow_missing_env: bool) -> Config:
    """See `monitor.config.load`."""
    main, others = _files(path)
    draft = Draft(main.parent.resolve())
    _read(draft, [main, *others], env, allow_missing_env)
    pipeline = _main_file(draft)
    check_replays(draft)
    probes = probes_of(draft)
    draft.use = packs_in_use(draft, pipeline)
    package(draft)
    for tree in draft.trees:
        _checks(draft, tree)
    check_names(draft.checks, draft.origins, draft.faults)
    alerts = composites(draft, pipeline.owner if pipeline else "")
    check_runbooks(draft, alerts)
    routes = routes_of(draft, pipeline.owner if pipeline else "")
    if faults := draft.faults.listed(draft.trees):
        raise ConfigError(faults)
    assert pipeline is not None  # noqa: S101 -- None comes with a fault
    trees = (*draft.trees, *(packs.load(name) for name in draft.use))
    beside = tuple(sorted(draft.beside))
    return Config(
        pipeline=pipeline.pipeline,
        owner=pipeline.owner,
        store=store_in(pipeline.store, draft.folder),
        serve=pipeline.serve,
        sources=draft.sources,
        datasets=draft.datasets,
        checks=draft.checks,
        folder=draft.folder,
        files=(main, *others),
        digest=_digest(trees, beside),
        beside=beside,
        trees=trees,
        packaged=draft.packaged,
        off=draft.off,
        links=pipeline.links,
        dashboard=pipeline.dashboard,
        composites=alerts,
        routes=routes,
        probes=probes,
    )


def _digest(trees: Iterable[Tree], beside: Iterable[Path]) -> str:
    """Of all that the configuration is made of; files beside it are there, or it had faults."""
    parts = [tree.digest for tree in trees] + [sha256(path.read_bytes()).hexdigest() for path in beside]
    return sha256("".join(parts).encode()).hexdigest()


# Files ------------------------------------------------------------------------------------------------------


def _files(path: Path) -> tuple[Path, list[Path]]:
    if not path.is_dir():
        return path, []
    found = [file for file in sorted((path / "checks").rglob("*.y*ml")) if not file.name.startswith(".")]
    return path / MAIN, found


def _read(draft: Draft, files: list[Path], env: Mapping[str, str], allow_missing: bool) -> None:
    unread: list[Fault] = []
    for file in files:
        try:
            if file.suffix == ".yml":
                raise ConfigError([Fault(Place(str(file)), "files of checks end in .yaml", "rename it")])
            draft.trees.append(read(file, Surroundings(env, file.parent, allow_missing)))
        except ConfigError as error:
            unread += error.faults
    draft.faults.found += unread
    if any(fault.place.file == str(files[0]) for fault in unread):
        raise ConfigError(draft.faults.listed(draft.trees))


def _main_file(draft: Draft) -> Pipeline | None:
    tree, faults = draft.trees[0], draft.faults
    pipeline = validate(Pipeline, tree.data, tree, (), faults)
    for name, data in draft.declared("sources").items():
        source = validate(
            Source,
            data,
            tree,
            ("sources", name),
            faults,
            filled={"name": checked_name(draft, "sources", name)},
        )
        if source:
            draft.sources[name] = located_in(source, draft.folder)
    for name, data in draft.declared("datasets").items():
        filled = {"name": checked_name(draft, "datasets", name)}
        dataset = validate(Dataset, data, tree, ("datasets", name), faults, filled=filled)
        if dataset:
            dataset = check_dataset(dataset, tree, draft.sources, draft.declared("sources"), faults)
        if dataset:
            draft.datasets[name] = dataset
    return pipeline


# Checks -----------------------------------------------------------------------------------------------------


def _checks(draft: Draft, tree: Tree) -> None:
    if tree is not draft.trees[0]:
        validate(ChecksFile, tree.data, tree, (), draft.faults)
    owner = tree.data.get("owner") or draft.trees[0].data.get("owner") or ""
    for name, data in section_of(tree, "checks").items():
        if name in draft.packaged or name in draft.off:
            continue
        if name in draft.origins:
            first = draft.origins[name].place(("checks", name))
            draft.faults.add(
                tree, ("checks", name), f"the check '{name}' exists already", f"in {first}", key=True
            )
            continue
        draft.origins[name] = tree
        checked_name(draft, "checks", name, tree)
        check = written(draft, tree, name, data)
        if check and (complete := completed(draft, tree, check, owner)):
            draft.checks[name] = complete
