from pathlib import Path
from typing import Any

import pytest

from layerplaces import write_layers
from storymap import edits, layeredits
from storymap.changes import describe
from storymap.edits import duplicate_step
from storymap.layeredits import (
    Target,
    droppable_rules,
    duplicate_layer,
    move_shown,
    overrides,
    restyle,
    take_all_back,
    take_back,
    uses,
)
from storymap.manuscript import Manuscript
from storymap.placing import DROPPED, EditError, find
from storymap.yamlmatch import identity


@pytest.fixture
def story(tmp_path: Path) -> Manuscript:
    folder = write_layers(tmp_path)
    (folder / "story.ru.yaml").write_text(
        "title: История\nlayers:\n  sites: {title: Места, legend: Места}\n", encoding="utf-8"
    )
    return Manuscript.read(folder)


def ids(story: Manuscript, step: str) -> list[Any]:
    return list(map(identity, find(story.data, ("steps", step, "show"))))


def test_style_for_the_whole_story_or_one_step_is_said(story: Manuscript) -> None:
    whole = restyle(story, Target("road"), {"weight": 5})
    assert whole.sentence == "Change the line width of layer 'Road'"
    assert find(whole.after.data, ("layers", "road", "style")) == {"color": "#333333", "weight": 5}
    step = restyle(story, Target("road", "one", "road"), {"weight": 5})
    assert step.sentence == "Change the line width of layer 'Road' for step 'One' only"
    assert find(step.after.data, ("steps", "one", "show", "road")) == {"layer": "road", "style": {"weight": 5}}
    assert find(step.after.data, ("layers", "road", "style", "weight")) == 3
    back = restyle(step.after, Target("road", "one", "road"), {"weight": None})
    assert back.after.says(story), "without a style of its own, the step shows the layer by its name again"


def test_several_properties_are_one_edit(story: Manuscript) -> None:
    made = restyle(story, Target("sites"), {"column": "kind", "color": None}, "Colour it")
    assert made.sentence == "Colour it"
    assert find(made.after.data, ("layers", "sites", "style")) == {"column": "kind"}


def test_what_a_step_has_of_its_own_is_listed_and_taken_back_one_by_one_or_all(story: Manuscript) -> None:
    found = overrides(story, "two", "sites")
    assert [(one.key, one.here, one.otherwise) for one in found] == [
        ("color", "#224466", "ore"), ("where", {"kind": "mine"}, None),
    ]  # fmt: skip
    one = take_back(story, "two", "sites", "color")
    assert one.sentence == "Take back the colour of layer 'Sites' for step 'Two' only"
    assert find(one.after.data, ("steps", "two", "show", "sites")) == {"layer": "sites", "where": {"kind": "mine"}}
    everything = take_all_back(story, "two", "sites")
    assert find(everything.after.data, ("steps", "two", "show")) == ["land", "sites"]
    assert overrides(everything.after, "two", "sites") == ()
    assert overrides(story, "one", "sites") == ()


def test_labels_and_legend_left_out_are_told_and_growing_stays(story: Manuscript) -> None:
    def change(data: Any) -> None:
        data["steps"][0]["show"][1] = {"layer": "road", "grow": True, "label": False, "legend": False}

    changed = story.change(change)
    assert [one.key for one in overrides(changed, "one", "road")] == ["label", "legend"]
    after = take_all_back(changed, "one", "road").after
    assert find(after.data, ("steps", "one", "show", "road")) == {"layer": "road", "grow": True}


@pytest.mark.parametrize(("number", "from_top", "expected"), [
    (2, 2, ["sites", "land", "road"]), (0, 0, ["road", "sites", "land"]), (1, 0, ["land", "sites", "road"]),
])  # fmt: skip
def test_moved_in_a_list_that_is_read_from_the_top(
    story: Manuscript, number: int, from_top: int, expected: list[str]
) -> None:
    assert ids(move_shown(story, "one", number, from_top).after, "one") == expected


def test_a_step_drops_a_rule_and_takes_that_back(story: Manuscript) -> None:
    target = Target("road", "one", "road")
    assert [(one.key, one.otherwise) for one in droppable_rules(story, target)] == [("color", "#333333"), ("weight", 3)]
    made = restyle(story, target, {"weight": DROPPED})
    assert made.sentence == "Drop the line width of layer 'Road' for step 'One' only"
    assert find(made.after.data, ("steps", "one", "show", "road")) == {"layer": "road", "style": {"weight": None}}
    assert [(one.key, one.here, one.otherwise) for one in overrides(made.after, "one", "road")] == [
        ("weight", DROPPED, 3)
    ]
    assert [one.key for one in droppable_rules(made.after, target)] == ["color"]
    assert describe(story, made.after) == ("Drop the line width of layer 'road' for step 'One' only",)
    assert take_back(made.after, "one", "road", "weight").after.says(story)
    assert take_all_back(made.after, "one", "road").after.says(story)
    again = layeredits.show_again(
        story, "three", "road", find(made.after.data, ("steps", "one", "show", "road"))
    )  # fmt: skip
    assert find(again.after.data, ("steps", "three", "show", "road")) == {"layer": "road", "style": {"weight": None}}


