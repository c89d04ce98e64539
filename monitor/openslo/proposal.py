"""Checks that come from OpenSLO as the text of a weir.yaml."""

from collections.abc import Iterator

from monitor.openslo.emit import block, flow
from monitor.openslo.incoming import Check, Draft


def text(draft: Draft, what: str, owner: str = "") -> str:
    """The whole file; `what` says which OpenSLO it comes from, `owner` is everybody's who has no other."""
    return "\n".join([*_lines(draft, what, owner), ""])


def _lines(draft: Draft, what: str, owner: str) -> Iterator[str]:
    yield f"# Made from OpenSLO: {_plain(what)}. Comments say what it asked, and what Weir needs to know."
    for each in (*draft.left, *draft.notes):
        yield f"# {_plain(str(each))}"
    yield f"pipeline: {flow(draft.pipeline)}"
    named = all("owner" in check.keys for check in draft.checks)
    if owner or not named:
        mark = "" if owner else "  # who is told; no label said so"
        yield f"owner: {flow(owner or 'fill-in')}{mark}"
    yield "sources:"
    yield from (f"  {flow(name)}: {flow(each)}" for name, each in draft.sources.items())
    yield "datasets:"
    for name, each in draft.datasets.items():
        guess = "  # a guess: where are the rows?" if name in draft.guessed else ""
        yield f"  {flow(name)}: {flow(each)}{guess}"
    yield "checks:"
    for check in draft.checks:
        yield from _check(check)


def _check(check: Check) -> Iterator[str]:
    for line in check.comments:
        yield f"  # {_plain(line)}"
    yield from block({check.name: check.keys}, 1)


def _plain(line: str) -> str:
    """A comment stays on its line, whatever is in it."""
    return "".join(each if each.isprintable() else "?" for each in line)
