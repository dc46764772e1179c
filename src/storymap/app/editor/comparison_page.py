"""Two versions of the story beside each other: as a reader would see them at a step, and what their texts say."""

from __future__ import annotations

import streamlit as st

from storymap.app.editor import history_panel
from storymap.app.editor.beside import beside, rows_of
from storymap.app.editor.desk import Desk
from storymap.app.editor.differences import differences
from storymap.app.editor.history_panel import comparing, label
from storymap.app.editor.past import Past
from storymap.app.editor.past_views import side_by_side
from storymap.changes import describe
from storymap.errors import StoryError
from storymap.manuscript import Manuscript

__all__ = ["show"]

NOW = ""
"""Key of the story as it is at work."""


def show(desk: Desk) -> bool:
    """Shows what is compared, over the whole page; False when nothing is."""
    if comparing(desk) not in st.session_state or st.session_state.get("panel") != "History":
        st.session_state.pop(comparing(desk), None)
        return False
    past = {one.key: one for one in history_panel.past_of(desk)}
    before, after = _chosen(desk, past)
    try:
        old, new = (past[key].story() if key in past else desk.now for key in (before, after))
    except StoryError as error:
        st.error(str(error).splitlines()[0])
        return True
    if old.says(new):
        st.info("Both say the same.")
        return True
    side_by_side(desk, (old, new), (_name(past, before), _name(past, after)), _step(desk, old, new))
    _in_words(old, new, (_name(past, before), _name(past, after)))
    return True


def _chosen(desk: Desk, past: dict[str, Past]) -> tuple[str, str]:
    before, after = st.session_state[comparing(desk)]
    keys = [NOW, *past]
    left, right, back = st.columns([3, 3, 2], vertical_alignment="bottom")
    with left:
        before = st.selectbox("Compare", keys, keys.index(before) if before in keys else 0, key="compare this",
                              format_func=lambda key: _name(past, key))  # fmt: skip
    with right:
        after = st.selectbox("with", keys, keys.index(after) if after in keys else 0, key="compare with",
                             format_func=lambda key: _name(past, key))  # fmt: skip
    with back:
        st.button("Back to the list", icon=":material/arrow_back:", on_click=_back, args=(desk,), width="stretch")
    return before, after


def _back(desk: Desk) -> None:
    st.session_state.pop(comparing(desk), None)


def _name(past: dict[str, Past], key: str) -> str:
    return label(past[key]) if key in past else "As it is now"


def _step(desk: Desk, *versions: Manuscript) -> str:
    """The step at which readers look; steps that only one version has are among them."""
    titles: dict[str, str] = {}
    for story in versions:
        for step in story.data.get("steps") or []:
            if isinstance(step, dict):
                titles[str(step.get("id"))] = str(step.get("title") or step.get("id"))
    ids = list(titles)
    chosen = st.selectbox("At the step", ids, ids.index(desk.step) if desk.step in ids else 0, key="compare at",
                          format_func=lambda one: titles[one])  # fmt: skip
    return str(chosen)


def _in_words(old: Manuscript, new: Manuscript, names: tuple[str, str]) -> None:
    st.subheader("What changed", anchor=False)
    st.text("\n".join(f"• {sentence}" for sentence in describe(old, new)))
    rows = rows_of(differences(old, new))
    if rows:
        beside("version differences", "What changed", list(names), rows)
