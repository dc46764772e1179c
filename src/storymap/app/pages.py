"""The Streamlit script: which page the address asks for."""

from __future__ import annotations

import streamlit as st

from storymap.app import reader


def edit() -> None:
    """The editor; read in only when someone edits, since readers do not wait for it."""
    from storymap.app.editor import workspace

    workspace.show()


st.navigation(
    [st.Page(reader.show, title="Stories", default=True), st.Page(edit, title="Edit", url_path="edit")],
    position="hidden",
).run()
