"""Read layers, kept by content, so that a second compile opens no source.

An entry is one file: a checksum, then an Arrow table (geometries as WKB, values with their types, notes in its
metadata). No pickle. An entry that is damaged in any way counts as absent.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from storymap.geocontent import Options
from storymap.georepair import Geodata

__all__ = ["VERSION", "dump", "fetch", "key", "load", "store", "user_cache"]

VERSION = 1
"""Counted up when the same bytes are to give another result."""

_DIGEST = 32  # bytes of a SHA-256
_NATIVE = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


def user_cache() -> Path:
    """Where prepared geodata is kept between runs: STORYMAP_CACHE, or the user's own folder for caches."""
    named = os.environ.get("STORYMAP_CACHE")
    if named:
        return Path(named)
    caches = Path("~/Library/Caches" if sys.platform == "darwin" else "~/.cache").expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or caches) / "storymap"


def key(data: bytes, suffix: str, options: Options) -> str:
    """The name of the entry for these bytes, read as this format with these options."""
    said = json.dumps([VERSION, suffix, options.layer, options.crs, options.lon, options.lat])
    return hashlib.sha256(hashlib.sha256(data).digest() + said.encode()).hexdigest()


def fetch(folder: Path, name: str) -> Geodata | None:
    """The entry, or None when there is none that is whole."""
    try:
        return load((folder / f"{name}.layer").read_bytes())
    except (OSError, ValueError):
        return None


def store(folder: Path, name: str, geodata: Geodata) -> None:
    """Writes an entry, whole or not at all. A cache that can not be written is no reason to stop."""
    temporary = ""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(dump(geodata))
        Path(temporary).replace(folder / f"{name}.layer")
    except OSError:
        if temporary:
            Path(temporary).unlink(missing_ok=True)


def dump(geodata: Geodata) -> bytes:
    """Bytes that `load` turns back into an equal layer."""
    frame = geodata.frame
    arrays: list[pa.Array] = [pa.array(shapely.to_wkb(np.asarray(frame.geometry.array)), pa.binary())]
    about: list[tuple[str, str]] = []
    for column in frame.columns.drop(frame.geometry.name):
        how, array = _packed(frame[column])
        about.append((str(column), how))
        arrays.append(array)
    told = json.dumps({"columns": about, "notes": geodata.notes}, ensure_ascii=False)
    names = [str(at) for at in range(len(arrays))]
    schema = pa.schema([pa.field(n, a.type) for n, a in zip(names, arrays, strict=True)], {"storymap": told})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, schema) as writer:
        writer.write_table(pa.table(arrays, schema=schema))
    body: bytes = sink.getvalue().to_pybytes()
    return hashlib.sha256(body).digest() + body


def load(data: bytes) -> Geodata:
    """The layer that `dump` wrote. Raises ValueError for bytes that are not whole."""
    body = data[_DIGEST:]
    if hashlib.sha256(body).digest() != data[:_DIGEST]:
        raise ValueError("the checksum does not fit")
    try:
        table = pa.ipc.open_file(pa.BufferReader(body)).read_all()
        told = json.loads(table.schema.metadata[b"storymap"])
        shapes = shapely.from_wkb(table.column(0).to_numpy())
        columns = {name: _unpacked(how, table.column(at)) for at, (name, how) in enumerate(told["columns"], start=1)}
        frame = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs="EPSG:4326"))
    except (pa.ArrowException, shapely.GEOSException, KeyError, TypeError) as error:
        raise ValueError(f"not a layer: {error}") from error
    return Geodata(frame, tuple(told["notes"]))


def _packed(values: pd.Series[Any]) -> tuple[str, pa.Array]:
    """Numbers as they are; objects of one type as that type; other objects as JSON."""
    if values.dtype != object:
        return str(values.dtype), pa.array(values.to_numpy())
    items = values.tolist()
    kinds = {type(item) for item in items} - {type(None)}
    if len(kinds) == 1 and (kind := kinds.pop()) in _NATIVE:
        try:
            return "object", pa.array(items, _NATIVE[kind])
        except (pa.ArrowException, OverflowError, ValueError):  # beyond 64 bits, or half a surrogate pair
            pass
    return "json", pa.array([json.dumps(item) for item in items], pa.string())


def _unpacked(how: str, column: pa.ChunkedArray) -> pd.Series[Any]:
    if how == "json":
        return pd.Series([json.loads(item) for item in column.to_pylist()], dtype=object)
    if how == "object":
        return pd.Series(column.to_pylist(), dtype=object)
    return pd.Series(column.to_numpy(), dtype=how)
