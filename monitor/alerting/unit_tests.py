"""The rules' own tests, as a file for `promtool test rules`."""

from typing import Any

from monitor.alerting.cases import STEP, Case, cases, cells, values
from monitor.alerting.expanded import expanded
from monitor.alerting.model import Alert
from monitor.alerting.prometheus import duration, quoted, template
from monitor.alerting.promql import selector
from monitor.alerting.rules import Ruled
from monitor.alerting.sloth import alert_labels
from monitor.config.links import DASHBOARD, seen


def tests_file(config: Any, ruled: Ruled, rules: str, *, sloth: bool) -> str:
    """Tests of the rule file of this name; the same for the same configuration."""
    return template("tests.yaml.j2").render(
        pipeline=config.pipeline,
        digest=config.digest,
        rules=rules,
        every=duration(STEP),
        order=[group.name for group in ruled.groups],
        groups=[_group(case, sloth) for case in cases(ruled.alerts)],
        quoted=quoted,
    )


def _group(case: Case, sloth: bool) -> dict[str, Any]:
    group = case.group
    return {
        "name": f"{', '.join(sorted(group.asked))} {group.kind}",
        "series": [(selector(*cell), values(group, cell)) for cell in cells(group)],
        "at": duration(group.end),
        "asked": [
            (name, [_expected(alert, case, sloth) for alert in firing])
            for name, firing in case.firing.items()
        ],
    }


def _expected(alert: Alert, case: Case, sloth: bool) -> dict[str, Any]:
    at = f"{case.moment.now:.0f}"
    links = {name: url + (seen(url, at) if name == DASHBOARD else "") for name, url in alert.links.items()}
    return {
        "labels": {**alert.labels, **(alert_labels(alert) if sloth else {})},
        "annotations": {"summary": expanded(alert.summary, case.moment), **links},
    }
