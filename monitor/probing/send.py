"""Sending probes: by a command, a file, a table or HTTP. What is sent is first noted in the store.

A probe that was noted, and of which nobody said that it went out, counts as lost by nobody.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPException
from typing import Any

from monitor.errors import DeliveryError, SourceError, WeirError
from monitor.model import DAY, SECOND
from monitor.probing.rows import Made, as_json, columns, make
from monitor.replay.command import run
from monitor.replay.scratch import scratch
from monitor.store import Store, probes
from monitor.store.probes import Probe

KEPT = 100 * DAY


def send(config: Any, store: Store, probe: Any, count: int, clock: Callable[[], int]) -> list[str]:
    """Send so many probes; their ids. Raises WeirError: those that went out before are known."""
    now = clock()
    made = make(probe, count, now)
    probes.forget(store, config.pipeline, now - KEPT)
    probes.announce(store, config.pipeline, [Probe(each.uid, probe.name, now) for each in made])
    try:
        for some in _ways(config, probe, made):
            probes.confirm(store, config.pipeline, [each.uid for each in some], now)
    except WeirError as error:
        error.place = error.place if error.place.file else config.place("probes", probe.name, "send")
        raise
    return [each.uid for each in made]


def _ways(config: Any, probe: Any, made: Sequence[Made]) -> Iterator[Sequence[Made]]:
    """What went out, as soon as it has."""
    way = probe.send
    if way.http is not None:
        yield from _post(way, made)
        return
    if way.command is not None:
        _command(config, probe, made)
    elif way.file is not None:
        _file(config, way, made)
    else:
        _table(config, way, made)
    yield made


def _command(config: Any, probe: Any, made: Sequence[Made]) -> None:
    with scratch() as folder:
        path = folder / "probes.json"
        path.write_text("".join(f"{json.dumps(as_json(each.row))}\n" for each in made))
        places = {
            "input": str(path),
            "scratch": str(folder),
            "folder": str(config.folder),
            "run": made[0].uid,
        }
        code = run(probe.send.command, probe.send, places, folder)
    if code:
        raise SourceError(f"the command of the probe '{probe.name}' ended with code {code}")


def _file(config: Any, way: Any, made: Sequence[Made]) -> None:
    """A file that was not there before: written beside its place, then moved there."""
    path = config.folder / way.file.replace("{id}", made[0].uid)
    hidden = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(hidden, path.suffix, made)
        hidden.replace(path)
    except OSError as error:
        hidden.unlink(missing_ok=True)
        message = f"the probe's file cannot be written ({type(error).__name__})"
        raise SourceError(message, hint="does its folder exist, and may this user write there?") from None


def _write(path: Any, suffix: str, made: Sequence[Made]) -> None:
    from monitor.replay.derive import write

    if suffix in (".json", ".jsonl"):
        path.write_text("".join(f"{json.dumps(as_json(each.row))}\n" for each in made))
        return
    import pyarrow as pa

    rows = pa.Table.from_pylist([dict(each.row) for each in made])
    write(rows, path, suffix.removeprefix("."))


def _table(config: Any, way: Any, made: Sequence[Made]) -> None:
    from monitor.replay.postgresql import insert

    names = columns(made)
    rows = [[_plain(each.row[name]) for name in names] for each in made]
    insert(config.sources[way.source], way.table, names, rows)


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


class _Still(urllib.request.HTTPRedirectHandler):
    """Probes go where the file says, and nowhere else."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _post(way: Any, made: Sequence[Made]) -> Iterator[Sequence[Made]]:
    """One request for each. Raises DeliveryError without the address, which may hold a secret."""
    opener = urllib.request.build_opener(_Still)
    for each in made:
        body = json.dumps(as_json(each.row)).encode()
        headers = {"Content-Type": "application/json", **way.headers}
        try:
            request = urllib.request.Request(way.http, body, headers, method="POST")  # noqa: S310 -- checked
            with opener.open(request, timeout=way.timeout / SECOND):
                pass
        except urllib.error.HTTPError as error:
            error.close()
            raise DeliveryError(f"the probe was answered with {error.code}") from None
        except (OSError, HTTPException, ValueError) as error:
            raise DeliveryError(f"the probe was not taken ({type(error).__name__})") from None
        yield [each]
