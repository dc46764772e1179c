"""What a step has to show, taken from the story and its data, and how the live map is held against it."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from playwright.sync_api import Page

import storymap
from browser.reading import ZHANATAS
from storymap.drawing import Must, Paint, Scene, StepScene
from storymap.mercator import world
from storymap.scene import compile_scene
from storymap.story import Step


@contextlib.contextmanager
def noting(faults: list[str]) -> Iterator[None]:
    """Notes a failed assertion and goes on, so that one run names all steps at fault."""
    try:
        yield
    except AssertionError as fault:
        faults.append(str(fault).split("\n")[0])


@cache
def _compiled() -> tuple[storymap.Story, Scene]:
    story = storymap.load(ZHANATAS)
    return story, compile_scene(story, None)


@dataclass(frozen=True)
class Expected:
    """One step as the story has it."""

    step: Step
    drawn: StepScene

    @property
    def layers(self) -> list[str]:
        return [part.layer for part in self.step.show]

    def names(self) -> set[str]:
        """Names that the map must bear: those of the places that must be seen, where their layer has labels.

        The name of an area may give way to what lies in it.
        """
        return {
            label.text
            for layer, key in (must.ref.split("/") for must in self.drawn.view.must if "/" in must.ref)
            for drawable in self._drawables(layer)
            for label in drawable.labels
            if label.key == key and label.anchor == "point"
        }

    def _drawables(self, layer: str) -> list[Any]:
        scene = _compiled()[1]
        shown = [scene.drawables[name] for name, _ in self.drawn.show]
        return [drawable for drawable in shown if drawable.layer == layer]

    def marks(self) -> list[tuple[Must, list[Paint], float]]:
        """(what must be seen, paints that show it, radius in pixels of its symbol)."""
        out = []
        for must in self.drawn.view.must:
            layer, _, key = must.ref.partition("/")
            for drawable in self._drawables(layer):
                shapes = [shape for shape in drawable.shapes if key in ("", shape.key)]
                paints = [drawable.paints[shape.paint] for shape in shapes]
                if paints:
                    out.append((must, paints, max(shape.radius or 0 for shape in shapes) or paints[0].radius))
        return out


@cache
def expected(step: str) -> Expected:
    story, scene = _compiled()
    index = next(index for index, known in enumerate(story.steps) if known.id == step)
    return Expected(story.steps[index], scene.steps[index])


def place(state: dict[str, Any], x: float, y: float) -> tuple[float, float]:
    """Pixel of world x, y, from the camera that the state names, by this test's own arithmetic."""
    centre, zoom = state["camera"]["center"], state["camera"]["zoom"]
    cx, cy = world(*centre)
    width, height = state["size"]
    shift = 256 * round((cx - x) / 256)
    return (x + shift - cx) * 2**zoom + width / 2, (y - cy) * 2**zoom + height / 2


OWN_NOTES = """(id) => {
    const section = document.getElementById(id);
    const texts = (all) => [...all].map((one) => one.textContent.trim());
    return {legend: texts(section.querySelectorAll('.key .legend li')), credits: section.dataset.credits};
}"""


def check_state(page: Page, state: dict[str, Any], step: str) -> None:
    """Every part of the snapshot is what the story says of this step."""
    want = expected(step)
    assert state["step"] == step
    assert [layer["id"] for layer in state["layers"]] == want.layers, step
    assert all(layer["opacity"] == 1 and layer["grown"] == 1 for layer in state["layers"]), state["layers"]
    assert state["tone"] == want.step.tone, step
    assert state["basemap"]["hidden"] == list(want.step.without), step
    assert state["alt"] == want.step.alt
    notes = page.evaluate(OWN_NOTES, step)
    assert state["legend"] == notes["legend"], step
    assert state["credits"] == notes["credits"], step
    for credit in want.drawn.credits:
        assert credit in state["credits"]
    assert want.names() <= set(state["labels"]), f"{step}: {want.names() - set(state['labels'])} is not written"
    check_must_see(state, step)


def check_must_see(state: dict[str, Any], step: str) -> None:
    """What must be seen lies in the free part, and where the state says."""
    want, free = expected(step), state["free"]
    assert [one["ref"] for one in state["mustSee"]] == [must.ref for must in want.drawn.view.must]
    for must, said in zip(want.drawn.view.must, state["mustSee"], strict=True):
        x0, y0, x1, y1 = said["box"]
        own = (*place(state, *must.box[:2]), *place(state, *must.box[2:]))
        # The state's zoom and centre are rounded: half a pixel at the far edge of the map.
        assert all(abs(a - b) <= 2 for a, b in zip(own, said["box"], strict=True)), (step, must.ref, own, said)
        inside = (
            x0 >= free["left"] - 1 and y0 >= free["top"] - 1 and x1 <= free["right"] + 1 and y1 <= free["bottom"] + 1
        )
        assert inside, f"{step}: {must.ref} at {said['box']} leaves the free part {free}"


