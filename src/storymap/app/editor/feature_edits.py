"""What is done to single features of the story at work, each an edit with its provenance. No Streamlit."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from storymap import collection, edits
from storymap.app.editor.desk import Desk
from storymap.app.editor.layer_files import (
    About,
    Opened,
    add_layer,
    change_data,
    layer_name,
    open_data,
    replace_data,
    today,
)
from storymap.blurring import NEAR, displaced, without_telltales
from storymap.collection import Features
from storymap.columnguess import guess_name
from storymap.featureset import slug
from storymap.geocontent import GeodataError
from storymap.manuscript import Manuscript
from storymap.placecolumns import place_columns
from storymap.values import text_of

__all__ = ["ACCURACY", "add_feature", "blur", "feature_name", "move", "name_column", "reshape"]

ACCURACY = "accuracy_km"
BLURRED = "Sensitive places are displaced at random; their accuracy says how far at most."


def name_column(desk: Desk, layer: str, features: Features) -> str:
    """The column by which editors know the features of a layer: that of its labels, its key, or one of names."""
    entry = desk.get(("layers", layer), {})
    return str(_label(desk, layer) or entry.get("key") or guess_name(collection.columns_of(features)) or "name")


def _label(desk: Desk, layer: str) -> str | None:
    label = desk.get(("layers", layer, "label"))
    return label.get("column") if isinstance(label, dict) else label


def feature_name(desk: Desk, layer: str, features: Features, row: int) -> str:
    """What a feature is called."""
    properties = features[row]["properties"]
    return str(properties.get(name_column(desk, layer, features)) or properties.get("name") or f"feature {row + 1}")


def add_feature(
    desk: Desk, layer: str | About, geometry: Mapping[str, Any], properties: Mapping[str, Any], km: float,
    credit: str = "", *, show: bool = True, called: str = "",
) -> str | None:  # fmt: skip
    """A feature that was drawn, found or typed: into a layer, or into a new one (`About`). ``properties``: ``name`` and how
    it came about. ``credit``: who is to be named for it; ``called``: its name, where another column holds it. Gives the
    layer's id; None when it could not be done, which is told."""
    if isinstance(layer, About):
        try:
            features = collection.added([], geometry, {**properties, ACCURACY: km})
        except collection.NotFit as error:
            desk.tell(f"Not added: {error}.", "error")
            return None
        about = replace(layer, accuracy=ACCURACY, label="name", credit=_credited(layer.credit, credit))
        file = f"data/{slug(about.title) or 'drawn'}.geojson"
        return add_layer(desk, about, file, collection.written(features), step=desk.step if show else None)
    try:
        opened = open_data(desk, layer)
    except GeodataError as error:
        desk.tell(str(error), "error")
        return None
    column, features, more = _with_accuracies(desk, opened)
    name = called or str(properties.get("name") or "")
    said = {**_asked_for(desk, layer), **_id(opened, name), **properties, column: km}
    said = _named(desk, layer, opened.features, said, name)

    def credited(story: Manuscript) -> Manuscript:
        story = more(story)
        for one in opened.layers if credit else ():
            old = str(next(e["source"].get("credit") for e in story.data["layers"] if e.get("id") == one) or "")
            story = edits.set_part(story, ("layers", one, "source", "credit"), _credited(old, credit)).after
        return story

    title = layer_name(desk.get(("layers", layer), {}))
    done = change_data(desk, replace(opened, features=features), lambda old: collection.added(old, geometry, said),
                       f"Add '{name}' to layer '{title}'", more=credited)  # fmt: skip
    return layer if done else None


def _named(desk: Desk, layer: str, features: Features, said: Mapping[str, Any], name: str) -> dict[str, Any]:
    """``said`` with the name in the column that the layer is labelled by, else in one of names; a column ``name`` is
    made only where there is neither."""
    columns = collection.columns_of(features)
    label = _label(desk, layer)
    place = label if label in columns else guess_name(columns)
    if place is not None:
        made = {key: value for key, value in said.items() if key != "name" or key in columns}
        return made | {place: made.get(place) or name}
    key = name_column(desk, layer, features)
    return {**said, key: said.get(key) or name} if key in columns else dict(said)


def move(desk: Desk, layer: str, opened: Opened, row: int, lon: float, lat: float) -> bool:
    """Corrects the place of a point."""
    name = feature_name(desk, layer, opened.features, row)
    about = {"method": "moved by hand", "found": today()}
    return change_data(desk, opened, lambda old: collection.moved(old, row, lon, lat, about), f"Move '{name}'",
                       "Places corrected by hand.")  # fmt: skip


def reshape(desk: Desk, layer: str, opened: Opened, row: int, geometry: Mapping[str, Any]) -> bool:
    """Changes the course of a line or an area."""
    name = feature_name(desk, layer, opened.features, row)
    about = {"method": "drawn by hand", "found": today()}
    return change_data(desk, opened, lambda old: collection.reshaped(old, row, geometry, about),
                       f"Change the shape of '{name}'", "Shapes corrected by hand.")  # fmt: skip


