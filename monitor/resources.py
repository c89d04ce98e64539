"""The files that Weir ships beside its code: packs, dashboards, alert templates, runbooks.

In a checkout they stand at its top, where people look for them; in an installed wheel under `monitor/_data`.
"""

from pathlib import Path
from typing import Literal

Folder = Literal["alerts", "checks", "dashboards", "runbooks"]

__all__ = ["Folder", "resource"]

_PACKAGE = Path(__file__).resolve().parent


def resource(folder: Folder, name: str = "") -> Path:
    """Path of a packaged file such as `resource("runbooks", "ratio.md")`; without a name, of the folder.

    Raises FileNotFoundError, naming the place searched, for a file that is not there, and ValueError for a
    name that leads out of the folder (names may come from a URL or from YAML).
    """
    top = _top(folder)
    path = (top / name).resolve()
    if not path.is_relative_to(top):
        raise ValueError(f"{name!r} leads out of the folder {folder!r}")
    if not path.exists():
        raise FileNotFoundError(f"no {name!r} in {top}: Weir's own files are incomplete, install it again")
    return path


def _top(folder: Folder) -> Path:
    installed = _PACKAGE / "_data" / folder
    return installed if installed.is_dir() else _PACKAGE.parent / folder
