"""What is kept for a check's page: example rows, its explanation, dead letters by cause, a report."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from monitor import store
from monitor.inspection import letters
from monitor.inspection.letters import Cause
from monitor.store import Store, exhibits, requests, samples
from monitor.store.requests import State
from monitor.store.samples import Sample
from monitor.views.span import Span
from monitor.views.titles import ago

NOT_YET = "They have not been counted yet: `weir serve` does it at its next tick."


@dataclass(frozen=True, slots=True)
class Rows:
    """Example rows as a page shows them, texts all."""

    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: str


@dataclass(frozen=True, slots=True)
class Letters:
    """Dead letters of a dataset by cause; `problem` says why there are none."""

    dataset: str
    counted: str
    causes: tuple[Cause, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class Report:
    """How far an Evidently report is. `share` is from 0 to 1."""

    state: Literal["none", "waiting", "made", "done", "failed"]
    share: float
    said: str


def rows(store_: Store, pipeline: str, check: str, span: Span, now: int) -> Rows | None:
    """A check's example rows; None where none were taken."""
    ids = {each.name: each.id for each in store.known_checks(store_, pipeline)}
    found = samples.get(store_, ids[check]) if check in ids else None
    if found is None:
        return None
    at, sample = found
    cells = tuple(tuple("–" if cell is None else cell for cell in row) for row in sample.rows)
    return Rows(_about(sample, at, span, now), sample.columns, cells, ", ".join(sample.left_out))


def _about(sample: Sample, at: int, span: Span, now: int) -> str:
    of = ""
    if sample.window is not None:
        of = f" of {span.local(sample.window.start):%d %b %H:%M} to {span.local(sample.window.end):%H:%M}"
    return f"{len(sample.rows)} {sample.what}{of}, taken {ago(at, now)}"


def dead_letters(config: Any, store_: Store, now: int) -> tuple[Letters, ...]:
    """The dead letters of every dataset of them."""
    return tuple(_letters(store_, config.pipeline, name, now) for name in letters.datasets(config))


def _letters(store_: Store, pipeline: str, dataset: str, now: int) -> Letters:
    found = exhibits.get(store_, pipeline, dataset, letters.ROLE)
    if found is None:
        return Letters(dataset, "", (), NOT_YET)
    if found.progress < 0:
        return Letters(dataset, ago(found.at, now), (), found.said)
    causes = tuple(letters.read(found.content))
    return Letters(dataset, ago(found.at, now), causes, "" if causes else "None in the last day.")


def explanation(store_: Store, pipeline: str, check: str, now: int) -> tuple[str, Mapping[str, list[str]]]:
    """When a check was explained, and the lines by their title; "" and nothing where it never was."""
    found = exhibits.get(store_, pipeline, check, "explanation")
    if found is None:
        return "", {}
    said: Mapping[str, list[str]] = json.loads(found.content)
    return ago(found.at, now), {title: lines for title, lines in said.items() if lines}


def report(store_: Store, pipeline: str, subject: str, now: int, action: str = "report") -> Report:
    """How far a check's report is, or whatever else takes long, by its action."""
    asked = [each for each in requests.last(store_, pipeline, subject) if each.action == action][:1]
    open_ = bool(asked) and asked[0].state == State.ASKED and asked[0].asked > now - requests.EXPIRES
    found = exhibits.state(store_, pipeline, subject, action)
    if found is None or (open_ and found.at < asked[0].asked and found.progress in (1.0, -1.0)):
        return Report("waiting", 0.0, "Waiting for weir serve.") if open_ else Report("none", 0.0, "")
    if found.progress < 0:
        return Report("failed", 0.0, found.said)
    if found.progress < 1 and not open_:
        return Report("failed", found.progress, f"It ended while {found.said}: ask for it again.")
    if found.progress < 1:
        return Report("made", found.progress, found.said)
    return Report("done", 1.0, f"{found.said}. Made {ago(found.at, now)}.")


def report_html(store_: Store, pipeline: str, check: str) -> str:
    """The finished report, one HTML file; "" where there is none."""
    found = exhibits.get(store_, pipeline, check, "report")
    return found.content if found is not None and found.progress == 1 else ""
