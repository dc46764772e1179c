"""The camera: from what must be seen to a centre and a zoom, and the way from one camera to the next.

All lengths are world units (`drawing`) or CSS pixels; a camera at zoom z shows ``2**z`` pixels a world unit. The page's
script computes the same numbers from the same formulas, so everything here is plain arithmetic on floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from storymap.drawing import Box, Camera, ViewBox
from storymap.mercator import WORLD, world

__all__ = ["RHO", "Flight", "Insets", "fit_box", "flight", "solve", "to_screen", "union_box", "viewport_box"]

RHO = 1.42
"""How much a flight zooms out to travel: the mean of the users of van Wijk & Nuij (2003)."""

_LEAST_FREE = 0.25
"""Share of the viewport that insets leave free, along each axis, whatever they ask for."""
_MOST_PAD = 0.25
"""Share of the free length that the pad on one side may take."""


class Insets(NamedTuple):
    """Pixels along each edge of the viewport that something covers."""

    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0


class Flight(NamedTuple):
    """A way between two cameras: ``at(t)`` for t in 0…1, and its length in the metric of van Wijk & Nuij."""

    at: Callable[[float], Camera]
    length: float


class _Span(NamedTuple):
    """Extent of one thing along one axis in world units, with the pixels kept free on either side."""

    low: float
    high: float
    pad: float


def fit_box(bounds: Sequence[float]) -> Box:
    """``(west, south, east, north)`` in degrees (EPSG:4326) → box in world units.

    west > east means that the bounds cross the antimeridian: then x1 lies beyond 256.
    """
    west, south, east, north = bounds
    x0, y1 = world(west, south)
    x1, y0 = world(east, north)
    return (x0, y0, x1 + WORLD if west > east else x1, y1)


def union_box(boxes: Iterable[Box]) -> Box:
    """Smallest box round all ``boxes`` on the round world: across the antimeridian where that is shorter.

    Raises `ValueError` when there is no box.
    """
    every = list(boxes)
    if not every:
        raise ValueError("no box to unite")
    top, bottom = min(box[1] for box in every), max(box[3] for box in every)
    spans = sorted((box[0] % WORLD, box[0] % WORLD + min(box[2] - box[0], WORLD)) for box in every)
    reach = max(end for _, end in spans)
    start, gap = spans[0][0], spans[0][0] + WORLD - reach
    end = max(spans[0][1], reach - WORLD)
    for x0, x1 in spans[1:]:
        if x0 - end > gap:
            start, gap = x0, x0 - end
        end = max(end, x1)
    return (start, top, start + WORLD - max(gap, 0.0), bottom)


def solve(
    view: ViewBox,
    width: float,
    height: float,
    free: Sequence[float] = Insets(),
    *,
    min_zoom: float | None = None,
) -> Camera:
    """The closest camera at which the view and all that must be seen lie in the free part of the viewport.

    ``width``, ``height``: viewport in pixels. ``free``: pixels (left, top, right, bottom) that are covered. The centre
    of the whole is put at the centre of the free part. The zoom never exceeds ``view.max_zoom``; ``min_zoom``, when
    given, wins over the fit. The viewport is moved to stay between the poles as far as everything still fits. The
    camera's x lies in 0…256. Pads give way before they fill a small viewport, and insets leave a quarter free.
    """
    if width <= 0 or height <= 0:
        raise ValueError(f"a viewport of {width} x {height} pixels shows nothing")
    left, right = _give_way(free[0], free[2], width)
    top, bottom = _give_way(free[1], free[3], height)
    free_width, free_height = width - left - right, height - top - bottom
    across, down = _spans(view, _MOST_PAD * min(free_width, free_height))
    scale = min(_fit_scale(across, free_width), _fit_scale(down, free_height), 2.0**view.max_zoom)
    zoom = math.log2(scale) if min_zoom is None else max(math.log2(scale), min_zoom)
    scale = 2.0**zoom
    x = _centre(across, scale, (left + width - right) / 2, width / 2)
    y = _centre(down, scale, (top + height - bottom) / 2, height / 2)
    return Camera(x % WORLD, _between_poles(y, down, scale, height, top, bottom), zoom)


def _give_way(first: float, second: float, length: float) -> tuple[float, float]:
    covered = first + second
    shrink = min(1.0, (1 - _LEAST_FREE) * length / covered) if covered > 0 else 1.0
    return first * shrink, second * shrink


def _spans(view: ViewBox, most_pad: float) -> tuple[list[_Span], list[_Span]]:
    """x and y spans of the view and of each must, every must in the copy of the world nearest to the view."""
    x0, y0, x1, y1 = view.box
    pad = min(view.pad, most_pad)
    across, down = [_Span(x0, x1, pad)], [_Span(y0, y1, pad)]
    for must in view.must:
        a, b, c, d = must.box
        pad = min(must.pad, most_pad)
        shift = WORLD * math.floor((x0 + x1 - a - c) / (2 * WORLD) + 0.5)
        across.append(_Span(a + shift, c + shift, pad))
        down.append(_Span(b, d, pad))
    return across, down


def _fit_scale(spans: Sequence[_Span], length: float) -> float:
    """Largest scale (pixels a world unit) at which all spans with their pads fit into ``length`` pixels.

    For any two spans the end of one may not be farther from the start of the other than the length leaves room for.
    """
    scale = math.inf
    for first in spans:
        for second in spans:
            reach = second.high - first.low
            if reach > 0:
                scale = min(scale, (length - first.pad - second.pad) / reach)
    return scale


def _centre(spans: Sequence[_Span], scale: float, free_centre: float, centre: float) -> float:
    """World coordinate of the viewport's centre that puts the middle of all padded spans at ``free_centre``."""
    low = min(span.low * scale - span.pad for span in spans)
    high = max(span.high * scale + span.pad for span in spans)
    return ((low + high) / 2 + centre - free_centre) / scale


