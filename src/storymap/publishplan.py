"""What publishing has to do, decided from what is wanted, what is there, and what was published before. Pure.

The target keeps a record of its own, ``storymap-published.json``: which story lives there and every file that was put
there for it. It is written before anything else (with all that is about to come) and last of all (with what stands),
so that a run that was cut at any moment leaves no file that the next run does not know as its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace

__all__ = [
    "PART",
    "RECORD",
    "Headers",
    "Piece",
    "Plan",
    "Record",
    "Refused",
    "part_name",
    "plan",
    "read_record",
    "starting",
]

RECORD = "storymap-published.json"
VERSION = 1
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


class Refused(ValueError):
    """Publishing that can not or must not happen; the message is one line: place, reason, what to do."""


@dataclass(frozen=True, slots=True)
class Headers:
    """How a host is to answer for one file: values of ``Content-Type``, ``Cache-Control``, ``Content-Encoding``."""

    type: str
    cache: str
    encoding: str = ""

    @property
    def lasting(self) -> bool:
        """Whether the file's name holds a hash of its content: it never changes, and old pages may still ask for it."""
        return "immutable" in self.cache


UNSURE = Headers("", "")
"""Two runs that were cut meant different headers: nobody knows which of them the file has."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file as it is to stand at the target."""

    path: str
    """Relative to the target, with ``/``."""
    source: str
    """Relative to the built folder."""
    size: int
    """Bytes as stored, after compression."""
    sha256: str
    """Of the bytes as stored, as is ``md5``, which object stores tell of what they hold."""
    md5: str
    headers: Headers


