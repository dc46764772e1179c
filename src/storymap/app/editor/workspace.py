"""The page ``/edit``: the steps at the side, one panel of the story, and the preview beside it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

import streamlit as st

from storymap.app.editor import (
    callbacks,
    comparison_page,
    conflicts_page,
    data_panel,
    fields,
    history_panel,
    layers_panel,
    links,
    pocket,
    preview,
    rescue_page,
    rights,
    saving_bar,
    step_panel,
    steps_list,
    stories_page,
    story_panel,
    translations_panel,
    view_panel,
)
from storymap.app.editor.desk import Desk, open_desk
from storymap.app.editor.rights import Editor
from storymap.app.serving import current_library
from storymap.drafts import Session, state_folder
from storymap.errors import StoryError
from storymap.storytypes import SLUG

__all__ = ["show"]

callbacks.guard()
STYLE = Path(__file__).with_name("workspace.css").read_text(encoding="utf-8")
PANELS: dict[str, Callable[[Desk], None]] = {
    "Text": step_panel.show,
    "Map view": view_panel.show,
    "Layers": layers_panel.show,
    "Data": data_panel.show,
    "Story": story_panel.show,
    "Translations": translations_panel.show,
    "History": history_panel.show,
}
"""The first two are about the step at work."""


def show() -> None:
    """Shows what the address asks for: ``/edit`` the stories, ``/edit?story=zhanatas&step=influx`` one of them."""
    links.name_tab("Stories")
    st.html(f"<style>{STYLE}</style>")
    editor = rights.current_editor()
    if editor is None:
        rights.closed()
        return
    rights.permit_uploads()
    slug = st.query_params.get("story", "")
    slug = current_library().moved(slug) or slug
    folder = current_library().stories / slug
    # A story that was deleted while it is at work stays on the table.
    if re.fullmatch(SLUG, slug) and ((folder / "story.yaml").is_file() or _key(folder) in st.session_state):
        with fields.whole_run():
            _story(folder, editor)
    else:
        callbacks.show()
        stories_page.show(editor)
        rights.sign_out_button()


def current_desk(folder: Path, editor: Editor) -> Desk:
    """The desk of this tab for the story in ``folder``. Raises `StoryError` when the story can not be read as YAML."""
    key = _key(folder)
    desk = cast("Desk | None", st.session_state.get(key))
    if desk is None or desk.session.editor != editor.name:
        session = Session(editor.name, secrets.token_urlsafe(16))
        desk = st.session_state[key] = open_desk(folder, session, state_folder(), st.query_params.get("step", ""))
        desk.may = partial(rights.is_still, editor.name)
    return desk


def _key(folder: Path) -> str:
    return f"desk of {folder.name}"


def _story(folder: Path, editor: Editor) -> None:
    links.name_tab(folder.name)
    try:
        desk = current_desk(folder, editor)
    except StoryError as error:
        rescue_page.show(folder, editor.name, error)
        return
    links.name_tab(str(desk.get(("title",)) or folder.name))
    if told := rescue_page.said():
        desk.tell(told)
    preview.begin(desk)
    with st.sidebar:
        links.ways(folder.name, desk.step)
        saving_bar.show(desk)
        steps_list.show(desk)
        rights.sign_out_button()
    # Always there, so that what stands below keeps its place, and the preview is not loaded anew for a word.
    with st.container(key="notices"):
        callbacks.show()
        for notice in desk.told():
            {"done": st.success, "warning": st.warning, "error": st.error}[notice.kind](notice.text)
    if conflicts_page.show(desk) or comparison_page.show(desk):
        return
    work, look = st.columns([5, 6], gap="medium")
    # First, so that the browser asks for it while the panel is made.
    with look:
        preview.show(desk)
    with work:
        panel = st.segmented_control(
            "Panel", list(PANELS), default="Text", required=True, key="panel", label_visibility="collapsed",
            persist_state="session",
        )  # fmt: skip
        PANELS.get(panel, step_panel.show)(desk)
    pocket.show(desk)
