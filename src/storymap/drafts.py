"""What editors have not saved yet, kept so that a closed tab, a restarted server or a crash loses nothing.

Drafts lie apart from the stories, in the state folder of the user who runs the server, so no reader is ever served one
and no build holds one, and a story in a read-only folder has drafts as well. Each session of an editor (a browser tab)
has a draft of its own: two tabs never write over each other.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import hashlib
import json
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storymap.durable import SaveError, in_words, make_folder, remove, replace
from storymap.errors import StoryError
from storymap.manuscript import Manuscript
from storymap.storyfiles import bring_in, mirror, named_files

__all__ = ["Draft", "Drafts", "Session", "state_folder"]

AWAY_S = 60
"""Seconds without a sign of life after which a session counts as closed."""
FORGOTTEN_S = 7 * 24 * 3600
"""Seconds after which files that were brought in and are in no draft are taken away."""


def state_folder() -> Path:
    """Where drafts are kept: ``$STORYMAP_STATE``, else ``storymap`` in the user's state folder."""
    own = os.environ.get("STORYMAP_STATE")
    if own:
        return Path(own)
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "storymap"


@dataclass(frozen=True, slots=True)
class Session:
    """One editor at work on one story in one tab."""

    editor: str
    """Name or address, as the others read it."""
    token: str
    """Any text that no other session has; it is not shown."""

    @property
    def key(self) -> str:
        """The session's name in the file system."""
        return hashlib.sha256(f"{self.editor}\n{self.token}".encode()).hexdigest()[:24]


@dataclass(frozen=True, eq=False)
class Draft:
    """Unsaved work: the story as it was when it was opened or last saved, and as it is now."""

    editor: str
    base: Manuscript
    now: Manuscript
    changes: tuple[str, ...]
    """Sentences of the edits, the newest last."""
    time: dt.datetime
    """When it was kept, in UTC."""
    key: str
    """Name of the session that it comes from, for `Drafts.adopt` and `Drafts.discard`."""


