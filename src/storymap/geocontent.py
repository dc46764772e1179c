"""What a geodata file is: the formats that are read, their limits, and whether the bytes are what the name says.

Nothing here opens a file or uses GDAL; the checks are what stands between a stranger's file and the decoders.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from xml.parsers import expat

import numpy as np
from numpy.typing import NDArray

from storymap.errors import nearest

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_COLUMNS",
    "MAX_FEATURES",
    "MAX_TEXT",
    "MAX_VERTICES",
    "Format",
    "GeodataError",
    "Options",
    "Raw",
    "check_content",
    "check_counts",
    "format_of",
    "listed",
    "one_of",
    "shapefile_members",
    "shown",
]

MAX_BYTES = 200_000_000  # a country's buildings; what is larger belongs in tiles, not in a story
MAX_TEXT_BYTES = 64_000_000  # JSON, XML and CSV take about ten times their size in memory while they are read
MAX_FEATURES = 500_000  # beyond it a browser can not draw the layer, and classifying it takes minutes
MAX_VERTICES = 5_000_000  # 80 MB of coordinates; Natural Earth's most detailed countries have 0.55 million
MAX_COLUMNS = 500  # a census table has some hundred; thousands are an attack or a spreadsheet laid on its side
MAX_TEXT = 100_000  # characters in one value; an article has 20,000
MAX_MEMBERS = 200  # files in a zip; a Shapefile has four to twelve
MAX_UNPACKED = 300_000_000  # bytes in a zip once unpacked
MAX_RATIO = 200  # unpacked to packed; padded .dbf tables reach 100, bombs start at 1,000
FREE_RATIO = 20_000_000  # up to this many unpacked bytes the ratio does not matter
MAX_XML_DEPTH = 100  # KML nests folders some ten deep


class GeodataError(ValueError):
    """A file that can not be used. ``str()`` is one line: file, place, reason, and what to do."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{shown(file, 200)}: {shown(reason, 1200)}")


@dataclass(frozen=True)
class Format:
    """A format that is read: its name, the GDAL drivers it needs (best first), and whether it has named layers."""

    name: str
    drivers: tuple[str, ...] = ()
    layers: bool = False
    most_bytes: int = MAX_BYTES
    separate: bool = True  # decoded by a library in C, so always in a process of its own


FORMATS: Mapping[str, Format] = {
    ".geojson": Format("GeoJSON", most_bytes=MAX_TEXT_BYTES, separate=False),
    ".json": Format("GeoJSON or TopoJSON", ("TopoJSON",), layers=True, most_bytes=MAX_TEXT_BYTES, separate=False),
    ".topojson": Format("TopoJSON", ("TopoJSON",), layers=True, most_bytes=MAX_TEXT_BYTES),
    ".gpkg": Format("GeoPackage", ("GPKG",), layers=True),
    ".zip": Format("zipped Shapefile", ("ESRI Shapefile",), layers=True),
    ".fgb": Format("FlatGeobuf", ("FlatGeobuf",)),
    ".kml": Format("KML", ("LIBKML", "KML"), layers=True, most_bytes=MAX_TEXT_BYTES),
    ".gpx": Format("GPX", ("GPX",), layers=True, most_bytes=MAX_TEXT_BYTES),
    ".parquet": Format("GeoParquet"),
    ".geoparquet": Format("GeoParquet"),
    ".csv": Format("CSV", most_bytes=MAX_TEXT_BYTES, separate=False),
    ".tsv": Format("CSV", most_bytes=MAX_TEXT_BYTES, separate=False),
}

_ADVICE = {
    ".shp": "zip it together with its .shx, .dbf and .prj and name the .zip",
    ".kmz": "unzip it and name the .kml that is inside",
    ".gdb": "export the layer as GeoPackage",
    ".gml": "export it as GeoPackage",
    ".xlsx": "save it as CSV with a column each for longitude and latitude",
    ".xls": "save it as CSV with a column each for longitude and latitude",
    ".ods": "save it as CSV with a column each for longitude and latitude",
}


