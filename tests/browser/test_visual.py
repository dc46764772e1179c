"""How telling steps look, on the live map and as stills, against pictures that someone has looked at.

``STORYMAP_REWRITE=1 pytest tests/browser/test_visual.py`` takes the pictures of ``baseline/`` anew. Look at each that
has changed before it is committed.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Page

import storymap
from again import again, at_length
from browser.likeness import Data, canvas, shrunk, unlettered, unlike
from browser.reading import DESKTOP, PHONE, STILL, ZHANATAS, open_story, settled, zhanatas
from storymap import stillmap
from storymap.document import load_base
from storymap.drawing import Paint, Scene, StepScene
from storymap.images import still_colors
from storymap.scene import compile_scene
from storymap.story import Story

BASELINE = Path(__file__).with_name("baseline")
REWRITE = bool(os.environ.get("STORYMAP_REWRITE"))

STEPS = ("today", "where", "belt", "lifeline", "two-hours", "the-way-back")
"""Circles of two sizes, a hatched area, what is soft, one thick line over an area, the dark tone, a line that grew."""
SCREENS = {"1280x800": (DESKTOP, 4), "390x844": (PHONE, 2)}
"""Viewport, and how many pixels of it make one of the baseline."""
SETS = [(screen, scheme) for screen in SCREENS for scheme in ("light", "dark")]
SIZE, BY = (960, 600), 4
"""Of stills."""

TOLERANCE = 3.0
"""Levels of 255 by which the most unlike block may differ: smoothing of edges stays below 1, what matters above 4."""
MOST_BYTES = 60_000


def name_of(kind: str, step: str) -> str:
    return f"{kind}-{step}.png"


def known(name: str) -> Image.Image:
    path = BASELINE / name
    assert path.is_file(), f"no baseline {name}: run with STORYMAP_REWRITE=1, and look at it"
    return Image.open(path).convert("RGB")


def check(name: str, taken: Image.Image, by: int, folder: Path) -> str | None:
    """What is to be said of a picture that does not look as it did; None when it does."""
    if REWRITE:
        BASELINE.mkdir(exist_ok=True)
        taken.save(BASELINE / name, optimize=True)
    before = known(name)
    difference, place = unlike(before, taken, by)
    if difference <= TOLERANCE:
        return None
    size = taken.size
    apart = ImageChops.difference(before.resize(size), taken).point(lambda level: min(255, level * 6))
    sheet = Image.new("RGB", (size[0] * 3, size[1]))
    for column, picture in enumerate((before.resize(size), taken, apart)):
        sheet.paste(picture, (column * size[0], 0))
    sheet.save(folder / name)
    return f"{name} differs by {difference:.1f} at {place}: before, now and apart are in {folder / name}"


@pytest.fixture
def open_map(new_page: Callable[..., Page], serve: Callable[..., str]) -> Callable[..., Page]:
    """``open_map("390x844", "dark", html)``: a document in a browser that takes any style sheet."""

    def start(screen: str, scheme: str, html: str) -> Page:
        page = new_page(viewport=SCREENS[screen][0], color_scheme=scheme, bypass_csp=True, **STILL)
        open_story(page, serve({"index.html": html}))
        return page

    return start


def seen(page: Page, step: str, by: int) -> Image.Image:
    """The live map at a step."""
    page.evaluate("step => storymap.go(step)", step)
    settled(page, step)
    return shrunk(canvas(page), by)


@pytest.mark.parametrize(("screen", "scheme"), SETS)
def test_the_map_looks_as_it_did(open_map: Callable[..., Page], screen: str, scheme: str, tmp_path: Path) -> None:
    by = SCREENS[screen][1]
    page = open_map(screen, scheme, unlettered(zhanatas().html))
    said = [check(name_of(f"{screen}-{scheme}", step), seen(page, step, by), by, tmp_path) for step in STEPS]
    assert not any(said), "\n".join(filter(None, said))


Change = Callable[[Data, Data], object]
"""Spoils a step, its second argument, and what it draws from."""


def shift(view: Data, x: float, y: float) -> None:
    """Moves a view by world units."""
    for part in (view, *view["must"]):
        x0, y0, x1, y1 = part["box"]
        part["box"] = [x0 + x, y0 + y, x1 + x, y1 + y]


def spoilt(step: str, zoom: float) -> Iterator[tuple[str, Change]]:
    """Ways to spoil a step, with what each is."""
    scene = _scene()[1]
    shown = next(part for part in scene.steps if part.id == step).show
    for place, (drawable, _) in enumerate(shown):
        if not any(_drawn(paint) for paint in scene.drawables[drawable].paints):
            continue
        # Two pixels of lamp light in the middle of a lamp are not to be seen.
        if (step, drawable.partition("~")[0]) != ("two-hours", "town"):
            yield f"without {drawable}", lambda _, here, place=place: here["show"].pop(place)
        yield f"{drawable} in blue", lambda data, here, place=place: _blue(data, here, place)
    for x, y in ((6, 0), (-6, 0), (0, 6), (0, -6)):
        yield f"camera {x}, {y} px aside", lambda _, here, x=x, y=y: shift(here["view"], x / 2**zoom, y / 2**zoom)
    yield "the other tone", lambda _, here: here.update(tone={"light": "dark", "dark": "light"}[here["tone"]])


def _drawn(paint: Paint) -> bool:
    """Whether more than labels is to be seen of a class."""
    filled = paint.fill is not None and paint.fill_opacity > 0
    return paint.radius > 0 and (filled or (paint.stroke is not None and paint.opacity > 0 and paint.weight > 0))


def _blue(data: Data, here: Data, place: int) -> None:
    name, grows = here["show"][place]
    painted = copy.deepcopy(data["draw"][name])
    for paint in painted["paints"]:
        paint.update({key: "#2c5f9e" for key in ("fill", "stroke") if paint[key]})
    data["draw"][f"{name}!"] = painted
    here["show"][place] = [f"{name}!", grows]


@pytest.mark.parametrize(
    ("step", "screen", "scheme"),
    again(((step, *SETS[(index * 3 + 2) % len(SETS)]) for index, step in enumerate(STEPS))),
)
def test_what_is_spoilt_is_seen(open_map: Callable[..., Page], step: str, screen: str, scheme: str) -> None:
    by = SCREENS[screen][1]
    page = open_map(screen, scheme, unlettered(zhanatas().html))
    before = seen(page, step, by)
    ways = list(spoilt(step, page.evaluate("storymap.state().camera.zoom")))
    ids = [part.id for part in _scene()[1].steps]
    unseen = []
    for start in range(0, len(ways), len(ids) - 1):
        some = ways[start : start + len(ids) - 1]
        page = open_map(screen, scheme, unlettered(zhanatas().html, partial(_spoil, step, ids, some)))
        assert unlike(before, seen(page, ids[0], by), by)[0] <= TOLERANCE / 2, "a step looks different elsewhere"
        for (what, _), name in zip(some, ids[1:], strict=False):
            difference = unlike(before, seen(page, name, by), by)[0]
            unseen += [f"{what} ({difference:.1f})"] if difference <= TOLERANCE else []
    assert not unseen, f"{step} at {screen}, {scheme}: {unseen}"


def _spoil(step: str, ids: Sequence[str], ways: Sequence[tuple[str, Change]], data: Data) -> None:
    """The first steps of the story become ``step`` as it is and as it is spoilt, so that one page shows them all."""
    here = copy.deepcopy(next(part for part in data["steps"] if part["id"] == step))
    for place, name in enumerate(ids[: len(ways) + 1]):
        data["steps"][place] = {**copy.deepcopy(here), "id": name, "move": "cut"}
        if place:
            ways[place - 1][1](data, data["steps"][place])


@at_length
def test_a_broken_dark_scheme_is_seen_and_another_font_is_not(open_map: Callable[..., Page]) -> None:
    html = zhanatas().html
    before = seen(open_map("390x844", "dark", unlettered(html)), "belt", 2)
    bright = ":root,[data-tone=light]{--c-land:#f4f1ea!important}"
    assert unlike(before, seen(open_map("390x844", "dark", unlettered(html, css=bright)), "belt", 2), 2)[0] > TOLERANCE
    for face in ("monospace", "DejaVu Serif"):
        other = f'*{{font-family:"{face}",monospace!important;font-weight:900!important}}'
        page = open_map("390x844", "dark", unlettered(html, css=other))
        assert unlike(before, seen(page, "belt", 2), 2)[0] <= TOLERANCE / 2, face


@cache
def _scene() -> tuple[Story, Scene]:
    """The story, and its scene without lettering."""
    story = storymap.load(ZHANATAS)
    scene = compile_scene(story, load_base(story))
    drawables = {name: replace(drawable, labels=()) for name, drawable in scene.drawables.items()}
    return story, replace(scene, drawables=drawables, base_labels=())


def still(page: Page, scene: Scene, step: StepScene, colors: Mapping[str, str]) -> Image.Image:
    """A still as the browser draws it."""
    svg = stillmap.still(scene, step, width=SIZE[0], height=SIZE[1], standalone=True, palette=colors)
    page.set_content(f"<!doctype html><style>body{{margin:0}}svg{{display:block}}</style>{svg}")
    return shrunk(Image.open(BytesIO(page.screenshot())).convert("RGB"), BY)


@pytest.fixture
def sheet(new_page: Callable[..., Page]) -> Page:
    """An empty page of the size of a still."""
    return new_page(viewport={"width": SIZE[0], "height": SIZE[1]}, java_script_enabled=False)


def test_stills_look_as_they_did(sheet: Page, tmp_path: Path) -> None:
    story, scene = _scene()
    said = []
    for step in (step for step in scene.steps if step.id in STEPS):
        taken = still(sheet, scene, step, still_colors(story, step.tone, "light"))
        said.append(check(name_of("still", step.id), taken, BY, tmp_path))
    assert not any(said), "\n".join(filter(None, said))


@pytest.mark.parametrize("name", ["belt", "two-hours"])
def test_a_spoilt_still_is_seen(sheet: Page, name: str) -> None:
    story, scene = _scene()
    step = next(step for step in scene.steps if step.id == name)
    colors = still_colors(story, step.tone, "light")
    before = still(sheet, scene, step, colors)
    first = scene.drawables[step.show[0][0]].paints[0]
    x0, y0, x1, y1 = step.view.box
    aside = replace(step.view, box=(x0 + 0.03, y0, x1 + 0.03, y1), must=())
    spoilt_stills = {
        "without its first layer": (replace(step, show=step.show[1:]), colors),
        "its first layer in blue": (step, {**colors, first.fill or "": "#2c5f9e"}),
        "camera aside": (replace(step, view=aside), colors),
        "the other tone": (step, still_colors(story, {"light": "dark", "dark": "light"}[step.tone], "light")),
    }
    for what, (other, tokens) in spoilt_stills.items():
        assert unlike(before, still(sheet, scene, other, tokens), BY)[0] > TOLERANCE, what


def test_baselines_are_small_and_all_in_use() -> None:
    wanted = {name_of(f"{screen}-{scheme}", step) for screen, scheme in SETS for step in STEPS}
    wanted |= {name_of("still", step) for step in STEPS}
    assert {path.name for path in BASELINE.iterdir()} == wanted
    for path in BASELINE.iterdir():
        assert path.stat().st_size <= MOST_BYTES, path.name
