"""The attributes of a layer's features in a table: values changed, rows added and taken away, columns added, renamed, taken away.

Only what was changed is taken from the table: everything else stays as the file has it, whatever the browser makes of
long numbers or of empty cells.
"""

from __future__ import annotations

import itertools
import json
from typing import Any

import pandas as pd
import streamlit as st

from storymap import collection
from storymap.app.editor import feature_edits, new_rows, row_edits
from storymap.app.editor.desk import Desk
from storymap.app.editor.layer_files import Opened, change_data, layer_name, needed_columns
from storymap.app.editor.row_edits import Places
from storymap.collection import Features
from storymap.placecolumns import place_columns

__all__ = ["as_table", "show"]

MOST_ROWS = 5000


def show(desk: Desk, layer: str, opened: Opened) -> None:
    """Shows the table."""
    title = layer_name(desk.get(("layers", layer), {}))
    with st.expander(f"Table ({len(opened.features):,} rows)", expanded=True):
        if len(opened.features) > MOST_ROWS:
            st.caption(f"Tables of more than {MOST_ROWS:,} rows are not edited here.")
            st.dataframe(as_table(opened.features[:MOST_ROWS]), hide_index=True)
            return
        _table(desk, layer, opened)
        _columns(desk, opened, title)


def _table(desk: Desk, layer: str, opened: Opened) -> None:
    places = row_edits.places_of(opened.features)
    # Another content has another file name, so that what was entered before is never applied to it.
    key = f"table/{desk.slug}/{layer}/{opened.key}/{new_rows.version(desk, layer)}"

    def changed() -> None:
        entered = row_edits.typed(st.session_state[key], places)
        if entered.changes:
            new_rows.keep(desk, layer, entered.new)
            row_edits.apply(desk, layer, opened, entered)

    # A place stands once in the table, where it is typed; columns that hold it as well follow.
    table = as_table(opened.features).drop(columns=list(itertools.chain(*place_columns(opened.features))))
    degrees = {}
    if places is not None:
        table = _with_places(table, places, feature_edits.name_column(desk, layer, opened.features))
        degrees = {
            places.lon: st.column_config.NumberColumn(min_value=-180.0, max_value=180.0, format="%.6f"),
            places.lat: st.column_config.NumberColumn(min_value=-90.0, max_value=90.0, format="%.6f"),
        }
    st.data_editor(
        table, key=key, on_change=changed, num_rows="delete" if places is None else "dynamic", hide_index=True,
        column_config=degrees, height=min(260, 38 + 35 * (len(opened.features) + (places is not None))),
    )  # fmt: skip
    if places is None:
        st.caption("A new line or area is drawn on the map above; its row then stands here.")
    else:
        st.caption("A new row is typed in the last line of the table. Its place is asked for below.")
        new_rows.show(desk, layer, opened, places, row_edits.typed(st.session_state.get(key, {}), places).new)


def _with_places(table: pd.DataFrame, places: Places, name: str) -> pd.DataFrame:
    """With the columns for places, behind the name."""
    at = list(table.columns).index(name) + 1 if name in table.columns else len(table.columns)
    made = table.copy()
    for part, column in ((1, places.lat), (0, places.lon)):
        values = [None if known is None else known[part] for known in places.known]
        made.insert(at, column, pd.Series(values, dtype="Float64", index=table.index))
    return made


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
