"""The basemap's geometry: levels of detail for just the zooms and areas that a story's views use.

The first level is the world. The second one may go on beyond its own area with the world's geometry, and both then share
the paths of what lies outside. A finer level ends at the edges of its area, which lie outside its `Level.box`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import shapely
from shapely.geometry.base import BaseGeometry

from storymap.basemapfile import Basemap
from storymap.basemapspec import LevelSpec, Pick
from storymap.basesheet import EMPTY, Sheet, cut, graft, make_sheet, polar_coast, polar_fill, quarters, split
from storymap.drawing import Box, Level, LevelPart, PathData
from storymap.generalise import clip, project, shared_borders, simplify
from storymap.mercator import WORLD, world
from storymap.pathdata import encode_geometry, unit_for
from storymap.reuse import Reuse

__all__ = ["compile_levels", "view_area"]

EXPLORE_ZOOM = 1.0
"""Zooms that a reader who explores goes away from a view."""
MARGIN = 0.5
"""Share of a view's width and height that is kept around it for a reader who explores."""
MOST_MARGIN = 1.2
"""World units (1.7 degrees of longitude) that this margin has at most."""
BEYOND_MARGIN = 5.0
"""World units around the views that a level has of its own when the world goes on around it."""
EDGE_PIXELS = 4.0
"""Strokes along cut edges lie at least this far outside a level's box."""
WITHIN_AIR = 0.25
"""World units (25 km at 45 degrees) around countries within which their border rivers count as inside."""
LEAST_LAKE = 6.0
"""Square pixels; a lake's outline alone fills less."""
LEAST_LINE = 12.0
"""Pixels; shorter pieces are what a cut at a winding border leaves."""
EDGE = 1e-6
MINOR_WEIGHT = 0.6
POLAR_COARSER = 2.5
"""Zooms by which land round the pole, which Mercator blows up, is drawn with less detail."""

