"""Files that a story names: inside its folder, existing, of a kind that can be read."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from storymap.errors import Problem, StoryError, nearest
from storymap.yamlsource import brief

__all__ = ["DATA_SUFFIXES", "FIGURE_SUFFIXES", "MEDIA_SUFFIXES", "path_fault", "story_bytes"]

DATA_SUFFIXES = (
    ".geojson", ".json", ".topojson", ".gpkg", ".zip", ".fgb", ".kml", ".gpx", ".parquet", ".geoparquet", ".csv", ".tsv",
)  # fmt: skip
MEDIA_SUFFIXES = (
    ".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".mp3", ".ogg", ".wav", ".mp4", ".webm",
)  # fmt: skip
FIGURE_SUFFIXES = (".csv", ".json")

# More names than this are not looked through for a suggestion.
_MOST_FILES = 1000
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_DRIVE = re.compile(r"[A-Za-z]:")


def path_fault(folder: Path, name: str, suffixes: tuple[str, ...]) -> str | None:
    """Why ``name`` is no file of the story in ``folder`` with one of ``suffixes`` (lower case, with dot); None if it is.

    Names are relative, with ``/``. Symbolic links may not lead out of the folder.
    """
    said = brief(name)
    inside = "write a path inside it, as 'media/photo.jpg'"
    if _ADDRESS.match(name):
        return f"'{said}' is an address: copy the file into the story folder and name it here"
    if name.startswith(("/", "~")) or _DRIVE.match(name):
        return f"'{said}' leads out of the story folder: {inside}"
    if "\\" in name:
        return f"'{said}': write '/' between folders, not '\\'"
    if ".." in PurePosixPath(name).parts:
        return f"'{said}' leads out of the story folder: {inside}"
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in suffixes:
        hint = "zip the Shapefile's parts" if suffix == ".shp" else f"known: {', '.join(suffixes)}"
        return f"'{said}' is no kind of file that can be shown here; {hint}"
    return _missing(folder, name, suffixes)


def story_bytes(folder: Path, name: str, most: int) -> bytes:
    """Content of a file of the story, but no more than ``most`` bytes and one. Raises `StoryError`."""
    path = folder / name
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise StoryError([Problem(name, None, "", "is a link that leads out of the story folder")])
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        reason = (error.strerror or "can not be opened").lower()
        raise StoryError([Problem(name, None, "", f"can not be read: {reason}")]) from None


def _missing(folder: Path, name: str, suffixes: tuple[str, ...]) -> str | None:
    said = brief(name)
    try:
        real = (folder / name).resolve()
        if not real.is_relative_to(folder.resolve()):
            return f"'{said}' is a link that leads out of the story folder: copy the file into it"
        if real.is_file():
            return None
        if real.exists():
            return f"'{said}' is not a file"
    except (OSError, RuntimeError):
        # Loops of links, names that are too long.
        return f"'{said}' can not be opened"
    return f"no file '{said}'{_suggestion(folder, name, suffixes)}"


def _suggestion(folder: Path, name: str, suffixes: tuple[str, ...]) -> str:
    """The file that was meant: the same name in another folder, or the nearest name."""
    known: list[str] = []
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(inner for inner in folders if not inner.startswith("."))
        names = (Path(where, file) for file in sorted(files) if Path(file).suffix.lower() in suffixes)
        known.extend(path.relative_to(folder).as_posix() for path in names)
        if len(known) > _MOST_FILES:
            break
    same = [path for path in known if PurePosixPath(path).name == PurePosixPath(name).name]
    return f"; did you mean '{same[0]}'?" if same else nearest(name, known)
