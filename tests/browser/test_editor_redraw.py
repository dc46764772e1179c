"""Another version of a preview, drawn in the document that stands: it is the same as in a document of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, Page
from ruamel.yaml import YAML

import storymap
from again import again, at_length
from browser.reading import DESKTOP, PHONE, STILL, ZHANATAS, settled
from editorpages import GEODATA
from storyfolder import write_story
from storymap.app.editor.remapping import frame_of
from storymap.document import compile_story
from storymap.geocache import user_cache

Change = Callable[[dict[str, Any]], object]

HOST = """<!doctype html><title>Host</title><style>body{margin:0}iframe{border:0;width:100vw;height:100vh}</style>
<iframe sandbox="allow-scripts" src="PAGE"></iframe>
<script>
    const frame = document.querySelector('iframe').contentWindow;
    const said = [];
    addEventListener('message', ({ data }) => said.push(data));
    const ask = (what, more) => frame.postMessage({ type: 'storymap:desk', do: what, ...more }, '*');
    async function redraw(version, address, flying) {
        ask('redraw', { version, flying, html: await (await fetch(address)).text() });
    }
</script>"""

# All that a document holds and shows; what lists and legends stand open is the reader's.
WHOLE = """() => {
    const canvas = document.querySelector('.map-canvas:not(.map-ghost)');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let sum = 7;
    for (let i = 0; i < data.length; i += 1) sum = (Math.imul(sum, 31) + data[i]) | 0;
    const html = (selector) => [...document.querySelectorAll(selector)].map((one) => one.outerHTML);
    const defs = [...document.querySelectorAll('.defs path')].map((one) => [one.id, one.getAttribute('d')]);
    return {
        state: storymap.state(), sum, defs,
        column: html('.column'), hero: html('.hero'), about: html('.about'), contents: html('.contents'),
        notes: html('.map-legend, .map-credits, .scale'), tone: document.querySelector('.stage').dataset.tone,
        aria: document.querySelector('.map').getAttribute('aria-label'),
    };
}"""


def edited(change: Change) -> str:
    """Document of the small story with a change, as the editor's preview has it."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return compile_story(storymap.load(write_story(Path(folder), change)), desk=True).html


@cache
def before() -> str:
    return edited(lambda story: None)


def layer(number: int, **more: Any) -> Change:
    return lambda story: story["layers"][number].update(more)


def step(number: int, **more: Any) -> Change:
    return lambda story: story["steps"][number].update(more)


CHANGES: dict[str, Change] = {
    "bounds": step(1, view={"bounds": [60, 40, 80, 50]}),
    "view of the first step": step(0, view={"bounds": [40, 30, 90, 60]}),
    "tone": step(1, tone="dark"),
    "shown": step(1, show=["area"]),
    "without": step(1, without=["graticule", "overview"]),
    "alt": step(1, alt="Another map."),
    "colour": layer(0, style={"color": "#993366"}),
    "legend": layer(0, legend="Another legend"),
    "all at once": lambda story: [
        story["steps"][1].update(title="Another & <more>", text="Another text.", view={"bounds": [60, 42, 75, 52]}),
        story["steps"][2].update(tone="dark", show=["area"]),
        story["layers"][0].update(style={"color": "#116633"}),
    ],
}


def open_host(page: Page, address: str, at: str) -> Frame:
    page.goto(f"{address}host.html#{at}")
    frame = page.wait_for_selector("iframe").content_frame()
    assert frame
    settled(frame)
    page.wait_for_function("() => said.some((one) => one.said === 'ready')")
    frame.evaluate("step => storymap.go(step)", at)
    settled(frame, at)
    return frame


def redrawn(page: Page, frame: Frame, version: int, address: str, *, flying: bool = False) -> dict[str, Any]:
    page.evaluate("(all) => redraw(...all)", [version, address, flying])
    page.wait_for_function(
        "version => said.some((one) => one.said === 'redrawn' && one.version === version)", arg=version
    )
    told = page.evaluate("version => said.find((one) => one.said === 'redrawn' && one.version === version)", version)
    assert told["done"] is True
    settled(frame)
    whole: dict[str, Any] = frame.evaluate(WHOLE)
    return whole


def fresh(page: Page, address: str, at: str) -> dict[str, Any]:
    page.goto(f"{address}#{at}")
    settled(page, at)
    whole: dict[str, Any] = page.evaluate(WHOLE)
    return whole


@pytest.mark.parametrize("screen", again([DESKTOP, PHONE]))
@at_length
def test_each_change_is_drawn_as_in_a_document_of_its_own(
    new_page: Callable[..., Page], serve: Callable[..., str], complaints: list[str], screen: dict[str, int]
) -> None:
    pages = {f"v{number}.html": edited(change) for number, change in enumerate(CHANGES.values())}
    address = serve({"host.html": HOST.replace("PAGE", "v.html"), "v.html": before(), **pages})
    page, other = new_page(viewport=screen, **STILL), new_page(viewport=screen, **STILL)
    at = "two"
    frame = open_host(page, address, at)
    for number, name in enumerate([*pages, "v.html"]):
        assert frame_of(before()) == frame_of({**pages, "v.html": before()}[name])
        assert redrawn(page, frame, number, name) == fresh(other, address + name, at), [*CHANGES, "as it was"][number]
    # And it goes on from there.
    frame.evaluate("storymap.go('three')")
    settled(frame, "three")
    assert frame.evaluate(WHOLE) == fresh(other, address + "v.html", "three")
    assert complaints == []


