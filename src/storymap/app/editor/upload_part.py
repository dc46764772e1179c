"""Bringing a file into the story: upload, the questions that it leaves open, a look at map and table, and its terms."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from storymap import collection
from storymap.app.editor import terms
from storymap.app.editor.desk import Desk
from storymap.app.editor.drawing_map import Shape, drawing_map, extent, shapes_of
from storymap.app.editor.incoming import (
    SUFFIXES,
    Incoming,
    begin,
    proposed,
    with_columns,
    with_crs,
    with_layer,
    with_sheet,
)
from storymap.app.editor.layer_files import add_layer
from storymap.app.editor.surroundings import region, used_crs
from storymap.countries import basemap_beside, country_at
from storymap.crsguess import Candidate, Near, known_crs
from storymap.errors import StoryError
from storymap.geocontent import GeodataError
from storymap.geodata import Geodata

__all__ = ["show"]

COLORS = ("#7d2b20", "#0b6a72", "#8a5a00", "#5a3d8a", "#2c5f9e", "#3d6b1f", "#9c2c6b", "#444444")
WHY = {
    "missing": "The file does not say which coordinate system its numbers are in. Choose the one that puts it right.",
    "outside": "The file says that its numbers are degrees, but they do not lie on the Earth. Choose what they are.",
    "swapped": "Read as it stands, the layer lies far from all others of the story; with longitude and latitude swapped, "
    "it lies near them. Choose the right place.",
}  # fmt: skip
ROWS = 200


@dataclass
class Visit:
    """An upload that is being looked at in this tab."""

    mark: str
    incoming: Incoming | None = None
    refused: str = ""
    near: Near | None = None
    settled: bool = False
    """The question for the CRS is answered."""
    read: dict[str, Geodata | str] = field(default_factory=dict)
    """What reading gave, for each set of answers: features, or why not."""


def show(desk: Desk) -> None:
    """Shows the part of the panel."""
    turn = st.session_state.setdefault(f"upload turn of {desk.slug}", 0)
    file = st.file_uploader(
        "Data file", type=list(SUFFIXES), key=f"upload/{desk.slug}/{turn}",
        help="GeoJSON, TopoJSON, GeoPackage, zipped Shapefile, FlatGeobuf, KML, GPX, GeoParquet, CSV or XLSX.",
    )  # fmt: skip
    if file is None:
        st.caption("Nothing joins the story before you have seen it on the map.")
        return
    slot = st.empty()
    # What was asked of the file before goes at once, not when this one has been looked at.
    visit = _visit(desk, file.name, file.getvalue(), slot)
    with slot.container():
        _asked(desk, visit)


def _asked(desk: Desk, visit: Visit) -> None:
    """What there is to be said of the file, and to be answered."""
    if visit.refused:
        st.error(visit.refused)
    if visit.incoming is None:
        return
    _questions(desk, visit)
    incoming = visit.incoming
    if incoming.look is None or not incoming.look.chosen or not _settled(desk, visit):
        return
    data = _read(visit)
    if isinstance(data, str):
        st.error(data)
        return
    _preview(desk, visit, data)
    _join(desk, visit, data)


def _key(desk: Desk, visit: Visit, *names: str) -> str:
    return "/".join(["incoming", desk.slug, visit.mark, *names])


def _visit(desk: Desk, name: str, content: bytes, slot: DeltaGenerator) -> Visit:
    mark = hashlib.sha256(name.encode() + b"\n" + content).hexdigest()[:12]
    place = f"incoming of {desk.slug}"
    found = st.session_state.get(place)
    if isinstance(found, Visit) and found.mark == mark:
        return found
    visit = Visit(mark)
    with slot, st.spinner("Looking at the file …"):
        _try(visit, lambda: begin(name, content))
        visit.near = region(desk)
    st.session_state[place] = visit
    return visit


def _try(visit: Visit, make: Callable[[], Incoming]) -> None:
    """Goes on with what ``make`` gives; why it could not is told, and the answers stay."""
    try:
        visit.incoming, visit.refused, visit.settled = make(), "", False
    except GeodataError as error:
        visit.refused = str(error)


def _questions(desk: Desk, visit: Visit) -> None:
    incoming = visit.incoming
    assert incoming is not None
    table, look = incoming.table, incoming.look
    if table is not None and len(table.sheets) > 1:
        _choose(desk, visit, "Sheet", table.sheets, table.sheet, "sheet", lambda one: with_sheet(incoming, one))
    if table is not None:
        _columns(desk, visit, incoming)
    if look is not None and len(look.layers) > 1:
        _choose(desk, visit, "Which layer of the file?", look.layers, look.layer, "layer",
                lambda one: with_layer(incoming, one))  # fmt: skip


def _choose(desk: Desk, visit: Visit, label: str, options: tuple[str, ...], value: str | None, name: str,
            make: Callable[[str], Incoming]) -> None:  # fmt: skip
    key = _key(desk, visit, name)
    st.session_state.setdefault(key, value)

    def changed() -> None:
        _try(visit, lambda: make(st.session_state[key]))

    st.selectbox(label, list(options), index=None, key=key, on_change=changed, placeholder="Choose one")


def _columns(desk: Desk, visit: Visit, incoming: Incoming) -> None:
    table = incoming.table
    assert table is not None
    keys = [_key(desk, visit, str(table.sheet), name) for name in ("lon", "lat")]
    for key, value in zip(keys, (incoming.lon, incoming.lat), strict=True):
        st.session_state.setdefault(key, value)

    def changed() -> None:
        _try(visit, lambda: with_columns(incoming, *(st.session_state[key] for key in keys)))

    left, right = st.columns(2)
    left.selectbox("Longitude or easting", list(table.header), index=None, key=keys[0], on_change=changed)
    right.selectbox("Latitude or northing", list(table.header), index=None, key=keys[1], on_change=changed)
    (st.caption if incoming.guess.sure else st.info)(incoming.guess.why)
    if incoming.look is None:
        st.dataframe(
            pd.DataFrame([*table.rows], columns=list(table.header)),
            height=min(200, 38 + 35 * len(table.rows)),
            hide_index=True,
        )


def _settled(desk: Desk, visit: Visit) -> bool:
    """Asks for the CRS where it is missing or doubtful; whether it is known."""
    incoming = visit.incoming
    assert incoming is not None and incoming.look is not None
    why = incoming.doubt(visit.near)
    if why is None:
        return True
    st.warning(WHY[why])
    found = incoming.candidates(visit.near, used_crs(desk))[:6]
    labels = {f"{number}. {candidate.label}": candidate for number, candidate in enumerate(found, 1)}
    key = _key(desk, visit, "crs", str(incoming.layer), str(incoming.lon))
    chosen_one = labels.get(st.session_state.get(key) or "")
    _candidates_map(desk, visit, found, chosen_one)
    if labels:
        st.radio("Coordinate system", list(labels), index=None, key=key, captions=[_where(desk, one) for one in found])
    else:
        st.info("None of the usual systems puts these numbers on the Earth.")
    typed = st.text_input("Another one, by its EPSG code", key=f"{key}/typed", placeholder="28414")
    chosen = _chosen(chosen_one, typed)
    if chosen is None:
        return False
    visit.incoming = with_crs(incoming, *chosen)
    return True


def _chosen(candidate: Candidate | None, typed: str) -> tuple[str, bool] | None:
    if typed.strip():
        code = known_crs(typed)
        if code is None:
            st.error(f"There is no coordinate system '{typed.strip()}': write its EPSG code, as 28414.")
        return (code, False) if code else None
    return (candidate.crs, candidate.swapped) if candidate else None


def _where(desk: Desk, candidate: Candidate) -> str:
    lon, lat = candidate.places[len(candidate.places) // 2]
    with contextlib.suppress(StoryError):
        country = country_at(basemap_beside(desk.folder.parent), lon, lat)
        return f"{country or 'at sea, or in no country of the map'}; {_degrees(candidate, lon, lat)}"
    return _degrees(candidate, lon, lat)


def _degrees(candidate: Candidate, lon: float, lat: float) -> str:
    here = f"{abs(lat):.1f}° {'N' if lat >= 0 else 'S'}, {abs(lon):.1f}° {'E' if lon >= 0 else 'W'}"
    if candidate.km is None:
        return here
    return f"{here}, {'among' if candidate.km < 1 else f'{candidate.km:,.0f} km from'} the other layers"


def _candidates_map(desk: Desk, visit: Visit, found: tuple[Candidate, ...], chosen: Candidate | None) -> None:
    shapes: list[Shape] = []
    for number, candidate in enumerate(found):
        color = COLORS[number % len(COLORS)]
        if chosen is not None and candidate is not chosen and candidate.label != chosen.label:
            color = "#9a968f"
        step = max(1, len(candidate.places) // 60)
        for place in candidate.places[::step]:
            shapes.append(
                Shape({"type": "Point", "coordinates": list(place)}, None, candidate.label, color, small=True)
            )
        middle = {"type": "Point", "coordinates": list(candidate.places[len(candidate.places) // 2])}
        shapes.append(Shape(middle, None, str(number + 1), color, label=True, small=True))
    # All of them are seen until one is chosen.
    first = [chosen] if chosen else list(found)
    box = extent([Shape({"type": "Point", "coordinates": list(p)}) for one in first for p in one.places])
    drawing_map(_key(desk, visit, "candidates"), shapes, label="Where the layer would lie", bounds=box,
                look=f"{visit.mark} {chosen.label if chosen else ''}")  # fmt: skip


def _read(visit: Visit) -> Geodata | str:
    incoming = visit.incoming
    assert incoming is not None
    if incoming.key not in visit.read:
        with st.spinner("Reading the file …"):
            try:
                visit.read[incoming.key] = incoming.read()
            except GeodataError as error:
                visit.read[incoming.key] = str(error)
    return visit.read[incoming.key]


def _preview(desk: Desk, visit: Visit, data: Geodata) -> None:
    incoming = visit.incoming
    assert incoming is not None
    features = collection.from_frame(data.frame.head(1500))
    shapes = shapes_of(features, proposed(incoming, data).label)
    st.markdown(f"**{len(data.frame):,} {'feature' if len(data.frame) == 1 else 'features'}**")
    drawing_map(_key(desk, visit, "map"), shapes, label="The new layer", bounds=extent(shapes),
                look=f"{visit.mark} {incoming.key}")  # fmt: skip
    if len(data.frame) > len(features):
        st.caption(f"The map shows the first {len(features):,}.")
    for note in (*incoming.notes, *data.notes):
        st.info(note)
    table = pd.DataFrame(data.frame.drop(columns=data.frame.geometry.name)).head(ROWS)
    if len(table.columns):
        st.dataframe(table, height=min(220, 38 + 35 * len(table)), hide_index=True)


def _join(desk: Desk, visit: Visit, data: Geodata) -> None:
    incoming = visit.incoming
    assert incoming is not None
    plain = data.frame.drop(columns=data.frame.geometry.name)
    numeric = [
        str(name) for name in plain.columns if pd.api.types.is_numeric_dtype(plain[name]) and plain[name].dtype != bool
    ]
    about = terms.ask_about(
        _key(desk, visit, "terms"), proposed(incoming, data), [str(one) for one in plain.columns], numeric
    )
    here = st.checkbox(f"Show it in step '{_step_title(desk)}'", value=True, key=_key(desk, visit, "here"))
    if about.missing:
        st.caption(f"Still needed: {', '.join(about.missing)}.")

    def join() -> None:
        name, content = incoming.file(data)
        if add_layer(desk, incoming.about(about), name, content, step=desk.step if here else None):
            terms.forget(_key(desk, visit))
            st.session_state.pop(f"incoming of {desk.slug}", None)
            st.session_state[f"upload turn of {desk.slug}"] += 1
            desk.tell(f"'{about.title.strip()}' is in the story. Its looks are in the panel 'Layers'.")

    st.button(
        "Add to the story", type="primary", disabled=bool(about.missing), on_click=join, key=_key(desk, visit, "add")
    )


def _step_title(desk: Desk) -> Any:
    return desk.get(("steps", desk.step, "title"), desk.step)
