"""Where a story can be published: a folder, S3, Google Cloud Storage, Azure, SFTP; each through fsspec.

Credentials come from where each service keeps them (environment, profile, agent), never from the target's address.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from storymap.errors import nearest
from storymap.publishplan import PART, Headers, Piece, Refused, part_name
from storymap.sitepacking import packed

__all__ = ["DRIVERS", "Driver", "Found", "Target", "connect"]


@dataclass(frozen=True, slots=True)
class Driver:
    """What speaks to one kind of target."""

    module: str
    cls: str
    extra: str
    """Of this project's optional dependencies; empty when it always comes along."""
    options: Mapping[str, Any] = field(default_factory=dict)
    headers: Callable[[Headers], dict[str, Any]] | None = None
    """Arguments of ``pipe_file`` by which a file gets its headers; None where files have none. Who keeps headers
    also shows a file only when all of it has come."""
    md5: Callable[[Mapping[str, Any]], str | None] = lambda _: None
    """The MD5 that the listing tells, in hexadecimal digits."""

    @property
    def local(self) -> bool:
        """Whether the target is a folder of this machine."""
        return not self.extra


def _s3_headers(headers: Headers) -> dict[str, Any]:
    said = {"ContentType": headers.type, "CacheControl": headers.cache, "ContentEncoding": headers.encoding}
    return {name: value for name, value in said.items() if value}


def _gs_headers(headers: Headers) -> dict[str, Any]:
    said = {"cache_control": headers.cache, "content_encoding": headers.encoding}
    return {
        "content_type": headers.type,
        "fixed_key_metadata": {name: value for name, value in said.items() if value},
    }


def _az_headers(headers: Headers) -> dict[str, Any]:
    said = {"content_type": headers.type, "cache_control": headers.cache, "content_encoding": headers.encoding}
    return {"content_settings": {name: value for name, value in said.items() if value}}


def _s3_md5(info: Mapping[str, Any]) -> str | None:
    return str(info.get("ETag", "")).strip('"') or None


def _gs_md5(info: Mapping[str, Any]) -> str | None:
    return _from_base64(info.get("md5Hash"))


def _az_md5(info: Mapping[str, Any]) -> str | None:
    settings = info.get("content_settings") or {}
    digest = settings.get("content_md5")
    return bytes(digest).hex() if digest else None


def _from_base64(text: str | None) -> str | None:
    import base64
    import binascii

    try:
        return base64.b64decode(text, validate=True).hex() if text else None
    except binascii.Error:
        return None


_FRESH = {"use_listings_cache": False, "skip_instance_cache": True}
DRIVERS: Mapping[str, Driver] = {
    "file": Driver("fsspec.implementations.local", "LocalFileSystem", "", {"skip_instance_cache": True}),
    "s3": Driver("s3fs", "S3FileSystem", "s3", {**_FRESH, "anon": False}, _s3_headers, _s3_md5),
    "gs": Driver("gcsfs", "GCSFileSystem", "gs", _FRESH, _gs_headers, _gs_md5),
    "az": Driver("adlfs", "AzureBlobFileSystem", "az", _FRESH, _az_headers, _az_md5),
    # sshfs turns the check of host keys off unless it is told which ones count; () means ~/.ssh/known_hosts.
    "sftp": Driver("sshfs", "SSHFileSystem", "sftp", {"skip_instance_cache": True, "known_hosts": ()}),
}
"""By the scheme of the target's address."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the target tells of one path. ``size`` in bytes, None for a folder; ``md5`` in hexadecimal digits."""

    size: int | None
    md5: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A place that is open for publishing. Paths are relative to it. Every method raises `Refused` when it fails."""

    name: str
    """As people wrote it."""
    fs: Any
    """An fsspec file system."""
    root: str
    driver: Driver
    _made: set[str] = field(default_factory=set)
    """Folders that are there: each question takes a while over a network."""

    def read(self, path: str) -> bytes | None:
        """The bytes that are there; None when nothing is."""
        with self._told(path, "read"):
            try:
                return bytes(self.fs.cat_file(self._at(path)))
            except FileNotFoundError:
                return None

    def look(self, paths: Iterable[str]) -> dict[str, Found]:
        """Which of the paths are there. Asks once for each folder of theirs."""
        wanted = set(paths)
        found = {}
        for folder in sorted({path.rpartition("/")[0] for path in wanted}):
            for name, info in self._listing(folder):
                path = f"{folder}/{name}" if folder else name
                if path in wanted:
                    size = None if info["type"] == "directory" else int(info["size"])
                    found[path] = Found(size, None if size is None else self.driver.md5(info))
        return found

    def parts(self) -> list[str]:
        """Files that cut runs began and never moved to their places."""
        if self.driver.headers is not None:
            return []
        return sorted(name for name, _ in self._listing("") if PART.fullmatch(name))

    def holds(self, piece: Piece, found: Found) -> bool:
        """Whether the file that was found has the piece's bytes; read back where its MD5 does not settle that."""
        if found.size != piece.size:
            return False
        if found.md5 == piece.md5:
            return True
        # An ETag of an encrypted or of a large object looks like an MD5 and is none.
        data = self.read(piece.path)
        if data is None:
            return False
        # Some stores unpack what they stored packed.
        said = {hashlib.sha256(data).hexdigest(), *([_sha256_packed(data)] if piece.headers.encoding else [])}
        return piece.sha256 in said

    def write(self, path: str, data: bytes, headers: Headers, run: str) -> None:
        """Puts a file there, or a new one in its place: readers get the old or the new bytes, never a part."""
        with self._told(path, "written"):
            if self.driver.headers is not None:
                self.fs.pipe_file(self._at(path), data, **self.driver.headers(headers))
                return
            at, part = self._at(path), self._at(part_name(run))
            for parent in {at.rpartition("/")[0], part.rpartition("/")[0]} - {""} - self._made:
                with self._told("", "made"):
                    self.fs.makedirs(parent, exist_ok=True)
                self._made.add(parent)
            self.fs.pipe_file(part, data)
            if self.driver.local:
                _flush(part)
            self.fs.mv(part, at)

    def delete(self, path: str) -> None:
        """Takes a file away; one that is not there is no fault."""
        with self._told(path, "deleted"), contextlib.suppress(FileNotFoundError):
            self.fs.rm_file(self._at(path))

    def _at(self, path: str) -> str:
        return f"{self.root.rstrip('/')}/{path}" if self.root else path

    def _listing(self, folder: str) -> list[tuple[str, Mapping[str, Any]]]:
        with self._told(folder, "listed"):
            self.fs.invalidate_cache()
            try:
                entries = self.fs.ls(self._at(folder).rstrip("/") or ("/" if self.root else "."), detail=True)
            except (FileNotFoundError, NotADirectoryError):
                return []
            return [(str(info["name"]).rstrip("/").rpartition("/")[2], info) for info in entries]

    @contextlib.contextmanager
    def _told(self, path: str, doing: str) -> Iterator[None]:
        """Drivers raise whatever their service's library raises: people get one line of it."""
        try:
            yield
        except Refused:
            raise
        except Exception as error:
            place = f"{self.name}/{path}" if path else self.name
            raise Refused(f"{place}: can not be {doing}: {_reason(error)}{self._advice(error)}") from error

    def _advice(self, error: Exception) -> str:
        if self.driver.local or "credential" not in f"{type(error).__name__} {error}".lower():
            return ""
        return ": storymap takes them from where the service's own tools do (docs/publishing.md)"