def _between_poles(y: float, spans: Sequence[_Span], scale: float, height: float, top: float, bottom: float) -> float:
    """``y`` moved so that the viewport stays on the world, but no farther than everything stays in the free part."""
    half = height / 2 / scale
    inside = min(max(y, half), WORLD - half) if 2 * half <= WORLD else WORLD / 2
    high = min(span.low + (height / 2 - top - span.pad) / scale for span in spans)
    low = max(span.high - (height / 2 - bottom - span.pad) / scale for span in spans)
    return y if low > high else min(max(inside, low), high)


def to_screen(camera: Camera, width: float, height: float, x: float, y: float) -> tuple[float, float]:
    """World x, y → pixels from the viewport's top left corner, in the copy of the world that ``x`` names."""
    scale = 2.0**camera.zoom
    return (x - camera.x) * scale + width / 2, (y - camera.y) * scale + height / 2


def viewport_box(camera: Camera, width: float, height: float) -> Box:
    """What the viewport shows, world units. x may leave 0…256; y too, beyond the poles."""
    half_x, half_y = width / 2 / 2.0**camera.zoom, height / 2 / 2.0**camera.zoom
    return (camera.x - half_x, camera.y - half_y, camera.x + half_x, camera.y + half_y)


def flight(a: Camera, b: Camera, width: float) -> Flight:
    """The smooth way from ``a`` to ``b`` for a viewport ``width`` pixels wide, the short way round the world.

    J. J. van Wijk and W. A. A. Nuij, *Smooth and efficient zooming and panning*, IEEE InfoVis 2003, with rho = 1.42.
    ``at(0)`` is ``a`` and ``at(1)`` is ``b`` exactly (``b.x`` in the copy of the world nearest to ``a``); between them
    x is continuous and may leave 0…256. The paper's differences of hyperbolic functions are written as products here,
    which do not cancel when the distance is many widths.
    """
    end = Camera(b.x + WORLD * math.floor((a.x - b.x) / WORLD + 0.5), b.y, b.zoom)
    w0, w1 = width / 2.0**a.zoom, width / 2.0**b.zoom
    distance = math.hypot(end.x - a.x, end.y - a.y)
    if distance <= 1e-9 * min(w0, w1):
        length = abs(math.log(w1 / w0)) / RHO
        return Flight(_ends(a, end, lambda t: _mix(a, end, t, a.zoom + (end.zoom - a.zoom) * t)), length)
    r0 = _slope(w0, w1, distance, w0, 1)
    r1 = _slope(w0, w1, distance, w1, -1)
    length = (r1 - r0) / RHO

    def at(t: float) -> Camera:
        s = RHO * length * t
        way = w0 / (RHO * RHO) * math.sinh(s) / math.cosh(s + r0) / distance
        return _mix(a, end, way, a.zoom - math.log2(math.cosh(r0) / math.cosh(s + r0)))

    return Flight(_ends(a, end, at), length)


def _slope(w0: float, w1: float, distance: float, here: float, sign: int) -> float:
    """r0 (sign 1) or r1 (sign -1) of the paper, equation 9: ``ln(-b + sqrt(b² + 1))`` is ``-asinh(b)``."""
    b = (w1 * w1 - w0 * w0 + sign * RHO**4 * distance * distance) / (2 * here * RHO * RHO * distance)
    return -math.asinh(b)


def _mix(a: Camera, b: Camera, way: float, zoom: float) -> Camera:
    return Camera(a.x + (b.x - a.x) * way, a.y + (b.y - a.y) * way, zoom)


def _ends(a: Camera, b: Camera, between: Callable[[float], Camera]) -> Callable[[float], Camera]:
    return lambda t: a if t <= 0 else b if t >= 1 else between(t)
