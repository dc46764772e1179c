"""The data panel as an editor uses it: files that come in, features drawn, moved and changed, and what readers get."""

from __future__ import annotations

import contextlib
import io
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from playwright.sync_api import Locator, Page, expect

from again import at_length
from browser.test_accessibility import axe
from editorpages import at_rest, open_editor, saved, stories_folder
from editorpages import faults as real_faults

SPOTS = [(69.7, 43.5), (70.5, 43.2), (69.9, 43.4)]
CSV = b"name;lat;lon;people\nZhanatas;43,57;69,73;21548\nKaratau;43,18;70,46;29000\n"
PICTURES = os.environ.get("STORYMAP_TEST_PICTURES", "")
PANEL = "[data-testid=stMain] [data-testid=stColumn]:first-child"


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    return stories_folder(tmp_path)


@pytest.fixture
def app(run_app: Callable[..., Any], stories: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("STORYMAP_STATE", str(tmp_path / "state"))
    return run_app(stories)


def shapefile(folder: Path) -> bytes:
    """Three points in UTM zone 42, without the .prj that would say so."""
    points = gpd.GeoSeries([shapely.Point(spot) for spot in SPOTS], crs=4326).to_crs(32642)
    gpd.GeoDataFrame({"name": ["A", "B", "C"], "depth": [1.5, 2.25, None]}, geometry=points).to_file(
        folder / "wells.shp"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part in sorted(folder.glob("wells.*")):
            if part.suffix != ".prj":
                archive.write(part, part.name)
    return out.getvalue()


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def upload(page: Page, name: str, content: bytes) -> None:
    # The uploader of before stays until the page is whole again.
    field = page.locator("input[type=file]")
    expect(field).to_have_count(1)
    field.set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})


def fill(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True).first
    field.fill(text)
    field.press("Enter")
    at_rest(page)


def choose(page: Page, label: str, option: str) -> None:
    field = page.get_by_label(label).first
    field.click()
    field.press_sequentially(option)
    page.get_by_role("option").filter(has_text=option).first.click()
    at_rest(page)


def terms(page: Page) -> None:
    fill(page, "Credit", "A desk")
    choose(page, "Licence", "CC-BY-4.0")
    fill(page, "Accuracy in kilometres", "0.5")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()
    at_rest(page)


def part(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).or_(
        page.get_by_role("button", name=name, exact=True)
    ).first.click()
    at_rest(page)


def map_of(page: Page, features: int) -> Locator:
    shown = page.locator(f".drawing-map[data-shown='{features}']")
    expect(shown).to_be_visible()
    return shown


def faults(page: Page) -> list[str]:
    """Findings that are ours: how Streamlit's uploader is made is not, and places lie where they are, also side by side."""
    known = ("presentation-role-conflict: .st-emotion", "target-size: .leaflet-div-icon", "target-size: div[title")
    return [line for line in axe(page, PANEL) if not line.startswith(known)]


def features_of(stories: Path, layer: str) -> list[dict[str, Any]]:
    entry = next(one for one in saved(stories)["layers"] if one["id"] == layer)
    found: list[dict[str, Any]] = json.loads((stories / "a-story" / entry["source"]["file"]).read_bytes())["features"]
    return found


