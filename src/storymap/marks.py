"""Marks: how a `Paint` looks in SVG, for stills and for the swatches of legends.

The measures (how soft edges fade, sizes of symbols and arrowheads, patterns) are those of the page's canvas.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from storymap.drawing import Paint, Pattern, Symbol
from storymap.palette import resolve

__all__ = [
    "PATTERN_OPACITY", "RING_FROM", "SHAPED_STOPS", "SOFT_STOPS", "TILE", "arrow_head", "arrow_size", "hatch_lines", "number",
    "outline", "pattern_tile", "stroke", "symbol", "symbol_shape",
]  # fmt: skip

Colors = Mapping[str, str] | None
"""Token → hex for literal colours; None writes ``var(--c-token)``."""

SOFT_STOPS = ((0.0, 0.85), (0.4, 0.6), (0.75, 0.25), (1.0, 0.0))
"""Share of a soft disc's radius, opacity there."""
SHAPED_STOPS = ((0.0, 0.9), (0.6, 0.75), (1.0, 0.35))
"""The same for small soft symbols that keep their shape."""
RING_FROM = 10.0
"""Pixels from which what is not known of a place gets a dashed ring."""
PATTERN_OPACITY = 0.5
TILE = 8.0
"""Side of a pattern's tile in pixels."""
_TILE_WEIGHT = 1.2
_DOT = 1.4


def number(value: float, places: int = 2) -> str:
    """A coordinate in as few characters as ``places`` decimals allow."""
    text = f"{value:.{places}f}".rstrip("0").rstrip(".") if places else f"{value:.0f}"
    return "0" if text in {"-0", ""} else text


def stroke(color: str, weight: float, colors: Colors, *, opacity: float = 1.0, dash: Sequence[float] = ()) -> str:
    """Attributes of a stroke. Dashed ones have square ends, so that short dashes do not run together."""
    parts = [f' stroke="{resolve(color, colors)}" stroke-width="{number(weight)}"']
    if opacity < 1:
        parts.append(f' stroke-opacity="{number(opacity)}"')
    if dash:
        parts.append(f' stroke-dasharray="{" ".join(map(number, dash))}" stroke-linecap="butt"')
    return "".join(parts)


def outline(paint: Paint, colors: Colors) -> str:
    """Attributes of a paint's own stroke; ``""`` when it has none."""
    if paint.stroke is None or paint.weight <= 0:
        return ""
    return stroke(paint.stroke, paint.weight, colors, opacity=paint.opacity, dash=paint.dash)


def symbol_shape(kind: Symbol, x: float, y: float, r: float) -> str:
    """Start of the element that has a symbol's outline, open for attributes. All kinds look about as large as the circle."""
    if kind == "square":
        side = r * 0.89
        return f'<rect x="{number(x - side)}" y="{number(y - side)}" width="{number(2 * side)}" height="{number(2 * side)}"'
    if kind in {"diamond", "triangle"}:
        corners = (
            ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0))
            if kind == "diamond"
            else ((0, -1.2), (1.1, 0.75), (-1.1, 0.75))
        )
        points = "L".join(f"{number(x + r * dx)} {number(y + r * dy)}" for dx, dy in corners)
        return f'<path d="M{points}z"'
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(r)}"'


def symbol(paint: Paint, x: float, y: float, r: float, colors: Colors) -> str:
    """A sharp point symbol."""
    filled = paint.fill is not None and paint.symbol != "ring"
    fill = f' fill="{resolve(paint.fill or "", colors)}"' if filled else ' fill="none"'
    opacity = f' fill-opacity="{number(paint.fill_opacity)}"' if filled and paint.fill_opacity < 1 else ""
    return f"{symbol_shape(paint.symbol, x, y, r)}{fill}{opacity}{outline(paint, colors)}/>"


def arrow_size(weight: float) -> float:
    """Length in pixels of the head of a line ``weight`` pixels wide."""
    return 5 + 2 * weight


def arrow_head(points: Sequence[tuple[float, float]], size: float) -> str:
    """``points`` attribute of the polygon at the end of a line given in pixels.

    The direction is taken over some pixels, as the last segment may be shorter than one.
    """
    x, y = points[-1]
    back = points[0]
    for point in reversed(points[:-1]):
        back = point
        if math.hypot(x - point[0], y - point[1]) > size:
            break
    angle = math.atan2(y - back[1], x - back[0])
    corners = [(x + 1.5 * math.cos(angle), y + 1.5 * math.sin(angle))]
    for turn, length in ((0.42, size), (0.0, size * 0.72), (-0.42, size)):
        corners.append((x - length * math.cos(angle + turn), y - length * math.sin(angle + turn)))
    return " ".join(f"{number(px)},{number(py)}" for px, py in corners)


def pattern_tile(kind: Pattern, color: str, colors: Colors) -> str:
    """Contents of a pattern's tile, ``TILE`` pixels wide and high."""
    ink = resolve(color, colors)
    if kind == "dots":
        return f'<circle cx="{number(TILE / 2)}" cy="{number(TILE / 2)}" r="{_DOT}" fill="{ink}"/>'
    up = "".join(f"M{number(n)} {number(TILE)}l{number(TILE)} {number(-TILE)}" for n in (-TILE, 0.0, TILE))
    down = "".join(f"M{number(n)} 0l{number(TILE)} {number(TILE)}" for n in (-TILE, 0.0, TILE))
    d = up + (down if kind == "cross" else "")
    return f'<path d="{d}" fill="none" stroke="{ink}" stroke-width="{_TILE_WEIGHT}"/>'


def hatch_lines(kind: Pattern, x: float, y: float, wide: float, high: float, color: str, colors: Colors) -> str:
    """A pattern inside a rectangle, cut at its sides by arithmetic, so that it needs neither an id nor a clip."""
    ink = resolve(color, colors)
    step = TILE * 0.7
    if kind == "dots":
        columns, rows = max(1, round(wide / step)), max(1, round(high / step))
        spots = (
            f'<circle cx="{number(x + (n + 0.5) * wide / columns)}" cy="{number(y + (m + 0.5) * high / rows)}"'
            f' r="{number(_DOT * 0.85)}" fill="{ink}"/>'
            for n in range(columns)
            for m in range(rows)
        )
        return "".join(spots)
    d = "".join(_diagonals(x, y, wide, high, step, mirrored=False))
    if kind == "cross":
        d += "".join(_diagonals(x, y, wide, high, step, mirrored=True))
    return f'<path d="{d}" fill="none" stroke="{ink}" stroke-width="1.1"/>'


def _diagonals(x: float, y: float, wide: float, high: float, step: float, *, mirrored: bool) -> Iterator[str]:
    for n in range(int((wide + high) / step) + 1):
        c = (n + 0.5) * step
        ends = ((max(0.0, c - high), min(c, high)), (min(c, wide), max(0.0, c - wide)))
        if ends[0][0] >= wide or ends[1][1] >= high:
            continue
        (ax, ay), (bx, by) = (((wide - px) if mirrored else px, py) for px, py in ends)
        yield f"M{number(x + ax)} {number(y + ay)}L{number(x + bx)} {number(y + by)}"
