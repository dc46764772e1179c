"""What the app keeps of a story in memory: a document ready to be sent, or the reasons why there is none."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Compiled:
    """A document in the two encodings it is sent in. ``tag`` names its bytes, and is equal for equal bytes."""

    about: About
    csp: str
    tag: str
    plain: bytes
    gzipped: bytes
    assets: Mapping[str, Path]
    """Media by their address relative to the document's (``media/<hash>.jpg``)."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A story that can not be shown, with one line for each reason."""

    slug: str
    problems: tuple[str, ...]


Page = Compiled | Broken


def about_story(story: Story) -> About:
    """Texts of a story that need no compiling."""
    return About(story.slug, story.title, story.subtitle or "", story.description or "", story.lang)


def compiled(story: Story, document: Document) -> Compiled:
    """The document, compressed once here: doing it for each request would cost 100 times more than sending it."""
    plain = document.html.encode()
    return Compiled(
        about=about_story(story),
        csp=document.csp,
        tag=hashlib.sha256(plain).hexdigest()[:32],
        plain=plain,
        gzipped=gzip.compress(plain, compresslevel=9, mtime=0),
        assets=document.assets,
    )
