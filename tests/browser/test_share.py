"""The Share dialog of the running app, and what it makes pasted into an article of another site."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from again import again, at_length
from browser.hosting import article, shown_story, to_start
from browser.reading import settled, story_frame
from browser.test_app import write_story

pytestmark = pytest.mark.xdist_group("app")  # one worker, so that each app is started once

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def app(run_app: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("stories")
    write_story(folder, "ridge", "The ridge & the <town>")
    write_story(folder, "second", "A second story")
    return run_app(folder, "--server.baseUrlPath=news/maps")


def text_to_paste(page: Page) -> str:
    return page.get_by_test_id("stCode").inner_text().strip()


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option).click()


@at_length
def test_an_editor_gets_a_snippet_that_works_in_an_article(
    app: Any, new_page: Open, serve: Callable[..., str], complaints: list[str]
) -> None:
    page = new_page(viewport={"width": 1280, "height": 800}, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{app.url}news/maps/")
    page.get_by_role("listitem").filter(has_text="The ridge").get_by_role("link", name="Share or embed").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The ridge & the <town>", exact=True)).to_be_visible()
    expect(page.get_by_test_id("stCode")).to_contain_text("embed.js")
    choose(page, "Starts at", "Near by")
    expect(page.get_by_test_id("stCode")).to_contain_text("step=near")
    choose(page, "Colours", "Dark")
    expect(page.get_by_test_id("stCode")).to_contain_text("theme=dark")
    box = page.get_by_role("textbox", name="Fixed header")
    box.fill("header { }")
    box.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("top_offset: 'header { }' is no simple CSS selector")
    box.fill("64")
    box.press("Enter")
    expect(page.get_by_test_id("stCode")).to_contain_text('data-top-offset="64"')
    snippet = text_to_paste(page)
    assert f'src="{app.url}news/maps/embed.js"' in snippet
    page.get_by_test_id("stCode").get_by_role("button").click()
    assert page.evaluate("navigator.clipboard.readText()").strip() == snippet
    for name, mode in (("Narrow column", "step"), ("Wide column", "scroll")):
        trial = page.locator(f"iframe[title='{name}']").element_handle().content_frame()
        assert trial
        assert settled(shown_story(trial, mode))["step"] == "near"  # type: ignore[arg-type]
    reader = new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    header = '<header style="position:sticky;top:0;height:64px;z-index:9;background:#123">Site</header>'
    reader.goto(serve({"index.html": article(snippet, before=header)}))
    frame = shown_story(reader, "scroll")
    to_start(reader, frame, offset=64)
    assert settled(frame)["step"] == "near"
    assert reader.locator("iframe").evaluate("e => e.getBoundingClientRect().top") == pytest.approx(64, abs=0.6)
    reader.evaluate("document.querySelector('figure').storymap.go('far')")
    settled(frame, "far")
    reader.evaluate("document.querySelector('figure').storymap.go('away')")
    settled(frame, "away")
    assert [line for line in complaints if "Permissions" not in line] == []
    assert app.left_machine() == []


@pytest.mark.parametrize("kind", again(["Frame only", "Picture", "Link"]))
@at_length
def test_the_other_snippets(app: Any, new_page: Open, serve: Callable[..., str], kind: str) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{app.url}news/maps/?share=ridge")
    page.get_by_role("dialog").get_by_text(kind, exact=True).click()
    expect(page.get_by_test_id("stCode")).not_to_contain_text("embed.js")
    snippet = text_to_paste(page)
    reader = new_page(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    reader.goto(serve({"index.html": article(snippet)}))
    if kind == "Frame only":
        assert settled(shown_story(reader, "step"))["step"] == "far"
        return
    if kind == "Picture":
        reader.locator("main img").scroll_into_view_if_needed()
        reader.wait_for_function("() => document.querySelector('main img').naturalWidth === 900")
    reader.get_by_role("link", name="The ridge & the <town>").click()
    settled(reader, "far")
    assert reader.url == f"{app.url}news/maps/story/ridge/"


@at_length
def test_the_dialog_is_closed_and_gone_and_reads_well(app: Any, new_page: Open, complaints: list[str]) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{app.url}news/maps/?share=ridge")
    expect(page.get_by_test_id("stCode")).to_be_visible()
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
    # Streamlit's own parts are its own; ours are the texts, the frames and the list behind.
    assert [item["id"] for item in found if "storymap" in json.dumps(item["nodes"])] == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).not_to_be_attached()
    page.wait_for_function("() => !location.search.includes('share')")
    page.goto(f"{app.url}news/maps/?share=nowhere")
    expect(page.get_by_role("heading", name="Stories")).to_be_visible()
    assert page.get_by_role("dialog").count() == 0
    assert complaints == []


@at_length
def test_a_reader_finds_the_way_from_the_story_to_the_dialog(app: Any, new_page: Open) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{app.url}news/maps/?story=ridge")
    frame = story_frame(page, "far")
    with page.expect_popup() as opened:
        frame.get_by_role("link", name="Share or embed this story").click()
    expect(opened.value.get_by_test_id("stCode")).to_be_visible()
    assert opened.value.url == f"{app.url}news/maps/?share=ridge"


def test_a_cms_finds_out_how_to_embed_from_the_address_alone(
    app: Any, ask: Callable[..., Any], new_page: Open, serve: Callable[..., str]
) -> None:
    document = ask(f"{app.url}news/maps/story/ridge/").body.decode()
    address = document.split('type="application/json+oembed" href="')[1].split('"')[0].replace("&amp;", "&")
    assert address.startswith(f"{app.url}news/maps/oembed?url={quote(f'{app.url}news/maps/story/ridge/', safe='')}")
    told = json.loads(ask(f"{address}&maxwidth=500").body)
    assert (told["type"], told["width"], told["title"]) == ("rich", 500, "The ridge & the <town>")
    page = new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page.goto(serve({"index.html": article(told["html"])}))
    assert settled(shown_story(page, "scroll"))["step"] == "far"


def test_wordpress_keeps_of_it_a_frame_without_an_origin(
    app: Any, ask: Callable[..., Any], new_page: Open, serve: Callable[..., str], complaints: list[str]
) -> None:
    address = quote(f"{app.url}news/maps/story/ridge/", safe="")
    html = json.loads(ask(f"{app.url}news/maps/oembed?url={address}&maxwidth=600&maxheight=900").body)["html"]
    source = html.split('<iframe src="')[1].split('"')[0]
    frame_only = (
        f'<iframe sandbox="allow-scripts" security="restricted" title="x" src="{source}#?secret=abc" width="600" height="640">'
        "</iframe>"
    )
    page = new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page.goto(serve({"index.html": article(frame_only)}))
    frame = shown_story(page, "step")
    for step in ("far", "near", "close"):
        frame.click(".next")
        settled(frame, step)
    assert complaints == []
