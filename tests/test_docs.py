"""The pages in docs/ are written from the code: `make docs` rewrites them, these tests hold them to it."""

import re
from collections.abc import Callable, Iterable, Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from monitor import exporter, kinds, names
from monitor.config.check import FILLED, Check, Snooze
from monitor.config.composites import Composite
from monitor.config.dashboard import Dashboard, Login
from monitor.config.dataset import Dataset
from monitor.config.expect import Anomaly, Change, Stretch, Trend
from monitor.config.links import Links
from monitor.config.pipeline import ChecksFile, Pipeline
from monitor.config.probes import Probe, Sending
from monitor.config.replays import Replay, Resend
from monitor.config.routes import Route
from monitor.config.serve import Serve, Tls
from monitor.config.slo import Alerts, Slo
from monitor.config.source import Source
from monitor.config.tests import Expected, Test
from monitor.grammar import show_duration
from monitor.simulate.shop import CONFIG

HEAD = "<!-- Written from the code by `make docs`. -->\n"
Schema = dict[str, Any]


def test_kinds(golden: Callable[[str, str], None]):
    golden("../docs/kinds.md", kinds_page())


def test_configuration(golden: Callable[[str, str], None]):
    golden("../docs/configuration.md", configuration_page())


def test_metrics(golden: Callable[[str, str], None]):
    golden("../docs/metrics.md", metrics_page())


def test_every_name_is_a_family():
    assert {value for value in vars(names).values() if str(value).startswith("weir_")} == set(
        exporter.FAMILIES
    )


@pytest.mark.parametrize("page", ["kinds", "configuration", "metrics"])
def test_tables_are_whole(page: str):
    lines = (Path(__file__).parents[1] / "docs" / f"{page}.md").read_text(encoding="utf-8").splitlines()
    bars = [len(re.findall(r"(?<!\\)\|", line)) for line in lines if line.startswith("|")]
    assert bars
    assert set(bars) == {5}


# Kinds ------------------------------------------------------------------------------------------------------


def kinds_page() -> str:
    """docs/kinds.md: what each kind's file says, its parameters, and a check of the demonstration."""
    intro = """
        # Kinds of check

        A check names its `kind:`. These are the parameters of each, beside
        [those that all have](configuration.md#checks). The examples are checks of `make demo`.
        """
    return "\n".join([HEAD, cleandoc(intro), *(_kind(kinds.load(name)) for name in kinds.names()), ""])


def _kind(kind: Any) -> str:
    title, _, text = cleandoc(kind.doc).partition("\n\n")
    schema = kind.Params.model_json_schema()
    stage = f"Unit: {kind.unit or 'as its parameters say'}. Stage, unless a check says another: {kind.stage}."
    tables = [_table(schema)] if schema.get("properties") else []
    for name, each in schema.get("$defs", {}).items():
        said = each["description"]
        tables += [f"`{name.lower()}`: {said[0].lower()}{said[1:]}", _table(each)]
    example = next((f"```yaml\n{each}```" for each in _checks() if f"kind: {kind.name}\n" in each), "")
    return "\n\n".join(filter(None, [f"\n## {kind.name}", title, text, stage, *tables, example]))


def _checks() -> Iterator[str]:
    """Each check of the demonstration as it is written there, its indentation taken back."""
    for found in re.finditer(r"(?m)^  [\w-]+:\n(?:    .*\n)+", CONFIG.partition("\nchecks:\n")[2]):
        yield re.sub(r"(?m)^  ", "", found[0])


# Configuration ----------------------------------------------------------------------------------------------

CHANGE = """`change:` of a check: its value against that of another window, of the total and of every
segment. Bounds are relative: `"> 20%"` is a rise, `"< -20%"` a fall, `"outside -20%..20%"` both. Without
that window, or with nothing in it, it is silent, and the detail says so."""
ANOMALY = """`anomaly:` of a check: its total's value against what its season lets expect. The level of
each hour of the week is a median, drawn towards that of the hour of the day where weeks are few; one
robust scale (Qn) is shared by all, and the threshold is a conformal one that adapts to how often it was
exceeded. Windows that failed or were anomalous are left out of what is learnt, unless that lasted for
three days. Its history comes from rollups, read from the source where they are missing; a window shorter
than an hour is judged by the hour that ends with it.

With `with:` a bound has to break too: `with: "< 100"`, or `with: fail` for the check's own `fail`, which
then no longer breaks alone."""
TREND = """`trend:` of a check: whether the days of its total fall or rise, without their weekdays' effect
(Mann and Kendall's test, corrected for days that resemble the ones before). It warns and never fails."""
TESTS = """`tests:` of a check, a list: rows and what they should give, run by `weir test` on DuckDB. A
row may say `$repeat: 60` and `$every: 1m`: so many rows, their times so far apart, with `{i}` in texts
counting from 0. Rows without an event time happen in the window that is read; columns may be Weir's
words. A value with three decimals or more agrees where it rounds to them."""
ROUTES = """`routes: {page: {…}, ticket: {…}, OWNER: {…}, heartbeat: ADDRESS}`. With a route `weir serve`
tells
people by itself; without any, alerts are only recorded. Pages go to `page` (else to their owner,
else with the tickets), tickets to their owner's route, else to `ticket`. `quiet` has days, hours or
both, and a time zone (else UTC): `"sat,sun"`, `"mon-fri 18:00-08:00 Europe/Zurich"`; what still
goes on afterwards is told then. `heartbeat` is asked each minute while alerts are evaluated and
what they say arrives. Alertmanagers group, wait and repeat by themselves: `group_by`, `group_wait`,
`group_interval` and `repeat` are for Apprise."""

