"""SVG → PNG without a browser, the same bytes on every machine: resvg, with the fonts beside this module.

Noto Sans (Latin, Cyrillic, Greek) letters the pictures, so that they do not depend on what is installed. Only a picture
with other scripts takes the system's fonts as well, and only that one may differ between machines.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import as_file, files
from io import BytesIO
from pathlib import Path

__all__ = ["COVERED", "covers", "picture_key", "png"]

FONT = "Noto Sans"
COVERED = (
    (0x20, 0x7E), (0xA0, 0x24F), (0x259, 0x259), (0x2BB, 0x2BC), (0x300, 0x304), (0x306, 0x30C), (0x323, 0x323),
    (0x327, 0x327), (0x370, 0x377), (0x37A, 0x37F), (0x384, 0x38A), (0x38C, 0x38C), (0x38E, 0x3A1), (0x3A3, 0x3E1),
    (0x3F0, 0x52F), (0x1E00, 0x1EFF), (0x2010, 0x2027), (0x202F, 0x2030), (0x2032, 0x2033), (0x2039, 0x203A),
    (0x2044, 0x2044), (0x2070, 0x2071), (0x2074, 0x208E), (0x20A0, 0x20BF), (0x2116, 0x2116), (0x2122, 0x2122),
)  # fmt: skip
"""Characters that the fonts hold: first and last code point of each run."""
VERSION = "1"
"""Counts up when the same SVG makes another picture."""

_USE = re.compile(r'<use [^>]*?transform="[^"]*scale\(([-+.0-9e]+)\)"[^>]*>')
_WIDTH = re.compile(r'(stroke-width|stroke-dasharray)="([^"]*)"')
_FAMILY = re.compile(r'font-family="[^"]*"')
_SPOKEN = re.compile(r">([^<]+)<")


@lru_cache(maxsize=32)
def png(svg: str, *, zoom: float = 1.0) -> bytes:
    """A standalone SVG as PNG, ``zoom`` times its own size. Raises `ValueError` when it is no SVG."""
    import resvg_py

    drawn = bytes(
        resvg_py.svg_to_bytes(
            svg_string=_plain(svg),
            zoom=zoom,
            skip_system_fonts=covers(svg),
            font_files=list(_fonts()),
            font_family=FONT,
            sans_serif_family=FONT,
            serif_family=FONT,
        )
    )
    return _packed(drawn)


def covers(svg: str) -> bool:
    """Whether all that an SVG writes can be set in the fonts that come along."""
    letters = {ord(char) for text in _SPOKEN.findall(svg) for char in text} - {0x9, 0xA, 0xD}
    return all(any(first <= code <= last for first, last in COVERED) for code in letters)


def picture_key(svg: str, zoom: float = 1.0) -> str:
    """Names all that the PNG of ``svg`` is made from; equal keys mean equal pictures on one machine."""
    import hashlib
    from importlib.metadata import version

    made_by = f"{VERSION} {version('resvg-py')} {version('pillow')} {zoom:g}"
    return hashlib.sha256(f"{made_by}\n{svg}".encode()).hexdigest()


def _plain(svg: str) -> str:
    """The SVG in what resvg knows: strokes that keep their width are given the width that scales to it."""
    return _FAMILY.sub(f'font-family="{FONT}"', _USE.sub(_unscaled, svg))


def _unscaled(use: re.Match[str]) -> str:
    scale = float(use[1])

    def shrink(found: re.Match[str]) -> str:
        lengths = " ".join(f"{float(part) / scale:.6g}" for part in re.split(r"[ ,]+", found[2].strip()))
        return f'{found[1]}="{lengths}"'

    return _WIDTH.sub(shrink, use[0])


@cache
def _fonts() -> tuple[str, ...]:
    folder = files("storymap") / "fonts"
    out = []
    for face in ("Regular", "Bold", "Italic"):
        with as_file(folder / f"NotoSans-{face}.ttf") as path:
            out.append(str(Path(path)))
    return tuple(out)


def _packed(drawn: bytes) -> bytes:
    """The same picture in 256 colours, in far fewer bytes: maps are flat."""
    import PIL.Image

    with PIL.Image.open(BytesIO(drawn)) as picture:
        flat = picture.convert("RGB").quantize(256, method=PIL.Image.Quantize.MEDIANCUT, dither=PIL.Image.Dither.NONE)
        out = BytesIO()
        flat.save(out, "PNG", optimize=True)
    return out.getvalue()
