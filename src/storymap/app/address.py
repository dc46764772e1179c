"""Addresses in the app: what a reader's query asks for, and the address of a story's document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from storymap.storytypes import SLUG

__all__ = ["Wanted", "app_path", "document_address", "reader_address", "wanted"]

LANG = r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}"
PATH = r"/(?:[A-Za-z0-9._~-]+/)*"
LONGEST = 64


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a query asks for. Only checked words get this far; anything else is as good as absent."""

    story: str | None = None
    step: str | None = None
    lang: str | None = None
    embed: bool = False
    share: str | None = None


def wanted(query: Mapping[str, str]) -> Wanted:
    """Reads ``story``, ``step``, ``lang``, ``embed`` and ``share`` from a page's query."""
    return Wanted(
        story=_checked(query.get("story"), SLUG),
        step=_checked(query.get("step"), SLUG),
        lang=_checked(query.get("lang"), LANG),
        embed=query.get("embed", "").lower() == "true",
        share=_checked(query.get("share"), SLUG),
    )


def _checked(word: str | None, pattern: str) -> str | None:
    return word if word and len(word) <= LONGEST and re.fullmatch(pattern, word) else None


def app_path(page_url: str | None) -> str:
    """Path under which the browser sees the app, from the address of its page: ``/``, or ``/maps/`` behind a proxy."""
    path = urlsplit(page_url or "").path
    path = path if path.endswith("/") else f"{path}/"
    # The browser states its own address: anything odd (a second slash would name another host) is not repeated.
    return path if re.fullmatch(PATH, path) and ".." not in path.split("/") else "/"


def document_address(base: str, slug: str, step: str | None = None, lang: str | None = None) -> str:
    """Address of a story's document as the reader page frames it; ``base`` as from `app_path`."""
    query = {"step": step, "lang": lang, "shell": "app"}
    return f"{base}story/{quote(slug)}/?" + urlencode({key: value for key, value in query.items() if value})


def reader_address(slug: str, asked: Wanted) -> str:
    """Address of a story in the reader page, relative to it; language and embedding stay as they are."""
    query = {"story": slug, "lang": asked.lang, "embed": "true" if asked.embed else None}
    return "?" + urlencode({key: value for key, value in query.items() if value})
