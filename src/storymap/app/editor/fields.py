"""Widgets that are bound to a part of the story: each shows what the story says, and each change is an edit.

The story is the truth: before a widget is shown, its state is set from the story (so undo, a merge or another widget
reach it), and its callback turns what was entered into an edit. Keys are places, so a widget keeps the focus.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState, get_script_run_ctx

from storymap import edits
from storymap.app.editor.desk import Desk
from storymap.edits import Edit
from storymap.manuscript import Manuscript
from storymap.placing import Names

__all__ = [
    "alike", "area", "bind", "choice", "color", "day", "doing", "entered", "key_of", "many", "number", "slider", "text", "toggle",
    "whole_run",
]  # fmt: skip

_UNTOLD = "fields that were set, of which the browser may not have heard"
Make = Callable[[Manuscript, Any], Edit]
T = TypeVar("T")


def key_of(desk: Desk, place: Names) -> str:
    """Key of the widget for a part of this story."""
    return "/".join(["field", desk.slug, *map(str, place)])


def bind(
    desk: Desk,
    place: Names,
    *,
    shown: Callable[[Any], Any] = lambda value: value,
    meant: Callable[[Any], Any] = lambda value: value,
    make: Make | None = None,
    default: Any = None,
    join: bool = False,
) -> dict[str, Any]:
    """``key`` and ``on_change`` for a widget that edits ``place``.

    ``shown``: from the story's value (``default`` where it says nothing) to the widget's; ``meant``: back, None takes the
    part away. ``make``: another edit than `edits.set_part`.
    """
    key = key_of(desk, place)
    value = shown(desk.get(place, default))
    # Set again even if it is so already: a run that was broken off may not have told the browser. Not a text that may
    # just be typed, unless it was set by a run that was broken off.
    untold: set[str] = st.session_state.setdefault(_UNTOLD, set())
    if not isinstance(value, str) or key in untold or not alike(st.session_state.get(key), value):
        st.session_state[key] = value
        untold.add(key)

    def changed() -> None:
        # A text that is shown as it stands is no edit, also where `meant` would trim it.
        if entered() and not alike(st.session_state[key], shown(desk.get(place, default))):
            said = meant(st.session_state[key])
            desk.do(lambda story: make(story, said) if make else edits.set_part(story, place, said), join=join)

    return {"key": key, "on_change": changed}


@contextmanager
def whole_run() -> Iterator[None]:
    """Around a whole run of the page. One that is broken off, as when something is entered meanwhile, does not get to
    the end, and what it set is set again by the next one."""
    yield
    st.session_state[_UNTOLD] = set()


def entered() -> bool:
    """Whether the callback that runs is for something that an editor entered in its widget.

    Where a part of the page looks for news by itself (a fragment), the browser sends along the values of all widgets,
    also of some that are not on the page any more or not filled yet: Streamlit takes these for changed.
    """
    context = get_script_run_ctx()
    parts = context.fragment_ids_this_run if context else None
    return not parts or ThreadState.get().fragment_id in parts


def doing(desk: Desk, make: Callable[[Manuscript], Edit]) -> Callable[[], None]:
    """A callback, as of a button, that makes an edit."""

    def done() -> None:
        desk.do(make)

    return done


def text(desk: Desk, place: Names, label: str, *, make: Make | None = None, **more: Any) -> None:
    """One line of text; empty takes the part away."""
    st.text_input(label, **bind(desk, place, shown=_said, meant=_text, make=make), **more)


def area(desk: Desk, place: Names, label: str, *, make: Make | None = None, **more: Any) -> None:
    """A longer text; empty takes the part away."""
    # Entered with each pause of the typing (typed.js): all of it is one edit.
    st.text_area(label, **bind(desk, place, shown=_said, meant=_text, make=make, join=True), **more)


def choice(desk: Desk, place: Names, label: str, options: Sequence[str], *, names: Mapping[str, str] | None = None,
           default: str | None = None, none: str | None = None, make: Make | None = None, **more: Any) -> None:  # fmt: skip
    """One of several. ``names``: how they are called. ``none``: what the choice to say nothing is called."""
    known: list[str | None] = [*([None] if none is not None else []), *options]
    value = desk.get(place, default)
    if value not in known:
        known.append(value)
    st.selectbox(
        label, known, format_func=lambda one: (none or "") if one is None else (names or {}).get(one, str(one)),
        **bind(desk, place, make=make, default=default), **{"placeholder": none, **more},
    )  # fmt: skip


def many(desk: Desk, place: Names, label: str, options: Sequence[str], *, names: Mapping[str, str] | None = None,
         make: Make | None = None, **more: Any) -> None:  # fmt: skip
    """Some of several; none takes the part away."""
    value = _list(desk.get(place))
    known = [*options, *(one for one in value if one not in options)]
    st.multiselect(
        label, known, format_func=lambda one: (names or {}).get(one, str(one)),
        **bind(desk, place, shown=_list, meant=lambda chosen: list(chosen) or None, make=make), **more,
    )  # fmt: skip


def day(desk: Desk, place: Names, label: str, *, make: Make | None = None, **more: Any) -> None:
    """A day, or none."""
    st.date_input(
        label, **bind(desk, place, shown=_day, meant=lambda day: day.isoformat() if day else None, make=make),
        **{"value": None, "format": "YYYY-MM-DD", "min_value": dt.date(1800, 1, 1), "max_value": dt.date(2200, 1, 1), **more},
    )  # fmt: skip


def number(desk: Desk, place: Names, label: str, *, make: Make | None = None, **more: Any) -> None:
    """A number, or none."""
    whole = isinstance(more.get("step"), int)
    cast = int if whole else float
    st.number_input(
        label, **bind(desk, place, shown=lambda value: None if value is None else cast(value), meant=_plain_number,
                      make=make, join=True), **{"value": None, **more},
    )  # fmt: skip


def slider(desk: Desk, place: Names, label: str, *, default: float, make: Make | None = None, **more: Any) -> None:
    """A number within limits; ``default`` is what holds where the story says nothing."""
    st.slider(
        label, **bind(desk, place, default=default, shown=float, meant=_plain_number, make=make, join=True), **more
    )


def toggle(
    desk: Desk, place: Names, label: str, *, default: bool = False, make: Make | None = None, **more: Any
) -> None:
    """Yes or no."""
    st.toggle(label, **bind(desk, place, default=default, shown=bool, make=make), **more)


def color(desk: Desk, place: Names, label: str, *, default: str, shown: Callable[[Any], str], make: Make | None = None,
          **more: Any) -> None:  # fmt: skip
    """A colour; ``shown`` gives ``#rrggbb`` for the story's value, which may be a name of the theme."""
    st.color_picker(label, **bind(desk, place, default=default, shown=shown, make=make, join=True), **more)


def alike(one: Any, other: Any) -> bool:
    """Whether two values say the same. The space after a word that is still being typed says nothing: were it taken away
    from under the cursor, the next word would stick to the last."""
    if isinstance(one, str) and isinstance(other, str):
        return one.rstrip() == other.rstrip()
    return bool(one == other)


def _day(value: Any) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value)) if value is not None else None
    except ValueError:
        return None


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def _text(entered: str) -> str | None:
    return entered.rstrip() if entered.strip() else None


def _list(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def _plain_number(value: float | None) -> float | int | None:
    return int(value) if value is not None and float(value).is_integer() else value
