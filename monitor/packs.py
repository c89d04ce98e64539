"""Packaged checks against live tables: which are on, in which variant, and what those that are off lack.

A pack binds once and is remembered: a check that was measured keeps its variant and dimensions, and a dataset
or a column that it has lost since makes it an error, not off. What switches it off is the configuration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from monitor.errors import BindError, WeirError

Refuses = Callable[[Any], WeirError | None]
"""Why a check cannot be bound to the live tables; None where it can."""
PACK, VARIANT, BY, DELAY = "pack", "variant", "by", "delay"
"""What the store's settings of a check say of it once it was measured."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A configuration with the checks that live tables allow, and why others of its packs are off."""

    config: Any
    off: Mapping[str, str]


def fit(
    config: Any,
    remembered: Mapping[str, Mapping[str, Any]],
    refuses: Refuses,
    only: frozenset[str] | None = None,
) -> Fitted:
    """Choose the variant of every packaged check. `remembered` are the store's settings by check.

    Of those that are not asked for (`only`) there are no tables: what was never measured is left out.
    """
    checks, off = dict(config.checks), {name: each.why for name, each in config.off.items()}
    for name, packaged in config.packaged.items():
        settings = remembered.get(name, {})
        if only is not None and name not in only and settings.get(PACK) != packaged.pack:
            del checks[name]
            continue
        unseen = only is not None and name not in only
        chosen = _measured(packaged, settings) if unseen else _chosen(packaged, settings, refuses)
        if isinstance(chosen, str):
            off[name] = chosen
            del checks[name]
        else:
            checks[name] = chosen
    lost = _lost(config, remembered)
    for name in lost:
        off.pop(name, None)
    kept = {name: _downstream(check, {*checks, *lost}) for name, check in {**checks, **lost}.items()}
    return Fitted(replace(config, checks=kept), off)


def seen(config: Any, remembered: Mapping[str, Mapping[str, Any]]) -> Any:
    """The configuration without packaged checks that were never measured: nothing is to be shown of them.
    The others are as they were measured.
    """
    known = {name for name, settings in remembered.items() if settings.get(PACK)}
    kept = {
        name: _measured(config.packaged[name], remembered[name]) if name in config.packaged else each
        for name, each in config.checks.items()
        if each.origin is None or name in known
    }
    return replace(config, checks={**kept, **_lost(config, remembered)})


def memory(check: Any, bound: bool) -> dict[str, Any]:
    """What the store should keep of a packaged check; nothing before it was bound once."""
    if check.origin is None or not (bound or check.origin.known):
        return {}
    return {PACK: check.origin.pack, VARIANT: check.origin.variant, BY: [list(dim) for dim in check.by]}


def _chosen(packaged: Any, settings: Mapping[str, Any], refuses: Refuses) -> Any:
    """The check as it is measured, or why it is off."""
    if settings.get(PACK) == packaged.pack:
        return _known(packaged, settings, refuses)
    why: list[str] = []
    for check in packaged.variants:
        if not check.enabled:
            return check
        fitting, error = _trimmed(check, (), refuses)
        if error is None or not isinstance(error, BindError):
            return fitting  # a source that is down says nothing of its columns
        why.append(error.message)
    return "; or ".join(dict.fromkeys(why))


def _known(packaged: Any, settings: Mapping[str, Any], refuses: Refuses) -> Any:
    """The variant that was measured; what it lacks by now is told when it is bound."""
    measured = _measured(packaged, settings)
    check = _variant(packaged, settings)
    fitting, error = _trimmed(check, measured.by, refuses)
    return measured if error else fitting.model_copy(update={"origin": measured.origin})


def _measured(packaged: Any, settings: Mapping[str, Any]) -> Any:
    """A check as it was measured: its variant, and of the pack's own dimensions those that it had."""
    check = _variant(packaged, settings)
    kept = {tuple(dim) for dim in settings.get(BY, ())}
    by = check.by if check.origin.own_by else tuple(dim for dim in check.by if tuple(dim) in kept)
    return check.model_copy(update={"by": by, "origin": replace(check.origin, known=True)})


def _variant(packaged: Any, settings: Mapping[str, Any]) -> Any:
    same = (each for each in packaged.variants if each.origin.variant == settings.get(VARIANT, 0))
    return next(same, packaged.variants[0])


def _trimmed(check: Any, kept: tuple[Any, ...], refuses: Refuses) -> tuple[Any, WeirError | None]:
    """Without those of the pack's own dimensions that the tables lack, but for those measured before."""
    error = refuses(check)
    if error is None or check.origin.own_by or not check.by:
        return check, error
    bare = check.model_copy(update={"by": ()})
    if error := refuses(bare):
        return check, error
    there = [dim for dim in check.by if dim in kept or not refuses(check.model_copy(update={"by": (dim,)}))]
    return check.model_copy(update={"by": tuple(there)}), None


def _lost(config: Any, remembered: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Checks that were measured and whose datasets are no longer declared."""
    found: dict[str, Any] = {}
    for name, each in config.off.items():
        if each.check is not None and remembered.get(name, {}).get(PACK) == each.pack:
            settings = remembered[name]
            late = settings.get(DELAY, 0)
            lost = f"it was measured, and now {each.why}"
            origin = each.check.origin
            found[name] = each.check.model_copy(
                update={
                    "origin": replace(origin, known=True, variant=settings.get(VARIANT, 0), lost=lost),
                    "lateness": late,
                    "settle": 0,
                }
            )
    return found


def _downstream(check: Any, on: set[str]) -> Any:
    """Without upstream checks that are off."""
    upstream = tuple(name for name in check.upstream if name in on)
    return check if upstream == check.upstream else check.model_copy(update={"upstream": upstream})
