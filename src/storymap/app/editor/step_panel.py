"""The words of the step at work: title, date, text, quotation, picture, chart, sources, and the map in words."""

from __future__ import annotations

from typing import Any

import streamlit as st

from storymap import edits, prose
from storymap.app.editor import checked, checks, claims_part, fields, figure_part, media_part, told
from storymap.app.editor.desk import Desk
from storymap.app.editor.pending import Pending
from storymap.app.editor.steps_list import NO_TEXT
from storymap.dating import machine_date
from storymap.document import draw
from storymap.durable import SaveError
from storymap.errors import StoryError
from storymap.suggestion import suggested_alt
from storymap.words import span

__all__ = ["show"]

HELP = """
| You write | Readers see |
|---|---|
| `**bold**`, `*italic*` | **bold**, *italic* |
| an empty line | a new paragraph |
| `- one` on lines of their own | a list |
| `> said so` | a passage set off |
| `[words](https://example.org)` | a link |
| `[words](#step-id)` | a link to a step |
| `H~2~O`, `km^2^` | H₂O, km² |
| `## Heading` | a small heading |
"""


def show(desk: Desk) -> None:
    """Shows the panel."""
    told.style()
    at = ("steps", desk.step)
    if desk.get(at) is None:
        return
    checked.text(desk, (*at, "title"), "Title", checks.needed("a step needs a title"))
    _time(desk, at)
    _text(desk, at)
    with _part(desk, at, "quote", "Quotation", ("quote", "who")):
        _quote(desk, at)
    with _part(desk, at, "media", "Picture, sound or film", ("media", "caption"), ("media", "alt")):
        media_part.show(desk, at)
    with _part(desk, at, "figure", "Chart", ("figure", "title")):
        figure_part.show(desk, at)
    count = len(desk.get((*at, "sources"), []))
    with st.expander(f"Sources ({count})" if count else "Sources", key=fields.key_of(desk, (*at, "part", "sources"))):
        claims_part.show(desk, at)
    _alt(desk, at)


def _part(desk: Desk, at: tuple[str, str], key: str, label: str, *said: tuple[str, str]) -> Any:
    """A part that can be folded; what it holds stands in its head. The head may change, the part stays open."""
    title = next((str(text) for place in said if (text := desk.get((*at, *place)))), "")
    short = title if len(title) <= 34 else f"{title[:32].rstrip()}…"
    head = f"{label} · {_unmarked(short)}" if short else label
    return st.expander(head, key=fields.key_of(desk, (*at, "part", key)))


def _unmarked(text: str) -> str:
    """Text of a story in a place where Streamlit reads Markdown."""
    return "".join(f"\\{char}" if char in r"\`*_{}[]()#+-.!|~:$<>" else char for char in text.replace("\n", " "))


def _time(desk: Desk, at: tuple[str, str]) -> None:
    lang = str(desk.get(("lang",), "en"))
    readers, machines = st.columns(2)
    with readers:
        fields.text(desk, (*at, "when"), "Time, in words", placeholder="2 November 1964",
                    help="As readers see it above the title.")  # fmt: skip
    with machines:
        checked.text(
            desk, (*at, "date"), "Date", checks.date(lang), says=lambda date: _span(str(date), lang),
            placeholder="1964-11-02", help="The same for machines: a year, a month or a day; or two with a / between them.",
        )  # fmt: skip
    when, date = desk.get((*at, "when")), desk.get((*at, "date"))
    meant = machine_date(str(when), lang) if when and not date else None
    with told.beside():
        if meant:
            st.button(f"Use {meant} as the date", key=fields.key_of(desk, (*at, "date", "from when")), type="tertiary",
                      on_click=fields.doing(desk, lambda story: edits.set_part(story, (*at, "date"), meant)))  # fmt: skip


def _span(date: str, lang: str) -> str:
    try:
        return span(date, lang)
    except ValueError:
        return ""


