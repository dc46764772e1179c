from pathlib import Path
from typing import Any

import pytest

from layerplaces import write_layers
from storymap import layeredits
from storymap.layeredits import Target, duplicate_layer, move_shown, overrides, restyle, take_all_back, take_back, uses
from storymap.manuscript import Manuscript
from storymap.placing import EditError, find
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
