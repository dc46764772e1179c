"""Two editors on one story, as they would work: nothing that either wrote is lost, and each is told what the other did."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from browser.reading import settled
from editorpages import SMALL, at_rest, enter, open_editor, saved, stories_folder

pytestmark = pytest.mark.xdist_group("editor")

DESK = {"width": 1280, "height": 800}
SHOTS = os.environ.get("STORYMAP_SHOTS")


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("safety")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORYMAP_STATE", str(folder / "state"))
        yield stories_folder(folder)


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/safe-{name}.png")


def accessible(page: Page) -> None:
    # Streamlit's own shell has no landmark around a page's content.
    findings = Axe().run(page, options={"rules": {"region": {"enabled": False}}, "iframes": False})
    assert findings.violations_count == 0, findings.generate_report()


def texts(stories: Path, key: str = "title") -> list[str]:
    return [step[key] for step in saved(stories)["steps"]]


def state(page: Page, words: str) -> None:
    expect(page.get_by_test_id("stSidebar").get_by_text(words)).to_be_visible()


def test_two_editors_and_a_server_that_dies(
    run_app: Callable[..., Any], stories: Path, new_page: Callable[..., Page]
) -> None:
    app = run_app(stories)
    anna, boris = (new_page(viewport=DESK, timezone_id="Asia/Almaty") for _ in range(2))
    open_editor(anna, app.url, step="one")
    state(anna, "Nothing to save")
    open_editor(boris, app.url, step="two")
    expect(anna.get_by_text("You have this story open in another tab")).to_be_visible()

    # Undo by name and by key; not while a text is typed, where the key is the field's own.
    enter(anna, "Title", "Uno")
    state(anna, "1 change, kept as a draft")
    expect(anna.get_by_role("button", name="Undo: Change the title of step 'Uno'")).to_be_visible()
    title = anna.get_by_label("Title", exact=True).first
    title.focus()
    anna.keyboard.press("Control+z")
    state(anna, "1 change, kept as a draft")
    anna.get_by_role("button", name="Save", exact=True).focus()
    anna.keyboard.press("Control+z")
    expect(title).to_have_value("One")
    anna.keyboard.press("Control+Shift+z")
    expect(title).to_have_value("Uno")
    shot(anna, "changed")
    accessible(anna)

    # Saved by key, from within a field: what was typed last is in it, and the cursor stays.
    alt = anna.get_by_label("What the map shows, in words").first
    alt.fill("Alt, typed.")
    anna.keyboard.press("Control+s")
    state(anna, "Saved ")
    assert (texts(stories), texts(stories, "alt")[0]) == (["Uno", "Two", "Three"], "Alt, typed.")
    assert anna.evaluate("document.activeElement.tagName") == "TEXTAREA"

    # The other is told, takes it over, and saves a change of another place.
    expect(boris.get_by_text("You, in another tab, saved")).to_be_visible()
    shot(boris, "news")
    boris.get_by_role("button", name="Take it over now").click()
    at_rest(boris)
    enter(boris, "Title", "Dos")
    boris.keyboard.press("Control+s")
    state(boris, "Saved ")
    assert texts(stories) == ["Uno", "Dos", "Three"]

    # Without taking it over: different places are put together by themselves, the same place is asked.
    enter(boris, "Text", "Second, by Boris.")
    boris.keyboard.press("Control+s")
    state(boris, "Saved ")
    anna.get_by_test_id("stSidebar").get_by_text("Dos").or_(anna.get_by_text("Two", exact=True)).first.wait_for()
    anna.get_by_role("button", name="Take it over now").click()
    at_rest(anna)
    anna.goto(f"{app.url}edit?story={SMALL}&step=two")
    at_rest(anna)
    enter(boris, "Title", "Deux")
    boris.keyboard.press("Control+s")
    state(boris, "Saved ")
    enter(anna, "Title", "Zwei")
    enter(anna, "Text", "Second, by Anna.")
    anna.keyboard.press("Control+s")
    expect(anna.get_by_role("heading", name="Decide what stands there")).to_be_visible()
    assert texts(stories) == ["Uno", "Deux", "Three"]
    shot(anna, "conflict")
    accessible(anna)
    settle = anna.get_by_role("button", name="Save with these decisions")
    expect(settle).to_be_disabled()
    anna.get_by_text("In other words").first.click()
    own = anna.get_by_label("Your words")
    own.fill("Zwei, deux")
    own.press("Tab")
    at_rest(anna)
    expect(settle).to_be_enabled()
    settle.click()
    state(anna, "Saved ")
    assert (texts(stories), texts(stories, "text")[1]) == (["Uno", "Zwei, deux", "Three"], "Second, by Anna.")
    reader = new_page()
    reader.goto(f"{app.url}story/{SMALL}/")
    expect(reader.locator("#two h2")).to_have_text("Zwei, deux")

    # The server dies in the midst of work; the tab comes back to another one, and the draft is offered.
    enter(anna, "Title", "Not saved yet")
    state(anna, "1 change, kept as a draft")
    app.process.send_signal(signal.SIGKILL)
    app.process.wait(timeout=20)
    app = run_app(stories)
    open_editor(anna, app.url, step="two")
    expect(anna.get_by_label("Title", exact=True).first).to_have_value("Zwei, deux")
    expect(anna.get_by_text("You left a draft")).to_be_visible()
    shot(anna, "draft")
    anna.get_by_role("button", name="Compare").click()
    expect(anna.get_by_role("dialog").get_by_role("table")).to_contain_text("Not saved yet")
    shot(anna, "draft-compared")
    anna.keyboard.press("Escape")
    anna.get_by_role("button", name="Take it up").click()
    expect(anna.get_by_label("Title", exact=True).first).to_have_value("Not saved yet")
    expect(anna.get_by_text("You left a draft")).to_have_count(0)


def test_earlier_versions_and_translations(
    run_app: Callable[..., Any], stories: Path, new_page: Callable[..., Page]
) -> None:
    app = run_app(stories)
    page = new_page(viewport=DESK, timezone_id="Asia/Almaty")
    open_editor(page, app.url, step="one")
    enter(page, "Title", "Changed once")
    page.keyboard.press("Control+s")
    state(page, "Saved ")
    enter(page, "Title", "Changed twice")
    page.keyboard.press("Control+s")
    at_rest(page)
    open_editor(page, app.url, step="one", panel="History")
    versions = page.locator("[class*=st-key-version]")
    assert versions.count() >= 3
    expect(versions.first).to_contain_text("Change the title of step 'Changed twice'")
    shot(page, "history")
    accessible(page)

    # Two versions as a reader would see them, at a step.
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
    expect(versions.first).to_be_visible()

    # Restored: a version itself, and unsaved work is a draft.
    enter(page, "Title", "Unsaved") if page.get_by_label("Title", exact=True).count() else None
    versions.nth(1).get_by_role("button", name="Restore").click()
    page.get_by_role("button", name="Restore version").click()
    expect(page.get_by_text("Restored.")).to_be_visible()
    assert texts(stories)[0] == "Changed once"
    expect(versions.first).to_contain_text("Restore version")

    # A language is added, and a text translated: readers get it once it is saved.
    open_editor(page, app.url, step="one", panel="Translations")
    page.get_by_role("button", name="Add a language").click()
    page.get_by_label("Which language").fill("Kaz")
    page.get_by_label("Which language").press("Enter")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("0 of ")).to_be_visible()
    expect(page.get_by_text("Missing").first).to_be_visible()
    field = page.get_by_label("Title, in Kazakh")
    field.fill("Бірінші")
    field.press("Enter")
    expect(page.get_by_text("1 of ")).to_be_visible()
    shot(page, "translations")
    accessible(page)
    page.get_by_role("button", name="Save", exact=True).click()
    state(page, "Saved ")
    reader = new_page()
    reader.goto(f"{app.url}story/{SMALL}/?lang=kk")
    expect(reader.locator("#one h2")).to_have_text("Бірінші")
