"""What a page says of itself to those who link to it: Open Graph, the cards of X, schema.org, its other languages.

Formats that take whole addresses only (canonical, pictures, alternates for search engines) get them from the address of
the site, and are left out where that is not known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urljoin

from babel import Locale
from babel.core import get_global

from storymap import prose
from storymap.illustration import CARD
from storymap.story import Reference, Story

__all__ = ["Place", "head_markup", "news_article"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands in its site. Paths are relative to the site's folder and name its files."""

    path: str
    """Of the page: ``ru/index.html``."""
    pages: Mapping[str, str]
    """Language → path of its page; the story's own first."""
    url: str | None = None
    """Address of the site's folder, with a slash at its end; None when it is not known."""

    @property
    def card(self) -> str:
        """Path of the page's card."""
        return self.beside("card.png")

    def beside(self, name: str) -> str:
        """Path of a file that stands beside the page, or below it."""
        return self.path.removesuffix("index.html") + name

    def address(self, path: str) -> str | None:
        """Whole address of a file of the site; that of a page is the folder that it stands in."""
        if self.url is None:
            return None
        return urljoin(self.url, path.removesuffix("index.html")) if path != "index.html" else self.url

    def links(self) -> dict[str, str]:
        """Language → its page, relative to this one; the file is named, since there is no server behind a file://."""
        up = "../" * self.path.count("/")
        return {code: up + path for code, path in self.pages.items()}


def head_markup(story: Story, place: Place) -> str:
    """Lines for the ``<head>`` of the page at ``place``."""
    url, card = place.address(place.path), place.address(place.card)
    title = prose.smart(story.title, story.lang_of("title"))
    summary = _summary(story)
    lines: list[str] = []
    if url:
        lines.append(_tag("link", rel="canonical", href=url))
    if len(place.pages) > 1:
        lines += _alternates(place)
    properties = [
        ("og:type", "article"), ("og:title", title), ("og:description", summary), ("og:url", url),
        ("og:locale", _territory(story.lang)),
        *(("og:locale:alternate", _territory(code)) for code in place.pages if code != story.lang),
        ("og:image", card),
        *([("og:image:type", "image/png"), ("og:image:width", str(CARD[0])), ("og:image:height", str(CARD[1])),
           ("og:image:alt", story.steps[0].alt)] if card else []),
        ("article:published_time", story.published.isoformat() if story.published else None),
        ("article:modified_time", story.modified.isoformat() if story.modified else None),
    ]  # fmt: skip
    lines += [_tag("meta", property=name, content=content) for name, content in properties if content]
    lines.append(_tag("meta", name="twitter:card", content="summary_large_image" if card else "summary"))
    data = "../" * place.path.count("/") + "story.json"
    lines.append(_tag("link", rel="alternate", type="application/json", href=data))
    if url:
        at = place.address(place.beside("oembed.json"))
        lines.append(_tag("link", rel="alternate", type="application/json+oembed", href=at or "", title=title))
        at = place.address(place.beside("feed.xml"))
        lines.append(_tag("link", rel="alternate", type="application/rss+xml", href=at or "", title=title))
    article = json.dumps(news_article(story, place), ensure_ascii=False, separators=(",", ":"))
    for char, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        article = article.replace(char, code)
    lines.append(f'<script type="application/ld+json">{article}</script>')
    return "\n".join(lines)


def news_article(story: Story, place: Place) -> dict[str, Any]:
    """The page as a schema.org ``NewsArticle``."""
    url, card = place.address(place.path), place.address(place.card)
    others = [place.address(path) for code, path in place.pages.items() if code != story.lang]
    first = next(iter(place.pages))
    made: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "alternativeHeadline": story.subtitle,
        "description": _summary(story) or None,
        "inLanguage": story.lang,
        "datePublished": story.published.isoformat() if story.published else None,
        "dateModified": story.modified.isoformat() if story.modified else None,
        "author": {"@type": "Organization", "name": story.byline} if story.byline else None,
        "url": url,
        "mainEntityOfPage": url,
        "image": [card] if card else None,
        "isPartOf": {"@type": "NewsArticle", "url": story.article} if story.article else None,
        "workTranslation": [{"@id": at} for at in others if at] if story.lang == first else None,
        "translationOfWork": {"@id": place.address(place.pages[first])} if url and story.lang != first else None,
        "citation": [_citation(reference) for reference in story.sources.values()],
        "correction": [
            {"@type": "CorrectionComment", "text": item.text, "datePublished": item.date.isoformat()}
            for item in story.corrections
        ],
    }
    return {key: value for key, value in made.items() if value}


def _citation(reference: Reference) -> dict[str, Any]:
    made = {
        "@type": "CreativeWork",
        "name": reference.title,
        "url": reference.url,
        "datePublished": reference.date,
        "publisher": {"@type": "Organization", "name": reference.publisher} if reference.publisher else None,
    }
    return {key: value for key, value in made.items() if value}


def _summary(story: Story) -> str:
    text = story.description or story.subtitle or ""
    return prose.smart(text, story.lang_of("description" if story.description else "subtitle")) if text else ""


def _alternates(place: Place) -> list[str]:
    found = {code: place.address(path) or place.links()[code] for code, path in place.pages.items()}
    own = next(iter(found))
    lines = [_tag("link", rel="alternate", hreflang=code, href=href) for code, href in found.items()]
    return [*lines, _tag("link", rel="alternate", hreflang="x-default", href=found[own])]


def _territory(lang: str) -> str:
    """``en`` → ``en_US``: Open Graph names a language with the country that most of its readers are in."""
    locale = Locale.parse(lang, sep="-")
    likely = str(get_global("likely_subtags").get(locale.language, ""))
    territory = locale.territory or likely.rpartition("_")[2]
    return f"{locale.language}_{territory}" if territory else locale.language


def _tag(element: str, /, **attributes: str) -> str:
    return f"<{element} " + " ".join(f'{key}="{escape(value)}"' for key, value in attributes.items()) + ">"
