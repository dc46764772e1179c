"""Blurring sensitive places: chosen on the map or in a list, displaced at random, and the exact files taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from storymap.app.editor import feature_edits
from storymap.app.editor.choose_layer import choose_layer, opened_or_told
from storymap.app.editor.desk import Desk
from storymap.app.editor.drawing_map import drawing_map, extent, shapes_of
from storymap.app.editor.left_files import left_files, remove_file

__all__ = ["show"]

MOST = 1000
WARNING = (
    "Each place is moved at random, by up to this distance. The page and everything that is saved from now on hold only the "
    "moved place. The file from before stays, for undo and for earlier versions, until you take it away below. Other layers, "
    "texts and pictures may still tell the place: look through them."
)


def show(desk: Desk) -> None:
    """Shows the part of the panel."""
    layer = choose_layer(desk, "Layer")
    if layer is not None:
        _choose(desk, layer)
    _exact_files(desk)


def _choose(desk: Desk, layer: str) -> None:
    opened = opened_or_told(desk, layer)
    if opened is None:
        return
    points = [row for row, one in enumerate(opened.features) if (one.get("geometry") or {}).get("type") == "Point"]
    if not points or len(points) > MOST:
        st.info(
            f"Only points are blurred, in layers with up to {MOST:,} of them."
            if points
            else "This layer has no points."
        )
        return
    key = f"blur/{desk.slug}/{opened.key}"
    picked: list[int] = st.session_state.setdefault(key, [])
    names = {row: feature_edits.feature_name(desk, layer, opened.features, row) for row in points}

    def done(what: str, said: Mapping[str, Any]) -> None:
        row = int(said["at"])
        if what == "picked" and row in names:
            now = st.session_state[key]
            st.session_state[key] = [one for one in now if one != row] if row in now else [*now, row]

    km = st.number_input("Radius in kilometres", min_value=1.0, max_value=500.0, value=10.0, step=1.0, format="%g",
                         key=f"blur/{desk.slug}/km")  # fmt: skip
    shapes = [
        shape
        for shape in shapes_of(opened.features, feature_edits.name_column(desk, layer, opened.features))
        if shape.at in names
    ]
    shapes = [type(shape)(shape.geometry, shape.at, shape.name, picked=shape.at in picked,
                          km=float(km) if shape.at in picked else None) for shape in shapes]  # fmt: skip
    drawing_map(f"blurring/{desk.slug}", shapes, label="Places to choose", look=f"blur {layer}", bounds=extent(shapes),
                pick=True, done=done)  # fmt: skip
    st.multiselect("Places to blur", points, key=key, format_func=lambda row: names.get(row, str(row)))
    st.warning(WARNING)

    def blur() -> None:
        emptied = feature_edits.blur(desk, layer, sorted(st.session_state[key]), float(km))
        if emptied is not None:
            also = f" Emptied, since they told the place: {', '.join(emptied)}." if emptied else ""
            desk.tell(
                f"Blurred.{also} The exact places are still in earlier files: save, then take those away below.",
                "warning",
            )

    count = len(picked)
    st.button(f"Blur {count or ''} {'place' if count == 1 else 'places'}".replace("  ", " "), type="primary",
              disabled=not count, on_click=blur, key=f"blur/{desk.slug}/do")  # fmt: skip


def _exact_files(desk: Desk) -> None:
    """Files of earlier versions, which may hold exact places."""
    if desk.changed and not _blurred(desk):
        return
    files = left_files(desk)
    if not files:
        return
    st.markdown("**Files of earlier versions**")
    st.caption(
        "The story no longer uses these files, but earlier versions of it do, and they hold the places as they were. Once a "
        "file is taken away, those versions can no longer be shown whole, and undo does not lead back to them. Not reached are "
        "copies in git, in backups and in zips that were exported. A site that is published already keeps its old data until "
        "it is published again with --prune."
    )
    for name in files:
        sure = st.checkbox(f"I want '{name}' to be gone", key=f"gone/{desk.slug}/{name}")
        st.button(f"Take away '{name}'", disabled=not sure or desk.changed, key=f"take/{desk.slug}/{name}",
                  help="Save the story first." if desk.changed else None,
                  on_click=lambda name=name: _gone(desk, name))  # fmt: skip


def _blurred(desk: Desk) -> bool:
    return any(sentence.startswith("Blur ") for sentence, _ in desk.trail.done)


def _gone(desk: Desk, name: str) -> None:
    remove_file(desk, name)
