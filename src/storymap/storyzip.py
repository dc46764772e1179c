"""A story's folder as a zip, and back: the same files, byte for byte.

The same folder always gives the same zip: entries are sorted and have no times. Hidden files (history, locks) stay
behind. A zip that comes in is not believed: it is read in memory, within limits, and a name that could write anywhere
else, or stand for two files on another machine, refuses the whole.
"""

from __future__ import annotations

import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from storymap.errors import StoryError
from storymap.slugs import slug_of
from storymap.storyfile import STORY_FILE, load
from storymap.storyfolders import create

__all__ = ["Unpacked", "ZipRefused", "bring_in", "pack", "unpack", "unpack_story"]

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time of every entry, the first that the format knows."""
PACKED = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".mp3", ".ogg", ".mp4", ".webm", ".pdf", ".gpkg", ".zip",
          ".parquet", ".geoparquet"}  # fmt: skip
"""What is compressed already."""
MOST_PACKED = 300_000_000
MOST_UNPACKED = 600_000_000
MOST_FILES = 2_000
MOST_RATIO = 200
FREE_RATIO = 20_000_000
"""Up to this many unpacked bytes the ratio does not matter: a GeoJSON of one value repeated packs very well."""
DEEPEST = 12
LONGEST = 200
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
_BAD = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')


class ZipRefused(ValueError):
    """A zip that is not taken in. ``str()`` is one line: what is wrong, and what to do."""


@dataclass(frozen=True)
class Unpacked:
    """What a zip holds."""

    name: str
    """Name of the folder in which all of it stands; empty, when the files stand in none."""
    files: dict[str, bytes]
    """Content by path, relative to that folder."""
    left_out: tuple[str, ...] = ()
    """Names of hidden files, which are not taken."""


def pack(folder: Path) -> bytes:
    """The zip of the story in ``folder``: everything in it that is not hidden, below the folder's name.

    Links are followed inside the folder only. Raises `ZipRefused` for a name that no zip brings back everywhere, `OSError`.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in _visible(folder):
            name = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            item = zipfile.ZipInfo(name, EPOCH)
            item.create_system, item.external_attr = 3, 0o644 << 16
            stored = path.suffix.lower() in PACKED
            item.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            archive.writestr(item, path.read_bytes(), compresslevel=None if stored else 9)
    with zipfile.ZipFile(packed) as archive:
        _checked(archive)
    return packed.getvalue()


def _visible(folder: Path) -> Iterator[Path]:
    real = folder.resolve()
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).parts):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        if not hidden and path.is_file() and path.resolve().is_relative_to(real):
            yield path


def unpack(content: bytes) -> Unpacked:
    """The files of a zip. Raises `ZipRefused`."""
    if len(content) > MOST_PACKED:
        raise ZipRefused(f"the zip has {len(content) / 1e6:.0f} MB: at most {MOST_PACKED / 1e6:.0f} MB are taken")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = _checked(archive)
            files = dict(_read(archive, entries))
    # zipfile raises RuntimeError for an encrypted part, and a kind of it for a compression that it does not know.
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        if isinstance(error, ZipRefused):
            raise
        raise ZipRefused("this is no zip that can be read: it is damaged, or another kind of file") from None
    left = tuple(name for name in files if _hidden(name))
    there = {name: data for name, data in files.items() if name not in left}
    tops = {PurePosixPath(name).parts[0] for name in there}
    top = tops.pop() if len(tops) == 1 and all("/" in name for name in there) else ""
    inner = {name.removeprefix(f"{top}/") if top else name: data for name, data in there.items()}
    return Unpacked(top, inner, left)


def unpack_story(content: bytes) -> Unpacked:
    """The files of a story's zip. Raises `ZipRefused`."""
    unpacked = unpack(content)
    if STORY_FILE not in unpacked.files:
        raise ZipRefused(f"there is no {STORY_FILE} in the zip: export the story again, or zip its folder whole")
    return unpacked


