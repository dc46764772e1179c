"""Articles as they come: stripped, strict, narrow, nested, broken or late. Each states what a reader gets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from again import again, at_length
from browser.hosting import (
    BOX,
    SIZES,
    TITLE,
    Site,
    article,
    at_rest,
    colors,
    hold,
    in_mode,
    mode_of,
    open_article,
    over,
    picture,
    shown_story,
    story_site,
    to_start,
    wheel_ticks,
    without_frame,
    without_script,
)
from browser.reading import STILL, frames, settled, step_ids

Open = Callable[..., Page]
Serve = Callable[..., str]


@pytest.fixture
def site(serve: Serve) -> Site:
    return story_site(serve)


@pytest.fixture(params=again(SIZES))
def page(request: pytest.FixtureRequest, new_page: Open) -> Page:
    width, height = SIZES[request.param]
    return new_page(viewport={"width": width, "height": height}, **STILL)


def is_phone(page: Page) -> bool:
    return bool(page.viewport_size and page.viewport_size["width"] < 480)


def read_by_steps(page: Page, *, ticks: int = 10) -> None:
    """The story is read step by step, the wheel over it is the article's, and the history stays as it is."""
    length = page.evaluate("history.length")
    frame = shown_story(page, "step")
    assert frame.evaluate("getComputedStyle(document.documentElement).overflowY") == "hidden"
    to_start(page, frame)
    over(page, at=0.93)
    assert wheel_ticks(page, ticks) == 40
    assert frame.evaluate("scrollY") == 0
    to_start(page, frame)
    for step in step_ids()[:3]:
        frame.click(".next")
        assert settled(frame, step)["step"] == step
        card = frame.evaluate("document.querySelector('.step.current .card').getBoundingClientRect().top")
        assert 0 < card < frame.evaluate("innerHeight") * 0.6
    frame.click(".back")
    settled(frame, step_ids()[1])
    assert page.evaluate("history.length") == length


def read_by_scroll(page: Page, offset: int = 0) -> None:
    """The article's scroll leads the story under the header, and the wheel over it never stops there."""
    length = page.evaluate("history.length")
    frame = shown_story(page, "scroll")
    to_start(page, frame, offset=offset)
    over(page)
    assert wheel_ticks(page, 50) == 40
    frames(frame, 4)
    assert abs(frame.evaluate("scrollY") - 2000) <= 1
    assert page.locator("iframe").first.evaluate(BOX)[1] == pytest.approx(offset, abs=0.6)
    assert settled(frame)["index"] > 0
    assert page.evaluate("history.length") == length


def read_as_it_should(page: Page, offset: int = 0) -> None:
    if is_phone(page):
        read_by_steps(page)
    else:
        read_by_scroll(page, offset)


def test_script_stripped(page: Page, serve: Serve, site: Site, complaints: list[str]) -> None:
    open_article(page, serve, article(without_script(site.snippet())))
    read_by_steps(page)
    frame = shown_story(page, "step")
    assert frame.locator(".embed-tool button").count() == 1
    frame.click(".contents summary")
    expect(frame.locator(".embed-tool button")).not_to_be_visible()
    expect(frame.locator(".embed-tool a")).to_be_visible()
    assert complaints == []


def test_the_frame_alone(page: Page, serve: Serve, site: Site, complaints: list[str]) -> None:
    open_article(page, serve, article(site.snippet("iframe", step=step_ids()[2])))
    frame = shown_story(page, "step")
    assert settled(frame)["step"] == step_ids()[2], "the start holds without a script"
    frame.click(".next")
    settled(frame, step_ids()[3])
    assert complaints == []


def test_frame_stripped(page: Page, serve: Serve, site: Site, complaints: list[str]) -> None:
    open_article(page, serve, article(without_frame(site.snippet())))
    shown = page.locator("figure img")
    shown.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('figure img').naturalWidth > 0")
    left, top, right, bottom = shown.evaluate(BOX)
    assert right - left > 300 and (bottom - top) / (right - left) == pytest.approx(600 / 900, abs=0.01)
    assert colors(picture(page, (left, max(0, top), right, top + 150))) > 50
    link = page.get_by_role("link", name=TITLE)
    expect(link).to_be_visible()
    assert link.get_attribute("href") == site.story
    assert complaints == []


