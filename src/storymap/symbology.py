"""Symbology: a layer's style rules and its attributes become classes, a class for every feature, and a legend.

No geometry is touched here, only its type is read. Classes, sizes and the colours of categories are taken from all
features of the layer, not from those that one step shows, so a value looks the same in every step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from storymap import classify, values
from storymap.drawing import LegendEntry, Paint
from storymap.errors import nearest
from storymap.grouping import Groups, group, holds_numbers
from storymap.painting import Kind, merge_style, no_data, paint
from storymap.story import Layer, Style
from storymap.storytypes import Where

__all__ = ["Row", "StyleError", "Symbolised", "faults", "kinds_of", "merge_style", "resolve"]

_KINDS: Mapping[str, Kind] = {
    "Polygon": "area", "MultiPolygon": "area", "LineString": "line", "MultiLineString": "line", "LinearRing": "line",
    "Point": "point", "MultiPoint": "point",
}  # fmt: skip
DEFAULT_RADIUS_MAX = 30.0


class StyleError(ValueError):
    """A rule that the data can not carry. ``place`` is its path below the layer: ``("style", "column")``."""

    def __init__(self, place: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True, slots=True)
class Row:
    """One feature that is drawn."""

    index: int
    """Position in the frame, from 0."""
    kind: Kind
    paint: int
    """Index into `Symbolised.paints`."""
    radius: float | None
    """Own radius in pixels of a proportional circle."""
    label: str | None
    accuracy_km: float | None
    """How exactly a soft point's place is known."""
    tip: tuple[tuple[str, str], ...]
    """Rows (name, value) for the tooltip, without missing values."""


@dataclass(frozen=True, slots=True)
class Symbolised:
    """A layer under one style: how it is drawn, feature by feature in drawing order, and what the legend says."""

    paints: tuple[Paint, ...]
    rows: tuple[Row, ...]
    legend: tuple[LegendEntry, ...]


def faults(layer: Layer, style: Style, frame: GeoDataFrame, *, where: Where | None = None) -> tuple[StyleError, ...]:
    """Every column that is named but missing, and every column whose values do not suit its rule."""
    return tuple(_faults(layer, style, frame, where))


def _faults(layer: Layer, style: Style, frame: GeoDataFrame, where: Where | None) -> Iterator[StyleError]:
    columns = [str(column) for column in frame.columns if column != frame.geometry.name]
    named: list[tuple[tuple[str | int, ...], str | None]] = [
        *(((("where", column)), column) for column in {**(layer.where or {}), **(where or {})}),
        (("style", "column"), style.column),
        (("style", "size_column"), style.size_column),
        (("label", "column"), layer.label.column if layer.label else None),
        *((("tooltip", at), column) for at, column in enumerate(layer.tooltip)),
        (("accuracy",), layer.accuracy if isinstance(layer.accuracy, str) else None),
    ]
    for place, column in named:
        if column is not None and column not in columns:
            yield StyleError(place, f"no column '{column}'{nearest(column, columns)}")
    for rule in ("scheme", "k", "breaks", "categories", "cmap"):
        if getattr(style, rule) is not None and style.column is None:
            yield StyleError(("style", rule), f"'{rule}' needs 'column', which says whose values are meant")
    if style.column in columns:
        yield from _rule_faults(style, frame[style.column])
    if style.size_column in columns:
        yield from _size_faults(frame, str(style.size_column))
    if isinstance(layer.accuracy, str) and layer.accuracy in columns and not holds_numbers(frame[layer.accuracy]):
        yield StyleError(("accuracy",), f"column '{layer.accuracy}' has to hold kilometres, as numbers")


def _rule_faults(style: Style, column: pd.Series[Any]) -> Iterator[StyleError]:
    rule = next((name for name in ("scheme", "breaks", "k") if getattr(style, name) is not None), None)
    if rule and style.categories is not None:
        yield StyleError(("style", rule), f"'{rule}' makes classes of numbers and 'categories' names values: keep one")
    elif rule and not holds_numbers(column):
        reason = f"'{rule}' makes classes of numbers, and column '{style.column}' holds other values"
        yield StyleError(("style", rule), f"{reason}; leave it out to get categories")
    try:
        if style.scheme == "user_defined" or style.breaks is not None:
            classify.classify([0.0], scheme="user_defined", breaks=style.breaks)
        if style.cmap is not None:
            classify.ramp(style.cmap, 3)
    except classify.ClassError as error:
        yield StyleError(("style", error.key), str(error))


