"""The preview beside the panels: an edit shows in both screens at the step at work, and the map is taken from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from again import at_length
from browser.reading import frames as drawn
from browser.reading import settled
from editorpages import enter, open_editor, preview, preview_box, saved, stories_folder, version
from editorpages import faults as real_faults

pytestmark = pytest.mark.xdist_group("editor")

SIZES = ("desktop", "phone")


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stories_folder(tmp_path_factory.mktemp("editor"))


@pytest.fixture(scope="module")
def app(run_app: Callable[..., Any], stories: Path) -> Any:
    return run_app(stories)


def both(page: Page, after: dict[str, int] | None = None) -> dict[str, Frame]:
    return {size: preview(page, size, after=(after or {}).get(size, 0)) for size in SIZES}


def versions(page: Page) -> dict[str, int]:
    return {size: version(page, size) for size in SIZES}


def place_of(page: Page, frame: Frame, size: str, lon: float, lat: float) -> tuple[float, float]:
    """Where a place of the map is in the window, through the scale of the preview."""
    x, y = frame.evaluate(
        """([lon, lat]) => {
            const map = window[document.querySelector('.map').id];
            const box = document.querySelector('.stage').getBoundingClientRect();
            const point = map.latLngToContainerPoint([lat, lon]);
            return [point.x + box.left, point.y + box.top];
        }""",
        [lon, lat],
    )
    box = preview_box(page, size).bounding_box()
    assert box
    scale = box["width"] / frame.evaluate("innerWidth")
    return box["x"] + x * scale, box["y"] + y * scale


def drag(page: Page, start: tuple[float, float], to: tuple[float, float]) -> None:
    """Drags from a point of the window to a part of the desktop preview's width and height."""
    box = preview_box(page).bounding_box()
    assert box
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(box["x"] + to[0] * box["width"], box["y"] + to[1] * box["height"], steps=8)
    # Held still for a moment: a map that is let go in full swing glides on.
    drawn(page, 12)
    page.mouse.up()


def test_an_edit_shows_in_both_screens_at_the_same_step(
    app: Any, stories: Path, new_page: Callable[..., Page], complaints: list[str]
) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    open_editor(page, app.url, step="two")
    frames = both(page)
    assert [settled(frames[size], "two")["size"][0] for size in SIZES] == [1280, 390]
    before = versions(page)
    for frame in frames.values():
        frame.evaluate("window.stands = true")
    enter(page, "Title", "Two, edited")
    # The cursor is still in the field, whatever the preview does.
    frames = both(page, before)
    assert all(frame.evaluate("window.stands") for frame in frames.values()), "the map needed no new document"
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Title"
    for frame in frames.values():
        assert settled(frame)["step"] == "two"
        expect(frame.locator("#two h2")).to_have_text("Two, edited")
        expect(frame.locator(".contents a[href='#two']")).to_have_text("Two, edited")
        assert frame.locator(".map").get_attribute("aria-label") == "Map: Two, edited"
    assert saved(stories)["steps"][1]["title"] == "Two"
    # Nothing of it is in the reader's page.
    reader = new_page()
    reader.goto(f"{app.url}story/a-story/")
    expect(reader.locator("#two h2")).to_have_text("Two")
    # Whoever steps in one preview has that step at work, and the other preview comes along.
    frames["desktop"].evaluate("storymap.go('three')")
    settled(frames["phone"], "three")
    expect(page.get_by_label("Title", exact=True).first).to_have_value("Three")
    assert real_faults(complaints) == []


