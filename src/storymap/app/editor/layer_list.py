"""The lists of layers: those of the step at work in drawing order, and all of the story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import streamlit as st

from storymap import edits, layeredits
from storymap.app.editor import swatches
from storymap.app.editor.desk import Desk
from storymap.app.editor.layer_desk import Shown, colors_of, shown_in, title_of, work_on
from storymap.app.editor.sorter import Action, Entry, Happened, sort_list
from storymap.manuscript import Data
from storymap.slugs import free
from storymap.yamlmatch import identity

__all__ = ["all_layers", "earlier", "this_step", "titles_in"]


def this_step(desk: Desk) -> Shown | None:
    """The layers of the step at work, from the top of the map down; gives the one that is chosen."""
    shown = shown_in(desk)
    kept = f"layer at work of {desk.slug}"
    chosen = next((one for one in shown if one.name == st.session_state.get(kept)), shown[-1] if shown else None)
    colors = swatches.colors_in(str(desk.get(("steps", desk.step, "tone"), "light")), colors_of(desk))

    def then(happened: Happened) -> None:
        by_name = {one.name: one for one in shown_in(desk)}
        if happened.id not in by_name:
            return
        number = by_name[happened.id].number
        if happened.what == "action":
            desk.do(lambda story: edits.hide_layer(story, desk.step, number))
            return
        st.session_state[kept] = happened.id
        if happened.what == "order":
            desk.do(lambda story: layeredits.move_shown(story, desk.step, number, happened.to))
            _keep(desk, kept, by_name[happened.id], happened.to)

    if shown:
        sort_list(
            f"shown of {desk.slug}", [_shown_entry(desk, one, colors) for one in reversed(shown)],
            chosen.name if chosen else None, "Layers of this step, the topmost first", then=then,
        )  # fmt: skip
    else:
        st.caption("This step shows only the basemap.")
    _add(desk, kept)
    return chosen


def _keep(desk: Desk, kept: str, moved: Shown, to: int) -> None:
    """Entries of one layer are called by their order, which a move may change: the moved one stays chosen."""
    now = list(reversed(shown_in(desk)))
    if to < len(now) and now[to].layer == moved.layer:
        st.session_state[kept] = now[to].name


def titles_in(desk: Desk) -> dict[str, str]:
    """Names of the entries of the step at work → what they are called, no two the same: where a step shows a layer several
    times, they are told apart by what each shows of it."""
    shown, titles = shown_in(desk), dict[str, str]()
    several = Counter(title_of(desk, one.layer) for one in shown)
    for one in shown:
        title = title_of(desk, one.layer)
        only = _only(one.data.get("where")) if several[title] > 1 else ""
        titles[one.name] = free(f"{title}: {only}" if only else title, titles.values())
    return titles


def _only(where: object) -> str:
    """The values of a filter, in a few words."""
    values = where.values() if isinstance(where, dict) else ()
    plain = (value if isinstance(value, list) else [value] for value in values if not isinstance(value, dict))
    said = ", ".join(str(one) for group in plain for one in group)
    return f"{said[:39]}…" if len(said) > 40 else said


def _shown_entry(desk: Desk, shown: Shown, colors: Mapping[str, str]) -> Entry:
    work = work_on(desk, shown.layer, shown, step_only=True)
    own = [one.words for one in layeredits.overrides(desk.now, desk.step, shown.entry)]
    note = f"here: {', '.join(own)}" if own else ""
    if shown.data.get("grow"):
        note = f"{note} · grows" if note else "grows"
    picture = swatches.layer_picture(work.symbolised(), colors, labelled=work.data.get("label") is not None)
    # The eye says what is so, the words what the button does.
    action = Action("hide", "Hide in this step", "show")
    title = titles_in(desk).get(shown.name, work.title)
    return Entry(shown.name, title, f"can not be read · {note}" if work.fault else note, picture, (action,))


def _add(desk: Desk, kept: str) -> None:
    """Shows one more layer."""
    there = {one.layer for one in shown_in(desk)}
    ids = [str(layer.get("id")) for layer in desk.layers]
    options = [*(one for one in ids if one not in there), *(one for one in ids if one in there)]
    key = f"show in {desk.slug}/{desk.step}"

    def add() -> None:
        layer = st.session_state.get(key)
        st.session_state[key] = None
        if layer:
            _show(desk, layer)
            st.session_state[kept] = shown_in(desk)[-1].name

    def name(layer: str) -> str:
        return f"{title_of(desk, layer)} (once more)" if layer in there else title_of(desk, layer)

    st.selectbox(
        "Show a layer", options, index=None, key=key, on_change=add, format_func=name, placeholder="Show one more layer",
        label_visibility="collapsed",
    )  # fmt: skip


def _show(desk: Desk, layer: str) -> None:
    before = earlier(desk, layer) if layer not in {one.layer for one in shown_in(desk)} else None
    desk.do(lambda story: layeredits.show_again(story, desk.step, layer, before))


def earlier(desk: Desk, layer: str) -> Data | str | None:
    """How the step at work showed the layer before it was hidden, if it did since the story was opened."""
    for _, story in reversed(desk.trail.done):
        for step in story.data.get("steps") or []:
            if identity(step) == desk.step:
                for entry in step.get("show") or []:
                    if identity(entry) == layer:
                        return entry  # type: ignore[no-any-return]
    return None


def all_layers(desk: Desk) -> str | None:
    """All layers in the order of the file; gives the one that is chosen."""
    kept = f"layer among all of {desk.slug}"
    ids = [str(layer.get("id")) for layer in desk.layers]
    if not ids:
        st.info("The story has no layers yet. Bring data in under “Data”.")
        return None
    at_work = str(st.session_state.get(f"layer at work of {desk.slug}") or "").split("/")[0]
    wanted = st.session_state.get(kept) or at_work
    chosen = wanted if wanted in ids else ids[0]
    here = {one.layer for one in shown_in(desk)}
    steps = _steps(desk)
    colors = swatches.colors_in("light", colors_of(desk))

    def then(happened: Happened) -> None:
        st.session_state[kept] = happened.id
        if happened.what == "order":
            desk.do(lambda story: edits.move(story, ("layers", happened.id), happened.to))
        elif happened.what == "action":
            _toggle(desk, happened.id)

    entries = [_entry(desk, layer, steps.get(layer, 0), layer in here, colors) for layer in ids]
    st.caption("In the order of the story's file. What lies on top of what, each step decides.")
    with st.container(height=330, border=False):
        sort_list(f"layers in file of {desk.slug}", entries, chosen, "All layers of the story", then=then)
    return chosen


def _toggle(desk: Desk, layer: str) -> None:
    if layer in {one.layer for one in shown_in(desk)}:
        desk.do(lambda story: edits.hide_layer(story, desk.step, layer))
    else:
        _show(desk, layer)


def _steps(desk: Desk) -> dict[str, int]:
    """Layer → number of steps that show it."""
    count: dict[str, int] = {}
    for step in desk.steps:
        for layer in {identity(entry) for entry in step.get("show") or []}:
            count[str(layer)] = count.get(str(layer), 0) + 1
    return count


def _entry(desk: Desk, layer: str, steps: int, here: bool, colors: Mapping[str, str]) -> Entry:
    work = work_on(desk, layer)
    used = f"in {steps} step{'' if steps == 1 else 's'}" if steps else "in no step"
    used += ", shown here" if here else ", not here" if steps else ""
    note = f"can not be read · {used}" if work.fault else used
    picture = swatches.layer_picture(work.symbolised(), colors, labelled=work.data.get("label") is not None)
    word = "Hide in this step" if here else "Show in this step"
    # Not as a button that is pressed: "Hide, pressed" would say that the layer is hidden.
    action = Action("toggle", word, "show" if here else "hide")
    return Entry(layer, work.title, note, picture, (action,))
