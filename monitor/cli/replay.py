"""Derive a dataset again from its raw log, or send dead letters once more."""

import json
from typing import TYPE_CHECKING, Any

import click

from monitor.cli._options import config_option, instant, iso, load, opened
from monitor.errors import UsageError, WeirError
from monitor.iso import to_second
from monitor.model import DAY, SECOND, Window

if TYPE_CHECKING:
    from monitor.replay.measure import Replayed


@click.command()
@click.argument("dataset", required=False)
@config_option
@click.option("--from", "start", metavar="TIME", help="Event time from which rows are replayed.")
@click.option("--to", "end", metavar="TIME", help="Event time before which; default: the last whole hour.")
@click.option("--dead-letters", is_flag=True, help="Send the dataset's dead letters once more instead.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, or replay and record nothing.")
@click.option("--cause", "causes", multiple=True, metavar="CAUSE", help="Only letters of this cause.")
@click.option("--limit", type=click.IntRange(1), help="At most so many letters, the oldest first.")
@click.option("--retry", is_flag=True, help="Letters too whose sending failed, or of which nobody knows.")
@click.option("--again", is_flag=True, help="Letters too that were sent before.")
@click.option("--by", "actor", metavar="NAME", help="Who does it; default: the name you are logged in under.")
@click.option("--keep", is_flag=True, help="Leave the scratch folder, to look at what was made.")
@click.option("--list", "listing", is_flag=True, help="List replays instead, newest last.")
@click.option("--days", default=28, show_default=True, type=click.IntRange(1), help="How far back to list.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(**given: Any) -> int:
    """Derive a dataset again from its raw log, or send dead letters once more.

    The DATASET is made twice, by its `replay`, in a scratch place, and compared with what is stored: the
    share that came back identical, whether the second run changed anything, and old schema versions on their
    own. Exit code 1 where that is not as it should be.
    """
    wrong = _contradiction(given)
    if wrong:
        raise UsageError(wrong[0], hint=wrong[1])
    config = load(given["config_path"], allow_missing_env=given["listing"])
    if given["listing"]:
        return _list(config, given)
    return _letters(config, given) if given["dead_letters"] else _replay(config, given)


def _contradiction(given: dict[str, Any]) -> tuple[str, str] | None:
    if not (given["dataset"] or given["listing"] or given["dead_letters"]):
        return "say which dataset", "or --list"
    only = [name for name in ("causes", "limit", "retry", "again") if given[name]]
    if only and not given["dead_letters"]:
        name = "--cause" if only[0] == "causes" else f"--{only[0]}"
        return f"{name} is of dead letters", "add --dead-letters"
    if given["dead_letters"] and given["keep"]:
        return "--keep is of a replay", "leave it out"
    if not given["dead_letters"] and bool(given["start"]) != bool(given["end"]):
        return "--from and --to belong together", "give both, or neither"
    return None


def _now() -> int:
    from time import time

    return int(time() * 1_000_000)


def _known(config: Any, name: str) -> str:
    from difflib import get_close_matches

    if name not in config.datasets:
        near = get_close_matches(name, list[str](config.datasets), 1)
        raise UsageError(f"no dataset is called '{name}'", hint=f"did you mean '{near[0]}'?" if near else "")
    return name


def _window(start: str | None, end: str | None, default: Window, now: int) -> Window:
    window = Window(instant(start) if start else default.start, instant(end) if end else default.end)
    if window.length <= 0:
        raise UsageError("--from is not before --to")
    if window.start > now:
        raise UsageError("--from is in the future", hint="replay what has happened")
    return window


def _actor(given: dict[str, Any]) -> str:
    from getpass import getuser

    try:
        return str(given["actor"] or getuser())
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return "unknown"


# A replay ---------------------------------------------------------------------------------------------------


def _replay(config: Any, given: dict[str, Any]) -> int:
    from monitor.binding.sources import Sources
    from monitor.replay import measure, record

    name, now = _known(config, given["dataset"]), _now()
    window = _window(given["start"], given["end"], measure.last_hour(config.datasets[name], now), now)
    with Sources(config) as sources:
        result = measure.measure(config, sources, name, window, now, keep=given["keep"])
        replay_id = record.new_id(now)
        into, note = (None, "") if given["dry_run"] else _recorded(config, sources, result, replay_id, now)
    detail = record.said(result, replay_id, into) | ({"note": note} if note else {})
    if not given["dry_run"]:
        with opened(config) as store:
            record.keep(store, config.pipeline, now, _actor(given), detail)
    _show(detail, given["as_json"])
    return 1 if result.outcome == "fail" else 0


def _recorded(
    config: Any, sources: Any, result: "Replayed", replay_id: str, now: int
) -> tuple[str | None, str]:
    """The dataset that took the rows, or why none did: the result itself is kept in any case."""
    from monitor.replay import record

    into = record.target(config, result.dataset)
    if into is None or result.against.total == 0:
        return None, ""
    try:
        record.add_rows(config, sources, result, into, replay_id, now)
    except WeirError as error:
        return None, f"no rows were added to '{into}': {error}"
    return into, ""


def _show(detail: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(detail))
        return
    for line in lines(detail):
        click.echo(line)


def lines(detail: dict[str, Any]) -> list[str]:
    """A replay's result for people."""
    when = f" of {detail['from']} to {detail['to']}" if detail["from"] else ""
    if detail["outcome"] == "no_data":
        return [f"{detail['dataset']}{when}: nothing to replay, and nothing is stored"]
    alike = f"{detail['identical']:,} of {detail['replayed']:,} rows came back identical"
    share = f"{_share(detail['value'])}, wanted {_share(detail['objective'])}"
    found = [f"{detail['dataset']}{when}: {alike} ({share})"]
    for word, said in (
        ("different", "came back different"),
        ("missing", "did not come back"),
        ("extra", "came back that are not stored"),
    ):
        found += [f"  {detail[word]:,} {said}"] if detail[word] else []
    found += _differing(detail)
    second = detail["changed_by_second"]
    found.append(
        "  the second run changed nothing"
        if detail["idempotent"]
        else f"  the second run changed {second:,} rows: it is not idempotent"
    )
    old = detail["old_versions"]
    if old["replayed"]:
        share = f"{old['identical']:,} of {old['replayed']:,}"
        found.append(f"  of schema versions older than {detail['today']}: {share} identical")
    if detail["changed_meanwhile"]:
        found.append(f"  note: {detail['changed_meanwhile']:,} stored rows changed while it ran")
    found += _afterwards(detail)
    return found


def _differing(detail: dict[str, Any]) -> list[str]:
    columns = sorted(detail["columns"].items(), key=lambda each: (-each[1], each[0]))
    found = [f"    {count:,} in {name}" for name, count in columns[:10]]
    if len(columns) == 1 and detail["different"]:
        found.append(f"    only there: if it may differ, leave it out: ignore: [{columns[0][0]}]")
    return found


def _afterwards(detail: dict[str, Any]) -> list[str]:
    found: list[str] = []
    if detail["into"]:
        found.append(f"  rows were added to '{detail['into']}' as {detail['replay']}; checks read them with")
        found.append(f"    weir backfill --from {detail['from']} --to {detail['to']} --restate")
    found += [f"  note: {detail['note']}"] if detail.get("note") else []
    return found + ([f"  what was made lies in {detail['scratch']}"] if detail["scratch"] else [])


def _share(value: float | None) -> str:
    """A share that rounds up to no 100 %."""
    if value is None:
        return "–"
    return "100 %" if value == 1 else f"{min(value, 0.99999) * 100:.3f}".rstrip("0").rstrip(".") + " %"


def _list(config: Any, given: dict[str, Any]) -> int:
    from monitor.replay import record

    since, name = _now() - given["days"] * DAY, given["dataset"]
    with opened(config) as store:
        found = record.kept(store, config.pipeline, since, name and _known(config, name))
    if given["as_json"]:
        rows = [{"at": iso(each.at), "by": each.actor, **each.detail} for each in found]
        click.echo(json.dumps({"pipeline": config.pipeline, "replays": rows}))
        return 0
    for each in found:
        click.echo(f"{to_second(each.at)}  {each.detail['outcome']:7}  {lines(dict(each.detail))[0]}")
    if not found:
        click.echo(f"no replay since {to_second(since)}")
    return 0


# Dead letters -----------------------------------------------------------------------------------------------


def _letters(config: Any, given: dict[str, Any]) -> int:
    from monitor.binding.sources import Sources
    from monitor.replay import letters

    now = _now() // SECOND * SECOND
    name = _known(config, letters.dataset_of(config, given["dataset"]))
    window = _window(given["start"], given["end"], Window(now - 7 * DAY, now + SECOND), now)
    choice = letters.Choice(
        window, frozenset(given["causes"]), given["limit"], given["retry"], given["again"]
    )
    with opened(config) as store, Sources(config) as sources:
        found = letters.pile(config, store, sources, name, choice)
        detail = letters.said(name, choice, found) | {"dry_run": given["dry_run"]}
        if given["dry_run"]:
            outcome = letters.Outcome(0, 0, 0)
        else:
            outcome = letters.send(letters.Sender(config, store, name, _actor(given), _now), found)
    _show_letters(detail, outcome, given["as_json"])
    return 3 if outcome.code else 0


def _show_letters(detail: dict[str, Any], outcome: Any, as_json: bool) -> None:
    if as_json:
        done = {"sent": outcome.sent, "failed": outcome.failed, "elsewhere": outcome.elsewhere}
        click.echo(json.dumps(detail | done))
        return
    click.echo(f"{detail['dataset']}: {detail['letters']:,} letters from {detail['from']} to {detail['to']}")
    for cause, n in detail["causes"].items():
        before = [f"{n[word]:,} {said}" for word, said in _BEFORE if n[word]]
        told = f" ({', '.join(before)})" if before else ""
        verb = "would be sent" if detail["dry_run"] else "chosen"
        click.echo(f"  {cause}: {n['letters']:,}, {n['chosen']:,} {verb}{told}")
    if detail["returned"]:
        click.echo(f"  {detail['returned']:,} were sent before and refused again: mend the cause first")
    if not detail["dry_run"]:
        click.echo(f"sent {outcome.sent:,}{_rest(outcome)}")


_BEFORE = (("sent", "sent before"), ("failed", "failed"), ("sending", "unsure: a replay died over them"))


def _rest(outcome: Any) -> str:
    parts = [f"; another replay had {outcome.elsewhere:,}"] if outcome.elsewhere else []
    if outcome.code:
        why = "took too long or could not be run" if outcome.code < 0 else f"ended with code {outcome.code}"
        parts.append(f"; the command {why} over {outcome.failed:,}: --retry sends these once more")
    return "".join(parts)
