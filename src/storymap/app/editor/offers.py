"""Drafts that this editor left: taken up again, compared with what stands there, or discarded."""

from __future__ import annotations

import streamlit as st

from storymap.app.editor.beside import beside, rows_of
from storymap.app.editor.clock import told
from storymap.app.editor.desk import Desk
from storymap.app.editor.differences import differences
from storymap.changes import counted, describe
from storymap.drafts import Draft

__all__ = ["show", "show_opened"]

OPENED = "draft to compare"


def show(desk: Desk) -> None:
    """Shows what was found: the newest, and older ones behind it, so that they do not push the steps out of sight."""
    for draft in desk.found()[:1]:
        _card(desk, draft)
    older = desk.found()[1:]
    if older:
        with st.expander(f"{len(older)} older {'draft' if len(older) == 1 else 'drafts'}"):
            for draft in older:
                _card(desk, draft)


def _card(desk: Desk, draft: Draft) -> None:
    with st.container(border=True, key=f"draft/{draft.key}"):
        _offer(desk, draft)


def show_opened(desk: Desk) -> None:
    """Shows the comparison that was asked for, over the page."""
    key = st.session_state.pop(OPENED, "")
    draft = desk.drafts.read(key) if key else None
    if draft is not None:
        _compare(desk, draft)


def _offer(desk: Desk, draft: Draft) -> None:
    st.write(f"**You left a draft** ({told(draft.time, st.context.timezone)}, {counted(draft.base, draft.now)})")
    with st.container(horizontal=True, gap="small"):
        take = st.button("Take it up", key=f"take/{draft.key}", type="primary")
        compare = st.button("Compare", key=f"compare/{draft.key}")
        with st.popover("Discard"):
            st.write("What is in the draft is then gone.")
            discard = st.button("Discard the draft", key=f"discard/{draft.key}")
    if take:
        desk.adopt(draft)
        st.rerun()
    if discard:
        desk.give_up(draft)
        st.rerun()
    if compare:
        # Opened by the page itself: what this part shows is made anew every few seconds.
        st.session_state[OPENED] = draft.key
        st.rerun()


@st.dialog("What the draft changes", width="large")
def _compare(desk: Desk, draft: Draft) -> None:
    for sentence in describe(draft.base, draft.now):
        st.text(f"• {sentence}")
    rows = rows_of(differences(draft.base, draft.now))
    beside(f"draft differences/{draft.key}", "What the draft changes", ["Before", "In the draft"], rows)
    if not desk.base.says(draft.base):
        st.caption("The story was saved since. When you take the draft up, both are put together with your next save.")
