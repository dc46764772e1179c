import math
from xml.etree import ElementTree as ET

import html5lib
import pytest

from storymap.drawing import LegendEntry, Paint
from storymap.legend import legend_html
from storymap.palette import tone_colors

ORE = Paint(fill="#b5651d", stroke="#b5651d", radius=6)


def parsed(*entries: LegendEntry, lang: str = "en") -> ET.Element:
    return ET.fromstring(legend_html(entries, lang, palette=tone_colors("light")))


def item(kind: str, paint: Paint, text: str = "Deposits") -> ET.Element:
    return parsed(LegendEntry(text, kind, paint))[0]  # type: ignore[arg-type]


def test_no_entries_no_list() -> None:
    assert legend_html((), "en") == ""


def test_one_item_for_each_class_with_a_hidden_swatch_and_its_text() -> None:
    legend = parsed(
        LegendEntry("Mines", "heading"),
        LegendEntry("Open pit", "point", ORE),
        LegendEntry("Railway", "line", Paint(stroke="ink")),
    )
    assert (legend.tag, legend.attrib["class"], legend.attrib["aria-label"]) == ("ul", "legend", "Legend")
    assert ["".join(child.itertext()) for child in legend] == ["Mines", "Open pit", "Railway"]
    assert legend[0].attrib["class"] == "legend-heading"
    assert all(svg.attrib["aria-hidden"] == "true" for svg in legend.iter("svg"))
    assert len(list(legend.iter("svg"))) == 2


@pytest.mark.parametrize(
    ("lang", "name"), [("ru", "Условные обозначения"), ("kk", "Шартты белгілер"), ("de", "Legend")]
)
def test_the_list_is_named_in_the_readers_language(lang: str, name: str) -> None:
    assert parsed(LegendEntry("A", "point", ORE), lang=lang).attrib["aria-label"] == name


def test_texts_are_escaped() -> None:
    markup = legend_html([LegendEntry('<script>"&', "area", ORE), LegendEntry("</ul>", "size", ORE, 9)], "en")
    assert "<script>" not in markup
    assert "</ul><" not in markup[:-5]
    tree = html5lib.parse(markup, namespaceHTMLElements=False)
    assert not list(tree.iter("script"))
    assert '<script>"&' in "".join(tree.itertext())


def test_colours_are_properties_unless_a_palette_is_given() -> None:
    entry = LegendEntry("A", "area", Paint(fill="data-1", stroke="data-2", pattern="hatch"))
    markup = legend_html([entry], "en")
    assert "var(--c-data-1)" in markup and "var(--c-data-2)" in markup and "var(--c-land)" in markup
    assert "var(" not in legend_html([entry], "en", palette=tone_colors("dark"))


def test_swatches_have_no_ids_so_that_the_page_can_copy_them() -> None:
    paints = [
        Paint(fill="ink", stroke="ink", soft=soft, pattern=pattern, symbol=symbol, arrow=True, dash=(4, 2))
        for soft in (False, True)
        for pattern in ("none", "hatch", "cross", "dots")
        for symbol in ("circle", "square", "ring")
    ]  # fmt: skip
    markup = legend_html(
        [LegendEntry("A", kind, paint) for paint in paints for kind in ("area", "line", "point")], "en"
    )
    assert " id=" not in markup
    assert "url(" not in markup
    assert "style=" not in markup


def test_lines_show_width_dash_and_arrow() -> None:
    line = item("line", Paint(stroke="#111111", weight=3, dash=(6, 4), arrow=True))
    (path,) = line.iter("path")
    assert (path.attrib["stroke-width"], path.attrib["stroke-dasharray"]) == ("3", "6 4")
    assert len(list(line.iter("polygon"))) == 1
    assert not list(item("line", Paint(stroke="#111111")).iter("polygon"))


def test_areas_show_fill_outline_and_pattern() -> None:
    area = item("area", Paint(fill="#222222", fill_opacity=0.4, stroke="#111111", pattern="hatch"))
    assert any(rect.attrib.get("fill-opacity") == "0.4" for rect in area.iter("rect"))
    assert any(rect.attrib.get("stroke") == "#111111" for rect in area.iter("rect"))
    assert list(area.iter("path"))


def test_what_is_soft_on_the_map_has_no_edge_in_the_legend() -> None:
    soft = item("area", Paint(fill="#222222", fill_opacity=0.3, stroke="#111111", soft=True))
    boxes = [rect for rect in soft.iter("rect") if rect.attrib["fill"] == "#222222"]
    together = 1 - math.prod(1 - float(rect.attrib["fill-opacity"]) for rect in boxes)
    assert together == pytest.approx(0.3, abs=0.01)
    assert not any("stroke" in rect.attrib for rect in soft.iter("rect"))
    point = item("point", Paint(fill="#222222", stroke="#222222", soft=True))
    radii = [float(circle.attrib["r"]) for circle in point.iter("circle") if circle.attrib["fill"] != "none"]
    assert len(radii) > 2
    assert radii == sorted(radii, reverse=True)
    (ring,) = [circle for circle in point.iter("circle") if circle.attrib["fill"] == "none"]
    assert ring.attrib["stroke-dasharray"]


def test_soft_symbols_keep_their_shape() -> None:
    markup = {
        legend_html([LegendEntry("A", "point", Paint(fill="ink", soft=True, symbol=symbol))], "en")
        for symbol in ("circle", "square", "diamond")
    }  # type: ignore[arg-type]
    assert len(markup) == 3


def test_sizes_are_nested_circles_on_one_foot() -> None:
    entries = [
        LegendEntry(text, "size", ORE, radius) for text, radius in (("50,000", 30.0), ("20,000", 19.0), ("5000", 9.5))
    ]
    legend = parsed(LegendEntry("People", "heading"), *entries)
    assert len(legend) == 2
    sizes = legend[1]
    assert sizes.attrib["class"] == "sizes"
    circles = [{key: float(circle.attrib[key]) for key in ("cx", "cy", "r")} for circle in sizes.iter("circle")]
    assert [circle["r"] for circle in circles] == [30, 19, 9.5]
    assert len({circle["cx"] for circle in circles}) == 1
    assert len({circle["cy"] + circle["r"] for circle in circles}) == 1
    assert [span.text for span in sizes.iter("span") if span.text] == ["50,000", "20,000", "5000"]
    assert "".join(sizes.itertext()).split() == ["50,000", "20,000", "5000"]


def test_small_circles_leave_each_number_a_line() -> None:
    sizes = parsed(*(LegendEntry(str(n), "size", ORE, float(n)) for n in (6, 4, 2)))[0]
    (svg,) = sizes.iter("svg")
    assert float(svg.attrib["height"]) >= 3 * 16
