"""Ways out of the editor: to the list of stories, and to what readers see."""

from __future__ import annotations

from html import escape

import streamlit as st

from storymap.app.address import app_path

__all__ = ["reader_address", "stories_link"]


def stories_link() -> None:
    """A way back to the list of stories that loads no page anew."""
    st.button("All stories", key="to the stories", icon=":material/arrow_back:", type="tertiary", on_click=_leave)


def _leave() -> None:
    for name in ("story", "step"):
        if name in st.query_params:
            del st.query_params[name]


def reader_address(name: str) -> str:
    """Address of a story as readers have it, from the editor's page; escaped for HTML."""
    root = app_path(st.context.url).removesuffix("edit/")
    return f"{escape(root)}story/{escape(name)}/"
