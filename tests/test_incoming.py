"""Stories that come from elsewhere: what is carried over, what is told, and that what comes of it can be shown."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import storymap
from storyfolder import zipped
from storymap.incoming.attachments import find_file, kind_of, media_name
from storymap.incoming.carry import Refused, color
from storymap.incoming.columns import guess_fields
from storymap.incoming.compose import compose
from storymap.incoming.dates import read_date
from storymap.incoming.htmltext import plain_text, to_markdown
from storymap.incoming.jsobject import ScriptError, read_script
from storymap.incoming.receive import Received, receive
from storymap.incoming.sheet import LINKS, Choices, questions, read_sheet, rows_of
from storymap.incoming.stops import Trip, bounds_at
from storymap.incoming.tongue import guess_lang
from storymap.placenames import look_up, place_label, sure
from storymap.prose import to_html
from storymap.spreadsheet import read_table
from storymap.story import Story
from storymap.storyfolders import create

FIXTURES = Path(__file__).parent / "incoming"


def fixture(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "navy").save(out, "JPEG")
    return out.getvalue()


def story_of(folder: Path, trip: Trip) -> tuple[Story, str]:
    """The story of a trip, loaded and compiled once, and its report."""
    made = create(folder, "made", compose(trip).write)
    story = storymap.load(made)
    assert storymap.render(story).startswith("<!")
    return story, (made / "IMPORT.md").read_text()


def received(*uploads: tuple[str, bytes]) -> tuple[Received, Trip]:
    found = receive(uploads)
    assert found.trip
    return found, found.trip


def layers(step: Any) -> list[str]:
    return [part.layer for part in step.show]


# StoryMapJS


def test_an_export_of_storymapjs(tmp_path: Path) -> None:
    pictures = zipped(("images/harbour 1.jpg", picture()))
    found, trip = received(("published.json", fixture("storymapjs.json")), ("pictures.zip", pictures))
    assert found.kind == "storymapjs"
    story, report = story_of(tmp_path, trip)
    assert (story.title, story.lang) == ("The road of salt", "en")
    overview, sea, river, nowhere = story.steps
    assert [step.title for step in story.steps] == ["The road of salt", "The sea", "The river", "Step 4"]
    assert overview.text.split("\n\n")[:2] == [
        "Three towns on one road.",
        "By camel it took **nine days**; see <https://example.org/salt>.",
    ]
    assert overview.text.endswith("[Picture](https://example.org/road.jpg): The road, 1911. A traveller")
    assert overview.view.fit == ("places",) and layers(overview) == ["route", "places"]
    assert (sea.date, sea.when, river.date, river.when) == ("1887", "1887", None, "12 May 1888")
    assert sea.text == "Salt from [the sea](https://example.org/sea)."
    assert sea.media and (sea.media.file, sea.media.caption, sea.media.credit) == (
        "media/harbour-1.jpg", "The harbour", "City archive",
    )  # fmt: skip
    assert (made := tmp_path / "made" / "media" / "harbour-1.jpg").read_bytes() == picture() and made
    assert sea.view.bounds and sea.view.bounds[0] < 51.17 < sea.view.bounds[2]
    assert sea.view.must_see == ("places/the-sea",)
    assert river.text.startswith("A list:\n\n- salt\n- felt")
    places = json.loads((tmp_path / "made" / "places.geojson").read_text())
    assert [one["geometry"]["coordinates"] for one in places["features"]] == [[51.17, 43.65], [65.51, 44.85]]
    assert [one["properties"]["name"] for one in places["features"]] == ["Aktau", "Kyzylorda"]
    assert story.layer("route").style.color == "#1f4e79"
    for told in (
        "slide 4: its place: latitude 143.2 lies beyond 90",
        "slide 2: its own marker https://example.org/pin.png",
        "slide 3: its background picture https://example.org/back.jpg",
        "slide 3: https://www.youtube.com/watch?v=abc is on the web and was not fetched",
        "slide 4: something that was embedded as HTML",
        "options: the words on its start button ('Follow the salt')",
    ):
        assert told in report, report
    assert "alert(1)" not in storymap.render(story)
    assert nowhere.text == "Step 4" and "the source does not say" in report


def test_a_story_map_on_a_picture_has_no_places(tmp_path: Path) -> None:
    said = json.loads(fixture("storymapjs.json"))
    said["storymap"]["map_type"] = "zoomify"
    story, report = story_of(tmp_path, received(("a.json", json.dumps(said).encode()))[1])
    assert not story.layers and "not a place on Earth" in report


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=3) |
       st.dictionaries(st.sampled_from(["text", "headline", "location", "lat", "lon", "zoom", "media", "url", "type", "date",
                                        "line", "background", "name"]), inner, max_size=6), max_leaves=12))  # fmt: skip
def test_any_json_in_the_form_of_an_export_is_a_story_or_told(slide: Any) -> None:
    content = json.dumps(
        {"storymap": {"slides": [slide, {"text": slide}, {"location": slide, "media": slide}]}}
    ).encode()
    trip = received(("x.json", content))[1]
    assert len(compose(trip).data["steps"]) == 3


# Mapbox


def test_a_mapbox_storytelling_configuration(tmp_path: Path) -> None:
    uploads = (("config.js", fixture("mapbox-config.js")), ("port.png", _png()))
    found, trip = received(*uploads)
    assert found.kind == "mapbox"
    story, report = story_of(tmp_path, trip)
    assert (story.title, story.subtitle, story.byline) == (
        "The lake that left", "A shore in three stops", "By The map desk",
    )  # fmt: skip
    port, shore, whole = story.steps
    assert [step.id for step in story.steps] == ["the-port", "the-port-2", "all"]
    assert port.text == "Ships lay here until **1984**. It's 30 km to the water now. The cranes stand."
    assert port.media and port.media.file == "media/port.png"
    assert (shore.title, shore.move, port.move) == ("The shore — today", "cut", "auto")
    assert (whole.title, whole.view.bounds) == ("All of it", (58.0, 43.5, 62.0, 46.9))
    assert whole.text.startswith("An older form.")
    assert whole.text.endswith("Sources: [a survey](https://example.org/lake).")
    assert all(step.tone == "dark" for step in story.steps)
    places = story.layer("places")
    assert places.style.color == "#c81e1e"
    # Zoom 8.5 of Mapbox is 9.5 of tiles of 256 pixels.
    assert port.view.bounds == bounds_at(61.66, 46.79, 9.5)
    for told in (
        "map: its style 'mapbox://styles/example/abc'",
        "map: terrain in three dimensions",
        "chapter 1: the camera's tilt of 60° and turn of -43.2°",
        "chapter 1: layers of the Mapbox style that it shows or hides: shore-1960",
        "chapter 1: the function 'showLegend'",
        "chapter 1: the map that turns by itself",
        "chapter 2: https://example.org/shore.jpg is on the web and was not fetched",
        "chapter 2: https://example.org/film.mp4 was shown in the text",
        "line 52: 'zoomed' is worked out by the script",
    ):
        assert told in report, report
    assert "left-out" not in (tmp_path / "made" / "story.yaml").read_text()


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), "navy").save(out, "PNG")
    return out.getvalue()


def test_the_same_as_json_without_markers(tmp_path: Path) -> None:
    said = {"title": "T", "chapters": [{"title": "A", "location": {"center": [70, 43], "zoom": 5}}]}
    story, _ = story_of(tmp_path, received(("config.json", json.dumps(said).encode()))[1])
    assert not story.layers and story.steps[0].view.bounds == bounds_at(70, 43, 6)


# JavaScript


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("var a = {x: 1, 'y z': -2.5, \"q\": +3}", {"x": 1, "y z": -2.5, "q": 3}),
        ("export default {t: `two\nlines`, e: 'it\\'s \\u0041\\x42\\u{1F600}', s: '\\uD83D\\uDE00'}",
         {"t": "two\nlines", "e": "it's AB😀", "s": "😀"}),
        ("const b = 'x'; let c = {b, d: `a ${b}`, e: [1, , 2,], f: (b + 'y')}", {"b": "x", "d": "a x", "e": [1, 2], "f": "xy"}),
        ("module.exports = {a: null, b: undefined, c: true, d: 0x10, e: 1e3, f: .5}",
         {"a": None, "b": None, "c": True, "d": 16, "e": 1000.0, "f": 0.5}),
        ("config = {a: 'one\\\ntwo'};", {"a": "onetwo"}),
        ("\ufeffvar a = {/* c */ b: 1 // c\n, }", {"b": 1}),
    ],
)  # fmt: skip
def test_literals_of_javascript_are_read(script: str, value: Any) -> None:
    assert read_script(script.encode()).objects[0] == value


def test_nothing_of_a_script_is_run(tmp_path: Path) -> None:
    script = f"var a = {{x: require('fs').writeFileSync('{tmp_path}/ran', ''), y: function () {{ return 1 }}, z: 1}};"
    found = read_script(script.encode())
    assert found.objects[0] == {"x": None, "y": None, "z": 1}
    assert [line.split("'")[1] for line in found.unknown] == ["x", "y"]
    assert not list(tmp_path.iterdir())


def test_broken_javascript_is_told_with_its_line() -> None:
    with pytest.raises(ScriptError, match="line 3: here the JavaScript can not be read"):
        read_script(b"var a = {\n x: 1,\n y: [1, 2\n};\n")
    with pytest.raises(Refused, match=r"config.js.*line 1"):
        receive([("config.js", b"var config = {")])


@given(st.binary(max_size=300))
def test_any_bytes_are_javascript_or_told(content: bytes) -> None:
    try:
        read_script(content)
    except ScriptError as error:
        assert "\n" not in str(error)


# Leaflet Storymaps


def test_the_sheets_of_leaflet_storymaps(tmp_path: Path) -> None:
    files = zipped(
        ("media/mine.jpg", picture()), ("media/voice.mp3", b"ID3"), ("geojson/lease.geojson", fixture("lease.geojson"))
    )
    found, trip = received(
        ("Chapters.csv", fixture("leaflet-chapters.csv")),
        ("Options.csv", fixture("leaflet-options.csv")),
        ("m.zip", files),
    )
    assert found.kind == "leaflet"
    story, report = story_of(tmp_path, trip)
    assert (story.title, story.subtitle, story.byline) == ("Ore and acid", "Three places", "The map desk")
    mine, plant, voice, nowhere = story.steps
    assert (mine.title, mine.text) == ("The mine", "Ore was found here, in [1944](https://example.org/ore).")
    assert mine.media and (mine.media.file, mine.media.credit) == ("media/mine.jpg", "A photographer")
    assert layers(mine) == ["overlay-lease", "places", "places"]
    assert mine.show[-1].style and mine.show[-1].style.color == "#d9822b"
    assert plant.text.startswith("Line one.\\\nLine two.")
    assert voice.media and voice.media.file == "media/voice.mp3" and voice.view.bounds
    assert len(json.loads((tmp_path / "made" / "places.geojson").read_text())["features"]) == 2, (
        "a hidden marker has none"
    )
    assert nowhere.view.fit == ("places",)
    for told in (
        "chapter 2: https://example.org/plant.jpg is on the web and was not fetched",
        "chapter 2: the map laid over it (https://tiles.example.org/{z}/{x}/{y}.png)",
        "chapter 2: the outlines 'https://example.org/away.geojson': the file is on the web",
        "chapter 3: the outlines 'missing.geojson': the file did not come along",
        "chapter 4: its place 'Somewhere' has no latitude and longitude",
        "chapter 1: how the outlines 'geojson/lease.geojson' are drawn (color:red;weight:2)",
        "map: its background 'Esri.WorldImagery'",
        "options: Storymap Logo: media/logo.png",
        "chapter 1: the picture's credit led to https://example.org/credit",
    ):
        assert told in report, report


def test_both_sheets_in_one_workbook(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for number, name in enumerate(("Options", "Chapters")):
        sheet = book.active if number == 0 else book.create_sheet()
        sheet.title = name
        table = read_table(fixture(f"leaflet-{name.lower()}.csv"), "t.csv")
        for row in (table.header, *rows_of(table.csv)):
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    story, _ = story_of(tmp_path, received(("storymap.xlsx", out.getvalue()))[1])
    assert story.title == "Ore and acid" and len(story.steps) == 4


def test_outlines_that_are_no_geojson_are_told_not_shown(tmp_path: Path) -> None:
    files = zipped(("geojson/lease.geojson", b"not json"))
    story, report = story_of(tmp_path, received(("c.csv", fixture("leaflet-chapters.csv")), ("m.zip", files))[1])
    assert [layer.id for layer in story.layers] == ["places"]
    assert "chapter 1: the outlines: overlays/lease.geojson" in report


# Spreadsheets


def sheet(name: str, files: Mapping[str, bytes] | None = None, **more: Any) -> Trip:
    table = read_table(fixture(name), name)
    choices = Choices(guess_fields(table.header), **more)
    return read_sheet(table.header, rows_of(table.csv), choices, files or {}, f"spreadsheet '{name}'")


def test_a_russian_spreadsheet(tmp_path: Path) -> None:
    trip = sheet("places-ru.csv", {"photos/Plant.JPG": picture()}, title="Руда", lang="ru", route=True)
    story, report = story_of(tmp_path, trip)
    first, lost, point = story.steps
    assert [step.id for step in story.steps] == ["nachalo", "poteryannyy", "tochka"]
    assert (first.date, first.when, first.alt) == ("1964-11-02", "2 ноября 1964 г.", "Карта: г. Тараз.")
    assert first.media and (first.media.file, first.media.credit) == ("media/plant.jpg", "Архив города")
    assert lost.date == "1970" and not lost.media
    assert (point.date, point.when) == ("1975/1978", "1975–1978")
    assert point.text.endswith("[Видео](https://example.org/film.mp4)")
    (taraz,) = json.loads((tmp_path / "made" / "places.geojson").read_text())["features"]
    lon, lat = taraz["geometry"]["coordinates"]
    assert abs(lon - 71.37) < 0.1 and abs(lat - 42.9) < 0.1
    assert story.layer("places").source.license == "CC-BY-4.0"
    for told in (
        "row 2 ('Потерянный'): its place: 'Небывалово' was not found",
        "row 2 ('Потерянный'): 'нет.jpg': no such file came with the table",
        "row 3 ('Точка'): https://example.org/film.mp4 is on the web",
        "columns that have no place in a step: Заметка редактора",
    ):
        assert told in report, report


def test_a_name_of_several_places_is_a_question(tmp_path: Path) -> None:
    table = read_table(fixture("places-en.csv"), "t.csv")
    rows, choices = rows_of(table.csv), Choices(guess_fields(table.header))
    (asked,) = questions(table.header, rows, choices)
    assert (asked.row, asked.name) == (1, "Springfield") and len(asked.found) > 3
    answered = Choices(choices.fields, answers={1: asked.found[2]})
    story, report = story_of(
        tmp_path, read_sheet(table.header, rows, answered, {"pit.png": _png()}, "spreadsheet 't.csv'")
    )
    places = json.loads((tmp_path / "made" / "places.geojson").read_text())["features"]
    assert places[0]["geometry"]["coordinates"] == pytest.approx([asked.found[2].lon, asked.found[2].lat], abs=1e-5)
    assert places[2]["geometry"]["coordinates"] == [69.7, 43.5], "decimal commas"
    assert "row 2 ('London'): 'London' was taken for London, United Kingdom" in report
    assert (
        "row 4 ('Swapped'): its place: latitude 120.5 lies beyond 90: latitude and longitude seem to be swapped"
        in report
    )
    assert story.steps[2].when == "11/02/1964" and story.steps[2].date is None, (
        "the second of November, or the eleventh"
    )
    unanswered = read_sheet(table.header, rows, choices, {}, "x")
    assert "is the name of several places" in "".join(unanswered.report.lines())


def test_a_country_narrows_a_name() -> None:
    assert {place.code for place in look_up("London, Canada")} == {"CA"}
    assert {place.code for place in look_up("Лондон", "CA")} == {"CA"}
    assert sure(look_up("Алматы")) and not look_up("Небывалово")
    assert look_up("г. Тараз")[0].code == "KZ"
    assert len({place_label(place) for place in look_up("Springfield")}) == len(look_up("Springfield"))


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (["Title", "Text", "Place"], {"title": "Title", "text": "Text", "place": "Place"}),
        (["Заголовок", "Описание", "Широта", "Долгота", "Год"],
         {"title": "Заголовок", "text": "Описание", "lat": "Широта", "lon": "Долгота", "date": "Год"}),
        (["Тақырып", "Мәтін", "Қала", "Сурет"], {"title": "Тақырып", "text": "Мәтін", "place": "Қала", "media": "Сурет"}),
        (["name", "lat", "lon"], {"title": "name", "lat": "lat", "lon": "lon"}),
        (["Photo (file name)", "Photo credit", "story title"],
         {"title": "story title", "media": "Photo (file name)", "credit": "Photo credit"}),
        (["a", "b"], {}),
    ],
)  # fmt: skip
def test_columns_are_known_by_their_names(header: list[str], fields: dict[str, str]) -> None:
    assert guess_fields(header) == fields


@pytest.mark.parametrize(
    ("said", "date", "when"),
    [
        ("1964", "1964", "1964"),
        ("1964-11", "1964-11", "November 1964"),
        ("1964-11-02", "1964-11-02", "2 November 1964"),
        ("1964-11-02T10:30:00", "1964-11-02", "2 November 1964"),
        ("02.11.1964", "1964-11-02", "2 November 1964"),
        ("31/12/1964", "1964-12-31", "31 December 1964"),
        ("11/02/1964", "", "11/02/1964"),
        ("1980–1989", "1980/1989", "1980–1989"),
        ("1980-1989", "1980/1989", "1980–1989"),
        ("1989-1980", "", "1989-1980"),
        ("31.02.1964", "", "31.02.1964"),
        ("the spring of 1986", "", "the spring of 1986"),
        ("", "", ""),
    ],
)
def test_dates_are_told_only_when_they_are_sure(said: str, date: str, when: str) -> None:
    assert read_date(said, "en") == (date, when)


def test_more_rows_than_steps_are_told() -> None:
    rows = [[f"Row {n}"] for n in range(305)]
    trip = read_sheet(["title"], rows, Choices({"title": "title"}), {}, "x")
    assert len(trip.stops) == 300 and "5 rows at the end" in "".join(trip.report.lines())


@given(st.lists(st.lists(st.text(max_size=12), min_size=9, max_size=9), max_size=4))
def test_any_table_is_a_story(rows: list[list[str]]) -> None:
    header = ["title", "text", "place", "lat", "lon", "date", "photo", "caption", "credit"]
    trip = read_sheet(header, rows, Choices(guess_fields(header)), {}, "x")
    assert len(compose(trip).data["steps"]) == max(1, len(rows))


# What comes in


def test_files_are_told_by_what_they_hold() -> None:
    assert receive([("a.csv", b"title,text\nA,B\n")]).kind == "table"
    assert receive([("s.zip", zipped(("s/story.yaml", b"title: x\n")))]).kind == "story"
    assert receive([("all.zip", zipped(("x/config.js", fixture("mapbox-config.js"))))]).kind == "mapbox"
    for uploads, words in (
        ([("a.txt", b"x")], "nothing here is a story"),
        ([("a.json", b"{}")], "nothing here is a story"),
        ([("a.json", b"{")], "can not be read as JSON"),
        ([("a.zip", b"PK")], "no zip that can be read"),
        ([("a.csv", b"t\n1\n"), ("b.csv", b"t\n1\n")], "several tables"),
        ([("s.zip", zipped(("s/story.yaml", b""))), ("a.csv", b"")], "import it alone"),
        ([("a.csv", b"")], "empty"),
    ):
        with pytest.raises(Refused, match=words) as refused:
            receive(uploads)
        assert "\n" not in str(refused.value)


def test_files_that_come_along_are_found_by_their_names() -> None:
    files = {"a/Photo 1.JPG": b"", "b/two.png": b"", "c/two.png": b"", "plan.svg": b""}
    assert find_file("photo%201.jpg", files) == "a/Photo 1.JPG"
    assert find_file("./A/photo 1.jpg", files) == "a/Photo 1.JPG"
    assert find_file("b\\two.png", files) == "b/two.png"
    assert find_file("two.png", files) is None, "which one?"
    assert find_file("", files) is None
    assert media_name("a/Photo 1.JPG") == "media/photo-1.jpg" and media_name("plan.svg") is None
    assert [kind_of(f"https://x.org/{name}") for name in ("a.JPG?x", "a.mp3", "a.webm", "a")] == [
        "picture",
        "sound",
        "film",
        "page",
    ]
    assert kind_of("https://youtu.be/abc") == "film"


@pytest.mark.parametrize(
    ("said", "hexed"),
    [
        ("#ABC", "#abc"),
        ("rgba(255, 0, 16, 0.5)", "#ff0010"),
        ("Orange", "#d9822b"),
        ("javascript:", ""),
        (None, ""),
        ("#12", ""),
    ],
)
def test_colours_are_checked(said: Any, hexed: str) -> None:
    assert color(said) == hexed


def test_the_language_is_told_by_letters() -> None:
    assert [guess_lang(text) for text in ("One", "Один город", "Жаңатас қаласы", "12")] == ["en", "ru", "kk", "en"]


# Texts


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("plain\n  text", "plain text"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("a<br>b<br></br>c<br>", "a\\\nb\\\nc"),
        ("<b>bold</b> and <i>thin</i>", "**bold** and *thin*"),
        ("2 * 3 * 4 and _x_ # 1", r"2 \* 3 \* 4 and \_x\_ # 1"),
        ("H<sub>2</sub>O, km<sup>2</sup>", "H~2~O, km^2^"),
        ("<h3>Head</h3>text", "### Head\n\ntext"),
        ("<a href='javascript:alert(1)'>x</a> <a href='/y'>y</a>", "x y"),
        ("<a href='https://a.org/b (c)'>x</a>", "[x](https://a.org/b%20%28c%29)"),
        ("<blockquote>said</blockquote>", "> said"),
        ("<table><tr><th>a</th><td>b</td></tr></table>", "- a · b"),
        ("<style>x{}</style><script>x</script>", ""),
        ("- no list &amp;amp; 1.5 < 2", r"\- no list \&amp; 1.5 < 2"),
        ("1. one", r"1\. one"),
        ("&lt;b&gt; &amp; more", r"\<b> & more"),
    ],
)
def test_html_becomes_markdown(html: str, markdown: str) -> None:
    assert to_markdown(html, LINKS["en"]).text == markdown


def test_deep_and_long_html_is_cut_short() -> None:
    assert to_markdown("<div>" * 5000 + "deep", LINKS["en"]).text == "deep"
    assert to_markdown("x" * 300_000, LINKS["en"]).lost
    assert plain_text("A <b>title</b> &amp; <i class='x'></i>more") == "A title & more"


@given(st.text(alphabet="ab*_`[]()<>#!&;~^\\-1. \n\"'/=", max_size=60))
def test_any_text_is_shown_as_it_was_read(text: str) -> None:
    """As plain text in HTML, and through our Markdown again: the same letters."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    made = to_markdown(f"<p>{escaped}</p>", LINKS["en"]).text
    shown = re.sub(r"<[^>]*>", "", to_html(made))
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        shown = shown.replace(entity, letter)
    letters = re.compile(r"[\s\"'“”‘’«»…–—−.\-]")
    assert letters.sub("", shown) == letters.sub("", text)
