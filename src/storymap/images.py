"""Pictures of a story: each step as a reader sees it, contact sheets of all steps, and stills as files of their own.

Pictures are taken of the compiled document in a browser that reaches no other machine; stills need no browser. Files
are named by language, screen and step, so that the same story gives the same names and a new run replaces the old one.
"""

from __future__ import annotations

import base64
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit

from storymap import palette, stillmap
from storymap.browser import chromium
from storymap.document import Document, compile_story, load_base
from storymap.errors import Problem, StoryError, nearest
from storymap.scene import compile_scene
from storymap.story import Step, Story
from storymap.storyfile import load

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

__all__ = [
    "ADDRESS", "PATIENCE_MS", "SCREENS", "STILL", "NoPicture", "Scheme", "Screen", "answer", "pictures", "still_colors",
    "stills",
]  # fmt: skip

Scheme = Literal["light", "dark"]

ADDRESS = "https://story.invalid/"
"""Where the browser believes the document to be. Every request is answered from memory."""
PATIENCE_MS = 30_000
STILL = (960, 600)
"""Width and height of a still in pixels."""
ROW_PX = {True: 480, False: 240}
"""Width of a picture on a contact sheet, for screens that are wide or not."""
SHEET_PX = 1920
MOST_PX = 14_000
"""Height of a contact sheet above which it gets more columns: Chromium paints no page of more than 16,384 pixels."""

AT_REST = """(step) => {
    const state = window.storymap && window.storymap.state && window.storymap.state();
    return Boolean(state) && state.step === step && !state.moving;
}"""
COMPLETE = """() => Promise.all([
    document.fonts.ready,
    ...[...document.querySelectorAll('.step.current img')].map(
        (image) => image.complete || new Promise((done) => { image.onload = image.onerror = done; })),
]).then(() => true)"""


class NoPicture(RuntimeError):
    """A step of which no picture could be taken; the message is one line."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What a reader looks at: width and height in CSS pixels, the preferred colours, pixels of the picture for each."""

    width: int
    height: int
    scheme: Scheme = "light"
    ratio: int = 1

    @property
    def name(self) -> str:
        """``1280x800-light``, and ``390x844-light@2x`` for a ratio other than 1."""
        return f"{self.width}x{self.height}-{self.scheme}" + (f"@{self.ratio}x" if self.ratio != 1 else "")


SCREENS = (Screen(1280, 800), Screen(390, 844))


def pictures(
    folder: Path,
    out: Path,
    *,
    screens: Sequence[Screen] = SCREENS,
    langs: Sequence[str] = (),
    steps: Sequence[str] = (),
    sheet: bool = False,
) -> Iterator[Path]:
    """Takes ``out/<lang>-<screen>/<number>-<step>.png`` of the story in ``folder``, yielding each when it is written.

    ``langs``: languages of the story, ``all`` of them, or its own when empty. ``steps``: ids, all when empty.
    ``sheet``: a contact sheet ``out/<lang>-<screen>.png`` as well.
    Raises `StoryError`, `NoBrowser`, `NoPicture`, `OSError`.
    """
    stories = _stories(folder, langs, steps)
    with chromium() as browser, TemporaryDirectory() as cache:
        for story in stories:
            document = compile_story(story, cache=Path(cache))
            for screen in screens:
                target = out / f"{story.lang}-{screen.name}"
                taken: list[tuple[str, Path]] = []
                with _opened(browser, document, screen) as (page, faults):
                    for name, step in _numbered(story, steps):
                        path = target / f"{name}.png"
                        _write(path, _picture(page, step, screen, faults))
                        taken.append((f"{name.partition('-')[0]} {step.title}", path))
                        yield path
                if sheet:
                    path = out / f"{target.name}.png"
                    _write(path, _sheet(browser, f"{story.title}, {target.name}", taken, screen))
                    yield path


def stills(
    folder: Path,
    out: Path,
    *,
    size: tuple[int, int] = STILL,
    schemes: Sequence[Scheme] = ("light",),
    langs: Sequence[str] = (),
    steps: Sequence[str] = (),
) -> Iterator[Path]:
    """Writes ``out/<lang>-still-<scheme>/<number>-<step>.svg``, files of their own, yielding each when it is written.

    ``size``: width and height in pixels. Else as `pictures`, but no browser is needed.
    Raises `StoryError`, `OSError`.
    """
    width, height = size
    with TemporaryDirectory() as cache:
        for story in _stories(folder, langs, steps):
            scene = compile_scene(story, load_base(story), cache=Path(cache))
            drawn = {step.id: step for step in scene.steps}
            for scheme in schemes:
                for name, step in _numbered(story, steps):
                    colors = still_colors(story, step.tone, scheme)
                    svg = stillmap.still(
                        scene, drawn[step.id], width=width, height=height, standalone=True, palette=colors
                    )
                    path = out / f"{story.lang}-still-{scheme}" / f"{name}.svg"
                    _write(path, svg.encode())
                    yield path


