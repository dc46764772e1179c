"""Where things go wrong: texts that attack, frames of others, scripts that do not run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

import storymap
from again import again
from browser.reading import (
    DESKTOP,
    SCREENS,
    STILL,
    ZHANATAS,
    compiled,
    files,
    frames,
    layer,
    open_story,
    settled,
    step,
    step_ids,
    zhanatas,
)

Open = Callable[..., Page]

# Texts that attack

MARKS = (
    "<script>window.pwned = 1</script>",
    "</script><script>window.pwned = 2</script>",
    "<img src=x onerror=window.pwned=3>",
    "{{7*7}} {% raw %} 100 {% {{ ''.__class__ }} ${7*7} #{7*7}",
    "<!-- --> ]]> <![CDATA[ <svg onload=window.pwned=4>",
    "a\u2028b\u2029c &lt;b&gt; &amp;amp; \\u003cscript\\u003e",
    "</title></style></svg></details><iframe srcdoc=x></iframe>",
)
EVIL = " ".join(MARKS)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Any:
    names = {"name": EVIL, EVIL: EVIL, "url": "javascript:window.pwned=5", "kind": "<b>k</b>"}
    places = [
        ("Point", [70, 45], names),
        ("Polygon", [[[60, 40], [80, 40], [80, 48], [60, 48], [60, 40]]], {**names, "name": "{{7*7}}"}),
    ]
    categories = {"<b>k</b>": {"label": EVIL, "color": "accent"}}
    text = f"{EVIL}\n\n[a link](javascript:window.pwned=6) [b](data:text/html,x) [c](vbscript:x)\n\n<i>raw</i> `{{{{7*7}}}}`"
    story = {
        "title": f"T {EVIL}",
        "subtitle": EVIL,
        "byline": EVIL,
        "description": EVIL,
        "sources": {"evil": {"title": EVIL, "publisher": EVIL, "note": EVIL}},
        "corrections": [{"date": "2021-04-01", "text": EVIL, "step": "one"}],
        "layers": [
            layer(
                "places", title=EVIL, legend=EVIL, label="name", tooltip=["name", EVIL, "url"], key="name",
                style={"column": "kind", "categories": categories, "radius": 12},
            )
        ],
        "steps": [
            step(
                "one", [60, 40, 80, 50], show=["places"], title=EVIL, alt=EVIL, when=EVIL, text=text,
                quote={"text": EVIL, "who": EVIL, "source": "evil"}, sources=[{"source": "evil", "note": EVIL}],
            ),
            step("two", [50, 40, 70, 50], show=["places"]),
        ],
    }  # fmt: skip
    story["layers"][0]["source"].update(credit=EVIL, license=EVIL, note=EVIL)
    return compiled(tmp_path_factory.mktemp("hostile") / "hostile", story, places=places)


@pytest.fixture
def attacked(new_page: Open, serve: Callable[..., str], hostile: Any, complaints: list[str]) -> Iterator[Page]:
    page = new_page(viewport=DESKTOP, **STILL)
    page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    open_story(page, serve(files(hostile)))
    yield page
    assert page.evaluate("typeof window.pwned") == "undefined"
    assert complaints == []


def one_space(text: str) -> str:
    return " ".join(text.split())


def test_texts_that_attack_are_only_texts(attacked: Page) -> None:
    page = attacked
    for name in ("one", "two", "one"):
        page.evaluate("name => storymap.go(name)", name)
        settled(page, name)
    for kind in ("img", "iframe", "b:not(.leaflet-container b)", "object", "embed", "form"):
        assert page.query_selector_all(f"body {kind}") == [], kind
    addresses = page.eval_on_selector_all("a[href]", "all => all.map((one) => one.protocol)")
    assert set(addresses) <= {"http:", "https:", "mailto:"}
    scripts = page.eval_on_selector_all("script", "all => all.length")
    benign = len(re.findall(r"<script[ >]", zhanatas().html))
    assert scripts == benign, "as many as a story without such texts has"
    texts = {
        "h1": page.evaluate("document.querySelector('h1').textContent"),
        "title": page.title(),
        "h2": page.evaluate("document.querySelector('#one h2').textContent"),
        "who": page.evaluate("document.querySelector('.quote footer').textContent"),
        "legend": page.evaluate("document.querySelector('.map-legend').textContent"),
        "alt": page.get_attribute(".map", "aria-label") or "",
        "about": page.evaluate("document.querySelector('.about').textContent"),
        "live": page.evaluate("document.querySelector('.live-region').textContent"),
    }
    for place, text in texts.items():
        for sign in ("window.pwned = 1", "{{7*7}}", "{% raw %}", "100 {%"):
            assert sign in text, f"{place} lost {sign}: {text[:200]}"
        assert "49" not in text
    assert one_space(EVIL) in one_space(texts["alt"])


def test_facts_that_attack_are_only_facts(attacked: Page) -> None:
    page = attacked
    page.click(".explore-button")
    page.wait_for_function("() => storymap.state().exploring")
    state = settled(page)
    west, _, east, _ = state["camera"]["bounds"]
    x = (70 - west) / (east - west) * state["size"][0]
    for y in range(40, state["size"][1] - 80, 12):
        page.mouse.move(x, y)
        page.mouse.click(x, y)
        if page.query_selector(".facts") and EVIL[:20] in page.inner_text(".facts"):
            break
    rows = page.eval_on_selector_all(".facts dt, .facts dd", "all => all.map((one) => one.textContent)")
    assert one_space(EVIL) in [one_space(row) for row in rows]
    assert "javascript:window.pwned=5" in rows
    assert page.query_selector_all(".facts script, .facts img, .facts a, .facts b") == []
    assert one_space(page.evaluate("document.querySelector('.facts-layer').textContent")) == one_space(EVIL)


def test_the_map_bears_names_as_they_are(attacked: Page) -> None:
    labels = settled(attacked)["labels"]
    assert "{{7*7}}" in labels or one_space(EVIL) in [one_space(label) for label in labels]


# Frames of others


HOST = """<!doctype html><html lang="en"><title>An article</title><link rel="icon" href="data:,"><body style="margin:0">
<p style="height:{above}px">Before</p>
<iframe src="{src}" {more} title="Story" style="width:100%;height:640px;border:0;display:block"></iframe>
<p style="height:2000px">After</p></body></html>"""


def hosted(new_page: Open, serve: Callable[..., str], more: str, at: str = "") -> tuple[Page, Frame]:
    """(an article on another host than the story, the story's frame)."""
    story = serve(files(zhanatas())) + at
    page = new_page(viewport=DESKTOP, **STILL)
    page.add_init_script(
        "window.heard = []; if (window === window.top) window.addEventListener('message', (event) => {"
        " if (event.data && event.data.type) window.heard.push({...event.data, from: event.origin}); });"
    )
    host = serve({"index.html": HOST.format(src=story, more=more, above=40)})
    page.goto(host.replace("127.0.0.1", "localhost"))
    frame = page.wait_for_selector("iframe").content_frame()
    assert frame is not None
    settled(frame)
    return page, frame


def test_a_link_into_a_frame_and_the_frame_out_of_sight(
    new_page: Open, serve: Callable[..., str], complaints: list[str]
) -> None:
    page, frame = hosted(new_page, serve, 'sandbox="allow-scripts"', f"#{step_ids()[4]}")
    assert settled(frame)["step"] == step_ids()[4]
    assert page.evaluate("scrollY") == 0, "the article stays where its reader is"
    page.mouse.move(640, 20)
    page.evaluate("window.scrollTo(0, 1200)")
    frames(page)
    assert settled(frame)["step"] == step_ids()[4]
    assert complaints == []


# Scripts that do not run


@pytest.mark.parametrize("screen", again(SCREENS, keep=2))
def test_without_script_it_is_an_illustrated_article(
    new_page: Open, serve: Callable[..., str], complaints: list[str], screen: str
) -> None:
    page = new_page(viewport=SCREENS[screen], java_script_enabled=False)
    page.goto(serve(files(zhanatas())))
    size = SCREENS[screen]
    expect(page.locator(".stage")).to_be_hidden()
    below = 0.0
    for one in storymap.load(ZHANATAS).steps:
        still = page.locator(f"#{one.id} .still svg").bounding_box()
        heading = page.locator(f"#{one.id} h2").bounding_box()
        text = page.locator(f"#{one.id} .words > p").last.bounding_box()
        assert still and heading and text, one.id
        assert below <= still["y"] < heading["y"] < text["y"], f"{one.id}: picture, title, text, in order"
        assert still["height"] > 150, f"{one.id}: its picture is to be seen"
        assert still["width"] <= size["width"]
        assert still["x"] >= 0
        below = heading["y"]
    for control in (".explore-button", ".stepper", ".scale", ".progress"):
        expect(page.locator(control)).to_be_hidden()
    body = page.locator("body").bounding_box()
    about = page.locator(".about").bounding_box()
    assert body and about
    assert about["x"] >= 0
    assert max(body["width"], about["width"]) <= size["width"]
    assert complaints == []


def test_without_script_links_inside_lead_to_their_steps(new_page: Open, serve: Callable[..., str]) -> None:
    page = new_page(viewport=SCREENS["phone"], java_script_enabled=False)
    page.goto(serve(files(zhanatas())) + f"#{step_ids()[5]}")
    box = page.locator(f"#{step_ids()[5]}").bounding_box()
    assert box
    assert abs(box["y"]) < 400, "the step that was linked is in the window"


# A frame that is hidden at first


@pytest.mark.parametrize("hidden", ["display:none", "width:0", "height:0"])
@pytest.mark.parametrize("anchor", ["", "two"])
def test_in_a_frame_that_is_hidden_at_first_the_story_comes_up_when_it_is_shown(
    new_page: Open, serve: Callable[..., str], tmp_path: Path, complaints: list[str], hidden: str, anchor: str
) -> None:
    """As in a tab panel: it starts at its first step, or the one asked for, and not where a frame without size has it."""
    steps = [step("one", [60, 40, 70, 50]), step("two", [66, 41, 74, 46]), step("three", [66, 41, 80, 50])]
    story = files(compiled(tmp_path / "story", {"title": "Hidden", "steps": steps}))
    frame = f'<iframe title="Hidden" src="story.html?layout=page#{anchor}" style="width:800px;height:600px;{hidden}">'
    article = f"<!doctype html><title>x</title>{frame}</iframe>"
    page = new_page(**STILL)
    page.goto(serve({**story, "story.html": story["index.html"], "index.html": article}))
    inner = page.frames[1]
    inner.wait_for_function("() => document.documentElement.classList.contains('ready')")
    page.evaluate("document.querySelector('iframe').style.cssText = 'width:800px;height:600px'")
    state = settled(inner, anchor or "one")
    assert state["size"][0] > 300
    assert state["camera"]["zoom"] > 1
    assert complaints == []


# Styles that come late


def test_leaflets_styles_are_let_in_and_stand_below_the_pages_own(
    new_page: Open, serve: Callable[..., str], complaints: list[str]
) -> None:
    page = new_page(viewport=DESKTOP, **STILL)
    open_story(page, serve(files(zhanatas())))
    holding = page.evaluate(
        """() => [...document.styleSheets].map((sheet) =>
            [...sheet.cssRules].some((rule) => rule.selectorText === '.leaflet-container'))"""
    )
    assert holding[0] and not any(holding[1:]), "Leaflet's first: of two rules as strong the later one holds"
    assert complaints == []
