"""Geometry as SVG path data: whole numbers, relative steps, the same string for stills (`<use>`) and for `Path2D`.

One path is quantised to one grid (`unit`, a power of two, so that the products stay exact in the 32-bit floats of a
canvas), so two paths with the same unit and aligned origins meet in exactly the same points.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from storymap.drawing import PathData

__all__ = ["decode", "encode", "encode_geometry", "unit_for"]

Points = NDArray[np.float64]
Grid = NDArray[np.int64]

_WORD = re.compile(r"[Mlz]|-?\d+")


def unit_for(zoom: float) -> float:
    """Grid step in world units for geometry seen up to ``zoom``: a power of two between 1/4 and 1/2 pixel."""
    return 2.0 ** -math.ceil(zoom + 1)


def encode(
    parts: Sequence[Points], *, closed: bool, unit: float, origin: tuple[float, float] | None = None
) -> PathData | None:
    """Lines or rings as one path.

    ``parts``: arrays (n, 2) of x, y in world units; rings may repeat their first point or not. ``unit``: grid step in
    world units, a power of two. ``origin``: world x, y of the path's zero, moved to the grid; by default the least
    corner. Every point moves by at most ``unit / 2`` along each axis. Points that add nothing (repeated, or between
    their neighbours) are dropped, as are lines of no length and rings of no area; None when nothing is left.
    Raises `ValueError` when ``unit`` is no power of two or a coordinate is not finite.
    """
    if unit <= 0 or math.frexp(unit)[0] != 0.5:
        raise ValueError(f"unit must be a power of two, not {unit}")
    grids = [_snap(part, unit) for part in parts if len(part)]
    kept = [line for grid in grids if len(line := _ring(grid) if closed else _line(grid)) > 1]
    if not kept:
        return None
    every = np.concatenate(kept)
    low, high = every.min(axis=0), every.max(axis=0)
    zero = low if origin is None else _snap(np.array([origin], dtype=np.float64), unit)[0]
    return PathData(
        d="".join(_subpath(line - zero, closed) for line in kept),
        origin=(float(zero[0] * unit), float(zero[1] * unit)),
        unit=unit,
        box=(float(low[0] * unit), float(low[1] * unit), float(high[0] * unit), float(high[1] * unit)),
    )


def encode_geometry(
    geometry: BaseGeometry, *, unit: float, origin: tuple[float, float] | None = None
) -> PathData | None:
    """`encode` for a shapely geometry in world units: polygons become rings, lines stay open, points are left out.

    Outer rings and holes run opposite ways, so both SVG fill rules give the same picture. A geometry that holds
    polygons and lines gives the polygons only.
    """
    leaves = shapely.get_parts(shapely.get_parts(geometry))
    kinds = shapely.get_type_id(leaves)
    areas = leaves[kinds == shapely.GeometryType.POLYGON]
    if len(areas):
        rings = shapely.get_rings(shapely.orient_polygons(areas))
        return encode([shapely.get_coordinates(ring) for ring in rings], closed=True, unit=unit, origin=origin)
    lines = leaves[(kinds == shapely.GeometryType.LINESTRING) | (kinds == shapely.GeometryType.LINEARRING)]
    return encode([shapely.get_coordinates(line) for line in lines], closed=False, unit=unit, origin=origin)


def decode(path: PathData) -> list[Points]:
    """The parts of a path, arrays (n, 2) in world units; a closed part repeats its first point at its end.

    Raises `ValueError` when ``path.d`` is not of the form that `encode` writes.
    """
    if re.sub(r"[Mlz\d\s-]", "", path.d):
        raise ValueError("path data holds something other than M, l, z and whole numbers")
    zero = np.array(path.origin)
    return [np.array(points, dtype=np.float64) * path.unit + zero for points in _subpaths(_WORD.findall(path.d))]


def _subpaths(words: Iterable[str]) -> Iterator[list[tuple[int, int]]]:
    points: list[tuple[int, int]] = []
    numbers: list[int] = []
    for word in words:
        if word == "M":
            if points:
                yield points
            points, numbers = [], []
        elif word == "z":
            points.append(points[0])
        elif word != "l":
            numbers.append(int(word))
            if len(numbers) == 2:
                x, y = points[-1] if points else (0, 0)
                points.append((x + numbers[0], y + numbers[1]))
                numbers = []
    if numbers:
        raise ValueError("path data ends in half a point")
    if points:
        yield points


def _snap(part: Points, unit: float) -> Grid:
    if not np.isfinite(part).all():
        raise ValueError("a coordinate is not a finite number")
    return np.rint(np.asarray(part, dtype=np.float64)[:, :2] / unit).astype(np.int64)


def _line(grid: Grid) -> Grid:
    """Without repeated points and points on the straight way between their neighbours; turning back is kept."""
    grid = grid[np.r_[True, (np.diff(grid, axis=0) != 0).any(axis=1)]]
    if len(grid) < 3:
        return grid
    before, after = grid[1:-1] - grid[:-2], grid[2:] - grid[1:-1]
    onward = (_cross(before, after) == 0) & ((before * after).sum(axis=1) > 0)
    return grid[np.r_[True, ~onward, True]]


def _ring(grid: Grid) -> Grid:
    """Corners of a ring, the first one not repeated: spikes, which have no area, go too; empty if nothing is left."""
    corners: list[tuple[int, int]] = []
    for x, y in grid.tolist():
        while len(corners) > 1 and _straight(corners[-2], corners[-1], (x, y)):
            corners.pop()
        if not corners or corners[-1] != (x, y):
            corners.append((x, y))
    start = 0
    while len(corners) - start > 2:
        if _straight(corners[-2], corners[-1], corners[start]):
            corners.pop()
        elif _straight(corners[-1], corners[start], corners[start + 1]):
            start += 1
        else:
            return np.array(corners[start:], dtype=np.int64)
    return grid[:0]


def _straight(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> bool:
    return (b[0] - a[0]) * (c[1] - b[1]) == (b[1] - a[1]) * (c[0] - b[0])


def _cross(a: Grid, b: Grid) -> Grid:
    out: Grid = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return out


def _subpath(grid: Grid, closed: bool) -> str:
    steps = np.diff(grid, axis=0)
    return f"M{_numbers(grid[:1])}l{_numbers(steps)}{'z' if closed else ''}"


def _numbers(grid: Grid) -> str:
    return " ".join(map(str, grid.ravel().tolist())).replace(" -", "-")
