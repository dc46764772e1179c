"""Which layers the map shows, in which order, and how each is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import streamlit as st

from storymap import layeredits, layerrules
from storymap.app.editor import (
    fields,
    layer_colors,
    layer_data,
    layer_filter,
    layer_itself,
    layer_list,
    layer_look,
    layer_words,
    told,
)
from storymap.app.editor.desk import Desk
from storymap.app.editor.layer_desk import Shown, Work, shown_in, title_of, work_on
from storymap.placing import DROPPED

__all__ = ["show"]

_STYLE = Path(__file__).with_name("layers.css").read_text(encoding="utf-8")
_VIEWS = ("This step", "All layers", "Colours")
_SECTIONS: dict[str, Callable[[Work], None]] = {
    "Look": layer_look.show,
    "By data": layer_data.show,
    "Filter": layer_filter.show,
    "Labels": layer_words.labels,
    "Legend": layer_words.legend,
    "Layer": layer_itself.show,
}
_SCOPED = ("Look", "By data", "Filter")
"""What can be changed for one step only."""


def show(desk: Desk) -> None:
    """Shows the panel."""
    with st.container(key="layers-panel", gap="xsmall"):
        st.html(f"<style>{_STYLE}</style>")
        told.style()
        _show(desk)


def _show(desk: Desk) -> None:
    view = st.segmented_control(
        "Layers of", _VIEWS, default=_VIEWS[0], key=f"layers of {desk.slug}", label_visibility="collapsed"
    )
    if view == "Colours":
        layer_colors.show(desk)
        return
    if view == "All layers":
        layer = layer_list.all_layers(desk)
        shown = next((one for one in reversed(shown_in(desk)) if one.layer == layer), None)
    else:
        shown = layer_list.this_step(desk)
        layer = shown.layer if shown else None
    if layer is not None:
        _layer(desk, layer, shown)


def _layer(desk: Desk, layer: str, shown: Shown | None) -> None:
    st.subheader(title_of(desk, layer), anchor=False)
    scope = f"scope of layers of {desk.slug}"
    if shown is not None:
        _in_step(desk, work_on(desk, layer, shown))
    section = st.segmented_control(
        "Part of the layer", list(_SECTIONS), default="Look", key=f"part of the layer of {desk.slug}",
        label_visibility="collapsed",
    )  # fmt: skip
    section = section or "Look"
    step_only = False
    if section in _SCOPED and shown is not None:
        step_only = _scope(desk, layer, scope)
    work = work_on(desk, layer, shown, step_only=step_only)
    if work.fault:
        st.error(f"The data of this layer can not be read: {work.fault}")
    if shown is not None:
        _overrides(desk, shown)
        if step_only:
            _droppable(work)
    _SECTIONS[section](work)


def _scope(desk: Desk, layer: str, key: str) -> bool:
    """Asks whether changes are for the whole story. True: for this step only."""
    title = str(desk.get(("steps", desk.step, "title"), desk.step))
    others = len(layeredits.uses(desk.now, layer).shown)
    whole = f"Whole story ({others} {'step' if others == 1 else 'steps'})"
    options = {"story": whole, "step": f"This step only: {title}"}
    # A widget that is not shown forgets; what was decided stays while other parts of the layer are looked at.
    kept = f"{key}, kept"
    st.session_state.setdefault(key, st.session_state.get(kept, "story"))
    chosen = st.radio("Changes below hold for", list(options), format_func=options.__getitem__, key=key)
    st.session_state[kept] = chosen
    return chosen == "step"


def _in_step(desk: Desk, work: Work) -> None:
    """What is decided for each step by itself."""
    assert work.shown is not None
    place = ("steps", desk.step, "show", work.shown.entry)
    with st.container(horizontal=True, gap="medium"):
        if work.data.get("label") is not None:
            fields.toggle(desk, (*place, "label"), "Labels", default=True, help="In this step.")
        if work.data.get("legend") is not None:
            fields.toggle(desk, (*place, "legend"), "In the legend", default=True, help="In this step.")
        if "line" in work.kinds:
            fields.toggle(
                desk, (*place, "grow"), "Grows", help="The line grows as the reader scrolls through this step."
            )


def _overrides(desk: Desk, shown: Shown) -> None:
    """What this step has of its own, each to be taken back."""
    found = layeredits.overrides(desk.now, desk.step, shown.entry)
    if not found:
        return
    key = f"own/{desk.slug}/{desk.step}/{shown.name}"
    with st.expander(f"Only in this step: {', '.join(one.words for one in found)}"):
        for one in found:
            left, right = st.columns([5, 2], vertical_alignment="center")
            left.text(f"{one.words.capitalize()}: {layer_itself.told(one)}")
            right.button(
                "Take back", key=f"{key}/{one.key}", help=f"{one.words.capitalize()} as in the whole story", width="stretch",
                on_click=_take_back, args=(desk, shown, one.key),
            )  # fmt: skip
        if len(found) > 1:
            st.button(
                "Take all back", key=f"{key}/all",
                on_click=_take_back, args=(desk, shown, None),
            )  # fmt: skip


def _droppable(work: Work) -> None:
    """What the whole story says of the layer's style, each rule to be dropped in this step."""
    rules = layeredits.droppable_rules(work.desk.now, work.target)
    if not rules:
        return
    with st.expander("Drop a rule of the whole story in this step"):
        for one in rules:
            left, right = st.columns([5, 2], vertical_alignment="center")
            left.text(
                f"{one.words.capitalize()}: {layer_itself.told(replace(one, here=one.otherwise, otherwise=None))}"
            )
            right.button(
                "Drop", key=f"drop/{work.desk.slug}/{work.desk.step}/{work.target.entry}/{one.key}", width="stretch",
                help=f"This step without the {one.words} of the whole story: what is right by itself holds.",
                on_click=_drop, args=(work, one.key),
            )  # fmt: skip


def _drop(work: Work, key: str) -> None:
    known = work.known
    if key == "column" and known is not None:
        # What the step has of its own for this rule goes as well.
        work.desk.do(lambda story: layerrules.color_by(story, work.target, "one", None, known, work.lang))
    else:
        work.desk.do(lambda story: layeredits.restyle(story, work.target, {key: DROPPED}))


def _take_back(desk: Desk, shown: Shown, key: str | None) -> None:
    if key is None:
        desk.do(lambda story: layeredits.take_all_back(story, desk.step, shown.entry))
    else:
        desk.do(lambda story: layeredits.take_back(story, desk.step, shown.entry, key))
