"""The reader page, run by Streamlit for each visitor: one story over the whole window, or the list of stories."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import streamlit as st

from storymap.app.address import Wanted, app_path, document_address, wanted
from storymap.app.compiled import Compiled, Page
from storymap.app.gallery import gallery
from storymap.app.serving import current_library

STYLE = Path(__file__).with_name("reader.css").read_text(encoding="utf-8")
SCRIPT = Path(__file__).with_name("reader.js").read_text(encoding="utf-8")
FRAME_HEIGHT = 800  # replaced by the style above; without a number Streamlit lets the frame grow with the story


def show() -> None:
    """Shows what the address asks for."""
    st.html(f"<style>{STYLE}</style>")
    asked = wanted(st.query_params.to_dict())
    pages = current_library().all()
    if asked.story in pages:
        show_story(asked.story, pages[asked.story], asked)
    elif len(pages) == 1 and "story" not in st.query_params:
        show_story(*next(iter(pages.items())), asked)
    else:
        show_list(pages, asked)


def show_story(slug: str, page: Future[Page], asked: Wanted) -> None:
    """The story's document in a frame as large as the window."""
    made = _when_ready(page)
    title = made.title if isinstance(made, Compiled) else slug
    st.set_page_config(page_title=title, layout="wide")
    # Kept for the session: when the connection comes back after a break, the frame must not load again.
    source = st.session_state.setdefault(
        f"source of {slug} {asked.lang}",
        document_address(app_path(st.context.url), slug, asked.step, asked.lang),
    )
    st.html(f"<script>{SCRIPT}</script>", unsafe_allow_javascript=True)
    st.iframe(source, height=FRAME_HEIGHT, alt=title)


def show_list(pages: dict[str, Future[Page]], asked: Wanted) -> None:
    """All stories, and a word to a reader whose address names none of them."""
    st.set_page_config(page_title="Stories", layout="wide")
    notice = (
        "There is no story at that address. These are the stories that there are." if "story" in st.query_params else ""
    )
    st.html(gallery({name: _when_ready(page) for name, page in pages.items()}, asked, notice if pages else ""))


def _when_ready(page: Future[Page]) -> Page:
    if page.done():
        return page.result()
    place = st.empty()
    place.markdown("Preparing the map …")
    made = page.result()
    place.empty()
    return made


if __name__ == "__main__":
    show()
