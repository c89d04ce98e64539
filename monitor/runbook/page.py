"""A runbook as a page: one file without scripts or anything from elsewhere, for a phone as for a screen.

Markdown is rendered with raw HTML switched off, so that whatever a runbook, a name or a value holds is text.
"""

import base64
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from monitor.config.runbooks import names
from monitor.errors import UsageError
from monitor.runbook.lookup import Asked, opened
from monitor.shown.situation import Iso
from monitor.store import Store

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

FOLDER = "/runbooks/"

STYLE = """
:root { color-scheme: light dark; --line: #8884; --faint: #8882; --quiet: #777; --link: #06c; }
@media (prefers-color-scheme: dark) { :root { --link: #7ab8ff; --quiet: #999; } }
body { font: 17px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem; }
body { overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.25; } h2 { font-size: 1.1rem; margin-top: 2rem; }
h2 { border-top: 1px solid var(--line); padding-top: .6rem; }
a { color: var(--link); }
table { border-collapse: collapse; width: 100%; font-size: .92em; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; }
th, td { border-bottom: 1px solid var(--line); }
th { font-weight: 600; } td:first-child { min-width: 5.5rem; }
pre { background: var(--faint); padding: .6rem .8rem; border-radius: .4rem; }
pre { overflow-x: auto; font-size: .85em; }
code { font-family: ui-monospace, monospace; overflow-wrap: normal; }
:not(pre) > code { background: var(--faint); padding: .05rem .25rem; border-radius: .2rem; }
:not(pre) > code { overflow-wrap: anywhere; }
blockquote { margin: 1rem 0; padding: .1rem 1rem; border-left: 4px solid var(--line); }
nav { color: var(--quiet); font-size: .9em; }
@media print { body { max-width: none; } nav { display: none; } }
"""

CSP = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(sha256(STYLE.encode()).digest()).decode()
    + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What a browser may do with the page: show it, in this style."""


def page(
    config: Any, store: Store, path: str, query: Mapping[str, str], now: int, iso: Iso
) -> tuple[int, str]:
    """Status and HTML of a path below `/runbooks/`, at an instant in microseconds.

    `query` may name the pipeline, the check (or slo), the dataset, and the alert or composite that led here.
    What has left the configuration since is passed over: its runbook opens all the same.
    """
    name = path.removeprefix(FOLDER).strip("/")
    if query.get("pipeline", config.pipeline) != config.pipeline:
        return 404, _whole(
            "not found", f"<p>Weir measures {escape(config.pipeline)} here, no other pipeline.</p>"
        )
    if not name:
        return 200, _whole("runbooks", _index(config))
    check, dataset = query.get("check") or query.get("slo") or "", query.get("dataset", "")
    about = (check if check in config.checks else "", dataset if dataset in config.datasets else "")
    asked = Asked(name, *about, query.get("alert", ""), query.get("composite", ""))
    try:
        return 200, _opened(config, store, asked, now, iso)
    except UsageError as error:
        hint = f" ({error.hint})" if error.hint else ""
        said = f"<p>{escape(error.message[:300] + hint[:300])}</p>{_index(config)}"
        return 404, _whole("not found", said)


def _opened(config: Any, store: Store, asked: Asked, now: int, iso: Iso) -> str:
    found = opened(config, store, asked, now, config_path(config), iso)
    top = f'<nav><a href="{FOLDER}">runbooks</a> of {escape(config.pipeline)}</nav>'
    return _whole(found.runbook.title, top + _markdown().render(found.markdown(iso)))


def config_path(config: Any) -> str:
    """The configuration as `--config` takes it: the folder where it has several files."""
    return str(config.folder if len(config.files) > 1 else config.files[0].resolve())


def _index(config: Any) -> str:
    checks = _list(config.checks, "check")
    others = _list(dict.fromkeys(names(config.folder)), "")
    return f"<h2>Checks</h2>{checks}<h2>Runbooks</h2>{others}"


def _list(found: Iterable[str], word: str) -> str:
    links = [f'<li><a href="{FOLDER}{quote(name)}">{escape(name)}</a></li>' for name in found]
    return f"<ul>{''.join(links)}</ul>" if links else f"<p>no {word}s</p>"


def _whole(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>{body}</body></html>\n"
    )


@cache
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


Answering = Callable[[str, Mapping[str, str]], tuple[int, str]]
"""What `serve.http` asks for a path and a query."""
