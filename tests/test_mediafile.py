"""`storymap.mediafile` and `storymap.photometa`: what is brought in is what it seems, and says nothing of where it was taken."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageOps

from storymap.mediafile import BadMedia, kind_of, read_media, smaller
from storymap.photometa import is_located, without_metadata

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description exif:GPSLatitude="43,35.4N"/></rdf:RDF></x:xmpmeta>'
)


def picture(kind: str, *, gps: bool = True, turned: int = 6, xmp: bytes = b"", mode: str = "RGB", **more: Any) -> bytes:
    made = Image.new("RGB", (64, 48), "#336699")
    for x in range(64):
        made.putpixel((x, x % 48), (x * 4, 200, 30))
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010F] = "Maker of cameras"
    exif[0x013B] = "Anna Photographer"
    if gps:
        exif[0x8825] = {1: "N", 2: (43.0, 35.0, 24.0), 3: "E", 4: (69.0, 44.0, 0.0)}
    out = io.BytesIO()
    made.convert(mode).save(out, kind, exif=exif.tobytes(), **({"xmp": xmp} if xmp else {}), **more)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_the_place_where_a_photo_was_taken_is_taken_out(kind: str) -> None:
    photo = picture(kind)
    assert is_located(photo)
    media = read_media(f"plant.{kind.lower()}", photo)
    assert not is_located(media.content)
    assert b"Maker of cameras" not in media.content
    assert "where it was taken" in media.notes[-1]
    with Image.open(io.BytesIO(media.content)) as after, Image.open(io.BytesIO(photo)) as before:
        if kind != "AVIF":
            assert after.tobytes() == before.tobytes(), "the picture itself is another"
        assert ImageOps.exif_transpose(after).size == ImageOps.exif_transpose(before).size
        assert after.getexif().get(0x013B) == "Anna Photographer"
    assert media.credit == "Anna Photographer"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_place_in_xmp_is_taken_out(kind: str) -> None:
    photo = picture(kind, gps=False, xmp=XMP) if kind != "PNG" else _with_text_chunk(picture(kind, gps=False))
    assert is_located(photo)
    made = without_metadata(photo)
    assert b"GPSLatitude" not in made
    assert not is_located(made)


def _with_text_chunk(png: bytes) -> bytes:
    body = b"XML:com.adobe.xmp\0\0\0\0\0" + XMP
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    end = png.index(b"IEND") - 4
    return png[:end] + chunk + png[end:]


def test_what_follows_the_picture_in_its_file_goes() -> None:
    photo = picture("JPEG") + b"a film with exif:GPS inside"
    made = without_metadata(photo)
    assert made.endswith(b"\xff\xd9")
    assert b"film" not in made


def test_colour_profiles_and_progressive_scans_stay() -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = picture("JPEG", icc_profile=profile, progressive=True, quality=95)
    with Image.open(io.BytesIO(without_metadata(photo))) as after, Image.open(io.BytesIO(photo)) as before:
        assert after.info["icc_profile"] == profile
        assert after.tobytes() == before.tobytes()


def test_a_photo_that_says_nothing_is_left_alone() -> None:
    plain = io.BytesIO()
    Image.new("RGB", (8, 8)).save(plain, "JPEG")
    media = read_media("a.jpg", plain.getvalue())
    assert media.notes == ()
    with Image.open(io.BytesIO(media.content)) as after:
        assert after.size == (8, 8)


def test_what_a_file_is_is_told_by_its_content() -> None:
    media = read_media("photo.jpg", picture("PNG", gps=False))
    assert media.name == "media/photo.png"
    assert "is a png" in media.notes[0]
    assert (media.kind, media.size) == ("picture", (48, 64)), "turned on its side, as its EXIF says"


@pytest.mark.parametrize(
    ("name", "content", "kind", "suffix"),
    [
        ("a.mp3", b"ID3\x04" + b"\0" * 40, "sound", ".mp3"),
        ("a.mp3", b"\xff\xfb\x90\x00" + b"\0" * 40, "sound", ".mp3"),
        ("a.ogg", b"OggS" + b"\0" * 40, "sound", ".ogg"),
        ("a.wav", b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 40, "sound", ".wav"),
        ("a.mp4", b"\0\0\0\x20ftypisom" + b"\0" * 40, "film", ".mp4"),
        ("a.webm", b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + b"\0" * 40, "film", ".webm"),
    ],
)
def test_sounds_and_films(name: str, content: bytes, kind: str, suffix: str) -> None:
    media = read_media(name, content)
    assert (media.kind, media.name) == (kind, f"media/a{suffix}")
    assert kind_of(media.name) == kind


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.jpg", b"", "empty"),
        ("a.jpg", b"%PDF-1.7 " + b"x" * 40, "no picture, sound or film"),
        ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "as png"),
        ("a.jpg", b"<html><script>alert(1)</script></html>", "no picture"),
        ("a.heic", b"\0\0\0\x20ftypheic" + b"\0" * 40, "HEIC"),
        ("a.mov", b"\0\0\0\x20ftypqt  " + b"\0" * 40, "mp4"),
        ("a.mkv", b"\x1aE\xdf\xa3\x9fB\x82\x88matroska" + b"\0" * 40, "mkv"),
    ],
)
def test_what_no_browser_shows_is_refused_in_words(name: str, content: bytes, said: str) -> None:
    with pytest.raises(BadMedia, match=said) as refused:
        read_media(name, content)
    assert "\n" not in str(refused.value)


def test_a_photo_that_breaks_off_is_refused() -> None:
    whole = picture("JPEG", quality=100)
    whole = whole[: whole.rindex(b"\xff\xda") + 60]
    with pytest.raises(BadMedia, match="read to its end"):
        read_media("a.jpg", whole)


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("storymap.mediafile").mediafile.MOST_MB, "sound", 1)
    with pytest.raises(BadMedia, match="a sound may have 1 MB"):
        read_media("a.mp3", b"ID3" + b"\0" * 1_100_000)


def test_names_can_not_lead_elsewhere() -> None:
    assert read_media("../../etc/.. passwd.png", picture("PNG")).name == "media/passwd.png"
    assert read_media("C:\\photos\\The plant.JPG", picture("JPEG")).name == "media/The-plant.jpg"


def test_a_film_that_says_where_it_was_taken_is_told() -> None:
    film = b"\0\0\0\x20ftypisom" + b"\0" * 20 + b"\xa9xyz\0\x12\x15\xc7+43.5+069.7/"
    assert "says where it was taken" in read_media("a.mp4", film).notes[0]


def test_a_picture_that_is_too_wide_can_be_made_smaller() -> None:
    out = io.BytesIO()
    Image.new("RGB", (3000, 1500), "red").save(out, "JPEG")
    media = read_media("a.jpg", out.getvalue())
    assert media.size == (3000, 1500)
    made = smaller(media)
    assert made.size == (2400, 1200)
    assert "2400 x 1200" in made.notes[-1]
    with Image.open(io.BytesIO(made.content)) as picture:
        assert picture.size == (2400, 1200)
    assert smaller(made) is made
