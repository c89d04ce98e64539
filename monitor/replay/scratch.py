"""A folder for what is made by the way: it is removed at the end, or, after a kill, by the next one."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PREFIX = "weir-replay-"
LOCK = ".lock"


@contextmanager
def scratch(keep: bool = False) -> Generator[Path]:
    """A new folder that only this user may read; `keep` leaves it there."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = (folder / "new").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    (folder / "new").rename(folder / LOCK)  # nobody finds it before it is held
    try:
        yield folder
    finally:
        if keep:
            (folder / LOCK).unlink()  # without a lock nobody takes it for one that was left behind
        else:
            shutil.rmtree(folder, ignore_errors=True)
        lock.close()


def sweep() -> None:
    """Remove the folders of those that died: nobody holds their lock."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*/{LOCK}"):
        try:
            if path.parent.lstat().st_uid == os.getuid() and not path.is_symlink():
                with path.open("r+") as lock:
                    _remove(path.parent, lock)
        except OSError:  # held, gone, or another user's
            continue


def _remove(folder: Path, lock: IO[str]) -> None:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    shutil.rmtree(folder, ignore_errors=True)
