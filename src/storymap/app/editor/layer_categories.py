"""Categories: the values of a column, in the order of the legend, each with its name, colour and mark."""

from __future__ import annotations

from typing import Any

import streamlit as st

from storymap import classify, layerrules, values
from storymap.app.editor import fields, swatches
from storymap.app.editor import layer_fields as ask
from storymap.app.editor.layer_desk import Work, colors_of
from storymap.app.editor.layer_look import DASHES, PATTERN_NAMES, SYMBOL_NAMES
from storymap.app.editor.pictures import Picture, picture_choice
from storymap.app.editor.sorter import Entry, Happened, sort_list
from storymap.layerfacts import looks_of
from storymap.legend import swatch_svg
from storymap.painting import PATTERNS, SYMBOLS, Look, paint
from storymap.palette import CATEGORICAL

__all__ = ["show"]

MANY = 12
"""Categories beyond which a legend is no help."""
MOST = 60


def show(work: Work) -> None:
    """Shows the list of values, and the fields of the one that is chosen."""
    known = work.known
    if known is None or known.column(work.style.column) is None:
        st.warning(f"The data has no column '{work.style.column}'.")
        return
    try:
        listed = layerrules.pinned(work.style, known, work.where, work.lang)
        groups = looks_of(work.style, known, work.where, work.lang)
    except (classify.ClassError, ValueError, KeyError) as error:
        st.error(str(error))
        return
    if len(listed) > MANY:
        st.warning(
            f"{len(listed)} different values: no reader tells so many colours apart. Choose a column with fewer, or "
            "classes of a number."
        )
    looks = dict(zip(listed, groups.looks, strict=True))
    texts = dict(zip(listed, groups.texts, strict=True))
    names = list(listed)[:MOST]
    if not names:
        st.caption("No feature has a value in this column.")
        return
    chosen = _list(work, names, looks, texts)
    _one(work, chosen, listed[chosen], looks[chosen], texts[chosen])
    _sets(work)
    ask.overridden(work, "categories", "cmap")


def _key(work: Work, *parts: str) -> str:
    return "/".join([fields.key_of(work.desk, work.place("categories")), *parts])


def _list(work: Work, names: list[str], looks: dict[str, Look], texts: dict[str, str]) -> str:
    known = work.known
    assert known is not None
    column = known.column(work.style.column)
    count = dict(zip(map(values.text_of, column.values), column.counts, strict=True)) if column else {}
    colors = swatches.colors_in(str(work.desk.get(("steps", work.desk.step, "tone"), "light")), colors_of(work.desk))
    entries = [
        Entry(name, texts[name], _note(name, texts[name], count.get(name, 0)), _picture(work, looks[name], colors))
        for name in names
    ]
    kept = f"{_key(work)}/chosen/{work.style.column}"
    chosen = st.session_state.get(kept)
    chosen = chosen if chosen in names else names[0]

    def then(happened: Happened) -> None:
        st.session_state[kept] = happened.id
        if happened.what == "order":
            work.desk.do(
                lambda story: layerrules.order_categories(story, work.target, known, work.lang, happened.order)
            )

    st.caption("In the order of the legend.")
    sort_list(_key(work, "list"), entries, chosen, f"Values of {work.style.column}", then=then)
    return chosen


def _note(name: str, text: str, count: int) -> str:
    features = "in no feature" if not count else f"{count} feature{'' if count == 1 else 's'}"
    return features if text.casefold() == name.casefold() else f"{name} · {features}"


def _picture(work: Work, look: Look, colors: dict[str, str]) -> str:
    kind = work.kinds[0] if work.kinds else "point"
    try:
        return swatches.address(swatch_svg(kind, paint(work.style, kind, look), colors))
    except KeyError:
        return ""


def _one(work: Work, value: str, category: dict[str, Any], look: Look, text: str) -> None:
    known = work.known
    assert known is not None

    def change(key: str, entered: Any) -> None:
        work.desk.do(
            lambda story: layerrules.set_category(story, work.target, known, work.lang, value, key, entered),
            join=key == "color",
        )

    with st.container(border=True):
        _name(work, value, category, text)
        color = str(category["color"])
        ask.any_color(
            work.desk, _key(work, value, "color"), f"Colour of “{text}”", color, lambda one: change("color", one)
        )
        if "point" in work.kinds and work.style.size_column is None:
            options = [Picture(one, SYMBOL_NAMES[one], swatches.symbol(one)) for one in SYMBOLS]
            picture_choice(_key(work, value, "symbol"), "Symbol", options, look.symbol or "circle",
                           lambda one: change("symbol", one), size="card")  # fmt: skip
        if "area" in work.kinds:
            options = [Picture(one, PATTERN_NAMES[one], swatches.pattern(one)) for one in PATTERNS]
            picture_choice(_key(work, value, "pattern"), "Pattern", options, look.pattern or "none",
                           lambda one: change("pattern", one), size="card")  # fmt: skip
        if "line" in work.kinds:
            options = [Picture(one or "0", name, swatches.dash(one)) for one, name in DASHES.items()]
            now = look.dash or "0"
            if now not in {one.value for one in options}:
                options.append(Picture(now, "Own", swatches.dash(now)))
            picture_choice(_key(work, value, "dash"), "Dashes", options, now,
                           lambda one: change("dash_array", one), size="card")  # fmt: skip


def _name(work: Work, value: str, category: dict[str, Any], text: str) -> None:
    known = work.known
    assert known is not None
    place = (*work.place("categories"), value, "label")
    fields.text(
        work.desk, place, "Name in the legend", placeholder=text if not category.get("label") else value,
        make=lambda story, entered: layerrules.set_category(
            story, work.target, known, work.lang, value, "label", entered
        ),
    )  # fmt: skip


def _sets(work: Work) -> None:
    """Sets of colours that are dealt out in turn."""
    own = Picture("", "Made for maps", swatches.ramp(tuple(colors_of(work.desk)[name].light for name in CATEGORICAL)))
    options = [own]
    for name, purpose in classify.ramps().items():
        if purpose == "qualitative":
            options.append(Picture(name, name, swatches.ramp(classify.ramp(name, 8))))
    value = work.style.cmap or ""
    with st.expander("Deal out other colours"):
        st.caption(
            "Gives every value a colour of the set, in place of the one it has. The first is told apart by all readers."
        )
        picture_choice(
            _key(work, "set"), "Sets of colours", options, value if value in {one.value for one in options} else "",
            lambda one: work.desk.do(lambda story: layerrules.recolor(story, work.target, one or None)), size="wide",
        )  # fmt: skip
