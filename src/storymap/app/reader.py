"""The reader page, shown by Streamlit to each visitor: one story over the whole window, or the list of stories."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import streamlit as st

from storymap.app.address import Wanted, app_path, document_address, wanted
from storymap.app.compiled import About
from storymap.app.editor import rights
from storymap.app.gallery import gallery
from storymap.app.library import Library
from storymap.app.serving import current_library
from storymap.app.share import share

STYLE = Path(__file__).with_name("reader.css").read_text(encoding="utf-8")
SCRIPT = Path(__file__).with_name("reader.js").read_text(encoding="utf-8")
FRAME_HEIGHT = 800  # replaced by the style above; without a number Streamlit lets the frame grow with the story


def show() -> None:
    """Shows what the address asks for."""
    st.html(f"<style>{STYLE}</style>")
    asked = wanted(st.query_params.to_dict())
    library = current_library()
    names = library.names()
    if asked.story and asked.story not in names:
        asked = replace(asked, story=library.moved(asked.story) or asked.story)
    if asked.share in names:
        show_list(library, asked)
        share(library, asked.share)
    elif asked.story in names:
        show_story(library, asked.story, asked)
    elif len(names) == 1 and "story" not in st.query_params:
        show_story(library, names[0], asked)
    else:
        show_list(library, asked)


def show_story(library: Library, slug: str, asked: Wanted) -> None:
    """The story's document, in the language asked for, in a frame as large as the window."""
    about, page = library.about(slug, asked.lang, good=True), library.find(slug, asked.lang)
    title = about.title if isinstance(about, About) else slug
    st.set_page_config(page_title=title, layout="wide")
    if page is not None and not page.done():
        # The frame, empty until the document arrives, lies over these words.
        st.html('<p class="storymap-wait" role="status">Preparing the map …</p>')
    # Kept for the session: when the connection comes back after a break, the frame must not load again.
    source = st.session_state.setdefault(
        f"source of {slug} {asked.lang}",
        document_address(app_path(st.context.url), slug, asked.step, asked.lang),
    )
    st.html(f"<script>{SCRIPT}</script>", unsafe_allow_javascript=True)
    st.iframe(source, height=FRAME_HEIGHT, alt=title)


def show_list(library: Library, asked: Wanted) -> None:
    """All stories, and a word to a reader whose address names none of them."""
    st.set_page_config(page_title="Stories", layout="wide")
    edits = rights.current_editor() is not None
    stories = library.overview(asked.lang, good=not edits)
    lost = "There is no story at that address. These are the stories that there are."
    if asked.story and library.archived(asked.story):
        lost = "That story is no longer shown: its editors have put it away."
    st.html(gallery(stories, asked, lost if stories and "story" in st.query_params else "", details=edits))
