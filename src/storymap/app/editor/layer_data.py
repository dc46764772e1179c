"""How data colours and sizes a layer: one colour, categories, classes of numbers, proportional circles."""

from __future__ import annotations

import itertools
import math
from functools import lru_cache
from html import escape
from typing import get_args

import pandas as pd
import streamlit as st

from storymap import classify, layerrules
from storymap.app.editor import checked, fields, layer_categories, swatches
from storymap.app.editor import layer_fields as ask
from storymap.app.editor.checks import may_be_empty
from storymap.app.editor.layer_desk import Work
from storymap.app.editor.pictures import Picture, picture_choice
from storymap.layeredits import restyle
from storymap.layerfacts import Column, number_columns
from storymap.layerrules import Mode
from storymap.values import number

__all__ = ["limits_from", "ramp_options", "show"]

_MODES: dict[Mode, str] = {"one": "One colour", "categories": "Categories", "classes": "Classes of numbers"}
_SCHEMES = {
    "fisher_jenks": "Natural groups", "quantiles": "As many features in each", "equal_interval": "Equal steps",
    "pretty_breaks": "Round numbers", "user_defined": "My own limits",
}  # fmt: skip
_GROUPS = {"sequential": "From less to more", "diverging": "Two ways from a middle"}
_CHECKED = ":material/check: "


def show(work: Work) -> None:
    """Shows the fields."""
    if work.known is None:
        return
    mode = layerrules.mode(work.style, work.known)
    _mode(work, mode)
    if mode != "one":
        _column(work, mode)
    if mode == "categories":
        layer_categories.show(work)
    elif mode == "classes":
        _classes(work)
    if "point" in work.kinds:
        st.divider()
        _sizes(work)


def _mode(work: Work, mode: Mode) -> None:
    known = work.known
    assert known is not None
    numbers = ask.columns(work, ["number"])
    modes: list[Mode] = ["one"]
    modes += ["categories"] if known.columns else []
    modes += ["classes"] if numbers else []

    def change(how: Mode) -> None:
        column = _suited(work, how)
        work.desk.do(lambda story: layerrules.color_by(story, work.target, how, column, known, work.lang))

    ask.choose(f"{_key(work)}/mode", "What the colour says", modes, mode, change, names=_MODES)
    ask.overridden(work, "column")


def _key(work: Work) -> str:
    return fields.key_of(work.desk, work.place())


def _suited(work: Work, how: Mode) -> str | None:
    """The column to begin with: the one at work, or the first that has a few values, or numbers that differ."""
    known = work.known
    if how == "one" or known is None:
        return None
    now = known.column(work.style.column)
    if now is not None and (how == "categories" or now.kind == "number"):
        return now.name
    if how == "classes":
        numbers = number_columns(known)
        return next((one for one in numbers if one.name != work.data.get("accuracy")), numbers[0]).name

    def suits(column: Column) -> tuple[bool, bool, bool]:
        return 2 <= column.different <= 8, column.kind != "number", column.name not in ("id", "name")

    return max(known.columns, key=suits).name


def _column(work: Work, mode: Mode) -> None:
    known = work.known
    assert known is not None
    names = {
        column.name: f"{column.name}  ({_about(column, work.lang)})"
        for column in known.columns
        if mode == "categories" or column.kind == "number"
    }

    def change(column: str) -> None:
        work.desk.do(lambda story: layerrules.color_by(story, work.target, mode, column, known, work.lang))

    ask.choose(f"{_key(work)}/column of colours", "Column", list(names), work.style.column, change, names=names)


def _about(column: Column, lang: str) -> str:
    if column.kind == "number" and column.low is not None and column.high is not None:
        return f"{number(column.low, lang)} to {number(column.high, lang)}"
    return f"{column.different} {'value' if column.different == 1 else 'values'}"


def _classes(work: Work) -> None:
    known, style = work.known, work.style
    assert known is not None
    scheme = style.scheme or ("user_defined" if style.breaks else "fisher_jenks")
    scheme = "fisher_jenks" if scheme == "natural_breaks" else scheme
    column = work.known.column(style.column) if work.known else None

    def change(chosen: str) -> None:
        limits = None
        if chosen == "user_defined":
            limits = [_plain(limit) for limit in layerrules.break_limits(style, known, work.where)] or None
        said = None if chosen == "fisher_jenks" and not (work.base.scheme or work.base.breaks) else chosen
        work.desk.do(lambda story: restyle(story, work.target, {"scheme": said, "breaks": limits}))

    left, right = st.columns(2)
    with left:
        ask.choose(f"{_key(work)}/scheme", "Limits", list(_SCHEMES), scheme, change, names=_SCHEMES)
    with right:
        if scheme == "user_defined":
            _breaks(work, column)
        else:
            fields.slider(
                work.desk, work.place("k"), "Classes", default=float(work.unsaid("k") or classify.DEFAULT_K),
                make=_whole(work), min_value=2.0, max_value=9.0, step=1.0, format="%d",
            )  # fmt: skip
    ask.overridden(work, "scheme", "k", "breaks", "cmap")
    try:
        rows = layerrules.class_limits(style, known, work.where, work.lang)
    except (classify.ClassError, ValueError, KeyError) as error:
        st.error(f"These limits make no classes: {error}")
        return
    st.html(_table(rows))
    wanted = int(work.value("k") or classify.DEFAULT_K)
    if scheme != "user_defined" and len(rows) < wanted:
        st.caption(_why_fewer(work, len(rows), wanted))
    _ramps(work, len(rows))


