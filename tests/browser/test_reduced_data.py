"""Readers who save data: no picture is loaded before it is asked for, and nothing of the story is missing."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from browser.reading import STILL, compiled, files, open_story, settled, step

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | bytes]:
    folder = tmp_path_factory.mktemp("saving") / "story"
    folder.mkdir()
    picture = io.BytesIO()
    Image.new("RGB", (600, 400), "#8a5a3c").save(picture, "jpeg")
    (folder / "plant.jpg").write_bytes(picture.getvalue())
    media = {"file": "plant.jpg", "alt": "The plant in red evening light", "credit": "A desk"}
    steps = [step("one", [60, 40, 70, 50]), step("two", [66, 41, 74, 46], media=media)]
    return files(compiled(folder, {"title": "Saving", "steps": steps}))


def saving(page: Page) -> None:
    page.context.new_cdp_session(page).send("Emulation.setDataSaverOverride", {"dataSaverEnabled": True})


@pytest.mark.parametrize("saves", [True, False])
def test_a_picture_waits_until_it_is_asked_for(
    new_page: Open, serve: Callable[..., str], story: Any, complaints: list[str], saves: bool
) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, **STILL)
    if saves:
        saving(page)
    kilobytes = math.ceil(max(len(content) for name, content in story.items() if name.startswith("media/")) / 1000)
    loaded: list[str] = []
    page.on("request", lambda request: request.resource_type == "image" and loaded.append(request.url))
    open_story(page, serve(story), "one")
    page.evaluate("storymap.go('two')")
    settled(page, "two")
    picture = page.get_by_role("img", name="The plant in red evening light")
    button = page.get_by_role("button", name=f"Show the picture ({kilobytes} kB)")
    page.locator(".media figcaption").scroll_into_view_if_needed()
    if saves:
        page.wait_for_timeout(500)  # in which a lazy picture would have come
        assert loaded == []
        # What it shows is said meanwhile.
        expect(page.get_by_text("The plant in red evening light")).to_be_visible()
        assert Axe().run(page).response["violations"] == []
        button.focus()
        page.keyboard.press("Enter")
        expect(picture).to_be_focused()
    expect(picture).to_have_js_property("naturalWidth", 600)
    expect(picture).to_be_visible()
    expect(button).to_have_count(0)
    expect(page.get_by_text("The plant in red evening light")).to_have_count(0)
    assert len(loaded) == 1
    assert settled(page)["step"] == "two"
    assert complaints == []


def test_without_the_script_the_picture_is_there(new_page: Open, serve: Callable[..., str], story: Any) -> None:
    page = new_page(java_script_enabled=False)
    saving(page)
    page.goto(serve(story))
    picture = page.get_by_role("img", name="The plant in red evening light")
    picture.scroll_into_view_if_needed()
    expect(picture).to_be_visible()
