"""Blurring sensitive places: chosen on the map or in a list, displaced at random, and the exact files taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from storymap.app.editor import feature_edits
from storymap.app.editor.choose_layer import choose_layer, opened_or_told
from storymap.app.editor.desk import Desk
from storymap.app.editor.drawing_map import drawing_map, extent, shapes_of
from storymap.app.editor.left_files import Left, exact_on_disk, left_files, remove_file

__all__ = ["show"]

MOST = 1000
WARNING = (
    "Each place is moved at random, by up to this distance. The page and everything that is saved from now on hold only the "
    "moved place. The file from before stays until you take it away below: in the story's folder, if it was saved with the "
    "story, else in this draft only, for undo. Other layers, texts and pictures may still tell the place: look through them."
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
            where = (
                "The exact places are still in earlier files of the story's folder: save, then take those away below."
                if exact_on_disk(desk, layer)
                else "The exact places were never saved: only this draft still has them, for undo, until it ends. Once the "
                "story is saved, they can be taken away below."
            )
            desk.tell(f"Blurred.{also} {where}", "warning")

    count = len(picked)
    st.button(f"Blur {count or ''} {'place' if count == 1 else 'places'}".replace("  ", " "), type="primary",
              disabled=not count, on_click=blur, key=f"blur/{desk.slug}/do")  # fmt: skip


def _exact_files(desk: Desk) -> None:
    """Files from before, which may hold exact places: those on disk, and those that only undo has."""
    if desk.changed and not _blurred(desk):
        return
    files = left_files(desk)
    on_disk, for_undo = [one for one in files if one.on_disk], [one for one in files if not one.on_disk]
    if on_disk:
        _on_disk(desk, on_disk)
    if for_undo:
        _for_undo(desk, for_undo)


def _on_disk(desk: Desk, files: list[Left]) -> None:
    st.markdown("**Earlier files in the story's folder**")
    st.caption(
        "The story no longer uses these files, and they hold the places as they were. Once a file is taken away, the saved "
        "versions that use it can no longer be shown whole, and undo does not lead back to them. Not reached are "
        "copies in git, in backups and in zips that were exported. A site that is published already keeps its old data until "
        "it is published again with --prune."
    )
    for file in files:
        count = "1 saved version" if file.versions == 1 else f"{file.versions or 'no'} saved versions"
        sure = st.checkbox(f"I want '{file.name}' to be gone (used by {count})", key=f"gone/{desk.slug}/{file.name}")
        st.button(f"Take away '{file.name}'", disabled=not sure or desk.changed, key=f"take/{desk.slug}/{file.name}",
                  help="Save the story first." if desk.changed else None,
                  on_click=_gone, args=(desk, file.name))  # fmt: skip


def _gone(desk: Desk, *names: str) -> None:
    for name in names:
        remove_file(desk, name)


def _for_undo(desk: Desk, files: list[Left]) -> None:
    several = len(files) > 1
    what = f"{len(files)} files" if several else f"'{files[0].name}'"
    st.markdown("**For undo only**")
    st.caption(
        f"{what} with the places as they were {'are' if several else 'is'} not in the story's folder: this draft keeps "
        f"{'them' if several else 'it'} for undo, until it ends. {_in_versions(files)}"
    )
    sure = st.checkbox("I want undo to lead back to the exact places no more", key=f"undo gone/{desk.slug}")

    def away() -> None:
        st.session_state[f"undo gone/{desk.slug}"] = False
        _gone(desk, *(file.name for file in files))

    st.button(f"Take away {what} kept for undo", disabled=not sure or desk.changed, key=f"undo take/{desk.slug}",
              help="Save the story first." if desk.changed else None, on_click=away)  # fmt: skip


def _in_versions(files: list[Left]) -> str:
    """A file can be missing on disk though versions name it: it was taken away there by hand."""
    named = sum(bool(file.versions) for file in files)
    return (
        f"Of them, saved versions use {named}: the story's folder has lost what they need."
        if named
        else "No saved version uses any."
    )


def _blurred(desk: Desk) -> bool:
    return any(sentence.startswith("Blur ") for sentence, _ in desk.trail.done)
