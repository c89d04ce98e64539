"""What the documents show must work: YAML runs, commands and their options exist, links lead somewhere."""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

TOP = Path(__file__).resolve().parents[1]
README = TOP / "README.md"
FOLDERS = ("runbooks", "docs", "examples", "checks", "dashboards", "alerts", "bench")
DOCUMENTS = [
    *sorted(TOP.glob("*.md")),
    *(path for folder in FOLDERS for path in sorted((TOP / folder).glob("*.md"))),
    *sorted(TOP.glob("examples/*/README.md")),
]
NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
TEN_THIRTY = "2026-11-20T10:30:00Z"
Weir = Callable[..., tuple[int, str]]

documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(TOP)))


def blocks(path: Path, language: str) -> list[str]:
    """The fenced code blocks of a document in one language; "" for those that name none."""
    fences = re.findall(r"(?ms)^```(\w*)\n(.*?)^```$", path.read_text(encoding="utf-8"))
    return [code for tongue, code in fences if tongue == language]


def block(path: Path, language: str, word: str) -> str:
    """The one block that holds a word."""
    (found,) = [each for each in blocks(path, language) if word in each]
    return found


def anchor(heading: str) -> str:
    """The name under which a heading can be linked to."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.fixture
def weir(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Weir:
    """Runs a command as typed; gives its exit code and what it printed."""
    monkeypatch.setenv("COLUMNS", "100")

    def call(*arguments: str) -> tuple[int, str]:
        from monitor.cli import main

        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        return int(ended.value.code or 0), capsys.readouterr().out

    return call


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The README's configuration over an hour of it: an event a second in turn from eu and us, 1 of 100 lost.

    Every tenth event is a checkout; those of the last minute have no basket.
    """
    (tmp_path / "weir.yaml").write_text(blocks(README, "yaml")[0], encoding="utf-8")
    emitted = [
        {
            "event_id": f"e{n}",
            "event_time": NINE + timedelta(seconds=n),
            "region": "eu" if n % 2 else "us",
            "event_type": "view" if n % 10 else "checkout",
            "basket_id": None if n >= 3540 else f"b{n}",
        }
        for n in range(3600)
    ]
    stored = [row for n, row in enumerate(emitted) if n % 100 != 99]
    for path, rows in (("emitted", emitted), ("events/date=2026-11-20", stored)):
        (tmp_path / "lake" / path).mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "lake" / path / "1.parquet")
    return tmp_path / "weir.yaml"


def readings(printed: str) -> dict[tuple[str, str], dict[str, Any]]:
    """By check and region; "" for the total."""
    found = json.loads(printed)["readings"]
    return {(each["check"], (each["segment"] or {}).get("region", "")): each for each in found}


def test_readme_configuration_runs(weir: Weir, shop: Path):
    assert len(blocks(README, "yaml")[0].splitlines()) <= 22  # "twenty lines of YAML"
    assert weir("validate", "--config", str(shop))[0] == 0
    assert weir("plan", "--config", str(shop))[0] == 0
    code, printed = weir("run", "--config", str(shop), "--at", "2026-11-20T10:01:00Z", "--json")
    said = readings(printed)
    basket = said["checkout-has-basket", ""]  # of the last minute, which is settled one minute later
    assert (code, basket["outcome"], basket["good"], basket["total"]) == (1, "fail", 0, 6)
    assert basket["end"] == "2026-11-20T10:00:00Z"
    code, printed = weir("run", "--config", str(shop), "--at", "2026-11-20T10:15:00Z", "--json")
    said = readings(printed)
    stored = said["ingestion-success", ""]  # within and lateness later
    assert stored["end"] == "2026-11-20T10:00:00Z"
    assert (stored["good"], stored["total"], stored["outcome"]) == (59, 60, "warn")
    assert code == 0
    assert said["checkout-has-basket", ""]["outcome"] == "no_data"


def test_readme_budget(weir: Weir, shop: Path):
    weir("backfill", "--config", str(shop), "--from", "2026-11-20T09:00Z", "--to", "2026-11-20T10:00Z")
    weir("run", "--config", str(shop), "--at", "2026-11-20T10:15:00Z")
    slo = next(
        each["slo"]
        for each in json.loads(weir("status", "--config", str(shop), "--json")[1])["checks"]
        if each["slo"]
    )
    assert (slo["good"], slo["total"], slo["objective"]) == (3564, 3600, 0.999)
    assert slo["budget_left"] == pytest.approx(1 - 0.01 / 0.001)
    assert slo["measured"] == pytest.approx(1 / (28 * 24))


def test_readme_shows_what_status_and_json_look_like(weir: Weir, shop: Path):
    from monitor.shown.status import COLUMNS

    weir("run", "--config", str(shop), "--at", TEN_THIRTY)
    real = weir("status", "--config", str(shop))[1]
    shown = block(README, "text", "budget left")
    (line,) = [line.split() for line in shown.splitlines() if line.startswith("dataset ")]
    assert line in [each.split() for each in real.splitlines()]
    (line,) = [line for line in shown.splitlines() if line.strip().startswith("check ")]
    assert set(re.split(r"\s{2,}", line.strip())) <= set(COLUMNS)  # which of them, hangs on the width
    assert "what to do: weir runbook" in real
    assert "what to do: weir runbook" in shown
    example = json.loads(block(README, "json", "ingestion-success"))
    whole = json.loads(weir("run", "--config", str(shop), "--at", TEN_THIRTY, "--json")[1])
    assert list(example) == list(whole["readings"][0])
    assert {"pipeline", "at", "scans", "readings", "datasets"} == whole.keys()
    assert all(f"`{key}`" in README.read_text(encoding="utf-8") for key in whole)


