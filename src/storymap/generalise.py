"""Geometry for a zoom: projected, simplified with shared borders kept, cut to what is seen.

World units as in `storymap.drawing`: Web Mercator, 0…256, y down; a pixel at zoom z is ``2**-z`` units. All functions
take and give arrays of shapely geometries, one for each feature, in the same order; None stays None.

Sources of the methods: Visvalingam & Whyatt 1993 on shared edges (GEOS coverage simplification), Douglas & Peucker 1973
for what shares no edge.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from storymap.drawing import Box
from storymap.mercator import WORLD, world_array

__all__ = ["Geometries", "clip", "project", "shared_borders", "simplify"]

Geometries = NDArray[Any]
"""Array of shapely geometries."""

TOLERANCE = 0.6
"""Pixels by which a simplified line may leave its place."""
COVERAGE_TOLERANCE = 1.0
"""Pixels: square root of the area of a corner that may go. GEOS takes this measure for coverages; it is larger than
a distance for the same look."""
ISLAND = 1.5
"""Square pixels below which an island or a hole is not drawn."""
GRID = 2.0**24
"""Points of neighbours are held to be the same when they fall on the same 1 / GRID of a world unit (2 m)."""
EDGE = 1e-6
"""World units within which a point lies on the antimeridian."""

Segments = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Frame(Protocol):
    """What `project` needs of a GeoDataFrame."""

    @property
    def geometry(self) -> Iterable[BaseGeometry | None]: ...


def project(geometries: Frame | Iterable[BaseGeometry | None]) -> Geometries:
    """Lon, lat in degrees (EPSG:4326) → world units, 2D; latitudes beyond ±85.05° are moved there.

    Features cut at the antimeridian (RFC 7946) are joined: the part at 180° W moves to x > 256, so that no outline runs
    along the cut. A feature that goes all round the globe (Antarctica) stays as it is.
    """
    plain: Iterable[BaseGeometry | None] = getattr(geometries, "geometry", geometries)  # type: ignore[arg-type]
    flat = shapely.force_2d(_array(plain))
    return _array([None if geom is None else _joined(geom) for geom in shapely.transform(flat, world_array)])


def simplify(geoms: Iterable[BaseGeometry | None], *, zoom: float, coverage: bool | None = None) -> Geometries:
    """What still shows at ``zoom``. World units in, world units out.

    ``coverage``: polygons share borders, which are then kept the same on both sides; None finds out. Points stay. Islands
    and holes under 1.5 square pixels go, but never a feature's largest part, nor a hole or part that touches a
    neighbour. A geometry that is not empty never becomes empty.
    """
    out = _array(geoms)
    pixel = 2.0**-zoom
    kinds = shapely.get_dimensions(out)
    lines, areas = kinds == 1, kinds == 2
    out[lines] = [_thin(geom, TOLERANCE * pixel) for geom in out[lines]]
    # A collection has the dimension of its largest member; only clean areas can be a coverage.
    plain = areas & np.isin(shapely.get_type_id(out), (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    mixed = areas & ~plain
    out[mixed] = [_thin(geom, TOLERANCE * pixel) for geom in out[mixed]]
    if not plain.any():
        return out
    together = coverage if coverage is not None else bool(_touching(out[plain]).any())
    if together:
        slim = shapely.coverage_simplify(out[plain], COVERAGE_TOLERANCE * pixel)
    else:
        slim = _array([_thin(geom, TOLERANCE * pixel) for geom in out[plain]])
    out[plain] = _without_specks(slim, ISLAND * pixel**2)
    return out


def clip(geoms: Iterable[BaseGeometry | None], box: Box) -> Geometries:
    """What lies inside ``box`` (world units); features wholly outside become None. Areas stay areas, lines lines."""
    area = shapely.box(*box)
    out = _array(geoms)
    inside, touching = shapely.covered_by(out, area), shapely.intersects(out, area)
    cut = touching & ~inside
    out[cut] = [_of_dimension(shapely.intersection(geom, area), shapely.get_dimensions(geom)) for geom in out[cut]]
    out[~touching] = None
    return out


def shared_borders(polygons: Geometries) -> tuple[BaseGeometry, BaseGeometry]:
    """(borders, coast) of polygons that share edges, each as long lines (MultiLineString, world units).

    A border is a segment that two features have in common, a coast one that a single feature has; where two parts of
    one feature meet there is neither. Each is there once, however many features run along it.
    """
    ends, owner = _segments(polygons)
    _, first, where = np.unique(ends, axis=0, return_index=True, return_inverse=True)
    where = where.ravel()
    uses = np.bincount(where)
    pairs = np.unique(np.stack([where, owner], axis=1), axis=0)
    owners = np.bincount(pairs[:, 0], minlength=len(uses))
    return _lines(ends[first[owners > 1]]), _lines(ends[first[(owners == 1) & (uses == 1)]])


def _array(geometries: Iterable[Any]) -> Geometries:
    items = list(geometries)
    out = np.empty(len(items), dtype=object)
    out[:] = items
    return out


def _thin(geom: BaseGeometry, tolerance: float) -> BaseGeometry:
    slim = shapely.simplify(geom, tolerance, preserve_topology=True)
    return geom if slim.is_empty else slim


def _of_dimension(geom: BaseGeometry, dimension: int) -> BaseGeometry | None:
    """The parts of this dimension, without the points and lines that a cut leaves where it only touches."""
    leaves = shapely.get_parts(shapely.get_parts(geom))
    leaves = leaves[shapely.get_dimensions(leaves) == dimension]
    if len(leaves) < 2:
        return cast("BaseGeometry", leaves[0]) if len(leaves) else None
    multi = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[dimension]
    return cast("BaseGeometry", multi(leaves))


def _joined(geom: BaseGeometry) -> BaseGeometry:
    x0, _, x1, _ = geom.bounds
    if not (x0 <= EDGE and x1 >= WORLD - EDGE) or shapely.get_dimensions(geom) == 0:
        return geom
    parts = shapely.get_parts(geom)
    bounds = shapely.bounds(parts)
    west, east = bounds[:, 0] <= EDGE, bounds[:, 2] >= WORLD - EDGE
    if (west & east).any():
        return geom
    parts[west] = shapely.transform(parts[west], lambda points: points + np.array([WORLD, 0.0]))
    if shapely.get_dimensions(geom) == 1:
        return cast("BaseGeometry", shapely.line_merge(shapely.multilinestrings(parts)))
    return shapely.union_all(parts)


def _segments(polygons: Geometries) -> tuple[Segments, Segments]:
    """((n, 4) grid coordinates of each segment, the lesser end first; (n,) index of its feature)."""
    points, ring, owner = _ring_points(polygons)
    grid = np.rint(points * GRID).astype(np.int64)
    same = ring[1:] == ring[:-1]
    a, b, owner = grid[:-1][same], grid[1:][same], owner[:-1][same]
    moved = (a != b).any(axis=1)
    a, b, owner = a[moved], b[moved], owner[moved]
    swap = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    a[swap], b[swap] = b[swap], a[swap]
    return np.concatenate([a, b], axis=1), owner


def _ring_points(polygons: Geometries) -> tuple[NDArray[np.float64], Segments, Segments]:
    leaves, feature = shapely.get_parts(polygons, return_index=True)
    rings, leaf = shapely.get_rings(leaves, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    return points, ring, feature[leaf][ring]


def _touching(polygons: Geometries) -> Flags:
    """For each polygon: does it have a segment in common with another one?"""
    ends, owner = _segments(polygons)
    _, where = np.unique(ends, axis=0, return_inverse=True)
    where = where.ravel()
    pairs = np.unique(np.stack([where, owner], axis=1), axis=0)
    shared = np.bincount(pairs[:, 0], minlength=int(where.max(initial=-1)) + 1) > 1
    out = np.zeros(len(polygons), dtype=bool)
    out[owner[shared[where]]] = True
    return out


def _lines(ends: Segments) -> BaseGeometry:
    segments = cast("Geometries", shapely.linestrings(ends.reshape(-1, 2, 2) / GRID))
    merged = shapely.line_merge(cast("BaseGeometry", shapely.multilinestrings(segments)))
    return shapely.MultiLineString(list(shapely.get_parts(merged)))


def _without_specks(polygons: Geometries, least: float) -> Geometries:
    parts, feature = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    faces = shapely.polygons(rings)
    area = shapely.area(faces)
    outer = np.r_[True, part[1:] != part[:-1]] if len(part) else np.zeros(0, dtype=bool)
    largest = np.zeros(len(polygons))
    np.maximum.at(largest, feature, shapely.area(parts))
    biggest = shapely.area(parts) == largest[feature]
    speck = (area < least) & ~_touching(np.atleast_1d(np.asarray(faces)))
    drop_part = np.zeros(len(parts), dtype=bool)
    drop_part[part[speck & outer]] = True
    drop_part &= ~biggest
    keep = ~drop_part[part] & ~(speck & ~outer)
    out = polygons.copy()
    for index in np.unique(feature[part[~keep]]):
        mine = keep & (feature[part] == index)
        out[index] = _assembled(rings[mine], part[mine], outer[mine])
    return out


def _assembled(rings: Geometries, part: Segments, outer: Flags) -> BaseGeometry:
    shapes = [shapely.polygons(rings[(part == i) & outer][0], rings[(part == i) & ~outer]) for i in np.unique(part)]
    return shapes[0] if len(shapes) == 1 else cast("BaseGeometry", shapely.multipolygons(shapes))
