"""GeoJSON and TopoJSON: read with Python's own JSON parser, without GDAL, feature by feature.

That makes GeoJSON, the format of most stories, quick to read in the app's own process, keeps values as they are
written (``"1964"`` stays text, 57000 stays whole), and lets every message name the feature.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from storymap.geocontent import MAX_VERTICES, GeodataError, Raw, check_counts, listed, one_of, shown

__all__ = ["chosen_topology", "is_topology", "read_geojson", "written"]

_SHAPES = {
    "Point": 1,
    "MultiPoint": 2,
    "LineString": 2,
    "MultiLineString": 3,
    "Polygon": 3,
    "MultiPolygon": 4,
}  # type → how many brackets deep its coordinates are
_CRS_NAME = re.compile(r"(?:urn:ogc:def:crs:)?(?P<who>[A-Za-z]{3,6}):(?:[0-9.]*:)?(?P<code>\w{1,12})")
_MAX_NESTING = 20  # geometry collections in geometry collections


def written(shape: BaseGeometry, digits: int) -> dict[str, Any]:
    """A geometry as GeoJSON, its coordinates (in the order of its own CRS) with at most ``digits`` after the point."""
    return dict(_rounded(json.loads(shapely.to_geojson(shape)), digits))


def _rounded(value: Any, digits: int) -> Any:
    if isinstance(value, float):
        return round(value, digits)
    if isinstance(value, list):
        return [_rounded(item, digits) for item in value]
    return {key: _rounded(item, digits) for key, item in value.items()} if isinstance(value, dict) else value


def is_topology(data: bytes) -> bool:
    """Whether a .json file looks like TopoJSON; the parser has the last word."""
    return re.search(rb'"type"\s*:\s*"Topology"', data) is not None


def read_geojson(name: str, data: bytes) -> Raw:
    """GeoJSON (RFC 7946, or 2008 with its ``crs`` member) to geometries in that CRS, x = longitude or easting first.

    A feature's ``id`` becomes the column ``id`` unless a property has that name. Raises GeodataError, with the
    number of the feature (from 1), for whatever is not GeoJSON.
    """
    document = _json_object(name, data)
    features = _features(name, document)
    check_counts(name, features=len(features))
    geometries = np.empty(len(features), dtype=object)
    columns: dict[str, list[Any]] = {}
    unclosed: list[int] = []
    vertices = 0
    for at, feature in enumerate(features):
        here = _Feature(name, at + 1, unclosed)
        geometries[at] = here.geometry(feature)
        vertices += here.vertices
        if vertices > MAX_VERTICES:
            check_counts(name, vertices=vertices)
        for key, value in here.properties(feature).items():
            if key not in columns:
                check_counts(name, columns=len(columns) + 1)
                columns[key] = [None] * len(features)
            columns[key][at] = value
    ids = [feature.get("id") for feature in features]
    if "id" not in columns and any(i is not None for i in ids):
        columns = {"id": ids, **columns}
    notes = [f"Closed, because the outline did not return to its start: feature {listed(unclosed)}."]
    return Raw(geometries, columns, _json_crs(name, document), tuple(notes if unclosed else ()))


def chosen_topology(name: str, data: bytes, layer: str | None) -> tuple[bytes, str]:
    """A TopoJSON file cut down to one of its objects, in the order of keys that GDAL recognises, and its CRS.

    Raises GeodataError when it is not TopoJSON, or when it has several objects and none, or a wrong one, is named.
    """
    document = _json_object(name, data)
    objects = document.get("objects")
    if document.get("type") != "Topology" or not isinstance(objects, dict) or not objects:
        raise GeodataError(name, "not TopoJSON: it needs type Topology, arcs, and objects with a layer in it")
    key = one_of(name, layer, list(objects))
    chosen = objects[key]
    if not isinstance(chosen, dict) or not isinstance(document.get("arcs"), list):
        raise GeodataError(name, f"not TopoJSON: arcs or the object {shown(key)!r} are not what they should be")
    if chosen.get("type") != "GeometryCollection":
        chosen = {"type": "GeometryCollection", "geometries": [chosen]}
    cut: dict[str, Any] = {"type": "Topology", **{k: document[k] for k in ("transform", "arcs") if k in document}}
    return json.dumps({**cut, "objects": {"layer": chosen}}).encode(), _json_crs(name, document)


def _json_object(name: str, data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise GeodataError(name, "not UTF-8 text; save it as UTF-8") from None
    except json.JSONDecodeError as error:
        if data.lstrip()[:1] == b"<":
            raise GeodataError(name, "not JSON, its content is XML; name it by what it is") from None
        where = f"line {error.lineno}, column {error.colno}"
        raise GeodataError(name, f"not JSON: {error.msg} in {where}; export it again") from None
    except RecursionError:
        raise GeodataError(name, "not GeoJSON: its brackets are nested too deep; export it again") from None
    except ValueError:  # a number of thousands of digits
        raise GeodataError(name, "not GeoJSON: it has a number that is far too long; export it again") from None
    if not isinstance(document, dict):
        raise GeodataError(name, "not GeoJSON: it has to be an object {…} with a type; export it again")
    return document


def _features(name: str, document: Mapping[str, Any]) -> list[Any]:
    kind = document.get("type")
    if kind == "FeatureCollection":
        features = document.get("features")
        if not isinstance(features, list):
            raise GeodataError(name, "not GeoJSON: the FeatureCollection has no list of features")
    elif kind == "Feature":
        features = [document]
    elif isinstance(kind, str) and (kind in _SHAPES or kind == "GeometryCollection"):
        features = [{"type": "Feature", "geometry": document, "properties": None}]
    else:
        what = "it has no type" if kind is None else f"its type is {shown(kind)!r}"
        raise GeodataError(name, f"not GeoJSON: {what}; needed is a FeatureCollection")
    for number, feature in enumerate(features, 1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise GeodataError(name, f"feature {number}: not a GeoJSON Feature; its type has to be 'Feature'")
    return features


def _json_crs(name: str, document: Mapping[str, Any]) -> str:
    """EPSG:4326 by the standard, or what the old ``crs`` member names."""
    member = document.get("crs")
    if member is None:
        return "EPSG:4326"
    properties = member.get("properties") if isinstance(member, dict) else None
    text = properties.get("name") if isinstance(properties, dict) else None
    known = _CRS_NAME.fullmatch(text) if isinstance(text, str) else None
    if known is None:
        raise GeodataError(name, f"its 'crs' {shown(text)!r} is not understood; state 'crs: EPSG:…' in the source")
    return "EPSG:4326" if known["code"] == "CRS84" else f"{known['who'].upper()}:{known['code']}"


class _Feature:
    """One GeoJSON feature, for messages that say where."""

    def __init__(self, name: str, number: int, unclosed: list[int]) -> None:
        self.name, self.number, self.unclosed, self.vertices = name, number, unclosed, 0

    def wrong(self, reason: str) -> GeodataError:
        return GeodataError(self.name, f"feature {self.number}: {reason}")

    def properties(self, feature: Mapping[str, Any]) -> Mapping[str, Any]:
        found = feature.get("properties")
        if found is not None and not isinstance(found, dict):
            raise self.wrong("its properties are not an object {…}")
        return found or {}

    def geometry(self, feature: Mapping[str, Any]) -> BaseGeometry | None:
        found = feature.get("geometry")
        return None if found is None else self._shape(found, _MAX_NESTING)

    def _shape(self, geometry: Any, nesting: int) -> BaseGeometry:
        kind = geometry.get("type") if isinstance(geometry, dict) else None
        if kind == "GeometryCollection" and nesting:
            parts = geometry.get("geometries")
            if not isinstance(parts, list):
                raise self.wrong("a GeometryCollection needs a list of geometries")
            return shapely.GeometryCollection([self._shape(part, nesting - 1) for part in parts])
        if not isinstance(kind, str) or kind not in _SHAPES:
            raise self.wrong(f"{shown(kind)!r} is not a GeoJSON geometry type")
        coordinates = geometry.get("coordinates")
        if not isinstance(coordinates, list):
            raise self.wrong(f"the {kind} has no list of coordinates")
        try:
            built: BaseGeometry = self._built(kind, coordinates)
        except (shapely.GEOSException, ValueError, TypeError, OverflowError) as error:
            if isinstance(error, GeodataError):
                raise
            raise self.wrong(f"the coordinates do not make a {kind} ({shown(error, 80)})") from None
        return built

    def _built(self, kind: str, coordinates: list[Any]) -> Any:
        if not coordinates:
            return shapely.from_wkt(f"{kind.upper()} EMPTY")
        if kind == "Point":
            return self._point(coordinates)
        if kind == "MultiPoint":
            points: Any = shapely.points(self._positions(coordinates))
            return shapely.multipoints(points)
        if kind == "LineString":
            return self._line(coordinates)
        if kind == "MultiLineString":
            return shapely.multilinestrings(self._each(coordinates, self._line))
        if kind == "Polygon":
            return self._polygon(coordinates)
        return shapely.multipolygons(self._each(coordinates, self._polygon))

    def _point(self, position: list[Any]) -> Any:
        plain = len(position) >= 2 and all(type(number) is float or type(number) is int for number in position)
        if plain and all(map(math.isfinite, position)):  # the common case, without an array
            self.vertices += 1
            return shapely.points(position[:3])
        return shapely.points(self._positions([position])[0])

    def _each(self, items: list[Any], build: Callable[[list[Any]], Any]) -> list[Any]:
        if not all(isinstance(item, list) for item in items):
            raise self.wrong("its coordinates are not nested as deep as its type says")
        return [build(item) for item in items]

    def _line(self, coordinates: list[Any]) -> Any:
        if len(coordinates) == 1:
            raise self.wrong("a line needs two positions")
        return shapely.linestrings(self._positions(coordinates)) if coordinates else shapely.LineString()

    def _polygon(self, rings: list[Any]) -> Any:
        built = self._each(rings, self._ring)
        return shapely.polygons(built[0], holes=built[1:] or None) if built else shapely.Polygon()

    def _ring(self, coordinates: list[Any]) -> Any:
        positions = self._positions(coordinates) if coordinates else np.empty((0, 2))
        if len(positions) and (positions[0] != positions[-1]).any():
            positions = np.vstack([positions, positions[:1]])
            if self.number not in self.unclosed[-1:]:
                self.unclosed.append(self.number)
        if len(positions) < 4:
            raise self.wrong("the outline of an area needs three different positions")
        return shapely.linearrings(positions)

    def _positions(self, coordinates: list[Any]) -> NDArray[np.float64]:
        try:
            positions = np.array(coordinates)
        except ValueError:  # some with heights and some without
            if not all(isinstance(p, list) and len(p) >= 2 for p in coordinates):
                raise self.wrong("a position is not a list of two numbers") from None
            positions = np.array([p[:2] for p in coordinates])
        self.vertices += len(positions)
        if positions.ndim != 2 or positions.shape[1] < 2:
            raise self.wrong("a position is not a list of two numbers")
        if positions.dtype.kind not in "iuf":
            raise self.wrong("a coordinate is not a number")
        if not np.isfinite(positions).all():
            raise self.wrong("a coordinate is not a finite number")
        return positions[:, :3].astype(np.float64)
