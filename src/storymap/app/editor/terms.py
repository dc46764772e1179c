"""What the editor has to say of new data before it joins the story: title, credit, licence, accuracy, legend, label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from storymap.app.editor.layer_files import About

__all__ = ["LICENSES", "ask_about", "forget"]

LICENSES = {
    "CC-BY-4.0": "Creative Commons Attribution 4.0",
    "CC-BY-SA-4.0": "Creative Commons Attribution-ShareAlike 4.0",
    "CC0-1.0": "Creative Commons Zero, no rights kept",
    "CC-BY-NC-4.0": "Creative Commons Attribution-NonCommercial 4.0",
    "ODbL-1.0": "Open Database License (OpenStreetMap)",
    "ODC-By-1.0": "Open Data Commons Attribution",
    "PDDL-1.0": "Open Data Commons Public Domain",
    "OGL-UK-3.0": "Open Government Licence, United Kingdom",
    "etalab-2.0": "Licence Ouverte 2.0, France",
    "DL-DE-BY-2.0": "Datenlizenz Deutschland, attribution",
    "public domain": "Natural Earth, works whose rights have ended",
}
ONE_VALUE = "One value for all places"


def ask_about(key: str, proposed: About, columns: Sequence[str] = (), numeric: Sequence[str] = ()) -> About:
    """The fields, filled in as far as can be proposed. ``numeric``: columns that may hold the accuracy in kilometres."""
    start: Mapping[str, Any] = {
        "title": proposed.title, "credit": proposed.credit, "license": proposed.license or None, "url": proposed.url,
        "legend": proposed.legend, "label": proposed.label if proposed.label in columns else None,
        "km": proposed.accuracy if isinstance(proposed.accuracy, float) else None,
        "from": proposed.accuracy if proposed.accuracy in numeric else ONE_VALUE,
    }  # fmt: skip
    for name, value in start.items():
        st.session_state.setdefault(f"{key}/{name}", value)
    left, right = st.columns(2)
    title = left.text_input("Title", key=f"{key}/title", help="Name of the layer for readers.")
    legend = right.text_input("Legend", key=f"{key}/legend", help="Empty: the layer has no entry in the legend.")
    credit = st.text_input("Credit", key=f"{key}/credit", help="Who is to be named, as the licence asks.")
    license_ = st.selectbox(
        "Licence", list(LICENSES), key=f"{key}/license", accept_new_options=True, placeholder="Choose one, or type another",
        format_func=lambda one: f"{one}: {LICENSES[one]}" if one in LICENSES else str(one),
    )  # fmt: skip
    url = st.text_input("Where the data can be had", key=f"{key}/url", placeholder="https://", help="May stay empty.")
    accuracy = _accuracy(key, numeric)
    label = None
    if columns:
        label = st.selectbox("Write beside the features", [None, *columns], key=f"{key}/label",
                             format_func=lambda one: one or "Nothing")  # fmt: skip
    if url.strip() and not url.strip().startswith(("http://", "https://")):
        st.error("The address has to begin with https:// or http://.")
        url = ""
    return replace(proposed, title=title or "", legend=legend or "", credit=credit or "", license=license_ or "",
                   url=url or "", accuracy=accuracy, label=label)  # fmt: skip


def _accuracy(key: str, numeric: Sequence[str]) -> float | str | None:
    if numeric:
        column = st.selectbox("How exact the places are", [ONE_VALUE, *numeric], key=f"{key}/from",
                              format_func=lambda one: one if one == ONE_VALUE else f"Kilometres from column '{one}'")  # fmt: skip
        if column != ONE_VALUE:
            return str(column)
    km = st.number_input("Accuracy in kilometres", min_value=0.0, step=0.1, format="%g", key=f"{key}/km",
                         help="0.01 for a survey, 0.1 for a map, 2 for the centre of a town.")  # fmt: skip
    return float(km) if km else None


def forget(key: str) -> None:
    """Lets the fields begin anew."""
    for name in [name for name in st.session_state if str(name).startswith(f"{key}/")]:
        del st.session_state[name]
