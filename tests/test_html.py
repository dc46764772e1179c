"""Every page of a site is valid HTML by the validator of the W3C (vnu, a program in Java)."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import storymap
from again import at_length
from builtsite import URL, built, write_full
from storymap.onefile import write_html
from storymap.withdrawal import withdraw

ROOT = Path(__file__).resolve().parent.parent
UNKNOWN_TO_VNU = (
    r"^CSS: ",  # the sheets of Leaflet and newer properties; browsers are what tests these
    r"^Attribute “(?:paint-order|vector-effect)” not allowed",  # SVG 2
)
OURS = r"^Bad value “100%” for attribute “width” on element “iframe”"
"""What is left of the frame's width where a CMS strips styles: on purpose, in the snippet."""


def validator() -> Path | None:
    """vnu.jar: STORYMAP_VNU, or where `.ci/setup test` puts it."""
    named = os.environ.get("STORYMAP_VNU")
    path = Path(named) if named else ROOT / ".venv/vnu/node_modules/vnu-jar/build/dist/vnu.jar"
    return path if path.is_file() and shutil.which("java") else None


def faults(*pages: Path) -> list[str]:
    jar = validator()
    assert jar is not None
    command = [
        "java",
        "-Xss4m",
        "-jar",
        str(jar),
        "--format",
        "json",
        "--exit-zero-always",
        "--errors-only",
        *map(str, pages),
    ]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    found = json.loads(done.stderr)["messages"]
    return [
        f"{Path(one.get('url', '')).name}: {one['message']}: {one.get('extract', '')[:200]}"
        for one in found
        if one["type"] in ("error", "non-document-error")
        and not any(re.search(rule, one["message"]) for rule in UNKNOWN_TO_VNU)
    ]


pytestmark = pytest.mark.skipif(validator() is None, reason="no vnu.jar (STORYMAP_VNU), or no Java to run it")


def test_every_page_is_valid(tmp_path: Path) -> None:
    story = write_full(tmp_path)
    dist = tmp_path / "dist"
    built(story, dist, url=URL, single_file=True)
    pages = sorted(dist.rglob("*.html"))
    assert len(pages) == 6
    found = faults(*pages)
    assert [line for line in found if not re.search(OURS.lstrip("^"), line)] == []


def test_the_notice_is_valid(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    built(write_full(tmp_path), dist)
    withdraw(dist, "One.\n\nTwo <b>.")
    assert faults(dist / "index.html", dist / "ru" / "index.html") == []


@at_length
def test_the_flagship_is_valid_in_every_language(tmp_path: Path) -> None:
    for lang in ("en", "ru", "kk"):
        write_html(storymap.load(ROOT / "geodata" / "zhanatas", lang), tmp_path / f"{lang}.html")
    assert faults(*sorted(tmp_path.glob("*.html"))) == []


def test_the_validator_finds_what_is_wrong(tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text("<!doctype html><html lang=en><title>x</title><p id=a><p id=a><img src=x.png>", "utf-8")
    assert len(faults(page)) >= 2
