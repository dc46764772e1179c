"""Data files that the story no longer uses, but earlier versions of it or undo do: kept for them, or taken away for good."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass
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

__all__ = ["Left", "exact_on_disk", "left_files", "remove_file"]

MOST_VERSIONS = 200


@dataclass(frozen=True, slots=True)
class Left:
    """A data file that neither the story on disk nor the one at work names, and where it is."""

    name: str
    on_disk: bool
    """In the story's folder; else only in this draft, for undo."""
    versions: int = 0
    """How many of the saved versions use it."""


def left_files(desk: Desk) -> tuple[Left, ...]:
    """Data files that are left for a saved version, or for an edit that can be undone: those of undo first."""
    used = _used(desk)
    once = Counter(dict.fromkeys((name for _, before in desk.trail.done for name in named_files(before)), 0))
    for version in history.versions(desk.folder)[:MOST_VERSIONS]:
        with contextlib.suppress(StoryError):
            once.update(set(named_files(Manuscript.of(history.version_files(desk.folder, version)))))
    return tuple(
        Left(name, _is_on_disk(desk, name), versions) for name, versions in once.items()
        if name not in used and name.lower().endswith(DATA_SUFFIXES) and any(path.is_file() for path in _places(desk, name))
    )  # fmt: skip


def exact_on_disk(desk: Desk, layer: str) -> bool:
    """Whether a file that the layer used before its last change lies in the story's folder."""
    befores = (one for _, before in desk.trail.done for one in before.data.get("layers") or [] if isinstance(one, dict))
    files = {str((one.get("source") or {}).get("file")) for one in befores if one.get("id") == layer}
    return any(_is_on_disk(desk, file) for file in files)


def _is_on_disk(desk: Desk, name: str) -> bool:
    return any(path.is_file() for path in _places(desk, name)[:1])


def remove_file(desk: Desk, name: str) -> bool:
    """Takes a file that is left away for good, from the story's folder and from this draft; whether it could be done.

    Versions that used it can no longer be shown whole. What goes wrong is told.
    """
    if not desk.may():
        desk.tell("Nothing was taken away: you may not edit here any more.", "error")
        return False
    left = next((one for one in left_files(desk) if one.name == name), None)
    if left is None:
        desk.tell(f"'{name}' is in use: save the story first, then take the file away.", "error")
        return False
    try:
        for path in _places(desk, name):
            path.unlink(missing_ok=True)
    except OSError as error:
        desk.tell(f"'{name}' can not be taken away: {(error.strerror or 'it is locked').lower()}.", "error")
        return False
    desk.tell(
        f"'{name}' is gone from the story's folder."
        if left.on_disk
        else f"'{name}' is gone from this draft: undo does not lead back to it."
    )
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
