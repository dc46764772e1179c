"""The editor by keyboard alone: everything is done without a pointer, and the focus is never lost to nowhere."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from again import at_length
from editorpages import SMALL, at_rest, open_editor, saved

pytestmark = pytest.mark.xdist_group("editor")

ACTIVE = """() => {
    let one = document.activeElement;
    while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
    const text = one === document.body ? 'nowhere' : one.getAttribute('aria-label') || one.innerText || one.value || one.tagName;
    return text.replace(/\\s+/g, ' ').trim() + (one.disabled ? ', which is disabled' : '');
}"""


@pytest.fixture(scope="module")
def app(run_app: Callable[..., Any], edited_place: Path) -> Any:
    return run_app(edited_place)


def at(page: Page, name: str) -> None:
    """The focus is, or soon will be, on what has this name, or one that begins so."""
    page.wait_for_function(f"(name) => ({ACTIVE})().startsWith(name)", arg=name)


def press(page: Page, target: Locator, *keys: str) -> None:
    target.focus()
    for key in keys:
        page.keyboard.press(key)
    at_rest(page)


def panel(page: Page, name: str) -> None:
    press(page, page.get_by_role("radiogroup", name="Panel").get_by_role("radio", name=name, exact=True), "Enter")
    at(page, name)


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "#884422").save(out, "PNG")
    return out.getvalue()


@at_length
def test_steps_and_boxes(app: Any, edited_place: Path, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    open_editor(page, app.url, step="one")
    side = page.get_by_test_id("stSidebar")
    step = side.get_by_role("list", name="Steps").get_by_role("button")
    # A step is chosen, moved, doubled and deleted: the focus goes with it, or stays in the list.
    press(page, step.filter(has_text="One"), "Enter", "Alt+ArrowDown")
    at(page, "2 One")
    press(page, side.get_by_role("button", name="Duplicate: "), "Enter")
    expect(step.filter(has_text="One")).to_have_count(2)
    at(page, "2 One")
    press(page, side.get_by_role("button", name="Delete: "), "Enter")
    expect(step.filter(has_text="One")).to_have_count(1)
    assert page.evaluate(ACTIVE) != "nowhere"
    # Undo is pressed as long as there is anything to undo; then Redo is what is left to be pressed.
    press(page, page.get_by_role("button", name="Undo: "), "Enter")
    at(page, "undo Undo: Duplicate step")
    for _ in range(2):
        page.keyboard.press("Control+z")
        at_rest(page)
    at(page, "redo Redo: Move step 'One'")
    press(page, page.get_by_role("button", name="Redo: "), "Enter")
    at(page, "redo Redo: Duplicate step")
    press(page, step.filter(has_text="One"), "Enter")
    at(page, "2 One")
    # What opens takes the focus, and gives it back.
    add = side.get_by_role("button", name="Add a step")
    press(page, add, "Enter")
    at(page, "Title of the new step")
    page.keyboard.press("Escape")
    at(page, "add Add a step")
    page.keyboard.press("Enter")
    at(page, "Title of the new step")
    page.keyboard.type("Fresh")
    page.keyboard.press("Enter")
    expect(step.filter(has_text="Fresh")).to_be_visible()
    at_rest(page)
    at(page, "Title of the new step")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate(ACTIVE).startswith("add Add a step"):
            break
    at(page, "add Add a step")
    page.keyboard.press("Escape")
    # A dialog: the draft of the tab that was left.
    open_editor(page, app.url, step="one")
    press(page, page.get_by_role("button", name="Compare"), "Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate("Boolean(document.activeElement.closest('[role=dialog]'))")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    at(page, "Compare")
    press(page, page.get_by_role("button", name="Take it up"), "Enter")
    expect(page.get_by_text("You left a draft")).to_have_count(0)
    assert page.evaluate(ACTIVE) != "nowhere"
    page.keyboard.press("Control+s")
    expect(side.get_by_text("Saved ")).to_be_visible()
    assert page.evaluate(ACTIVE) != "nowhere"
    assert [one["title"] for one in saved(edited_place)["steps"]] == ["Two", "One", "Fresh", "Three"]


@at_length
def test_panels_layers_places_and_uploads(app: Any, edited_place: Path, new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    open_editor(page, app.url, SMALL, step="two")
    main = page.get_by_test_id("stMain")
    panel(page, "Text")
    press(page, main.locator("summary").filter(has_text="Picture"), "Enter")
    at(page, "keyboard_arrow_down Picture")
    uploader = main.get_by_test_id("stFileUploader").first.get_by_role("button", name="Upload", exact=True)
    with page.expect_file_chooser() as chosen:
        press(page, uploader, "Enter")
    chosen.value.set_files({"name": "shaft.png", "mimeType": "image/png", "buffer": png()})
    expect(main.get_by_label("Alt text").or_(main.get_by_label("What it shows")).first).to_be_visible()
    assert page.evaluate(ACTIVE) != "nowhere"
    # Layers: hidden, brought in another order, and each part of the panel.
    panel(page, "Layers")
    press(page, main.get_by_role("button", name="Hide in this step: Town"), "Enter")
    expect(main.get_by_role("button", name="Hide in this step: Town")).to_have_count(0)
    at(page, "Hide in this step: ")
    press(page, page.get_by_role("button", name="Undo: "), "Enter")
    layer = main.locator(".go")
    first = layer.first.inner_text().split("\n")[0]
    press(page, layer.first, "Alt+ArrowDown")
    expect(layer.nth(1)).to_contain_text(first)
    at(page, first)
    slider = main.locator("input[type=range]").first
    press(page, slider, "ArrowLeft")
    at(page, slider.get_attribute("aria-label") or "")
    # Places: moved, and chosen to be blurred, by keys on the map.
    panel(page, "Data")
    press(page, main.get_by_role("radio", name="Draw and correct"), "Enter")
    press(page, main.get_by_role("switch", name="Move places"), "Space")
    press(page, page.get_by_role("button", name="Town: move with the arrow keys"), "ArrowRight", "Enter")
    expect(page.get_by_role("button", name="Undo: Move 'Town'")).to_be_visible()
    at(page, "Town: move with the arrow keys")
    press(page, main.get_by_role("radio", name="Blur", exact=True), "Enter")
    press(page, page.get_by_role("button", name="Town: choose"), "Enter")
    at(page, "Town: leave out")
    page.keyboard.press("Space")
    at(page, "Town: choose")
    page.keyboard.press("Enter")
    at(page, "Town: leave out")
    press(page, main.get_by_role("button", name="Blur 1 place"), "Enter")
    expect(page.get_by_text("Blurred.")).to_be_visible()
    at_rest(page)
    assert page.evaluate(ACTIVE) != "nowhere"
