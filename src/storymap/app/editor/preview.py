"""The draft as readers will see it, on a phone and on a desk, at the step at work."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from storymap import edits, words
from storymap.app.address import app_path
from storymap.app.editor import rights
from storymap.app.editor.desk import Desk
from storymap.app.editor.faults import PANELS
from storymap.app.editor.previews import Draft, Preview, current_previews
from storymap.app.editor.viewing import Look, taken, toggled
from storymap.storyfile import STORY_FILE

__all__ = ["begin", "look_of", "pictures_of", "show"]

ALIVE_S = 20
"""Seconds between signs of life of a tab."""
FIRST_LOOK_S = 20
VIEW_PANEL = "Map view"


def _own(*names: str) -> str:
    return "\n".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in names)


STAGE = st.components.v2.component(
    "storymap_stage", css=_own("stage.css"), js=_own("stageframe.js", "stageoverlay.js", "stagebar.js", "stage.js")
)


def begin(desk: Desk) -> None:
    """Begins to compile the draft, beside whatever the page does until it shows the preview."""
    _preview(desk).ask(_draft(desk))


def show(desk: Desk) -> None:
    """Shows the preview. What the editor does in it comes back before the page is made anew, as from any widget."""
    preview = _preview(desk)
    version = preview.ask(_draft(desk))
    viewing = st.session_state.get("panel") == VIEW_PANEL
    look = preview.now().page
    said = {
        "address": f"{_base()}preview/{current_previews().token(preview)}/",
        "version": version,
        "step": desk.step,
        "first": str(desk.steps[0].get("id")) if desk.steps else "",
        "languages": _languages(desk),
        "view": viewing,
        "names": dict(look.look.names) if viewing and look is not None else {},
    }
    with st.container(key="stage"):
        STAGE(
            key=_key(desk),
            data=said,
            on_step_change=lambda: _stepped(desk),
            on_view_change=lambda: _viewed(desk),
            on_must_change=lambda: _picked(desk),
            on_place_change=lambda: _went(desk),
            on_lost_change=lambda: None,
        )
        _stay(desk)


def look_of(desk: Desk) -> Look:
    """Names of layers and features and bounds of views, as of the newest draft that could be compiled.

    Waits for it only when there is none yet.
    """
    preview = _preview(desk)
    seen = preview.now()
    if seen.page is None:
        with st.spinner("Reading the map …"), contextlib.suppress(TimeoutError):
            seen = preview.look(preview.ask(_draft(desk))).result(FIRST_LOOK_S)
    return seen.page.look if seen.page is not None else Look({}, {})


def pictures_of(desk: Desk) -> tuple[Callable[[str], str] | None, bool]:
    """The stills of the draft as it is now, by the step's id; and whether there is hope for them while there are none."""
    preview = _preview(desk)
    version = preview.ask(_draft(desk))
    seen = preview.now()
    if seen.page is None or seen.version < version or seen.faults:
        return None, seen.version < version
    return seen.page.picture, True


def _preview(desk: Desk) -> Preview:
    return current_previews().open(desk.session.key, desk.folder)


def _draft(desk: Desk) -> Draft:
    now, drafts, session = desk.now, desk.drafts, desk.session
    return Draft(now, lambda: drafts.preview_folder(session, now))


@st.fragment(run_every=ALIVE_S)
def _stay(desk: Desk) -> None:
    """A sign of life while the tab is open and its editor may edit; without, the preview's address is soon gone."""
    if rights.current_editor() is None:
        current_previews().close(desk.session.key, desk.folder)
        return
    desk.drafts.seen(desk.session)
    _preview(desk)


def _base() -> str:
    """Path under which the browser sees the app; its page is ``…/edit``."""
    path = urlsplit(st.context.url or "").path
    return app_path(re.sub(r"edit/?$", "", path))


def _languages(desk: Desk) -> list[list[str]]:
    """Code and name of each language of the story, its own first."""
    own = str(desk.data.get("lang") or "en")
    others = sorted(file.split(".")[1] for file in desk.now.sheets if file != STORY_FILE)
    return [[code, words.language_name(code)] for code in dict.fromkeys([own, *others])]


def _key(desk: Desk) -> str:
    return f"stage/{desk.slug}"


def _said(desk: Desk, event: str) -> Any:
    """What the browser says with an event: checked before it is used."""
    state = st.session_state.get(_key(desk))
    return state.get(event) if isinstance(state, Mapping) else None


def _stepped(desk: Desk) -> None:
    _go(desk, _said(desk, "step"))


def _go(desk: Desk, step: Any) -> None:
    if step in [one.get("id") for one in desk.steps]:
        desk.step = str(step)


def _viewed(desk: Desk) -> None:
    said = _said(desk, "view")
    step = said.get("step") if isinstance(said, dict) else None
    view = taken(desk.get(("steps", step, "view")), said) if isinstance(step, str) else None
    if view is None:
        desk.tell("This part of the map can not be a view: move a little nearer, and away from the poles.", "warning")
        return
    desk.do(lambda story: edits.set_part(story, ("steps", str(step), "view"), view))


def _picked(desk: Desk) -> None:
    said = _said(desk, "must")
    step, ref = (said.get("step"), said.get("ref")) if isinstance(said, dict) else (None, None)
    page = _preview(desk).now().page
    layers = [str(layer.get("id")) for layer in desk.layers]
    if not isinstance(step, str) or not isinstance(ref, str) or ref.partition("/")[0] not in layers or page is None:
        return
    refs = toggled(desk.get(("steps", step, "view", "must_see")), ref)
    desk.do(lambda story: edits.set_part(story, ("steps", step, "view", "must_see"), refs or None))


def _went(desk: Desk) -> None:
    said = _said(desk, "place")
    if isinstance(said, dict):
        _go(desk, said.get("step"))
        if said.get("panel") in PANELS:
            st.session_state["panel"] = said["panel"]
