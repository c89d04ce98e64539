"""The checks of the packs in use: which are on, in which variants, and which are off and why."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from monitor import kinds
from monitor.config import packs
from monitor.config.check import Check, Origin
from monitor.config.completing import completed, main_dataset, written
from monitor.config.draft import Draft, section_of
from monitor.config.faults import Faults
from monitor.config.overlay import Overlay
from monitor.config.packs import Off, Packaged
from monitor.config.pipeline import Pipeline
from monitor.config.words import nearest
from monitor.config.yaml import Tree
from monitor.grammar import DatasetName, marked
from monitor.model import MINUTE


def packs_in_use(draft: Draft, pipeline: Pipeline | None) -> tuple[str, ...]:
    """The packs in use that exist."""
    tree, found = draft.trees[0], list[str]()
    for index, name in enumerate(pipeline.use if pipeline else ()):
        if name in packs.names():
            found.append(name)
        else:
            where = ("use", index) if isinstance(tree.data["use"], list) else ("use",)
            draft.faults.add(tree, where, f"unknown pack '{name}'", nearest(name, packs.names()))
    if found and not any(tree.data.get("owner") for tree in draft.trees[:1]):
        draft.faults.add(
            tree, ("use",), "packaged checks have no owner of their own", "give the file an 'owner'"
        )
    return tuple(found)


def package(draft: Draft) -> None:
    """Every check of the packs in use: on, with its variants, or off, with the reason."""
    given = {name: tree for tree in reversed(draft.trees) for name in section_of(tree, "checks")}
    for pack in draft.use:
        for name, data in packs.sections(pack).items():
            tree = given.get(name, draft.trees[0])
            own = section_of(tree, "checks").get(name)
            if own is not None and not isinstance(own, dict):
                draft.faults.add(
                    tree, ("checks", name), f"the check '{name}' must be keys and values", key=True
                )
            _variants(
                draft, pack, name, data, tree, cast(dict[str, Any], own) if isinstance(own, dict) else {}
            )
    for name, each in draft.packaged.items():
        kept = tuple(_downstream(check, each.own, draft.packaged) for check in each.variants)
        draft.packaged[name] = replace(each, variants=kept)
        draft.checks[name] = kept[0]


def _downstream(check: Check, own: frozenset[str], on: Mapping[str, Any]) -> Check:
    """Without the pack's upstream checks that are off."""
    if "upstream" in own:
        return check
    return check.model_copy(update={"upstream": tuple(name for name in check.upstream if name in on)})


def _variants(
    draft: Draft, pack: str, name: str, data: dict[str, Any], tree: Tree, own: dict[str, Any]
) -> None:
    """What is wrong in the user's keys is a fault; what its datasets do not allow switches the check off."""
    found: list[Check] = []
    why: list[str] = []
    sketch: Check | None = None
    users = {each.file for each in draft.trees}
    overlay: Tree = tree
    for number, whole in packs.variants(data, own):
        overlay = Overlay(tree, packs.load(pack), number)
        trial = replace(draft, faults=Faults())
        check, missing = _variant(trial, overlay, name, whole, own)
        sketch = sketch or check
        slips = trial.faults.found
        if check and not missing and not slips:
            origin = Origin(pack, number, "by" in own, packs.needed(data, own))
            found.append(check.model_copy(update=_packaged_as(origin, own)))
        why += [missing] if missing else [fault.message for fault in slips if fault.place.file not in users]
        draft.faults.found += [fault for fault in slips if fault.place.file in users]
    draft.origins[name] = overlay
    if found:
        draft.packaged[name] = Packaged(pack, tuple(found), frozenset(own))
    else:
        sketch = sketch and sketch.model_copy(update={"origin": Origin(pack, 0, "by" in own)})
        # Of variants that lack datasets, the one that lacks least says what there is to declare.
        draft.off[name] = Off(pack, min(why, key=len, default=""), sketch)


def _packaged_as(origin: Origin, own: dict[str, Any]) -> dict[str, Any]:
    """Where it comes from; and no tests of the pack's where the user's keys may change what they expect."""
    kept = own.keys() <= HARMLESS or "tests" in own
    return {"origin": origin} if kept else {"origin": origin, "tests": ()}


HARMLESS = frozenset({"owner", "severity", "runbook", "description", "tags", "snooze", "enabled", "upstream"})
"""Keys that change no outcome."""


def _variant(
    draft: Draft, tree: Tree, name: str, data: dict[str, Any], own: dict[str, Any]
) -> tuple[Check | None, str]:
    """A check, complete where all its datasets are there; and which of them are missing."""
    check = written(draft, tree, name, data)
    if check is None:
        return None, ""
    owner = draft.trees[0].data.get("owner") or ""
    kind = kinds.load(check.kind)
    main = check.dataset if kind.main == "dataset" else main_dataset(check, kind)
    used = {main, *_named(check)} - {""}
    missing = sorted(used - draft.declared("datasets").keys())
    if missing and not {value for value in own.values() if isinstance(value, str)} & set(missing):
        filled = {"unit": kind.unit_of(check.params), "main_dataset": main}
        filled |= {"owner": check.owner or owner, "runbook": check.runbook or kind.name}
        filled |= {"every": check.every or MINUTE, "bucket": check.bucket or MINUTE}
        sketch = check.model_copy(update=filled)
        return sketch, "there is no dataset " + " and none ".join(f"'{each}'" for each in missing)
    complete = completed(draft, tree, check, owner)
    if complete is None and "window" in check.model_fields_set and "window" not in own:
        # The datasets' rows are counted in longer buckets than the pack foresaw.
        again = replace(draft, faults=Faults())
        fields = {key: value for key, value in data.items() if key not in ("window", "every")}
        wider = written(again, tree, name, fields)
        complete = completed(again, tree, wider, owner) if wider else None
        draft.faults.found = again.faults.found if complete else draft.faults.found
    return complete, ""


def _named(check: Check) -> set[str]:
    return {name for _, marker, name in marked(check.params) if isinstance(marker, DatasetName)}
