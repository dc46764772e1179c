"""The attributes of a layer's features in a table: values changed, rows taken away, columns added, renamed, taken away.

Only what was changed is taken from the table: everything else stays as the file has it, whatever the browser makes of
long numbers or of empty cells.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from storymap import collection
from storymap.app.editor.desk import Desk
from storymap.app.editor.layer_files import Opened, change_data, layer_name, needed_columns
from storymap.collection import Features

__all__ = ["as_table", "deltas", "show"]

MOST_ROWS = 5000
NOTE = "Values corrected by hand."


def show(desk: Desk, layer: str, opened: Opened) -> None:
    """Shows the table."""
    title = layer_name(desk.get(("layers", layer), {}))
    with st.expander(f"Table ({len(opened.features):,} rows)", expanded=True):
        if len(opened.features) > MOST_ROWS:
            st.caption(f"Tables of more than {MOST_ROWS:,} rows are not edited here.")
            st.dataframe(as_table(opened.features[:MOST_ROWS]), hide_index=True)
            return
        # Another content has another file name, so that what was entered before is never applied to it.
        key = f"table/{desk.slug}/{opened.key}"

        def changed() -> None:
            said = st.session_state[key]
            gone, cells = deltas(said)
            change_data(desk, opened, lambda old: _applied(old, gone, cells), _sentence(gone, cells, title), NOTE)

        st.data_editor(
            as_table(opened.features),
            key=key,
            on_change=changed,
            num_rows="delete",
            hide_index=True,
            height=min(260, 38 + 35 * len(opened.features)),
        )
        _columns(desk, opened, title)


def as_table(features: Features) -> pd.DataFrame:
    """The features' values: a column of one kind has its type, others show what they hold as text."""
    table: dict[str, pd.Series[Any]] = {}
    types = {"whole": "Int64", "number": "Float64", "flag": "boolean", "text": "object", "mixed": "object"}
    for column in collection.columns_of(features):
        kind = collection.kind_of(features, column)
        values = [feature["properties"].get(column) for feature in features]
        if kind == "mixed" or (kind == "whole" and any(abs(value) >= 2**53 for value in values if value is not None)):
            values = [value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                      for value in values]  # fmt: skip
            kind = "mixed"
        table[column] = pd.Series(values, dtype=types[kind])
    return pd.DataFrame(table, index=pd.RangeIndex(len(features)))


def deltas(said: Mapping[str, Any]) -> tuple[tuple[int, ...], dict[int, dict[str, Any]]]:
    """(rows taken away, row → column → value) from what the table reports."""
    gone = tuple(int(row) for row in said.get("deleted_rows") or ())
    cells = {int(row): dict(values) for row, values in (said.get("edited_rows") or {}).items() if int(row) not in gone}
    return gone, {row: values for row, values in cells.items() if values}


def _applied(features: Features, gone: tuple[int, ...], cells: Mapping[int, Mapping[str, Any]]) -> Features:
    made = collection.with_cells(features, cells)
    return collection.without(made, gone) if gone else made


def _sentence(gone: tuple[int, ...], cells: Mapping[int, Mapping[str, Any]], title: str) -> str:
    if gone:
        return f"Delete {'a feature' if len(gone) == 1 else f'{len(gone)} features'} of layer '{title}'"
    columns = list(dict.fromkeys(column for values in cells.values() for column in values))
    if len(columns) == 1:
        return f"Change '{columns[0]}' in layer '{title}'"
    return f"Change values in layer '{title}'"


def _columns(desk: Desk, opened: Opened, title: str) -> None:
    names = list(collection.columns_of(opened.features))
    key = f"columns/{desk.slug}"
    st.session_state.setdefault(f"{key}/new", "")
    what = st.segmented_control("Columns", ["Add", "Rename", "Delete"], key=f"{key}/what", default=None)
    if what is None:
        return
    needed = needed_columns(desk, opened)
    free = [name for name in names if name not in needed]
    old = ""
    if what != "Add":
        old = str(
            st.selectbox("Column", free, key=f"{key}/old", help="Columns that the story uses are not in the list.")
            or ""
        )
    new = st.text_input("Name of the column", key=f"{key}/new") if what != "Delete" else ""

    def act() -> None:
        if what == "Add":
            _do(
                desk, opened, lambda f: collection.with_column(f, new), f"Add column '{new.strip()}' to layer '{title}'"
            )
        elif what == "Rename":
            _do(
                desk,
                opened,
                lambda f: collection.renamed_column(f, old, new),
                f"Rename column '{old}' of layer '{title}'",
            )
        else:
            _do(
                desk,
                opened,
                lambda f: collection.without_columns(f, [old], needed),
                f"Delete column '{old}' of '{title}'",
            )
        st.session_state[f"{key}/new"] = ""

    ready = bool(new.strip() or what == "Delete") and bool(old or what == "Add")
    st.button(f"{what} the column", disabled=not ready, on_click=act, key=f"{key}/act")


def _do(desk: Desk, opened: Opened, change: Any, sentence: str) -> None:
    change_data(desk, opened, change, sentence)
