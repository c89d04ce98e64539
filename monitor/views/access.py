"""Who looks at the pages, and what they may do there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from getpass import getuser
from typing import Any


class Role(IntEnum):
    """What somebody may do; each role may do what the ones before it may."""

    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the pages, by the name that stands in the audit trail."""

    name: str
    role: Role

    @property
    def operates(self) -> bool:
        """Whether they may acknowledge, silence and run."""
        return self.role >= Role.OPERATOR

    @property
    def administers(self) -> bool:
        """Whether they may also read the audit trail."""
        return self.role >= Role.ADMIN


def local(*, operator: bool) -> Visitor:
    """Whoever sits at this machine, where nobody logs in."""
    return Visitor(getuser(), Role.ADMIN if operator else Role.VIEWER)


def logged_in(dashboard: Any, claims: Mapping[str, Any]) -> Visitor:
    """Whoever logged in, with the role that their groups or their verified address have."""
    said = claims.get(dashboard.claim) or ()
    groups = {said} if isinstance(said, str) else {str(each) for each in said} if _many(said) else set[str]()
    address = str(claims.get("email") or "")
    if address and claims.get("email_verified", True) is not False:
        groups.add(address)
    name = address or str(claims.get("preferred_username") or claims.get("sub") or "somebody")
    if groups & set(dashboard.admins):
        return Visitor(name, Role.ADMIN)
    return Visitor(name, Role.OPERATOR if groups & set(dashboard.operators) else Role.VIEWER)


def _many(said: object) -> bool:
    return isinstance(said, Iterable)
