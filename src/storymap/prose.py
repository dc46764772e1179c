"""Markdown of a story → safe HTML.

CommonMark without raw HTML, code blocks and tables, with ``H~2~O`` and ``km^2^``, and typography by language. There are
no pictures in texts, a step has ``media`` for them: ``![alt](https://…)`` gives a link. Links go to http, https, mailto,
or a step of the same story (``#step-id``); any other stays as it is written, so that its author sees it. What comes out
has passed an allow-list (nh3): never change it afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.subscript import sub_plugin
from mdit_py_plugins.superscript import superscript_plugin

from storymap.typography import quoted, quotes, smart, spaced

__all__ = ["BLOCK_TAGS", "INLINE_TAGS", "inline", "plain", "quoted", "smart", "to_html"]

INLINE_TAGS = frozenset({"a", "br", "code", "em", "strong", "sub", "sup"})
BLOCK_TAGS = INLINE_TAGS | {"blockquote", "h3", "h4", "h5", "hr", "li", "ol", "p", "ul"}

_SCHEMES = {"http", "https", "mailto"}
_LINK = re.compile(r"(?i:https?://|mailto:)[^\s<>]+|#[a-z0-9]+(?:-[a-z0-9]+)*")
_FIRST_HEADING, _LAST_HEADING = 3, 5
_JOINER = "\u2060"
# The ending of a number may not begin a line ("1989-м", "120 km-long"): browsers would break after its hyphen.
_ENDING = re.compile(r"(?<=\d)-(?=[^\W\d_])")
_LOOSE_ENDING = re.compile(r"^-(?=[^\W\d_])")


def to_html(markdown: str, *, shift: int = 0, lang: str = "en") -> str:
    """Block HTML. Headings begin ``shift`` levels below ``h1``, but at ``h3`` at the highest (a step's title is an
    ``h2``) and ``h5`` at the deepest, and never skip a level, however many ``#`` they have."""
    md = _markdown(lang)
    tokens = md.parse(markdown)
    _rank_headings(tokens, shift)
    return _clean(md.renderer.render(tokens, md.options, {}), BLOCK_TAGS)


def inline(markdown: str, *, lang: str = "en") -> str:
    """HTML without blocks, for captions and credits; paragraphs run together."""
    md = _markdown(lang)
    tokens = [token for token in md.parse(markdown) if token.type == "inline"]
    return _clean(" ".join(md.renderer.render([token], md.options, {}) for token in tokens), INLINE_TAGS)


def plain(markdown: str, *, lang: str = "en") -> str:
    """Text only, on one line: for descriptions and alternatives. Not HTML: ``<`` and ``&`` stay as they are."""
    blocks = (_text(token.children or ()) for token in _markdown(lang).parse(markdown) if token.type == "inline")
    return " ".join(word for block in blocks for word in re.split(r"[ \t\n]+", block) if word)


def _text(tokens: Sequence[Token]) -> str:
    parts = (" " if token.type in ("softbreak", "hardbreak") else token.content for token in tokens)
    return "".join(parts).replace(_JOINER, "")


def _rank_headings(tokens: Sequence[Token], shift: int) -> None:
    open_levels: list[int] = []
    tag = ""
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
            while open_levels and open_levels[-1] >= level:
                open_levels.pop()
            rank = max(1 + shift, _FIRST_HEADING) + len(open_levels)
            tag = f"h{min(rank, _LAST_HEADING)}"
            open_levels.append(level)
        if token.type in ("heading_open", "heading_close"):
            token.tag = tag


def _clean(html: str, tags: frozenset[str]) -> str:
    return nh3.clean(
        html,
        tags=set(tags),
        attributes={"a": {"href"}, "ol": {"start"}},
        tag_attribute_values={"a": {"target": {"_blank"}}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer",
    ).strip()


@cache
def _markdown(lang: str) -> MarkdownIt:
    # Not linkify: a bare address in a text is not always meant as a link, and <https://…> makes one.
    md = MarkdownIt("js-default", {"typographer": True, "quotes": quotes(lang)})
    md.use(sub_plugin).use(superscript_plugin)
    md.disable(["code", "fence", "image", "lheading", "strikethrough", "table", "replacements"])
    md.core.ruler.before("smartquotes", "spaced", lambda state: _space(state, lang))
    md.validateLink = lambda url: _LINK.fullmatch(url) is not None  # type: ignore[method-assign]
    md.add_render_rule("link_open", _render_link)
    return md


def _space(state: StateCore, lang: str) -> None:
    for block in state.tokens:
        in_address = False
        before = ""
        for token in block.children or ():
            if token.type in ("link_open", "link_close") and token.info == "auto":
                in_address = token.type == "link_open"
            elif token.type == "text" and not in_address:
                text = _ENDING.sub(f"-{_JOINER}", spaced(token.content, lang))
                token.content = _LOOSE_ENDING.sub(f"-{_JOINER}", text) if before[-1:].isdigit() else text
            before = token.content or before


def _render_link(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Any) -> str:
    token = tokens[index]
    token.attrs.pop("title", None)
    if not str(token.attrGet("href") or "").startswith("#"):
        # Inside an article's frame a link would open in the frame.
        token.attrSet("target", "_blank")
    return renderer.renderToken(tokens, index, options, env)
