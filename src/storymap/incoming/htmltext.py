"""HTML of other programs → the Markdown that a story has, and what of it has no place there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from storymap.incoming.attachments import kind_of

__all__ = ["Converted", "plain_text", "to_markdown"]

MOST = 200_000
"""Characters of HTML in one text; what is beyond is not read."""
DEEPEST = 200
_GONE = ("script", "style", "noscript", "template", "svg", "object", "form", "head")
_EMBEDDED = ("iframe", "embed", "video", "audio")
_ALWAYS = re.compile(r"[\\`*_\[\]~^]|<(?=[A-Za-z/!?])|&(?=#?\w{1,32};)")
_AT_START = re.compile(r"^(\s*)([>#+=-])|^(\s*\d{1,9})([.)])")
_LINK = re.compile(r"(?i)(?:https?://|mailto:)[^\s<>()]+")
_BARE = re.compile(r"(?<![\w\"'=(/<>])https?://[^\s<>()\"']+[^\s<>()\"'.,;:!?]")


@dataclass
class Converted:
    """A text in Markdown, and what became of the rest."""

    text: str = ""
    pictures: list[tuple[str, str]] = field(default_factory=list)
    """Address or name, and alternative text, of each picture in it."""
    lost: list[str] = field(default_factory=list)
    """What could not be carried over."""


class _Markdown(MarkdownConverter):
    """Headings as ``##``; no table, which a story's texts do not have."""

    def escape(self, text: str, parent_tags: Any) -> str:  # noqa: ARG002 - called by name
        """The letters of ``text`` as Markdown that shows them as they are, and escapes no more than that takes."""
        return _AT_START.sub(
            lambda mark: f"{mark[1] or mark[3] or ''}\\{mark[2] or mark[4]}", _ALWAYS.sub(r"\\\g<0>", text)
        )

    def convert_td(self, el: Any, text: str, parent_tags: Any) -> str:  # noqa: ARG002
        """Cells of a row stand in one line."""
        return f" {text.strip()} ·" if text.strip() else ""

    convert_th = convert_td

    def convert_tr(self, el: Any, text: str, parent_tags: Any) -> str:  # noqa: ARG002
        """A row is an entry of a list."""
        return f"- {text.strip().removesuffix('·').strip()}\n" if text.strip() else ""

    def convert_table(self, el: Any, text: str, parent_tags: Any) -> str:  # noqa: ARG002
        """The table is that list."""
        return f"\n\n{text.strip()}\n\n"


def to_markdown(html: str, labels: Mapping[str, str]) -> Converted:
    """``html`` as CommonMark without raw HTML. ``labels``: words for links to what is not shown, by `kind_of`.

    Bare addresses become links. Scripts and styles are gone without a word: they are no text.
    """
    made = Converted()
    if len(html) > MOST:
        made.lost.append(f"the end of a text of {len(html)} characters")
    soup = BeautifulSoup(_BARE.sub(r'<a href="\g<0>">\g<0></a>', html[:MOST]) if "<a" not in html else html[:MOST],
                         "html.parser")  # fmt: skip
    if _depth(soup) > DEEPEST:
        made.text = " ".join(soup.get_text(" ").split())
        made.lost.append("the formatting of a text whose parts are nested too deep")
        return made
    for tag in soup.find_all(_GONE):
        tag.decompose()
    _move_out(soup, made, labels)
    _mend_links(soup, made)
    converter = _Markdown(
        heading_style="ATX", bullets="-", strong_em_symbol="*", newline_style="BACKSLASH", wrap=True, wrap_width=None,
        strip=["img"], sub_symbol="~", sup_symbol="^", code_language="",
    )  # fmt: skip
    text = str(converter.convert_soup(soup))
    text = re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip()
    # A line break before the end of a paragraph breaks nothing.
    made.text = re.sub(r"(?<!\\)(?:\\\n)*\\(?=\n\n|\Z)", "", text).strip()
    return made


def plain_text(html: str) -> str:
    """The text of ``html`` alone, on one line."""
    soup = BeautifulSoup(html[:MOST], "html.parser")
    for tag in soup.find_all(_GONE):
        tag.decompose()
    return " ".join(soup.get_text(" ").split())


def _depth(soup: BeautifulSoup) -> int:
    deepest = 0
    todo: list[tuple[Tag, int]] = [(soup, 0)]
    while todo:
        tag, depth = todo.pop()
        deepest = max(deepest, depth)
        todo += [(child, depth + 1) for child in tag.children if isinstance(child, Tag)]
    return deepest


def _move_out(soup: BeautifulSoup, made: Converted, labels: Mapping[str, str]) -> None:
    """Pictures are taken out; players and frames become links to what they show."""
    for tag in soup.find_all("img"):
        if source := _said(tag, "src"):
            made.pictures.append((source, _said(tag, "alt")))
        tag.decompose()
    for tag in soup.find_all(_EMBEDDED):
        inner = tag.find("source")
        address = _said(tag, "src") or (_said(inner, "src") if isinstance(inner, Tag) else "")
        address = f"https:{address}" if address.startswith("//") else address
        if _LINK.fullmatch(address):
            kind = kind_of(address)
            link = soup.new_tag("a", href=address)
            link.string = labels[kind]
            made.lost.append(f"{address} was shown in the text: it is a link there now")
            tag.replace_with(link)
        else:
            made.lost.append(f"something that was shown in the text by <{tag.name}>")
            tag.decompose()


def _mend_links(soup: BeautifulSoup, made: Converted) -> None:
    for tag in soup.find_all("a"):
        address = _said(tag, "href").replace(" ", "%20").replace("(", "%28").replace(")", "%29")
        address = f"https:{address}" if address.startswith("//") else address
        if _LINK.fullmatch(address):
            tag["href"] = address
            del tag["title"]
            continue
        if address and not address.startswith("#"):
            made.lost.append(f"a link to '{address[:80]}', which leads to no page on the web")
        tag.unwrap()


def _said(tag: Tag, name: str) -> str:
    value = tag.get(name)
    return value.strip() if isinstance(value, str) else ""