def _flush(path: str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256_packed(data: bytes) -> str:
    return hashlib.sha256(packed(data)).hexdigest()


def _reason(error: Exception) -> str:
    said = (error.strerror or "") if isinstance(error, OSError) else ""
    lines = (said or str(error) or type(error).__name__).strip().splitlines()
    # Addresses in messages of services may be signed.
    return re.sub(r"\?\S+", "?…", lines[0] if lines else type(error).__name__)[:200]


def connect(target: str) -> Target:
    """Opens a target: ``path/of/a/folder``, ``s3://bucket/folder``, ``gs://…``, ``az://container/folder``,
    ``sftp://user@host/folder`` (``/~/`` for one below the home folder). Raises `Refused`."""
    scheme, root, options = _address(target)
    driver = DRIVERS[scheme]
    name = target.rstrip("/") or "/"
    try:
        cls = getattr(importlib.import_module(driver.module), driver.cls)
    except ImportError as error:
        install = f"pip install 'storymap-desk[{driver.extra}]'"
        raise Refused(f"{name}: needs a driver that is not installed ({error.name}): {install}") from None
    try:
        return Target(name, cls(**driver.options, **options), root, driver)
    except Exception as error:
        raise Refused(f"{name}: can not be reached: {_reason(error)}") from error


def _address(target: str) -> tuple[str, str, dict[str, Any]]:
    """Scheme, root within the service, and the driver's options. A refusal never repeats what may be a password."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]+):(//)?", target)
    scheme = found[1].lower() if found else ""
    if found is None or (scheme not in DRIVERS and not found[2]):  # a folder's name may have a colon
        return "file", Path(target).resolve().as_posix(), {}
    if scheme not in DRIVERS or not found[2]:
        near = "" if scheme in DRIVERS else nearest(scheme, DRIVERS)
        raise Refused(f"{scheme}: is no target{near}; write a folder, or {', '.join(_FORMS)}")
    if scheme == "file":
        return "file", Path(url2pathname(urlsplit(target).path)).resolve().as_posix(), {}
    rest = target[found.end() :]
    _refuse_secrets(scheme, rest)
    host, _, path = rest.partition("/")
    parts = [part for part in path.split("/") if part]
    if not host or ".." in parts or "." in parts:
        raise Refused(f"{target}: names no place: write {next(form for form in _FORMS if form.startswith(scheme))}")
    if scheme != "sftp":
        return scheme, "/".join([host, *parts]), {}
    return scheme, "/".join(parts[1:]) if parts[:1] == ["~"] else "/" + "/".join(parts), _login(host)


_FORMS = ("s3://bucket/folder", "gs://bucket/folder", "az://container/folder", "sftp://user@host/folder")


def _refuse_secrets(scheme: str, rest: str) -> None:
    login, at, _ = rest.rpartition("@")
    if "?" in rest or "#" in rest or (at and (scheme != "sftp" or ":" in login or "/" in login)):
        raise Refused(
            f"{scheme}://: the target holds a key or password, or something after '?' or '#', and targets end up in logs: "
            "take it out; credentials come from the service's usual places (docs/publishing.md)"
        )


def _login(host: str) -> dict[str, Any]:
    user, _, rest = host.rpartition("@")
    found = re.fullmatch(r"(\[[0-9A-Fa-f:]+\]|[^:\[\]]+)(?::(\d{1,5}))?", rest)
    if found is None:
        raise Refused("sftp://: names no host: write sftp://user@host/folder, or sftp://user@host:2222/folder")
    options: dict[str, Any] = {"host": found[1].strip("[]")}
    if user:
        options["username"] = user
    if found[2]:
        options["port"] = int(found[2])
    return options