def _text(desk: Desk, at: tuple[str, str]) -> None:
    write, read, how = st.tabs(["Text", "How it reads", "How to write it"])
    with write:
        checked.area(
            desk, (*at, "text"), "Text", lambda entered: checks.optional(entered) or NO_TEXT, height=260,
            shown=lambda text: "" if text in (None, NO_TEXT) else str(text), label_visibility="collapsed",
            placeholder="What happened here?",
        )  # fmt: skip
    text = desk.get((*at, "text"), "")
    with told.beside():
        if text == NO_TEXT:
            told.note("This step has no text yet.")
    with read:
        # Made by our own prose, which lets through an allow-list of elements only.
        st.html(f'<div class="reads">{prose.to_html(str(text), shift=2, lang=str(desk.get(("lang",), "en")))}</div>')
    with how:
        st.markdown(HELP)


def _quote(desk: Desk, at: tuple[str, str]) -> None:
    place = (*at, "quote")
    sources = _sources(desk)
    if desk.get(place) is None:
        new = Pending(desk, place, {"text": "the words", "who": "who said them"})
        new.area(
            "text", "Words quoted", height=90, help="Without quotation marks: the page sets those of the language."
        )
        new.text("who", "Who said it")
        new.choice("source", "Where it is from", list(sources), name=lambda one: sources[one])
        new.button("Add the quotation", lambda entered: desk.do(lambda story: edits.set_part(story, place, entered)))
        return
    checked.area(desk, (*place, "text"), "Words quoted", checks.needed("a quotation needs words"), height=90,
                 help="Without quotation marks: the page sets those of the language.")  # fmt: skip
    checked.text(desk, (*place, "who"), "Who said it", checks.needed("a quotation needs to say whose it is"))
    fields.choice(desk, (*place, "source"), "Where it is from", list(sources), names=sources, none="—")
    remove(desk, place, "Remove the quotation")


def _sources(desk: Desk) -> dict[str, str]:
    return {name: str(one.get("title", name)) for name, one in (desk.get(("sources",)) or {}).items()}


def remove(desk: Desk, place: tuple[str, ...], label: str) -> None:
    """A button that takes a part away."""
    st.button(label, key=fields.key_of(desk, (*place, "remove")), icon=":material/delete:", type="tertiary",
              on_click=fields.doing(desk, lambda story: edits.delete(story, place)))  # fmt: skip


def _alt(desk: Desk, at: tuple[str, str]) -> None:
    checked.area(
        desk, (*at, "alt"), "The map in words", checks.needed("readers who can not see the map need these words"), height=120,
        help="What the map of this step shows, for readers who can not see it: read aloud, and shown where there is no map.",
    )  # fmt: skip
    kept = f"suggested {fields.key_of(desk, (*at, 'alt'))}"
    asked = st.button(
        "Suggest from the map", key=fields.key_of(desk, (*at, "alt", "suggest")), type="tertiary",
        icon=":material/auto_awesome:",
    )  # fmt: skip
    if asked:
        st.session_state[kept] = _suggested(desk)
    suggestion = st.session_state.get(kept)
    if suggestion is None:
        return
    text, fault = suggestion
    if fault:
        told.fault(fault)
    elif text == desk.get((*at, "alt")):
        told.note("The suggestion is in place: add what the map is there to show.")
    else:
        told.note(text)
        st.button("Use this", key=fields.key_of(desk, (*at, "alt", "use")),
                  on_click=fields.doing(desk, lambda story: edits.set_part(story, (*at, "alt"), text)))  # fmt: skip


def _suggested(desk: Desk) -> tuple[str, str]:
    """(description, what went wrong): one of them is empty."""
    with st.spinner("Looking at the map …"):
        try:
            story = desk.story()
            return suggested_alt(story, draw(story).scene, desk.step), ""
        except StoryError as error:
            return "", f"the map can not be drawn: {error.problems[0]}"
        except (SaveError, KeyError) as error:
            return "", f"the map can not be drawn: {error}"
