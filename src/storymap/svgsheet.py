"""A sheet of SVG under a camera: where the paths of a scene fall on it, and what it defines with ids of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from storymap.camera import to_screen, viewport_box
from storymap.drawing import Box, Camera, PathData, Scene
from storymap.marks import number
from storymap.mercator import WORLD

__all__ = ["Sheet", "path_element"]


@dataclass(slots=True)
class Sheet:
    """One still in the making: camera, size in pixels, colours, and what its parts asked for so far."""

    scene: Scene
    camera: Camera
    width: float
    height: float
    ids: str
    """What the ids of this still begin with."""
    colors: Mapping[str, str] | None
    """Token → hex in a standalone still; None inside a document, whose style sheet knows them."""
    own: bool = False
    """Whether it carries the paths that it uses; otherwise they stand elsewhere in the document."""
    paths: dict[str, str] = field(default_factory=dict)
    """Key of every path used → ``<path>``."""
    inks: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Name of every gradient and pattern used → (id, its element)."""

    @property
    def scale(self) -> float:
        """Pixels a world unit."""
        return float(2.0**self.camera.zoom)

    @property
    def view(self) -> Box:
        """What the sheet shows, world units."""
        return viewport_box(self.camera, self.width, self.height)

    def shifts(self) -> list[float]:
        """Copies of the world that the sheet touches, as offsets in x."""
        x0, _, x1, _ = self.view
        return [n * WORLD for n in range(math.floor(x0 / WORLD) - 1, math.floor(x1 / WORLD) + 1)]

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """Pixels of a place in the copy of the world that is nearest to the camera."""
        return self.screen(x, y, WORLD * math.floor((self.camera.x - x) / WORLD + 0.5))

    def sees(self, box: Box, shift: float) -> bool:
        """Whether a box touches the sheet when moved by ``shift``."""
        x0, y0, x1, y1 = self.view
        return box[2] + shift >= x0 and box[0] + shift <= x1 and box[3] >= y0 and box[1] <= y1

    def screen(self, x: float, y: float, shift: float = 0.0) -> tuple[float, float]:
        """World x, y → pixels."""
        return to_screen(self.camera, self.width, self.height, x + shift, y)

    def path_scale(self, key: str) -> float:
        """Pixels a step of the path's grid."""
        return self.scale * self.scene.paths[key].unit

    def use(self, key: str, shift: float, attributes: str = "") -> str:
        """``<use>`` of a path of the scene under the camera."""
        path = self.scene.paths[key]
        x, y = self.screen(*path.origin, shift)
        name = escape(f"{self.ids}.{key}" if self.own else key)
        self.paths.setdefault(key, path_element(name, path))
        place = f"translate({number(x)} {number(y)})scale({self.path_scale(key):.6g})"
        return f'<use href="#{name}"{attributes} transform="{place}"/>'

    def ink(self, name: str, element: str) -> str:
        """``url(#…)`` of a gradient or pattern, defined once; ``{id}`` in ``element`` becomes its id."""
        # A full stop can be in no step's id, so these ids meet no other.
        identifier = escape(f"{self.ids}.{len(self.inks)}")
        known, _ = self.inks.setdefault(name, (identifier, element.replace("{id}", identifier)))
        return f"url(#{known})"

    def defs(self) -> str:
        """``<defs>`` with all that the sheet has to define itself; ``""`` when that is nothing."""
        own = list(self.paths.values()) if self.own else []
        inside = "".join([*own, *(element for _, element in self.inks.values())])
        return f"<defs>{inside}</defs>" if inside else ""


def path_element(name: str, path: PathData) -> str:
    """``<path>`` that stills point to by ``name``; its strokes keep their width under every transform."""
    # vector-effect is not inherited: it has to stand on the path, not where that is used.
    return f'<path id="{name}" vector-effect="non-scaling-stroke" d="{path.d}"/>'
