"""What a newsroom pastes into its CMS to show a story: the ladder, the frame alone, the picture alone, or a link.

The ladder is one snippet that gives each reader the best that the CMS leaves of it: with its script the article's
scroll leads the story; without, the frame is read step by step; without the frame, the picture and the link are left.
Texts only: nothing is read or written here. `docs/embedding.md` has what the pieces do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Literal, get_args
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from storymap.storytypes import SLUG

__all__ = [
    "KINDS",
    "LAYOUTS",
    "THEMES",
    "EmbedError",
    "EmbedOptions",
    "Kind",
    "frame_address",
    "page_address",
    "script",
    "snippet",
]

Kind = Literal["ladder", "iframe", "picture", "link"]
Theme = Literal["auto", "light", "dark"]
Layout = Literal["auto", "scroll", "step", "page"]
KINDS: tuple[Kind, ...] = get_args(Kind)
THEMES: tuple[Theme, ...] = get_args(Theme)
LAYOUTS: tuple[Layout, ...] = get_args(Layout)

LANG = r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}"
LEAST_HEIGHT, MOST_HEIGHT = 300, 2000
MOST_OFFSET = 500
SELECTOR = r"[A-Za-z0-9 .#_>\-\[\]=~^$*:()]{1,80}"
PICTURE = (900, 600)
"""Width and height in pixels of a step's still, when nothing else is said."""


class EmbedError(ValueError):
    """What was asked for can not be made into a snippet; says why in one line."""


@dataclass(frozen=True, slots=True)
class EmbedOptions:
    """How the story is to be shown. Raises `EmbedError` for anything that can not be."""

    step: str | None = None
    """Id of the step at which it starts; None: the first."""
    lang: str | None = None
    """Language to ask for; None: as the address has it."""
    theme: Theme = "auto"
    """Colours: as the reader's device has them, or always light or dark."""
    layout: Layout = "auto"
    """``scroll`` and ``step`` overrule what the size of the frame would choose; ``page`` lets the frame scroll itself."""
    height: int = 640
    """Height in pixels of the frame where it is read step by step; never more than 80 % of the window."""
    top_offset: int | str = 0
    """Height in pixels of the article's fixed header, or a CSS selector of it."""

    def __post_init__(self) -> None:
        _check(self.step is None or re.fullmatch(SLUG, self.step), f"step: '{self.step}' is no id of a step")
        _check(self.lang is None or re.fullmatch(LANG, self.lang), f"lang: '{self.lang}' is no code of a language")
        _check(self.theme in THEMES, f"theme: '{self.theme}' is not one of {', '.join(THEMES)}")
        _check(self.layout in LAYOUTS, f"layout: '{self.layout}' is not one of {', '.join(LAYOUTS)}")
        _check(
            LEAST_HEIGHT <= self.height <= MOST_HEIGHT,
            f"height: {self.height} is not between {LEAST_HEIGHT} and {MOST_HEIGHT} pixels",
        )
        if isinstance(self.top_offset, int):
            _check(
                0 <= self.top_offset <= MOST_OFFSET, f"top_offset: {self.top_offset} is not 0 to {MOST_OFFSET} pixels"
            )
        else:
            _check(
                re.fullmatch(SELECTOR, self.top_offset), f"top_offset: '{self.top_offset}' is no simple CSS selector"
            )


