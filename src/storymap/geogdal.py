"""GeoPackage, zipped Shapefile, FlatGeobuf, KML, GPX and TopoJSON through GDAL; GeoParquet through pyarrow.

Runs in the reading process (`geochild`), which has only the driver of the one format. GDAL gets a copy with a name
of ours in a folder of ours: nothing beside the file is read (a journal, an index), nothing is written beside it.
"""

from __future__ import annotations

import io
import json
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from numpy.typing import NDArray

from storymap.geocontent import (
    FORMATS,
    MAX_FEATURES,
    MAX_UNPACKED,
    GeodataError,
    Options,
    Raw,
    check_counts,
    listed,
    one_of,
    shapefile_members,
    shown,
)
from storymap.geocsv import numbers_or_text
from storymap.geojson import chosen_topology

__all__ = ["layers_of", "read_gdal", "read_parquet"]

_GDAL_ERRORS = (RuntimeError, ValueError, TypeError, OSError, pa.ArrowException, shapely.GEOSException)
_GUESS = "It does not say how its texts are encoded; read as {}. If letters look wrong, add a .cpg file to the zip."
_EARTH_COLUMNS = {"altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon"}  # of Google Earth's view
_PLAIN_TABLE = re.compile(
    r'CREATE TABLE\b|CREATE VIRTUAL TABLE\s+("[^"]*"|\w+)\s+USING\s+"?rtree"?\s*\(', re.IGNORECASE
)
_GPX_PARTS = {"track_points", "route_points"}  # the positions of tracks and routes once more, one row each


def read_gdal(name: str, data: bytes, options: Options) -> Raw:
    """One layer of a file that GDAL reads. Raises GeodataError for whatever GDAL or the checks refuse."""
    suffix = PurePosixPath(name).suffix.lower()
    layer, crs = options.layer, None
    if suffix in {".json", ".topojson"}:
        data, crs = chosen_topology(name, data, layer)
        layer = None
    with TemporaryDirectory(prefix="storymap-") as folder:
        path = Path(folder, f"layer{suffix}")
        encoding = None
        if suffix == ".zip":
            path, encoding = _unpack(name, data, layer, Path(folder))
            layer = None
        else:
            path.write_bytes(data)
        if suffix == ".gpkg":
            _check_geopackage(name, path)
        try:
            layer = _layer(name, path, suffix, layer)
            raw = _read_layer(name, path, layer, crs, encoding)
        except _GDAL_ERRORS as error:
            if isinstance(error, GeodataError | MemoryError):
                raise
            what = str(error).replace(str(path), "the file").replace(folder, "")
            raise GeodataError(
                name, f"not readable as {FORMATS[suffix].name} ({shown(what, 200)}); export it again"
            ) from None
    guess = encoding if encoding in {"cp1251", "cp1252"} else None
    return _tidied(raw, suffix, (_GUESS.format(guess),) if guess else ())


def _layer(name: str, path: Path, suffix: str, wanted: str | None) -> str:
    """The layer to read: as named, else the only one with features in it."""
    found = _named_layers(path) if wanted is not None else _filled(path, suffix)
    if not found:
        raise GeodataError(name, "it has no layer with geometries")
    return one_of(name, wanted, found)


def layers_of(name: str, path: Path, suffix: str) -> list[str]:
    """Layers with features in them. Raises GeodataError for what is not read."""
    if suffix == ".gpkg":
        _check_geopackage(name, path)
    try:
        return _filled(path, suffix)
    except _GDAL_ERRORS as error:
        what = shown(str(error).replace(str(path), "the file"), 200)
        raise GeodataError(name, f"not readable as {FORMATS[suffix].name} ({what}); export it again") from None


def _named_layers(path: Path) -> list[str]:
    return [str(layer) for layer, kind in pyogrio.list_layers(path) if kind is not None]


def _filled(path: Path, suffix: str) -> list[str]:
    """Layers with features in them; the first, when there is none."""
    found = _named_layers(path)
    if len(found) < 2:
        return found
    filled = [layer for layer in found if pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"]]
    if suffix == ".gpx":
        filled = [layer for layer in filled if layer not in _GPX_PARTS]
    return filled or found[:1]


def _read_layer(name: str, path: Path, layer: str, crs: str | None, encoding: str | None) -> Raw:
    info = pyogrio.read_info(path, layer=layer, encoding=encoding, force_feature_count=True)
    check_counts(name, features=info["features"], columns=len(info["fields"]))
    if info["geometry_type"] is None:
        raise GeodataError(name, f"the layer {shown(layer)!r} has no geometries")
    options: dict[str, Any] = {"layer": layer, "max_features": MAX_FEATURES + 1, "encoding": encoding}
    meta, table = pyogrio.read_arrow(path, datetime_as_string=True, read_geometry=False, **options)
    check_counts(name, features=len(table))
    # Not through Arrow, which hands on arcs as they are: shapely has none. This way GDAL turns them into lines.
    shapes = shapely.from_wkb(pyogrio.raw.read(path, columns=[], **options)[2])
    columns, notes = _columns(table)
    return Raw(shapes, columns, crs or meta["crs"], notes)


def _tidied(raw: Raw, suffix: str, notes: tuple[str, ...]) -> Raw:
    """KML and GPX without the columns that their drivers add to every file, whether or not it has such values."""
    if suffix not in {".kml", ".gpx"}:
        return Raw(raw.geometry, raw.columns, raw.crs, (*notes, *raw.notes))
    columns = {key: values for key, values in raw.columns.items() if any(value is not None for value in values)}
    if suffix == ".kml":  # its data are texts, whatever they are
        columns = {
            key: numbers_or_text(list(values)) if all(isinstance(value, str | None) for value in values) else values
            for key, values in columns.items()
            if key not in _EARTH_COLUMNS
        }
    return Raw(raw.geometry, columns, "EPSG:4326", (*notes, *raw.notes))


def _unpack(name: str, data: bytes, layer: str | None, folder: Path) -> tuple[Path, str | None]:
    """Writes the parts of one Shapefile under names of ours; zipfile stops at the size that was checked.

    Gives the path and, where nothing in the zip says it, the encoding of the texts.
    """
    found = shapefile_members(name, data)
    parts = found[one_of(name, layer, sorted(found))]
    encoding = None
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for suffix, member in parts.items():
            try:
                content = archive.read(member)
            except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, OSError, EOFError) as error:
                where = f"{shown(member.filename)} in it is damaged"
                raise GeodataError(name, f"{where} ({shown(error, 100)}); zip it again") from None
            if suffix == ".shp" and not content.startswith(b"\x00\x00\x27\x0a"):
                raise GeodataError(name, f"the content of {shown(member.filename)} is not a Shapefile; export it again")
            if suffix == ".dbf" and ".cpg" not in parts and content[29:30] in {b"", b"\0"}:  # byte 29: the encoding
                encoding = _encoding(content[32:])
            Path(folder, f"layer{suffix}").write_bytes(content)
    return folder / "layer.shp", encoding


