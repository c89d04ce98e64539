"""What a person wants to know of one check: declaration, windows, SQL, history, seams, runbook."""

from collections.abc import Callable
from typing import Any

from monitor import kinds, store
from monitor.attribute.cause import read
from monitor.binding.sources import Sources
from monitor.grammar import show_duration
from monitor.judge import show
from monitor.model import DAY, Reading
from monitor.plan import target
from monitor.planning.lookback import described
from monitor.shown.preview import preview
from monitor.store import Store, attributions, readings

Shown = Callable[[int | None], str]

HISTORY = 10
"""How many of the last readings are listed."""


def explain(
    config: Any, store_: Store, sources: Sources, name: str, now: int, shown: Shown
) -> dict[str, list[str]]:
    """Paragraphs by title, each a list of lines; an empty one has nothing to say."""
    check = config.checks[name]
    seen = preview(config, sources, now, frozenset([name]))
    return {
        name: _declared(config, check),
        "Window": _windows(check, now, shown),
        "Does not fit": [*(str(error) for error in seen.errors.values()), *_off(seen, name)],
        "SQL": [line for scan in seen.scans for sql in scan.sql for line in [*sql.split("\n"), ""]],
        "Cause": _cause(store_, config, name, now),
        "Last readings": _history(store_, config, check, now, shown),
        "Seams": _seams(store_, config, name, shown),
    }


def _off(seen: Any, name: str) -> list[str]:
    """Why a packaged check is off."""
    return [f"off: {seen.off[name]}"] if name in seen.off else []


def _declared(config: Any, check: Any) -> list[str]:
    kind = kinds.load(check.kind)
    lines = [
        check.description or kind.doc.split("\n", 1)[0],
        f"declared at {config.place('checks', check.name)}, kind {check.kind}, dataset {check.main_dataset}",
        f"owner {check.owner}, severity {check.severity}, stage {check.stage}, runbook {check.runbook}",
    ]
    bounds = [f"{word} {bound.text}" for word, bound in (("warn", check.warn), ("fail", check.fail)) if bound]
    lines += [", ".join(bounds)] if bounds else []
    lines += described(check)
    if check.slo:
        lines.append(f"objective {check.slo.said}")
    return lines + kind.doc.strip().split("\n")[1:]


def _windows(check: Any, now: int, shown: Shown) -> list[str]:
    if not check.bucket:
        return ["a snapshot: read whole at each tick"]
    kind, aim = kinds.load(check.kind), target(check, now)
    if kind.form == "query":
        return [f"reads up to the tick, every {show_duration(check.every)}"]
    if kind.whole:
        return [f"{shown(aim.start)} to {shown(aim.end)} at once, every {show_duration(check.every)}"]
    open_from = now - check.settle - check.lateness
    return [
        f"{shown(aim.start)} to {shown(aim.end)} by buckets of {show_duration(check.bucket)}",
        f"every {show_duration(check.every)}; judged {show_duration(check.settle)} after a bucket's end",
        f"final {show_duration(check.lateness)} later: open since {shown(open_from)}",
    ]


def _history(store_: Store, config: Any, check: Any, now: int, shown: Shown) -> list[str]:
    known = {each.name: each.id for each in store.known_checks(store_, config.pipeline)}
    if check.name not in known:
        return []
    unit = check.unit
    rows = readings.history(store_, known[check.name], now - 90 * DAY)[-HISTORY:]
    return [_line(row.reading, shown(row.at), unit) for row in rows]


def _cause(store_: Store, config: Any, name: str, now: int) -> list[str]:
    """What explains the check's newest trouble of a day."""
    kept = attributions.newest(store_, config.pipeline, now - DAY).get(name)
    return [read(kept.content).sentence] if kept else []


def _line(said: Reading, at: str, unit: str) -> str:
    return f"{at}  {said.outcome.value:8} {show(said.value, unit):>12}  {_why(said.message)}"


def _why(message: str) -> str:
    return message.partition(": ")[2]


def _seams(store_: Store, config: Any, name: str, shown: Shown) -> list[str]:
    known = {each.name: each.id for each in store.known_checks(store_, config.pipeline)}
    seams = store.seams_of(store_, known[name]) if name in known else []
    return [f"{shown(at)}  {digest}" for at, digest in seams] if len(seams) > 1 else []
