"""Withdraws a built story: its site is replaced by a notice that answers at the same addresses.

The pages, the picture of pasted snippets and that of shared links say that the story was withdrawn; ``embed.js`` stays,
so that articles show the notice in the story's place. Everything else is gone.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
from dataclasses import dataclass, replace
from html import escape
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from storymap import embed, raster, words
from storymap.folderswap import replaced
from storymap.illustration import CARD, PICTURE, notice_card
from storymap.manifest import MANIFEST, BadManifest, Manifest, read_manifest, sorted_entries
from storymap.palette import tone_colors
from storymap.siteheaders import FRAMED_BY, headers_file

__all__ = ["Withdrawn", "notice_page", "withdraw"]


@dataclass(frozen=True)
class Withdrawn:
    """What became of a site."""

    manifest: Manifest
    removed: tuple[str, ...]
    """Paths that answer no more."""
    carried: tuple[str, ...]
    """Files that no build made, which stayed."""
    moved: tuple[Path, ...] = ()
    """Folders at the story's old addresses that led on to it, and hold the notice now."""


def withdraw(folder: Path, reason: str | None = None) -> Withdrawn:
    """Replaces the built site in ``folder`` by a notice in each of its languages. ``reason``: plain text for readers, in
    place of the general sentence; None keeps what the notice of a withdrawn site says, "" takes it back. What leads on to
    the site from old addresses, in folders beside it, is replaced likewise.

    Raises `storymap.manifest.BadManifest`, `OSError`.
    """
    manifest = read_manifest(folder)
    reason = (manifest.reason if reason is None else reason.strip()) or None
    contents: dict[str, bytes] = {"embed.js": embed.script()}
    policies: dict[str, str] = {}
    for lang, path in manifest.languages.items():
        html, csp = notice_page(manifest.titles.get(lang, manifest.title), lang, reason)
        contents[path], policies[path] = html.encode(), f"{csp}; {FRAMED_BY}"
        said = words.notice_words(lang)["withdrawn"]
        for name, size in (("cover.png", PICTURE), ("card.png", CARD)):
            drawn = raster.png(notice_card(said, tone_colors("light", {}), size))
            contents[path.removesuffix("index.html") + name] = drawn
    root = urlsplit(manifest.url).path if manifest.url else "/"
    contents["_headers"] = headers_file(sorted_entries(contents.items()), policies, root).encode()
    entries = sorted_entries(contents.items())
    made = replace(manifest, files=entries, withdrawn=True, reason=reason, made_from={}, moved=None)
    listed = {MANIFEST, *contents, *(item.path for item in manifest.files)}
    carried = []
    with replaced(folder) as fresh:
        for path, content in {**contents, MANIFEST: made.text().encode()}.items():
            (fresh / path).parent.mkdir(parents=True, exist_ok=True)
            (fresh / path).write_bytes(content)
        for old in sorted(folder.rglob("*")):
            name = old.relative_to(folder).as_posix()
            if name not in listed and (old.is_symlink() or old.is_file()):
                (fresh / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(old, fresh / name, follow_symlinks=False)
                carried.append(name)
    removed = tuple(item.path for item in manifest.files if made.entry(item.path) is None)
    leading = [folder.parent / name for name in manifest.former if _leads_on(folder.parent / name, name, manifest)]
    for place in leading:
        withdraw(place, reason)
    return Withdrawn(made, removed, tuple(carried), tuple(leading))


def _leads_on(place: Path, name: str, manifest: Manifest) -> bool:
    """Whether the folder of an old name leads on to this story, or holds its notice already."""
    try:
        there = read_manifest(place)
    except BadManifest:
        return False
    return there.slug == name and (there.moved is not None or there.withdrawn) and there.title == manifest.title


def notice_page(title: str, lang: str, reason: str | None) -> tuple[str, str]:
    """(HTML of the notice, its content security policy)."""
    said = words.notice_words(lang)
    style = (files("storymap") / "page" / "notice.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    csp = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    text = "".join(f"<p>{escape(part.strip())}</p>" for part in (reason or said["withdrawn_why"]).split("\n\n"))
    html = (
        f'<!doctype html>\n<html lang="{lang}" dir="{words.direction(lang)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{csp}">\n<meta name="robots" content="noindex">\n'
        f'<title>{escape(said["withdrawn"])}</title>\n<link rel="icon" href="data:,">\n<style>{style}</style>\n</head>\n'
        f'<body>\n<main>\n<p class="title">{escape(title)}</p>\n<h1>{escape(said["withdrawn"])}</h1>\n{text}\n</main>\n'
        "</body>\n</html>\n"
    )
    return html, csp
