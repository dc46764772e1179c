"""Small pictures for the editor, as ``data:`` addresses: of a layer, a colour, a dash, a symbol, a pattern, a ramp."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal
from urllib.parse import quote

from storymap.drawing import Paint, Pattern, Symbol
from storymap.legend import swatch_svg
from storymap.painting import Kind, dashes
from storymap.palette import TOKENS, Tone
from storymap.symbology import Symbolised

__all__ = [
    "address", "classes_in", "colors_in", "dash", "layer_picture", "pair", "pattern", "ramp", "symbol", "visible",
]  # fmt: skip

ToneName = Literal["light", "dark"]
_HEAD = re.compile(r"<svg[^>]*>")
_INK = {"light": "#23211f", "dark": "#f3f0ea"}


def address(svg: str) -> str:
    """An SVG file as the address of a picture."""
    return "data:image/svg+xml," + quote(svg, safe=" =:/'()<>,;")


def _svg(wide: int, high: int, inside: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}">{inside}</svg>'


def colors_in(tone: str, named: Mapping[str, Tone]) -> dict[str, str]:
    """Name → ``#rrggbb`` on maps of this tone."""
    return {name: pair.dark if tone == "dark" else pair.light for name, pair in named.items()}


@lru_cache(maxsize=512)
def pair(light: str, dark: str) -> str:
    """A colour on light and on dark maps, side by side on their ground; one colour when both are the same."""
    grounds = TOKENS["land"]
    if light == dark:
        return address(_svg(36, 24, f'<rect width="36" height="24" fill="{light}"/>'))
    halves = (
        f'<rect width="18" height="24" fill="{grounds.light}"/><rect x="18" width="18" height="24" fill="{grounds.dark}"/>'
        f'<path d="M4 4H18V20H4z" fill="{light}"/><path d="M18 4H32V20H18z" fill="{dark}"/>'
    )
    return address(_svg(36, 24, halves))


@lru_cache(maxsize=64)
def dash(text: str, tone: ToneName = "light") -> str:
    """A line with these dashes (``6 4``)."""
    lengths = " ".join(map(str, dashes(text)))
    broken = f' stroke-dasharray="{lengths}"' if lengths else ""
    ground = getattr(TOKENS["land"], tone)
    line = f'<path d="M4 12H60" stroke="{_INK[tone]}" stroke-width="2.5" fill="none"{broken}/>'
    return address(_svg(64, 24, f'<rect width="64" height="24" fill="{ground}"/>{line}'))


@lru_cache(maxsize=64)
def symbol(kind: Symbol, tone: ToneName = "light") -> str:
    """A point with this symbol."""
    color = _INK[tone]
    filled = Paint(fill=color, stroke=None, weight=0, symbol=kind, radius=6)
    drawn = Paint(stroke=color, weight=2.2, symbol="ring", radius=6) if kind == "ring" else filled
    return address(swatch_svg("point", drawn, _values(tone)))


@lru_cache(maxsize=64)
def pattern(kind: Pattern, tone: ToneName = "light") -> str:
    """An area with this pattern."""
    color = _INK[tone]
    return address(
        swatch_svg("area", Paint(fill=color, fill_opacity=0.14, stroke=color, weight=1, pattern=kind), _values(tone))
    )


@lru_cache(maxsize=256)
def ramp(colors: tuple[str, ...]) -> str:
    """Colours side by side."""
    wide = 140 / len(colors)
    boxes = (
        f'<rect x="{n * wide:.2f}" width="{wide + 0.3:.2f}" height="16" fill="{color}"/>'
        for n, color in enumerate(colors)
    )
    return address(_svg(140, 16, "".join(boxes)))


def _values(tone: str) -> dict[str, str]:
    return colors_in(tone, TOKENS)


@lru_cache(maxsize=1024)
def _layer_picture(paints: tuple[tuple[Kind, Paint], ...], labelled: bool, colors: tuple[tuple[str, str], ...]) -> str:
    values = dict(colors)
    ground = f'<rect width="36" height="24" fill="{values["land"]}"/>'
    if labelled and not paints:
        type_ = f'text-anchor="middle" font-family="sans-serif" font-size="13" fill="{values["ink"]}"'
        return address(_svg(36, 24, f'{ground}<text x="18" y="17" {type_}>Aa</text>'))
    cells = {0: [], 1: [(3, 3, 30, 18)], 2: [(2, 1, 32, 11), (2, 12, 32, 11)]}.get(
        len(paints), [(1, 1, 17, 11), (18, 1, 17, 11), (1, 12, 17, 11), (18, 12, 17, 11)]
    )
    inside = "".join(
        _HEAD.sub(f'<svg x="{x}" y="{y}" width="{wide}" height="{high}" viewBox="{_view(wide, high)}">', svg, count=1)
        for (x, y, wide, high), svg in zip(cells, (swatch_svg(*paint, values) for paint in paints), strict=False)
    )
    return address(_svg(36, 24, ground + inside))


def _view(wide: int, high: int) -> str:
    """The middle of a swatch, cut to these proportions."""
    shown = min(30.0, 18.0 * wide / high)
    return f"{15 - shown / 2:.1f} {9 - shown * high / wide / 2:.1f} {shown:.1f} {shown * high / wide:.1f}"


def layer_picture(symbols: Symbolised | None, colors: Mapping[str, str], *, labelled: bool) -> str:
    """A layer as its legend would show it; of several classes the first four. "" when nothing is known of it."""
    if symbols is None:
        return ""
    seen: dict[tuple[Kind, Paint], None] = {}
    for row in symbols.rows:
        drawn = symbols.paints[row.paint]
        if visible(drawn):
            seen.setdefault((row.kind, drawn))
    return _layer_picture(tuple(seen), labelled, tuple(colors.items()))


def visible(drawn: Paint) -> bool:
    """Whether anything of it can be seen."""
    fill = drawn.fill is not None and drawn.fill_opacity > 0
    stroke = drawn.stroke is not None and drawn.weight > 0 and drawn.opacity > 0
    return fill or stroke or drawn.pattern != "none"


def classes_in(symbols: Symbolised) -> Sequence[tuple[Kind, Paint]]:
    """Every class that is drawn, once."""
    return tuple(dict.fromkeys((row.kind, symbols.paints[row.paint]) for row in symbols.rows))
