"""A choice among pictures: colours, dashes, symbols, patterns, ramps. One of several, by mouse or arrow keys."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from storymap.storytypes import HEX

__all__ = ["Picture", "picked", "picture_choice"]


@dataclass(frozen=True, slots=True)
class Picture:
    """One thing to choose."""

    value: str
    name: str
    picture: str = ""
    """Its picture as a ``data:image/…`` address."""
    note: str = ""
    group: str = ""
    """Heading above the first of several."""


_HERE = Path(__file__)
_mount = st.components.v2.component(
    "storymap.pictures",
    html='<div class="pictures"><fieldset><legend></legend>'
    '<details><summary><img alt=""><span class="name"></span></summary><div class="options"></div></details>'
    "</fieldset></div>",
    css=_HERE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_HERE.with_suffix(".js").read_text(encoding="utf-8"),
)


def picture_choice(
    key: str,
    label: str,
    options: Sequence[Picture],
    value: str,
    then: Callable[[str], object],
    *,
    own: str | None = None,
    size: Literal["swatch", "card", "wide"] = "swatch",
) -> None:
    """Shows the choice; ``then`` gets the value that was picked, before anything of the page is shown again.

    ``own``: also any other colour, this one (``#rrggbb``) to begin with. ``size``: many pictures, folded away below the
    one that is chosen (``swatch``); all in sight with their names beside them (``card``); or one below the other
    (``wide``).
    """

    # A text field beside it may be for the same place.
    key = f"{key}/pictures"

    def changed() -> None:
        made = picked(st.session_state.get(key), options, own=own is not None)
        if made is not None:
            then(made)

    _mount(
        key=key,
        data={"label": label, "options": [asdict(one) for one in options], "value": value, "own": own, "size": size},
        on_picked_change=changed,
    )


def picked(said: Any, options: Sequence[Picture], *, own: bool) -> str | None:
    """What the component says was picked; None for nothing, and for what was not offered."""
    event = said.get("picked") if isinstance(said, Mapping) else None
    value = event.get("value") if isinstance(event, Mapping) else None
    if not isinstance(value, str):
        return None
    return value if value in {one.value for one in options} or (own and re.fullmatch(HEX, value)) else None