def snippet(
    kind: Kind,
    *,
    url: str,
    title: str,
    script_url: str | None = None,
    picture_url: str | None = None,
    alt: str = "",
    picture_size: tuple[int, int] = PICTURE,
    steps: Sequence[str] = (),
    words: Mapping[str, str] | None = None,
    options: EmbedOptions | None = None,
) -> str:
    """HTML to paste into an article.

    ``url``: address of the story's document; ``script_url``: of ``embed.js`` (needed by the ladder), which leads the
    frames below its own folder; ``picture_url``: of a picture of its first step (needed by ladder and picture), with
    ``alt`` and ``picture_size`` (width, height in pixels). ``steps``: ids of the story's steps, to check the start
    against. ``words``: the page's words in the story's language (`storymap.words.page_words`).
    Raises `EmbedError`.
    """
    options = options or EmbedOptions()
    _check(kind in KINDS, f"kind: '{kind}' is not one of {', '.join(KINDS)}")
    _check(not steps or options.step in (None, *steps), f"step: the story has no step '{options.step}'")
    link = f'<a href="{_address(page_address(url, options), "url")}">{escape(title)}</a>'
    if kind == "link":
        return link
    frame = _frame(url, title, options)
    if kind == "iframe":
        return frame
    _check(picture_url is not None, f"picture_url: a {kind} needs the address of a picture")
    picture = _picture(picture_url or "", alt, picture_size, options)
    if kind == "picture":
        return f'<figure style="margin:1.5em 0">\n{picture}\n<figcaption>{link}</figcaption>\n</figure>'
    _check(script_url is not None, "script_url: the ladder needs the address of embed.js")
    skip = (words or {}).get("skip_embed", "")
    data = {"top-offset": str(options.top_offset) if options.top_offset else "", "skip": skip}
    attributes = "".join(f' data-{name}="{escape(value)}"' for name, value in data.items() if value)
    return (
        f'<figure data-storymap="1"{attributes} style="margin:1.5em 0">\n'
        f'<div style="display:grid">\n{picture}\n{frame}\n</div>\n'
        f"<figcaption>{link}</figcaption>\n</figure>\n"
        f'<script async src="{_address(script_url or "", "script_url")}"></script>'
    )


def frame_address(url: str, options: EmbedOptions) -> str:
    """Address of the story for a frame: what can be asked of the document itself stands in the query, so that it holds
    where the CMS strips the script."""
    asked = {"lang": options.lang, "step": options.step}
    asked |= {"theme": None if options.theme == "auto" else options.theme}
    asked |= {"layout": None if options.layout == "auto" else options.layout}
    return _with_query(url, asked)


def page_address(url: str, options: EmbedOptions) -> str:
    """Address of the story in a window of its own, at the same step and in the same language."""
    address = _with_query(url, {"lang": options.lang})
    return f"{address}#{options.step}" if options.step else address


def script() -> bytes:
    """``embed.js``."""
    return (files("storymap") / "page" / "embed.js").read_bytes()


def _with_query(url: str, more: Mapping[str, str | None]) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | {key: value for key, value in more.items() if value}
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))


def _frame(url: str, title: str, options: EmbedOptions) -> str:
    # Height and width as attributes too: they are what is left where the CMS strips styles.
    style = f"grid-area:1/1;display:block;width:100%;height:{_height(options)};border:0"
    address = _address(frame_address(url, options), "url")
    return (
        f'<iframe src="{address}" title="{escape(title)}" loading="lazy" width="100%" height="{options.height}" '
        f'style="{style}"></iframe>'
    )


def _height(options: EmbedOptions) -> str:
    return f"min(80svh,{options.height}px)"


def _picture(address: str, alt: str, size: tuple[int, int], options: EmbedOptions) -> str:
    # Below the frame in the same cell: seen until the story is there, and where the frame is stripped.
    style = f"grid-area:1/1;display:block;width:100%;height:auto;max-height:{_height(options)};object-fit:contain"
    return (
        f'<img src="{_address(address, "picture_url")}" alt="{escape(alt)}" width="{size[0]}" height="{size[1]}" '
        f'loading="lazy" style="{style}">'
    )


def _address(url: str, name: str) -> str:
    """The address, escaped for an attribute: http, https, or relative."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        scheme = "?"
    good = scheme in ("http", "https", "") and re.fullmatch(r"[!-~]+", url) and '"' not in url
    _check(good, f"{name}: '{url}' is no web address (http or https, without spaces)")
    return escape(url)


def _check(good: object, message: str) -> None:
    if not good:
        raise EmbedError(message)
