"""Drafts, compiled and kept in memory, for the eyes of their editor only.

Each tab has a `Preview` under an address that nobody can guess: a random name, signed with a secret of this process over
the tab's session and the story. It is gone when the tab gives no sign of life for some minutes. Any thread may ask.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import hmac
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from storymap import featureset
from storymap.app.editor.faults import Fault, faults_of
from storymap.app.editor.remapping import frame_of
from storymap.app.editor.retexting import Texts, texts_of
from storymap.app.editor.viewing import Look, look_at
from storymap.app.library import step_picture
from storymap.document import compile_story, draw
from storymap.durable import SaveError
from storymap.errors import StoryError
from storymap.geocache import user_cache
from storymap.manuscript import Manuscript
from storymap.reuse import Reuse
from storymap.story import Story
from storymap.translation import translation_file

__all__ = ["Draft", "Page", "Preview", "Previews", "Seen", "current_previews"]

log = logging.getLogger(__name__)

ALIVE_S = 300.0
"""Seconds without a sign of life after which an address is gone. Browsers wake a tab in the background once a minute."""
MOST_OPEN = 32
"""Previews at once; the one that was silent for longest makes room."""
NAME = r"([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})"


@dataclass(frozen=True, eq=False)
class Draft:
    """What is to be shown; ``folder`` makes the folder in which all its files are found (see `Drafts.preview_folder`)."""

    now: Manuscript
    folder: Callable[[], Path]

    def story(self, lang: str | None) -> Story:
        """The story in a language, None for its own. Raises `StoryError`, `SaveError`."""
        return self.now.story(self.folder(), lang)

    def speaks(self, lang: str | None) -> str | None:
        """The language, where there is a translation into it."""
        return lang if lang and translation_file(lang) in self.now.sheets else None


@dataclass(frozen=True, slots=True)
class Page:
    """A document that was compiled from a draft. ``made``: number of the version in which it came to be."""

    made: int
    tag: str
    csp: str
    plain: bytes
    gzipped: bytes
    assets: Mapping[str, Path]
    look: Look
    texts: Texts
    frame: str
    """See `remapping.frame_of`."""
    picture: Callable[[str], str] = str
    """A step's still as an SVG file, by the step's id. Raises `KeyError`."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a version of the draft: the newest page that could be made, and what is wrong since."""

    version: int = 0
    page: Page | None = None
    faults: tuple[Fault, ...] = ()


@dataclass
class Preview:
    """One tab's draft of one story, compiled by a thread of its own: the newest version overtakes those that wait."""

    session: str
    folder: Path
    name: str
    seen_at: float = 0.0
    _draft: Draft | None = None
    _version: int = 0
    _lang: str | None = None
    """Language that was looked at last."""
    _seen: dict[str | None, Seen] = field(default_factory=dict)
    _waiting: set[str | None] = field(default_factory=set)
    _hoping: list[tuple[int, str | None, Future[Seen]]] = field(default_factory=list)
    _assets: dict[str, Path] = field(default_factory=dict)
    _closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _reuse: Reuse = field(default_factory=Reuse)
    _worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "preview"))

    def ask(self, draft: Draft) -> int:
        """Takes a draft as the newest version, begins to compile it, and gives the version's number."""
        with self._lock:
            if self._draft is None or draft.now is not self._draft.now:
                self._draft = draft
                self._version += 1
                self._begin(self._lang)
            return self._version

    def look(self, version: int, lang: str | None = None) -> Future[Seen]:
        """What comes of that version, or of a newer one, in a language; done when it is compiled."""
        with self._lock:
            lang = self._lang = self._draft.speaks(lang) if self._draft else None
            seen, future = self._seen.get(lang, Seen()), Future[Seen]()
            if self._closed or seen.version >= min(version, self._version):
                future.set_result(seen)
                return future
            self._hoping.append((min(version, self._version), lang, future))
            self._begin(lang)
            return future

    def now(self, lang: str | None = None) -> Seen:
        """What there is already, in a language."""
        return self._seen.get(lang, Seen())

    def asset(self, address: str) -> Path | None:
        """A file that a document of this preview names, also one that was replaced since."""
        return self._assets.get(address)

    def close(self) -> None:
        """Ends the thread when what it does is done."""
        with self._lock:
            self._closed = True
            hoping, self._hoping = self._hoping, []
        self._worker.shutdown(wait=False, cancel_futures=True)
        for _, lang, future in hoping:
            _tell(future, self.now(lang))

    def _begin(self, lang: str | None) -> None:
        # One that waits takes the newest draft when its turn comes.
        if lang not in self._waiting and not self._closed:
            self._waiting.add(lang)
            self._worker.submit(self._compile, lang)

    def _compile(self, lang: str | None) -> None:
        with self._lock:
            self._waiting.discard(lang)
            version, draft, before = self._version, self._draft, self._seen.get(lang, Seen())
        if draft is None:
            return
        seen = before if before.version == version else self._attempt(draft, lang, version, before)
        with self._lock:
            self._seen[lang] = seen
            if seen.page is not None:
                self._assets.update(seen.page.assets)
            done = [one for one in self._hoping if one[1] == lang and one[0] <= version]
            self._hoping = [one for one in self._hoping if one not in done]
        for _, _, future in done:
            _tell(future, seen)

    def _attempt(self, draft: Draft, lang: str | None, version: int, before: Seen) -> Seen:
        """The last good page stays, whatever is wrong with this version."""
        try:
            page = _page(draft.story(lang), version, self._reuse)
        except StoryError as error:
            return Seen(version, before.page, faults_of(error.problems, draft.now.data))
        except SaveError as error:
            return Seen(version, before.page, (Fault(str(error)),))
        except Exception:  # a fault of ours must not end the thread: the next version may do
            log.exception("a draft of '%s' made the compiler fail", self.folder.name)
            ours = "This is a fault in storymap, not in the story. The server's log names it. Undo may help."
            return Seen(version, before.page, (Fault(ours),))
        if before.page is not None and before.page.tag == page.tag:
            page = replace(page, made=before.page.made)
        return Seen(version, page)


