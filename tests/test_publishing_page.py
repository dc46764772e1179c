"""docs/publishing.md and docs/nginx.conf say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storymap import cli
from storymap.manifest import CACHE_CONTROL, TYPES, entry
from storymap.publish import HOST_FILES
from storymap.publishplan import RECORD
from storymap.targets import DRIVERS

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = (DOCS / "publishing.md").read_text("utf-8")
NGINX = (DOCS / "nginx.conf").read_text("utf-8")


def test_the_page_tells_every_option_target_and_extra() -> None:
    options = {word for parameter in cli.main.commands["publish"].params for word in parameter.opts if word[:2] == "--"}
    assert {option for option in options if f"`{option}" not in PAGE} == set()
    for scheme, driver in DRIVERS.items():
        assert driver.local or (f"`{scheme}://" in PAGE and f"storymap-desk[{driver.extra}]" in PAGE)
    assert RECORD in PAGE


def test_what_the_page_links_to_is_there() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (DOCS / link).exists(), link


def block(opening: str) -> str:
    start = NGINX.index(opening)
    return NGINX[start : NGINX.index("\n    }", start)]


def test_nginx_gives_the_types_of_the_manifest() -> None:
    given = {}
    for line in block("types {").splitlines()[1:]:
        if line.strip():
            kind, *suffixes = line.strip().rstrip(";").split()
            given |= {f".{suffix}": kind for suffix in suffixes}
    plain = {suffix: kind.partition(";")[0] for suffix, kind in TYPES.items() if suffix in given}
    # nginx writes its own error pages as text/html, and puts a charset only to types that it is told of.
    alike = {"text/javascript": "application/javascript", "application/xml": "text/xml"}
    assert {suffix: alike.get(kind, kind) for suffix, kind in plain.items()} == given
    assert set(TYPES) - set(given) <= {".wav"}


@pytest.mark.parametrize(
    "path",
    ["index.html", "ru/index.html", "embed.js", "images/one.svg", "media/0123456789abcdef.jpg",
     "data/belt-3eb419c33b820e67.geojson", "images/x0123456789abcdef.png"],
)  # fmt: skip
def test_nginx_keeps_for_good_what_the_manifest_calls_immutable(path: str) -> None:
    found = re.search(r'location ~ "([^"]+)" \{', NGINX)
    assert found
    lasting = re.search(found[1], f"/zhanatas/{path}") is not None
    assert lasting == (entry(path, b"").cache == "immutable")


def test_nginx_gives_the_lifetimes_of_the_manifest() -> None:
    assert f'Cache-Control "{CACHE_CONTROL["immutable"]}"' in block('location ~ "')
    for opening in ("location / {", "location ~ /embed"):
        assert f'Cache-Control "{CACHE_CONTROL["revalidate"]}"' in block(opening)


def test_nginx_shows_nobody_what_publishing_keeps() -> None:
    found = re.search(r"location ~ (/\(.*) \{\n\s+return 404", NGINX)
    assert found
    hidden = [RECORD, "storymap-published.0.part", "storymap-build.json", ".git/config", "_headers"]
    assert all(re.search(found[1], f"/zhanatas/{path}") for path in hidden)
    assert not any(re.search(found[1], f"/zhanatas/{path}") for path in ("index.html", "story.json", "embed.js"))
    assert "_headers" in HOST_FILES
