import pytest

from storymap.painting import DASHES, PATTERNS, SYMBOLS, Look, dashes, deal, merge_style, no_data, paint
from storymap.story import CategoryStyle, Style


def test_an_override_wins_where_it_says_something() -> None:
    base = Style(color="ore", weight=2, radius=5)
    assert merge_style(base, Style(weight=4)) == Style(color="ore", weight=4, radius=5)
    assert merge_style(base, None) is base


def test_null_takes_a_rule_away() -> None:
    base = Style(column="kind", categories={"a": CategoryStyle(color="ore")}, color="steel")
    plain = merge_style(base, Style(column=None))
    assert plain.column is None
    assert plain.categories is None
    assert plain.color == "steel"


def test_another_column_brings_its_own_rule() -> None:
    base = Style(column="people", scheme="quantiles", k=5, cmap="Blues", radius=4)
    changed = merge_style(base, Style(column="kind"))
    assert (changed.scheme, changed.k, changed.cmap, changed.radius) == (None, None, None, 4)
    kept = merge_style(base, Style(column="people", k=3))
    assert (kept.scheme, kept.k) == ("quantiles", 3)


def test_categories_and_schemes_replace_each_other() -> None:
    classed = Style(column="people", scheme="quantiles", k=5)
    named = merge_style(classed, Style(categories={"1": CategoryStyle()}))
    assert (named.scheme, named.k) == (None, None)
    assert merge_style(named, Style(scheme="pretty_breaks")).categories is None


def test_limits_and_the_scheme_that_takes_them_are_dropped_together() -> None:
    base = Style(column="people", scheme="user_defined", breaks=(1, 2), k=3)
    for dropped in ("breaks", "scheme"):
        made = merge_style(base, Style.model_validate({dropped: None}))
        assert (made.scheme, made.breaks, made.k) == (None, None, 3)
    other = merge_style(base.model_copy(update={"scheme": "quantiles"}), Style(breaks=None))
    assert (other.scheme, other.breaks) == ("quantiles", None)


def test_a_mark_of_one_category_is_dropped_alone() -> None:
    base = Style(column="kind", categories={"a": CategoryStyle(color="ore", label="A")})
    made = merge_style(base, Style(categories={"a": CategoryStyle(color=None)}))
    assert made.categories == {"a": CategoryStyle(label="A", color=None)}


def test_a_style_is_written_with_what_it_sets_and_what_it_drops() -> None:
    style = Style(weight=2, dash_array=None)
    assert style.model_dump(exclude_defaults=True) == style.model_dump() == {"weight": 2, "dash_array": None}
    assert Style.model_validate(style.model_dump()).model_fields_set == {"weight", "dash_array"}


def test_a_step_can_change_one_category() -> None:
    base = Style(
        column="kind", categories={"a": CategoryStyle(color="ore", label="A"), "b": CategoryStyle(color="steel")}
    )
    changed = merge_style(base, Style(categories={"a": CategoryStyle(color="accent"), "c": CategoryStyle()}))
    assert changed.categories is not None
    assert list(changed.categories) == ["a", "b", "c"]
    assert changed.categories["a"] == CategoryStyle(color="accent", label="A")
    assert base.categories is not None and base.categories["a"].color == "ore"


@pytest.mark.parametrize(
    ("text", "lengths"), [(None, ()), ("", ()), ("6 4", (6, 4)), ("6,4, 2", (6, 4, 2)), ("0", ()), ("0 4", (0, 4))]
)
def test_dashes(text: str | None, lengths: tuple[float, ...]) -> None:
    assert dashes(text) == lengths


def test_dealing_avoids_what_is_taken_until_nothing_is_left() -> None:
    assert deal(["b", None, None, None], ["a", "b", "c"]) == ["b", "a", "c", "a"]
    assert deal(["a", None], ["a"]) == ["a", "a"]


def test_marks_dealt_beside_colours_do_not_pair_up_again() -> None:
    blank = [None] * 32
    colors = deal(blank, list(range(8)))
    for marks in (PATTERNS, DASHES):
        assert len(set(zip(colors, deal(blank, marks, shift_every=8), strict=True))) == 32
    assert len(set(zip(colors, deal(blank, SYMBOLS, shift_every=8), strict=True))) == 32


def test_a_ring_is_hollow_and_a_soft_point_has_no_light_outline() -> None:
    ring = paint(Style(color="ore"), "point", Look(symbol="ring"))
    assert (ring.fill, ring.stroke) == (None, "ore")
    soft = paint(Style(color="ore"), "point", soft=True)
    assert (soft.fill, soft.stroke, soft.soft) == ("ore", "ore", True)


def test_proportional_circles_can_be_seen_through() -> None:
    circle = paint(Style(color="ore", symbol="square"), "point", sized=True)
    assert circle.symbol == "circle"
    assert circle.fill_opacity < 0.7
    assert circle.stroke == "ore"


def test_a_dealt_dash_marks_lines_but_not_the_outlines_of_areas() -> None:
    look = Look(dash="7 4")
    assert paint(Style(), "line", look).dash == (7, 4)
    assert paint(Style(), "area", look).dash == ()
    assert paint(Style(), "area", Look(outline="7 4")).dash == (7, 4)


@pytest.mark.parametrize("kind", ["area", "line", "point"])
def test_what_is_not_known_looks_like_no_value(kind: str) -> None:
    made = no_data(Style(weight=3, radius=9), kind)  # type: ignore[arg-type]
    assert made.stroke == "no-data"
    assert made.pattern == "hatch" or made.dash or made.symbol == "ring"
