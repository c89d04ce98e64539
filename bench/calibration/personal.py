"""Precision and recall of each detector of personal data, its canaries, and how fast texts are scanned.

    python bench/calibration/personal.py ../shared/data      labelled texts; about a minute with Presidio
    python bench/calibration/personal.py --speed 1000000     a tick over so many texts, by share of candidates

Labelled are 1,500 texts of presidio-research. A find counts where it overlaps a label of its sort.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor import config
from monitor.binding.sources import Sources
from monitor.detect.canaries import canaries, recall
from monitor.detect.personal import DETECTORS, find
from monitor.store import open_store
from monitor.tick import tick

ENTITIES = {
    "email": "EMAIL_ADDRESS",
    "phone": "PHONE_NUMBER",
    "card": "CREDIT_CARD",
    "iban": "IBAN_CODE",
    "ip": "IP_ADDRESS",
    "ssn": "US_SSN",
}
Spans = dict[str, list[tuple[int, int]]]


def ours(text: str) -> Spans:
    return find(text, tuple(DETECTORS.values()), ())


def presidio() -> Callable[[str], Spans]:
    """Presidio's own recognisers by their patterns, with the words of context before a find."""
    from monitor.detect.presidio import detector

    detectors = {name: detector(entity) for name, entity in ENTITIES.items()}
    return lambda text: {name: list(each.find(text, (), "")) for name, each in detectors.items()}


def graded(texts: list[dict[str, Any]], finds: Callable[[str], Spans]) -> dict[str, tuple[int, int, int]]:
    """Right, wrong and missed finds of each sort."""
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for each in texts:
        found = finds(each["full_text"])
        for name, entity in ENTITIES.items():
            mine = found.get(name, [])
            labels = [
                (s["start_position"], s["end_position"]) for s in each["spans"] if s["entity_type"] == entity
            ]
            hit = sum(any(a < d and c < b for c, d in mine) for a, b in labels)
            right[name], missed[name] = right[name] + hit, missed[name] + len(labels) - hit
            wrong[name] += sum(not any(a < d and c < b for c, d in labels) for a, b in mine)
    return {name: (right[name], wrong[name], missed[name]) for name in ENTITIES}


def labelled(path: Path) -> None:
    texts = json.loads((path / "pii/synth_dataset_v2.json").read_text())
    drawn = recall(tuple(ENTITIES), 2000, ())
    own, theirs = graded(texts, ours), graded(texts, presidio())
    print(
        "| detector | labelled | precision | recall | Presidio's precision | Presidio's recall | canaries |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in ENTITIES:
        shares = [share for side in (own, theirs) for share in _shares(*side[name])]
        print(f"| {name} | {own[name][0] + own[name][2]} | {' | '.join(shares)} | {drawn[name]:.1%} |")


def _shares(right: int, wrong: int, missed: int) -> tuple[str, str]:
    return f"{right / max(1, right + wrong):.1%}", f"{right / max(1, right + missed):.1%}"


def texts_of(number: int, leaking: float, candidates: float, seed: int = 5) -> list[str]:
    """Lines of a log: some with numbers that are candidates, a few that leak."""
    draw = np.random.default_rng(seed)
    fakes = [text for name in ENTITIES for text in canaries(name, 500)]
    words = np.array(["viewed item", "added to basket", "searched shoes red", "closed the page", "paid"])
    base = words[draw.integers(0, len(words), number)]
    kinds = draw.random(number)
    digits = draw.integers(10**9, 10**10, number)
    return [
        fakes[digits[n] % len(fakes)]
        if kinds[n] < leaking
        else f"user {n} {base[n]} order {digits[n]}"
        if kinds[n] < leaking + candidates
        else f"user {n} {base[n]} at {n % 24} h"
        for n in range(number)
    ]


def speed(number: int) -> None:
    print(
        "| leaking | other candidates | seconds a tick | texts a second | leaks found |"
        "\n|---|---|---|---|---|"
    )
    for leaking, candidates in ((0.0, 0.0), (0.0001, 0.05), (0.01, 0.5), (1.0, 0.0)):
        texts = texts_of(number, leaking, candidates)
        with TemporaryDirectory() as name:
            folder = Path(name)
            pd.DataFrame({"id": range(number), "note": texts}).to_parquet(folder / "rows.parquet")
            said = {
                "pipeline": "x",
                "owner": "y",
                "sources": {"here": {"engine": "duckdb"}},
                "datasets": {"rows": {"files": "rows.parquet", "key": "id"}},
                "checks": {"c": {"kind": "pii", "dataset": "rows", "columns": "note"}},
            }
            (folder / "weir.yaml").write_text(json.dumps(said))
            loaded, store = config.load(folder / "weir.yaml"), open_store("sqlite://")
            start = perf_counter()
            with Sources(loaded) as sources:
                found = tick(loaded, store, sources, 1_780_000_000_000_000).readings[0].reading
            took = perf_counter() - start
            store.close()
        leaks = found.detail["leaks"]
        print(f"| {leaking:.2%} | {candidates:.0%} | {took:.1f} | {number / took:,.0f} | {leaks:,.0f} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--speed"]:
        speed(int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
    else:
        labelled(Path(sys.argv[1]))
