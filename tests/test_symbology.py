import itertools
import math
from typing import Any

import pytest
from geopandas import GeoDataFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import GeometryCollection, LineString, Point, Polygon

from storymap.drawing import LegendEntry
from storymap.story import Layer, Style
from storymap.symbology import StyleError, Symbolised, faults, resolve

SQUARE = Polygon([(0, 0), (1, 0), (1, 1), (0, 1)])
LINE = LineString([(0, 0), (1, 1)])


def frame(geometry: Any = None, **columns: list[Any]) -> GeoDataFrame:
    size = len(next(iter(columns.values()))) if columns else 1
    shape = geometry if isinstance(geometry, list) else [geometry or Point(n, n) for n in range(size)]
    return GeoDataFrame(columns, geometry=shape, crs="EPSG:4326")


def layer(**keys: Any) -> Layer:
    source = {"file": "a.geojson", "credit": "Someone", "license": "CC0-1.0"}
    return Layer.model_validate({"id": "sites", "source": source, "legend": "Sites", **keys})


def symbolise(data: GeoDataFrame, *, where: Any = None, lang: str = "en", **keys: Any) -> Symbolised:
    made = layer(**keys)
    return resolve(made, made.style, data, where=where, lang=lang)


def texts(legend: tuple[LegendEntry, ...], kind: str | None = None) -> list[str]:
    return [entry.text for entry in legend if kind is None or entry.kind == kind]


# One symbol


def test_one_symbol_for_all_with_one_line_of_legend() -> None:
    made = symbolise(frame(name=["A", "B"]), style={"color": "ore", "radius": 8})
    (paint,) = made.paints
    assert (paint.fill, paint.stroke, paint.radius, paint.symbol) == ("ore", "paper", 8, "circle")
    assert [(row.index, row.paint) for row in made.rows] == [(0, 0), (1, 0)]
    assert made.legend == (LegendEntry("Sites", "point", paint),)


def test_defaults_follow_the_type_of_geometry() -> None:
    made = symbolise(frame([SQUARE, LINE, Point(0, 0)], name=["A", "B", "C"]))
    area, line, point = made.paints
    assert [row.kind for row in made.rows] == ["area", "line", "point"]
    assert area.fill == area.stroke == line.stroke == point.fill == "data-1"
    assert area.fill_opacity < 0.5
    assert line.fill is None
    assert made.legend[0].kind == "area"


def test_a_style_overrides_every_default() -> None:
    style = {
        "color": "#111111",
        "fill_color": "#222222",
        "fill_opacity": 0.7,
        "opacity": 0.6,
        "weight": 3,
        "dash_array": "6 4",
    }
    area = symbolise(frame([SQUARE], name=["A"]), style={**style, "pattern": "cross", "soft": True}).paints[0]
    assert (area.stroke, area.fill, area.fill_opacity, area.opacity, area.weight) == ("#111111", "#222222", 0.7, 0.6, 3)
    assert (area.dash, area.pattern, area.soft) == ((6, 4), "cross", True)
    line = symbolise(frame([LINE], name=["A"]), style={**style, "arrow": True}).paints[0]
    assert (line.stroke, line.weight, line.dash, line.arrow) == ("#111111", 3, (6, 4), True)
    point = symbolise(frame(name=["A"]), style={**style, "symbol": "diamond"}).paints[0]
    assert (point.stroke, point.fill, point.symbol) == ("#111111", "#222222", "diamond")


def test_rows_without_geometry_and_collections() -> None:
    mixed = GeometryCollection([Point(0, 0), SQUARE])
    made = symbolise(frame([None, Polygon(), mixed, Point(1, 1)], name=["A", "B", "C", "D"]))
    assert [(row.index, row.kind) for row in made.rows] == [(2, "area"), (3, "point")]


def test_without_a_legend_text_there_is_no_legend() -> None:
    assert symbolise(frame(name=["A"]), legend=None).legend == ()
    assert symbolise(frame(name=["A"]), where={"name": ("Z",)}).legend == ()


# Categories


def test_categories_keep_their_own_order_colour_and_name() -> None:
    categories = {"plant": {"label": "Plants", "color": "steel", "symbol": "square"}, "pit": {"color": "ore"}}
    made = symbolise(frame(kind=["pit", "plant", "pit"]), style={"column": "kind", "categories": categories})
    assert texts(made.legend) == ["Sites", "Plants", "Pit"]
    assert made.legend[0].kind == "heading"
    plant = made.paints[made.rows[1].paint]
    assert (plant.fill, plant.symbol) == ("steel", "square")
    assert made.paints[made.rows[0].paint].fill == "ore"


