"""The panel of the view, without a browser: what is entered is an edit, and what can not be is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from editorpages import SMALL, desk_of, edit_page, key, stories_folder, told


@pytest.fixture
def page(tmp_path: Path) -> AppTest:
    return edit_page(stories_folder(tmp_path), tmp_path / "state", step="two", panel="Map view")


def view(page: AppTest) -> object:
    return desk_of(page).get(("steps", "two", "view"))


def at(*place: str) -> str:
    return key(SMALL, "steps", "two", *place)


def test_what_is_framed_is_chosen_by_name(page: AppTest) -> None:
    assert not page.exception and told(page) == []
    framed = page.multiselect(key=at("view", "fit"))
    assert framed.value == ["town", "pit"]
    assert {"Town", "Town (Town)", "Area", "Pit (Pit)"} <= set(framed.options)
    framed.set_value(["town", "area/area"]).run()
    assert view(page) == {"fit": ["town", "area/area"], "must_see": ["town/town"]}
    assert desk_of(page).trail.undo_name == "Change the frame of step 'Two'"


def test_a_view_without_a_frame_is_refused_in_words(page: AppTest) -> None:
    page.multiselect(key=at("view", "fit")).set_value([]).run()
    assert any("at least one layer or place" in text for text in told(page))
    assert page.multiselect(key=at("view", "fit")).value == ["town", "pit"]
    assert not desk_of(page).changed


def test_a_frame_of_layers_becomes_one_of_bounds_and_back(page: AppTest) -> None:
    page.radio(key=at("view", "frame")).set_value("bounds").run()
    made = view(page)
    assert isinstance(made, dict) and "fit" not in made and made["must_see"] == ["town/town"]
    west, south, east, north = made["bounds"]
    assert west < 69.7 < 69.9 < east and south < 43.4 < 43.5 < north
    assert any("east" in caption.value for caption in page.caption)
    page.radio(key=at("view", "frame")).set_value("fit").run()
    assert view(page) == {"fit": ["town", "pit", "line"], "must_see": ["town/town"]}


def test_what_must_be_seen_comes_from_the_layers_of_the_step(page: AppTest) -> None:
    must = page.multiselect(key=at("view", "must_see"))
    assert must.value == ["town/town"]
    assert "Area (Area)" not in must.options and "Pit (Pit)" in must.options
    must.set_value(["town/town", "pit/pit"]).run()
    assert desk_of(page).get(("steps", "two", "view", "must_see")) == ["town/town", "pit/pit"]
    page.multiselect(key=at("view", "must_see")).set_value([]).run()
    assert "must_see" not in (desk_of(page).get(("steps", "two", "view")) or {})


def test_the_rest_of_the_camera(page: AppTest) -> None:
    page.number_input(key=at("view", "max_zoom")).set_value(7.5).run()
    page.selectbox(key=at("move")).set_value("follow").run()
    page.selectbox(key=at("tone")).set_value("dark").run()
    page.multiselect(key=at("without")).set_value(["rivers"]).run()
    step = desk_of(page).get(("steps", "two"))
    assert (step["view"]["max_zoom"], step["move"], step["tone"], step["without"]) == (
        7.5,
        "follow",
        "dark",
        ["rivers"],
    )
    desk_of(page).story()
    page.number_input(key=at("view", "max_zoom")).set_value(None).run()
    assert "max_zoom" not in desk_of(page).get(("steps", "two", "view"))
