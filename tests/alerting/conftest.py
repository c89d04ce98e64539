"""What alerts are held against."""

from pathlib import Path

import pytest

from tests import components


@pytest.fixture(scope="session", params=["promtool", "promtool3"])
def any_promtool(request: pytest.FixtureRequest) -> Path:
    """Debian's promtool, and one of Prometheus 3 where it is there."""
    if request.param == "promtool3":
        return components.current_promtool()
    return components.program("promtool")
