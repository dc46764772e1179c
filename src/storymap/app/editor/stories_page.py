"""All stories, to be opened, begun, brought in, duplicated, renamed, put away."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from storymap.app.editor.rights import Editor
from storymap.app.serving import current_library

__all__ = ["show"]


def show(editor: Editor) -> None:
    """Shows the page."""
    st.title("Stories")
    st.caption(f"You are {editor.name}.")
    for name, about in current_library().overview().items():
        st.markdown(f"[{getattr(about, 'title', name)}](?{urlencode({'story': name})})")