@at_length
def test_files_come_in_and_are_corrected(
    app: Any, stories: Path, new_page: Callable[..., Page], complaints: list[str], tmp_path: Path
) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    open_editor(page, app.url, panel="Data")
    picture(page, "data-1-empty")
    found = faults(page)

    # A Shapefile that does not say its CRS: the candidates lie on the map, and the right one among the others' layers.
    upload(page, "wells.zip", shapefile(tmp_path))
    expect(page.get_by_text("does not say which coordinate system")).to_be_visible()
    page.locator(".drawing-map[data-shown]").wait_for()
    at_rest(page)
    picture(page, "data-2-crs")
    found += faults(page)
    expect(page.get_by_role("button", name="Add to the story")).to_have_count(0)
    page.get_by_text("1. WGS 84 / UTM zone 42N (EPSG:32642)", exact=True).click()
    expect(page.get_by_text("3 features")).to_be_visible()
    map_of(page, 3)
    expect(page.get_by_role("button", name="Add to the story")).to_be_disabled()
    terms(page)
    picture(page, "data-3-terms")
    found += faults(page)
    press(page, "Add to the story")
    expect(page.get_by_text("'Wells' is in the story.")).to_be_visible()

    # A table as a spreadsheet of a country with decimal commas writes it.
    upload(page, "towns.csv", CSV)
    expect(page.get_by_text("2 features")).to_be_visible()
    terms(page)
    press(page, "Add to the story")
    expect(page.get_by_text("'Towns' is in the story.")).to_be_visible()

    # A point drawn into a layer.
    part(page, "Draw and correct")
    choose(page, "Layer", "Town (town)")
    shown = map_of(page, 4)
    picture(page, "data-4-draw")
    found += faults(page)
    shown.get_by_role("button", name="Point", exact=True).click()
    box = shown.locator(".drawing-map-place").bounding_box()
    assert box
    page.mouse.move(box["x"] + 150, box["y"] + 120)
    page.mouse.click(box["x"] + 150, box["y"] + 120)
    expect(page.get_by_text("The new point")).to_be_visible()
    fill(page, "Name", "Drawn")
    fill(page, "Accuracy in kilometres", "0.2")
    picture(page, "data-5-drawn")
    press(page, "Add the point")
    map_of(page, 5)

    # A place dragged; the arrow keys do the same.
    page.get_by_text("Move places").click()
    at_rest(page)
    handle = page.get_by_role("button", name="Town: move with the arrow keys")
    handle.scroll_into_view_if_needed()
    where = handle.bounding_box()
    assert where
    page.mouse.move(where["x"] + 11, where["y"] + 11)
    page.mouse.down()
    page.mouse.move(where["x"] + 40, where["y"] + 30, steps=4)
    page.mouse.up()
    expect(page.get_by_role("button", name="Undo: Move 'Town'")).to_be_visible()
    handle = page.get_by_role("button", name="Pit: move with the arrow keys")
    handle.focus()
    handle.press("ArrowRight")
    handle.press("Enter")
    expect(page.get_by_role("button", name="Undo: Move 'Pit'")).to_be_visible()
    at_rest(page)  # a place that is drawn anew while axe looks at it has no name
    picture(page, "data-6-moved")
    found += faults(page)

    # A value changed in the table.
    table = page.get_by_test_id("stDataFrame")
    table.scroll_into_view_if_needed()
    cell = table.bounding_box()
    assert cell
    picture(page, "data-7-table")
    entry = page.locator("textarea.gdg-input")
    # A table that is being made anew takes no click.
    for _ in range(10):
        page.mouse.dblclick(cell["x"] + 125, cell["y"] + 35 + 35 + 17)
        with contextlib.suppress(AssertionError):
            expect(entry).to_have_value("Town", timeout=3000)
            break
    entry.fill("Renamed")
    entry.press("Enter")
    expect(page.get_by_role("button", name="Undo: Change 'name' in layer 'Town'")).to_be_visible()
    picture(page, "data-8-changed")

    # A new row: named in the table, its place found by that name.
    at_rest(page)
    table.hover()
    page.get_by_role("button", name="Add row").click()
    for _ in range(10):
        page.mouse.dblclick(cell["x"] + 125, cell["y"] + 35 + 5 * 35 + 17)
        with contextlib.suppress(AssertionError):
            expect(entry).to_have_value("", timeout=3000)
            break
    entry.fill("Karatau")
    entry.press("Enter")
    town = page.get_by_role("radio", name="Karatau, Kazakhstan")
    expect(town).to_be_attached()
    at_rest(page)
    town.check(force=True)
    at_rest(page)  # until then the button may stand there twice
    expect(page.get_by_role("button", name="Add the row")).to_be_enabled()
    picture(page, "data-9-row")
    found += faults(page)
    press(page, "Add the row")
    expect(page.get_by_role("button", name="Undo: Add 'Karatau' to layer 'Town'")).to_be_visible()
    press(page, "Save")
    expect(page.get_by_text("Saved.")).to_be_visible()

    layers = {layer["id"]: layer for layer in saved(stories)["layers"]}
    assert layers["wells"]["source"]["crs"] == "EPSG:32642"
    assert layers["wells"]["accuracy"] == 0.5
    assert layers["towns"]["source"]["lat"] == "lat"
    assert b"43.57" in (stories / "a-story" / layers["towns"]["source"]["file"]).read_bytes()
    features = features_of(stories, "town")
    assert [one["properties"]["name"] for one in features] == ["Area", "Renamed", "Pit", "Line", "Drawn", "Karatau"]
    assert features[4]["properties"]["method"] == "drawn by hand"
    assert (features[5]["properties"]["id"], features[5]["properties"]["query"]) == ("karatau", "Karatau")
    assert features[5]["geometry"]["coordinates"] == pytest.approx([70.47, 43.17], abs=0.05)
    assert features[1]["geometry"]["coordinates"] != [69.7, 43.5]
    assert features[2]["geometry"]["coordinates"][0] > 69.9
    assert features[2]["geometry"]["coordinates"][1] == 43.4
    assert features[0]["geometry"]["coordinates"] == [[[68, 42], [72, 42], [72, 45], [68, 45], [68, 42]]]

    reader = new_page(viewport={"width": 1280, "height": 800})
    reader.goto(f"{app.url}story/a-story/")
    expect(reader.get_by_text("Wells").first).to_be_attached()
    assert sorted(set(found)) == []
    assert real_faults(complaints) == []
    assert app.left_machine() == []


