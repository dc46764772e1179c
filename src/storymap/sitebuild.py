"""Story → a folder of plain files that any web host can serve: built beside the old one, checked, then swapped in.

What did not change is not made again: nothing at all when the story, the options and storymap are those of the build
that is there, and otherwise no picture whose drawing is the same.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from storymap import movedsite, raster, recipe, site, sitecheck
from storymap.browser import NoBrowser
from storymap.document import compile_story
from storymap.folderswap import check_place, replaced
from storymap.manifest import MANIFEST, BadManifest, Entry, Manifest, entry, read_manifest
from storymap.site import Content, Site
from storymap.sitecheck import Weight
from storymap.story import Story
from storymap.storyfile import load

__all__ = ["BuildRefused", "Built", "build_site", "site_address"]

Say = Callable[[str], None]
WHOLE = MANIFEST
"""Key in `Manifest.made_from` of what the whole site is made from."""


class BuildRefused(ValueError):
    """A site that is not built; one line for each reason."""


@dataclass(frozen=True)
class Built:
    """What a build did."""

    folder: Path
    manifest: Manifest
    fresh: bool
    """False when the site that was there is still right, and nothing was written."""
    drawn: int = 0
    """Pictures and handouts that were made."""
    reused: int = 0
    """Those that were taken over from the build before."""
    changed: tuple[str, ...] = ()
    """Paths that are new or have another content."""
    removed: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    """Files that no build made, which stayed."""
    notes: tuple[str, ...] = ()
    weights: tuple[Weight, ...] = ()
    moved: tuple[Path, ...] = ()
    """Folders that lead on from the story's old addresses."""


@dataclass
class _Former:
    """The build that is there, as far as its files are still what it wrote."""

    folder: Path
    manifest: Manifest | None
    foreign: tuple[str, ...] = ()
    intact: dict[str, Entry] = field(default_factory=dict)

    def reusable(self, path: str, key: str) -> bytes | None:
        """The content of ``path`` when it was made from what ``key`` names."""
        known = self.manifest is not None and self.manifest.made_from.get(path) == key and path in self.intact
        return (self.folder / path).read_bytes() if known else None


def site_address(text: str | None) -> str | None:
    """An address as that of a folder. Raises `BuildRefused`."""
    if text is None:
        return None
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise BuildRefused(
            f"--url: '{text}' is not the address of a folder, such as https://maps.example.org/zhanatas/"
        )
    path = parts.path.removesuffix("index.html")
    return urlunsplit((parts.scheme, parts.netloc, path if path.endswith("/") else f"{path}/", "", ""))


def build_site(
    story: Story,
    out: Path,
    *,
    url: str | None = None,
    single_file: bool = False,
    handouts: bool = False,
    anew: bool = False,
    cache: Path | None = None,
    alone: bool = False,
    say: Say = lambda _: None,
) -> Built:
    """Builds ``story``, in all its languages, into the folder ``out``, which is replaced as a whole.

    ``url``: address that the folder will have; by default the story's own. ``single_file`` adds ``offline.html``, and
    ``handouts`` ``handout.pdf``, for each language. ``anew``: nothing of the build that is there is reused. ``cache``:
    folder for prepared geodata.

    At the addresses of names that the story had (`redirects.yaml`), folders beside ``out`` lead on to it, unless
    ``alone``. Raises `StoryError`, `BuildRefused`, `OSError`.
    """
    address = site_address(story.url if url is None else url)
    check_place(out)
    names = _former_names(story)
    former = _former(out, story.slug, names)
    options = f"{address} {single_file} {handouts}" + (f" {names}" if names else "")
    key = recipe.digest(story, options, without=out)
    if not anew and _is_current(former, key):
        assert former.manifest is not None
        weights = tuple(sitecheck.weights(out, former.manifest))
        built = Built(out, former.manifest, fresh=False, carried=former.foreign, weights=weights)
        return built if alone else _leading_on(built, story.slug)
    if anew:
        former = replace_nothing(former)
    stories = {lang: story if lang == story.lang else load(story.folder, lang) for lang in story.languages}
    made = site.assemble(stories, url=address, cache=cache, single_file=single_file, say=say)
    counts, made_from = _draw(made, former, say)
    if handouts:
        more, keys = _print(made, stories, former, cache, say)
        counts, made_from = (counts[0] + more[0], counts[1] + more[1]), made_from | keys
    built = _write(made, stories, out, former, address, {WHOLE: key, **made_from}, counts, say, names)
    return built if alone else _leading_on(built, story.slug)


def _former_names(story: Story) -> tuple[str, ...]:
    try:
        return movedsite.former_names(story.folder)
    except movedsite.NameCircle as error:
        raise BuildRefused(str(error)) from None


def _leading_on(built: Built, slug: str) -> Built:
    """With what leads on from the old addresses; an address that does not hold the story's name is the same as ever."""
    names, url = built.manifest.former, built.manifest.url
    if not names:
        return built
    if movedsite.name_at(built.folder, url) == slug:
        moved = movedsite.write(built.folder, built.manifest, names)
        return replace(built, moved=moved.folders, notes=(*built.notes, *moved.notes))
    if url is not None:
        return built
    told = f"nothing leads on from the old address '{names[0]}': build into a folder called '{slug}', or give the --url"
    return replace(built, notes=(*built.notes, told))


def replace_nothing(former: _Former) -> _Former:
    """The same, with nothing in it to be reused."""
    return replace(former, intact={})


