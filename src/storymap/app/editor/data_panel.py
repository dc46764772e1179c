"""The story's data files: bring one in, look at it, correct it, find a place, blur one."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from storymap.app.editor import blur_part, correct_part, find_part, upload_part
from storymap.app.editor.desk import Desk

__all__ = ["show"]

PARTS: dict[str, Callable[[Desk], None]] = {
    "Upload": upload_part.show,
    "Draw and correct": correct_part.show,
    "Find a place": find_part.show,
    "Blur": blur_part.show,
}


def show(desk: Desk) -> None:
    """Shows the panel."""
    part = st.segmented_control("Data", list(PARTS), default="Upload", key=f"data part of {desk.slug}",
                                label_visibility="collapsed")  # fmt: skip
    PARTS[part or "Upload"](desk)
