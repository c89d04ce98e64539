"""Who looks at the pages, and what they may do there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from getpass import getuser
from typing import Any


class Role(IntEnum):
    """What somebody may do; each role may do what the ones before it may."""

    STRANGER = 0
    VIEWER = 1
    OPERATOR = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody at the pages, by the name that stands in the audit trail."""

    name: str
    role: Role

    @property
    def looks(self) -> bool:
        """Whether they may see anything."""
        return self.role >= Role.VIEWER

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
    """Whoever logged in, with the role that their groups or their address have.

    An address that the provider says it has not verified is nobody's: anyone can claim it.
    """
    said = claims.get(dashboard.claim) or ()
    groups = {said} if isinstance(said, str) else {str(each) for each in said} if _many(said) else set[str]()
    verified = claims.get("email_verified", True) not in (False, "false")
    address = str(claims.get("email") or "") if verified else ""
    name = address or str(claims.get("preferred_username") or claims.get("sub") or "somebody")
    return Visitor(name, _role(dashboard, groups, address.casefold()))


def _role(dashboard: Any, groups: set[str], address: str) -> Role:
    """The highest one that names a group or the address, whose letters may be small or large."""

    def named(some: Iterable[str]) -> bool:
        return any(each in groups or (address and each.casefold() == address) for each in some)

    if named(dashboard.admins):
        return Role.ADMIN
    if named(dashboard.operators):
        return Role.OPERATOR
    return Role.VIEWER if not dashboard.viewers or named(dashboard.viewers) else Role.STRANGER


def _many(said: object) -> bool:
    return isinstance(said, Iterable)
