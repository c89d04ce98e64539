"""The first rendering: rules for Prometheus and routes for Alertmanager, from the templates in `alerts/`."""

import json
from typing import Any

from monitor import names
from monitor.alerting.inhibition import Matcher, inhibitions, matchers
from monitor.alerting.model import Alert, Figure, Sentence, Worst
from monitor.alerting.promql import promql, value
from monitor.alerting.rules import Ruled
from monitor.alerting.sloth import alert_labels, recordings
from monitor.alerting.terms import Gauge
from monitor.config.links import DASHBOARD, seen
from monitor.model import MINUTE, SECOND
from monitor.resources import resource

INTERVAL = MINUTE
"""How often Prometheus evaluates: the shortest interval of a check in most configurations."""


def rule_file(config: Any, ruled: Ruled, *, sloth: bool = False) -> str:
    """The text of a rule file that promtool accepts; the same for the same configuration.

    With `sloth` it has recording rules of Sloth's names too, and alerts have Sloth's labels beside Weir's.
    """
    return template("rules.yaml.j2").render(
        pipeline=config.pipeline,
        digest=config.digest,
        groups=ruled.groups,
        recordings=recordings(config) if sloth else (),
        more=alert_labels if sloth else _nothing,
        interval=duration(INTERVAL),
        promql=promql,
        quoted=quoted,
        duration=duration,
        sentence=sentence,
        link=link,
    )


def _nothing(alert: Alert) -> dict[str, str]:
    return {}


def routes_file(config: Any) -> str:
    """The text of a configuration that amtool accepts: routes, and who is not told twice."""
    own = {check.owner for check in config.checks.values() if check.enabled}
    owners = sorted({*own, *(each.owner for each in config.composites.values())} - {""})
    return template("alertmanager.yaml.j2").render(
        pipeline=config.pipeline,
        owners=owners,
        rules=inhibitions(),
        here=Matcher(names.PIPELINE, "=", config.pipeline),
        matchers=matchers,
        quoted=quoted,
        yaml=quoted,
    )


def template(name: str) -> Any:
    """A template of `alerts/`: text that is not HTML; what comes from outside is quoted where it stands."""
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


NOW = '{{ with query "time()" }}{{ . | first | value | printf "%.0f" }}{{ end }}'
"""The instant of an evaluation, in seconds since 1970: of templates' data none is a time."""


def link(name: str, url: str) -> str:
    """A link as a template of Prometheus's; one to the pages opens when the alert was last evaluated."""
    return escaped(url) + (seen(url, NOW) if name == DASHBOARD else "")


_SHOWN = {
    "percent": "humanizePercentage",
    "left": "humanizePercentage",
    "count": 'printf "%.0f"',
    "number": 'printf "%.4g"',  # `humanize` makes 250m of a quarter
    "duration": "humanizeDuration",
}


def sentence(said: Sentence) -> str:
    """A sentence as a template of Prometheus's, which looks the numbers up when the alert is raised."""
    return "".join(escaped(part) if isinstance(part, str) else _part(part) for part in said)


def _part(part: Figure | Worst) -> str:
    return _figure(part) if isinstance(part, Figure) else _worst(part)


def _worst(part: Worst) -> str:
    """The segment's labels and share from one query, and its events from another."""
    top = f"topk(1, {value(part.ratio)} and {promql(part.large)})"
    where = '{{ . | first | label "dimension" }} {{ . | first | label "value" }}'
    if part.reading is not None:
        what = f"which reads {_asked(part.reading, top, part.shown)}"
    else:
        what = f"{_first('percent')} of {_asked(part.events, top, 'count')} events"
    said = f"{escaped(part.before)}{where}, {what}{escaped(part.after)}"
    return f"{{{{ with query {quoted(top)} }}}}{said}{{{{ end }}}}"


def _asked(gauge: Gauge, top: str, shown: str) -> str:
    """Another gauge of the segment that a query finds."""
    return f"{{{{ with query {quoted(f'{value(gauge)} and {top}')} }}}}{_first(shown)}{{{{ end }}}}"


def _first(shown: str) -> str:
    return f"{{{{ . | first | value | {_SHOWN[shown]} }}}}"


def _figure(figure: Figure) -> str:
    asked = value(figure.of)
    if figure.shown == "left":  # a budget that is overspent has nothing left, and no less
        asked = f"clamp_min({asked}, 0)"
    return f"{{{{ with query {quoted(asked)} }}}}{_first(figure.shown)}{{{{ else }}}}?{{{{ end }}}}"
