"""The story as data: ``story.json`` with every text, source and licence, and the features of each layer as GeoJSON.

Of a layer's file only what the story shows is published: the features that its ``where`` keeps, and the columns that
style, label, explain or name them. A newsroom's notes in other columns stay at home.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from storymap import featureset, geojson
from storymap.errors import StoryError
from storymap.featureset import FeatureSet
from storymap.story import Layer, Step, Story, Style

__all__ = ["layer_files", "shown_columns", "story_json"]

DIGITS = 6
"""Decimals of a degree: a tenth of a metre."""


def layer_files(story: Story, cache: Path | None = None) -> dict[str, tuple[str, bytes]]:
    """Layer id → (path in the site, GeoJSON in EPSG:4326 lon, lat) of every layer that a step shows.

    Raises `StoryError` when a file can not be read.
    """
    problems: featureset.Problems = []
    sets = featureset.load(story, cache, problems)
    if problems:
        raise StoryError(problems)
    shown = {part.layer for step in story.steps for part in step.show}
    out = {}
    for layer in story.layers:
        if layer.id in shown:
            content = _geojson(story, layer, sets[layer.id])
            digest = hashlib.sha256(content).hexdigest()[:16]
            out[layer.id] = (f"data/{layer.id}-{digest}.geojson", content)
    return out


def shown_columns(story: Story, layer: Layer, columns: Iterable[str]) -> list[str]:
    """Columns of a layer's file that the story shows or that decide how it looks, translations of names included."""
    steps = [part for step in story.steps for part in step.show if part.layer == layer.id]
    wanted = {*layer.tooltip, *(layer.where or {})}
    for part in steps:
        wanted |= set(part.where or {})
    for style in (layer.style, *(part.style or Style() for part in steps)):
        wanted |= {name for name in (style.column, style.size_column) if name}
    wanted |= {layer.label.column} if layer.label else set()
    wanted |= {layer.accuracy} if isinstance(layer.accuracy, str) else set()
    wanted |= {layer.key} if layer.key else {"id", "name"}
    localised = {f"{name}_{code.replace('-', '_')}" for name in wanted for code in story.languages}
    return [column for column in columns if column in wanted or column in localised]


def story_json(
    stories: Mapping[str, Story],
    files: Mapping[str, tuple[str, bytes]],
    pages: Mapping[str, str],
    *,
    base_credits: Iterable[str],
    media: Mapping[str, str],
    url: str | None,
) -> str:
    """``story.json``. ``stories``: language → story, its own first; ``files`` as from `layer_files`; ``pages``: language →
    path; ``base_credits``: of the basemap; ``media``: file in the story folder → path in the site."""
    own = next(iter(stories.values()))
    data: dict[str, Any] = {
        "storymap": 1,
        "slug": own.slug,
        "url": url,
        "lang": own.lang,
        "pages": dict(pages),
        **_texts(own, ("title", "subtitle", "description", "byline", "review", "article")),
        "published": own.published.isoformat() if own.published else None,
        "modified": own.modified.isoformat() if own.modified else None,
        "corrections": [item.model_dump(mode="json", exclude_none=True) for item in own.corrections],
        "sources": {name: item.model_dump(mode="json", exclude_none=True) for name, item in own.sources.items()},
        "basemap": {"name": own.basemap, "credits": list(base_credits)},
        "layers": [_layer(layer, *files[layer.id]) for layer in own.layers if layer.id in files],
        "steps": [_step(step, media) for step in own.steps],
        "translations": {code: _translation(story) for code, story in stories.items() if code != own.lang},
    }
    return json.dumps(_present(data), ensure_ascii=False, indent=1) + "\n"


def _layer(layer: Layer, path: str, content: bytes) -> dict[str, Any]:
    source = layer.source
    return _present(
        {
            "id": layer.id,
            "title": layer.title,
            "legend": layer.legend,
            "data": path,
            "features": len(json.loads(content)["features"]),
            "credit": source.credit,
            "license": source.license,
            "url": source.url,
            "accessed": source.accessed.isoformat() if source.accessed else None,
            "note": source.note,
            "accuracy_km": layer.accuracy if isinstance(layer.accuracy, float) else None,
            "accuracy_column": layer.accuracy if isinstance(layer.accuracy, str) else None,
        }
    )


def _step(step: Step, media: Mapping[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = step.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    if step.media:
        made["media"]["file"] = media.get(step.media.file)
    if step.figure:
        # The table stands in the page; its file is not published.
        made["figure"].pop("file", None)
    stills = {kind: f"images/{step.id}.{kind}" for kind in ("svg", "png")}
    return _present({**made, "pictures": stills})


def _translation(story: Story) -> dict[str, Any]:
    """The texts of a translation, by the ids that they belong to."""
    return {
        **_texts(story, ("title", "subtitle", "description", "byline", "review")),
        "steps": {step.id: _present(_texts(step, ("title", "when", "alt", "text"))) for step in story.steps},
    }


def _texts(model: Story | Step, keys: Iterable[str]) -> dict[str, Any]:
    return _present({key: getattr(model, key) for key in keys})


def _present(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value is not None and value not in ({}, [])}


def _geojson(story: Story, layer: Layer, features: FeatureSet) -> bytes:
    frame = features.frame
    columns = shown_columns(story, layer, [str(name) for name in frame.columns if name != frame.geometry.name])
    geometry = shapely.set_precision(frame.geometry.array, 10**-DIGITS, mode="pointwise")
    collection = {
        "type": "FeatureCollection",
        "license": layer.source.license,
        "credit": layer.source.credit,
        "features": [
            {
                "type": "Feature",
                "id": features.keys[row],
                "properties": {column: _plain(frame[column].iloc[row]) for column in columns},
                "geometry": geojson.written(geometry[row], DIGITS),
            }
            for row in range(len(frame))
        ],
    }
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode()


def _plain(value: Any) -> Any:
    """A cell as JSON: numbers, text, true or false, null; anything else as text."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, bool | int | str | float):
        return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value
    text = str(value)
    return None if text in ("NaT", "<NA>") else text
