"""oEmbed 1.0: what a CMS is told that was given nothing but the address of a story. Texts only; nothing is fetched.

The answer is of type ``rich``, and its HTML is the embed ladder (`storymap.embed`), or the frame alone where the CMS
wants no script. WordPress keeps of it the frame, without the right to be of its own origin; that is read step by step.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from urllib.parse import urlencode

from storymap.embed import LEAST_HEIGHT, PICTURE, EmbedOptions, snippet

__all__ = ["Embeddable", "as_json", "as_xml", "discovery_links", "oembed"]

WIDTH = 960
"""Pixels across where the CMS names no most: the frame fills its column, but oEmbed wants a number."""
LEAST_WIDTH = 200
FRESH_S = 3600


@dataclass(frozen=True, slots=True)
class Embeddable:
    """A story and the addresses, absolute, that a snippet of it needs."""

    title: str
    url: str
    script_url: str
    picture_url: str
    alt: str = ""
    author: str | None = None
    picture_size: tuple[int, int] = PICTURE
    provider: str | None = None
    provider_url: str | None = None
    words: Mapping[str, str] | None = None


def oembed(
    story: Embeddable,
    *,
    options: EmbedOptions | None = None,
    max_width: int | None = None,
    max_height: int | None = None,
) -> dict[str, str | int]:
    """The answer's fields. ``max_width`` and ``max_height``: most pixels that the frame may take; below what a story can
    be read in (200 × 300) they are not honoured, since oEmbed knows no other refusal. Raises `storymap.embed.EmbedError`.
    """
    options = options or EmbedOptions()
    height = options.height if max_height is None else max(LEAST_HEIGHT, min(options.height, max_height))
    width = WIDTH if max_width is None else max(LEAST_WIDTH, min(WIDTH, max_width))
    html = snippet(
        "ladder",
        url=story.url,
        title=story.title,
        script_url=story.script_url,
        picture_url=story.picture_url,
        alt=story.alt,
        picture_size=story.picture_size,
        words=story.words,
        # With a most height the frame must stay as it is: led by the article's scroll it would fill the window.
        options=replace(options, height=height, layout="step" if max_height is not None else options.layout),
    )
    picture_width = min(width, story.picture_size[0])
    answer: dict[str, str | int | None] = {
        "version": "1.0",
        "type": "rich",
        "title": story.title,
        "author_name": story.author,
        "provider_name": story.provider,
        "provider_url": story.provider_url,
        "cache_age": FRESH_S,
        "html": html,
        "width": width,
        "height": height,
        "thumbnail_url": story.picture_url,
        "thumbnail_width": picture_width,
        "thumbnail_height": round(picture_width * story.picture_size[1] / story.picture_size[0]),
    }
    return {key: value for key, value in answer.items() if value is not None}


def as_json(answer: Mapping[str, str | int]) -> str:
    """``application/json``. ``<`` is escaped: the text may be shown where it was not meant to be."""
    return json.dumps(answer, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")


def as_xml(answer: Mapping[str, str | int]) -> str:
    """``text/xml``."""
    fields = "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in answer.items())
    return f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<oembed>{fields}</oembed>\n'


def discovery_links(endpoint: str, url: str, title: str) -> str:
    """The ``<link>`` elements by which a CMS finds the answers. ``endpoint`` and ``url``, the story's: absolute."""
    kinds = {"json": "application/json+oembed", "xml": "text/xml+oembed"}
    return "".join(
        f'<link rel="alternate" type="{mime}" href="{escape(endpoint)}?{escape(urlencode({"url": url, "format": kind}))}"'
        f' title="{escape(title)}">\n'
        for kind, mime in kinds.items()
    )
