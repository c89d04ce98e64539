"""Who is told of alerts, and how. Addresses hold passwords and tokens: none is ever shown."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from monitor.config.check import Check
from monitor.config.draft import Draft
from monitor.config.faults import validate
from monitor.config.quiet import Quiets
from monitor.config.words import STRICT, Slip, nearest
from monitor.grammar import Delay, Duration
from monitor.model import DAY, HOUR, MINUTE, SECOND

HEARTBEAT = "heartbeat"
PAGE, TICKET = "page", "ticket"
GROUPS = ("pipeline", "stage", "alertname", "severity", "owner", "slo", "check", "dataset", "alert")
"""Labels by which alerts can be told together."""


def _urls(schemes: str, example: str) -> Any:
    """Addresses, one or several. The messages quote nothing."""
    known = re.compile(rf"{schemes}://\S+")

    def check(value: object) -> object:
        items = cast(list[Any], value if isinstance(value, list) else [value])
        for item in items:
            if not isinstance(item, str) or not ("${" in item or known.fullmatch(item)):
                raise Slip("this is no address", f"such as {example}; take secrets from ${{NAME}}")
        if not items:
            raise Slip("there is no address", f"such as {example}")
        return tuple(items)

    one = {"type": "string", "pattern": rf"^({schemes}://|.*\$\{{)"}
    many = {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}
    return BeforeValidator(check), WithJsonSchema(many)


Managers = Annotated[tuple[str, ...], *_urls("https?", "http://127.0.0.1:9093")]
Chats = Annotated[tuple[str, ...], *_urls("[A-Za-z][A-Za-z0-9+]*", "mailto://… or slack://…")]


def _labels(value: object) -> object:
    items = cast(list[Any], value if isinstance(value, list) else [value])
    for item in items:
        if item not in GROUPS:
            raise Slip(f"'{str(item)[:60]}' is no label of alerts", nearest(str(item), GROUPS))
    return tuple(dict.fromkeys(items))


Labels = Annotated[
    tuple[str, ...],
    BeforeValidator(_labels),
    WithJsonSchema({"anyOf": [{"enum": list(GROUPS)}, {"type": "array", "items": {"enum": list(GROUPS)}}]}),
]


class Route(BaseModel):
    """Alertmanagers, which group and silence by themselves, or whatever Apprise reaches."""

    model_config = STRICT | ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["alertmanager"]}, {"required": ["apprise"]}]}
    )
    name: str
    alertmanager: Managers = Field(
        (), repr=False, description="Alertmanagers of one cluster: each is told, and one that hears is enough"
    )
    apprise: Chats = Field((), repr=False, description="chats, mail, pagers and webhooks, as Apprise's URLs")
    # The values that Alertmanager has, and that the routes of `weir rules` have.
    group_by: Labels = Field(
        ("pipeline", "stage"),
        description="alerts that share these are told together; default: pipeline, stage",
    )
    group_wait: Delay = Field(30 * SECOND, description="how long a first alert waits for others")
    group_interval: Duration = Field(5 * MINUTE, description="least time between two messages of a group")
    repeat: Duration = Field(
        0, description="how often what goes on is told again; default: 1h for `page`, else 1d"
    )
    quiet: Quiets = Field((), description='when it keeps silent, such as "22:00-06:00 Europe/Zurich"')

    @model_validator(mode="after")
    def _one_way(self) -> "Route":
        if bool(self.alertmanager) == bool(self.apprise):
            message = "a route has either 'alertmanager' or 'apprise'"
            raise Slip(message, "such as page: {alertmanager: http://127.0.0.1:9093}")
        return self


@dataclass(frozen=True, slots=True)
class Routes:
    """Routes by name: `page`, `ticket`, and owners of tickets. Without any, alerts are recorded only."""

    routes: Mapping[str, Route] = field(default_factory=dict[str, Route])
    heartbeat: str = field(default="", repr=False)

    def of(self, severity: str, owner: str) -> Route | None:
        """The route of an alert: tickets go to their owner's, pages never where nobody is woken for them."""
        order = {PAGE: (PAGE, owner, TICKET), TICKET: (owner, TICKET)}.get(severity, ())
        return next((self.routes[name] for name in order if name in self.routes), None)


def routes_of(draft: Draft, owner: str) -> Routes:
    """The routes of the main file; what is wrong with them is noted."""
    tree, faults = draft.trees[0], draft.faults
    found: dict[str, Route] = {}
    declared = draft.declared("routes")
    heartbeat = _heartbeat(draft, declared.get(HEARTBEAT)) if HEARTBEAT in declared else ""
    for name, data in declared.items():
        if name == HEARTBEAT:
            continue
        route = validate(Route, data, tree, ("routes", name), faults, filled={"name": name})
        if route:
            found[name] = _filled(route)
    _check_owners(draft, found, owner)
    return Routes(found, heartbeat)


def _filled(route: Route) -> Route:
    repeat = route.repeat or (HOUR if route.name == PAGE else DAY)
    return route.model_copy(update={"repeat": repeat})


def _heartbeat(draft: Draft, value: object) -> str:
    if isinstance(value, str) and ("${" in value or re.fullmatch(r"https?://\S+", value)):
        return value
    path, hint = ("routes", HEARTBEAT), "of a dead-man's switch, such as https://…; take it from ${NAME}"
    draft.faults.add(draft.trees[0], path, "'heartbeat' must be an address", hint)
    return ""


def _check_owners(draft: Draft, found: Iterable[str], owner: str) -> None:
    """A route that is neither a severity's nor an owner's would never be taken."""
    checks: Iterable[Check] = draft.checks.values()
    owners = {owner, *(check.owner for check in checks)} - {""}
    for name in found:
        if name not in (PAGE, TICKET) and name not in owners and not draft.faults.found:
            hint = nearest(name, [PAGE, TICKET, HEARTBEAT, *owners])
            message = f"no alert goes to '{name}': it is neither page nor ticket, and owns no check"
            draft.faults.add(draft.trees[0], ("routes", name), message, hint, key=True)
