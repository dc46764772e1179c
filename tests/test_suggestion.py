"""`storymap.suggestion`: a description that says what the map shows, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from storyfolder import load_story
from storymap.basemap import load_basemap
from storymap.document import draw
from storymap.scene import compile_scene
from storymap.story import Story
from storymap.suggestion import suggested_alt

ROOT = Path(__file__).resolve().parents[1]


def suggested(story: Story, step: str) -> str:
    return suggested_alt(story, draw(story).scene, step)


def test_layers_are_told_from_the_top_with_the_names_that_the_map_writes(tmp_path: Path) -> None:
    text = suggested(load_story(tmp_path), "one")
    assert text.endswith("It shows: Town; Area.")
    assert suggested(load_story(tmp_path), "two").endswith("It shows: Town; Pit; Line.")


def test_names_are_told_once_and_only_where_the_step_writes_them(tmp_path: Path) -> None:
    def rename(story: dict[str, Any]) -> None:
        story["layers"][1]["legend"] = "Places with people"

    assert "Places with people (Town)" in suggested(load_story(tmp_path, rename), "one")

    def hide(story: dict[str, Any]) -> None:
        rename(story)
        story["steps"][0]["show"][1] = {"layer": "town", "label": False}

    text = suggested(load_story(tmp_path / "hidden", hide), "one")
    assert "Places with people" in text
    assert "Town" not in text


def test_a_step_without_layers_tells_what_is_around(tmp_path: Path) -> None:
    def empty(story: dict[str, Any]) -> None:
        story["steps"][2].pop("show")
        story["steps"][2]["without"] = []

    text = suggested(load_story(tmp_path, empty), "three")
    assert text.startswith("Map: ")
    assert "Almaty" in text
    assert "shows" not in text

    def bare(story: dict[str, Any]) -> None:
        empty(story)
        story["steps"][2]["without"] = ["country-labels", "city-labels", "water-labels", "range-labels"]

    assert suggested(load_story(tmp_path / "bare", bare), "three") == "Map."


@pytest.mark.parametrize(
    ("lang", "start", "town"), [("ru", "Карта", "Город"), ("kk", "Карта", "Town"), ("de", "Map", "Town")]
)
def test_it_speaks_the_language_of_the_story_where_it_can(tmp_path: Path, lang: str, start: str, town: str) -> None:
    def speak(story: dict[str, Any]) -> None:
        story["lang"] = lang
        story["layers"][1]["legend"] = "X"

    text = suggested(load_story(tmp_path, speak), "one")
    assert text.startswith(start)
    assert f"X ({town})" in text


def test_a_hidden_name_is_not_told(tmp_path: Path) -> None:
    """Two names at one place: the map has room for one, so one is told."""

    def crowd(places: dict[str, Any]) -> None:
        town = places["features"][1]
        places["features"] += [
            {**town, "properties": {**town["properties"], "id": f"t{n}", "name": f"Neighbouring settlement number {n}"}}
            for n in range(30)
        ]

    story = load_story(tmp_path, lambda said: said["layers"][1].update(legend="X"), crowd)
    scene = compile_scene(story, load_basemap(ROOT / "geodata" / "basemap"))
    text = suggested_alt(story, scene, "one")
    assert text.count("Neighbouring settlement") < 30
    assert len(text) < 300
