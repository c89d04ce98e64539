"""One check: from its keys to a Check with its params, and with every default filled in."""

from pathlib import Path
from typing import Any, cast

from monitor import kinds
from monitor.config.check import COMMON, FILLED, Check
from monitor.config.dataset import ROLE_STAGES, Dataset
from monitor.config.draft import Draft
from monitor.config.faults import keys_of, validate
from monitor.config.references import check_fragments, unknown_datasets
from monitor.config.slo import completed_slo, honest_warning
from monitor.config.timing import timing
from monitor.config.words import NAME, Slip, nearest
from monitor.config.yaml import Tree
from monitor.grammar import Bound, show_duration
from monitor.grammar import bound as parse_bound
from monitor.kinds import Facts, Kind
from monitor.model import Severity


def written(draft: Draft, tree: Tree, name: str, data: Any) -> Check | None:
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


def completed(draft: Draft, tree: Tree, check: Check, owner: str) -> Check | None:
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
            tree,
            (*path, *key.split(".")) if key else path,
            str(error),
            getattr(error, "hint", ""),
            key=not key,
        )
        return None


def _dialects(draft: Draft) -> dict[str, str]:
    return {name: draft.sources[dataset.source].dialect for name, dataset in draft.datasets.items()}


def _bind_datasets(draft: Draft, tree: Tree, check: Check, kind: Kind) -> Check | None:
    declared = draft.declared("datasets")
    if kind.main == "dataset" and not check.dataset:
        if tree.has(("checks", check.name, "dataset")):
            return None  # it is there and was refused
        named = [name for name in getattr(check.params, kind.instead, ()) if name in declared]
        if not named:
            raise Slip("'dataset' is missing", nearest("", declared))
        check = check.model_copy(update={"dataset": named[0]})
    if kind.main != "dataset" and check.dataset:
        raise Slip(
            f"the kind '{kind.name}' names its dataset by '{kind.main}'", "remove 'dataset'", "dataset"
        )
    if check.by and not kind.splits:
        raise Slip(f"the kind '{kind.name}' takes no 'by'", "group in its query: a column segment", "by")
    main = check.dataset or main_dataset(check, kind)
    used = unknown_datasets(check, tree, declared, draft.faults)
    if not all(name in draft.datasets for name in used):
        return None
    facts = {name: _facts(draft.datasets[name]) for name in used}
    folder = Path(tree.file).parent
    draft.beside |= {folder / each for each in kind.paths(check.params)}
    params = kind.files(check.params, folder, main) if kind.files else check.params
    params = kind.complete(params, facts[main], facts)
    lateness = max(fact.lateness for fact in facts.values())
    update = {"params": params, "unit": kind.unit_of(params), "main_dataset": main, "lateness": lateness}
    return check.model_copy(update=update | _by_clocks(check, facts[main].timezone))


def _by_clocks(check: Check, zone: str) -> dict[str, Any]:
    """The expectations that follow clocks, by the dataset's where they name none."""
    given = {name: getattr(check, name) for name in ("anomaly", "change")}
    return {
        name: each.model_copy(update={"timezone": zone})
        for name, each in given.items()
        if each is not None and not each.timezone
    }


def main_dataset(check: Check, kind: Kind) -> str:
    """The dataset whose rows are counted: the first where a parameter names several."""
    named = getattr(check.params, kind.main)
    return str(named if isinstance(named, str) else named[0])


def _facts(dataset: Dataset) -> Facts:
    return Facts(dataset.key, dataset.lateness, dataset.time is not None, dataset.timezone)


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
        "hold": check.hold or check.every,
    }
    _check_ingestion(check)
    if not check.warn and not check.fail:
        defaults |= {
            name: parse_bound(text) for name, text in (("warn", kind.warn), ("fail", kind.fail)) if text
        }
        if check.slo and not defaults.keys() & {"warn", "fail"}:
            defaults["warn"] = _warning(check, kind)
    if check.slo:
        defaults["slo"] = completed_slo(check, bool(kind.sums(check.params) & {"good", "bad"}))
    return check.model_copy(update=defaults)


def _check_ingestion(check: Check) -> None:
    if check.ingestion and not check.slo:
        hint = "its objective tells a loss from chance; or leave 'ingestion' out"
        raise Slip("a check of ingestion needs an 'slo'", hint, "ingestion")


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
