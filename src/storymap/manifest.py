"""``storymap-build.json``: what a built site is made of, written into its folder and read by what publishes it.

The manifest names every file of the site but itself, with its sha256, size in bytes, content type and how long caches
may keep it. It holds no time and no path of the machine, so that equal sites have equal manifests.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal

__all__ = [
    "CACHE_CONTROL",
    "MANIFEST",
    "TYPES",
    "BadManifest",
    "Cache",
    "Entry",
    "Manifest",
    "entry",
    "read_manifest",
    "sorted_entries",
]

MANIFEST = "storymap-build.json"
VERSION = 1
_ANEW = "build the story anew, into a new folder"

Cache = Literal["immutable", "revalidate"]
CACHE_CONTROL: Mapping[Cache, str] = {
    "immutable": "public, max-age=31536000, immutable",
    "revalidate": "public, max-age=0, s-maxage=60, must-revalidate",
}
"""``Cache-Control`` for each class. ``immutable``: the name holds a hash of the content. ``revalidate``: the address stays
while the content changes; a browser asks each time, a CDN may answer for a minute."""

TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".geojson": "application/geo+json; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".wav": "audio/wav",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".pdf": "application/pdf",
}
"""Content type by suffix; a file without one (``_headers``) is plain text."""

_HASHED = re.compile(r"(?:.*[.-])?[0-9a-f]{16}\.[a-z0-9]+")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(?:/[A-Za-z0-9_][A-Za-z0-9._-]*)*")


class BadManifest(ValueError):
    """A folder that is no build, or whose manifest can not be read; the message is one line.

    ``reason``: the message without what to do about it.
    """

    def __init__(self, reason: str, advice: str) -> None:
        self.reason = reason
        super().__init__(f"{reason}: {advice}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a site. ``path`` is relative to the site's folder, with ``/``, in plain ASCII."""

    path: str
    sha256: str
    """Of the file's bytes, 64 hexadecimal digits."""
    size: int
    """Bytes."""
    type: str
    """For ``Content-Type``."""
    cache: Cache
    """Key of `CACHE_CONTROL`."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a built folder holds."""

    slug: str
    """The story's name in addresses."""
    title: str
    lang: str
    """The story's own language: that of ``index.html``."""
    languages: Mapping[str, str]
    """Language → its page, relative to the site's folder (``{"en": "index.html", "ru": "ru/index.html"}``)."""
    files: tuple[Entry, ...]
    """Every file but the manifest itself, sorted by path."""
    url: str | None = None
    """Address of the site's folder, with a slash at its end, when the build was told it."""
    withdrawn: bool = False
    """Whether the site is the notice that stands in for a withdrawn story."""
    reason: str | None = None
    """What readers are told of why it was withdrawn; None for the general sentence."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Language → title, where it differs from the story's own."""
    made_from: Mapping[str, str] = field(default_factory=dict)
    """For the next build: path → digest of all that a costly file was made from."""
    former: tuple[str, ...] = ()
    """Names that the story had: at each there may be a site beside this one that leads on to it."""
    moved: str | None = None
    """Of a site that leads on from an old address: the folder beside it that holds the story."""

    def text(self) -> str:
        """The manifest as JSON."""
        return json.dumps({"storymap": VERSION, **asdict(self)}, indent=1, ensure_ascii=False) + "\n"

    def entry(self, path: str) -> Entry | None:
        """The file at ``path``."""
        return next((item for item in self.files if item.path == path), None)


def entry(path: str, content: bytes) -> Entry:
    """The manifest's line for a file. Its name tells how long it may be kept: 16 hexadecimal digits are a hash."""
    pure = PurePosixPath(path)
    cache: Cache = "immutable" if _HASHED.fullmatch(pure.name) else "revalidate"
    kind = TYPES.get(pure.suffix.lower(), "application/octet-stream") if pure.suffix else TYPES[".txt"]
    return Entry(path, hashlib.sha256(content).hexdigest(), len(content), kind, cache)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a built folder. Raises `BadManifest`, also when it is of a later version than this one."""
    path = folder / MANIFEST
    try:
        data = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        lacks = f"is no build of a story: it has no {MANIFEST}" if folder.is_dir() else "there is no such folder"
        raise BadManifest(f"{folder}: {lacks}", "name a folder that 'storymap build STORY -o FOLDER' wrote") from None
    except (OSError, ValueError) as error:
        raise BadManifest(f"{path}: can not be read: {_reason(error)}", _ANEW) from None
    version = data.get("storymap") if isinstance(data, dict) else None
    if version != VERSION:
        newer = isinstance(version, int) and version > VERSION
        if newer:
            raise BadManifest(f"{path}: was made by a newer storymap", "update this one")
        raise BadManifest(f"{path}: is no manifest", _ANEW)
    try:
        return _manifest(data)
    except (KeyError, TypeError, ValueError) as error:
        raise BadManifest(f"{path}: is damaged ({_reason(error)})", _ANEW) from None


def _reason(error: Exception) -> str:
    said = (error.strerror or "") if isinstance(error, OSError) else str(error)
    return (said or type(error).__name__).splitlines()[0].lower()


def _manifest(data: Mapping[str, Any]) -> Manifest:
    files = tuple(_entry(item) for item in data["files"])
    if [item.path for item in files] != sorted({item.path for item in files}):
        raise ValueError("files are not sorted, or one stands twice")
    return Manifest(
        slug=_text(data["slug"]),
        title=_text(data["title"]),
        lang=_text(data["lang"]),
        languages={_text(code): _path(page) for code, page in data["languages"].items()},
        files=files,
        url=None if data.get("url") is None else _text(data["url"]),
        withdrawn=data.get("withdrawn") is True,
        reason=None if data.get("reason") is None else _text(data["reason"]),
        titles={_text(code): _text(title) for code, title in data.get("titles", {}).items()},
        made_from={_path(path): _text(digest) for path, digest in data.get("made_from", {}).items()},
        former=tuple(_name(name) for name in data.get("former", ())),
        moved=None if data.get("moved") is None else _name(data["moved"]),
    )


def _entry(item: Mapping[str, Any]) -> Entry:
    cache: Cache = "immutable" if item["cache"] == "immutable" else "revalidate"
    digest = _text(item["sha256"])
    if not re.fullmatch(r"[0-9a-f]{64}", digest) or type(item["size"]) is not int:
        raise ValueError("a file without its hash or size")
    return Entry(_path(item["path"]), digest, item["size"], _text(item["type"]), cache)


def _path(value: object) -> str:
    """A manifest may come from anywhere: no path of it may lead out of the folder."""
    text = _text(value)
    if not _PLAIN_PATH.fullmatch(text) or ".." in text.split("/"):
        raise ValueError(f"'{text[:60]}' is no path of a site")
    return text


def _name(value: object) -> str:
    """A folder beside the site's."""
    text = _path(value)
    if "/" in text:
        raise ValueError(f"'{text[:60]}' is no name of a folder")
    return text


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def sorted_entries(contents: Iterable[tuple[str, bytes]]) -> tuple[Entry, ...]:
    """The manifest's lines for a set of (path, content)."""
    return tuple(sorted((entry(path, content) for path, content in contents), key=lambda item: item.path))
