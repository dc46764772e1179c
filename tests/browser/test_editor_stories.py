"""The page of stories as an editor uses it: with the keyboard, and in the folder and at the addresses what comes of it."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from again import at_length
from editorpages import at_rest, enter, faults, open_editor, stories_folder
from storyfolder import contents
from storymap import load
from storymap.storyfolders import is_archived

pytestmark = pytest.mark.xdist_group("app")

FIXTURES = Path(__file__).resolve().parents[1] / "incoming"
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    os.environ["STORYMAP_STATE"] = str(tmp_path_factory.mktemp("state"))
    return stories_folder(tmp_path_factory.mktemp("here"))


@pytest.fixture(scope="module")
def app(run_app: Callable[..., Any], stories: Path) -> Any:
    return run_app(stories)


def press(page: Page, key: str) -> None:
    """By keyboard."""
    button = page.locator(f".st-key-{key} button")
    button.focus()
    page.keyboard.press("Enter")
    at_rest(page)


def check(page: Page) -> None:
    """No accessibility findings, and nothing wider than the window."""
    # What is being replaced is faded meanwhile.
    page.wait_for_function(
        "() => !document.querySelector('[data-stale=true]')"
        " && document.getAnimations().every((one) => one.playState !== 'running'"
        " || one.effect.getTiming().iterations === Infinity)"
    )
    # How Streamlit's uploader is made is not ours to change.
    options = {"rules": {"presentation-role-conflict": {"enabled": False}}}
    found = Axe().run(page, options=options).response["violations"]
    assert not found, [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


@at_length
def test_a_story_is_begun_renamed_packed_put_away_and_brought_back(
    app: Any, stories: Path, new_page: Open, ask: Callable[..., Any], complaints: list[str]
) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{app.url}edit")
    expect(page.locator("img.still")).to_have_count(1)
    at_rest(page)
    expect(page.locator("img.still")).to_have_js_property("naturalWidth", 900)
    check(page)

    press(page, "new-story")
    check(page)
    page.get_by_text("Places", exact=True).click()
    page.get_by_label("Title", exact=True).fill("Four towns")
    page.keyboard.press("Enter")
    at_rest(page)
    press(page, "begin-go")
    page.wait_for_url("**story=four-towns*")
    expect(page).to_have_title("Four towns · Edit")
    at_rest(page)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Reader’s page").click()
    opened.value.wait_for_url(re.compile(r"/story/four-towns/#.+"))
    expect(opened.value).to_have_title(re.compile("^Four towns"))
    press(page, "to-the-stories")
    expect(page).to_have_title("Stories · Edit")
    expect(page.locator(".st-key-story-four-towns").get_by_role("link")).to_have_attribute("target", "_blank")
    assert load(stories / "four-towns").title == "Four towns"
    assert ask(f"{app.url}story/four-towns/").status == 200

    page.goto(f"{app.url}edit")
    press(page, "duplicate-a-story")
    press(page, "go-duplicate-a-story")
    expect(page.locator(".st-key-story-a-story-copy")).to_contain_text("A story (copy)")
    press(page, "rename-a-story-copy")
    check(page)
    page.locator(".st-key-story-a-story-copy").get_by_role("textbox", name="Name in addresses", exact=True).fill(
        "renamed"
    )
    page.keyboard.press("Tab")
    press(page, "go-rename-a-story-copy")
    expect(page.locator(".st-key-story-renamed")).to_be_visible()
    answer = ask(f"{app.url}story/a-story-copy/")
    assert (answer.status, answer.headers["location"]) == (308, "../renamed/")
    reader = new_page()
    reader.goto(f"{app.url}?story=a-story-copy")
    expect(reader.frame_locator("iframe").locator("h1").first).to_contain_text("A story (copy)")

    at_rest(page)
    with page.expect_download() as download:
        page.locator(".st-key-story-renamed").get_by_role("button", name="Export", exact=True).click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as packed:
        names = {name: packed.read(name) for name in packed.namelist()}
    assert names == {f"renamed/{name}": data for name, data in contents(stories / "renamed").items()}

    press(page, "archive-renamed")
    press(page, "go-archive-renamed")
    expect(page.locator(".st-key-archived-renamed")).to_be_visible()
    assert is_archived(stories / "renamed") and ask(f"{app.url}story/renamed/").status == 410
    check(page)
    press(page, "back-renamed")
    expect(page.locator(".st-key-story-renamed")).to_be_visible()
    assert ask(f"{app.url}story/renamed/").status == 200
    assert not faults(complaints) and not app.left_machine()


@at_length
def test_a_story_of_another_program_is_imported_on_a_phone(
    app: Any, stories: Path, new_page: Open, ask: Callable[..., Any], complaints: list[str]
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{app.url}edit")
    at_rest(page)
    check(page)
    press(page, "import-story")
    page.locator("input[type=file]").set_input_files([FIXTURES / "storymapjs.json"])
    expect(page.get_by_text("This is an export of StoryMapJS.")).to_be_visible()
    at_rest(page)
    check(page)
    press(page, "begin-go")
    expect(page.locator(".st-key-story-the-road-of-salt")).to_be_visible()
    expect(page.locator(".st-key-story-the-road-of-salt .st-key-stories-report")).to_contain_text("was not fetched")
    expect(page.get_by_role("status").filter(has_text="“The road of salt” was imported")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Edit the new story")).to_be_focused()
    # The picture of the new story is drawn meanwhile, and the page made anew with it.
    expect(page.locator(".st-key-story-the-road-of-salt img.still")).to_have_count(1)
    at_rest(page)
    expect(page.get_by_role("button", name="Edit the new story")).to_be_focused()
    expect(page.get_by_text("was imported")).to_have_count(1)
    check(page)
    assert ask(f"{app.url}story/the-road-of-salt/").status == 200
    assert (stories / "the-road-of-salt" / "IMPORT.md").is_file()
    assert not faults(complaints) and not app.left_machine()


def test_a_story_that_was_broken_by_hand_is_brought_back(
    app: Any, stories: Path, new_page: Open, complaints: list[str]
) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    open_editor(page, app.url)
    enter(page, "Title", "Kept as a draft")
    expect(page.get_by_text("1 change, kept as a draft")).to_be_visible()
    path = stories / "a-story" / "story.yaml"
    good = path.read_bytes()
    path.write_bytes(good + b"oops: [1,,2]\n")
    page.reload()
    expect(page.get_by_text("can not be opened")).to_be_visible()
    # The tab of before lets go of its draft as soon as the server knows that it is closed.
    expect(page.get_by_text("Your draft is kept")).to_be_visible()
    at_rest(page)
    check(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download your version").click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as packed:
        assert b"Kept as a draft" in packed.read("a-story/story.yaml")
    page.get_by_role("button", name="Bring back the story that it began with").click()
    expect(page.get_by_text("Restored.")).to_be_visible()
    assert path.read_bytes() == good
    expect(page.get_by_text("You left a draft")).to_be_visible()
    assert not faults(complaints) and not app.left_machine()