@dataclass(frozen=True)
class Options:
    """What a story says about a file: layer, CRS (``EPSG:…``), and the columns of longitude and latitude."""

    layer: str | None = None
    crs: str | None = None
    lon: str | None = None
    lat: str | None = None


@dataclass(frozen=True)
class Raw:
    """A decoded file: geometries as they stand (x, y in ``crs``; None where missing), columns, CRS, and notes."""

    geometry: NDArray[np.object_]
    columns: Mapping[str, Sequence[Any] | NDArray[Any]]
    crs: str | None  # anything pyproj understands; None when the file does not say
    notes: tuple[str, ...] = ()


def shown(text: object, longest: int = 60) -> str:
    """A string from a file, fit for one line of a message: no control or direction characters, not too long."""
    line = "".join(c if c.isprintable() else " " if c in "\n\r\t" else "\N{REPLACEMENT CHARACTER}" for c in str(text))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def listed(names: Sequence[object], most: int = 12) -> str:
    """``a, b, c`` for a message; ``…`` stands for what is beyond ``most``."""
    return ", ".join([*(shown(n) for n in names[:most]), *(["…"] if len(names) > most else [])])


def one_of(name: str, wanted: str | None, layers: Sequence[str]) -> str:
    """The layer to read: the one that is named, or the only one. Raises GeodataError, which lists them, otherwise."""
    if wanted is None and len(layers) == 1:
        return layers[0]
    if wanted is None:
        raise GeodataError(name, f"it has {len(layers)} layers; name one with 'layer': {listed(layers)}")
    if wanted in layers:
        return wanted
    guess = nearest(wanted, layers).split("; known")[0]
    raise GeodataError(name, f"no layer {shown(wanted)!r}{guess}; it has: {listed(layers)}")


def format_of(name: str) -> Format:
    """The format that a file's suffix stands for. Raises GeodataError, which lists what is read, for any other."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in FORMATS:
        return FORMATS[suffix]
    if suffix in _ADVICE:
        raise GeodataError(name, f"{suffix} files are not read; {_ADVICE[suffix]}")
    what = f"{shown(suffix)} files are not read" if suffix else "a geodata file needs a suffix that says its format"
    raise GeodataError(name, f"{what}{nearest(suffix, FORMATS).split('; known')[0]}; read are {', '.join(FORMATS)}")


def check_content(name: str, data: bytes) -> None:
    """Raises GeodataError unless the bytes begin, and where it matters go on, as the suffix of ``name`` says."""
    form, suffix = format_of(name), PurePosixPath(name).suffix.lower()
    if not data:
        raise GeodataError(name, "the file is empty")
    if len(data) > form.most_bytes:
        most = f"the {_megabytes(form.most_bytes)} that {form.name} may have"
        raise GeodataError(name, f"{_megabytes(len(data))} is more than {most}; simplify it or save it as FlatGeobuf")
    magic = {".gpkg": b"SQLite format 3\0", ".fgb": b"fgb\x03fgb", ".parquet": b"PAR1", ".geoparquet": b"PAR1"}
    if suffix in magic and not data.startswith(magic[suffix]):
        raise GeodataError(name, f"its content is not {form.name}; it begins with {_beginning(data)}")
    if magic.get(suffix) == b"PAR1" and not data.endswith(b"PAR1"):
        raise GeodataError(name, "the file is cut off; copy or export it again")
    if suffix in {".kml", ".gpx"}:
        _check_xml(name, data, suffix[1:])
    if suffix == ".zip":
        shapefile_members(name, data)


def check_counts(name: str, *, features: int = 0, vertices: int = 0, columns: int = 0) -> None:
    """Raises GeodataError when a layer has more features, vertices or columns than a story's layer may have."""
    for count, most, what, advice in (
        (features, MAX_FEATURES, "features", "filter or aggregate it"),
        (vertices, MAX_VERTICES, "vertices", "simplify or cut it"),
        (columns, MAX_COLUMNS, "columns", "keep the columns that the map shows"),
    ):
        if count > most:
            raise GeodataError(name, f"{count:,} {what} are more than the {most:,} a layer may have; {advice}")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


