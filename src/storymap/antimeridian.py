"""Cuts lines and areas where they cross the 180° meridian, so that none is drawn the long way round the Earth.

An edge whose ends are more than 180° of longitude apart is taken to go the short way, across 180°. A geometry is
laid out on a line of longitudes without the jump (170 → 190), cut at ±180, ±540 …, and its parts moved back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = ["crosses", "cut_at_antimeridian"]

_SAME = 1e-9  # degrees


def crosses(shapes: NDArray[Any]) -> NDArray[np.bool_]:
    """Which geometries (lon, lat; no collections) have an edge that jumps over 180°, or a longitude beyond it."""
    areas = shapely.get_dimensions(shapes) == 2
    found = np.zeros(len(shapes), dtype=bool)
    for chosen, paths_of in ((areas, _rings), (shapely.get_dimensions(shapes) == 1, _lines)):
        paths, of = paths_of(shapes[chosen])
        xy, path = shapely.get_coordinates(paths, return_index=True)
        if len(xy):
            jump = (np.abs(np.diff(xy[:, 0])) > 180) & (np.diff(path) == 0)
            beyond = np.abs(xy[:, 0]) > 180
            hit = of[np.concatenate([path[1:][jump], path[beyond]])]
            found[np.flatnonzero(chosen)[hit]] = True
    for at in np.flatnonzero(found):
        found[at] = any(_moves(path, bool(areas[at])) for path in (_rings if areas[at] else _lines)(shapes[[at]])[0])
    return found


def cut_at_antimeridian(shape: BaseGeometry) -> BaseGeometry:
    """The same line or area in lon, lat within ±180, in parts that end and begin at ±180. Points are returned as is."""
    dimension = shapely.get_dimensions(shape)
    if dimension == 1:
        lines = [part for line in shapely.get_parts(shape) for part in _cut_line(shapely.get_coordinates(line))]
        return shapely.MultiLineString(lines) if len(lines) != 1 else lines[0]
    if dimension == 2:
        pieces = [piece for part in shapely.get_parts(shape) for piece in _cut_area(part)]
        return shapely.MultiPolygon(pieces) if len(pieces) != 1 else pieces[0]
    return shape


def _rings(shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int_]]:
    parts, of = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    return rings, of[part]


def _lines(shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int_]]:
    lines, of = shapely.get_parts(shapes, return_index=True)
    return lines, of


def _moves(path: BaseGeometry, closed: bool) -> bool:
    xy = shapely.get_coordinates(path)
    return bool((np.abs(xy[:, 0]) > 180).any()) or _laid_out(xy, closed) is not xy


def _laid_out(xy: NDArray[np.float64], closed: bool) -> NDArray[np.float64]:
    """The path without jumps: longitudes go on beyond 180°. Given back itself where there is nothing to lay out.

    An edge from -180 to 180 is ambiguous: it closes a box or a map of the world along its border (left alone), or
    it is a jump of no length in a path that was given a point on either side. A ring that has gone once round the
    Earth encloses a pole, and is led over it.
    """
    x, y = xy[:, 0], xy[:, 1]
    jump = np.abs(np.diff(x)) > 180
    if not jump.any():
        return xy
    turns = np.concatenate([[0.0], np.cumsum(np.where(jump, -np.round(np.diff(x) / 360), 0))])
    flat = np.column_stack([x + 360 * turns, y])
    ends = np.abs(np.abs(x) - 180) < _SAME
    along_edge = bool((ends[:-1] & ends[1:])[jump].all())
    if not closed:
        return xy if along_edge and np.ptp(flat[:, 0]) < _SAME else flat
    if along_edge and (turns[-1] != 0 or _area(flat) < _SAME):
        return xy
    if turns[-1] == 0:
        return flat
    pole = math.copysign(90.0, float(np.mean(y)))
    return np.vstack([flat, [flat[-1, 0], pole], [flat[0, 0], pole], flat[0]])


def _area(xy: NDArray[np.float64]) -> float:
    x, y = (xy - xy[0]).T
    return abs(float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))) / 2


def _cut_area(polygon: Any) -> list[Any]:
    shell = _laid_out(shapely.get_coordinates(polygon.exterior), closed=True)
    west, east = shell[:, 0].min(), shell[:, 0].max()
    holes = []
    for ring in polygon.interiors:
        hole = _laid_out(shapely.get_coordinates(ring), closed=True)
        hole[:, 0] += 360 * math.ceil((west - hole[:, 0].min()) / 360 - _SAME)
        holes.append(hole)
    area: BaseGeometry = shapely.Polygon(shell, holes)
    if not area.is_valid:  # to cut it, GEOS needs it valid
        area = shapely.make_valid(area, method="structure", keep_collapsed=False)
    pieces: list[Any] = []
    for band in range(math.floor((west + 180) / 360), math.floor((east + 180) / 360) + 1):
        piece = shapely.intersection(area, shapely.box(360 * band - 180, -90, 360 * band + 180, 90))
        pieces += [part for part in _moved(piece, -360 * band) if shapely.get_dimensions(part) == 2]
    if east - west >= 360 - _SAME:  # its ends meet, or overlap, on the far side
        pieces = list(shapely.get_parts(shapely.union_all(pieces)))
    return pieces


def _moved(shape: BaseGeometry, degrees: float) -> Iterator[BaseGeometry]:
    def move(xy: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([np.clip(xy[:, 0] + degrees, -180, 180), xy[:, 1]])

    yield from shapely.get_parts(shapely.transform(shape, move))


def _cut_line(xy: NDArray[np.float64]) -> list[Any]:
    path = _with_crossings(_laid_out(xy, closed=False))
    middle = (path[:-1, 0] + path[1:, 0]) / 2
    band = np.floor((middle + 180) / 360)
    on_edge = (path[:-1, 0] == path[1:, 0]) & ((path[1:, 0] + 180) % 360 == 0)
    sure = np.flatnonzero(~on_edge)
    for at in np.flatnonzero(on_edge):  # lies on either side; stay where the line comes from, or where it goes to
        before = sure[sure < at]
        band[at] = band[before[-1]] if len(before) else band[sure[0]] if len(sure) else 0
    parts = []
    starts = [0, *(np.flatnonzero(np.diff(band)) + 1)]
    for start, end in zip(starts, [*starts[1:], len(band)], strict=True):
        part = path[start : end + 1] - [360 * band[start], 0]
        parts.append(shapely.LineString(np.column_stack([np.clip(part[:, 0], -180, 180), part[:, 1]])))
    return parts


def _with_crossings(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """The path with a point at each odd multiple of 180° that lies strictly within an edge."""
    points = [tuple(path[0])]
    for (x0, y0), (x1, y1) in pairwise(path):
        if (x0, y0) == (x1, y1):  # what is left of a jump without length
            continue
        low, high = sorted((x0, x1))
        first = 360 * math.floor((low + 180) / 360) + 180
        inside = [b for b in range(first, math.ceil(high), 360) if low < b < high]
        points += [(b, y0 + (y1 - y0) * (b - x0) / (x1 - x0)) for b in (inside if x0 < x1 else inside[::-1])]
        points.append((x1, y1))
    return np.array(points)
