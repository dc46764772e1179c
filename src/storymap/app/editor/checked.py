"""Text fields whose content is checked: what can not be used is told beside the field, stays in it, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from storymap import edits
from storymap.app.editor import fields, told
from storymap.app.editor.checks import Check
from storymap.app.editor.desk import Desk
from storymap.app.editor.fields import Make, key_of
from storymap.placing import Names

__all__ = ["area", "text"]


@dataclass(frozen=True)
class _Refused:
    entered: str
    fault: str
    then: Any
    """What the story said at that time: when it says something else, the entry is out of date."""


def text(
    desk: Desk,
    place: Names,
    label: str,
    check: Check,
    *,
    says: Callable[[Any], str] | None = None,
    make: Make | None = None,
    shown: Callable[[Any], str] = str,
    default: Any = None,
    widget: Callable[..., Any] = st.text_input,
    join: bool = False,
    **more: Any,
) -> None:
    """One line of text for ``place``. ``check`` gives what it means; ``says``: that in words, told below the field.

    ``shown``: what the field holds for a value, where the story has one or ``default`` is given. ``join``: all that is
    entered there one after the other is one edit.
    """
    key = key_of(desk, place)
    refusal = f"refused {key}"
    value = desk.get(place, default)
    refused = st.session_state.get(refusal)
    if refused is not None and refused.then != value:
        del st.session_state[refusal]
        refused = None
    state = refused.entered if refused is not None else "" if value is None else shown(value)
    if not fields.alike(st.session_state.get(key), state):
        st.session_state[key] = state

    def changed() -> None:
        if not fields.entered():
            return
        entered = st.session_state[key] or ""
        if fields.alike(entered, state):
            return
        st.session_state.pop(refusal, None)
        try:
            meant = check(entered)
        except ValueError as error:
            st.session_state[refusal] = _Refused(entered, str(error), desk.get(place, default))
            return
        desk.do(lambda story: make(story, meant) if make else edits.set_part(story, place, meant), join=join)

    widget(label, key=key, on_change=changed, **more)
    with told.beside():
        if refused is not None:
            told.fault(refused.fault)
        elif says is not None and value is not None:
            told.note(says(value))


def area(desk: Desk, place: Names, label: str, check: Check, **more: Any) -> None:
    """The same for a longer text, which is entered with each pause of the typing (typed.js)."""
    text(desk, place, label, check, widget=st.text_area, join=True, **more)