def test_strict_policy_that_lets_the_script_in(page: Page, serve: Serve, site: Site, complaints: list[str]) -> None:
    host = site.address.rstrip("/")
    policy = f"default-src 'none'; script-src {host}; frame-src {host}; img-src {host}; style-src 'nonce-own'"
    html = article(site.snippet()).replace("<style>", '<style nonce="own">')
    open_article(page, serve, html, {"Content-Security-Policy": policy})
    read_as_it_should(page)
    expect(page.locator("figure img")).not_to_be_visible()
    # The snippet's own style attributes are refused, and nothing else is.
    assert [line for line in complaints if "inline style" not in line] == []


@at_length
def test_strict_policy_without_script(page: Page, serve: Serve, site: Site, complaints: list[str]) -> None:
    host = site.address.rstrip("/")
    policy = f"default-src 'none'; frame-src {host}; img-src {host}; style-src 'unsafe-inline'"
    open_article(page, serve, article(site.snippet()), {"Content-Security-Policy": policy})
    read_by_steps(page)
    assert [line for line in complaints if "embed.js" not in line] == []


@pytest.mark.parametrize("offset", [64, "#top"])
def test_sticky_header(page: Page, serve: Serve, site: Site, complaints: list[str], offset: int | str) -> None:
    header = '<header id="top" style="position:sticky;top:0;height:64px;z-index:9;background:#123">Site</header>'
    open_article(page, serve, article(site.snippet(top_offset=offset), before=header))
    read_as_it_should(page, 64)
    if not is_phone(page):
        _, top, _, bottom = page.locator("iframe").evaluate(BOX)
        assert (top, bottom) == (pytest.approx(64, abs=0.6), pytest.approx(800, abs=0.6))
    assert complaints == []


BREAKERS = {
    "overflow hidden": ("main { overflow: hidden; }", "overflow: hidden"),
    "overflow on root and body": ("html, body { overflow-x: hidden; }", "overflow: hidden auto"),
    "transform": ("main { transform: translateX(0); }", "transform: "),
    "filter": ("main { filter: saturate(1); }", "filter: "),
    "contain": ("main { contain: layout; }", "contain: layout"),
    "too short": (".box { height: 640px; } figure { margin: 0 !important; }", "too short"),
}


@pytest.mark.parametrize("case", again(BREAKERS, keep=3))
def test_what_breaks_it_is_told_once_and_the_story_is_read_step_by_step(
    new_page: Open, serve: Serve, site: Site, complaints: list[str], case: str
) -> None:
    style, told = BREAKERS[case]
    page = new_page(viewport={"width": 1280, "height": 800}, **STILL)
    said: list[str] = []
    page.on("console", lambda message: message.type == "warning" and said.append(message.text))
    open_article(page, serve, article(f'<div class="box">{site.snippet()}</div>', style=style))
    read_by_steps(page)
    page.set_viewport_size({"width": 1200, "height": 780})
    frames(page, 6)
    assert mode_of(page) == "step"
    assert len(said) == 1 and TITLE in said[0] and told in said[0], said
    assert complaints == []


@pytest.mark.parametrize(
    "style", ["body { overflow-x: hidden; }", "main { overflow: clip; }", "html { scroll-behavior: smooth; }"]
)
def test_what_does_not_break_it(new_page: Open, serve: Serve, site: Site, complaints: list[str], style: str) -> None:
    page = new_page(viewport={"width": 1280, "height": 800}, **STILL)
    open_article(page, serve, article(site.snippet(), style=style))
    read_by_scroll(page) if "smooth" not in style else shown_story(page, "scroll")
    assert complaints == []


@at_length
def test_hidden_tab_panel(page: Page, serve: Serve, site: Site, complaints: list[str]) -> None:
    panel = f'<div id="panel" style="display:none">{site.snippet()}</div>'
    open_article(page, serve, article(panel))
    frames(page, 10)
    assert mode_of(page) == "step"
    page.evaluate("document.getElementById('panel').style.display = 'block'")
    read_as_it_should(page)
    frame = shown_story(page)
    at = settled(frame)["step"]
    assert at != step_ids()[0]
    page.evaluate("document.getElementById('panel').style.display = 'none'")
    page.wait_for_function("() => document.querySelector('iframe').storymap.mode === 'step'")
    page.evaluate("document.getElementById('panel').style.display = 'block'")
    if is_phone(page):
        frames(page, 10)
        assert settled(frame)["step"] == at, "the reader stays where the reader was"
    else:
        read_by_scroll(page)
    assert complaints == []


