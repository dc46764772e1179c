"""Two editors on one story, as they would work: nothing that either wrote is lost, and each is told what the other did."""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from again import at_length
from browser.reading import settled
from editorpages import SMALL, at_rest, enter, open_editor, saved, stories_folder

pytestmark = pytest.mark.xdist_group("editor")

DESK: Any = {"viewport": {"width": 1280, "height": 800}, "timezone_id": "Asia/Almaty"}
SHOTS = os.environ.get("STORYMAP_SHOTS")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("safety")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORYMAP_STATE", str(folder / "state"))
        stories_folder(folder)
        yield folder


@pytest.fixture
def story(place: Path, request: pytest.FixtureRequest) -> str:
    """A story that nobody has ever edited."""
    name = request.node.name.replace("_", "-")
    shutil.copytree(place / "stories" / SMALL, place / "stories" / name)
    return name


@pytest.fixture(scope="module")
def app(run_app: Callable[..., Any], place: Path) -> Any:
    return run_app(place / "stories")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/safe-{name}.png")


def accessible(page: Page) -> None:
    # Streamlit's own shell has no landmark around a page's content.
    findings = Axe().run(page, options={"rules": {"region": {"enabled": False}}, "iframes": False})
    assert findings.violations_count == 0, findings.generate_report()


def texts(place: Path, story: str, key: str = "title") -> list[str]:
    return [step[key] for step in saved(place / "stories", story)["steps"]]


def state(page: Page, words: str) -> None:
    line = page.get_by_test_id("stSidebar").get_by_text(re.compile(f"^{words}"))
    expect(line).to_be_visible()


def title_of(page: Page) -> Locator:
    return page.get_by_label("Title", exact=True).first


def field(page: Page, story: str, step: str, key: str) -> Locator:
    return page.locator(f".st-key-field-{story}-steps-{step}-{key} textarea")


def save_by_key(page: Page) -> None:
    page.keyboard.press("Control+s")
    state(page, r"Saved \d")


def test_save_undo_and_redo_by_key(app: Any, place: Path, story: str, new_page: Callable[..., Page]) -> None:
    page = new_page(**DESK)
    open_editor(page, app.url, story, step="one")
    state(page, "Nothing to save")
    enter(page, "Title", "Uno")
    state(page, "1 change, kept as a draft")
    expect(page.get_by_role("button", name="Undo: Change the title of step 'Uno'")).to_be_visible()
    # While a text is typed, the keys are the field's own.
    title_of(page).press_sequentially("x")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Undo: Change the title of step 'Uno'")).to_be_visible()
    enter(page, "Title", "Uno")
    page.get_by_role("button", name="Save", exact=True).focus()
    page.keyboard.press("Control+z")
    expect(title_of(page)).to_have_value("One")
    page.keyboard.press("Control+Shift+z")
    expect(title_of(page)).to_have_value("Uno")
    page.keyboard.press("Control+z")
    expect(title_of(page)).to_have_value("One")
    page.keyboard.press("Control+y")
    expect(title_of(page)).to_have_value("Uno")
    shot(page, "changed")
    accessible(page)
    # From within a field: what was typed last is saved with it, and the cursor stays where it is.
    field(page, story, "one", "alt").fill("Alt, typed.")
    save_by_key(page)
    assert (texts(place, story), texts(place, story, "alt")[0]) == (["Uno", "Two", "Three"], "Alt, typed.")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"


@at_length
def test_two_editors_on_one_story(app: Any, place: Path, story: str, new_page: Callable[..., Page]) -> None:
    anna, boris = new_page(**DESK), new_page(**DESK)
    open_editor(anna, app.url, story, step="two")
    open_editor(boris, app.url, story, step="one")
    expect(anna.get_by_text("You have this story open in another tab")).to_be_visible()
    # The other is told what was saved, and takes it over.
    enter(boris, "Title", "Uno")
    save_by_key(boris)
    expect(anna.get_by_text("You, in another tab, saved: Change the title of step 'Uno'")).to_be_visible()
    shot(anna, "news")
    anna.get_by_role("button", name="Take it over now").click()
    expect(anna.get_by_role("button", name="Take it over now")).to_have_count(0)
    expect(anna.get_by_test_id("stSidebar").get_by_text("Uno")).to_be_visible()
    # Different places are put together by themselves; the same place is asked.
    open_editor(boris, app.url, story, step="two")
    enter(boris, "Title", "Deux")
    save_by_key(boris)
    enter(anna, "Title", "Zwei")
    field(anna, story, "two", "text").fill("Second, by Anna.")
    anna.keyboard.press("Control+s")
    expect(anna.get_by_role("heading", name="Decide what stands there")).to_be_visible()
    assert texts(place, story) == ["Uno", "Deux", "Three"]
    expect(anna.get_by_role("table")).to_contain_text("Deux")
    shot(anna, "conflict")
    accessible(anna)
    settle = anna.get_by_role("button", name="Save with these decisions")
    expect(settle).to_be_disabled()
    anna.get_by_role("radio", name="In other words").check(force=True)
    own = anna.get_by_label("Your words")
    own.fill("Zwei, deux")
    own.press("Tab")
    expect(settle).to_be_enabled()
    settle.click()
    state(anna, r"Saved \d")
    assert (texts(place, story), texts(place, story, "text")[1]) == (["Uno", "Zwei, deux", "Three"], "Second, by Anna.")
    reader = new_page()
    reader.goto(f"{app.url}story/{story}/")
    expect(reader.locator("#two h2")).to_have_text("Zwei, deux")


