"""The map of the data panel: looks at features, draws new ones, moves and picks places. A component without a frame.

Leaflet and Leaflet.draw come from this server (`storymap.app.assets`); nothing is asked of another host.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
import streamlit as st

from storymap.app.address import app_path

__all__ = ["Shape", "drawing_map", "extent", "shapes_of"]

HERE = Path(__file__).parent
MOST_SHAPES = 1500
MOST_CORNERS = 20_000
HTML = """<div class="drawing-map"><div class="drawing-map-tools" role="group" aria-label="Draw" hidden></div>
<p class="drawing-map-told" role="alert"></p><div class="drawing-map-place"></div></div>"""

_component = st.components.v2.component(
    "storymap_drawing_map",
    html=HTML,
    css=(HERE / "drawing_map.css").read_text(encoding="utf-8"),
    js=(HERE / "drawing_map.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


@dataclass(frozen=True)
class Shape:
    """A feature on the map. ``geometry``: GeoJSON, lon lat; ``at``: its row, for what is done to it."""

    geometry: Mapping[str, Any]
    at: int | None = None
    name: str = ""
    color: str = ""
    move: bool = False
    """A point that can be dragged."""
    bend: bool = False
    """A line or an area whose corners can be dragged."""
    picked: bool = False
    label: bool = False
    small: bool = False
    km: float | None = None
    """Radius of a circle around a point."""


def drawing_map(
    key: str,
    shapes: Sequence[Shape],
    *,
    label: str,
    look: str,
    bounds: tuple[float, float, float, float] | None,
    draw: Sequence[str] = (),
    pick: bool = False,
    done: Callable[[str, Mapping[str, Any]], None] | None = None,
) -> None:
    """Shows the map. ``look``: the view goes to ``bounds`` (west, south, east, north) when this changes, else it stays.

    ``draw``: kinds that can be drawn (``point``, ``line``, ``area``). ``done`` gets what was done and to what: ``made``
    {geometry}, ``moved`` {at, lon, lat}, ``reshaped`` {at, geometry}, ``picked`` {at}.
    """

    def tell(what: str) -> Callable[[], None]:
        def told() -> None:
            said = st.session_state[key].get(what)
            if done is not None and isinstance(said, Mapping):
                done(what, said)

        return told

    _component(
        key=key,
        data={
            "base": app_path(_app_url()), "label": label, "look": look, "bounds": list(bounds) if bounds else None,
            "draw": list(draw), "pick": pick, "shapes": [_plain(shape) for shape in shapes[:MOST_SHAPES]],
        },
        on_made_change=tell("made"), on_moved_change=tell("moved"), on_reshaped_change=tell("reshaped"),
        on_picked_change=tell("picked"),
    )  # fmt: skip


def extent(shapes: Sequence[Shape]) -> tuple[float, float, float, float] | None:
    """West, south, east, north of all shapes, degrees."""
    found = [shapely.from_geojson(json.dumps(shape.geometry)).bounds for shape in shapes if shape.geometry]
    if not found:
        return None
    west, south, east, north = (
        pick(values) for pick, values in zip((min, min, max, max), zip(*found, strict=True), strict=True)
    )
    return (west, south, east, north)


def shapes_of(features: Sequence[Mapping[str, Any]], name: str | None = None, **about: Any) -> list[Shape]:
    """Features as shapes, named by a column. Outlines with very many corners are drawn with fewer, and do not bend."""
    rows = [(at, one) for at, one in enumerate(features) if one.get("geometry")][:MOST_SHAPES]
    geometries = [one["geometry"] for _, one in rows]
    corners = sum(
        json.dumps(geometry["coordinates"]).count("[") for geometry in geometries if "coordinates" in geometry
    )
    if corners > MOST_CORNERS:
        about = {**about, "bend": False}
        geometries = _thinner(geometries)
    return [
        Shape(geometry, at, str((one["properties"].get(name) if name else None) or f"Feature {at + 1}"), **about)
        for (at, one), geometry in zip(rows, geometries, strict=True)
    ]


def _thinner(geometries: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    shapes = shapely.from_geojson([json.dumps(geometry) for geometry in geometries])
    west, south, east, north = shapely.total_bounds(shapes)
    thin = shapely.simplify(shapes, max(east - west, north - south) / 1500)
    return [json.loads(text) for text in shapely.to_geojson(thin)]


def _plain(shape: Shape) -> dict[str, Any]:
    said = {key: getattr(shape, key) for key in Shape.__dataclass_fields__}
    return {key: value for key, value in said.items() if value not in (None, False, "")} | {"at": shape.at}


def _app_url() -> str | None:
    """Address of the app: of its page, without the page's own name."""
    url = st.context.url
    return url.split("?")[0].rstrip("/").removesuffix("/edit") if url else None
