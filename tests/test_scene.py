"""From a story and its data to what is drawn."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from storyfolder import load_story
from storymap.drawing import Scene
from storymap.errors import StoryError
from storymap.mercator import km_to_world, lonlat, world
from storymap.pathdata import decode
from storymap.scene import compile_scene
from storymap.story import Style


def scene_of(
    folder: Path, change: Any = lambda story: None, data: Any = lambda places: None, lang: str = "en"
) -> Scene:
    return compile_scene(load_story(folder, change, data), None, lang=lang)


def test_every_step_lists_all_that_it_shows_from_bottom_to_top(tmp_path: Path) -> None:
    scene = scene_of(tmp_path)
    assert [[drawn for drawn, _ in step.show] for step in scene.steps] == [
        ["area", "town"],
        ["line", "pit", "town"],
        ["area"],
    ]
    assert dict(scene.steps[1].show)["line"] is True, "grow is part of the step"


def test_the_same_look_is_drawn_once_and_another_look_has_an_id_of_its_own(tmp_path: Path) -> None:
    def change(story: dict[str, Any]) -> None:
        story["steps"][2]["show"] = [{"layer": "area", "style": {"color": "#aa0000"}}, "town"]

    scene = scene_of(tmp_path, change)
    assert [drawn for drawn, _ in scene.steps[2].show] == ["area~2", "town"]
    assert scene.drawables["area~2"].paints[0].stroke == "#aa0000"
    assert scene.drawables["area"].shapes[0].path == scene.drawables["area~2"].shapes[0].path, "geometry travels once"


def test_a_rule_that_a_step_drops_is_not_drawn_there_and_not_in_its_legend(tmp_path: Path) -> None:
    def change(story: dict[str, Any]) -> None:
        layer = next(layer for layer in story["layers"] if layer["id"] == "line")
        layer.update(style={"color": "#123456", "weight": 5, "dash_array": "6 4"}, legend="A line")
        story["steps"][0]["show"] = [{"layer": "line", "style": {"color": "#aa0000"}}]
        story["steps"][1]["show"] = [{"layer": "line", "style": {"color": "#aa0000", "dash_array": None}}]
        story["steps"][2]["show"] = [{"layer": "line", "style": dict.fromkeys(("color", "weight", "dash_array"))}]

    scene = scene_of(tmp_path, change)
    drawn = [[scene.drawables[name].paints[0] for name, _ in step.show] for step in scene.steps]
    assert [[(paint.stroke, paint.weight, paint.dash) for paint in paints] for paints in drawn] == [
        [("#aa0000", 5, (6, 4))], [("#aa0000", 5, ())], [("data-1", 2, ())],
    ]  # fmt: skip
    assert [step.legend[0].paint for step in scene.steps] == [paints[0] for paints in drawn]


@pytest.mark.parametrize("rule", list(Style.model_fields))
def test_every_rule_of_a_style_can_be_dropped_by_a_step(tmp_path: Path, rule: str) -> None:
    rules = {
        "town": {"color": "#123456", "fill_color": "#654321", "radius": 9, "soft": True, "column": "name", "cmap": "Set2",
                 "symbol": "square", "categories": {"Town": {"color": "#aa0000"}}, "fill_opacity": 0.5},
        "line": {"opacity": 0.4, "weight": 6, "dash_array": "6 4", "arrow": True},
        "area": {"pattern": "hatch"},
        "pit": {"column": "km", "scheme": "user_defined", "breaks": [1, 9], "k": 3, "size_column": "km",
                "radius_max": 30},
    }  # fmt: skip
    of = next(name for name, style in rules.items() if rule in style)

    def change(story: dict[str, Any]) -> None:
        for layer in story["layers"]:
            layer.update(style=rules[layer["id"]], label="name")
        story["steps"][0]["show"] = [of]
        story["steps"][1]["show"] = [{"layer": of, "style": {rule: None}}]

    scene = scene_of(tmp_path, change)
    assert [name for name, _ in scene.steps[1].show] == [f"{of}~2"]


def test_views_hold_the_features_they_fit_with_what_is_not_known_of_their_place(tmp_path: Path) -> None:
    view = scene_of(tmp_path).steps[1].view
    town, pit = world(69.7, 43.5), world(69.9, 43.4)
    blur = km_to_world(5, 43.4)
    assert view.box == pytest.approx((town[0], town[1], pit[0] + blur, pit[1] + blur))
    assert [must.ref for must in view.must] == ["town/town"]


def test_bounds_are_taken_as_they_are(tmp_path: Path) -> None:
    box = scene_of(tmp_path).steps[2].view.box
    assert lonlat(box[0], box[3]) == pytest.approx((60, 40))
    assert lonlat(box[2], box[1]) == pytest.approx((80, 50))


def test_geometry_lies_where_the_file_says(tmp_path: Path) -> None:
    scene = scene_of(tmp_path)
    path = scene.paths[scene.drawables["line"].shapes[0].path or ""]
    ends = decode(path)[0][[0, -1]]
    assert ends[0] == pytest.approx(world(69.7, 43.5), abs=path.unit)
    assert ends[1] == pytest.approx(world(71.3, 42.9), abs=path.unit)


def test_a_place_known_roughly_is_soft_and_as_wide_as_the_doubt(tmp_path: Path) -> None:
    scene = scene_of(tmp_path)
    pit = scene.drawables["pit"]
    assert pit.paints[pit.shapes[0].paint].soft
    assert pit.shapes[0].blur == pytest.approx(km_to_world(5, 43.4))
    town = scene.drawables["town"]
    assert not town.paints[town.shapes[0].paint].soft and town.shapes[0].blur is None


def test_labels_and_tooltips_come_in_the_readers_language(tmp_path: Path) -> None:
    assert scene_of(tmp_path / "en").drawables["town"].labels[0].text == "Town"
    russian = scene_of(tmp_path / "ru", lang="ru").drawables["town"]
    assert russian.labels[0].text == "Город"
    assert "Город" in {value for _, value in russian.shapes[0].tip}


def test_the_legend_lists_what_the_step_shows_and_no_more(tmp_path: Path) -> None:
    def texts(scene: Scene, at: int) -> list[str]:
        return [entry.text for entry in scene.steps[at].legend]

    scene = scene_of(tmp_path)
    assert texts(scene, 0) == ["Town", "Area"]
    assert [text.split(" (")[0] for text in texts(scene, 1)] == ["Town", "Pit", "Line"]
    assert "5" in texts(scene, 1)[1], "a soft symbol's entry says how exact it is"
    hidden = scene_of(
        tmp_path, lambda story: story["steps"][0].update(show=[{"layer": "area", "legend": False}, "town"])
    )
    assert texts(hidden, 0) == ["Town"]


def test_what_asks_for_a_credit_is_named_while_it_is_shown(tmp_path: Path) -> None:
    def change(story: dict[str, Any]) -> None:
        story["layers"][0]["source"] = {**story["layers"][0]["source"], "credit": "© OSM", "license": "ODbL-1.0"}
        story["layers"][1]["source"] = {**story["layers"][1]["source"], "license": "CC0-1.0"}

    steps = scene_of(tmp_path, change).steps
    assert steps[0].credits == ("© OSM (ODbL)",), "public domain and CC0 ask for nothing"
    assert steps[1].credits == ("A desk (CC BY 4.0)",)


def test_a_soft_area_has_no_edge(tmp_path: Path) -> None:
    scene = scene_of(tmp_path, lambda story: story["layers"][0]["style"].update(soft=True, fill_opacity=0.5))
    area = scene.drawables["area"]
    boxes = [scene.paths[shape.path or ""].box for shape in area.shapes]
    assert len(boxes) >= 5
    assert all(inner[0] > outer[0] and inner[2] < outer[2] for outer, inner in itertools.pairwise(boxes))
    left = 1.0
    for shape in area.shapes:
        assert area.paints[shape.paint].weight == 0
        left *= 1 - area.paints[shape.paint].fill_opacity
    assert 1 - left == pytest.approx(0.5), "together they are as opaque as asked for"


NO_COLUMN = "places.geojson has no column"


@pytest.mark.parametrize(
    ("change", "place", "said"),
    [
        (lambda s: s["steps"][1]["view"].update(must_see=["town/towm"]), "steps[1].view.must_see[0]",
         "layer 'town' has no feature 'towm'; did you mean 'town'?"),
        (lambda s: s["layers"][1].update(label="nam"), "layers[1].label.column", f"{NO_COLUMN} 'nam'; did you mean 'name'?"),
        (lambda s: s["layers"][0].update(where={"kid": 1}), "layers[0].where.kid", f"{NO_COLUMN} 'kid'; did you mean 'kind'?"),
        (lambda s: s["layers"][0].update(where={"kind": "lake"}), "layers[0]", "no feature is left"),
        (lambda s: s["layers"][0]["style"].update(column="peple"), "layers[0].style.column", "no column 'peple'"),
        (lambda s: s["steps"][0]["show"].append({"layer": "pit", "style": {"column": "peple"}}),
         "steps[0].show[2].style.column", "no column 'peple'; did you mean 'people'?"),
        (lambda s: s["steps"][0]["show"].append({"layer": "pit", "where": {"kid": 1}}),
         "steps[0].show[2].where.kid", f"{NO_COLUMN} 'kid'"),
        (lambda s: s["layers"][2].update(accuracy="kms"), "layers[2].accuracy", f"{NO_COLUMN} 'kms'; did you mean 'km'?"),
    ],
)  # fmt: skip
def test_what_the_data_lacks_is_told_with_place_and_line(tmp_path: Path, change: Any, place: str, said: str) -> None:
    with pytest.raises(StoryError) as told:
        scene_of(tmp_path, change)
    assert f"{place}: {said}" in str(told.value)
    assert all(problem.line for problem in told.value.problems)


def test_all_faults_of_the_data_are_told_at_once(tmp_path: Path) -> None:
    def change(story: dict[str, Any]) -> None:
        story["layers"][1].update(label="nam", tooltip=["nme"])
        story["steps"][1]["view"].update(must_see=["pit/hole"])

    with pytest.raises(StoryError) as told:
        scene_of(tmp_path, change)
    assert len(told.value.problems) == 3


def test_a_line_over_the_antimeridian_does_not_cross_moscow(tmp_path: Path) -> None:
    def data(places: dict[str, Any]) -> None:
        places["features"][3]["geometry"]["coordinates"] = [[131.9, 43.1], [-150, 61]]

    scene = scene_of(tmp_path, lambda story: story["steps"][1].update(view={"fit": "line"}), data)
    for part in decode(scene.paths[scene.drawables["line"].shapes[0].path or ""]):
        assert all(lon > 130 or lon < -149 for lon, _ in (lonlat(x, y) for x, y in part))
    box = scene.steps[1].view.box
    assert box[2] - box[0] < 256 * 0.3, "the view takes the short way too"


def test_what_was_repaired_in_the_data_is_told(tmp_path: Path) -> None:
    def data(places: dict[str, Any]) -> None:
        places["features"].append({"type": "Feature", "properties": {"id": "x", "kind": "town"}, "geometry": None})

    notes = scene_of(tmp_path, data=data).notes
    assert any(note.startswith("layer 'town': ") for note in notes)
    assert scene_of(tmp_path / "clean").notes == ()


def test_the_same_folder_gives_the_same_scene(tmp_path: Path) -> None:
    assert scene_of(tmp_path) == scene_of(tmp_path)
