"""For everyone: axe at every step, the keyboard, zoom, forced colours, sizes of what is touched."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files as package_files
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page

import storymap
from again import again, at_length
from browser.reading import SCREENS, STILL, ZHANATAS, files, frames, open_story, opener, settled, step_ids, zhanatas
from storymap.document import compile_story
from storymap.geocache import user_cache

Open = Callable[..., Page]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LANGUAGES = storymap.load(ZHANATAS).languages
ZOOMED = {"width": 320, "height": 256}
"""What a window of 1280 × 1024 shows at 400 %."""


@pytest.fixture
def story(new_page: Open, serve: Callable[..., str], complaints: list[str]) -> Iterator[Open]:
    yield opener(new_page, serve(files(zhanatas())))
    assert complaints == []


@cache
def axe_script() -> str:
    return (package_files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def axe(page: Page, *parts: str) -> list[str]:
    """What axe finds in the document, or in parts of it, each as one line."""
    if page.evaluate("typeof window.axe") == "undefined":
        page.evaluate(axe_script())
    found = page.evaluate(
        "([tags, parts]) => axe.run(parts.length ? {include: parts.map((part) => [part])} : document,"
        " {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
        [TAGS, parts],
    )
    return [
        f"{one['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary'].splitlines()[-1].strip()}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


# axe


@cache
def edition(lang: str) -> dict[str, str | bytes]:
    """The story in a language, with the switch to the others."""
    addresses = {code: f"{code}.html" for code in LANGUAGES}
    return files(compile_story(storymap.load(ZHANATAS, lang), languages=addresses, cache=user_cache()))


@pytest.mark.parametrize("lang", again(LANGUAGES))
@pytest.mark.parametrize(("screen", "scheme"), again([("desktop", "light"), ("phone", "dark")]))
def test_axe_finds_nothing_at_any_step(
    new_page: Open, serve: Callable[..., str], complaints: list[str], screen: str, scheme: str, lang: str
) -> None:
    page = opener(new_page, serve(edition(lang)))(screen, color_scheme=scheme, **STILL)
    found = {"": axe(page)}
    for name in step_ids():
        page.evaluate("name => storymap.go(name)", name)
        settled(page, name)
        page.evaluate("document.querySelectorAll('.step.current details').forEach((one) => { one.open = true; })")
        # The rest of the document stays as it was.
        found[name] = axe(page, ".stage", ".step.current", ".live-region")
    page.click(".language-menu summary")
    found["all"] = axe(page)
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert complaints == []


@pytest.mark.parametrize("screen", again(SCREENS))
@at_length
def test_axe_finds_nothing_in_lists_details_and_exploring(story: Open, screen: str) -> None:
    page = story(screen, f"#{step_ids()[1]}", **STILL)
    found = {}
    page.click(".contents > summary")
    found["contents"] = axe(page)
    page.keyboard.press("Escape")
    page.evaluate("document.querySelectorAll('.sources').forEach((one) => { one.open = true; })")
    found["sources"] = axe(page)
    page.click(".explore-button")
    page.wait_for_function("() => storymap.state().exploring")
    state = settled(page)
    found["exploring"] = axe(page)
    spot = next(one["box"] for one in state["mustSee"] if one["ref"] == "town/zhanatas")
    page.mouse.click(spot[0], spot[1])
    page.wait_for_selector(".facts")
    found["facts"] = axe(page)
    assert {place: lines for place, lines in found.items() if lines} == {}


CREDITS = """() => {
    // Contrast of small writing on the map, which axe does not judge: its ink on each pixel that lies under it.
    const rgb = (css) => css.match(/[\\d.]+/g).map(Number);
    const light = (color) => {
        const [r, g, b] = color.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const probe = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const stage = document.querySelector('.stage').getBoundingClientRect();
    const canvas = document.querySelector('.map-canvas:not(.map-ghost)');
    const ratio = canvas.width / canvas.clientWidth;
    return ['.map-credits', '.scale-bar'].map((name) => {
        const one = document.querySelector(name);
        const box = one.getBoundingClientRect();
        if (!box.width || getComputedStyle(one).visibility === 'hidden') return [name, 21];
        const at = [box.left - stage.left, box.top - stage.top, box.width, box.height].map((n) => Math.round(n * ratio));
        const under = canvas.getContext('2d').getImageData(...at);
        [probe.canvas.width, probe.canvas.height] = [at[2], at[3]];
        probe.putImageData(under, 0, 0);
        probe.fillStyle = getComputedStyle(one).backgroundColor;
        probe.fillRect(0, 0, at[2], at[3]);
        const {data} = probe.getImageData(0, 0, at[2], at[3]);
        const ink = light(rgb(getComputedStyle(one).color).slice(0, 3));
        const ratios = [];
        for (let i = 0; i < data.length; i += 4 * 7) {
            const paper = light([data[i], data[i + 1], data[i + 2]]);
            ratios.push((Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05));
        }
        ratios.sort((a, b) => a - b);
        return [name, ratios[Math.floor(ratios.length * 0.03)]];
    });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", again(["phone", "desktop"]))
def test_the_small_writing_on_the_map_has_contrast(story: Open, screen: str, scheme: str) -> None:
    page = story(screen, color_scheme=scheme, **STILL)
    weak = []
    for name in step_ids():
        page.evaluate("name => storymap.go(name)", name)
        settled(page, name)
        frames(page)
        weak += [(name, part, round(ratio, 2)) for part, ratio in page.evaluate(CREDITS) if ratio < 4.5]
    assert weak == []


# What is said


def test_each_step_is_said_aloud_once_with_what_the_map_shows(story: Open) -> None:
    page = story("desktop", **STILL)
    live = ".live-region"
    assert page.get_attribute(live, "aria-live") == "polite"
    assert page.inner_text(live) == "", "nothing is said before the reader has moved"
    for index, name in enumerate(step_ids()[1:5], start=2):
        page.keyboard.press("ArrowRight")
        state = settled(page, name)
        said = page.evaluate("document.querySelector('.live-region').textContent")
        title = page.evaluate("id => document.querySelector(`#${id} h2`).textContent", name)
        assert said.startswith(f"Step {index} of {len(step_ids())}")
        assert title in said
        assert state["alt"] in said
        assert page.get_attribute(".map", "aria-label")
        assert page.get_attribute(".contents a[aria-current=step]", "href") == f"#{name}"


def test_headings_and_landmarks_are_in_order(story: Open) -> None:
    page = story("desktop", **STILL)
    shown = "(all) => all.filter((one) => one.checkVisibility()).map((one) => one.tagName)"
    levels = [int(tag[1]) for tag in page.eval_on_selector_all("h1, h2, h3, h4, h5, h6", shown)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    assert page.eval_on_selector_all("main, footer, nav", shown).count("MAIN") == 1
    titles = page.eval_on_selector_all(".step", "all => all.map((one) => one.querySelector('h2').textContent)")
    assert len(titles) == len(set(titles)) == len(step_ids())


# With the keyboard


REACHABLE = """() => {
    const all = [...document.querySelectorAll('a[href], button, summary, audio, video, [tabindex="0"]')];
    const shown = (one) => one.checkVisibility({visibilityProperty: true}) && !one.closest('[inert]');
    const there = all.filter((one) => !one.disabled && shown(one));
    there.forEach((one, i) => { one.dataset.tab = i; });
    return there.map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 30)}`);
}"""
FOCUSED = """() => {
    const one = document.activeElement;
    if (one === document.body) return null;
    const style = getComputedStyle(one);
    const box = one.getClientRects()[0] ?? one.getBoundingClientRect();
    const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return {
        tab: one.dataset.tab ?? null,
        what: `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 30)}`,
        ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        seen: Boolean(over) && (one.contains(over) || over.contains(one)),
    };
}"""


def walk(page: Page, key: str = "Tab") -> list[dict[str, Any]]:
    """Everything that Tab reaches, from the start of the document until it leaves the page."""
    seen: list[dict[str, Any]] = []
    for _ in range(400):
        page.keyboard.press(key)
        frames(page, 2)
        found = page.evaluate(FOCUSED)
        if found is None or (seen and found["tab"] is not None and found["tab"] == seen[0]["tab"]):
            return seen
        seen.append(found)
    raise AssertionError("Tab never comes to an end")


@pytest.mark.parametrize("screen", again(["desktop", "phone"]))
def test_tab_reaches_everything_with_a_visible_focus(story: Open, screen: str) -> None:
    page = story(screen, **STILL)
    wanted = page.evaluate(REACHABLE)
    there = walk(page)
    missing = [wanted[int(n)] for n in set(map(str, range(len(wanted)))) - {one["tab"] for one in there}]
    # Buttons that step may be out of use at the ends of the story.
    assert [one for one in missing if "back" not in one and "next" not in one] == []
    assert [one["what"] for one in there if not one["ring"]] == [], "no visible ring"
    assert [one["what"] for one in there if not one["seen"]] == [], "something lies over what has the focus"
    assert "skip" in there[0]["what"]
    page.evaluate("document.querySelector('.about li, .about h2').scrollIntoView()")
    back = walk(page, "Shift+Tab")
    assert [one["what"] for one in back if not one["seen"]] == [], "going back, something lies over the focus"
    assert len(back) >= len(there) - 2


def test_the_skip_link_leads_to_the_story(story: Open) -> None:
    page = story("desktop", **STILL)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    box = page.locator(".skip").bounding_box()
    assert box and box["y"] >= 0, "it shows when it has the focus"
    page.keyboard.press("Enter")
    frames(page)
    assert page.evaluate("document.activeElement.closest('.step')?.id") == step_ids()[0]
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.step')?.id") == step_ids()[0], "reading goes on there"


def test_the_focus_is_never_lost(story: Open) -> None:
    page = story("phone", f"#{step_ids()[-2]}", **STILL)

    def has_focus() -> bool:
        frames(page)
        return bool(
            page.evaluate("document.activeElement !== document.body && document.activeElement.checkVisibility()")
        )

    page.focus(".next")
    page.keyboard.press("Enter")
    settled(page, step_ids()[-1])
    assert has_focus(), "at the last step the button still has the focus"
    page.keyboard.press("Home")
    settled(page, step_ids()[0])
    page.keyboard.press("ArrowRight")
    settled(page, step_ids()[1])
    page.focus(".back")
    page.keyboard.press("Enter")
    settled(page, step_ids()[0])
    assert has_focus(), "at the first step the button still has the focus"
    page.focus(".contents > summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.contents li') !== null")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.matches('.contents > summary')"), "Escape closes the list"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    settled(page, step_ids()[1])
    assert page.evaluate("document.activeElement.id") == f"h-{step_ids()[1]}", "from the list to the step's title"
    for key in ("Enter", "Enter", "Enter", "Escape"):
        if key == "Enter":
            page.focus(".explore-button")
        page.keyboard.press(key)
        assert has_focus(), "in and out of the map"


# Large, small, without colours


@pytest.mark.parametrize("screen", again(SCREENS, keep=2))
def test_what_is_touched_is_large_enough(story: Open, screen: str) -> None:
    page = story(screen, **STILL)
    page.click(".contents > summary")
    sizes = page.eval_on_selector_all(
        "button, summary, .contents a, .languages a, .leaflet-popup-close-button",
        """all => all.filter((one) => one.checkVisibility({visibilityProperty: true})).map((one) => {
            const box = one.getBoundingClientRect();
            return [one.className || one.textContent.trim().slice(0, 20), box.width, box.height];
        })""",
    )
    assert len(sizes) > len(step_ids())
    assert [one for one in sizes if min(one[1:]) < 24] == []


@at_length
def test_at_400_percent_nothing_is_lost(new_page: Open, serve: Callable[..., str], complaints: list[str]) -> None:
    page = new_page(viewport=ZOOMED, **STILL)
    address = serve(files(zhanatas()))
    found: list[str] = []
    for name in (step_ids()[0], step_ids()[1], step_ids()[8]):
        open_story(page, f"{address}#{name}", name)
        page.reload()
        settled(page, name)
        page.evaluate("document.querySelectorAll('.sources').forEach((one) => { one.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, f"{name}: sideways"
        cut = page.evaluate(
            """() => [...document.querySelectorAll('.masthead *, .words *, .about *')].filter((one) => {
                const box = one.getBoundingClientRect();
                // A table may scroll inside its own frame.
                const inner = one.closest('.hidden, .chart-table') && !one.matches('.chart-table');
                return one.checkVisibility() && !inner && box.width && (box.right > 321 || box.left < -1);
            }).map((one) => one.outerHTML.slice(0, 80))"""
        )
        assert cut == [], name
        free = page.evaluate("innerHeight - document.querySelector('.stage').getBoundingClientRect().bottom")
        assert free > 90, "the pinned map leaves room to read"
        controls = page.evaluate(
            """() => [...document.querySelectorAll('.stage button, .stage summary')].filter((one) =>
                one.checkVisibility({visibilityProperty: true})).map((one) => {
                const box = one.getBoundingClientRect();
                const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                return [one.className || one.tagName, over?.closest('button, summary') === one];
            })"""
        )
        assert {"back", "next"} <= {kind for kind, _ in controls}
        assert [kind for kind, clear in controls if not clear] == [], f"{name}: one control lies over another"
        found += axe(page)
    assert found == []
    here = page.evaluate("storymap.state().index")
    page.click(".next")
    settled(page, step_ids()[here + 1])
    page.click(".contents > summary")
    page.click(f".contents a[href='#{step_ids()[0]}']")
    settled(page, step_ids()[0])
    page.click(".contents > summary")
    page.click(f".contents a[href='#{step_ids()[-1]}']")
    settled(page, step_ids()[-1])
    # From the last step back over all of the page.
    assert len(walk(page, "Shift+Tab")) >= len(step_ids())
    assert complaints == []


def contrast(image: Image.Image) -> float:
    """Highest contrast (WCAG) between two colours of a picture, each on more than a handful of pixels."""
    counts = image.convert("RGB").getcolors(1 << 20) or []
    shades = sorted(_luminance(color) for count, color in counts if count >= 4)
    return (shades[-1] + 0.05) / (shades[0] + 0.05) if shades else 1.0


def _luminance(color: Any) -> float:
    linear = [v / 255 / 12.92 if v / 255 <= 0.04045 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_forced_colours_every_control_is_seen(story: Open, scheme: str) -> None:
    page = story("desktop", f"#{step_ids()[1]}", forced_colors="active", color_scheme=scheme, **STILL)
    page.click(".contents > summary")
    picture = Image.open(io.BytesIO(page.screenshot()))
    boxes = page.eval_on_selector_all(
        "button, summary, .contents a, .step.current h2, .step.current .words p, .map-credits",
        """all => all.filter((one) => one.checkVisibility({visibilityProperty: true})).map((one) => {
            const box = one.getBoundingClientRect();
            return [one.className || one.textContent.trim().slice(0, 30), box.left, box.top, box.right, box.bottom];
        })""",
    )
    inside = [one for one in boxes if one[1] >= 0 and one[2] >= 0 and one[3] <= 1280 and one[4] <= 800]
    assert len(inside) > 8
    pale = {
        name: round(contrast(picture.crop((left, top, right, bottom))), 1) for name, left, top, right, bottom in inside
    }
    assert {name: ratio for name, ratio in pale.items() if ratio < 4.5} == {}


def test_with_forced_colours_focus_is_seen(story: Open) -> None:
    page = story("desktop", forced_colors="active", **STILL)
    for _ in range(5):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUSED)["ring"]


def test_text_may_be_spaced_widely(story: Open) -> None:
    # WCAG 1.4.12: no loss of text when readers set their own spacing.
    page = story("phone", **STILL)
    page.evaluate(
        """() => {
            for (const one of document.querySelectorAll('body *')) {
                one.style.setProperty('line-height', '1.5', 'important');
                one.style.setProperty('letter-spacing', '0.12em', 'important');
                one.style.setProperty('word-spacing', '0.16em', 'important');
            }
        }"""
    )
    frames(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    cut = page.evaluate(
        """() => [...document.querySelectorAll('button, summary, .words *, .masthead *')].filter((one) =>
            one.checkVisibility({visibilityProperty: true}) && !one.closest('.hidden') && !one.closest('.chart-table *') && (
                one.getBoundingClientRect().right > innerWidth
                || (!one.closest('svg') && one.clientWidth && one.scrollWidth > one.clientWidth + 1
                    && getComputedStyle(one).display !== 'inline'))
        ).map((one) => one.outerHTML.slice(0, 80))"""
    )
    assert cut == []
