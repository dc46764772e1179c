"""What the browser tests of the page share: stories, compiled once, and ways to open, drive and read the map."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Frame, Page

import storymap
from storymap.document import Document, compile_story
from storymap.geocache import user_cache

ROOT = Path(__file__).resolve().parents[2]
ZHANATAS = ROOT / "geodata" / "zhanatas"

DESKTOP = {"width": 1280, "height": 800}
TABLET = {"width": 820, "height": 1180}
PHONE = {"width": 390, "height": 844}
SCREENS = {"desktop": DESKTOP, "phone": PHONE, "tablet": TABLET}

STILL = {"reduced_motion": "reduce"}
"""Context options where the way to a step does not matter: no flights to wait for."""


@cache
def zhanatas() -> Document:
    """The flagship story, compiled once for each test process."""
    return compile_story(storymap.load(ZHANATAS), cache=user_cache())


@cache
def step_ids() -> tuple[str, ...]:
    """Ids of its steps in order."""
    return tuple(step.id for step in storymap.load(ZHANATAS).steps)


def files(document: Document) -> dict[str, str | bytes]:
    """What a web server needs to show a document."""
    return {"index.html": document.html, **{name: path.read_bytes() for name, path in document.assets.items()}}


def compiled(folder: Path, story: Mapping[str, Any], **data: Any) -> Document:
    """A story folder with ``story`` and its GeoJSON files, and the document of it.

    ``data``: file name without suffix → list of (geometry type, coordinates, properties), lon, lat.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, features in data.items():
        collection = {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}
                for kind, coordinates, properties in features
            ],
        }
        (folder / f"{name}.geojson").write_text(json.dumps(collection, ensure_ascii=False), "utf-8")
    # JSON is YAML, whatever the texts hold.
    (folder / "story.yaml").write_text(json.dumps(story, ensure_ascii=True), "utf-8")
    return compile_story(storymap.load(folder), cache=user_cache())


def layer(name: str, **more: Any) -> dict[str, Any]:
    """A layer of file ``name``.geojson."""
    source = {"file": f"{name}.geojson", "credit": "The storymap project", "license": "CC0-1.0"}
    return {"id": name, "source": source, **more}


def step(name: str, bounds: list[float], **more: Any) -> dict[str, Any]:
    """A step with a view and the texts that each step has to have."""
    texts = {"title": f"Title of {name}", "alt": f"Map of {name}", "text": f"Text of {name}. " * 20}
    return {"id": name, "view": {"bounds": bounds}, **texts, **more}


def settled(page: Page | Frame, step: str | None = None, timeout: float = 60_000) -> dict[str, Any]:
    """The state of the map once nothing moves any more (and, when given, the step is reached)."""
    page.wait_for_function(
        """(step) => {
            const state = window.storymap && storymap.state && storymap.state();
            return state && !state.moving && (!step || state.step === step);
        }""",
        arg=step,
        timeout=timeout,
    )
    return page.evaluate("storymap.state()")


def story_frame(page: Page, step: str | None = None) -> Frame:
    """The frame of the story in the app, once its map stands still (at a step).

    The app sends a frame that is still loading to the step of its own address. Playwright may take the frame of before
    for the one that is there, and wait in it for ever: so the frame is asked for again every few seconds.
    """
    until = time.monotonic() + 60
    while True:
        handle = page.wait_for_selector("iframe[data-testid=stIFrame]").content_frame()
        try:
            assert handle, "the frame was taken away"
            settled(handle, step, timeout=5_000)
        except (AssertionError, Error):
            if time.monotonic() > until:
                raise
            page.wait_for_timeout(50)
        else:
            return handle


def open_story(page: Page, address: str, step: str | None = None) -> dict[str, Any]:
    """Opens the story and waits for the map."""
    page.goto(address)
    return settled(page, step)


def lasting(state: dict[str, Any]) -> dict[str, Any]:
    """What two visits to a step have to have in common."""
    return {key: value for key, value in state.items() if key not in {"moving", "reducedMotion"}}


def canvas_pixel(page: Page, x: float, y: float) -> tuple[int, int, int]:
    """Colour of the live map at x, y CSS pixels from its top left corner."""
    values = page.evaluate(
        """([x, y]) => {
            const canvas = document.querySelector('.map-canvas:not(.map-ghost)');
            const ratio = canvas.width / canvas.clientWidth;
            return [...canvas.getContext('2d').getImageData(Math.round(x * ratio), Math.round(y * ratio), 1, 1).data];
        }""",
        [x, y],
    )
    return values[0], values[1], values[2]


UNREAD = """(index) => {
    // Pixels from here to where the card of a step is read: in the middle, or right under a map that is pinned.
    const box = document.querySelectorAll('.card')[index].getBoundingClientRect();
    const stage = document.querySelector('.stage');
    const pinned = stage.offsetHeight < 0.75 * innerHeight;
    const place = pinned ? stage.offsetHeight + 12 : Math.max(24, (innerHeight - box.height) / 2);
    const most = document.documentElement.scrollHeight - innerHeight - scrollY;
    return Math.min(most, Math.round(box.top - place));
}"""


def turn_wheel(page: Page, distance: float, tick: float = 100) -> None:
    """Turns the wheel, tick by tick, and waits until the page has scrolled that far."""
    goal = round(page.evaluate("scrollY") + distance)
    left = distance
    while abs(left) > 0.5:
        turn = max(-tick, min(tick, left))
        page.mouse.wheel(0, turn)
        left -= turn
    page.wait_for_function("goal => Math.abs(scrollY - goal) <= 1", arg=goal)


def read_on(page: Page, index: int) -> None:
    """Scrolls with the wheel until the card of a step is where it is read."""
    turn_wheel(page, page.evaluate(UNREAD, index))


def frames(page: Page | Frame, number: int = 3) -> None:
    """Waits until the browser has drawn some frames."""
    page.evaluate(
        """number => new Promise((done) => {
            const next = () => (number-- > 0 ? requestAnimationFrame(next) : done());
            next();
        })""",
        number,
    )


def opener(new_page: Callable[..., Page], address: str) -> Callable[..., Page]:
    """``open(screen, "#id", **options)``: the story in a fresh page of that size, at rest."""

    def start(screen: str, at: str = "", **options: Any) -> Page:
        page = new_page(viewport=SCREENS[screen], **options)
        open_story(page, address + at)
        return page

    return start
