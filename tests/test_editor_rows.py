"""Rows of a layer's table: new ones with a place, ids of their own, and those that steps name stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from again import at_length
from editorpages import desk_of, edit_page, stories_folder, told
from storyfolder import write_story
from storymap import edits
from storymap.app.editor import attribute_table, layer_files, row_edits
from storymap.app.editor.desk import Desk, open_desk
from storymap.app.editor.find_place import hit_of_place
from storymap.app.editor.row_edits import Places, add_row, apply, places_of, typed
from storymap.collection import Features, NotFit
from storymap.drafts import Session
from storymap.gazetteer import find_places

SOURCE = {"credit": "A desk", "license": "CC0-1.0"}
AREA = {"file": "area.geojson", **SOURCE}
TOWNS = {"file": "towns.csv", **SOURCE, "lon": "east", "lat": "north"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(write_story(tmp_path / "stories"), Session("Anna", "token"), tmp_path / "state")


def features(desk: Desk) -> Features:
    return layer_files.open_data(desk, "town").features


def entered(desk: Desk, said: dict[str, Any]) -> bool:
    opened = layer_files.open_data(desk, "town")
    return apply(desk, "town", opened, typed(said, places_of(opened.features)))


def added(desk: Desk, row: dict[str, Any], place: Any = (70.5, 43.25), km: float = 1) -> bool:
    opened = layer_files.open_data(desk, "town")
    places = places_of(opened.features)
    assert places is not None
    return add_row(desk, "town", opened, row, place, km, places)


def test_a_row_becomes_a_feature_with_an_id_of_its_own_and_says_how(desk: Desk) -> None:
    assert added(desk, {"name": "Mine", "people": 7.0, "Longitude": 70.5, "Latitude": 43.25, "kind": None})
    assert desk.trail.undo_name == "Add 'Mine' to layer 'Town'"
    new = features(desk)[-1]
    assert new["geometry"] == {"type": "Point", "coordinates": [70.5, 43.25]}
    said = new["properties"]
    assert (said["id"], said["name"], said["people"], said["kind"]) == ("mine", "Mine", 7, "town")
    assert (said["method"], said[desk.get(("layers", "town", "accuracy"))]) == ("typed in the table", 1)
    assert "Longitude" not in said
    assert added(desk, {"name": "Mine"})
    assert features(desk)[-1]["properties"]["id"] == "mine-2"
    desk.story()
    assert desk.undo() and desk.undo()
    assert not desk.changed


@at_length
def test_a_place_found_by_the_name_is_kept_with_how_and_credited(desk: Desk) -> None:
    hit = hit_of_place(find_places("Karatau")[0], "Karatau")
    assert added(desk, {"name": "Karatau"}, hit, hit.km)
    new = features(desk)[-1]
    assert new["geometry"]["coordinates"] == pytest.approx([hit.lon, hit.lat], abs=1e-6)
    assert (new["properties"]["method"], new["properties"]["query"]) == (hit.method, "Karatau")
    assert "GeoNames" in desk.get(("layers", "town", "source", "credit"))


def test_columns_that_a_table_has_its_places_from_stay_out_unless_the_story_shows_them(tmp_path: Path) -> None:
    folder = write_story(tmp_path / "stories", lambda story: story["layers"][1].update(source=TOWNS))
    (folder / "towns.csv").write_text("id,name,kind,east,north\n7,Town,town,69.7,43.5\n", encoding="utf-8")
    desk = open_desk(folder, Session("Anna", "token"), tmp_path / "state")
    assert added(desk, {"name": "Mine"})
    said = features(desk)[-1]["properties"]
    assert said["id"] == 8
    assert not {"east", "north"} & said.keys()
    desk.story()


@pytest.mark.parametrize(("row", "told"), [
    ({"name": "X", "id": "Town"}, "Not added: 'Town' is the id of row 2 already: each row has its own."),
    ({"name": "X", "people": "many"}, "Not added: 'many' is no number."),
])  # fmt: skip
def test_a_row_that_does_not_fit_is_told(desk: Desk, row: dict[str, Any], told: str) -> None:
    before = desk.now
    assert not added(desk, row)
    assert [notice.text for notice in desk.told()] == [told]
    assert desk.now is before


def test_what_is_typed_for_a_place_is_checked() -> None:
    places = Places("Longitude", "Latitude", ())
    assert row_edits.place_of({"Longitude": 70.5, "Latitude": 43.0}, places) == (70.5, 43.0)
    assert row_edits.place_of({"name": "X"}, places) is None
    for row in ({"Longitude": 70.5}, {"Longitude": 70.5, "Latitude": 91.0}, {"Longitude": "x", "Latitude": 1}):
        with pytest.raises(NotFit, match="longitude"):
            row_edits.place_of(row, places)


def test_places_are_moved_in_the_table_and_only_points_are(desk: Desk) -> None:
    assert entered(desk, {"edited_rows": {"1": {"Latitude": 43.75}}})
    assert desk.trail.undo_name == "Move 'Town'"
    assert features(desk)[1]["geometry"]["coordinates"] == [69.7, 43.75]
    assert not entered(desk, {"edited_rows": {"0": {"Latitude": 43.75}}})
    assert not entered(desk, {"edited_rows": {"0": {"Latitude": 43.75, "Longitude": 70.0}}})
    assert not entered(desk, {"edited_rows": {"1": {"Latitude": None}}})
    first, second, third = (notice.text for notice in desk.told())
    assert first == third.replace("row 2", "row 1") == "Not changed: row 1: a place has a longitude and a latitude."
    assert "only points are moved" in second


def test_columns_for_places_have_names_that_no_column_of_the_data_has() -> None:
    point = {"geometry": {"type": "Point", "coordinates": [1, 2]}, "properties": {"Longitude": "x"}}
    found = places_of([point, {"geometry": None, "properties": {}}])
    assert found == Places("Longitude of the place", "Latitude of the place", ((1.0, 2.0), None))
    assert places_of([{"geometry": {"type": "Polygon", "coordinates": []}, "properties": {}}]) is None
    table = attribute_table._with_places(attribute_table.as_table([point, {"properties": {}}]), found, "Longitude")
    assert list(table.columns) == ["Longitude", "Longitude of the place", "Latitude of the place"]


def test_rows_are_deleted_by_name_and_their_ids_stay(desk: Desk) -> None:
    assert entered(desk, {"deleted_rows": [2]})
    assert desk.trail.undo_name == "Delete 'Pit' of layer 'Town'"
    assert [one["properties"]["id"] for one in features(desk)] == ["area", "town", "line"]
    assert desk.undo()
    assert len(features(desk)) == 4


def test_a_feature_that_a_step_names_stays_and_keeps_its_id(desk: Desk) -> None:
    for said in (
        {"deleted_rows": [1]},
        {"edited_rows": {"1": {"id": "city"}}},
        {"edited_rows": {"1": {"kind": "pit"}}},
    ):
        assert not entered(desk, said)
        assert desk.told()[-1].text == "Not changed: step 'Two' names 'town/town': change its view first."
    assert not desk.changed
    assert entered(desk, {"edited_rows": {"1": {"name": "City"}}})


def test_two_rows_never_get_one_id(desk: Desk) -> None:
    assert not entered(desk, {"edited_rows": {"2": {"id": "TOWN"}}})
    assert desk.told()[-1].text == "Not changed: 'TOWN' is the id of row 2 already: each row has its own."
    desk.do(edits.set_part(desk.now, ("layers", "pit", "key"), "name"))
    assert not entered(desk, {"edited_rows": {"2": {"name": "Town"}}})
    assert desk.told()[-1].text == "Not changed: 'Town' is the name of row 2 already: each row has its own."


# In the panel


@pytest.fixture
def panel(tmp_path: Path) -> AppTest:
    page = edit_page(stories_folder(tmp_path), tmp_path / "state", panel="Data")
    page.session_state["data part of a-story"] = "Draw and correct"
    page.session_state["data/a-story/layer"] = "town"
    return page


def button(page: AppTest, label: str) -> Any:
    return next(one for one in page.button if one.label == label)


def test_a_new_row_says_what_it_needs_and_is_found_by_its_name(panel: AppTest) -> None:
    panel.session_state["new rows/a-story/town"] = [{"people": 5}, {"name": "Karatau"}]
    panel.run()
    assert not panel.exception
    needed = [one.value for one in panel.caption if one.value.startswith("Still needed")]
    assert needed == [
        "Still needed: a name, its place, its accuracy.", "Still needed: its place, its accuracy."
    ]  # fmt: skip
    assert all(one.disabled for one in panel.button if one.label == "Add the row")
    towns = next(one for one in panel.radio if one.label.startswith("Its place, found by the name"))
    assert towns.value is None, "no town is taken unasked"
    towns.set_value(0).run()
    last = [one for one in panel.button if one.label == "Add the row"][-1]
    assert not last.disabled, "a town says by itself how exact its place is"
    last.click().run()
    desk = desk_of(panel)
    assert desk.trail.undo_name == "Add 'Karatau' to layer 'Town'"
    assert panel.session_state["new rows/a-story/town"] == [{"people": 5}]
    button(panel, "Discard the row").click().run()
    assert panel.session_state["new rows/a-story/town"] == []
    assert not panel.exception


def test_a_row_with_a_typed_place_needs_its_accuracy_only(panel: AppTest) -> None:
    row = {"name": "*Mine*", "Longitude": 70.5, "Latitude": 43.25}
    panel.session_state["new rows/a-story/town"] = [row]
    panel.run()
    assert any(one.value == "Its place: 70.5, 43.25, as typed." for one in panel.caption)
    assert any(r"\*Mine\*" in one.value for one in panel.markdown)
    next(one for one in panel.number_input if one.label == "Accuracy in kilometres").set_value(0.5).run()
    button(panel, "Add the row").click().run()
    assert desk_of(panel).trail.undo_name == "Add '*Mine*' to layer 'Town'"
    panel.session_state["new rows/a-story/town"] = [{**row, "Latitude": 95.0}]
    panel.run()
    assert any("latitude from -90 to 90" in one.value for one in panel.error)
    panel.session_state["new rows/a-story/town"] = [{"name": "Qwrtzpl"}]
    panel.run()
    assert any("No town is called so: type its place" in one.value for one in panel.caption)


def test_shapes_are_drawn_not_typed(tmp_path: Path) -> None:
    area = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"name": "A"}, "geometry": {
        "type": "Polygon", "coordinates": [[[68, 42], [72, 42], [72, 45], [68, 42]]]}}]}  # fmt: skip
    folder = write_story(tmp_path / "stories", lambda story: story["layers"][0].update(source=AREA, where={}))
    (folder / "area.geojson").write_text(json.dumps(area), encoding="utf-8")
    page = edit_page(tmp_path / "stories", tmp_path / "state", panel="Data")
    page.session_state["data part of a-story"] = "Draw and correct"
    page.session_state["data/a-story/layer"] = "area"
    page.run()
    assert not page.exception and not told(page)
    assert any("drawn on the map above" in one.value for one in page.caption)
