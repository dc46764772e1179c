"""Rules by which data colours a layer: what holds now, and the edits that change it so that nothing else looks otherwise.

Colours and marks of categories are dealt out in turn, so one category with a colour of its own would give the others
other ones. Each edit therefore first writes down how all categories look (`pinned`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from pydantic import ValidationError

from storymap import classify
from storymap.colorvision import VISIONS, nearest_pair
from storymap.edits import Edit
from storymap.layeredits import Target, restyle
from storymap.layerfacts import Facts, category_names, looks_of
from storymap.manuscript import Data, Manuscript
from storymap.painting import merge_style
from storymap.placing import DROPPED, EditError, find
from storymap.story import CategoryStyle, Style

__all__ = [
    "Mode",
    "break_limits",
    "class_limits",
    "color_by",
    "merged",
    "mode",
    "order_categories",
    "pinned",
    "recolor",
    "set_category",
    "style_of",
    "suits_all",
    "usual",
]

Mode = Literal["one", "categories", "classes"]
_MARKS = {"symbol": "symbol", "pattern": "pattern", "dash_array": "dash"}
"""Marks of a category → where a `Look` has it."""
_ONE = 2.55
"""Two colours closer than this (CIEDE2000) are taken for one, even side by side in a legend."""


def style_of(data: Any) -> Style:
    """The style that ``data`` (a style in ``story.yaml``) means, without what is at fault in it."""
    if not isinstance(data, dict):
        return Style()
    try:
        return Style.model_validate(data)
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors() if one["loc"]}
        return style_of({key: value for key, value in data.items() if key not in wrong}) if wrong else Style()


def merged(layer: Data, part: Data | None) -> Style:
    """The style of a layer's data, as a step shows it when ``part`` is that entry's data."""
    base = style_of(layer.get("style"))
    return merge_style(base, style_of(part.get("style"))) if part and part.get("style") else base


def mode(style: Style, known: Facts) -> Mode:
    """How the layer is coloured: all alike, by the values of a column, or by classes of its numbers."""
    if style.column is None:
        return "one"
    column = known.column(style.column)
    numbers = column is not None and column.kind == "number"
    return "classes" if numbers and style.categories is None else "categories"


def usual(story: Manuscript, target: Target) -> Style:
    """What holds where the target says nothing: the whole story's style for a step, nothing for the whole story."""
    return style_of(find(story.data, ("layers", target.layer, "style"))) if target.step else Style()


def _now(story: Manuscript, target: Target) -> Style:
    base = style_of(find(story.data, ("layers", target.layer, "style")))
    own = find(story.data, (*target.place, "style")) if target.step else None
    return merge_style(base, style_of(own)) if own else base


def _where(story: Manuscript, target: Target) -> Mapping[str, Any] | None:
    where = find(story.data, ("layers", target.layer, "where"))
    return where if isinstance(where, dict) else None


def color_by(story: Manuscript, target: Target, how: Mode, column: str | None, known: Facts, lang: str) -> Edit:
    """Colours the layer by ``column``, as ``how`` says. What belonged to the rule before goes. Raises `EditError`."""
    base, now = usual(story, target), _now(story, target)
    if how == "one" or column is None:
        none: Data = dict.fromkeys(("column", "scheme", "k", "breaks", "cmap", "categories"))
        none["column"] = _own(None, base.column)
        return restyle(story, target, none, f"Use one colour for {target.words(story)}")
    changes: Data = {"column": None if base.column == column else column, "breaks": None, "scheme": None, "k": None}
    same = now.column == column
    # Of a rule by another column, nothing is left to be dropped.
    held = base if base.column == column else Style()
    qualitative = now.cmap is not None and classify.is_qualitative(now.cmap)
    if how == "classes":
        kept = {key: getattr(now, key) for key in ("scheme", "k", "breaks")} if same else {}
        changes |= {key: _own(value, getattr(held, key)) for key, value in kept.items()}
        changes |= {"categories": None, "cmap": _own(None if qualitative else now.cmap, held.cmap)}
        if held.categories is not None:
            changes["scheme"] = changes.get("scheme") or "fisher_jenks"
    else:
        of = known.column(column)
        bare = Style(column=column, cmap=now.cmap if qualitative else None)
        listed: Any = None
        if of is not None and of.kind == "number":
            # Numbers make classes by themselves: only where they are listed are they names.
            listed = pinned(bare.model_copy(update={"categories": {}}), known, _where(story, target), lang)
        elif same and now.categories is not None and base.categories != now.categories:
            listed = find(story.data, (*target.place, "style", "categories"))
        changes |= {"categories": listed, "cmap": _own(bare.cmap, held.cmap)}
    return restyle(story, target, changes, f"Colour {target.words(story)} by '{column}'")


def _own(value: Any, otherwise: Any) -> Any:
    """What to write so that ``value`` holds where ``otherwise`` does by itself."""
    return None if value == otherwise else DROPPED if value is None else value


def pinned(style: Style, known: Facts, where: Mapping[str, Any] | None, lang: str) -> dict[str, dict[str, Any]]:
    """The categories of ``style``, all of them in the order of the legend, each with the colour that it has now."""
    names = category_names(style, known, where)
    looks = looks_of(style, known, where, lang).looks
    listed = {str(name): category for name, category in (style.categories or {}).items()}
    out: dict[str, dict[str, Any]] = {}
    for name, look in zip(names, looks, strict=True):
        own = listed.get(name, CategoryStyle()).model_dump(exclude_none=True)
        out[name] = _ordered({**own, "color": own.get("color") or look.color})
    return out


