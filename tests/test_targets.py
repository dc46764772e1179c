"""Addresses of targets, and what each driver is told."""

from __future__ import annotations

import base64
import hashlib
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from storymap.publishplan import Headers, Piece, Refused
from storymap.sitepacking import packed, worth_packing
from storymap.targets import DRIVERS, Found, Target, connect

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    "target",
    [
        "s3://AKIA123:sEcReT@news/aral",
        "s3://AKIA123:sE/cReT@news/aral",
        "s3://sEcReT@news/aral",
        "gs://token:sEcReT@news/aral",
        "az://account:sEcReT@news/aral",
        "az://news/aral?sv=2026&sig=sEcReT",
        "s3://news/aral?X-Amz-Signature=sEcReT",
        "gs://news/aral#sEcReT",
        "sftp://editor:sEcReT@example.org/www",
        "sftp://editor:sE/cReT@example.org/www",
        "sftp://editor:sE@cReT@example.org/www",
        "SFTP://editor:sEcReT@example.org/www",
    ],
)
def test_a_target_with_a_password_is_refused_and_the_password_is_not_repeated(target: str) -> None:
    with pytest.raises(Refused, match="the target holds a key or password") as refused:
        connect(target)
    said = str(refused.value)
    assert "cReT" not in said and "AKIA" not in said and "\n" not in said
    assert "usual places" in said


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("ftp://example.org/www", "ftp: is no target; did you mean 'sftp'?"),
        ("https://example.org/", "https: is no target"),
        ("s3:news/aral", "s3: is no target; write a folder, or s3://bucket/folder"),
        ("s3:///aral", "s3:///aral: names no place: write s3://bucket/folder"),
        ("gs://", "gs://: names no place: write gs://bucket/folder"),
        ("az://news/../other", "az://news/../other: names no place"),
        ("sftp:///www", "sftp:///www: names no place: write sftp://user@host/folder"),
        ("sftp://editor@/www", "sftp://: names no host"),
        ("sftp://host:port/www", "sftp://: names no host"),
    ],
)
def test_what_is_no_target_is_told(target: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        connect(target)
    assert str(refused.value).startswith(said) and "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["www", "./www", "a:b/www", "file://{tmp}/www", "FILE://{tmp}/www", "Жаңатас карта"])
def test_folders_may_have_any_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    place = connect(name.format(tmp=tmp_path))
    place.write("a/b.txt", b"text", Headers("text/plain", "no-store"), "0" * 32)
    assert (
        tmp_path / name.removeprefix("file://{tmp}/").removeprefix("FILE://{tmp}/") / "a/b.txt"
    ).read_bytes() == b"text"
    assert not place.parts()


def test_every_driver_has_its_extra_and_every_extra_its_driver() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert set(DRIVERS) - {"file"} == {driver.extra for driver in DRIVERS.values() if not driver.local} < set(extras)
    for driver in DRIVERS.values():
        if not driver.local:
            assert [Requirement(line).name for line in extras[driver.extra]] == [driver.module]


HEADERS = Headers("text/html; charset=utf-8", "public, max-age=0", "gzip")
PLAIN = Headers("image/png", "public, max-age=0")


def test_each_store_is_told_the_headers_in_its_own_words() -> None:
    def told(scheme: str, headers: Headers) -> object:
        write = DRIVERS[scheme].headers
        assert write is not None
        return write(headers)

    html, cache = HEADERS.type, HEADERS.cache
    assert told("s3", HEADERS) == {"ContentType": html, "CacheControl": cache, "ContentEncoding": "gzip"}
    assert told("s3", PLAIN) == {"ContentType": "image/png", "CacheControl": cache}
    fixed = {"cache_control": cache, "content_encoding": "gzip"}
    assert told("gs", HEADERS) == {"content_type": html, "fixed_key_metadata": fixed}
    settings = {"content_type": html, "cache_control": cache, "content_encoding": "gzip"}
    assert told("az", HEADERS) == {"content_settings": settings}
    assert DRIVERS["file"].headers is None and DRIVERS["sftp"].headers is None


def test_each_store_tells_the_md5_in_its_own_way() -> None:
    digest = hashlib.md5(b"x", usedforsecurity=False)
    assert DRIVERS["s3"].md5({"ETag": f'"{digest.hexdigest()}"'}) == digest.hexdigest()
    assert DRIVERS["s3"].md5({}) is None
    assert DRIVERS["gs"].md5({"md5Hash": base64.b64encode(digest.digest()).decode()}) == digest.hexdigest()
    assert DRIVERS["gs"].md5({}) is None and DRIVERS["gs"].md5({"md5Hash": "?"}) is None
    assert DRIVERS["az"].md5({"content_settings": {"content_md5": bytearray(digest.digest())}}) == digest.hexdigest()
    assert DRIVERS["az"].md5({"content_settings": {"content_md5": None}}) is None


def piece_of(stored: bytes, encoding: str = "") -> Piece:
    md5 = hashlib.md5(stored, usedforsecurity=False).hexdigest()
    sha256 = hashlib.sha256(stored).hexdigest()
    return Piece("a.html", "a.html", len(stored), sha256, md5, Headers("text/html", "", encoding))


def test_an_etag_that_is_no_md5_is_settled_by_reading(tmp_path: Path) -> None:
    """So it is with objects that are encrypted with a key of their own, and with large ones."""
    (tmp_path / "a.html").write_bytes(b"the page")
    place = connect(str(tmp_path))
    assert place.holds(piece_of(b"the page"), Found(8, "0" * 32))
    assert not place.holds(piece_of(b"the PAGE"), Found(8, "0" * 32))
    assert not place.holds(piece_of(b"the page"), Found(9, None))
    assert not place.holds(piece_of(b"the page"), Found(None))
    assert not place.holds(Piece("gone", "", 8, "", "", PLAIN), Found(8))


def test_a_store_that_unpacks_what_it_gives_holds_it_all_the_same(tmp_path: Path) -> None:
    text = b"the page " * 100
    (tmp_path / "a.html").write_bytes(text)
    stored = packed(text)
    place = connect(str(tmp_path))
    assert place.holds(piece_of(stored, "gzip"), Found(len(stored), None))
    assert not place.holds(piece_of(stored), Found(len(stored), None))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied", "/secret/path"), "Permission denied"),
        (ValueError("many\nlines\nof it"), "many"),
        (RuntimeError(""), "RuntimeError"),
        (OSError("GET https://x.example/y?sig=sEcReT failed"), "GET https://x.example/y?… failed"),
    ],
)
def test_whatever_a_driver_raises_becomes_one_line(error: Exception, said: str) -> None:
    class Raising:
        def cat_file(self, path: str) -> bytes:
            raise error

    with pytest.raises(Refused) as refused:
        Target("s3://news/aral", Raising(), "news/aral", DRIVERS["s3"]).read("index.html")
    assert str(refused.value) == f"s3://news/aral/index.html: can not be read: {said}"


@pytest.mark.parametrize(
    ("kind", "pays"),
    [
        ("text/html; charset=utf-8", True),
        ("text/javascript; charset=utf-8", True),
        ("application/json; charset=utf-8", True),
        ("application/geo+json; charset=utf-8", True),
        ("application/xml; charset=utf-8", True),
        ("image/svg+xml", True),
        ("image/png", False),
        ("video/mp4", False),
        ("application/pdf", False),
        ("application/octet-stream", False),
    ],
)
def test_text_is_compressed_and_pictures_are_not(kind: str, pays: bool) -> None:
    assert worth_packing(kind) == pays


def test_compressing_gives_the_same_bytes_each_time() -> None:
    assert packed(b"x" * 1000) == packed(b"x" * 1000)
    assert packed(b"")[4:8] == bytes(4), "no time stands in it"
