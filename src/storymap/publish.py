"""A built folder → a place where readers find it: `publish`.

Readers have the old story, whole, until the new ``index.html`` is there; then the new one, whole: what pages name goes
first, is compared with what was sent, then the pages follow, the story's own last; what is no longer needed goes after
that. A run that is cut anywhere is taken up by the next.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from storymap.manifest import CACHE_CONTROL, BadManifest, Entry, Manifest, read_manifest
from storymap.publishplan import (
    RECORD,
    Headers,
    Piece,
    Plan,
    Record,
    Refused,
    plan,
    read_record,
    starting,
)
from storymap.sitepacking import packed, worth_packing
from storymap.targets import Target, connect

__all__ = ["Done", "Gzip", "Refused", "Report", "in_words", "publish"]

Gzip = Literal["auto", "beside", "none"]
"""``auto``: text is stored compressed where the target can say so to browsers. ``beside``: NAME.gz stands beside each
text file, for a web server that looks for it (``gzip_static`` of nginx); folders and SFTP only. ``none``: as built."""

SMALLER = 0.9
"""Compression pays when at most this share of the bytes is left."""
HOST_FILES = frozenset({"_headers", "_redirects"})
"""For static hosts that read them; an object store would only show them to readers."""
RECORD_HEADERS = Headers("application/json; charset=utf-8", "no-store")


@dataclass(frozen=True, slots=True)
class Done:
    """One thing that was just done, for whoever shows the progress: the ``number``-th of ``of``."""

    number: int
    of: int
    action: Literal["sent", "deleted"]
    path: str
    size: int
    """Bytes that were sent."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did, or with ``dry_run`` would do."""

    target: str
    slug: str
    title: str
    url: str | None
    """Where readers find the story, when the build was told."""
    dry_run: bool
    uploaded: tuple[str, ...]
    """Paths relative to the target, in order."""
    bytes: int
    unchanged: tuple[str, ...]
    deleted: tuple[str, ...]
    kept: tuple[str, ...]
    """Files of the version before, left until the next publication for readers who have its page open."""


def publish(
    folder: Path,
    target: str | Target,
    *,
    dry_run: bool = False,
    prune: bool = False,
    gzip: Gzip = "auto",
    say: Callable[[Done], None] = lambda _: None,
) -> Report:
    """Makes ``target`` hold what ``storymap build`` wrote into ``folder``, and nothing else of that story.

    ``target``: as of `connect`, or one that is open. ``prune``: delete at once also what only readers of the version
    before still need; a withdrawn story is always pruned. ``say`` is called after each file.
    Raises `Refused`, with one line of what is wrong and what to do.
    """
    try:
        manifest = read_manifest(folder)
    except BadManifest as error:
        raise Refused(str(error)) from None
    place = target if isinstance(target, Target) else connect(target)
    _keep_apart(folder, place)
    if gzip == "beside" and place.driver.headers is not None:
        raise Refused(f"{place.name}: stores files compressed already; '--gzip beside' is for folders and sftp://")
    pieces = _pieces(folder, manifest, keeps_headers=place.driver.headers is not None, gzip=gzip)
    record, todo = _look(place, manifest, pieces, prune or manifest.withdrawn)
    if not dry_run:
        for part in place.parts():
            place.delete(part)
    if not dry_run and not todo.nothing_to_do:
        _carry_out(folder, place, record, todo, say)
    return Report(
        target=place.name,
        slug=manifest.slug,
        title=manifest.title,
        url=manifest.url,
        dry_run=dry_run,
        uploaded=tuple(piece.path for piece in todo.uploads),
        bytes=sum(piece.size for piece in todo.uploads),
        unchanged=tuple(piece.path for piece in todo.unchanged),
        deleted=todo.deletions,
        kept=todo.kept,
    )


def in_words(report: Report) -> str:
    """A report for people, a few lines."""
    would = "would be " if report.dry_run else ""
    lines = []
    if report.dry_run:
        lines += [f"send {path}" for path in report.uploaded] + [f"delete {path}" for path in report.deleted]
    if report.uploaded or report.deleted:
        lines.append(
            f"'{report.slug}' at {report.target}: {len(report.uploaded)} files ({report.bytes / 1000:.0f} kB) {would}sent, "
            f"{len(report.unchanged)} unchanged, {len(report.deleted)} {would}deleted"
        )
    else:
        lines.append(f"'{report.slug}' at {report.target}: up to date, {len(report.unchanged)} files")
    if report.kept:
        lines.append(f"{len(report.kept)} files of the version before stay for readers who have its page open")
    if report.url and not report.dry_run:
        lines.append(report.url)
    return "\n".join(lines)


def _keep_apart(folder: Path, place: Target) -> None:
    if place.driver.local and Path(place.root).resolve().is_relative_to(folder.resolve()):
        raise Refused(
            f"{place.name}: lies in the built folder, which the next build replaces: publish to another place"
        )


