"""The features of a story's layers, found by name: which there are, where they lie, how exactly that is known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from storymap import generalise, geodata, values
from storymap.camera import union_box
from storymap.drawing import Box
from storymap.errors import Problem, nearest, place_name
from storymap.mercator import km_to_world
from storymap.reuse import Reuse
from storymap.story import Layer, Story

__all__ = ["BadStyle", "FeatureSet", "NoSuchFeature", "Problems", "load", "report", "slug", "with_numbers"]

Problems = list[Problem]


class NoSuchFeature(LookupError):
    """A feature that is named but not there; the text says which there are."""

    def __str__(self) -> str:
        return str(self.args[0])


class BadStyle(ValueError):
    """A style that the data can not carry: a column that does not exist, text where numbers are needed.

    ``place`` is the path below the layer, or below the step's view of it: ``("style", "column")``.
    """

    def __init__(self, message: str, place: tuple[str | int, ...], *, in_step: bool) -> None:
        super().__init__(message)
        self.place = place
        self.in_step = in_step


@dataclass(frozen=True)
class FeatureSet:
    """One layer's features. ``frame``: EPSG:4326 lon, lat. Same row order in all: ``keys``, ``world``, ``km``."""

    layer: str
    index: int
    """Position in `Story.layers`."""
    frame: gpd.GeoDataFrame
    keys: tuple[str, ...]
    """Names of the features in ``layer/feature``."""
    world: generalise.Geometries
    """Geometry in world units."""
    km: tuple[float | None, ...]
    """How exactly each place is known, kilometres."""
    notes: tuple[str, ...] = ()
    """What was repaired or left out when the file was read, in words."""

    def box(self, feature: str | None, where: Any = None) -> Box:
        """Extent in world units of one feature, or of all that ``where`` lets through, with what is not known of them.

        Raises `NoSuchFeature`.
        """
        if feature is None:
            rows = np.flatnonzero(values.filtered(self.frame, where))
            if not len(rows):
                raise NoSuchFeature(f"layer '{self.layer}' shows no feature here: its 'where' leaves none")
        else:
            rows = np.array([row for row, key in enumerate(self.keys) if key == slug(feature)], dtype=int)
            if not len(rows):
                raise NoSuchFeature(f"layer '{self.layer}' has no feature '{feature}'{nearest(feature, self.keys)}")
        return union_box([self._row_box(int(row)) for row in rows])

    def _row_box(self, row: int) -> Box:
        x0, y0, x1, y1 = (float(n) for n in shapely.bounds(self.world[row]))
        grow = self.blur(row) or 0.0
        if shapely.get_dimensions(self.world[row]) > 0:
            grow = 0.0
        return (x0 - grow, y0 - grow, x1 + grow, y1 + grow)

    def blur(self, row: int) -> float | None:
        """Radius of what is not known of a feature's place, in world units."""
        km = self.km[row]
        if km is None:
            return None
        lat = float(self.frame.geometry.iloc[row].centroid.y)
        return km_to_world(km, lat)


def slug(text: str) -> str:
    """``Kokzhon (Kok-Dzhon)`` → ``kokzhon-kok-dzhon``; letters of other scripts are kept."""
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"[\W_]+", "-", plain).strip("-")


def report(story: Story, problems: Problems, place: Sequence[str | int], message: str) -> None:
    """Adds a problem of ``story.yaml`` at ``place``, once."""
    problem = Problem("story.yaml", story.line(tuple(place)), place_name(place), message)
    if problem not in problems:
        problems.append(problem)


