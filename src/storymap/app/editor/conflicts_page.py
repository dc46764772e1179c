"""Places that two editors changed: all versions beside each other, and the editor decides."""

from __future__ import annotations

import streamlit as st

from storymap.app.editor.access import short_name
from storymap.app.editor.beside import beside
from storymap.app.editor.deciding import OWN, answer, choices, columns, is_text, kept_choice
from storymap.app.editor.desk import Desk
from storymap.app.editor.news import listed
from storymap.durable import SaveError
from storymap.merge import Conflict

__all__ = ["show"]


def show(desk: Desk) -> bool:
    """Shows what has to be decided, over the whole page; False when there is nothing."""
    if not desk.conflicts:
        return False
    them = _them(desk)
    number = len(desk.conflicts)
    st.header("Decide what stands there", anchor=False)
    st.write(
        f"{them} changed {'the same place' if number == 1 else 'the same places'} as you. Everything else is put "
        "together by itself. Nothing is saved before you have decided; what you do not take stays in the history."
        if desk.settling == "save"
        else f"{them} changed the same places as you. Everything else is put together by itself."
    )
    if number > 1:
        with st.container(horizontal=True):
            st.button("Mine everywhere", on_click=_everywhere, args=(desk, "ours"))
            st.button("Theirs everywhere", on_click=_everywhere, args=(desk, "theirs"))
    for conflict in desk.conflicts:
        _show(desk, conflict, them)
    open_still = [conflict for conflict in desk.conflicts if conflict.key not in desk.decided]
    with st.container(horizontal=True):
        name = "Save with these decisions" if desk.settling == "save" else "Take over with these decisions"
        if st.button(name, key="settle", type="primary", disabled=bool(open_still)):
            desk.settle()
            st.rerun()
        st.button("Back to editing", key="decide later", on_click=_later, args=(desk,))
    if open_still:
        st.caption(f"{len(open_still)} of {number} still to be decided.")
    return True


def _them(desk: Desk) -> str:
    try:
        authors = desk.news().authors
    except SaveError:
        authors = ()
    return (
        listed(["Your other tab" if name == desk.session.editor else short_name(name) for name in authors])
        or "Someone else"
    )


def _show(desk: Desk, conflict: Conflict, them: str) -> None:
    key = "/".join(["conflict", desk.slug, conflict.file, *conflict.place, conflict.kind])
    with st.container(border=True):
        heading, names, cells = columns(conflict, desk.now, them)
        st.subheader(heading, anchor=False)
        beside(f"{key}/texts", heading, names, [("", cells)])
        offered = choices(conflict, them)
        _set(key, kept_choice(desk.decided.get(conflict.key)), list(offered))
        st.radio(
            f"What stands there: {heading}", list(offered), key=key, index=None, horizontal=True,
            format_func=lambda one: offered[one], label_visibility="collapsed",
            on_change=lambda: _decide(desk, conflict, key),
        )  # fmt: skip
        if is_text(conflict) and st.session_state.get(key) == OWN:
            st.session_state.setdefault(f"{key}/own", str(conflict.ours or conflict.theirs or ""))
            st.text_area("Your words", key=f"{key}/own", on_change=lambda: _decide(desk, conflict, key))


def _set(key: str, chosen: str | None, offered: list[str]) -> None:
    if chosen in offered and st.session_state.get(key) != chosen:
        st.session_state[key] = chosen


def _decide(desk: Desk, conflict: Conflict, key: str) -> None:
    own = st.session_state.get(f"{key}/own", str(conflict.ours or conflict.theirs or ""))
    desk.decided[conflict.key] = answer(st.session_state[key], own)


def _everywhere(desk: Desk, side: str) -> None:
    for conflict in desk.conflicts:
        desk.decided[conflict.key] = answer(side, "")


def _later(desk: Desk) -> None:
    desk.conflicts, desk.decided = (), {}
