"""Reading the story: every way to a step shows what the step says, and nothing traps the reader."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page

from again import again, at_length
from browser.expectation import check_free, check_pixels, check_state, noting
from browser.reading import (
    SCREENS,
    STILL,
    compiled,
    files,
    frames,
    lasting,
    layer,
    open_story,
    opener,
    read_on,
    settled,
    step_ids,
    turn_wheel,
    zhanatas,
)
from browser.reading import (
    step as bare_step,
)

Open = Callable[..., Page]


@pytest.fixture
def address(serve: Callable[..., str]) -> str:
    return serve(files(zhanatas()))


@pytest.fixture
def story(new_page: Callable[..., Page], address: str, complaints: list[str]) -> Iterator[Open]:
    yield opener(new_page, address)
    assert complaints == []


# Every way to a step


@pytest.mark.parametrize(
    ("screen", "options"), again([("phone", STILL), ("desktop", STILL), ("tablet", STILL), ("desktop", {})])
)
def test_scrolling_shows_each_step_as_the_story_has_it(story: Open, screen: str, options: dict[str, Any]) -> None:
    # Flights take their time, and how they move is tested elsewhere.
    page = story(screen, **options)
    width, height = SCREENS[screen]["width"], SCREENS[screen]["height"]
    faults: list[str] = []
    for index, step in enumerate(step_ids()):
        # Over the map and over the text in turn.
        page.mouse.move(width - 60 if index % 2 else 60, height * 0.3 if index % 2 else height * 0.7)
        read_on(page, index)
        state = settled(page, step)
        for check in (check_state, check_free, check_pixels):
            with noting(faults):
                check(page, state, step)
    assert not faults, "\n".join(faults)


def by_key(page: Page, index: int) -> None:
    page.keyboard.press("ArrowRight")


def by_key_back(page: Page, index: int) -> None:
    page.keyboard.press("ArrowLeft")


def by_button(page: Page, index: int) -> None:
    page.click(".next")


def by_button_back(page: Page, index: int) -> None:
    page.click(".back")


def by_list(page: Page, index: int) -> None:
    page.click(".contents > summary")
    page.click(f".contents a[href='#{step_ids()[index]}']")


def by_address(page: Page, index: int) -> None:
    page.evaluate("id => { location.hash = id; }", step_ids()[index])


def by_script(page: Page, index: int) -> None:
    page.evaluate("step => storymap.go(step)", step_ids()[index] if index % 2 else index)


FORWARD = [
    ("desktop", by_key),
    ("desktop", by_address),
    ("phone", by_button),
    ("phone", by_list),
    ("phone", by_script),
    ("desktop", by_list),
    ("tablet", by_button),
    ("tablet", by_list),
    ("phone", by_key),
]
BACKWARD = (by_key_back, by_button_back, by_list)


@pytest.mark.parametrize(("screen", "means"), again(FORWARD, keep=3))
def test_each_means_leads_to_each_step(story: Open, screen: str, means: Callable[[Page, int], None]) -> None:
    page = story(screen, **STILL)
    faults: list[str] = []
    for index, step in enumerate(step_ids()):
        if index:
            means(page, index)
        state = settled(page, step)
        for check in (check_state, check_free):
            with noting(faults):
                check(page, state, step)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("means", again(BACKWARD))
def test_each_means_leads_back_to_the_start(story: Open, means: Callable[[Page, int], None]) -> None:
    page = story("phone", f"#{step_ids()[7]}", **STILL)
    for index, step in reversed(list(enumerate(step_ids()[:7]))):
        means(page, index)
        check_state(page, settled(page, step), step)


def test_home_and_end_and_the_ends_of_the_story(story: Open) -> None:
    page = story("desktop", **STILL)
    first, last = step_ids()[0], step_ids()[-1]
    page.keyboard.press("End")
    check_state(page, settled(page, last), last)
    assert page.is_disabled(".next") or page.get_attribute(".next", "aria-disabled") == "true"
    page.keyboard.press("ArrowRight")
    assert settled(page)["step"] == last
    page.keyboard.press("Home")
    check_state(page, settled(page, first), first)
    assert page.evaluate("scrollY") == 0
    assert page.is_disabled(".back") or page.get_attribute(".back", "aria-disabled") == "true"
    page.keyboard.press("ArrowLeft")
    assert settled(page)["step"] == first


LAST_LINE = """() => {
    // The lowest text of the current card that the window shows, and where its upper edge is.
    const words = document.querySelector('.step.current .words');
    const range = document.createRange();
    range.selectNodeContents(words);
    const lines = [...range.getClientRects()].filter((box) => box.height && box.bottom <= innerHeight);
    return Math.max(...lines.map((box) => box.top)) + scrollY;
}"""


@pytest.mark.parametrize("screen", ["phone", "desktop"])
def test_page_down_reads_a_long_card_to_its_end_and_then_steps(story: Open, screen: str) -> None:
    page = story(screen, f"#{step_ids()[4]}", **STILL)
    page.evaluate("document.querySelectorAll('.sources').forEach((one) => { one.open = true; })")
    page.evaluate("id => storymap.go(id)", step_ids()[4])
    settled(page, step_ids()[4])
    read: list[float] = []
    for _ in range(12):
        line, before = page.evaluate(LAST_LINE), page.evaluate("scrollY")
        bottom = page.evaluate(
            "document.querySelector('.step.current .card').getBoundingClientRect().bottom - innerHeight"
        )
        page.keyboard.press("PageDown")
        page.wait_for_function("before => scrollY > before", arg=before)
        frames(page)
        state = settled(page)
        if state["step"] != step_ids()[4]:
            assert bottom <= 4, "stepped although the card had more to read"
            break
        read.append(page.evaluate("scrollY"))
        top = page.evaluate(
            "() => { const stage = document.querySelector('.stage').getBoundingClientRect();"
            " return (stage.height < innerHeight * 0.75 ? stage.bottom : 0) + scrollY; }"
        )
        assert line >= top - 1, "Page Down left out a part of the text"
    assert settled(page)["step"] == step_ids()[5]
    page.keyboard.press("PageUp")
    page.wait_for_function("most => scrollY < most", arg=page.evaluate("scrollY") + 1)


def test_the_arrows_up_and_down_and_space_scroll_as_everywhere(story: Open) -> None:
    page = story("desktop", **STILL)
    for key in ("ArrowDown", "Space", "PageDown"):
        before = page.evaluate("scrollY")
        page.keyboard.press(key)
        page.wait_for_function("before => scrollY > before", arg=before)


def test_keys_with_modifiers_and_in_players_are_left_alone(story: Open) -> None:
    page = story("desktop", **STILL)
    for key in ("Alt+ArrowRight", "Control+End", "Shift+ArrowRight", "Meta+ArrowRight"):
        assert page.evaluate(
            """(key) => {
                const [modifier, name] = key.split('+');
                const event = new KeyboardEvent('keydown', {key: name, bubbles: true, cancelable: true,
                    [{Alt: 'altKey', Control: 'ctrlKey', Shift: 'shiftKey', Meta: 'metaKey'}[modifier]]: true});
                return document.body.dispatchEvent(event);
            }""",
            key,
        ), f"{key} is the browser's"
    assert settled(page)["step"] == step_ids()[0]


# Links and history


LINKS = [("desktop", "#{}"), ("phone", "?step={}"), ("desktop", "?lang=en&step={}"), ("phone", "?step=nowhere#{}")]


@pytest.mark.parametrize(("screen", "link"), again(LINKS))
def test_deep_links(story: Open, screen: str, link: str) -> None:
    page = story(screen, link.format(step_ids()[6]))
    for step in (step_ids()[6], step_ids()[-1]):
        open_story(page, page.url.split("#")[0].split("?")[0] + link.format(step), step)
        page.reload()
        page.wait_for_load_state("load")
        frames(page)
        check_state(page, settled(page, step), step)
        heading = page.evaluate("id => document.querySelector(`#${id} h2`).getBoundingClientRect().top", step)
        assert 0 < heading < SCREENS[screen]["height"]


@at_length
def test_a_link_to_no_step_starts_at_the_first(story: Open, address: str) -> None:
    page = story("phone", **STILL)
    for link in ("#nowhere", "?step=nowhere", "#%", "?step=%E0%A4%A", "#__proto__", "#storymap-data"):
        page.goto("about:blank")
        assert open_story(page, address + link)["step"] == step_ids()[0], link


@at_length
def test_reading_adds_nothing_to_the_history_and_back_leaves_at_once(
    story: Open, new_page: Callable[..., Page], address: str, serve: Callable[..., str]
) -> None:
    before = serve({"index.html": "<!doctype html><title>Before</title><link rel=icon href='data:,'>"})
    page = new_page(viewport=SCREENS["desktop"], **STILL)
    page.goto(before)
    open_story(page, address)
    length = page.evaluate("history.length")
    for means in (by_key, by_button, by_list, by_script):
        index = settled(page)["index"] + 1
        means(page, index)
        settled(page, step_ids()[index])
    for index in range(5, len(step_ids())):
        read_on(page, index)
        settled(page, step_ids()[index])
    assert page.evaluate("history.length") == length
    assert page.url.endswith(f"#{step_ids()[-1]}")
    page.go_back()
    assert page.url == before
    page.go_forward()
    assert settled(page)["step"] == step_ids()[-1]


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_reload_stays_where_the_reader_was(story: Open, screen: str) -> None:
    page = story(screen, **STILL)
    page.evaluate("step => storymap.go(step)", step_ids()[7])
    settled(page, step_ids()[7])
    turn_wheel(page, 60)
    state, place = settled(page), page.evaluate("scrollY")
    page.reload()
    again = settled(page, step_ids()[7])
    page.wait_for_function("place => Math.abs(scrollY - place) <= 1", arg=place)
    assert lasting(again) == lasting(state)


# The same picture by any way


def _wander(page: Page, seed: int, length: int) -> list[str]:
    """A random walk over the steps; returns what was done."""
    chance = random.Random(seed)
    done = []
    for _ in range(length):
        index = page.evaluate("storymap.state().index")
        kind = chance.choice(["key", "button", "list", "script", "wheel", "back", "interrupt"])
        goal = chance.randrange(len(step_ids()))
        done.append(f"{kind}→{goal}")
        if kind == "list":
            by_list(page, goal)
        elif kind == "script":
            by_script(page, goal)
        elif kind == "wheel":
            here, most = page.evaluate("[scrollY, document.documentElement.scrollHeight - innerHeight]")
            there = min(max(here + chance.choice([-1, 1]) * chance.randrange(50, 1500), 0), most)
            turn_wheel(page, there - here, tick=250)
        elif kind == "interrupt":
            page.evaluate("([a, b]) => { storymap.go(a); storymap.go(b); }", [goal, chance.randrange(len(step_ids()))])
        elif kind == "back" and index:
            page.keyboard.press("ArrowLeft")
        elif kind == "key":
            page.keyboard.press("ArrowRight")
        elif index + 1 < len(step_ids()):
            page.click(".next")
        if chance.random() < 0.3:
            settled(page)
    return done


@pytest.mark.parametrize(("seed", "screen"), again([(1, "desktop"), (2, "phone"), (3, "tablet")]))
@at_length
def test_a_random_walk_ends_as_a_direct_jump(story: Open, seed: int, screen: str) -> None:
    page = story(screen)
    done = _wander(page, seed, 10)
    goal = step_ids()[random.Random(-seed).randrange(len(step_ids()))]
    page.evaluate("step => storymap.go(step)", goal)
    walked = settled(page, goal)
    direct = settled(story(screen, f"#{goal}"), goal)
    assert lasting(walked) == lasting(direct), done


@pytest.mark.parametrize(
    ("width", "height"), [(270, 640), (300, 640), (320, 568), (360, 640), (600, 360), (667, 375), (844, 390)]
)
def test_in_the_narrowest_frames_nothing_lies_over_the_buttons(
    new_page: Callable[..., Page], address: str, complaints: list[str], width: int, height: int
) -> None:
    page = new_page(viewport={"width": width, "height": height}, **STILL)
    open_story(page, f"{address}#{step_ids()[5]}")
    boxes = page.evaluate(
        """() => ['.stepper', '.scale-bar', '.map-credits'].map((part) => {
            const {left, top, right, bottom, width} = document.querySelector(part).getBoundingClientRect();
            return width ? [left, top, right, bottom] : null;
        })"""
    )
    buttons = boxes[0]
    for left, top, right, bottom in filter(None, boxes[1:]):
        apart = right <= buttons[0] or left >= buttons[2] or bottom <= buttons[1] or top >= buttons[3]
        assert apart, boxes
        assert left >= 0 and top >= 0 and bottom <= height and bottom - top <= height / 5, "no column of short lines"
    # Whose data it is can be read: on the map, or in the text beside it.
    told = ".map-credits" if boxes[2] else f"#{step_ids()[5]} .still-credits"
    assert page.locator(told).is_visible()
    assert "Natural Earth" in page.locator(told).inner_text()
    assert complaints == []


# Nothing traps the reader


@pytest.mark.parametrize("screen", again(["desktop", "phone"]))
def test_the_wheel_over_the_map_scrolls_the_page(story: Open, screen: str) -> None:
    page = story(screen, **STILL)
    camera = settled(page)["camera"]
    spot = page.evaluate(
        "() => { const box = document.querySelector('.map').getBoundingClientRect(); return [box.right - 60, box.top + 90]; }"
    )
    page.mouse.move(*spot)
    assert page.evaluate("([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.map'))", spot)
    for tick in range(1, 41):
        page.mouse.wheel(0, 4)
        page.wait_for_function("goal => Math.abs(scrollY - goal) < 1", arg=4 * tick)
    assert settled(page)["camera"] == camera


@pytest.mark.parametrize("screen", again(["phone", "tablet"]))
def test_a_finger_on_the_map_scrolls_the_page(story: Open, screen: str) -> None:
    page = story(screen, has_touch=True, is_mobile=True, **STILL)
    state = settled(page)
    client = page.context.new_cdp_session(page)
    box: dict[str, Any] = page.evaluate("() => document.querySelector('.map').getBoundingClientRect().toJSON()")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for turn in range(1, 4):
        client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for moved in range(10, 81, 10):
            client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - moved}]})
        client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_function("goal => scrollY >= goal", arg=turn * 40)
    assert settled(page)["camera"] == state["camera"]
    assert not settled(page)["exploring"]


def test_a_step_can_do_without_grid_and_overview(new_page: Open, serve: Callable[..., str], tmp_path: Path) -> None:
    square = [[[55, 35], [85, 35], [85, 52], [55, 52], [55, 35]]]
    bare = ["graticule", "overview", "city-labels", "water-labels", "country-labels", "range-labels"]
    bare += ["rivers", "lakes", "regions", "railways", "borders"]
    story = {
        "title": "Bare",
        "layers": [layer("fields")],
        "steps": [
            bare_step("grid", [66, 45.5, 67, 46.5], show=["fields"], without=bare[2:]),
            bare_step("bare", [66, 45.5, 67, 46.5], show=["fields"], without=bare),
        ],
    }
    address = serve(files(compiled(tmp_path / "bare", story, fields=[("Polygon", square, {})])))
    shades = {}
    for name in ("grid", "bare"):
        page = new_page(viewport=SCREENS["desktop"], **STILL)
        open_story(page, f"{address}#{name}", name)
        assert page.is_visible(".inset") == (name == "grid")
        clip = {"x": 600, "y": 100, "width": 500, "height": 300}
        picture = Image.open(io.BytesIO(page.screenshot(clip=clip)))
        shades[name] = len(picture.convert("RGB").getcolors(1 << 16) or [])
    assert shades["bare"] == 1 < shades["grid"]


@pytest.mark.parametrize("screen", again(["desktop", "phone"]))
@at_length
def test_nothing_of_the_page_shifts_while_it_is_read(story: Open, screen: str) -> None:
    page = story(screen, **STILL)
    page.evaluate(
        """() => {
            window.shifts = [];
            new PerformanceObserver((list) => {
                for (const entry of list.getEntries()) {
                    shifts.push(`${entry.value.toFixed(5)} ${entry.sources.map((one) => one.node?.className ?? '').join()}`);
                }
            }).observe({ type: 'layout-shift', buffered: true });
        }"""
    )
    for index, name in enumerate(step_ids()):
        read_on(page, index)
        settled(page, name)
    assert page.evaluate("shifts") == []
