"""Small story folders for tests: a valid one, changed by each test."""

from __future__ import annotations

import copy
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

import storymap
from storymap.story import Story

NULL = "tag:yaml.org,2002:null"

PLACES: dict[str, Any] = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"id": "area", "name": "Area", "name_ru": "Район", "kind": "area", "people": 0},
            "geometry": {"type": "Polygon", "coordinates": [[[68, 42], [72, 42], [72, 45], [68, 45], [68, 42]]]},
        },
        {
            "type": "Feature",
            "properties": {"id": "town", "name": "Town", "name_ru": "Город", "kind": "town", "people": 25000},
            "geometry": {"type": "Point", "coordinates": [69.7, 43.5]},
        },
        {
            "type": "Feature",
            "properties": {"id": "pit", "name": "Pit", "kind": "pit", "km": 5, "people": 0},
            "geometry": {"type": "Point", "coordinates": [69.9, 43.4]},
        },
        {
            "type": "Feature",
            "properties": {"id": "line", "name": "Line", "kind": "line", "people": 0},
            "geometry": {"type": "LineString", "coordinates": [[69.7, 43.5], [70.5, 43.2], [71.3, 42.9]]},
        },
    ],
}

SOURCE = {"file": "places.geojson", "credit": "A desk", "license": "CC-BY-4.0"}

STORY: dict[str, Any] = {
    "title": "A story",
    "layers": [
        {"id": "area", "source": SOURCE, "where": {"kind": "area"}, "style": {"color": "#336699"}, "legend": "Area"},
        {"id": "town", "source": SOURCE, "where": {"kind": "town"}, "label": "name", "tooltip": ["name"], "legend": "Town"},
        {"id": "pit", "source": SOURCE, "where": {"kind": "pit"}, "accuracy": "km", "legend": "Pit"},
        {"id": "line", "source": SOURCE, "where": {"kind": "line"}, "style": {"weight": 3}, "legend": "Line"},
    ],
    "steps": [
        {"id": "one", "title": "One", "view": {"fit": "area"}, "show": ["area", "town"], "alt": "Alt 1.", "text": "First."},
        {"id": "two", "title": "Two", "view": {"fit": ["town", "pit"], "must_see": ["town/town"]},
         "show": [{"layer": "line", "grow": True}, "pit", "town"], "alt": "Alt 2.", "text": "Second."},
        {"id": "three", "title": "Three", "view": {"bounds": [60, 40, 80, 50]}, "tone": "dark",
         "show": ["area"], "alt": "Alt 3.", "text": "Third."},
    ],
}  # fmt: skip


def write_story(
    folder: Path,
    change: Callable[[dict[str, Any]], object] = lambda story: None,
    data: Callable[[dict[str, Any]], object] = lambda places: None,
) -> Path:
    """A story folder below ``folder``; ``change`` and ``data`` may alter the story and its GeoJSON before writing."""
    story, places = copy.deepcopy(STORY), copy.deepcopy(PLACES)
    change(story)
    data(places)
    path = folder / "a-story"
    path.mkdir(parents=True, exist_ok=True)
    (path / "places.geojson").write_text(json.dumps(places), encoding="utf-8")
    with (path / "story.yaml").open("w", encoding="utf-8") as file:
        yaml = YAML()
        # Left empty, as ruamel writes it, it would be a mistake in a story.
        yaml.representer.add_representer(type(None), lambda writer, _: writer.represent_scalar(NULL, "null"))
        yaml.dump(story, file)
    return path


def load_story(
    folder: Path,
    change: Callable[[dict[str, Any]], object] = lambda story: None,
    data: Callable[[dict[str, Any]], object] = lambda places: None,
) -> Story:
    """The same, loaded."""
    return storymap.load(write_story(folder, change, data))


def contents(folder: Path) -> dict[str, bytes]:
    """Content of every file that is not hidden, by its path."""
    paths = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in paths.items()
        if not any(part.startswith(".") for part in name.parts)
    }


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """A zip of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()