def blur(desk: Desk, layer: str, rows: Sequence[int], km: float) -> tuple[str, ...] | None:
    """Displaces points so that nothing in the story holds their exact place (see `storymap.blurring`).

    All layers that use the same file, also other tables of it, get files without the exact places. Gives the columns
    that were emptied since they gave a place away; None when it could not be done, which is told.
    """
    try:
        opened = open_data(desk, layer)
        others = _other_tables(desk, opened)
    except GeodataError as error:
        desk.tell(str(error), "error")
        return None
    column, features, more = _with_accuracies(desk, opened)
    emptied: list[str] = []
    blurred: dict[int, tuple[float, float, tuple[float, float]]] = {}
    own = {*opened.coordinates, *itertools.chain(*place_columns(features))} - {column}
    for row in rows:
        geometry, properties = features[row]["geometry"], features[row]["properties"]
        if (geometry or {}).get("type") != "Point":
            desk.tell("Only points can be blurred.", "error")
            return None
        lon, lat = (float(value) for value in geometry["coordinates"][:2])
        emptied += [name for name in properties if name in own]
        properties = {name: None if name in own else value for name, value in properties.items()}
        properties, gone = without_telltales(properties, lon, lat)
        emptied += [name for name in gone if name != column]
        old = features[row]["properties"].get(column)
        radius = max(km, float(old)) if isinstance(old, int | float) and not isinstance(old, bool) else km
        moved = displaced(lon, lat, km)
        blurred[row] = (lon, lat, moved)
        features[row] = {
            **{key: value for key, value in features[row].items() if key != "bbox"},
            "properties": {**properties, column: radius, "method": f"displaced at random by up to {km:g} km"},
            "geometry": {"type": "Point", "coordinates": list(moved)},
        }
    count = "1 place" if len(rows) == 1 else f"{len(rows)} places"
    sentence = f"Blur {count} of layer '{layer_name(desk.get(('layers', layer), {}))}'"
    # The same rows, read with other columns or another CRS, know the place as well.
    others = [
        (other, _blurred_too(rest, blurred, own) if _same_rows(other, opened) else rest) for other, rest in others
    ]
    done = replace_data(desk, [(opened, features), *others], sentence, BLURRED, more)
    return tuple(dict.fromkeys(emptied)) if done else None


def _same_rows(one: Opened, other: Opened) -> bool:
    return one.source.get("layer") == other.source.get("layer") and len(one.features) == len(other.features)


def _blurred_too(
    features: Features, blurred: Mapping[int, tuple[float, float, tuple[float, float]]], own: set[str]
) -> Features:
    """``blurred``: row → longitude and latitude as they were, and the place to which it was displaced."""
    made = list(features)
    for row, (lon, lat, place) in blurred.items():
        properties, _ = without_telltales(made[row]["properties"], lon, lat)
        properties = {name: None if name in own else value for name, value in properties.items()}
        geometry: dict[str, Any] = made[row]["geometry"] or {}
        at: list[float] = geometry["coordinates"][:2] if geometry.get("type") == "Point" else []
        if len(at) == 2 and abs(at[0] - lon) < NEAR and abs(at[1] - lat) < NEAR:
            geometry = {"type": "Point", "coordinates": list(place)}
        made[row] = {**made[row], "properties": properties, "geometry": geometry or None}
    return made


def _other_tables(desk: Desk, opened: Opened) -> list[tuple[Opened, Features]]:
    """What other layers read from the same file: they need files of their own, or the exact places would stay in use."""
    others: dict[str, Opened] = {}
    for layer in desk.layers:
        source = layer.get("source") or {}
        if source.get("file") == opened.source.get("file") and layer.get("id") not in opened.layers:
            other = open_data(desk, str(layer["id"]))
            others[other.key] = other
    return [(other, other.features) for other in others.values()]


def _with_accuracies(desk: Desk, opened: Opened) -> tuple[str, Features, Any]:
    """The column that holds the accuracy of each feature, the features with it, and what makes the layers use it."""
    layers = [one for one in desk.layers if one.get("id") in opened.layers]
    said = [one.get("accuracy") for one in layers]
    named = {value for value in said if isinstance(value, str)}
    column = next(iter(named)) if len(named) == 1 else ACCURACY
    features = [{**one, "properties": dict(one["properties"])} for one in opened.features]
    for feature in features:
        properties = feature["properties"]
        for layer in layers:
            accuracy = layer.get("accuracy")
            if properties.get(column) is None and isinstance(accuracy, int | float) and _matches(layer, properties):
                properties[column] = accuracy
        properties.setdefault(column, None)

    def use(story: Manuscript) -> Manuscript:
        for layer, accuracy in zip(layers, said, strict=True):
            if accuracy != column:
                story = edits.set_part(story, ("layers", layer["id"], "accuracy"), column).after
        return story

    return column, features, use


def _allowed(where: Any) -> list[Any]:
    return list(where) if isinstance(where, list | tuple) else [where]


def _matches(layer: Mapping[str, Any], properties: Mapping[str, Any]) -> bool:
    where = layer.get("where") or {}
    return all(text_of(properties.get(name)) in map(text_of, _allowed(values)) for name, values in where.items())


def _asked_for(desk: Desk, layer: str) -> dict[str, Any]:
    """Values that a feature needs to be shown by the layer."""
    return {
        name: _allowed(values)[0]
        for name, values in desk.get(("layers", layer, "where"), {}).items()
        if _allowed(values)
    }


def _id(opened: Opened, name: str) -> dict[str, Any]:
    """An id of the kind that the file's others have."""
    if "id" not in collection.columns_of(opened.features):
        return {}
    taken = [one["properties"].get("id") for one in opened.features]
    if collection.kind_of(opened.features, "id") == "whole":
        return {"id": max(value for value in taken if value is not None) + 1}
    wanted = made = slug(name) or "feature"
    number = 2
    while made in taken:
        made, number = f"{wanted}-{number}", number + 1
    return {"id": made}


def _credited(said: str, credit: str) -> str:
    return said if not credit or credit.split(" (", maxsplit=1)[0] in said else f"{said}; {credit}" if said else credit
