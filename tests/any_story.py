"""Any story that the model allows, made from the model itself, so that a new key is in it from its first day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from storymap.modelshape import Shape, shape
from storymap.references import BUILTIN_COLORS
from storymap.story import (
    Claim,
    Correction,
    Figure,
    Layer,
    LayerView,
    Media,
    Quote,
    Source,
    Step,
    Story,
    Style,
    Theme,
    View,
)
from storymap.storytypes import COLOR, SLUG

__all__ = ["DATA_FILES", "MEDIA_FILES", "characters", "stories", "texts"]

DATA_FILES = ("places.geojson", "data/rivers & roads.gpkg", "Орындар.csv")
MEDIA_FILES = ("photo.jpg", "media/voice.mp3")

# What YAML allows and HTML can show: no control characters but tab and line ends, no halves of surrogate pairs.
characters = st.one_of(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"),
    st.sampled_from("\n\t\r '\"#:-?[]{}&*!|>%@`,~0.\u00a0\u2028\ufeff"),
)
texts = st.one_of(
    st.text(characters, min_size=1, max_size=40),
    st.sampled_from(
        [
            "NO",
            "null",
            "~",
            "1964",
            "1_000",
            "0x1F",
            "1e3",
            ".5",
            "-",
            "- a",
            "a: b",
            "a #b",
            "2021-03-17",
            "<<",
            "=",
            "---",
            "...",
        ]
    ),
    st.lists(st.text("ab #:-", max_size=8), min_size=2, max_size=5).map(lambda lines: "x" + "\n".join(lines)),
).filter(str.strip)
slugs = st.lists(st.text("az09", min_size=1, max_size=4), min_size=1, max_size=3).map("-".join)


@dataclass(frozen=True)
class Names:
    """Ids of one story; what refers to them is drawn from these."""

    layers: list[str]
    steps: list[str]
    sources: list[str]
    colors: list[str]


def _number(here: Shape) -> st.SearchStrategy[Any]:
    low, high = here.limit("ge"), here.limit("le")
    above = here.limit("gt")
    if here.type is int:
        return st.integers(low if low is not None else -1000, high if high is not None else 1000)
    return st.floats(
        low if low is not None else above if above is not None else -1e12,
        high if high is not None else 1e12,
        exclude_min=above is not None,
        allow_nan=False,
    )


def _any(here: Shape, names: Names) -> st.SearchStrategy[Any]:
    """Values of one place, as Python objects that the model takes."""
    if here.options:
        return st.sampled_from(here.options)
    if here.branches:
        return st.one_of([_any(branch, names) for branch in here.branches])
    if here.model is not None:
        return _model(here.model, names)
    if here.item is not None:
        if here.length:
            return st.tuples(*[_any(here.item, names)] * here.length)
        return st.lists(_any(here.item, names), min_size=here.limit("min_length") or 0, max_size=3).map(tuple)
    if here.value is not None:
        return st.dictionaries(texts, _any(here.value, names), max_size=3)
    if here.type is dt.date:
        return st.dates()
    if here.type in (int, float):
        return _number(here)
    if here.type is bool:
        return st.booleans()
    pattern = here.limit("pattern")
    if pattern == COLOR:
        return st.sampled_from(["#fff", "#A0b1c2", *BUILTIN_COLORS, *names.colors])
    if pattern == SLUG:
        return slugs
    return st.from_regex(pattern.replace("$", r"\Z"), alphabet=characters) if pattern else texts


def _model(model: type[BaseModel], names: Names) -> st.SearchStrategy[Any]:
    given = _named(model, names)
    required: dict[str, Any] = {}
    optional: dict[str, Any] = {}
    for key, field in model.model_fields.items():
        drawn = given.get(key, _any(shape(field.annotation, field.metadata), names))
        if drawn is not None:
            (required if field.is_required() else optional)[key] = drawn
    if model is Figure:
        required["kind"] = optional.pop("kind")
    return st.fixed_dictionaries(required, optional=optional).map(lambda values: model(**values))


def _changes(names: Names) -> st.SearchStrategy[Any]:
    """What a step changes of a style: some of its rules are dropped."""
    rules = st.sets(st.sampled_from(list(Style.model_fields)), max_size=3)
    return st.builds(
        lambda style, dropped: style.model_copy(update=dict.fromkeys(dropped)), _model(Style, names), rules
    )


def _named(model: type[BaseModel], names: Names) -> dict[str, Any]:
    """Keys whose values have to lead somewhere; None leaves the key out."""
    layer = st.sampled_from(names.layers) if names.layers else None
    source = st.sampled_from(names.sources) if names.sources else None
    return {
        Source: {"file": st.sampled_from(DATA_FILES)},
        Media: {"file": st.sampled_from(MEDIA_FILES)},
        Figure: {
            "file": st.sampled_from([name for name in DATA_FILES if name.endswith(".csv")]),
            "kind": texts,
            "source": st.lists(source, max_size=2).map(tuple) if names.sources else None,
        },
        LayerView: {"layer": layer, "style": st.deferred(lambda: _changes(names))},
        Claim: {"source": source},
        Quote: {"source": source},
        Correction: {"step": st.sampled_from(names.steps)},
        Theme: {"colors": None},
    }.get(model, {})


@st.composite
def views(draw: st.DrawFn, names: Names) -> View:
    rest: dict[str, Any] = {"max_zoom": draw(st.none() | st.floats(0, 14))}
    if names.layers:
        part = st.builds(str.__add__, st.sampled_from(names.layers), st.sampled_from(["", "/x", "/Жаңатас 1"]))
        rest["must_see"] = tuple(draw(st.lists(part, max_size=3)))
    if names.layers and draw(st.booleans()):
        return View(fit=tuple(draw(st.lists(st.sampled_from(names.layers), min_size=1, max_size=2))), **rest)
    west, east = draw(st.tuples(st.floats(-180, 180), st.floats(-180, 180)).filter(lambda pair: pair[0] != pair[1]))
    south, north = draw(st.tuples(st.floats(-85, 85), st.floats(-85, 85)).filter(lambda pair: pair[0] < pair[1]))
    return View(bounds=(west, south, east, north), **rest)


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Stories whose names all lead somewhere; their files are `DATA_FILES` and `MEDIA_FILES`."""
    kinds = ((slugs, 0), (slugs, 1), (slugs, 0), (slugs.filter(lambda name: name[0].isalpha()), 0))
    ids = [draw(st.lists(names, min_size=least, max_size=3, unique=True)) for names, least in kinds]
    names = Names(*ids)
    theme = draw(_model(Theme, names))
    shades = st.sampled_from(["#000", "#fff", "#12ab34"])
    colors = {name: {"light": draw(shades), "dark": draw(shades)} for name in names.colors}
    layers = [draw(_model(Layer, names)).model_copy(update={"id": name}) for name in names.layers]
    steps = [_step(draw, name, names) for name in names.steps]
    values = draw(
        st.fixed_dictionaries(
            {"title": texts},
            optional={
                key: _any(shape(field.annotation, field.metadata), names)
                for key, field in Story.model_fields.items()
                if key not in ("title", "theme", "layers", "steps", "sources", "lang", "corrections")
            },
        )
    )
    sources = {name: draw(_any(shape(Story.model_fields["sources"].annotation).value, names)) for name in names.sources}
    return Story(
        **values,
        lang=draw(st.sampled_from(["en", "ru", "kk", "pt-BR", "zh-Hant"])),
        theme=Theme(**{**dict(theme), "colors": colors}),
        sources=sources,
        corrections=tuple(draw(st.lists(_model(Correction, names), max_size=2))),
        layers=tuple(layers),
        steps=tuple(steps),
    )


def _step(draw: st.DrawFn, name: str, names: Names) -> Step:
    required = {"title": draw(texts), "alt": draw(texts), "text": draw(texts), "view": draw(views(names))}
    optional = {
        key: draw(_any(shape(field.annotation, field.metadata), names))
        for key, field in Step.model_fields.items()
        if key not in (*required, "id")
        and (key != "show" or names.layers)
        and (key != "sources" or names.sources)
        and draw(st.booleans())
    }
    return Step(id=name, **required, **optional)
