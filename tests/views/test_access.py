"""Roles come from claims; whoever is not named may look only."""

from typing import Any

import pytest

from monitor.config.dashboard import Dashboard
from monitor.views.access import Role, local, logged_in

DASHBOARD = Dashboard.model_validate({"operators": ["sre", "bob@shop.example"], "admins": ["platform"]})


@pytest.mark.parametrize(
    "claims, role",
    [
        ({"email": "eve@shop.example"}, Role.VIEWER),
        ({"email": "bob@shop.example"}, Role.OPERATOR),
        ({"email": "bob@shop.example", "email_verified": False}, Role.VIEWER),
        ({"email": "eve@shop.example", "groups": ["sre"]}, Role.OPERATOR),
        ({"email": "eve@shop.example", "groups": "sre"}, Role.OPERATOR),
        ({"sub": "1", "groups": ["sre", "platform"]}, Role.ADMIN),
        ({"sub": "1", "roles": ["platform"]}, Role.VIEWER),
        ({"sub": "1", "groups": None}, Role.VIEWER),
        ({}, Role.VIEWER),
    ],
)
def test_role(claims: dict[str, Any], role: Role) -> None:
    assert logged_in(DASHBOARD, claims).role == role


def test_the_name_is_the_address() -> None:
    assert logged_in(DASHBOARD, {"email": "eve@shop.example", "sub": "1"}).name == "eve@shop.example"
    assert logged_in(DASHBOARD, {"sub": "1"}).name == "1"


def test_whoever_sits_here_looks_unless_told_otherwise() -> None:
    assert not local(operator=False).operates
    assert local(operator=True).operates
