"""The data behind a story: what is published, on what terms, and what stays at home."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import storymap
from builtsite import URL, built, write_full
from storyfolder import load_story, write_story
from storymap.errors import StoryError
from storymap.storydata import layer_files, shown_columns


def collection(story: Any, layer: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(layer_files(story)[layer][1])
    return data


def test_layers_are_geojson_with_credit_and_licence(tmp_path: Path) -> None:
    made = collection(load_story(tmp_path), "town")
    assert (made["type"], made["license"], made["credit"]) == ("FeatureCollection", "CC-BY-4.0", "A desk")
    (feature,) = made["features"]
    assert feature["id"] == "town"
    assert feature["geometry"] == {"type": "Point", "coordinates": [69.7, 43.5]}
    assert set(feature["properties"]) == {"id", "name", "kind"}


def test_columns_that_the_story_does_not_show_stay_at_home(tmp_path: Path) -> None:
    def secret(places: dict[str, Any]) -> None:
        for feature in places["features"]:
            feature["properties"] |= {"informant": "A. B., +7 700 000 00 00", "name_ru": "Город", "name_kk": "Қала"}

    story = load_story(tmp_path, data=secret)
    assert b"informant" not in b"".join(content for _, content in layer_files(story).values())
    assert shown_columns(story, story.layer("town"), ["name", "informant", "people"]) == ["name"]


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"style": {"column": "people", "scheme": "quantiles", "k": 2}}, "people"),
        ({"style": {"size_column": "people"}}, "people"),
        ({"tooltip": ["people"]}, "people"),
        ({"label": "people"}, "people"),
        ({"key": "people"}, "people"),
        ({"accuracy": "people"}, "people"),
    ],
)
def test_columns_that_it_uses_are_there(tmp_path: Path, change: dict[str, Any], column: str) -> None:
    story = load_story(tmp_path, lambda story: story["layers"][1].update(change))
    assert column in shown_columns(story, story.layer("town"), ["name", "informant", "people"])


def test_a_column_that_only_a_step_uses_is_there(tmp_path: Path) -> None:
    def change(story: dict[str, Any]) -> None:
        story["steps"][0]["show"] = [{"layer": "area", "where": {"people": 0}}, "town"]

    story = load_story(tmp_path, change)
    assert shown_columns(story, story.layer("area"), ["people"]) == ["people"]


def test_translated_names_are_there_for_the_languages_of_the_story(tmp_path: Path) -> None:
    story = storymap.load(write_full(tmp_path))
    assert shown_columns(story, story.layer("town"), ["name", "name_ru", "name_kk"]) == ["name", "name_ru"]


def test_features_that_where_leaves_out_stay_at_home(tmp_path: Path) -> None:
    made = collection(load_story(tmp_path), "pit")
    assert [feature["id"] for feature in made["features"]] == ["pit"]


def test_layers_that_no_step_shows_stay_at_home(tmp_path: Path) -> None:
    def change(story: dict[str, Any]) -> None:
        story["steps"][0]["show"], story["steps"][1]["show"] = ["area"], ["pit"]

        story["steps"][1]["view"] = {"fit": "pit"}

    assert set(layer_files(load_story(tmp_path, change))) == {"area", "pit"}


def test_the_name_of_a_data_file_holds_its_content(tmp_path: Path) -> None:
    def moved(places: dict[str, Any]) -> None:
        places["features"][1]["geometry"]["coordinates"] = [69.8, 43.5]

    first, second = layer_files(load_story(tmp_path / "a")), layer_files(load_story(tmp_path / "b", data=moved))
    assert first["pit"] == second["pit"]
    assert first["town"][0] != second["town"][0]


def test_data_that_can_not_be_read_is_named(tmp_path: Path) -> None:
    folder = write_story(tmp_path)
    (folder / "places.geojson").write_text("{")
    with pytest.raises(StoryError, match=r"places\.geojson"):
        layer_files(storymap.load(folder))


def test_story_json_names_texts_sources_licences_and_files(tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    built(write_full(tmp_path), dist, url=URL)
    made = json.loads((dist / "story.json").read_text("utf-8"))
    assert (made["slug"], made["url"], made["lang"]) == ("a-story", URL, "en")
    assert made["pages"] == {"en": "index.html", "ru": "ru/index.html"}
    assert (made["published"], made["modified"]) == ("2024-04-30", "2024-05-02")
    assert made["corrections"] == [{"date": "2024-05-02", "text": "It was 9, not 8.", "step": "two"}]
    assert made["sources"]["book"]["publisher"] == "A house"
    assert made["basemap"]["name"] == "natural-earth" and made["basemap"]["credits"]
    for layer in made["layers"]:
        assert layer["license"] == "CC-BY-4.0" and layer["credit"] == "A desk"
        data = json.loads((dist / layer["data"]).read_text("utf-8"))
        assert len(data["features"]) == layer["features"] == 1
    first = made["steps"][0]
    assert (dist / first["media"]["file"]).is_file() and first["media"]["credit"] == "A desk"
    for step in made["steps"]:
        assert all((dist / path).is_file() for path in step["pictures"].values())
    assert made["translations"]["ru"]["steps"]["two"] == {"title": "Второй", "alt": "Карта 2.", "text": "Второй текст."}
    assert str(tmp_path) not in (dist / "story.json").read_text("utf-8")
