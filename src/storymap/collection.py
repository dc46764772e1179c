"""The features of a data file, to be edited: GeoJSON in EPSG:4326 whose numbers, nulls and texts stay what they are.

Functions give new lists; a feature that is not changed is written as it was read. ``Features`` are GeoJSON features.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import shapely

from storymap.errors import nearest
from storymap.placecolumns import place_columns, with_place

__all__ = [
    "Features", "Kind", "NotFit", "added", "columns_of", "entered", "file_stem", "from_frame", "from_geojson", "kind_of",
    "moved", "renamed_column", "reshaped", "with_cells", "with_column", "without", "without_columns", "written",
]  # fmt: skip

Features = list[dict[str, Any]]
Kind = Literal["whole", "number", "flag", "text", "mixed"]
DECIMALS = 6
"""Of coordinates that are drawn or dragged: a tenth of a metre."""


class NotFit(ValueError):
    """What was entered does not fit; one line for the editor."""


def from_geojson(data: bytes) -> Features | None:
    """The features of a GeoJSON file as they stand; None when it is no plain feature collection in EPSG:4326."""
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or document.get("type") != "FeatureCollection" or "crs" in document:
        return None
    features = document.get("features")
    plain = isinstance(features, list) and all(
        isinstance(one, dict) and one.get("type") == "Feature" and isinstance(one.get("properties") or {}, dict)
        for one in features
    )
    return [{**one, "properties": one.get("properties") or {}} for one in features] if plain and features else None


def from_frame(frame: gpd.GeoDataFrame) -> Features:
    """The features of a file that was read (EPSG:4326, lon lat); a gap is null."""
    columns = [str(name) for name in frame.columns if name != frame.geometry.name]
    values = {name: [_plain(value) for value in frame[name].tolist()] for name in columns}
    shapes = [json.loads(text) for text in shapely.to_geojson(np.asarray(frame.geometry.array))]
    return [
        {"type": "Feature", "properties": {name: values[name][row] for name in columns}, "geometry": shape}
        for row, shape in enumerate(shapes)
    ]


def written(features: Sequence[Mapping[str, Any]]) -> bytes:
    """GeoJSON, one feature a line, so that versions can be compared. Raises ValueError for what JSON does not know."""
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False, allow_nan=False) for feature in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'.encode()


def file_stem(file: str) -> str:
    """``data/towns-3f9a0c12.geojson`` → ``towns``: the name without the mark of its content."""
    return re.sub(r"(?:-[0-9a-f]{8})+$", "", PurePosixPath(file).stem) or "data"


def columns_of(features: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Every column, in the order in which they appear."""
    return tuple(dict.fromkeys(name for feature in features for name in feature["properties"]))


def kind_of(features: Sequence[Mapping[str, Any]], column: str) -> Kind:
    """What a column holds; an empty one holds text."""
    kinds = {type(feature["properties"].get(column)) for feature in features} - {type(None)}
    if kinds == {int}:
        return "whole"
    if kinds and kinds <= {int, float}:
        return "number"
    if kinds == {bool}:
        return "flag"
    return "text" if kinds <= {str} else "mixed"


def entered(value: Any, kind: Kind, before: Any = None) -> Any:
    """A cell as it is to be stored: of the column's kind, null where it was emptied. Raises `NotFit`."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if kind == "mixed":
        return _like(value, before)
    if kind == "text":
        return str(value)
    if kind == "flag":
        if isinstance(value, bool):
            return value
        raise NotFit(f"'{value}' is neither yes nor no")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise NotFit(f"'{value}' is no number") from None
    if isinstance(value, bool) or not math.isfinite(number):
        raise NotFit(f"'{value}' is no number")
    if isinstance(value, int):
        return value
    if kind == "whole" and number.is_integer():
        return int(number)
    # A whole number in a column of fractions stays as it was entered: 5 is not turned into 5.0 needlessly.
    return int(number) if number.is_integer() and not isinstance(before, float) else number


def _like(value: Any, before: Any) -> Any:
    """In a column of several kinds: of the kind of what stood there, else text."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if isinstance(before, bool) and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if before is None or isinstance(before, str):
        return text
    try:
        made = json.loads(text)
    except ValueError:
        made = None
    if type(made) is type(before) or (isinstance(before, int | float) and type(made) in (int, float)):
        return made
    raise NotFit(f"'{text}' is not of the kind that stood there ({json.dumps(before, ensure_ascii=False)[:40]})")


