"""Media and tables of a story at work: those in its folder, and those that its draft brought in."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from PIL import Image, ImageOps

from storymap.app.editor.desk import Desk
from storymap.durable import SaveError
from storymap.errors import StoryError
from storymap.figuredata import is_time, read_table
from storymap.storypaths import FIGURE_SUFFIXES, story_bytes

__all__ = ["bring_in", "columns", "content", "guessed", "tables", "thumbnail"]

MOST = 8_000_000
"""Bytes of a film or sound above which it is not played in the panel."""


def content(desk: Desk, file: str, most: int = MOST) -> bytes | None:
    """Content of a file of the story or the draft; None when there is none, or more than ``most`` bytes of it."""
    for folder in _folders(desk):
        try:
            if (folder / file).is_file():
                found = story_bytes(folder, file, most)
                return found if len(found) <= most else None
        except (OSError, StoryError, ValueError):
            continue
    return None


def _folders(desk: Desk) -> list[Path]:
    try:
        return [desk.drafts.files(desk.session), desk.folder]
    except SaveError:
        return [desk.folder]


def bring_in(desk: Desk, name: str, content: bytes) -> str | None:
    """Takes a file into the draft and gives its name in the story; None when that failed, which is told."""
    try:
        return desk.drafts.bring_in(desk.session, name, content)
    except SaveError as error:
        desk.tell(str(error), "error")
        return None


def tables(desk: Desk) -> dict[str, list[str]]:
    """Tables that a chart can be made of, with their columns: those with a column of times and one of numbers."""
    found: dict[str, list[str]] = {}
    for folder in _folders(desk):
        for path in sorted([*folder.glob("*"), *folder.glob("*/*")]):
            name = path.relative_to(folder).as_posix()
            if (
                path.suffix.lower() not in FIGURE_SUFFIXES
                or name in found
                or any(p.startswith(".") for p in Path(name).parts)
            ):
                continue
            if path.is_file() and path.stat().st_size <= 200_000:
                found_columns = columns(desk, name)
                if "x" in guessed(found_columns):
                    found[name] = list(found_columns)
    return found


def columns(desk: Desk, name: str) -> dict[str, list[str]]:
    """Columns of a table of the story, with their cells as text; none when it can not be read."""
    raw = content(desk, name)
    try:
        table = read_table(name, raw or b"")
    except StoryError:
        return {}
    return {str(column): [str(value) for value in table[column]] for column in table.columns}


def guessed(table: dict[str, list[str]]) -> dict[str, str]:
    """Which columns a chart most likely takes: ``x``, ``y``, ``when``, ``kind``, as far as there are any."""
    times = [name for name, cells in table.items() if cells and all(map(is_time, filter(str.strip, cells)))
             and any(map(str.strip, cells))]  # fmt: skip
    numbers = [name for name, cells in table.items() if name not in times[:1] and _are_numbers(cells)]
    out: dict[str, str] = {}
    if times and numbers:
        out = {"x": times[0], "y": numbers[0]}
        out |= {key: name for key in ("when", "kind") for name in table if name.lower() == key}
    return out


def _are_numbers(cells: list[str]) -> bool:
    said = [cell.strip() for cell in cells if cell.strip()]
    try:
        return bool(said) and all(float(cell) >= 0 for cell in said)
    except ValueError:
        return False


def thumbnail(content: bytes, wide: int = 400) -> str:
    """A picture as a small ``data:`` address; "" when it can not be read."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            picture.draft("RGB", (wide * 2, wide * 2))
            turned = ImageOps.exif_transpose(picture)
            turned.thumbnail((wide, wide))
            out = io.BytesIO()
            clear = turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info
            turned.convert("RGBA" if clear else "RGB").save(out, "WEBP", quality=75)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return ""
    return f"data:image/webp;base64,{base64.b64encode(out.getvalue()).decode()}"
