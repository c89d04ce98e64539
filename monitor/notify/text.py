"""A group's message for people: what burns, since when, and where to go."""

from collections.abc import Sequence
from datetime import UTC, datetime

from monitor import names
from monitor.model import SECOND
from monitor.notify.notice import Notice

_ABOUT = (names.SLO, names.CHECK, "alert", names.DATASET)


def title(notices: Sequence[Notice]) -> str:
    """`FIRING page BudgetBurn loss (shop)`, or how many there are."""
    first, firing = notices[0], [each for each in notices if each.firing]
    state = "FIRING" if firing else "RESOLVED"
    pipeline = first.labels.get(names.PIPELINE, "")
    if len(notices) == 1:
        return f"{state} {first.severity} {_named(first)} ({pipeline})".replace("  ", " ")
    counts = f"{len(firing)} firing, {len(notices) - len(firing)} resolved"
    return f"{state} {_named(first)} and {len(notices) - 1} more ({pipeline}: {counts})"


def body(notices: Sequence[Notice], key: str) -> str:
    """Every alert with its sentence, labels and links. The last line tells a message that came twice."""
    return "\n\n".join([*map(_paragraph, notices), f"ref {key[:12]}"])


def _named(notice: Notice) -> str:
    about = next((notice.labels[label] for label in _ABOUT if label in notice.labels), "")
    return f"{notice.name} {about}".strip()


def _paragraph(notice: Notice) -> str:
    state = "FIRING" if notice.firing else "RESOLVED"
    until = f" until {_iso(notice.ends)}" if notice.ends is not None else ""
    labels = ", ".join(f"{name}={value}" for name, value in sorted(notice.labels.items()))
    links = [f"{name.removesuffix('_url')}: {address}" for name, address in notice.links.items()]
    lines = [
        f"{state} {_named(notice)}: {notice.summary}",
        f"since {_iso(notice.starts)}{until}",
        labels,
        *links,
    ]
    return "\n".join(lines)


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at // SECOND, UTC).isoformat().replace("+00:00", "Z")
