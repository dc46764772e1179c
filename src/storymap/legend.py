"""The legend: what a step shows, as a list with a swatch for each class.

Swatches are drawn from the same `Paint` as the map, on a piece of land, so they look as on the map in every tone. They
have no ids, so the page may copy a legend to another place.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from html import escape

from storymap import marks, values
from storymap.drawing import LegendEntry, Paint
from storymap.marks import Colors, number
from storymap.painting import Kind
from storymap.palette import resolve

__all__ = ["legend_html", "swatch_svg"]

WIDE, HIGH = 30.0, 18.0
"""Pixels of a swatch."""
MOST_RADIUS = 7.0
"""Points are drawn in their own size up to this."""
LINE_HEIGHT = 17.0


def legend_html(entries: Sequence[LegendEntry], lang: str, *, palette: Colors = None) -> str:
    """``<ul class="legend">`` of ``entries``; ``""`` when there are none.

    Circles of sizes that follow each other share one item (``li.sizes``), nested; headings are ``li.legend-heading``.
    Colours are ``var(--c-token)``, or literal from ``palette`` (token → hex).
    """
    if not entries:
        return ""
    items: list[str] = []
    for is_size, group in itertools.groupby(entries, key=lambda entry: entry.kind == "size"):
        run = list(group)
        items += [_sizes(run, palette)] if is_size else [_item(entry, palette) for entry in run]
    return f'<ul class="legend" aria-label="{escape(values.word("legend", lang))}">{"".join(items)}</ul>'


def _item(entry: LegendEntry, colors: Colors) -> str:
    if entry.kind == "heading" or entry.paint is None:
        return f'<li class="legend-heading">{escape(entry.text)}</li>'
    return f"<li>{_swatch(entry.kind, entry.paint, colors)}<span>{escape(entry.text)}</span></li>"


def swatch_svg(kind: Kind, paint: Paint, palette: Colors) -> str:
    """The swatch of a class as an SVG file, 30 by 18 pixels, with literal colours from ``palette``."""
    return _swatch(kind, paint, palette).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)


def _swatch(kind: str, paint: Paint, colors: Colors) -> str:
    drawn = {"area": _area, "line": _line}.get(kind, _point)(paint, colors)
    return _svg(WIDE, HIGH, _ground(WIDE, HIGH, colors) + drawn)


def _svg(wide: float, high: float, inside: str) -> str:
    size = f'width="{number(wide)}" height="{number(high)}" viewBox="0 0 {number(wide)} {number(high)}"'
    return f'<svg {size} aria-hidden="true" focusable="false">{inside}</svg>'


def _ground(wide: float, high: float, colors: Colors) -> str:
    return f'<rect width="{number(wide)}" height="{number(high)}" rx="3" fill="{resolve("land", colors)}"/>'


def _area(paint: Paint, colors: Colors) -> str:
    x, y, wide, high = 4.0, 3.5, WIDE - 8, HIGH - 7
    box = f'<rect x="{number(x)}" y="{number(y)}" width="{number(wide)}" height="{number(high)}"'
    parts = []
    color = paint.fill or paint.stroke or "no-data"
    if paint.soft:
        parts += _blurred(paint, color, colors)
    elif paint.fill is not None:
        parts.append(f'{box} fill="{resolve(paint.fill, colors)}" fill-opacity="{number(paint.fill_opacity)}"/>')
    if paint.pattern != "none":
        lines = marks.hatch_lines(paint.pattern, x, y, wide, high, paint.stroke or color, colors)
        parts.append(f'<g opacity="{number(marks.PATTERN_OPACITY)}">{lines}</g>')
    edge = "" if paint.soft else marks.outline(paint, colors)
    if edge:
        parts.append(f'{box} fill="none"{edge}/>')
    return "".join(parts)


def _blurred(paint: Paint, color: str, colors: Colors) -> list[str]:
    """Boxes in boxes that together have the paint's opacity: an area without an edge."""
    steps = 5
    share = number(1 - (1 - paint.fill_opacity) ** (1 / steps), 3)
    fill = f'fill="{resolve(color, colors)}" fill-opacity="{share}"'
    return [
        f'<rect x="{number(1.5 + n)}" y="{number(1.5 + n)}" width="{number(WIDE - 3 - 2 * n)}"'
        f' height="{number(HIGH - 3 - 2 * n)}" rx="{number(6.0 - n)}" {fill}/>'
        for n in range(steps)
    ]


