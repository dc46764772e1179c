"""The basemap of a still: which level of detail, its parts in order, and the grid of meridians and parallels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from storymap.camera import viewport_box
from storymap.drawing import Camera, Level, LevelPart, StepScene
from storymap.marks import number
from storymap.mercator import WORLD, lonlat, world
from storymap.svgsheet import Sheet

__all__ = ["base_css", "basemap", "ground", "level_for"]

_WIDTHS = {"coast": 0.9, "borders": 0.9, "regions": 0.7, "rivers": 0.8, "lakes": 0.7}
_FILLED = ("sea", "land", "lakes")
_STROKED = {
    "coast": "coast", "borders": "borders", "regions": "regions", "rivers": "rivers", "lakes": "coast",
    "railways": "railways", "graticule": "coast",
}  # fmt: skip
_GRATICULE = (30.0, 10.0, 5.0, 1.0, 0.5)
_ROLES = ("sea", "land", "lakes", "coast", "borders", "regions", "rivers", "railways", "graticule")


def base_css() -> str:
    """Style sheet of the basemap's roles, colours from the tokens."""
    rules = []
    for role in _ROLES:
        fill = f"var(--c-{role})" if role in _FILLED else "none"
        edge = f";stroke:var(--c-{_STROKED[role]})" if role in _STROKED else ""
        rules.append(f".b-{role}{{fill:{fill}{edge}}}")
    return "\n".join(rules) + "\n"


def level_for(levels: Sequence[Level], camera: Camera, width: float, height: float) -> Level | None:
    """The basemap's level for a camera: the first that is fine enough of those that hold the whole viewport.

    ``levels`` rise in detail. When none is fine enough, the finest that holds the viewport.
    """
    x0, y0, x1, y1 = viewport_box(camera, width, height)
    best = None
    for level in levels:
        box = level.box
        if box is not None:
            across = any(x0 + n >= box[0] and x1 + n <= box[2] for n in (0.0, WORLD, -WORLD))
            if not across or y0 < box[1] or y1 > box[3]:
                continue
        best = level
        if camera.zoom <= level.max_zoom:
            break
    return best


def ground(sheet: Sheet) -> str:
    """The sea, all over the sheet."""
    return f'<rect{_look("sea", sheet.colors)} width="{number(sheet.width)}" height="{number(sheet.height)}"/>'


def basemap(sheet: Sheet, step: StepScene) -> Iterator[str]:
    """The parts of the level that fits, without those that the step leaves out; the grid lies on the land."""
    level = level_for(sheet.scene.levels, sheet.camera, sheet.width, sheet.height)
    gridded = "graticule" in step.without
    for part in level.parts if level else ():
        if part.role != "land" and not gridded:
            yield from _graticule(sheet)
            gridded = True
        if part.role not in step.without:
            for shift in sheet.shifts():
                if sheet.sees(sheet.scene.paths[part.path].box, shift):
                    yield _part(sheet, part, shift)


def _part(sheet: Sheet, part: LevelPart, shift: float) -> str:
    look = _look(part.role, sheet.colors)
    zoomed = min(1.7, max(0.7, 0.75 + (sheet.camera.zoom - 3) * 0.12))
    if part.role == "land":
        return sheet.use(part.path, shift, look)
    if part.role == "railways":
        # A line with short cross ticks reads as a railway without its colour.
        line = sheet.use(part.path, shift, f'{look} stroke-width="{number(0.9 * zoomed)}"')
        ticks = f'{look} stroke-width="{number(3.6 * zoomed)}" stroke-dasharray="1.1 6.5" stroke-linecap="butt"'
        return line + sheet.use(part.path, shift, ticks)
    dash = ' stroke-dasharray="2.5 3"' if part.role == "regions" else ""
    width = number(_WIDTHS[part.role] * part.weight * zoomed)
    return sheet.use(part.path, shift, f'{look} stroke-width="{width}"{dash}')


def _look(role: str, colors: Mapping[str, str] | None) -> str:
    """Class of a role, or its colours as attributes when there is no style sheet."""
    if colors is None:
        return f' class="b-{role}"'
    fill = colors[role] if role in _FILLED else "none"
    return f' fill="{fill}"' + (f' stroke="{colors[_STROKED[role]]}"' if role in _STROKED else "")


def _graticule(sheet: Sheet) -> Iterator[str]:
    """Meridians and parallels, which give an empty steppe a scale; those of finer steps come in as they spread."""
    x0, y0, x1, y1 = sheet.view
    (west, north), (east, south) = lonlat(x0, y0), lonlat(x1, y1)
    for degrees in _GRATICULE:
        apart = degrees / 360 * WORLD * sheet.scale
        opacity = min(1.0, max(0.0, (apart - 70) / 90)) * 0.5
        if opacity <= 0:
            return
        lines = [
            f"M{number(sheet.screen(*world(lon, 0))[0], 1)} 0v{number(sheet.height)}"
            for lon in _steps(west, east, degrees)
        ]
        lines += [
            f"M0 {number(sheet.screen(*world(0, lat))[1], 1)}h{number(sheet.width)}"
            for lat in _steps(max(south, -80.0), min(north, 84.0), degrees)
        ]
        look = f'{_look("graticule", sheet.colors)} stroke-width=".6" stroke-opacity="{number(opacity)}"'
        yield f'<path{look} d="{"".join(lines)}"/>'


def _steps(low: float, high: float, by: float) -> list[float]:
    return [n * by for n in range(math.ceil(low / by), math.floor(high / by) + 1)]
