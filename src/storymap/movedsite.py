"""The old addresses of a story that was renamed: a small site at each, whose pages lead on to the story.

A site stands in a folder of its own, so the old address is a folder beside it. What stands there needs no script: each
page names the new one in a refresh, in its canonical address and in a link; where scripts run, the query and the part
after ``#`` go along. In a frame they lead on inside the frame. ``embed.js`` and the pictures of pasted snippets stay.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from storymap import redirects, sitecheck, words
from storymap.folderswap import check_place, replaced
from storymap.manifest import MANIFEST, BadManifest, Manifest, entry, read_manifest, sorted_entries
from storymap.siteheaders import FRAMED_BY, headers_file

__all__ = ["Moved", "NameCircle", "former_names", "moved_page", "name_at", "write"]

KEPT = ("embed.js", "cover.png", "card.png", "feed.xml", "oembed.json", "embed.txt")
"""Files of the story's site, and of each of its languages, that also answer at the old address."""
_SCRIPT = "location.replace(document.querySelector('main a').href + location.search + location.hash)"


class NameCircle(ValueError):
    """Names of stories that lead to each other; one line."""


@dataclass(frozen=True)
class Moved:
    """What became of the old addresses."""

    folders: tuple[Path, ...] = ()
    """Sites that lead on."""
    notes: tuple[str, ...] = ()
    """What was not written, and why, one line each."""


def former_names(story: Path) -> tuple[str, ...]:
    """Names that the story in the folder ``story`` had, as ``redirects.yaml`` beside it says, chains followed to their end.

    Raises `NameCircle` when it says that the story's own name is an old one of itself.
    """
    stories, slug = story.parent, story.name
    table = redirects.read(stories)
    seen, name = [slug], slug
    while name in table:
        name = table[name]
        if name == slug:
            names = ", ".join(f"'{one}'" for one in seen)
            raise NameCircle(
                f"{redirects.FILE}: {names} lead in a circle: take the line away that begins with '{slug}'"
            )
        if name in seen:
            break
        seen.append(name)
    return tuple(sorted(old for old in table if old != slug and redirects.target(stories, old) == slug))


