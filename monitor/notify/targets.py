"""Where a route leads: one target for its Alertmanagers, one for each of Apprise's addresses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from monitor.config.routes import Route, Routes
from monitor.model import MINUTE

RESEND = MINUTE
"""How often an Alertmanager hears of what goes on, as from Prometheus: what it does not hear of, ends."""

EXPIRES = 4 * RESEND
"""When it takes an alert for over that it hears no more of (Prometheus, notifier: four resend delays)."""


@dataclass(frozen=True, slots=True)
class Target:
    """`name` is the route's, numbered from the second address on. Durations in microseconds."""

    name: str
    route: Route
    manager: bool
    urls: tuple[str, ...] = field(repr=False)

    @property
    def wait(self) -> int:
        return 0 if self.manager else self.route.group_wait

    @property
    def interval(self) -> int:
        return 0 if self.manager else self.route.group_interval

    @property
    def repeat(self) -> int:
        return RESEND if self.manager else self.route.repeat

    @property
    def group_by(self) -> Sequence[str]:
        """An Alertmanager groups by itself."""
        return () if self.manager else self.route.group_by

    def quiet(self, now: int) -> bool:
        """Whether it keeps silent at an instant."""
        return any(each.covers(now) for each in self.route.quiet)


def targets(routes: Routes) -> dict[str, Target]:
    """Every target of a configuration, by name."""
    return {target.name: target for route in routes.routes.values() for target in of_route(route)}


def of_route(route: Route) -> Iterator[Target]:
    """The targets of one route: each address of Apprise's is told, and told again, by itself."""
    if route.alertmanager:
        yield Target(route.name, route, True, route.alertmanager)
    for number, url in enumerate(route.apprise, 1):
        yield Target(route.name if number == 1 else f"{route.name}.{number}", route, False, (url,))
