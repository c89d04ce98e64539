"""The proposed configuration as a tree of entries."""

from collections.abc import Sequence

from monitor.discover.checks import Proposed
from monitor.discover.columns import Described, lateness_text
from monitor.discover.entries import Entries, Entry, entry
from monitor.discover.files import safe_name
from monitor.discover.packs import use
from monitor.discover.target import Target

OWNER = "your-team"


def heading(what: Target) -> list[str]:
    """The comment at the top of the file."""
    return [
        f"Written by `weir init` from {what.shown}: a start, to be read and changed.",
        "Lines with a comment are guesses from names, types and a sample; the comment says why.",
    ]


def sections(
    what: Target, name: str, datasets: Sequence[Described], proposed: Sequence[Proposed]
) -> list[Entry]:
    """The keys at the top of the file, and all below them."""
    source = tuple(Entry(key, value) for key, value in what.written.items())
    keys = entry("pipeline", safe_name(name, "pipeline"))
    keys += entry("owner", OWNER, "who looks after it: the default for every check")
    keys += entry(
        "store", "sqlite:///weir.db", "beside this file; postgresql+psycopg://… for several replicas"
    )
    keys += entry("sources", (Entry(what.source.name, source, flow=True),))
    keys += entry("datasets", tuple(Entry(each.name, _dataset(each), _renamed(each)) for each in datasets))
    keys += use(datasets)
    keys += entry(
        "checks", tuple(Entry(each.name, entry("kind", each.kind) + each.keys) for each in proposed)
    )
    return list(keys)


def _dataset(each: Described) -> Entries:
    candidate = each.seen.candidate
    if each.query:
        keys = entry("query", each.query.replace("${", "$${"), "turns numbers into times")
    elif "files" in candidate.relation:
        files = candidate.relation["files"]
        keys = entry("files", files[0] if len(files) == 1 else tuple(files))
    else:
        keys = entry("table", candidate.relation["table"])
    if each.time.value is None:
        keys += entry("time", "event_time", each.time.why, off=True)
    else:
        zone = "; no zone given: taken for UTC" if each.naive else ""
        keys += entry("time", each.time.value, each.time.why + zone)
    if each.key.value:
        names = each.key.value
        keys += entry("key", names[0] if len(names) == 1 else names, each.key.why)
    if each.time.value is not None:
        keys += entry("lateness", lateness_text(each), each.lateness.why)
    if each.mapped:
        keys += entry(
            "columns", tuple(Entry(word, column) for word, column in each.mapped.items()), flow=_short(each)
        )
    return keys


def _short(each: Described) -> bool:
    return sum(len(word) + len(column) + 4 for word, column in each.mapped.items()) < 90


def _renamed(each: Described) -> str:
    return (
        f"yours is called {each.seen.name}; packaged checks know it by this name"
        if each.name != each.seen.name
        else ""
    )
