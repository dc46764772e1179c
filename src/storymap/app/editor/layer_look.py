"""How a layer looks: colour, width, dashes, symbol, pattern. Only what suits its geometry is shown."""

from __future__ import annotations

import re

import streamlit as st

from storymap import layerrules
from storymap.app.editor import checked, swatches
from storymap.app.editor import layer_fields as ask
from storymap.app.editor.checks import may_be_empty
from storymap.app.editor.layer_desk import Work, colors_of
from storymap.app.editor.pictures import Picture
from storymap.painting import PATTERNS, SYMBOLS

__all__ = ["DASHES", "PATTERN_NAMES", "SYMBOL_NAMES", "lengths", "show"]

DASHES = {
    "": "Solid", "7 4": "Dashed", "2 3": "Dotted", "10 3 2 3": "Dash-dot", "14 6": "Long", "2 7": "Sparse",
}  # fmt: skip
SYMBOL_NAMES = {name: name.capitalize() for name in SYMBOLS}
PATTERN_NAMES = {"none": "Plain", "hatch": "Hatched", "dots": "Dotted", "cross": "Crossed"}


def show(work: Work) -> None:
    """Shows the fields."""
    mode = layerrules.mode(work.style, work.known) if work.known else "one"
    kinds = work.kinds
    if not kinds:
        st.info("This layer shows no features, so there is nothing to be styled.")
        return
    if mode != "one":
        st.caption(f"The colours come from the data: column '{work.style.column}'. They are set under “By data”.")
    _color(work, mode)
    if "area" in kinds or ("point" in kinds and mode == "one"):
        _fill(work, mode)
    if "point" in kinds:
        _point(work)
    _stroke(work)
    if "area" in kinds:
        ask.picture(work, "pattern", "Pattern", [
            Picture(one, PATTERN_NAMES[one], swatches.pattern(one)) for one in PATTERNS
        ])  # fmt: skip
    _switches(work)


def _color(work: Work, mode: str) -> None:
    area = "area" in work.kinds
    if mode == "one":
        ask.color(work, "color", "Outline colour" if area and work.value("fill_color") else "Colour")
    elif mode == "classes" and area:
        ask.color(work, "color", "Outline colour")
    ask.overridden(work, "color")


def _fill(work: Work, mode: str) -> None:
    if mode == "one":
        same = str(work.value("color"))
        tone = colors_of(work.desk).get(same)
        picture = (
            swatches.pair(*tone) if tone else swatches.pair(ask.hex_of(work.desk, same), ask.hex_of(work.desk, same))
        )
        ask.color(work, "fill_color", "Fill", Picture("", "Same as the colour", picture, group="Same"))
    ask.percent(work, "fill_opacity", "Fill strength", help="0% leaves only the outline.")
    ask.overridden(work, "fill_color", "fill_opacity")


def _point(work: Work) -> None:
    sized = work.style.size_column is not None
    if not sized:
        ask.picture(work, "symbol", "Symbol", [
            Picture(one, SYMBOL_NAMES[one], swatches.symbol(one)) for one in SYMBOLS
        ])  # fmt: skip
        ask.size(work, "radius", "Size (radius)", 0.5, 24, 80)
        ask.overridden(work, "symbol", "radius")


def _stroke(work: Work) -> None:
    outline = "line" not in work.kinds
    ask.size(work, "weight", "Width of the outline" if outline else "Line width", 0, 10, 24)
    ask.percent(work, "opacity", "Strength of the outline" if outline else "Line strength")
    if "point" in work.kinds and len(work.kinds) == 1 and not work.value("soft"):
        ask.overridden(work, "weight", "opacity")
        return
    _dashes(work)
    ask.overridden(work, "weight", "opacity", "dash_array")


def _dashes(work: Work) -> None:
    names = DASHES
    value = str(work.value("dash_array"))
    if value not in names:
        names = {value: "Own", **names} if value != "0" else {**names, "0": "Solid "}
    ask.picture(work, "dash_array", "Dashes", [Picture(one, name, swatches.dash(one)) for one, name in names.items()])
    with st.popover("Own dashes", icon=":material/more_horiz:"):
        checked.text(
            work.desk, (*work.place("dash_array"),), "Line, gap, line, gap … in pixels", may_be_empty(lengths),
            make=work.make("dash_array"), default=work.unsaid("dash_array") or None, placeholder="6 4",
        )  # fmt: skip


def lengths(entered: str) -> str:
    """Dashes as they were typed (``6,4``) as a story holds them. Raises ``ValueError`` in words."""
    parts = entered.replace(",", " ").split()
    if not parts or not all(re.fullmatch(r"[0-9]+(\.[0-9]+)?", part) for part in parts):
        raise ValueError("Write lengths in pixels, as 6 4.")
    return " ".join(parts)


def _switches(work: Work) -> None:
    if "line" in work.kinds:
        ask.switch(work, "arrow", "Arrowhead at the end")
    if "line" not in work.kinds or len(work.kinds) > 1:
        ask.switch(work, "soft", "Soft edge", help="For places and areas that are known roughly.")
    ask.overridden(work, "arrow", "soft", "pattern")