def with_cells(features: Features, changes: Mapping[int, Mapping[str, Any]]) -> Features:
    """Rows and columns with other values, as they were entered. Raises `NotFit`, which names the cell."""
    out = list(features)
    for row, cells in changes.items():
        properties = dict(out[row]["properties"])
        for column, value in cells.items():
            try:
                made = entered(value, kind_of(features, column), properties.get(column))
            except NotFit as error:
                raise NotFit(f"row {row + 1}, {column}: {error}") from None
            if made is not None or column in properties:
                properties[column] = made
        out[row] = {**out[row], "properties": properties}
    return out


def without(features: Features, rows: Sequence[int]) -> Features:
    """Without some rows. Raises `NotFit` when none would be left."""
    kept = [feature for at, feature in enumerate(features) if at not in set(rows)]
    if not kept:
        raise NotFit("a layer needs at least one feature: delete the layer instead")
    return kept


def with_column(features: Features, column: str) -> Features:
    """With a new, empty column. Raises `NotFit` for a name that is no name or is taken."""
    name = column.strip()
    if not name or not name.isprintable() or len(name) > 60:
        raise NotFit("a column needs a name of at most 60 letters")
    if name in columns_of(features) or name == "geometry":
        raise NotFit(f"there is a column '{name}' already")
    return [{**feature, "properties": {**feature["properties"], name: None}} for feature in features]


def without_columns(features: Features, columns: Sequence[str], needed: Mapping[str, str]) -> Features:
    """Without some columns. ``needed``: those that the story uses → for what. Raises `NotFit` for one of these."""
    for column in columns:
        if column in needed:
            raise NotFit(f"'{column}' is {needed[column]}: change that first")
        if column not in columns_of(features):
            raise NotFit(f"there is no column '{column}'{nearest(column, columns_of(features))}")
    drop = set(columns)
    return [
        {**feature, "properties": {name: value for name, value in feature["properties"].items() if name not in drop}}
        for feature in features
    ]


def renamed_column(features: Features, old: str, new: str) -> Features:
    """With another name for a column, in its place. Raises `NotFit`."""
    with_column(features, new)
    return [
        {
            **one,
            "properties": {(new.strip() if name == old else name): value for name, value in one["properties"].items()},
        }
        for one in features
    ]


def moved(features: Features, row: int, lon: float, lat: float, about: Mapping[str, Any]) -> Features:
    """With the point of ``row`` at another place, also in the columns that hold the places of the points. ``about``:
    properties that say how. Raises `NotFit`."""
    if (features[row].get("geometry") or {}).get("type") != "Point":
        raise NotFit("only points are moved as a whole: change the outline instead")
    made = reshaped(features, row, {"type": "Point", "coordinates": [lon, lat]}, about)
    there = made[row]["geometry"]["coordinates"]
    made[row] = {**made[row], "properties": with_place(made[row]["properties"], place_columns(features), *there)}
    return made


def reshaped(features: Features, row: int, geometry: Mapping[str, Any], about: Mapping[str, Any]) -> Features:
    """With another geometry of ``row`` (GeoJSON, lon lat). Raises `NotFit` for one that is not on the Earth."""
    out = list(features)
    out[row] = {**out[row], "properties": {**out[row]["properties"], **about}, "geometry": _sound(geometry)}
    return out


def added(features: Features, geometry: Mapping[str, Any], properties: Mapping[str, Any]) -> Features:
    """With one more feature, which has the columns of the others. Raises `NotFit`."""
    known: dict[str, Any] = dict.fromkeys(columns_of(features))
    sound = _sound(geometry)
    if sound["type"] == "Point":
        known = with_place(known, place_columns(features), *sound["coordinates"][:2])
    new = {"type": "Feature", "properties": {**known, **properties}, "geometry": sound}
    return [*features, new]


def _sound(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """The geometry with six decimals, checked: on the Earth, enough corners, longitudes brought back within ±180."""
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (shapely.GEOSException, TypeError, ValueError):
        raise NotFit("the drawing is no point, line or area: draw it again") from None
    west, south, east, north = shape.bounds if not shape.is_empty else (0, 99, 0, 99)
    if not (south >= -90 and north <= 90):
        raise NotFit("the drawing lies outside the world: draw it again")
    turns = 360 * math.floor((west + 180) / 360)
    if east - turns > 180:
        raise NotFit("the drawing crosses the 180th meridian: draw a part on each side")
    if shape.geom_type == "Polygon" and not shape.is_valid:
        raise NotFit("the outline crosses itself: draw it again")
    made = shapely.transform(shape, lambda xy: np.column_stack([xy[:, 0] - turns, xy[:, 1]]))
    plain: dict[str, Any] = json.loads(shapely.to_geojson(made))
    return {**plain, "coordinates": _rounded(plain["coordinates"])}


def _rounded(value: Any) -> Any:
    return [_rounded(item) for item in value] if isinstance(value, list) else round(value, DECIMALS)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