def test_values_that_are_not_listed_come_after_with_colours_of_their_own() -> None:
    made = symbolise(
        frame(kind=["wind", "pit", "mill"]), style={"column": "kind", "categories": {"pit": {"color": "data-1"}}}
    )
    assert texts(made.legend) == ["Sites", "Pit", "Wind", "Mill"]
    assert len({paint.fill for paint in made.paints}) == 3


@pytest.mark.parametrize(("geometry", "mark"), [(Point(0, 0), "symbol"), (SQUARE, "pattern"), (LINE, "dash")])
def test_no_category_differs_by_colour_alone(geometry: Any, mark: str) -> None:
    values = [f"v{n}" for n in range(4)]
    listed = {"v0": {"color": "#aa0000"}, "v1": {"color": "#00aa00"}}
    made = symbolise(frame([geometry] * 4, kind=values), style={"column": "kind", "categories": listed})
    assert len({getattr(paint, mark) for paint in made.paints}) == 4
    assert len({paint.fill or paint.stroke for paint in made.paints}) == 4


def test_a_mark_that_the_editor_gave_is_not_dealt_again() -> None:
    listed = {"a": {"symbol": "square"}, "b": {}, "c": {}}
    made = symbolise(frame(kind=["a", "b", "c"]), style={"column": "kind", "categories": listed})
    assert [paint.symbol for paint in made.paints] == ["square", "circle", "diamond"]


def test_thirty_categories_still_have_different_looks() -> None:
    made = symbolise(frame([SQUARE] * 30, kind=[f"v{n:02}" for n in range(30)]), style={"column": "kind"})
    assert len({(paint.fill, paint.pattern) for paint in made.paints}) == 30


def test_a_filter_changes_neither_colours_nor_classes() -> None:
    data = frame(kind=["pit", "plant", "wind"], output=[1.0, 5.0, 90.0])
    for style in ({"column": "kind"}, {"column": "output", "k": 3}):
        every = symbolise(data, style=style)
        some = symbolise(data, style=style, where={"kind": ("wind",)})
        assert [some.paints[row.paint] for row in some.rows] == [every.paints[every.rows[2].paint]]
        assert texts(some.legend, "point") == texts(every.legend, "point")[2:]


def test_the_layers_own_filter_decides_which_values_there_are() -> None:
    data = frame(kind=["town", "pit", "plant"], open=[False, True, True])
    own = layer(style={"column": "kind"}, where={"open": True})
    made = resolve(own, own.style, data)
    assert texts(made.legend) == ["Sites", "Pit", "Plant"]


def test_yes_and_no_and_numbers_can_be_categories() -> None:
    made = symbolise(frame(open=[True, False]), style={"column": "open", "categories": {"false": {"color": "ore"}}})
    assert texts(made.legend) == ["Sites", "No", "Yes"]
    assert made.paints[made.rows[1].paint].fill == "ore"
    years = symbolise(frame(year=[1964, 1965]), style={"column": "year", "categories": {"1965": {"label": "Later"}}})
    assert texts(years.legend) == ["Sites", "Later", "1964"]


def test_a_qualitative_ramp_colours_what_has_no_colour() -> None:
    made = symbolise(frame(kind=["a", "b", "c"]), style={"column": "kind", "cmap": "Paired"})
    assert [paint.fill for paint in made.paints] == ["#a6cee3", "#1f78b4", "#b2df8a"]


# Classes


def test_classes_colour_areas_from_light_to_dark_and_say_their_limits() -> None:
    made = symbolise(
        frame([SQUARE] * 4, people=[10, 20, 30, 40]),
        style={"column": "people", "scheme": "user_defined", "breaks": [10, 30], "cmap": "YlOrBr"},
    )
    assert texts(made.legend, "area") == ["10", "11–30", "31–40"]
    assert [made.paints[row.paint].fill for row in made.rows] == ["#fff7bc", "#fec44f", "#fec44f", "#d95f0e"]
    assert {paint.stroke for paint in made.paints} == {"ink-quiet"}


def test_missing_values_are_a_class_of_their_own_hatched_and_last() -> None:
    made = symbolise(frame([SQUARE] * 3, people=[10.0, None, 30.0]), style={"column": "people"}, lang="ru")
    assert texts(made.legend)[-1] == "Нет данных"
    missing = made.paints[made.rows[1].paint]
    assert (missing.fill, missing.pattern) == ("no-data", "hatch")
    lines = symbolise(frame([LINE] * 2, kind=["a", None]), style={"column": "kind"})
    assert lines.paints[lines.rows[1].paint].dash
    points = symbolise(frame(kind=["a", ""]), style={"column": "kind"})
    assert points.paints[points.rows[1].paint].symbol == "ring"


def test_nothing_but_missing_values() -> None:
    made = symbolise(frame([SQUARE] * 2, people=[float("nan")] * 2), style={"column": "people"})
    assert texts(made.legend) == ["Sites", "No data"]


