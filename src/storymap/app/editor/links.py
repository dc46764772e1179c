"""Ways out of the editor: to the list of stories, and to what readers see."""

from __future__ import annotations

from html import escape

import streamlit as st

from storymap.app.address import app_path

__all__ = ["name_tab", "reader_address", "reader_link", "stories_link", "ways"]


def name_tab(title: str) -> None:
    """Names the browser's tab: which story is edited in it."""
    st.set_page_config(page_title=f"{title} · Edit", layout="wide", initial_sidebar_state="auto")


def ways(name: str, step: str) -> None:
    """Both ways out, beside each other; ``step``: where readers are to begin."""
    with st.container(key="ways", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        stories_link()
        st.html(f'<span class="way">{reader_link(name, "Reader’s page", step)}</span>', width="content")


def reader_link(name: str, label: str, step: str = "") -> str:
    """HTML of a link to what readers see, in a tab of its own: unsaved work is not in it, and stays where it is."""
    at = f"#{escape(step)}" if step else ""
    hint = "Opens in a new tab, as it was saved last"
    address = f'href="{reader_address(name)}{at}" target="_blank" rel="noopener"'
    return f'<a {address} title="{hint}" style="color: inherit">{escape(label)}</a>'


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