def bring_in(stories: Path, content: bytes, name: str | None = None) -> tuple[Path, tuple[str, ...]]:
    """Makes a story of a zip, called ``name`` or as in the zip, but never over another one.

    Gives its folder, and what there is to say of it. Raises `ZipRefused`, `SaveError`.
    """
    unpacked = unpack_story(content)

    def fill(folder: Path) -> None:
        for path, data in unpacked.files.items():
            target = folder / PurePosixPath(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)

    folder = create(stories, name or slug_of(unpacked.name, "story"), fill)
    said = [f"hidden files were left out: {', '.join(unpacked.left_out[:5])}"] if unpacked.left_out else []
    try:
        load(folder)
    except StoryError as error:
        said.append("the story can not be shown before this is put right:")
        said += map(str, error.problems)
    return folder, tuple(said)


def _checked(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of the zip, when all its names can be trusted."""
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise ZipRefused(f"the zip has {len(entries)} entries: at most {MOST_FILES} are taken")
    _check_twins(entries)
    files = [item for item in entries if not item.is_dir()]
    total = sum(item.file_size for item in files)
    if total > MOST_UNPACKED:
        raise ZipRefused(f"unpacked it has {total / 1e6:.0f} MB: at most {MOST_UNPACKED / 1e6:.0f} MB are taken")
    return files


def _check_twins(entries: list[zipfile.ZipInfo]) -> None:
    """Refuses names that are the same on a disk that knows no case, or writes letters in another form."""
    folders: dict[str, str] = {}
    files: dict[str, str] = {}
    for item in entries:
        _check_name(item.orig_filename)
        _check_kind(item)
        name = item.filename.rstrip("/")
        above = [str(path) for path in PurePosixPath(name).parents if str(path) != "."]
        for folder in (*above, *([name] if item.is_dir() else [])):
            if folders.setdefault(_folded(folder), folder) != folder:
                raise ZipRefused(_twins(folder, folders[_folded(folder)]))
        if not item.is_dir():
            if _folded(name) in files:
                raise ZipRefused(_twins(name, files[_folded(name)]))
            files[_folded(name)] = name
    if both := sorted(files.keys() & folders.keys()):
        raise ZipRefused(f"'{_shown(files[both[0]])}' is both a file and a folder in the zip")


def _twins(one: str, other: str) -> str:
    return f"'{_shown(one)}' and '{_shown(other)}' are the same name on some disks: rename one of them"


def _check_name(name: str) -> None:
    shown = _shown(name)
    parts = name.rstrip("/").split("/")
    if name.startswith(("/", "~")) or ".." in parts or re.match(r"[A-Za-z]:", name) or "\\" in name:
        raise ZipRefused(f"'{shown}' leads out of the folder: this zip is not taken")
    if not name.strip("/") or "" in parts or "." in parts or len(parts) > DEEPEST or len(name) > LONGEST:
        raise ZipRefused(f"'{shown}' is no name for a file of a story: shorten it, or zip the folder again")
    if _BAD.search(name) or any(
        part != part.strip() or part.endswith(".") or _DEVICES.fullmatch(part) for part in parts
    ):
        raise ZipRefused(f"'{shown}' can not be the name of a file on every machine: rename it")


def _check_kind(item: zipfile.ZipInfo) -> None:
    shown = _shown(item.filename)
    kind = stat.S_IFMT(item.external_attr >> 16)
    if kind == stat.S_IFLNK:
        raise ZipRefused(f"'{shown}' is a link: put the file itself in its place")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ZipRefused(f"'{shown}' is no plain file: this zip is not taken")
    if item.flag_bits & 0x1:
        raise ZipRefused("the zip is protected by a password: zip the folder without one")
    if item.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ZipRefused(f"'{shown}' is packed in a way that is not read here: zip the folder again, as usual")
    if item.file_size > FREE_RATIO and item.file_size > MOST_RATIO * max(item.compress_size, 1):
        raise ZipRefused(f"'{shown}' would be {item.file_size / 1e6:.0f} MB unpacked: this zip is not taken")


def _read(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[tuple[str, bytes]]:
    for item in entries:
        with archive.open(item) as file:
            # What the directory of the zip says of sizes is not believed.
            content = file.read(item.file_size + 1)
        if len(content) != item.file_size:
            raise ZipRefused(f"'{_shown(item.filename)}' is not as long as the zip says: it is damaged")
        yield item.filename, content


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", name).casefold())


def _shown(name: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", "?", name)[:80]
