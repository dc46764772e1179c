"""Data files that the story no longer uses, but earlier versions of it do: kept for them, or taken away for good."""

from __future__ import annotations

import contextlib
from pathlib import Path

from storymap import history
from storymap.app.editor.desk import Desk
from storymap.drafts import Draft
from storymap.durable import SaveError
from storymap.errors import StoryError
from storymap.manuscript import Manuscript
from storymap.saving import open_story
from storymap.storyfiles import named_files
from storymap.storypaths import DATA_SUFFIXES

__all__ = ["left_files", "remove_file"]

MOST_VERSIONS = 200


def left_files(desk: Desk) -> tuple[str, ...]:
    """Names of data files in the story's folder that neither the story on disk nor the one at work names, and that a
    version, or an edit that can be undone, does."""
    used = _used(desk)
    once: dict[str, None] = dict.fromkeys(name for _, before in desk.trail.done for name in named_files(before))
    for version in history.versions(desk.folder)[:MOST_VERSIONS]:
        with contextlib.suppress(StoryError):
            once |= dict.fromkeys(named_files(Manuscript.of(history.version_files(desk.folder, version))))
    return tuple(
        name for name in once
        if name not in used and name.lower().endswith(DATA_SUFFIXES) and any(path.is_file() for path in _places(desk, name))
    )  # fmt: skip


def remove_file(desk: Desk, name: str) -> bool:
    """Takes a file that is left away for good, from the story's folder and from this draft; whether it could be done.

    Versions that used it can no longer be shown whole. What goes wrong is told.
    """
    if not desk.may():
        desk.tell("Nothing was taken away: you may not edit here any more.", "error")
        return False
    if name not in left_files(desk):
        desk.tell(f"'{name}' is in use: save the story first, then take the file away.", "error")
        return False
    try:
        for path in _places(desk, name):
            path.unlink(missing_ok=True)
    except OSError as error:
        desk.tell(f"'{name}' can not be taken away: {(error.strerror or 'it is locked').lower()}.", "error")
        return False
    desk.tell(f"'{name}' is gone from the story's folder.")
    return True


def _used(desk: Desk) -> set[str]:
    try:
        on_disk = set(named_files(open_story(desk.folder)))
    except (StoryError, SaveError):
        # Nobody knows what a story needs that can not be read.
        on_disk = {path.relative_to(desk.folder).as_posix() for path in desk.folder.rglob("*")}
    drafts = [desk.drafts.read(path.stem) for path in desk.drafts.place.glob("*.draft")]
    own = desk.session.key
    others = (draft for draft in drafts if isinstance(draft, Draft) and draft.key != own)
    return on_disk | set(named_files(desk.now)) | {name for draft in others for name in named_files(draft.now)}


def _places(desk: Desk, name: str) -> list[Path]:
    """Where the file may lie: the story's folder, the files of this draft, and its previews. Never outside of them."""
    roots = [desk.folder]
    with contextlib.suppress(SaveError):
        files = desk.drafts.files(desk.session)
        roots += [files, files / ".preview" / desk.folder.name]
    paths = ((root, root / name) for root in roots)
    return [path for root, path in paths if path.resolve().is_relative_to(root.resolve())]
