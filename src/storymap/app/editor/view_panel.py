"""The camera of the step at work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from storymap import edits
from storymap.app.editor import fields
from storymap.app.editor.desk import Desk
from storymap.app.editor.preview import look_of
from storymap.app.editor.viewing import Look, framed
from storymap.edits import Edit, EditError
from storymap.manuscript import Manuscript
from storymap.scene import DEFAULT_MAX_ZOOM
from storymap.yamlmatch import identity

__all__ = ["show"]

FRAMES = {"fit": "Layers and places", "bounds": "A part of the map"}
MOVES = {
    "auto": "By itself: flies when near, fades when far",
    "fly": "Flies",
    "follow": "Moves with the scroll",
    "cut": "Fades over",
}
TONES = {"light": "Light", "dark": "Dark"}
PARTS = {
    "borders": "Borders", "regions": "Regions", "rivers": "Rivers", "lakes": "Lakes", "railways": "Railways",
    "graticule": "Meridians and parallels", "country-labels": "Names of countries", "city-labels": "Names of cities",
    "water-labels": "Names of waters", "range-labels": "Names of ranges", "overview": "Overview map",
}  # fmt: skip


def show(desk: Desk) -> None:
    """Shows the panel."""
    at = ("steps", desk.step, "view")
    view = desk.get(at)
    if not isinstance(view, Mapping):
        st.warning("This step has no view yet: move the map in the preview, and use what you see.")
        return
    look = look_of(desk)
    _frame(desk, view, look)
    _must_see(desk, look)
    fields.number(
        desk, (*at, "max_zoom"), "Never closer than", min_value=0.0, max_value=14.0, step=0.5,
        placeholder=f"{DEFAULT_MAX_ZOOM:g}",
        help="A zoom from 0 (the world) to 14 (a street). The basemap has detail up to 10 around Kazakhstan.",
    )  # fmt: skip
    fields.choice(
        desk, ("steps", desk.step, "move"), "How the map comes here", list(MOVES), names=MOVES, default="auto",
        help="Readers who asked their device for less motion always get a fade.",
    )  # fmt: skip
    fields.choice(desk, ("steps", desk.step, "tone"), "Tone of the map", list(TONES), names=TONES, default="light")
    fields.many(
        desk, ("steps", desk.step, "without"), "Left out of the basemap", list(PARTS), names=PARTS,
        placeholder="Nothing",
    )  # fmt: skip


def _frame(desk: Desk, view: Mapping[str, Any], look: Look) -> None:
    at = ("steps", desk.step, "view")
    kind = "bounds" if view.get("bounds") is not None else "fit"

    def reframe(story: Manuscript, chosen: str | None) -> Edit:
        made = framed(view, chosen or kind, look.bounds.get(desk.step), _shown(desk))
        if made is None:
            raise EditError("there is nothing to frame yet: show a layer in this step first")
        return edits.set_part(story, at, made)

    key = fields.key_of(desk, (*at, "frame"))
    st.session_state[key] = kind

    def chosen() -> None:
        desk.do(lambda story: reframe(story, st.session_state[key]))

    st.radio(
        "What the map frames", [*FRAMES], format_func=lambda one: FRAMES[one], key=key, horizontal=True,
        on_change=chosen,
        help="On each screen the camera is found that shows all of it beside the text.",
    )  # fmt: skip
    if kind == "fit":
        fields.many(
            desk, (*at, "fit"), "Framed", list(look.names), names=look.names, make=_fit(at),
            placeholder="Choose layers or places", label_visibility="collapsed",
        )  # fmt: skip
    else:
        st.caption(in_words(view.get("bounds")))
    st.caption("To frame what you see: **Move the map …** above the preview, then **Use this view**.")


def _fit(at: tuple[str, ...]) -> Any:
    def make(story: Manuscript, refs: list[str] | None) -> Edit:
        if not refs:
            raise EditError("a view frames at least one layer or place: choose another before you take this one away")
        return edits.set_part(story, (*at, "fit"), refs)

    return make


def _must_see(desk: Desk, look: Look) -> None:
    features = [ref for ref in look.names if "/" in ref and ref.partition("/")[0] in _shown(desk)]
    layers = [layer for layer in _shown(desk) if layer in look.names]
    fields.many(
        desk, ("steps", desk.step, "view", "must_see"), "Must be seen on every screen", [*features, *layers],
        names=look.names, placeholder="Choose here, or pick on the map",
        help="Places that no text, legend or edge may hide, on a phone and on a desktop.",
    )  # fmt: skip


def _shown(desk: Desk) -> list[str]:
    """Layers of the step at work, those on top first."""
    shown = [identity(part) for part in desk.get(("steps", desk.step, "show"), []) or []]
    return list(dict.fromkeys(str(layer) for layer in reversed(shown) if layer))


def in_words(bounds: Any) -> str:
    """``[66.2, 42, 71.5, 45]`` → ``66.2° to 71.5° east, 42° to 45° north``."""
    try:
        west, south, east, north = (float(number) for number in bounds)
    except (TypeError, ValueError):
        return "These bounds can not be read."
    return f"{_span(west, east, 'east', 'west')}, {_span(south, north, 'north', 'south')}"


def _span(low: float, high: float, positive: str, negative: str) -> str:
    if low >= 0 and high >= 0:
        return f"{low:g}° to {high:g}° {positive}"
    if low <= 0 and high <= 0:
        return f"{-low:g}° to {-high:g}° {negative}"
    one, other = (f"{abs(n):g}° {positive if n >= 0 else negative}" for n in (low, high))
    return f"{one} to {other}"