@dataclass(frozen=True, slots=True)
class Drafts:
    """The drafts of one story. ``folder`` is the story's, ``state`` the folder for all drafts (see `state_folder`)."""

    folder: Path
    state: Path

    @property
    def place(self) -> Path:
        """Where this story's drafts are: the same folder has the same place, however it is called."""
        real = os.path.realpath(self.folder)
        mark = hashlib.sha256(os.fsencode(real)).hexdigest()[:16]
        return self.state / "drafts" / f"{re.sub(r'[^a-z0-9-]+', '-', self.folder.name.lower())[:40]}-{mark}"

    def keep(self, session: Session, base: Manuscript, now: Manuscript, changes: Sequence[str] = ()) -> None:
        """Keeps the work of ``session``, in place of what was kept of it before; nothing, when nothing is changed.

        Raises `SaveError` in words for the editor.
        """
        if base.says(now):
            self.saved(session)
            return
        said = {
            "editor": session.editor, "time": dt.datetime.now(dt.UTC).isoformat(), "changes": list(changes)[-200:],
            "base": _texts(base), "now": _texts(now),
        }  # fmt: skip
        content = gzip.compress(json.dumps(said, ensure_ascii=False).encode(), compresslevel=1)
        with _told("the draft could not be kept"):
            _private(self.place)
            replace(self.place / f"{session.key}.draft", content)
        self.seen(session)

    def found(self, editor: str) -> tuple[Draft, ...]:
        """Unsaved work of ``editor``, the newest first, that no open session holds: to be taken up or discarded."""
        self._sweep()
        live = {key for key, said in self._sessions() if self._is_live(said)}
        drafts = (self.read(path.stem) for path in self._files("*.draft") if path.stem not in live)
        return tuple(sorted((draft for draft in drafts if draft and draft.editor == editor),
                            key=lambda draft: draft.time, reverse=True))  # fmt: skip

    def read(self, key: str) -> Draft | None:
        """The draft of a session; None when there is none, or it can not be read any more."""
        if not re.fullmatch(r"[0-9a-f]{24}", key):
            return None
        try:
            said = json.loads(gzip.decompress((self.place / f"{key}.draft").read_bytes()))
            base, now = (
                Manuscript.of({file: text.encode() for file, text in said[side].items()}) for side in ("base", "now")
            )
            return Draft(str(said["editor"]), base, now, tuple(map(str, said["changes"])),
                         dt.datetime.fromisoformat(said["time"]), key)  # fmt: skip
        except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, StoryError):
            return None

    def adopt(self, draft: Draft, session: Session) -> None:
        """Makes a draft that was found that of ``session``, with its files. Raises `SaveError`."""
        with _told("the draft could not be taken up"):
            old, new = self.place / f"{draft.key}.files", self.place / f"{session.key}.files"
            if old.is_dir() and not new.exists():
                old.rename(new)
        self.keep(session, draft.base, draft.now, draft.changes)
        if draft.key != session.key:
            self.discard(draft.key)

    def discard(self, key: str) -> None:
        """Gives up a draft (``session.key``, ``draft.key``) and the files that were brought in for it."""
        if re.fullmatch(r"[0-9a-f]{24}", key):
            with contextlib.suppress(OSError):
                remove(self.place / f"{key}.draft")
            shutil.rmtree(self.place / f"{key}.files", ignore_errors=True)

    def saved(self, session: Session) -> None:
        """Nothing is unsaved any more. Files that were brought in stay while the session is open: redo may name them."""
        with contextlib.suppress(OSError):
            remove(self.place / f"{session.key}.draft")
        self.seen(session)

    def share(self, old: Session, new: Session) -> None:
        """Gives ``new`` the files of ``old`` as well, whose draft keeps them. Raises `SaveError`."""
        source, target = self.place / f"{old.key}.files", self.place / f"{new.key}.files"
        with _told("files can not be brought in"):
            if source.is_dir() and not target.exists():
                ignored = shutil.ignore_patterns(".preview")
                shutil.copytree(source, target, ignore=ignored)

    def files(self, session: Session) -> Path:
        """Folder for the data and media files of a draft, until it is saved. Raises `SaveError`."""
        folder = self.place / f"{session.key}.files"
        with _told("files can not be brought in"):
            _private(folder)
        return folder

    def bring_in(self, session: Session, name: str, content: bytes) -> str:
        """Takes a file into the draft (``media/plant.jpg``); gives the name to be written into the story.

        Raises `SaveError` in words for the editor.
        """
        folder = self.files(session)
        with _told(f"'{name}' can not be brought in"):
            return bring_in(folder, name, content)

    def preview_folder(self, session: Session, now: Manuscript) -> Path:
        """A folder in which ``now.story(…)`` finds all its files, also those of the draft; the story's own, if there are
        none. Raises `SaveError`."""
        own = self.place / f"{session.key}.files"
        if not own.is_dir() or not any((own / name).is_file() for name in named_files(now)):
            return self.folder
        folder = own / ".preview" / self.folder.name
        with _told("the preview can not be made"):
            folder.mkdir(parents=True, exist_ok=True)
            mirror(now, (own, self.folder), folder)
            beside = self.folder.parent / "basemap"
            if beside.is_dir() and not (folder.parent / "basemap").exists():
                (folder.parent / "basemap").symlink_to(os.path.realpath(beside))
        return folder

    def seen(self, session: Session) -> None:
        """A sign of life: to be given by an open editor every few seconds."""
        here = {"host": socket.gethostname(), "process": os.getpid()}
        said = json.dumps({"editor": session.editor, "time": time.time(), **here}).encode()
        # Who else is there is good to know; an editor without it still works.
        with contextlib.suppress(OSError):
            _private(self.place)
            path = self.place / f"{session.key}.seen"
            beside = path.with_suffix(f".{os.getpid()}-{time.monotonic_ns()}")
            beside.write_bytes(said)
            beside.replace(path)

    def left(self, session: Session) -> None:
        """The editor was closed; its draft stays."""
        with contextlib.suppress(OSError):
            (self.place / f"{session.key}.seen").unlink()

    def others(self, session: Session) -> tuple[str, ...]:
        """Who else has the story open, by name, once for each other session."""
        return tuple(
            sorted(said["editor"] for key, said in self._sessions() if key != session.key and self._is_live(said))
        )

    def at_work(self) -> tuple[str, ...]:
        """Who has the story open, by name, once for each session."""
        return tuple(sorted(said["editor"] for _, said in self._sessions() if self._is_live(said)))

    def _sweep(self) -> None:
        """Takes away what writers that were killed left, and files of sessions that are over and left no draft."""
        for path in self._files(".*.partial"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > AWAY_S:
                    path.unlink()
        live = {key for key, said in self._sessions() if self._is_live(said)}
        for path in self._files("*.files"):
            with contextlib.suppress(OSError):
                if path.stem not in live and not path.with_suffix(".draft").exists() and self._is_old(path):
                    shutil.rmtree(path, ignore_errors=True)

    @staticmethod
    def _is_old(path: Path) -> bool:
        return time.time() - path.stat().st_mtime > FORGOTTEN_S

    def _files(self, pattern: str) -> list[Path]:
        try:
            return sorted(self.place.glob(pattern))
        except OSError:
            return []

    def _sessions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for path in self._files("*.seen"):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                said = json.loads(path.read_bytes())
                yield path.stem, {"editor": str(said["editor"]), "time": float(said["time"]), **said}

    @staticmethod
    def _is_live(said: dict[str, Any]) -> bool:
        if said.get("host") == socket.gethostname() and not _runs(said.get("process")):
            return False
        return abs(time.time() - float(said["time"])) < AWAY_S


def _runs(process: Any) -> bool:
    """Whether a process of this machine runs; one that is not known may."""
    if type(process) is not int or process <= 0:
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _texts(story: Manuscript) -> dict[str, str]:
    return {file: content.decode() for file, content in story.contents.items()}


def _private(folder: Path) -> None:
    """Makes a folder that only the user of the server can look into."""
    if not folder.is_dir():
        make_folder(folder.parent)
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)


@contextlib.contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SaveError(f"{what}: {in_words(error)}") from None
