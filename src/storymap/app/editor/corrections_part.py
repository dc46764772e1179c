"""What was wrong and when it was put right, as readers are told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from storymap import edits
from storymap.app.editor import checked, checks, fields, told
from storymap.app.editor.desk import Desk
from storymap.app.editor.pending import Pending

__all__ = ["show"]


def show(desk: Desk) -> None:
    """Shows the corrections, the latest first, and a place for a new one."""
    corrections: list[dict[str, Any]] = [one for one in desk.get(("corrections",)) or [] if isinstance(one, dict)]
    titles = {str(step.get("id")): str(step.get("title")) for step in desk.steps}
    if not corrections:
        told.note("None. Readers see corrections at the end of the story, and in the step that they belong to.")
    for number in sorted(range(len(corrections)), key=lambda at: str(corrections[at].get("date")), reverse=True):
        with st.container(border=True):
            _one(desk, ("corrections", number), titles)
    with st.popover("Add a correction", icon=":material/add:"):
        _new(desk, titles)


def _one(desk: Desk, place: tuple[str, int], titles: dict[str, str]) -> None:
    checked.area(desk, (*place, "text"), "What was changed", checks.needed("a correction needs words"), height=90)
    day, step = st.columns(2)
    with day:
        fields.day(desk, (*place, "date"), "Day",
                   make=lambda story, date: edits.set_part(story, (*place, "date"), date or _today()))  # fmt: skip
    with step:
        fields.choice(desk, (*place, "step"), "Step", list(titles), names=titles, none="the whole story")
    st.button("Delete the correction", key=fields.key_of(desk, (*place, "remove")), icon=":material/delete:", type="tertiary",
              on_click=fields.doing(desk, lambda story: edits.delete(story, place)))  # fmt: skip


def _new(desk: Desk, titles: dict[str, str]) -> None:
    new = Pending(desk, ("corrections", "new"), {"text": "what was changed", "date": "the day"})
    if new.get("date") is None:
        new.put(date=_today())
    new.area("text", "What was changed", height=90, placeholder="An earlier version said …")
    new.day("date", "Day")
    new.choice("step", "Step", list(titles), name=lambda one: titles.get(one, one), none="the whole story")
    new.button("Add", lambda entered: desk.do(lambda story: edits.add(story, ("corrections",), _ordered(entered))))


def _ordered(entered: dict[str, Any]) -> dict[str, Any]:
    return {key: entered[key] for key in ("date", "text", "step") if key in entered}


def _today() -> dt.date:
    return dt.datetime.now().astimezone().date()