def _line(paint: Paint, colors: Colors) -> str:
    color = paint.stroke or "no-data"
    middle, start, end = HIGH / 2, 3.0, WIDE - 3
    weight = min(paint.weight, 6.0)
    size = min(marks.arrow_size(weight), 12.0)
    shaft = end - (size * 0.72 if paint.arrow else 0.0)
    line = marks.stroke(color, weight, colors, opacity=paint.opacity, dash=paint.dash)
    drawn = f'<path d="M{number(start)} {number(middle)}H{number(shaft)}" fill="none"{line}/>'
    if not paint.arrow:
        return drawn
    head = marks.arrow_head([(start, middle), (end - 1.5, middle)], size)
    return f'{drawn}<polygon points="{head}" fill="{resolve(color, colors)}" fill-opacity="{number(paint.opacity)}"/>'


def _point(paint: Paint, colors: Colors) -> str:
    x, y, r = WIDE / 2, HIGH / 2, min(paint.radius, MOST_RADIUS)
    if not paint.soft:
        return marks.symbol(paint, x, y, r, colors)
    color = resolve(paint.fill or paint.stroke or "no-data", colors)
    if paint.symbol in {"circle", "ring"}:
        return _fading(paint, x, y, MOST_RADIUS, color) + _ring(paint, x, y, HIGH / 2 - 1, colors)
    shapes = (marks.symbol_shape(paint.symbol, x, y, MOST_RADIUS * share) for share in (1.0, 0.8, 0.6))
    return "".join(f'{shape} fill="{color}" fill-opacity="{number(0.4 * paint.fill_opacity)}"/>' for shape in shapes)


def _fading(paint: Paint, x: float, y: float, r: float, color: str) -> str:
    """Discs on discs: together about the fade of a soft point."""
    discs: tuple[tuple[float, float], ...] = ((1.0, 0.14), (0.82, 0.2), (0.64, 0.26), (0.46, 0.34), (0.28, 0.4))
    if paint.symbol == "ring":
        discs = ((1.0, 0.25), (0.85, 0.35))
    return "".join(
        f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(r * share)}" fill="{color}"'
        f' fill-opacity="{number(opacity * paint.fill_opacity)}"/>'
        for share, opacity in discs
    )


def _ring(paint: Paint, x: float, y: float, r: float, colors: Colors) -> str:
    edge = marks.stroke(paint.stroke or paint.fill or "no-data", 1, colors, opacity=0.65, dash=paint.dash or (2, 3))
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(r)}" fill="none"{edge}/>'


def _sizes(entries: Sequence[LegendEntry], colors: Colors) -> str:
    """Nested circles that stand on one line, each led to its number."""
    largest = max(entry.radius or 0.0 for entry in entries)
    high = max(2 * largest + 4, LINE_HEIGHT * len(entries))
    x, foot, wide = largest + 2, high - 2, 2 * largest + 18
    parts = [_ground(wide, high, colors)]
    for place, entry in enumerate(entries):
        r = entry.radius or 0.0
        top, level = foot - 2 * r, (place + 0.5) * high / len(entries)
        paint = entry.paint or Paint(stroke="ink-quiet")
        leader = marks.stroke("ink-quiet", 0.8, colors, dash=(1.5, 2))
        path = f"M{number(x)} {number(top)}L{number(2 * largest + 8)} {number(level)}H{number(wide)}"
        parts.append(marks.symbol(paint, x, foot - r, r, colors))
        parts.append(f'<path d="{path}" fill="none"{leader}/>')
    texts = " ".join(f"<span>{escape(entry.text)}</span>" for entry in entries)
    return f'<li class="sizes">{_svg(wide, high, "".join(parts))}<span class="sizes-text">{texts}</span></li>'
