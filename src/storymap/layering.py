"""One layer as a step draws it: rules and geometry become a `Drawable`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from storymap import generalise, symbology
from storymap.drawing import Drawable, Label, LegendEntry, Paint, PathData, Shape
from storymap.featureset import BadStyle, FeatureSet
from storymap.pathdata import encode_geometry, unit_for
from storymap.reuse import Reuse
from storymap.story import Layer, LayerView, Source

__all__ = ["draw_layer", "layer_credit"]

SOFT_STEPS = 7
SOFT_REACH = 0.45

_FREE = ("public domain", "cc0", "pddl", "own work", "unlicense")


def draw_layer(
    drawable_id: str, layer: Layer, part: LayerView, features: FeatureSet, zoom: float, lang: str,
    paths: dict[str, PathData], reuse: Reuse,
) -> Drawable:  # fmt: skip
    """The drawable of ``layer`` as ``part`` of a step shows it; geometry for ``zoom`` is added to ``paths``.

    ``reuse``: where the drawables of a layer find the geometry that they share.

    Raises `BadStyle`.
    """
    style = symbology.merge_style(layer.style, part.style)
    try:
        symbols = symbology.resolve(layer, style, features.frame, where=part.where, lang=lang)
    except symbology.StyleError as error:
        in_step = part.style is not None and error.place[0] == "style"
        raise BadStyle(str(error), error.place, in_step=in_step) from error
    geometry = _prepared(layer.id, features, zoom, paths, reuse)
    paints = list(symbols.paints)
    shapes: list[Shape] = []
    labels: list[Label] = []
    for symbol in symbols.rows:
        if symbol.kind == "area" and symbols.paints[symbol.paint].soft:
            shapes.extend(_soft_area(layer.id, features, symbol, paints, zoom, paths, reuse))
        else:
            shapes.extend(_shapes(features, symbol, geometry))
        if part.label and layer.label and symbol.label:
            labels.append(_label(layer, features, symbol, symbols.paints[symbol.paint]))
    return Drawable(
        id=drawable_id,
        layer=layer.id,
        title=layer.title or layer.legend or layer.id,
        paints=tuple(paints),
        shapes=tuple(shapes),
        labels=tuple(labels),
        legend=_legend(symbols, labelled=bool(labels)),
        credit=layer_credit(layer.source),
    )


def _legend(symbols: symbology.Symbolised, *, labelled: bool) -> tuple[LegendEntry, ...]:
    """The legend; circles that carry their value as a label need no scale of sizes beside it."""
    return tuple(entry for entry in symbols.legend if not (labelled and entry.kind == "size"))


def layer_credit(source: Source) -> str:
    """What the map says while this is shown: nothing for data that asks for no credit."""
    if source.license.lower().startswith(_FREE):
        return ""
    license_name = source.license.replace("ODbL-1.0", "ODbL").replace("CC-BY-4.0", "CC BY 4.0")
    return source.credit if license_name.lower() in source.credit.lower() else f"{source.credit} ({license_name})"


def _prepared(
    layer: str, features: FeatureSet, zoom: float, paths: dict[str, PathData], reuse: Reuse
) -> dict[int, str]:
    """Row → key of its path, simplified for ``zoom``; made once for all drawables of a layer."""
    made = reuse.part(("paths", zoom), (features,), lambda: _encoded(features, zoom))
    keys = {row: f"g-{layer}-{row + 1}" for row in made}
    for row, path in made.items():
        paths.setdefault(keys[row], path)
    return keys


def _encoded(features: FeatureSet, zoom: float) -> dict[int, PathData]:
    """Row → path, of the rows that are lines or areas and large enough to be seen."""
    rows = [row for row in range(len(features.keys)) if shapely.get_dimensions(features.world[row]) > 0]
    if not rows:
        return {}
    slim = generalise.simplify(features.world, zoom=zoom)
    made = {row: encode_geometry(slim[row], unit=unit_for(zoom)) for row in rows}
    return {row: path for row, path in made.items() if path is not None}


def _shapes(features: FeatureSet, symbol: symbology.Row, geometry: dict[int, str]) -> list[Shape]:
    row, key = symbol.index, features.keys[symbol.index]
    if symbol.kind != "point":
        # A sliver can vanish when it is simplified; then there is nothing to draw.
        path = geometry.get(row)
        return [Shape(symbol.kind, symbol.paint, key, path=path, tip=symbol.tip)] if path else []
    blur = features.blur(row) if symbol.accuracy_km is not None else None
    return [
        Shape("point", symbol.paint, key, x=float(x), y=float(y), radius=symbol.radius, blur=blur, tip=symbol.tip)
        for x, y in shapely.get_coordinates(features.world[row])
    ]


def _soft_area(
    layer: str, features: FeatureSet, symbol: symbology.Row, paints: list[Paint], zoom: float,
    paths: dict[str, PathData], reuse: Reuse,
) -> list[Shape]:  # fmt: skip
    """An area without an edge: the same area grown and shrunk in steps, each a little of the whole opacity.

    The steps reach as far as 0.45 of the radius of the largest circle inside, to either side of the outline, so that
    what is known by its measures only does not look surveyed. The pattern stands on the middle one.
    """
    row, key = symbol.index, features.keys[symbol.index]
    paint = paints[symbol.paint]
    rings = reuse.part(("soft", row, zoom), (features,), lambda: _rings(features.world[row], zoom))
    share = 1 - (1 - paint.fill_opacity) ** (1 / SOFT_STEPS)
    shapes = []
    for step, path in enumerate(rings):
        if path is None:
            continue
        path_key = f"g-{layer}-{row + 1}-soft-{step + 1}"
        paths.setdefault(path_key, path)
        middle = step == SOFT_STEPS // 2
        look = replace(
            paint, soft=False, stroke=paint.stroke if middle and paint.pattern != "none" else None, weight=0.0,
            fill_opacity=share, pattern=paint.pattern if middle else "none",
        )  # fmt: skip
        if look not in paints:
            paints.append(look)
        shapes.append(Shape("area", paints.index(look), key, path=path_key, tip=symbol.tip if middle else ()))
    return shapes


def _rings(area: BaseGeometry, zoom: float) -> list[PathData | None]:
    """The outlines of a soft area, from the widest to the narrowest; None where nothing is left of it."""
    circle = shapely.maximum_inscribed_circle(max(shapely.get_parts(area), key=shapely.area))
    reach = SOFT_REACH * float(shapely.length(circle))
    grown = [shapely.buffer(area, reach * (1 - 2 * step / (SOFT_STEPS - 1)), quad_segs=6) for step in range(SOFT_STEPS)]
    return [encode_geometry(generalise.simplify(np.array([ring]), zoom=zoom)[0], unit=unit_for(zoom)) for ring in grown]


def _label(layer: Layer, features: FeatureSet, symbol: symbology.Row, paint: Paint) -> Label:
    assert layer.label is not None
    x, y = _label_place(features.world[symbol.index])
    point = symbol.kind == "point"
    radius = symbol.radius if symbol.radius is not None else paint.radius
    return Label(
        text=symbol.label or "",
        x=x,
        y=y,
        role=layer.label.role,
        priority=10 + layer.label.priority,
        color=layer.label.color,
        anchor="point" if point else "centre",
        gap=round(radius + 4, 1) if point else 0.0,
        blur=features.blur(symbol.index) if point and symbol.accuracy_km is not None else None,
        key=features.keys[symbol.index],
    )


def _label_place(whole: BaseGeometry) -> tuple[float, float]:
    """World x, y: a point itself, the middle of the longest line, the middle of the largest circle inside an area."""
    dimension = int(shapely.get_dimensions(whole))
    parts = shapely.get_parts(whole)
    if dimension == 0:
        place = parts[0]
    elif dimension == 1:
        longest = max(parts, key=lambda part: float(part.length))
        place = shapely.line_interpolate_point(longest, 0.5, normalized=True)
    else:
        largest = max(parts, key=lambda part: float(part.area))
        circle = shapely.maximum_inscribed_circle(largest, tolerance=max(1e-6, float(largest.area) ** 0.5 / 50))
        place = shapely.get_point(circle, 0)
    return float(place.x), float(place.y)
