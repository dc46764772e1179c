"""A page as a Streamlit user writes it today: a folium map through `st_folium`, made afresh for each step.

Run by `streamlit run`; STORYMAP_BENCH names the folder with ``story.json`` (from `plain_story`), STORYMAP_ASSETS the
address of the local copy of what folium loads from CDNs.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import folium
import streamlit as st
from streamlit_folium import st_folium

COUNTRY_STYLE = {"color": "#a99b8a", "weight": 0.9, "fillColor": "#f4f1ea", "fillOpacity": 1}


def local(links: list[tuple[str, str]]) -> list[tuple[str, str]]:
    assets = os.environ["STORYMAP_ASSETS"]
    return [
        (name, f"{assets}{name}.{'css' if name.endswith('css') else 'js'}") for name, _ in links if name not in LEFT_OUT
    ]


# Two small style sheets that no npm package holds; without them this page is a little faster.
LEFT_OUT = {"glyphicons_css", "awesome_rotate_css"}
folium.Map.default_js = local(folium.Map.default_js)
folium.Map.default_css = local(folium.Map.default_css)


@st.cache_data
def load() -> dict[str, Any]:
    return json.loads((Path(os.environ["STORYMAP_BENCH"]) / "story.json").read_text("utf-8"))


def add(parent: folium.Map, spec: dict[str, Any], files: dict[str, Any]) -> None:
    where = spec.get("where", {})
    features = [
        feature
        for feature in files[spec["file"]]["features"]
        if all(feature["properties"].get(column) in values for column, values in where.items())
    ]
    for feature in features:
        properties = feature["properties"]
        style = dict(spec["style"])
        if "styles" in spec:
            style = dict(spec["styles"]["by"][properties[spec["styles"]["column"]]])
        if "radii" in spec:
            style["radius"] = spec["radii"]["by"][str(properties[spec["radii"]["column"]])]
        folium.GeoJson(
            feature,
            style_function=lambda _, style=style: style,
            marker=folium.CircleMarker(**{"fill": True, **style}),
            tooltip=folium.Tooltip(properties[spec["label"]], permanent=True) if "label" in spec else None,
        ).add_to(parent)


story = load()
st.set_page_config(page_title=story["title"], layout="wide")
st.session_state.setdefault("step", 0)
st.title(story["title"])
back, forward, _ = st.columns([1, 1, 6])
last = len(story["steps"]) - 1
if back.button("Back") and st.session_state.step > 0:
    st.session_state.step -= 1
if forward.button("Next") and st.session_state.step < last:
    st.session_state.step += 1
step = story["steps"][st.session_state.step]
m = folium.Map(tiles=None, prefer_canvas=True, zoom_control=False)
folium.GeoJson(story["countries"], style_function=lambda _: COUNTRY_STYLE).add_to(m)
for spec in step["layers"]:
    add(m, spec, story["files"])
m.fit_bounds(step["bounds"])
st_folium(m, height=520, use_container_width=True, returned_objects=[])
st.caption(f"{st.session_state.step + 1} / {last + 1}")
st.header(step["title"])
st.markdown(step["html"], unsafe_allow_html=True)
