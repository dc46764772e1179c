from pathlib import Path
from typing import Any

import pytest

from layerplaces import write_layers
from storymap import classify, layerrules
from storymap.layeredits import Target
from storymap.layerfacts import Facts, facts, looks_of
from storymap.layerrules import break_limits, class_limits, color_by, pinned, set_category, style_of, suits_all
from storymap.manuscript import Manuscript
from storymap.painting import Look
from storymap.placing import EditError, find
from storymap.story import Style

WHOLE = Target("sites")
STEP = Target("sites", "one", "sites")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_layers(tmp_path)


@pytest.fixture
def story(folder: Path) -> Manuscript:
    return Manuscript.read(folder)


@pytest.fixture
def known(folder: Path) -> Facts:
    return facts(folder, {"file": "sites.geojson"})


def by(story: Manuscript, target: Target, how: Any, column: str | None, known: Facts) -> Manuscript:
    return color_by(story, target, how, column, known, "en").after


def style(story: Manuscript, target: Target = WHOLE) -> Style:
    layer = find(story.data, ("layers", "sites"))
    part = find(story.data, target.place) if target.step else None
    return layerrules.merged(layer, part if isinstance(part, dict) else None)


def looks(story: Manuscript, known: Facts, target: Target = WHOLE) -> dict[str, Look]:
    groups = looks_of(style(story, target), known, None, "en")
    return dict(zip(groups.texts, groups.looks, strict=True))


def test_modes_follow_the_rule_that_holds(story: Manuscript, known: Facts) -> None:
    assert layerrules.mode(style(story), known) == "one"
    assert layerrules.mode(style(by(story, WHOLE, "categories", "kind", known)), known) == "categories"
    assert layerrules.mode(style(by(story, WHOLE, "classes", "people", known)), known) == "classes"
    assert layerrules.mode(style(by(story, WHOLE, "categories", "people", known)), known) == "categories"


def test_colouring_by_a_column_is_one_edit_with_a_name(story: Manuscript, known: Facts) -> None:
    made = color_by(story, WHOLE, "categories", "kind", known, "en")
    assert made.sentence == "Colour layer 'Sites' by 'kind'"
    assert find(made.after.data, ("layers", "sites", "style")) == {"color": "ore", "column": "kind"}
    back = color_by(made.after, WHOLE, "one", None, known, "en")
    assert back.sentence == "Use one colour for layer 'Sites'"
    assert back.after.says(story)


def test_what_belonged_to_another_rule_goes(story: Manuscript, known: Facts) -> None:
    classes = by(story, WHOLE, "classes", "people", known)
    classes = layerrules.restyle(classes, WHOLE, {"k": 3, "scheme": "quantiles", "cmap": "Reds"}).after
    categories = by(classes, WHOLE, "categories", "kind", known)
    assert find(categories.data, ("layers", "sites", "style")) == {"color": "ore", "column": "kind"}
    again = set_category(categories, WHOLE, known, "en", "mine", "label", "A mine").after
    assert style(by(again, WHOLE, "classes", "people", known)).categories is None


def test_every_rule_that_is_written_fits_the_data(story: Manuscript, known: Facts, folder: Path) -> None:
    from storymap.symbology import faults

    for target in (WHOLE, STEP):
        made = story
        for how, column in [("categories", "kind"), ("classes", "people"), ("categories", "people"), ("classes", "km"),
                            ("categories", "kind")]:  # fmt: skip
            made = by(made, target, how, column, known)
            layer = made.story(folder).layer("sites")
            assert faults(layer, style(made, target), known.frame) == (), (how, column)
            assert layerrules.mode(style(made, target), known) == how


