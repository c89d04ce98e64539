"""An alert's message with the cause after it, so that the two do not contradict each other."""

import re

from monitor.attribute.cause import Cause

WORST = re.compile(r" Worst is (?P<where>.+?), [\d.,]+ ?% of [\d.,]+ events\.", re.DOTALL)
"""What a message says of a budget's worst segment, which somebody always is."""

ALIKE = re.compile(r", (the [^;]+? (?:is|are) spread over all segments alike)")
"""What a cause says where all are hit alike."""


NONE = re.compile(r"^Since (.+?), no segment stands out; it began at ")
"""What a cause says where it knows of no segment."""


def explained(summary: str, cause: Cause | None) -> str:
    """A message and why; "" stays empty.

    Where segments are named, or all are hit alike, the worst one is left out: it may be another, or but the
    worst of many. In a message that is about a segment the cause says that it is not this one alone.
    """
    if cause is None or not summary:
        return summary
    said = cause.sentence
    if cause.segments or cause.everywhere:
        summary = WORST.sub("", summary)
    if "worst is " in summary:
        said = NONE.sub(r"It began at \1 with ", ALIKE.sub(r", it is not this segment alone: \1", said))
    return f"{summary} {said}."
