"""A file of a story folder, or an upload, to a layer: where it may lie, how it is opened, which decoder reads it."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path, PurePosixPath

import shapely

from storymap.errors import nearest
from storymap.geochild import read_apart
from storymap.geocontent import (
    FORMATS,
    MAX_BYTES,
    GeodataError,
    Options,
    Raw,
    check_content,
    format_of,
    shown,
)
from storymap.geocsv import read_csv
from storymap.geojson import is_topology, read_geojson
from storymap.georepair import Geodata, repair

__all__ = ["contents", "decode", "locate", "raw_of", "read_bytes", "read_upload", "upload_name"]

_APART_FROM = 8_000_000  # bytes of text; beyond it, Python's memory for parsing is better given back to the system


def locate(folder: Path, file: str) -> Path:
    """The regular file in the story folder that a story names, with links resolved.

    Raises GeodataError for names that are no plain relative path, that leave the folder (also by a link), or whose
    suffix is not read; a missing file is answered with the nearest name.
    """
    if not file or file != file.strip() or not file.isprintable():
        raise GeodataError(file, "a file's name is needed, without spaces around it")
    if "|" in file:
        raise GeodataError(file, "name the file alone, and the layer in it with 'layer'")
    if "\\" in file:
        raise GeodataError(file, "write / between folder and file")
    path = PurePosixPath(file)
    if ":" in file or path.is_absolute() or ".." in path.parts or file.startswith("~"):
        raise GeodataError(file, "only files in the story folder are read; copy it there and write its name alone")
    format_of(file)
    try:
        root = folder.resolve(strict=True)
        found = (root / path).resolve(strict=True)
    except (OSError, RuntimeError):
        raise GeodataError(file, f"no such file in the story folder{_near(folder, path)}") from None
    if not found.is_relative_to(root):
        raise GeodataError(file, "it is a link that leads out of the story folder; copy the file there")
    format_of(found.name)
    return found


def _near(folder: Path, path: PurePosixPath) -> str:
    try:
        beside = [entry.name for entry in (folder / path.parent).iterdir() if entry.suffix.lower() in FORMATS]
    except OSError:
        return ""
    return nearest(path.name, beside)


def contents(path: Path, file: str) -> bytes:
    """The bytes of a regular file of at most MAX_BYTES. What is opened is what is read: a later swap changes nothing."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as opened:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise GeodataError(file, "not a file; a folder or a device is not read")
            if about.st_size > MAX_BYTES:
                raise GeodataError(
                    file, f"{about.st_size / 1e6:,.0f} MB is more than {MAX_BYTES / 1e6:,.0f} MB; cut it"
                )
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise GeodataError(file, f"it can not be opened ({error.strerror})") from None


def decode(name: str, data: bytes, options: Options) -> Geodata:
    """Checks, decodes and repairs a file in this process. ``name`` gives the suffix and stands in messages."""
    raw = raw_of(name, data, options)
    try:
        return repair(name, raw, options.crs)
    except shapely.GEOSException as error:
        reason = f"its geometries can not be repaired ({shown(error, 100)}); check them in QGIS"
        raise GeodataError(name, reason) from None


def raw_of(name: str, data: bytes, options: Options) -> Raw:
    """A file as it stands: checked and decoded, not yet repaired, in the CRS that it is in."""
    _check_options(name, options)
    check_content(name, data)
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in {".csv", ".tsv"}:
        return read_csv(name, data, options)
    if suffix == ".geojson" or (suffix == ".json" and not is_topology(data)):
        if options.layer is not None:
            raise GeodataError(name, "GeoJSON has no named layers; leave 'layer' out")
        return read_geojson(name, data)
    # Imported on use: a story of GeoJSON alone loads no GDAL.
    from storymap.geogdal import read_gdal, read_parquet

    return read_gdal(name, data, options) if format_of(name).drivers else read_parquet(name, data)


def read_bytes(name: str, data: bytes, options: Options) -> Geodata:
    """A file of a story folder: GeoJSON and CSV of usual size in this process, all else in one of its own."""
    _check_options(name, options)
    check_content(name, data)
    topology = PurePosixPath(name).suffix.lower() == ".json" and is_topology(data)
    apart = format_of(name).separate or topology or len(data) > _APART_FROM
    return (read_apart if apart else decode)(name, data, options)


def read_upload(
    data: bytes,
    name: str,
    *,
    layer: str | None = None,
    crs: str | None = None,
    lon: str | None = None,
    lat: str | None = None,
) -> Geodata:
    """An uploaded file, always in a process of its own with limits on memory, time and size.

    ``name`` is what the uploader called it: it gives the suffix and is shown in messages, no path is made of it.
    CRS, axis order and errors as in `storymap.geodata.read`.
    """
    name = upload_name(name)
    options = Options(layer, crs, lon, lat)
    form = format_of(name)
    if len(data) > form.most_bytes:
        check_content(name, data)
    return read_apart(name, data, options)


def upload_name(name: str) -> str:
    """What a file is called in messages: no folders, no odd characters."""
    return shown(re.split(r"[/\\]", name)[-1], 100).strip() or "upload"


def _check_options(name: str, options: Options) -> None:
    form = format_of(name)
    if options.layer is not None and not form.layers:
        raise GeodataError(name, f"{form.name} has no named layers; leave 'layer' out")
    if (options.lon is not None or options.lat is not None) and form.name != "CSV":
        raise GeodataError(name, f"'lon' and 'lat' name columns of a CSV, this is {form.name}; leave them out")
