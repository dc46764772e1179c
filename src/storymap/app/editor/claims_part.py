"""The sources of a step: how we know what it says, each with what it says and how sure it is."""

from __future__ import annotations

from typing import Any

import streamlit as st

from storymap import edits
from storymap.app.editor import fields, told
from storymap.app.editor.desk import Desk
from storymap.app.editor.references_part import add_reference, new_reference
from storymap.edits import Edit
from storymap.manuscript import Manuscript
from storymap.yamlmatch import identity

__all__ = ["add_claim_of_new", "show"]


def show(desk: Desk, at: tuple[str, str]) -> None:
    """Shows the claims, and two ways to add one."""
    place = (*at, "sources")
    sources: dict[str, Any] = desk.get(("sources",)) or {}
    claims = desk.get(place) or []
    names = [str(identity(claim)) for claim in claims]
    for number, name in enumerate(names):
        _claim(desk, place, number, name, sources)
    if not names:
        told.note("Readers find here how we know this.")
    _add(desk, place, {name: _title(one, name) for name, one in sources.items() if name not in names})
    with st.popover("New source", icon=":material/add:"):
        new_reference(desk, place, "Add to story and step",
                      lambda story, name, entered: add_claim_of_new(story, at[1], name, entered))  # fmt: skip


def _title(source: Any, name: str) -> str:
    return str(source.get("title") or name) if isinstance(source, dict) else name


def _claim(desk: Desk, place: tuple[str, ...], number: int, name: str, sources: dict[str, Any]) -> None:
    title = _title(sources.get(name), name)
    with st.container(key=f"in-a-row/{fields.key_of(desk, (*place, number))}"):
        words, button = st.columns([7, 1], vertical_alignment="bottom")
    with words:
        # The label is the source; what is written is what we have from it.
        fields.area(desk, (*place, number, "note"), _plain(title), height=72, placeholder="What it says, and how sure it is",
                    make=lambda story, note: _noted(story, place, number, name, note))  # fmt: skip
    with button:
        away = f"Take out: {_plain(title)}"
        st.button(away, key=fields.key_of(desk, (*place, number, "remove")), icon=":material/close:", type="tertiary",
                  help=away, on_click=fields.doing(desk, lambda story: edits.delete(story, (*place, number))))  # fmt: skip


def _plain(text: str) -> str:
    return "".join(f"\\{char}" if char in r"\`*_{}[]()#+!|~:$<>" else char for char in text)


def _noted(story: Manuscript, place: tuple[str, ...], number: int, name: str, note: str | None) -> Edit:
    if note is None:
        return edits.set_part(story, (*place, number), {"source": name})
    return edits.set_part(story, (*place, number, "note"), note)


def _add(desk: Desk, place: tuple[str, ...], free: dict[str, str]) -> None:
    if not free:
        return
    key = fields.key_of(desk, (*place, "add"))

    def added() -> None:
        name = st.session_state[key]
        if name is None:
            return
        st.session_state[key] = None
        # The browser may say once more what it chose, after the list has become shorter.
        if name not in map(identity, desk.get(place) or []):
            desk.do(lambda story: edits.add(story, place, {"source": name}))

    st.selectbox("Add a source of the story", [None, *free], key=key, on_change=added,
                 format_func=lambda name: "Choose …" if name is None else free[name])  # fmt: skip


def add_claim_of_new(story: Manuscript, step: str, name: str, entered: dict[str, Any]) -> Edit:
    """A new source of the story that the step names at once, as one edit. Raises `EditError`."""
    made = add_reference(story, name, entered)
    claimed = edits.add(made.after, ("steps", step, "sources"), {"source": name})
    return Edit(made.sentence, claimed.after)
