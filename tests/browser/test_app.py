"""The app as a reader meets it: `streamlit run`, a real Chromium, nothing beyond this machine."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from again import at_length
from browser.reading import settled, story_frame

pytestmark = pytest.mark.xdist_group("app")  # one worker, so that each app is started once

STEPS = ("far", "near", "close", "away")
STORY = """\
title: {title}
subtitle: A small story
description: Four steps without a layer.
steps:
  - {{id: far, title: From afar, view: {{bounds: [46, 40, 88, 56]}}, alt: Kazakhstan, text: All of it.}}
  - {{id: near, title: Near by, view: {{bounds: [66, 41, 74, 46]}}, alt: The ridge, text: A part of it.}}
  - id: close
    title: Close up
    view: {{bounds: [69, 43, 70.5, 44]}}
    alt: The town
    text: A smaller part.{media}
  - {{id: away, title: Away again, view: {{bounds: [46, 40, 88, 56]}}, alt: Kazakhstan, text: All of it again.}}
"""
PICTURE = "\n    media: {file: dot.png, alt: A dot, credit: The storymap project}"
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SHAPE = "e => { const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height]; }"


def write_story(stories: Path, name: str, title: str, *, media: str = "") -> Path:
    folder = stories / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dot.png").write_bytes(DOT)
    (folder / "story.yaml").write_text(STORY.format(title=title, media=media), "utf-8")
    return folder


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stories")
    write_story(folder, "ridge", "The ridge & the town")
    write_story(folder, "second", "A second story")
    (write_story(folder, "broken", "x") / "story.yaml").write_text("titel: <b>x</b>\nsteps: [1]\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def app(run_app: Callable[..., Any], stories: Path) -> Any:
    return run_app(stories)


@pytest.mark.parametrize("size", [(390, 844), (1280, 800)])
def test_the_story_fills_the_window(
    app: Any, new_page: Callable[..., Page], complaints: list[str], size: tuple[int, int]
) -> None:
    page = new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(f"{app.url}?story=ridge")
    frame = story_frame(page)
    element = page.locator("iframe[data-testid=stIFrame]")
    assert element.evaluate(SHAPE) == [0, 0, *size]
    assert element.get_attribute("title") == page.title() == "The ridge & the town"
    assert page.evaluate("[document.documentElement.scrollHeight, document.documentElement.scrollWidth]") == [
        *size[::-1]
    ]
    for part in ("stHeader", "stToolbar", "stDecoration", "stStatusWidget", "stSidebar", "stSkipToContent"):
        for found in page.get_by_test_id(part).all():
            expect(found).not_to_be_visible()
    middle_and_corners = [
        (size[0] / 2, size[1] / 2),
        (2, 2),
        (size[0] - 3, 2),
        (2, size[1] - 3),
        (size[0] - 3, size[1] - 3),
    ]
    for point in middle_and_corners:
        assert page.evaluate("p => document.elementFromPoint(...p)?.dataset.testid", point) == "stIFrame"
    assert frame.evaluate("[innerWidth, innerHeight]") == [*size]
    page.keyboard.press("Tab")
    page.wait_for_function("() => document.activeElement.dataset.testid === 'stIFrame'")
    assert complaints == []


def test_in_the_frame_the_story_can_not_reach_the_app(app: Any, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto(f"{app.url}?story=ridge")
    frame = story_frame(page)
    assert frame.evaluate("window.origin") == "null"
    assert (
        frame.evaluate("(() => { try { return parent.document.title } catch (e) { return e.name } })()")
        == "SecurityError"
    )


def test_media_show_in_the_frame(
    run_app: Callable[..., Any], tmp_path: Path, new_page: Callable[..., Page], complaints: list[str]
) -> None:
    write_story(tmp_path, "picture", "A picture", media=PICTURE)
    page = new_page()
    page.goto(f"{run_app(tmp_path).url}?step=close")
    frame = story_frame(page, "close")
    frame.wait_for_function("() => [...document.images].some(i => i.complete && i.naturalWidth === 1)")
    assert complaints == []


@pytest.mark.parametrize("link", ["?story=ridge&step=close", "?story=ridge&step=near#close"])
def test_a_deep_link_reaches_its_step(
    app: Any, new_page: Callable[..., Page], complaints: list[str], link: str
) -> None:
    page = new_page()
    page.goto(f"{app.url}{link}")
    story_frame(page, "close")
    assert complaints == []


@pytest.mark.parametrize("step", ["nowhere", "%22%3E%3Cscript%3E"])
def test_a_link_to_no_step_shows_the_start(
    app: Any, new_page: Callable[..., Page], complaints: list[str], step: str
) -> None:
    page = new_page()
    page.goto(f"{app.url}?story=ridge&step={step}")
    assert settled(story_frame(page))["step"] == "far"
    assert complaints == []


def test_the_address_follows_the_story_and_a_reload_stays(
    app: Any, new_page: Callable[..., Page], complaints: list[str]
) -> None:
    page = new_page()
    page.goto("about:blank")
    page.goto(f"{app.url}?story=ridge")
    frame = story_frame(page, "far")
    assert "#" not in page.url
    frame.evaluate("storymap.go('close')")
    page.wait_for_url(re.compile(r"\?story=ridge#close$"))
    page.reload()
    story_frame(page, "close")
    page.evaluate("location.hash = '#near'")
    settled(story_frame(page), "near")
    page.evaluate("location.hash = '#<img>'")
    assert settled(story_frame(page))["step"] == "near"
    assert complaints == []


def test_back_leaves_the_story_at_once(app: Any, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto(app.url)
    page.get_by_role("link", name="The ridge & the town").click()
    frame = story_frame(page, "far")
    frame.evaluate("storymap.go('near')")
    page.wait_for_url(re.compile("#near$"))
    page.go_back()
    expect(page.get_by_role("heading", name="Stories")).to_be_visible()


def test_several_stories_make_a_list_in_which_a_broken_one_says_why(
    app: Any, new_page: Callable[..., Page], complaints: list[str]
) -> None:
    page = new_page()
    page.goto(app.url)
    expect(page.get_by_role("heading", name="Stories")).to_be_visible()
    assert page.title() == "Stories"
    assert page.get_by_role("heading", level=2).all_inner_texts() == [
        "A second story",
        "The ridge & the town",
        "broken",
    ]
    problems = page.locator(".problems li").all_inner_texts()
    assert len(problems) > 1 and problems[0].startswith("story.yaml:1: titel: ")
    assert page.locator(".problems b").count() == 0
    expect(page.get_by_test_id("stHeader")).not_to_be_visible()
    found = Axe().run(page).response["violations"]
    assert [item["id"] for item in found] == []
    assert complaints == []


def test_an_unknown_story_leads_to_the_list(app: Any, new_page: Callable[..., Page], complaints: list[str]) -> None:
    page = new_page()
    page.goto(f"{app.url}?story=%3Cscript%3E")
    expect(page.get_by_role("status").filter(has_text="There is no story at that address")).to_be_visible()
    assert complaints == []


def test_a_broken_story_shows_its_errors_in_words(app: Any, new_page: Callable[..., Page]) -> None:
    page = new_page(color_scheme="dark")
    page.goto(f"{app.url}?story=broken")
    frame = page.wait_for_selector("iframe[data-testid=stIFrame]").content_frame()
    assert frame
    frame.wait_for_selector("li >> text=story.yaml:1: titel:")
    page.goto(f"{app.url}story/broken/")
    assert page.get_by_role("listitem").count() > 1
    assert "Traceback" not in page.content()
    assert [item["id"] for item in Axe().run(page).response["violations"]] == []
    page.goto(f"{app.url}story/nowhere/")
    assert [item["id"] for item in Axe().run(page).response["violations"]] == []
    page.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Stories")).to_be_visible()


def test_a_change_on_disk_shows_on_reload(app: Any, stories: Path, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto(f"{app.url}?story=second")
    assert "A second story" in story_frame(page).locator("h1").inner_text()
    folder = write_story(stories, "second", "Another title")
    page.reload()
    assert "Another title" in story_frame(page).locator("h1").inner_text()
    expect(page).to_have_title("Another title")
    (folder / "story.yaml").write_text("title: [", "utf-8")
    page.reload()
    broken = page.wait_for_selector("iframe[data-testid=stIFrame]").content_frame()
    assert broken
    broken.wait_for_selector("text=story.yaml:1")
    write_story(stories, "second", "A second story")
    page.reload()
    assert "A second story" in story_frame(page).locator("h1").inner_text()


def test_the_running_app_answers_as_it_should(app: Any, ask: Callable[..., Any]) -> None:
    first = ask(f"{app.url}story/ridge/", headers={"Accept-Encoding": "gzip"})
    assert (first.status, first.headers["content-encoding"]) == (200, "gzip")
    assert "set-cookie" not in first.headers
    again = ask(f"{app.url}story/ridge/", headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert ask(f"{app.url}_stcore/upload_file/a/b", "PUT").status == 405
    assert ask(f"{app.url}_stcore/upload_file/a/b", "POST").status == 405
    assert ask(f"{app.url}story/nowhere/").status == 404
    assert ask(f"{app.url}story").status == 404
    assert ask(app.url).headers["content-security-policy"] == "frame-ancestors 'self'"
    assert ask(f"{app.url}editor?embed=true").headers["content-security-policy"] == "frame-ancestors 'self'"


def test_an_article_of_another_site_can_frame_the_story_and_the_reader_page(
    app: Any, new_page: Callable[..., Page], serve: Callable[..., str], tmp_path: Path
) -> None:
    article = (
        "<!DOCTYPE html><title>Article</title><h1>Article</h1>"
        f'<iframe id="reader" src="{app.url}?embed=true&story=ridge&step=near" width="400" height="600"></iframe>'
        f'<iframe id="story" src="{app.url}story/ridge/?step=close" width="400" height="600"></iframe>'
        f'<iframe id="shell" src="{app.url}?story=ridge" width="400" height="600"></iframe>'
    )
    (tmp_path / "article.html").write_text(article, "utf-8")
    for address in (serve({"index.html": article}), (tmp_path / "article.html").as_uri()):
        page = new_page()
        page.goto(address)
        story = page.wait_for_selector("#story").content_frame()
        assert story
        settled(story, "close")
        refused = page.wait_for_selector("#shell").content_frame()
        assert refused
        assert refused.url.startswith("chrome-error:")
        if address.startswith("http"):
            reader = page.wait_for_selector("#reader").content_frame()
            assert reader
            inner = reader.wait_for_selector("iframe[data-testid=stIFrame]").content_frame()
            assert inner
            settled(inner, "near")


@at_length
def test_the_story_outlives_the_server(
    run_app: Callable[..., Any], stories: Path, new_page: Callable[..., Page]
) -> None:
    own = run_app(stories)
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{own.url}?story=ridge")
    frame = story_frame(page, "far")
    own.process.terminate()
    own.process.wait(timeout=20)
    page.wait_for_selector("[data-testid=stDialog]", state="attached")
    expect(page.get_by_test_id("stDialog")).not_to_be_visible()
    page.mouse.move(195, 700)
    page.mouse.wheel(0, 3000)
    frame.wait_for_function("() => scrollY > 1000")
    frame.wait_for_function("() => storymap.state().step !== 'far'")


def test_a_single_story_is_shown_at_once_and_behind_a_path(
    run_app: Callable[..., Any], tmp_path: Path, new_page: Callable[..., Page], complaints: list[str]
) -> None:
    write_story(tmp_path, "only", "The only story")
    own = run_app(tmp_path, "--server.baseUrlPath=news/maps")
    page = new_page()
    page.goto(f"{own.url}news/maps/?step=near&lang=ru")
    frame = story_frame(page, "near")
    assert frame.url.startswith(f"{own.url}news/maps/story/only/?")
    assert "lang=ru" in frame.url
    assert page.title() == "The only story"
    assert complaints == []
    assert own.left_machine() == []


@at_length
def test_uvicorn_serves_the_same_app(run_app: Callable[..., Any], stories: Path, ask: Callable[..., Any]) -> None:
    own = run_app(stories, server="uvicorn")
    assert ask(f"{own.url}story/ridge/").status == 200
    assert ask(own.url).headers["content-security-policy"] == "frame-ancestors 'self'"
    assert ask(f"{own.url}_stcore/health").body == b"ok"
    assert own.left_machine() == []


def test_neither_the_server_nor_the_page_reaches_another_machine(
    app: Any, new_page: Callable[..., Page], complaints: list[str]
) -> None:
    page = new_page()
    page.goto(app.url)
    expect(page.get_by_role("heading", name="Stories")).to_be_visible()
    page.goto(f"{app.url}?story=ridge")
    story_frame(page, "far")
    page.goto(f"{app.url}story/ridge/")
    settled(page, "far")
    assert complaints == []
    assert app.left_machine() == []
    assert "Traceback" not in app.log()


def test_the_keys_are_the_storys_from_the_start(app: Any, new_page: Callable[..., Page]) -> None:
    page = new_page()
    page.goto(f"{app.url}?story=ridge")
    frame = story_frame(page)
    first = frame.evaluate("storymap.step")
    frame.wait_for_function("() => document.hasFocus()")
    page.keyboard.press("ArrowRight")
    frame.wait_for_function("first => storymap.step !== first", arg=first)
