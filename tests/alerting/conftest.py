"""What alerts are held against."""

from pathlib import Path

import pytest

from tests import components

PROMTOOLS = ["promtool", *(["promtool3"] if components.current_promtool() else [])]


@pytest.fixture(scope="session", params=PROMTOOLS)
def any_promtool(request: pytest.FixtureRequest) -> Path:
    """Debian's promtool, and one of Prometheus 3 where it is there."""
    current = components.current_promtool()
    return current if current and request.param == "promtool3" else components.program("promtool")
