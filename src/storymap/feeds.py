"""What search engines and feed readers fetch: a sitemap of the story's pages, and the story as an item of an RSS feed.

Both formats want whole addresses. Neither holds the time of the build: a story that did not change has the same feed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from email.utils import format_datetime
from html import escape
from xml.etree import ElementTree as ET

from storymap import prose, words
from storymap.illustration import PICTURE
from storymap.sharing import Place
from storymap.story import Step, Story

__all__ = ["feed", "sitemap"]

_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
_IMAGE = "http://www.google.com/schemas/sitemap-image/1.1"
for _prefix, _uri in (("atom", _ATOM), ("content", _CONTENT), ("dc", _DC), ("xhtml", _XHTML), ("image", _IMAGE)):
    ET.register_namespace(_prefix, _uri)


def sitemap(pages: Sequence[tuple[Story, Place]]) -> str:
    """``sitemap.xml`` of a site: each page with its other languages, its day of change and its card.

    ``pages``: the story in each language with its place, whose ``url`` is known.
    """
    root = ET.Element("urlset", {"xmlns": _SITEMAP})
    for story, place in pages:
        item = ET.SubElement(root, "url")
        ET.SubElement(item, "loc").text = place.address(place.path)
        day = story.modified or story.published
        if day:
            ET.SubElement(item, "lastmod").text = day.isoformat()
        for code, path in place.pages.items() if len(place.pages) > 1 else ():
            href = place.address(path) or ""
            ET.SubElement(item, f"{{{_XHTML}}}link", {"rel": "alternate", "hreflang": code, "href": href})
        image = ET.SubElement(item, f"{{{_IMAGE}}}image")
        ET.SubElement(image, f"{{{_IMAGE}}}loc").text = place.address(place.card)
    return _text(root)


def feed(story: Story, place: Place, pictures: Mapping[str, str]) -> str:
    """``feed.xml``: RSS 2.0 with the whole story as an illustrated article.

    ``pictures``: id of a step → path of its picture. `Place.url` has to be known.
    """
    url = place.address(place.path) or ""
    root = ET.Element("rss", {"version": "2.0"})
    channel = ET.SubElement(root, "channel")
    title = prose.smart(story.title, story.lang_of("title"))
    summary = story.description or story.subtitle or story.title
    for name, text in (("title", title), ("link", url), ("description", summary), ("language", story.lang)):
        ET.SubElement(channel, name).text = text
    link = {"href": place.address(place.beside("feed.xml")) or "", "rel": "self", "type": "application/rss+xml"}
    ET.SubElement(channel, f"{{{_ATOM}}}link", link)
    item = ET.SubElement(channel, "item")
    for name, text in (("title", title), ("link", url), ("description", summary)):
        ET.SubElement(item, name).text = text
    ET.SubElement(item, "guid", {"isPermaLink": "true"}).text = url
    if story.byline:
        ET.SubElement(item, f"{{{_DC}}}creator").text = story.byline
    if story.published:
        ET.SubElement(item, "pubDate").text = _moment(story.published)
    article = "\n".join(_article(story, place, pictures))
    ET.SubElement(item, f"{{{_CONTENT}}}encoded").text = article
    return _text(root)


def _article(story: Story, place: Place, pictures: Mapping[str, str]) -> Iterator[str]:
    """The story in what feed readers keep of HTML: headings, pictures, paragraphs, links."""
    said = words.page_words(story.lang)
    if story.review:
        yield f"<p><em>{escape(prose.smart(story.review, story.lang))}</em></p>"
    if story.subtitle:
        yield f"<p>{escape(prose.smart(story.subtitle, story.lang_of('subtitle')))}</p>"
    for step in story.steps:
        yield from _step(story, step, place.address(pictures[step.id]) or "")
    for item in story.corrections:
        yield f"<p>{escape(said['corrected'])} {words.day(item.date, story.lang)}: {escape(item.text)}</p>"
    url = escape(place.address(place.path) or "")
    yield f'<p><a href="{url}">{escape(said["full"])}</a></p>'


def _step(story: Story, step: Step, picture: str) -> Iterator[str]:
    lang = story.lang_of(f"steps.{step.id}.text")
    yield f"<h2>{escape(prose.smart(step.title, story.lang_of(f'steps.{step.id}.title')))}</h2>"
    if step.when:
        yield f"<p>{escape(step.when)}</p>"
    size = f'width="{PICTURE[0]}" height="{PICTURE[1]}"'
    yield f'<p><img src="{escape(picture)}" alt="{escape(step.alt)}" {size}></p>'
    yield prose.to_html(step.text, shift=2, lang=lang)
    if step.quote:
        text = prose.quoted(step.quote.text, story.lang_of(f"steps.{step.id}.quote.text"))
        yield f"<blockquote><p>{escape(text)}</p><p>{escape(step.quote.who)}</p></blockquote>"


def _moment(day: dt.date) -> str:
    """Feeds want a time as well; a day has none, so it is noon in Greenwich, the same day nearly everywhere."""
    return format_datetime(dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC), usegmt=True)


def _text(root: ET.Element) -> str:
    ET.indent(root, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
