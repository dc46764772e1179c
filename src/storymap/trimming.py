"""A scene with no more geometry than one picture of it shows: cut to the frame, no finer than its pixels.

For the first picture of a document, which stands before all else: what it leaves out is neither sent, read nor drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import shapely
from shapely.geometry.base import BaseGeometry

from storymap.drawing import PathData, Scene
from storymap.generalise import clip
from storymap.pathdata import Points, decode, encode, unit_for
from storymap.svgsheet import Sheet

__all__ = ["trimmed"]

MARGIN = 16.0
"""Pixels around the frame that stay: the cut itself is a line, which must not be seen."""
TOLERANCE = 0.35
"""Pixels by which a line may leave its place (Douglas & Peucker 1973)."""


def trimmed(sheet: Sheet, keys: Iterable[str]) -> Scene:
    """The sheet's scene with the paths ``keys`` only as far, and as fine, as the sheet shows them.

    A path that shows in two copies of the world, which no single cut serves, is only made coarser. A path of which
    nothing is left stays as it is.
    """
    scene = sheet.scene
    return replace(scene, paths=scene.paths | {key: _trimmed(scene.paths[key], sheet) for key in keys})


def _trimmed(path: PathData, sheet: Sheet) -> PathData:
    pixel = 1 / sheet.scale
    geometries = _geometries(path)
    seen = [shift for shift in sheet.shifts() if sheet.sees(path.box, shift)]
    if len(seen) == 1:
        x0, y0, x1, y1 = sheet.view
        edge, shift = MARGIN * pixel, seen[0]
        frame = (x0 - shift - edge, y0 - edge, x1 - shift + edge, y1 + edge)
        geometries = [geometry for geometry in clip(geometries, frame) if geometry is not None]
    parts = [part for geometry in geometries for part in _parts(shapely.simplify(geometry, TOLERANCE * pixel))]
    slim = encode(parts, closed=_closed(path), unit=max(path.unit, unit_for(sheet.camera.zoom)))
    return path if slim is None or len(slim.d) > len(path.d) else slim


def _closed(path: PathData) -> bool:
    return path.d.endswith("z")


def _geometries(path: PathData) -> list[BaseGeometry]:
    """Each part by itself. Rings stay apart, holes too: drawn by the even-odd rule, they give the same picture."""
    if not _closed(path):
        return [shapely.LineString(part) for part in decode(path)]
    # Where a ring on the grid touches itself, its "linework" has the same inside as the even-odd rule.
    return [shapely.make_valid(shapely.Polygon(part)) for part in decode(path)]


def _parts(geometry: BaseGeometry) -> list[Points]:
    leaves = shapely.get_parts(shapely.get_parts(geometry))
    rings = shapely.get_rings(leaves[shapely.get_dimensions(leaves) == 2])
    return [shapely.get_coordinates(line) for line in (*rings, *leaves[shapely.get_dimensions(leaves) == 1])]
