"""`weir runbook`: what a name means, what is filled in, and that every command of every runbook runs."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor import config
from monitor.binding.sources import Sources
from monitor.config.runbooks import packaged
from monitor.iso import iso
from monitor.model import MINUTE, Outcome
from monitor.runbook.lookup import ALERTS, Asked, opened
from monitor.runbook.text import PLACES, read
from monitor.shown.since import episode
from monitor.shown.situation import md
from monitor.store import open_store
from monitor.tick import tick
from tests.standings import stored

TOP = Path(__file__).resolve().parents[2]
TEN = 1_763_632_800_000_000
"""2025-11-20T10:00:00Z."""
YAML = """
pipeline: shop
owner: data team
sources: {lake: {engine: duckdb}}
use: governance
datasets:
  events: {files: rows.csv, time: at, key: id, lateness: 1m}
checks:
  baskets:
    {kind: ratio, dataset: events, good: ok = 'y', by: [region], window: 5m, fail: "< 99%", upstream: [rows],
     slo: {objective: 99%, window: 7d}}
  rows: {kind: volume, dataset: events, window: 5m, fail: "< 1"}
  gone: {kind: ratio, dataset: events, good: nonesuch = 'y', window: 5m, fail: "< 99%"}
  elsewhere: {kind: ratio, dataset: events, good: ok = 'y', fail: "< 1%", runbook: "https://wiki.example.org/x"}
alerts:
  both: {all: [baskets, rows], severity: ticket}
"""
Weir = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An hour of rows of which each tenth is bad from half past nine on, measured by a tick a minute."""
    folder = tmp_path_factory.mktemp("shop")
    rows = [
        f"e{n},2025-11-20T09:{n // 10:02}:{n % 10 * 6:02}Z,{'n' if n > 300 and n % 10 == 0 else 'y'},eu"
        for n in range(600)
    ]
    (folder / "rows.csv").write_text("\n".join(["id,at,ok,region", *rows]) + "\n")
    (folder / "weir.yaml").write_text(YAML)
    loaded = config.load(folder / "weir.yaml")
    store = open_store(loaded.store)
    with Sources(loaded) as sources:
        for minute in (-40, -30, -20, -10, 0):
            tick(loaded, store, sources, TEN + minute * MINUTE)
    store.close()
    return folder


@pytest.fixture
def weir(shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Weir:
    monkeypatch.setenv("WEIR_CONFIG", str(shop / "weir.yaml"))

    def call(*arguments: str) -> tuple[int, str, str]:
        from monitor.cli import main

        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


@pytest.fixture
def page(shop: Path) -> Any:
    """Opens a runbook as it was at ten."""
    loaded = config.load(shop / "weir.yaml")
    store = open_store(loaded.store)

    def call(name: str, **about: str):
        return opened(loaded, store, Asked(name, **about), TEN, "a folder/weir.yaml", iso)

    yield call
    store.close()


# What a name means ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, about, runbook, check, alert",
    [
        ("baskets", {}, "ratio", "baskets", ""),
        ("volume", {}, "volume", "rows", ""),
        ("volume", {"check": "baskets"}, "volume", "baskets", ""),
        ("BudgetBurn", {}, "ratio", "baskets", "BudgetBurn"),
        ("budget-burn", {"check": "baskets"}, "ratio", "baskets", "BudgetBurn"),
        ("CheckFailing", {"check": "rows"}, "volume", "rows", "CheckFailing"),
        ("CheckError", {}, "check-error", "gone", "CheckError"),
        ("checkerror", {"check": "rows"}, "check-error", "rows", "CheckError"),
        ("CheckAnomalous", {}, "check-anomalous", "", "CheckAnomalous"),
        ("WatermarkLag", {"dataset": "events"}, "watermark-lag", "", "WatermarkLag"),
        ("Watchdog", {}, "watchdog", "", "Watchdog"),
        ("both", {}, "composite", "baskets", "Composite"),
        ("elsewhere", {}, "ratio", "elsewhere", ""),
    ],
)
def test_a_name_leads_to_its_runbook(
    page: Any, name: str, about: dict[str, str], runbook: str, check: str, alert: str
):
    found = page(name, **about)
    declared = found.situation.check
    assert (found.runbook.name, declared.name if declared else "", found.alert) == (runbook, check, alert)


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_opens(page: Any, alert: str):
    text = page(alert).markdown(iso)
    assert text.startswith("# ")
    assert "{{" not in text


