"""SVG → PNG without a browser."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from io import BytesIO

import PIL.Image
import PIL.ImageFont
import pytest

from storymap.raster import COVERED, covers, picture_key, png

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="40" viewBox="0 0 60 40">{}</svg>'
GROUND = '<rect fill="#ffffff" width="60" height="40"/>'


def drawn(inside: str, zoom: float = 1.0) -> PIL.Image.Image:
    return PIL.Image.open(BytesIO(png(SVG.format(GROUND + inside), zoom=zoom))).convert("RGB")


def inked(picture: PIL.Image.Image) -> int:
    """Pixels that are darker than middle grey."""
    return sum(count for level, count in enumerate(picture.convert("L").histogram()) if level < 128)


def test_it_has_the_size_of_the_svg_times_zoom() -> None:
    assert drawn("").size == (60, 40)
    assert drawn("", zoom=2).size == (120, 80)


def test_strokes_of_scaled_paths_keep_their_width() -> None:
    """SVG asks for that with vector-effect, which resvg does not know."""
    line = '<defs><path id="s.a" vector-effect="non-scaling-stroke" d="M0 2h5"/></defs>'
    use = '<use href="#s.a" fill="none" stroke="#000000" stroke-width="4" transform="translate(5 0)scale(10)"/>'
    picture = drawn(line + use)
    column = [picture.getpixel((30, y)) for y in range(40)]
    assert [y for y, color in enumerate(column) if color == (0, 0, 0)] == [18, 19, 20, 21]


def test_dashes_of_scaled_paths_keep_their_length() -> None:
    line = '<defs><path id="s.a" d="M0 2h5"/></defs>'
    use = '<use href="#s.a" stroke="#000000" stroke-width="4" stroke-dasharray="10 10" transform="scale(1e1)"/>'
    row = [drawn(line + use).getpixel((x, 20)) for x in (5, 15, 25, 35)]
    assert [color == (0, 0, 0) for color in row] == [True, False, True, False]


@pytest.mark.parametrize("text", ["Zhanatas", "Жаңатас", "Ελλάδα", "Ağrı"])
def test_letters_come_from_the_fonts_that_come_along(text: str) -> None:
    """With the system's fonts shut out there is ink, and no boxes for letters that are missing."""
    svg = SVG.format(f'{GROUND}<text x="2" y="20" font-family="Nowhere, serif" font-size="12">{text}</text>')
    assert covers(svg)
    one = inked(PIL.Image.open(BytesIO(png(svg))))
    box = inked(drawn('<text x="2" y="20" font-size="12">\ue000</text>'))
    assert one > 20
    assert one != box


def test_bold_and_italic_are_faces_of_their_own() -> None:
    faces = ("", ' font-weight="600"', ' font-style="italic"')
    pictures = {drawn(f'<text x="2" y="25" font-size="20"{face}>Rock</text>').tobytes() for face in faces}
    assert len(pictures) == 3


def test_what_the_fonts_cover_is_what_they_hold() -> None:
    for face in ("Regular", "Bold", "Italic"):
        path = files("storymap") / "fonts" / f"NotoSans-{face}.ttf"
        with path.open("rb") as file:
            font = PIL.ImageFont.truetype(BytesIO(file.read()), 40)
        lacking = (font.getbbox("\ue000"), bytes(font.getmask("\ue000")))
        for code in {code for run in COVERED for code in run} - {0x20, 0xA0, 0x202F}:
            assert (font.getbbox(chr(code)), bytes(font.getmask(chr(code)))) != lacking, f"{face} lacks U+{code:04X}"
    assert not covers(SVG.format("<text>北京</text>"))
    assert not covers(SVG.format("<text>مدينة</text>"))


def test_the_same_svg_is_the_same_bytes_in_every_process() -> None:
    svg = SVG.format(f'{GROUND}<circle cx="20" cy="20" r="9" fill="#336699"/><text x="9" y="30">Жаңатас</text>')
    code = "import sys, hashlib; from storymap.raster import png; print(hashlib.sha256(png(sys.argv[1])).hexdigest())"
    said = {
        subprocess.run([sys.executable, "-c", code, svg], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    assert len(said) == 1


def test_the_key_of_a_picture_changes_with_all_that_it_is_made_from() -> None:
    assert picture_key(SVG) == picture_key(SVG)
    assert len({picture_key(SVG), picture_key(SVG + " "), picture_key(SVG, 2.0)}) == 3


def test_what_is_no_svg_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\S"):
        png("no picture")
