"""The stories that the app serves: found on disk, compiled once per content, kept in memory."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import stat
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from storymap import redirects
from storymap.app.compiled import About, Broken, Compiled, Page, about_story, compiled
from storymap.document import Drawn, compile_story, draw
from storymap.errors import StoryError
from storymap.illustration import illustration
from storymap.images import still_colors
from storymap.story import Story
from storymap.storyfile import load
from storymap.storyfolders import is_archived
from storymap.storytypes import SLUG
from storymap.translation import languages

__all__ = ["Library", "compile_folder", "look_into", "step_picture"]

log = logging.getLogger(__name__)

FRESH_NS = 2_000_000_000
"""Files younger than this may change again without a new time stamp (coarse clocks), so their content is compared."""

Made = TypeVar("Made")
Stamp = tuple[tuple[str, int, int], ...]


def compile_folder(folder: Path, lang: str | None = None, *, cache: Path | None = None) -> Compiled:
    """The document of a story folder in one of its languages (None: its own), ready to be sent; ``cache`` as for
    `compile_story`. Raises `StoryError`."""
    story = load(folder, lang)
    addresses = {code: f"?lang={code}" for code in story.languages}
    drawn = draw(story, cache=cache)
    # What of the head names addresses comes with each answer (`discovery`); a blank keeps our own out.
    document = compile_story(story, drawn=drawn, languages=addresses, head=" ")
    for note in document.notes:
        log.info("story '%s': %s", story.folder.name, note)
    return compiled(story, document, partial(step_picture, story, drawn))


def step_picture(story: Story, drawn: Drawn, step: str) -> str:
    """A step's map with its credits as an SVG file. Raises `KeyError`."""
    one = {one.id: one for one in drawn.scene.steps}[step]
    return illustration(drawn.scene, one, still_colors(story, one.tone, "light"))


def look_into(folder: Path, lang: str | None = None) -> About:
    """What the folder's ``story.yaml``, or its translation, says of the story. Raises `StoryError`."""
    return about_story(load(folder, lang))


@dataclass
class _Shelf:
    """One story in one language: its own thread, so that its compiles queue up behind each other, not behind others'."""

    worker: ThreadPoolExecutor
    stamp: Stamp | None = None
    stamped_ns: int = 0
    page: Future[Page] | None = None
    made: tuple[bytes, Page] | None = None
    """Digest of the content, and what was made of it; touched by the worker only."""
    good: Compiled | None = None
    """The last that could be shown, for readers while the files are broken."""