def test_a_dropped_rule_is_copied_written_and_loaded(story: Manuscript, tmp_path: Path) -> None:
    made = restyle(story, Target("road", "one", "road"), {"weight": DROPPED, "color": "#ff0000"}).after
    copied = duplicate_step(made, "one").after
    assert find(copied.data, ("steps", "one-copy", "show", "road", "style")) == {"weight": None, "color": "#ff0000"}
    other = duplicate_layer(made, "road", "Track", ("one", "road")).after
    assert find(other.data, ("steps", "one", "show", "track", "style")) == {"weight": None, "color": "#ff0000"}
    written = made.contents["story.yaml"]
    assert b"weight: null" in written
    read = Manuscript.of({"story.yaml": written})
    assert read.says(Manuscript({"story.yaml": made.sheets["story.yaml"]}))
    assert read.contents["story.yaml"] == written
    shown = read.story(tmp_path / "layered").steps[0].show[1].style
    assert shown is not None and shown.model_fields_set == {"weight", "color"} and shown.weight is None


def test_a_null_that_stands_keeps_its_way_of_writing(story: Manuscript) -> None:
    text = story.contents["story.yaml"].replace(b"  - road\n", b"  - {layer: road, style: {weight: ~ }}  # thin\n", 1)
    assert b"thin" in text
    read = Manuscript.of({"story.yaml": text})
    assert read.contents["story.yaml"] == text
    changed = restyle(read, Target("road", "one", "road"), {"color": "#ff0000"}).after.contents["story.yaml"]
    assert changed == text.replace(b"{weight: ~ }", b'{color: "#ff0000", weight: ~ }')


@pytest.mark.parametrize("place", [
    ("steps", "one", "show", "road", "layer"), ("steps", "one", "show", "road", "label"), ("layers", "road", "style", "weight"),
    ("title",), ("steps", "one", "show", "road", "style", "categories", "x"),
])  # fmt: skip
def test_only_rules_of_a_style_in_a_step_are_dropped(story: Manuscript, place: tuple[str, ...]) -> None:
    with pytest.raises(
        EditError, match=f"^'{place[-1]}' can not be dropped: a step drops rules of a layer's style only$"
    ):
        edits.set_part(story, place, DROPPED)


def test_what_a_column_brings_is_not_dropped_once_more(story: Manuscript) -> None:
    whole = restyle(story, Target("sites"), {"column": "people", "k": 3, "cmap": "Reds"}).after
    target = Target("sites", "one", "sites")
    assert [one.key for one in droppable_rules(whole, target)] == ["color", "column", "k", "cmap"]
    made = restyle(whole, target, {"column": DROPPED}).after
    assert [one.key for one in droppable_rules(made, target)] == ["color"]
    assert droppable_rules(whole, Target("sites")) == ()


def test_shown_again_as_it_was(story: Manuscript) -> None:
    again = layeredits.show_again(story, "three", "sites", {"layer": "sites", "grow": True})
    assert find(again.after.data, ("steps", "three", "show")) == ["land", {"layer": "sites", "grow": True}]
    assert find(layeredits.show_again(story, "three", "road").after.data, ("steps", "three", "show")) == [
        "land",
        "road",
    ]
    with pytest.raises(EditError):
        layeredits.show_again(story, "three", "nowhere")


def test_uses_tell_who_shows_and_who_frames(story: Manuscript) -> None:
    assert uses(story, "land") == layeredits.Uses(("One", "Two", "Three"), ("One",), ("One",))
    assert uses(story, "road") == layeredits.Uses(("One",))


def test_a_copy_has_its_own_id_the_texts_of_other_languages_and_takes_the_place_in_one_step(story: Manuscript) -> None:
    made = duplicate_layer(story, "sites", "Sites then", ("two", "sites"))
    assert made.sentence == "Duplicate layer 'Sites'"
    assert [layer["id"] for layer in made.after.data["layers"]] == ["land", "road", "sites", "sites-then"]
    copy = find(made.after.data, ("layers", "sites-then"))
    assert {**copy, "id": "sites", "title": "Sites"} == find(story.data, ("layers", "sites"))
    assert ids(made.after, "two") == ["land", "sites-then"]
    assert find(made.after.data, ("steps", "two", "show", 1, "style", "color")) == "#224466"
    assert ids(made.after, "one") == ["land", "road", "sites"]
    assert made.after.translation("ru")["layers"] == {
        "sites": {"title": "Места", "legend": "Места"}, "sites-then": {"legend": "Места"},
    }  # fmt: skip


@pytest.mark.parametrize("title", ["", "  ", "Road"])
def test_a_copy_needs_a_title_of_its_own(story: Manuscript, title: str) -> None:
    with pytest.raises(EditError):
        duplicate_layer(story, "sites", title)
