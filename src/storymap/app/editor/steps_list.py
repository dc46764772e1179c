"""The steps at the side: go to one, add, duplicate, delete, move."""

from __future__ import annotations

import streamlit as st

from storymap.app.editor.desk import Desk

__all__ = ["show"]


def show(desk: Desk) -> None:
    """Shows the list."""
    for number, step in enumerate(desk.steps, 1):
        here = step.get("id") == desk.step
        if st.button(
            f"{number}. {step.get('title')}", key=f"go/{step.get('id')}", type="primary" if here else "secondary"
        ):
            desk.step = str(step["id"])
            st.rerun()