def _pieces(folder: Path, manifest: Manifest, *, keeps_headers: bool, gzip: Gzip) -> list[Piece]:
    """What is to stand at the target. Raises `Refused` when the folder is not as it was built."""
    pieces = []
    for entry in manifest.files:
        if keeps_headers and entry.path in HOST_FILES:
            continue
        data = _built(folder, entry)
        small = packed(data) if gzip != "none" and worth_packing(entry.type) else data
        pays = len(small) <= SMALLER * len(data)
        headers = Headers(entry.type, CACHE_CONTROL[entry.cache])
        if pays and keeps_headers:
            pieces.append(_piece(entry, entry.path, small, Headers(headers.type, headers.cache, "gzip")))
            continue
        pieces.append(_piece(entry, entry.path, data, headers))
        if pays and gzip == "beside":
            pieces.append(_piece(entry, f"{entry.path}.gz", small, Headers("application/gzip", headers.cache)))
    if not any(piece.path == "index.html" for piece in pieces):
        raise Refused(f"{folder}: has no index.html: build the story anew")
    return pieces


def _piece(entry: Entry, path: str, stored: bytes, headers: Headers) -> Piece:
    md5 = hashlib.md5(stored, usedforsecurity=False).hexdigest()
    return Piece(path, entry.path, len(stored), hashlib.sha256(stored).hexdigest(), md5, headers)


def _built(folder: Path, entry: Entry) -> bytes:
    try:
        data = (folder / entry.path).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise Refused(f"{folder / entry.path}: can not be read: {reason}: build the story anew") from None
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise Refused(
            f"{folder / entry.path}: was changed after the build, and no check has seen it: build the story anew"
        )
    return data


def _stored(folder: Path, piece: Piece) -> bytes:
    """The bytes to send: read again, so that a site with films needs no memory for all of it."""
    try:
        data = (folder / piece.source).read_bytes()
    except OSError as error:
        raise Refused(f"{folder / piece.source}: can not be read: {(error.strerror or str(error)).lower()}") from None
    stored = packed(data) if piece.headers.encoding or piece.path != piece.source else data
    if hashlib.sha256(stored).hexdigest() != piece.sha256:
        raise Refused(f"{folder / piece.source}: was changed while it was published: build and publish again")
    return stored


def _look(place: Target, manifest: Manifest, pieces: Sequence[Piece], prune: bool) -> tuple[Record | None, Plan]:
    """The target's record, and what is to be done."""
    record = _record(place)
    by_path = {piece.path: piece for piece in pieces}
    ours = record.ours if record else frozenset()
    found = place.look({*by_path, *ours})
    same = {path: place.holds(by_path[path], item) for path, item in found.items() if path in by_path}
    todo = plan(
        pieces,
        same,
        record,
        there=found.keys(),
        slug=manifest.slug,
        title=manifest.title,
        where=place.name,
        prune=prune,
    )
    return record, todo


def _record(place: Target) -> Record | None:
    data = place.read(RECORD)
    return read_record(None if data is None else data.decode("utf-8", "replace"), place.name)


def _carry_out(folder: Path, place: Target, record: Record | None, todo: Plan, say: Callable[[Done], None]) -> None:
    run = uuid.uuid4().hex
    _keep_record(place, starting(record, todo, run), run)
    try:
        _in_order(folder, place, todo, run, say)
        _keep_record(place, todo.finished(run), run)
    except Refused as error:
        raise Refused(f"{error}; run this again, it goes on from here") from error


def _in_order(folder: Path, place: Target, todo: Plan, run: str, say: Callable[[Done], None]) -> None:
    of = len(todo.uploads) + len(todo.deletions)
    number = _take_away(place, todo.stale, run, 0, of, say)
    for stage in (todo.assets, todo.pages):
        if stage:
            _alone(place, run)
        for piece in stage:
            place.write(piece.path, _stored(folder, piece), piece.headers, run)
            number += 1
            say(Done(number, of, "sent", piece.path, piece.size))
        _arrived(place, stage)
    _take_away(place, [path for path in todo.deletions if path not in todo.stale], run, number, of, say)


def _take_away(place: Target, paths: Sequence[str], run: str, done: int, of: int, say: Callable[[Done], None]) -> int:
    """How many files are done now; ``done``: how many were."""
    if paths:
        _alone(place, run)
    for number, path in enumerate(paths, done + 1):
        place.delete(path)
        say(Done(number, of, "deleted", path, 0))
    return done + len(paths)


def _arrived(place: Target, pieces: Sequence[Piece]) -> None:
    """Raises `Refused` when the target does not hold what it was sent."""
    found = place.look(piece.path for piece in pieces)
    for piece in pieces:
        if piece.path not in found or not place.holds(piece, found[piece.path]):
            raise Refused(f"{place.name}/{piece.path}: the target does not hold what it was sent")


def _alone(place: Target, run: str) -> None:
    """Of two runs at the same time, the one that began first stops."""
    record = _record(place)
    if record is None or record.run != run:
        raise Refused(f"{place.name}: somebody else is publishing there now")


def _keep_record(place: Target, record: Record, run: str) -> None:
    place.write(RECORD, record.text().encode(), RECORD_HEADERS, run)
