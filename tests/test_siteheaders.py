"""``_headers``: what hosts read of it, and within what they take."""

from __future__ import annotations

import re

import pytest

from storymap.manifest import CACHE_CONTROL, sorted_entries
from storymap.siteheaders import COMMON, FRAMED_BY, MEDIA_CSP, headers_file

LANGS = ("", *(f"{code}/" for code in ("ru", "kk", "de", "fr", "es", "pt", "it", "tr", "uz", "ky")))
POLICIES = {
    f"{lang}{page}.html": f"default-src 'none'; {FRAMED_BY}" for lang in LANGS for page in ("index", "embed", "offline")
}
FILES = {
    **dict.fromkeys(POLICIES, b""),
    **{f"{lang}images/{n}.png": b"" for lang in LANGS for n in range(40)},
    **{f"{lang}{name}": b"" for lang in LANGS for name in ("cover.png", "feed.xml", "embed.txt", "oembed.json")},
    "embed.js": b"", "story.json": b"", "data/a-0123456789abcdef.geojson": b"", "media/0123456789abcdef.mp4": b"",
}  # fmt: skip


def rules(text: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for block in re.split(r"\n(?=\S)", text.strip()):
        path, *lines = block.split("\n")
        assert path not in found
        found[path] = dict(line.strip().split(": ", 1) for line in lines)
    return found


def for_path(path: str, known: dict[str, dict[str, str]]) -> dict[str, str]:
    out: dict[str, str] = {}
    for rule, values in known.items():
        if re.fullmatch(re.escape(rule).replace(r"\*", ".*"), path):
            assert not out.keys() & values.keys(), f"{path}: a host would join the values of two rules"
            out |= values
    return out


@pytest.mark.parametrize("root", ["/", "/maps/a/"])
def test_each_file_gets_its_headers_once(root: str) -> None:
    known = rules(headers_file(sorted_entries(FILES.items()), POLICIES, root))
    for path in FILES:
        got = for_path(f"{root}{path}", known)
        assert COMMON.items() <= got.items(), path
        if path.startswith(("media/", "data/")):
            assert got["Cache-Control"] == CACHE_CONTROL["immutable"] and got["Content-Security-Policy"] == MEDIA_CSP
        elif path in POLICIES:
            assert got["Cache-Control"] == CACHE_CONTROL["revalidate"]
            assert got["Content-Security-Policy"] == POLICIES[path]
            assert for_path(f"{root}{path.removesuffix('index.html')}", known) == got
        elif "images/" in path:
            assert got["Cache-Control"] == CACHE_CONTROL["revalidate"] and got["Content-Security-Policy"] == MEDIA_CSP
        assert ("Access-Control-Allow-Origin" in got) == path.startswith(("embed.js", "data/")) or path.endswith(
            ".json"
        )


def test_eleven_languages_fit_into_what_hosts_take() -> None:
    text = headers_file(sorted_entries(FILES.items()), POLICIES)
    assert len(rules(text)) <= 100
    assert max(map(len, text.splitlines())) <= 2000