@at_length
def test_on_a_phone_the_step_at_work_is_what_is_seen_first(app: Any, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{app.url}edit?story=a-story&step=two")
    title = page.get_by_label("Title", exact=True).first
    expect(title).to_have_value("Two")
    title.click()  # fails where something lies over it
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(page.locator(".st-key-saving")).to_be_in_viewport()


TOLD = """() => {
    document.querySelectorAll('details').forEach((one) => { one.open = false; });
    const steps = [...document.querySelectorAll('.words, .contents a')].map((one) => one.outerHTML);
    return [storymap.state(), document.querySelector('.map').getAttribute('aria-label'), ...steps];
}"""


@at_length
def test_texts_and_maps_come_into_the_document_that_stands_and_another_frame_makes_a_new_one(
    app: Any, new_page: Callable[..., Page], complaints: list[str]
) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    open_editor(page, app.url, step="one")
    stood = both(page)
    for frame in stood.values():
        settled(frame, "one")
        frame.evaluate("window.stands = true")
    before = versions(page)
    text = page.get_by_role("textbox", name="Text", exact=True)
    text.fill("A longer text, *in two parts*.\n\n" + "It goes on and on. " * 40)
    text.press("Tab")
    enter(page, "Title", "One & <only>")
    retold = {}
    for size, frame in both(page, before).items():
        expect(frame.locator("#one em")).to_have_text("in two parts")
        expect(frame.locator("#one h2")).to_have_text("One & <only>")
        assert frame.evaluate("window.stands"), size
        settled(frame, "one")
        retold[size] = frame.evaluate(TOLD)
    # What a document shows that is made of the same version.
    for screens in ("phone", "desktop", "both"):  # what is not looked at is given up
        page.locator(f".stage-choice input[value={screens}]").check(force=True)
    for size, frame in both(page).items():
        settled(frame, "one")
        assert frame.evaluate("window.stands") is None
        assert frame.evaluate(TOLD) == retold[size]
        frame.evaluate("window.stands = true")
    before = versions(page)
    enter(page, "The map in words", "Another map.")
    for frame in both(page, before).values():
        settled(frame, "one")
        assert frame.evaluate("window.stands"), "a map is drawn anew in place (test_editor_redraw)"
        expect(frame.locator("#one .map-alt")).to_have_text("Map: Another map.")
    before = versions(page)
    page.get_by_role("button", name="Duplicate: One").click()
    for frame in both(page, before).values():
        settled(frame)
        assert frame.evaluate("window.stands") is None
    assert real_faults(complaints) == []


@at_length
def test_a_draft_with_faults_keeps_the_last_picture(
    app: Any, stories: Path, new_page: Callable[..., Page], complaints: list[str]
) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    open_editor(page, app.url, step="one")
    before = versions(page) if both(page) else {}
    # A colleague takes a place out of the data that another step needs.
    file = stories / "a-story" / "places.geojson"
    whole = file.read_text("utf-8")
    file.write_text(whole.replace('"id": "town"', '"id": "village"'), "utf-8")
    enter(page, "Title", "With a fault")
    faults = page.locator(".stage-faults")
    expect(faults).to_contain_text("The preview still shows what worked last.")
    expect(faults).to_contain_text("Step 'Two', what must be seen: layer 'town' has no feature 'town'")
    assert versions(page) == before
    for frame in both(page).values():
        expect(frame.locator("#one h2")).to_have_text("One")
    faults.get_by_role("button", name="Go there").click()
    expect(page.get_by_text("Must be seen on every screen").first).to_be_visible()
    settled(preview(page), "two")
    file.write_text(whole, "utf-8")
    page.get_by_test_id("stButtonGroup").get_by_text("Text", exact=True).click()
    expect(page.get_by_label("Title", exact=True).first).to_have_value("Two")
    enter(page, "Title", "Mended")
    for frame in both(page, before).values():
        expect(frame.locator("#one h2")).to_have_text("With a fault")
        assert settled(frame)["step"] == "two"
    expect(faults).to_be_hidden()
    assert real_faults(complaints) == []


@at_length
def test_use_this_view(app: Any, stories: Path, new_page: Callable[..., Page], complaints: list[str]) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    open_editor(page, app.url, step="two", panel="Map view")
    frames = both(page)
    settled(frames["desktop"], "two")
    said = page.locator(".stage-said")
    expect(said).to_contain_text("Everything that must be seen is in sight.")
    page.get_by_role("button", name="Move the map …").click()
    frames["desktop"].wait_for_function("() => storymap.state().exploring")
    frames["phone"].wait_for_function("() => storymap.state().exploring")
    # The town that must be seen is dragged under the text: the frame of the text is red, and it is said.
    preview_box(page).locator(".stage-card").wait_for()
    card = preview_box(page).locator(".stage-card").bounding_box()
    box = preview_box(page).bounding_box()
    assert card and box
    drag(page, place_of(page, frames["desktop"], "desktop", 69.7, 43.5), (
        (card["x"] + card["width"] / 2 - box["x"]) / box["width"],
        (card["y"] + card["height"] / 2 - box["y"]) / box["height"],
    ))  # fmt: skip
    expect(said).to_contain_text("Desktop: the text hides")
    expect(preview_box(page).locator(".stage-card")).to_have_attribute("data-bad", "true")
    # Dragged back and a little farther: seen again, and taken.
    drag(page, place_of(page, frames["desktop"], "desktop", 69.7, 43.5), (0.72, 0.45))
    expect(said).to_contain_text("Everything that must be seen is in sight.")
    settled(frames["desktop"])
    flown = frames["desktop"].evaluate("storymap.state().camera")
    before = versions(page)
    page.get_by_role("button", name="Use this view").click()
    frames = both(page, before)
    state = settled(frames["desktop"], "two")
    assert not state["exploring"]
    assert state["camera"]["zoom"] == pytest.approx(flown["zoom"], abs=0.02)
    # Eight pixels at most: the camera gives way to the legend by no more than it has to.
    assert state["camera"]["center"] == pytest.approx(flown["center"], abs=0.03)
    page.get_by_role("button", name="Save").click()
    page.wait_for_function("() => document.body.innerText.includes('Saved.')")
    view = saved(stories)["steps"][1]["view"]
    assert "fit" not in view and view["must_see"] == ["town/town"]
    west, south, east, north = view["bounds"]
    assert west < 69.7 < east and south < 43.5 < north
    reader = new_page(viewport={"width": 1280, "height": 800})
    reader.goto(f"{app.url}story/a-story/#two")
    assert settled(reader, "two")["camera"]["zoom"] == pytest.approx(flown["zoom"], abs=0.02)
    # A view without what must be seen is made wider, and that is said.
    page.get_by_role("button", name="Move the map …").click()
    frames["desktop"].wait_for_function("() => storymap.state().exploring")
    drag(page, place_of(page, frames["desktop"], "desktop", 69.7, 43.5), (0.6, 0.95))
    drag(page, place_of(page, frames["desktop"], "desktop", 69.7, 43.7), (0.6, 0.95))
    expect(said).to_contain_text("Desktop: Town (Town) lies outside the map.")
    page.get_by_role("button", name="Use this view").click()
    expect(said).to_contain_text("The view is taken. It is made wider for what must be seen: Town (Town).")
    # All of the world beside the text: farther away than a reader who explores can go.
    frame = preview(page)
    settled(frame, "two")
    page.get_by_role("button", name="Move the map …").click()
    frame.wait_for_function("() => storymap.state().exploring")
    box = preview_box(page).bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2)
    for _ in range(20):
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(150)
    frame.wait_for_function("() => 256 * 2 ** storymap.state().camera.zoom < 0.8 * storymap.state().size[0]")
    assert real_faults(complaints) == []


