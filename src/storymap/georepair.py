"""A decoded file → lon, lat in EPSG:4326, two-dimensional, valid, cut at the antimeridian, with plain values.

Whatever is repaired or left out is said in a note; whatever can not be trusted is refused, with the feature's number.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from storymap.antimeridian import crosses, cut_at_antimeridian
from storymap.geocontent import MAX_TEXT, GeodataError, Raw, check_counts, listed, shown

__all__ = ["Geodata", "repair"]

_AUTHORITY_CODE = re.compile(r"(EPSG|ESRI|OGC|IAU_2015):[A-Za-z0-9]{1,12}", re.IGNORECASE)
_EDGE = 1e-6  # degrees, 0.1 m: what arithmetic may put beyond 180° or 90°
_FARTHEST = 1e9  # metres or feet from a projection's origin; PROJ wraps what is farther round the Earth, silently
_HOW = "state it in the layer's source, for instance 'crs: EPSG:28414'"


@dataclass(frozen=True)
class Geodata:
    """A layer's data. ``frame``: EPSG:4326 (lon, lat), 2D, valid, no empty geometry, index 0…n-1; a column has the
    type int64, float64 or bool, or is of Python objects (text, and None where a value is missing).
    ``notes``: a sentence for each thing that was repaired or left out.
    """

    frame: gpd.GeoDataFrame
    notes: tuple[str, ...]


def repair(name: str, raw: Raw, crs: str | None = None) -> Geodata:
    """Makes a decoded file ready for a map. ``crs`` (``EPSG:…``) goes before what the file says.

    Raises GeodataError for a missing or unknown CRS, coordinates that are not finite or not on the Earth, and a file
    without any geometry. Invalid areas are made valid by GEOS' "structure" method, after they are cut at 180°.
    """
    check_counts(name, features=len(raw.geometry), columns=len(raw.columns))
    log = _Log(name, len(raw.geometry), list(raw.notes))
    shapes = np.asarray(raw.geometry, dtype=object)
    numbers = np.arange(1, len(shapes) + 1)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    log.say("Left out, because they have no geometry", numbers[~there])
    shapes, numbers = shapes[there], numbers[there]
    if not len(shapes):
        raise GeodataError(name, "it has no geometries to show")
    check_counts(name, vertices=int(shapely.get_num_coordinates(shapes).sum()))
    log.say("Flattened, because a map has no heights", numbers[_has_heights(shapes)])
    shapes = _one_dimension(shapely.force_2d(shapes), numbers, log)
    shapes = _on_earth(log, shapes, numbers, _crs(log, shapes, raw.crs, crs))
    shapes = _cut(shapes, numbers, log)
    shapes, numbers = _valid(shapes, numbers, log)
    if not len(shapes):
        raise GeodataError(name, "nothing remains of its geometries once they are repaired; draw them again")
    kept = numbers - 1
    columns = {key: _column(log, key, values, kept) for key, values in _named(raw.columns).items()}
    frame = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs="EPSG:4326"))
    return Geodata(frame, tuple(log.notes))


class _Log:
    """The file's name, its number of features, and the notes so far."""

    def __init__(self, name: str, total: int, notes: list[str]) -> None:
        self.name, self.total, self.notes = name, total, notes

    def say(self, what: str, numbers: NDArray[np.int_]) -> None:
        if len(numbers):
            which = "" if len(numbers) == self.total else f" ({listed(list(numbers), 6)})"
            self.notes.append(f"{what}: {len(numbers):,} of {self.total:,} features{which}.")