def _beginning(data: bytes) -> str:
    return repr(data[:24].decode("latin-1"))


def _check_xml(name: str, data: bytes, root: str) -> None:
    """One pass over the whole text: a DOCTYPE can hide entities, deep nesting overflows the stack of C parsers."""
    parser = expat.ParserCreate()
    depth = 0

    def doctype(*_: object) -> None:
        raise GeodataError(name, f"it has a DOCTYPE, which {root.upper()} does not need and can hide files; remove it")

    def start(tag: str, _: object) -> None:
        nonlocal depth
        depth += 1
        if depth == 1 and tag.rpartition(":")[2] != root:
            raise GeodataError(name, f"its content is not {root.upper()}; its first element is <{shown(tag)}>")
        if depth > MAX_XML_DEPTH:
            raise GeodataError(name, f"its elements are nested more than {MAX_XML_DEPTH} deep; export it again")

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, GeodataError):
            raise
        raise GeodataError(name, f"not well-formed XML ({error}); export it again") from None


def shapefile_members(name: str, data: bytes) -> dict[str, dict[str, zipfile.ZipInfo]]:
    """The Shapefiles in a zip: name → suffix → member. Nothing is unpacked.

    Raises GeodataError for a damaged or encrypted zip, names that leave it, too many or too large members, and a
    zip without a whole Shapefile (.shp, .shx and .dbf).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [m for m in archive.infolist() if not m.is_dir()]
    # RuntimeError is what zipfile raises for a compression or a kind of zip that it does not know.
    except (zipfile.BadZipFile, struct.error, ValueError, OSError, RuntimeError) as error:
        raise GeodataError(name, f"its content is not a whole zip ({error}); zip it again") from None
    _check_members(name, members)
    found: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for member in members:
        path = PurePosixPath(member.filename)
        if path.suffix.lower() in {".shp", ".shx", ".dbf", ".prj", ".cpg"} and path.parts[0] != "__MACOSX":
            found.setdefault(str(path.with_suffix("")), {})[path.suffix.lower()] = member
    found = {stem: parts for stem, parts in found.items() if ".shp" in parts}
    if not found:
        raise GeodataError(name, "no .shp in it; a .zip is read as a Shapefile, anything else is named unzipped")
    for stem, parts in found.items():
        missing = [suffix for suffix in (".shx", ".dbf") if suffix not in parts]
        if missing:
            raise GeodataError(name, f"{shown(stem)}.shp lacks its {' and '.join(missing)}; zip all files of it")
    short = {PurePosixPath(stem).name: parts for stem, parts in found.items()}
    return short if len(short) == len(found) else found


def _check_members(name: str, members: Sequence[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS:
        raise GeodataError(name, f"{len(members):,} files in the zip, more than {MAX_MEMBERS}; zip the Shapefile only")
    for member in members:
        path = PurePosixPath(member.filename)
        if path.is_absolute() or ".." in path.parts or re.search(r"[\\:\x00-\x1f]", member.filename):
            raise GeodataError(name, f"the zip has a file with the name {shown(member.filename)!r}; zip it again")
        if member.flag_bits & 0x1:
            raise GeodataError(name, "the zip is encrypted; zip it without a password")
        if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise GeodataError(name, "the zip uses a rare way of packing; zip it again the usual way (deflate)")
    unpacked, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if unpacked > MAX_UNPACKED:
        raise GeodataError(name, f"{_megabytes(unpacked)} once unpacked, more than {_megabytes(MAX_UNPACKED)}; cut it")
    if unpacked > FREE_RATIO and unpacked > MAX_RATIO * max(packed, 1):
        raise GeodataError(name, "the zip unpacks to more than 200 times its size, as no real Shapefile does")