def test_a_ramp_shows_the_classes_between_those_that_occur() -> None:
    data = frame([SQUARE] * 3, people=[1, 50, 100], kind=["a", "b", "a"])
    made = symbolise(data, style={"column": "people", "breaks": [10, 60, 100]}, where={"kind": ("a",)})
    assert texts(made.legend, "area") == ["1–10", "11–60", "61–100"]
    assert all(entry.paint for entry in made.legend[1:])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False).map(lambda n: round(n, 3)), min_size=1, max_size=30))
def test_larger_numbers_never_get_a_lighter_class(numbers: list[float]) -> None:
    made = symbolise(frame([SQUARE] * len(numbers), people=numbers), style={"column": "people", "cmap": "Blues"})
    order = [entry.paint for entry in made.legend if entry.kind == "area"]
    ranks = [order.index(made.paints[row.paint]) for row in made.rows]
    for (a, rank_a), (b, rank_b) in itertools.pairwise(sorted(zip(numbers, ranks, strict=True))):
        assert a <= b
        assert rank_a <= rank_b


# Sizes


@settings(deadline=None)
@given(st.lists(st.floats(0, 1e7), min_size=1, max_size=30).filter(any))
def test_areas_of_circles_are_proportional_and_large_ones_lie_below(numbers: list[float]) -> None:
    made = symbolise(frame(people=numbers), style={"size_column": "people", "radius_max": 40})
    radii = [row.radius or 0.0 for row in made.rows]
    assert radii == sorted(radii, reverse=True)
    assert radii[0] == pytest.approx(40)
    for row in made.rows:
        assert (row.radius or 0.0) ** 2 / 40**2 == pytest.approx(numbers[row.index] / max(numbers), abs=1e-12)


def test_a_legend_of_sizes_has_round_numbers_and_true_circles() -> None:
    made = symbolise(frame(people=[57000, 20731, 900]), style={"size_column": "people", "radius_max": 40})
    sizes = [entry for entry in made.legend if entry.kind == "size"]
    assert texts(made.legend) == ["Sites", "50,000", "20,000", "5000"]
    for entry, number in zip(sizes, (50000, 20000, 5000), strict=True):
        assert entry.radius == pytest.approx(40 * math.sqrt(number / 57000))
        assert entry.paint == made.paints[0]


def test_the_scale_of_sizes_is_the_layers_not_the_steps() -> None:
    data = frame(people=[57000, 20000], year=[1989, 2009])
    made = symbolise(data, style={"size_column": "people", "radius_max": 40}, where={"year": (2009,)})
    assert made.rows[0].radius == pytest.approx(40 * math.sqrt(20 / 57))
    assert texts(made.legend, "size")[0] == "20,000"


def test_sizes_and_colours_together_have_a_legend_each() -> None:
    made = symbolise(
        frame(people=[500, 100, None], kind=["a", "b", "a"]), style={"size_column": "people", "column": "kind"}
    )
    assert texts(made.legend) == ["Sites", "A", "B", "People", "500", "200", "50", "No data"]
    assert made.rows[-1].radius is None
    assert made.paints[made.rows[-1].paint].symbol == "ring"


# Accuracy


def test_points_with_an_accuracy_are_soft_and_the_legend_says_how_exact_they_are() -> None:
    data = frame(name=["A", "B", "C"], km=[4.0, 10.0, None])
    made = symbolise(data, accuracy="km", legend="Deposits")
    assert [row.accuracy_km for row in made.rows] == [4, 10, None]
    assert [made.paints[row.paint].soft for row in made.rows] == [True, True, False]
    assert texts(made.legend) == ["Deposits (placed to within 4–10 km)"]
    assert made.legend[0].paint is not None and made.legend[0].paint.soft


@pytest.mark.parametrize(
    ("lang", "text"),
    [("ru", "Карьеры (положение с точностью до 5 км)"), ("kk", "Карьеры (орны 5 км дәлдікпен)")],
)
def test_the_accuracy_is_told_in_the_readers_language(lang: str, text: str) -> None:
    assert texts(symbolise(frame(name=["A"]), accuracy=5, legend="Карьеры", lang=lang).legend) == [text]


def test_a_legend_that_says_it_already_is_left_alone_and_brackets_are_joined() -> None:
    plain = symbolise(frame(name=["A"]), accuracy=3, legend="Wind farm (to within 3 km)")
    assert texts(plain.legend) == ["Wind farm (to within 3 km)"]
    joined = symbolise(frame(name=["A"]), accuracy=3, legend="Plants (by their city)")
    assert texts(joined.legend) == ["Plants (by their city; placed to within 3 km)"]


def test_only_the_features_shown_count_for_the_accuracy() -> None:
    data = frame(name=["A", "B"], km=[4.0, 10.0])
    assert texts(symbolise(data, accuracy="km", where={"name": ("A",)}).legend) == ["Sites (placed to within 4 km)"]