DASHBOARD = """`dashboard:` at the top: who may open the pages, and who may do something there. Roles come
from the groups and the verified address of a login; each may do what the ones before it may. A change of
somebody's groups counts from their next login on. Without a login the pages stay on this machine, where
everybody may look, and with `weir dashboard --operator` do everything."""

COMPOSITES = """`alerts: {NAME: {…}}`, with one of `all`, `any` and `not`, which nest:
`any: [a, {all: [b, {not: c}]}]`. They name checks alone, so there are no circles. A check counts while it
fails or its budget burns, for a page or a ticket; one that is switched off does not fail."""

SLO = """`slo:` of a check: a service level objective. Its budget is the share that may be bad.

What is counted are the rows that the kind counts as good or not. With `budgeting: timeslices`, and for every
kind that counts none, it is slices of time: a slice is good where its good share reaches `slice_target`, or
where the check did not fail in it; one without rows or readings is not counted. A calendar month runs from
midnight to midnight of `timezone`, and what is said of it is said of the month so far. An objective over
another length than 7d, 28d, 30d, 90d or a month has no burn windows: it needs
`alerts: {page: false, ticket: false}`."""

PROBES = "`probes:` at the top: synthetic events that are sent through the pipeline ([replay.md](replay.md))."

SECTIONS: tuple[tuple[str, str, type[BaseModel], frozenset[str]], ...] = (
    ("The top", "The keys of `weir.yaml`.", Pipeline, frozenset()),
    (
        "sources",
        "`sources: {NAME: {…}}`. A DuckDB over files or a database file, or a PostgreSQL server.",
        Source,
        frozenset({"name"}),
    ),
    (
        "datasets",
        "`datasets: {NAME: {…}}`. What is measured: one of `files`, `table` and `query`.",
        Dataset,
        frozenset({"name"}),
    ),
    ("replay", "`replay:` of a dataset: its raw log, and one of `query` and `command`.", Replay, frozenset()),
    ("resend", "`resend:` of a dataset of dead letters.", Resend, frozenset()),
    (
        "checks",
        "`checks: {NAME: {…}}`. Each kind's own parameters are in [kinds.md](kinds.md).",
        Check,
        FILLED,
    ),
    ("change", CHANGE, Change, frozenset()),
    ("anomaly", ANOMALY, Anomaly, frozenset()),
    ("exclude", "`exclude:` of `anomaly:`, a list of stretches: past incidents.", Stretch, frozenset()),
    ("trend", TREND, Trend, frozenset()),
    ("slo", SLO, Slo, frozenset()),
    ("alerts of an objective", "`alerts:` of `slo:`: who is told.", Alerts, frozenset()),
    ("snooze", "`snooze:` of a check: measured, but silent, until then.", Snooze, frozenset()),
    ("tests", TESTS, Test, frozenset()),
    ("expect", "`expect:` of a test, where it is more than an outcome.", Expected, frozenset()),
    ("alerts", COMPOSITES, Composite, frozenset({"name"})),
    ("probes", PROBES, Probe, frozenset({"name"})),
    ("send", "`send:` of a probe: one of `command`, `file`, `table` and `http`.", Sending, frozenset()),
    ("links", "`links:` at the top: where alerts lead to.", Links, frozenset()),
    ("dashboard", DASHBOARD, Dashboard, frozenset()),
    (
        "login",
        "`login:` of `dashboard:`: OpenID Connect, with what the provider gives out.",
        Login,
        frozenset(),
    ),
    ("routes", ROUTES, Route, frozenset({"name"})),
    ("serve", "`serve:` at the top: address, encryption and who may read.", Serve, frozenset()),
    ("tls", "`tls:` of `serve:`: files in PEM.", Tls, frozenset()),
    ("Files under checks/", "In a folder, beside its `weir.yaml`.", ChecksFile, frozenset()),
)

