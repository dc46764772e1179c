"""A list that is put in order by dragging its entries or by Alt+Up and Alt+Down; a click or Enter selects one.

    happened = sort_list("steps", entries, selected="influx", label="Steps")

What the caller shows before the list is already on its way when `sort_list` answers: pass ``then`` to be called first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

__all__ = ["Action", "Entry", "Happened", "happened", "sort_list"]

Icon = Literal["copy", "delete", "show", "hide", "edit", "add", "up", "down"]


@dataclass(frozen=True, slots=True)
class Action:
    """A small button of an entry."""

    name: str
    """What `Happened.action` says."""
    label: str
    """What it does, for screen readers and as a tip: "Hide"; the entry's title is added."""
    icon: Icon
    pressed: bool | None = None
    """For a button that is on or off."""
    quiet: bool = False
    """Seen only at the entry that is selected."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list."""

    id: str
    """Its name; no other entry of the list has it."""
    title: str
    note: str = ""
    """A second, quieter line."""
    picture: str = ""
    """A small picture as a ``data:image/…`` address, 3:2; decoration, so it needs no words."""
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Happened:
    """What an editor did to a list."""

    what: Literal["order", "select", "action"]
    id: str
    """The entry that was moved, selected, or whose button was pressed."""
    to: int = 0
    """Moved: its new number, from 0."""
    order: tuple[str, ...] = ()
    """Moved: the ids of all entries in their new order."""
    action: str = ""
    """Button pressed: `Action.name`."""


_HERE = Path(__file__)
_HTML = (
    '<div class="sorter"><ol role="list"></ol>'
    '<p class="hint" id="hint">Alt with the up or down arrow moves it.</p>'
    '<p class="told" role="status" aria-live="polite"></p></div>'
)
_mount = st.components.v2.component(
    "storymap.sorter",
    html=_HTML,
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


def sort_list(
    key: str,
    entries: Sequence[Entry],
    selected: str | None,
    label: str,
    *,
    numbered: bool = False,
    then: Callable[[Happened], object] | None = None,
) -> Happened | None:
    """Shows the list; gives what was done to it since it was shown last, or None.

    ``then`` is called with the same, before anything of the page is shown again (a callback, as of other widgets).
    ``numbered``: with numbers from 1 before the titles. ``label`` names the list for screen readers.
    """

    def changed() -> None:
        done = happened(st.session_state.get(key))
        if done is not None:
            # Told to the page, so that it shows the order that holds also when the move was refused.
            turn = f"turn of {key}"
            st.session_state[turn] = st.session_state.get(turn, 0) + 1
            if then is not None:
                then(done)

    result = _mount(
        key=key,
        data={
            "key": key,
            "label": label,
            "selected": selected,
            "numbered": numbered,
            "turn": st.session_state.get(f"turn of {key}", 0),
            "entries": [_sent(entry) for entry in entries],
        },
        on_order_change=changed,
        on_select_change=changed,
        on_action_change=changed,
    )
    return happened(result)


def _sent(entry: Entry) -> dict[str, Any]:
    actions = [
        {"name": one.name, "label": one.label, "icon": one.icon, "pressed": one.pressed, "quiet": one.quiet}
        for one in entry.actions
    ]
    return {
        "id": entry.id, "title": entry.title, "note": entry.note, "picture": entry.picture, "actions": actions,
    }  # fmt: skip


def happened(said: Any) -> Happened | None:
    """What the component's values say was done; None for nothing, and for what it never says."""
    if not isinstance(said, Mapping):
        return None
    moved, chosen, pressed = said.get("order"), said.get("select"), said.get("action")
    if isinstance(moved, Mapping) and isinstance(moved.get("order"), list):
        order = tuple(map(str, moved["order"]))
        if moved.get("id") in order:
            return Happened("order", str(moved["id"]), order.index(str(moved["id"])), order)
    if isinstance(pressed, Mapping) and pressed.get("id") and pressed.get("action"):
        return Happened("action", str(pressed["id"]), action=str(pressed["action"]))
    if isinstance(chosen, str) and chosen:
        return Happened("select", chosen)
    return None
