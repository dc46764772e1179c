import math
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from storymap.drawing import Paint
from storymap.marks import SHAPED_STOPS, SOFT_STOPS, arrow_head, hatch_lines, number, outline, pattern_tile, symbol
from storymap.palette import tone_colors

COLORS = tone_colors("light")


def drawn(markup: str) -> list[ET.Element]:
    return list(ET.fromstring(f"<g>{markup}</g>"))


def numbers(text: str) -> list[float]:
    return [float(word) for word in re.findall(r"-?\d*\.?\d+", text)]


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [(1.0, 2, "1"), (0.5, 2, "0.5"), (-0.001, 2, "0"), (12.345, 1, "12.3"), (100.0, 0, "100")],
)
def test_numbers_are_short(value: float, places: int, text: str) -> None:
    assert number(value, places) == text


def test_colours_are_properties_in_the_document_and_values_in_a_file() -> None:
    paint = Paint(fill="data-1", stroke="#123456", weight=2)
    assert 'fill="var(--c-data-1)"' in symbol(paint, 0, 0, 5, None)
    assert 'fill="#2d85cb"' in symbol(paint, 0, 0, 5, COLORS)
    with pytest.raises(KeyError):
        symbol(Paint(fill="unheard-of"), 0, 0, 5, COLORS)


def test_an_outline_has_all_that_the_paint_says() -> None:
    (element,) = drawn(f"<path{outline(Paint(stroke='#111111', weight=1.5, opacity=0.5, dash=(6, 4)), COLORS)}/>")
    assert element.attrib == {
        "stroke": "#111111", "stroke-width": "1.5", "stroke-opacity": "0.5", "stroke-dasharray": "6 4", "stroke-linecap": "butt",
    }  # fmt: skip
    assert outline(Paint(stroke=None), COLORS) == ""
    assert outline(Paint(stroke="ink", weight=0), COLORS) == ""


@pytest.mark.parametrize("kind", ["circle", "square", "diamond", "triangle", "ring"])
def test_symbols_are_of_like_area_and_stand_on_their_place(kind: Any) -> None:
    (element,) = drawn(symbol(Paint(fill="#111111", stroke="#222222", symbol=kind), 50, 40, 10, COLORS))
    if element.tag == "circle":
        assert [float(element.attrib[key]) for key in ("cx", "cy", "r")] == [50, 40, 10]
        area = math.pi * 100
    elif element.tag == "rect":
        side = float(element.attrib["width"])
        assert float(element.attrib["x"]) + side / 2 == pytest.approx(50)
        area = side * float(element.attrib["height"])
    else:
        flat = numbers(element.attrib["d"])
        xs, ys = flat[::2], flat[1::2]
        assert min(xs) < 50 < max(xs) and min(ys) < 40 < max(ys)
        corners = list(zip(xs, ys, strict=True))
        area = abs(sum(a * d - b * c for (a, b), (c, d) in zip(corners, corners[1:] + corners[:1], strict=True))) / 2
    assert area == pytest.approx(math.pi * 100, rel=0.35)
    assert element.attrib["fill"] == ("none" if kind == "ring" else "#111111")


def test_an_arrow_points_along_the_last_visible_part_of_its_line() -> None:
    # The last segment turns back but is shorter than a pixel: it does not count.
    corners = arrow_head([(0, 0), (100, 0), (99.5, 0.2)], 10).split()
    (tip_x, tip_y), *wings = [tuple(map(float, corner.split(","))) for corner in corners]
    assert tip_x > 100
    assert tip_y == pytest.approx(0.2, abs=0.1)
    assert all(x < 97 for x, _ in wings)


def test_the_arrow_grows_with_its_size() -> None:
    def length(size: float) -> float:
        xs = [float(corner.split(",")[0]) for corner in arrow_head([(0, 0), (100, 0)], size).split()]
        return max(xs) - min(xs)

    assert length(20) == pytest.approx(2 * length(10), rel=0.1)


def test_soft_edges_fade_outwards() -> None:
    for stops in (SOFT_STOPS, SHAPED_STOPS):
        assert [at for at, _ in stops] == sorted(at for at, _ in stops)
        assert [opacity for _, opacity in stops] == sorted((opacity for _, opacity in stops), reverse=True)
    assert SOFT_STOPS[-1] == (1, 0)


@pytest.mark.parametrize("kind", ["hatch", "cross", "dots"])
def test_patterns_differ_and_those_of_swatches_stay_inside(kind: Any) -> None:
    assert drawn(pattern_tile(kind, "ink", COLORS))
    others = {pattern_tile(other, "ink", COLORS) for other in ("hatch", "cross", "dots") if other != kind}  # type: ignore[arg-type]
    assert pattern_tile(kind, "ink", COLORS) not in others
    elements = drawn(hatch_lines(kind, 4, 3, 22, 11, "ink", COLORS))
    assert elements
    for element in elements:
        if element.tag == "circle":
            assert 4 < float(element.attrib["cx"]) < 26 and 3 < float(element.attrib["cy"]) < 14
            continue
        flat = numbers(element.attrib["d"])
        assert all(4 <= x <= 26 for x in flat[::2])
        assert all(3 <= y <= 14 for y in flat[1::2])
