"""What the browser tests of the page share: the real story, compiled once, and ways to wait for and read the map."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

import storymap
from storymap.document import Document, compile_story

ROOT = Path(__file__).resolve().parents[2]
ZHANATAS = ROOT / "geodata" / "zhanatas"

DESKTOP = {"width": 1280, "height": 800}
TABLET = {"width": 820, "height": 1180}
PHONE = {"width": 390, "height": 844}
SCREENS = {"desktop": DESKTOP, "tablet": TABLET, "phone": PHONE}


@cache
def zhanatas() -> Document:
    """The flagship story, compiled once for each test process."""
    return compile_story(storymap.load(ZHANATAS))


@cache
def step_ids() -> tuple[str, ...]:
    """Ids of its steps in order."""
    return tuple(step.id for step in storymap.load(ZHANATAS).steps)


def settled(page: Page, step: str | None = None) -> dict[str, Any]:
    """The state of the map once nothing moves any more (and, when given, the step is reached)."""
    page.wait_for_function(
        """(step) => {
            const state = window.storymap && storymap.state && storymap.state();
            return state && !state.moving && (!step || state.step === step);
        }""",
        arg=step,
        timeout=20_000,
    )
    return page.evaluate("storymap.state()")


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
