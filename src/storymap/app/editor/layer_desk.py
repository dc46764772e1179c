"""One layer at work: where its style is changed (whole story or one step), what holds there, and how it looks.

It knows no Streamlit.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from storymap import layerrules, palette
from storymap.app.editor.desk import Desk
from storymap.colorvision import six_digits
from storymap.drawing import Paint
from storymap.durable import SaveError
from storymap.edits import Edit
from storymap.geocache import user_cache
from storymap.geodata import GeodataError
from storymap.layeredits import Target, restyle
from storymap.layerfacts import Facts, facts, symbolised
from storymap.manuscript import Data, Manuscript
from storymap.painting import Kind, Look, merge_style, paint
from storymap.placing import DROPPED, Names
from storymap.story import Style
from storymap.storytypes import HEX
from storymap.symbology import StyleError, Symbolised
from storymap.yamlmatch import identity, named_apart

__all__ = ["Shown", "Work", "colors_of", "shown_in", "theme_colors", "title_of", "work_on"]


@dataclass(frozen=True)
class Shown:
    """A layer as a step shows it."""

    name: str
    """Name of the entry in the step; a second entry of one layer is ``layer/2``."""
    number: int
    """Its number from 0, from the bottom of the map."""
    layer: str
    data: Data
    """What the step says of it."""

    @property
    def entry(self) -> str | int:
        """How edits call it."""
        return self.number if "/" in self.name else self.layer


def shown_in(desk: Desk, step: str = "") -> tuple[Shown, ...]:
    """What a step (the one at work) shows, from the bottom of the map to its top."""
    entries = desk.get(("steps", step or desk.step, "show"), [])
    entries = entries if isinstance(entries, list) else [entries]
    return tuple(
        Shown(name, number, identity(entry) or "", entry if isinstance(entry, dict) else {"layer": entry})
        for number, (name, entry) in enumerate(zip(named_apart(entries), entries, strict=True))
    )


def title_of(desk: Desk, layer: str) -> str:
    """What a layer is called."""
    data = desk.get(("layers", layer), {})
    return str(data.get("title") or data.get("legend") or layer) if isinstance(data, dict) else layer


def theme_colors(data: Mapping[str, Any]) -> dict[str, palette.Tone]:
    """The story's own colours, in small letters and six digits; what is no colour is left out."""
    theme = data.get("theme")
    named = theme.get("colors") if isinstance(theme, dict) else None
    out = {}
    for name, value in (named if isinstance(named, dict) else {}).items():
        pair = value if isinstance(value, dict) else {"light": value, "dark": value}
        light, dark = str(pair.get("light")), str(pair.get("dark"))
        if re.fullmatch(HEX, light) and re.fullmatch(HEX, dark):
            out[str(name)] = palette.Tone(six_digits(light), six_digits(dark))
    return out


def colors_of(desk: Desk) -> dict[str, palette.Tone]:
    """Every named colour of the story: those that all stories have, and its own."""
    return {**palette.TOKENS, **theme_colors(desk.data)}


