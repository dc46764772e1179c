"""The colours and type of the story."""

from __future__ import annotations

from typing import Any

import streamlit as st

from storymap import edits
from storymap.app.editor import checks, fields, theming, told
from storymap.app.editor.desk import Desk
from storymap.app.editor.theming import Tone
from storymap.palette import CATEGORICAL

__all__ = ["show"]


def show(desk: Desk) -> None:
    """Shows the part."""
    colors: dict[str, Any] = desk.get(("theme", "colors")) or {}
    fields.choice(
        desk, ("theme", "accent"), "Colour of links and progress", [*colors, *CATEGORICAL], none="as the page has it"
    )
    fields.toggle(desk, ("theme", "serif"), "Headings in a serif face", default=True)
    st.markdown("**Named colours**", help="Styles of layers name them: change one here, and it changes everywhere.")
    if not colors:
        told.note("None yet. A named colour has a shade for light and one for dark maps.")
    used = theming.colors_used(desk.data)
    for name, value in colors.items():
        _color(desk, name, theming.both(value), used.get(name, 0), set(colors))
    free = next((name for name in theming.FREE if name not in colors), f"colour-{len(colors) + 1}")
    st.button("Add a colour", icon=":material/add:", key=fields.key_of(desk, ("theme", "colors", "add")),
              on_click=fields.doing(desk, lambda story: edits.set_part(
                  story, ("theme", "colors", free), {"light": "#0b6a72", "dark": "#5cc6c4"})))  # fmt: skip


def _color(desk: Desk, name: str, shades: dict[Tone, str], uses: int, taken: set[str]) -> None:
    with st.container(border=True, key=f"in-a-row/{fields.key_of(desk, ('theme', 'colors', name))}"):
        word, light, dark, away = st.columns([5, 2, 2, 1], vertical_alignment="bottom")
        with word:
            _name(desk, name, taken)
        with light:
            _picker(desk, name, "light", "Light")
        with dark:
            _picker(desk, name, "dark", "Dark")
        with away:
            what = f"Delete the colour {name}"
            st.button(what, key=fields.key_of(desk, ("theme", "colors", name, "remove")), icon=":material/delete:",
                      type="tertiary", help=what if not uses else f"{name}: used {uses} times", disabled=bool(uses),
                      on_click=fields.doing(desk, lambda story: theming.delete_color(story, name)))  # fmt: skip
        told_well = []
        for tone, shade in shades.items():
            words, well = theming.contrast_words(shade, tone)
            if well:
                told_well.append(f"{tone} maps {words}")
            else:
                told.fault(f"on {tone} maps {words}")
        if told_well:
            told.note(f"On {'; on '.join(told_well)}.")


def _picker(desk: Desk, name: str, tone: Tone, label: str) -> None:
    fields.color(
        desk, ("theme", "colors", name, tone), label, default="#808080",
        shown=lambda _: theming.both(desk.get(("theme", "colors", name)))[tone],
        make=lambda story, color: theming.with_color(story, name, tone, color),
    )  # fmt: skip


def _name(desk: Desk, name: str, taken: set[str]) -> None:
    key = fields.key_of(desk, ("theme", "colors", name, "name"))
    refusal = f"refused {key}"
    if key not in st.session_state:
        st.session_state[key] = name

    def changed() -> None:
        st.session_state.pop(refusal, None)
        try:
            new = checks.color_name(taken - {name})(st.session_state[key])
        except ValueError as error:
            st.session_state[refusal] = str(error)
            return
        if new is not None and new != name:
            desk.do(lambda story: theming.rename_color(story, name, new))

    st.text_input("Name", key=key, on_change=changed)
    if refusal in st.session_state:
        told.fault(st.session_state[refusal])
