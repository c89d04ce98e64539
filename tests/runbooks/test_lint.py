"""Runbooks, alerts and packs belong together: nothing named is missing, nothing written is in vain."""

import re
from pathlib import Path
from typing import Any

import pytest

from monitor import config, kinds
from monitor.alerting.rules import links_of, rules
from monitor.alerting.sentences import RUNBOOKS
from monitor.config import packs
from monitor.config.runbooks import packaged
from monitor.discover.words import ROLES
from monitor.runbook.lookup import ALERTS, CHECKS_OWN, kebab
from monitor.runbook.text import PLACES, SECTIONS, UNSAFE, Runbook, filled, misshapen, problems, read

TOP = Path(__file__).resolve().parents[2]
NAMES = packaged()
MEASURED = sorted(set(NAMES) - set(RUNBOOKS.values()))
PACKAGED = sorted({(pack, name) for pack in packs.names() for name in packs.sections(pack)})

each = pytest.mark.parametrize("name", NAMES)


def runbooks_of(pack: str, name: str) -> set[str]:
    """What a packaged check names, in every variant; its kind's where it names none."""
    data = packs.sections(pack)[name]
    variants = [data | variant for variant in data.get("either", [{}])]
    return {variant.get("runbook", variant.get("kind", "")) for variant in variants}


@each
def test_it_has_the_one_shape_and_only_known_places(name: str):
    assert problems(read(name, TOP)) == []


@each
def test_it_begins_with_its_name_and_keeps_to_a_screen(name: str):
    runbook = read(name, TOP)
    assert runbook.title.startswith(f"{name}: ")
    assert len(runbook.text.splitlines()) <= 100
    assert max(map(len, runbook.text.splitlines())) <= 200


@each
def test_its_first_command_says_which_configuration(name: str):
    first = next(section for section in read(name, TOP).sections if section.title == SECTIONS[2])
    assert first.body.split("```sh\n")[1].startswith("export WEIR_CONFIG={{config}}\n")
    assert "\nweir " in first.body


@pytest.mark.parametrize("name", MEASURED)
def test_of_what_a_check_measures_it_shows_how_to_look_and_how_to_verify(name: str):
    runbook = read(name, TOP)
    assert "weir explain {{check}}" in runbook.text
    assert "weir run --check {{check}}" in runbook.text.split("## Verify")[1]


@pytest.mark.parametrize("pack, name", PACKAGED)
def test_packaged_checks_name_runbooks_that_exist(pack: str, name: str):
    assert runbooks_of(pack, name) <= set(NAMES)


def test_every_alert_about_weir_itself_has_its_runbook():
    assert set(RUNBOOKS.values()) <= set(NAMES)
    for alert, runbook in RUNBOOKS.items():
        assert runbook == re.sub(r"(?<!^)(?=[A-Z])", "-", alert).lower()


def test_every_place_is_used_and_explained():
    text = "".join(read(name, TOP).text for name in NAMES)
    readme = (TOP / "runbooks" / "README.md").read_text(encoding="utf-8")
    for name, meaning in PLACES.items():
        assert f"| `{{{{{name}}}}}` | {meaning} |" in readme
    assert {"check", "at", "start", "end", "config"} <= set(re.findall(r"\{\{(\w+)\}\}", text))
    assert set(PLACES) >= UNSAFE


# The lint itself --------------------------------------------------------------------------------------------

WHOLE = "# x: y\n" + "".join(f"\n## {title}\n\ntext\n" for title in SECTIONS)


def of(text: str, own: bool = False) -> list[str]:
    return [str(fault) for fault in problems(Runbook("x", text, own))]


def test_a_whole_one_has_no_faults():
    assert of(WHOLE) == []


@pytest.mark.parametrize(
    "text, fault",
    [
        (WHOLE.removeprefix("# x: y\n\n"), "it begins with no title: '# name: what is wrong'"),
        (WHOLE.replace("## Fix\n\ntext\n", ""), "the section 'Fix' is missing"),
        (WHOLE.replace("## Fix\n\ntext", "## Fix\n"), "the section 'Fix' is empty"),
        (WHOLE + "\n## Notes\n\ntext\n", "no runbook has a section 'Notes'"),
        (
            WHOLE.replace("## Fix", "## F").replace("## Verify", "## Fix").replace("## F\n", "## Verify\n"),
            "its sections are out of order: " + ", ".join([*SECTIONS[:4], "Verify", "Fix", "Prevent"]),
        ),
        (WHOLE + "{{chekc}}\n", "runbooks/x.md:30: nothing fills in '{{chekc}}' (did you mean 'check'?)"),
        (
            WHOLE + "{{check.name}}\n",
            "runbooks/x.md:30: only names may stand in double braces, such as {{check}}",
        ),
        (
            WHOLE + "{{ check | upper }}\n",
            "runbooks/x.md:30: only names may stand in double braces, such as {{check}}",
        ),
        (WHOLE + "{% for x in y %}{% endfor %}\n", "only names may stand"),
        (WHOLE + "a {{ b\n", "runbooks/x.md:30: unexpected end of template"),
        (WHOLE + "```sh\nmail {{owner}}\n```\n", "'{{owner}}' is not safe in a command: mail {{owner}}"),
    ],
)
def test_a_fault_is_named_with_its_line(text: str, fault: str):
    (found,) = of(text)
    assert fault in found


def test_a_heading_in_a_code_block_is_none():
    assert misshapen(Runbook("x", WHOLE.replace("text", "```sh\n## Not a heading\n```", 1))) == []


def test_a_users_own_may_have_another_shape_but_no_unknown_places():
    assert of("Call Ada.\n", own=True) == []
    assert of("Call {{ada}}.\n", own=True) == ["runbooks/x.md:1: nothing fills in '{{ada}}'"]