@at_length
def test_right_to_left_page(page: Page, serve: Serve, site: Site, complaints: list[str]) -> None:
    open_article(page, serve, article(site.snippet(), root='lang="ar" dir="rtl"'))
    read_as_it_should(page)
    assert page.evaluate("[scrollX, document.documentElement.scrollWidth - innerWidth]") == [0, 0]
    assert complaints == []


def test_column_of_320_pixels(page: Page, serve: Serve, site: Site, complaints: list[str]) -> None:
    open_article(page, serve, article(site.snippet(), style="main { width: 320px; padding: 0; }"))
    read_by_steps(page)
    frame = shown_story(page, "step")
    assert frame.evaluate("innerWidth") == 320
    assert frame.evaluate("document.documentElement.scrollWidth") == 320
    for name in (".back", ".next", ".contents summary", ".explore-button", ".more button"):
        left, top, right, bottom = frame.locator(name).evaluate(BOX)
        assert left >= 0 and right <= 320 and top >= 0 and bottom <= 640, name
    assert complaints == []


def test_two_stories(page: Page, serve: Serve, site: Site, complaints: list[str]) -> None:
    between = "<p>Between them.</p>" * 30
    open_article(page, serve, article(site.snippet() + between + site.snippet()))
    page.evaluate("for (const [i, figure] of document.querySelectorAll('figure').entries()) figure.id = `f${i}`")
    page.evaluate(
        "window.heard = []; addEventListener('storymap:step',"
        " (event) => heard.push([event.target.closest('figure').id, event.detail.index]))"
    )
    # One skip link each, as soon as the script is there.
    page.wait_for_function("() => document.querySelectorAll('figure a[href=\"#\"]').length === 2")
    mode = "step" if is_phone(page) else "scroll"
    for name, target in (("f0", 2), ("f1", 4)):
        frame = shown_story(page, mode, f"#{name} iframe")
        page.evaluate("([name, step]) => document.getElementById(name).storymap.go(step)", [name, target])
        settled(frame, step_ids()[target])
    told = page.evaluate("heard.filter(([, index]) => index).map(([id]) => id).join('')")
    assert re.fullmatch("(f0)*(f1)*", told), "each story tells of its own steps, when it is led"
    assert page.evaluate("heard.at(-1)") == ["f1", 4]
    assert complaints == []


@at_length
def test_inserted_late_taken_out_and_included_twice(
    page: Page, serve: Serve, site: Site, complaints: list[str]
) -> None:
    script = f'<script async src="{site.address}embed.js"></script>'
    open_article(page, serve, article(f'<div id="here"></div>{script}{script}'))
    frames(page, 5)
    insert = "html => { document.getElementById('here').innerHTML = html; }"
    page.evaluate(insert, without_script(site.snippet()))
    page.wait_for_function("() => document.querySelector('iframe').storymap")
    assert page.locator("figure a[href='#']").count() == 1
    read_as_it_should(page)
    page.evaluate("document.getElementById('here').replaceChildren()")
    page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")
    frames(page, 5)
    assert page.evaluate("document.querySelectorAll('[tabindex], figure, iframe').length") == 0
    page.evaluate(insert, without_script(site.snippet()))
    read_as_it_should(page)
    assert complaints == []


@at_length
def test_frame_in_a_frame(page: Page, serve: Serve, site: Site, complaints: list[str]) -> None:
    inner = serve({"index.html": f"<!DOCTYPE html><body style='margin:0'>{site.snippet()}"})
    wrapper = f'<iframe id="ad" src="{inner}" style="width:100%;height:680px;border:0" loading="lazy"></iframe>'
    open_article(page, serve, article(wrapper))
    handle = page.wait_for_selector("#ad")
    handle.scroll_into_view_if_needed()
    between = handle.content_frame()
    assert between
    story = between.wait_for_selector("iframe").content_frame()
    assert story
    in_mode(story, "step")
    settled(story)
    page.evaluate(
        "window.scrollBy({top: document.getElementById('ad').getBoundingClientRect().top, behavior: 'instant'})"
    )
    over(page, "#ad", at=0.8)
    assert wheel_ticks(page, 10) == 40
    assert between.evaluate("scrollY") == story.evaluate("scrollY") == 0
    page.evaluate(
        "window.scrollBy({top: document.getElementById('ad').getBoundingClientRect().top, behavior: 'instant'})"
    )
    story.click(".next")
    story.click(".next")
    settled(story, step_ids()[1])
    assert complaints == []


