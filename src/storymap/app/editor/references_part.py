"""The story's sources of claims: a list to add to, to put in order, to correct, and to take from what nothing uses."""

from __future__ import annotations

from typing import Any

import streamlit as st

from storymap import edits
from storymap.app.editor import checked, checks, fields, told
from storymap.app.editor.desk import Desk
from storymap.app.editor.pending import Pending
from storymap.app.editor.sorter import Entry, Happened, sort_list
from storymap.edits import Edit
from storymap.manuscript import Manuscript
from storymap.slugs import free, slug_of
from storymap.uses import sources_used
from storymap.words import span

__all__ = ["add_reference", "new_reference", "reference_id", "show", "used_by"]


def show(desk: Desk) -> None:
    """Shows the list, the source that is chosen, and a place for a new one."""
    sources = _all(desk)
    chosen = f"source of {desk.slug}"
    if sources:
        if st.session_state.get(chosen) not in sources:
            st.session_state[chosen] = next(iter(sources))
        entries = [
            Entry(name, str(one.get("title", name)), _note(one, used_by(desk, name))) for name, one in sources.items()
        ]
        with st.container(height=300 if len(entries) > 6 else "content", border=False):
            sort_list(f"sources of {desk.slug}", entries, st.session_state[chosen], "Sources",
                      then=lambda what: _do(desk, chosen, what))  # fmt: skip
        with st.container(border=True):
            _one(desk, str(st.session_state[chosen]))
    with st.popover("Add a source", icon=":material/add:"):
        new_reference(desk, ("sources",), "Add", add_reference)


def _all(desk: Desk) -> dict[str, Any]:
    found = desk.get(("sources",)) or {}
    return {str(name): one for name, one in found.items() if isinstance(one, dict)}


def _note(source: dict[str, Any], steps: list[str]) -> str:
    uses = f"{len(steps)} step{'s' if len(steps) > 1 else ''}" if steps else "not used"
    return " · ".join(filter(None, [str(source.get("publisher") or ""), uses]))


def used_by(desk: Desk, source: str) -> list[str]:
    """Titles of the steps that name a source."""
    return [str(step.get("title")) for step in desk.steps if source in sources_used({"steps": [step]})]


def _do(desk: Desk, chosen: str, happened: Happened) -> None:
    if happened.what == "select":
        st.session_state[chosen] = happened.id
    elif happened.what == "order":
        sources = _all(desk)
        ordered = {name: sources[name] for name in happened.order if name in sources}
        desk.do(lambda story: edits.set_part(story, ("sources",), ordered))


def _one(desk: Desk, name: str) -> None:
    at = ("sources", name)
    lang = str(desk.get(("lang",), "en"))
    checked.text(desk, (*at, "title"), "Title", checks.needed("a source needs a title"))
    fields.text(desk, (*at, "publisher"), "Publisher")
    checked.text(desk, (*at, "url"), "Address", checks.address, placeholder="https://")
    published, read = st.columns(2)
    with published:
        checked.text(desk, (*at, "date"), "Published", checks.date(lang, spans=False), says=lambda date: _said(date, lang),
                     placeholder="2021-03-17")  # fmt: skip
    with read:
        fields.day(desk, (*at, "accessed"), "Read on")
    fields.text(desk, (*at, "note"), "Note", help="Anything a reader should know of it.")
    uses = used_by(desk, name)
    told.note(f"Used by: {', '.join(uses)}." if uses else "No step uses it.")
    st.button("Delete the source", key=fields.key_of(desk, (*at, "remove")), icon=":material/delete:", type="tertiary",
              help="It is taken out of the steps that use it as well." if uses else None,
              on_click=lambda: _deleted(desk, name))  # fmt: skip


def _said(date: Any, lang: str) -> str:
    try:
        return span(str(date), lang)
    except ValueError:
        return ""


def _deleted(desk: Desk, name: str) -> None:
    if desk.do(lambda story: edits.delete_source(story, name)):
        desk.tell(f"{desk.trail.undo_name}: done. Undo brings it back.")


def new_reference(desk: Desk, place: tuple[str, ...], label: str, make: Any) -> None:
    """Fields of a new source. ``make``: (story, id, entries) → edit."""
    new = Pending(desk, (*place, "new source"), {"title": "a title"})
    new.text("title", "Title")
    new.text("publisher", "Publisher")
    new.text("url", "Address", check=checks.address, placeholder="https://")
    new.text(
        "date", "Published", check=checks.date(str(desk.get(("lang",), "en")), spans=False), placeholder="2021-03-17"
    )
    new.text("note", "Note")

    def add(entered: dict[str, Any]) -> bool:
        said = {**entered}
        if "url" in said:
            said["url"] = checks.address(str(said["url"]))
        if "date" in said:
            said["date"] = checks.date(str(desk.get(("lang",), "en")), spans=False)(str(said["date"]))
        return desk.do(lambda story: make(story, reference_id(story, str(said["title"])), said))

    new.button(label, add)


def reference_id(story: Manuscript, title: str) -> str:
    """An id for a new source, made of its title, that no other has."""
    return free(slug_of(title, "source"), set(story.data.get("sources") or {}))


def add_reference(story: Manuscript, name: str, entered: dict[str, Any]) -> Edit:
    """A new source of the story. Raises `EditError`."""
    return edits.set_part(story, ("sources", name), entered)
