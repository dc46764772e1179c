"""The bar at the foot of a narrow screen: the list of steps, undo, redo, save, and the preview, which lies below the panel.

On wider screens all of these are in sight, and the bar is not shown.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from storymap.app.editor import saving_bar
from storymap.app.editor.desk import Desk

__all__ = ["show"]

KEY = "pocket"
_HERE = Path(__file__)
_bar = st.components.v2.component(
    "storymap.pocket",
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


def show(desk: Desk) -> None:
    """Shows the bar. What is pressed in it does what the same button at the side does."""
    at = next((number for number, step in enumerate(desk.steps, 1) if step.get("id") == desk.step), 0)
    said = {
        "place": f"{at} of {len(desk.steps)}",
        "step": desk.step,
        "undo": desk.trail.undo_name or "",
        "redo": desk.trail.redo_name or "",
        "drafts": bool(desk.found()),
        "changed": desk.changed,
        "saved": desk.saved_at is not None,
        "state": saving_bar.state_in_words(desk, st.context.timezone),
    }
    with st.container(key=KEY):
        _bar(
            key=f"{KEY}/{desk.slug}",
            data=said,
            on_pressed_change=lambda: saving_bar.pressed(desk, f"{KEY}/{desk.slug}"),
        )