WORDS = """
    # Configuration

    One file, or a folder with a `weir.yaml` and `checks/**/*.yaml`. It is YAML 1.2 and closed: an unknown key
    is an error. `weir schema` prints the same for editors, as JSON Schema.

    - A *duration* is written `90s`, `10m`, `2h`, `1h30m`, `7d` or `4w`; a *share* `99.9%` or `0.999`; a
      *size* `500MB` or `10GiB`. A *bound* says when a value is bad: `"> 5%"`, `"<= 3"`, `"> 5s"` or
      `"outside 5%..15%"`.
    - `${NAME}` and `${NAME:-default}` come from the environment, `${file:/run/secrets/x}` from a file; no
      message shows what they hold. `$${` is a plain `${`.
    - SQL is that of the source's engine: one expression or one SELECT, parsed when the file is read, held
      against the table by `weir plan`. Inside `{…}` quote it when it has a comma.
    - Relative paths start from the folder of `weir.yaml`.
    - `severity`, `upstream` and `snooze` steer alerts and who is told of them, by Alertmanager's routes that
      `weir rules` writes and by `routes:` alike.
    """


def configuration_page() -> str:
    """docs/configuration.md: every key of every section, from the models."""
    parts = [f"{HEAD}\n{cleandoc(WORDS)}\n"]
    for title, said, model, hidden in SECTIONS:
        schema = model.model_json_schema()
        shown = {key: each for key, each in schema["properties"].items() if key not in hidden}
        parts.append(f"## {title}\n\n{said}\n\n{_table({**schema, 'properties': shown})}\n")
    return "\n".join(parts)


def _table(schema: Schema) -> str:
    required = schema.get("required", ())
    rows = [_row(key, each, key in required) for key, each in schema["properties"].items()]
    return _lines(("key", "written as", "default", "what it is"), rows)


def _row(key: str, schema: Schema, required: bool) -> tuple[str, str, str, str]:
    said, _, told = schema.get("description", "").partition("; default: ")
    default = "required" if required else told or _default(schema)
    return f"`{key}`", _form(schema), default, said


def _default(schema: Schema) -> str:
    value = schema.get("default")
    if value in (None, "", [], {}) or isinstance(value, dict | list | tuple):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    ways = [schema, *schema.get("anyOf", [])]
    return (
        f"`{show_duration(value)}`" if any(way.get("x-weir") == "duration" for way in ways) else f"`{value}`"
    )


def _form(schema: Schema) -> str:
    """How a value is written, in a word or two."""
    ways = [way for way in schema.get("anyOf", [schema]) if way.get("type") != "null"]
    return " or ".join(dict.fromkeys(_way(way) for way in ways))


_EXAMPLES = {
    "10m": "duration",
    "24h": "duration",
    "0s": "duration",
    "-10m": "duration",
    "99.9%": "share",
    "> 5%": "bound",
    "10GB": "size",
    "28d": "duration",
    "22:00-06:00": "stretch of the week",
}
"""Words of the page for values that the schema describes by an example."""
_TYPES = {
    "string": "text",
    "integer": "number",
    "number": "number",
    "array": "list",
    "boolean": "true, false",
    "object": "keys",
}


def _way(way: Schema) -> str:
    if "anyOf" in way:
        return _form(way)
    if "enum" in way:
        return ", ".join(f"`{word}`" for word in way["enum"])
    if "examples" in way:
        return _EXAMPLES[way["examples"][0]]
    kinds = way.get("type", "object")
    return " or ".join(_TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _lines(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    whole = [tuple(titles), *([tuple("---" for _ in tuple(titles))]), *map(tuple, rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in whole)


# Metrics ----------------------------------------------------------------------------------------------------

_SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
_INFOS = {
    names.BUILD: (names.VERSION,),
    names.CONFIG: (names.HASH,),
    names.SLO_INFO: (names.STAGE, names.OWNER, names.SEVERITY),
}


def exposed() -> list[tuple[str, ...]]:
    """The names of the series of each family, as /metrics has them."""
    return [
        tuple(name + suffix for suffix in _SUFFIXES.get(_type(name), ("",))) for name in exporter.FAMILIES
    ]


def _type(name: str) -> str:
    made = exporter.FAMILIES[name].make(name.removesuffix("_info"), "x", labels=("x",))
    return "gauge" if made.type == "info" else made.type


def metrics_page() -> str:
    """docs/metrics.md: every family, in the order in which they are kept when there are too many."""
    intro = """
        # Metrics

        What `weir serve` shows under `/metrics`, in the text format and in OpenMetrics. Every series carries
        `pipeline` as well. Gauges speak of event time up to the settled instant; counters of publication, and
        never go back. What is not known is absent, never 0. Times are seconds since 1970, not ages. No label
        ever holds SQL or the text of an error. Where there would be more series than `serve.max_series`, the
        last ones here are left out first.
        """
    rows = [
        (
            ", ".join(f"`{name}`" for name in series),
            _type(family),
            ", ".join((*exporter.FAMILIES[family].labels, *_INFOS.get(family, ()))),
            exporter.FAMILIES[family].says,
        )
        for family, series in zip(exporter.FAMILIES, exposed(), strict=True)
    ]
    return f"{HEAD}\n{cleandoc(intro)}\n\n{_lines(('metric', 'type', 'labels', 'says'), rows)}\n"
