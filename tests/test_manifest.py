"""The manifest of a built folder: what publishing relies on."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from storymap.manifest import CACHE_CONTROL, MANIFEST, BadManifest, Manifest, entry, read_manifest, sorted_entries

FILES = {"index.html": b"<!doctype html>", "media/0123456789abcdef.jpg": b"jpg", "_headers": b"/*\n"}


def manifest() -> Manifest:
    return Manifest(
        slug="aral",
        title="Море",
        lang="en",
        languages={"en": "index.html", "ru": "ru/index.html"},
        files=sorted_entries(FILES.items()),
        url="https://maps.example/aral/",
        titles={"ru": "Море"},
        made_from={"index.html": "abc"},
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(manifest().text(), "utf-8")
    assert read_manifest(tmp_path) == manifest()
    assert read_manifest(tmp_path).entry("_headers") == entry("_headers", FILES["_headers"])
    assert read_manifest(tmp_path).entry("nothing") is None


def test_each_file_has_hash_size_type_and_cache() -> None:
    page = entry("ru/index.html", b"abc")
    assert (page.sha256, page.size) == (hashlib.sha256(b"abc").hexdigest(), 3)
    assert (page.type, page.cache) == ("text/html; charset=utf-8", "revalidate")
    assert entry("_headers", b"").type == "text/plain; charset=utf-8"
    assert entry("a.unheard", b"").type == "application/octet-stream"
    assert [item.path for item in manifest().files] == ["_headers", "index.html", "media/0123456789abcdef.jpg"]


@pytest.mark.parametrize(
    ("path", "cache"),
    [
        ("media/0123456789abcdef.jpg", "immutable"),
        ("data/places-0123456789abcdef.geojson", "immutable"),
        ("embed.js", "revalidate"),
        ("story.json", "revalidate"),
        ("images/the-ridge.png", "revalidate"),
        ("images/0123456789abcde.png", "revalidate"),
        ("images/x0123456789abcdef.png", "revalidate"),
    ],
)
def test_only_names_with_a_hash_are_kept_for_good(path: str, cache: str) -> None:
    assert entry(path, b"").cache == cache
    assert ("immutable" in CACHE_CONTROL[entry(path, b"").cache]) == (cache == "immutable")


def damaged(**changes: Any) -> str:
    return json.dumps({**json.loads(manifest().text()), **changes})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "is no build of a story"),
        ("{", "can not be read"),
        ("[]", "is no manifest"),
        (damaged(storymap=2), "newer storymap"),
        (damaged(storymap="x"), "is no manifest"),
        (damaged(files=[{"path": "../a", "sha256": "0" * 64, "size": 1, "type": "", "cache": "immutable"}]), "no path"),
        (
            damaged(files=[{"path": "/etc/a", "sha256": "0" * 64, "size": 1, "type": "", "cache": "immutable"}]),
            "no path",
        ),
        (
            damaged(files=[{"path": "a/../b", "sha256": "0" * 64, "size": 1, "type": "", "cache": "immutable"}]),
            "no path",
        ),
        (damaged(files=[{"path": "a", "sha256": "0", "size": 1, "type": "", "cache": "immutable"}]), "is damaged"),
        (damaged(files=list(reversed(json.loads(manifest().text())["files"]))), "not sorted"),
        (damaged(languages={"en": "../index.html"}), "no path"),
        (damaged(slug=3), "is damaged"),
    ],
)
def test_what_is_no_manifest_is_refused_in_one_line(tmp_path: Path, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / MANIFEST).write_text(text, "utf-8")
    with pytest.raises(BadManifest) as refused:
        read_manifest(tmp_path)
    assert said in str(refused.value) and "\n" not in str(refused.value)
