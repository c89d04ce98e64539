"""Word of a configuration that is another one now: one line in the audit trail, whichever replica sees it."""

from itertools import chain
from typing import Any

from monitor import audit, store
from monitor.audit import Line
from monitor.config import Config
from monitor.packs import DELAY, PACK
from monitor.serve.reload import few
from monitor.store import Fence, Store, lease, marks

ACTOR, ACTION = "weir serve", "configuration"
AWAY = "changed while weir serve was down"

DIGITS = 15
"""Hexadecimal digits of a digest that fit into a mark."""


def note_reload(store_: Store, config: Config, now: int, said: str, changed: frozenset[str]) -> None:
    """Note a change that was taken up under way, in the words of `reload.difference`."""
    line = Line(now, ACTOR, ACTION, said, {"checks": sorted(changed)})
    _note(store_, config, None, line)


def note_start(store_: Store, config: Config, now: int, fence: Fence) -> bool:
    """Note a configuration that changed while nobody served, once; whether it did. What a store knows of its
    checks is compared: bounds and objectives are not among it, and another definition is a seam of its own.
    Raises LeaseLost, StoreError.
    """
    last = marks.get(store_, _key(config))
    if last == _print(config):
        return False
    found = _differences(store_, config)
    said = "; ".join(f"{word} {few(names)}" for word, names in found.items() if names)
    names = sorted(chain.from_iterable(found.values()))
    line = Line(now, ACTOR, ACTION, f"{AWAY}: {said}" if said else AWAY, {"checks": names})
    _note(store_, config, fence, line if last is not None else None)
    return last is not None


def _note(store_: Store, config: Config, fence: Fence | None, line: Line | None) -> None:
    """The line and the digest that it is about come together, or not at all."""
    with marks.putting(store_, _key(config), _print(config)) as connection:
        if fence is not None:
            lease.check(connection, fence)
        if line is not None:
            audit.write(connection, config.pipeline, line)


def _key(config: Config) -> str:
    return f"configuration:{config.pipeline}"


def _print(config: Config) -> int:
    return int(config.digest[:DIGITS], 16)


def _differences(store_: Store, config: Config) -> dict[str, list[str]]:
    """Checks of the pipeline's own that are told apart by what the store keeps of them."""
    own = {name: check for name, check in config.checks.items() if check.origin is None}
    known = {
        name: settings
        for name, settings in store.settings(store_, config.pipeline).items()
        if PACK not in settings and name not in config.packaged and "owner" in settings
    }
    both = sorted(own.keys() & known.keys())
    return {
        "changed": [name for name in both if _settings(own[name]) != _settings_of(known[name])],
        "new": sorted(own.keys() - known.keys()),
        "gone": sorted(known.keys() - own.keys()),
    }


def _settings(check: Any) -> dict[str, Any]:
    names = {"owner": check.owner, "severity": str(check.severity), "stage": str(check.stage)}
    return names | {"enabled": check.enabled, "runbook": check.runbook, DELAY: check.settle + check.lateness}


def _settings_of(known: Any) -> dict[str, Any]:
    return {name: known.get(name) for name in ("owner", "severity", "stage", "enabled", "runbook", DELAY)}
