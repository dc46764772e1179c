"""Finding a place by its name, offline, or with the geocoder that the operator named; how it was found is kept with it."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from storymap.app.editor import feature_edits, terms
from storymap.app.editor.choose_layer import NEW, choose_layer
from storymap.app.editor.desk import Desk
from storymap.app.editor.drawing_map import Shape, drawing_map
from storymap.app.editor.find_place import Hit, hit_of_answer, hit_of_place
from storymap.app.editor.geocoder import GeocoderError, address_of_geocoder, geocode
from storymap.app.editor.layer_files import About
from storymap.gazetteer import find_places

__all__ = ["show"]


def show(desk: Desk) -> None:
    """Shows the part of the panel."""
    key = f"find/{desk.slug}"
    query = st.text_input("Name of the place", key=f"{key}/query", placeholder="Zhanatas, Жанатас …",
                          help="Towns with 1,000 inhabitants or more, in all spellings that GeoNames knows.")  # fmt: skip
    if not query.strip():
        return
    with st.spinner("Looking …"):
        hits = [hit_of_place(place, query) for place in find_places(query)]
    hits += _asked(key, query)
    if not hits:
        st.info("No town of that name. Try another spelling, or draw the place.")
        return
    chosen = st.radio("Places", range(len(hits)), format_func=lambda at: hits[at].label, key=f"{key}/{query}/hit",
                      captions=[f"{hit.lat:.3f}, {hit.lon:.3f}" for hit in hits])  # fmt: skip
    hit = hits[chosen or 0]
    shapes = [Shape({"type": "Point", "coordinates": [one.lon, one.lat]}, None, one.label, "#9a968f", small=True)
              for one in hits if one is not hit]  # fmt: skip
    shapes.append(Shape({"type": "Point", "coordinates": [hit.lon, hit.lat]}, None, hit.name, label=True, km=hit.km))
    drawing_map(f"{key}/map", shapes, label="The places that were found", look=f"{query} {chosen}",
                bounds=(hit.lon - 1, max(-85, hit.lat - 0.7), hit.lon + 1, min(85, hit.lat + 0.7)))  # fmt: skip
    _add(desk, key, query, hit)


def _asked(key: str, query: str) -> list[Hit]:
    """What the geocoder says, once the editor has asked it."""
    try:
        address = address_of_geocoder()
    except GeocoderError as error:
        st.error(str(error))
        return []
    if address is None:
        return []
    host = urlsplit(address).hostname or ""
    place = f"{key}/asked"
    if st.button(f"Ask {host}", key=f"{key}/ask", help="Sends the name to this service."):
        try:
            st.session_state[place] = (query, geocode(query))
        except GeocoderError as error:
            st.session_state[place] = (query, ())
            st.error(str(error))
    asked, answers = st.session_state.get(place, ("", ()))
    return [hit_of_answer(answer, host) for answer in answers] if asked == query else []


def _add(desk: Desk, key: str, query: str, hit: Hit) -> None:
    layer = choose_layer(desk, "Into the layer", new="A new layer", key="found")
    form = f"{key}/{hit.label}"
    st.session_state.setdefault(f"{form}/name", hit.name)
    st.session_state.setdefault(f"{form}/km", hit.km)
    left, right = st.columns([3, 2])
    name = left.text_input("Name", key=f"{form}/name")
    km = right.number_input("Accuracy in km", min_value=0.0, step=0.5, format="%g", key=f"{form}/km")
    about = None
    if layer == NEW:
        about = terms.ask_about(f"{key}/terms", About(title="Places", legend="Places", credit=hit.credit, license=hit.license,
                                                      accuracy=float(km or 0)))  # fmt: skip
    missing = [*([] if name.strip() else ["a name"]), *([] if km else ["its accuracy"])]
    missing += [one for one in about.missing if one != "how exact the places are"] if about else []
    if missing:
        st.caption(f"Still needed: {', '.join(missing)}.")

    def join() -> None:
        said = {"name": name.strip(), "method": hit.method, "query": query.strip(), "found": hit.found}
        geometry = {"type": "Point", "coordinates": [hit.lon, hit.lat]}
        made = feature_edits.add_feature(desk, about or str(layer), geometry, said, float(km), hit.credit)
        if made:
            st.session_state[f"data/{desk.slug}/found"] = made
            desk.tell(f"'{name.strip()}' is in the story.")

    st.button("Add the place", type="primary", disabled=bool(missing) or layer is None, on_click=join, key=f"{key}/add")
