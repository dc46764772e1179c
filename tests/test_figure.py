"""Figures say what their table says: scales from zero, shapes by kind, no line where nothing is known, letters in the clear."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import storymap
from storymap import StoryError
from storymap.figure import HEIGHT, WIDTH, Plot, drawing, key_html, table_html, value_ticks, year_ticks
from storymap.figuredata import MAX_ROWS, Row, figure_mark, figure_rows, years
from storymap.lettering import width
from storymap.story import Figure

ZHANATAS = Path(__file__).resolve().parent.parent / "geodata" / "zhanatas"
KINDS = {
    "census": {"label": "census", "line": "dashed"},
    "estimate": {"label": "estimate", "symbol": "square", "line": "dotted"},
    "reported": {"label": "reported", "symbol": "diamond", "hollow": True},
    "founded": {"label": "founded"},
}
FIGURE: dict[str, Any] = {
    "file": "people.csv", "x": "year", "y": "people", "kind": "kind", "kinds": KINDS, "title": "People", "alt": "It falls.",
}  # fmt: skip
TABLE = """\
year,when,when_ru,people,kind,source,source_ru
1964,,,,founded,,
1970,,,,census,,
1980/1989,1980s,1980-е,57000,reported,Vlast,Власть
1989,,,53000,census,"A, B","А, Б"
1999,,,25927,census,,
2000,,,25900,census,,
2021-03-10,,,24000,estimate,,
"""


def story_with(folder: Path, data: str = TABLE, file: str = "people.csv", **changes: Any) -> storymap.Story:
    folder.mkdir(exist_ok=True)
    (folder / file).write_text(data, "utf-8")
    step = {"id": "one", "title": "One", "view": {"bounds": [1, 2, 3, 4]}, "alt": "A", "text": "B", "date": "1991"}
    figure = {**FIGURE, "file": file, "when": "when", "table": ["source"], **changes}
    kept = {key: value for key, value in figure.items() if value is not None}
    (folder / "story.yaml").write_text(
        json.dumps({"title": "S", "steps": [{**step, "figure": kept}]}, indent=1), "utf-8"
    )
    (folder / "story.ru.yaml").write_text("", "utf-8")
    return storymap.load(folder)


# Times and scales


@pytest.mark.parametrize(
    ("date", "start", "end"),
    [
        ("1989", 1989.0, 1990.0),
        ("1980/1989", 1980.0, 1990.0),
        ("2023-01-01", 2023.0, 2023.0),
        ("1964-12", 1964 + 335 / 366, 1965.0),
        ("1997-10-29/1998-01-21", 1997 + 301 / 365, 1998 + 20 / 365),
        ("2020-02-29", 2020 + 59 / 366, 2020 + 59 / 366),
    ],
)
def test_times_become_decimal_years(date: str, start: float, end: float) -> None:
    assert years(date) == pytest.approx((start, end), abs=1e-9)


@settings(deadline=None)
@given(st.dates(), st.dates())
def test_days_keep_their_order(one: Any, other: Any) -> None:
    moments = [years(f"{day:%Y-%m-%d}".zfill(10))[0] for day in sorted((one, other))]
    assert moments[0] < moments[1] or one == other
    assert one.year <= years(f"{one.year:04}-{one:%m-%d}")[0] < one.year + 1


@pytest.mark.parametrize("date", ["2021-02-29", "1999/1989", "1964-11-31"])
def test_times_that_are_none_are_refused(date: str) -> None:
    with pytest.raises(ValueError, match="day of the calendar|ends before"):
        years(date)


@settings(deadline=None)
@given(st.floats(0, 1e12))
def test_the_axis_begins_at_zero_and_holds_every_value(most: float) -> None:
    ticks = value_ticks(most)
    assert ticks[0] == 0 and ticks[-1] >= most * (1 - 1e-9)
    assert 2 <= len(ticks) <= 6
    steps = {round((b - a) / ticks[1], 6) for a, b in pairwise(ticks)}
    assert steps == {1.0}
    assert f"{ticks[1]:e}"[0] in "125" and not float(f"{ticks[1]:e}".split("e")[0]) % 1
    if len(ticks) > 3:
        assert ticks[-2] < most, "no tick too many"


@settings(deadline=None)
@given(st.floats(1000, 2100), st.floats(0.5, 900), st.floats(60, 600))
def test_years_on_the_axis_are_round_and_have_room(first: float, span: float, pixels: float) -> None:
    ticks = year_ticks(first, first + span, pixels)
    plot = Plot(first, first + span, 1, left=0, right=pixels)
    places = [plot.x(year) for year in ticks]
    assert all(first - 1e-6 <= year <= first + span + 1e-6 for year in ticks)
    assert all(b - a >= 30 for a, b in pairwise(places))
    if span >= 2:
        assert ticks


@settings(deadline=None)
@given(st.floats(1000, 2000), st.floats(1, 500), st.floats(0.1, 1e9), st.lists(st.floats(0, 1), min_size=2, max_size=2))
def test_scales_keep_order_and_ends(first: float, span: float, most: float, shares: list[float]) -> None:
    plot = Plot(first, first + span, most, left=40)
    assert (plot.x(first), plot.x(first + span)) == pytest.approx((plot.left, plot.right))
    assert (plot.y(0), plot.y(most)) == pytest.approx((plot.bottom, plot.top))
    low, high = sorted(shares)
    assert plot.x(first + low * span) <= plot.x(first + high * span) + 1e-9
    assert plot.y(low * most) >= plot.y(high * most) - 1e-9
    assert plot.x(first - 100) == plot.left and plot.x(first + span + 100) == plot.right


# The table


def test_rows_come_in_order_of_time_with_what_is_known_of_each(tmp_path: Path) -> None:
    rows = figure_rows(story_with(tmp_path), 0)
    assert [(row.when, row.value, row.kind) for row in rows] == [
        ("1964", None, "founded"), ("1970", None, "census"), ("1980s", 57000, "reported"), ("1989", 53000, "census"),
        ("1999", 25927, "census"), ("2000", 25900, "census"), ("10 March 2021", 24000, "estimate"),
    ]  # fmt: skip
    assert [row.ranged for row in rows] == [False, False, True, False, False, False, False]
    assert rows[2].middle == 1985.0 and rows[3].middle == 1989.5
    assert rows[3].cells == ("A, B",)


def test_rows_are_in_the_language_of_the_story(tmp_path: Path) -> None:
    story_with(tmp_path)
    rows = figure_rows(storymap.load(tmp_path, "ru"), 0)
    assert (rows[2].when, rows[2].cells, rows[3].cells) == ("1980-е", ("Власть",), ("А, Б",))
    assert rows[-1].when == "10 марта 2021\u202fг."


def test_json_says_the_same_as_csv(tmp_path: Path) -> None:
    table = figure_rows(story_with(tmp_path / "csv"), 0)
    lines = [line.replace('"A, B"', "A; B").replace('"А, Б"', "А; Б").split(",") for line in TABLE.splitlines()]
    records = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    loose = [
        {
            key: None if value == "" else float(value) if key == "people" else int(value) if value.isdigit() else
            value.replace(";", ",")
            for key, value in record.items()
        }
        for record in records
    ]  # fmt: skip
    story = story_with(tmp_path / "json", json.dumps(loose), "people.json")
    assert figure_rows(story, 0) == table


@pytest.mark.parametrize(
    ("change", "wrong", "told"),
    [
        ("53000,census", "53 000,census", "people.csv:5: people: write a number from 0, or nothing where none is"),
        ("53000,census", "-1,census", "people.csv:5: people: write a number from 0, or nothing where none is known, not '-1'"),
        ("53000,census", "nan,census", "people.csv:5: people: write a number from 0"),
        ("53000,census", "53000,cencus", "people.csv:5: kind: no kind 'cencus'; did you mean 'census'?"),
        ("1989,,", "in 1989,,", "people.csv:5: year: write a time as '1964', '1964-11', '1964-11-02' or"),
        ("2021-03-10", "2021-02-30", "people.csv:8: year: '2021-02-30' is no day of the calendar"),
        ("1980/1989", "1989/1980", "people.csv:4: year: '1989/1980' ends before it begins"),
        ('"A, B"', '"A, B', "people.csv:5: not readable as CSV"),
    ],
)  # fmt: skip
def test_faults_of_the_table_are_told_by_line(tmp_path: Path, change: str, wrong: str, told: str) -> None:
    assert change in TABLE
    with pytest.raises(StoryError) as raised:
        figure_rows(story_with(tmp_path, TABLE.replace(change, wrong)), 0)
    assert str(raised.value).startswith(told)


def test_all_faults_of_the_table_are_told(tmp_path: Path) -> None:
    wrong = TABLE.replace("53000,census", "x,y").replace("24000", "many")
    with pytest.raises(StoryError) as raised:
        figure_rows(story_with(tmp_path, wrong), 0)
    assert [problem.line for problem in raised.value.problems] == [5, 5, 8]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"y": "peple"}, "figure.y: no column 'peple' in people.csv; did you mean 'people'?"),
        ({"x": "yeer"}, "figure.x: no column 'yeer' in people.csv; did you mean 'year'?"),
        ({"kind": "kid"}, "figure.kind: no column 'kid' in people.csv; did you mean 'kind'?"),
        ({"table": ["source", "sauce"]}, "figure.table: no column 'sauce' in people.csv; did you mean 'source'?"),
        ({"mark": "1946"}, "figure.mark: lies outside the times of the figure: give it a 'mark'"),
        ({"mark": "1989/1980"}, "figure.mark: '1989/1980' ends before it begins"),
    ],
)
def test_names_that_the_table_does_not_have_are_told_where_the_story_says_them(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    story = story_with(tmp_path, **changes)
    with pytest.raises(StoryError) as raised:
        figure_mark(story, 0, figure_rows(story, 0))
    assert re.fullmatch(rf"story\.yaml:\d+: steps\[0\]\.{re.escape(told)}", str(raised.value))


@pytest.mark.parametrize(
    ("data", "file", "told"),
    [
        ("", "people.csv", "has 0 rows"),
        ("year,people,kind,when,source\n", "people.csv", "has 0 rows"),
        (
            "year,people,kind,when,source\n" + "1990,1,census,,\n" * (MAX_ROWS + 1),
            "people.csv",
            f"has {MAX_ROWS + 1} rows",
        ),
        ("year,people,kind,when,source\n1990,,census,,\n", "people.csv", "holds no figure that could be drawn"),
        ('{"year": 1990}', "people.json", "write a list of objects"),
        ('[{"year": [1990]}]', "people.json", "write a list of objects"),
        ("[" * 100_000, "people.json", "not readable as JSON"),
        ("x" * 300_000, "people.csv", "larger than"),
    ],
)
def test_what_is_no_table_is_told_in_one_line(tmp_path: Path, data: str, file: str, told: str) -> None:
    with pytest.raises(StoryError) as raised:
        figure_rows(story_with(tmp_path, data, file), 0)
    assert len(raised.value.problems) == 1
    assert str(raised.value).startswith(file) and told in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"file": "../people.csv"}, "leads out of the story folder"),
        ({"file": "people.geojson"}, "is no kind of file that can be shown here"),
        ({"file": "peple.csv"}, "no file 'peple.csv'; did you mean 'people.csv'?"),
        ({"source": "survey"}, "no source 'survey'"),
        ({"kind": None}, "'kinds' are the values of a column: name it with 'kind'"),
        ({"y": None}, "'y' is missing"),
        ({"marks": "1989"}, "unknown key 'marks'; did you mean 'mark'?"),
        ({"mark": "in 1989"}, "write a date or two with a '/'"),
    ],
)
def test_a_figure_is_strict(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    story = story_with(tmp_path)
    step = json.loads((tmp_path / "story.yaml").read_text("utf-8"))["steps"][0]
    figure = {key: value for key, value in {**step["figure"], **changes}.items() if value is not None}
    (tmp_path / "story.yaml").write_text(json.dumps({"title": "S", "steps": [{**step, "figure": figure}]}), "utf-8")
    with pytest.raises(StoryError, match=re.escape(told)):
        storymap.load(tmp_path)
    assert story.steps[0].figure


# The drawing


def drawn(story: storymap.Story, lang: str = "en", **changes: Any) -> tuple[ElementTree.Element, tuple[str, ...]]:
    figure = story.steps[0].figure
    assert figure
    svg, unnamed = drawing(figure, figure_rows(story, 0), lang, **{"alt": figure.alt, **changes})
    return ElementTree.fromstring(svg), unnamed


def texts(svg: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {element.text or "": element for element in svg.iter("text")}


def test_kinds_differ_in_shape_and_the_doubtful_time_has_its_span(tmp_path: Path) -> None:
    svg, unnamed = drawn(story_with(tmp_path))
    assert unnamed == ()
    circles, squares = list(svg.iter("circle")), [one for one in svg.iter("rect") if one.get("stroke")]
    diamonds = [one for one in svg.iter("path") if (one.get("d") or "").endswith("z")]
    assert (len(circles), len(squares), len(diamonds)) == (3, 1, 1)
    assert diamonds[0].get("fill") == "var(--card)" and circles[0].get("fill") == "var(--ink)"
    span = next(one.get("d") or "" for one in svg.iter("path") if re.search(r"H[\d.]+M", one.get("d") or ""))
    x0, x1 = (float(found) for found in re.findall(r"M([\d.]+)", span)[::2])
    census = [float(one.get("cx") or 0) for one in circles]
    year = (census[1] - census[0]) / 10
    assert (census[0] - x0) / year == pytest.approx(9.5, abs=0.02), "from the beginning of 1980 …"
    assert (x1 - x0) / year == pytest.approx(10, abs=0.02), "… to the end of 1989"
    assert {"57,000", "reported, 1980s", "census", "estimate", "1964: founded"} <= set(texts(svg))


def test_no_solid_line_stands_where_nothing_is_known(tmp_path: Path) -> None:
    svg, _ = drawn(story_with(tmp_path))
    lines = [one for one in svg.iter("path") if "L" in (one.get("d") or "") and not (one.get("d") or "").endswith("z")]
    assert [one.get("stroke-dasharray") for one in lines] == ["5 4", None], "1989 to 1999 broken, 1999 to 2000 not"
    everything = [one for one in svg.iter("path") if "C" in (one.get("d") or "") or "Q" in (one.get("d") or "")]
    assert everything == [], "no curve makes up values"


def test_the_axis_begins_at_zero(tmp_path: Path) -> None:
    svg, _ = drawn(story_with(tmp_path))
    zero, top = (float(texts(svg)[text].get("y") or 0) for text in ("0", "60,000"))
    circle = next(svg.iter("circle"))
    value = (zero - 4 - float(circle.get("cy") or 0)) / (zero - top) * 60_000
    assert value == pytest.approx(53_000, abs=150)


@pytest.mark.parametrize(
    ("mark", "edges", "filled"),
    [
        ("1991", 2, True),
        ("1991-12-16", 1, False),
        ("2013-10/2027", 2, True),
        ("1970/2090", 1, True),
        ("1900/2090", 0, True),
    ],
)
def test_the_time_of_the_step_is_marked(tmp_path: Path, mark: str, edges: int, filled: bool) -> None:
    story = story_with(tmp_path, mark=mark)
    rows = figure_rows(story, 0)
    svg, _ = drawn(story, mark=figure_mark(story, 0, rows), when="then")
    accents = [one for one in svg.iter("path") if one.get("stroke") == "var(--accent)"]
    assert sum((one.get("d") or "").count("M") for one in accents) == edges
    bands = [one for one in svg.iter("rect") if one.get("fill") == "var(--accent)"]
    assert bool(bands) == filled
    plot = {float(one.get("x") or 0) + float(one.get("width") or 0) for one in bands}
    assert all(edge <= WIDTH for edge in plot) and "then" in texts(svg)


def test_the_axis_goes_on_to_where_the_steps_time_ends(tmp_path: Path) -> None:
    svg, _ = drawn(story_with(tmp_path), mark=(2013.75, 2028.0), when="2013 to 2027")
    band = next(one for one in svg.iter("rect") if one.get("fill") == "var(--accent)")
    last = max(float(one.get("x") or 0) for one in svg.iter("rect") if one.get("stroke") == "var(--ink)")
    assert float(band.get("x") or 0) + float(band.get("width") or 0) > last + 20


def test_a_value_stands_beside_the_rules_of_the_time_where_there_is_room(tmp_path: Path) -> None:
    story = story_with(
        tmp_path, "year,people\n1960,10\n1990,50\n2020,30\n", when=None, kind=None, kinds=None, table=None
    )
    anchors = []
    for mark in ((1960.0, 2021.0), (1989.5, 1991.5)):
        svg, _ = drawn(story, mark=mark, when="then")
        anchors.append(next(one.get("text-anchor") for one in svg.iter("text") if one.get("font-size") == "12.5"))
    assert anchors == ["middle", "start"], "over its mark, where that is not across a rule"


def test_the_mark_is_the_steps_date_unless_the_figure_says_another(tmp_path: Path) -> None:
    story = story_with(tmp_path)
    rows = figure_rows(story, 0)
    assert figure_mark(story, 0, rows) == (1991.0, 1992.0)
    story = story_with(tmp_path, mark="1970/1989")
    assert figure_mark(story, 0, rows) == (1970.0, 1990.0)


def test_names_without_room_are_listed(tmp_path: Path) -> None:
    crowd = "year,when,people,kind,source\n" + "".join(
        f"2000-01-{day:02},,{1000 + day},k{day % 5},\n" for day in range(1, 29)
    )
    kinds = {f"k{n}": {"label": f"a rather long name for a kind, number {n}"} for n in range(5)}
    story = story_with(tmp_path, crowd, kinds=kinds)
    figure = story.steps[0].figure
    assert figure
    unnamed = drawn(story)[1]
    assert unnamed, "five long names can not stand beside marks this close"
    key = key_html(figure, figure_rows(story, 0), unnamed)
    assert all(figure.kinds[name].label in key for name in unnamed) and key.count("<svg") == len(unnamed)
    assert key_html(figure, (), ()) == ""


def test_kinds_need_no_rules(tmp_path: Path) -> None:
    svg, unnamed = drawn(story_with(tmp_path, kinds=None))
    assert unnamed == () and {"reported, 1980s", "census", "estimate"} <= set(texts(svg))
    svg, unnamed = drawn(story_with(tmp_path, kinds=None, kind=None))
    assert len(list(svg.iter("circle"))) == 5 and unnamed == ()


def _box(element: ElementTree.Element) -> tuple[float, float, float, float]:
    size = float(element.get("font-size") or 0)
    wide = width(element.text or "", size, bold=element.get("font-weight") == "700")
    left = (
        float(element.get("x") or 0) - {"start": 0, "middle": wide / 2, "end": wide}[element.get("text-anchor") or ""]
    )
    bottom = float(element.get("y") or 0)
    return left, bottom - 0.75 * size, left + wide, bottom


rows_strategy = st.lists(
    st.builds(
        lambda start, span, value, kind: Row(start, start + span, span > 1, value, kind, f"{start:.0f}", ()),
        st.floats(1900, 2020),
        st.sampled_from([0.0, 1.0, 10.0]),
        st.none() | st.floats(0, 60_000).map(round),
        st.sampled_from(["census", "estimate", "reported", "founded"]),
    ),
    min_size=1,
    max_size=12,
).filter(lambda rows: any(row.value is not None for row in rows))


@settings(deadline=None)
@given(rows_strategy, st.sampled_from(["en", "ru", "kk"]))
def test_letters_stay_inside_and_apart_whatever_the_data(rows: list[Row], lang: str) -> None:
    figure = Figure.model_validate(FIGURE)
    svg = ElementTree.fromstring(drawing(figure, rows, lang, alt="A", mark=(1950.0, 1960.0), when="1950s")[0])
    boxes = [_box(one) for one in svg.iter("text")]
    for x0, y0, x1, y1 in boxes:
        assert x0 >= -0.5 and x1 <= WIDTH + 0.5 and y0 >= -0.5 and y1 <= HEIGHT, (x0, y0, x1, y1)
    own = [_box(one) for one in svg.iter("text") if one.get("fill") == "var(--ink)"]
    for index, a in enumerate(own):
        for b in own[:index]:
            assert not (a[0] < b[2] - 0.1 and b[0] < a[2] - 0.1 and a[1] < b[3] - 0.1 and b[1] < a[3] - 0.1), (a, b)
    numbers = [float(found) for one in svg.iter() for found in re.findall(r"-?\d+\.?\d*", one.get("d") or "")]
    assert all(-HEIGHT <= found <= WIDTH for found in numbers)


@settings(deadline=None)
@given(st.text(max_size=40), st.text(min_size=1, max_size=20).filter(str.strip))
def test_texts_reach_the_page_as_text(alt: str, label: str) -> None:
    row = Row(1990.0, 1991.0, False, 5.0, "x", label, (label,))
    figure = Figure.model_validate({**FIGURE, "kinds": {"x": {"label": label}}, "title": label, "table": ["t"]})
    html = drawing(figure, [row], "en", alt=alt)[0] + table_html(figure, [row], "en") + key_html(figure, [row], ["x"])
    seen: set[str] = set()

    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            seen.add(tag)

    Tags().feed(html)
    assert seen <= {"svg", "path", "text", "circle", "table", "caption", "thead", "tbody", "tr", "th", "td", "ul", "li"}


def test_the_table_says_everything(tmp_path: Path) -> None:
    story = story_with(tmp_path)
    figure = story.steps[0].figure
    assert figure
    tree = html5lib.parse(table_html(figure, figure_rows(story, 0), "en"), namespaceHTMLElements=False)
    cells = [["".join(cell.itertext()) for cell in row] for row in tree.iter("tr")]
    assert cells[0] == ["When", "People", "Kind of figure", "Source"]
    assert cells[1:4] == [
        ["1964", "no figure", "founded", ""], ["1970", "no figure", "census", ""], ["1980s", "57,000", "reported", "Vlast"],
    ]  # fmt: skip
    assert len(cells) == 8
    assert [cell.get("scope") for cell in tree.iter("th")] == ["col"] * 4 + ["row"] * 7


# The flagship


def test_the_flagship_tells_reported_from_counted() -> None:
    story = storymap.load(ZHANATAS)
    steps = [index for index, step in enumerate(story.steps) if step.figure]
    assert len(steps) >= 3
    rows = figure_rows(story, steps[0])
    assert [(row.when, row.value, row.kind) for row in rows if row.value is not None] == [
        ("1980s", 57000, "reported"), ("1989", 53000, "census"), ("1999", 25927, "census"), ("2009", 20731, "census"),
        ("1 January 2019", 22383, "estimate"), ("1 January 2021", 23068, "estimate"), ("March 2021", 23858, "reported"),
        ("1 January 2023", 25583, "estimate"),
    ]  # fmt: skip
    assert [row.ranged for row in rows].count(True) == 1
    assert [row.when for row in rows if row.value is None] == ["1964", "1970", "1979"]
    marks = [figure_mark(story, index, rows) for index in steps]
    assert len(set(marks)) == len(marks), "the mark moves from step to step"
    for lang in ("ru", "kk"):
        if lang in story.languages:
            own = storymap.load(ZHANATAS, lang)
            figure = own.steps[steps[0]].figure
            assert figure
            assert drawing(figure, figure_rows(own, steps[0]), lang, alt="x", mark=marks[0], when="x")[1] == ()