@dataclass(frozen=True, slots=True)
class Record:
    """What the target says of itself."""

    slug: str
    title: str = ""
    files: Mapping[str, Headers] = field(default_factory=dict)
    """The version that was published last and wholly."""
    kept: tuple[str, ...] = ()
    """Files of the version before it, left for readers who still have its page open."""
    pending: Mapping[str, Headers] = field(default_factory=dict)
    """What runs meant to put there and never reported done. Empty when the last run reached its end."""
    run: str = ""
    """Name of the last run, by which a run notices that another one has begun."""

    @property
    def ours(self) -> frozenset[str]:
        """Every path that publishing put there, or may have."""
        return frozenset({*self.files, *self.kept, *self.pending})

    def text(self) -> str:
        """The record as JSON."""
        return json.dumps({"storymap": VERSION, **asdict(self)}, indent=1, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class Plan:
    """What one run does, in this order: `stale`, `assets`, `pages`, then the rest of `deletions`."""

    assets: tuple[Piece, ...]
    pages: tuple[Piece, ...]
    """HTML, the story's ``index.html`` last: until it is there, readers have the old story, whole."""
    unchanged: tuple[Piece, ...]
    deletions: tuple[str, ...]
    kept: tuple[str, ...]
    """Files of the old version that go at the next publication only."""
    record: Record
    """What the target's record says when all is done, but for the name of the run."""
    settled: bool
    """Whether the target's record says all that already."""

    @property
    def uploads(self) -> tuple[Piece, ...]:
        """All that is sent, in order."""
        return (*self.assets, *self.pages)

    @property
    def stale(self) -> tuple[str, ...]:
        """Of the deletions: packed copies of files that stay. A web server gives them out in place of the new file."""
        return tuple(path for path in self.deletions if path.endswith(".gz") and path[:-3] in self.record.files)

    @property
    def nothing_to_do(self) -> bool:
        """Whether the target holds exactly this version."""
        return self.settled and not self.uploads and not self.deletions

    def finished(self, run: str) -> Record:
        """The record to leave at the target."""
        return replace(self.record, run=run)


def read_record(text: str | None, where: str) -> Record | None:
    """The record of a target from its text; None when there is none. Raises `Refused` when it can not be understood."""
    if text is None:
        return None
    name = f"{where}/{RECORD}"
    try:
        data = json.loads(text)
        version = data["storymap"]
        if isinstance(version, int) and version > VERSION:
            raise Refused(f"{name}: was written by a newer storymap: update this one")
        if version != VERSION:
            raise ValueError("version")
        return Record(
            slug=_text(data["slug"]),
            title=_text(data["title"]),
            files=_headers(data["files"]),
            kept=tuple(_path(path) for path in data["kept"]),
            pending=_headers(data["pending"]),
            run=_text(data["run"]),
        )
    except Refused:
        raise
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refused(
            f"{name}: is damaged, so nobody can tell which files there are the story's; restore it, or publish to an empty place"
        ) from None


def _headers(data: Mapping[str, Mapping[str, str]]) -> dict[str, Headers]:
    return {
        _path(path): Headers(_text(item["type"]), _text(item["cache"]), _text(item["encoding"]))
        for path, item in data.items()
    }


def _path(value: object) -> str:
    """A record may have been written by anyone: what it names is deleted later, so it must lie below the target."""
    text = _text(value)
    if not _PATH.fullmatch(text) or text == RECORD:
        raise ValueError("no path of a site")
    return text


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def plan(
    wanted: Iterable[Piece],
    same: Mapping[str, bool],
    record: Record | None,
    *,
    there: Collection[str],
    slug: str,
    title: str,
    where: str,
    prune: bool = False,
) -> Plan:
    """What is to be done so that ``wanted`` stands at the target.

    ``same``: for each wanted path that is there, whether it holds just those bytes. ``there``: which of
    the wanted and recorded paths are there. ``where``: the target, as people
    wrote it. ``prune``: leave nothing of the version before for readers who have its page open.
    Raises `Refused` when the place belongs to another story or holds files that publishing did not put there.
    """
    pieces = sorted(wanted, key=_turn)
    paths = {piece.path for piece in pieces}
    before = record or Record(slug)
    if before.slug != slug:
        raise Refused(
            f"{where}: holds the story '{before.slug}'; '{slug}' would be written over it: give each story a place of its own"
        )
    strange = sorted(path for path, equal in same.items() if path in paths and path not in before.ours and not equal)
    if strange:
        more = f" and {len(strange) - 1} more" if len(strange) > 1 else ""
        raise Refused(
            f"{where}: holds {strange[0]}{more}, which storymap did not put there: publish to a place of the story's own"
        )
    todo = [piece for piece in pieces if not (same.get(piece.path) and _known(piece, before))]
    old = before.ours - paths
    # A page that a reader opened a minute ago still loads its pictures: they go when the next version comes, and not
    # when the same one is published twice.
    stays = () if prune else tuple(sorted(path for path in old if _lasting(path, before)))
    headers = {piece.path: piece.headers for piece in pieces}
    again = not todo and not before.pending and before.files.keys() == paths
    done = Record(slug, title, headers, before.kept if again and not prune else stays)
    gone = tuple(sorted((old - set(done.kept)) & set(there)))
    settled = record is not None and replace(record, run="") == done
    return Plan(
        assets=tuple(piece for piece in todo if not _is_page(piece.path)),
        pages=tuple(piece for piece in todo if _is_page(piece.path)),
        unchanged=tuple(piece for piece in pieces if piece not in todo),
        deletions=gone,
        kept=done.kept,
        record=done,
        settled=settled,
    )


def _lasting(path: str, before: Record) -> bool:
    """Whether the page that readers have now may name this file: it is of the last version, or of a cut one."""
    return any(path in files and files[path].lasting for files in (before.files, before.pending))


def _known(piece: Piece, before: Record) -> bool:
    """Whether the file that is there surely has the wanted headers: every run that may have put it there meant them."""
    meant = {files[piece.path] for files in (before.files, before.pending) if piece.path in files}
    return meant == {piece.headers}


def starting(record: Record | None, wanted: Plan, run: str) -> Record:
    """The record while a run is under way: the old version as it was, and all that may come to stand beside it."""
    before = record or Record(wanted.record.slug)
    pending = dict(before.pending)
    for piece in wanted.uploads:
        meant = pending.get(piece.path, piece.headers)
        pending[piece.path] = piece.headers if meant == piece.headers else UNSURE
    return replace(before, title=wanted.record.title, pending=pending, run=run)


def part_name(run: str) -> str:
    """Where a run writes a file before it moves it to its place, at targets that can be seen half-way through."""
    return f"storymap-published.{run}.part"


PART = re.compile(r"storymap-published\.[0-9a-f]{32}\.part")
"""Any run's `part_name`."""


def _turn(piece: Piece) -> tuple[int, str]:
    """Files that a page names come before it; of the pages, the story's own comes last."""
    if piece.path.removesuffix(".gz") == "index.html":
        return 4, piece.path
    return 3 if _is_page(piece.path) else 1 if piece.headers.lasting else 2, piece.path


def _is_page(path: str) -> bool:
    return path.removesuffix(".gz").endswith(".html")
