"""`weir report`: a bounded sample without personal data, in Evidently's HTML."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from monitor.binding.sources import Sources
from monitor.errors import UsageError, WeirError
from monitor.evidently import report as evidently
from monitor.evidently.report import Wanted, report
from monitor.inspection.columns import personal
from tests.pipelines import Pipeline, micros

NOW = "2026-11-20T12:00Z"
CHECK = {"kind": "ratio", "dataset": "rows", "good": "price > 0", "window": "1d", "every": "1d"}


def put(pipeline: Pipeline, count: int = 4000) -> None:
    rng = np.random.default_rng(1)
    start = datetime(2026, 11, 15, tzinfo=UTC)
    times = [start + timedelta(minutes=2 * number) for number in range(count)]
    table = pa.table(
        {
            "t": pa.array(times, pa.timestamp("us", "UTC")),
            "price": rng.normal(10, 2, count),
            "device": rng.choice(["phone", "desktop"], count),
            "email": [f"bob{n}@example.org" for n in range(count)],
            "user_id": np.arange(count),
            "note": [f"call 555{n:07}" for n in range(count)],
            "contact": ["bob@example.org", "ann@example.org"] * (count // 2),
            "ok": rng.random(count) > 0.1,
            "hostile": rng.choice(["a", "</script><script>alert(1)</script>"], count),
        }
    )
    pipeline.rows("rows", table, time="t", lateness="0s")


def told(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, **more: Any) -> tuple[Any, list[Any]]:
    """What was reported, and the samples that would have gone to Evidently."""
    seen: list[Any] = []
    monkeypatch.setattr(evidently, "_render", lambda preset, now, before, *_: seen.extend((now, before)))
    config = pipeline.load({"c": CHECK})
    with Sources(config) as sources:
        wanted = Wanted(**({"check": "c", "now": micros(NOW)} | more))
        return report(config, sources, wanted, Path("none")), seen


def test_the_sample_is_bounded_and_has_no_personal_data(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch):
    put(pipeline)
    said, (now, before) = told(pipeline, monkeypatch)
    assert said.preset == "drift"
    assert said.columns == ("price", "device", "ok")
    assert set(said.left_out) == {"t", "email", "user_id", "note", "contact", "hostile"}
    assert (now.num_rows, now.column_names) == (720, ["price", "device", "ok"])
    assert before.num_rows == said.baseline == 4.5 * 720
    said, (now, before) = told(pipeline, monkeypatch, most=100)
    assert 60 < now.num_rows <= 100
    assert 60 < before.num_rows <= 100


def test_what_cannot_be_reported_says_so(lake: Pipeline, monkeypatch: pytest.MonkeyPatch):
    put(lake)
    with pytest.raises(UsageError, match="the window of 'c' has no rows"):
        told(lake, monkeypatch, now=micros("2026-12-20T12:00Z"))
    with pytest.raises(UsageError, match="the baseline has no rows"):
        told(lake, monkeypatch, now=micros("2026-11-16T00:00Z"), preset="drift")
    assert told(lake, monkeypatch, now=micros("2026-11-16T00:00Z"))[0].preset == "summary"
    with pytest.raises(UsageError, match=r"1 to 100,000 rows, not 200,000"):
        told(lake, monkeypatch, most=200_000)


@pytest.mark.parametrize(
    "name, expected",
    [("user_id", True), ("Email", True), ("clientIp", True), ("price", False), ("skip_count", False)],
)
def test_names_of_personal_data(name: str, expected: bool):
    assert personal(name) is expected


def test_a_missing_extra_is_told_plainly():
    with pytest.raises(UsageError, match="Evidently is not installed"):
        evidently._run([sys.executable, "-c", f"raise SystemExit({evidently.MISSING})"], lambda *_: None)


def test_the_other_process_says_how_far_it_is():
    said: list[tuple[float, str]] = []
    code = "print('0.5 comparing'); print('a word of its own'); print('2 beyond')"
    evidently._run([sys.executable, "-c", code], lambda *each: said.append(each))
    assert said == [(0.5, "comparing"), (1.0, "beyond")]


def test_an_error_of_the_other_process_is_told_without_its_data():
    code = "raise ValueError('bob@example.org is no number')"
    with pytest.raises(WeirError, match=r"Evidently failed: ValueError$"):
        evidently._run([sys.executable, "-c", code], lambda *_: None)


def test_the_other_process_ends_when_it_is_told_to():
    code, stopping, said = "print('0.5 busy', flush=True); import time; time.sleep(60)", Event(), []
    began = monotonic()

    def told(*_: Any) -> None:
        said.append(1)
        stopping.set()

    with pytest.raises(WeirError, match="Weir was stopped"):
        evidently._run([sys.executable, "-c", code], told, stopping)
    assert said
    assert monotonic() - began < 20


def test_the_other_process_ends_when_nobody_waits_for_it():
    stand_in = "import sys, types, time; sys.modules['evidently'] = Slow = types.ModuleType('evidently')\n"
    stand_in += "Slow.__getattr__ = lambda name: time.sleep(60)\n"
    stand_in += "from monitor.evidently.process import main; main(['drift', 'none', 'none'])"
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", stand_in], **pipes) as process:
        assert process.stdout
        assert process.stdout.readline() == "0.25 loading Evidently\n"
        assert process.stdin
        process.stdin.close()
        assert process.wait(20) == 1


def test_importing_weir_imports_no_evidently():
    code = "import sys, monitor.evidently.report, monitor.cli.report; assert 'evidently' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["drift", "summary"])
def test_evidently_writes_one_html_file(lake: Pipeline, tmp_path: Path, preset: Any):
    pytest.importorskip("evidently")
    put(lake)
    config = lake.load({"c": CHECK})
    with Sources(config) as sources:
        report(config, sources, Wanted("c", micros(NOW), preset), tmp_path / "out" / "c.html")
    html = (tmp_path / "out" / "c.html").read_text()
    assert "<html" in html
    assert "price" in html
    assert "@example.org" not in html