@pytest.mark.parametrize(
    "arguments, hint",
    [
        (("BudgetBrun",), "did you mean 'BudgetBurn'?"),
        (("basket",), "did you mean 'baskets'?"),
        (("BudgetBurn", "--check", "basket"), "there is no check 'basket' (did you mean 'baskets'?)"),
        (("WatermarkLag", "--dataset", "event"), "there is no dataset 'event' (did you mean 'events'?)"),
        (("../weir",), "there is no check, alert or runbook '../weir'"),
        (("consent-of-signals",), "is off: there is no dataset 'signals' (weir runbook consent opens its"),
        (("CheckError", "--check", "consent-of-signals"), "the check 'consent-of-signals' is off: "),
    ],
)
def test_what_is_misspelt_is_told(weir: Weir, arguments: tuple[str, ...], hint: str):
    code, _, said = weir("runbook", *arguments)
    assert code == 2
    assert hint in said


# What is filled in ------------------------------------------------------------------------------------------


def test_it_shows_what_is_known_now(page: Any):
    text = page("BudgetBurn").markdown(iso)
    now = dict(re.findall(r"(?m)^\| ([\w ]+) \| (.*) \|$", text))
    said = "**✗ baskets: fail is < 99%; burns 6.22× over 30m and 6h, page above 3.5×"
    assert text.startswith(f"# ratio: too few rows are good\n\n{said}")
    assert now["bounds"] == "fail is < 99%"
    assert now["since"].startswith("09:31, 29")
    assert now["budget"].startswith("99% over 7d: ")
    assert "1h " in now["burn rates"]
    assert now["worst"].startswith("region = eu 90.00% of ")
    assert now["upstream"] == "rows pass"
    assert now["dataset"].startswith("events: newest row ")
    assert now["owner"] == "data team"
    assert "> **BudgetBurn**: An objective allows a share of bad events" in text


def test_commands_are_ready_to_paste(page: Any):
    lines = page("baskets").runbook.commands
    assert lines[0] == "export WEIR_CONFIG='a folder/weir.yaml'"
    assert any(line.startswith("weir run --check baskets --at 2025-11-20T09:40:00Z") for line in lines)
    (restate,) = [line for line in lines if "backfill" in line]
    _, _, _, start, _, end, _ = shlex.split(restate)
    assert start < "2025-11-20T09:40:00Z" < end <= "2025-11-20T10:00:00Z"


def test_a_runbook_elsewhere_is_named(page: Any):
    assert "> The check's own runbook: <https://wiki.example.org/x>" in page("elsewhere").markdown(iso)


def test_without_a_check_words_in_capitals_stand_for_it(page: Any):
    found = page("check-anomalous")
    assert "weir explain CHECK" in found.runbook.text
    assert "> CHECK stands for the name of a check" in found.markdown(iso)
    assert "CHECK" not in page("CheckFailing").markdown(iso)


@pytest.mark.parametrize("name", ["check-anomalous", "rows", "abandonment", "baskets"])
def test_the_stretch_to_restate_is_never_empty(page: Any, name: str):
    (restate,) = [line for line in page(name).runbook.commands if "backfill" in line] or [""]
    start, end = re.findall(r"--(?:from|to) (\S+)", restate) or ["2025", "2026"]
    assert start < end


def test_a_composite_opens_with_its_most_urgent_check(page: Any):
    text = page("both").markdown(iso)
    assert "**✗ baskets: " in text
    assert "> Its other checks are rows." in text
    assert "weir runbook baskets" in text


def test_without_a_dataset_all_are_shown(page: Any):
    assert "| dataset | events: newest row " in page("WatermarkLag").markdown(iso)


def test_every_place_is_filled_in_for_a_check(page: Any, shop: Path):
    (shop / "runbooks").mkdir(exist_ok=True)
    (shop / "runbooks" / "all.md").write_text("\n".join(f"{{{{{name}}}}}" for name in PLACES))
    assert "{{" not in page("all", check="baskets").runbook.text


@pytest.mark.parametrize(
    "text", ["a|b", "`x`", "*x*", "[x](javascript:1)", "<b>x</b>", "a\nb", "\\", "_x_", "a_b"]
)
def test_what_comes_from_data_is_shown_as_it_is(text: str):
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(f"| a |\n|---|\n| {md(text)} |\n")
    assert set(re.findall(r"<(\w+)", html)) == {"table", "thead", "tr", "th", "tbody", "td"}


def test_the_trouble_begins_with_the_first_reading_that_did_not_pass():
    outcomes = [Outcome.FAIL, Outcome.PASS, Outcome.WARN, Outcome.NO_DATA, Outcome.FAIL]
    past = [stored(each, at / 10) for at, each in enumerate(outcomes)]
    found = episode(past)
    assert found is not None
    assert (found.first, found.last, found.goes_on) == (past[2], past[4], True)
    found = episode([*past, stored(Outcome.PASS)])
    assert found is not None
    assert not found.goes_on
    assert episode([stored(Outcome.PASS)]) is None


