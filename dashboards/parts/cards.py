"""A trouble as a card, and the loop as a row of stages."""

from collections.abc import Sequence
from functools import partial
from html import escape

import streamlit as st

from monitor.views.access import Visitor
from monitor.views.flow import Feed, Figure, Step, Version
from monitor.views.incident import document
from monitor.views.on_call import Trouble
from monitor.views.reader import Look
from monitor.views.span import Span
from monitor.views.vitals import Vital
from parts.actions import on_trouble, told
from parts.frame import ago, inside, when
from parts.tiles import STATES, Tile, tiles

ASKS = {"page": "Page", "ticket": "Ticket"}


def trouble(each: Trouble, look: Look, visitor: Visitor) -> None:
    """A card: what is wrong, how fast, since when, where, what went out before, and what can be done."""
    with st.container(border=True):
        st.html(_card(each, look.span, look.now))
        with st.container(horizontal=True):
            if st.button("Runbook", key=f"runbook {each.check}", icon=":material/menu_book:"):
                st.query_params["runbook"] = each.check
                st.rerun(scope="app")
            st.html(_look(each), width="content")
            _postmortem(each, look)
            on_trouble(each, look, visitor)
        told(each, look, visitor)


def _look(each: Trouble) -> str:
    """A link, in the same tab: Streamlit's own buttons open another one, and there the picks are lost."""
    return f'<a class="weir-button" href="{escape(inside(each.check))}" target="_self">Look inside</a>'


def _postmortem(each: Trouble, look: Look) -> None:
    """What is known of the incident so far, as a file; it is written when somebody takes it."""
    if each.incident is None:
        return
    st.download_button(
        f"Postmortem {each.incident}",
        partial(document, look.config, look.store, each.incident, look.now),
        f"incident-{each.incident}.md",
        "text/markdown",
        key=f"postmortem {each.check}",
        icon=":material/description:",
        help=f"Markdown; on a terminal: weir incident {each.incident}",
        on_click="ignore",
    )


def _card(each: Trouble, span: Span, now: int) -> str:
    sign, colour = STATES[each.state]
    asks = ASKS.get(each.urgency, each.urgency)
    facts = [
        ("Cause", each.cause, True),
        ("Where", ", ".join(f"{name}: {value}" for name, value in each.where), True),
        ("Looked at", ", ".join(f"{name}: {value}" for name, value in each.looked_at), True),
        ("Since", f"{when(each.since, span)} ({ago(each.since, now)})" if each.since else "", False),
        ("Stage", each.stage, False),
        ("Budget", ", ".join(filter(None, (each.left, each.empty_in))), False),
        ("Owner", each.owner + (f", {each.acknowledged} is on it" if each.acknowledged else ""), False),
        ("Silent", _silent(each, span), True),
        ("Changes near", ", ".join(f"{what} ({when(at, span)})" for at, what in each.near), True),
    ]
    rows = "".join(_fact(*fact) for fact in facts)
    rates = "".join(_rate(*each_rate) for each_rate in each.rates)
    speed = (
        f'<div class="weir-rates" role="list" aria-label="Burn rates by window">{rates}</div>'
        if rates
        else ""
    )
    badge = f'<span class="weir-badge" style="background:{colour}">{sign} {escape(asks)}</span>'
    return (
        f'<div class="weir-trouble"><div class="weir-title">{badge} <b>{escape(each.title)}</b>'
        f" <span>{escape(each.value)}</span></div>"
        f"<p>{escape(each.about)}{': ' if each.about and each.why else ''}{escape(each.why)}</p>"
        f"{speed}<dl>{rows}</dl></div>"
    )


def _fact(word: str, text: str, long: bool) -> str:
    """A fact; a long one takes a line of its own."""
    kind = ' class="long"' if long else ""
    return f'<div{kind}><dt>{word}</dt><dd dir="auto">{escape(text)}</dd></div>' if text else ""


def _silent(each: Trouble, span: Span) -> str:
    said = each.silence
    return f"until {when(said.ends, span)}, by {said.author}: {said.reason}" if said else ""


def _rate(window: str, rate: str, fast: bool) -> str:
    kind = "weir-rate fast" if fast else "weir-rate"
    return f'<span class="{kind}" role="listitem">{escape(window)} <b>{escape(rate)}</b></span>'


def flow(steps: Sequence[Step]) -> None:
    """The stages in order, each with its checks; the one where trouble began stands out."""
    st.html(f'<div class="weir-flow">{"".join(map(_step, steps))}</div>')


def _step(step: Step) -> str:
    sign, colour = STATES[step.state]
    began = '<span class="weir-badge" style="background:#c0420a">began here</span>' if step.first else ""
    figures = "".join(map(_figure, step.figures))
    figures += f'<div class="note">and {step.more} more</div>' if step.more else ""
    style = f"border-top-color:{colour}"
    mark = f'<span style="color:{colour}" aria-hidden="true">{sign}</span>'
    head = f'<div class="weir-title">{mark} {step.stage} {began}</div>'
    return f'<section class="weir-step" style="{style}" aria-label="{step.stage}">{head}{figures}</section>'


def _figure(figure: Figure) -> str:
    sign, colour = STATES[figure.state]
    note = f'<div class="note">{escape(figure.note)}</div>' if figure.note else ""
    return (
        f'<a class="weir-figure" href="{inside(figure.check)}" target="_self">'
        f'<span class="name"><span style="color:{colour}" aria-hidden="true">{sign}</span>'
        f" {escape(figure.title)}</span><b>{escape(figure.value)}</b>{note}</a>"
    )


def feeds(some: Sequence[Feed]) -> None:
    """How new each dataset is."""
    tiles(Tile(each.name, each.newest, each.note) for each in some)


def vitals(some: Sequence[Vital]) -> None:
    """The numbers that are asked for first, each leading to its check."""
    tiles(Tile(each.name, each.value, each.note, each.state, link=inside(each.check)) for each in some)


def versions(some: Sequence[Version]) -> None:
    """Which model versions serve how much, and what is wrong with them."""
    tiles(Tile(each.name, each.share, each.note or "of the rows", each.state) for each in some)
