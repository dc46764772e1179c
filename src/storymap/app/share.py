"""The Share dialog: what an editor pastes into an article, and how it looks there."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode, urlsplit

import streamlit as st

from storymap import words
from storymap.app.address import app_path
from storymap.app.compiled import About
from storymap.app.embedding import embeddable
from storymap.app.library import Library
from storymap.app.settings import read_settings
from storymap.app.trial import asked_for, snippet_for
from storymap.embed import LEAST_HEIGHT, MOST_HEIGHT, EmbedError

__all__ = ["share"]

STYLE = Path(__file__).with_name("share.css").read_text(encoding="utf-8")
KINDS = {
    "ladder": ("Scrolls with the article", "Read with buttons where the CMS strips scripts; a picture where it strips frames."),
    "iframe": ("Frame only", "Read with buttons, in every CMS that allows frames."),
    "picture": ("Picture", "A picture of the map and a link, for newsletters and feeds."),
    "link": ("Link", "The address, under the story's title."),
}  # fmt: skip
THEMES = {"auto": "As the reader's device", "light": "Light", "dark": "Dark"}
LAYOUTS = {"auto": "By the size of the frame", "scroll": "Always by scrolling", "step": "Always step by step"}
COLUMNS = {"Narrow column": 360, "Wide column": 760}
PREVIEW_HEIGHT = 560


def share(library: Library, slug: str) -> None:
    """Opens the dialog for one story."""
    about = library.about(slug)
    if isinstance(about, About):
        st.html(f"<style>{STYLE}</style>")
        st.dialog("Share or embed", width="large", on_dismiss=_leave)(_content)(library, about)


def _leave() -> None:
    st.query_params.pop("share", None)


def _content(library: Library, own: About) -> None:
    st.html('<div class="storymap-share"></div>')
    st.markdown(f"**{_plain(own.title)}**")
    kind = st.radio(
        "What to paste",
        list(KINDS),
        format_func=lambda key: KINDS[key][0],
        captions=[text for _, text in KINDS.values()],
        horizontal=True,
    )
    query = {"kind": kind, **_options(own)}
    lang = query.get("lang")
    about = library.about(own.slug, lang)
    try:
        asked, options = asked_for(query)
        story = embeddable(about if isinstance(about, About) else own, _base(), step=query.get("step"), lang=lang)
        text = snippet_for(story, asked, options)
    except EmbedError as error:
        st.error(_plain(str(error)))
        return
    st.markdown("Copy this into the article, where its CMS takes HTML:")
    st.code(text, language="html", wrap_lines=True)
    st.caption(f"A CMS that embeds by address takes this one: {_plain(story.url)}")
    _preview(own.slug, query)


def _options(about: About) -> dict[str, str]:
    """What is chosen, as words of a query; nothing for what is left as it is."""
    left, middle, right = st.columns(3)
    titles = {name: title for name, title, _ in about.steps}
    names = {
        "": "The story's own",
        **{code: words.language_name(code) for code in about.languages if code != about.lang},
    }
    chosen = {
        "step": left.selectbox("Starts at", ["", *titles], format_func=lambda key: titles.get(key, "The beginning")),
        "lang": middle.selectbox("Language", list(names), format_func=lambda key: names[key]),
        "theme": right.selectbox("Colours", list(THEMES), format_func=lambda key: THEMES[key]),
        "layout": left.selectbox("Read", list(LAYOUTS), format_func=lambda key: LAYOUTS[key]),
        "height": str(middle.number_input("Height, pixels", LEAST_HEIGHT, MOST_HEIGHT, 640, step=20)),
        "top_offset": right.text_input(
            "Fixed header",
            "0",
            help="Height in pixels of the header that stays at the top of your site, or a CSS selector of it.",
        ),
    }
    return {key: str(value).strip() for key, value in chosen.items() if str(value).strip()}


def _base() -> str:
    """Public address of the app: as the operator set it, else as this browser sees it."""
    own = urlsplit(st.context.url or "")
    return read_settings().url or f"{own.scheme}://{own.netloc}{app_path(st.context.url)}"


def _preview(slug: str, query: dict[str, str]) -> None:
    address = f"{app_path(st.context.url)}story/{slug}/article?{urlencode(query)}"
    st.markdown("In an article:")
    for column, (name, width) in zip(st.columns([1, 2]), COLUMNS.items(), strict=True):
        with column:
            st.caption(name)
            st.iframe(address, height=PREVIEW_HEIGHT, width=width, alt=name)


def _plain(text: str) -> str:
    """Markdown that shows the text as it is."""
    return "".join(f"\\{char}" if char in r"\`*_{}[]()<>#+-.!|$:~" else char for char in text)
