"""The steps at the side: go to one, add, duplicate, delete, move."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from storymap import edits
from storymap.app.editor.desk import Desk
from storymap.app.editor.preview import pictures_of
from storymap.app.editor.sorter import Action, Entry, Happened, sort_list
from storymap.app.editor.stills import Stills, picture_key
from storymap.edits import Edit
from storymap.manuscript import Data, Manuscript, plain

__all__ = ["NO_TEXT", "add_step", "show"]

Draw = Callable[[str], str]
"""A step's still as SVG, by the step's id. Raises `KeyError`."""

NO_TEXT = "…"
"""Text of a step that has none yet: a step can not be without one."""
_TITLES = {"en": "Step {n}", "ru": "Шаг {n}", "kk": "{n}-қадам"}
_ACTIONS = (
    Action("duplicate", "Duplicate", "copy", quiet=True),
    Action("delete", "Delete", "delete", quiet=True),
)
stills = Stills()


def show(desk: Desk) -> None:
    """Shows the list."""
    drawn, hope = pictures_of(desk)
    waiting = hope and any(_picture(desk, step, drawn) is None for step in desk.steps)
    # While pictures are on their way, the list alone looks for them; the page stays as it is.
    st.fragment(_list, run_every=1.0 if waiting else None)(desk)
    _adding(desk)


def _list(desk: Desk) -> None:
    drawn, _ = pictures_of(desk)
    entries = [
        Entry(
            str(step.get("id")),
            str(step.get("title") or step.get("id")),
            picture=_kept(desk, step, drawn),
            actions=_ACTIONS,
        )
        for step in desk.steps
    ]
    done = sort_list(
        f"steps of {desk.slug}", entries, desk.step, "Steps", numbered=True, then=lambda what: _do(desk, what)
    )
    if done is not None:
        # What the list alone was asked for is a matter of the whole page.
        st.rerun()


def _do(desk: Desk, happened: Happened) -> None:
    if happened.what == "select":
        desk.step = happened.id
    elif happened.what == "order":
        desk.do(lambda story: edits.move(story, ("steps", happened.id), happened.to))
    elif happened.action == "duplicate":
        desk.do(lambda story: edits.duplicate_step(story, happened.id))
    elif desk.do(lambda story: edits.delete_step(story, happened.id)):
        desk.tell(f"{desk.trail.undo_name}: done. Undo brings it back.")


def _picture(desk: Desk, step: Data, drawn: Draw | None) -> str | None:
    name = str(step.get("id"))
    return stills.get(picture_key(desk.data, step), (lambda: drawn(name)) if drawn is not None else None)


def _kept(desk: Desk, step: Data, drawn: Draw | None) -> str:
    """The picture, or until it is drawn the one that the step had before."""
    before: dict[str, str] = st.session_state.setdefault(f"stills of {desk.slug}", {})
    name = str(step.get("id"))
    picture = _picture(desk, step, drawn)
    if picture is not None:
        before[name] = picture
    return before.get(name, "")


def _adding(desk: Desk) -> None:
    with st.popover("Add a step", icon=":material/add:", width="stretch"):
        with st.form(f"new step of {desk.slug}", clear_on_submit=True, border=False):
            title = st.text_input(
                "Title of the new step", key=f"title of a new step of {desk.slug}", placeholder=_title(desk.now),
                help="It also makes the step's address, which stays when the title changes.",
            )  # fmt: skip
            st.caption("It comes after the step at work, with the same map.")
            added = st.form_submit_button("Add", type="primary")
        if added:
            desk.do(lambda story: add_step(story, desk.step, title))
            st.rerun()


def _title(story: Manuscript) -> str:
    lang = str(story.data.get("lang", "en")).split("-")[0]
    return _TITLES.get(lang, _TITLES["en"]).format(n=len(story.data.get("steps") or []) + 1)


def add_step(story: Manuscript, after: str, title: str = "") -> Edit:
    """A new step behind ``after``, with the same map and its description, and no words yet. Raises `EditError`."""
    steps: list[Any] = story.data.get("steps") or []
    number = next((at for at, step in enumerate(steps) if step.get("id") == after), len(steps) - 1)
    like = plain(steps[number])
    title = title.strip() or _title(story)
    entry = {"id": edits.free_id(story, "steps", title), "title": title}
    entry |= {key: like[key] for key in ("view", "tone", "without", "show", "alt") if key in like}
    return edits.add(story, ("steps",), {**entry, "text": NO_TEXT}, number + 1)
