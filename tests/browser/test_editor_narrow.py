"""The editor on a phone, a tablet and a small laptop: every panel is seen whole, every control can be hit, all can be done."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from browser.test_accessibility import axe
from editorpages import at_rest, open_editor, preview, saved
from editorpages import faults as real_faults

pytestmark = pytest.mark.xdist_group("editor")

PHONE: Any = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
SIZES = [(390, 844), (820, 1100), (1024, 768), (1280, 800)]
PARTS = {
    "Layers": ["By data", "Filter", "Labels", "Legend", "Layer", "All layers", "Colours"],
    "Data": ["Draw and correct", "Find a place", "Blur"],
}
SHOTS = os.environ.get("STORYMAP_SHOTS")

# What is wrong with the controls of the page: beside the screen, too small for a finger, or under something else.
FAULTS = """() => {
    const wide = document.documentElement.clientWidth, faults = [], all = [];
    const main = document.querySelector('[data-testid=stMain]');
    const needed = document.documentElement.scrollWidth;
    if (needed > wide) faults.push(`the page is ${needed} pixels wide`);
    if (main.scrollWidth > main.clientWidth) {
        const far = [...main.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > main.clientWidth + 0.5);
        faults.push(`${main.scrollWidth} pixels in a page of ${main.clientWidth}: ${far.at(-1)?.outerHTML.slice(0, 200)}`);
    }
    const gather = (root) => root.querySelectorAll('*').forEach((one) => {
        all.push(one);
        if (one.shadowRoot) gather(one.shadowRoot);
    });
    gather(main);
    const top = (x, y) => {
        let hit = document.elementFromPoint(x, y);
        while (hit?.shadowRoot?.elementFromPoint(x, y) && hit.shadowRoot.elementFromPoint(x, y) !== hit)
            hit = hit.shadowRoot.elementFromPoint(x, y);
        return hit;
    };
    const controls = 'button, a[href], select, textarea, summary, input:not([type=file]):not([type=hidden]), [role=button]';
    for (const one of all.filter((one) => one.matches(controls))) {
        // Places on a map lie where they are; Streamlit's own bar of a table comes when the table is touched.
        if (one.disabled || one.closest('[aria-hidden=true], .leaflet-container, .stage-frames, .stElementToolbar')) continue;
        if (one.closest('details:not([open]) > :not(summary)')) continue;
        // What stands in for it: the label of a box, the knob of a slider.
        const label = one.matches('[type=checkbox], [type=radio], [type=color]') ? one.closest('label') : null;
        const shown = label ?? (one.matches('[type=range]') ? one.parentElement.parentElement : one);
        const box = shown.getBoundingClientRect();
        const knob = one.matches('[type=range]') ? 28 : 0; // the margin around it is its own
        if (!box.width || !shown.checkVisibility({ visibilityProperty: true })) continue;
        const name = `${one.tagName} ${one.getAttribute('aria-label') || one.textContent.trim().slice(0, 40) || one.name}`;
        if (box.left < -0.5 || box.right > wide + 0.5) faults.push(`${name}: beside the screen, ${box.left} to ${box.right}`);
        if (Math.min(box.width, box.height) + knob < 23.9) faults.push(`${name}: ${box.width} x ${box.height}`);
        shown.scrollIntoView({ block: 'center', behavior: 'instant' });
        const now = shown.getBoundingClientRect();
        const hit = top(now.left + now.width / 2, now.top + Math.min(now.height / 2, 40));
        if (!hit || !(shown.contains(hit) || hit.contains(shown) || hit.shadowRoot?.contains(shown)))
            faults.push(`${name}: under ${hit?.tagName} ${hit?.className}`);
    }
    main.scrollTo({ top: 0, behavior: 'instant' });
    return faults;
}"""

STANDS = """(width) => document.documentElement.clientWidth === width
    && document.querySelector('[data-testid=stMain]').getBoundingClientRect().right === width
    && document.querySelector('[data-testid=stMain]').scrollWidth <= document.querySelector('[data-testid=stMain]').clientWidth
    && !document.getAnimations().some((one) => one instanceof CSSTransition)"""


@pytest.fixture(scope="module")
def app(run_app: Callable[..., Any], edited_place: Path) -> Any:
    return run_app(edited_place)


def go(page: Page, name: str) -> None:
    page.locator("[data-testid=stMain] [data-testid=stButtonGroup]").get_by_text(name, exact=True).first.click()
    at_rest(page)


def opened(page: Page) -> None:
    """Opens what can be opened; the last first, so that none moves away from under the pointer."""
    closed = page.locator("[data-testid=stMain] details:not([open]) > summary")
    for number in reversed(range(closed.count())):
        closed.nth(number).click()
        at_rest(page)


def looked_at(page: Page, name: str) -> list[str]:
    """Opens everything in the panel, and says what is wrong with it on each size of screen."""
    opened(page)
    found = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        # Where it never stands so, what is in the way is told below.
        with contextlib.suppress(Error):
            page.wait_for_function(STANDS, arg=width, timeout=10_000)
        found += [f"{width} {name}: {fault}" for fault in page.evaluate(FAULTS)]
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/narrow-{width}-{name}.png")
    page.set_viewport_size({"width": 390, "height": 844})
    # How Streamlit's shell and uploader are made is not ours.
    known = ("presentation-role-conflict", "region")
    found += [f"{name}: {line}" for line in axe(page) if not line.startswith(known)]
    return found


@pytest.mark.thorough
def test_every_panel_is_seen_whole_and_can_be_hit(app: Any, new_page: Callable[..., Page]) -> None:
    page = new_page(**PHONE)
    open_editor(page, app.url, step="two")
    found = looked_at(page, "Text")
    for panel in ("Map view", "Layers", "Data", "Story", "Translations", "History"):
        go(page, panel)
        found += looked_at(page, panel)
        for part in PARTS.get(panel, ()):
            go(page, part)
            found += looked_at(page, f"{panel}, {part}")
    page.goto(f"{app.url}edit")
    expect(page.get_by_role("heading", name="Stories")).to_be_visible()
    at_rest(page)
    found += looked_at(page, "Stories")
    assert not found, "\n".join(found)


def test_all_that_an_editor_does_is_done_on_a_phone(
    app: Any, edited_place: Path, new_page: Callable[..., Page], complaints: list[str]
) -> None:
    page = new_page(**PHONE)
    open_editor(page, app.url, step="two")
    bar = page.get_by_role("toolbar", name="Editing")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    # The steps, which lie over the panel and go once one is chosen.
    bar.get_by_role("button", name="Steps: 2 of 3").tap()
    side = page.get_by_test_id("stSidebar")
    side.get_by_role("button", name="3 Three").tap()
    title = page.get_by_label("Title", exact=True).first
    expect(title).to_have_value("Three")
    expect(side).to_be_hidden()
    # What is typed is entered by the tap on Save, as on a keyboard.
    title.fill("Third of all")
    title.press("Enter")
    expect(bar.get_by_role("button", name="Undo: Change the title of step 'Third of all'")).to_be_enabled()
    # The preview, on the screen that the editor has in the hand.
    bar.get_by_role("button", name="Preview").tap()
    expect(bar.get_by_role("button", name="Back to editing")).to_be_visible()
    frame = preview(page, "phone")
    expect(page.locator(".stage-size[data-size=desktop]")).to_be_hidden()
    expect(page.locator(".stage-size[data-size=phone]")).to_be_in_viewport(ratio=0.99)
    expect(frame.get_by_role("heading", name="Third of all")).to_be_in_viewport()
    bar.get_by_role("button", name="Back to editing").tap()
    expect(title).to_be_in_viewport()
    bar.get_by_role("button", name="Undo").tap()
    expect(title).to_have_value("Three")
    bar.get_by_role("button", name="Redo").tap()
    expect(title).to_have_value("Third of all")
    page.get_by_role("textbox", name="Time, in words").fill("Later")
    bar.get_by_role("button", name="Save").tap()
    expect(bar.get_by_role("button", name="Saved")).to_be_disabled()
    expect(page.get_by_text("Saved.")).to_be_in_viewport()
    assert (saved(edited_place)["steps"][2]["title"], saved(edited_place)["steps"][2]["when"]) == (
        "Third of all",
        "Later",
    )
    assert real_faults(complaints) == []