def _size_faults(frame: GeoDataFrame, name: str) -> Iterator[StyleError]:
    place = ("style", "size_column")
    if not holds_numbers(frame[name]):
        yield StyleError(place, f"column '{name}' has to hold numbers, which the circles show")
    elif (frame[name].dropna() < 0).any():
        yield StyleError(place, f"column '{name}' holds numbers below zero, which no circle can show")
    elif "point" not in kinds_of(frame):
        yield StyleError(place, "circles show numbers of places, and this layer has no points")


def resolve(
    layer: Layer, style: Style, frame: GeoDataFrame, *, where: Where | None = None, lang: str = "en"
) -> Symbolised:
    """How the features of ``frame`` (EPSG:4326) that ``where`` lets through are drawn under ``style``.

    ``frame`` holds the layer's features; ``where`` is the step's filter (the layer's own is applied as well). Rows
    without geometry are left out. Labels, tooltips and names of categories come from ``<column>_<lang>`` where there
    is one. Raises `StyleError` with the first of `faults`.
    """
    for fault in faults(layer, style, frame, where=where):
        raise fault
    kinds = kinds_of(frame)
    there = values.filtered(frame, layer.where) & np.array([kind is not None for kind in kinds], dtype=bool)
    shown = np.flatnonzero(there & values.filtered(frame, where))
    groups = group(style, frame, there, lang, thin="area" not in kinds)
    radii = _radii(style, frame, there)
    accuracy = _accuracies(layer, frame)
    labels = values.localised(frame, layer.label.column, lang) if layer.label else [None] * len(frame)
    tips = _tips(layer, frame, lang)
    paints: dict[Paint, int] = {}
    rows = []
    for at in map(int, shown):
        kind = kinds[at] or "point"
        soft = _is_soft(style, kind, accuracy[at])
        radius = radii[at] if kind == "point" else None
        number = paints.setdefault(_paint(style, kind, groups, at, soft, radius), len(paints))
        km = accuracy[at] if soft and kind == "point" else None
        rows.append(Row(at, kind, number, radius, values.shown(labels[at], lang) or None, km, tips[at]))
    if style.size_column:
        # Small circles lie on large ones, never under them.
        rows.sort(key=lambda row: -(row.radius or 0.0))
    exact = [km for row in rows if row.kind == "point" and (km := accuracy[row.index]) is not None]
    legend = _legend(layer, style, frame, groups, rows, tuple(paints), exact, lang)
    return Symbolised(tuple(paints), tuple(rows), legend)


def kinds_of(frame: GeoDataFrame) -> list[Kind | None]:
    """What each row is drawn as; a collection by its largest part's type; None without geometry."""
    kinds: list[Kind | None] = []
    for geometry in frame.geometry:
        if geometry is None or geometry.is_empty:
            kinds.append(None)
            continue
        parts = [geometry.geom_type, *(part.geom_type for part in getattr(geometry, "geoms", ()))]
        found = {_KINDS[part] for part in parts if part in _KINDS}
        kinds.append(next((kind for kind in ("area", "line", "point") if kind in found), None))
    return kinds


def _is_soft(style: Style, kind: Kind, accuracy: float | None) -> bool:
    if style.soft is not None:
        return style.soft and kind != "line"
    return kind == "point" and accuracy is not None


def _paint(style: Style, kind: Kind, groups: Groups, at: int, soft: bool, radius: float | None) -> Paint:
    unsized = style.size_column is not None and kind == "point" and radius is None
    if groups.of[at] < 0 or unsized:
        return no_data(style, kind, soft=soft)
    return paint(style, kind, groups.looks[groups.of[at]], soft=soft, sized=radius is not None)


def _radii(style: Style, frame: GeoDataFrame, there: NDArray[np.bool_]) -> list[float | None]:
    """Radius whose circle's area is proportional to the number; None where there is no number."""
    if style.size_column is None:
        return [None] * len(frame)
    data = frame[style.size_column].to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(data)
    largest = float(data[known & there].max(initial=0.0))
    most = style.radius_max or DEFAULT_RADIUS_MAX
    return [
        most * math.sqrt(number / largest) if ok and largest > 0 else 0.0 if ok else None
        for number, ok in zip(data, known, strict=True)
    ]


