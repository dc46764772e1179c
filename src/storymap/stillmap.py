"""A step's static map: SVG from the same display list that the page's canvas draws.

Inside the document a still points to geometry that stands there once (``<path id="key">`` for the keys of
`Scene.paths`) and takes its colours from the style sheet (`still_css` and the ``--c-…`` properties); a standalone
still carries all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape

from storymap import lettering, svglayers
from storymap.camera import Insets, solve
from storymap.drawing import Box, Label, Scene, StepScene
from storymap.lettering import ROLE_STYLES, Placed
from storymap.marks import number
from storymap.palette import resolve, tone_colors
from storymap.svgbase import base_css, basemap, ground
from storymap.svgsheet import Sheet
from storymap.trimming import trimmed

__all__ = ["path_keys", "still", "still_css"]


MUST_SEE = 1000
"""Priority that the label of a feature gains where the step says that it must be seen."""


def still_css() -> str:
    """Style sheet of the stills inside a document: basemap and lettering."""
    return f"{base_css()}{lettering.role_css()}"


def still(
    scene: Scene,
    step: StepScene,
    *,
    width: float = 960,
    height: float = 600,
    ids: str = "still",
    standalone: bool = False,
    trim: bool = False,
    palette: Mapping[str, str] | None = None,
    free: Sequence[float] = Insets(),
) -> str:
    """The map of ``step`` as one ``<svg>``, ``width`` x ``height`` pixels, lines that grow drawn in full.

    ``ids``: prefix of the ids that the still defines, so that several can stand in one document. ``standalone``: a file
    of its own, with the geometry it uses and colours from ``palette`` (token → hex, default: the built-in colours of
    the step's tone). ``trim``: it carries its own geometry inside a document as well, of which no more than it shows
    (`trimming`). ``free``: pixels (left, top, right, bottom) that something will cover. In a place of another shape
    the picture fills all of it (``slice``). Deterministic. Raises `KeyError` for a colour that the palette lacks.
    """
    colors = (palette if palette is not None else tone_colors(step.tone)) if standalone else None
    sheet = Sheet(scene, solve(step.view, width, height, free), width, height, ids, colors, own=standalone or trim)
    # Labels find their places on the whole geometry, as in the live map.
    texts = "".join(_lettering(sheet, step))
    if trim:
        keys = path_keys(scene, step, width=width, height=height, free=free)
        sheet.scene = trimmed(sheet, keys)
    body = _drawn(sheet, step)
    size = f'width="{number(width)}" height="{number(height)}" viewBox="0 0 {number(width)} {number(height)}"'
    fit = 'preserveAspectRatio="xMidYMid slice" fill-rule="evenodd" stroke-linejoin="round" stroke-linecap="round"'
    alt = escape(step.alt)
    namespace = ' xmlns="http://www.w3.org/2000/svg"' if standalone else ""
    title = f"<title>{alt}</title>" if standalone else ""
    head = f'<svg{namespace} class="stillmap" {size} {fit} role="img" aria-label="{alt}">'
    return f"{head}{title}{sheet.defs()}{body}{texts}</svg>"


def path_keys(
    scene: Scene, step: StepScene, *, width: float = 960, height: float = 600, free: Sequence[float] = Insets()
) -> tuple[str, ...]:
    """Keys of the paths that the still of ``step`` in this size points to, in the order of their first use."""
    sheet = Sheet(scene, solve(step.view, width, height, free), width, height, "", None)
    _drawn(sheet, step)
    return tuple(sheet.paths)


def _drawn(sheet: Sheet, step: StepScene) -> str:
    shown = [sheet.scene.drawables[drawable_id] for drawable_id, _ in step.show]
    parts = [ground(sheet), *basemap(sheet, step)]
    for drawable in shown:
        parts += svglayers.draw(sheet, drawable)
    return "".join(parts)


def _lettering(sheet: Sheet, step: StepScene) -> Iterator[str]:
    labels, boxes = _wanted(sheet, step)
    strokes = [
        point for drawn, _ in step.show for point in svglayers.stroke_points(sheet, sheet.scene.drawables[drawn])
    ]
    placed = lettering.place(labels, (0.0, 0.0, sheet.width, sheet.height), boxes, scale=sheet.scale, strokes=strokes)
    for role in ROLE_STYLES:
        marks = "".join(_mark(item) for item in placed if item.label.role == role)
        texts = "".join(_text(item, sheet.colors) for item in placed if item.label.role == role)
        if texts:
            yield f"<g{_look(role, sheet.colors)}>{marks}{texts}</g>"


def _wanted(sheet: Sheet, step: StepScene) -> tuple[list[tuple[Label, float, float]], list[Box]]:
    """Labels that the step may set, with their places in pixels, and the boxes of the symbols that it shows."""
    labels: list[Label] = []
    boxes: list[Box] = []
    must = {item.ref for item in step.view.must}
    for drawable_id, _ in step.show:
        drawable = sheet.scene.drawables[drawable_id]
        labels += [_named_first(label, drawable.layer, must) for label in drawable.labels]
        boxes += svglayers.symbol_boxes(sheet, drawable)
    own = [label.text for label in labels]
    for base in sheet.scene.base_labels:
        in_zoom = base.min_zoom <= sheet.camera.zoom <= base.max_zoom
        if in_zoom and base.part not in step.without and not _repeats(base.label.text, own):
            labels.append(base.label)
    return [(label, *sheet.nearest(label.x, label.y)) for label in labels], boxes


def _repeats(name: str, own: Sequence[str]) -> bool:
    """Whether the story writes the name itself, alone or at the start: "Ukraine, 2,925 km"."""
    return any(text == name or (text.startswith(name) and not text[len(name)].isalpha()) for text in own)


def _named_first(label: Label, layer: str, must: Collection[str]) -> Label:
    """What must be seen is named before all else."""
    seen = layer in must or f"{layer}/{label.key}" in must
    return replace(label, priority=label.priority + MUST_SEE) if seen else label


def _mark(item: Placed) -> str:
    dot = ROLE_STYLES[item.label.role].dot
    if not dot or item.label.anchor != "point":
        return ""
    return f'<circle cx="{number(item.at[0], 1)}" cy="{number(item.at[1], 1)}" r="{number(dot)}"/>'


def _text(item: Placed, colors: Mapping[str, str] | None) -> str:
    line_height = ROLE_STYLES[item.label.role].size * lettering.LINE
    anchor = "" if item.align == "start" else f' text-anchor="{item.align}"'
    fill = f' fill="{resolve(item.label.color, colors)}"' if item.label.color else ""
    x = number(item.x, 1)
    if len(item.lines) == 1:
        return f'<text x="{x}" y="{number(item.y, 1)}"{anchor}{fill}>{escape(item.lines[0])}</text>'
    lines = "".join(
        f'<tspan x="{x}" y="{number(item.y + place * line_height, 1)}">{escape(line)}</tspan>'
        for place, line in enumerate(item.lines)
    )
    return f"<text{anchor}{fill}>{lines}</text>"


def _look(role: str, colors: Mapping[str, str] | None) -> str:
    """Class of a role, or all that its style sheet says as attributes."""
    if colors is None:
        return f' class="l-{role}"'
    style = ROLE_STYLES[role]
    slant = ' font-style="italic"' if style.italic else ""
    spacing = f' letter-spacing="{number(style.spacing * style.size)}"' if style.spacing else ""
    face = f'font-family="{escape(lettering.FONT)}" font-size="{number(style.size)}" font-weight="{style.weight}"'
    halo = f'stroke="{colors["halo"]}" stroke-width="{number(lettering.HALO)}" paint-order="stroke"'
    return f' {face}{slant}{spacing} fill="{colors[style.ink]}" {halo}'
