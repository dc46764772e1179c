"""Replaces a folder as a whole: the new one is written beside it and takes its place by renaming.

Whoever looks meanwhile sees the old folder or the new one. A run that was killed between the two renames is put right
by the next one, which finds the old folder under its other name. Of two runs at a time the last to end stays, whole.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["check_place", "recover", "replaced"]


def check_place(folder: Path) -> None:
    """Whether something new can come to stand at ``folder``: asked before the work is done. Raises `OSError`."""
    target = folder.resolve() if folder.is_symlink() else folder
    there = next(parent for parent in target.absolute().parents if parent.exists())
    try:
        Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".new", dir=there)).rmdir()
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(there)) from None


def recover(folder: Path) -> None:
    """Gives ``folder`` back what a killed run had moved away. Raises `OSError`."""
    with _alone(folder.parent):
        _recover(folder)


def _recover(folder: Path) -> None:
    kept = _kept(folder)
    if kept.is_dir() and not folder.exists():
        kept.rename(folder)
    elif kept.is_dir():
        shutil.rmtree(kept)


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """An empty folder to be filled, which becomes ``folder`` when the block ends well and is removed otherwise.

    Raises `OSError`.
    """
    target = folder.resolve() if folder.is_symlink() else folder
    target.parent.mkdir(parents=True, exist_ok=True)
    recover(target)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent))
    try:
        yield fresh
        # mkdtemp makes a folder for its owner alone; a web server has to read this one.
        fresh.chmod(0o777 & ~_umask())
        _flush(fresh)
        with _alone(target.parent):
            _recover(target)
            _swap(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


@contextmanager
def _alone(parent: Path) -> Iterator[None]:
    """No other run renames folders in ``parent`` meanwhile. The lock is the folder's own: no file is left behind."""
    handle = os.open(parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _swap(fresh: Path, target: Path) -> None:
    kept = _kept(target)
    old = target.exists()
    if old:
        target.rename(kept)
    try:
        fresh.rename(target)
    except OSError:
        if old:
            kept.rename(target)
        raise
    shutil.rmtree(kept, ignore_errors=True)


def _kept(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _flush(folder: Path) -> None:
    """Has the files on the disk before the folder is one that is seen, so that a power cut leaves no empty files."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    for path in [*folder.rglob("*"), folder]:
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            continue
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
