"""An editor puts steps in order and writes: by pointer, by keys, and what readers then see."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as TooLate
from ruamel.yaml import YAML

from again import at_length
from browser.test_accessibility import axe
from editorpages import open_editor
from storyfolder import write_story

pytestmark = pytest.mark.xdist_group("editor")

TABLE = "year,people,kind\n1970,1000,census\n1980/1989,5000,reported\n1999,2500,census\n"


def photo() -> bytes:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (43.0, 35.0, 24.0), 3: "E", 4: (69.0, 44.0, 0.0)}
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "#336699").save(out, "JPEG", exif=exif.tobytes())
    return out.getvalue()


@pytest.fixture
def stories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STORYMAP_STATE", str(tmp_path / "state"))
    folder = write_story(tmp_path / "stories", lambda story: story.update(sources={"report": {"title": "A report"}}))
    (folder / "people.csv").write_text(TABLE, "utf-8")
    return folder.parent


@pytest.fixture
def editor(stories: Path, run_app: Callable[..., Any], new_page: Callable[..., Page]) -> Page:
    app = run_app(stories)
    page = new_page(viewport={"width": 1280, "height": 900})
    open_editor(page, app.url)
    return page


def idle(page: Page) -> None:
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", state="attached")


def said(stories: Path) -> dict[str, Any]:
    return YAML(typ="safe").load((stories / "a-story" / "story.yaml").read_text("utf-8"))  # type: ignore[no-any-return]


def steps(page: Page) -> Locator:
    return page.get_by_role("list", name="Steps").get_by_role("listitem")


def titles(page: Page) -> list[str]:
    return steps(page).locator(".title").all_inner_texts()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    idle(page)


@at_length
def test_steps_are_moved_added_copied_and_deleted(editor: Page, stories: Path) -> None:
    page = editor
    expect(steps(page)).to_have_count(3)
    # With the pointer: the first below the second.
    first, second = steps(page).nth(0).bounding_box(), steps(page).nth(1).bounding_box()
    assert first
    assert second
    page.mouse.move(first["x"] + 80, first["y"] + 12)
    page.mouse.down()
    page.mouse.move(second["x"] + 80, second["y"] + 20, steps=4)
    page.mouse.move(second["x"] + 80, second["y"] + second["height"] - 4, steps=4)
    page.mouse.up()
    expect(page.get_by_role("button", name="Undo: Move step 'One'")).to_be_visible()
    idle(page)
    assert titles(page) == ["Two", "One", "Three"]
    # By keys, twice, without losing the place.
    page.get_by_role("list", name="Steps").get_by_role("button", name="Three").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("button", name="Undo: Move step 'Three'")).to_be_visible()
    idle(page)
    expect(page.get_by_role("list", name="Steps").get_by_role("button", name="Three")).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(steps(page).locator(".title").first).to_have_text("Three")
    expect(page.get_by_role("status").filter(has_text="is now 1 of 3")).to_be_attached()
    idle(page)
    # Enter goes to the step; its buttons come next.
    page.keyboard.press("Enter")
    expect(page.get_by_label("Title", exact=True).first).to_have_value("Three")
    page.get_by_role("button", name="Duplicate: Three").click()
    expect(steps(page)).to_have_count(4)
    page.get_by_role("button", name="Delete: Three").click()
    expect(steps(page)).to_have_count(3)
    page.get_by_role("button", name="Add a step").click()
    page.get_by_role("textbox", name="Title of the new step").fill("The end")
    page.keyboard.press("Enter")
    expect(steps(page)).to_have_count(4)
    expect(page.get_by_label("Title", exact=True).first).to_have_value("The end")
    idle(page)
    found = axe(page)
    assert found == []
    save(page)
    assert [step["title"] for step in said(stories)["steps"]] == titles(page)
    # The copy was deleted, so the step in its place was at work, and the new one came after it.
    assert said(stories)["steps"][2]["id"] == "the-end"


def part(page: Page, name: str) -> Locator:
    """A part of the panel, opened."""
    box = page.locator("[data-testid=stExpander]").filter(has=page.locator("summary", has_text=name)).first
    if box.locator("details[open]").count() == 0:
        box.locator("summary").click()
    return box


@at_length
def test_words_picture_chart_and_sources_reach_the_reader(editor: Page, stories: Path) -> None:
    page = editor
    page.get_by_label("Title", exact=True).first.fill("The influx")
    page.get_by_role("textbox", name="Time, in words", exact=True).fill("2 November 1964")
    page.get_by_role("textbox", name="Text", exact=True).fill("Forty *houses* stood here.")
    page.get_by_role("button", name="Use 1964-11-02 as the date").click()
    expect(page.get_by_role("textbox", name="Date", exact=True)).to_have_value("1964-11-02")
    quote = part(page, "Quotation")
    quote.get_by_role("textbox", name="Words quoted", exact=True).fill("We came by train.")
    quote.get_by_role("textbox", name="Who said it", exact=True).fill("A miner")
    quote.get_by_role("textbox", name="Who said it", exact=True).blur()
    quote.get_by_role("button", name="Add the quotation").click()
    expect(quote.get_by_role("button", name="Remove the quotation")).to_be_visible()
    idle(page)
    media = part(page, "Picture, sound or film")
    media.locator("input[type=file]").set_input_files(
        {"name": "plant.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    expect(media.get_by_text("That is taken out")).to_be_visible()
    media.get_by_role("textbox", name="What it shows or says, in words", exact=True).fill("The plant")
    media.get_by_role("textbox", name="Credit", exact=True).fill("Photo: A desk")
    media.get_by_role("textbox", name="Credit", exact=True).blur()
    media.get_by_role("button", name="Add to the step").click()
    expect(media.get_by_role("button", name="Remove")).to_be_visible()
    idle(page)
    sources = part(page, "Sources")
    box = sources.get_by_role("combobox", name="Add a source of the story")
    option = page.get_by_role("option", name="A report")
    for _ in range(10):
        # A rerun that was under way closes the list again.
        box.click()
        with contextlib.suppress(TooLate):
            option.click(timeout=3000)
            break
    sources.get_by_role("textbox", name="A report", exact=True).fill("page 4")
    sources.get_by_role("textbox", name="A report", exact=True).blur()
    expect(page.get_by_role("button", name="Undo: Change the sources of step 'The influx'")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Suggest from the map").click()
    expect(page.get_by_text("It shows: Town; Area.")).to_be_visible()
    assert axe(page) == []
    save(page)
    step = said(stories)["steps"][0]
    assert step["title"] == "The influx"
    assert step["date"] == "1964-11-02"
    assert step["quote"] == {"text": "We came by train.", "who": "A miner"}
    assert step["sources"] == [{"source": "report", "note": "page 4"}]
    with Image.open(stories / "a-story" / step["media"]["file"]) as picture:
        assert not picture.getexif().get_ifd(0x8825)
    page.goto(page.url.split("edit")[0] + "story/a-story/")
    text = page.locator("#one")
    for words in ("The influx", "2 November 1964", "We came by train.", "Photo: A desk"):
        expect(text.get_by_text(words).first).to_be_attached()
    expect(text.locator("em", has_text="houses")).to_be_attached()
    expect(text.get_by_alt_text("The plant")).to_be_attached()