def name_at(out: Path, url: str | None) -> str:
    """The last part of the site's address: of ``url``, or as its folder is called."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[2] if url else out.name


def write(site: Path, manifest: Manifest, names: Iterable[str]) -> Moved:
    """Writes what leads on from the old addresses ``names`` to the built site in ``site``, into folders beside it.

    What is there and right is left; a folder that neither an earlier build of the story nor this made is not touched.
    Raises `OSError`.
    """
    folders, notes = [], []
    for name in names:
        place = site.parent / name
        reason = _hindrance(place, name, site)
        if reason:
            notes.append(f"nothing leads on from the old address '{name}': {reason}")
            continue
        contents, made = _site(site, manifest, name, place)
        if not _stands(place, made):
            _put(place, contents, made, manifest, name_at(site, manifest.url))
        folders.append(place)
    return Moved(tuple(folders), tuple(notes))


def _hindrance(place: Path, name: str, site: Path) -> str:
    """Why the folder of an old address is left as it is; nothing when it may be written."""
    if place == site:
        return f"the story is built there; build it into a folder called {site.parent / 'NEW-NAME'}"
    if not place.exists() or (place.is_dir() and not any(place.iterdir())):
        check_place(place)
        return ""
    try:
        there = read_manifest(place)
    except BadManifest as error:
        return f"{error.reason}; move it away"
    return "" if there.slug == name else f"{place}: holds the story '{there.slug}'; move it away"


def _site(site: Path, manifest: Manifest, name: str, place: Path) -> tuple[dict[str, bytes], Manifest]:
    """The files of the old address, and their manifest."""
    to = name_at(site, manifest.url)
    address = _beside(manifest.url, name)
    pages = [item.path for item in manifest.files if item.path.endswith(".html")]
    leads = dict(zip(pages, pages, strict=True)) | {old: "index.html" for old in _old_pages(place) if old not in pages}
    langs = {path.rpartition("/")[0]: lang for lang, path in manifest.languages.items()}
    contents: dict[str, bytes] = {}
    policies: dict[str, str] = {}
    for path, target in leads.items():
        lang = langs.get(path.rpartition("/")[0], manifest.lang)
        way = "../" * (path.count("/") + 1) + f"{to}/{target}"
        canonical = f"{manifest.url}{target.removesuffix('index.html')}" if manifest.url else None
        html, csp = moved_page(manifest.titles.get(lang, manifest.title), lang, way, canonical)
        contents[path], policies[path] = html.encode(), f"{csp}; {FRAMED_BY}"
    for item in manifest.files:
        if item.path.rpartition("/")[2] in KEPT and item.path.rpartition("/")[0] in langs:
            contents[item.path] = (site / item.path).read_bytes()
    root = urlsplit(address).path if address else "/"
    contents["_headers"] = headers_file(sorted_entries(contents.items()), policies, root).encode()
    languages = {**{lang: page for lang, page in _old_languages(place).items() if page in leads}, **manifest.languages}
    made = Manifest(name, manifest.title, manifest.lang, languages, sorted_entries(contents.items()), address,
                    titles=manifest.titles, moved=to)  # fmt: skip
    return contents, made


def _beside(url: str | None, name: str) -> str | None:
    """The address of the folder ``name`` beside that of ``url``."""
    if url is None:
        return None
    parts = urlsplit(url)
    above = parts.path.rstrip("/").rpartition("/")[0]
    return urlunsplit((parts.scheme, parts.netloc, f"{above}/{name}/", "", ""))


def _old_pages(place: Path) -> list[str]:
    """Pages that an earlier build had at the old address, also in languages that the story has no more."""
    try:
        return [item.path for item in read_manifest(place).files if item.path.endswith(".html")]
    except BadManifest:
        return []


def _old_languages(place: Path) -> Mapping[str, str]:
    try:
        return read_manifest(place).languages
    except BadManifest:
        return {}


def _stands(place: Path, made: Manifest) -> bool:
    """Whether all that is to be there is there already, byte for byte."""
    try:
        if read_manifest(place) != made:
            return False
        return all(entry(item.path, (place / item.path).read_bytes()) == item for item in made.files)
    except (BadManifest, OSError):
        return False


def _put(place: Path, contents: Mapping[str, bytes], made: Manifest, new: Manifest, to: str) -> None:
    """Writes the old address anew; files in it that no build made stay."""
    ours = {MANIFEST, *contents}
    if place.is_dir() and (place / MANIFEST).is_file():
        ours |= {item.path for item in read_manifest(place).files}
    place.parent.mkdir(parents=True, exist_ok=True)
    with replaced(place) as folder:
        for path, content in {**contents, MANIFEST: made.text().encode()}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        broken = sitecheck.broken_links(folder, made, {to: new})
        if broken:
            raise AssertionError(broken)
        for old in sorted(place.rglob("*")) if place.is_dir() else ():
            path = old.relative_to(place).as_posix()
            if path not in ours and (old.is_symlink() or old.is_file()):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(old, folder / path, follow_symlinks=False)


def moved_page(title: str, lang: str, target: str, canonical: str | None) -> tuple[str, str]:
    """(HTML of the page that leads on to ``target``, its content security policy)."""
    said = words.moved_words(lang)
    style = (files("storymap") / "page" / "notice.css").read_text("utf-8")
    script, css = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (_SCRIPT, style))
    csp = (
        f"default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{css}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    to = escape(target)
    html = (
        f'<!doctype html>\n<html lang="{lang}" dir="{words.direction(lang)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{csp}">\n<meta name="robots" content="noindex">\n'
        f'<link rel="canonical" href="{escape(canonical or target)}">\n'
        # A refresh would drop the query and the step: where scripts run, they lead on.
        f'<noscript><meta http-equiv="refresh" content="0; url={to}"></noscript>\n'
        f'<title>{escape(title)}</title>\n<link rel="icon" href="data:,">\n<style>{style}</style>\n</head>\n'
        f'<body>\n<main>\n<p class="title">{escape(said["moved"])}</p>\n<h1><a href="{to}">{escape(title)}</a></h1>\n</main>\n'
        f"<script>{_SCRIPT}</script>\n</body>\n</html>\n"
    )
    return html, csp
