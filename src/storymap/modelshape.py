"""What the model takes at each place of a story: the type, its limits, its shorthand, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from storymap.story import CategoryStyle, Reference, Step, Story, Style, View
from storymap.storytypes import COLOR, COLOR_NAME, HEX, SLUG

__all__ = ["Shape", "at", "droppable", "models", "pattern_words", "shape", "words"]


@dataclass(frozen=True, slots=True)
class Shape:
    """A type without ``Annotated`` and ``None`` around it."""

    type: Any
    """A class, or ``tuple[…]``, ``Mapping[…]``, ``Literal[…]``, a union."""
    limits: tuple[Any, ...] = ()
    """Constraints and validators, as pydantic and annotated_types name them."""

    @property
    def model(self) -> type[BaseModel] | None:
        """The model of this place, when it is one."""
        return self.type if isinstance(self.type, type) and issubclass(self.type, BaseModel) else None

    @property
    def options(self) -> tuple[Any, ...]:
        """The values of a ``Literal``."""
        return get_args(self.type) if get_origin(self.type) is Literal else ()

    @property
    def branches(self) -> tuple[Shape, ...]:
        """The members of a union."""
        if get_origin(self.type) not in (Union, UnionType):
            return ()
        return tuple(shape(member) for member in get_args(self.type) if member is not NoneType)

    @property
    def item(self) -> Shape | None:
        """What a list holds."""
        return shape(get_args(self.type)[0]) if get_origin(self.type) is tuple else None

    @property
    def length(self) -> int | None:
        """Number of items, of a list that has a fixed one."""
        inner = get_args(self.type) if get_origin(self.type) is tuple else ()
        return len(inner) if inner and inner[-1] is not Ellipsis else None

    @property
    def value(self) -> Shape | None:
        """What the keys of a mapping lead to."""
        return shape(get_args(self.type)[1]) if get_origin(self.type) is Mapping else None

    def limit(self, name: str) -> Any:
        """The constraint ``ge``, ``gt``, ``le``, ``lt``, ``min_length``, ``max_length`` or ``pattern``, or None."""
        found = (getattr(limit, name, None) for limit in self.limits)
        return next((value for value in found if value is not None), None)

    def short(self) -> tuple[str, ...]:
        """The keys that plain text stands for (``layer`` for ``show: [deposits]``), ``[]`` where one item may stand for
        a list. Asked of the model's own validators, so that it can not say anything else than they do."""
        for made in self._made("x"):
            if made == ["x"]:
                return ("[]",)
            if isinstance(made, dict):
                return tuple(made)
        return ()

    def shorten(self, value: Any) -> Any:
        """The shorthand that the model's own validators turn back into ``value`` (a list or dict); else ``value``."""
        parts = list(value.values()) if isinstance(value, dict) else value
        if isinstance(parts, list) and parts and any(made == value for made in self._made(parts[0])):
            return parts[0]
        return value

    def _made(self, value: Any) -> Iterator[Any]:
        if isinstance(value, str | int | float | bool):
            for limit in self.limits:
                if isinstance(limit, BeforeValidator):
                    yield limit.func(value)  # type: ignore[call-arg]


def shape(annotation: Any, limits: Sequence[Any] = ()) -> Shape:
    """The shape of a type annotation; ``limits`` are those that pydantic has already taken off it."""
    found = list(limits)
    while True:
        members = get_args(annotation)
        if get_origin(annotation) is Annotated:
            annotation = members[0]
            for limit in members[1:]:
                found.extend(limit.metadata if isinstance(limit, FieldInfo) else [limit])
        elif get_origin(annotation) in (Union, UnionType) and len(members) == 2 and NoneType in members:
            annotation = next(member for member in members if member is not NoneType)
        else:
            return Shape(annotation, tuple(found))


def _step(here: Shape, part: str | int) -> Shape | None:
    if here.model is not None:
        field = here.model.model_fields.get(str(part))
        return shape(field.annotation, field.metadata) if field else None
    return here.item if isinstance(part, int) else here.value


def at(place: Sequence[str | int]) -> Shape | None:
    """What the model takes at ``("steps", 2, "view")``; None where it takes nothing."""
    here: Shape | None = Shape(Story)
    for part in place:
        if here is None:
            return None
        here = _step(here, part)
    return here


