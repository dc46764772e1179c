"""Two versions of a story as readers would see them, in frames beside each other."""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import urlencode, urlsplit

import streamlit as st

from storymap.app.address import app_path
from storymap.app.editor import rights
from storymap.app.editor.desk import Desk
from storymap.app.editor.previews import Draft, Preview, current_previews
from storymap.manuscript import Manuscript

__all__ = ["side_by_side"]

HEIGHT = 620
ALIVE_S = 20
"""Seconds between signs of life, without which the addresses are soon gone."""


def side_by_side(desk: Desk, versions: tuple[Manuscript, Manuscript], names: tuple[str, str], step: str) -> None:
    """Shows both at the step; where a version can not be shown, what is wrong with it."""
    shown = [_preview(desk, side) for side in ("left", "right")]
    asked = [preview.ask(_draft(desk, version)) for preview, version in zip(shown, versions, strict=True)]
    for column, preview, number, name in zip(st.columns(2), shown, asked, names, strict=True):
        with column:
            st.caption(name)
            seen = preview.look(number).result()
            if seen.faults or seen.page is None:
                st.warning("This version can not be shown any more:")
                st.text("\n".join(fault.text for fault in seen.faults[:5]))
                continue
            query = urlencode({"v": number, "step": step})
            address = f"{_base()}preview/{current_previews().token(preview)}/?{query}"
            st.iframe(address, height=HEIGHT, alt=f"The story as readers would see it: {name}")
    _stay(desk)


def _preview(desk: Desk, side: str) -> Preview:
    return current_previews().open(f"{desk.session.key} {side}", desk.folder)


def _draft(desk: Desk, version: Manuscript) -> Draft:
    return Draft(version, partial(desk.drafts.preview_folder, desk.session, version))


@st.fragment(run_every=ALIVE_S)
def _stay(desk: Desk) -> None:
    for side in ("left", "right"):
        if rights.current_editor() is None:
            current_previews().close(f"{desk.session.key} {side}", desk.folder)
        else:
            _preview(desk, side)


def _base() -> str:
    """Path under which the browser sees the app; its page is ``…/edit``."""
    return app_path(re.sub(r"edit/?$", "", urlsplit(st.context.url or "").path))