def test_a_step_can_change_the_rule_and_drop_it(story: Manuscript, known: Facts) -> None:
    whole = by(story, WHOLE, "categories", "kind", known)
    step = by(whole, STEP, "classes", "people", known)
    assert find(step.data, ("steps", "one", "show", "sites", "style")) == {"column": "people"}
    assert by(step, STEP, "categories", "kind", known).says(whole)
    plain = by(step, STEP, "one", None, known)
    assert find(plain.data, ("steps", "one", "show", "sites", "style")) == {"column": None}
    assert layerrules.mode(style(plain, STEP), known) == "one"
    assert layerrules.mode(style(plain), known) == "categories"
    assert by(plain, STEP, "categories", "kind", known).says(whole)
    assert by(by(story, STEP, "classes", "people", known), STEP, "one", None, known).says(story)


def test_a_step_can_make_classes_where_the_story_names_numbers(story: Manuscript, known: Facts) -> None:
    whole = by(story, WHOLE, "categories", "people", known)
    step = by(whole, STEP, "classes", "people", known)
    assert layerrules.mode(style(step, STEP), known) == "classes"
    assert layerrules.mode(style(step), known) == "categories"


@pytest.mark.parametrize(("key", "entered"), [("color", "#123456"), ("label", "Pits"), ("symbol", "ring")])
def test_changing_one_category_leaves_the_looks_of_the_others(
    story: Manuscript, known: Facts, key: str, entered: str
) -> None:
    made = by(story, WHOLE, "categories", "kind", known)
    before = looks(made, known)
    edit = set_category(made, WHOLE, known, "en", "plant", key, entered)
    assert "'plant' in layer 'Sites'" in edit.sentence
    after = looks(edit.after, known)
    assert list(after) == (["Mine", "Pits", "Town"] if key == "label" else ["Mine", "Plant", "Town"])
    assert (after["Mine"], after["Town"]) == (before["Mine"], before["Town"])
    assert after != before


def test_a_category_of_a_step_writes_only_what_is_not_as_in_the_story(story: Manuscript, known: Facts) -> None:
    whole = set_category(
        by(story, WHOLE, "categories", "kind", known), WHOLE, known, "en", "mine", "color", "#222222"
    ).after
    step = set_category(whole, STEP, known, "en", "plant", "color", "#ff0000").after
    assert find(step.data, ("steps", "one", "show", "sites", "style")) == {
        "categories": {"plant": {"color": "#ff0000"}}
    }
    assert looks(step, known, STEP)["Plant"].color == "#ff0000"
    assert looks(step, known) == looks(whole, known)
    back = set_category(step, STEP, known, "en", "plant", "color", looks(whole, known)["Plant"].color).after
    assert back.says(whole)


def test_categories_in_another_order_keep_their_looks(story: Manuscript, known: Facts) -> None:
    made = by(story, WHOLE, "categories", "kind", known)
    colors = {name: look.color for name, look in looks(made, known).items()}
    after = layerrules.order_categories(made, WHOLE, known, "en", ["town", "mine", "plant"]).after
    assert list(looks(after, known)) == ["Town", "Mine", "Plant"]
    assert {name: look.color for name, look in looks(after, known).items()} == colors


def test_another_set_of_colours_keeps_names(story: Manuscript, known: Facts) -> None:
    made = set_category(
        by(story, WHOLE, "categories", "kind", known), WHOLE, known, "en", "mine", "label", "Pits"
    ).after
    after = layerrules.recolor(made, WHOLE, "Set2").after
    assert [look.color for look in looks(after, known).values()] == list(classify.ramp("Set2", 3))
    assert next(iter(looks(after, known))) == "Pits"


def test_a_step_drops_what_the_story_says_of_a_category(story: Manuscript, known: Facts) -> None:
    whole = set_category(
        by(story, WHOLE, "categories", "kind", known), WHOLE, known, "en", "mine", "label", "Pits"
    ).after
    step = set_category(whole, STEP, known, "en", "mine", "label", None).after
    assert find(step.data, ("steps", "one", "show", "sites", "style")) == {"categories": {"mine": {"label": None}}}
    assert list(looks(step, known, STEP)) == ["Mine", "Plant", "Town"]
    assert list(looks(step, known)) == ["Pits", "Plant", "Town"]
    recolored = layerrules.recolor(whole, STEP, "Set2").after
    before, after = ({look.color for look in looks(one, known, STEP).values()} for one in (whole, recolored))
    assert not before & after


