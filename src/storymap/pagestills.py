"""The stills of a document: each step's, the first picture of the stage, and the paths that they point to.

A part that an earlier version of the story had as well comes from its `Reuse`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from storymap import stillmap
from storymap.camera import Insets
from storymap.drawing import Scene, StepScene
from storymap.reuse import Reuse
from storymap.scene import SCREENS
from storymap.svgsheet import path_element

__all__ = ["definitions", "hero", "still"]

Shape = tuple[float, float, Sequence[float]]
"""Width, height, covered pixels (left, top, right, bottom)."""

STILL: Shape = (900, 600, Insets())
HEROES: dict[str, Shape] = {"narrow": (390, 380, SCREENS[0][2]), "wide": (*SCREENS[2][:2], SCREENS[2][2])}
"""First picture of the stage, in the shape of a phone's and of a desk's map; the phone's first, as its link is slower."""


def hero(scene: Scene, reuse: Reuse) -> str:
    """Step 1 as the live map will show it, once for each layout; the style sheet shows the one that fits.

    It carries no more geometry than it shows: it is what a reader sees before the rest of the document has arrived.
    """
    return "".join(
        f'<div class="hero-{name}">{still(scene, scene.steps[0], f"hero-{name}", reuse, shape, trim=True)}</div>'
        for name, shape in HEROES.items()
    )


def still(scene: Scene, step: StepScene, ids: str, reuse: Reuse, shape: Shape = STILL, *, trim: bool = False) -> str:
    """The map of a step as an ``<svg>`` that stands in the document, with ids that begin with ``ids``.

    ``trim``: with geometry of its own; otherwise it points to `definitions`.
    """
    width, height, free = shape
    return reuse.part(
        ("still", ids, width, height, tuple(free), trim, _look(step)),
        _drawn_from(scene, step),
        lambda: stillmap.still(scene, step, width=width, height=height, free=free, ids=ids, trim=trim),
    )


def definitions(scene: Scene) -> str:
    """All paths of the document, which its stills and the live map point to."""
    return "".join(path_element(key, path) for key, path in scene.paths.items())


def _look(step: StepScene) -> StepScene:
    """What a still takes from a step."""
    return replace(step, title="", legend=(), credits=())


def _drawn_from(scene: Scene, step: StepScene) -> tuple[object, ...]:
    """What a still takes from the rest of the story: these name the paths that they are drawn with."""
    return (scene.levels, scene.base_labels, *(scene.drawables[name] for name, _ in step.show))
