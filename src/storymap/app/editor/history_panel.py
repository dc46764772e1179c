"""Earlier versions of the story: who saved what and when; compared as a reader would see them; restored."""

from __future__ import annotations

import time

import streamlit as st

from storymap.app.editor.access import short_name
from storymap.app.editor.clock import dated, told
from storymap.app.editor.desk import Desk
from storymap.app.editor.past import Past, of_repository, saved
from storymap.errors import StoryError

__all__ = ["comparing", "label", "past_of", "show"]

PAGE = 15
SAVED, REPOSITORY = "Saved here", "Commits of the repository"
FRESH_S = 10
"""Seconds for which the list of commits is kept: git is asked in a process of its own."""


def comparing(desk: Desk) -> str:
    """Key of the session's state that holds which two versions are compared."""
    return f"comparing {desk.slug}"


def show(desk: Desk) -> None:
    """Shows the list."""
    source = _source(desk)
    past = past_of(desk, source)
    if not past:
        st.write("There is no earlier version yet: the first is kept when you save.")
        return
    most = st.session_state.setdefault(f"shown versions {desk.slug}", PAGE)
    for number, one in enumerate(past[:most]):
        _version(desk, one, newest=number == 0)
    if len(past) > most:
        st.button(f"Show older ones ({len(past) - most})", on_click=_older, args=(desk,), key="older")


def _older(desk: Desk) -> None:
    st.session_state[f"shown versions {desk.slug}"] += PAGE


def _source(desk: Desk) -> str:
    """Which list: a choice only where there are two."""
    if not _commits(desk):
        return SAVED
    st.segmented_control("Versions", [SAVED, REPOSITORY], key=f"versions of {desk.slug}", default=SAVED,
                         label_visibility="collapsed", required=True)  # fmt: skip
    return str(st.session_state.get(f"versions of {desk.slug}") or SAVED)


def past_of(desk: Desk, source: str = "") -> list[Past]:
    """The versions in the list that is chosen, the newest first."""
    source = source or str(st.session_state.get(f"versions of {desk.slug}") or SAVED)
    return _commits(desk) if source == REPOSITORY else saved(desk.folder)


def _commits(desk: Desk) -> list[Past]:
    key = f"commits of {desk.slug}"
    asked, found = st.session_state.get(key, (None, []))
    if asked is None or time.monotonic() - asked > FRESH_S:
        found = of_repository(desk.folder)
        st.session_state[key] = (time.monotonic(), found)
    return list(found)


def label(one: Past) -> str:
    """A version in a line."""
    return f"{told(one.time, st.context.timezone)} · {short_name(one.author)} · {one.name}"


def _version(desk: Desk, one: Past, *, newest: bool) -> None:
    with st.container(border=True, key=f"version/{one.key}", gap="small"):
        # Plain text: names and sentences are not this app's words.
        st.text(f"{told(one.time, st.context.timezone)} · {short_name(one.author)}")
        told_first, more = one.sentences[:4], len(one.sentences) - 4
        st.text("\n".join(f"• {sentence}" for sentence in told_first) or "• As it was found")
        if more > 0:
            st.caption(f"and {more} more")
        with st.container(horizontal=True, gap="small"):
            st.button("Compare", key=f"compare version/{one.key}", on_click=_compare, args=(desk, one),
                      help="With the story as it is now")  # fmt: skip
            if not newest or desk.changed:
                with st.popover("Restore"):
                    _ask_to_restore(desk, one)


def _compare(desk: Desk, one: Past) -> None:
    st.session_state[comparing(desk)] = (one.key, "")


def _ask_to_restore(desk: Desk, one: Past) -> None:
    st.write(
        "The story becomes what it was then, for readers as well. What stands there now stays in this list."
        + (" What you have not saved is kept as a draft." if desk.changed else "")
    )
    st.button(f"Restore {one.name}", key=f"restore/{one.key}", type="primary", on_click=_restore, args=(desk, one))


def _restore(desk: Desk, one: Past) -> None:
    try:
        files = one.files()
    except StoryError as error:
        desk.tell(f"Not restored: {str(error).splitlines()[0]}", "error")
        return
    desk.restore(files, f"Restore {one.name} of {dated(one.time, st.context.timezone)}")
