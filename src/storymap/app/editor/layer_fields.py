"""Widgets for properties of a layer's style: each shows what is drawn, also where nothing is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from storymap import layeredits, palette
from storymap.app.editor import fields, swatches
from storymap.app.editor.desk import Desk
from storymap.app.editor.layer_desk import Work, colors_of, theme_colors
from storymap.app.editor.pictures import Picture, picture_choice
from storymap.colorvision import six_digits

__all__ = [
    "any_color", "choose", "color", "color_options", "columns", "hex_of", "overridden", "percent", "picture",
    "size", "switch",
]  # fmt: skip

_BUILT_IN: Mapping[str, str] = {
    **{token: f"Data colour {token.removeprefix('data-')}" for token in palette.CATEGORICAL},
    "ink": "Ink", "ink-quiet": "Quiet ink", "muted": "Grey", "water": "Water", "accent": "Accent",
    "paper": "Paper", "land": "Land", "no-data": "No data",
}  # fmt: skip
OTHER_COLOR = "#b5451b"


def color_options(desk: Desk) -> list[Picture]:
    """The named colours of the story: its own, and some that every story has."""
    own = theme_colors(desk.data)
    options = [
        Picture(name, name.replace("-", " ").capitalize(), swatches.pair(*tone), _values(tone), "Colours of this story")
        for name, tone in own.items()
    ]
    options += [
        Picture(
            name, called, swatches.pair(*palette.TOKENS[name]), _values(palette.TOKENS[name]), "Colours for all stories"
        )
        for name, called in _BUILT_IN.items()
        if name not in own
    ]
    return options


def _values(tone: palette.Tone) -> str:
    return tone.light if tone.light == tone.dark else f"{tone.light} on light, {tone.dark} on dark maps"


def hex_of(desk: Desk, value: str) -> str:
    """``#rrggbb`` of a colour on light maps."""
    if value.startswith("#"):
        return six_digits(value)
    tone = colors_of(desk).get(value)
    return tone.light if tone else OTHER_COLOR


def any_color(
    desk: Desk, key: str, label: str, value: str, then: Callable[[str], object], none: Picture | None = None
) -> None:
    """A colour by name or free. ``none``: the choice to have none of its own, with the value ""."""
    shown = six_digits(value) if value.startswith("#") else value
    options = [*([none] if none else []), *color_options(desk)]
    picture_choice(key, label, options, shown, then, own=hex_of(desk, value))


def color(work: Work, key: str, label: str, none: Picture | None = None) -> None:
    """A colour of the style."""
    make = work.make(key)

    def then(value: str) -> None:
        work.desk.do(lambda story: make(story, value or None), join=True)

    any_color(work.desk, _key(work, key), label, str(work.value(key)), then, none)


def _key(work: Work, *parts: str | int) -> str:
    return fields.key_of(work.desk, work.place(*parts))


def picture(work: Work, key: str, label: str, options: Sequence[Picture]) -> None:
    """A choice with pictures; the value "" takes the property away."""
    make = work.make(key)

    def then(value: str) -> None:
        work.desk.do(lambda story: make(story, value or None), join=True)

    picture_choice(_key(work, key), label, options, str(work.value(key)), then, size="card")


def percent(work: Work, key: str, label: str, **more: Any) -> None:
    """A share from 0 to 1, as percent."""
    bound = fields.bind(
        work.desk, work.place(key), default=work.unsaid(key), shown=lambda share: round(float(share) * 100),
        meant=lambda entered: entered / 100, make=work.make(key), join=True,
    )  # fmt: skip
    st.slider(label, 0, 100, format="%d%%", **bound, **more)


def size(work: Work, key: str, label: str, low: float, high: float, most: float, **more: Any) -> None:
    """Pixels, from ``low`` to ``high``; up to ``most`` when the story says more than ``high``."""
    value = float(work.desk.get(work.place(key), work.unsaid(key)))
    fields.slider(
        work.desk, work.place(key), label, default=float(work.unsaid(key)), make=work.make(key), format="%.1f px",
        min_value=float(min(low, value)), max_value=float(high if value <= high else most), step=0.1, **more,
    )  # fmt: skip


def switch(work: Work, key: str, label: str, **more: Any) -> None:
    """Yes or no."""
    fields.toggle(work.desk, work.place(key), label, default=bool(work.unsaid(key)), make=work.make(key), **more)


def columns(work: Work, kinds: Sequence[str] = ("number", "text", "flag")) -> list[str]:
    """Names of the columns of these kinds."""
    return [column.name for column in work.known.columns if column.kind in kinds] if work.known else []


def choose(
    key: str, label: str, options: Sequence[Any], value: Any, then: Callable[[Any], object], *,
    names: Mapping[Any, str] | None = None, **more: Any,
) -> None:  # fmt: skip
    """One of several, where a choice is more than one property: ``then`` makes the edit."""
    st.session_state[key] = value

    def changed() -> None:
        if fields.entered():
            then(st.session_state[key])

    known = list(options) if value in options else [*options, value]
    st.selectbox(
        label, known, format_func=lambda one: (names or {}).get(one, str(one)), key=key, on_change=changed,
        **{"placeholder": (names or {}).get(None), **more},
    )  # fmt: skip


def overridden(work: Work, *keys: str) -> None:
    """Says of properties that this step has its own, and what holds otherwise."""
    if work.shown is None:
        return
    own = work.shown.data.get("style")
    own = own if isinstance(own, dict) else {}
    said, dropped = (
        ", ".join(layeredits.PROPERTIES[key] for key in keys if key in own and (own[key] is None) == none)
        for none in (False, True)
    )
    does = [*([f"has its own {said}"] if said else []), *([f"drops the whole story's {dropped}"] if dropped else [])]
    if not does:
        return
    told = " and ".join(does)
    if work.step_only:
        st.caption(f":material/edit: This step {told}.")
    else:
        st.caption(f":material/edit: Not seen in this step, which {told}.")