@at_length
def test_what_must_be_seen_is_picked_on_the_map(app: Any, new_page: Callable[..., Page], complaints: list[str]) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    open_editor(page, app.url, step="one", panel="Map view")
    frame = both(page)["desktop"]
    settled(frame, "one")
    page.get_by_role("button", name="Pick what must be seen").click()
    before = versions(page)
    page.mouse.click(*place_of(page, frame, "desktop", 69.7, 43.5))
    frame = both(page, before)["desktop"]
    assert [item["ref"] for item in settled(frame, "one")["mustSee"]] == ["town/town"]
    expect(page.get_by_text("Town (Town)").first).to_be_visible()
    before = versions(page)
    page.mouse.click(*place_of(page, frame, "desktop", 69.7, 43.5))
    frame = both(page, before)["desktop"]
    assert settled(frame, "one")["mustSee"] == []
    assert real_faults(complaints) == []


@at_length
def test_below_a_path_and_in_one_screen(
    run_app: Callable[..., Any], tmp_path: Path, new_page: Callable[..., Page], complaints: list[str]
) -> None:
    stories = stories_folder(tmp_path)
    (stories / "a-story" / "story.ru.yaml").write_text("steps:\n  one: {title: Один}\n", "utf-8")
    app = run_app(stories, "--server.baseUrlPath=maps")
    page = new_page(viewport={"width": 1280, "height": 800}, color_scheme="light")
    open_editor(page, f"{app.url}maps/", step="one")
    page.locator(".stage-choice", has_text="Phone").click()
    frame = preview(page, "phone")
    expect(preview_box(page, "desktop")).to_be_hidden()
    box = preview_box(page, "phone").bounding_box()
    assert box and box["height"] > 500
    page.get_by_label("Language").select_option("ru")
    page.wait_for_selector(".stage-size[data-size=phone][data-lang=ru]")
    frame = preview(page, "phone")
    expect(frame.locator("#one h2")).to_have_text("Один")
    page.get_by_label("Colours", exact=True).select_option("dark")
    page.wait_for_selector(".stage-size[data-size=phone] iframe:not([inert])[src*='theme=dark']")
    frame = preview(page, "phone")
    assert settled(frame)["step"] == "one"
    dark = frame.evaluate(
        "getComputedStyle(document.querySelector('.probe[data-tone=light]')).getPropertyValue('--c-land')"
    )
    reader = new_page(color_scheme="dark")
    reader.goto(f"{app.url}maps/story/a-story/")
    assert dark == reader.evaluate(
        "getComputedStyle(document.querySelector('.probe[data-tone=light]')).getPropertyValue('--c-land')"
    )
    assert real_faults(complaints) == []