@pytest.mark.parametrize("size", again(SIZES))
@at_length
def test_zoomed_to_200_percent(new_page: Open, serve: Serve, site: Site, complaints: list[str], size: str) -> None:
    # What zoom does to a page: half the CSS pixels, each as large as two.
    width, height = SIZES[size]
    page = new_page(viewport={"width": width // 2, "height": height // 2}, device_scale_factor=2, **STILL)
    open_article(page, serve, article(site.snippet()))
    read_by_steps(page, ticks=5)
    frame = shown_story(page, "step")
    for name in (".back", ".next", ".contents summary"):
        left, _, right, bottom = frame.locator(name).evaluate(BOX)
        assert left >= 0 and right <= frame.evaluate("innerWidth") and bottom <= frame.evaluate("innerHeight"), name
    assert complaints == []


@at_length
def test_slow_network_shows_the_picture_until_the_story_is_there(
    page: Page, serve: Serve, site: Site, complaints: list[str]
) -> None:
    held = hold(page, "**/story/zhanatas/")
    open_article(page, serve, article(site.snippet()))
    shown = page.locator("figure img")
    shown.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('figure img').naturalWidth > 0")
    left, top, right, bottom = shown.evaluate(BOX)
    seen = picture(page, (left, max(0, top), right, min(bottom, top + 200)))
    assert colors(seen) > 50, "the picture is seen through the empty frame"
    held[0].continue_()
    read_as_it_should(page)
    assert complaints == []


@at_length
def test_the_script_comes_after_the_story(page: Page, serve: Serve, site: Site, complaints: list[str]) -> None:
    held = hold(page, "**/embed.js")
    open_article(page, serve, article(site.snippet()))
    shown_story(page, "step")
    page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")
    held[0].continue_()
    if not is_phone(page):
        page.wait_for_function("() => document.querySelector('iframe').storymap?.mode === 'scroll'")
    read_as_it_should(page)
    assert complaints == []


def test_the_script_does_not_take_a_story_out_of_the_readers_hand(
    new_page: Open, serve: Serve, site: Site, complaints: list[str]
) -> None:
    page = new_page(viewport={"width": 1280, "height": 800}, **STILL)
    held = hold(page, "**/embed.js")
    open_article(page, serve, article(site.snippet()))
    frame = shown_story(page, "step")
    to_start(page, frame)
    frame.click(".next")
    frame.click(".next")
    settled(frame, step_ids()[1])
    before = page.evaluate("scrollY")
    held[0].continue_()
    expect(frame.locator(".embed-tool button")).to_have_count(1)
    frame.wait_for_function("() => !document.querySelector('.embed-tool').hidden")
    # The article proposes to scroll, and the story answers that it is being stepped through.
    page.wait_for_function("() => document.querySelector('iframe').storymap.mode === 'step'")
    at_rest(page)
    assert (mode_of(page), page.evaluate("scrollY")) == ("step", before)
    in_mode(frame, "step")
    assert settled(frame)["step"] == step_ids()[1]
    assert complaints == []


def test_reduced_motion(page: Page, serve: Serve, site: Site, complaints: list[str]) -> None:
    open_article(page, serve, article(site.snippet()))
    read_as_it_should(page)
    frame = shown_story(page)
    assert settled(frame)["reducedMotion"] is True
    assert frame.evaluate("document.getAnimations().filter((one) => one.effect.target?.matches('.card')).length") == 0
    assert complaints == []


@pytest.mark.parametrize(("theme", "dark"), [("light", False), ("dark", True)])
@at_length
def test_the_article_names_the_colours(new_page: Open, serve: Serve, site: Site, theme: str, dark: bool) -> None:
    pixels: dict[str, Any] = {}
    for scheme in ("light", "dark"):
        page = new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme, **STILL)
        open_article(page, serve, article(site.snippet(theme=theme)))
        frame = shown_story(page, "step")
        to_start(page, frame)
        pixels[scheme] = picture(page, (20, 4, 200, 600))
    assert (sum(pixels["light"].getpixel((5, 590))) < 380) is dark
    assert pixels["light"].tobytes() == pixels["dark"].tobytes()
