"""Names in a story that have to lead somewhere: layers, steps, sources, colours, files.

Works on raw data of any shape, so that these faults are told together with those of the types. What has the wrong
type is left alone here: `validation` tells it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from storymap.errors import nearest
from storymap.palette import TOKENS
from storymap.storypaths import DATA_SUFFIXES, FIGURE_SUFFIXES, MEDIA_SUFFIXES, path_fault
from storymap.storytypes import COLOR, SLUG
from storymap.yamlsource import Finding, Place, brief

__all__ = ["BUILTIN_COLORS", "reference_findings"]

BUILTIN_COLORS: tuple[str, ...] = tuple(TOKENS)
"""Colours that every story has; `theme.colors` may give them other values."""

Part = tuple[Place, Any]
LineOf = Callable[[Place], int]


def reference_findings(data: Any, folder: Path, line_of: LineOf) -> list[Finding]:
    """Every name that leads nowhere and every id that is used twice. ``line_of`` gives the line of a place."""
    layers = list(_entries(data, "layers"))
    steps = list(_entries(data, "steps"))
    sources = _child(((), data), "sources")
    known_layers = {layer_id for _, layer_id in _texts(layers, "id")}
    known_sources = set(sources[1]) if isinstance(sources[1], dict) else set()
    known_steps = {step_id for _, step_id in _texts(steps, "id")}
    corrections = _entries(data, "corrections")
    return [
        *_twice(_texts(layers, "id"), "layer", line_of),
        *_twice(_texts(steps, "id"), "step", line_of),
        *_unknown(_shown_layers(steps), "layer", known_layers),
        *_unknown(_framed_layers(steps), "layer", known_layers),
        *_unknown(_used_sources(steps), "source", known_sources),
        *_unknown(_texts(corrections, "step"), "step", known_steps),
        *_colors(data, layers, steps),
        *_files(folder, (_child(layer, "source") for layer in layers), DATA_SUFFIXES),
        *_files(folder, (_child(step, "media") for step in steps), MEDIA_SUFFIXES),
        *_files(folder, (_child(step, "figure") for step in steps), FIGURE_SUFFIXES),
    ]


def _child(part: Part, key: str) -> Part:
    place, value = part
    return (*place, key), value.get(key) if isinstance(value, dict) else None


def _items(part: Part) -> Iterator[Part]:
    place, value = part
    if isinstance(value, list):
        yield from (((*place, index), item) for index, item in enumerate(value))


def _entries(data: Any, key: str) -> Iterator[Part]:
    return _items(_child(((), data), key))


def _texts(parts: Any, key: str) -> Iterator[tuple[Place, str]]:
    for part in parts:
        place, value = _child(part, key)
        if isinstance(value, str):
            yield place, value


def _text_or_key(parts: Iterator[Part], key: str) -> Iterator[tuple[Place, str]]:
    """Entries that are plain text, or have it under ``key``."""
    for part in parts:
        if isinstance(part[1], str):
            yield part
        else:
            yield from _texts([part], key)


def _one_or_many(part: Part) -> Iterator[Part]:
    return iter([part]) if isinstance(part[1], str) else _items(part)


def _shown_layers(steps: list[Part]) -> Iterator[tuple[Place, str]]:
    for step in steps:
        yield from _text_or_key(_items(_child(step, "show")), "layer")


def _framed_layers(steps: list[Part]) -> Iterator[tuple[Place, str]]:
    for step in steps:
        for key in ("fit", "must_see"):
            for place, name in _one_or_many(_child(_child(step, "view"), key)):
                if isinstance(name, str):
                    yield place, name.split("/")[0]


def _used_sources(steps: list[Part]) -> Iterator[tuple[Place, str]]:
    yield from _texts([_child(step, "quote") for step in steps], "source")
    for step in steps:
        yield from _text_or_key(_items(_child(step, "sources")), "source")
        for place, name in _one_or_many(_child(_child(step, "figure"), "source")):
            if isinstance(name, str):
                yield place, name


def _unknown(names: Iterator[tuple[Place, str]], kind: str, known: set[str]) -> Iterator[Finding]:
    for place, name in names:
        if name not in known and re.match(SLUG, name):
            yield place, f"no {kind} '{brief(name)}'{nearest(name, known)}"


def _twice(ids: Iterator[tuple[Place, str]], kind: str, line_of: LineOf) -> Iterator[Finding]:
    first: dict[str, Place] = {}
    for place, name in ids:
        if name in first:
            yield place, f"{kind} '{brief(name)}' is there already, in line {line_of(first[name])}: give it another id"
        first.setdefault(name, place)


def _styles(layers: list[Part], steps: list[Part]) -> Iterator[Part]:
    for layer in layers:
        yield _child(layer, "style")
    for step in steps:
        for shown in _items(_child(step, "show")):
            yield _child(shown, "style")


def _color_names(data: Any, layers: list[Part], steps: list[Part]) -> Iterator[tuple[Place, str]]:
    yield from _texts([_child(((), data), "theme")], "accent")
    yield from _texts([_child(layer, "label") for layer in layers], "color")
    yield from _texts((_child(layer, "label") for layer in layers), "color")
    for style in _styles(layers, steps):
        yield from _texts([style], "color")
        yield from _texts([style], "fill_color")
        place, categories = _child(style, "categories")
        if isinstance(categories, Mapping):
            yield from _texts([((*place, value), drawn) for value, drawn in categories.items()], "color")


def _colors(data: Any, layers: list[Part], steps: list[Part]) -> Iterator[Finding]:
    own = _child(_child(((), data), "theme"), "colors")[1]
    known = {*BUILTIN_COLORS, *(own if isinstance(own, dict) else ())}
    for place, name in _color_names(data, layers, steps):
        if name not in known and not name.startswith("#") and re.match(COLOR, name):
            hint = nearest(name, known) or "; write it as '#b5451b', or give the name a value in theme.colors"
            yield place, f"no colour '{brief(name)}'{hint}"


def _files(folder: Path, parts: Iterator[Part], suffixes: tuple[str, ...]) -> Iterator[Finding]:
    for place, name in _texts(parts, "file"):
        fault = path_fault(folder, name, suffixes) if name else None
        if fault:
            yield place, fault