def _accuracies(layer: Layer, frame: GeoDataFrame) -> list[float | None]:
    if layer.accuracy is None or isinstance(layer.accuracy, int | float):
        return [None if layer.accuracy is None else float(layer.accuracy)] * len(frame)
    column = frame[layer.accuracy].to_numpy(dtype=np.float64, na_value=np.nan)
    return [float(km) if math.isfinite(km) and km > 0 else None for km in column]


def _tips(layer: Layer, frame: GeoDataFrame, lang: str) -> list[tuple[tuple[str, str], ...]]:
    columns = [(values.named(name, lang), values.localised(frame, name, lang)) for name in layer.tooltip]
    return [
        tuple((name, text) for name, column in columns if (text := values.shown(column[at], lang)))
        for at in range(len(frame))
    ]


def _legend(
    layer: Layer,
    style: Style,
    frame: GeoDataFrame,
    groups: Groups,
    rows: Sequence[Row],
    paints: Sequence[Paint],
    exact: Sequence[float],
    lang: str,
) -> tuple[LegendEntry, ...]:
    """What the legend says of the rows shown; nothing for a layer without a legend text."""
    if layer.legend is None or not rows:
        return ()
    title = _title(layer.legend, exact, lang)
    sized = [row for row in rows if row.radius is not None]
    if style.column is None and not sized:
        return (_entry(title, rows, paints),)
    entries = [LegendEntry(title, "heading")]
    members: dict[int, list[Row]] = {}
    for row in rows:
        lost = style.size_column is not None and row.kind == "point" and row.radius is None
        members.setdefault(-1 if lost else groups.of[row.index], []).append(row)
    if style.column is not None:
        entries += _class_entries(style, groups, members, paints)
    if sized:
        if style.column is not None:
            entries.append(LegendEntry(values.named(str(style.size_column), lang), "heading"))
        entries += _sizes(style, frame, sized, paints, lang)
    if -1 in members:
        entries.append(_entry(values.word("no-data", lang), members[-1], paints))
    return tuple(entries)


def _title(text: str, exact: Sequence[float], lang: str) -> str:
    """The legend text with how exactly the places are known, unless it says so: ``exact`` in km, of the points shown."""
    if not exact:
        return text
    span = values.distance_span(min(exact), max(exact), lang)
    if span in text:
        return text
    told = values.word("placed", lang).format(distance=span)
    return f"{text[:-1]}; {told})" if text.endswith(")") else f"{text} ({told})"


def _class_entries(
    style: Style, groups: Groups, members: Mapping[int, Sequence[Row]], paints: Sequence[Paint]
) -> Iterator[LegendEntry]:
    """The classes that occur; of a ramp also those between them, as a gap in a ramp reads as a fault."""
    known = sorted(number for number in members if number >= 0)
    for number in range(known[0], known[-1] + 1) if groups.ordered and known else known:
        if number in members:
            yield _entry(groups.texts[number], members[number], paints)
        else:
            like = members[known[0]][0]
            soft = paints[like.paint].soft
            look = paint(style, like.kind, groups.looks[number], soft=soft, sized=like.radius is not None)
            yield LegendEntry(groups.texts[number], like.kind, look)


def _entry(text: str, rows: Sequence[Row], paints: Sequence[Paint]) -> LegendEntry:
    kind: Kind = min((row.kind for row in rows), key=("area", "line", "point").index)
    drawn = [paints[row.paint] for row in rows if row.kind == kind]
    return LegendEntry(text, kind, next((soft for soft in drawn if soft.soft), drawn[0]))


def _sizes(
    style: Style, frame: GeoDataFrame, rows: Sequence[Row], paints: Sequence[Paint], lang: str
) -> list[LegendEntry]:
    """Circles of round numbers, from the largest that the rows reach; none too small to be seen."""
    top = rows[0]
    largest = float(frame[style.size_column].iloc[top.index])
    if largest <= 0 or not top.radius:
        return []
    circle = paints[top.paint]
    if style.column is not None:
        circle = Paint(stroke="ink-quiet", weight=1.2)
    entries = []
    for number in classify.round_sizes(largest):
        radius = top.radius * math.sqrt(number / largest)
        if radius >= 2:
            entries.append(LegendEntry(values.number(number, lang), "size", circle, radius))
    return entries
