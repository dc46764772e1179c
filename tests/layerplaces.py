"""A story of three layers, with data that can be told apart by kind and by number."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

__all__ = ["LAYERS", "LAYER_STORY", "write_layers"]

LAYER_STORY = "layered"
"""Name of the story."""

_SITES = [
    ("Alpha", "Альфа", "mine", 100, 5), ("Beta", "", "mine", 400, 7), ("Gamma", "", "plant", 900, None),
    ("Delta", "", "plant", 1600, 2), ("Epsilon", "", "town", 25000, 1), ("Zeta", "", "town", 49, 1),
]  # fmt: skip
_SOURCE = {"credit": "A desk", "license": "CC-BY-4.0"}

LAYERS: dict[str, Any] = {
    "title": "A story",
    "theme": {"colors": {"ore": {"light": "#a4610a", "dark": "#f0b357"}, "leaf": "#5a8c09"}},
    "layers": [
        {"id": "land", "title": "Land", "source": {"file": "land.geojson", **_SOURCE}, "style": {"color": "leaf"},
         "legend": "Land"},
        {"id": "road", "title": "Road", "source": {"file": "road.geojson", **_SOURCE}, "style": {"color": "#333333", "weight": 3},
         "legend": "Road"},
        {"id": "sites", "title": "Sites", "source": {"file": "sites.geojson", **_SOURCE}, "style": {"color": "ore"},
         "label": "name", "tooltip": ["name"], "legend": "Sites"},
    ],
    "steps": [
        {"id": "one", "title": "One", "view": {"fit": "land"}, "show": ["land", "road", "sites"], "alt": "A.", "text": "First."},
        {"id": "two", "title": "Two", "view": {"fit": "sites"},
         "show": ["land", {"layer": "sites", "where": {"kind": "mine"}, "style": {"color": "#224466"}}],
         "alt": "B.", "text": "Second."},
        {"id": "three", "title": "Three", "view": {"bounds": [60, 40, 80, 50]}, "tone": "dark", "show": ["land"],
         "alt": "C.", "text": "Third."},
    ],
}  # fmt: skip


def _feature(kind: str, coordinates: Any, /, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def write_layers(folder: Path, change: Any = lambda story: None) -> Path:
    """The story folder ``layered`` below ``folder``; ``change`` may alter the story before it is written."""
    path = folder / LAYER_STORY
    path.mkdir(parents=True, exist_ok=True)
    sites = [
        _feature(
            "Point",
            [69 + n * 0.4, 43 + (n % 3) * 0.3],
            name=name,
            name_ru=russian or None,
            kind=kind,
            people=people,
            km=km,
        )
        for n, (name, russian, kind, people, km) in enumerate(_SITES)
    ]
    square = [[[68, 42], [72, 42], [72, 45], [68, 45], [68, 42]]]
    line = [[68.2, 42.5], [70, 43.5], [71.8, 44.5]]
    data = {
        "sites": sites, "land": [_feature("Polygon", square, name="Land")], "road": [_feature("LineString", line, name="Road")],
    }  # fmt: skip
    for name, features in data.items():
        content = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
        (path / f"{name}.geojson").write_text(content, encoding="utf-8")
    story = json.loads(json.dumps(LAYERS))
    change(story)
    with (path / "story.yaml").open("w", encoding="utf-8") as file:
        YAML().dump(story, file)
    return path
