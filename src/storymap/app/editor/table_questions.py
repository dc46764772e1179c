"""What a spreadsheet leaves open, asked before it becomes a story: its columns, its language, and which place is meant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from storymap.app.editor.languages import LANGS
from storymap.incoming.columns import guess_fields
from storymap.incoming.receive import Received
from storymap.incoming.sheet import Choices, Question, questions, read_sheet, rows_of
from storymap.incoming.stops import Trip
from storymap.incoming.tongue import guess_lang
from storymap.placenames import Place, country_codes, country_name, place_label
from storymap.spreadsheet import Table

__all__ = ["ask"]

MAIN: Mapping[str, str] = {
    "title": "Title", "text": "Text", "place": "Place, by its name", "lat": "Latitude", "lon": "Longitude", "date": "Date",
    "media": "Picture, sound or film",
}  # fmt: skip
MORE: Mapping[str, str] = {
    "both": "Latitude and longitude in one", "alt": "What the picture shows", "caption": "Caption", "credit": "Credit",
    "link": "Link",
}  # fmt: skip
SHOWN = 3
MOST_QUESTIONS = 30


def ask(received: Received) -> Trip | None:
    """The trip of the table as far as it is told what it means; None while it is not."""
    table = received.table
    if table is None:
        return None
    for note in table.notes:
        st.caption(note)
    st.dataframe(
        [dict(zip(table.header, row, strict=False)) for row in table.rows[:SHOWN]], hide_index=True, key="table-look"
    )
    rows = rows_of(table.csv)
    fields = _fields(table, received.name)
    if not fields.keys() & {"title", "text", "place"}:
        st.warning("Choose a column for the title, the text or the place.")
        return None
    lang, country, route = _more(table)
    choices = Choices(fields, lang=lang, country=country, route=route)
    asked = questions(table.header, rows, choices)
    answers = _answers(asked, received.name)
    whole = Choices(fields, lang=lang, country=country, route=route, answers=answers)
    return read_sheet(table.header, rows, whole, received.files, f"spreadsheet '{received.name}'")


def _fields(table: Table, name: str) -> dict[str, str]:
    guessed = guess_fields(table.header)
    chosen: dict[str, str | None] = {}
    columns = st.columns(2)
    for at, (field, label) in enumerate(MAIN.items()):
        with columns[at % 2]:
            chosen[field] = _column(table, name, field, label, guessed)
    with st.expander("More columns", expanded=any(field in guessed for field in MORE)):
        for field, label in MORE.items():
            chosen[field] = _column(table, name, field, label, guessed)
    return {field: column for field, column in chosen.items() if column}


def _column(table: Table, name: str, field: str, label: str, guessed: Mapping[str, str]) -> str | None:
    options = [None, *table.header]
    return st.selectbox(
        label,
        options,
        index=options.index(guessed.get(field)),
        format_func=lambda one: one or "–",
        key=f"column-{name}-{field}",
    )


def _more(table: Table) -> tuple[str, str | None, bool]:
    left, right = st.columns(2)
    guess = guess_lang(" ".join(" ".join(row) for row in table.rows[:50]))
    langs = list(LANGS)
    lang = left.selectbox(
        "Language of the texts", langs, index=langs.index(guess), format_func=LANGS.__getitem__, key="table-lang"
    )
    codes: list[str | None] = [None, *sorted(country_codes(), key=lambda code: country_name(code, lang or "en"))]
    country = right.selectbox(
        "Places are in",
        codes,
        key="table-country",
        format_func=lambda code: country_name(code, lang or "en") if code else "any country",
    )
    route = st.toggle("A line that grows from place to place", key="table-route")
    return lang or "en", country, route


def _answers(asked: Sequence[Question], name: str) -> dict[int, Place | None]:
    answers: dict[int, Place | None] = {}
    if asked:
        st.write(f"{len(asked)} name{'s' * (len(asked) != 1)} of several places. Which one is meant?")
    for one in asked[:MOST_QUESTIONS]:
        options: list[Place | None] = [None, *one.found]
        answers[one.row] = st.selectbox(
            f"Row {one.row}: {one.name}", options,
            format_func=lambda place: place_label(place) if place else "none of them, or later",
            key=f"place-{name}-{one.row}-{one.name}",
        )  # fmt: skip
    if len(asked) > MOST_QUESTIONS:
        st.caption(f"And {len(asked) - MOST_QUESTIONS} more: choose the country above, or write it behind the names.")
    return answers
