"""Looks over a finished site: every link and asset is there, nothing is loaded from another host, and what it weighs."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree as ET

from storymap.manifest import Manifest

__all__ = ["BUDGET", "Weight", "broken_links", "weights"]

BUDGET = {"page": 250_000, "first": 130_000}
"""Bytes, compressed: a whole page, and its beginning up to the end of the first step."""

_LOADED = {
    ("img", "src"), ("script", "src"), ("iframe", "src"), ("audio", "src"), ("video", "src"), ("source", "src"),
    ("video", "poster"), ("embed", "src"), ("object", "data"), ("image", "href"),
}  # fmt: skip
_LINKED = {("a", "href"), ("use", "href"), ("form", "action"), ("area", "href")}
_LOADING_RELS = {"stylesheet", "icon", "preload", "modulepreload", "manifest"}


@dataclass(frozen=True, slots=True)
class Weight:
    """What a page costs its reader, in bytes as sent (gzip); media not among them."""

    path: str
    page: int
    first: int
    """Its beginning, up to the end of the first step."""

    @property
    def over(self) -> tuple[str, ...]:
        """Which of `BUDGET` it exceeds."""
        return tuple(name for name, most in BUDGET.items() if getattr(self, name) > most)


class _Addresses(HTMLParser):
    """Every address of a page: (whether it is loaded, the address), and the ids that it has."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[bool, str]] = []
        self.ids: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids |= {values["id"]} if "id" in values else set()
        for name, value in values.items():
            if (tag, name) in _LOADED:
                self.found.append((True, value))
            elif (tag, name) in _LINKED:
                self.found.append((False, value))
            elif name == "srcset":
                self.found += [(True, part.split()[0]) for part in value.split(",") if part.strip()]
        if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            self.found.append((False, values.get("content", "").partition("url=")[2]))
        if tag == "link" and "href" in values:
            loaded = bool(_LOADING_RELS & set(values.get("rel", "").lower().split()))
            self.found.append((loaded, values["href"]))


def broken_links(folder: Path, manifest: Manifest, beside: Mapping[str, Manifest] | None = None) -> list[str]:
    """One line for each address in the pages, and in what machines read, that leads nowhere in the site, or that would
    load something from another host. Links to other sites are not followed, but for those in the folders ``beside`` it,
    by name."""
    there = {item.path for item in manifest.files}
    pages = {path: _Addresses((folder / path).read_text("utf-8")) for path in sorted(there) if path.endswith(".html")}
    ids = {path: page.ids for path, page in pages.items()}
    out: list[str] = []
    for path, page in pages.items():
        for loaded, address in dict.fromkeys(page.found):
            if loaded or not _stands_beside(f"{manifest.slug}/{path}", address, beside or {}):
                out += [
                    f"{path}: {why}: {address[:200]}"
                    for why in _faults(path, address, loaded, there, ids, manifest.url)
                ]
    for path, address in _other_addresses(folder, there):
        out += [f"{path}: {why}: {address[:200]}" for why in _faults(path, address, False, there, ids, manifest.url)]
    return out


def _faults(
    page: str, address: str, loaded: bool, there: set[str], ids: Mapping[str, set[str]], url: str | None
) -> Iterator[str]:
    parts = urlsplit(address)
    if parts.scheme in ("data", "mailto", "tel"):
        return
    if parts.scheme or parts.netloc:
        if url is None or not address.startswith(url):
            if loaded:
                yield "is loaded from another host"
            return
        path = address[len(url) :].partition("#")[0].partition("?")[0]
    else:
        path = urljoin(f"/{page}", unquote(parts.path) or page.rpartition("/")[2]).lstrip("/")
        if parts.path.startswith("/") or _climbs(page, parts.path):
            yield "leads out of the site"
            return
    path = f"{path}index.html" if path == "" or path.endswith("/") else path
    if path not in there:
        yield "leads nowhere"
    elif parts.fragment and path in ids and unquote(parts.fragment) not in ids[path]:
        yield "leads to a part that is not there"


def _stands_beside(page: str, address: str, beside: Mapping[str, Manifest]) -> bool:
    """Whether the address leads to a file of a site beside that of ``page`` (its path, with the site's folder)."""
    name, _, path = urljoin(f"/{page}", unquote(urlsplit(address).path)).lstrip("/").partition("/")
    return not urlsplit(address).scheme and name in beside and beside[name].entry(path) is not None


def _climbs(page: str, address: str) -> bool:
    depth = page.count("/")
    for part in address.split("/")[:-1]:
        depth += -1 if part == ".." else 0 if part in ("", ".") else 1
        if depth < 0:
            return True
    return False


def _other_addresses(folder: Path, there: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Addresses in feeds, the sitemap and the story's data."""
    for path in sorted(there):
        name = path.rpartition("/")[2]
        if name in ("feed.xml", "sitemap.xml"):
            yield from ((path, address) for address in _feed_addresses((folder / path).read_text("utf-8")))
        elif name == "story.json":
            data = json.loads((folder / path).read_text("utf-8"))
            yield from ((path, layer["data"]) for layer in data.get("layers", ()))
            for step in data.get("steps", ()):
                yield from ((path, picture) for picture in step["pictures"].values())


def _feed_addresses(text: str) -> Iterator[str]:
    """Addresses in XML of our own making, those in the HTML that it carries among them."""
    for element in ET.fromstring(text).iter():  # noqa: S314 - written by this very build
        name = element.tag.rpartition("}")[2]
        if "href" in element.attrib:
            yield element.attrib["href"]
        elif name in ("loc", "link") and element.text:
            yield element.text
        elif name == "encoded":
            yield from (address for _, address in _Addresses(element.text or "").found)


def weights(folder: Path, manifest: Manifest) -> list[Weight]:
    """What each language's page weighs."""
    out = []
    for path in manifest.languages.values():
        html = (folder / path).read_bytes()
        end = html.find(b"</section>")
        first = html[: end + len(b"</section>")] if end >= 0 else html
        out.append(Weight(path, *(len(gzip.compress(part, 9, mtime=0)) for part in (html, first))))
    return out
