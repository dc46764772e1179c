"""The panels for words and for the whole story, and the list of steps, without a browser."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from storyfolder import write_story
from storymap import edits
from storymap.app.editor import attached
from storymap.app.editor.checks import address, color_name, date, hex_color, needed
from storymap.app.editor.desk import Desk, open_desk
from storymap.app.editor.figure_part import with_file
from storymap.app.editor.kinds_part import with_kind
from storymap.app.editor.references_part import reference_id
from storymap.app.editor.sorter import Happened, happened
from storymap.app.editor.steps_list import NO_TEXT, add_step
from storymap.app.editor.stills import Stills, picture_key, small
from storymap.app.editor.theming import both, colors_used, contrast_words, delete_color, rename_color
from storymap.drafts import Session
from storymap.placing import EditError

Change = Callable[[dict[str, Any]], object]
TABLE = "year,people,kind\n1970,1000,census\n1980/1989,5000,reported\n1999,2500,census\n"


def page(folder: str, state: str, panel: str, step: str) -> None:
    from importlib import import_module
    from pathlib import Path

    import streamlit as st

    from storymap.app.editor.desk import open_desk
    from storymap.drafts import Session

    if "desk" not in st.session_state:
        st.session_state["desk"] = open_desk(Path(folder), Session("Anna", "tab"), Path(state), step)
    import_module(f"storymap.app.editor.{panel}").show(st.session_state["desk"])
    for notice in st.session_state["desk"].told():
        st.info(notice.text)


class Panel:
    """A panel of the editor beside a story, as an editor uses it."""

    def __init__(self, tmp_path: Path, panel: str, change: Change = lambda story: None, step: str = "one") -> None:
        self.folder = write_story(tmp_path, change)
        (self.folder / "people.csv").write_text(TABLE, "utf-8")
        self.app = AppTest.from_function(
            page, args=(str(self.folder), str(tmp_path / "state"), panel, step), default_timeout=60
        )
        self.run()

    def run(self) -> None:
        self.app.run()
        assert not self.app.exception, self.app.exception

    @property
    def desk(self) -> Desk:
        return self.app.session_state["desk"]  # type: ignore[no-any-return]

    def one(self, kind: str, label: str, number: int = 0) -> Any:
        """The widget with this label; the first, where there are several."""
        found = [widget for widget in self.app.get(kind) if widget.label == label]
        assert found, f"no {kind} '{label}' among {[widget.label for widget in self.app.get(kind)]}"
        return found[number]

    def enter(self, label: str, value: Any, kind: str = "text_input", number: int = 0) -> None:
        self.one(kind, label, number).set_value(value)
        self.run()

    def press(self, label: str, number: int = 0) -> None:
        self.one("button", label, number).click()
        self.run()

    @property
    def told(self) -> str:
        return "\n".join(element.value for element in self.app.get("html"))

    def says(self, *place: str | int) -> Any:
        return self.desk.get(place)


@pytest.fixture
def panel(tmp_path: Path) -> Callable[..., Panel]:
    return lambda *args, **more: Panel(tmp_path, *args, **more)


def photo() -> bytes:
    exif = Image.Exif()
    exif[0x013B] = "Anna Photographer"
    exif[0x8825] = {1: "N", 2: (43.0, 35.0, 24.0), 3: "E", 4: (69.0, 44.0, 0.0)}
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=exif.tobytes())
    return out.getvalue()


# the text panel


def test_words_of_a_step_are_edits_with_names(panel: Callable[..., Panel]) -> None:
    at = panel("step_panel")
    at.enter("Title", "The first")
    at.enter("Time, in words", "2 November 1964")
    at.enter("Text", "Some *words*.", "text_area")
    assert at.says("steps", "one", "title") == "The first"
    assert at.says("steps", "one", "text") == "Some *words*."
    assert "<em>words</em>" in at.told
    assert at.desk.trail.undo_name == "Change the text of step 'The first'"
    at.desk.undo()
    at.run()
    assert at.one("text_area", "Text").value == "First."


def test_a_title_can_not_be_lost(panel: Callable[..., Panel]) -> None:
    at = panel("step_panel")
    at.enter("Title", " ")
    assert at.says("steps", "one", "title") == "One"
    assert "A step needs a title" in at.told
    at.enter("Title", "Two")
    assert at.says("steps", "one", "title") == "Two"
    assert "needs a title" not in at.told


def test_dates_are_understood_or_told_and_kept(panel: Callable[..., Panel]) -> None:
    at = panel("step_panel")
    at.enter("Date", "2 November 1964")
    assert at.says("steps", "one", "date") == "1964-11-02"
    assert at.one("text_input", "Date").value == "1964-11-02"
    assert "2 November 1964" in at.told
    at.enter("Date", "last <b>winter</b>")
    assert at.says("steps", "one", "date") == "1964-11-02", "what is not understood changes nothing"
    assert at.one("text_input", "Date").value == "last <b>winter</b>", "nor is it taken away"
    assert "Write a year, a month or a day" in at.told
    at.run()
    assert at.one("text_input", "Date").value == "last <b>winter</b>"
    at.enter("Date", "")
    assert at.says("steps", "one", "date") is None


def test_a_date_is_offered_from_the_words(panel: Callable[..., Panel]) -> None:
    at = panel("step_panel")
    at.enter("Time, in words", "1997–98")
    at.press("Use 1997/1998 as the date")
    assert at.says("steps", "one", "date") == "1997/1998"


def test_text_of_a_story_is_shown_as_text(panel: Callable[..., Panel]) -> None:
    at = panel("step_panel")
    at.enter("Text", "<script>alert(1)</script> <img src=x onerror=alert(1)>", "text_area")
    assert "<script" not in at.told
    assert "<img src=x" not in at.told


def test_a_step_without_text_says_so(panel: Callable[..., Panel]) -> None:
    at = panel("step_panel")
    at.enter("Text", "", "text_area")
    assert at.says("steps", "one", "text") == NO_TEXT
    assert at.one("text_area", "Text").value == ""
    assert "no text yet" in at.told


def test_a_quotation_joins_when_it_is_complete(panel: Callable[..., Panel]) -> None:
    at = panel("step_panel", lambda story: story.update(sources={"report": {"title": "A report"}}))
    at.enter("Words quoted", "We came by train.", "text_area")
    assert at.one("button", "Add the quotation").disabled
    assert "Still missing: who said them." in at.told
    assert not at.desk.changed
    at.enter("Who said it", "A miner")
    at.enter("Where it is from", "report", "selectbox")
    at.press("Add the quotation")
    assert at.says("steps", "one", "quote") == {"text": "We came by train.", "who": "A miner", "source": "report"}
    assert at.desk.trail.undo_name == "Add the quotation to step 'One'"
    at.press("Remove the quotation")
    assert at.says("steps", "one", "quote") is None


def test_a_photo_joins_with_its_words_and_without_its_place(panel: Callable[..., Panel]) -> None:
    at = panel("step_panel")
    at.app.get("file_uploader")[0].upload("plant.jpg", photo(), "image/jpeg")
    at.run()
    assert "taken out" in at.told
    assert at.one("button", "Add to the step").disabled
    assert at.one("text_input", "Credit").value == "Anna Photographer", "as the file says"
    at.enter("What it shows or says, in words", "The plant at night", "text_area")
    at.press("Add to the step")
    media = at.says("steps", "one", "media")
    assert {key: media[key] for key in ("alt", "credit")} == {
        "alt": "The plant at night",
        "credit": "Anna Photographer",
    }
    assert media["file"].startswith("media/plant-")
    content = attached.content(at.desk, media["file"])
    assert content is not None
    with Image.open(io.BytesIO(content)) as picture:
        assert not picture.getexif().get_ifd(0x8825)
    at.desk.story()
    assert at.desk.save()
    assert (at.folder / media["file"]).is_file()
    at.run()
    at.enter("Credit", "")
    assert at.says("steps", "one", "media", "credit") == "Anna Photographer"
    at.press("Remove")
    assert at.says("steps", "one", "media") is None


def test_a_file_that_is_no_picture_is_refused_beside_the_field(panel: Callable[..., Panel]) -> None:
    at = panel("step_panel")
    at.app.get("file_uploader")[0].upload("plant.jpg", b"%PDF-1.7 nothing", "image/jpeg")
    at.run()
    assert "is no picture, sound or film" in at.told
    assert not at.desk.changed


def test_a_chart_is_made_of_a_table_of_the_story(panel: Callable[..., Panel]) -> None:
    at = panel("step_panel")
    at.enter("Table", "people.csv", "selectbox")
    assert at.one("selectbox", "Column of the time").value == "year"
    assert at.one("selectbox", "Column of the numbers").value == "people"
    assert "data:image/svg+xml" in at.told, "a picture of the chart before it joins"
    at.enter("Title", "People", number=1)
    at.enter("The chart in words", "It rose and fell.", "text_area")
    at.press("Add the chart")
    figure = at.says("steps", "one", "figure")
    assert figure == {
        "file": "people.csv",
        "x": "year",
        "y": "people",
        "kind": "kind",
        "title": "People",
        "alt": "It rose and fell.",
    }
    at.enter("Name for readers", "counted")
    kinds = at.says("steps", "one", "figure", "kinds")
    assert kinds["census"]["label"] == "counted"
    assert kinds["reported"]["label"] == "reported", "once kinds are told, all are"
    at.desk.story()
    at.press("Remove the chart")
    assert at.says("steps", "one", "figure") is None


def test_a_table_is_uploaded_for_a_chart(panel: Callable[..., Panel]) -> None:
    at = panel("step_panel")
    at.app.get("file_uploader")[1].upload("towns.csv", b"when,score\n1990,3\n1991,5\n", "text/csv")
    at.run()
    file = at.one("selectbox", "Table").value
    assert file.startswith("data/towns-")
    at.app.get("file_uploader")[1].upload("bad.csv", b"name,colour\na,b\n", "text/csv")
    at.run()
    assert "no column of times" in at.told


def test_sources_of_a_step(panel: Callable[..., Panel]) -> None:
    at = panel("step_panel", lambda story: story.update(sources={"report": {"title": "A [report]"}}))
    at.enter("Add a source of the story", "report", "selectbox")
    assert at.says("steps", "one", "sources") == ["report"]
    at.enter("A \\[report\\]", "page 4", "text_area")
    assert at.says("steps", "one", "sources", 0) == {"source": "report", "note": "page 4"}
    at.enter("Title", "A diary", number=-1)
    at.enter("Address", "example.org/diary")
    at.press("Add to story and step")
    assert at.says("sources", "a-diary") == {"title": "A diary", "url": "https://example.org/diary"}
    assert at.says("steps", "one", "sources", 1, "source") == "a-diary"
    at.desk.undo()
    assert at.says("sources", "a-diary") is None, "one edit, undone as one"
    at.desk.story()


def test_a_description_of_the_map_is_suggested(panel: Callable[..., Panel]) -> None:
    at = panel("step_panel")
    at.press("Suggest from the map")
    assert "It shows: Town; Area." in at.told
    assert at.says("steps", "one", "alt") == "Alt 1.", "nothing is changed by asking"
    at.press("Use this")
    assert at.says("steps", "one", "alt").endswith("It shows: Town; Area.")


# the story panel


def test_words_dates_and_addresses_of_the_story(panel: Callable[..., Panel]) -> None:
    import datetime as dt

    at = panel("story_panel")
    at.enter("Title", "Another title")
    at.enter("Address of the article", "not an address")
    assert at.says("article") is None
    assert "Write an address" in at.told
    at.enter("Address of the article", "https://example.org/a")
    at.enter("Published", dt.date(2021, 3, 17), "date_input")
    at.enter("Language of the texts", "ru", "selectbox")
    at.enter("Basemap", "OpenStreetMap.Mapnik", "selectbox")
    assert "who sees that" in at.told
    assert (at.says("title"), at.says("article"), at.says("published")) == (
        "Another title",
        "https://example.org/a",
        "2021-03-17",
    )
    assert (at.says("lang"), at.says("basemap")) == ("ru", "OpenStreetMap.Mapnik")


def test_colours_are_added_changed_named_and_judged(panel: Callable[..., Panel]) -> None:
    at = panel("story_panel", lambda story: story["layers"][0]["style"].update(color="rail") or story.update(
        theme={"colors": {"rail": "#f0e8d8"}}))  # fmt: skip
    assert "hard to see: make it darker" in at.told
    assert [button.disabled for button in at.app.get("button") if button.help and "rail" in button.help] == [True]
    at.enter("Light", "#7d2b20", "color_picker")
    assert at.says("theme", "colors", "rail") == {"light": "#7d2b20", "dark": "#f0e8d8"}
    at.enter("Name", "Old Rail")
    assert at.says("theme", "colors", "old-rail", "light") == "#7d2b20"
    assert at.says("layers", "area", "style", "color") == "old-rail"
    at.press("Add a colour")
    assert list(at.says("theme", "colors")) == ["old-rail", "teal"]
    at.desk.story()


def test_sources_of_the_story_and_corrections(panel: Callable[..., Panel]) -> None:
    def sources(story: dict[str, Any]) -> None:
        story["sources"] = {"report": {"title": "A report"}, "diary": {"title": "A diary"}}
        story["steps"][1]["sources"] = ["report"]

    at = panel("story_panel", sources)
    assert "Used by: Two." in at.told
    at.enter("Publisher", "A press")
    assert at.says("sources", "report", "publisher") == "A press"
    at.enter("What was changed", "The year was wrong.", "text_area")
    at.press("Add", -1)
    assert at.says("corrections", 0, "text") == "The year was wrong."
    at.press("Delete the source")
    assert at.says("sources", "report") is None
    assert at.says("steps", "two", "sources") is None
    at.desk.story()


# the list of steps


def test_a_new_step_stands_behind_the_one_at_work_with_its_map(tmp_path: Path) -> None:
    desk = open_desk(write_story(tmp_path), Session("Anna", "tab"), tmp_path / "state", "two")
    desk.do(lambda story: add_step(story, "two", "Зима 1964"))
    assert [step["id"] for step in desk.steps] == ["one", "two", "zima-1964", "three"]
    assert desk.step == "zima-1964"
    assert desk.get(("steps", "zima-1964", "view")) == desk.get(("steps", "two", "view"))
    assert desk.get(("steps", "zima-1964", "show")) == desk.get(("steps", "two", "show"))
    desk.do(lambda story: add_step(story, "zima-1964"))
    assert desk.get(("steps", desk.step, "title")) == "Step 5"
    desk.story()


def test_what_was_moved_is_called_by_its_name(tmp_path: Path) -> None:
    desk = open_desk(write_story(tmp_path), Session("Anna", "tab"), tmp_path / "state", "one")
    desk.do(lambda story: edits.move(story, ("steps", "one"), 1))
    assert desk.trail.undo_name == "Move step 'One'"
    assert [step["id"] for step in desk.steps] == ["two", "one", "three"]


def test_the_list_shows_every_step_and_adds_one(panel: Callable[..., Panel]) -> None:
    at = panel("steps_list")
    at.one("text_input", "Title of the new step").set_value("The fourth")
    at.press("Add")
    assert [step["title"] for step in at.desk.steps] == ["One", "The fourth", "Two", "Three"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (None, None),
        ({"order": None, "select": None, "action": None}, None),
        ({"select": "two"}, Happened("select", "two")),
        ({"order": {"id": "a", "order": ["b", "a"]}}, Happened("order", "a", 1, ("b", "a"))),
        ({"order": {"id": "x", "order": ["b", "a"]}}, None),
        ({"order": "b"}, None),
        ({"action": {"id": "a", "action": "hide"}}, Happened("action", "a", action="hide")),
        ({"action": {"id": "a"}}, None),
        ("two", None),
    ],
)
def test_what_was_done_to_a_list(said: Any, meant: Happened | None) -> None:
    assert happened(said) == meant


def test_pictures_of_steps_follow_their_maps_not_their_words(tmp_path: Path) -> None:
    desk = open_desk(write_story(tmp_path), Session("Anna", "tab"), tmp_path / "state")
    before = picture_key(desk.data, desk.steps[0])
    desk.do(lambda story: edits.set_part(story, ("steps", "one", "text"), "New"))
    assert picture_key(desk.data, desk.steps[0]) == before
    other = picture_key(desk.data, desk.steps[2])
    desk.do(lambda story: edits.set_part(story, ("layers", "town", "style", "radius"), 9))
    assert picture_key(desk.data, desk.steps[0]) != before
    assert picture_key(desk.data, desk.steps[2]) == other, "a layer that the step does not show"


def test_pictures_are_made_once_and_small(tmp_path: Path) -> None:
    import storymap
    from storymap.app.library import step_picture
    from storymap.document import draw

    story = storymap.load(write_story(tmp_path))
    svg = step_picture(story, draw(story), "one")
    picture = small(svg)
    assert picture.startswith("data:image/webp;base64,")
    assert len(picture) < 8000
    asked: list[str] = []
    stills = Stills()

    def draw() -> str:
        asked.append("one")
        return svg

    def broken() -> str:
        raise KeyError("gone")

    assert stills.get("a", None) is None
    assert stills.get("a", draw) is None
    stills.get("a", draw)
    stills.get("b", broken)
    stills._hands.shutdown()  # waits for what it was given
    assert stills.get("a", None) == picture
    assert stills.get("b", None) == ""
    assert asked == ["one"]
    assert not stills.busy


# what may be entered


def test_checks_say_what_is_meant() -> None:
    assert address("example.org/x") == "https://example.org/x"
    assert address("  ") is None
    assert address("http://localhost/a") == "http://localhost/a"
    assert hex_color("#B5451B") == "#b5451b"
    assert color_name({"rail"})("Sea Ice") == "sea-ice"
    assert date("ru")("2 ноября 1964") == "1964-11-02"
    assert needed("x")(" a ") == " a"


@pytest.mark.parametrize(
    ("check", "entered"),
    [
        (address, "javascript:alert(1)"),
        (address, "https://exa mple.org"),
        (address, "ftp://example.org"),
        (address, "https://[x"),
        (hex_color, "red"),
        (color_name({"rail"}), "rail"),
        (color_name(set()), "1st"),
        (date("en", spans=False), "1989/2023"),
        (date("en"), "2/11/1964"),
        (needed("a step needs a title"), "\n "),
    ],
)
def test_checks_refuse_in_words(check: Callable[[str], object], entered: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        check(entered)


def test_ids_of_sources_are_free(tmp_path: Path) -> None:
    desk = open_desk(
        write_story(tmp_path, lambda story: story.update(sources={"a-report": {"title": "x"}})),
        Session("A", "t"),
        tmp_path / "s",
    )
    assert reference_id(desk.now, "A report") == "a-report-2"
    assert reference_id(desk.now, "Отчёт") != reference_id(desk.now, "!")
    assert reference_id(desk.now, "!") == "source"


def test_columns_are_guessed() -> None:
    table = {"name": ["a", "b"], "year": ["1990", "1991"], "code": ["7", "8"], "people": ["3", ""], "when": ["x", "y"]}
    assert attached.guessed(table) == {"x": "year", "y": "code", "when": "when"}
    assert attached.guessed({"name": ["a"], "people": ["3"]}) == {}
    assert attached.guessed({"year": ["1990"], "month": ["1990-01"]}) == {}


def test_a_chart_takes_another_table_with_the_columns_that_fit(tmp_path: Path) -> None:
    figure = {"file": "people.csv", "x": "year", "y": "people", "kind": "kind", "title": "T", "alt": "A",
              "kinds": {"census": {"label": "c"}}}  # fmt: skip
    folder = write_story(tmp_path, lambda story: story["steps"][0].update(figure=figure))
    (folder / "people.csv").write_text(TABLE, "utf-8")
    desk = open_desk(folder, Session("A", "t"), tmp_path / "s")
    place = ("steps", "one", "figure")
    made = with_file(desk.now, place, "b.csv", {"year": ["1990"], "score": ["3"]})
    assert made.after.data["steps"][0]["figure"] == {
        "file": "b.csv",
        "x": "year",
        "y": "score",
        "title": "T",
        "alt": "A",
    }
    with pytest.raises(EditError, match="nothing is changed"):
        with_file(desk.now, place, "b.csv", {"name": ["x"]})
    hollow = with_kind(desk.now, place, ["census", "reported"], "reported", "hollow", True)
    assert hollow.after.data["steps"][0]["figure"]["kinds"] == {
        "census": {"label": "c"}, "reported": {"label": "reported", "symbol": "square", "hollow": True},
    }  # fmt: skip


def test_colours_in_words_and_by_name(tmp_path: Path) -> None:
    assert contrast_words("#000000", "light")[1]
    assert contrast_words("#f0e8d8", "light") == ("1:1, hard to see: make it darker", False)
    assert "lighter" in contrast_words("#22262c", "dark")[0]
    assert both("#ABC") == {"light": "#aabbcc", "dark": "#aabbcc"}

    def colored(story: dict[str, Any]) -> None:
        story["theme"] = {"accent": "rail", "colors": {"rail": "#aa0000", "free": "#00aa00"}}
        story["layers"][0]["style"] = {"color": "rail", "column": "kind", "categories": {"area": {"color": "rail"}}}
        story["steps"][1]["show"][0] = {"layer": "line", "style": {"fill_color": "rail"}}

    desk = open_desk(write_story(tmp_path, colored), Session("A", "t"), tmp_path / "s")
    assert colors_used(desk.data)["rail"] == 4
    after = rename_color(desk.now, "rail", "track").after
    assert colors_used(after.data) == {**{k: v for k, v in colors_used(desk.data).items() if k != "rail"}, "track": 4}
    assert list(after.data["theme"]["colors"]) == ["track", "free"]
    after.story(desk.folder)
    with pytest.raises(EditError, match="already"):
        rename_color(desk.now, "rail", "free")
    with pytest.raises(EditError, match="used 4 times"):
        delete_color(desk.now, "rail")
    assert "free" not in delete_color(desk.now, "free").after.data["theme"]["colors"]
