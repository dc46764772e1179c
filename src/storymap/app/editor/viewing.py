"""The view of a step, as the editor takes it from the map: bounds, what must be seen, and what these are called."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storymap import values
from storymap.drawing import Box, Scene, ViewBox
from storymap.featureset import FeatureSet
from storymap.manuscript import Data
from storymap.mercator import WORLD, lonlat
from storymap.scene import DEFAULT_MAX_ZOOM
from storymap.story import Story

__all__ = ["Look", "bounds_of_box", "framed", "look_at", "rounded", "taken", "toggled"]

MOST_NAMED = 300
"""Features of a layer that are offered by name; a layer with more is framed as a whole, or its features are picked."""
MOST_ZOOM = 14.0
AIR = 0.06
"""Share of its size that is left around what a view frames."""

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Look:
    """What an editor chooses from: ``names`` of layers and features by their ``layer/feature``, and ``bounds`` of each
    step's view (west, south, east, north in degrees)."""

    names: Mapping[str, str]
    bounds: Mapping[str, Bounds]


def look_at(story: Story, sets: Mapping[str, FeatureSet], scene: Scene) -> Look:
    """Names and bounds of a story that was compiled."""
    names: dict[str, str] = {}
    for layer in story.layers:
        title = layer.title or layer.legend or layer.id
        names[layer.id] = title
        features = sets.get(layer.id)
        if features is not None and len(features.keys) <= MOST_NAMED:
            column = layer.label.column if layer.label else "name"
            names.update({f"{layer.id}/{key}": f"{name} ({title})" for key, name in _named(features, column)})
    return Look(names, {step.id: bounds_of_box(_with_air(step.view)) for step in scene.steps})


def _with_air(view: ViewBox) -> Box:
    """What a view frames with about as much air around it as its pad is on a screen; bounds have none of their own."""
    x0, y0, x1, y1 = view.box
    air = view.pad and max(AIR * max(x1 - x0, y1 - y0), view.pad / 2**view.max_zoom)
    return (x0 - air, y0 - air, x1 + air, y1 + air)


def _named(features: FeatureSet, column: str) -> list[tuple[str, str]]:
    if column not in features.frame.columns:
        return [(key, key) for key in features.keys]
    texts = [values.text_of(value).strip() for value in features.frame[column]]
    return [(key, text or key) for key, text in zip(features.keys, texts, strict=True)]


def bounds_of_box(box: Box) -> Bounds:
    """A box in world units → west, south, east, north in degrees, rounded to a hundredth of its size."""
    west, south = lonlat(box[0], box[3])
    east, north = lonlat(box[2], box[1])
    if box[2] - box[0] >= WORLD:
        west, east = -180.0, 180.0
    size = max(box[2] - box[0], box[3] - box[1], 1e-6)
    return rounded((_within(west), south, _within(east), north), math.log2(WORLD / size))


def _within(lon: float) -> float:
    return lon if -180 <= lon <= 180 else (lon + 180) % 360 - 180


def rounded(bounds: Sequence[float], zoom: float) -> Bounds:
    """Bounds to about half a pixel at ``zoom``, so that the file keeps numbers that people can read."""
    pixel = 360 / (WORLD * 2**zoom)
    digits = max(0, min(6, math.ceil(-math.log10(pixel))))
    west, south, east, north = (round(float(number), digits) + 0.0 for number in bounds)
    return west, south, east, north


def taken(view: Any, said: Any) -> Data | None:
    """The data of a view with the bounds that the preview tells (``{"bounds": [w, s, e, n], "zoom": z}``).

    What must be seen stays. Where the map was flown nearer than the view may come, ``max_zoom`` lets it. None for what
    is no view: it comes from a browser.
    """
    if not isinstance(said, Mapping):
        return None
    bounds: Any = said.get("bounds")
    zoom: Any = said.get("zoom")
    if not isinstance(bounds, list) or len(bounds) != 4 or not all(_number(one) for one in [*bounds, zoom]):
        return None
    west, south, east, north = rounded(bounds, float(zoom))
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -85 <= south < north <= 85) or west == east:
        return None
    before = dict(view) if isinstance(view, dict) else {}
    before.pop("fit", None)
    made: Data = {**before, "bounds": [west, south, east, north]}
    most: Any = before.get("max_zoom")
    limit = float(most) if _number(most) else DEFAULT_MAX_ZOOM
    if float(zoom) > limit + 0.05:
        # Up, or the view would stay a little farther away than it was taken.
        nearest = min(MOST_ZOOM, math.ceil(float(zoom) * 10) / 10)
        made["max_zoom"] = int(nearest) if nearest.is_integer() else nearest
    return made


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def toggled(refs: Any, ref: str) -> list[str]:
    """What must be seen, with ``ref`` if it was not there, without it if it was."""
    before = [refs] if isinstance(refs, str) else [str(one) for one in refs or []]
    return [one for one in before if one != ref] if ref in before else [*before, ref]


def framed(view: Any, kind: str, bounds: Bounds | None, layers: Sequence[str]) -> Data | None:
    """The same view framed the other way: ``kind`` is ``fit`` (by ``layers``) or ``bounds``; None when it can not be."""
    before = dict(view) if isinstance(view, dict) else {}
    rest = {key: value for key, value in before.items() if key not in ("fit", "bounds")}
    if kind == "fit":
        return {"fit": list(layers) if len(layers) > 1 else layers[0], **rest} if layers else None
    return {"bounds": list(bounds), **rest} if bounds else None
