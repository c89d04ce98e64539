"""Send a test alert through a route, as a real one would go."""

from pathlib import Path
from time import time
from typing import Any

import click

from monitor.cli._options import config_option, load
from monitor.errors import UsageError


@click.command()
@config_option
@click.option(
    "--test", "route", required=True, metavar="ROUTE", help="The route to try, such as page, or heartbeat."
)
def command(config_path: Path, route: str) -> int:
    """Send a test alert through a route, as a real one would go.

    It says that it is a test, bears the labels that the route's alerts have, and is over by itself after a
    few minutes. Exit 1 where an address does not take it.
    """
    from monitor.config.routes import HEARTBEAT
    from monitor.config.words import nearest

    config = load(config_path)
    if route == HEARTBEAT and config.routes.heartbeat:
        return _beaten(config)
    if route not in config.routes.routes:
        names = list[str](config.routes.routes)
        hint = nearest(route, names) if names else "declare one under 'routes'"
        raise UsageError(f"no route is called '{route}'", hint=hint)
    told = [_told(config, target) for target in _targets(config, route)]
    return 0 if all(told) else 1


def _beaten(config: Any) -> int:
    from monitor.errors import DeliveryError
    from monitor.notify.deliver import beat

    try:
        beat(config)
    except DeliveryError as error:
        click.echo(f"heartbeat: not delivered: {error}", err=True)
        return 1
    click.echo("heartbeat: delivered")
    return 0


def _targets(config: Any, route: str) -> Any:
    from monitor.notify.targets import of_route

    return list(of_route(config.routes.routes[route]))


def _told(config: Any, target: Any) -> bool:
    """Tells one address, and says how that went."""
    from monitor.errors import DeliveryError
    from monitor.notify.deliver import send

    now = int(time() * 1_000_000)
    notice = _notice(config, target.route.name, now)
    ways = f"{len(target.urls)} Alertmanager" if target.manager else "Apprise"
    try:
        send(target, [notice], notice.key, now)
    except DeliveryError as error:
        click.echo(f"{target.name}: not delivered by {ways}: {error}", err=True)
        return False
    click.echo(f"{target.name}: delivered by {ways}")
    return True


def _notice(config: Any, route: str, now: int) -> Any:
    from monitor.alerting.raised import links_of
    from monitor.config.routes import PAGE, TICKET
    from monitor.notify.notice import Notice

    owner = config.owner if route in (PAGE, TICKET) else route
    labels = {"pipeline": config.pipeline, "severity": PAGE if route == PAGE else TICKET}
    links = {"dashboard_url": links_of(config).dashboards}
    said = f"This is a test of the route {route} of {config.pipeline}: nothing is wrong."
    own = labels | ({"owner": owner} if owner else {})
    return Notice(f"test-{now}", "WeirTest", own, now, None, said, links)
