"""The layer as a whole: its title, how exact it is, a copy of it, and an end to it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from storymap import edits, layeredits
from storymap.app.editor import fields, layer_words
from storymap.app.editor.layer_desk import Work
from storymap.layeredits import Override, Uses
from storymap.placing import DROPPED

__all__ = ["show", "told"]


def show(work: Work) -> None:
    """Shows the fields."""
    fields.text(
        work.desk, ("layers", work.layer, "title"), "Title", placeholder=work.layer,
        help="The name that readers find in lists and at a tap. Links and translations keep the layer's address.",
    )  # fmt: skip
    layer_words.accuracy(work)
    uses = layeredits.uses(work.desk.now, work.layer)
    st.caption(_used(uses))
    left, right = st.columns(2)
    with left.popover("Duplicate", icon=":material/content_copy:", width="stretch"):
        _duplicate(work)
    with right.popover("Delete", icon=":material/delete:", width="stretch"):
        _delete(work, uses)
    for note in work.known.notes if work.known else ():
        st.caption(f"About the file: {note}")


def _used(uses: Uses) -> str:
    if not uses.shown and not uses.framed:
        return "No step uses this layer."
    parts = []
    if uses.shown:
        parts.append(f"Shown in: {_titles(uses.shown)}.")
    if uses.framed:
        parts.append(f"Framed by the view of: {_titles(uses.framed)}.")
    return " ".join(parts)


def _titles(titles: tuple[str, ...]) -> str:
    return ", ".join(f"“{title}”" for title in titles)


def _duplicate(work: Work) -> None:
    key = f"copy of {work.desk.slug}/{work.layer}"
    st.session_state.setdefault(f"{key}/title", f"{work.title}, copy")
    title = st.text_input("Title of the copy", key=f"{key}/title")
    here = False
    if work.shown is not None:
        here = st.checkbox(
            "Use the copy in this step", value=True, key=f"{key}/here",
            help="It takes the place of this layer here, and can have another style without changing other steps.",
        )  # fmt: skip
    shown = (work.desk.step, work.shown.entry) if here and work.shown is not None else None

    def duplicate() -> None:
        done = work.desk.do(lambda story: layeredits.duplicate_layer(story, work.layer, title, shown))
        if done:
            st.session_state.pop(f"{key}/title", None)
            copy = next(one for one in work.desk.layers if one.get("title") == title.strip())
            st.session_state[f"layer among all of {work.desk.slug}"] = copy["id"]
            if shown:
                st.session_state[f"layer at work of {work.desk.slug}"] = copy["id"]

    st.button("Make the copy", key=f"{key}/make", type="primary", on_click=duplicate)


def _delete(work: Work, uses: Uses) -> None:
    if uses.needed:
        st.warning(f"The view of {_titles(uses.needed)} frames this layer only: give it another view first.")
        return
    if uses.shown or uses.framed:
        st.write("It goes from every step that uses it. Its data file stays in the folder.")
        st.write(_used(uses).replace("Shown in", "It is shown in").replace("Framed by", "framed by"))
    else:
        st.write("No step uses it. Its data file stays in the folder.")

    def delete() -> None:
        work.desk.do(lambda story: edits.delete_layer(story, work.layer))

    st.button(f"Delete “{work.title}”", key=f"delete {work.desk.slug}/{work.layer}", type="primary", on_click=delete)


def told(one: Override) -> str:
    """An override in words: ``#336699 (else 2)``."""
    if one.here is DROPPED:
        return "dropped in this step" + (f" (else {_plain(one.otherwise)})" if one.otherwise is not None else "")
    here, otherwise = _plain(one.here), _plain(one.otherwise)
    if one.key in ("label", "legend"):
        return "left out"
    if one.key == "where":
        return here
    return f"{here} (else {otherwise})" if one.otherwise is not None else here


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(
            f"{key}: {_plain(inner)}" if not isinstance(inner, dict) else str(key) for key, inner in value.items()
        )
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return str(value)