# The command ------------------------------------------------------------------------------------------------


def test_as_json(weir: Weir):
    code, printed, _ = weir("runbook", "baskets", "--json")
    found = json.loads(printed)
    assert code == 0
    assert (found["runbook"], found["check"]) == ("ratio", "baskets")
    assert found["sections"][0]["title"] == "What it means"
    assert found["now"]["check"]["slo"]["objective"] == 0.99
    assert found["now"]["upstream"] == [{"check": "rows", "outcome": "pass"}]
    assert found["now"]["since"] == "2025-11-20T09:31:00Z"
    assert found["commands"][0].startswith("export WEIR_CONFIG=")


def test_every_key_is_documented(weir: Weir):
    readme = (TOP / "runbooks" / "README.md").read_text(encoding="utf-8")
    found = json.loads(weir("runbook", "baskets", "--json")[1])
    assert sorted(key for key in {*found, *found["now"]} if f"`{key}`" not in readme) == []


def test_in_a_pipe_it_is_markdown(weir: Weir):
    code, printed, _ = weir("runbook", "baskets")
    assert code == 0
    assert "## First five minutes\n\n```sh\n" in printed
    assert "\x1b" not in printed


def test_without_a_name_it_lists_what_calls_for_one(weir: Weir):
    code, printed, _ = weir("runbook")
    lines = printed.splitlines()
    assert code == 0
    assert lines[0].startswith("weir runbook baskets ")
    assert {line.split()[2] for line in lines} >= {"baskets", "gone"}
    assert json.loads(weir("runbook", "--json")[1])["checks"][0]["urgency"] == "page"


OTHERS = ("weir contract diff", "weir serve", "weir rules", "weir probe")


def commands() -> list[str]:
    """Every command of every runbook, once, with its pipes cut off.

    Left out are those that need files or probes of their own, write them, or do not end; tests/test_readme.py
    holds their options.
    """
    shown = {line for name in packaged() for line in read(name, TOP).commands if line.startswith("weir ")}
    lines = {line for line in shown if not line.startswith(OTHERS)}
    return sorted({re.split(r" \| |\s+# ", line)[0].strip() for line in lines})


@pytest.mark.parametrize("line", commands())
def test_every_command_runs(weir: Weir, line: str):
    filled = {"check": "baskets", "dataset": "events", "at": "2025-11-20T10:00:00Z"} | {
        "start": "2025-11-20T09:30:00Z",
        "end": "2025-11-20T09:45:00Z",
    }
    for name, value in filled.items():
        line = line.replace(f"{{{{{name}}}}}", value)
    code, _, said = weir(*shlex.split(line)[1:])
    assert code in ((0, 1, 2, 3) if "doctor" in line or "plan" in line else (0, 1, 3)), said
    assert "Usage:" not in said
    assert "{{" not in line


def test_it_shows_what_went_out_before_and_which_alerts_fire(
    weir: Weir, page: Any, monkeypatch: pytest.MonkeyPatch
):
    from monitor.store import alarms

    assert weir("mark", "model | 7", "--at", "2025-11-20T09:20:00Z", "--author", "ada")[0] == 0
    labels = {"slo": "baskets", "severity": "page", "pipeline": "shop"}
    fires = alarms.Alarm("k", "BudgetBurn", labels, alarms.FIRING, fired_at=TEN, onset=TEN - 25 * MINUTE)
    calm = alarms.Alarm("l", "CheckStale", labels, alarms.INACTIVE, fired_at=TEN)
    other = alarms.Alarm("m", "CheckError", {"check": "gone"}, alarms.FIRING, fired_at=TEN)
    monkeypatch.setattr(alarms, "stored", lambda *_: {each.key: each for each in (fires, calm, other)})
    text = page("baskets").markdown(iso)
    assert r"| went out | 09:20 model \| 7 |" in text
    assert "| fires | BudgetBurn (page) since 10:00 |" in text
    assert "| since | 09:35, 25" in text


def test_a_broken_configuration_keeps_nobody_from_reading(weir: Weir, tmp_path: Path):
    (tmp_path / "weir.yaml").write_text("pipelin: shop\n")
    code, printed, said = weir("runbook", "ConfigNotLoaded", "--config", str(tmp_path / "weir.yaml"))
    assert code == 0
    assert printed.startswith("# config-not-loaded: ")
    assert "unknown key 'pipelin'" in said
    assert weir("runbook", "--config", str(tmp_path / "weir.yaml"))[0] == 2
    assert weir("runbook", "nonesuch", "--config", str(tmp_path / "weir.yaml"))[0] == 2
