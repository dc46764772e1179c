"""What belongs to the whole story: title and credits, dates and addresses, colours, basemap, sources, corrections."""

from __future__ import annotations

from functools import cache

import streamlit as st
from babel import Locale

from storymap.app.editor import checked, checks, corrections_part, fields, references_part, theme_part, told
from storymap.app.editor.desk import Desk
from storymap.webmap import tile_names
from storymap.words import CATALOGUES

__all__ = ["show"]

OWN_BASEMAP = "natural-earth"


def show(desk: Desk) -> None:
    """Shows the panel."""
    told.style()
    _words(desk)
    with _part(desk, "dates", "Dates and addresses"):
        _dates(desk)
    with _part(desk, "theme", "Colours and type"):
        theme_part.show(desk)
    with _part(desk, "basemap", f"Basemap · {desk.get(('basemap',), OWN_BASEMAP)}"):
        _basemap(desk)
    with _part(desk, "sources", f"Sources ({len(desk.get(('sources',)) or {})})"):
        references_part.show(desk)
    with _part(desk, "corrections", f"Corrections ({len(desk.get(('corrections',)) or [])})"):
        corrections_part.show(desk)


def _part(desk: Desk, key: str, label: str) -> st.delta_generator.DeltaGenerator:
    return st.expander(label, key=fields.key_of(desk, ("part", key)))


def _words(desk: Desk) -> None:
    checked.text(desk, ("title",), "Title", checks.needed("a story needs a title"))
    fields.area(desk, ("subtitle",), "Subtitle", height=80, help="One line under the title.")
    fields.text(desk, ("byline",), "By", help="Who made it.")
    fields.area(desk, ("description",), "Description", height=100,
                help="One or two sentences for search engines and shared links.")  # fmt: skip
    fields.choice(desk, ("lang",), "Language of the texts", list(_languages()), names=_languages(), default="en",
                  help="The page itself speaks English, Russian and Kazakh; else its buttons are English.")  # fmt: skip
    fields.text(desk, ("review",), "Note on the state of the texts",
                help="What readers should know, as that nobody has checked a translation yet.")  # fmt: skip


def _dates(desk: Desk) -> None:
    published, updated = st.columns(2)
    with published:
        fields.day(desk, ("published",), "Published")
    with updated:
        fields.day(desk, ("updated",), "Last changed")
    checked.text(desk, ("article",), "Address of the article", checks.address, placeholder="https://",
                 help="The article that the story belongs to, if there is one.")  # fmt: skip
    checked.text(desk, ("url",), "Address of the story", checks.address, placeholder="https://",
                 help="The folder on the web that the built story will stand in: for shared links and feeds.")  # fmt: skip


def _basemap(desk: Desk) -> None:
    names = {OWN_BASEMAP: "Natural Earth (comes along, works offline)"}
    fields.choice(desk, ("basemap",), "Basemap", [OWN_BASEMAP, *tile_names()], names=names, default=OWN_BASEMAP)
    with told.beside():
        if desk.get(("basemap",), OWN_BASEMAP) != OWN_BASEMAP:
            told.note(
                "Online tiles: each reader's browser loads them from the provider, who sees that. Look at its terms of use."
            )


@cache
def _languages() -> dict[str, str]:
    """Languages by their codes, those of the page first, as they are called in English."""
    english = Locale("en").languages
    known = {code: str(english[code]) for code in CATALOGUES}
    others = sorted(((str(name), code) for code, name in english.items() if len(code) == 2 and code not in known))
    return known | {code: name for name, code in others}
