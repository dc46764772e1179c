"""Exploring the map: gestures on, facts as plain text, and the way back to the step as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from again import again
from browser.expectation import check_state, expected
from browser.reading import (
    SCREENS,
    STILL,
    compiled,
    files,
    frames,
    lasting,
    layer,
    opener,
    read_on,
    settled,
    step,
    step_ids,
    zhanatas,
)

Open = Callable[..., Page]


@pytest.fixture
def story(new_page: Open, serve: Callable[..., str], complaints: list[str]) -> Iterator[Open]:
    yield opener(new_page, serve(files(zhanatas())))
    assert complaints == []


def explore(page: Page) -> dict[str, Any]:
    page.click(".explore-button")
    page.wait_for_function("() => storymap.state().exploring")
    frames(page)
    return settled(page)


def back(page: Page, step: str) -> dict[str, Any]:
    page.wait_for_function("() => !storymap.state().exploring")
    frames(page)
    return settled(page, step)


@pytest.mark.parametrize("screen", again(SCREENS))
def test_the_wheel_zooms_and_a_drag_moves_and_the_way_back_restores_the_step(story: Open, screen: str) -> None:
    page = story(screen, **STILL)
    read_on(page, 3)
    name = step_ids()[3]
    before, place = settled(page, name), page.evaluate("scrollY")
    for way_back in ("button", "Escape"):
        began = explore(page)
        assert page.get_attribute(".explore-button", "aria-pressed") == "true"
        width, height = began["size"]
        page.mouse.move(width / 2, height / 2)
        page.mouse.wheel(0, -240)
        page.wait_for_function("zoom => storymap.state().camera.zoom > zoom + 0.2", arg=began["camera"]["zoom"])
        zoomed = settled(page)
        page.mouse.down()
        page.mouse.move(width / 2 - 80, height / 2 - 30, steps=6)
        page.mouse.up()
        page.wait_for_function("lon => storymap.state().camera.center[0] > lon", arg=zoomed["camera"]["center"][0])
        assert settled(page)["step"] == name
        assert page.evaluate("scrollY") == place, "the page does not scroll under the map"
        if way_back == "button":
            page.click(".explore-button")
        else:
            page.keyboard.press("Escape")
        after = back(page, name)
        assert lasting(after) == lasting(before)
        check_state(page, after, name)
        assert page.get_attribute(".explore-button", "aria-pressed") == "false"
    page.mouse.move(width - 60, 200)
    page.mouse.wheel(0, 50)
    page.wait_for_function("place => scrollY > place", arg=place)


@pytest.mark.parametrize("screen", again(SCREENS))
def test_who_explores_stays_on_one_world(story: Open, screen: str) -> None:
    page = story(screen, f"#{step_ids()[6]}", **STILL)
    width, height = explore(page)["size"]
    page.mouse.move(width / 2, height / 2)
    for _ in range(12):
        page.mouse.wheel(0, 400)
        frames(page, 20)
    zoom = settled(page)["camera"]["zoom"]
    assert 256 * 2**zoom == pytest.approx(max(width, height), rel=0.01), "one world fills the map, and no more of them"
    for way in (1, -1):
        for _ in range(3):
            page.mouse.move(width / 2, height / 2)
            page.mouse.down()
            page.mouse.move(width / 2, height / 2 + way * (height / 2 - 20), steps=6)
            page.mouse.up()
            frames(page, 20)
        _, south, _, north = settled(page)["camera"]["bounds"]
        assert -85.2 < south < north < 85.2
    page.keyboard.press("Escape")
    check_state(page, back(page, step_ids()[6]), step_ids()[6])


def test_a_finger_moves_the_map_while_exploring(story: Open) -> None:
    page = story("phone", has_touch=True, is_mobile=True, **STILL)
    state, place = explore(page), page.evaluate("scrollY")
    client = page.context.new_cdp_session(page)
    client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": 200, "y": 400}]})
    for moved in range(10, 101, 10):
        client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": 200, "y": 400 - moved}]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("lat => storymap.state().camera.center[1] < lat - 0.1", arg=state["camera"]["center"][1])
    assert page.evaluate("scrollY") == place


def test_the_facts_of_a_place(story: Open) -> None:
    name = step_ids()[1]
    page = story("desktop", f"#{name}", **STILL)
    state = explore(page)
    spot = next(one["box"] for one in state["mustSee"] if one["ref"] == "town/zhanatas")
    page.mouse.move(spot[0], spot[1])
    assert page.evaluate("getComputedStyle(document.querySelector('.map')).cursor") == "pointer"
    page.mouse.click(spot[0], spot[1])
    rows = page.eval_on_selector_all(".facts dt, .facts dd", "all => all.map((one) => one.textContent)")
    drawn = next(part for part in expected(name)._drawables("town"))
    tip = next(shape.tip for shape in drawn.shapes if shape.key == "zhanatas")
    assert rows == [text for row in tip for text in row]
    assert page.inner_text(".facts-layer") == drawn.title
    page.click(".leaflet-popup-close-button")
    page.wait_for_selector(".facts", state="detached")
    assert settled(page)["exploring"], "closing the facts is not leaving the map"
    page.mouse.click(spot[0], spot[1])
    page.wait_for_selector(".facts")
    page.click(".explore-button")
    assert settled(page, name)["exploring"] is False
    assert page.query_selector(".facts") is None


def test_no_facts_where_nothing_is_told_and_none_while_reading(story: Open) -> None:
    name = step_ids()[1]
    page = story("desktop", f"#{name}", **STILL)
    spot = next(one["box"] for one in settled(page)["mustSee"] if one["ref"] == "town/zhanatas")
    page.mouse.click(spot[0], spot[1])
    frames(page)
    assert page.query_selector(".facts") is None
    assert settled(page)["exploring"] is False
    explore(page)
    page.mouse.click(700, 30)
    frames(page)
    assert page.query_selector(".facts") is None


def test_a_step_reached_while_exploring_ends_it(story: Open) -> None:
    page = story("desktop", **STILL)
    explore(page)
    page.evaluate("step => storymap.go(step)", step_ids()[5])
    state = settled(page, step_ids()[5])
    assert state["exploring"] is False
    check_state(page, state, step_ids()[5])


def test_turning_the_phone_keeps_what_is_explored(story: Open) -> None:
    page = story("phone", f"#{step_ids()[1]}", **STILL)
    began = explore(page)
    page.mouse.move(200, 300)
    page.mouse.wheel(0, -240)
    page.wait_for_function("zoom => storymap.state().camera.zoom > zoom + 0.2", arg=began["camera"]["zoom"])
    page.mouse.down()
    page.mouse.move(90, 260, steps=6)
    page.mouse.up()
    frames(page, 30)
    before = settled(page)
    page.set_viewport_size({"width": 844, "height": 390})
    page.wait_for_function("() => storymap.state().size[0] === 844")
    frames(page)
    after = settled(page)
    assert after["exploring"]
    assert after["camera"]["zoom"] == pytest.approx(before["camera"]["zoom"], abs=0.01)
    assert after["camera"]["center"] == pytest.approx(before["camera"]["center"], abs=0.02)
    page.keyboard.press("Escape")
    state = back(page, step_ids()[1])
    assert state["size"] == [844, 390]


# With the keyboard


@pytest.fixture
def fields(new_page: Open, serve: Callable[..., str], tmp_path: Path, complaints: list[str]) -> Iterator[Open]:
    """A story with an area that has facts, under the middle of the map."""
    square = [[[55, 35], [85, 35], [85, 52], [55, 52], [55, 35]]]
    story = {
        "title": "Fields",
        "layers": [layer("fields", tooltip=["name", "size"], title="The fields", style={"fill_color": "accent"})],
        "steps": [step(name, [60, 40, 80, 48], show=["fields"]) for name in ("one", "two")],
    }
    document = compiled(tmp_path / "fields", story, fields=[("Polygon", square, {"name": "A field", "size": 7})])
    yield opener(new_page, serve(files(document)))
    assert complaints == []


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.className || document.activeElement.tagName")


def test_exploring_by_keyboard(fields: Open) -> None:
    page = fields("desktop", **STILL)
    page.focus(".explore-button")
    page.keyboard.press("Enter")
    state = settled(page)
    assert state["exploring"]
    assert page.evaluate("document.activeElement.id === document.querySelector('.map').id"), focused(page)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("lon => storymap.state().camera.center[0] > lon + 0.1", arg=state["camera"]["center"][0])
    page.keyboard.press("+")
    page.wait_for_function("zoom => storymap.state().camera.zoom > zoom + 0.2", arg=state["camera"]["zoom"])
    assert settled(page)["step"] == "one", "the arrows move the map, not the story"
    page.keyboard.press("Enter")
    page.wait_for_selector(".facts")
    assert page.eval_on_selector_all(".facts dd", "all => all.map((one) => one.textContent)") == ["A field", "7"]
    assert page.evaluate("document.querySelector('.stage').contains(document.activeElement)"), focused(page)
    for _ in range(3):
        page.keyboard.press("Escape")
        if page.evaluate("!storymap.state().exploring"):
            break
    back(page, "one")
    assert focused(page) == "explore-button"


def test_focus_stays_with_what_is_seen_while_exploring(fields: Open) -> None:
    page = fields("desktop", **STILL)
    page.focus(".explore-button")
    page.keyboard.press("Enter")
    settled(page)
    seen = []
    for _ in range(8):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                """() => {
                    const one = document.activeElement;
                    if (one === document.body) return 'the browser';
                    const box = one.getBoundingClientRect();
                    const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                    return over && (one.contains(over) || over.contains(one)) ? 'seen' : one.outerHTML.slice(0, 80);
                }"""
            )
        )
    assert set(seen) <= {"seen", "the browser"}, seen
    assert "seen" in seen