def test_places_are_filled_in_and_unknown_ones_stay():
    text = "weir run --check {{check}} {{ at }} {{other}} {'a': 1} {% raw %}{{check}}{% endraw %}\n"
    assert filled(Runbook("x", text), {"check": "loss", "at": "now"}).text == (
        "weir run --check loss now {{ other }} {'a': 1} {{check}}\n"
    )


@pytest.mark.parametrize(
    "text", ["{{ ''.__class__ }}", "{{ range(10) }}", "{% include 'x' %}", "{{ check", "{% set a = 1 %}{{a}}"]
)
def test_a_text_that_cannot_be_rendered_is_shown_raw(text: str):
    assert filled(Runbook("x", text), {"check": "loss"}).text == text


def test_what_is_filled_in_is_not_rendered_again():
    assert filled(Runbook("x", "{{check}}"), {"check": "{{at}}", "at": "no"}).text == "{{at}}"


# From symptoms to runbooks ----------------------------------------------------------------------------------


def table(first: str) -> list[dict[str, str]]:
    """The rows of the table of README.md whose first id begins so, by column."""
    text = (TOP / "runbooks" / "README.md").read_text(encoding="utf-8")
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if "|" in line]
    heads = [cells for cells in lines if cells[0] == "id"]
    found = [cells for cells in lines if re.match(first, cells[0])]
    head = next(head for head in heads if len(head) == len(found[0]))
    return [dict(zip(head, cells, strict=True)) for cells in found]


MX = table(r"MX-\d+$")
FAILURES = table(r"(IF|RC)-F\d+$")
CHECKS = {name: pack for pack, name in PACKAGED}


def linked(row: dict[str, str]) -> set[str]:
    found = re.findall(r"\[([\w-]+)\]\(([\w-]+)\.md\)", row["runbook"])
    assert found
    assert all(name == target for name, target in found)
    return {name for name, _ in found}


def test_symptoms_are_numbered_without_a_gap():
    assert [row["id"] for row in MX] == [f"MX-{number}" for number in range(1, 50)]


@pytest.mark.parametrize("row", [*MX, *FAILURES], ids=lambda row: row["id"])
def test_a_symptom_leads_to_checks_and_runbooks_that_exist(row: dict[str, str]):
    said = row.get("check", row.get("checks", ""))
    names = set(re.findall(r"`([\w-]+)`", said)) - {"min_age"}
    checks, others = names & set(CHECKS), names - set(CHECKS)
    assert others <= set(kinds.names()) | set(ALERTS) | {"Composite", "Explained"}
    assert checks or others or said.startswith("none: ")
    assert linked(row) <= set(NAMES)
    for name in checks:  # the runbook that its alert opens is among those of the row
        assert runbooks_of(CHECKS[name], name) & linked(row), name
    for name in others & set(kinds.names()):
        assert name in linked(row)


def test_failures_are_those_that_the_packs_are_tagged_with():
    tagged: dict[str, set[str]] = {}
    for pack, name in PACKAGED:
        for tag in packs.sections(pack)[name].get("tags", ()):
            tagged.setdefault(tag, set()).add(name)
    for row in FAILURES:
        assert set(re.findall(r"`([\w-]+)`", row["checks"])) == tagged[row["id"]]
    assert {row["id"] for row in FAILURES} == {tag for tag in tagged if re.match(r"(IF|RC)-F", tag)}


def test_symptoms_and_causes_are_those_of_the_sources(shared_data: Path):
    seeds = shared_data.parent / "seeds"
    text = "".join((seeds / name).read_text() for name in ("implicit-feedback.md", "recommendation.md"))
    pattern = r"(?m)^- (?:Symptom|Observability pitfall): (.*?) -> Root cause: (.*?) -> Fix"
    assert [(row["symptom"], row["cause"]) for row in MX] == re.findall(pattern, text)


# Nothing in vain --------------------------------------------------------------------------------------------


def test_no_runbook_is_an_orphan():
    named = {runbook for pack, name in PACKAGED for runbook in runbooks_of(pack, name)}
    assert set(NAMES) == named | set(kinds.names()) | {kebab(alert) for alert in ALERTS}


def test_alerts_of_every_packaged_check_lead_to_a_runbook(tmp_path: Path):
    roles = {role for pack, name in PACKAGED for role in roles_of(packs.sections(pack)[name])}
    datasets = "".join(f"  {role}: {{files: x.parquet, time: at, key: id}}\n" for role in sorted(roles))
    path = tmp_path / "weir.yaml"
    path.write_text(
        "pipeline: shop\nowner: team\nsources: {lake: {engine: duckdb}}\n"
        f"use: [{', '.join(packs.names())}]\ndatasets:\n{datasets}"
        "alerts: {both: {all: [ingestion-success, event-volume]}}\n"
    )
    loaded = config.load(path)
    assert set(loaded.checks) == {name for _, name in PACKAGED}
    alerts = rules(loaded, links_of(loaded)).alerts
    assert {alert.name for alert in alerts} <= set(ALERTS)
    for alert in alerts:
        check = alert.labels.get("slo") or alert.labels.get("check") or ""
        own = alert.name in CHECKS_OWN and check in loaded.checks
        wanted = loaded.checks[check].runbook if own else RUNBOOKS[alert.name]
        assert (alert.name, alert.runbook) == (alert.name, wanted)


def roles_of(data: dict[str, Any]) -> set[str]:
    """The datasets that a packaged check reads, in any variant."""
    variants = [data, *data.get("either", [])]
    found = {value for each in variants for value in each.values() if isinstance(value, str)}
    return (found | {role for each in variants for role in each.get("stages", ())}) & set(ROLES)
