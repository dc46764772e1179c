"""What others did to a story's files since an editor opened it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from storymap.changes import summary
from storymap.errors import StoryError
from storymap.history import Version, digest, versions
from storymap.manuscript import Manuscript
from storymap.saving import changed_on_disk

__all__ = ["News", "Watch", "authors_since", "listed"]

MOST = 60
"""Versions that are looked through for who saved."""


@dataclass(frozen=True, slots=True)
class News:
    """What changed on disk, in sentences, and who saved it; no names where it was changed by hand."""

    sentences: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sentences)

    @property
    def line(self) -> str:
        """All of it in one line: what was changed, and how often if it is much."""
        return summary(self.sentences)


@dataclass
class Watch:
    """Looks at a story's files every few seconds; they are read only when they were touched."""

    _base: Manuscript | None = None
    _looked: tuple[object, ...] = ()
    _known: News = News()

    def look(self, folder: Path, base: Manuscript) -> News:
        """What others changed since ``base``. Raises `SaveError` when the story is gone or can not be read."""
        looked = _touched(folder)
        if base is not self._base or looked != self._looked:
            sentences = changed_on_disk(folder, base)
            self._known = News(sentences, authors_since(folder, base) if sentences else ())
            self._base, self._looked = base, looked
        return self._known


def _touched(folder: Path) -> tuple[object, ...]:
    try:
        stats = [(path.name, path.stat()) for path in sorted(folder.glob("story*.yaml"))]
        return tuple((name, stat.st_mtime_ns, stat.st_size, stat.st_ino) for name, stat in stats)
    except OSError:
        return ("gone",)


def authors_since(folder: Path, base: Manuscript) -> tuple[str, ...]:
    """Who saved since the files were as in ``base``, the last first."""
    try:
        here = {file: digest(content) for file, content in base.contents.items()}
    except StoryError:
        return ()
    found: list[str] = []
    for version in versions(folder)[:MOST]:
        if _holds(version, here):
            break
        found.append(version.author)
    else:
        # What was opened is in no version: only the last one surely came after it.
        found = found[:1]
    return tuple(dict.fromkeys(found))


def _holds(version: Version, files: dict[str, str]) -> bool:
    return dict(version.files) == files


def listed(names: Sequence[str]) -> str:
    """``Anna``, ``Anna and Boris``, ``Anna, Boris and Vera``; nothing for nobody."""
    return names[0] if len(names) == 1 else " and ".join([", ".join(names[:-1]), names[-1]]) if names else ""