def still_colors(story: Story, tone: Literal["light", "dark"], scheme: Scheme) -> dict[str, str]:
    """Token → ``#rrggbb`` for a step of ``tone``, where the page around it has ``scheme``: as the document has them."""
    theme = {name: palette.Tone(color.light, color.dark) for name, color in story.theme.colors.items()}
    if scheme == "light":
        return palette.tone_colors(tone, theme)
    colors = palette.tone_colors("dark", theme)
    if tone == "dark":
        colors.update({name: palette.deeper(colors[name]) for name in palette.SURFACES})
    return colors


def _stories(folder: Path, langs: Sequence[str], steps: Sequence[str]) -> list[Story]:
    own = load(folder)
    wanted = own.languages if "all" in langs else tuple(dict.fromkeys(langs)) or (own.lang,)
    known = [step.id for step in own.steps]
    unknown = [name for name in steps if name not in known]
    if unknown:
        raise StoryError(
            Problem("story.yaml", None, "steps", f"no step '{name}'{nearest(name, known)}") for name in unknown
        )
    return [own if lang == own.lang else load(folder, lang) for lang in wanted]


def _numbered(story: Story, steps: Sequence[str]) -> Iterator[tuple[str, Step]]:
    """(``03-belt``, step) of the wanted steps, in the order of the story; the number is that of the whole story."""
    digits = max(2, len(str(len(story.steps))))
    for number, step in enumerate(story.steps, 1):
        if not steps or step.id in steps:
            yield f"{number:0{digits}}-{step.id}", step


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Replaced whole, so that whoever looks at the old picture meanwhile does not see half of the new one.
    half = path.with_name(f".{path.name}.half")
    half.write_bytes(content)
    os.replace(half, path)  # noqa: PTH105


@contextmanager
def _opened(browser: Browser, document: Document, screen: Screen) -> Iterator[tuple[Page, list[str]]]:
    """The document on a screen, without motion; and the errors that its scripts run into."""
    context = browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        device_scale_factor=screen.ratio,
        color_scheme=screen.scheme,
        reduced_motion="reduce",
        locale=document.lang,
        service_workers="block",
    )
    try:
        context.route("**/*", partial(answer, document))
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(error.message))
        page.goto(ADDRESS)
        yield page, faults
    finally:
        context.close()


def answer(document: Document, route: Route) -> None:
    """Answers a request from memory, or not at all."""
    address = route.request.url
    name = unquote(urlsplit(address).path.removeprefix("/"))
    if not address.startswith(ADDRESS):
        # What is no request to anywhere (data:, blob:) has no host.
        if urlsplit(address).hostname:
            route.abort()
        else:
            route.continue_()
    elif not name:
        route.fulfill(body=document.html, content_type="text/html; charset=utf-8")
    elif name in document.assets:
        route.fulfill(path=document.assets[name])
    else:
        route.fulfill(status=404)


def _picture(page: Page, step: Step, screen: Screen, faults: Sequence[str]) -> bytes:
    from playwright.sync_api import Error

    try:
        page.wait_for_function("() => window.storymap && window.storymap.state")
        page.evaluate("(step) => window.storymap.go(step)", step.id)
        page.wait_for_function(AT_REST, arg=step.id)
        page.wait_for_function(COMPLETE)
        return page.screenshot(animations="disabled")
    except Error as error:
        reason = (faults[0] if faults else error.message).splitlines()[0]
        raise NoPicture(f"no picture of step '{step.id}' at {screen.name}: {reason}") from None


def _sheet(browser: Browser, title: str, taken: Sequence[tuple[str, Path]], screen: Screen) -> bytes:
    """All pictures of a screen on one, with their numbers and titles."""
    wide = ROW_PX[screen.width > screen.height]
    high = wide * screen.height / screen.width + 34
    columns = min(len(taken), max(SHEET_PX // wide, math.ceil(len(taken) * high / MOST_PX)))
    figures = "".join(
        f'<figure><img src="data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
        for caption, path in taken
    )
    ink, ground = ("#ece8e0", "#000") if screen.scheme == "dark" else ("#23211f", "#bbb")
    css = (
        f"body{{margin:0;padding:12px;background:{ground};color:{ink};font:13px/1.3 system-ui,sans-serif}}"
        f"h1{{margin:0 0 10px;font-size:16px}}main{{display:grid;gap:8px;grid-template-columns:repeat({columns},{wide}px)}}"
        "figure{margin:0}img{display:block;width:100%}"
        "figcaption{padding:4px 0;overflow:hidden;white-space:nowrap;text-overflow:ellipsis}"
    )
    width = columns * (wide + 8) + 16
    page = browser.new_page(viewport={"width": width, "height": 400}, java_script_enabled=False)
    try:
        page.set_content(f"<!doctype html><style>{css}</style><h1>{escape(title)}</h1><main>{figures}</main>")
        return page.screenshot(full_page=True)
    finally:
        page.close()
