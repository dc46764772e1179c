"""The earlier versions of a story: those that the editor saved, or the commits of the repository that it lies in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from storymap.gitversions import commit_files, commits
from storymap.history import version_files, versions
from storymap.manuscript import Manuscript

__all__ = ["Past", "of_repository", "saved"]


@dataclass(frozen=True, eq=False)
class Past:
    """One earlier version."""

    key: str
    """Its number, or the name of its commit."""
    author: str
    time: dt.datetime
    sentences: tuple[str, ...]
    files: Callable[[], Mapping[str, bytes]]
    """Reads it. Raises `StoryError` when it can not be read any more."""

    @property
    def name(self) -> str:
        """``version 12``, ``commit 3f9a0c1``."""
        return f"version {self.key}" if self.key.isdigit() and len(self.key) < 10 else f"commit {self.key[:7]}"

    def story(self) -> Manuscript:
        """What it says. Raises `StoryError`."""
        return Manuscript.of(self.files())


def saved(folder: Path) -> list[Past]:
    """The versions that were saved in the editor, the newest first."""
    return [
        Past(str(one.number), one.author, one.time, one.changes, partial(version_files, folder, one))
        for one in versions(folder)
    ]


def of_repository(folder: Path) -> list[Past]:
    """The commits that changed the story, the newest first; none outside a git checkout."""
    return [Past(one.name, one.author, one.time, (one.subject,), partial(commit_files, folder, one))
            for one in commits(folder)]  # fmt: skip