LABELS = """() => {
  const around = document.querySelector(".drawing-map-place").getBoundingClientRect();
  const boxes = [...document.querySelectorAll(".leaflet-tooltip.drawing-map-name")].map((one) => one.getBoundingClientRect());
  const inside = boxes.every((b) => b.left >= around.left && b.right <= around.right
    && b.top >= around.top && b.bottom <= around.bottom);
  const apart = boxes.every((a, i) => boxes.every((b, j) => i === j || a.right <= b.left || b.right <= a.left
    || a.bottom <= b.top || b.bottom <= a.top));
  return [boxes.length, inside, apart];
}"""
NAMES = """() => {
  const around = document.querySelector(".drawing-map-place").getBoundingClientRect();
  return [...document.querySelectorAll(".drawing-map-town span, .drawing-map-country span")].filter((one) => {
    const b = one.getBoundingClientRect();
    return b.left >= around.left && b.right <= around.right && b.top >= around.top && b.bottom <= around.bottom;
  }).length;
}"""
WATCH = """() => {
  const there = (text) => document.body.innerText.includes(text);
  window.both = 0;
  new MutationObserver(() => {
    const next = there("Looking at the file") || there("Longitude or easting") || there("2 features");
    if (next && there("Coordinate system")) window.both += 1;
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


@at_length
def test_what_a_file_may_mean_is_seen_with_names_and_the_form_of_the_one_before_goes_at_once(
    app: Any, new_page: Callable[..., Page], complaints: list[str], tmp_path: Path
) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    open_editor(page, app.url, panel="Data")
    upload(page, "wells.zip", shapefile(tmp_path))
    expect(page.get_by_text("does not say which coordinate system")).to_be_visible()
    page.locator(".drawing-map[data-shown]").wait_for()
    at_rest(page)
    picture(page, "data-candidates")
    assert page.evaluate(LABELS) == [6, True, True]
    expect(page.get_by_text("Kazakhstan; 43.2° N, 70.5° E, among the other layers").first).to_be_visible()

    # Far from every town that the basemap names.
    page.evaluate(WATCH)
    upload(page, "lonely.csv", b"name,lon,lat\nA,63.0,50.0\nB,63.4,50.25\n")
    expect(page.get_by_text("2 features")).to_be_visible()
    map_of(page, 2)
    at_rest(page)
    picture(page, "data-lonely")
    assert page.evaluate("() => window.both") == 0
    assert page.evaluate(NAMES) > 0
    expect(page.get_by_text("does not say which coordinate system")).to_have_count(0)
    assert real_faults(complaints) == []
