"""What tests need from the machine: programs, a PostgreSQL server of their own, the shared real data.

A missing component skips its tests with the reason. `WEIR_REQUIRE=all`, or a comma list of component names,
turns those skips into failures: so does CI.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

PROGRAMS: dict[str, tuple[tuple[str, ...], ...]] = {
    # component: the programs it consists of, each with the names that it goes by
    "postgres": (("postgres",), ("initdb",), ("pg_ctl",)),
    "prometheus": (("prometheus",), ("promtool",)),
    "alertmanager": (("alertmanager", "prometheus-alertmanager"), ("amtool",)),
    "chromium": (("chromium", "chromium-browser", "google-chrome"),),
}

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def require(component: str) -> None:
    """Skip the running test, or fail it under WEIR_REQUIRE, when `component` is not on this machine."""
    gone = missing(component)
    if not gone:
        return
    reason = f"{component} is missing here: {gone}"
    if component in required():
        pytest.fail(f"{reason} (WEIR_REQUIRE asks for it)", pytrace=False)
    pytest.skip(reason)


def required() -> set[str]:
    """Names of the components that must not be missing."""
    asked = {name.strip() for name in os.environ.get("WEIR_REQUIRE", "").split(",")} - {""}
    return {*PROGRAMS, "shared_data"} if "all" in asked else asked


def missing(component: str) -> str:
    """What of a component is not on this machine; empty when it is all here."""
    if component == "shared_data":
        return "" if SHARED_DATA.is_dir() else "no folder ../shared/data beside the checkout"
    gone = [names[0] for names in PROGRAMS[component] if _find(names) is None]
    return f"no program {' and no '.join(gone)}" if gone else ""


def program(name: str) -> Path:
    """Path of a program such as "promtool"; skips or fails like `require` when its component is missing."""
    for component, programs in PROGRAMS.items():
        for names in programs:
            if name == names[0]:
                require(component)
                return _found(names)
    raise KeyError(f"no component has a program {name!r}")


def current_promtool() -> Path | None:
    """A promtool of Prometheus 3, where one is on the PATH as `promtool3`: Debian has none."""
    path = shutil.which("promtool3")
    return Path(path) if path else None


def _found(names: Iterable[str]) -> Path:
    path = _find(names)
    assert path is not None
    return path


def _find(names: Iterable[str]) -> Path | None:
    """The newest PostgreSQL's own folder comes first: Debian keeps its server programs off the PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    search = os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)])
    found = (shutil.which(name, path=search) for name in names)
    return next((Path(path) for path in found if path), None)


def _version(folder: Path) -> float:
    name = folder.parent.name
    return float(name) if name.replace(".", "", 1).isdigit() else 0.0