def test_an_editor_can_ask_for_sharp_symbols_and_still_the_legend_tells() -> None:
    made = symbolise(frame(name=["A"]), accuracy=5, style={"soft": False})
    assert not made.paints[0].soft
    assert "5 km" in made.legend[0].text


def test_lines_and_areas_with_an_accuracy_stay_sharp_unless_asked() -> None:
    assert not symbolise(frame([LINE], name=["A"]), accuracy=5).paints[0].soft
    assert symbolise(frame([SQUARE], name=["A"]), style={"soft": True}).paints[0].soft


# Texts


def test_labels_tooltips_and_categories_speak_the_readers_language() -> None:
    data = frame(name=["Zhanatas", "Aksai"], name_ru=["Жанатас", None], kind=["pit", "pit"], kind_ru=["карьер"] * 2)
    made = symbolise(data, label="name", tooltip=["name"], style={"column": "kind"}, lang="ru")
    assert [row.label for row in made.rows] == ["Жанатас", "Aksai"]
    assert made.rows[0].tip == (("Название", "Жанатас"),)
    assert texts(made.legend) == ["Sites", "Карьер"]


def test_tooltips_leave_out_what_is_missing_and_write_numbers() -> None:
    data = frame(name=["A", ""], accuracy_km=[5.0, None], people=[24000, 1])
    made = symbolise(data, tooltip=["name", "accuracy_km", "people"])
    assert made.rows[0].tip == (("Name", "A"), ("Accuracy (km)", "5"), ("People", "24,000"))
    assert made.rows[1].tip == (("People", "1"),)
    assert symbolise(data, label="name").rows[1].label is None


# Faults


@pytest.mark.parametrize(
    ("keys", "place", "reason"),
    [
        ({"style": {"column": "peple"}}, ("style", "column"), "no column 'peple'; did you mean 'people'?"),
        ({"style": {"size_column": "peple"}}, ("style", "size_column"), "did you mean 'people'"),
        ({"label": "nam"}, ("label", "column"), "did you mean 'name'"),
        ({"tooltip": ["name", "nam"]}, ("tooltip", 1), "did you mean 'name'"),
        ({"accuracy": "klm"}, ("accuracy",), "no column 'klm'"),
        ({"where": {"nam": "A"}}, ("where", "nam"), "did you mean 'name'"),
        ({"style": {"scheme": "quantiles"}}, ("style", "scheme"), "needs 'column'"),
        ({"style": {"column": "name", "k": 4}}, ("style", "k"), "holds other values"),
        ({"style": {"column": "people", "scheme": "user_defined"}}, ("style", "breaks"), "needs 'breaks'"),
        ({"style": {"column": "people", "breaks": [5, 2]}}, ("style", "breaks"), "rise"),
        ({"style": {"column": "people", "cmap": "YlGnBlu"}}, ("style", "cmap"), "did you mean 'YlGnBu'"),
        ({"style": {"column": "people", "k": 3, "categories": {"1": {}}}}, ("style", "k"), "keep one"),
        ({"style": {"size_column": "name"}}, ("style", "size_column"), "has to hold numbers"),
        ({"style": {"size_column": "change"}}, ("style", "size_column"), "below zero"),
        ({"accuracy": "name"}, ("accuracy",), "kilometres"),
    ],
)  # fmt: skip
def test_a_rule_that_the_data_can_not_carry(keys: dict[str, Any], place: tuple[str | int, ...], reason: str) -> None:
    made = layer(**keys)
    data = frame(name=["A", "B"], people=[1, 2], change=[-1, 1])
    with pytest.raises(StyleError, match=reason.replace("?", r"\?")) as caught:
        resolve(made, made.style, data)
    assert caught.value.place == place
    assert "\n" not in str(caught.value)


def test_sizes_need_points() -> None:
    with pytest.raises(StyleError, match="has no points"):
        symbolise(frame([LINE], km=[4917]), style={"size_column": "km"})


def test_all_faults_are_told_at_once() -> None:
    made = layer(label="nam", tooltip=["wat"], style={"column": "peple", "size_column": "pple"})
    places = [fault.place for fault in faults(made, made.style, frame(name=["A"], people=[1]))]
    assert places == [("style", "column"), ("style", "size_column"), ("label", "column"), ("tooltip", 0)]


def test_the_same_input_gives_the_same_classes() -> None:
    data = frame([SQUARE] * 50, people=[float(n**2 % 97) for n in range(50)])
    style = {"column": "people", "scheme": "natural_breaks"}
    assert symbolise(data, style=style) == symbolise(data, style=style)


def test_style_given_to_resolve_is_the_one_that_counts() -> None:
    made = layer(style={"color": "ore"})
    assert resolve(made, Style(color="steel"), frame(name=["A"])).paints[0].fill == "steel"
