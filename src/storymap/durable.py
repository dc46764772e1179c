"""Files that survive a crash: written beside, flushed, and put in place in one step."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

__all__ = ["SaveError", "flush_folder", "in_words", "locked", "make_folder", "remove", "replace", "sweep", "write_new"]

PARTIAL = ".partial"
_PATIENCE_S = 30.0

_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the folder is read-only",
    errno.EACCES: "the folder is read-only for this server",
    errno.EPERM: "the folder is read-only for this server",
    errno.ENOENT: "the folder was moved or deleted",
    errno.ENOTDIR: "the folder was replaced by a file",
    errno.EIO: "the disk can not be written to",
}


class SaveError(Exception):
    """A save that did not take place, in one line for the editor. The story on disk is as it was, or as it was saved."""


def in_words(error: OSError) -> str:
    """What went wrong, in plain words."""
    return _WORDS.get(error.errno or 0) or (error.strerror or "it can not be written").lower()


def flush_folder(folder: Path) -> None:
    """Makes the names in ``folder`` as durable as its files."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Makes ``folder`` and what is missing above it, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with contextlib.suppress(FileExistsError):
        folder.mkdir()
    flush_folder(folder.parent)


def _written(path: Path, content: bytes | BinaryIO, mode: int | None) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        if mode is not None:
            os.fchmod(handle, mode)
        for part in [content] if isinstance(content, bytes) else iter(partial(content.read, 1 << 20), b""):
            rest = memoryview(part)
            while rest:
                rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _aside(path: Path, aside: Path | None) -> Path:
    # The name says who made it, so that two that write at once do not meet.
    return (aside or path.parent) / f".{path.name}.{os.getpid()}-{time.monotonic_ns()}{PARTIAL}"


def replace(path: Path, content: bytes, aside: Path | None = None, last: Callable[[], object] | None = None) -> None:
    """``content`` under ``path``, in one step: at any moment the file is the old one or the new one.

    ``aside``: folder of the same disk for the file until it is complete. ``last`` is called when all is ready; nothing
    is replaced if it raises. Rights are kept. Raises `OSError`.
    """
    real = Path(os.path.realpath(path))
    mode = stat.S_IMODE(real.stat().st_mode) if real.exists() else None
    beside = _aside(real, aside)
    try:
        _written(beside, content, mode)
        if last is not None:
            last()
        beside.replace(real)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    flush_folder(real.parent)


def write_new(path: Path, content: bytes | BinaryIO, aside: Path | None = None) -> bool:
    """``content`` under the new name ``path``; False, and nothing is changed, when there is a file of that name."""
    beside = _aside(path, aside)
    try:
        _written(beside, content, None)
        try:
            os.link(beside, path)
        except FileExistsError:
            return False
        except OSError:
            # Some file systems have no hard links.
            if path.exists():
                return False
            beside.replace(path)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()
    flush_folder(path.parent)
    return True


def remove(path: Path) -> None:
    """Deletes a file, durably; nothing when it is gone already."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
        flush_folder(path.parent)


def sweep(folder: Path) -> None:
    """Deletes what writers that were killed left in ``folder``. Only for one who holds the lock."""
    for path in folder.glob(f".*{PARTIAL}"):
        with contextlib.suppress(OSError):
            path.unlink()


@contextlib.contextmanager
def locked(path: Path, patience_s: float = _PATIENCE_S) -> Iterator[None]:
    """One process, and one thread of it, at a time. A process that dies gives the lock back. Raises `SaveError`."""
    give_up = time.monotonic() + patience_s
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            _wait(handle, give_up)
            # While it was waited for, the story may have been renamed, and another one have taken its place.
            if not os.path.samestat(os.fstat(handle), path.stat()):
                continue
            yield
            return
        finally:
            os.close(handle)


def _wait(handle: int, give_up: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > give_up:
                raise SaveError("someone else has been saving this story for a while: try again") from None
            time.sleep(0.01)
