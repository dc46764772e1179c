"""One saved state after another in a story's folder: the steps of a save, and what follows when one is cut short.

``story.yaml`` is the pointer: until it is replaced, the story is the old one, from then on the new one. Before it,
translations are written as far as they fit both stories; after it, whole. A note in ``.storymap`` says what is under way.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from storymap.changes import describe
from storymap.durable import SaveError, in_words, remove, replace
from storymap.errors import StoryError
from storymap.history import Version, content_of, digest, keep_content, latest, private, record, version_files
from storymap.manuscript import Manuscript, Unread
from storymap.storyfile import STORY_FILE

__all__ = ["NOTE", "Moved", "recover", "store"]

NOTE = "saving.json"
OUTSIDE = "outside the editor"

Hashes = Mapping[str, str]


class Moved(Exception):
    """``story.yaml`` is not any more what it was a moment ago."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A save under way: hashes of the files before, around and after the moment at which the story becomes the new one."""

    old: Hashes
    between: Hashes
    new: Hashes
    version: Version


def store(folder: Path, old: Manuscript, new: Manuscript, author: str, changes: tuple[str, ...]) -> Version:
    """Makes ``new`` the story in ``folder``, in which ``old`` is, and notes it in the history. Only under the lock.

    Raises `Moved`, and nothing is changed, when ``old`` is not there any more; `OSError`; `SaveError` when the story is
    saved, but something after it failed.
    """
    _note_outside(folder, old)
    now = dt.datetime.now(dt.UTC)
    hashes = {file: keep_content(folder, content) for file, content in new.contents.items()}
    around = {file: keep_content(folder, content) for file, content in _between(folder, old, new).items()}
    plan = _Plan(_hashes(old), around, hashes, Version(0, author, now, changes, hashes))
    replace(private(folder) / NOTE, _told(plan))
    try:
        for file, name in around.items():
            if plan.old.get(file) != name:
                replace(folder / file, content_of(folder, name), private(folder))
        _check_still(folder, plan)
        if plan.old[STORY_FILE] != hashes[STORY_FILE]:
            # Once more at the last moment: whoever writes by hand knows nothing of the lock.
            content = new.contents[STORY_FILE]
            replace(folder / STORY_FILE, content, private(folder), partial(_check_still, folder, plan))
    except (OSError, Moved) as error:
        recover(folder)
        if isinstance(error, OSError) and _on_disk(folder, STORY_FILE) == hashes[STORY_FILE]:
            raise SaveError(f"the story is saved, but the disk has a fault: {in_words(error)}") from None
        raise
    try:
        return _complete(folder, plan)
    except OSError as error:
        raise SaveError(f"the story is saved, its translations not yet: {in_words(error)}; save once more") from None


def _check_still(folder: Path, plan: _Plan) -> None:
    if plan.old[STORY_FILE] != _on_disk(folder, STORY_FILE):
        raise Moved


def recover(folder: Path) -> None:
    """Completes a save that was cut short after the story had become the new one, else takes it back. Raises `OSError`."""
    path = private(folder) / NOTE
    if not path.exists():
        return
    try:
        plan = _read(path)
        now = _on_disk(folder, STORY_FILE)
        if now == plan.new[STORY_FILE]:
            _complete(folder, plan)
        elif now == plan.old[STORY_FILE]:
            _take_back(folder, plan)
    except (ValueError, KeyError, TypeError, StoryError):
        # A note that says nothing, or a history that someone cleared: the files stay as they are.
        pass
    remove(path)


def _complete(folder: Path, plan: _Plan) -> Version:
    for file in {**plan.old, **plan.new}:
        now, wanted = _on_disk(folder, file), plan.new.get(file)
        # What someone else wrote in the meantime stays.
        if file == STORY_FILE or now == wanted or now not in (plan.old.get(file), plan.between.get(file)):
            continue
        if wanted is None:
            remove(folder / file)
        else:
            replace(folder / file, content_of(folder, wanted), private(folder))
    made = record(folder, plan.version)
    remove(private(folder) / NOTE)
    return made


def _take_back(folder: Path, plan: _Plan) -> None:
    for file, name in plan.between.items():
        old = plan.old.get(file)
        if name == old or _on_disk(folder, file) != name:
            continue
        if old is None:
            remove(folder / file)
        else:
            replace(folder / file, content_of(folder, old), private(folder))


def _between(folder: Path, old: Manuscript, new: Manuscript) -> dict[str, bytes]:
    """Translations without what has no place in the old story or none in the new one; nothing when that is not known."""
    try:
        before, after = old.story(folder), new.story(folder)
    except StoryError:
        return {}
    both = old.fitted(after, before)
    return {file: both.contents[file] for file in old.sheets if file != STORY_FILE and file in both.sheets}


def _note_outside(folder: Path, now: Manuscript) -> None:
    """What was written by hand since the last version becomes a version as well, so that it can be had back."""
    last = latest(folder)
    hashes = {file: keep_content(folder, content) for file, content in now.contents.items()}
    if last is not None and last.files == hashes:
        return
    said: tuple[str, ...] = ("The story before the first save",)
    if isinstance(now, Unread):
        said = ("Files that can not be read, as they were found",)
    elif last is not None:
        try:
            said = describe(Manuscript.of(version_files(folder, last)), now) or ("Change comments or spacing",)
        except StoryError:
            said = ("Change the story",)
    time = dt.datetime.fromtimestamp((folder / STORY_FILE).stat().st_mtime, dt.UTC)
    record(folder, Version(0, OUTSIDE, time, said, hashes))


def _hashes(story: Manuscript) -> dict[str, str]:
    return {file: digest(content) for file, content in story.contents.items()}


def _on_disk(folder: Path, file: str) -> str | None:
    try:
        return digest((folder / file).read_bytes())
    except FileNotFoundError:
        return None


def _told(plan: _Plan) -> bytes:
    version = plan.version
    said: dict[str, Any] = {"old": plan.old, "between": plan.between, "new": plan.new, "author": version.author,
                            "time": version.time.isoformat(), "changes": version.changes}  # fmt: skip
    return json.dumps(said, ensure_ascii=False).encode()


def _read(path: Path) -> _Plan:
    said = json.loads(path.read_bytes())
    version = Version(0, said["author"], dt.datetime.fromisoformat(said["time"]), tuple(said["changes"]), said["new"])
    return _Plan(said["old"], said["between"], said["new"], version)
