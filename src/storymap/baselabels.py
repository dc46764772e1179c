"""The basemap's names: which ones, where, between which zooms, in the reader's language."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal

import shapely

from storymap.basemapfile import Basemap, Feature
from storymap.basemapspec import Mark
from storymap.drawing import BaseLabel, Box, Label
from storymap.generalise import project
from storymap.mercator import world
from storymap.reuse import Reuse

__all__ = ["compile_labels"]

EXPLORE_ZOOM = 1.0
"""Zooms past a view for which names are still there, and half the view around it."""
EVERYWHERE = 2.8
"""Names that show by this zoom are kept wherever they are."""

CITY_ZOOM = (3.1, 3.5, 4.0, 4.5, 5.0, 5.5, 6.1, 7.0, 7.6)
"""Zoom from which a city of this rank (Natural Earth's scale rank, 0 … 8) is written."""
CAPITAL_ZOOM = 0.4
"""Zooms by which a capital comes earlier."""
FURTHEST = 24.0


def compile_labels(
    basemap: Basemap,
    boxes: Sequence[tuple[Box, float]],
    lang: str,
    hidden: Sequence[Collection[str]] = (),
    reuse: Reuse | None = None,
) -> tuple[BaseLabel, ...]:
    """Labels that some view, or a reader who explores around it, can come to see, the weightiest first.

    ``boxes``: (what a viewport shows in world units, its zoom); ``hidden``: for each of them the kinds of labels that its
    view leaves out. A name that ``lang`` lacks falls back to English; a
    city's only where ``lang`` is none of the basemap's languages, since its names would then be mixed. Labels have
    priorities below 0, so that those of a story win.
    """
    made = Reuse() if reuse is None else reuse
    every = made.part(("base names", lang), (basemap,), lambda: _every(basemap, lang))
    views = list(zip(boxes, hidden or [()] * len(boxes), strict=True))
    by_part = {part: [box for box, parts in views if part not in parts] for part in {label.part for label in every}}
    seen = [label for label in every if _wanted(label, by_part[label.part])]
    labels = tuple(sorted(seen, key=lambda base: (-base.label.priority, base.label.key, base.min_zoom)))
    return made.part(("label list", labels), (), lambda: labels)


def _every(basemap: Basemap, lang: str) -> tuple[BaseLabel, ...]:
    return (*_countries(basemap, lang), *_marks(basemap, lang), *_cities(basemap, lang))


def _wanted(base: BaseLabel, boxes: Sequence[tuple[Box, float]]) -> bool:
    if base.min_zoom <= EVERYWHERE:
        return bool(boxes)
    x, y = base.label.x, base.label.y
    for (x0, y0, x1, y1), zoom in boxes:
        across, down = (x1 - x0) / 2, (y1 - y0) / 2
        here = any(x0 - across <= x + shift <= x1 + across for shift in (0, 256, -256))
        if base.min_zoom <= zoom + EXPLORE_ZOOM and here and y0 - down <= y <= y1 + down:
            return True
    return False


def _name(names: Mapping[str, str], lang: str) -> str:
    return names.get(lang) or names["en"]


def _names(properties: Mapping[str, Any], extra: Mapping[str, str]) -> dict[str, str]:
    """Names of a feature by language: ``name``, ``name_ru`` … and what `Labels.names` says instead."""
    names = {"en": str(properties["name"])}
    names |= {
        key.removeprefix("name_"): str(value) for key, value in properties.items() if key.startswith("name_") and value
    }
    return names | dict(extra)


def _countries(basemap: Basemap, lang: str) -> Iterator[BaseLabel]:
    labels, borders = basemap.spec.labels, basemap.spec.borders
    done = {*borders.unlabelled, *borders.join}
    for level in basemap.spec.levels:
        for feature in basemap.files[level.countries]:
            country = str(feature.properties["id"])
            if country in done or "label_x" not in feature.properties:
                continue
            done.add(country)
            text = _name(_names(feature.properties, labels.names.get(country, {})), lang)
            size = _size(feature)
            fits = math.log2((30 + 3.4 * len(text)) / size)
            own = (feature.properties["label_x"], feature.properties["label_y"])
            marks = labels.countries.get(country)
            spans = [(mark.at or own, *mark.zoom) for mark in marks] if marks else [(own, fits, max(fits, 0) + 4)]
            priority = max(-39, min(-10, round(-30 + 5 * math.log2(size))))
            for at, low, high in spans:
                yield _label(text, at, "country", priority, f"country:{country}", max(0.0, low), high)


def _size(feature: Feature) -> float:
    """Side of a square of the same area, world units."""
    return math.sqrt(max(float(shapely.area(project([feature.geometry])[0])), 1e-9))


def _marks(basemap: Basemap, lang: str) -> Iterator[BaseLabel]:
    labels = basemap.spec.labels
    kinds: tuple[tuple[tuple[Mark, ...], Literal["water", "range"], int], ...] = (
        (labels.water, "water", -16),
        (labels.ranges, "range", -22),
    )
    for marks, role, top in kinds:
        for mark in marks:
            text, key = _name(mark.names, lang), f"{role}:{mark.key}"
            anchor: Literal["point", "centre"] = "point" if mark.beside else "centre"
            yield _label(text, mark.at, role, top - 4 * mark.rank, key, *mark.zoom, anchor=anchor)


def _cities(basemap: Basemap, lang: str) -> Iterator[BaseLabel]:
    spec = basemap.spec
    for city in spec.labels.cities:
        yield from _city(basemap, dict(city.names), city.at, city.rank, city.capital, lang)
    for file in spec.labels.city_files:
        for feature in basemap.files[file]:
            name, rank = str(feature.properties["name"]), int(feature.properties["rank"])
            names = _names(feature.properties, spec.labels.names.get(name, {}))
            point = shapely.get_coordinates(feature.geometry)[0]
            at, capital = (float(point[0]), float(point[1])), bool(feature.properties["capital"])
            yield from _city(basemap, names, at, rank, capital, lang)


def _city(
    basemap: Basemap, names: Mapping[str, str], at: tuple[float, float], rank: int, capital: bool, lang: str
) -> Iterator[BaseLabel]:
    if lang in basemap.spec.languages and lang not in names:
        return
    role: Literal["capital", "city", "town"] = "capital" if capital else "city" if rank < 6 else "town"
    low = CITY_ZOOM[min(rank, len(CITY_ZOOM) - 1)] - (CAPITAL_ZOOM if capital else 0)
    priority = -18 - 4 * rank + (3 if capital else 0)
    key = f"city:{names['en']}"
    yield _label(_name(names, lang), at, role, priority, key, low, FURTHEST, anchor="point")


def _label(
    text: str,
    at: tuple[float, float],
    role: Literal["country", "water", "range", "capital", "city", "town"],
    priority: int,
    key: str,
    min_zoom: float,
    max_zoom: float,
    *,
    anchor: Literal["point", "centre"] = "centre",
) -> BaseLabel:
    x, y = world(*at)
    part = {"country": "country-labels", "water": "water-labels", "range": "range-labels"}.get(role, "city-labels")
    label = Label(text, round(x, 3), round(y, 3), role, priority, anchor=anchor, gap=5.0, key=key)
    return BaseLabel(label, round(min_zoom, 2), round(max_zoom, 2), part)
