"""Scene → the JSON that the page's script reads. Field names are those of `storymap.drawing`, in the script's case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from storymap import lettering, palette
from storymap.drawing import Box, Drawable, Label, Paint, Scene, Shape, StepScene
from storymap.story import Story

__all__ = ["page_json"]

PARTS = ("borders", "coast", "graticule", "lakes", "land", "railways", "regions", "rivers")


def page_json(story: Story, scene: Scene, words: Mapping[str, str], *, tiled: bool) -> str:
    """Compact JSON that is safe inside ``<script type="application/json">``: ``<``, ``>`` and ``&`` are escaped."""
    data = {
        "lang": story.lang,
        "words": dict(words),
        "tiled": tiled,
        "colors": sorted({*palette.TOKENS, *story.theme.colors}),
        "lettering": {key: value for key, value in lettering.tables().items() if key != "advance"},
        "parts": PARTS,
        "paths": {key: [*_near(path.origin), path.unit, *_near(path.box)] for key, path in scene.paths.items()},
        "levels": [
            [level.max_zoom, _near(level.box) if level.box else None, [[p.role, p.path, p.weight] for p in level.parts]]
            for level in scene.levels
        ],
        "labels": [
            {"label": _label(item.label), "min": item.min_zoom, "max": item.max_zoom, "part": item.part}
            for item in scene.base_labels
        ],
        "draw": {key: _drawable(drawable) for key, drawable in scene.drawables.items()},
        "steps": [_step(step) for step in scene.steps],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (
        text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
        .replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    )  # fmt: skip


def _near(numbers: tuple[float, ...] | Box) -> list[float]:
    """World coordinates to 1e-6: a hundredth of a pixel at zoom 13."""
    return [round(number, 6) for number in numbers]


def _drawable(drawable: Drawable) -> dict[str, Any]:
    return {
        "layer": drawable.layer,
        "title": drawable.title,
        "paints": [_paint(paint) for paint in drawable.paints],
        "shapes": [_shape(shape) for shape in drawable.shapes],
        "labels": [_label(label) for label in drawable.labels],
    }


def _paint(paint: Paint) -> dict[str, Any]:
    return {
        "fill": paint.fill,
        "fillOpacity": paint.fill_opacity,
        "stroke": paint.stroke,
        "opacity": paint.opacity,
        "weight": paint.weight,
        "dash": paint.dash,
        "pattern": paint.pattern,
        "symbol": paint.symbol,
        "radius": paint.radius,
        "soft": paint.soft,
        "arrow": paint.arrow,
    }


def _shape(shape: Shape) -> dict[str, Any]:
    out: dict[str, Any] = {"kind": shape.kind, "paint": shape.paint, "key": shape.key, "tip": shape.tip}
    if shape.kind == "point":
        out |= {"x": round(shape.x, 6), "y": round(shape.y, 6)}
        if shape.radius is not None:
            out["radius"] = round(shape.radius, 2)
        if shape.blur is not None:
            out["blur"] = round(shape.blur, 6)
    else:
        out["path"] = shape.path
    return out


def _label(label: Label) -> dict[str, Any]:
    out: dict[str, Any] = {
        "text": label.text,
        "x": round(label.x, 6),
        "y": round(label.y, 6),
        "role": label.role,
        "priority": label.priority,
        "anchor": label.anchor,
        "gap": label.gap,
        "key": label.key,
    }
    if label.color:
        out["color"] = label.color
    if label.blur is not None:
        out["blur"] = round(label.blur, 6)
    return out


def _step(step: StepScene) -> dict[str, Any]:
    view = step.view
    return {
        "id": step.id,
        "title": step.title,
        "view": {
            "box": _near(view.box),
            "pad": view.pad,
            "must": [{"ref": must.ref, "box": _near(must.box), "pad": must.pad} for must in view.must],
            "maxZoom": view.max_zoom,
        },
        "move": step.move,
        "tone": step.tone,
        "without": step.without,
        "show": step.show,
        "alt": step.alt,
    }