@dataclass(frozen=True)
class Work:
    """A layer at work."""

    desk: Desk
    layer: str
    shown: Shown | None
    """How the step at work shows it; None when it does not."""
    step_only: bool
    """Whether changes of style are for the step at work only."""
    known: Facts | None
    """Its data; None when it can not be read."""
    fault: str = ""
    """Why it can not."""

    @property
    def target(self) -> Target:
        """Where changes of style go."""
        if self.step_only and self.shown is not None:
            return Target(self.layer, self.desk.step, self.shown.entry)
        return Target(self.layer)

    @property
    def data(self) -> Data:
        """What the story says of the layer."""
        found = self.desk.get(("layers", self.layer), {})
        return found if isinstance(found, dict) else {}

    @property
    def title(self) -> str:
        """What the layer is called."""
        return title_of(self.desk, self.layer)

    @property
    def lang(self) -> str:
        """Language of the story."""
        return str(self.desk.get(("lang",), "en"))

    @property
    def where(self) -> Mapping[str, Any] | None:
        """The layer's own filter."""
        found = self.data.get("where")
        return found if isinstance(found, dict) else None

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """What its features are drawn as."""
        return self.known.kinds(self.where) if self.known else ()

    def place(self, *parts: str | int) -> Names:
        """Place of a property of the style."""
        return (*self.target.place, "style", *parts)

    @cached_property
    def base(self) -> Style:
        """What holds where the target says nothing."""
        return layerrules.style_of(self.data.get("style")) if self.target.step else Style()

    @cached_property
    def style(self) -> Style:
        """The style that holds for the target."""
        return self._with(self._own)

    @property
    def _own(self) -> Data:
        own = self.desk.get(self.place(), {})
        return own if isinstance(own, dict) else {}

    def _with(self, own: Data) -> Style:
        return merge_style(self.base, layerrules.style_of(own)) if self.target.step else layerrules.style_of(own)

    def holds(self, key: str) -> bool:
        """Whether the target has a value of its own for this property."""
        return key in self._own

    def dropped(self, key: str) -> bool:
        """Whether the step drops what the whole story says of this property."""
        return self.target.step is not None and self.holds(key) and self._own[key] is None

    def cleared(self, key: str) -> Any:
        """What to write for a property that is cleared: a step drops what the whole story says of it."""
        return DROPPED if getattr(self.base, key) is not None else None

    def unsaid(self, key: str) -> Any:
        """What a field of this property shows where there is no value of its own."""
        return self.value(key) if self.dropped(key) else self.otherwise(key)

    def value(self, key: str) -> Any:
        """The value that is drawn: what is said, or what is right by itself."""
        return self._drawn(self.style, key)

    def otherwise(self, key: str) -> Any:
        """The value that would be drawn if the target said nothing of this property."""
        return self._drawn(self._with({name: value for name, value in self._own.items() if name != key}), key)

    def _drawn(self, style: Style, key: str) -> Any:
        if key == "color":
            return style.color or "data-1"
        if key == "fill_color":
            return style.fill_color or ""
        if key == "dash_array":
            return style.dash_array or ""
        if key == "radius_max":
            return style.radius_max or 30.0
        return getattr(self.paint_of(style), {"dash_array": "dash"}.get(key, key), getattr(style, key, None))

    def paint_of(self, style: Style) -> Paint:
        """How a class of the layer is drawn under ``style``."""
        kind: Kind = self.kinds[0] if self.kinds else "point"
        look = Look()
        if style.column is not None and self.known is not None:
            look = Look(color="data-1", ramp=layerrules.mode(style, self.known) == "classes")
        by_itself = kind == "point" and self.data.get("accuracy") is not None
        soft = style.soft if style.soft is not None else by_itself
        return paint(style, kind, look, soft=bool(soft) and kind != "line", sized=style.size_column is not None)

    def make(self, key: str) -> Callable[[Manuscript, Any], Edit]:
        """An edit of this property; what would hold anyway is not written, None clears it."""
        otherwise, target, cleared = self.otherwise(key), self.target, self.cleared(key)

        def edit(story: Manuscript, entered: Any) -> Edit:
            said = cleared if entered is None else None if _alike(entered, otherwise) else entered
            return restyle(story, target, {key: said})

        return edit

    def symbolised(self) -> Symbolised | None:
        """Classes and legend of the layer as the target has it; None while a rule does not fit the data."""
        if self.known is None:
            return None
        part = self.shown.data if self.shown is not None else {"layer": self.layer}
        try:
            return symbolised(self.known, _json(self.data), _json(part), self.lang)
        except (StyleError, ValueError, KeyError):
            return None


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int):
        return abs(one - other) < 1e-6
    return bool(one == other)


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, default=str)


def work_on(desk: Desk, layer: str, shown: Shown | None = None, *, step_only: bool = False) -> Work:
    """The layer, with its data. What can not be read is told in ``fault``."""
    source = desk.get(("layers", layer, "source"), {})
    try:
        folder = desk.drafts.preview_folder(desk.session, desk.now)
        known = facts(folder, source if isinstance(source, dict) else {}, user_cache())
    except (GeodataError, SaveError, OSError, ValueError) as error:
        return Work(desk, layer, shown, step_only and shown is not None, None, str(error).splitlines()[0])
    return Work(desk, layer, shown, step_only and shown is not None, known)
