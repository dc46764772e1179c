"""Pictures, sounds and films that an editor brings in: what they are is told by their content, not by their name."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from PIL import Image, ImageOps

from storymap.photometa import credit_of, is_located, without_metadata

__all__ = ["BadMedia", "Kind", "MediaFile", "kind_of", "read_media", "smaller"]

Kind = Literal["picture", "sound", "film"]

MOST_MB: dict[Kind, int] = {"picture": 25, "sound": 40, "film": 100}
MOST_PIXELS = 60_000_000
WIDE = 2400
"""Pixels across from which a picture is larger than any reader sees it."""

_FORMATS = {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp", "AVIF": ".avif", "GIF": ".gif"}
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(_FORMATS.values(), "picture"), ".jpeg": "picture",
    ".mp3": "sound", ".ogg": "sound", ".wav": "sound", ".mp4": "film", ".webm": "film",
}  # fmt: skip
_PLACE_IN_FILM = (b"\xa9xyz", b"com.apple.quicktime.location", b"loci")


class BadMedia(ValueError):
    """A file that can not join a story, in one line for the editor."""


@dataclass(frozen=True)
class MediaFile:
    """A file as it may join a story."""

    name: str
    """``media/plant.jpg``, with the suffix of its content."""
    content: bytes
    kind: Kind
    notes: tuple[str, ...] = ()
    """What was done to it and what is to be known, in sentences."""
    size: tuple[int, int] | None = None
    """Pictures: width and height in pixels, as they are shown."""
    credit: str = ""
    """Pictures: whom the file itself names."""


def kind_of(file: str) -> Kind | None:
    """What a file of a story is, by its name."""
    return _KINDS.get(PurePosixPath(file).suffix.lower())


def read_media(name: str, content: bytes) -> MediaFile:
    """A file that was uploaded as ``name``, fit to join a story. Raises `BadMedia`."""
    if not content:
        raise BadMedia(f"'{name}' is empty: choose the file again")
    suffix = _suffix(content) or _picture_suffix(name, content)
    kind = _KINDS[suffix]
    most = MOST_MB[kind]
    if len(content) > most * 1_000_000:
        raise BadMedia(f"'{name}' has {len(content) / 1e6:.0f} MB: a {kind} may have {most} MB, so export it smaller")
    stem = re.sub(r"[^\w-]+", "-", PurePosixPath(name.replace("\\", "/")).stem).strip("-") or kind
    path = f"media/{stem}{suffix}"
    if kind == "picture":
        return _picture(path, content, _renamed(name, suffix))
    notes = list(_renamed(name, suffix))
    if kind == "film" and any(mark in content for mark in _PLACE_IN_FILM):
        notes.append("This film says where it was taken. It is not taken out: export the film without its location.")
    return MediaFile(path, content, kind, tuple(notes))


def smaller(media: MediaFile, wide: int = WIDE) -> MediaFile:
    """A picture at most ``wide`` pixels across, written anew; the same when it is smaller or moves."""
    with Image.open(io.BytesIO(media.content)) as picture:
        if media.size is None or media.size[0] <= wide or getattr(picture, "n_frames", 1) > 1:
            return media
        turned = ImageOps.exif_transpose(picture)
        made = turned.resize((wide, max(1, round(turned.height * wide / turned.width))), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        kind = {".jpg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".avif": "AVIF"}[PurePosixPath(media.name).suffix]
        more = {} if kind == "PNG" else {"quality": 85}
        made.save(out, kind, icc_profile=picture.info.get("icc_profile"), **more)
    note = f"Made smaller for readers: {made.width} x {made.height} pixels."
    return MediaFile(media.name, out.getvalue(), "picture", (*media.notes, note), made.size, media.credit)


def _suffix(content: bytes) -> str | None:
    """Suffix of a sound or film; None for all that is neither. Raises `BadMedia` for kinds that are known and not shown."""
    head, brand = content[:12], content[8:12]
    if content[:3] == b"ID3" or (content[0] == 0xFF and content[1:2] and content[1] & 0xE6 == 0xE2):
        return ".mp3"
    if head[:4] == b"OggS":
        return ".ogg"
    if head[:4] == b"RIFF" and brand == b"WAVE":
        return ".wav"
    if head[:4] == b"\x1aE\xdf\xa3":
        if b"webm" in content[:64]:
            return ".webm"
        raise BadMedia("this is a Matroska film (mkv): export it as mp4 or webm")
    if content[4:8] == b"ftyp":
        if brand in (b"avif", b"avis"):
            return None
        if brand in (b"heic", b"heix", b"mif1", b"heim", b"hevc"):
            raise BadMedia("this is a HEIC photo, which most browsers can not show: export it as JPEG")
        if brand in (b"qt  ", b"M4A ", b"M4B "):
            raise BadMedia("this is a QuickTime file: export it as mp4, or a sound as mp3")
        return ".mp4"
    return None


def _picture_suffix(name: str, content: bytes) -> str:
    try:
        with Image.open(io.BytesIO(content)) as picture:
            kind, (wide, high) = picture.format or "", picture.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        kind, wide, high = "", 0, 0
    if wide * high > MOST_PIXELS:
        raise BadMedia(f"'{name}' has {wide} x {high} pixels: export it smaller, {WIDE} pixels across are plenty")
    if kind not in _FORMATS:
        drawn = b"<svg" in content[:2000].lower()
        hint = "export the drawing as png" if drawn else "known are jpg, png, webp, avif, gif, mp3, ogg, wav, mp4, webm"
        raise BadMedia(f"'{name}' is no picture, sound or film that can be shown: {hint}")
    return _FORMATS[kind]


def _renamed(name: str, suffix: str) -> tuple[str, ...]:
    said = PurePosixPath(name).suffix.lower()
    alike = {said, suffix} <= {".jpg", ".jpeg"} or said == suffix
    return () if alike else (f"The file is a {suffix[1:]}, whatever its name says: it is called so in the story.",)


def _picture(path: str, content: bytes, notes: tuple[str, ...]) -> MediaFile:
    try:
        located = is_located(content)
        made = without_metadata(content)
        with Image.open(io.BytesIO(made)) as picture:
            picture.load()
            size = ImageOps.exif_transpose(picture).size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise BadMedia(f"'{PurePosixPath(path).name}' can not be read to its end: export it anew") from None
    if located:
        notes += ("The photo said where it was taken. That is taken out, with the camera's data.",)
    elif made != content:
        notes += ("The camera's data and comments are taken out of the file.",)
    return MediaFile(path, made, "picture", notes, size, credit_of(content))
