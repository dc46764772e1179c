"""Style → Paint: the looks that are right by themselves for areas, lines and points, and what a style changes of them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from storymap.drawing import Paint, Pattern, Symbol
from storymap.story import CategoryStyle, Style

__all__ = ["DASHES", "PATTERNS", "SYMBOLS", "Kind", "Look", "dashes", "deal", "merge_style", "no_data", "paint"]

Kind = Literal["area", "line", "point"]

SYMBOLS: tuple[Symbol, ...] = ("circle", "square", "diamond", "triangle", "ring")
PATTERNS: tuple[Pattern, ...] = ("none", "hatch", "dots", "cross")
DASHES: tuple[str, ...] = ("", "7 4", "2 3", "10 3 2 3")
"""Marks of categories in the order in which they are given out, so that no meaning rests on colour alone."""

_GROUPING = ("categories", "scheme", "k", "breaks", "cmap")
_CLASSING = ("scheme", "k", "breaks")


@dataclass(frozen=True, slots=True)
class Look:
    """What one class has of its own. None: as the style says."""

    color: str | None = None
    symbol: Symbol | None = None
    pattern: Pattern | None = None
    dash: str | None = None
    """Lines, and the rings of soft points."""
    outline: str | None = None
    """Dash of an area's outline."""
    ramp: bool = False
    """The colour is a step of a ramp: areas are filled with it and need no outline of the same colour."""


def merge_style(base: Style, override: Style | None) -> Style:
    """``base`` with every field that ``override`` sets, null included.

    What belonged to the rule before goes with it: another ``column`` drops the categories, scheme, breaks, number of
    classes and ramp of the first; categories drop a scheme, and a scheme drops categories, unless the override sets
    both; limits of one's own and the scheme that uses them go together. Categories are merged value by value, so that
    a step can change one of them.
    """
    if override is None:
        return base
    changes: dict[str, Any] = {name: getattr(override, name) for name in override.model_fields_set}
    stale: tuple[str, ...] = ()
    if "column" in changes and changes["column"] != base.column:
        stale = _GROUPING
    elif changes.get("categories"):
        stale = _CLASSING
    elif any(changes.get(name) is not None for name in _CLASSING):
        stale = ("categories",)
    stale += _limits_gone(base, changes)
    if changes.get("categories") and base.categories and not ("column" in changes and stale == _GROUPING):
        changes["categories"] = _merged(base.categories, changes["categories"])
    dropped = {name: None for name in stale if name not in changes}
    return base.model_copy(update={**dropped, **changes})


def _limits_gone(base: Style, changes: Mapping[str, Any]) -> tuple[str, ...]:
    """Limits and the scheme that takes them: neither stays where the other is dropped."""
    gone = {name for name in ("scheme", "breaks") if name in changes and changes[name] is None}
    if "scheme" in gone:
        return ("breaks",)
    return ("scheme",) if "breaks" in gone and base.scheme == "user_defined" else ()


def _merged(base: Mapping[str, CategoryStyle], override: Mapping[str, CategoryStyle]) -> dict[str, CategoryStyle]:
    merged = dict(base)
    for value, style in override.items():
        own = {name: getattr(style, name) for name in style.model_fields_set}
        merged[value] = merged[value].model_copy(update=own) if value in merged else style
    return merged


def dashes(text: str | None) -> tuple[float, ...]:
    """``"6 4"`` → ``(6.0, 4.0)``; all zeros is a plain line."""
    lengths = tuple(float(part) for part in (text or "").replace(",", " ").split())
    return lengths if any(lengths) else ()


def deal(explicit: Sequence[Any], offered: Sequence[Any], *, shift_every: int = 0) -> list[Any]:
    """One of ``offered`` for every None in ``explicit``, in turn, leaving out what ``explicit`` has already.

    ``shift_every``: after so many the order moves on by one, so that marks dealt beside as many colours do not come
    with the same colour in the next round.
    """
    free = [item for item in offered if item not in explicit] or list(offered)
    turns = itertools.count()

    def following() -> Any:
        turn = next(turns)
        return free[(turn + (turn // shift_every if shift_every else 0)) % len(free)]

    return [following() if item is None else item for item in explicit]


def paint(style: Style, kind: Kind, look: Look = Look(), *, soft: bool = False, sized: bool = False) -> Paint:
    """How one class is drawn as ``kind``. ``sized``: the radius shows a number, so circles overlap."""
    color = look.color or style.color or "data-1"
    own_dash = look.outline if kind == "area" else look.dash
    dash = dashes(style.dash_array if own_dash is None else own_dash)
    if kind == "area":
        return _area(style, look, color, dash, soft or bool(style.soft))
    if kind == "line":
        return Paint(
            stroke=color,
            opacity=_or(style.opacity, 1.0),
            weight=_or(style.weight, 2.0),
            dash=dash,
            arrow=bool(style.arrow),
        )
    return _point(style, look, color, dash, soft, sized)


def _area(style: Style, look: Look, color: str, dash: tuple[float, ...], soft: bool) -> Paint:
    pattern = look.pattern or style.pattern or "none"
    own_fill = None if look.color else style.fill_color
    if look.ramp:
        # A faint dark line keeps the lightest class apart from the land.
        fill_opacity, stroke, weight, opacity = 0.88, style.color or "ink-quiet", 0.7, 0.45
    else:
        fill_opacity = 0.4 if look.color else 0.22 if pattern == "none" else 0.14
        stroke, weight, opacity = color, 1.4, 0.95
    return Paint(
        fill=own_fill or color,
        fill_opacity=_or(style.fill_opacity, fill_opacity),
        stroke=stroke,
        opacity=_or(style.opacity, opacity),
        weight=_or(style.weight, weight),
        dash=dash,
        pattern=pattern,
        soft=soft,
    )


def _point(style: Style, look: Look, color: str, dash: tuple[float, ...], soft: bool, sized: bool) -> Paint:
    symbol = "circle" if sized else look.symbol or style.symbol or "circle"
    own_fill = None if look.color else style.fill_color
    open_symbol = symbol == "ring" and not soft
    # A light outline parts a filled symbol from what lies under it; a ring, a soft or a see-through disc has its own.
    outline = color if open_symbol or soft or sized or own_fill else "ink" if look.ramp else "paper"
    return Paint(
        fill=None if open_symbol else own_fill or color,
        fill_opacity=_or(style.fill_opacity, 0.5 if sized and not soft else 1.0),
        stroke=style.color if own_fill and style.color else outline,
        opacity=_or(style.opacity, 1.0),
        weight=_or(style.weight, 2.2 if open_symbol else 0.8 if look.ramp else 1.3),
        dash=dash if soft else (),
        symbol=symbol,
        radius=_or(style.radius, 6.0),
        soft=soft,
    )


def no_data(style: Style, kind: Kind, *, soft: bool = False) -> Paint:
    """The class of what is not known: grey, and hatched, dashed or hollow, so that it looks like no value."""
    if kind == "area":
        return Paint(
            fill="no-data", fill_opacity=0.12, stroke="no-data", opacity=0.9, weight=0.8, pattern="hatch", soft=soft
        )
    if kind == "line":
        return Paint(stroke="no-data", weight=_or(style.weight, 2.0), dash=(2.0, 4.0), arrow=bool(style.arrow))
    if soft:
        return Paint(fill="no-data", stroke="no-data", dash=(1.0, 4.0), radius=_or(style.radius, 6.0), soft=True)
    return Paint(stroke="no-data", weight=1.6, symbol="ring", radius=min(_or(style.radius, 6.0), 5.0))


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
