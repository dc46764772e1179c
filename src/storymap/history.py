"""Earlier versions of a story: ``.storymap/history`` in its folder, each with its author, time and what changed.

A version is a small JSON file that names the content of each YAML file by its hash; contents stand once, compressed.
Data files are never rewritten by the editor, so a version finds the ones that it names.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from storymap.durable import make_folder, write_new
from storymap.errors import Problem, StoryError

__all__ = [
    "Version",
    "content_of",
    "digest",
    "hide",
    "keep_content",
    "latest",
    "private",
    "record",
    "version_files",
    "versions",
]

FOLDER = ".storymap"


@dataclass(frozen=True, slots=True)
class Version:
    """One saved state of a story's YAML files."""

    number: int
    author: str
    time: dt.datetime
    """In UTC."""
    changes: tuple[str, ...]
    """Sentences: ``Move step 'The influx'``."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Name of each YAML file and the hash of its content."""


def private(folder: Path) -> Path:
    """The folder in a story's folder that no reader ever gets: history and locks. It keeps itself out of git."""
    return folder / FOLDER


def hide(folder: Path) -> None:
    """Makes that folder invisible to git. Only under the lock. Raises `OSError`."""
    path = private(folder) / ".gitignore"
    if not path.exists():
        write_new(path, b"# Kept by storymap's editor: earlier versions and locks.\n*\n")


def digest(content: bytes) -> str:
    """The name of a content."""
    return hashlib.sha256(content).hexdigest()[:40]


def keep_content(folder: Path, content: bytes) -> str:
    """Keeps a content, once; gives its hash. Raises `OSError`."""
    name = digest(content)
    path = private(folder) / "history" / "contents" / f"{name}.gz"
    make_folder(path.parent)
    if not path.exists():
        write_new(path, gzip.compress(content, mtime=0), private(folder))
    return name


def content_of(folder: Path, name: str) -> bytes:
    """The content with this hash. Raises `StoryError` when the history is damaged."""
    path = private(folder) / "history" / "contents" / f"{name}.gz"
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, gzip.BadGzipFile, ValueError):
        content = b""
    if not re.fullmatch(r"[0-9a-f]{40}", name) or digest(content) != name:
        raise StoryError([Problem(f"history/{name[:8]}", None, "", "this version can not be read any more")])
    return content


def record(folder: Path, version: Version) -> Version:
    """Puts a version into the list, under the next number; the same one twice is kept once. Only under the lock."""
    last = latest(folder)
    if last and (last.files, last.time, last.author) == (version.files, version.time, version.author):
        return last
    number = (last.number if last else 0) + 1
    made = Version(number, version.author, version.time, version.changes, dict(version.files))
    said = {**asdict(made), "time": made.time.isoformat()}
    text = json.dumps(said, ensure_ascii=False, indent=1)
    write_new(private(folder) / "history" / f"{number:06d}.json", text.encode(), private(folder))
    return made


def versions(folder: Path) -> tuple[Version, ...]:
    """All versions, the newest first; none when the story was never saved by the editor."""
    try:
        paths = sorted(private(folder).glob("history/[0-9]*.json"), reverse=True)
    except OSError:
        return ()
    return tuple(version for path in paths if (version := _read(path)))


def latest(folder: Path) -> Version | None:
    """The newest version."""
    paths = sorted(private(folder).glob("history/[0-9]*.json"), reverse=True)
    return next((version for path in paths if (version := _read(path))), None)


def version_files(folder: Path, version: Version) -> dict[str, bytes]:
    """The YAML files of a version, by name. Raises `StoryError` when the history is damaged."""
    return {file: content_of(folder, name) for file, name in version.files.items()}


def _read(path: Path) -> Version | None:
    try:
        said = json.loads(path.read_bytes())
        changes: Sequence[str] = said["changes"]
        return Version(int(said["number"]), str(said["author"]), dt.datetime.fromisoformat(said["time"]),
                       tuple(map(str, changes)), dict(said["files"]))  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return None
