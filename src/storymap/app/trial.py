"""An article to try a snippet in: plain text above and below, in a column as wide as the window."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import cast

from storymap.embed import KINDS, EmbedError, EmbedOptions, Kind, Layout, Theme, snippet
from storymap.oembed import Embeddable

__all__ = ["TRIAL_CSP", "asked_for", "snippet_for", "trial_article"]

STYLE = Path(__file__).with_name("trial.css").read_text(encoding="utf-8")
# The snippet brings styles of its own, as attributes.
TRIAL_CSP = (
    "default-src 'none'; script-src 'self'; frame-src 'self'; img-src 'self'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
WORDS = "Here stands the text of the article, as long as it is, and the reader scrolls through it. " * 5


def asked_for(query: Mapping[str, str]) -> tuple[Kind, EmbedOptions]:
    """Kind and options from a query. Raises `EmbedError`."""
    kind = cast("Kind", query.get("kind", "ladder"))
    if kind not in KINDS:
        raise EmbedError(f"kind: '{kind}' is not one of {', '.join(KINDS)}")
    offset = query.get("top_offset", "0")
    height = query.get("height", "640")
    if not (height.isascii() and height.isdigit() and len(height) < 6):
        raise EmbedError(f"height: '{height}' is no number of pixels")
    options = EmbedOptions(
        step=query.get("step") or None,
        lang=query.get("lang") or None,
        theme=cast("Theme", query.get("theme", "auto")),
        layout=cast("Layout", query.get("layout", "auto")),
        height=int(height),
        top_offset=int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 6 else offset,
    )
    return kind, options


def snippet_for(story: Embeddable, kind: Kind, options: EmbedOptions) -> str:
    """The snippet of a story. Raises `EmbedError`."""
    return snippet(
        kind,
        url=story.url,
        title=story.title,
        script_url=story.script_url,
        picture_url=story.picture_url,
        alt=story.alt,
        picture_size=story.picture_size,
        words=story.words,
        options=options,
    )


def trial_article(story: Embeddable, kind: Kind, options: EmbedOptions) -> str:
    """HTML of an article with the snippet in it. Raises `EmbedError`."""
    paragraph = f"<p>{WORDS}</p>"
    header = f'<header style="height:{options.top_offset}px">Header of the site</header>' if options.top_offset else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>Trial article: {escape(story.title)}</title><style>{STYLE}</style></head>"
        f"<body>{header}<main><h1>An article</h1>{paragraph}\n{snippet_for(story, kind, options)}\n"
        f"{paragraph * 6}</main></body></html>\n"
    )
