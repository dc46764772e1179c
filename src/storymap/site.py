"""A story → the files of its site, as data: what stands at which path, and which pictures have still to be drawn.

The story's own language stands in the site's folder, every other one in a folder of its name; embed.js, media and data
are shared. Every address in a page is relative and names a file, so that the site works from any folder, from
``file://`` and out of an archive. What a format wants whole addresses for is made when the site's address is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from storymap import embed, feeds, oembed, storydata, words
from storymap.document import Document, Drawn, compile_story, draw
from storymap.embedpage import EMBED_PAGE_CSP, embed_page, embed_snippet
from storymap.illustration import PICTURE, illustration, social_card
from storymap.images import still_colors
from storymap.manifest import Entry
from storymap.sharing import Place, head_markup
from storymap.siteheaders import FRAMED_BY, headers_file
from storymap.story import Story

__all__ = ["Content", "Edition", "Site", "assemble", "headers", "places"]

Content = bytes | Path
"""What a file holds, or the file that holds it."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Edition:
    """A story in one language, drawn."""

    story: Story
    place: Place
    drawn: Drawn
    document: Document


@dataclass
class Site:
    """The files of a site by path."""

    files: dict[str, Content] = field(default_factory=dict)
    drawings: dict[str, str] = field(default_factory=dict)
    """Path of a PNG that has still to be drawn → its SVG."""
    policies: dict[str, str] = field(default_factory=dict)
    """Path of a page → content security policy for its header."""
    notes: list[str] = field(default_factory=list)
    """What was left out or repaired, one sentence each."""

    def page(self, path: str, html: str, csp: str) -> None:
        """Adds a page, which any article may frame."""
        self.files[path] = html.encode()
        self.policies[path] = f"{csp}; {FRAMED_BY}"


def places(story: Story, url: str | None) -> dict[str, Place]:
    """Language → place of its page, for all languages of ``story``, its own first."""
    pages = {code: "index.html" if code == story.lang else f"{code}/index.html" for code in story.languages}
    return {code: Place(path, pages, url) for code, path in pages.items()}


def assemble(
    stories: Mapping[str, Story],
    *,
    url: str | None,
    cache: Path | None,
    single_file: bool = False,
    say: Say = lambda _: None,
) -> Site:
    """All files of the site but ``_headers`` and the manifest, which name the others.

    ``stories``: language → story, its own first. ``url``: address of the site's folder, with a slash at its end.
    Raises `StoryError`.
    """
    site = Site()
    own = next(iter(stories.values()))
    editions: list[Edition] = []
    for lang, place in places(own, url).items():
        say(f"compiling {lang}")
        drawn = draw(stories[lang], cache=cache)
        edition = _edition(stories[lang], place, drawn)
        editions.append(edition)
        _add_edition(site, edition)
        if single_file:
            alone = compile_story(edition.story, drawn=drawn, media=None)
            site.page(place.beside("offline.html"), alone.html, alone.csp)
    _add_shared(site, editions, cache)
    if url is None:
        site.notes.append(
            "no address was given (--url, or url in story.yaml), so what needs whole addresses is left out: sitemap.xml, "
            "feed.xml, oembed.json, embed.txt, and the picture of shared links"
        )
    notes = [note for edition in editions for note in edition.document.notes]
    site.notes += dict.fromkeys(notes)
    return site


def headers(site: Site, files: Iterator[Entry], url: str | None) -> str:
    """The text of ``_headers``."""
    return headers_file(files, site.policies, urlsplit(url).path if url else "/")


def _edition(story: Story, place: Place, drawn: Drawn) -> Edition:
    links = place.links() if len(place.pages) > 1 else {}
    media = "../" * place.path.count("/") + "media/"
    document = compile_story(story, drawn=drawn, languages=links, head=head_markup(story, place), media=media)
    return Edition(story, place, drawn, document)


def _add_edition(site: Site, edition: Edition) -> None:
    story, place, scene = edition.story, edition.place, edition.drawn.scene
    site.page(place.path, edition.document.html, edition.document.csp)
    site.files |= {_from_root(address): path for address, path in edition.document.assets.items()}
    pictures: dict[str, str] = {}
    for step, drawn in zip(story.steps, scene.steps, strict=True):
        svg = illustration(scene, drawn, still_colors(story, step.tone, "light"))
        pictures[step.id] = place.beside(f"images/{step.id}.png")
        site.files[place.beside(f"images/{step.id}.svg")] = svg.encode()
        site.drawings[pictures[step.id]] = svg
    # A snippet once pasted keeps its picture's address, whatever the first step will be called.
    site.drawings[place.beside("cover.png")] = site.drawings[pictures[story.steps[0].id]]
    site.drawings[place.card] = social_card(story, scene, still_colors(story, "light", "light"))
    shown = _embeddable(edition)
    site.page(place.beside("embed.html"), embed_page(shown, _embeddable(edition, beside=True)), EMBED_PAGE_CSP)
    if place.url is not None:
        site.files[place.beside("feed.xml")] = feeds.feed(story, place, pictures).encode()
        site.files[place.beside("oembed.json")] = (oembed.as_json(oembed.oembed(shown)) + "\n").encode()
        site.files[place.beside("embed.txt")] = (embed_snippet(shown) + "\n").encode()


def _add_shared(site: Site, editions: list[Edition], cache: Path | None) -> None:
    own = editions[0].story
    site.files["embed.js"] = embed.script()
    data = storydata.layer_files(own, cache)
    site.files |= dict(data.values())
    base = editions[0].drawn.base
    media = {
        str(path.relative_to(own.folder).as_posix()): _from_root(address)
        for address, path in editions[0].document.assets.items()
    }
    stories = {edition.story.lang: edition.story for edition in editions}
    site.files["story.json"] = storydata.story_json(
        stories, data, editions[0].place.pages, base_credits=base.credits_in(own.lang) if base else (),
        media=media,
        url=editions[0].place.url,
    ).encode()  # fmt: skip
    if editions[0].place.url is not None:
        site.files["sitemap.xml"] = feeds.sitemap([(one.story, one.place) for one in editions]).encode()


def _embeddable(edition: Edition, *, beside: bool = False) -> oembed.Embeddable:
    """The story with the addresses of a snippet: whole ones where they are known, or as seen from ``beside`` its page."""
    story, place = edition.story, edition.place
    up = "../" * place.path.count("/")
    near = beside or place.url is None
    return oembed.Embeddable(
        title=story.title,
        url="index.html" if near else place.address(place.path) or "",
        script_url=f"{up}embed.js" if near else place.address("embed.js") or "",
        picture_url="cover.png" if near else place.address(place.beside("cover.png")) or "",
        alt=story.steps[0].alt,
        author=story.byline,
        picture_size=PICTURE,
        words=words.page_words(story.lang),
    )


def _from_root(address: str) -> str:
    return address.replace("../", "")