def _former(out: Path, slug: str, names: tuple[str, ...] = ()) -> _Former:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return _Former(out, None)
    if not out.is_dir():
        raise BuildRefused(f"{out}: is a file; name a folder, or a new .html, .pdf or .zip")
    try:
        manifest = read_manifest(out)
    except BadManifest as error:
        raise BuildRefused(
            f"{error.reason}; a folder that no build made is not replaced: name another, or empty it"
        ) from None
    renamed = manifest.slug in names and manifest.moved is None and out.name != manifest.slug
    if manifest.slug != slug and not renamed:
        if manifest.slug in names:
            raise BuildRefused(
                f"{out}: is the old address of '{slug}'; name {out.parent / slug}, and this one leads on to it"
            )
        raise BuildRefused(f"{out}: holds the story '{manifest.slug}', not '{slug}'; name another folder, or remove it")
    intact = {item.path: item for item in manifest.files if _same(out / item.path, item)}
    listed = {MANIFEST, *(item.path for item in manifest.files)}
    files = (path.relative_to(out).as_posix() for path in sorted(out.rglob("*")) if path.is_symlink() or path.is_file())
    return _Former(out, manifest, tuple(name for name in files if name not in listed), intact)


def _same(path: Path, item: Entry) -> bool:
    if not path.is_file() or path.stat().st_size != item.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == item.sha256


def _is_current(former: _Former, key: str) -> bool:
    manifest = former.manifest
    if manifest is None or manifest.withdrawn or manifest.made_from.get(WHOLE) != key:
        return False
    return len(former.intact) == len(manifest.files)


def _draw(made: Site, former: _Former, say: Say) -> tuple[tuple[int, int], dict[str, str]]:
    """Draws the pictures; (drawn, reused), and what each was made from."""
    drawn = reused = 0
    keys: dict[str, str] = {}
    known: dict[str, bytes] = {}
    for at, (path, svg) in enumerate(made.drawings.items(), 1):
        key = keys[path] = raster.picture_key(svg)
        content = former.reusable(path, key)
        if content is not None:
            reused += 1
        else:
            if key not in known:
                if not known or at % 10 == 0:
                    say(f"drawing pictures: {at} of {len(made.drawings)}")
                known[key] = raster.png(svg)
            content = known[key]
            drawn += 1
        made.files[path] = content
    return (drawn, reused), keys


def _print(
    made: Site, stories: Mapping[str, Story], former: _Former, cache: Path | None, say: Say
) -> tuple[tuple[int, int], dict[str, str]]:
    """Prints the handouts, or notes that there is no browser to do it; (printed, reused), and what each was made from."""
    from storymap.handout import handout, printer

    own = next(iter(stories.values()))
    wanted: dict[str, Story] = {}
    keys: dict[str, str] = {}
    for lang, place in site.places(own, None).items():
        path = place.beside("handout.pdf")
        keys[path] = hashlib.sha256(b"1 " + _bytes(made.files[place.path])).hexdigest()
        content = former.reusable(path, keys[path])
        if content is None:
            wanted[path] = stories[lang]
        else:
            made.files[path] = content
    reused = len(keys) - len(wanted)
    if wanted:
        try:
            with printer() as browser:
                for path, story in wanted.items():
                    say(f"printing {path}")
                    made.files[path] = handout(browser, compile_story(story, cache=cache, media=None))
        except NoBrowser as error:
            made.notes.append(f"handout.pdf is left out: {error}")
            wanted = {}
    return (len(wanted), reused), {path: key for path, key in keys.items() if path in made.files}


def _bytes(content: Content) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()


def _write(
    made: Site, stories: Mapping[str, Story], out: Path, former: _Former, url: str | None, made_from: Mapping[str, str],
    counts: tuple[int, int], say: Say, names: tuple[str, ...],
) -> Built:  # fmt: skip
    say("writing and checking")
    story = next(iter(stories.values()))
    titles = {lang: one.title for lang, one in stories.items() if one.title != story.title}
    pages = next(iter(site.places(story, url).values())).pages
    with replaced(out) as folder:
        entries = [_put(folder, path, content) for path, content in made.files.items()]
        headers = site.headers(made, iter(sorted(entries, key=lambda item: item.path)), url).encode()
        entries.append(_put(folder, "_headers", headers))
        files = tuple(sorted(entries, key=lambda item: item.path))
        manifest = Manifest(
            story.slug,
            story.title,
            story.lang,
            pages,
            files,
            url,
            titles=titles,
            made_from=dict(sorted(made_from.items())),
            former=names,
        )
        (folder / MANIFEST).write_text(manifest.text(), "utf-8")
        broken = sitecheck.broken_links(folder, manifest)
        if broken:
            raise BuildRefused("\n".join(broken))
        weights = tuple(sitecheck.weights(folder, manifest))
        carried = _carry(former, folder)
    before = {item.path: item for item in former.manifest.files} if former.manifest else {}
    changed = tuple(item.path for item in files if before.get(item.path) != item)
    removed = tuple(path for path in before if manifest.entry(path) is None)
    return Built(out, manifest, True, *counts, changed, removed, carried, tuple(made.notes), weights)


def _put(folder: Path, path: str, content: Content) -> Entry:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    content = _bytes(content)
    target.write_bytes(content)
    return entry(path, content)


def _carry(former: _Former, folder: Path) -> tuple[str, ...]:
    """Takes along the files that no build made; where one stands in the way of the new build, that one wins."""
    carried = []
    for name in former.foreign:
        target = folder / name
        if not target.exists() and not target.is_symlink() and not any(parent.is_file() for parent in target.parents):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(former.folder / name, target, follow_symlinks=False)
            carried.append(name)
    return tuple(carried)
