"""The compiler: a `Story` and its data become a `Scene`, all that one document draws.

A step is a full snapshot; a layer with the same style, filter and labels in several steps is drawn from one
`Drawable`. Geometry is simplified for the closest zoom at which any step shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from storymap import basemap, camera, featureset
from storymap.drawing import Box, Camera, Drawable, LegendEntry, Must, PathData, Scene, StepScene, ViewBox
from storymap.errors import StoryError
from storymap.featureset import FeatureSet, Problems
from storymap.layering import draw_layer
from storymap.painting import merge_style
from storymap.reuse import Reuse
from storymap.story import LayerView, Step, Story

__all__ = ["SCREENS", "compile_scene"]

SCREENS: tuple[tuple[int, int, camera.Insets], ...] = (
    (390, 380, camera.Insets(14, 14, 14, 50)),
    (820, 531, camera.Insets(14, 14, 14, 50)),
    (1280, 800, camera.Insets(480, 56, 28, 60)),
    (1920, 1080, camera.Insets(480, 56, 28, 60)),
    (2560, 1440, camera.Insets(480, 56, 28, 60)),
)
"""Viewports (width, height, covered pixels) for which the basemap has to hold detail."""

FIT_PAD = 26.0
MUST_PAD = 18.0
DEFAULT_MAX_ZOOM = 9.0
EXPLORE_ZOOM = 1.0
"""Zooms past the closest view for which geometry keeps its detail, so that a reader who explores sees no corners."""
MAX_DETAIL = 11.0


def compile_scene(
    story: Story, base: basemap.Basemap | None, *, lang: str | None = None, cache: Path | None = None,
    reuse: Reuse | None = None,
) -> Scene:  # fmt: skip
    """All that the document of ``story`` draws, labels in ``lang`` (default: the story's language).

    ``base`` is None for online tiles. ``reuse``: what earlier versions of the story were made of. Raises `StoryError`
    with every problem found in the data: files that can not be read, features and columns that do not exist.
    """
    lang = lang or story.lang
    problems: Problems = []
    parts = Reuse() if reuse is None else reuse
    sets = featureset.load(story, cache, problems, parts)
    views = [_view(story, index, step, sets, problems) for index, step in enumerate(story.steps)]
    if problems:
        raise StoryError(problems)
    zooms = _layer_zooms(story, views)
    paths: dict[str, PathData] = {}
    drawables: dict[str, Drawable] = {}
    ids: dict[str, str] = {}
    steps: list[StepScene] = []
    for index, step in enumerate(story.steps):
        shown = [
            _drawable(story, index, at, part, sets, zooms, lang, paths, drawables, ids, problems, parts)
            for at, part in enumerate(step.show)
        ]
        steps.append(_step(step, views[index], shown, drawables, base))
    if problems:
        raise StoryError(problems)
    levels: tuple[basemap.Level, ...] = ()
    labels: tuple[basemap.BaseLabel, ...] = ()
    if base is not None:
        hidden = [step.without for step in story.steps for _ in SCREENS]
        base_paths, levels, labels = basemap.compile_base(
            base, boxes=_boxes(views), lang=lang, cache=cache, hidden=hidden, reuse=reuse
        )
        paths = {**base_paths, **paths}
    notes = tuple(f"layer '{features.layer}': {note}" for features in sets.values() for note in features.notes)
    return Scene(paths, levels, labels, drawables, tuple(steps), notes)


def _view(story: Story, index: int, step: Step, sets: Mapping[str, FeatureSet], problems: Problems) -> ViewBox:
    place = ("steps", index, "view")
    wheres = {part.layer: part.where for part in step.show}
    musts = tuple(
        Must(ref, box, MUST_PAD + _symbol_radius(story, step, ref))
        for at, ref in enumerate(step.view.must_see)
        if (box := _ref_box(story, (*place, "must_see", at), ref, sets, wheres, problems))
    )
    if step.view.bounds is not None:
        box, pad = camera.fit_box(step.view.bounds), 0.0
    else:
        found = [
            found_box
            for at, ref in enumerate(step.view.fit or ())
            if (found_box := _ref_box(story, (*place, "fit", at), ref, sets, wheres, problems))
        ]
        if not found:
            return ViewBox((0, 0, 256, 256), 0, musts, DEFAULT_MAX_ZOOM)
        box, pad = camera.union_box(found), FIT_PAD
    most = step.view.max_zoom if step.view.max_zoom is not None else DEFAULT_MAX_ZOOM
    return ViewBox(box, pad, musts, most)


def _symbol_radius(story: Story, step: Step, ref: str) -> float:
    """Pixels that the largest symbol of a layer reaches beyond its place, as this step draws it."""
    part = next((part for part in step.show if part.layer == ref.partition("/")[0]), None)
    if part is None:
        return 0.0
    style = merge_style(story.layer(part.layer).style, part.style)
    return float(style.radius_max or 0.0) if style.size_column else float(style.radius or 0.0)


def _ref_box(
    story: Story,
    place: tuple[str | int, ...],
    ref: str,
    sets: Mapping[str, FeatureSet],
    wheres: Mapping[str, object],
    problems: Problems,
) -> Box | None:
    layer, _, feature = ref.partition("/")
    if layer not in sets:
        return None
    try:
        return sets[layer].box(feature or None, None if feature else wheres.get(layer))
    except featureset.NoSuchFeature as error:
        featureset.report(story, problems, place, str(error))
        return None


def _cameras(view: ViewBox) -> list[tuple[Camera, int, int]]:
    return [(camera.solve(view, width, height, free), width, height) for width, height, free in SCREENS]


def _layer_zooms(story: Story, views: Sequence[ViewBox]) -> dict[str, float]:
    """Layer id → closest zoom at which a step shows it on any screen, with room for exploring."""
    zooms: dict[str, float] = {}
    for step, view in zip(story.steps, views, strict=True):
        closest = max(cam.zoom for cam, _, _ in _cameras(view)) + EXPLORE_ZOOM
        for part in step.show:
            zooms[part.layer] = min(MAX_DETAIL, max(zooms.get(part.layer, 0.0), closest))
    return zooms


def _boxes(views: Iterable[ViewBox]) -> list[tuple[Box, float]]:
    """(what a viewport shows, its zoom) for every step and screen."""
    return [
        (camera.viewport_box(cam, width, height), cam.zoom) for view in views for cam, width, height in _cameras(view)
    ]


def _drawable(
    story: Story,
    index: int,
    at: int,
    part: LayerView,
    sets: Mapping[str, FeatureSet],
    zooms: Mapping[str, float],
    lang: str,
    paths: dict[str, PathData],
    drawables: dict[str, Drawable],
    ids: dict[str, str],
    problems: Problems,
    reuse: Reuse,
) -> tuple[str, LayerView]:
    """Id of the drawable of this part, made when no step before shows the layer in the same way."""
    look = part.model_dump_json(include={"layer", "where", "style", "label"})
    if look not in ids:
        variants = sum(1 for known in drawables.values() if known.layer == part.layer)
        drawable_id = part.layer if not variants else f"{part.layer}~{variants + 1}"
        layer, features, zoom = story.layer(part.layer), sets[part.layer], zooms[part.layer]

        def draw() -> tuple[Drawable, dict[str, PathData]]:
            own: dict[str, PathData] = {}
            return draw_layer(drawable_id, layer, part, features, zoom, lang, own, reuse), own

        try:
            made, own = reuse.part(
                ("drawable", drawable_id, layer.model_dump_json(), look, zoom, lang), (features,), draw
            )
        except featureset.BadStyle as error:
            place = ("steps", index, "show", at) if error.in_step else ("layers", sets[part.layer].index)
            featureset.report(story, problems, (*place, *error.place), str(error))
            return "", part
        drawables[drawable_id] = made
        for key, path in own.items():
            paths.setdefault(key, path)
        ids[look] = drawable_id
    return ids[look], part


def _step(
    step: Step,
    view: ViewBox,
    shown: Sequence[tuple[str, LayerView]],
    drawables: Mapping[str, Drawable],
    base: basemap.Basemap | None,
) -> StepScene:
    known = [(drawable_id, part) for drawable_id, part in shown if drawable_id in drawables]
    legend: list[LegendEntry] = []
    names: list[str] = base.short_credit.split(", ") if base is not None else []
    for drawable_id, part in reversed(known):
        drawable = drawables[drawable_id]
        if part.legend:
            legend.extend(entry for entry in drawable.legend if entry not in legend)
        names.extend(name for name in drawable.credit.split("; ") if name and name not in names)
    return StepScene(
        id=step.id,
        title=step.title,
        view=view,
        move=step.move,
        tone=step.tone,
        without=step.without,
        show=tuple((drawable_id, part.grow) for drawable_id, part in known),
        legend=tuple(legend),
        credits=tuple(names),
        alt=step.alt,
    )