def _encoding(texts: bytes) -> str:
    """UTF-8 where the bytes are that; else, with letters beyond ASCII in runs, Cyrillic, or singly, Latin."""
    try:
        texts.decode("utf-8")
    except UnicodeDecodeError:
        high = [byte > 127 for byte in texts]
        in_runs = sum(a and b for a, b in pairwise(high))
        return "cp1251" if in_runs * 2 > sum(high) else "cp1252"
    return "UTF-8"


def _check_geopackage(name: str, path: Path) -> None:
    """A GeoPackage is a database, and a database can hold programs: only plain tables and spatial indexes pass.

    A virtual table can show any text file of the machine as its rows (SpatiaLite's VirtualText does), a view or a
    generated column can call any function, or never end.
    """
    advice = "export the layer alone, as a new GeoPackage"
    query = "SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE type IN ('table', 'view')"
    computed = (
        "SELECT m.name FROM sqlite_master m, pragma_table_xinfo(m.name) x WHERE m.type = 'table' AND x.hidden > 1"
    )
    database = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        for kind, entry, sql in database.execute(query).fetchall():
            if kind == "view" or not _PLAIN_TABLE.match(str(sql)):
                what = f"it holds the {'view' if kind == 'view' else 'virtual table'} {shown(entry)!r}"
                raise GeodataError(name, f"{what}, which can run programs; {advice}")
        for (entry,) in database.execute(computed).fetchall():
            raise GeodataError(
                name, f"its table {shown(entry)!r} has computed columns, which can run programs; {advice}"
            )
    except sqlite3.Error as error:
        raise GeodataError(name, f"the database is damaged ({shown(error, 100)}); export the layer again") from None
    finally:
        database.close()


def read_parquet(name: str, data: bytes) -> Raw:
    """GeoParquet, any encoding of geometries that geopandas knows; the first geometry column."""
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        check_counts(name, features=file.metadata.num_rows, columns=file.metadata.num_columns)
        unpacked = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
        if unpacked > MAX_UNPACKED:
            raise GeodataError(name, f"{unpacked / 1e6:,.0f} MB once unpacked; cut or simplify it")
        about = json.loads((file.schema_arrow.metadata or {}).get(b"geo", b"null"))
        if not isinstance(about, dict) or not isinstance(about.get("columns"), dict):
            raise GeodataError(name, "it has no geometries: the 'geo' entry of GeoParquet is missing; export it again")
        primary, shapes = about.get("primary_column"), list(about["columns"])
        frame = geopandas.read_parquet(io.BytesIO(data), columns=[primary])
        plain = [c for c in file.schema_arrow.names if c not in shapes and not c.startswith("__index_level_")]
        columns, notes = _columns(file.read(columns=plain))
    except (*_GDAL_ERRORS, KeyError, RecursionError) as error:
        if isinstance(error, GeodataError | MemoryError):
            raise
        raise GeodataError(name, f"not readable as GeoParquet ({shown(error, 200)}); export it again") from None
    others = [c for c in shapes if c != primary]
    more = (f"Left out, because a layer has one geometry column: {listed(others)}.",) if others else ()
    return Raw(
        np.asarray(frame.geometry.array), columns, None if frame.crs is None else frame.crs.to_wkt(), (*more, *notes)
    )


def _columns(table: pa.Table) -> tuple[dict[str, Sequence[Any] | NDArray[Any]], tuple[str, ...]]:
    """Python values of each column that has values a page can show; a note names those that have not."""
    columns: dict[str, Sequence[Any] | NDArray[Any]] = {}
    binary: list[str] = []
    for field, column in zip(table.schema, table.columns, strict=True):
        kind = field.type
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
            binary.append(field.name)
            continue
        key = field.name
        while key in columns:
            key += "_"
        moments = pa.types.is_timestamp(kind) or (field.metadata or {}).get(b"GDAL:OGR:type") == b"DateTime"
        columns[key] = _moments(column.to_pylist()) if moments else column.to_pylist()
    note = f"Left out, because they are no text, number or date: {listed(binary)}."
    return columns, (note,) if binary else ()


def _moments(values: list[Any]) -> list[str | None]:
    """ISO texts; days only where every value is a midnight without a time zone, as tables without a date type write."""
    texts = [None if v is None else v if isinstance(v, str) else v.isoformat() for v in values]
    days = all(text is None or text.endswith("T00:00:00") for text in texts)
    return [text[:10] if text is not None and days else text for text in texts]
