"""How the kinds of values of a chart are drawn and called."""

from __future__ import annotations

from typing import Any

import streamlit as st

from storymap import edits
from storymap.app.editor import attached, fields
from storymap.app.editor.desk import Desk
from storymap.edits import Edit
from storymap.figure import SYMBOLS
from storymap.manuscript import Manuscript, plain
from storymap.placing import find

__all__ = ["show_kinds", "with_kind"]

_SYMBOLS = {"circle": "● circle", "square": "■ square", "diamond": "◆ diamond", "triangle": "▲ triangle"}
_LINES = {"none": "no line", "dashed": "dashed line", "dotted": "dotted line"}


def show_kinds(desk: Desk, place: tuple[str, ...], now: dict[str, Any]) -> None:
    """One row of widgets for the kind that is chosen; nothing when the chart tells no kinds apart."""
    column = now.get("kind")
    cells = attached.columns(desk, str(now.get("file"))).get(str(column), []) if column else []
    names = list(dict.fromkeys(cell.strip() for cell in cells if cell.strip()))
    if not names:
        return
    chosen = st.selectbox("Kind of value", names, key=fields.key_of(desk, (*place, "kind at work")),
                          help="How each kind is called and drawn, so that none is told by colour alone.")  # fmt: skip

    def make(key: str) -> Any:
        return lambda story, value: with_kind(story, place, names, str(chosen), key, value)

    at = (*place, "kinds", str(chosen))
    likely = drawn_like(names)[str(chosen)]
    left, right = st.columns(2)
    with left:
        fields.text(desk, (*at, "label"), "Name for readers", make=make("label"), placeholder=str(chosen))
        fields.choice(
            desk, (*at, "line"), "Line across gaps", list(_LINES), names=_LINES, default="none", make=make("line")
        )
    with right:
        fields.choice(
            desk, (*at, "symbol"), "Mark", list(_SYMBOLS), names=_SYMBOLS, default=likely["symbol"], make=make("symbol")
        )
        fields.toggle(desk, (*at, "hollow"), "Outline only", default=bool(likely.get("hollow")), make=make("hollow"))


def drawn_like(names: list[str]) -> dict[str, dict[str, Any]]:
    """How kinds are drawn where the story does not say it."""
    return {
        name: {"label": name, "symbol": SYMBOLS[number % 4], **({"hollow": True} if number >= 4 else {})}
        for number, name in enumerate(names)
    }


def with_kind(story: Manuscript, place: tuple[str, ...], names: list[str], name: str, key: str, value: Any) -> Edit:
    """The chart with one rule of a kind changed. Where the story says nothing of its kinds yet, it then says all of them."""
    said = plain(find(story.data, (*place, "kinds"), None) or {})
    kinds = {one: said.get(one) or like for one, like in drawn_like(names).items()}
    kinds |= {one: rule for one, rule in said.items() if one not in kinds}
    kinds[name] = {**kinds[name], key: value if value is not None else name if key == "label" else None}
    return edits.set_part(story, (*place, "kinds"), kinds)