def test_readme_configures_postgresql(tmp_path: Path):
    from monitor import config

    path = tmp_path / "weir.yaml"
    path.write_text("pipeline: shop\n" + block(README, "yaml", "WAREHOUSE_URL"), encoding="utf-8")
    loaded = config.load(path, env={"WAREHOUSE_URL": "postgresql://reader@warehouse/shop"})
    assert loaded.source_of("events").engine == "postgresql"
    assert loaded.store.startswith("sqlite:///")


@pytest.mark.prometheus
@pytest.mark.parametrize("word, what", [("scrape_configs", "config"), ("alert:", "rules")])
def test_prometheus_accepts_the_snippets(promtool: Path, tmp_path: Path, word: str, what: str):
    import subprocess

    path = tmp_path / f"{what}.yml"
    path.write_text(block(README, "yaml", word), encoding="utf-8")
    subprocess.run([promtool, "check", what, path], check=True, capture_output=True)


def test_readme_lists_every_kind_and_command():
    from monitor import kinds
    from monitor.cli import weir as group

    text = README.read_text(encoding="utf-8")
    assert set(re.findall(r"(?m)^\| `(\w+)` \|", text)) >= set(kinds.names())
    listed = re.findall(r"(?m)^weir (\w+)", block(README, "text", "weir demo"))
    assert set(listed) == set(group.list_commands(click.Context(group)))


# Commands ---------------------------------------------------------------------------------------------------


def typed(document: Path) -> Iterator[str]:
    """Commands to paste, without comments and what follows a pipe."""
    for code in [*blocks(document, "sh"), *blocks(document, "")]:
        for line in code.splitlines():
            if line.startswith("weir "):
                yield re.split(r" \| |\s#|;", line)[0]


def mentioned(document: Path) -> Iterator[str]:
    """Commands in running text and in lists of commands, where values may be left out."""
    text = document.read_text(encoding="utf-8")
    yield from re.findall(r"`(weir [a-z][^`]*)`", text)
    for code in blocks(document, "text"):
        yield from re.findall(r"(?m)^(weir [a-z].*)", code)


def command(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command, or a command's own, that a line names; and the rest of the line."""
    name, *rest = words
    assert (TOP / "monitor" / "cli" / f"{name}.py").is_file(), f"there is no command 'weir {name}'"
    found: click.Command = import_module(f"monitor.cli.{name}").command
    while isinstance(found, click.Group) and rest:
        inner = found.get_command(click.Context(found), rest[0])
        assert inner, f"'weir {name}' has no '{rest[0]}'"
        found, rest = inner, rest[1:]
    return found, rest


@documents
def test_commands_to_paste_are_accepted(document: Path):
    for line in typed(document):
        asked, arguments = command(shlex.split(line)[1:])
        parser = asked.make_parser(click.Context(asked))
        _, left, _ = parser.parse_args(arguments)  # raises for an unknown option, or one without its value
        assert not left, f"{line}: too many arguments"


@documents
def test_mentioned_commands_and_options_exist(document: Path):
    for line in mentioned(document):
        asked, _ = command(line.split()[1:])
        known = {option for each in asked.params for option in each.opts} | {"--help"}
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", line.split(" | ")[0])) <= known, line


@documents
def test_make_targets_exist(document: Path):
    targets = set(re.findall(r"(?m)^([a-z]+):", (TOP / "Makefile").read_text(encoding="utf-8")))
    code = "\n".join(
        [*blocks(document, "sh"), *re.findall(r"`(make[^`]*)`", document.read_text(encoding="utf-8"))]
    )
    assert set(re.findall(r"(?m)^make ([a-z]+)", code)) <= targets


def keys(value: Any) -> set[str]:
    """Every key of a JSON value, at any depth."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set(value if isinstance(value, dict) else ()).union(*map(keys, inner))


def test_jq_paths_exist(weir: Weir, shop: Path):
    known = keys(json.loads(weir("run", "--config", str(shop), "--at", TEN_THIRTY, "--json")[1]))
    known |= keys(json.loads(weir("trust", "events", "--config", str(shop), "--json")[1]))
    programs = [
        p for d in DOCUMENTS for p in re.findall(r"jq (?:-\w )?'([^']+)'", d.read_text(encoding="utf-8"))
    ]
    assert len(programs) > 3
    for kind in (TOP / "monitor" / "kinds").glob("*.py"):  # what details hold, whatever the shop measures
        known |= set(re.findall(r'["`]([a-z_0-9]+)["`]', kind.read_text(encoding="utf-8")))
    used = {name for each in programs for name in re.findall(r"\.([a-z_][a-z_0-9]*)", each)}
    assert sorted(name for name in used - known if not name.startswith("day_")) == []


# Links and metrics ------------------------------------------------------------------------------------------


@documents
def test_links_lead_somewhere(document: Path):
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        name, _, heading = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        assert path.exists(), target
        if heading:
            headings = re.findall(r"(?m)^#+ (.+)$", path.read_text(encoding="utf-8"))
            assert heading in map(anchor, headings), target


@documents
def test_metrics_that_are_named_exist(document: Path):
    from tests.test_docs import exposed

    known = {name for family in exposed() for name in family}
    assert set(re.findall(r"\bweir_[a-z_]+\b", document.read_text(encoding="utf-8"))) <= known