def _why_fewer(work: Work, made: int, wanted: int) -> str:
    known = work.known
    assert known is not None
    values = known.frame[work.style.column][known.passing(work.where)]
    different = int(pd.Series(values).nunique())
    classes = f"{made} {'class' if made == 1 else 'classes'}, not {wanted}"
    if different <= wanted:
        return f"{classes}: only {different} different {'value is' if different == 1 else 'values are'} there."
    return f"{classes}: these limits leave no values for more."


def _whole(work: Work) -> fields.Make:
    make = work.make("k")
    return lambda story, entered: make(story, None if entered is None else int(entered))


def _plain(value: float) -> float | int:
    return int(value) if float(value).is_integer() else float(value)


def _breaks(work: Work, column: Column | None) -> None:
    span = ""
    if column is not None and column.low is not None and column.high is not None:
        span = f"The data runs from {number(column.low, work.lang)} to {number(column.high, work.lang)}."
    checked.text(
        work.desk, work.place("breaks"), "Upper limits", may_be_empty(limits_from), shown=_limits_shown,
        default=list(work.style.breaks or ()) or None, help=f"From small to large, as 10; 50; 200. {span}",
        make=lambda story, entered: restyle(
            story, work.target,
            {"breaks": entered, "scheme": "user_defined"} if entered
            else {"breaks": work.cleared("breaks"), "scheme": work.cleared("scheme")},
        ),
    )  # fmt: skip


def _limits_shown(value: object) -> str:
    return (
        "; ".join(f"{limit:g}" if isinstance(limit, float) else str(limit) for limit in value)
        if isinstance(value, list | tuple)
        else ""
    )


def limits_from(entered: str) -> list[float | int]:
    """Limits of classes as they were typed: ``10; 50; 200``. Raises ``ValueError`` in words."""
    parts = [part.strip() for part in entered.replace(";", " ").split()] if ";" not in entered else entered.split(";")
    try:
        limits = [
            _plain(float(part.strip().rstrip(",").replace(" ", "").replace(",", "."))) for part in parts if part.strip()
        ]
    except ValueError:
        raise ValueError("Write numbers with semicolons between them, as 10; 50; 200.") from None
    if not all(map(math.isfinite, limits)):
        raise ValueError("Write numbers with semicolons between them, as 10; 50; 200.")
    if any(second <= first for first, second in itertools.pairwise(limits)):
        raise ValueError("The limits have to rise: write them from the smallest to the largest, each once.")
    if not 1 <= len(limits) <= 9:
        raise ValueError("Write one to nine limits.")
    return limits


def _table(rows: list[tuple[str, str, int]]) -> str:
    most = max((count for _, _, count in rows), default=0) or 1
    lines = "".join(
        f'<tr><td class="number">{escape(text)}</td><td><span class="bar" style="width:{max(2, round(150 * count / most))}px;'
        f'background:{escape(color)}"></span>{count}</td></tr>'
        for text, color, count in rows
    )
    head = '<tr><th scope="col">From – to</th><th scope="col">Features</th></tr>'
    return f'<table class="numbers">{head}{lines}</table>'


@lru_cache(maxsize=32)
def ramp_options(classes: int, thin: bool) -> tuple[Picture, ...]:
    """All ramps for numbers: first those that every reader can follow, of them those from less to more."""
    order = list(_GROUPS)
    ranked = []
    for name, purpose in classify.ramps().items():
        if purpose == "qualitative":
            continue
        colors = classify.ramp(name, classes, skip_light=thin)
        good = layerrules.suits_all(colors)
        group = f"{_GROUPS[purpose]} · for every kind of colour vision" if good else "Not told apart by all readers"
        rank = (not good, order.index(purpose), name != classify.DEFAULT_CMAP)
        ranked.append((rank, Picture(name, name, swatches.ramp(colors), group=group)))
    return tuple(picture for _, picture in sorted(ranked, key=lambda pair: pair[0]))


def _ramps(work: Work, classes: int) -> None:
    thin = "area" not in work.kinds
    shown = max(classes, 2)
    known = list(ramp_options(shown, thin))
    make = work.make("cmap")

    def then(value: str) -> None:
        said = None if value == classify.DEFAULT_CMAP and not work.base.cmap else value
        work.desk.do(lambda story: make(story, said), join=True)

    value = work.style.cmap or classify.DEFAULT_CMAP
    if value not in {one.value for one in known}:
        colors = classify.ramp(value, shown, skip_light=thin) if "_" in value else ()
        known = [Picture(value, value, swatches.ramp(colors) if colors else ""), *known]
    picture_choice(f"{_key(work)}/cmap", "Colours, from low to high", known, value, then, size="wide")


def _sizes(work: Work) -> None:
    columns = [column for column in work.known.columns if column.kind == "number"] if work.known else []
    fit = {column.name: f"{column.name}  ({_about(column, work.lang)})" for column in columns if (column.low or 0) >= 0}
    if not fit:
        st.caption("Circles can show numbers; this layer's data has no column of numbers from 0.")
        return
    none = {None: "Nothing: all have one size"}
    make = work.make("size_column")
    ask.choose(
        f"{_key(work)}/size", "What the size of circles says", [*none, *fit], work.style.size_column,
        lambda chosen: work.desk.do(lambda story: make(story, chosen)), names={**none, **fit},
        help="The area of a circle shows the number.",
    )  # fmt: skip
    if work.style.size_column is not None:
        ask.size(work, "radius_max", "Radius of the largest circle", 4, 80, 120)
    ask.overridden(work, "size_column", "radius_max")


assert set(_MODES) == set(get_args(Mode))