def test_a_server_that_dies_loses_nothing(
    run_app: Callable[..., Any], place: Path, story: str, new_page: Callable[..., Page]
) -> None:
    app = run_app(place / "stories")
    page = new_page(**DESK)
    open_editor(page, app.url, story, step="two")
    enter(page, "Title", "Not saved yet")
    state(page, "1 change, kept as a draft")
    # Loaded anew, the tab finds its own draft at once.
    open_editor(page, app.url, story, step="two")
    expect(page.get_by_text("You left a draft")).to_be_visible()
    app.process.send_signal(signal.SIGKILL)
    app.process.wait(timeout=20)
    app = run_app(place / "stories")
    open_editor(page, app.url, story, step="two")
    expect(title_of(page)).to_have_value("Two")
    expect(page.get_by_text("You left a draft")).to_be_visible()
    shot(page, "draft")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("dialog").get_by_role("table")).to_contain_text("Not saved yet")
    shot(page, "draft-compared")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Take it up").click()
    expect(title_of(page)).to_have_value("Not saved yet")
    expect(page.get_by_text("You left a draft")).to_have_count(0)


@at_length
def test_earlier_versions_are_compared_and_restored(
    app: Any, place: Path, story: str, new_page: Callable[..., Page]
) -> None:
    page = new_page(**DESK)
    open_editor(page, app.url, story, step="one")
    for text in ("Changed once", "Changed twice"):
        enter(page, "Title", text)
        expect(page.get_by_role("button", name=f"Undo: Change the title of step '{text}'")).to_be_visible()
        expect(page.get_by_role("button", name="Save", exact=True)).to_be_enabled()
        page.keyboard.press("Control+s")
        expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    open_editor(page, app.url, story, step="one", panel="History")
    expect(page.get_by_text("in another tab")).to_have_count(0)
    versions = page.locator("[class*=st-key-version]")
    expect(versions.first).to_contain_text("Change the title of step 'Changed twice'")
    expect(versions).to_have_count(3)
    shot(page, "history")
    accessible(page)
    # As a reader would see them, at a step.
    versions.nth(1).get_by_role("button", name="Compare").click()
    frames = [page.frame_locator("iframe[data-testid=stIFrame]").nth(number) for number in range(2)]
    expect(frames[0].locator("#one h2")).to_have_text("Changed once")
    expect(frames[1].locator("#one h2")).to_have_text("Changed twice")
    handle = page.locator("iframe[data-testid=stIFrame]").first.element_handle()
    shown = handle.content_frame() if handle else None
    assert shown is not None and settled(shown)["step"] == "one"
    expect(page.get_by_role("table")).to_contain_text("Changed once")
    shot(page, "compared")
    accessible(page)
    page.get_by_role("button", name="Back to the list").click()
    # Restored: a version itself.
    versions.nth(1).get_by_role("button", name="Restore").click()
    page.get_by_role("button", name="Restore version").click()
    expect(page.get_by_text("Restored.")).to_be_visible()
    assert texts(place, story)[0] == "Changed once"
    expect(versions.first).to_contain_text("Restore version")


@at_length
def test_a_translation_is_added_beside_the_original(
    app: Any, place: Path, story: str, new_page: Callable[..., Page]
) -> None:
    page = new_page(**DESK)
    open_editor(page, app.url, story, step="one", panel="Translations")
    page.get_by_role("button", name="Add a language").click()
    page.get_by_label("Which language").fill("Kaz")
    page.get_by_label("Which language").press("Enter")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("0 of ")).to_be_visible()
    expect(page.get_by_text("Missing").first).to_be_visible()
    page.keyboard.press("Escape")
    shot(page, "translations")
    field = page.get_by_label("Title, in Kazakh")
    field.fill("Бірінші")
    field.press("Enter")
    expect(page.get_by_text("1 of ")).to_be_visible()
    shot(page, "translated")
    accessible(page)
    page.get_by_role("button", name="Save", exact=True).click()
    state(page, r"Saved \d")
    reader = new_page()
    reader.goto(f"{app.url}story/{story}/?lang=kk")
    expect(reader.locator("#one h2")).to_have_text("Бірінші")


@at_length
def test_what_is_being_typed_is_kept_when_the_typing_pauses(
    app: Any, story: str, new_page: Callable[..., Page]
) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    open_editor(page, app.url, story, step="one")
    text = page.get_by_role("textbox", name="Text", exact=True)
    text.press("End")
    text.press_sequentially(" It goes on ")
    state(page, "1 change, kept as a draft")
    # The cursor is still there, and so is the space that a text of the story would not end with.
    at_rest(page)
    text.press_sequentially("and on ")
    expect(text).to_have_value("First. It goes on and on ")
    page.wait_for_timeout(2000)  # the pause itself
    at_rest(page)
    expect(text).to_be_focused()
    expect(text).to_have_value("First. It goes on and on ")
    # One edit, however often the typing paused.
    state(page, "1 change, kept as a draft")
    asked: list[str] = []

    def leave(page: Page) -> None:
        page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        with page.expect_event("close"):
            page.close(run_before_unload=True)

    text.press_sequentially("and on")
    leave(page)
    assert asked == ["beforeunload"]
    page = new_page(viewport={"width": 1280, "height": 800})
    open_editor(page, app.url, story, step="one")
    page.get_by_role("button", name="Take it up").click()
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_have_value(re.compile("^First. It goes on and on"))
    # What has been entered asks nothing.
    at_rest(page)
    leave(page)
    assert asked == ["beforeunload"]
