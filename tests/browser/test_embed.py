"""An article of another site shows the story: who scrolls what, and what the reader sees of it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from PIL import ImageChops
from playwright.sync_api import Frame, Page, expect

import storymap
from again import at_length
from browser.hosting import (
    BOX,
    SIZES,
    Site,
    article,
    at_rest,
    in_mode,
    mode_of,
    open_article,
    over,
    picture,
    shown_story,
    story_site,
    to_start,
    wheel_ticks,
)
from browser.reading import STILL, ZHANATAS, frames, settled, step_ids
from storymap import embed
from storymap.document import compile_story
from storymap.geocache import user_cache

Open = Callable[..., Page]
Serve = Callable[..., str]

SHIFTS = """() => { window.shifts = 0; new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifts += entry.value;
}).observe({type: 'layout-shift', buffered: true}); }"""
LAG = """() => {
    // In each frame of the window: how far the story's frame is from where it has to stand.
    const frame = document.querySelector('iframe');
    window.lags = [];
    const look = () => {
        const wrap = frame.parentElement.getBoundingClientRect();
        const length = frame.parentElement.offsetHeight - frame.offsetHeight;
        if (wrap.top < 0 && wrap.top > -length) window.lags.push(Math.abs(frame.getBoundingClientRect().top));
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""


@pytest.fixture
def site(serve: Serve) -> Site:
    return story_site(serve)


def reader(new_page: Open, size: str, **options: Any) -> Page:
    width, height = SIZES[size]
    page = new_page(viewport={"width": width, "height": height}, **options)
    page.add_init_script(f"({SHIFTS})()")
    return page


def swipe(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    """A finger goes from ``start`` by eight times ``by``."""
    tools = page.context.new_cdp_session(page)
    for k in range(9):
        point = {"x": start[0] + by[0] * k, "y": start[1] + by[1] * k}
        kind = "touchMove" if k else "touchStart"
        tools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    tools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def rest_of_last(frame: Frame) -> bool:
    """Whether the last step's text is where it has been read to its end."""
    return bool(
        frame.evaluate(
            """() => {
                const card = [...document.querySelectorAll('.card')].pop().getBoundingClientRect();
                const stage = document.querySelector('.stage');
                const pinned = stage.offsetHeight < 0.75 * innerHeight;
                const top = pinned ? stage.offsetHeight + 12 : Math.max(24, (innerHeight - card.height) / 2);
                return Math.abs(card.top - top) < 2.5 || Math.abs(card.bottom - (innerHeight - 24)) < 2.5;
            }"""
        )
    )


def test_the_script_for_the_article_is_small_and_stands_alone() -> None:
    script = embed.script()
    assert len(gzip.compress(script, 9, mtime=0)) < 4096
    for word in (
        b"import ",
        b"eval",
        b"innerHTML",
        b"document.cookie",
        b"localStorage",
        b"fetch(",
        b"XMLHttp",
        b"https://",
    ):
        assert word not in script


def test_the_wheel_over_the_story_scrolls_the_article_and_the_article_leads_the_story(
    new_page: Open, serve: Serve, site: Site, complaints: list[str]
) -> None:
    page = reader(new_page, "desktop")
    open_article(page, serve, article(site.snippet()))
    length = page.evaluate("history.length")
    frame = shown_story(page, "scroll")
    assert mode_of(page) == "scroll"
    to_start(page, frame)
    page.evaluate(LAG)
    over(page)
    heard = page.evaluate_handle(
        "() => { const heard = []; document.querySelector('figure').addEventListener('storymap:step',"
        " (event) => heard.push(event.detail)); return heard; }"
    )
    assert wheel_ticks(page, 100) == 40
    frames(frame, 4)
    assert abs(frame.evaluate("scrollY") - 4000) <= 1
    assert max(page.evaluate("window.lags")) == 0
    assert len(page.evaluate("window.lags")) > 40
    assert page.evaluate("history.length") == length
    steps = [detail["step"] for detail in heard.json_value()]
    assert steps == list(step_ids()[1 : 1 + len(steps)]) and len(steps) > 3
    assert settled(frame)["step"] == steps[-1]
    assert page.evaluate("window.shifts") == 0
    assert complaints == []


@pytest.mark.parametrize("size", SIZES)
def test_the_last_step_is_read_to_its_end_exactly_where_the_wrapper_ends(
    new_page: Open, serve: Serve, site: Site, complaints: list[str], size: str
) -> None:
    page = reader(new_page, size, **STILL)
    open_article(page, serve, article(site.snippet(layout="scroll")))
    frame = shown_story(page, "scroll")
    to_start(page, frame)
    end = "document.querySelector('iframe').parentElement.getBoundingClientRect().bottom - innerHeight"
    page.evaluate(f"window.scrollBy({{top: {end}, behavior: 'instant'}})")
    assert settled(frame, step_ids()[-1])["index"] == len(step_ids()) - 1
    frames(frame, 4)
    assert abs(page.evaluate(end)) < 1
    assert abs(page.locator("iframe").evaluate(BOX)[1]) < 1
    assert rest_of_last(frame)
    # One pixel less and the story is one pixel earlier; one more and the frame goes with the article.
    before = frame.evaluate("scrollY")
    page.evaluate("window.scrollBy({top: -1, behavior: 'instant'})")
    frame.wait_for_function("before => scrollY < before", arg=before)
    assert abs(before - frame.evaluate("scrollY") - 1) < 0.6
    page.evaluate("window.scrollBy({top: 41, behavior: 'instant'})")
    frame.wait_for_function("before => scrollY === before", arg=before)
    assert abs(page.locator("iframe").evaluate(BOX)[1] + 40) < 1
    assert complaints == []


def test_the_map_does_not_move_by_a_pixel_while_the_article_scrolls(new_page: Open, serve: Serve, site: Site) -> None:
    page = reader(new_page, "desktop", **STILL)
    open_article(page, serve, article(site.snippet()))
    frame = shown_story(page, "scroll")
    to_start(page, frame)
    over(page)
    left, _, right, _ = page.locator("iframe").evaluate(BOX)
    height = frame.evaluate("document.querySelector('.map').getBoundingClientRect().bottom")
    first = picture(page, (left, 0, right, height - 8))
    for tick in range(6):  # all within the first step, whose camera stands still
        assert wheel_ticks(page, 37, 1) == 1
        frames(frame, 3)
        assert frame.evaluate("storymap.step") == step_ids()[0], tick
        assert ImageChops.difference(first, picture(page, (left, 0, right, height - 8))).getbbox() is None, tick
    assert abs(frame.evaluate("scrollY") - 6 * 37) <= 1


def test_a_phone_reads_step_by_step_and_may_choose_to_scroll(
    new_page: Open, serve: Serve, site: Site, complaints: list[str]
) -> None:
    page = reader(new_page, "phone", has_touch=True)
    address = open_article(page, serve, article(site.snippet()))
    length = page.evaluate("history.length")
    frame = shown_story(page, "step")
    over(page, at=0.9)
    to_start(page, frame)
    assert wheel_ticks(page, 10) == 40
    assert frame.evaluate("scrollY") == 0
    to_start(page, frame)
    frame.click(".next")
    assert settled(frame, step_ids()[0])["index"] == 0
    frame.click(".next")
    settled(frame, step_ids()[1])
    frame.click(".contents summary")
    frame.click(".embed-tool button")
    in_mode(frame, "scroll")
    page.wait_for_function("() => document.querySelector('iframe').storymap.mode === 'scroll'")
    page.wait_for_function("() => Math.abs(document.querySelector('iframe').getBoundingClientRect().top) < 1")
    assert settled(frame)["step"] == step_ids()[1], "the reader stays where the reader was"
    over(page)
    assert wheel_ticks(page, 60) == 40
    assert settled(frame)["index"] > 2
    at = settled(frame)["step"]
    frame.click(".contents summary")
    frame.click(".embed-tool button")
    in_mode(frame, "step")
    assert settled(frame)["step"] == at
    assert page.locator("iframe").evaluate(BOX)[1:4:2] == [pytest.approx(0, abs=1), pytest.approx(640, abs=1)]
    assert page.evaluate("history.length") == length
    # Remembered in this tab, where the browser gives the frame a storage at all.
    if frame.evaluate("(() => { try { return sessionStorage.length > 0; } catch { return false; } })()"):
        page.goto(address)
        shown_story(page, "step")
    assert complaints == []


def test_fingers_go_up_and_down_in_the_article_and_left_and_right_in_the_story(
    new_page: Open, serve: Serve, site: Site
) -> None:
    page = reader(new_page, "phone", has_touch=True, **STILL)
    open_article(page, serve, article(site.snippet()))
    frame = shown_story(page, "step")
    to_start(page, frame)
    for y in (150, 560):  # on the map, on the text
        before = page.evaluate("scrollY")
        swipe(page, (195, y), (0, -12))
        page.wait_for_function("before => scrollY > before + 80", arg=before)
        assert frame.evaluate("[scrollY, storymap.step]") == [0, step_ids()[0]]
        at_rest(page)
        to_start(page, frame)
    before = page.evaluate("scrollY")
    for direction, step in ((-1, 0), (-1, 1), (-1, 2), (1, 1)):
        swipe(page, (195 - direction * 70, 150), (direction * 20, 1))
        settled(frame, step_ids()[step])
        frame.wait_for_function("() => !document.documentElement.classList.contains('cover')")
    assert abs(page.evaluate("scrollY") - before) <= 1


def test_the_article_leads_by_name_and_hears_of_each_step(
    new_page: Open, serve: Serve, site: Site, complaints: list[str]
) -> None:
    page = reader(new_page, "desktop", **STILL)
    open_article(page, serve, article(site.snippet()))
    length = page.evaluate("history.length")
    frame = shown_story(page, "scroll")
    for step in (5, 1, len(step_ids()) - 1):
        page.evaluate("step => document.querySelector('figure').storymap.go(step)", step_ids()[step])
        settled(frame, step_ids()[step])
        page.wait_for_function("() => Math.abs(document.querySelector('iframe').getBoundingClientRect().top) < 1")
    page.evaluate("document.querySelector('iframe').storymap.go(3)")
    settled(frame, step_ids()[3])
    warned: list[str] = []
    page.on("console", lambda message: message.type == "warning" and warned.append(message.text))
    for nonsense in ("'nowhere'", "-1", "99", "1.5", "null", "{}", "'__proto__'"):
        page.evaluate(f"document.querySelector('iframe').storymap.go({nonsense})")
    frames(frame, 6)
    assert settled(frame)["step"] == step_ids()[3]
    assert [line.split(":")[1] for line in warned] == [
        f" there is no step {said}" for said in ('"nowhere"', "-1", "99", "1.5", "null", "{}", '"__proto__"')
    ]
    assert page.evaluate("history.length") == length
    assert complaints == []


def test_keys_and_links_in_the_frame_take_the_article_along(
    new_page: Open, serve: Serve, site: Site, complaints: list[str]
) -> None:
    page = reader(new_page, "desktop", **STILL)
    open_article(page, serve, article(site.snippet()))
    frame = shown_story(page, "scroll")
    to_start(page, frame)
    frame.click(".next")
    settled(frame, step_ids()[1])
    for key, step in (
        ("ArrowRight", 2),
        ("ArrowRight", 3),
        ("ArrowLeft", 2),
        ("End", len(step_ids()) - 1),
        ("Home", 0),
    ):
        page.keyboard.press(key)
        settled(frame, step_ids()[step])
        frames(page, 4)
        past = page.evaluate("-document.querySelector('iframe').parentElement.getBoundingClientRect().top")
        assert abs(past - frame.evaluate("scrollY")) <= 1.5, key
    before = page.evaluate("scrollY")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("before => scrollY > before", arg=before)
    at_rest(page)  # the browser scrolls on for some frames, over what else would scroll the article
    # Far enough along the keyboard's way the focus scrolls the text; the article follows.
    frame.evaluate("document.querySelectorAll('.step')[4].querySelector('h2').focus({preventScroll: true})")
    frame.wait_for_function("() => document.hasFocus() && document.activeElement.localName === 'h2'")
    page.keyboard.press("Tab")
    frame.wait_for_function("() => document.activeElement.localName === 'summary' && scrollY > 1000")
    frames(page, 4)
    frames(frame, 4)
    _, top, _, bottom = frame.locator("summary:focus").evaluate(BOX)
    assert 0 < top < bottom < 800
    past = page.evaluate("-document.querySelector('iframe').parentElement.getBoundingClientRect().top")
    assert abs(past - frame.evaluate("scrollY")) <= 1.5
    assert complaints == []


@pytest.mark.parametrize("size", SIZES)
def test_a_keyboard_can_go_past_the_story_and_through_it(
    new_page: Open, serve: Serve, site: Site, complaints: list[str], size: str
) -> None:
    page = reader(new_page, size, **STILL)
    links = '<p><a id="before" href="#">before</a></p>' + site.snippet() + '<p><a id="next" href="#">next</a></p>'
    open_article(page, serve, article(links))
    frame = shown_story(page)
    page.focus("#before")
    page.keyboard.press("Tab")
    skip = page.locator("figure a").first
    assert skip.evaluate("e => e === document.activeElement") and skip.inner_text() == "Skip the map story"
    assert skip.evaluate("e => getComputedStyle(e).clipPath") == "none"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "next", "the caption's link, then what follows"
    # Through it: the focus comes out at the other end.
    skip.focus()
    page.keyboard.press("Tab")
    page.wait_for_function("() => document.activeElement.localName === 'iframe'")
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.localName") != "iframe":
            break
    assert page.evaluate("document.activeElement.closest('figcaption') !== null")
    assert frame.url
    assert complaints == []


@at_length
def test_another_language_is_no_entry_in_the_articles_history(
    new_page: Open, serve: Serve, site: Site, complaints: list[str]
) -> None:
    addresses = {"en": "../zhanatas/", "ru": "../zhanatas-ru/"}
    documents = {
        code: compile_story(storymap.load(ZHANATAS, code), languages=addresses, cache=user_cache())
        for code in addresses
    }
    pages = {f"story/zhanatas{'-ru' if code == 'ru' else ''}/index.html": one.html for code, one in documents.items()}
    own = Site(serve({**pages, "embed.js": embed.script(), "picture.svg": "<svg/>"}).replace("127.0.0.1", "localhost"))
    page = reader(new_page, "desktop", **STILL)
    open_article(page, serve, article(own.snippet()))
    length = page.evaluate("history.length")
    frame = shown_story(page, "scroll")
    page.evaluate("document.querySelector('figure').storymap.go(3)")
    settled(frame, step_ids()[3])
    frame.click(".language-menu summary")
    frame.click(".language-menu a[lang=ru]")
    frame.wait_for_function("() => document.documentElement.lang === 'ru' && window.storymap?.state")
    assert settled(frame, step_ids()[3])["index"] == 3
    page.wait_for_function("() => document.querySelector('iframe').storymap.mode === 'scroll'")
    past = page.evaluate("-document.querySelector('iframe').parentElement.getBoundingClientRect().top")
    assert past > 500
    assert page.evaluate("history.length") == length
    assert complaints == []


def test_exploring_the_map_ends_when_the_reader_goes_on_in_the_article(
    new_page: Open, serve: Serve, site: Site, complaints: list[str]
) -> None:
    page = reader(new_page, "desktop", **STILL)
    open_article(page, serve, article(site.snippet()))
    frame = shown_story(page, "scroll")
    page.evaluate("document.querySelector('figure').storymap.go(2)")
    state = settled(frame, step_ids()[2])
    frame.click(".explore-button")
    frame.wait_for_function("() => storymap.state().exploring")
    over(page)
    page.mouse.wheel(0, -300)
    frame.wait_for_function("zoom => storymap.state().camera.zoom > zoom + 0.4", arg=state["camera"]["zoom"])
    before = page.evaluate("scrollY")
    page.mouse.move(1240, 400)  # beside the story
    assert wheel_ticks(page, 100, 2) == 2
    assert frame.evaluate("storymap.state().exploring")
    assert wheel_ticks(page, 100, 4) == 4
    frame.wait_for_function("() => !storymap.state().exploring")
    assert page.evaluate("scrollY") == pytest.approx(before + 600, abs=1)
    frames(frame, 4)
    past = page.evaluate("-document.querySelector('iframe').parentElement.getBoundingClientRect().top")
    assert abs(past - frame.evaluate("scrollY")) <= 1.5
    assert complaints == []


def test_the_title_is_read_to_its_end_before_the_first_step(
    new_page: Open, serve: Serve, site: Site, complaints: list[str]
) -> None:
    page = new_page(viewport={"width": 320, "height": 640}, **STILL)
    open_article(page, serve, article(site.snippet(), style="main { padding: 0 }"))
    frame = shown_story(page, "step")
    to_start(page, frame)
    button = frame.locator(".more button")
    byline = frame.locator(".byline")
    assert button.inner_text() == "Read on"
    assert byline.evaluate(BOX)[3] > button.evaluate(BOX)[1], "the button lies over the end of the title"
    button.click()
    frames(frame, 2)
    assert byline.evaluate(BOX)[3] <= button.evaluate(BOX)[1]
    expect(frame.locator(".step.current h2")).not_to_be_visible()
    button.click()
    expect(frame.locator(".step.current h2")).to_be_visible()
    assert settled(frame)["index"] == 0
    assert complaints == []


@at_length
def test_a_long_text_is_read_on_button_by_button(
    new_page: Open, serve: Serve, site: Site, complaints: list[str]
) -> None:
    page = reader(new_page, "phone", has_touch=True, **STILL)
    open_article(page, serve, article(site.snippet()))
    frame = shown_story(page, "step")
    to_start(page, frame)
    pressed = 0
    seen: dict[str, float] = {}
    while settled(frame)["index"] < 4:
        frame.click(".more button")
        frames(frame, 2)
        pressed += 1
        assert pressed < 40
        bottom = frame.evaluate("document.querySelector('.step.current .card').getBoundingClientRect().bottom")
        seen[frame.evaluate("storymap.step")] = bottom
    # Before the button led on, each text had been seen to its end, above the button.
    button = frame.locator(".more button").evaluate(BOX)[1]
    assert all(bottom <= button for step, bottom in seen.items() if step != step_ids()[4]), seen
    assert set(seen) == set(step_ids()[:5])
    while frame.locator(".more button").inner_text() == "Read on":
        frame.click(".more button")
        frames(frame, 2)
    before = frame.evaluate("scrollY")
    frame.click(".step.current .words > .sources > summary")
    frame.wait_for_function("() => document.querySelector('.step.current .sources[open]')")
    frames(frame, 4)
    assert frame.evaluate("scrollY") == before, "a source that is opened stays where it is"
    assert frame.locator(".more button").inner_text() == "Read on"
    assert complaints == []
