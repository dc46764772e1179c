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

__all__ = ["definitions", "hero", "still"]

Shape = tuple[float, float, Sequence[float]]
"""Width, height, covered pixels (left, top, right, bottom)."""

STILL: Shape = (900, 600, Insets())
HEROES: dict[str, Shape] = {"wide": (*SCREENS[2][:2], SCREENS[2][2]), "narrow": (390, 380, SCREENS[0][2])}
"""First picture of the stage, in the shape of a desk's and of a phone's map."""


def hero(scene: Scene, reuse: Reuse) -> str:
    """Step 1 as the live map will show it, once for each layout; the style sheet shows the one that fits."""
    return "".join(
        f'<div class="hero-{name}">{still(scene, scene.steps[0], f"hero-{name}", reuse, shape)}</div>'
        for name, shape in HEROES.items()
    )


def still(scene: Scene, step: StepScene, ids: str, reuse: Reuse, shape: Shape = STILL) -> str:
    """The map of a step as an ``<svg>`` that stands in the document, with ids that begin with ``ids``."""
    width, height, free = shape
    return reuse.part(
        ("still", ids, width, height, tuple(free), _look(step)),
        _drawn_from(scene, step),
        lambda: stillmap.still(scene, step, width=width, height=height, free=free, ids=ids),
    )


def definitions(scene: Scene, reuse: Reuse) -> tuple[str, str]:
    """(paths that the first still needs, all others): the first picture shows before the rest has arrived."""
    first = {key for shape in HEROES.values() for key in _path_keys(scene, scene.steps[0], reuse, shape)}
    early = "".join(_path(key, scene) for key in scene.paths if key in first)
    late = "".join(_path(key, scene) for key in scene.paths if key not in first)
    return (
        f'<svg class="defs" width="0" height="0" aria-hidden="true" focusable="false"><defs>{early}</defs></svg>',
        late,
    )


def _path_keys(scene: Scene, step: StepScene, reuse: Reuse, shape: Shape) -> tuple[str, ...]:
    width, height, free = shape
    return reuse.part(
        ("path keys", width, height, tuple(free), _look(step)),
        _drawn_from(scene, step),
        lambda: stillmap.path_keys(scene, step, width=width, height=height, free=free),
    )


def _look(step: StepScene) -> StepScene:
    """What a still takes from a step."""
    return replace(step, title="", legend=(), credits=())


def _drawn_from(scene: Scene, step: StepScene) -> tuple[object, ...]:
    """What a still takes from the rest of the story: these name the paths that they are drawn with."""
    return (scene.levels, scene.base_labels, *(scene.drawables[name] for name, _ in step.show))


def _path(key: str, scene: Scene) -> str:
    # The attribute goes with the path into every <use>; a rule of the style sheet would not.
    return f'<path id="{key}" vector-effect="non-scaling-stroke" d="{scene.paths[key].d}"/>'