SAMPLE = """({spots, tone}) => {
    // The map as it is, and the same camera without layers and labels, drawn aside.
    let layer;
    window[document.querySelector('.map').id].eachLayer((one) => { if (one.shown) layer = one; });
    const spare = document.createElement('canvas');
    [spare.width, spare.height] = [layer.canvas.width, layer.canvas.height];
    const bare = Object.assign(Object.create(layer), {canvas: spare, ctx: spare.getContext('2d'), shown: [], letters: new Map()});
    Object.getPrototypeOf(layer).draw.call(bare, layer.camera());
    const style = getComputedStyle(document.querySelector(`.probe[data-tone="${tone}"]`));
    const rgb = (token) => {
        const hex = (token[0] === '#' ? token : style.getPropertyValue(`--c-${token}`)).trim().slice(1);
        return [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16));
    };
    const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
    return spots.map(({x0, y0, x1, y1, tokens}) => {
        const r = layer.ratio;
        const box = [Math.floor(x0 * r), Math.floor(y0 * r), Math.ceil((x1 - x0) * r), Math.ceil((y1 - y0) * r)];
        const [live, base] = [layer.ctx, bare.ctx].map((ctx) => ctx.getImageData(...box).data);
        const colors = tokens.map(rgb);
        let differ = 0, near = 999, bareNear = 999, clear = 0;
        for (let i = 0; i < live.length; i += 4) {
            const [a, b] = [[...live.slice(i, i + 3)], [...base.slice(i, i + 3)]];
            if (live[i + 3] < 255) clear += 1;
            if (apart(a, b) > 10) differ += 1;
            near = Math.min(near, ...colors.map((color) => apart(a, color)));
            bareNear = Math.min(bareNear, ...colors.map((color) => apart(b, color)));
        }
        return {differ: differ / (live.length / 4), near, bareNear, clear};
    });
}"""


def check_pixels(page: Page, state: dict[str, Any], step: str) -> None:
    """Where something must be seen, the canvas shows more than the basemap, in the colours of its layer."""
    marks = expected(step).marks()
    spots = []
    for must, paints, radius in marks:
        (x0, y0), (x1, y1) = place(state, *must.box[:2]), place(state, *must.box[2:])
        reach = radius + 2
        width, height = state["size"]
        tokens = sorted({token for paint in paints for token in (paint.fill, paint.stroke) if token})
        spots.append(
            {
                "x0": max(0, x0 - reach), "y0": max(0, y0 - reach), "tokens": tokens,
                "x1": min(width, x1 + reach), "y1": min(height, y1 + reach),
            }
        )  # fmt: skip
    for (must, _, _), seen in zip(marks, page.evaluate(SAMPLE, {"spots": spots, "tone": state["tone"]}), strict=True):
        assert seen["clear"] == 0, (step, must.ref)
        assert seen["differ"] > 0.004, f"{step}: nothing but the basemap at {must.ref}"
        nearer = seen["near"] <= max(24, 0.8 * seen["bareNear"])
        assert nearer, f"{step}: {must.ref} does not show its colour: {seen}"


COVERING = """({free, spots}) => {
    const stage = document.querySelector('.stage').getBoundingClientRect();
    const over = (x, y) => document.elementFromPoint(stage.left + x, stage.top + y);
    const covered = [];
    for (let i = 0; i <= 12; i += 1) {
        for (let j = 0; j <= 12; j += 1) {
            const x = free.left + 1 + ((free.right - free.left - 2) * i) / 12;
            const y = free.top + 1 + ((free.bottom - free.top - 2) * j) / 12;
            const card = over(x, y)?.closest('.card, .masthead, .about, .contents > ol');
            if (card || stage.top + y >= innerHeight || !over(x, y)) covered.push([x, y, card?.className ?? 'outside']);
        }
    }
    const notes = [...document.querySelectorAll('.map-legend, .inset, .explore-button, .stepper, .map-credits, .scale')];
    const within = (box, x, y) => box.width && box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
    const under = spots.filter(([x, y]) => !over(x, y)?.closest('.map')
        || notes.some((note) => within(note.getBoundingClientRect(), stage.left + x, stage.top + y)));
    return {covered, under};
}"""


def check_free(page: Page, state: dict[str, Any], step: str) -> None:
    """No card lies over the free part, and nothing at all over the points that must be seen."""
    spots = [
        [(x0 + x1) / 2, (y0 + y1) / 2]
        for x0, y0, x1, y1 in (one["box"] for one in state["mustSee"])
        if math.hypot(x1 - x0, y1 - y0) < 60
    ]
    found = page.evaluate(COVERING, {"free": state["free"], "spots": spots})
    assert not found["covered"], f"{step}: the free part is covered at {found['covered'][:3]}"
    assert not found["under"], f"{step}: something lies over what must be seen at {found['under']}"