Role = Literal["land", "regions", "coast", "borders", "lakes", "rivers", "railways"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a level before it is encoded. Pieces with the same key are one path."""

    role: Role
    key: str
    geometry: BaseGeometry
    detail: float
    weight: float = 1.0
    from_zoom: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """One level before it is encoded."""

    spec: LevelSpec
    below: float
    """`LevelSpec.max_zoom` of the level before, 0 for the first."""
    box: Box | None
    pieces: tuple[Piece, ...]


def compile_levels(
    basemap: Basemap, boxes: Sequence[tuple[Box, float]], hidden: Sequence[Collection[str]] = (),
    reuse: Reuse | None = None,
) -> tuple[dict[str, PathData], tuple[Level, ...]]:  # fmt: skip
    """Paths and levels, from coarse to fine, for ``boxes``: (what a viewport shows in world units, its zoom).

    ``hidden``: for each box the roles of parts that its view leaves out. A level has a part when a view within one zoom
    of the level shows it. ``reuse``: what was made for earlier views.
    """
    made = Reuse() if reuse is None else reuse
    areas = tuple(view_area(boxes, spec) for spec in basemap.spec.levels[1:])
    plans = made.part(("plans", areas), (basemap,), lambda: tuple(_plans(basemap, areas, made)))
    zooms = [zoom for _, zoom in boxes]
    shown = list(zip(zooms, hidden or [()] * len(zooms), strict=True))
    paths: dict[str, PathData] = {}
    levels: list[Level] = []
    for plan in plans:
        parts: list[tuple[LevelPart, float]] = []
        for piece in plan.pieces:
            key = f"base-{piece.key}"
            if not _shows(plan, piece.role, shown):
                continue
            if key not in paths:
                path = made.part(("base path", piece.detail), (piece.geometry,), partial(_path, piece))
                if path is None:
                    continue
                paths[key] = path
            parts.append((LevelPart(piece.role, key, piece.weight), piece.from_zoom))
        # Parts that come in later make a further level of the same paths.
        steps = {start for _, start in parts if 0 < start < plan.spec.max_zoom}
        levels += (
            Level(top, plan.box, tuple(part for part, start in parts if start < top))
            for top in (*sorted(steps), plan.spec.max_zoom)
        )
    # The same object as before, where these levels name the same paths.
    return paths, made.part(("level list", areas, tuple(levels)), (basemap,), lambda: tuple(levels))


def _path(piece: Piece) -> PathData | None:
    return encode_geometry(piece.geometry, unit=unit_for(piece.detail))


def _shows(plan: Plan, role: Role, shown: Iterable[tuple[float, Collection[str]]]) -> bool:
    if role in ("land", "coast"):
        return True
    low, high = plan.below - EXPLORE_ZOOM, plan.spec.max_zoom + EXPLORE_ZOOM
    return any(low < zoom <= high and role not in hidden for zoom, hidden in shown)


def view_area(boxes: Iterable[tuple[Box, float]], level: LevelSpec) -> Box | None:
    """What a level has to hold: the views from `LevelSpec.wanted_from` on, as far as its files go. None: no view.

    A level that goes on beyond its files takes the part of each view that they cover; another one can only serve views
    that lie wholly inside them, and holds a margin around those.
    """
    cover = _cover(level)
    wanted: list[Box] = []
    for box, zoom in boxes:
        shift = -WORLD * math.floor(box[0] / WORLD) if box[0] >= WORLD else 0.0
        here = (box[0] + shift, box[1], box[2] + shift, box[3])
        if zoom < level.wanted_from or not (level.beyond or _overlap(here, cover) == here):
            continue
        most = BEYOND_MARGIN if level.beyond else MOST_MARGIN
        here = _grown(here, *(min(most, MARGIN * (here[i + 2] - here[i])) for i in (0, 1)))
        part = _overlap(here, cover)
        if part[0] < part[2] and part[1] < part[3]:
            wanted.append(part)
    if not wanted:
        return None
    x0, y0, x1, y1 = zip(*wanted, strict=True)
    return (min(x0), min(y0), max(x1), max(y1))


def _overlap(box: Box, other: Box) -> Box:
    return (max(box[0], other[0]), max(box[1], other[1]), min(box[2], other[2]), min(box[3], other[3]))


def _grown(box: Box, across: float, down: float) -> Box:
    return (box[0] - across, box[1] - down, box[2] + across, box[3] + down)


def _cover(level: LevelSpec) -> Box:
    west, south, east, north = level.covers or (-180, -85, 180, 85)
    return (*world(west, north), *world(east, south))


def _plans(basemap: Basemap, areas: Sequence[Box | None], reuse: Reuse) -> Iterator[Plan]:
    first, *rest = basemap.spec.levels
    inner = areas[0] if rest and rest[0].beyond else None
    near, far, polar = split(_sheet(basemap, first, reuse), inner)
    around = _around(far, polar, inner, first.detail)
    yield Plan(first, 0.0, None, _pieces(basemap, first, near, None, around))
    below = first.max_zoom
    for spec, area in zip(rest, areas, strict=True):
        if area is not None:
            sheet = _sheet(basemap, spec, reuse)
            if spec.beyond:
                whole = graft(sheet, near, area, _cover(spec))
                yield Plan(spec, below, None, _pieces(basemap, spec, whole, None, around))
            else:
                inset = -EDGE_PIXELS / 2**below
                yield Plan(spec, below, _grown(area, inset, inset), _pieces(basemap, spec, cut(sheet, area), area, ()))
        below = spec.max_zoom


def _around(far: Sheet, polar: BaseGeometry, inner: Box | None, detail: float) -> tuple[Piece, ...]:
    pieces = [
        Piece("land", "polar-land", polar_fill(polar), detail - POLAR_COARSER),
        Piece("coast", "polar-coast", polar_coast(polar), detail - POLAR_COARSER),
    ]
    for side, sheet in quarters(far, inner):
        pieces.append(Piece("land", f"{side}-land", sheet.land, detail))
        pieces.append(Piece("borders", f"{side}-borders", sheet.borders, detail))
        pieces.append(Piece("coast", f"{side}-land", sheet.land, detail))
    return tuple(pieces)


def _sheet(basemap: Basemap, level: LevelSpec, reuse: Reuse) -> Sheet:
    def make() -> Sheet:
        countries = [(str(f.properties["id"]), f.geometry) for f in basemap.files[level.countries]]
        return make_sheet(countries, basemap.spec.borders.join, level.detail)

    return reuse.part(("sheet", level.id), (basemap,), make)


def _pieces(
    basemap: Basemap, level: LevelSpec, sheet: Sheet, area: Box | None, around: tuple[Piece, ...]
) -> tuple[Piece, ...]:
    """All parts of a level in drawing order; ``around`` are those of the world outside it."""
    land = f"{level.id}-land"
    own = (
        Piece("land", land, sheet.land, level.detail),
        *_lines(basemap, level, "rivers", sheet, area),
        *_lakes(basemap, level, sheet, area),
        *_regions(basemap, level, area),
        Piece("borders", f"{level.id}-borders", sheet.borders, level.detail),
        Piece("coast", land, sheet.land, level.detail),
        *_lines(basemap, level, "railways", sheet, area),
    )
    order = ("land", "rivers", "lakes", "regions", "borders", "coast", "railways")
    return tuple(sorted((*around, *own), key=lambda piece: order.index(piece.role)))


def _lines(
    basemap: Basemap, level: LevelSpec, role: Literal["rivers", "railways"], sheet: Sheet, area: Box | None
) -> Iterator[Piece]:
    pick: Pick | None = getattr(level, role)
    if pick is None:
        return
    file = getattr(basemap.spec, role)
    mask = _mask(sheet, pick, WITHIN_AIR if role == "rivers" else 0.0)
    ranks = (("", -1, file.major_rank, 1.0), ("-minor", file.major_rank, pick.max_rank, MINOR_WEIGHT))
    for name, above, last, weight in ranks:
        features = basemap.files[file.file]
        chosen = [f.geometry for f in features if above < f.properties["rank"] <= min(last, pick.max_rank)]
        lines = _merged(shapely.union_all(project(chosen)))
        if mask is not None:
            inside = shapely.get_parts(_merged(shapely.intersection(lines, mask)))
            stub = (shapely.length(inside) * 2**level.max_zoom < LEAST_LINE) & shapely.intersects(
                inside, shapely.buffer(shapely.boundary(mask), EDGE)
            )
            lines = shapely.MultiLineString(list(inside[~stub]))
        detail = min(level.detail, file.detail)
        slim = _clipped(simplify([lines], zoom=detail), area)
        yield Piece(role, f"{level.id}-{role}{name}", slim, detail, weight, pick.from_zoom)


def _mask(sheet: Sheet, pick: Pick, air: float) -> BaseGeometry | None:
    if not pick.within:
        return None
    return shapely.buffer(shapely.union_all([sheet.countries[name] for name in pick.within]), air)


def _merged(lines: BaseGeometry) -> BaseGeometry:
    return shapely.line_merge(shapely.MultiLineString([p for p in shapely.get_parts(lines) if p.length > 0]))


def _lakes(basemap: Basemap, level: LevelSpec, sheet: Sheet, area: Box | None) -> Iterator[Piece]:
    pick, lakes = level.lakes, basemap.spec.lakes
    if pick is None:
        return
    chosen = [
        feature.geometry
        for feature in basemap.files[lakes.file]
        if feature.properties["period"] == lakes.period and feature.properties["rank"] <= pick.max_rank
    ]
    mask = _mask(sheet, pick, 0.0)
    shores = [lake for lake in project(chosen) if mask is None or shapely.intersects(lake, mask)]
    seen = [lake for lake in shores if shapely.area(lake) * 4**level.detail >= LEAST_LAKE]
    slim = simplify(seen, zoom=level.detail, coverage=False)
    inside = [lake for lake in (slim if area is None else clip(slim, area)) if lake is not None]
    yield Piece("lakes", f"{level.id}-lakes", shapely.union_all(inside), level.detail, from_zoom=pick.from_zoom)


def _regions(basemap: Basemap, level: LevelSpec, area: Box | None) -> Iterator[Piece]:
    if level.regions is None:
        return
    spec = basemap.spec.regions
    detail = min(level.detail, spec.detail)
    slim = simplify(project([f.geometry for f in basemap.files[spec.file]]), zoom=detail, coverage=True)
    lines = _clipped([shared_borders(slim)[0]], area)
    yield Piece("regions", f"{level.id}-regions", lines, detail, from_zoom=level.regions.from_zoom)


def _clipped(geometries: Iterable[BaseGeometry], area: Box | None) -> BaseGeometry:
    (geometry,) = geometries if area is None else clip(geometries, area)
    return geometry if geometry is not None else EMPTY
