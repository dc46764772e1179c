"""Articles of another site that show the story in a frame: how they are built, opened, scrolled and looked at.

The story stands on ``localhost``, articles on ``127.0.0.1``: for the browser these are different sites.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Frame, Page, Route
from playwright.sync_api import TimeoutError as TooLate

import storymap
from browser.reading import ZHANATAS, files, frames, settled, step_ids, zhanatas
from storymap import embed, words
from storymap.app.library import step_picture
from storymap.document import draw
from storymap.geocache import user_cache
from storymap.illustration import PICTURE

SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
TITLE = "The town that phosphate built"
PARAGRAPH = "<p>" + "The mine was there before the town, and the line of supply before the mine. " * 8 + "</p>"
STYLE = """
body { margin: 0; font: 18px/1.6 serif; }
main { max-width: 680px; margin: 0 auto; padding: 0 16px; }
"""

BOX = "e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; }"


@dataclass(frozen=True)
class Site:
    """Where the story is served: ``address`` of the folder with ``embed.js``, ``story`` of its document."""

    address: str

    @property
    def story(self) -> str:
        return f"{self.address}story/zhanatas/"

    def snippet(self, kind: embed.Kind = "ladder", **options: Any) -> str:
        """What an editor pastes."""
        return embed.snippet(
            kind,
            url=self.story,
            title=TITLE,
            script_url=f"{self.address}embed.js",
            picture_url=f"{self.address}picture.svg",
            alt="Kazakhstan",
            picture_size=PICTURE,
            steps=step_ids(),
            words=words.page_words("en"),
            options=embed.EmbedOptions(**options),
        )


@cache
def _first_picture() -> str:
    """What snippets show where frames are stripped. Drawn once for all tests."""
    story = storymap.load(ZHANATAS)
    return step_picture(story, draw(story, cache=user_cache()), step_ids()[0])


def story_site(serve: Callable[..., str]) -> Site:
    """The flagship story on a server of its own."""
    document = zhanatas()
    story = {f"story/zhanatas/{name}": content for name, content in files(document).items()}
    address = serve({**story, "embed.js": embed.script(), "picture.svg": _first_picture()})
    return Site(address.replace("127.0.0.1", "localhost"))


def article(embedded: str, *, style: str = "", before: str = "", root: str = 'lang="en"', above: int = 6) -> str:
    """HTML of an article with ``above`` paragraphs above the embed and many below. ``before``: HTML ahead of it all."""
    return (
        f'<!DOCTYPE html><html {root}><head><meta charset="utf-8"><title>Article</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}{style}</style></head><body>{before}<main><h1>Article</h1>{PARAGRAPH * above}"
        f'{embedded}<p id="after">Below the story.</p>{PARAGRAPH * 12}</main></body></html>'
    )


def without_script(snippet: str) -> str:
    """What a CMS leaves that strips scripts."""
    return snippet[: snippet.index("<script")]


def without_frame(snippet: str) -> str:
    """What a CMS leaves that strips frames and scripts."""
    start, end = snippet.index("<iframe"), snippet.index("</iframe>") + len("</iframe>")
    return without_script(snippet[:start] + snippet[end:])


def open_article(page: Page, serve: Callable[..., str], html: str, headers: Mapping[str, str] | None = None) -> str:
    """Opens an article, and waits for no more than its text; returns its address."""
    address = serve({"index.html": html}, headers)
    assert urlsplit(address).hostname == "127.0.0.1"
    page.goto(address, wait_until="domcontentloaded")
    return address


def shown_story(page: Page, mode: str | None = None, selector: str = "iframe") -> Frame:
    """Scrolls the article until the story is about to come into view; its frame, once the map stands still and it is
    read in ``mode``."""
    handle = page.wait_for_selector(selector, state="attached")
    page.evaluate(
        "selector => { const box = document.querySelector(selector).getBoundingClientRect();"
        " window.scrollBy({top: box.top - innerHeight + 60, behavior: 'instant'}); }",
        selector,
    )
    frame = handle.content_frame()
    assert frame
    settled(frame)
    if mode:
        in_mode(frame, mode)
    return frame


def in_mode(frame: Frame, mode: str) -> None:
    """Waits until the story is read in that mode: 'scroll' or 'step'."""
    frame.wait_for_function(
        "mode => document.documentElement.classList.contains('stepping') === (mode === 'step')", arg=mode
    )


def to_start(page: Page, frame: Frame, selector: str = "iframe", offset: int = 0) -> None:
    """Scrolls the article until the top of the frame stands under the header."""
    page.evaluate(
        "([selector, offset]) => window.scrollBy({top:"
        " document.querySelector(selector).parentElement.getBoundingClientRect().top - offset, behavior: 'instant'})",
        [selector, offset],
    )
    frames(page, 4)
    settled(frame)


def wheel_ticks(page: Page, distance: int, number: int = 40) -> int:
    """Turns the wheel where the mouse is, tick by tick; how many ticks' worth the article has moved in the end.

    A busy browser delivers a tick together with a later one; what is taken by the frame is never delivered.
    """
    start = page.evaluate("scrollY")
    for tick in range(1, number + 1):
        page.mouse.wheel(0, distance)
        with contextlib.suppress(TooLate):
            goal = start + tick * distance
            page.wait_for_function("goal => Math.abs(scrollY - goal) < 1", arg=goal, timeout=5_000)
    at_rest(page)
    moved: float = page.evaluate("scrollY") - start
    return round(moved / distance)


def over(page: Page, selector: str = "iframe", at: float = 0.5) -> None:
    """Moves the mouse over the frame, ``at`` its height, as far as it is in the window."""
    left, top, right, bottom = page.locator(selector).first.evaluate(BOX)
    top, bottom = max(0, top), min(page.viewport_size["height"], bottom) if page.viewport_size else bottom
    page.mouse.move((left + right) / 2, top + (bottom - top) * at)


def mode_of(page: Page, selector: str = "iframe") -> str:
    """The layout as the article's script knows it."""
    return str(page.evaluate("selector => document.querySelector(selector).storymap.mode", selector))


def picture(page: Page, box: tuple[float, float, float, float]) -> Image.Image:
    """What the window shows of left, top, right, bottom."""
    left, top, right, bottom = box
    clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return Image.open(BytesIO(page.screenshot(clip=clip))).convert("RGB")  # type: ignore[arg-type]


def colors(image: Image.Image) -> int:
    """How many different colours a picture has."""
    return len(image.getcolors(image.width * image.height) or ())


def hold(page: Page, pattern: str) -> list[Route]:
    """Requests to ``pattern`` wait until the test lets the first of them go on; later ones are not held."""
    held: list[Route] = []

    def wait(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route(pattern, wait)
    return held


def at_rest(page: Page) -> None:
    """Waits until the article scrolls no more."""
    page.evaluate(
        """() => new Promise((done) => {
            let [last, same] = [scrollY, 0];
            const look = () => {
                same = scrollY === last ? same + 1 : 0;
                last = scrollY;
                if (same > 20) done();
                else requestAnimationFrame(look);
            };
            look();
        })"""
    )
