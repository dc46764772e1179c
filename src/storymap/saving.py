"""Saving a story (see docs/saving.md): nothing that anyone wrote is lost, and at any moment the folder holds a whole story.

New data files come first, under new names; then ``story.yaml`` is replaced in one step. Translations are adapted before
it so far that they fit both the old and the new story, and completed after it; a note on the disk lets the next save
(or `open_story`) complete or take back what a killed server left half done.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from storymap.changes import describe
from storymap.durable import SaveError, in_words, locked, make_folder, remove, sweep
from storymap.errors import StoryError
from storymap.history import Version, hide, private
from storymap.manuscript import Manuscript, Unread
from storymap.merge import Conflict, Key, Side, Value, merge
from storymap.pointing import NOTE, Moved, recover, store
from storymap.storyfiles import copy_new

__all__ = ["Conflicted", "SaveError", "Saved", "at_rest", "changed_on_disk", "open_story", "restore", "save"]


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did."""

    story: Manuscript
    """The story as it is on disk now: the base of the next save."""
    version: Version | None
    """None when there was nothing to save."""
    theirs: tuple[str, ...] = ()
    """What others had changed since, now in the story as well, in sentences."""


class Conflicted(Exception):
    """Both sides changed the same places. Nothing was saved; `save` again with ``decided``."""

    def __init__(self, conflicts: Sequence[Conflict], story: Manuscript) -> None:
        self.conflicts = tuple(conflicts)
        self.story = story
        """Both changes in one, with theirs at the places in conflict."""
        super().__init__("; ".join(conflict.what for conflict in conflicts))


def open_story(folder: Path) -> Manuscript:
    """The story in ``folder``, to be edited; what a killed save left half done is completed or taken back first.

    Raises `StoryError` when it can not be read as YAML.
    """
    if (private(folder) / NOTE).exists():
        # A folder that can not be written to is read as it is.
        with contextlib.suppress(SaveError), _saving(folder):
            pass
    return Manuscript.read(folder)


def changed_on_disk(folder: Path, base: Manuscript) -> tuple[str, ...]:
    """What others changed since ``base`` was read or saved, in sentences; none when the files say the same.

    Raises `SaveError` when the story is gone or can not be read.
    """
    try:
        return describe(base, Manuscript.read(folder))
    except StoryError as error:
        raise SaveError(_first_line(error)) from None


def save(
    folder: Path,
    base: Manuscript,
    ours: Manuscript,
    author: str,
    *,
    files_from: Path | None = None,
    decided: Mapping[Key, Side | Value] | None = None,
    changes: Sequence[str] = (),
) -> Saved:
    """Saves ``ours``, which began as ``base``, into ``folder``, merged with what others changed there since.

    ``files_from``: folder where new data and media files lie, under the names that the story gives them.
    ``changes``: sentences for the history, instead of those that follow from the difference.
    Raises `Conflicted`; `StoryError` for a story that can not be shown; `SaveError`. Then nothing is saved.
    """
    with _saving(folder):
        while True:
            theirs = _on_disk(folder)
            made = merge(base, ours, theirs, decided)
            if made.conflicts:
                raise Conflicted(made.conflicts, made.story)
            copied = copy_new(made.story, files_from, folder, private(folder)) if files_from else []
            try:
                new = _fitting(made.story, theirs, folder)
                contents = new.contents
            except StoryError:
                for path in copied:
                    remove(path)
                raise
            news = describe(base, theirs)
            if contents == theirs.contents:
                return Saved(theirs, None, news)
            try:
                version = store(folder, theirs, new, author, tuple(changes) or describe(theirs, new))
            except Moved:
                # Someone replaced story.yaml a moment ago: merge with that as well.
                continue
            return Saved(Manuscript.of(contents), version, news)


def restore(folder: Path, files: Mapping[str, bytes], author: str, sentence: str) -> Saved:
    """The story as it was in ``files`` (from `history.version_files` or `gitversions.commit_files`), as a new version,
    of which the history says ``sentence``. What stands there now stays in the history, also where it can not be read.

    Raises `StoryError` when that story can not be shown any more, because its data is gone, say; `SaveError`.
    """
    with _saving(folder):
        old = Manuscript.of(files)
        old.story(folder)
        while True:
            now = _as_it_lies(folder)
            if old.contents == now.contents:
                return Saved(now, None)
            try:
                return Saved(old, store(folder, now, old, author, (sentence,)))
            except Moved:
                continue


def _on_disk(folder: Path) -> Manuscript:
    try:
        return Manuscript.read(folder)
    except StoryError as error:
        raise SaveError(f"{_first_line(error)}; nothing is written over it, your draft is kept") from None


def _as_it_lies(folder: Path) -> Manuscript:
    """What is on disk, byte for byte where it can not be read."""
    try:
        return Manuscript.read(folder)
    except StoryError:
        try:
            return Unread.read(folder)
        except StoryError as error:
            raise SaveError(f"{_first_line(error)}; nothing is written") from None


def _first_line(error: StoryError) -> str:
    return str(error).splitlines()[0]


@contextlib.contextmanager
def _saving(folder: Path) -> Iterator[None]:
    """The lock, and what goes wrong in words. What a killed save left is cleared up before anything else."""
    try:
        if not folder.is_dir():
            raise SaveError(f"{folder.name}: the folder was moved or deleted: nothing was saved, your draft is kept")
        with at_rest(folder):
            yield
    except OSError as error:
        raise SaveError(f"{folder.name}: {in_words(error)}: nothing was saved, your draft is kept") from None


@contextlib.contextmanager
def at_rest(folder: Path) -> Iterator[None]:
    """The lock of one story, under which nobody saves it; what a killed save left is put right first. Raises `OSError`."""
    own = private(folder)
    make_folder(own)
    with locked(own / "lock"):
        sweep(own)
        hide(folder)
        recover(folder)
        yield


def _fitting(made: Manuscript, theirs: Manuscript, folder: Path) -> Manuscript:
    """The story with what of its translations has a place in it. Raises `StoryError` when it can not be shown."""
    story = made.story(folder)
    try:
        return made.fitted(story, theirs.story(folder))
    except StoryError:
        # The story on disk can not be shown: nothing is known of what its translations fit.
        return made
