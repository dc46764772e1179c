"""Data and media files of a story that is edited: brought in under names of their own, copied when it is saved."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from storymap.durable import SaveError, make_folder, write_new
from storymap.manuscript import Manuscript

__all__ = ["bring_in", "copy_new", "mirror", "named_files"]


def bring_in(folder: Path, name: str, content: bytes) -> str:
    """Writes a file into ``folder`` (that of a draft) and gives its name in the story: ``media/plant.jpg`` →
    ``media/plant-3f9a0c12.jpg``. The name is that of its content: no file is ever written over another.

    Raises `SaveError` for a name that leads elsewhere; `OSError`.
    """
    path = PurePosixPath(name)
    mark = hashlib.sha256(content).hexdigest()[:8]
    stem = re.sub(r"[^\w-]+", "-", path.stem).strip("-").removesuffix(f"-{mark}")[:60] or "file"
    made = str(path.with_name(f"{stem}-{mark}{path.suffix.lower()}"))
    target = _inside(folder, made)
    if target is None:
        raise SaveError(f"'{name}' leads out of the story folder: give the file another name")
    make_folder(target.parent)
    write_new(target, content)
    return made


def named_files(story: Manuscript) -> Iterator[str]:
    """Files that the layers, media and figures of a story name, as they are written there."""
    for kind, keys in (("layers", ("source",)), ("steps", ("media", "figure"))):
        entries = story.data.get(kind)
        for entry in entries if isinstance(entries, list) else ():
            for key in keys:
                part = entry.get(key) if isinstance(entry, dict) else None
                if isinstance(part, dict) and isinstance(part.get("file"), str):
                    yield part["file"]


def copy_new(story: Manuscript, source: Path, folder: Path, aside: Path) -> list[Path]:
    """Copies files that the story names from ``source`` into ``folder``, durably; what is there already stays as it is.
    ``aside``: a folder on the same disk for files that are not complete yet.

    Gives the files that it made. Raises `OSError`.
    """
    made = []
    for name in dict.fromkeys(named_files(story)):
        origin, target = _inside(source, name), _inside(folder, name)
        # Names that lead elsewhere are told when the story is checked, with their line.
        if origin is None or target is None or target.exists() or not origin.is_file():
            continue
        make_folder(target.parent)
        with origin.open("rb") as content:
            if write_new(target, content, aside):
                made.append(target)
    return made


def mirror(story: Manuscript, sources: tuple[Path, ...], folder: Path) -> None:
    """Makes ``folder`` hold the files that the story names, each from the first of ``sources`` that has it.

    For a preview: the files are links where the disk allows it, and no one's only copy. Raises `OSError`.
    """
    for name in dict.fromkeys(named_files(story)):
        target = _inside(folder, name)
        origins = (origin for source in sources if (origin := _inside(source, name)) and origin.is_file())
        origin = next(origins, None)
        if origin is None or target is None or (target.exists() and target.samefile(origin)):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            target.unlink()
        try:
            os.link(origin, target)
        except OSError:
            shutil.copyfile(origin, target)


def _inside(folder: Path, name: str) -> Path | None:
    """Where ``name`` is in ``folder``; None when it leads out of it, by its parts or by a link."""
    parts = PurePosixPath(name).parts
    if not parts or "\\" in name or name.startswith("/") or any(part.startswith(".") for part in parts):
        return None
    path = folder.joinpath(*parts)
    return path if path.resolve().is_relative_to(folder.resolve()) else None
