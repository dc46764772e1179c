"""What a build is made from, as one digest: the story's files, the basemap's, the options, and storymap itself."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from storymap.document import basemap_folder
from storymap.story import Story

__all__ = ["digest"]

LIBRARIES = ("folium", "geopandas", "jinja2", "markdown-it-py", "pillow", "resvg-py", "shapely")
"""Those whose versions show in the bytes of a site."""


def digest(story: Story, options: str, without: Path | None = None) -> str:
    """64 hexadecimal digits that change when anything changes that the site of ``story`` is made from.

    ``without``: a folder that does not count, even inside the story's.
    """
    made = hashlib.sha256()
    for part in (_tool(), options, story.slug, story.model_dump_json()):
        made.update(f"{len(part)}:{part}\n".encode())
    folders = [story.folder, *([basemap_folder(story)] if story.basemap == "natural-earth" else [])]
    for number, folder in enumerate(folders):
        for path in _files(folder, without):
            made.update(f"{number}/{path.relative_to(folder).as_posix()}\n".encode())
            with path.open("rb") as file:
                made.update(hashlib.file_digest(file, "sha256").digest())
    return made.hexdigest()


@cache
def _tool() -> str:
    made = hashlib.sha256()
    package = Path(str(files("storymap")))
    for path in _files(package, None):
        if "__pycache__" not in path.parts:
            made.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return " ".join([made.hexdigest(), *(f"{name} {version(name)}" for name in LIBRARIES)])


def _files(folder: Path, without: Path | None) -> Iterator[Path]:
    """Regular files in order of their names, hidden ones left out."""
    left_out = without.resolve() if without is not None else None
    for at, below, names in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith(".") and Path(at, name).resolve() != left_out)
        for name in sorted(names):
            path = Path(at, name)
            if not name.startswith(".") and path.is_file():
                yield path
