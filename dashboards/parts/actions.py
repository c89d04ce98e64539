"""Buttons for those who may do something: every wish is done by `weir serve`, and written down."""

from datetime import timedelta

import streamlit as st

from monitor.views.access import Visitor
from monitor.views.on_call import Trouble
from monitor.views.reader import Look
from monitor.views.wishes import answers, wish
from parts.frame import when
from parts.text import literal

LENGTHS = {"30 minutes": 30, "1 hour": 60, "4 hours": 240, "1 day": 1440}
STATES = {"asked": "waiting for weir serve", "done": "done", "refused": "refused", "failed": "failed"}


def on_trouble(each: Trouble, look: Look, visitor: Visitor) -> None:
    """Take an incident, or silence a check for a while."""
    if not visitor.operates:
        return
    taken = bool(each.acknowledged) or each.incident is None
    why = "No alert has fired yet" if each.incident is None else "Somebody is on it"
    if st.button(
        "I am on it",
        key=f"take {each.check}",
        disabled=taken,
        icon=":material/front_hand:",
        help=why if taken else None,
    ):
        _ask(look, visitor, "acknowledge", str(each.incident))
    with st.popover("Silence", icon=":material/notifications_off:", key=f"silence {each.check}"):
        _silence(each.check, look, visitor)


def told(each: Trouble, look: Look, visitor: Visitor) -> None:
    """What became of what was asked of a trouble, for those who may ask."""
    if visitor.operates:
        answered(each.check, look)
        if each.incident is not None:
            answered(str(each.incident), look)


def _silence(check: str, look: Look, visitor: Visitor) -> None:
    with st.form(f"form {check}", border=False):
        reason = st.text_input("Why?", key=f"why {check}", max_chars=200)
        length = st.selectbox("For how long?", list(LENGTHS), key=f"long {check}")
        if st.form_submit_button("Silence it"):
            if reason.strip():
                ends = look.now + timedelta(minutes=LENGTHS[length]) // timedelta(microseconds=1)
                _ask(look, visitor, "silence", check, ends=ends, reason=reason)
            else:
                st.warning("Say why: whoever comes next will want to know.")


def run_now(check: str, look: Look, visitor: Visitor) -> None:
    """Measure a check at once."""
    if visitor.operates and st.button("Run now", key=f"run {check}", icon=":material/play_arrow:"):
        _ask(look, visitor, "run", check)
    answered(check, look, "run")


def ask(
    label: str, action: str, subject: str, look: Look, visitor: Visitor, *, icon: str, **arguments: object
) -> None:
    """A button that asks for something to be worked out, and what became of it."""
    if visitor.operates and st.button(label, key=f"{action} {subject}", icon=icon):
        _ask(look, visitor, action, subject, **arguments)
    answered(subject, look, action)


def answered(subject: str, look: Look, action: str = "") -> None:
    """What became of what was asked, of an action where one is given."""
    every = answers(look.store, look.config.pipeline, subject, look.now)
    for each in [one for one in every if action in ("", one.action)][:3]:
        said = f": {each.result}" if each.result else ""
        state = STATES[each.state.value]
        st.caption(literal(f"{when(each.asked, look.span)} {each.actor}, {each.action}: {state}{said}"))


def _ask(look: Look, visitor: Visitor, action: str, subject: str, **arguments: object) -> None:
    wish(look.store, look.config.pipeline, visitor, look.now, action, subject, arguments)
    st.toast("Asked for. `weir serve` will do it.", icon=":material/schedule_send:")
