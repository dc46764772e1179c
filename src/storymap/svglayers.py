"""The layers of a still: areas, lines and points of a drawable as SVG, drawn as the page's canvas draws them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from storymap import marks
from storymap.drawing import Box, Drawable, Paint, Shape
from storymap.marks import number, outline, stroke
from storymap.palette import resolve
from storymap.pathdata import decode
from storymap.svgsheet import Sheet

__all__ = ["draw", "stroke_points", "symbol_boxes"]

STROKE_STEP = 10.0
"""Pixels between two points of `stroke_points`."""
_SOFT_CORE = 0.6
"""Share of a soft disc that lettering keeps off: the faint rim may lie under another label, the core may not."""


def draw(sheet: Sheet, drawable: Drawable) -> Iterator[str]:
    """All shapes that the sheet sees, in every copy of the world that it touches."""
    for shift in sheet.shifts():
        for shape in drawable.shapes:
            paint = drawable.paints[shape.paint]
            if shape.kind == "point":
                yield _point(sheet, shape, paint, shift)
            elif shape.path is not None and sheet.sees(sheet.scene.paths[shape.path].box, shift):
                yield from (_area if shape.kind == "area" else _line)(sheet, shape.path, paint, shift)


def symbol_boxes(sheet: Sheet, drawable: Drawable) -> Iterator[Box]:
    """Boxes in pixels that labels keep off: the symbols of points."""
    for shape in drawable.shapes:
        if shape.kind == "point":
            paint = drawable.paints[shape.paint]
            x, y = sheet.nearest(shape.x, shape.y)
            r = _radii(sheet, shape, paint)[0] * (_SOFT_CORE if paint.soft else 1.0)
            yield (x - r, y - r, x + r, y + r)


def stroke_points(sheet: Sheet, drawable: Drawable) -> Iterator[tuple[float, float]]:
    """Points every few pixels along the lines that a drawable shows, where they are in view: labels keep off them."""
    for shape in drawable.shapes:
        if shape.kind != "line" or shape.path is None or drawable.paints[shape.paint].weight <= 0:
            continue
        path = sheet.scene.paths[shape.path]
        for shift in sheet.shifts():
            if not sheet.sees(path.box, shift):
                continue
            for part in decode(path):
                x, y = sheet.screen(part[:, 0], part[:, 1], shift)  # type: ignore[arg-type]
                way = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
                at = np.arange(0.0, way[-1], STROKE_STEP)
                for px, py in zip(np.interp(at, way, x), np.interp(at, way, y), strict=True):
                    if 0 <= px <= sheet.width and 0 <= py <= sheet.height:
                        yield float(px), float(py)


def _area(sheet: Sheet, key: str, paint: Paint, shift: float) -> Iterator[str]:
    color = paint.fill or paint.stroke or "no-data"
    filled = paint.fill is not None and paint.fill_opacity > 0
    fill = ' fill="none"'
    if filled:
        opacity = f' fill-opacity="{number(paint.fill_opacity)}"' if paint.fill_opacity < 1 else ""
        fill = f' fill="{resolve(color, sheet.colors)}"{opacity}'
    edge = outline(paint, sheet.colors)
    if paint.pattern == "none":
        if filled or edge:
            yield sheet.use(key, shift, fill + edge)
        return
    if filled:
        yield sheet.use(key, shift, fill)
    ink, undo, tile = paint.stroke or color, f"{1 / sheet.path_scale(key):.6g}", number(marks.TILE)
    # The pattern's own transform undoes that of the path, so its lines keep their width.
    pattern = (
        f'<pattern id="{{id}}" width="{tile}" height="{tile}" patternUnits="userSpaceOnUse"'
        f' patternTransform="scale({undo})">{marks.pattern_tile(paint.pattern, ink, sheet.colors)}</pattern>'
    )
    url = sheet.ink(f"{paint.pattern} {ink} {undo}", pattern)
    yield sheet.use(key, shift, f' fill="{url}" fill-opacity="{number(marks.PATTERN_OPACITY)}"{edge}')


def _line(sheet: Sheet, key: str, paint: Paint, shift: float) -> Iterator[str]:
    if paint.stroke is None or paint.weight <= 0:
        return
    casing = stroke("halo", paint.weight + 2.4, sheet.colors, opacity=0.7)
    yield sheet.use(key, shift, f' fill="none"{casing}')
    yield sheet.use(key, shift, f' fill="none"{outline(paint, sheet.colors)}')
    if not paint.arrow:
        return
    size = marks.arrow_size(paint.weight)
    opacity = f' fill-opacity="{number(paint.opacity)}"' if paint.opacity < 1 else ""
    for part in decode(sheet.scene.paths[key]):
        points = [sheet.screen(float(x), float(y), shift) for x, y in part]
        x, y = points[-1]
        if len(points) > 1 and -size <= x <= sheet.width + size and -size <= y <= sheet.height + size:
            head = marks.arrow_head(points, size)
            yield f'<polygon points="{head}" fill="{resolve(paint.stroke, sheet.colors)}"{opacity}/>'


def _radii(sheet: Sheet, shape: Shape, paint: Paint) -> tuple[float, float]:
    """(radius drawn, radius of what is not known) in pixels. Soft points are as large as what is not known."""
    own = paint.radius if shape.radius is None else shape.radius
    unknown = shape.blur * sheet.scale if paint.soft and shape.blur else 0.0
    return max(own, unknown), unknown


def _point(sheet: Sheet, shape: Shape, paint: Paint, shift: float) -> str:
    x, y = sheet.screen(shape.x, shape.y, shift)
    r, unknown = _radii(sheet, shape, paint)
    if r <= 0 or not (-r <= x <= sheet.width + r and -r <= y <= sheet.height + r):
        return ""
    if not paint.soft:
        return marks.symbol(paint, x, y, r, sheet.colors)
    color = paint.fill or paint.stroke or "no-data"
    shaped = unknown <= marks.RING_FROM and paint.symbol not in {"circle", "ring"}
    fill = sheet.ink(f"soft {color} {shaped}", _gradient(color, sheet.colors, shaped=shaped))
    opacity = f' fill-opacity="{number(paint.fill_opacity)}"' if paint.fill_opacity < 1 else ""
    disc = f'{marks.symbol_shape(paint.symbol if shaped else "circle", x, y, r)} fill="{fill}"{opacity}/>'
    if unknown <= marks.RING_FROM:
        return disc
    ring = stroke(paint.stroke or color, 1, sheet.colors, opacity=0.65, dash=paint.dash or (2, 3))
    return f'{disc}<circle cx="{number(x)}" cy="{number(y)}" r="{number(unknown - 0.5)}" fill="none"{ring}/>'


def _gradient(color: str, colors: Mapping[str, str] | None, *, shaped: bool) -> str:
    ink = resolve(color, colors)
    stops = "".join(
        f'<stop offset="{number(at)}" stop-color="{ink}" stop-opacity="{number(opacity)}"/>'
        for at, opacity in (marks.SHAPED_STOPS if shaped else marks.SOFT_STOPS)
    )
    return f'<radialGradient id="{{id}}">{stops}</radialGradient>'
