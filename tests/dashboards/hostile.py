"""A store in which every text that people or data can choose tries to be something else than text."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from monitor import audit
from monitor.gameday import kept as gameday
from monitor.model import HOUR, MINUTE, Window
from monitor.notify import silencing
from monitor.replay import record
from monitor.store import Store, alarms, requests
from monitor.store.database import writing
from monitor.store.deployments import Marked, add
from monitor.store.requests import State

STRINGS = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    "</style></div></table><h1>BIG",
    "\"><svg/onload=window.hacked=1> ' onmouseover='window.hacked=1",
    "javascript:window.hacked=1",
    "[click](javascript:window.hacked=1) ![x](https://hacked.invalid/x.png)",
    "# heading\n- list\n> quote",
    "**bold** _it_ `code` ~~gone~~ ``` |a|b|",
    ":material/close: :red[red] :smile: :streamlit: :blue-background[x]",
    "$\\frac{1}{0}$ and $$x^2$$ costs $5 or $6",
    "\u202egnp.exe\u202c right to left",
    "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd 123 abc",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466\U0001f525\U0001f3f3\ufe0f\u200d\U0001f308",
    "Z\u0351\u036b\u0343a\u0310\u030dl\u0348\u0360g\u0315o\u035c",
    "{{7*7}} ${7*7} %s %n {0}",
    "x" * 300,
    "'; DROP TABLE checks; --",
    "a&amp;b&lt;c",
)
"""What a text may try to be: markup, a formula, an icon, an address, something very long."""

LONG = "n" * 96 + ".a-b"
"""The longest name that a check can have."""

SAID = "".join(f"{each} " for each in STRINGS[:4]).strip()


def configuration(folder: Path) -> Path:
    """A configuration whose checks, owners and descriptions are hostile, as far as they may be."""
    checks: dict[str, Any] = {
        LONG: _ratio(0, objective=True),
        "a_b__c__.material-close": _ratio(8, objective=True),
        "1.-x": _ratio(9, objective=True),
        "constructor": _ratio(5, objective=True),
        "__proto__"[2:]: _ratio(11, objective=False),
        "cannot-be-measured": {
            "kind": "ratio",
            "dataset": "events",
            "good": "cast(value as integer) = 1",
            "description": STRINGS[1],
            "owner": STRINGS[2],
        },
    }
    path = folder / "weir.yaml"
    whole = {
        "pipeline": "hostile",
        "owner": STRINGS[0],
        "store": "sqlite:///weir.db",
        "sources": {"here": {"engine": "duckdb"}},
        "datasets": {
            "events": {"source": "here", "files": "events/*.parquet", "time": "t", "lateness": "1m"},
            "deployments": {
                "source": "here",
                "files": "deployments/*.parquet",
                "time": "t",
                "columns": {"model_version": "version"},
            },
        },
        "checks": checks,
    }
    path.write_text(json.dumps(whole, ensure_ascii=False), "utf-8")
    return path


def _ratio(place: int, *, objective: bool) -> dict[str, Any]:
    check: dict[str, Any] = {
        "kind": "ratio",
        "dataset": "events",
        "good": "ok",
        "by": ["value", "model_version"],
        "every": "1m",
        "window": "5m",
        "fail": "< 99%",
        "description": STRINGS[place] + ". And more",
        "owner": STRINGS[(place + 1) % len(STRINGS)],
    }
    return check | ({"slo": {"objective": "99%", "window": "7d"}} if objective else {})


def rows(folder: Path, now: int) -> None:
    """Ninety minutes in which every hostile value comes each minute, and lately half of the rows are bad."""
    times = [now - (90 - minute) * MINUTE for minute in range(90) for _ in STRINGS]
    values = [value for _ in range(90) for value in STRINGS]
    good = [at < now - 30 * MINUTE or place % 2 == 0 for place, at in enumerate(times)]
    stamp = pa.timestamp("us", tz="UTC")
    events = {
        "t": pa.array(times, stamp),
        "value": values,
        "model_version": values[3:] + values[:3],
        "ok": good,
    }
    out = {
        "t": pa.array([now - 40 * MINUTE - each * MINUTE for each in range(len(STRINGS))], stamp),
        "version": list(STRINGS),
        "status": list(STRINGS[::-1]),
    }
    for name, table in (("events", events), ("deployments", out)):
        (folder / name).mkdir()
        pq.write_table(pa.table(table), folder / name / "1.parquet")


def people(store: Store, now: int) -> None:
    """What people said: silences, wishes, marks, and who is on it."""
    with writing(store) as connection:
        for place, each in enumerate(STRINGS):
            add(connection, "hostile", Marked(now - place * MINUTE, each, STRINGS[-place], now))
    for place, each in enumerate(STRINGS):
        audit.record(store, "hostile", now - place * MINUTE, each, "configuration", each, {each: each})
    drills(store, now)
    window = Window(now - MINUTE, now + HOUR)
    silencing.add(store, "hostile", (("check", LONG),), window, STRINGS[8], STRINGS[1], now)
    for each in STRINGS:
        number = requests.ask(store, "hostile", now, each[:100], "run", LONG, {})
        requests.answer(store, number, State.FAILED, each, now)
    for incident in alarms.history(store, "hostile", now):
        alarms.acknowledge(store, "hostile", incident.id, now, STRINGS[1])


def drills(store: Store, now: int) -> None:
    """Game days and replays in everybody's words."""
    right = {"stage_right": True, "segment_right": False, "routed_right": True}
    some = [
        {"fault": each, "severity": 20.0, "segment": {each: each}, "seed": 1, "detected": True, "noise": 1,
         "ticks_to_detect": 4, "minutes_to_detect": 4.0, **right}
        for each in STRINGS
    ]  # fmt: skip
    said: dict[str, Any] = {"faults": some, "seconds": 1.0, "good": True}
    said["clean"] = {"days": 7, "seeds": [1], "pages": 1, "tickets": 1}
    said["failed"] = [{"scenario": each, "why": each} for each in STRINGS]
    rows = dict.fromkeys(("identical", "different", "missing", "extra", "replayed", "changed_by_second"), 1)
    replay = {"outcome": "fail", "value": 0.5, "objective": 1.0, "idempotent": False}
    replay |= {"from": None, "to": None, "old_versions": {"replayed": 2, "identical": 1}}
    for each in STRINGS:
        gameday.keep(store, "hostile", now, each, said)
        record.keep(store, "hostile", now, each, {"dataset": each, **rows, **replay})
