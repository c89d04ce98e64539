"""The first rendering: rules for Prometheus and routes for Alertmanager, from the templates in `alerts/`."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from monitor import names
from monitor.alerting.model import Figure, Sentence
from monitor.alerting.promql import promql, value
from monitor.alerting.rules import Ruled
from monitor.model import MINUTE, SECOND, Severity
from monitor.resources import resource

INTERVAL = MINUTE
"""How often Prometheus evaluates: the shortest interval of a check in most configurations."""


def rule_file(config: Any, ruled: Ruled) -> str:
    """The text of a rule file that promtool accepts; the same for the same configuration."""
    return _template("rules.yaml.j2").render(
        pipeline=config.pipeline,
        digest=config.digest,
        groups=ruled.groups,
        interval=duration(INTERVAL),
        promql=promql,
        quoted=quoted,
        duration=duration,
        sentence=sentence,
        escaped=escaped,
    )


@dataclass(frozen=True, slots=True)
class Edge:
    """A declared upstream check, and one whose tickets it explains."""

    upstream: str
    source_label: str
    check: str
    target_label: str


NOT_EXPLAINED = frozenset({"pii", "consent"})
"""Kinds whose alerts nothing upstream may hold back."""


def routes_file(config: Any) -> str:
    """The text of a configuration that amtool accepts: routes, and who is not told twice."""
    owners = sorted({check.owner for check in config.checks.values() if check.enabled and check.owner})
    return _template("alertmanager.yaml.j2").render(
        pipeline=config.pipeline, owners=owners, edges=list(_edges(config)), quoted=quoted, yaml=quoted
    )


def _edges(config: Any) -> Iterator[Edge]:
    for check in config.checks.values():
        if not check.enabled or check.kind in NOT_EXPLAINED:
            continue
        for name in check.upstream:
            above = config.checks[name]
            if above.enabled and above.severity == Severity.PAGE:
                yield Edge(name, _label(above), check.name, _label(check))


def _label(check: Any) -> str:
    return names.SLO if check.slo else names.CHECK


def _template(name: str) -> Any:
    """Text that is not HTML, from files of our own: what comes from outside is quoted where it stands."""
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)
    return environment.from_string(resource("alerts", name).read_text(encoding="utf-8"))


def quoted(text: str) -> str:
    """A text as YAML reads it back, whatever is in it: YAML takes JSON's strings."""
    return json.dumps(text, ensure_ascii=False)


def duration(micros: int) -> str:
    """A duration as Prometheus writes it: `90s`, `5m`, `1h30m`."""
    seconds = -(-micros // SECOND)
    parts = ((seconds // 3600, "h"), (seconds % 3600 // 60, "m"), (seconds % 60, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def escaped(text: str) -> str:
    """A text that Prometheus expands to itself: its templates begin with two braces."""
    return text.replace("{{", '{{ "{{" }}')


_SHOWN = {
    "percent": "humanizePercentage",
    "count": 'printf "%.0f"',
    "number": "humanize",
    "duration": "humanizeDuration",
}


def sentence(said: Sentence) -> str:
    """A sentence as a template of Prometheus's, which looks the numbers up when the alert is raised."""
    return "".join(_figure(part) if isinstance(part, Figure) else escaped(part) for part in said)


def _figure(figure: Figure) -> str:
    query = quoted(value(figure.of))
    shown = f"{{{{ . | first | value | {_SHOWN[figure.shown]} }}}}"
    return f"{{{{ with query {query} }}}}{shown}{{{{ else }}}}?{{{{ end }}}}"
