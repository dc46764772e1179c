"""Which of a layer's features are shown: by the values of columns, in the whole story or in one step."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from storymap import edits, values
from storymap.app.editor import fields
from storymap.app.editor.layer_desk import Work
from storymap.layerfacts import Column
from storymap.placing import Names

__all__ = ["show"]


def show(work: Work) -> None:
    """Shows the filters, and how many features they leave."""
    known = work.known
    if known is None:
        return
    place = (*work.target.place, "where")
    where = work.desk.get(place, {})
    where = where if isinstance(where, dict) else {}
    adding = f"{fields.key_of(work.desk, place)}/adding"
    begun = st.session_state.get(adding)
    for column in [*where, *([begun] if begun and begun not in where else [])]:
        _filter(work, place, str(column), adding)
    free = [name for name in known.names if name not in where and name != begun]
    if free:
        st.selectbox(
            "Filter by" if not where else "Filter also by", free, index=None, placeholder="Choose a column",
            key=f"{adding}/column", on_change=_begin, args=(adding,),
        )  # fmt: skip
    _told(work)


def _begin(adding: str) -> None:
    chosen = st.session_state.get(f"{adding}/column")
    if chosen:
        st.session_state[adding] = chosen
        st.session_state[f"{adding}/column"] = None


def _filter(work: Work, place: Names, column: str, adding: str) -> None:
    found = work.known.column(column) if work.known else None
    if found is None:
        st.error(f"The data has no column '{column}'.")
    counts = _counts(work, found)
    key = fields.key_of(work.desk, (*place, column))
    said = work.desk.get((*place, column), [])
    said = list(said) if isinstance(said, list) else [said]
    chosen = [values.text_of(value) for value in said]
    meant: dict[str, Any] = {
        **dict(zip(chosen, said, strict=True)),
        **{values.text_of(value): value for value in counts},
    }
    names = {values.text_of(value): f"{values.shown(value, work.lang)} ({count})" for value, count in counts.items()}
    st.session_state[key] = chosen

    def changed() -> None:
        if not fields.entered():
            return
        entered = [meant[text] for text in st.session_state[key]]
        st.session_state[adding] = column if not entered else None
        sentence = f"Filter {work.target.words(work.desk.now)} by '{column}'"

        def make(story: Any) -> edits.Edit:
            return edits.Edit(sentence, edits.set_part(story, (*place, column), entered or None).after)

        work.desk.do(make)

    st.multiselect(
        f"Only features whose {column} is", list(dict.fromkeys([*meant, *chosen])), key=key, on_change=changed,
        format_func=lambda text: names.get(text, f"{text} (0)"), placeholder="Choose values: none yet, so all are shown",
    )  # fmt: skip
    st.button(
        f"Take away the filter by {_as_text(column)}", icon=":material/close:", key=f"{key}/away", type="tertiary",
        on_click=_away, args=(work, place, column, adding),
    )  # fmt: skip


def _as_text(column: str) -> str:
    """Not read as Markdown: a column may be called ``*``."""
    return re.sub(r"([\\`*_{}\[\]<>()#+.!|~$:-])", r"\\\1", column)


def _away(work: Work, place: Names, column: str, adding: str) -> None:
    st.session_state[adding] = None
    if work.desk.get((*place, column)) is not None:
        work.desk.do(lambda story: edits.set_part(story, (*place, column), None))


def _counts(work: Work, column: Column | None) -> dict[Any, int]:
    """Values of the column with the number of features; for a step, of those that the layer's own filter keeps."""
    if column is None or work.known is None:
        return {}
    if not work.step_only or not work.where:
        return dict(zip(column.values, column.counts, strict=True))
    kept = {values.text_of(value) for value in work.known.frame[column.name][work.known.passing(work.where)]}
    return {
        value: count for value, count in zip(column.values, column.counts, strict=True) if values.text_of(value) in kept
    }


def _told(work: Work) -> None:
    known = work.known
    assert known is not None
    own = work.shown.data.get("where") if work.step_only and work.shown else None
    count = int(known.passing(work.where, own if isinstance(own, dict) else None).sum())
    all_of = len(known.frame)
    whose = "This step shows" if work.step_only else "The layer has"
    if count:
        st.caption(f"{whose} {count} of {all_of} features.")
    else:
        st.error("No feature is left: choose other values, or take a filter away.")