def test_a_step_drops_a_ramp_that_does_not_suit_its_rule(story: Manuscript, known: Facts) -> None:
    whole = by(story, WHOLE, "classes", "people", known)
    whole = layerrules.restyle(whole, WHOLE, {"cmap": "Reds", "k": 3}).after
    step = by(whole, STEP, "categories", "people", known)
    assert find(step.data, ("steps", "one", "show", "sites", "style", "cmap"), "unsaid") is None
    assert layerrules.mode(style(step, STEP), known) == "categories"
    back = by(step, STEP, "classes", "people", known)
    assert (style(back, STEP).cmap, style(back, STEP).categories) == (None, None)


def test_a_value_that_is_gone_is_told(story: Manuscript, known: Facts) -> None:
    with pytest.raises(EditError):
        set_category(by(story, WHOLE, "categories", "kind", known), WHOLE, known, "en", "nothing", "label", "x")


def test_an_entry_that_comes_late_is_refused_and_one_that_says_the_same_writes_nothing(
    story: Manuscript, known: Facts
) -> None:
    made = by(story, WHOLE, "categories", "kind", known)
    assert set_category(made, WHOLE, known, "en", "mine", "label", None).after is made
    assert set_category(made, WHOLE, known, "en", "mine", "color", "data-1").after is made
    for late in (story, by(story, WHOLE, "classes", "people", known)):
        with pytest.raises(EditError, match="no longer"):
            set_category(late, WHOLE, known, "en", "mine", "label", "Mines")
        with pytest.raises(EditError, match="no longer"):
            layerrules.order_categories(late, WHOLE, known, "en", ["town"])


def test_pinned_categories_are_a_fixed_point(story: Manuscript, known: Facts) -> None:
    made = style(by(story, WHOLE, "categories", "kind", known))
    listed = pinned(made, known, None, "en")
    assert list(listed) == ["mine", "plant", "town"]
    again = style_of({"column": "kind", "categories": listed})
    assert pinned(again, known, None, "en") == listed


def test_class_limits_tell_every_feature_once(known: Facts) -> None:
    rows = class_limits(Style(column="people", k=3), known, None, "en")
    assert len(rows) == 3
    assert sum(count for _, _, count in rows) == 6
    assert [color for _, color, _ in rows] == list(classify.ramp("YlGnBu", 3, skip_light=True))
    some = class_limits(Style(column="people", k=3), known, {"kind": "mine"}, "en")
    assert sum(count for _, _, count in some) == 2


def test_own_limits_begin_with_those_that_hold(known: Facts) -> None:
    limits = break_limits(Style(column="people", k=3), known, None)
    own = Style(column="people", scheme="user_defined", breaks=limits)
    rows = [(text, count) for text, _, count in class_limits(own, known, None, "en")]
    assert (
        rows[1:]
        == [(text, count) for text, _, count in class_limits(Style(column="people", k=3), known, None, "en")][1:]
    )


def test_style_of_leaves_out_what_is_at_fault() -> None:
    assert style_of({"weight": 4, "color": "no colour!", "nonsense": 1}) == Style(weight=4)
    assert style_of("nonsense") == Style()


@pytest.mark.parametrize("k", [6, 7, 8, 9])
def test_ramps_for_all_readers_are_those_that_colorbrewer_calls_so(k: int) -> None:
    ramps = {name for name, purpose in classify.ramps().items() if purpose != "qualitative"}
    assert {name for name in ramps if not suits_all(classify.ramp(name, k))} == {"RdYlGn", "Spectral"}


def test_red_to_green_is_for_no_number_of_classes() -> None:
    assert not any(suits_all(classify.ramp("RdYlGn", k)) for k in range(3, 10))