def _tell(future: Future[Seen], seen: Seen) -> None:
    with contextlib.suppress(InvalidStateError):  # nobody waits any more
        future.set_result(seen)


def _page(story: Story, version: int, reuse: Reuse) -> Page:
    """Compiles a draft. Raises `StoryError`."""
    reuse.begin()
    cache = user_cache()
    drawn = draw(story, cache=cache, reuse=reuse)
    languages = {code: f"?lang={code}" for code in story.languages}
    document = compile_story(story, cache=cache, languages=languages, drawn=drawn, reuse=reuse, desk=True)
    look = look_at(story, featureset.load(story, cache, [], reuse), drawn.scene)
    plain = document.html.encode()
    tag = hashlib.sha256(plain).hexdigest()[:32]
    # The quickest way of compressing: each of these is sent twice at most.
    return Page(
        version,
        tag,
        document.csp,
        plain,
        gzip.compress(plain, 1, mtime=0),
        document.assets,
        look,
        texts_of(document.html),
        frame_of(document.html),
        partial(step_picture, story, drawn),
    )


@dataclass
class Previews:
    """The previews of this process. ``clock``: seconds of a clock that only goes forward."""

    clock: Callable[[], float] = time.monotonic
    _open: dict[str, Preview] = field(default_factory=dict)
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, session: str, folder: Path) -> Preview:
        """The preview of a story in a session (`drafts.Session.key`): that which is there, or a new one. It is a sign of
        life, as which it has to come again and again."""
        with self._lock:
            self._sweep()
            found = next((one for one in self._open.values() if one.session == session and one.folder == folder), None)
            if found is None:
                found = Preview(session, folder, secrets.token_urlsafe(16))
                self._open[found.name] = found
            found.seen_at = self.clock()
            return found

    def token(self, preview: Preview) -> str:
        """The preview's name in its address, signed."""
        return f"{preview.name}.{self._signed(preview)}"

    def find(self, token: str) -> Preview | None:
        """The preview of a token that this process has signed, unless its time is over."""
        found = re.fullmatch(NAME, token)
        with self._lock:
            self._sweep()
            preview = self._open.get(found[1]) if found else None
        if found is None or preview is None or not hmac.compare_digest(found[2], self._signed(preview)):
            return None
        return preview

    def close(self, session: str, folder: Path) -> None:
        """The address is gone at once, as when the right to edit is."""
        with self._lock:
            for one in [one for one in self._open.values() if one.session == session and one.folder == folder]:
                self._open.pop(one.name).close()

    def _signed(self, preview: Preview) -> str:
        said = "\n".join((preview.name, preview.session, str(preview.folder)))
        mac = hmac.digest(self._secret, said.encode("utf-8", "surrogateescape"), "sha256")
        return base64.urlsafe_b64encode(mac).decode().rstrip("=")

    def _sweep(self) -> None:
        now = self.clock()
        silent = sorted(self._open.values(), key=lambda one: one.seen_at)
        for number, one in enumerate(silent):
            if now - one.seen_at >= ALIVE_S or len(silent) - number > MOST_OPEN:
                self._open.pop(one.name).close()


_previews = Previews()


def current_previews() -> Previews:
    """The previews of this process, for the editor's page and the route."""
    return _previews