@dataclass
class Library:
    """Stories in the folders of ``stories`` (one level deep, each with a ``story.yaml``).

    Any thread may ask. At most ``at_once`` stories compile at the same time. ``shared`` are folders whose content
    every story depends on (the basemap).
    """

    stories: Path
    shared: tuple[Path, ...] = ()
    make: Callable[..., Compiled] = compile_folder
    """Called with a folder, and with ``lang`` where that is not the story's own language."""
    look: Callable[..., About] = look_into
    at_once: int = 2
    _shelves: dict[tuple[str, str | None], _Shelf] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        self._slots = threading.BoundedSemaphore(self.at_once)

    def names(self) -> tuple[str, ...]:
        """Names of all story folders, sorted; also of those whose name can not be an address. Not of those that are put
        away, nor of hidden ones, in which a story is being made."""
        try:
            folders = sorted(self.stories.iterdir())
        except OSError:
            return ()
        return tuple(folder.name for folder in folders if _is_shown(folder))

    def moved(self, name: str) -> str | None:
        """What the story is called now that was called ``name``; None when no story was."""
        return redirects.target(self.stories, name)

    def archived(self, name: str) -> bool:
        """Whether the story is put away."""
        folder = self.stories / name
        return re.fullmatch(SLUG, name) is not None and (folder / "story.yaml").is_file() and is_archived(folder)

    def find(self, name: str, lang: str | None = None) -> Future[Page] | None:
        """What the story's files now on disk compile to, as a future; None when there is no such story.

        ``lang``: language that the reader asks for. The story comes in its own where it is not translated into that.
        """
        folder = self.stories / name
        if re.fullmatch(SLUG, name) is None:
            return _done(_misnamed(name)) if name in self.names() else None
        if not _is_shown(folder):
            self._forget(name)
            return None
        key = (name, self._language(folder, lang))
        asked_ns = time.time_ns()
        stamp = tuple((file, size, mtime_ns) for file, _, size, mtime_ns in _files((folder, *self.shared)))
        with self._lock:
            shelf = self._shelves.get(key) or self._shelves.setdefault(key, _Shelf(_thread(name)))
            if shelf.page is None or shelf.stamp != stamp or _fresh(stamp, shelf.stamped_ns):
                shelf.page = shelf.worker.submit(self._compile, shelf, folder, key[1])
                shelf.stamp, shelf.stamped_ns = stamp, asked_ns
            return shelf.page

    def all(self) -> dict[str, Future[Page]]:
        """Every story by name. Asking starts the compiles, so this is also how the server warms up."""
        found = {name: self.find(name) for name in self.names()}
        return {name: page for name, page in found.items() if page is not None}

    def last_good(self, name: str, lang: str | None = None) -> Compiled | None:
        """What readers get of a story whose files are broken: the last that this process could make of it, if any."""
        if not _is_shown(self.stories / name):
            return None
        codes = (self._language(self.stories / name, lang), None)
        with self._lock:
            shelves = [shelf for code in codes if (shelf := self._shelves.get((name, code)))]
        return next((shelf.good for shelf in shelves if shelf.good is not None), None)

    def overview(self, lang: str | None = None, *, good: bool = False) -> dict[str, About | Broken]:
        """What a list says of every story, by name, without waiting for any to be compiled; ``lang`` as for `find`,
        ``good`` as for `about`."""
        found = {name: self.about(name, lang, good=good) for name in self.names()}
        return {name: about for name, about in found.items() if about is not None}

    def about(self, name: str, lang: str | None = None, *, good: bool = False) -> About | Broken | None:
        """The texts of one story; None when there is no such story; ``lang`` as for `find`. ``good``: those of the last
        version that could be shown, where that of the files can not."""
        about = self._about(name, lang)
        kept = self.last_good(name, lang) if good and isinstance(about, Broken) else None
        return kept.about if kept else about

    def _about(self, name: str, lang: str | None) -> About | Broken | None:
        future = self.find(name, lang)
        if future is None:
            return None
        if not future.done():
            folder = self.stories / name
            about = _attempt(_in(self._language(folder, lang), self.look), folder)
            return about if isinstance(about, About) or not lang else _attempt(self.look, folder)
        page = future.result()
        return page.about if isinstance(page, Compiled) else page

    def warm_up(self) -> None:
        """Starts compiling everything: each story in its own language first, since most readers want that."""
        for name in self.all():
            for lang in _translations(self.stories / name):
                self.find(name, lang)

    def _language(self, folder: Path, lang: str | None) -> str | None:
        """The translation that serves a reader of ``lang`` (``ru`` for ``ru-KZ``); None for the story's own texts."""
        there = _translations(folder) if lang else ()
        wanted = (lang, (lang or "").partition("-")[0])
        return next((code for code in wanted if code in there), None)

    def _compile(self, shelf: _Shelf, folder: Path, lang: str | None) -> Page:
        digest = _digest((folder, *self.shared))
        if shelf.made is not None and shelf.made[0] == digest:
            return shelf.made[1]
        with self._slots:
            page = _attempt(_in(lang, self.make), folder)
            if lang and isinstance(page, Broken):
                # Readers of a translation that is broken get the original; the log says why.
                page = _attempt(self.make, folder)
        if isinstance(page, Compiled):
            shelf.good = page
        elif shelf.good is not None:
            log.warning("story '%s': readers get the last version that could be shown", folder.name)
        # What changed meanwhile may be in the page or not: it is shown, since the next request looks again, but it is
        # not kept under the name of a content that it may not have.
        shelf.made = (digest, page) if _digest((folder, *self.shared)) == digest else None
        return page

    def _forget(self, name: str) -> None:
        with self._lock:
            gone = [self._shelves.pop(key) for key in list(self._shelves) if key[0] == name]
        for shelf in gone:
            shelf.worker.shutdown(wait=False)


def _is_shown(folder: Path) -> bool:
    return not folder.name.startswith(".") and (folder / "story.yaml").is_file() and not is_archived(folder)


def _translations(folder: Path) -> tuple[str, ...]:
    """Languages of the story's translation files; that of the story itself is not looked at."""
    return languages(folder, "")[1:]


def _in(lang: str | None, make: Callable[..., Made]) -> Callable[[Path], Made]:
    return partial(make, lang=lang) if lang else make


def _attempt(make: Callable[[Path], Made], folder: Path) -> Made | Broken:
    try:
        return make(folder)
    except StoryError as error:
        log.warning("story '%s' can not be shown:\n%s", folder.name, error)
        return Broken(folder.name, tuple(map(str, error.problems)))
    except Exception:  # one story's bad luck must not reach another story, nor show a reader a traceback
        log.exception("story '%s' made the compiler fail", folder.name)
        return Broken(folder.name, ("This is a fault in storymap, not in the story. The server's log names it.",))


def _thread(name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"compile-{name}")


def _done(page: Page) -> Future[Page]:
    future: Future[Page] = Future()
    future.set_result(page)
    return future


def _misnamed(name: str) -> Broken:
    reason = "the folder's name is part of the story's address: use a-z, 0-9 and single hyphens"
    return Broken(name, (f"{name}: {reason}",))


def _files(folders: Iterable[Path]) -> Iterator[tuple[str, Path, int, int]]:
    """Name, path, size in bytes and time in ns of every regular file below the folders, hidden ones left out."""
    for number, folder in enumerate(folders):
        for at, below, files in os.walk(folder):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(name for name in files if not name.startswith(".")):
                path = Path(at, name)
                with contextlib.suppress(OSError):  # gone since it was listed, or a link to nothing
                    status = path.stat()
                    if stat.S_ISREG(status.st_mode):
                        yield f"{number}/{path.relative_to(folder)}", path, status.st_size, status.st_mtime_ns


def _fresh(stamp: Stamp, stamped_ns: int) -> bool:
    return any(abs(stamped_ns - mtime_ns) < FRESH_NS for _, _, mtime_ns in stamp)


def _digest(folders: Iterable[Path]) -> bytes:
    digest = hashlib.sha256()
    for name, path, _, _ in _files(folders):
        key = os.fsencode(name)
        digest.update(b"%d:%b" % (len(key), key))
        try:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError:
            digest.update(b"unreadable")
    return digest.digest()
