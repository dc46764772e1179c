"""The data panel, without a browser: what an editor enters, and what comes of it in the story."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from editorpages import desk_of, edit_page, stories_folder, told
from storymap.app.editor import geocoder
from storymap.app.editor.layer_files import About, add_layer, open_data
from storymap.collection import written

CSV = b"name,lon,lat,people\nZhanatas,69.73,43.57,21548\nKaratau,70.46,43.18,29000\n"
SWAPPED = json.dumps({"type": "FeatureCollection", "features": [
    {"type": "Feature", "properties": {"name": "X"},
     "geometry": {"type": "Point", "coordinates": [43.5, 69.7]}}]}).encode()  # fmt: skip


@pytest.fixture
def panel(tmp_path: Path) -> AppTest:
    return edit_page(stories_folder(tmp_path), tmp_path / "state", panel="Data")


def part(page: AppTest, name: str) -> AppTest:
    page.session_state["data part of a-story"] = name
    return page.run()


def fill(page: AppTest, ending: str, value: object, kind: str = "text_input") -> None:
    found = [widget for widget in getattr(page, kind) if str(widget.key).endswith(ending)]
    assert len(found) == 1, [widget.key for widget in getattr(page, kind)]
    found[0].set_value(value)


def press(page: AppTest, label: str) -> AppTest:
    found = [button for button in page.button if button.label == label]
    assert len(found) == 1, [button.label for button in page.button]
    assert not found[0].disabled
    return found[0].click().run()


def test_a_table_joins_the_story_once_its_terms_are_given(panel: AppTest) -> None:
    panel.file_uploader[0].set_value(("towns.csv", CSV, "text/csv")).run()
    assert not panel.exception
    assert any("'lon' and 'lat'" in caption.value for caption in panel.caption)
    add = next(button for button in panel.button if button.label == "Add to the story")
    assert add.disabled
    assert any("the licence" in caption.value for caption in panel.caption)
    fill(panel, "/credit", "A desk")
    fill(panel, "/license", "CC-BY-4.0", "selectbox")
    fill(panel, "/km", 0.5, "number_input")
    panel.run()
    press(panel, "Add to the story")
    assert not panel.exception
    desk = desk_of(panel)
    layer = desk.layers[-1]
    assert layer["title"] == "Towns"
    assert layer["label"] == "name"
    assert layer["accuracy"] == 0.5
    assert layer["source"]["lon"] == "lon"
    assert desk.get(("steps", desk.step, "show"))[-1] == layer["id"]
    assert desk.trail.undo_name == "Add layer 'Towns'"
    desk.story()


def test_a_place_that_looks_swapped_is_asked_about(panel: AppTest) -> None:
    panel.file_uploader[0].set_value(("x.geojson", SWAPPED, "application/json")).run()
    assert not panel.exception
    assert any("swapped" in warning.value for warning in panel.warning)
    assert not [button for button in panel.button if button.label == "Add to the story"]
    choice = panel.radio[0]
    choice.set_value(next(option for option in choice.options if "swapped" in option)).run()
    assert [button for button in panel.button if button.label == "Add to the story"]


def test_a_file_that_is_none_is_told_in_a_line(panel: AppTest) -> None:
    panel.file_uploader[0].set_value(("x.gpkg", b"not a database", "application/octet-stream")).run()
    assert not panel.exception
    assert any("not GeoPackage" in text for text in told(panel))


def test_a_place_is_found_and_kept_with_how(panel: AppTest) -> None:
    part(panel, "Find a place")
    fill(panel, "/query", "Жанатас")
    panel.run()
    assert not panel.exception
    assert "Kazakhstan" in panel.radio[0].options[0]
    panel.session_state["data/a-story/found"] = "town"
    panel.run()
    press(panel, "Add the place")
    properties = open_data(desk_of(panel), "town").features[-1]["properties"]
    assert properties["name"] == "Жанатас"
    assert properties["query"] == "Жанатас"
    assert properties["method"].startswith("gazetteer")
    assert "geonameid" in properties["found"]
    assert properties["km"] == 3  # the column that another layer on the file has for it


def test_a_place_is_typed_named_and_added(panel: AppTest) -> None:
    part(panel, "Draw and correct")
    panel.selectbox(key="data/a-story/layer").set_value("town").run()
    fill(panel, "typed/a-story/text", "70.5, 43.25", "text_area")
    panel.run()
    press(panel, "Put it on the map")
    fill(panel, "pending/a-story/name", "Mine")
    fill(panel, "pending/a-story/km", 0.1, "number_input")
    panel.run()
    press(panel, "Add the point")
    assert not panel.exception
    feature = open_data(desk_of(panel), "town").features[-1]
    assert feature["geometry"]["coordinates"] == [70.5, 43.25]
    assert feature["properties"]["method"] == "drawn by hand"


@pytest.mark.parametrize("text", ["70.5", "70.5, 143.25", "here", "1 2\n3 4"])
def test_coordinates_that_are_none_are_told(panel: AppTest, text: str) -> None:
    part(panel, "Draw and correct")
    fill(panel, "typed/a-story/text", text, "text_area")
    panel.run()
    assert any("two numbers a line" in one for one in told(panel))


def test_a_column_is_added_and_one_in_use_is_not_offered(panel: AppTest) -> None:
    part(panel, "Draw and correct")
    panel.selectbox(key="data/a-story/layer").set_value("town").run()
    panel.session_state["columns/a-story/what"] = "Add"
    panel.run()
    fill(panel, "columns/a-story/new", "founded")
    panel.run()
    press(panel, "Add the column")
    assert open_data(desk_of(panel), "town").features[0]["properties"]["founded"] is None
    panel.session_state["columns/a-story/what"] = "Delete"
    panel.run()
    offered = panel.selectbox(key="columns/a-story/old").options
    assert "founded" in offered
    assert "kind" not in offered


def test_places_are_blurred_and_the_exact_file_is_offered_to_be_taken_away(panel: AppTest) -> None:
    part(panel, "Blur")
    panel.selectbox(key="data/a-story/layer").set_value("town").run()
    panel.multiselect[0].set_value([1]).run()
    press(panel, "Blur 1 place")
    assert not panel.exception
    desk = desk_of(panel)
    assert open_data(desk, "town").features[1]["geometry"]["coordinates"] != [69.7, 43.5]
    assert any("earlier files" in text for text in told(panel))
    press(panel, "Save")
    assert [box.label for box in panel.checkbox if "places.geojson" in box.label]
    assert next(b for b in panel.button if b.label == "Take away 'places.geojson'").disabled
    next(box for box in panel.checkbox if "places.geojson" in box.label).check().run()
    press(panel, "Take away 'places.geojson'")
    assert not (desk.folder / "places.geojson").exists()
    assert not panel.exception


def test_a_place_that_was_never_saved_exactly_is_kept_for_undo_only(panel: AppTest) -> None:
    desk = desk_of(panel)
    desk.may = lambda: True
    point = {"type": "Feature", "properties": {"name": "Well"}, "geometry": {"type": "Point", "coordinates": [70, 43]}}
    about = About(title="Wells", credit="A desk", license="CC0-1.0", accuracy=0.5, label="name")
    assert add_layer(desk, about, "data/wells.geojson", written([point])) == "wells"
    exact = open_data(desk, "wells").source["file"]
    part(panel, "Blur")
    panel.selectbox(key="data/a-story/layer").set_value("wells").run()
    panel.multiselect[0].set_value([0]).run()
    press(panel, "Blur 1 place")
    assert any("never saved" in text for text in told(panel))
    press(panel, "Save")
    assert not [box.label for box in panel.checkbox if "to be gone" in box.label]
    assert [text.value for text in panel.caption if "No saved version uses any" in text.value]
    next(box for box in panel.checkbox if "undo" in box.label).check().run()
    press(panel, f"Take away '{exact}' kept for undo")
    assert not panel.exception
    assert not list(desk.drafts.place.rglob(exact.split("/")[-1]))
    assert not [box.label for box in panel.checkbox if "undo" in box.label]


# ---- a geocoder of the operator ----


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, object]]]:
    asked: list[dict[str, object]] = []

    class Search(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            asked.append({"q": query["q"][0], "agent": self.headers["User-Agent"]})
            if query["q"][0] == "moved":
                self.send_response(302)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()
                return
            self.send_response(503 if query["q"][0] == "broken" else 200)
            self.end_headers()
            said = [{"lon": "69.7", "lat": "43.5", "display_name": "School 1, Zhanatas", "licence": "ODbL",
                     "boundingbox": ["43.49", "43.51", "69.69", "69.71"]}, {"lon": "x"}]  # fmt: skip
            self.wfile.write(b"no json" if query["q"][0] == "odd" else json.dumps(said).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Search)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("STORYMAP_GEOCODER", f"http://127.0.0.1:{server.server_port}/search")
    yield asked
    server.shutdown()
    server.server_close()


def test_the_geocoder_is_asked_once_a_second_and_says_who_asks(service: list[dict[str, object]]) -> None:
    waits: list[float] = []
    clock = iter([100.0, 100.0, 100.25, 101.0]).__next__
    geocoder._last[0] = 0.0
    for _ in range(2):
        answers = geocoder.geocode(" School 1 ", now=clock, sleep=waits.append)
    assert waits == [0.75]
    assert [one["q"] for one in service] == ["School 1"] * 2
    assert str(service[0]["agent"]).startswith("storymap/")
    assert [(one.name, one.lon, one.lat, one.terms) for one in answers] == [("School 1, Zhanatas", 69.7, 43.5, "ODbL")]
    assert answers[0].km == pytest.approx(1.4, abs=0.1)


@pytest.mark.parametrize(
    ("query", "reason"), [("broken", "answers 503"), ("odd", "is its address right"), ("moved", "302")]
)
def test_what_goes_wrong_with_the_geocoder_is_told(service: list[dict[str, object]], query: str, reason: str) -> None:
    with pytest.raises(geocoder.GeocoderError, match=reason):
        geocoder.geocode(query, sleep=lambda _: None)


def test_nothing_is_asked_where_no_geocoder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STORYMAP_GEOCODER", raising=False)
    assert geocoder.geocode("Zhanatas") == ()
    monkeypatch.setenv("STORYMAP_GEOCODER", "file:///etc/passwd")
    with pytest.raises(geocoder.GeocoderError, match="no web address"):
        geocoder.geocode("Zhanatas")


def test_the_panel_asks_the_geocoder_only_when_told_to(panel: AppTest, service: list[dict[str, object]]) -> None:
    part(panel, "Find a place")
    fill(panel, "/query", "School 1")
    panel.run()
    assert service == []
    press(panel, "Ask 127.0.0.1")
    assert [one["q"] for one in service] == ["School 1"]
    assert "School 1, Zhanatas" in panel.radio[0].options
