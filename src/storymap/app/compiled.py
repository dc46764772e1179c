"""What the app keeps of a story in memory: a document ready to be sent, or the reasons why there is none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

from storymap.app.packing import Packed
from storymap.document import Document
from storymap.story import Story

__all__ = ["About", "Broken", "Compiled", "Page", "about_story", "compiled"]


@dataclass(frozen=True, slots=True)
class About:
    """What a list of stories says of one."""

    slug: str
    title: str
    subtitle: str
    description: str
    lang: str
    author: str = ""
    steps: tuple[tuple[str, str, str], ...] = ()
    """Of each step: id, title, and the map in words."""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compiled:
    """A document ready to be sent. ``tag`` names its bytes, and is equal for equal bytes."""

    about: About
    csp: str
    tag: str
    content: Packed
    assets: Mapping[str, Path]
    """Media by their address relative to the document's (``media/<hash>.jpg``)."""
    picture: Callable[[str], str] = str
    """A step's map with its credits as an SVG file, `illustration.PICTURE` in size, by the step's id. Raises `KeyError`."""
    addressed: Callable[[str], Compiled] | None = None
    """The same with more HTML at the end of its ``<head>``, such as where it is on the web."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A story that can not be shown, with one line for each reason."""

    slug: str
    problems: tuple[str, ...]


Page = Compiled | Broken


def about_story(story: Story) -> About:
    """Texts of a story that need no compiling."""
    steps = tuple((step.id, step.title, step.alt) for step in story.steps)
    texts = (story.title, story.subtitle or "", story.description or "", story.lang)
    return About(story.slug, *texts, story.byline or "", steps, tuple(story.languages))


def compiled(story: Story, document: Document, picture: Callable[[str], str]) -> Compiled:
    """The document, compressed once here: doing it for each request would cost 100 times more than sending it.

    ``picture``: as in `Compiled`.
    """
    about = about_story(story)
    made = Compiled(about, document.csp, *_packed(document.html), document.assets, cache(picture))
    head, _, body = document.html.partition("</head>")

    # Few: the address that a request names is the reader's to choose, and each costs memory.
    @lru_cache(maxsize=4)
    def addressed(more: str) -> Compiled:
        tag, content = _packed(f"{head}{more}</head>{body}")
        return replace(made, tag=tag, content=content)

    return replace(made, addressed=addressed)


def _packed(html: str) -> tuple[str, Packed]:
    plain = html.encode()
    return hashlib.sha256(plain).hexdigest()[:32], Packed(plain)
