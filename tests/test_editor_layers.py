"""The panel of layers without a browser: what is shown for which layer, and what entries make of the story."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from again import again
from editorpages import desk_of, edit_page, key, told
from layerplaces import LAYER_STORY, write_layers
from storymap import edits, layeredits, layerrules
from storymap.app.editor import color_check, layer_categories, layer_data, layer_list, layer_look, swatches
from storymap.app.editor.desk import Desk, open_desk
from storymap.app.editor.layer_desk import colors_of, shown_in, work_on
from storymap.app.editor.layer_fields import color_options
from storymap.app.editor.pictures import Picture, picked
from storymap.drafts import Session
from storymap.layeredits import Target
from storymap.palette import TOKENS

STORY = LAYER_STORY


@pytest.fixture
def desk(layered_stories: Path, tmp_path: Path) -> Desk:
    return open_desk(layered_stories / STORY, Session("Anna", "token"), tmp_path / "state")


def page(layered_stories: Path, step: str = "one", layer: str = "", part: str = "Look", **state: Any) -> AppTest:
    """The panel at a layer of a step. ``state``: of widgets, by key."""
    opened = edit_page(layered_stories, layered_stories.parent / "state", STORY, step=step, panel="Layers")
    opened.session_state[f"layer at work of {STORY}"] = layer
    opened.session_state[f"part of the layer of {STORY}"] = part
    for name, value in state.items():
        opened.session_state[name.replace("_", " ")] = value
    opened.run()
    assert not opened.exception
    return opened


def labels(opened: AppTest) -> set[str]:
    """What the fields of the panel are called, but those made of pictures."""
    return {one.label for kind in (opened.slider, opened.selectbox, opened.toggle, opened.text_input) for one in kind}


# What is shown


@pytest.mark.parametrize(("layer", "there", "not_there"), [
    ("land", {"Fill strength", "Width of the outline", "Soft edge"}, {"Size (radius)", "Arrowhead at the end", "Grows"}),
    ("road", {"Line width", "Line strength", "Arrowhead at the end", "Grows"}, {"Fill strength", "Soft edge", "Size (radius)"}),
    ("sites", {"Size (radius)", "Fill strength", "Soft edge", "Labels", "In the legend"}, {"Grows", "Arrowhead at the end"}),
])  # fmt: skip
def test_only_fields_that_suit_the_geometry(
    layered_stories: Path, layer: str, there: set[str], not_there: set[str]
) -> None:
    shown = labels(page(layered_stories, layer=layer))
    assert there <= shown
    assert not not_there & shown


def test_fields_show_what_is_drawn_also_where_nothing_is_said(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="road")
    assert opened.slider(key=key(STORY, "layers", "road", "style", "weight")).value == 3
    assert opened.slider(key=key(STORY, "layers", "road", "style", "opacity")).value == 100
    opened = page(layered_stories, layer="land")
    assert opened.slider(key=key(STORY, "layers", "land", "style", "fill_opacity")).value == 22


# Whole story, this step only


def test_a_change_for_the_whole_story_and_back_leaves_nothing(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="road")
    opened.slider(key=key(STORY, "layers", "road", "style", "opacity")).set_value(40).run()
    desk = desk_of(opened, STORY)
    assert desk.get(("layers", "road", "style", "opacity")) == 0.4
    assert desk.trail.undo_name == "Change the line strength of layer 'Road'"
    opened.slider(key=key(STORY, "layers", "road", "style", "opacity")).set_value(100).run()
    assert not desk.changed, "what is right by itself is not written"


def test_a_change_for_this_step_is_said_listed_and_taken_back(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="road")
    scope = opened.radio(key=f"scope of layers of {STORY}")
    assert scope.options == ["Whole story (1 step)", "This step only: One"]
    scope.set_value("step").run()
    opened.slider(key=key(STORY, "steps", "one", "show", "road", "style", "weight")).set_value(6.0).run()
    desk = desk_of(opened, STORY)
    assert desk.get(("steps", "one", "show", "road", "style")) == {"weight": 6}
    assert desk.get(("layers", "road", "style", "weight")) == 3
    assert desk.trail.undo_name == "Change the line width of layer 'Road' for step 'One' only"
    assert [one.label for one in opened.expander] == [
        "Only in this step: line width", "Drop a rule of the whole story in this step",
    ]  # fmt: skip
    assert "Line width: 6 (else 3)" in [one.value for one in opened.text]
    assert any("own line width" in one.value for one in opened.caption)
    opened.button(key=f"own/{STORY}/one/road/weight").click().run()
    assert not desk.changed
    assert [one.label for one in opened.expander] == ["Drop a rule of the whole story in this step"]


def test_the_value_of_the_story_takes_the_override_away(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="road", **{f"scope_of_layers_of_{STORY}": "step"})
    opened.slider(key=key(STORY, "steps", "one", "show", "road", "style", "weight")).set_value(6.0).run()
    opened.slider(key=key(STORY, "steps", "one", "show", "road", "style", "weight")).set_value(3.0).run()
    assert not desk_of(opened, STORY).changed


def test_the_choice_of_step_or_story_stays_while_other_parts_are_looked_at(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="road")
    opened.radio(key=f"scope of layers of {STORY}").set_value("step").run()
    for part in ("Labels", "Look"):
        opened.session_state[f"part of the layer of {STORY}"] = part
        opened.run()
    assert opened.radio(key=f"scope of layers of {STORY}").value == "step"


def test_colours_are_told_on_light_and_on_dark_maps(layered_stories: Path) -> None:
    html = [one.proto.body for one in page(layered_stories, **{f"layers_of_{STORY}": "Colours"}).get("html")]
    table = next(one for one in html if "<table" in one)
    assert "On light" in table
    assert "On dark" in table
    dark_road = "1.2:1<br>faint"
    assert table.count("<br>faint") == 1, "#333333 is seen on light maps only"
    assert dark_road in table


def test_what_only_a_step_decides(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="road")
    opened.toggle(key=key(STORY, "steps", "one", "show", "road", "grow")).set_value(True).run()
    opened.toggle(key=key(STORY, "steps", "one", "show", "road", "legend")).set_value(False).run()
    assert desk_of(opened, STORY).get(("steps", "one", "show", "road")) == {
        "layer": "road",
        "grow": True,
        "legend": False,
    }


def test_undo_reaches_the_fields(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="road")
    opened.slider(key=key(STORY, "layers", "road", "style", "weight")).set_value(6.0).run()
    opened.button(key="undo").click().run()
    assert not desk_of(opened, STORY).changed
    assert opened.slider(key=key(STORY, "layers", "road", "style", "weight")).value == 3


# By data


def test_categories_begin_with_a_column_of_few_values(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="sites", part="By data")
    style = key(STORY, "layers", "sites", "style")
    opened.selectbox(key=f"{style}/mode").set_value("categories").run()
    desk = desk_of(opened, STORY)
    assert desk.get(("layers", "sites", "style")) == {"color": "ore", "column": "kind"}
    assert not opened.exception
    opened.text_input(key=key(STORY, "layers", "sites", "style", "categories", "mine", "label")).set_value(
        "Mines"
    ).run()
    listed = desk.get(("layers", "sites", "style", "categories"))
    assert list(listed) == ["mine", "plant", "town"]
    assert listed["mine"] == {"label": "Mines", "color": "data-1"}
    assert desk.trail.undo_name == "Change the name of 'mine' in layer 'Sites'"


def test_classes_with_scheme_number_and_own_limits(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="sites", part="By data")
    style = key(STORY, "layers", "sites", "style")
    opened.selectbox(key=f"{style}/mode").set_value("classes").run()
    desk = desk_of(opened, STORY)
    assert desk.get(("layers", "sites", "style", "column")) == "people"
    opened.slider(key=f"{style}/k").set_value(3.0).run()
    assert desk.get(("layers", "sites", "style", "k")) == 3
    assert type(desk.get(("layers", "sites", "style", "k"))) is int
    opened.selectbox(key=f"{style}/scheme").set_value("quantiles").run()
    assert desk.get(("layers", "sites", "style", "scheme")) == "quantiles"
    opened.selectbox(key=f"{style}/scheme").set_value("user_defined").run()
    begun = desk.get(("layers", "sites", "style", "breaks"))
    assert len(begun) == 3
    opened.text_input(key=f"{style}/breaks").set_value("100; 1 000; 30 000").run()
    assert desk.get(("layers", "sites", "style", "breaks")) == [100, 1000, 30000]
    desk.story()


def test_classes_begin_with_a_number_that_says_how_much_and_tell_why_they_are_few(layered_stories: Path) -> None:
    path = write_layers(layered_stories, lambda story: story["layers"][2].update(accuracy="km")) / "sites.geojson"
    data = json.loads(path.read_text("utf-8"))
    for number, feature in enumerate(data["features"]):
        lon, lat = feature["geometry"]["coordinates"]
        said = feature["properties"]
        feature["properties"] = {"lon": lon, "Широта": lat, "y": lat * 1e5, "osm_id": 77 - number**2, "order": number + 1,
                                 **{key: said[key] for key in ("name", "kind", "km")}, "year": 1950 + number,
                                 "staff": 100 * (number % 3)}  # fmt: skip
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    opened = page(layered_stories, layer="sites", part="By data")
    style = key(STORY, "layers", "sites", "style")
    opened.selectbox(key=f"{style}/mode").set_value("classes").run()
    assert not opened.exception
    desk = desk_of(opened, STORY)
    assert desk.get(("layers", "sites", "style", "column")) == "staff"
    assert "3 classes, not 5: only 3 different values are there." in [text.value for text in opened.caption]
    opened.slider(key=f"{style}/k").set_value(3.0).run()
    assert not any("classes, not" in text.value for text in opened.caption)


def test_from_categories_to_classes_and_back(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="sites", part="By data")
    mode = f"{key(STORY, 'layers', 'sites', 'style')}/mode"
    for how in ("categories", "classes", "categories", "one", "classes"):
        opened.selectbox(key=mode).set_value(how).run()
        assert not opened.exception
        assert not opened.error
        desk_of(opened, STORY).story()


def test_limits_that_do_not_rise_are_told_beside_the_field_and_kept(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="sites", part="By data")
    style = key(STORY, "layers", "sites", "style")
    opened.selectbox(key=f"{style}/mode").set_value("classes").run()
    opened.selectbox(key=f"{style}/scheme").set_value("user_defined").run()
    desk = desk_of(opened, STORY)
    before = desk.now
    opened.text_input(key=f"{style}/breaks").set_value("500; 100").run()
    assert desk.now is before
    assert opened.text_input(key=f"{style}/breaks").value == "500; 100"
    assert any("rise" in one for one in told(opened))
    opened.text_input(key=f"{style}/breaks").set_value("100; 500").run()
    assert desk.get(("layers", "sites", "style", "breaks")) == [100, 500]
    assert not any("rise" in one for one in told(opened))


def test_circles_show_numbers(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="sites", part="By data")
    style = key(STORY, "layers", "sites", "style")
    opened.selectbox(key=f"{style}/size").set_value("people").run()
    opened.slider(key=f"{style}/radius_max").set_value(50.0).run()
    desk = desk_of(opened, STORY)
    assert desk.get(("layers", "sites", "style")) == {"color": "ore", "size_column": "people", "radius_max": 50}
    opened.selectbox(key=f"{style}/size").set_value(None).run()
    assert desk.get(("layers", "sites", "style", "size_column")) is None


def test_a_step_drops_the_rule_of_the_story_and_takes_it_up_again(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="sites", part="By data")
    opened.selectbox(key=f"{key(STORY, 'layers', 'sites', 'style')}/mode").set_value("categories").run()
    opened.radio(key=f"scope of layers of {STORY}").set_value("step").run()
    mode = f"{key(STORY, 'steps', 'one', 'show', 'sites', 'style')}/mode"
    opened.selectbox(key=mode).set_value("one").run()
    desk = desk_of(opened, STORY)
    assert desk.get(("steps", "one", "show", "sites", "style")) == {"column": None}
    assert any("drops the whole story's column that colours" in one.value for one in opened.caption)
    assert "Column that colours: dropped in this step (else kind)" in [one.value for one in opened.text]
    desk.story()
    opened.selectbox(key=mode).set_value("categories").run()
    assert desk.get(("steps", "one", "show", "sites", "style")) is None


DROPS = {"color": "ore", "weight": 5, "opacity": 0.5, "fill_opacity": 0.5, "fill_color": "leaf", "radius": 9, "symbol": "square",
         "soft": True, "pattern": "hatch", "dash_array": "6 4", "arrow": True, "column": "people", "k": 3, "cmap": "Reds",
         "scheme": "user_defined", "breaks": [100, 1000], "size_column": "people", "radius_max": 40}  # fmt: skip


@pytest.mark.parametrize("layer", again(["sites", "land", "road"]))
def test_every_rule_is_dropped_in_one_step_by_a_button_and_comes_back(layered_stories: Path, layer: str) -> None:
    fits = DROPS if layer == "sites" else {
        name: value for name, value in DROPS.items() if value not in ("people", [100, 1000], "user_defined", "Reds", 3, 40)
    }  # fmt: skip
    write_layers(
        layered_stories, lambda story: next(one for one in story["layers"] if one["id"] == layer).update(style=fits)
    )
    opened = page(layered_stories, layer=layer, **{f"scope_of_layers_of_{STORY}": "step"})
    desk, place = desk_of(opened, STORY), ("steps", "one", "show", layer, "style")
    gone = ("scheme", "k", "breaks", "cmap", "radius_max")
    for rule in [name for name in fits if name not in gone] + [name for name in gone if name in fits]:
        opened.button(key=f"drop/{STORY}/one/{layer}/{rule}").click().run()
        assert not opened.exception and not opened.error, rule
        assert desk.get(place) == {rule: None}, rule
        desk.story()
        opened.button(key=f"own/{STORY}/one/{layer}/{rule}").click().run()
        assert not desk.changed, rule


def test_a_field_that_is_cleared_in_a_step_drops_what_the_story_says(layered_stories: Path) -> None:
    def dashed(story: dict[str, Any]) -> None:
        story["layers"][1]["style"]["dash_array"] = "6 4"

    write_layers(layered_stories, dashed)
    opened = page(layered_stories, layer="road", **{f"scope_of_layers_of_{STORY}": "step"})
    field = key(STORY, "steps", "one", "show", "road", "style", "dash_array")
    assert opened.text_input(key=field).value == "6 4"
    opened.text_input(key=field).set_value("").run()
    desk = desk_of(opened, STORY)
    assert desk.get(("steps", "one", "show", "road", "style")) == {"dash_array": None}
    assert desk.trail.undo_name == "Drop the dashes of layer 'Road' for step 'One' only"
    assert opened.text_input(key=field).value == ""
    assert any("This step drops the whole story's dashes" in one.value for one in opened.caption)
    opened.text_input(key=field).set_value("6 4").run()
    assert not desk.changed, "what the whole story says needs no word of the step"
    opened.text_input(key=field).set_value("").run()
    opened.radio(key=f"scope of layers of {STORY}").set_value("story").run()
    assert any("Not seen in this step, which drops the whole story's dashes" in one.value for one in opened.caption)


def test_a_slider_shows_what_is_right_by_itself_where_a_step_drops_the_rule(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="road", **{f"scope_of_layers_of_{STORY}": "step"})
    field = key(STORY, "steps", "one", "show", "road", "style", "weight")
    assert opened.slider(key=field).value == 3
    opened.button(key=f"drop/{STORY}/one/road/weight").click().run()
    assert opened.slider(key=field).value == 2
    opened.slider(key=field).set_value(3.0).run()
    assert not desk_of(opened, STORY).changed


# Filters, labels, legend, the layer itself


def test_a_filter_by_values_of_the_data(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="sites", part="Filter")
    adding = f"{key(STORY, 'layers', 'sites', 'where')}/adding/column"
    opened.selectbox(key=adding).set_value("kind").run()
    assert not desk_of(opened, STORY).changed, "a column without values filters nothing"
    field = opened.multiselect(key=key(STORY, "layers", "sites", "where", "kind"))
    assert field.options == ["mine (2)", "plant (2)", "town (2)"]
    field.set_value(["mine", "town"]).run()
    desk = desk_of(opened, STORY)
    assert desk.get(("layers", "sites", "where")) == {"kind": ["mine", "town"]}
    assert desk.trail.undo_name == "Filter layer 'Sites' by 'kind'"
    assert any("4 of 6" in one.value for one in opened.caption)
    opened.multiselect(key=key(STORY, "layers", "sites", "where", "kind")).set_value([]).run()
    assert not desk.changed
    assert opened.multiselect(key=key(STORY, "layers", "sites", "where", "kind")).value == []


def test_what_takes_a_filter_away_says_so(layered_stories: Path) -> None:
    opened = page(layered_stories, "two", "sites", "Filter", **{f"part of the layer of {STORY}": "Filter"})
    opened.radio(key=next(one.key for one in opened.radio if "hold for" in one.label)).set_value("step").run()
    button = next(one for one in opened.button if str(one.key).endswith("where/kind/away"))
    assert button.label == "Take away the filter by kind"
    button.click().run()
    assert "where" not in desk_of(opened, STORY).get(("steps", "two", "show"))[1]


def test_a_filter_of_numbers_stays_one_of_numbers(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="sites", part="Filter", **{f"scope_of_layers_of_{STORY}": "step"})
    place = ("steps", "one", "show", "sites", "where")
    opened.selectbox(key=f"{key(STORY, *place)}/adding/column").set_value("people").run()
    opened.multiselect(key=key(STORY, *place, "people")).set_value(["400"]).run()
    assert desk_of(opened, STORY).get(place) == {"people": 400}


def test_no_feature_left_is_told(layered_stories: Path) -> None:
    write_layers(layered_stories, lambda story: story["layers"][2].update(where={"kind": "nothing"}))
    opened = page(layered_stories, layer="sites", part="Filter")
    assert any("No feature is left" in one for one in told(opened))


def test_labels_have_a_column_and_a_role_or_are_none(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="sites", part="Labels")
    place = ("layers", "sites", "label")
    field = opened.selectbox(key=key(STORY, *place))
    assert field.value == "name"
    field.set_value("kind").run()
    desk = desk_of(opened, STORY)
    assert desk.get(place) == "kind"
    opened.selectbox(key=key(STORY, *place, "role")).set_value("region").run()
    opened.number_input(key=key(STORY, *place, "priority")).set_value(4).run()
    assert desk.get(place) == {"column": "kind", "role": "region", "priority": 4}
    opened.selectbox(key=key(STORY, *place)).set_value(None).run()
    assert desk.get(place) is None


def test_legend_and_tooltip(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="sites", part="Legend")
    opened.text_input(key=key(STORY, "layers", "sites", "legend")).set_value("").run()
    opened.multiselect(key=key(STORY, "layers", "sites", "tooltip")).set_value(["people", "name"]).run()
    desk = desk_of(opened, STORY)
    assert desk.get(("layers", "sites", "legend")) is None
    assert desk.get(("layers", "sites", "tooltip")) == ["people", "name"]


def test_accuracy_as_a_distance_or_from_a_column(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="sites", part="Layer")
    how = f"{key(STORY, 'layers', 'sites', 'accuracy')}/how"
    opened.selectbox(key=how).set_value("number").run()
    desk = desk_of(opened, STORY)
    opened.text_input(key=key(STORY, "layers", "sites", "accuracy")).set_value("0,5 km").run()
    assert desk.get(("layers", "sites", "accuracy")) == 0.5
    opened.text_input(key=key(STORY, "layers", "sites", "accuracy")).set_value("about two").run()
    assert desk.get(("layers", "sites", "accuracy")) == 0.5
    assert any("kilometres" in one for one in told(opened))
    opened.selectbox(key=how).set_value("column km").run()
    assert desk.get(("layers", "sites", "accuracy")) == "km"


def test_a_layer_is_renamed_copied_and_deleted(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="sites", part="Layer")
    opened.text_input(key=key(STORY, "layers", "sites", "title")).set_value("Places").run()
    desk = desk_of(opened, STORY)
    assert desk.trail.undo_name == "Change the title of layer 'Places'"
    copy = f"copy of {STORY}/sites"
    opened.text_input(key=f"{copy}/title").set_value("Places then").run()
    opened.button(key=f"{copy}/make").click().run()
    assert [one["id"] for one in desk.layers] == ["land", "road", "sites", "places-then"]
    assert [one.layer for one in shown_in(desk)] == ["land", "road", "places-then"]
    assert opened.subheader[0].value == "Places then"
    opened.button(key=f"delete {STORY}/places-then").click().run()
    assert [one["id"] for one in desk.layers] == ["land", "road", "sites"]
    assert not opened.exception


def test_a_layer_that_a_view_frames_alone_is_not_deleted(layered_stories: Path) -> None:
    opened = page(layered_stories, layer="land", part="Layer")
    assert any("“One” frames this layer only" in one for one in told(opened))
    assert not any(one.key == f"delete {STORY}/land" for one in opened.button)


def test_data_that_can_not_be_read_is_told_and_the_panel_stays(layered_stories: Path) -> None:
    (layered_stories / STORY / "road.geojson").unlink()
    for part in ("Look", "By data", "Filter", "Labels", "Legend", "Layer"):
        opened = page(layered_stories, layer="road", part=part)
        assert any("can not be read" in one for one in told(opened)), part


def test_every_part_of_every_layer_in_every_view(layered_stories: Path) -> None:
    opened = page(layered_stories)
    for view in ("This step", "All layers"):
        for part in ("Look", "By data", "Filter", "Labels", "Legend", "Layer"):
            for layer in ("land", "road", "sites"):
                opened.session_state[f"layers of {STORY}"] = view
                opened.session_state[f"part of the layer of {STORY}"] = part
                opened.session_state[f"layer at work of {STORY}"] = layer
                opened.session_state[f"layer among all of {STORY}"] = layer
                opened.run()
                assert not opened.exception, (view, part, layer)
                assert not desk_of(opened, STORY).changed, "to look at a layer changes nothing"


# Without a page


def test_a_layer_is_hidden_and_shown_again_as_it_was(desk: Desk) -> None:
    desk.step = "two"
    desk.do(lambda story: edits.hide_layer(story, "two", "sites"))
    assert [one.layer for one in shown_in(desk)] == ["land"]
    again = layer_list.earlier(desk, "sites")
    assert again == {"layer": "sites", "where": {"kind": "mine"}, "style": {"color": "#224466"}}
    desk.do(lambda story: layeredits.show_again(story, "two", "sites", again))
    assert not desk.changed
    assert layer_list.earlier(desk, "road") is None


def test_the_eye_of_a_layer_says_whether_it_is_shown(layered_stories: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: dict[str, Any] = {}
    monkeypatch.setattr(layer_list, "sort_list", lambda name, entries, *_, **__: sent.update({name: entries}))
    for step, land, road in (("one", "show", "show"), ("three", "show", "hide")):
        opened = edit_page(layered_stories, layered_stories.parent / "state", STORY, step=step, panel="Layers")
        assert not opened.exception
        desk = desk_of(opened, STORY)
        layer_list.all_layers(desk)
        here = {entry.id: entry for entry in sent[f"layers in file of {STORY}"]}
        assert (here["land"].actions[0].icon, here["road"].actions[0].icon) == (land, road)
        assert all(entry.actions[0].pressed is None for entry in here.values())
        assert {entry.actions[0].icon for entry in sent[f"shown of {STORY}"]} == {"show"}
        assert here["land"].note == "in 3 steps, shown here"
    assert (here["road"].actions[0].label, here["road"].note) == ("Show in this step", "in 1 step, not here")


def test_a_layer_that_a_step_shows_twice_is_two_entries(desk: Desk) -> None:
    desk.do(lambda story: layeredits.show_again(story, "one", "sites"))
    shown = shown_in(desk)
    assert [one.name for one in shown] == ["land", "road", "sites", "sites/2"]
    second = work_on(desk, "sites", shown[3], step_only=True)
    desk.do(lambda story: second.make("radius")(story, 9.0))
    assert desk.get(("steps", "one", "show", 3)) == {"layer": "sites", "style": {"radius": 9.0}}
    assert desk.get(("steps", "one", "show", 2)) == "sites"


def test_pictures_take_only_what_was_offered() -> None:
    options = [Picture("a", "A"), Picture("", "None")]
    assert picked({"picked": {"value": "a"}}, options, own=False) == "a"
    assert picked({"picked": {"value": ""}}, options, own=False) == ""
    assert picked({"picked": {"value": "#123456"}}, options, own=False) is None
    assert picked({"picked": {"value": "#123456"}}, options, own=True) == "#123456"
    for nonsense in (None, {}, {"picked": None}, {"picked": {"value": 7}}, {"picked": {"value": "javascript:"}}, "a"):
        assert picked(nonsense, options, own=True) is None


def test_colours_of_the_story_come_first_and_pictures_are_pictures(desk: Desk) -> None:
    options = color_options(desk)
    assert [one.value for one in options[:3]] == ["ore", "leaf", "data-1"]
    assert all(one.picture.startswith("data:image/svg+xml,") and "#" not in one.picture for one in options)
    assert len({one.value for one in options}) == len(options)
    assert {one.value for one in options} <= set(colors_of(desk))


def test_every_layer_has_a_picture_also_one_of_labels_alone(desk: Desk) -> None:
    colors = swatches.colors_in("light", colors_of(desk))
    work = work_on(desk, "sites")
    picture = swatches.layer_picture(work.symbolised(), colors, labelled=True)
    assert "%23a4610a" in picture
    desk.do(lambda story: layeredits.restyle(story, Target("sites"), {"weight": 0, "fill_opacity": 0}))
    bare = swatches.layer_picture(work_on(desk, "sites").symbolised(), colors, labelled=True)
    assert "Aa" in bare
    assert swatches.layer_picture(None, colors, labelled=True) == ""


@pytest.mark.parametrize(("entered", "limits"), [
    ("10; 20; 50", [10, 20, 50]), ("10 20 50", [10, 20, 50]), ("10, 20, 50", [10, 20, 50]), ("0,5; 1,5", [0.5, 1.5]),
    ("1 000; 20 000", [1000, 20000]), ("7", [7]),
])  # fmt: skip
def test_limits_as_people_type_them(entered: str, limits: list[float]) -> None:
    assert layer_data.limits_from(entered) == limits


@pytest.mark.parametrize("entered", ["ten", "10; 5", "10; 10", "1;2;3;4;5;6;7;8;9;10", "10,20,30"])
def test_limits_that_can_not_be_used_are_refused_in_words(entered: str) -> None:
    with pytest.raises(ValueError, match=r"^(Write|The limits)"):
        layer_data.limits_from(entered)


def test_dashes_as_people_type_them() -> None:
    assert layer_look.lengths("6,4") == "6 4"
    assert layer_look.lengths(" 6 , 4.5 ") == "6 4.5"
    for nonsense in ("six", "6 -4", "6 4px"):
        with pytest.raises(ValueError, match="Write lengths"):
            layer_look.lengths(nonsense)


# Colours of a step


def test_uses_are_what_is_drawn_on_the_ground_of_the_tone(desk: Desk) -> None:
    uses = {use.name: use for use in color_check.uses_in(desk, "one")}
    assert list(uses) == ["Sites", "Road", "Land"]
    assert uses["Sites"].seen == "#a4610a"
    assert uses["Road"].what == "line"
    assert {use.ground for use in uses.values()} == {TOKENS["land"].light}
    dark = color_check.uses_in(desk, "three")
    assert [use.ground for use in dark] == [TOKENS["land"].dark]


def test_a_faint_line_is_told_with_its_contrast(desk: Desk) -> None:
    assert color_check.findings(desk, "one") == []
    desk.do(lambda story: layeredits.restyle(story, Target("road"), {"color": "#e8e4dc"}))
    found = color_check.findings(desk, "one")
    assert [one.layer for one in found] == ["road"]
    assert "“Road” is faint" in found[0].text
    assert "3:1" in found[0].text
    assert color_check.findings(desk, "two") == []


def test_a_pale_fill_with_a_strong_outline_is_not_faint(desk: Desk) -> None:
    pale = {"fill_color": "#e8e4dc", "fill_opacity": 0.5, "weight": 2, "color": "ore"}
    desk.do(lambda story: layeredits.restyle(story, Target("sites"), pale))
    assert color_check.findings(desk, "one") == []
    desk.do(lambda story: layeredits.restyle(story, Target("sites"), {"weight": 0}))
    assert [one.layer for one in color_check.findings(desk, "one")] == ["sites"]


def test_two_colours_that_some_readers_take_for_one_are_told_until_a_mark_parts_them(desk: Desk) -> None:
    def rail(story: Any) -> Any:
        return layeredits.duplicate_layer(story, "road", "Rail")

    desk.do(rail)
    desk.do(lambda story: layeredits.show_again(story, "one", "rail"))
    desk.do(lambda story: layeredits.restyle(story, Target("road"), {"color": "#c0563f"}))
    desk.do(lambda story: layeredits.restyle(story, Target("rail"), {"color": "#7f7c2e"}))
    found = color_check.alike(color_check.uses_in(desk, "one"))
    assert len(found) == 1
    assert "do not see" in found[0].text
    assert "green" in found[0].text
    assert "blue" not in found[0].text
    desk.do(lambda story: layeredits.restyle(story, Target("rail"), {"color": "#c85f48"}))
    found = color_check.alike(color_check.uses_in(desk, "one"))
    assert len(found) == 1
    assert "hard to tell apart" in found[0].text
    desk.do(lambda story: layeredits.restyle(story, Target("rail"), {"dash_array": "6 4"}))
    assert color_check.alike(color_check.uses_in(desk, "one")) == []


def test_classes_of_one_ramp_are_told_by_their_order(desk: Desk) -> None:
    known = work_on(desk, "sites").known
    assert known is not None
    desk.do(lambda story: layerrules.color_by(story, Target("sites"), "classes", "people", known, "en"))
    desk.do(lambda story: layeredits.restyle(story, Target("sites"), {"k": 6, "cmap": "Greys"}))
    assert color_check.findings(desk, "one") == []


def test_ramps_for_all_readers_come_first_and_are_marked(desk: Desk) -> None:
    options = layer_data.ramp_options(7, False)
    assert options[0].value == "YlGnBu"
    groups = [one.group for one in options]
    first_bad = groups.index("Not told apart by all readers")
    assert all("every kind of colour vision" in group for group in groups[:first_bad])
    assert {"RdYlGn", "Spectral"} <= {one.value for one in options[first_bad:]}
    assert layer_categories.MANY >= 8


def test_names_of_a_story_never_become_markup(layered_stories: Path) -> None:
    bad = "<img src=x onerror=alert(1)>"
    write_layers(layered_stories, lambda story: story["layers"][1].update(title=bad, legend=bad))
    opened = page(layered_stories, layer="road", **{f"layers_of_{STORY}": "Colours"})
    html = "".join(one.value if hasattr(one, "value") else str(one.proto.body) for one in opened.get("html"))
    assert "<img" not in html
