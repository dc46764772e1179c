"""What the page draws: plain data, the same for the live map and for stills.

World units: Web Mercator (EPSG:3857) as pixels at zoom 0, x and y from 0 to 256, y down; at zoom z a world unit is
``2**z`` CSS pixels. Colours are tokens: ``#rrggbb``, or the name of a colour that the document defines as the CSS
property ``--c-<name>``, so that one drawing serves light, dark and toned maps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "BaseLabel",
    "Box",
    "Camera",
    "Drawable",
    "Label",
    "LegendEntry",
    "Level",
    "LevelPart",
    "Must",
    "Paint",
    "PathData",
    "Scene",
    "Shape",
    "StepScene",
    "ViewBox",
]

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in world units, x0 <= x1, y0 <= y1 (y down). x may exceed 256 for a box across the antimeridian."""

Pattern = Literal["none", "hatch", "cross", "dots"]
Symbol = Literal["circle", "square", "diamond", "triangle", "ring"]


@dataclass(frozen=True, slots=True)
class PathData:
    """A prepared path: SVG path data in whole numbers of ``unit`` world units, relative to ``origin``."""

    d: str
    """``M x y l dx dy …`` and ``z``: absolute move, relative lines, integers; a following subpath starts with ``M``."""
    origin: tuple[float, float]
    """World coordinates of the path's zero."""
    unit: float
    """World units of one step of ``d``."""
    box: Box
    """Extent, world units."""


@dataclass(frozen=True, slots=True)
class Paint:
    """How one class of shapes is drawn. Lengths in CSS pixels."""

    fill: str | None = None
    fill_opacity: float = 1.0
    stroke: str | None = None
    opacity: float = 1.0
    weight: float = 1.0
    dash: tuple[float, ...] = ()
    pattern: Pattern = "none"
    symbol: Symbol = "circle"
    radius: float = 6.0
    soft: bool = False
    """Areas: blurred edge. Points: a disc that fades out, sized by `Shape.blur`, without a centre mark."""
    arrow: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """One feature's geometry with its class. Areas and lines have ``path``; points have ``x``, ``y`` (world units)."""

    kind: Literal["area", "line", "point"]
    paint: int
    """Index into `Drawable.paints`."""
    key: str
    """Name of the feature inside its layer."""
    path: str | None = None
    """Key into `Scene.paths`."""
    x: float = 0.0
    y: float = 0.0
    radius: float | None = None
    """Points: own radius in pixels (proportional circles)."""
    blur: float | None = None
    """Points: radius of what is not known, in world units (from the accuracy in kilometres)."""
    tip: tuple[tuple[str, str], ...] = ()
    """Rows (name, value) shown when the reader explores."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text on the map at world ``x``, ``y``."""

    text: str
    x: float
    y: float
    role: Literal["feature", "quiet", "region", "country", "water", "figure", "city", "town", "capital", "range"] = (
        "feature"
    )
    priority: int = 0
    color: str | None = None
    anchor: Literal["point", "centre"] = "point"
    """``point``: set beside the point (E, W, N, S, then corners); ``centre``: set on it."""
    gap: float = 6.0
    """Pixels between point and text (the symbol's radius and some air)."""
    blur: float | None = None
    """As `Shape.blur`: the label stays outside the soft disc when that is larger than ``gap``."""
    key: str = ""


@dataclass(frozen=True, slots=True)
class BaseLabel:
    """A label of the basemap with the zooms between which it may be set."""

    label: Label
    min_zoom: float
    max_zoom: float
    part: str
    """``country-labels``, ``city-labels``, ``water-labels`` or ``range-labels``: what `Step.without` can leave out."""


@dataclass(frozen=True, slots=True)
class LevelPart:
    """One kind of basemap geometry of a level, drawn in the order given."""

    role: Literal["land", "regions", "coast", "borders", "lakes", "rivers", "railways"]
    path: str
    """Key into `Scene.paths`."""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Level:
    """Basemap geometry for zooms up to ``max_zoom``, where the viewport lies inside ``box`` (None: the whole world)."""

    max_zoom: float
    box: Box | None
    parts: tuple[LevelPart, ...]


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of the legend. ``kind`` says what the swatch shows; ``paint`` how."""

    text: str
    kind: Literal["area", "line", "point", "size", "heading"]
    paint: Paint | None = None
    radius: float | None = None
    """``size``: radius in pixels of this circle."""


@dataclass(frozen=True, slots=True)
class Drawable:
    """One layer as one step draws it (layer × style × filter). ``shapes`` in drawing order."""

    id: str
    layer: str
    title: str
    paints: tuple[Paint, ...]
    shapes: tuple[Shape, ...]
    labels: tuple[Label, ...]
    legend: tuple[LegendEntry, ...]
    credit: str
    """What the attribution line says while this is shown."""


@dataclass(frozen=True, slots=True)
class Must:
    """A feature that has to lie inside the free part of the map: box in world units, pad in pixels around it."""

    ref: str
    box: Box
    pad: float


@dataclass(frozen=True, slots=True)
class ViewBox:
    """What a step frames. The camera is solved from it for every viewport."""

    box: Box
    pad: float
    must: tuple[Must, ...]
    max_zoom: float


@dataclass(frozen=True, slots=True)
class Camera:
    """Centre in world units and zoom (pixels per world unit = 2**zoom)."""

    x: float
    y: float
    zoom: float


@dataclass(frozen=True, slots=True)
class StepScene:
    """Full snapshot of one step."""

    id: str
    title: str
    view: ViewBox
    move: Literal["auto", "fly", "follow", "cut"]
    tone: Literal["light", "dark"]
    without: tuple[str, ...]
    show: tuple[tuple[str, bool], ...]
    """(drawable id, grows with the scroll), bottom to top."""
    legend: tuple[LegendEntry, ...]
    credits: tuple[str, ...]
    alt: str


@dataclass(frozen=True, slots=True)
class Scene:
    """All that one document draws."""

    paths: dict[str, PathData] = field(default_factory=dict)
    levels: tuple[Level, ...] = ()
    base_labels: tuple[BaseLabel, ...] = ()
    drawables: dict[str, Drawable] = field(default_factory=dict)
    steps: tuple[StepScene, ...] = ()
    notes: tuple[str, ...] = ()
    """What was repaired or left out when the data was read, one sentence each, for editors."""