def _categories(style: Style, known: Facts, where: Mapping[str, Any] | None, lang: str) -> dict[str, dict[str, Any]]:
    """As `pinned`, for an edit that may come late: when the layer has no categories any more."""
    if mode(style, known) != "categories" or style.column not in known.names:
        raise EditError("this layer is no longer coloured by categories: look at “By data” again")
    return pinned(style, known, where, lang)


def _ordered(category: Mapping[str, Any]) -> dict[str, Any]:
    return {key: category[key] for key in CategoryStyle.model_fields if category.get(key) is not None}


def set_category(
    story: Manuscript, target: Target, known: Facts, lang: str, value: str, key: str, entered: Any
) -> Edit:
    """One property of one category (``label``, ``color``, ``symbol``, ``pattern``, ``dash_array``); None: as dealt.

    What is so already changes nothing, and writes nothing down. Raises `EditError`.
    """
    style, where = _now(story, target), _where(story, target)
    listed = _categories(style, known, where, lang)
    if value not in listed:
        raise EditError(f"there is no value '{value}' in column '{style.column}' any more")
    if listed[value].get(key) == entered:
        return Edit("Change nothing", story)
    if key in _MARKS and entered is not None:
        for name, look in zip(listed, looks_of(style, known, where, lang).looks, strict=True):
            dealt = getattr(look, _MARKS[key])
            listed[name] = _ordered({key: "0" if dealt == "" else dealt, **listed[name]})
    listed[value] = _ordered({**listed[value], key: entered})
    word = {"label": "name", "color": "colour", "dash_array": "dashes"}.get(key, key)
    return _listed(story, target, listed, f"Change the {word} of '{value}' in {target.words(story)}")


def order_categories(story: Manuscript, target: Target, known: Facts, lang: str, order: Sequence[str]) -> Edit:
    """The categories in this order of the legend."""
    listed = _categories(_now(story, target), known, _where(story, target), lang)
    names = [*(name for name in order if name in listed), *(name for name in listed if name not in order)]
    sentence = f"Reorder the categories of {target.words(story)}"
    return _listed(story, target, {name: listed[name] for name in names}, sentence)


def recolor(story: Manuscript, target: Target, cmap: str | None) -> Edit:
    """Another set of colours for categories: what they have of their own goes, their names and marks stay."""
    now = _now(story, target)
    listed = {
        name: _ordered({**category.model_dump(exclude_none=True), "color": None})
        for name, category in (now.categories or {}).items()
    }
    base = usual(story, target)
    ramp = base.cmap if base.column == now.column else None
    changes = {"cmap": _own(cmap, ramp), "categories": _own_categories(base, now, listed) or None}
    return restyle(story, target, changes, f"Change the colours of {target.words(story)}")


def _listed(story: Manuscript, target: Target, listed: Mapping[str, Mapping[str, Any]], sentence: str) -> Edit:
    """Writes categories down; for a step only what is not as in the whole story."""
    changed = _own_categories(usual(story, target), _now(story, target), listed)
    return restyle(story, target, {"categories": changed or None}, sentence)


def _own_categories(base: Style, now: Style, listed: Mapping[str, Mapping[str, Any]]) -> Data:
    """Of the categories ``listed`` what is not as ``base`` has it, with what they do without."""
    if base.column is None or base.column != now.column or base.categories is None:
        return {name: dict(category) for name, category in listed.items()}
    before = {name: one.model_dump(exclude_none=True) for name, one in base.categories.items()}
    changed = {
        name: {key: part for key, part in category.items() if before.get(name, {}).get(key) != part}
        | {key: DROPPED for key in before.get(name, {}) if key not in category}
        for name, category in listed.items()
    }
    return {name: category for name, category in changed.items() if category or name not in before}


def class_limits(style: Style, known: Facts, where: Mapping[str, Any] | None, lang: str) -> list[tuple[str, str, int]]:
    """The classes of ``style``: (limits in words, colour, number of features). Raises `classify.ClassError`."""
    groups = looks_of(style, known, where, lang)
    there = known.passing(where)
    of = [number for number, kept in zip(groups.of, there, strict=True) if kept]
    return [
        (text, str(look.color), of.count(number))
        for number, (text, look) in enumerate(zip(groups.texts, groups.looks, strict=True))
    ]


def break_limits(style: Style, known: Facts, where: Mapping[str, Any] | None) -> tuple[float, ...]:
    """Upper limits of the classes that hold now, to begin one's own with. Raises `classify.ClassError`."""
    data = known.frame[style.column].to_numpy(dtype=np.float64, na_value=np.nan)
    data = data[np.isfinite(data) & known.passing(where)]
    if not len(data):
        return ()
    scheme = style.scheme or ("user_defined" if style.breaks else "fisher_jenks")
    return classify.classify(data, scheme=scheme, k=style.k, breaks=style.breaks).upper


def suits_all(colors: Sequence[str]) -> bool:
    """Whether the colours of a ramp stay apart for readers without red, green or blue: no two become one.

    The limit says the same of ColorBrewer's ramps as ColorBrewer does, from six classes on.
    """
    return all(nearest_pair(colors, vision) >= _ONE for vision in VISIONS[1:])
