"""From files to a Config: read, validate section by section, fill in defaults, report every fault at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from monitor import kinds
from monitor.config.check import COMMON, FILLED, Check
from monitor.config.dataset import ROLE_STAGES, Dataset
from monitor.config.faults import Faults, keys_of, validate
from monitor.config.pipeline import ChecksFile, Config, Pipeline, store_in
from monitor.config.references import check_dataset, check_fragments, check_names, unknown_datasets
from monitor.config.slo import honest_warning
from monitor.config.source import Source, located_in
from monitor.config.substitute import Surroundings
from monitor.config.timing import timing
from monitor.config.words import NAME, Slip, nearest
from monitor.config.yaml import Tree, read
from monitor.errors import ConfigError, Fault, Place
from monitor.grammar import Bound, show_duration
from monitor.grammar import bound as parse_bound
from monitor.kinds import Facts, Kind
from monitor.model import Severity

MAIN = "weir.yaml"


@dataclass(slots=True)
class Draft:
    """What has been read so far. `trees` are the files, the main one first."""

    folder: Path
    trees: list[Tree] = field(default_factory=list[Tree])
    faults: Faults = field(default_factory=Faults)
    sources: dict[str, Source] = field(default_factory=dict[str, Source])
    datasets: dict[str, Dataset] = field(default_factory=dict[str, Dataset])
    checks: dict[str, Check] = field(default_factory=dict[str, Check])
    origins: dict[str, Tree] = field(default_factory=dict[str, Tree])

    def declared(self, section: str) -> dict[str, Any]:
        """What the main file has under a section, valid or not."""
        return section_of(self.trees[0], section)


def section_of(tree: Tree, section: str) -> dict[str, Any]:
    """A file's section, empty where it is missing or of another shape."""
    found = tree.data.get(section)
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}


def load_config(path: Path, env: Mapping[str, str], *, allow_missing_env: bool) -> Config:
    """See `monitor.config.load`."""
    main, others = _files(path)
    draft = Draft(main.parent.resolve())
    _read(draft, [main, *others], env, allow_missing_env)
    pipeline = _main_file(draft)
    for tree in draft.trees:
        _checks(draft, tree)
    check_names(draft.checks, draft.origins, draft.faults)
    if faults := draft.faults.listed(draft.trees):
        raise ConfigError(faults)
    assert pipeline is not None  # noqa: S101 -- None comes with a fault
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
        digest=sha256("".join(tree.digest for tree in draft.trees).encode()).hexdigest(),
        trees=tuple(draft.trees),
    )


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
            Source, data, tree, ("sources", name), faults, filled={"name": _name(draft, "sources", name)}
        )
        if source:
            draft.sources[name] = located_in(source, draft.folder)
    for name, data in draft.declared("datasets").items():
        filled = {"name": _name(draft, "datasets", name)}
        dataset = validate(Dataset, data, tree, ("datasets", name), faults, filled=filled)
        if dataset:
            dataset = check_dataset(dataset, tree, draft.sources, draft.declared("sources"), faults)
        if dataset:
            draft.datasets[name] = dataset
    return pipeline


def _name(draft: Draft, section: str, name: str, tree: Tree | None = None) -> str:
    """A section's name; one that cannot be a name is noted once, and stands in as a plain word."""
    if NAME.fullmatch(name):
        return name
    hint = "a name has letters, digits, '_', '-' and '.', at most 100"
    draft.faults.add(tree or draft.trees[0], (section, name), f"'{name[:60]}' is no name", hint, key=True)
    return "unnamed"


# Checks -----------------------------------------------------------------------------------------------------


def _checks(draft: Draft, tree: Tree) -> None:
    if tree is not draft.trees[0]:
        validate(ChecksFile, tree.data, tree, (), draft.faults)
    owner = tree.data.get("owner") or draft.trees[0].data.get("owner") or ""
    for name, data in section_of(tree, "checks").items():
        if name in draft.origins:
            first = draft.origins[name].place(("checks", name))
            draft.faults.add(
                tree, ("checks", name), f"the check '{name}' exists already", f"in {first}", key=True
            )
            continue
        draft.origins[name] = tree
        _name(draft, "checks", name, tree)
        check = _check(draft, tree, name, data)
        if check and (complete := _complete(draft, tree, check, owner)):
            draft.checks[name] = complete


def _check(draft: Draft, tree: Tree, name: str, data: Any) -> Check | None:
    """A check as it is written, with its params."""
    path, faults = ("checks", name), draft.faults
    own = cast(dict[str, Any], data) if isinstance(data, dict) else {}
    kind = _kind(draft, tree, path, own)
    filled = {key: Check.model_fields[key].default for key in FILLED} | {
        "name": name if NAME.fullmatch(name) else "x"
    }
    if kind is None:
        if not isinstance(data, dict):
            faults.add(
                tree, path, f"the check '{name}' must be keys and values", "it starts with 'kind:'", key=True
            )
            return None
        validate(Check, {key: own[key] for key in COMMON if key in own}, tree, path, faults, filled=filled)
        return None
    params = validate(kind.Params, own, tree, path, faults, also=COMMON)
    check = validate(Check, own, tree, path, faults, filled=filled, also=[*keys_of(kind.Params), *own])
    return check.model_copy(update={"params": params}) if check and params else None