def droppable(place: Sequence[str | int]) -> bool:
    """Whether null at ``place`` drops a rule of the whole story: a rule of the style that a step has for a layer.

    Entries of lists may be called by number or by name.
    """
    if (*place[0:1], *place[2:3], *place[4:5]) != ("steps", "show", "style"):
        return False
    if len(place) == 8 and place[5] == "categories":
        return place[7] in CategoryStyle.model_fields
    return len(place) == 6 and place[5] in Style.model_fields


def models() -> Iterator[type[BaseModel]]:
    """All models of a story, each before those it holds."""
    waiting: list[type[BaseModel]] = [Story]
    seen: set[type[BaseModel]] = set()
    while waiting:
        model = waiting.pop(0)
        if model in seen:
            continue
        seen.add(model)
        yield model
        for field in model.model_fields.values():
            inner: Shape | None = shape(field.annotation, field.metadata)
            while inner is not None and inner.model is None:
                inner = inner.item or inner.value
            if inner is not None and inner.model is not None:
                waiting.append(inner.model)


def _pattern(model: type[BaseModel], key: str) -> str:
    field = model.model_fields[key]
    here = shape(field.annotation, field.metadata)
    return str((here.item or here).limit("pattern"))


_PATTERNS = {
    r"\S": "text that is not empty",
    COLOR_NAME: "small letters a-z, digits and single hyphens, a letter first, as 'phosphate'",
    SLUG: "small letters a-z, digits and single hyphens, as 'the-ridge'",
    COLOR: "a colour as '#b5451b', or the name of one in theme.colors, in small letters",
    HEX: "a colour as '#b5451b'",
    _pattern(Story, "article"): "an address that begins with https://",
    _pattern(Story, "basemap"): "'natural-earth' or a name from xyzservices, as 'CartoDB.Positron'",
    _pattern(View, "fit"): "a layer, or a layer and a feature, as 'deposits/zhanatas'",
    _pattern(Style, "dash_array"): "lengths in pixels, as '6 4'",
    _pattern(Style, "cmap"): "the name of a ColorBrewer ramp, as 'YlGnBu'",
    _pattern(Reference, "date"): "a year, a month or a day, as '1964', '1964-11' or '1964-11-02'",
    _pattern(Step, "date"): "a date or two with a '/', as '1964', '1964-11-02' or '1997-12/1998-01'",
}


def pattern_words(pattern: str) -> str | None:
    """What a pattern of the model allows, with an example."""
    return _PATTERNS.get(pattern)


def _number_words(here: Shape) -> str:
    noun = "whole number" if here.type is int else "number"
    least, above, most = here.limit("ge"), here.limit("gt"), here.limit("le")
    if least is not None and most is not None:
        return f"{noun} from {least} to {most}"
    if above is not None and most is not None:
        return f"{noun} above {above}, at most {most}"
    if above is not None:
        return f"{noun} above {above}"
    return noun


def words(here: Shape) -> str:
    """The type in words: ``number from 0 to 1``, ``list of text``, ``one of: light, dark``."""
    short = here.short()
    if here.options:
        return "one of: " + ", ".join(map(str, here.options))
    if here.branches:
        # Whole numbers are numbers too: no one needs both words.
        found = [words(branch) for branch in here.branches]
        return " or ".join(word for word in found if word != "whole number" or "number" not in found)
    if here.model is not None:
        names = list(here.model.model_fields)
        keys = f"keys ({', '.join(names[:3])}{' …' if len(names) > 3 else ''})"
        return f"text or {keys}" if short else keys
    if here.item is not None:
        item = words(here.item)
        if here.length:
            return f"list of {here.length} {item}s"
        if here.item.model and not here.item.short():
            item = f"entries with {item}"
        if short:
            return f"{item}, or a list of them"
        return f"list of {item.replace('one of', 'any of', 1)}{'s' if item == 'number' else ''}"
    if here.value is not None:
        return f"names, each with {words(here.value)}"
    if here.type is dt.date:
        return "day, as 2021-03-17"
    if here.type in (int, float):
        return _number_words(here)
    return "true or false" if here.type is bool else "text"
