"""What a layer's data holds: kinds of geometry, columns, their values. Kept while the file stays as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from storymap import collection, geodata, symbology, values
from storymap.featureset import with_numbers
from storymap.geofile import locate
from storymap.grouping import Groups, group, holds_numbers
from storymap.painting import Kind
from storymap.placecolumns import named_as_place, place_columns
from storymap.story import Layer, LayerView, Style

__all__ = ["Column", "Facts", "category_names", "facts", "looks_of", "number_columns", "symbolised"]

_IDS = re.compile(r"(.*[\W_])?(id|ids|fid|gid|pk|oid|objectid|code|key|index|nr|no|geonameid|код|номер)", re.IGNORECASE)
_PLACES = re.compile(r"[xyz]|lon.*|lat.*|lng|easting|northing|point_[xy]|[xy]_?coord|долгота|широта|бойлық|ендік", re.I)
_ABOUT = re.compile(r"accuracy.*|year|.*_year|год|жыл", re.IGNORECASE)
_LOOKED_AT = 500
MOST_VALUES = 200
"""Different values of a column that are listed."""
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a layer's table."""

    name: str
    kind: Literal["number", "flag", "text"]
    values: tuple[Any, ...]
    """Its different values as a story would name them (text, numbers, true and false), as they come; at most 200."""
    counts: tuple[int, ...]
    """How many features have each of ``values``."""
    different: int
    """How many different values there are."""
    low: float | None = None
    """The smallest number."""
    high: float | None = None
    """The largest number."""


@dataclass(frozen=True, eq=False)
class Facts:
    """A layer's features, all that its file holds, EPSG:4326. Not to be changed."""

    frame: gpd.GeoDataFrame
    notes: tuple[str, ...] = ()
    """What was repaired or left out when the file was read, in words."""

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Its columns, in the order of the file, without the geometry."""
        names = [name for name in self.frame.columns if name != self.frame.geometry.name]
        return tuple(_column(str(name), self.frame[name]) for name in names)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def row_kinds(self) -> tuple[Kind | None, ...]:
        """What each feature is drawn as."""
        return tuple(symbology.kinds_of(self.frame))

    def column(self, name: object) -> Column | None:
        """The column of this name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)

    def passing(self, *filters: Mapping[str, Any] | None) -> NDArray[np.bool_]:
        """Which features all filters let through; columns that do not exist let all through."""
        keep = np.ones(len(self.frame), dtype=bool)
        for where in filters:
            known = {
                column: value if isinstance(value, list | tuple) else [value]
                for column, value in (where or {}).items()
                if column in self.names
            }
            keep &= values.filtered(self.frame, known)
        return keep

    def kinds(self, *filters: Mapping[str, Any] | None) -> tuple[Kind, ...]:
        """What the features that filters let through are drawn as: of ``area``, ``line``, ``point``."""
        found = {kind for kind, there in zip(self.row_kinds, self.passing(*filters), strict=True) if there}
        order: tuple[Kind, ...] = ("area", "line", "point")
        return tuple(kind for kind in order if kind in found)


def number_columns(known: Facts) -> tuple[Column, ...]:
    """The columns of numbers, first those that say how much of something there is: no coordinates, no ids, no accuracies
    and years; of these, the one with the most different values, and the widest span."""
    held = {*chain(*place_columns(collection.from_frame(known.frame.head(_LOOKED_AT))))}

    def rank(column: Column) -> tuple[bool, bool, bool, int, float]:
        place = column.name in held or bool(_PLACES.fullmatch(column.name)) or named_as_place(column.name, 0)
        about = bool(_ABOUT.fullmatch(column.name))
        return place, _is_id(column), about, -column.different, (column.low or 0.0) - (column.high or 0.0)

    return tuple(sorted((column for column in known.columns if column.kind == "number"), key=rank))


def _is_id(column: Column) -> bool:
    """Called as ids are, or whole numbers one after the other, each once."""
    if _IDS.fullmatch(column.name):
        return True
    if column.low is None or column.high is None or column.different < 3:
        return False
    once = all(count == 1 for count in column.counts) and all(isinstance(value, int) for value in column.values)
    return once and column.low in (0, 1) and column.high - column.low == column.different - 1


def facts(folder: Path, source: Mapping[str, Any], cache: Path | None = None) -> Facts:
    """The data of a layer with this ``source`` (as in ``story.yaml``) of the story in ``folder``.

    Read again only when the file changes. Raises `geodata.GeodataError`, one line.
    """
    file = str(source.get("file") or "")
    path = locate(folder, file)
    seen = path.stat()
    options = {key: str(source[key]) for key in ("layer", "crs", "lon", "lat") if source.get(key)}
    return _facts(folder, file, str(path), (seen.st_mtime_ns, seen.st_size), json.dumps(options), cache)


@lru_cache(maxsize=_KEPT)
def _facts(folder: Path, file: str, _path: str, _seen: tuple[int, int], options: str, cache: Path | None) -> Facts:
    data = geodata.read(folder, file=file, cache=cache, **json.loads(options))
    return Facts(with_numbers(data.frame), data.notes)


def _column(name: str, column: pd.Series[Any]) -> Column:
    counts: dict[Any, int] = {}
    for value in column:
        if not values.is_missing(value):
            plain = _plain(value)
            counts[plain] = counts.get(plain, 0) + 1
    listed = list(counts)[:MOST_VALUES]
    kind: Literal["number", "flag", "text"] = "text"
    low = high = None
    if holds_numbers(column):
        kind = "number"
        low, high = (float(min(counts)), float(max(counts))) if counts else (None, None)
    elif listed and all(isinstance(value, bool) for value in counts):
        kind = "flag"
    return Column(name, kind, tuple(listed), tuple(counts[value] for value in listed), len(counts), low, high)


def _plain(value: Any) -> Any:
    """A value as YAML has it."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return int(value) if float(value).is_integer() else float(value)
    return values.text_of(value)


@lru_cache(maxsize=512)
def symbolised(known: Facts, layer: str, part: str, lang: str) -> symbology.Symbolised:
    """How a step draws the layer: ``layer`` and ``part`` (what the step's ``show`` holds) as JSON.

    Raises `symbology.StyleError`, ``ValueError`` for what is no layer.
    """
    shown, here = Layer.model_validate_json(layer), LayerView.model_validate_json(part)
    style = symbology.merge_style(shown.style, here.style)
    return symbology.resolve(shown, style, known.frame, where=here.where, lang=lang)


def category_names(style: Style, known: Facts, where: Mapping[str, Any] | None) -> tuple[str, ...]:
    """The categories of ``style.column`` in the order of the legend: those that the style names, then as they come."""
    names = dict.fromkeys(map(values.text_of, style.categories or {}))
    if style.column in known.names:
        there = known.passing(where)
        for value, kept in zip(known.frame[style.column], there, strict=True):
            if kept and not values.is_missing(value):
                names.setdefault(values.text_of(value))
    return tuple(names)


def looks_of(style: Style, known: Facts, where: Mapping[str, Any] | None, lang: str) -> Groups:
    """The classes or categories of ``style``, as they look and are called. Raises ``ValueError``, ``KeyError``."""
    kinds = known.row_kinds
    there = known.passing(where) & np.array([kind is not None for kind in kinds], dtype=bool)
    return group(style, known.frame, there, lang, thin="area" not in kinds)
