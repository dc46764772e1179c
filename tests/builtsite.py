"""A small story with all that a site can hold, in two languages, and its site."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import PIL.Image

import storymap
from storyfolder import write_story
from storymap import geocache
from storymap.sitebuild import Built, build_site

URL = "https://maps.example.org/stories/a-story/"

RUSSIAN = """
title: История
description: О «городе».
corrections: {2024-05-02: Было неверно.}
steps:
  one: {title: Первый, alt: Карта 1., text: Первый текст.}
  two: {title: Второй, alt: Карта 2., text: Второй текст.}
  three: {title: Третий, alt: Карта 3., text: Третий текст.}
"""


def full(story: dict[str, Any]) -> None:
    """All that readers and machines are told."""
    story |= {
        "title": 'A story of <rock> & "roll"',
        "subtitle": "Under the title",
        "byline": "A desk",
        "description": 'What it is about: "rock" & more.',
        "published": "2024-04-30",
        "updated": "2024-05-01",
        "article": "https://news.example/article",
        "corrections": [{"date": "2024-05-02", "text": "It was 9, not 8.", "step": "two"}],
        "sources": {
            "book": {"title": "A book", "publisher": "A house", "url": "https://books.example/1", "date": "1999"}
        },
    }
    story["steps"][0] |= {
        "media": {"file": "media/red.png", "alt": "Red", "credit": "A desk"},
        "sources": [{"source": "book", "note": "Page 3."}],
        "quote": {"text": "It rocks", "who": "A miner"},
    }


def write_full(folder: Path, change: Callable[[dict[str, Any]], object] = lambda story: None) -> Path:
    """The story's folder below ``folder``, changed by ``change``."""

    def both(story: dict[str, Any]) -> None:
        full(story)
        change(story)

    (folder / "a-story" / "media").mkdir(parents=True, exist_ok=True)
    PIL.Image.new("RGB", (200, 100), "#ff0000").save(folder / "a-story" / "media" / "red.png")
    path = write_story(folder, both)
    (path / "story.ru.yaml").write_text(RUSSIAN, "utf-8")
    return path


def built(folder: Path, out: Path, **options: Any) -> Built:
    """The site of the story in ``folder``."""
    return build_site(storymap.load(folder), out, **{"cache": geocache.user_cache(), **options})


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
