"""Pictures, sounds and films that come beside a spreadsheet or an export, in a zip: found by the names it uses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import unquote

from storymap.slugs import slug_of
from storymap.storypaths import MEDIA_SUFFIXES

__all__ = ["find_file", "is_address", "kind_of", "media_name"]

_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif")
_SOUNDS = (".mp3", ".ogg", ".wav")
_FILMS = (".mp4", ".webm")
_FILM_SITES = re.compile(
    r"(?i)https?://(?:[\w-]+\.)*(?:youtube\.com|youtu\.be|vimeo\.com|dailymotion\.com|rutube\.ru)/"
)


def is_address(name: str) -> bool:
    """Whether ``name`` is an address on the web."""
    return re.match(r"(?i)(?:https?:)?//\S", name) is not None


def find_file(name: str, files: Mapping[str, bytes]) -> str | None:
    """The file that ``name`` means: by its path, else by its name alone, if only one has it. Case does not matter."""
    wanted = unquote(name).strip().replace("\\", "/").removeprefix("./").casefold()
    if not wanted:
        return None
    exact = [path for path in files if path.casefold() == wanted]
    tail = [path for path in files if path.casefold().endswith(f"/{wanted}")]
    same = [path for path in files if PurePosixPath(path.casefold()).name == PurePosixPath(wanted).name]
    return next((found[0] for found in (exact, tail, same) if len(found) == 1), None)


def media_name(path: str) -> str | None:
    """Its name in a story, ``media/plant.jpg``; None for a kind of file that a story does not show."""
    pure = PurePosixPath(path)
    suffix = pure.suffix.lower()
    return f"media/{slug_of(pure.stem, 'file')}{suffix}" if suffix in MEDIA_SUFFIXES else None


def kind_of(address: str) -> str:
    """``picture``, ``sound``, ``film`` or ``page``: what stands at an address, as far as it tells."""
    suffix = PurePosixPath(re.sub(r"[?#].*", "", address)).suffix.lower()
    for kind, suffixes in (("picture", _PICTURES), ("sound", _SOUNDS), ("film", _FILMS)):
        if suffix in suffixes:
            return kind
    return "film" if _FILM_SITES.match(address) else "page"
