"""Correcting a layer's data: places dragged, shapes bent, features drawn, values in a table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from storymap.app.editor import attribute_table, feature_edits, terms
from storymap.app.editor.choose_layer import NEW, choose_layer, opened_or_told
from storymap.app.editor.desk import Desk
from storymap.app.editor.drawing_map import Shape, drawing_map, extent, shapes_of
from storymap.app.editor.layer_files import About, Opened, layer_name, today
from storymap.app.editor.surroundings import region

__all__ = ["show"]

MOST_HANDLES = 300
KINDS = {"Point": "point", "LineString": "line", "Polygon": "area"}


def show(desk: Desk) -> None:
    """Shows the part of the panel."""
    layer = choose_layer(desk, "Layer", new="A new layer")
    if layer is None:
        return
    opened = opened_or_told(desk, layer) if layer != NEW else None
    if layer != NEW and opened is None:
        return
    if opened is not None and len(opened.layers) > 1:
        others = [layer_name(desk.get(("layers", one), {})) for one in opened.layers if one != layer]
        st.caption(f"The same data is shown by: {', '.join(others)}.")
    _map(desk, layer, opened)
    _pending(desk, layer)
    with st.expander("Draw by typing coordinates"):
        _typed(desk)
    if opened is not None:
        _place(desk, layer, opened)
        attribute_table.show(desk, layer, opened)


def _waiting(desk: Desk) -> str:
    return f"drawn in {desk.slug}"


def _map(desk: Desk, layer: str, opened: Opened | None) -> None:
    name = feature_edits.name_column(desk, layer, opened.features) if opened else None
    features = opened.features if opened else []
    few = len(features) <= MOST_HANDLES
    move = opened is not None and st.toggle(
        "Move places", key=f"data/{desk.slug}/move", disabled=not few,
        help="Drag points, or move the one in focus with the arrow keys; drag the corners of lines and areas."
        if few else f"Possible for layers with up to {MOST_HANDLES} features.",
    )  # fmt: skip
    shapes = shapes_of(features, name, move=bool(move and few), bend=bool(move and few))
    drawn = st.session_state.get(_waiting(desk))
    if drawn:
        shapes.append(Shape(drawn, None, "Not added yet", "#0b6a72"))

    def done(what: str, said: Mapping[str, Any]) -> None:
        if what == "made":
            st.session_state[_waiting(desk)] = dict(said["geometry"])
        elif opened is not None and what == "moved":
            feature_edits.move(desk, layer, opened, int(said["at"]), float(said["lon"]), float(said["lat"]))
        elif opened is not None and what == "reshaped":
            feature_edits.reshape(desk, layer, opened, int(said["at"]), said["geometry"])

    box = extent(shapes) or region(desk)
    drawing_map(f"drawing/{desk.slug}", shapes, label="The layer's features", look=layer or "new", bounds=box,
                draw=("point", "line", "area"), done=done)  # fmt: skip


def _pending(desk: Desk, layer: str) -> None:
    """What was drawn and is to be named before it joins the layer."""
    geometry = st.session_state.get(_waiting(desk))
    if not geometry:
        return
    key = f"pending/{desk.slug}"
    kind = KINDS.get(geometry["type"], "feature")
    with st.container(border=True):
        st.markdown(f"**The new {kind}**")
        name = st.text_input("Name", key=f"{key}/name")
        km = st.number_input("Accuracy in kilometres", min_value=0.0, step=0.1, format="%g", value=None, key=f"{key}/km",
                             help="How far the true place may be from the drawing.")  # fmt: skip
        about = terms.ask_about(f"{key}/terms", _drawn(desk)) if layer == NEW else None
        missing = [*(["a name"] if not name.strip() else []), *(["its accuracy"] if not km else [])]
        if about is not None:
            about = About(
                **{**{f: getattr(about, f) for f in About.__dataclass_fields__}, "accuracy": feature_edits.ACCURACY}
            )
            missing += [one for one in about.missing if one != "how exact the places are"]
        if missing:
            st.caption(f"Still needed: {', '.join(missing)}.")

        def join() -> None:
            said = {"name": name.strip(), "method": "drawn by hand", "found": today()}
            made = feature_edits.add_feature(desk, about or layer, geometry, said, float(km or 0))
            if made:
                _forget(desk, key)
                st.session_state[f"data/{desk.slug}/layer"] = made

        left, right = st.columns(2)
        left.button(f"Add the {kind}", type="primary", disabled=bool(missing), on_click=join, key=f"{key}/add")
        right.button("Discard", on_click=lambda: _forget(desk, key), key=f"{key}/discard")


def _forget(desk: Desk, key: str) -> None:
    st.session_state.pop(_waiting(desk), None)
    terms.forget(key)


def _drawn(desk: Desk) -> About:
    return About(title="Drawn", legend="", credit=str(desk.get(("byline",), "") or desk.session.editor))


def _typed(desk: Desk) -> None:
    key = f"typed/{desk.slug}"
    kind = st.segmented_control("Kind", ["Point", "Line", "Area"], default="Point", key=f"{key}/kind")
    text = st.text_area(
        "Longitude and latitude, one place a line", key=f"{key}/text", placeholder="69.73, 43.57", height=100
    )
    if not text.strip():
        return
    places = _places(text)
    need = {"Point": 1, "Line": 2, "Area": 3}[kind or "Point"]
    if places is None or len(places) < need or (need == 1 and len(places) > 1):
        st.error(
            f"Write {'one place' if need == 1 else f'at least {need} places'}: two numbers a line, as 69.73, 43.57."
        )
        return
    geometry: dict[str, Any] = {"type": "Point", "coordinates": places[0]}
    if need == 2:
        geometry = {"type": "LineString", "coordinates": places}
    elif need == 3:
        geometry = {"type": "Polygon", "coordinates": [[*places, places[0]]]}

    def take() -> None:
        st.session_state[_waiting(desk)] = geometry
        st.session_state[f"{key}/text"] = ""

    st.button("Put it on the map", on_click=take, key=f"{key}/take")


def _places(text: str) -> list[list[float]] | None:
    found = []
    for line in filter(str.strip, text.splitlines()):
        numbers = re.findall(r"[+-]?\d+(?:\.\d+)?", line)
        if len(numbers) != 2 or abs(float(numbers[0])) > 180 or abs(float(numbers[1])) > 90:
            return None
        found.append([float(number) for number in numbers])
    return found or None


def _place(desk: Desk, layer: str, opened: Opened) -> None:
    """The place of a point in numbers: the same as dragging it."""
    points = [row for row, one in enumerate(opened.features) if (one.get("geometry") or {}).get("type") == "Point"]
    if not points or len(points) > 2000:
        return
    with st.expander("Move a place by typing its coordinates"):
        names: Sequence[str] = [feature_edits.feature_name(desk, layer, opened.features, row) for row in points]
        key = f"place/{desk.slug}/{opened.key}"
        row = st.selectbox("Place", points, key=f"{key}/row", format_func=lambda one: names[points.index(one)])
        lon, lat = opened.features[row]["geometry"]["coordinates"][:2]
        left, right = st.columns(2)
        east = left.number_input("Longitude", -180.0, 180.0, float(lon), 0.01, "%.6f", key=f"{key}/{row}/lon")
        north = right.number_input("Latitude", -90.0, 90.0, float(lat), 0.01, "%.6f", key=f"{key}/{row}/lat")
        st.button("Move", disabled=(east, north) == (lon, lat), key=f"{key}/move",
                  on_click=lambda: _moved(desk, layer, opened, row, east, north))  # fmt: skip


def _moved(desk: Desk, layer: str, opened: Opened, row: int, lon: float, lat: float) -> None:
    feature_edits.move(desk, layer, opened, row, lon, lat)
