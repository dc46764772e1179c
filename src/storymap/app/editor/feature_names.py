"""What the features of a layer are known by: ids that no two share, and those that steps name. No Streamlit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from storymap import collection
from storymap.app.editor.desk import Desk
from storymap.app.editor.layer_files import Opened
from storymap.collection import Features, NotFit
from storymap.featureset import slug
from storymap.manuscript import Data
from storymap.values import text_of

__all__ = ["check_own", "check_still_there", "key_columns"]


def key_columns(desk: Desk, opened: Opened) -> tuple[str, ...]:
    """Columns whose values name one feature each: ``id``, and what layers on this data have for ``key``."""
    keys = [str(layer["key"]) for layer in _layers(desk, opened) if layer.get("key")]
    return tuple(dict.fromkeys(["id", *keys]))


def _layers(desk: Desk, opened: Opened) -> list[Data]:
    return [layer for layer in desk.layers if layer.get("id") in opened.layers]


def check_own(desk: Desk, opened: Opened, row: int | None, values: Mapping[str, Any]) -> None:
    """Raises `NotFit` when ``values``, entered for a row (None: a new one), give it the id of another one."""
    for column in key_columns(desk, opened):
        wanted = slug(text_of(values[column])) if values.get(column) is not None else ""
        for number, feature in enumerate(opened.features):
            theirs = feature["properties"].get(column)
            if number != row and wanted and theirs is not None and slug(text_of(theirs)) == wanted:
                raise NotFit(f"'{values[column]}' is the {column} of row {number + 1} already: each row has its own")


def check_still_there(desk: Desk, opened: Opened, after: Features) -> None:
    """Raises `NotFit` when a step names a feature that ``after`` has no more, or by another name."""
    for layer in _layers(desk, opened):
        lost = set(_keys(layer, opened.features)) - set(_keys(layer, after))
        for step, ref in _named(desk, str(layer["id"])) if lost else ():
            if slug(ref) in lost:
                raise NotFit(f"step '{step}' names '{layer['id']}/{ref}': change its view first")


def _keys(layer: Data, features: Features) -> Iterator[str]:
    """As `featureset` has them: by the layer's key, else the id, else the name, else the number."""
    columns = collection.columns_of(features)
    column = layer.get("key") or next((name for name in ("id", "name") if name in columns), None)
    where = layer.get("where") or {}
    number = 0
    for feature in features:
        properties = feature["properties"]
        if all(text_of(properties.get(name)) in map(text_of, _list(values)) for name, values in where.items()):
            number += 1
            value = properties.get(column) if column else None
            yield (slug(text_of(value)) if value is not None else "") or str(number)


def _list(values: Any) -> list[Any]:
    return list(values) if isinstance(values, list | tuple) else [values]


def _named(desk: Desk, layer: str) -> Iterator[tuple[str, str]]:
    """(title of the step, feature) for every feature of the layer that a view names."""
    for step in desk.steps:
        view = step.get("view")
        for key in ("fit", "must_see"):
            refs = view.get(key) if isinstance(view, dict) else None
            for ref in [refs] if isinstance(refs, str) else refs or []:
                of, _, feature = str(ref).partition("/")
                if of == layer and feature:
                    yield str(step.get("title") or step.get("id")), feature
