"""The layer whose data is at work in the data panel, chosen once for all of its parts."""

from __future__ import annotations

import streamlit as st

from storymap.app.editor.desk import Desk
from storymap.app.editor.layer_files import Opened, layer_name, open_data
from storymap.durable import SaveError
from storymap.geocontent import GeodataError

__all__ = ["NEW", "choose_layer", "opened_or_told"]

NEW = ""
"""Stands for a layer that is yet to be made."""


def choose_layer(desk: Desk, label: str, *, new: str | None = None, key: str = "layer") -> str | None:
    """Id of the layer that the editor chooses, `NEW` for the choice called ``new``; None when there is none to choose."""
    names = {str(layer["id"]): layer_name(layer) for layer in desk.layers if layer.get("id")}
    shown = [*names, *([NEW] if new is not None else [])]
    if not shown:
        st.caption("The story has no layers yet: upload a file first.")
        return None
    place = f"data/{desk.slug}/{key}"
    if st.session_state.get(place) not in shown:
        here = [
            part if isinstance(part, str) else part.get("layer") for part in desk.get(("steps", desk.step, "show"), [])
        ]
        st.session_state[place] = next((one for one in reversed(here) if one in names), shown[0])

    def called(one: str) -> str:
        return str(new) if one == NEW else f"{names[one]} ({one})"

    chosen: str = st.selectbox(label, shown, key=place, format_func=called)
    return chosen


def opened_or_told(desk: Desk, layer: str) -> Opened | None:
    """The layer's data; why it can not be read is said."""
    try:
        return open_data(desk, layer)
    except (GeodataError, SaveError) as error:
        st.error(str(error))
        return None
