"""The story as plain Leaflet data: what someone needs who writes the same page without this project.

Files, filters and styles of `geodata/zhanatas` in Leaflet's own terms. What only this project has (growing lines, soft
points, patterns, placed labels, cameras solved around the card) is left out, which makes the pages it is compared with
lighter, not heavier.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shapely.geometry import shape
from storymap import palette, prose, storyfile
from storymap.story import Layer, LayerView, Step, Story

__all__ = ["COUNTRIES", "COUNTRY_STYLE", "SEA", "plain_story"]

COUNTRIES = "eurasia.geojson"
SEA = palette.TOKENS["sea"].light
COUNTRY_STYLE = {"color": palette.TOKENS["borders"].light, "weight": 0.9, "fillColor": palette.TOKENS["land"].light,
                 "fillOpacity": 1}  # fmt: skip


def plain_story(folder: Path, basemap: Path) -> dict[str, Any]:
    """{title, subtitle, files: {name: GeoJSON}, countries: GeoJSON, steps: [{title, when, html, bounds, layers}]}.

    ``bounds``: Leaflet's [[south, west], [north, east]] in degrees. A step's layers: {file, where, style, styles, label}.
    """
    story = storyfile.load(folder)
    files = {layer.source.file: json.loads((folder / layer.source.file).read_text("utf-8")) for layer in story.layers}
    used = {story.layer(view.layer).source.file for step in story.steps for view in step.show}
    return {
        "title": story.title,
        "subtitle": story.subtitle or "",
        "countries": json.loads((basemap / COUNTRIES).read_text("utf-8")),
        "files": {name: content for name, content in files.items() if name in used},
        "steps": [_step(story, step, files) for step in story.steps],
    }


def _step(story: Story, step: Step, files: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": step.title,
        "when": step.when or "",
        "html": prose.to_html(step.text, shift=2, lang=story.lang),
        "bounds": _bounds(story, step, files),
        "layers": [_layer(story, story.layer(view.layer), view, files) for view in step.show],
    }


def _layer(story: Story, layer: Layer, view: LayerView, files: dict[str, Any]) -> dict[str, Any]:
    asked = layer.style.model_dump(exclude_none=True)
    asked |= view.style.model_dump(exclude_none=True) if view.style else {}
    out: dict[str, Any] = {"file": layer.source.file, "style": _path_options(story, asked)}
    where = {**_listed(layer.where), **_listed(view.where)}
    if where:
        out["where"] = where
    if asked.get("categories"):
        by_value = {value: _path_options(story, {**asked, **own}) for value, own in asked["categories"].items()}
        out["styles"] = {"column": asked["column"], "by": by_value}
    if asked.get("size_column"):
        out["radii"] = _radii(asked, files[layer.source.file])
    if layer.label and view.label:
        out["label"] = layer.label.column
    return out


def _listed(where: Any) -> dict[str, list[Any]]:
    return {column: list(values) for column, values in (where or {}).items()}


def _path_options(story: Story, style: dict[str, Any]) -> dict[str, Any]:
    color = _hex(story, style.get("color", "muted"))
    out = {
        "color": color,
        "weight": style.get("weight", 1.5),
        "opacity": style.get("opacity", 1),
        "fillColor": _hex(story, style["fill_color"]) if "fill_color" in style else color,
        "fillOpacity": style.get("fill_opacity", 0.3),
        "radius": style.get("radius", 5),
    }
    return out | ({"dashArray": style["dash_array"]} if "dash_array" in style else {})


def _hex(story: Story, name: str) -> str:
    if name.startswith("#"):
        return name
    own = story.theme.colors.get(name)
    return own.light if own else palette.TOKENS[name].light


def _radii(style: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    """Radius in pixels by value of the column: the area of a circle is in proportion to it."""
    column = style["size_column"]
    values = [feature["properties"][column] for feature in content["features"]]
    most = max(values)
    return {"column": column, "by": {str(v): round(style.get("radius_max", 30) * (v / most) ** 0.5, 1) for v in values}}


def _bounds(story: Story, step: Step, files: dict[str, Any]) -> list[list[float]]:
    if step.view.bounds:
        west, south, east, north = step.view.bounds
        return [[south, west], [north, east]]
    boxes = []
    for ref in step.view.fit or ():
        name, _, feature = ref.partition("/")
        layer = story.layer(name)
        for item in files[layer.source.file]["features"]:
            properties = item["properties"]
            wanted = all(properties.get(column) in values for column, values in (layer.where or {}).items())
            if wanted and feature in ("", str(properties.get(layer.key or "id", properties.get("name")))):
                boxes.append(shape(item["geometry"]).bounds)
    west, south = min(box[0] for box in boxes), min(box[1] for box in boxes)
    east, north = max(box[2] for box in boxes), max(box[3] for box in boxes)
    return [[south, west], [north, east]]
