"""Countries of one level of the basemap as land and borders, and how two levels are put together.

Everything is in world units. Where a finer sheet ends, a coarser one goes on: `graft` makes the land of both one closed
outline, so that no edge of a file ever shows as a coast.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from storymap.drawing import Box
from storymap.generalise import Geometries, clip, project, shared_borders, simplify
from storymap.mercator import WORLD

__all__ = ["EMPTY", "Sheet", "cut", "graft", "make_sheet", "polar_coast", "polar_fill", "quarters", "split"]

POLAR_OVERLAP = 0.5
"""World units by which polar land runs into the next copy of the world, so that no gap shows between them."""
EDGE = 1e-6
EMPTY: BaseGeometry = shapely.GeometryCollection()


@dataclass(frozen=True, slots=True)
class Sheet:
    """Generalised countries."""

    land: BaseGeometry
    """All countries as one area."""
    borders: BaseGeometry
    """Lines between two countries, each once."""
    countries: Mapping[str, BaseGeometry]
    """Area of each country by id."""


def make_sheet(countries: Sequence[tuple[str, BaseGeometry]], join: Mapping[str, str], detail: float) -> Sheet:
    """From (id, area in lon, lat) that share borders; ``join`` names those drawn as part of another one."""
    members: dict[str, list[BaseGeometry]] = {}
    for name, area in countries:
        members.setdefault(join.get(name, name), []).append(area)
    whole = [areas[0] if len(areas) == 1 else shapely.union_all(areas) for areas in members.values()]
    slim = simplify(project(whole), zoom=detail, coverage=True)
    borders, _ = shared_borders(slim)
    return Sheet(shapely.coverage_union_all(slim), borders, dict(zip(members, slim, strict=True)))


def cut(sheet: Sheet, area: Box) -> Sheet:
    """What lies inside ``area``; the countries stay whole."""
    land, borders = clip([sheet.land, sheet.borders], area)
    return Sheet(land or EMPTY, borders or EMPTY, sheet.countries)


def split(globe: Sheet, area: Box | None) -> tuple[Sheet, Sheet, BaseGeometry]:
    """(near, far, polar): whole land masses that touch ``area`` and borders inside it; the rest; land round the pole.

    Near and far meet without a seam, as no land mass is cut.
    """
    parts = shapely.get_parts(globe.land)
    inner = EMPTY if area is None else shapely.box(*area)
    polar = _round_the_globe(parts)
    touched = shapely.intersects(parts, inner) & ~polar
    near = Sheet(_areas(parts[touched]), shapely.intersection(globe.borders, inner), globe.countries)
    far = Sheet(_areas(parts[~touched & ~polar]), shapely.difference(globe.borders, inner), globe.countries)
    return near, far, _areas(parts[polar])


def quarters(sheet: Sheet, area: Box | None) -> Iterator[tuple[str, Sheet]]:
    """(side, what lies on that side of ``area``), so that a view inside the area need not draw any of it.

    ``around``: land masses that reach round a corner.
    """
    if area is None:
        yield "around", sheet
        return
    x0, y0, x1, y1 = area
    far = 4 * WORLD
    sides = {
        "west": shapely.box(-far, -far, x0, far),
        "east": shapely.box(x1, -far, far, far),
        "north": shapely.box(x0, -far, x1, y0),
        "south": shapely.box(x0, y1, x1, far),
    }
    parts = shapely.get_parts(sheet.land)
    left = np.ones(len(parts), dtype=np.bool_)
    for side, zone in sides.items():
        mine = left & shapely.covered_by(parts, zone)
        left &= ~mine
        yield side, Sheet(_areas(parts[mine]), shapely.intersection(sheet.borders, zone), sheet.countries)
    yield "around", Sheet(_areas(parts[left]), EMPTY, sheet.countries)


def graft(fine: Sheet, coarse: Sheet, area: Box, cover: Box) -> Sheet:
    """``fine`` inside ``area``, the land of ``coarse`` around it, in closed outlines.

    ``fine`` is the whole sheet, as far as its file goes (``cover``). An island that the edge of ``area`` would cut is
    taken whole from it.
    """
    inner = shapely.box(*area)
    land, rest = shapely.get_parts(fine.land), shapely.get_parts(coarse.land)
    island, replaced = _within(land, cover), _within(rest, cover)
    for index in np.flatnonzero(replaced):
        replaced[index] = shapely.intersects(land[island], rest[index]).any()
    whole = island & shapely.intersects(land, _areas(rest[replaced]))
    around = shapely.difference(_areas(rest[~replaced]), inner)
    inside = clip(land[~whole], area)
    parts = [*land[whole], *(part for part in inside if part is not None), around]
    return Sheet(shapely.union_all(parts), cut(fine, area).borders, fine.countries)


def _within(parts: Geometries, box: Box) -> NDArray[np.bool_]:
    bounds = shapely.bounds(parts)
    inside = (bounds[:, :2] > np.array(box[:2])) & (bounds[:, 2:] < np.array(box[2:]))
    return np.asarray(inside.all(axis=1), dtype=np.bool_)


def polar_fill(polar: BaseGeometry) -> BaseGeometry:
    """Polar land, running over both edges of the map."""
    x0, y0, x1, y1 = shapely.bounds(polar)
    if np.isnan(x0):
        return EMPTY
    copies = [_moved(polar, by) for by in (-WORLD, 0.0, WORLD)]
    wide = shapely.box(x0 - POLAR_OVERLAP, y0, x1 + POLAR_OVERLAP, y1)
    return cast("BaseGeometry", shapely.intersection(shapely.union_all(copies), wide))


def polar_coast(polar: BaseGeometry) -> BaseGeometry:
    """The coast of polar land, without the edges of the map."""
    frame = shapely.buffer(shapely.boundary(shapely.box(0, -WORLD, WORLD, WORLD)), EDGE)
    return shapely.difference(shapely.boundary(polar), frame)


def _moved(geometry: BaseGeometry, by: float) -> BaseGeometry:
    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        moved: NDArray[np.float64] = points + np.array([by, 0.0])
        return moved

    return shapely.transform(geometry, move)


def _round_the_globe(parts: Geometries) -> NDArray[np.bool_]:
    bounds = shapely.bounds(parts)
    return np.asarray((bounds[:, 0] <= EDGE) & (np.abs(bounds[:, 2] - WORLD) <= EDGE), dtype=np.bool_)


def _areas(parts: Geometries) -> BaseGeometry:
    return shapely.MultiPolygon(list(parts))
