"""Rows that were typed into a layer's table: each waits for its place and how exactly that is known, then it joins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from storymap.app.editor import row_edits
from storymap.app.editor.desk import Desk
from storymap.app.editor.find_place import Hit, hit_of_place
from storymap.app.editor.layer_files import Opened
from storymap.app.editor.row_edits import Places
from storymap.collection import NotFit
from storymap.gazetteer import find_places

__all__ = ["keep", "show", "version"]


def _key(desk: Desk, layer: str) -> str:
    return f"new rows/{desk.slug}/{layer}"


def version(desk: Desk, layer: str) -> int:
    """Counts how often the table was begun anew: what was typed in it before is kept here, or done."""
    return int(st.session_state.get(f"{_key(desk, layer)}/version", 0))


def keep(desk: Desk, layer: str, rows: tuple[dict[str, Any], ...]) -> None:
    """Keeps these new rows beside the table, which is begun anew."""
    kept = _key(desk, layer)
    st.session_state[kept] = [*st.session_state.get(kept, []), *rows]
    st.session_state[f"{kept}/version"] = version(desk, layer) + 1


def show(desk: Desk, layer: str, opened: Opened, places: Places, new: tuple[dict[str, Any], ...]) -> None:
    """Shows what each new row still needs. ``new``: those that stand in the table."""
    kept: list[dict[str, Any]] = st.session_state.get(_key(desk, layer), [])
    rows = [*kept, *new]
    for number in range(len(rows)):
        with st.container(border=True):
            _row(desk, layer, opened, places, rows, number, in_table=number >= len(kept))


def _row(
    desk: Desk, layer: str, opened: Opened, places: Places, rows: list[dict[str, Any]], number: int, *, in_table: bool
) -> None:
    row = rows[number]
    # A row of the table is written on: its fields keep what was chosen while its name stays.
    name = row_edits.name_of(desk, layer, opened.features, row)
    key = f"{_key(desk, layer)}/{version(desk, layer)}/{number}"
    st.markdown(f"**A new row{f': {_plain(name)}' if name else ''}**")
    if not in_table:
        st.caption(_said(row))
    place = _place(row, name, places, f"{key}/{name}/place")
    km = _accuracy(desk, layer, row, place, f"{key}/{name}/km")
    missing = [*([] if name else ["a name"]), *([] if place else ["its place"]), *([] if km else ["its accuracy"])]
    if missing:
        st.caption(f"Still needed: {', '.join(missing)}.")

    def rest() -> None:
        st.session_state[_key(desk, layer)] = []
        keep(desk, layer, tuple(one for at, one in enumerate(rows) if at != number))

    def join() -> None:
        if place is not None and row_edits.add_row(desk, layer, opened, row, place, float(km or 0), places):
            rest()

    left, right = st.columns(2)
    left.button("Add the row", type="primary", disabled=bool(missing), on_click=join, key=f"{key}/add")
    right.button("Discard the row", on_click=rest, key=f"{key}/discard")


def _plain(name: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>()#+-.!|~$:" else letter for letter in name)


def _said(row: Mapping[str, Any]) -> str:
    return _plain(" · ".join(f"{column}: {value}" for column, value in row.items() if value is not None))


def _place(row: Mapping[str, Any], name: str, places: Places, key: str) -> tuple[float, float] | Hit | None:
    """Where the row is: as typed in it, else the town of its name that the editor chooses."""
    try:
        typed = row_edits.place_of(row, places)
    except NotFit as error:
        st.error(f"{str(error).capitalize()}.")
        return None
    if typed is not None:
        st.caption(f"Its place: {typed[0]:g}, {typed[1]:g}, as typed.")
        return typed
    hits = [hit_of_place(place, name) for place in find_places(name)] if name else []
    if not hits:
        st.caption(
            f"No town is called so: type its place in the columns “{places.lon}” and “{places.lat}”." if name else
            f"Its place is typed in the columns “{places.lon}” and “{places.lat}”, or found by its name."
        )  # fmt: skip
        return None
    at = st.radio(
        "Its place, found by the name (or type it in the row)", range(len(hits)), index=None, key=key,
        format_func=lambda number: hits[number].label, captions=[f"{hit.lon:.3f}, {hit.lat:.3f}" for hit in hits],
    )  # fmt: skip
    return None if at is None else hits[at]


def _accuracy(
    desk: Desk, layer: str, row: Mapping[str, Any], place: tuple[float, float] | Hit | None, key: str
) -> float | None:
    """How exactly the place is known, in kilometres: as typed in the row, else asked; of a town, what it is by its size."""
    accuracy = desk.get(("layers", layer, "accuracy"))
    column = accuracy if isinstance(accuracy, str) else "accuracy_km"
    typed = row.get(column)
    if isinstance(typed, int | float) and not isinstance(typed, bool) and typed > 0:
        return float(typed)
    usual = place.km if isinstance(place, Hit) else accuracy if isinstance(accuracy, int | float) else None
    label = place.label if isinstance(place, Hit) else ""
    return st.number_input(
        "Accuracy in kilometres", min_value=0.0, step=0.1, format="%g", value=usual and float(usual), key=f"{key}/{label}",
        help="How far the true place may be from this one.",
    )  # fmt: skip
