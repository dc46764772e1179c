"""Save, undo and redo, and what there is to know before: a draft that was left, others at work, conflicts."""

from __future__ import annotations

import streamlit as st

from storymap.app.editor.desk import Desk

__all__ = ["show"]


def show(desk: Desk) -> None:
    """Shows the bar."""
    undo, redo = desk.trail.undo_name, desk.trail.redo_name
    st.button("Save", type="primary", disabled=not desk.changed, on_click=lambda: void(desk.save()))
    st.button(f"Undo: {undo}" if undo else "Undo", key="undo", disabled=not undo, on_click=lambda: void(desk.undo()))
    st.button(f"Redo: {redo}" if redo else "Redo", key="redo", disabled=not redo, on_click=lambda: void(desk.redo()))


def void(_: object) -> None:
    """Callbacks of buttons give nothing."""
