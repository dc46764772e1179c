"""Parts of a story's data by name: ``("steps", "influx", "view", "fit")``.

A name is a key, or for an entry of a list what it is known by (a step's or layer's id, the layer that a step shows, a
claim's source, a correction's day), or its number from 0. Shorthands (``show: [deposits]``) are taken apart where a part
of them is set, and used again where they say all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from storymap.errors import nearest
from storymap.manuscript import Data
from storymap.modelshape import Shape, at, droppable
from storymap.modelshape import shape as shape_of
from storymap.yamlmatch import identity
from storymap.yamlsource import brief, unfit

__all__ = ["DROPPED", "EditError", "Names", "find", "index_of", "insert", "put", "storable"]

Names = Sequence[str | int]


class _Dropped:
    def __repr__(self) -> str:
        return "DROPPED"


DROPPED: Any = _Dropped()
"""Stands for null where that is a value: in the style that a step has for a layer, it drops a rule of the whole story."""


class EditError(ValueError):
    """An edit that can not be made, in one line for the editor."""


def index_of(items: Sequence[Any], name: str | int, kind: str = "entry") -> int:
    """Number of the entry called ``name`` (the first, if there are several). Raises `EditError`."""
    if isinstance(name, int):
        if not 0 <= name < len(items):
            raise EditError(f"there is no {kind} number {name + 1}: there are {len(items)}")
        return name
    names = [identity(item) for item in items]
    if name not in names:
        known = nearest(name, [known for known in names if known])
        raise EditError(f"there is no {kind} '{brief(name)}'{known}: it was renamed or deleted")
    return names.index(name)


def _kind(place: Names) -> str:
    words = {"steps": "step", "layers": "layer", "show": "layer on this step", "sources": "source"}
    return words.get(str(place[-1]) if place else "", "entry")


def find(data: Any, place: Names, default: Any = None) -> Any:
    """The value at ``place``, a shorthand taken apart; ``default`` where there is none."""
    here, shape = data, at(())
    for part in place:
        here = _apart(here, shape)
        if isinstance(here, list):
            try:
                number = index_of(here, part)
            except EditError:
                return default
            here, shape = here[number], shape.item if shape else None
        elif isinstance(here, dict) and part in here:
            shape = _below(shape, part)
            here = here[part]
        else:
            return default
    return here


def put(data: Data, place: Names, value: Any) -> None:
    """Sets what is at ``place`` in ``data`` to plain data, in place; None takes it away, and what is empty without it;
    `DROPPED` writes a null.

    A value that the model has by itself is not written. Raises `EditError` when a name on the way leads nowhere, or
    what is to be dropped is no rule that a step can drop.
    """
    if value is DROPPED and not droppable(place):
        raise EditError(f"'{brief(str(place[-1]))}' can not be dropped: a step drops rules of a layer's style only")
    _put(data, at(()), list(place), (), value)


def insert(data: Data, place: Names, number: int, value: Any) -> None:
    """Sets a new entry into the list at ``place``, before the entry ``number``."""
    items = list(find(data, place, []))
    shape = at(_numbered(data, place))
    items.insert(number, shape.item.shorten(value) if shape and shape.item else value)
    put(data, place, items)


def _numbered(data: Data, place: Names) -> list[str | int]:
    out: list[str | int] = []
    for depth, part in enumerate(place):
        around = find(data, place[:depth])
        out.append(index_of(around, part) if isinstance(around, list) else part)
    return out


def _put(here: Any, shape: Shape | None, place: list[str | int], done: tuple[str | int, ...], value: Any) -> Any:
    """``here`` with ``value`` at ``place``; a dict or list is changed in place."""
    if not place:
        return shape.shorten(_nulls(value)) if shape and value is not None and value is not DROPPED else value
    here = _apart(here, shape)
    part = place[0]
    if isinstance(here, list):
        number = index_of(here, part, _kind(done))
        made = _put(here[number], shape.item if shape else None, place[1:], (*done, part), value)
        here[number : number + 1] = [] if made is None else [made]
    else:
        if here is None:
            here = {}
        if not isinstance(here, dict):
            raise EditError(f"'{brief(str(done[-1] if done else ''))}' holds no keys: it can not be given '{part}'")
        below = _below(shape, part)
        if shape is not None and below is None:
            raise EditError(f"there is no '{brief(str(part))}' in a story at this place")
        made = _put(here.get(part), below, place[1:], (*done, part), value)
        _set(here, str(part), made, shape)
    if not here and done:
        return None
    return shape.shorten(here) if shape else here


def _set(around: Data, key: str, value: Any, shape: Shape | None) -> None:
    """A key that is new goes where the model has it."""
    if value is None or value == {} or _is_default(shape, key, value):
        around.pop(key, None)
        return
    value = _nulls(value)
    if key in around or shape is None or shape.model is None:
        around[key] = value
        return
    order = list(shape.model.model_fields)
    after = [other for other in around if other in order and order.index(other) > order.index(key)]
    later = {other: around.pop(other) for other in list(around)[list(around).index(after[0]) :]} if after else {}
    around[key] = value
    around.update(later)


def _nulls(value: Any) -> Any:
    """``value`` as a file holds it: null for what is dropped."""
    if isinstance(value, dict):
        return {key: _nulls(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_nulls(inner) for inner in value]
    return None if value is DROPPED else value


def _is_default(shape: Shape | None, key: str, value: Any) -> bool:
    field = shape.model.model_fields.get(key) if shape and shape.model else None
    if field is None or field.default is PydanticUndefined:
        return False
    return value in ([], {}) or (type(field.default) is type(value) and field.default == value)


def _below(shape: Shape | None, part: str | int) -> Shape | None:
    if shape is None:
        return None
    if shape.model is None:
        return shape.value
    field = shape.model.model_fields.get(str(part))
    return shape_of(field.annotation, field.metadata) if field else None


def _apart(value: Any, shape: Shape | None) -> Any:
    """A shorthand as what it stands for."""
    if shape is None or isinstance(value, dict | list) or value is None:
        return value
    short = shape.short()
    return [value] if short == ("[]",) else dict.fromkeys(short, value) if short else value


def storable(value: Any) -> Any:
    """``value`` (also a part of the model, a tuple, a day) as the plain data that a file holds, with `DROPPED` for what is
    dropped. Raises `EditError`."""
    if isinstance(value, BaseModel):
        return storable(value.model_dump(mode="json", exclude_defaults=True))
    if isinstance(value, Mapping):
        said = {str(key): storable(inner) for key, inner in value.items() if inner is not None}
        # What a step says of a layer, taken whole: its nulls say something.
        return {**said, "style": _style(value["style"])} if {"layer", "style"} <= said.keys() else said
    if isinstance(value, list | tuple):
        return [storable(inner) for inner in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        text = value.replace("\r\n", "\n").replace("\r", "\n")
        character = unfit(text)
        if character:
            raise EditError(f"the text holds U+{ord(character):04X}, which no page can show: take it away")
        return text
    return value


def _style(value: Any) -> Any:
    """The style of a step for a layer, its categories as well, with `DROPPED` for null."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, Mapping):
        return {str(key): _style(inner) for key, inner in value.items()}
    return DROPPED if value is None else storable(value)
