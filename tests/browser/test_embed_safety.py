"""What a hostile story can do to an article, and a hostile article to a story: nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from browser.hosting import BOX, Site, article, open_article, shown_story, story_site, to_start
from browser.reading import STILL, frames, lasting, settled, step_ids
from storymap import embed

Open = Callable[..., Page]
Serve = Callable[..., str]

DESKTOP = {"width": 1280, "height": 800}
HOSTILE = """<!DOCTYPE html><title>x</title><script>
const post = (message) => parent.postMessage(message, '*');
const say = (type, more) => post({type: `storymap:${type}`, version: 1, ...more});
addEventListener('message', (event) => { (window.heard = window.heard || []).push(event.data); });
</script>"""


@pytest.fixture
def site(serve: Serve) -> Site:
    return story_site(serve)


def hostile(new_page: Open, serve: Serve) -> tuple[Page, Any]:
    """An article with a story that says whatever the test lets it say."""
    address = serve({"bad/index.html": HOSTILE, "embed.js": embed.script(), "picture.svg": "<svg/>"})
    address = address.replace("127.0.0.1", "localhost")
    page = new_page(viewport=DESKTOP, **STILL)
    snippet = embed.snippet(
        "ladder",
        url=f"{address}bad/",
        title="Bad",
        script_url=f"{address}embed.js",
        picture_url=f"{address}picture.svg",
    )
    open_article(page, serve, article(snippet))
    handle = page.wait_for_selector("iframe")
    page.evaluate("document.querySelector('iframe').loading = 'eager'")
    page.wait_for_function("() => document.querySelector('iframe').storymap")
    frame = handle.content_frame()
    assert frame
    frame.wait_for_function("() => typeof say === 'function'", polling=50)
    return page, frame


def told(page: Page, frame: Any) -> None:
    """Waits until the article has heard what the frame has said so far."""
    page.evaluate(
        "() => { window.pong = 0; addEventListener('storymap:step', (event) => { window.pong = event.detail.index; }); }"
    )
    frame.evaluate("say('step', {step: 'pong', index: 7, total: 9})")
    page.wait_for_function("() => window.pong === 7")


def test_a_hostile_story_scrolls_nothing_and_makes_nothing_endless(
    new_page: Open, serve: Serve, complaints: list[str]
) -> None:
    page, frame = hostile(new_page, serve)
    for message in (
        "null", "1", "'x'", "[]", "{}", "{type: 'storymap:hello'}", "{type: 'storymap:hello', version: 2, length: 5}",
        "{type: 'storymap:hello', version: 1, length: NaN}", "{type: 'storymap:hello', version: 1, length: '1e9'}",
        "{type: 'storymap:nothing', version: 1}", "{type: 'storymap:step', version: 1, step: '<img onerror=x>'}",
        "{type: 'storymap:step', version: 1, step: {toString: 1}}", "{type: 'storymap:scroll', version: 1, to: 5000, n: 1}",
    ):  # fmt: skip
        frame.evaluate(f"post({message})")
    told(page, frame)
    height = page.locator("figure").evaluate("e => e.offsetHeight")
    assert height < 800, "a story that says nothing of use is a frame like any other"
    frame.evaluate("say('hello', {wants: 'scroll', length: 1e300})")
    page.wait_for_function("() => document.querySelector('iframe').storymap.mode === 'scroll'")
    assert page.locator("iframe").evaluate("e => e.parentElement.offsetHeight") == 200_000 + 800
    assert page.evaluate("[document.title, document.querySelector('h1').textContent]") == ["Article", "Article"]
    assert complaints == []


ATTACK = """<script>
let n = 0;
setInterval(() => {
    say('hello', {wants: n % 2 ? 'scroll' : 'step', length: 3000 + 500 * (n % 3)});
    for (const to of [900, 0, 1e9, NaN, '1']) say('scroll', {to, n: ++n});
    say('step', {step: 'tick', index: 1, total: 1});
}, 20);
</script>"""


def test_without_a_press_of_the_reader_the_article_does_not_move(new_page: Open, serve: Serve) -> None:
    address = serve({"bad/index.html": HOSTILE + ATTACK, "embed.js": embed.script()}).replace("127.0.0.1", "localhost")
    page = new_page(viewport=DESKTOP, **STILL)
    frame = f'<iframe src="{address}bad/" title="Bad" width="600" height="400"></iframe>'
    html = article(f'<figure>{frame}</figure><script async src="{address}embed.js"></script>', above=1)
    watch = "<script>window.ticks = 0; addEventListener('storymap:step', () => { window.ticks += 1; });</script>"
    page.goto(serve({"index.html": html.replace("<main>", f"{watch}<main>")}))
    tools = page.context.new_cdp_session(page)

    def look(expression: str) -> Any:
        # Not by page.evaluate: for the browser that is a press of the reader.
        answer = tools.send("Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True})
        return answer["result"].get("value")

    ticks = "new Promise((done) => { const look = () => (ticks > 99 ? done(ticks) : setTimeout(look, 20)); look(); })"
    assert look(ticks) > 99
    assert look("navigator.userActivation.isActive") is False
    assert look("scrollY") == 0
    page.mouse.move(600, 300)
    page.mouse.wheel(0, 300)
    assert look(f"ticks = 0, {ticks}") > 99
    assert look("scrollY") == 300


def test_once_the_reader_presses_something_a_story_moves_within_its_own_wrapper_only(
    new_page: Open, serve: Serve
) -> None:
    page, frame = hostile(new_page, serve)
    frame.evaluate("say('hello', {wants: 'scroll', length: 3000})")
    page.wait_for_function("() => document.querySelector('iframe').storymap.mode === 'scroll'")
    for to, at in (("1e9", 3000), ("-1e9", 0), ("1200", 1200)):
        page.mouse.click(1200, 40)
        frame.evaluate(f"say('scroll', {{to: {to}, n: 1}})")
        told(page, frame)
        top = page.locator("iframe").evaluate("e => e.parentElement.getBoundingClientRect().top")
        assert top == pytest.approx(-at, abs=1)


def test_other_frames_are_not_heard(new_page: Open, serve: Serve, site: Site, complaints: list[str]) -> None:
    other = serve({"index.html": HOSTILE})
    page = new_page(viewport=DESKTOP, **STILL)
    open_article(page, serve, article(site.snippet() + f'<iframe id="other" src="{other}"></iframe>'))
    frame = shown_story(page, "scroll")
    to_start(page, frame)
    heard = page.evaluate_handle(
        "() => { const heard = []; addEventListener('storymap:step', (event) => heard.push(event.detail)); return heard; }"
    )
    stranger = page.query_selector("#other").content_frame()  # type: ignore[union-attr]
    assert stranger
    stranger.wait_for_function("() => typeof say === 'function'", polling=50)
    before = page.locator("figure").evaluate(BOX)
    stranger.evaluate("say('hello', {wants: 'step', length: 9}); say('step', {step: 'evil', index: 1, total: 2})")
    # To the story itself, past the article: it hears its parent only.
    stranger.evaluate("parent[0].postMessage({type: 'storymap:go', version: 1, step: 9}, '*')")
    stranger.evaluate("parent[0].postMessage({type: 'storymap:host', version: 1, mode: 'step', can: true}, '*')")
    stranger.evaluate("parent[0].postMessage({type: 'storymap:at', version: 1, y: 3000, n: 0}, '*')")
    frames(page, 6)
    frames(frame, 6)
    assert heard.json_value() == []
    assert page.locator("figure").evaluate(BOX) == before
    assert settled(frame)["step"] == step_ids()[0]
    assert frame.evaluate("[scrollY, document.documentElement.classList.contains('stepping')]") == [0, False]
    assert complaints == []


def test_a_hostile_article_reads_nothing_and_breaks_nothing(
    new_page: Open, serve: Serve, site: Site, complaints: list[str]
) -> None:
    page = new_page(viewport=DESKTOP, **STILL)
    page.add_init_script(
        "if (window === top) addEventListener('message', (event) => (window.all ??= []).push(event.data))"
    )
    open_article(page, serve, article(site.snippet("iframe")))
    frame = shown_story(page, "step")
    before = lasting(settled(frame))
    assert page.evaluate("document.querySelector('iframe').contentDocument") is None
    refused = "(() => { try { return String(frames[0].storymap); } catch (error) { return error.name; } })()"
    assert page.evaluate(refused) == "SecurityError"
    say = "(message) => frames[0].postMessage(message, '*')"
    shaped = [
        {"type": "storymap:go", "version": 1, "step": 3},
        {"type": "storymap:host", "version": 9, "mode": "scroll"},
        {"type": "storymap:host", "version": 1, "mode": "<b>", "can": "yes"},
        {"type": "storymap:at", "version": 1, "y": 500, "n": 0},
    ]
    for message in (None, 1, "x", [], {}, *shaped):
        page.evaluate(say, message)
    frames(frame, 6)
    assert lasting(settled(frame)) == before, "without an answer to its hello nobody leads it"
    page.evaluate(say, {"type": "storymap:host", "version": 1, "mode": "scroll", "can": True})
    frame.wait_for_function("() => !document.documentElement.classList.contains('stepping')")
    for y in ("NaN", "Infinity", "'3'", "null", "{}"):
        page.evaluate(f"frames[0].postMessage({{type: 'storymap:at', version: 1, y: {y}, n: 0}}, '*')")
    for step in ("-1", "1e9", "0.5", "'constructor'", "{}", "null", "[1]"):
        page.evaluate(f"frames[0].postMessage({{type: 'storymap:go', version: 1, step: {step}}}, '*')")
    frames(frame, 6)
    assert settled(frame)["step"] == before["step"]
    page.evaluate("frames[0].postMessage({type: 'storymap:go', version: 1, step: 2}, '*')")
    settled(frame, step_ids()[2])
    # All that it was told: numbers and ids.
    for message in page.evaluate("window.all"):
        for key, value in message.items():
            assert (
                isinstance(value, (int, float))
                or (key == "type" and value.startswith("storymap:"))
                or (value in (*step_ids(), "scroll", "step"))
            ), message
    assert complaints == []
