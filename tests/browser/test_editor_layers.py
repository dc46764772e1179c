"""Layers, as an editor puts them in order and draws them; the result in the folder and in the reader's page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from again import at_length
from browser.test_accessibility import axe
from editorpages import at_rest, faults, open_editor, saved
from layerplaces import LAYER_STORY

pytestmark = pytest.mark.xdist_group("app")

STORY = LAYER_STORY


@pytest.fixture
def app(run_app: Callable[..., Any], layered_stories: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("STORYMAP_STATE", str(layered_stories.parent / "state"))
    return run_app(layered_stories)


def done(page: Page, sentence: str) -> None:
    """Waits until the page offers to undo this."""
    expect(page.get_by_role("button", name=f"Undo: {sentence}")).to_be_visible()
    at_rest(page)


def choose(page: Page, label: str, option: str) -> None:
    """Chooses in a list, by typing."""
    field = page.get_by_role("combobox", name=label)
    field.click()
    page.get_by_role("option", name=option).first.click()
    at_rest(page)


def picture(page: Page, legend: str, name: str) -> Locator:
    """A picture of a choice, by the names of both."""
    return page.get_by_role("group", name=legend, exact=True).get_by_role("radio", name=name, exact=True)


def unfold(page: Page, legend: str) -> None:
    """Opens a choice of colours, by a key."""
    page.get_by_role("group", name=legend, exact=True).locator("summary").press("Enter")


def part(page: Page, name: str) -> None:
    page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).click()
    at_rest(page)


def list_of(page: Page) -> Locator:
    return page.get_by_role("list", name="Layers of this step, the topmost first")


@at_length
def test_an_editor_orders_styles_and_explains_layers(
    new_page: Callable[..., Page], app: Any, layered_stories: Path, complaints: list[str]
) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    open_editor(page, app.url, STORY, step="one", panel="Layers")
    titles = list_of(page).locator(".title")
    expect(titles).to_have_text(["Sites", "Road", "Land"])

    # Order, by keys and by dragging; hidden and back.
    list_of(page).get_by_role("button", name="Sites").first.focus()
    page.keyboard.press("Alt+ArrowDown")
    done(page, "Move layer 'sites' in step 'One'")
    expect(titles).to_have_text(["Road", "Sites", "Land"])
    rows = list_of(page).locator("li")
    rows.filter(has_text="Land").drag_to(rows.filter(has_text="Road"), target_position={"x": 60, "y": 4})
    done(page, "Move layer 'land' in step 'One'")
    expect(titles).to_have_text(["Land", "Road", "Sites"])
    page.get_by_role("button", name="Undo: Move layer 'land' in step 'One'").click()
    expect(titles).to_have_text(["Road", "Sites", "Land"])
    page.get_by_role("button", name="Hide in this step: Land").click()
    done(page, "Hide layer 'land' in step 'One'")
    expect(titles).to_have_text(["Road", "Sites"])

    # The road: a colour of the story everywhere, dashes in this step only.
    list_of(page).get_by_role("button", name="Road").first.click()
    expect(page.get_by_role("heading", name="Road")).to_be_visible()
    unfold(page, "Colour")
    picture(page, "Colour", "Leaf").check(force=True)
    done(page, "Change the colour of layer 'Road'")
    page.get_by_text("This step only: One").click()
    expect(page.locator(".st-key-field-layered-steps-one-show-road-style-dash_array-pictures")).to_be_visible()
    picture(page, "Dashes", "Dotted").check(force=True)
    done(page, "Change the dashes of layer 'Road' for step 'One' only")
    expect(page.get_by_text("Only in this step: dashes")).to_be_visible()
    assert axe(page, ".st-key-layers-panel") == []

    # The sites: by kind, one of them renamed and recoloured by keys; labels; legend.
    page.get_by_text("Whole story (1 step)").click()
    at_rest(page)
    list_of(page).get_by_role("button", name="Sites").first.click()
    expect(page.get_by_role("heading", name="Sites")).to_be_visible()
    page.get_by_text("Whole story (2 steps)").click()
    part(page, "By data")
    choose(page, "What the colour says", "Categories")
    done(page, "Colour layer 'Sites' by 'kind'")
    page.get_by_role("textbox", name="Name in the legend").fill("Mines")
    page.get_by_role("textbox", name="Name in the legend").press("Enter")
    done(page, "Change the name of 'mine' in layer 'Sites'")
    unfold(page, "Colour of “Mines”")
    picture(page, "Colour of “Mines”", "Ore").focus()
    page.keyboard.press("Space")
    done(page, "Change the colour of 'mine' in layer 'Sites'")
    part(page, "Labels")
    choose(page, "Type", "Quiet, small")
    done(page, "Change the label of layer 'Sites'")
    part(page, "Legend")
    page.get_by_role("textbox", name="Text in the legend").fill("What there is")
    page.get_by_role("textbox", name="Text in the legend").press("Enter")
    done(page, "Change the legend of layer 'Sites'")
    expect(page.get_by_role("list", name="Legend").first).to_contain_text("Mines")
    assert axe(page, ".st-key-layers-panel") == []

    # The colours, as all readers see them.
    part(page, "Colours")
    expect(page.get_by_role("table").get_by_text("Sites: Mines")).to_be_visible()
    assert axe(page, ".st-key-layers-panel") == []

    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.").first).to_be_visible()
    story = saved(layered_stories, STORY)
    layers = {layer["id"]: layer for layer in story["layers"]}
    assert layers["road"]["style"] == {"color": "leaf", "weight": 3}
    assert layers["sites"]["label"] == {"column": "name", "role": "quiet"}
    assert layers["sites"]["legend"] == "What there is"
    assert layers["sites"]["style"]["categories"]["mine"] == {"label": "Mines", "color": "ore"}
    assert story["steps"][0]["show"] == ["sites", {"layer": "road", "style": {"dash_array": "2 3"}}]
    assert story["steps"][1]["show"] == [
        "land",
        {"layer": "sites", "where": {"kind": "mine"}, "style": {"color": "#224466"}},
    ]

    reader = new_page(viewport={"width": 1280, "height": 800})
    reader.goto(f"{app.url}story/{STORY}/#one")
    reader.wait_for_function("() => window.storymap?.state?.() && !storymap.state().moving")
    state = reader.evaluate("storymap.state()")
    assert [one["id"] for one in state["layers"] if one["opacity"]] == ["sites", "road"]
    assert {"What there is", "Mines", "Road"} <= set(state["legend"])
    assert faults(complaints) == []
