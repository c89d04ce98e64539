"""What goes wrong in the demonstration, and how far it has got.

A region's events get lost on the way in. So many are lost that of five minutes more is missing than the check
allows, which pages; and so few, for so short a time, that the budget's slower page stays silent and the
recovery is seen within minutes: 2.4 % for 6 min is 0.48 % of half an hour, where 0.56 % would page.
"""

from collections.abc import Sequence

from monitor.demo.inbox import Message
from monitor.model import MINUTE, SECOND
from monitor.simulate.faults import Fault
from monitor.simulate.population import REGIONS
from monitor.simulate.simulation import Simulation

REGION, LOST = "latam", 0.024
"""Where events are lost, and the share of all events that this is to be."""

WITHIN, LASTS = MINUTE, 6 * MINUTE
"""When it begins, and how long it goes on."""

ALERT = "IngestionFailing"
"""The page that follows: of five minutes of settled events more is missing than the check's `fail` allows."""


def incident(simulation: Simulation, now: int) -> Fault:
    """The fault that begins soon; how many of the region's events it hits follows from its share by now."""
    emitted = simulation.truth(now - 15 * MINUTE, now).emitted
    share = min(0.95, LOST * float(emitted.sum()) / max(1.0, float(emitted[REGIONS.index(REGION)])))
    return Fault("loss", share, now + WITHIN, now + WITHIN + LASTS, (("region", REGION),))


def paged(messages: Sequence[Message]) -> Message | None:
    """The first message of the page."""
    return next((each for each in messages if not each.over and ALERT in each.title), None)


def resolved(messages: Sequence[Message]) -> Message | None:
    """The message that the page is over."""
    return next((each for each in messages if each.over and ALERT in each.title), None)


def standing(fault: Fault, now: int, messages: Sequence[Message]) -> str:
    """A sentence on where the story is, `now` in microseconds."""
    if resolved(messages):
        return "It is over: the inbox says so, and has the tickets that the page held back."
    lost = f"{fault.size:.0%} of {fault.place}'s events"
    if now < fault.start:
        return f"In {_span(fault.start - now)} min {lost} will get lost on the way in."
    page = paged(messages)
    if now < fault.end:
        told = "The page has arrived: open the inbox." if page else "A page comes when minutes have settled."
        return f"For {_span(now - fault.start)} min {lost} have been lost on the way in. {told}"
    told = "The page ends" if page else "A page comes all the same, and ends"
    return (
        f"Nothing is lost any more, since {_span(now - fault.end)} min. {told} when five minutes are clean."
    )


def _span(micros: int) -> str:
    seconds = max(0, micros) // SECOND
    return f"{seconds // 60}:{seconds % 60:02d}"
