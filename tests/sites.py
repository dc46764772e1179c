"""Small built sites, and the places that tests publish them to: a folder, a real S3 server, a real SFTP server."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from places import owner
from storymap.manifest import MANIFEST, Manifest, sorted_entries
from storymap.publishplan import RECORD

PADDING = "The wind blows from the east. " * 40


def hashed(stem: str, suffix: str, content: bytes) -> str:
    return f"media/{stem}-{hashlib.sha256(content).hexdigest()[:16]}.{suffix}"


def page(version: str, names: list[str]) -> bytes:
    """A page that tells its version and what it loads, as `whole` reads it."""
    return f"<!doctype html><!-- {json.dumps({'version': version, 'names': names})} --><p>{PADDING}".encode()


def site(
    version: str, *, langs: tuple[str, ...] = ("en", "ru"), same: bytes = b"\xff\xd8 the same picture"
) -> dict[str, bytes]:
    """The files of a story's version: one picture that all versions share, and one of its own."""
    own = b"\xff\xd8 a picture of " + version.encode() * 50
    style = f"/* {version} */ {PADDING}".encode()
    assets = {hashed("all", "jpg", same): same, hashed("own", "jpg", own): own, hashed("plan", "svg", style): style}
    pages = {
        "index.html" if code == langs[0] else f"{code}/index.html": page(version, sorted(assets)) for code in langs
    }
    stable = {
        "embed.js": f"// {version}\n{PADDING}".encode(),
        "images/one.svg": f"<svg><!-- {version} {PADDING}--></svg>".encode(),
        "story.json": b'{"the same": true}',
        "_headers": b"/*\n  X-Content-Type-Options: nosniff\n",
    }
    return {**assets, **pages, **stable}


def write_site(folder: Path, files: Mapping[str, bytes], *, slug: str = "aral", withdrawn: bool = False) -> Path:
    """Writes a folder as `storymap build` does."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    manifest = Manifest(
        slug=slug,
        title="Арал",
        lang="en",
        languages={"en": "index.html"},
        files=sorted_entries(files.items()),
        url="https://maps.example/aral/",
        withdrawn=withdrawn,
    )
    (folder / MANIFEST).write_text(manifest.text(), "utf-8")
    return folder


@dataclass(frozen=True)
class Answer:
    """What a reader gets."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Home(ABC):
    """A place to publish to, and what readers get from it. ``keeps_headers``: whether files have headers there."""

    target: str
    keeps_headers: bool

    @abstractmethod
    def get(self, path: str) -> Answer | None:
        """What a web client gets of a file; None where there is none."""

    @abstractmethod
    def paths(self) -> set[str]:
        """Of all files there, the record of the publication too."""

    @abstractmethod
    def put(self, path: str, content: bytes) -> None:
        """What somebody else puts there by other means."""

    @abstractmethod
    def take(self, path: str) -> None:
        """What somebody else takes away by other means."""

    def body(self, path: str) -> bytes | None:
        """What a reader sees of a file."""
        answer = self.get(path)
        if answer is None:
            return None
        packed = answer.headers.get("content-encoding") == "gzip"
        return gzip.decompress(answer.body) if packed else answer.body

    def story(self) -> dict[str, bytes]:
        """Every file but the record, as readers see it."""
        bodies = {path: self.body(path) for path in self.paths() - {RECORD}}
        return {path: body for path, body in bodies.items() if body is not None}

    def clear(self) -> None:
        for path in self.paths():
            self.take(path)


@dataclass(frozen=True)
class Folder(Home):
    """Files on this disk, as a web server shows them."""

    target: str
    root: Path
    keeps_headers: bool = False

    def get(self, path: str) -> Answer | None:
        file = self.root / path
        return Answer(file.read_bytes()) if file.is_file() else None

    def paths(self) -> set[str]:
        return {path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file()}

    def put(self, path: str, content: bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(content)

    def take(self, path: str) -> None:
        (self.root / path).unlink()


@dataclass(frozen=True)
class Bucket(Home):
    """A folder in a bucket, read over HTTP without any S3 library."""

    target: str
    server: str
    bucket: str
    folder: str
    keeps_headers: bool = True

    def get(self, path: str) -> Answer | None:
        parts = urlsplit(self.server)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        connection.request("GET", f"/{self.bucket}/{self._key(path)}", headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        # S3 does not tell who may not list a bucket whether a file is there.
        assert answer.status in (200, 403, 404), f"{path}: {answer.status}"
        return (
            Answer(body, {name.lower(): text for name, text in answer.getheaders()}) if answer.status == 200 else None
        )

    def paths(self) -> set[str]:
        with owner(self.server) as client:
            listing = client.list_objects_v2(Bucket=self.bucket, Prefix=self._key(""))
        return {item["Key"].removeprefix(self._key("")) for item in listing.get("Contents", [])}

    def put(self, path: str, content: bytes) -> None:
        with owner(self.server) as client:
            client.put_object(Bucket=self.bucket, Key=self._key(path), Body=content)

    def take(self, path: str) -> None:
        with owner(self.server) as client:
            client.delete_object(Bucket=self.bucket, Key=self._key(path))

    def _key(self, path: str) -> str:
        return f"{self.folder}/{path}" if self.folder else path


def whole(home: Home, versions: Mapping[str, Mapping[str, bytes]]) -> str | None:
    """The version that a reader of each page gets, after everything that the pages load has been loaded; None when no
    story is there. Fails when a page is no page of the version that it tells, or loads what is not there."""
    seen = {}
    for path in ("index.html", "ru/index.html", "kk/index.html"):
        body = home.body(path)
        if body is None:
            continue
        said = json.loads(body.partition(b"<!-- ")[2].partition(b" -->")[0])
        files = versions[said["version"]]
        assert body == files[path], f"{path} is half a page"
        for name in said["names"]:
            assert home.body(name) == files[name], f"{path} of {said['version']} loads {name}, which is not there"
        seen[path] = said["version"]
    return seen.get("index.html")


def all_of(files: Mapping[str, bytes], home: Home) -> dict[str, bytes]:
    """What a target holds of a site: object stores get no files that only static hosts read."""
    return {path: body for path, body in files.items() if not (home.keeps_headers and path == "_headers")}
