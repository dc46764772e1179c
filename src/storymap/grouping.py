"""Grouping: which class of a style's rule each feature belongs to, and what each class looks like and is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from storymap import classify, values
from storymap.painting import DASHES, PATTERNS, SYMBOLS, Look, deal
from storymap.palette import CATEGORICAL
from storymap.story import CategoryStyle, Style

__all__ = ["Groups", "group", "holds_numbers"]


@dataclass(frozen=True, slots=True)
class Groups:
    """Classes of the layer's features. ``looks`` and ``texts`` go together; ``of`` holds a class per row, -1: missing."""

    looks: tuple[Look, ...]
    texts: tuple[str, ...]
    of: Sequence[int]
    ordered: bool = False
    """Classes of numbers: the legend shows those between the first and the last that occur, gaps included."""


def holds_numbers(column: pd.Series[Any]) -> bool:
    """Whether a column can be classed: numbers, and not yes and no."""
    return is_numeric_dtype(column) and not is_bool_dtype(column)


def group(style: Style, frame: GeoDataFrame, there: NDArray[np.bool_], lang: str, *, thin: bool = False) -> Groups:
    """Classes by ``style.column``, or one class of all. ``there``: the rows that belong to the layer.

    ``thin``: lines and points only, whose ramps leave out the lightest colours. The column has to exist. Raises
    `classify.ClassError`.
    """
    if style.column is None:
        return Groups((Look(),), ("",), [0] * len(frame))
    column = frame[style.column]
    if style.categories is None and holds_numbers(column):
        return _classes(style, column, there, lang, thin)
    return _categories(style, column, there, values.localised(frame, style.column, lang), lang)


def _classes(style: Style, column: pd.Series[Any], there: NDArray[np.bool_], lang: str, thin: bool) -> Groups:
    data = column.to_numpy(dtype=np.float64, na_value=np.nan)
    known = np.isfinite(data)
    if not (known & there).any():
        return Groups((), (), [-1] * len(data), ordered=True)
    scheme = style.scheme or ("user_defined" if style.breaks else "fisher_jenks")
    classes = classify.classify(data[known & there], scheme=scheme, k=style.k, breaks=style.breaks)
    colors = classify.ramp(style.cmap or classify.DEFAULT_CMAP, len(classes), skip_light=thin)
    of = np.where(known, classes.index(np.where(known, data, 0.0)), -1)
    looks = tuple(Look(color=color, ramp=True) for color in colors)
    return Groups(looks, classes.texts(lang), [int(number) for number in of], ordered=True)


def _categories(
    style: Style, column: pd.Series[Any], there: NDArray[np.bool_], own: Sequence[Any], lang: str
) -> Groups:
    listed = {values.text_of(name): category for name, category in (style.categories or {}).items()}
    order = {name: number for number, name in enumerate(listed)}
    spelled: dict[str, str] = {}
    of = []
    for at, value in enumerate(column):
        name = "" if values.is_missing(value) else values.text_of(value)
        if name and there[at]:
            order.setdefault(name, len(order))
            text = values.shown(own[at], lang)
            spelled.setdefault(name, text[:1].upper() + text[1:])
        of.append(order.get(name, -1))
    categories = [listed.get(name, CategoryStyle()) for name in order]
    texts = tuple(category.label or spelled.get(name, name) for name, category in zip(order, categories, strict=True))
    return Groups(_dealt(style, categories), texts, of)


def _dealt(style: Style, categories: Sequence[CategoryStyle]) -> tuple[Look, ...]:
    """Colours and marks of categories: their own, and different ones for those that have none."""
    colors: Sequence[str] = CATEGORICAL
    if style.cmap is not None:
        colors = classify.ramp(style.cmap, max(3, min(len(categories), 12)))

    def marks(own: Sequence[Any], offered: Sequence[Any]) -> list[Any]:
        return deal(own, offered, shift_every=len(colors))

    given = [category.dash_array if category.dash_array is not None else style.dash_array for category in categories]
    return tuple(
        Look(color, symbol, pattern, dash, outline)
        for color, symbol, pattern, dash, outline in zip(
            deal([category.color for category in categories], colors),
            marks([category.symbol or style.symbol for category in categories], SYMBOLS),
            marks([category.pattern or style.pattern for category in categories], PATTERNS),
            marks(given, DASHES),
            given,
            strict=True,
        )
    )
