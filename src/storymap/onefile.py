"""A story as one file: an HTML that works by double click, a PDF for paper, a zip of its site; each replaced whole."""

from __future__ import annotations

import os
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path

from storymap.document import compile_story
from storymap.story import Story

__all__ = ["write_html", "write_pdf", "write_zip"]

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every entry of a zip, the first that the format knows: the same site is the same bytes."""
PACKED = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".mp3", ".ogg", ".mp4", ".webm", ".pdf"}
"""What is compressed already."""


def write_html(story: Story, out: Path, *, cache: Path | None = None) -> int:
    """Writes the document with all its media inside; size in bytes. Raises `StoryError`, `OSError`."""
    return _write(out, compile_story(story, cache=cache, media=None).html.encode())


def write_pdf(story: Story, out: Path, *, cache: Path | None = None) -> int:
    """Prints the document; size in bytes. Raises `StoryError`, `NoBrowser`, `NoPicture`, `OSError`."""
    from storymap.handout import handout, printer

    document = compile_story(story, cache=cache, media=None)
    with printer() as browser:
        return _write(out, handout(browser, document))


def write_zip(folder: Path, out: Path) -> int:
    """Packs a folder under its own name, sorted and without times; size in bytes. Raises `OSError`."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            item = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", EPOCH)
            item.create_system, item.external_attr = 3, 0o644 << 16
            stored = path.suffix.lower() in PACKED
            item.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(item, path.read_bytes(), compresslevel=None if stored else 9)
    return _write(out, packed.getvalue())


def _write(out: Path, content: bytes) -> int:
    """Puts ``content`` in place of the file at once."""
    out.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(out)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return len(content)