def load(story: Story, cache: Path | None, problems: Problems, reuse: Reuse | None = None) -> dict[str, FeatureSet]:
    """Layer id → features, for every layer; what can not be read is added to ``problems``."""
    reuse = Reuse() if reuse is None else reuse
    sets: dict[str, FeatureSet] = {}
    for index, layer in enumerate(story.layers):
        source = layer.source
        try:
            data = geodata.read(
                story.folder, file=source.file, layer=source.layer, crs=source.crs, lon=source.lon, lat=source.lat,
                cache=cache, reuse=reuse,
            )  # fmt: skip
        except geodata.GeodataError as error:
            report(story, problems, ("layers", index, "source", "file"), str(error))
            continue
        made = _feature_set(story, index, layer, data, problems, reuse)
        if made is not None:
            sets[layer.id] = made
    return sets


def _feature_set(
    story: Story, index: int, layer: Layer, data: geodata.Geodata, problems: Problems, reuse: Reuse
) -> FeatureSet | None:
    before = len(problems)
    frame = reuse.part(("numbers",), (data.frame,), lambda: with_numbers(data.frame))
    columns = [str(column) for column in frame.columns if column != frame.geometry.name]

    def need(column: str | None, *place: str | int) -> None:
        if column is not None and column not in columns:
            message = f"{layer.source.file} has no column '{column}'{nearest(column, columns)}"
            report(story, problems, ("layers", index, *place), message)

    for column in layer.where or {}:
        need(column, "where", column)
    need(layer.key, "key")
    for at, column in enumerate(layer.tooltip):
        need(column, "tooltip", at)
    if layer.label:
        need(layer.label.column, "label", "column")
    if isinstance(layer.accuracy, str):
        need(layer.accuracy, "accuracy")
    _check_step_filters(story, layer, columns, problems)
    if len(problems) > before:
        return None
    rules = layer.model_dump_json(include={"id", "where", "key", "accuracy"})
    made = reuse.part(("features", index, rules), (data, frame), lambda: _chosen(index, layer, frame, data.notes))
    if made is None:
        report(story, problems, ("layers", index), "no feature is left: the file is empty, or 'where' matches none")
    return made


def _chosen(index: int, layer: Layer, frame: gpd.GeoDataFrame, notes: tuple[str, ...]) -> FeatureSet | None:
    """The features that the layer's own filter lets through; None when there are none."""
    frame = frame[values.filtered(frame, layer.where)].reset_index(drop=True)
    if frame.empty:
        return None
    return FeatureSet(
        layer.id, index, frame, _keys(layer, frame), generalise.project(frame), _accuracies(layer, frame), notes
    )


def with_numbers(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Columns of numbers with gaps come as objects with None; symbology wants numbers with NaN."""
    frame = frame.copy()
    for column in frame.columns:
        if column == frame.geometry.name or frame[column].dtype != object:
            continue
        known = [value for value in frame[column] if value is not None]
        if known and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
            frame[column] = pd.to_numeric(frame[column])
    return frame


def _check_step_filters(story: Story, layer: Layer, columns: Sequence[str], problems: Problems) -> None:
    for number, step in enumerate(story.steps):
        for at, part in enumerate(step.show):
            for column in part.where or {} if part.layer == layer.id else ():
                if column not in columns:
                    message = f"{layer.source.file} has no column '{column}'{nearest(column, columns)}"
                    report(story, problems, ("steps", number, "show", at, "where", column), message)


def _keys(layer: Layer, frame: gpd.GeoDataFrame) -> tuple[str, ...]:
    column = layer.key or next((name for name in ("id", "name") if name in frame.columns), None)
    if column is None:
        return tuple(str(row + 1) for row in range(len(frame)))
    return tuple(slug(values.text_of(value)) or str(row + 1) for row, value in enumerate(frame[column]))


def _accuracies(layer: Layer, frame: gpd.GeoDataFrame) -> tuple[float | None, ...]:
    if layer.accuracy is None:
        return (None,) * len(frame)
    if isinstance(layer.accuracy, str):
        numbers = pd.to_numeric(frame[layer.accuracy], errors="coerce")
        return tuple(None if pd.isna(number) else float(number) for number in numbers)
    return (float(layer.accuracy),) * len(frame)
