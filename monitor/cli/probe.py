"""Send synthetic events into the pipeline, and say what arrived of them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from monitor.cli._options import config_option, iso, load, opened
from monitor.errors import UsageError, WeirError
from monitor.model import SECOND, Window

if TYPE_CHECKING:
    from monitor.probing.verdict import Verdict


@click.command()
@click.argument("names", nargs=-1, metavar="[PROBE]...")
@config_option
@click.option("--send", "sending", is_flag=True, help="Send probes first.")
@click.option("--count", type=click.IntRange(1, 10_000), help="How many; default: each probe's `count`.")
@click.option("--wait", metavar="DURATION", help="Look until all have arrived, for at most so long: 5m.")
@click.option("--last", default="1d", show_default=True, metavar="DURATION", help="Judge those sent since.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(  # the options of one command
    config_path: Path,
    names: tuple[str, ...],
    sending: bool,
    count: int | None,
    wait: str | None,
    last: str,
    as_json: bool,
) -> int:
    """Send synthetic events into the pipeline, and say what arrived of them.

    Probes are declared under `probes`. Every row that bears a probe's tag is left out of every check. Exit
    code 1 where too many were lost or late, or personal data that they carried was not redacted; 3 where a
    probe could not be sent, or a dataset not be asked.
    """
    if count and not sending:
        raise UsageError("--count is of those that are sent", hint="add --send")
    length, patience = _duration(last), _duration(wait) if wait else 0
    config = load(config_path)
    chosen = _chosen(config, names)
    with opened(config) as store:
        sent, errors = _send(config, store, chosen, count) if sending else ({}, [])
        found = _looked(config, store, chosen, length, patience, errors)
    _show(config, sent, found, errors, as_json)
    return 3 if errors else 1 if any(each.outcome == "fail" for each in found) else 0


def _duration(text: str) -> int:
    from monitor.grammar import duration

    try:
        return duration(text)
    except ValueError as error:
        raise UsageError(str(error)) from None


def _now() -> int:
    from time import time

    return int(time() * 1_000_000)


def _chosen(config: Any, names: tuple[str, ...]) -> list[Any]:
    from difflib import get_close_matches

    if not config.probes:
        raise UsageError("no probe is declared", hint="declare one under `probes`")
    for name in names:
        if name not in config.probes:
            near = get_close_matches(name, list[str](config.probes), 1)
            raise UsageError(
                f"no probe is called '{name}'", hint=f"did you mean '{near[0]}'?" if near else ""
            )
    return [each for name, each in config.probes.items() if not names or name in names]


def _send(
    config: Any, store: Any, chosen: list[Any], count: int | None
) -> tuple[dict[str, list[str]], list[str]]:
    """Every probe's ids; what could not be sent keeps no other from going out."""
    from monitor.probing.send import send

    sent: dict[str, list[str]] = {}
    errors: list[str] = []
    for probe in chosen:
        try:
            sent[probe.name] = send(config, store, probe, count or probe.count, _now)
        except WeirError as error:
            errors.append(str(error))
    return sent, errors


def _looked(
    config: Any, store: Any, chosen: list[Any], length: int, patience: int, errors: list[str]
) -> "list[Verdict]":
    """Look once, or again and again until nothing is on its way."""
    from time import sleep

    until = _now() + patience
    while True:
        found, failed = _once(config, store, chosen, length)
        left = until - _now()
        if left <= 0 or not any(each.waiting for each in found):
            errors += failed
            return found
        sleep(min(1.0, left / SECOND))


def _once(config: Any, store: Any, chosen: list[Any], length: int) -> "tuple[list[Verdict], list[str]]":
    from monitor.engines import open_engine

    engines = {name: open_engine(source) for name, source in config.sources.items()}
    found: list[Verdict] = []
    errors: list[str] = []
    try:
        for probe in chosen:
            for dataset in probe.arrives:
                try:
                    found.append(_verdict(config, store, engines, probe, dataset, length))
                except WeirError as error:
                    errors.append(str(error))
    finally:
        for engine in engines.values():
            engine.close()
    return found, errors


def _verdict(config: Any, store: Any, engines: Any, probe: Any, dataset: str, length: int) -> "Verdict":
    from monitor.probing.look import look
    from monitor.probing.verdict import judge, standing
    from monitor.store import probed, probes

    now = _now()
    window = Window(now - length, now + 1)
    sent = probes.sent(store, config.pipeline, probe.name, window)
    engine = engines[config.source_of(dataset).name]
    seen = look(config, store, engine, probe, dataset, sent, now)
    probes.see(store, config.pipeline, seen.arrivals)
    came = probes.arrived(store, config.pipeline, probe.name, window)
    found = judge(probe, dataset, sent, came, now, seen.strangers, seen.timed)
    last = max((each.sent for each in sent if each.sure), default=None)
    probed.put(store, config.pipeline, standing(found, now, last))
    return found


def _show(
    config: Any, sent: dict[str, list[str]], found: "list[Verdict]", errors: list[str], as_json: bool
) -> None:
    from monitor.probing import verdict

    if as_json:
        readings = [verdict.as_json(each) for each in found]
        said = {"pipeline": config.pipeline, "at": iso(_now()), "sent": sent, "readings": readings}
        click.echo(json.dumps(said | {"errors": errors}))
        return
    for name, ids in sent.items():
        click.echo(f"sent {len(ids):,} of {name}")
    for each in found:
        click.echo(f"{each.outcome:7}  {each.probe} in {each.dataset}: {each.message}{_latency(each)}")
    for error in errors:
        click.echo(f"error: {error}", err=True)


def _latency(each: "Verdict") -> str:
    from monitor.probing.verdict import quantile

    half, most = quantile(each.latencies, 0.5), quantile(each.latencies, 1.0)
    if half is None or most is None:
        return ""
    return f" ({'' if each.exact else 'at most '}{half:.3g} s, the slowest {most:.3g} s)"
