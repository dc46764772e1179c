"""What a photo says beside its picture: where it was taken, with which camera. All but credits is taken out.

JPEG, PNG and WebP are not written anew, so the picture loses nothing: parts of the file are left out. An AVIF that says
more is written anew. How a picture is turned, who made it and who holds the rights stay in.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator

from PIL import Image

__all__ = ["credit_of", "is_located", "without_metadata"]

_ORIENTATION, _ARTIST, _COPYRIGHT, _GPS = 0x0112, 0x013B, 0x8298, 0x8825
_PNG = b"\x89PNG\r\n\x1a\n"


def without_metadata(content: bytes) -> bytes:
    """The same picture (JPEG, PNG, WebP, AVIF or GIF) without place, camera and comments. Raises `OSError`, `ValueError`."""
    with Image.open(io.BytesIO(content)) as picture:
        kind = picture.format or ""
        exif = _kept(picture)
        speaks = bool(picture.info.get("exif") or picture.info.get("xmp"))
    cleaners: dict[str, Callable[[bytes, bytes], bytes]] = {
        "JPEG": _jpeg, "MPO": _jpeg, "PNG": _png, "WEBP": _webp,
    }  # fmt: skip
    if kind == "AVIF":
        return _anew(content, exif) if speaks else content
    made = cleaners[kind](content, exif) if kind in cleaners else content
    return made if _reads_alike(content, made) and not is_located(made) else _anew(content, exif)


def is_located(content: bytes) -> bool:
    """Whether a picture says where it was taken."""
    with Image.open(io.BytesIO(content)) as picture:
        located = bool(picture.getexif().get_ifd(_GPS))
        xmp = picture.info.get("xmp", b"")
    said = xmp if isinstance(xmp, bytes) else str(xmp).encode()
    return located or b"exif:GPS" in said or b"exif:GPS" in content


def credit_of(content: bytes) -> str:
    """Whom a photo names as its maker or as who holds its rights; "" when it does not say."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            exif = picture.getexif()
    except (OSError, ValueError, SyntaxError):
        return ""
    said = [str(exif.get(tag) or "").strip("\0 \n") for tag in (_ARTIST, _COPYRIGHT)]
    return next((text for text in said if text.isprintable() and text), "")


def _kept(picture: Image.Image) -> bytes:
    """EXIF with what is kept, as TIFF; b"" when that is nothing."""
    old, new = picture.getexif(), Image.Exif()
    for tag in (_ORIENTATION, _ARTIST, _COPYRIGHT):
        value = old.get(tag)
        if value and not (tag == _ORIENTATION and value == 1):
            new[tag] = value
    return new.tobytes().removeprefix(b"Exif\0\0") if len(new) else b""


def _jpeg(content: bytes, exif: bytes) -> bytes:
    """Without all application segments but the colour profile, without comments, and nothing after the picture's end."""
    out = [b"\xff\xd8"]
    if exif:
        block = b"Exif\0\0" + exif
        out.append(b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block)
    for marker, body in _segments(content):
        application = 0xE0 <= marker <= 0xEF
        wanted = body[4:].startswith((b"JFIF\0", b"ICC_PROFILE\0", b"Adobe"))
        if marker != 0xFE and (not application or wanted):
            out.append(body)
    out.append(b"\xff\xd9")
    return b"".join(out)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and bytes of each part of a JPEG between its beginning and its end; a scan comes with its data."""
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            raise ValueError("not a JPEG")
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == 0xD9:
            return
        end = at + 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
        if marker == 0xDA:
            end = _scan_end(content, end)
        yield marker, content[at:end]
        at = end


def _scan_end(content: bytes, at: int) -> int:
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            return len(content)
        # An escaped 0xff, or a mark for restarting: both belong to the data.
        if content[at + 1] == 0 or 0xD0 <= content[at + 1] <= 0xD7:
            at += 2
            continue
        return at


def _png(content: bytes, exif: bytes) -> bytes:
    out, at = [_PNG], len(_PNG)
    while at + 12 <= len(content):
        size = struct.unpack(">I", content[at : at + 4])[0]
        kind, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + size]
        text = kind in (b"tEXt", b"zTXt", b"iTXt") and not body.startswith((b"Author\0", b"Copyright\0"))
        if not text and kind not in (b"eXIf", b"tIME"):
            out.append(content[at : at + 12 + size])
        if kind == b"IHDR" and exif:
            out.append(struct.pack(">I", len(exif)) + b"eXIf" + exif + struct.pack(">I", zlib.crc32(b"eXIf" + exif)))
        at += 12 + size
        if kind == b"IEND":
            break
    return b"".join(out)


def _webp(content: bytes, exif: bytes) -> bytes:
    parts: list[tuple[bytes, bytes]] = []
    at = 12
    while at + 8 <= len(content):
        size = struct.unpack("<I", content[at + 4 : at + 8])[0]
        parts.append((content[at : at + 4], content[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    parts = [(kind, body) for kind, body in parts if kind not in (b"EXIF", b"XMP ")]
    if parts and parts[0][0] == b"VP8X":
        flags = parts[0][1][0] & ~0x0C
        parts[0] = (b"VP8X", bytes([flags | (0x08 if exif else 0)]) + parts[0][1][1:])
        parts += [(b"EXIF", exif)] if exif else []
    body = b"".join(kind + struct.pack("<I", len(inner)) + inner + b"\0" * (len(inner) % 2) for kind, inner in parts)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _reads_alike(before: bytes, after: bytes) -> bool:
    """Whether the picture is the same, point by point, and is turned the same way."""
    try:
        with Image.open(io.BytesIO(before)) as one, Image.open(io.BytesIO(after)) as other:
            same = one.size == other.size and one.getexif().get(_ORIENTATION, 1) == other.getexif().get(_ORIENTATION, 1)
            return same and one.convert("RGBA").tobytes() == other.convert("RGBA").tobytes()
    except (OSError, ValueError, SyntaxError):
        return False


def _anew(content: bytes, exif: bytes) -> bytes:
    """The picture written anew: for files whose parts can not be told apart."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(content)) as picture:
        more = {"quality": 92} if picture.format in ("JPEG", "MPO", "WEBP", "AVIF") else {}
        kind = "JPEG" if picture.format == "MPO" else picture.format
        moves = getattr(picture, "n_frames", 1) > 1 and kind in ("GIF", "WEBP", "PNG", "AVIF")
        block = {"exif": b"Exif\0\0" + exif} if exif else {}
        picture.info.pop("xmp", None)
        picture.save(out, kind, **({"save_all": True} if moves else {}), **more, **block,
                     icc_profile=picture.info.get("icc_profile"))  # fmt: skip
    return out.getvalue()