def _kind(draft: Draft, tree: Tree, path: tuple[str, ...], data: dict[str, Any]) -> Kind | None:
    name = data.get("kind")
    if not isinstance(name, str):
        return None
    if name not in kinds.names():
        draft.faults.add(tree, (*path, "kind"), f"unknown kind '{name}'", nearest(name, kinds.names()))
        return None
    return kinds.load(name)


def _complete(draft: Draft, tree: Tree, check: Check, owner: str) -> Check | None:
    """A check with its defaults, or None where they cannot be told; what contradicts them is noted."""
    path, kind = ("checks", check.name), kinds.load(check.kind)
    try:
        bound = _bind_datasets(draft, tree, check, kind)
        if bound is None:
            return None
        check_fragments(bound, tree, _dialects(draft), draft.faults)
        _check_bounds(bound)
        return _with_defaults(_with_time(draft, bound, kind), kind, owner)
    except ValueError as error:
        key = getattr(error, "field", "")
        draft.faults.add(
            tree, (*path, key) if key else path, str(error), getattr(error, "hint", ""), key=not key
        )
        return None


def _dialects(draft: Draft) -> dict[str, str]:
    return {name: draft.sources[dataset.source].dialect for name, dataset in draft.datasets.items()}


def _bind_datasets(draft: Draft, tree: Tree, check: Check, kind: Kind) -> Check | None:
    declared = draft.declared("datasets")
    if kind.main == "dataset" and not check.dataset:
        raise Slip("'dataset' is missing", nearest("", declared))
    if kind.main != "dataset" and check.dataset:
        raise Slip(
            f"the kind '{kind.name}' names its dataset by '{kind.main}'", "remove 'dataset'", "dataset"
        )
    main = check.dataset or _main(check, kind)
    used = unknown_datasets(check, tree, declared, draft.faults)
    if not all(name in draft.datasets for name in used):
        return None
    facts = {name: _facts(draft.datasets[name]) for name in used}
    params = kind.complete(check.params, facts[main], facts)
    lateness = max(fact.lateness for fact in facts.values())
    update = {"params": params, "unit": kind.unit_of(params), "main_dataset": main, "lateness": lateness}
    return check.model_copy(update=update)


def _main(check: Check, kind: Kind) -> str:
    """The dataset whose rows are counted: the first where a parameter names several."""
    named = getattr(check.params, kind.main)
    return str(named if isinstance(named, str) else named[0])


def _facts(dataset: Dataset) -> Facts:
    return Facts(dataset.key, dataset.lateness, dataset.time is not None)


def _with_time(draft: Draft, check: Check, kind: Kind) -> Check:
    timed = draft.datasets[check.main_dataset].time is not None
    if kind.form == "query" and not timed:
        message = (
            f"the kind '{kind.name}' needs event time, and the dataset '{check.main_dataset}' has no 'time'"
        )
        raise Slip(message, "give the dataset its 'time'", "dataset" if check.dataset else kind.main)
    found = timing(check, kind, check.lateness, timed=timed)
    if check.slo and check.slo.window < found.window:
        raise Slip(
            f"the window of the SLO is shorter than the check's, {show_duration(found.window)}", field="slo"
        )
    times = {"bucket": found.bucket, "settle": found.settle, "every": found.every, "window": found.window}
    return check.model_copy(update=times)


def _with_defaults(check: Check, kind: Kind, owner: str) -> Check:
    given = check.model_fields_set
    if not (check.owner or owner):
        raise Slip(f"the check '{check.name}' has no owner", "give it an 'owner', or its file")
    role = ROLE_STAGES.get(check.main_dataset, kind.stage) if kind.main == "dataset" else kind.stage
    defaults: dict[str, Any] = {
        "owner": check.owner or owner,
        "severity": check.severity
        if "severity" in given
        else Severity.PAGE
        if check.slo
        else Severity.TICKET,
        "stage": check.stage if "stage" in given else role,
        "runbook": check.runbook or kind.name,
    }
    if not check.warn and not check.fail:
        defaults |= {
            name: parse_bound(text) for name, text in (("warn", kind.warn), ("fail", kind.fail)) if text
        }
        if check.slo and not defaults.keys() & {"warn", "fail"}:
            defaults["warn"] = _warning(check, kind)
    return check.model_copy(update=defaults)


def _warning(check: Check, kind: Kind) -> Bound | None:
    measures = kind.sums(check.params)
    if not measures & {"good", "bad"}:
        hint = "give 'fail', and the SLO counts the time in which it does not"
        raise Slip(f"the kind '{kind.name}' counts no good rows, so its SLO needs a bound", hint, "slo")
    assert check.slo is not None  # noqa: S101 -- asked by the caller
    return honest_warning(check.slo, check.unit, measures)


_UNITS = {"ratio": ("percent", "number"), "seconds": ("seconds", "number")}
_VALUES = {"ratio": ("a share", '"< 99%"'), "seconds": ("a time", '"> 5s"')}


def _check_bounds(check: Check) -> None:
    for name, bound in (("warn", check.warn), ("fail", check.fail)):
        if bound is None:
            continue
        if bound.unit not in _UNITS.get(check.unit, ("number",)):
            what, wanted = _VALUES.get(check.unit, ("a number", '"< 100"'))
            raise Slip(f"the bound '{bound}' does not fit a value that is {what}", f"such as {wanted}", name)
        if check.unit == "ratio" and bound.unit == "number" and abs(bound.upper) > 2:
            raise Slip(f"the bound '{bound}' is far from any share", f"did you mean {bound.upper:g}%?", name)