def _has_heights(shapes: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether there is a height or a measure to lose; drivers write a height of 0 where a file has none."""
    xyz, of = shapely.get_coordinates(shapes, include_z=True, return_index=True)
    found = np.asarray(shapely.has_m(shapes))
    found[of[~np.isnan(xyz[:, 2]) & (xyz[:, 2] != 0)]] = True
    return found


def _one_dimension(shapes: NDArray[Any], numbers: NDArray[np.int_], log: _Log) -> NDArray[Any]:
    """Collections become their areas, or else their lines, or else their points."""
    collections = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    mixed = []
    shapes = shapes.copy()
    for at in collections:
        parts = np.array([shapes[at]], dtype=object)
        while (shapely.get_type_id(parts) >= shapely.GeometryType.MULTIPOINT).any():
            parts = shapely.get_parts(parts)
        parts = parts[~shapely.is_empty(parts)]
        dimensions = shapely.get_dimensions(parts)
        if len(set(dimensions)) > 1:
            mixed.append(numbers[at])
        kept = parts[dimensions == dimensions.max()]
        build: Any = [shapely.multipoints, shapely.multilinestrings, shapely.multipolygons][dimensions.max()]
        shapes[at] = kept[0] if len(kept) == 1 else build(kept)
    log.say("Kept only the areas, or else the lines, of a mixed geometry", np.array(mixed, dtype=int))
    return shapes


def _crs(log: _Log, shapes: NDArray[Any], found: str | None, stated: str | None) -> pyproj.CRS:
    """The CRS of the coordinates. A stated one is a code, never a path or a PROJ string, which can name files."""
    if stated is not None and not _AUTHORITY_CODE.fullmatch(stated.strip()):
        raise GeodataError(log.name, f"crs {shown(stated)!r} is not a code; {_HOW}")
    if found is None and stated is None:
        raise GeodataError(log.name, f"it does not say its CRS (its coordinates {_extent(shapes)}); {_HOW}")
    try:
        own = None if found is None else pyproj.CRS.from_user_input(found)
    except pyproj.exceptions.CRSError:
        if stated is None:
            raise GeodataError(log.name, f"its CRS is not known ({shown(found)}); {_HOW}") from None
        own = None
    if stated is None:
        assert own is not None
        chosen = own
    else:
        try:
            chosen = pyproj.CRS.from_user_input(stated.strip().upper())
        except pyproj.exceptions.CRSError:
            raise GeodataError(log.name, f"crs {shown(stated)!r} does not exist; {_HOW}") from None
        if own is not None and not own.equals(chosen, ignore_axis_order=True):
            log.notes.append(f"Read as {stated}, as the source says; the file itself says {shown(own.name)}.")
    if not (chosen.is_geographic or chosen.is_projected):
        raise GeodataError(log.name, f"its CRS ({shown(chosen.name)}) does not place it on the Earth's surface; {_HOW}")
    return chosen


def _extent(shapes: NDArray[Any]) -> str:
    west, south, east, north = shapely.total_bounds(shapes)
    return f"run from {west:.7g}, {south:.7g} to {east:.7g}, {north:.7g}"


def _on_earth(log: _Log, shapes: NDArray[Any], numbers: NDArray[np.int_], crs: pyproj.CRS) -> NDArray[Any]:
    """Lon, lat in EPSG:4326. Raises GeodataError for coordinates that are not finite or out of range."""
    _check_size(log, shapes, numbers, "a coordinate is not a finite number")
    outside = f"it lies outside the area of {shown(crs.name)}; is that its CRS?"
    if crs.is_geographic:
        _check_range(log, shapes, numbers, crs)
    else:
        _check_size(log, shapes, numbers, outside, _FARTHEST)
    if not crs.equals(pyproj.CRS.from_epsg(4326), ignore_axis_order=True):
        try:
            shapes = gpd.GeoSeries(shapes, crs=crs).to_crs(4326).to_numpy()
        except (pyproj.exceptions.ProjError, RuntimeError) as error:
            raise GeodataError(log.name, f"{shown(crs.name)} can not be converted ({shown(error, 100)})") from None
        _check_size(log, shapes, numbers, outside)
        _check_range(log, shapes, numbers, crs)
    return np.asarray(shapely.transform(shapes, _onto_edge), dtype=object)


def _onto_edge(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y = xy[:, 0].copy(), np.clip(xy[:, 1], -90, 90)
    near = (np.abs(x) > 180) & (np.abs(x) <= 180 + _EDGE)
    x[near] = np.copysign(180.0, x[near])
    return np.column_stack([x, y])


def _check_size(
    log: _Log, shapes: NDArray[Any], numbers: NDArray[np.int_], reason: str, most: float = math.inf
) -> None:
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    bad = np.flatnonzero(~(np.abs(xy) < most).all(axis=1))  # not (NaN < most)
    if len(bad):
        raise GeodataError(log.name, f"feature {numbers[of[bad[0]]]}: {reason}")


def _check_range(log: _Log, shapes: NDArray[Any], numbers: NDArray[np.int_], crs: pyproj.CRS) -> None:
    """Within ±180 and ±90. A line or an area may run on beyond 180° (170 → 190), as drawing tools write it."""
    xy, of = shapely.get_coordinates(shapes, return_index=True)
    x, y = np.abs(xy[:, 0]), np.abs(xy[:, 1])
    reaches_inside = np.zeros(len(shapes), dtype=bool)
    reaches_inside[of[x <= 180]] = True
    runs_on = (x <= 360) & reaches_inside[of] & (shapely.get_dimensions(shapes)[of] > 0)
    bad = np.flatnonzero((y > 90 + _EDGE) | ((x > 180 + _EDGE) & ~runs_on))
    if not len(bad):
        return
    at = bad[0]
    hint = f"longitude is -180 to 180 and latitude -90 to 90 (CRS {shown(crs.name)})"
    if max(x.max(), y.max()) > 360:
        hint = f"looks like metres; {_HOW}"
    elif x.max() <= 90 and y.max() <= 180 and y[at] > 90:
        hint = "looks like swapped lat/lon; longitude comes first"
    elif xy[:, 0].min() >= -_EDGE and y.max() <= 90 + _EDGE:
        hint = "looks like longitudes from 0 to 360; take 360 off those beyond 180"
    raise GeodataError(
        log.name, f"feature {numbers[of[at]]}: {xy[at, 0]:.9g}, {xy[at, 1]:.9g} is not on the Earth; {hint}"
    )


def _cut(shapes: NDArray[Any], numbers: NDArray[np.int_], log: _Log) -> NDArray[Any]:
    across = crosses(shapes)
    if across.any():
        shapes = shapes.copy()
        shapes[across] = [cut_at_antimeridian(shape) for shape in shapes[across]]
        log.say("Cut at the 180° meridian, which they cross", numbers[across])
    return shapes


def _valid(shapes: NDArray[Any], numbers: NDArray[np.int_], log: _Log) -> tuple[NDArray[Any], NDArray[np.int_]]:
    invalid = ~shapely.is_valid(shapes)
    if invalid.any():
        shapes = shapes.copy()
        shapes[invalid] = shapely.make_valid(shapes[invalid], method="structure", keep_collapsed=False)
        shapes = _one_dimension(shapes, numbers, _Log(log.name, log.total, []))
    gone = shapely.is_empty(shapes)
    log.say("Repaired, because the outline crosses itself or is otherwise invalid", numbers[invalid & ~gone])
    log.say("Left out, because nothing remains of so small or flat a shape", numbers[gone])
    return shapes[~gone], numbers[~gone]


def _named(columns: Any) -> dict[str, Any]:
    """Columns under names that do not clash with the geometry's."""
    return {("geometry_" if key == "geometry" else _text(str(key))): values for key, values in columns.items()}


def _text(text: str) -> str:
    """JSON can hold halves of characters (surrogates), which no page and no file can."""
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def _column(log: _Log, key: str, values: Sequence[Any] | NDArray[Any], kept: NDArray[np.int_]) -> pd.Series[Any]:
    """The kept values, each fit for JSON: numbers where all are numbers, otherwise objects with None for a gap."""
    plain: list[Any] = [_plain(values[at]) for at in kept]
    for at, value in enumerate(plain):
        if isinstance(value, str) and len(value) > MAX_TEXT:
            where = f"feature {kept[at] + 1}: the text in column {shown(key)!r}"
            raise GeodataError(log.name, f"{where} has {len(value):,} characters, more than {MAX_TEXT:,}; shorten it")
    kinds = {type(value) for value in plain}
    if kinds == {bool}:
        return pd.Series(plain, dtype=bool)
    if kinds == {int} and all(-(2**63) <= value < 2**63 for value in plain):
        return pd.Series(plain, dtype=np.int64)
    if float in kinds and kinds <= {int, float}:
        return pd.Series([float(value) for value in plain], dtype=np.float64)
    return pd.Series(plain, dtype=object)


def _plain(value: Any) -> str | int | float | bool | None:
    if isinstance(value, np.generic):
        value = value.item()
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list | tuple | dict):
        return _text(json.dumps(value, ensure_ascii=False, default=str))
    return str(value)
