"""Raw data → `Story`, or all that is wrong with the data, in plain words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from storymap.errors import nearest
from storymap.modelshape import Shape, at, droppable, pattern_words, shape, words
from storymap.story import Story
from storymap.storytypes import COLOR, HEX
from storymap.yamlsource import Finding, Place, brief

__all__ = ["validate"]

_RANGE = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}


def validate(data: Any, blanks: Collection[Place] = ()) -> tuple[Story | None, list[Finding]]:
    """The story that ``data`` makes; or None, and every fault with its place in ``data``.

    ``blanks``: places at which nothing is written, not even the word null.
    """
    if not isinstance(data, dict):
        fault = "is empty" if data is None else f"write keys, not {_kind(data)}"
        return None, [((), f"{fault}: a story has at least 'title' and 'steps'")]
    # The model takes None for what may be left out; in a file it is a mistake, most often an unquoted '#b5451b'.
    empty = list(_empty(data, (), blanks))
    try:
        story = Story.model_validate(data)
    except ValidationError as error:
        found = _findings(error.errors(include_url=False), data)
        told = {place for place, _ in found}
        return None, [*found, *((place, message) for place, message in empty if place not in told)]
    return (None, empty) if empty else (story, [])


def _empty(value: Any, place: Place, blanks: Collection[Place]) -> Iterator[Finding]:
    if value is None:
        here = at(place)
        drops = droppable(place)
        if here is not None and (not drops or place in blanks):
            hint = _null_hint(place) if drops or place not in blanks else ""
            yield place, _wrong_type(here, None, _required(place)) + hint
    elif isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _empty(inner, (*place, key), blanks)


def _null_hint(place: Place) -> str:
    """Where null would be right, for those who wrote it, or nothing, beside that place."""
    if droppable(place):
        return "; 'null' drops the rule of the whole story"
    if at(place[:-1]) in (at(("layers", 0, "style")), at(("layers", 0, "style", "categories", ""))):
        return "; only a step drops a rule, with 'null' in its own style for the layer"
    inside = place[:1] == ("steps",) and place[2:3] == ("show",) and len(place) > 4
    return "; 'null' drops single rules of a layer's style, not this" if inside else ""


def _findings(errors: Sequence[ErrorDetails], data: Any) -> list[Finding]:
    groups: dict[tuple[Place, str | int], list[ErrorDetails]] = {}
    unknown: dict[Place, list[str]] = {}
    for error in errors:
        place = _place(error["loc"], data)
        missing = error["loc"][-1] if error["type"] == "missing" else ""
        groups.setdefault((place, missing), []).append(error)
        if error["type"] == "extra_forbidden":
            unknown.setdefault(place[:-1], []).append(str(place[-1]))
    findings: list[Finding] = []
    for (place, missing), group in groups.items():
        # 'tilte' is unknown, so 'title' is missing: one fault, not two.
        if get_close_matches(str(missing), unknown.get(place, []), n=1):
            continue
        finding = (place, _message(group, place, _value(place, data)))
        if finding[1] and finding not in findings:
            findings.append(finding)
    return findings


def _place(loc: Place, data: Any) -> Place:
    """The part of pydantic's location that is in the data: it adds names of union members, and of filled-in keys."""
    here: Any = data
    for depth, part in enumerate(loc):
        keyed = isinstance(here, dict) and part in here
        listed = isinstance(here, list) and isinstance(part, int) and part < len(here)
        if not keyed and not listed:
            return loc[:depth]
        here = here[part]
    return loc


def _value(place: Place, data: Any) -> Any:
    for part in place:
        data = data[part]
    return data


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    names = {str: "text", int: "a number", float: "a number", list: "a list", dict: "keys"}
    return names.get(type(value), "nothing")


def _message(group: Sequence[ErrorDetails], place: Place, value: Any) -> str:
    # Of a union's members, the one whose type fits says what is wrong; each other says only that it is not meant.
    error = next((one for one in group if not one["type"].endswith("_type")), group[0])
    kind, context, here = error["type"], error.get("ctx", {}), at(place)
    if kind == "extra_forbidden":
        return _unknown_key(place)
    if here is None:
        return brief(error["msg"])
    if kind == "missing" and here.model is not None:
        return _missing_key(here, str(error["loc"][-1]))
    if kind == "value_error":
        return str(context["error"])
    if kind == "literal_error":
        return f"'{brief(str(value))}' is not known here{nearest(str(value), map(str, here.options))}"
    if kind == "string_pattern_mismatch":
        allowed = pattern_words(context["pattern"]) or f"text as in {context['pattern']}"
        return f"write {allowed}, not '{brief(str(error['input']))}'"
    if kind == "too_short" and value:
        return ""
    if kind in ("too_short", "string_too_short"):
        return "is empty: write text" if kind == "string_too_short" else "is empty: write at least one"
    if kind == "string_too_long":
        return f"write at most {context['max_length']} characters, not {len(str(error['input']))}"
    if kind.startswith("date_"):
        return "write a day as 2021-03-17"
    if kind in ("missing", "too_long"):
        return f"write {_a(words(here))}, not {len(value)}"
    if kind in _RANGE:
        return f"write {_a(words(here))}, not {brief(str(value))}"
    if kind.endswith("_type"):
        return _wrong_type(here, value, _required(place)) + (_null_hint(place) if value is None else "")
    return brief(error["msg"])


def _a(phrase: str) -> str:
    return f"a {phrase}" if phrase.startswith(("number", "whole", "list", "day")) else phrase


def _wrong_type(here: Shape, value: Any, required: bool) -> str:
    wanted = _a(words(here))
    if value is None and here.limit("pattern") in (COLOR, HEX):
        return "is empty: write a colour in quotes, as '#b5451b'; without them a '#' begins a comment"
    if value is None:
        return f"is empty: write {wanted}" + ("" if required else ", or leave the key out")
    said = _kind(value)
    if (here.type is bool and isinstance(value, str)) or (here.type is int and isinstance(value, float)):
        said = f"'{brief(str(value))}'"
    return f"write {wanted}, not {said}{_hint(here, value)}"


def _hint(here: Shape, value: Any) -> str:
    if (here.item or here).type is str and isinstance(value, bool | int | float):
        return ": put it in quotes"
    if here.type in (int, float) and isinstance(value, str) and _is_number(value):
        return ": take the quotes away"
    if here.item is not None and not here.length and isinstance(value, str | int | float):
        return f": write [{brief(str(value))}]"
    return ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _missing_key(here: Shape, key: str) -> str:
    assert here.model is not None
    about = (here.model.model_fields[key].description or "").replace("`", "").strip().rstrip(".")
    return f"'{key}' is missing" + (f": {about}" if about and about.casefold() != key else "")


def _required(place: Place) -> bool:
    around = at(place[:-1])
    if around is None or around.model is None:
        return True
    return bool(around.model.model_fields[str(place[-1])].is_required())


def _unknown_key(place: Place) -> str:
    key = brief(str(place[-1]))
    here = at(place[:-1])
    if here is None or here.model is None:
        return f"unknown key '{key}'"
    fields = here.model.model_fields
    for name, field in fields.items():
        inner = shape(field.annotation, field.metadata).model
        if inner is not None and key in inner.model_fields:
            return f"unknown key '{key}'; it belongs under '{name}'"
    return f"unknown key '{key}'{nearest(key, fields)}"