def test_the_flagship_is_drawn_anew_in_place(
    new_page: Callable[..., Page], serve: Callable[..., str], tmp_path: Path
) -> None:
    folder = tmp_path / "zhanatas"
    shutil.copytree(ZHANATAS, folder)
    (tmp_path / "basemap").symlink_to(GEODATA / "basemap")
    old = compile_story(storymap.load(folder), cache=user_cache(), desk=True).html
    yaml = YAML()
    story = yaml.load(folder / "story.yaml")
    number = next(n for n, one in enumerate(story["steps"]) if one["id"] == "influx")
    story["steps"][number]["view"] = {"bounds": [50, 35, 90, 60]}
    story["layers"][1].setdefault("style", {})["color"] = "#aa2255"
    yaml.dump(story, folder / "story.yaml")
    new = compile_story(storymap.load(folder), cache=user_cache(), desk=True).html
    assert frame_of(old) == frame_of(new)
    address = serve({"host.html": HOST.replace("PAGE", "old.html"), "old.html": old, "new.html": new})
    page, other = new_page(viewport=DESKTOP, **STILL), new_page(viewport=DESKTOP, **STILL)
    frame = open_host(page, address, "influx")
    was = frame.evaluate(WHOLE)
    now = redrawn(page, frame, 1, "new.html")
    assert now == fresh(other, address + "new.html", "influx")
    assert was["sum"] != now["sum"] and was["state"]["camera"] != now["state"]["camera"]


def test_while_the_map_is_moved_by_hand_it_stays_where_it_is(
    new_page: Callable[..., Page], serve: Callable[..., str]
) -> None:
    after = edited(CHANGES["all at once"])
    address = serve({"host.html": HOST.replace("PAGE", "v.html"), "v.html": before(), "after.html": after})
    page = new_page(viewport=DESKTOP, **STILL)
    frame = open_host(page, address, "two")
    page.evaluate("ask('fly', { on: true })")
    frame.wait_for_function("() => storymap.state().exploring")
    stood, seen = settled(frame)["camera"], frame.evaluate(WHOLE)["sum"]
    whole = redrawn(page, frame, 1, "after.html", flying=True)
    assert whole["state"]["exploring"] and whole["state"]["camera"]["center"] == pytest.approx(stood["center"])
    assert whole["sum"] != seen, "the area has another colour"
    # Once the view is taken the map is read again.
    other = new_page(viewport=DESKTOP, **STILL)
    assert redrawn(page, frame, 2, "after.html") == fresh(other, address + "after.html", "two")


def test_what_grows_above_leaves_the_step_that_is_read_in_its_place(
    new_page: Callable[..., Page], serve: Callable[..., str]
) -> None:
    more = edited(step(0, show=["area", "line", "pit", "town"], text="First.\n\nIt goes on. " * 9))
    address = serve({"host.html": HOST.replace("PAGE", "v.html"), "v.html": before(), "after.html": more})
    page = new_page(viewport=PHONE, **STILL)
    frame = open_host(page, address, "two")
    # As in browsers that do not keep what is read in its place by themselves.
    frame.evaluate("document.documentElement.style.overflowAnchor = 'none'")
    where = "() => ['one', 'two'].map((id) => document.getElementById(id).getBoundingClientRect().top)"
    above, here = frame.evaluate(where)
    redrawn(page, frame, 1, "after.html")
    now_above, now_here = frame.evaluate(where)
    assert now_above < above - 100, "the step before has grown"
    assert now_here == pytest.approx(here, abs=1)


def test_what_can_not_be_drawn_in_place_is_said(new_page: Callable[..., Page], serve: Callable[..., str]) -> None:
    address = serve({"host.html": HOST.replace("PAGE", "v.html"), "v.html": before(), "odd.html": "<p>No story"})
    page = new_page(viewport=DESKTOP, **STILL)
    frame = open_host(page, address, "two")
    whole = frame.evaluate(WHOLE)
    page.evaluate("redraw(9, 'odd.html')")
    page.wait_for_function("() => said.some((one) => one.said === 'redrawn' && one.version === 9 && !one.done)")
    assert frame.evaluate(WHOLE) == whole


@pytest.mark.parametrize(
    "change",
    [
        lambda story: story.update(title="Another story"),
        lambda story: story.update(byline="Somebody"),
        lambda story: story["steps"].reverse(),
        lambda story: story["steps"].pop(),
        lambda story: story["steps"][1].update(id="another"),
        lambda story: story.update(theme={"colors": {"accent": "#993366"}}),
        lambda story: story.update(lang="ru"),
    ],
)
def test_another_page_has_another_frame(change: Change) -> None:
    assert frame_of(edited(change)) != frame_of(before())
