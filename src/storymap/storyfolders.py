"""The folder of stories: a story is begun, duplicated, renamed, put away and brought back, each in one step.

What is new is written into a hidden folder beside the others and takes its name by renaming, so that at any moment each
story is whole, and under one name. What a killed run left is cleared up by the next one. Whoever arranges stories holds
the lock of their folder (``.storymap/lock`` in it), and that of each story that he moves or changes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from storymap import redirects
from storymap.drafts import Drafts
from storymap.durable import SaveError, flush_folder, in_words, locked, make_folder, remove, replace, sweep
from storymap.edits import EditError, set_part
from storymap.errors import StoryError
from storymap.folderswap import replaced
from storymap.history import hide, private
from storymap.manuscript import Manuscript
from storymap.saving import at_rest
from storymap.storyfile import STORY_FILE
from storymap.storytypes import SLUG

__all__ = [
    "ARCHIVED",
    "Shelved",
    "archive",
    "bring_back",
    "create",
    "duplicate",
    "is_archived",
    "name_fault",
    "rename",
    "shelf",
]

ARCHIVED = "ARCHIVED"
"""File in the folder of a story that is put away. It says who did it and when; without it the story is back."""
RESERVED = frozenset({"basemap"})


@dataclass(frozen=True, slots=True)
class Shelved:
    """A story's folder."""

    name: str
    archived: bool


def is_archived(folder: Path) -> bool:
    """Whether the story in ``folder`` is put away: readers are told that it is, and no list names it."""
    return (folder / ARCHIVED).is_file()


def shelf(stories: Path) -> tuple[Shelved, ...]:
    """All story folders, by name, also those that are put away."""
    try:
        folders = sorted(stories.iterdir())
    except OSError:
        return ()
    there = (folder for folder in folders if not folder.name.startswith(".") and (folder / STORY_FILE).is_file())
    return tuple(Shelved(folder.name, is_archived(folder)) for folder in there)


def name_fault(stories: Path, name: str) -> str | None:
    """Why a story can not be called ``name``; None when it can."""
    if re.fullmatch(SLUG, name) is None or len(name) > 64:
        return f"'{name[:80]}' can not be an address: use a-z, 0-9 and single hyphens, at most 64 characters"
    if name in RESERVED:
        return f"'{name}' is the folder of the basemap: choose another name"
    if (stories / name).exists() or (stories / name).is_symlink():
        return f"there is a '{name}' already: choose another name"
    return None


def create(stories: Path, name: str, fill: Callable[[Path], object]) -> Path:
    """A new story, called ``name``: ``fill`` writes its files into a folder of that name, elsewhere; the story is there
    when all of them are.

    Raises `SaveError`, and what ``fill`` raises; then there is no story.
    """
    with _arranging(stories, f"'{name}' was not made"):
        _check_name(stories, name)
        with replaced(stories / name) as fresh:
            inner = fresh / name
            inner.mkdir()
            fill(inner)
            for path in inner.iterdir():
                path.rename(fresh / path.name)
            inner.rmdir()
        flush_folder(stories)
    return stories / name


def duplicate(stories: Path, name: str, new: str, title: str | None = None) -> Path:
    """The story once more, called ``new``, with its own ``title``; without history, and without the address of its site.

    Raises `SaveError`.
    """
    origin = _story(stories, name)

    def fill(folder: Path) -> None:
        with at_rest(origin):
            _copy(origin, folder)
        (folder / ARCHIVED).unlink(missing_ok=True)
        _retitle(folder, title)

    return create(stories, new, fill)


def rename(stories: Path, name: str, new: str, *, state: Path | None = None) -> Path:
    """Gives the story another name; whoever asks for the old one is led to the new one.

    ``state``: folder of drafts (`drafts.state_folder`); drafts move with the story, and nobody may have it open. Raises
    `SaveError`.
    """
    with _arranging(stories, f"'{name}' was not renamed"):
        folder = _story(stories, name)
        _check_name(stories, new)
        if state is not None:
            follow(stories, state)
            if at_work := Drafts(folder, state).at_work():
                who = " and ".join(dict.fromkeys(at_work))
                raise SaveError(f"'{name}' was not renamed: {who} has it open; try again when that is closed")
        with at_rest(folder):
            # Before the folder moves: if that does not happen any more, a line that leads to no story leads nowhere.
            redirects.add(stories, name, new)
            folder.rename(stories / new)
            flush_folder(stories)
    if state is not None:
        follow(stories, state)
    return stories / new


def archive(stories: Path, name: str, editor: str) -> None:
    """Puts the story away. Raises `SaveError`."""
    with _arranging(stories, f"'{name}' was not archived"):
        folder = _story(stories, name)
        with at_rest(folder):
            now = dt.datetime.now(dt.UTC).isoformat(timespec="minutes")
            said = f"Archived by {editor} at {now}. Readers are told so. Delete this file to bring the story back.\n"
            replace(folder / ARCHIVED, said.encode(), private(folder))


def bring_back(stories: Path, name: str) -> None:
    """Makes a story that was put away one for readers again. Raises `SaveError`."""
    with _arranging(stories, f"'{name}' was not brought back"):
        folder = _story(stories, name)
        with at_rest(folder):
            remove(folder / ARCHIVED)


def follow(stories: Path, state: Path) -> None:
    """Moves drafts of stories that were renamed to where they are looked for now; what can not be moved stays."""
    for old, new in redirects.read(stories).items():
        gone, there = Drafts(stories / old, state), Drafts(stories / new, state)
        if (stories / old).exists() or not gone.place.is_dir() or not (stories / new).is_dir():
            continue
        with contextlib.suppress(OSError):
            there.place.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in sorted(gone.place.iterdir()):
                if not (there.place / path.name).exists():
                    path.rename(there.place / path.name)
            gone.place.rmdir()


@contextlib.contextmanager
def _arranging(stories: Path, failed: str) -> Iterator[None]:
    """The lock of the folder of stories, and what goes wrong in words that begin with ``failed``."""
    try:
        own = private(stories)
        make_folder(own)
        with locked(own / "lock"):
            sweep(own)
            hide(stories)
            for left in stories.glob(".*.new"):
                shutil.rmtree(left, ignore_errors=True)
            yield
    except OSError as error:
        raise SaveError(f"{failed}: {in_words(error)}") from None


def _story(stories: Path, name: str) -> Path:
    if name.startswith(".") or "/" in name or not (stories / name / STORY_FILE).is_file():
        raise SaveError(f"there is no story '{name[:80]}': it was renamed or moved")
    return stories / name


def _check_name(stories: Path, name: str) -> None:
    if fault := name_fault(stories, name):
        raise SaveError(fault)


def _copy(origin: Path, folder: Path) -> None:
    def hidden(_: str, names: list[str]) -> set[str]:
        return {name for name in names if name.startswith(".")}

    shutil.copytree(origin, folder, ignore=hidden, symlinks=False, dirs_exist_ok=True)


def _retitle(folder: Path, title: str | None) -> None:
    """What is the copy's own: its title; not the address at which the built original stands."""
    try:
        story = Manuscript.read(folder)
        if title:
            story = set_part(story, ("title",), title).after
        if "url" in story.data:
            story = set_part(story, ("url",), None).after
        contents = story.contents
    except (StoryError, EditError):
        # A story that can not be read is copied as it is.
        return
    for file, content in contents.items():
        if (folder / file).read_bytes() != content:
            (folder / file).write_bytes(content)
