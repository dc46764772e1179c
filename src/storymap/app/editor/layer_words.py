"""What readers read of a layer: its labels on the map, its entry in the legend, what a tap on it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape

import streamlit as st

from storymap import edits, values
from storymap.app.editor import checked, fields, swatches
from storymap.app.editor import layer_fields as ask
from storymap.app.editor.checks import may_be_empty
from storymap.app.editor.layer_desk import Work, colors_of
from storymap.app.editor.pictures import Picture
from storymap.drawing import LegendEntry
from storymap.legend import swatch_svg
from storymap.painting import Kind

__all__ = ["accuracy", "labels", "legend"]

_ROLES = {
    "feature": "Place", "quiet": "Quiet, small", "region": "Region, spaced", "country": "Country, capitals",
    "water": "Water, italic", "figure": "Figure, large",
}  # fmt: skip


def labels(work: Work) -> None:
    """Shows the fields of the labels."""
    desk, known = work.desk, work.known
    if known is None:
        return
    place = ("layers", work.layer, "label")
    none: dict[str | None, str] = {None: "No labels"}
    names: dict[str | None, str] = {
        **none,
        **{column.name: _with_example(work, column.name) for column in known.columns},
    }
    column = desk.get((*place, "column"))

    def change(chosen: str | None) -> None:
        desk.do(lambda story: edits.set_part(story, place if chosen is None else (*place, "column"), chosen))

    ask.choose(fields.key_of(desk, place), "Text beside each feature", list(names), column, change, names=names)
    if column is None:
        return
    left, right = st.columns(2)
    with left:
        fields.choice(desk, (*place, "role"), "Type", list(_ROLES), names=_ROLES, default="feature")
    with right:
        fields.number(
            desk, (*place, "priority"), "Priority", step=1, min_value=-20, max_value=50, placeholder="0",
            help="Where labels collide, the one with the higher number is kept.",
        )  # fmt: skip
    ink = swatches.pair(*colors_of(desk)["ink"])
    ask.any_color(
        desk, fields.key_of(desk, (*place, "color")), "Colour of the text", str(desk.get((*place, "color"), "")),
        lambda value: desk.do(lambda story: edits.set_part(story, (*place, "color"), value or None), join=True),
        Picture("", "As the type has it", ink, group="Usual"),
    )  # fmt: skip
    st.caption("Labels hold for the whole story. In one step they can be left out: “Labels”, above.")


def _with_example(work: Work, column: str) -> str:
    found = work.known.column(column) if work.known else None
    example = next((values.shown(value, work.lang) for value in found.values), "") if found else ""
    return f"{column}  ({example[:28]}{'…' if len(example) > 28 else ''})" if example else column


def legend(work: Work) -> None:
    """Shows the fields of the legend and of what a tap shows."""
    desk, known = work.desk, work.known
    fields.text(
        desk, ("layers", work.layer, "legend"), "Text in the legend",
        help="Without it, the layer is not in the legend. For the whole story.",
    )  # fmt: skip
    symbols = work.symbolised()
    if symbols is not None and symbols.legend:
        tone = str(desk.get(("steps", desk.step, "tone"), "light"))
        entries = tuple(entry for entry in symbols.legend if entry.kind != "size" or not _labelled(work))
        colors = swatches.colors_in(tone, colors_of(desk))
        st.html(_picture_of(entries, work.lang, colors))
    if known is not None:
        names = {name: f"{values.named(name, work.lang)}  ({name})" for name in known.names}
        fields.many(
            desk, ("layers", work.layer, "tooltip"), "Shown when a reader taps a feature", list(known.names), names=names,
            help="Columns, in this order, each with its name. For the whole story.",
        )  # fmt: skip


def _picture_of(entries: Sequence[LegendEntry], lang: str, colors: Mapping[str, str]) -> str:
    """The legend as readers see it; its swatches as pictures, as Streamlit lets no drawing through."""
    items = []
    for entry in entries:
        text = f"<span>{escape(entry.text)}</span>"
        if entry.kind == "heading" or entry.paint is None:
            items.append(f'<li class="legend-heading">{text}</li>')
            continue
        kind: Kind = "point" if entry.kind == "size" else entry.kind
        paint = replace(entry.paint, radius=entry.radius) if entry.radius else entry.paint
        source = escape(swatches.address(swatch_svg(kind, paint, colors)), quote=True)
        items.append(f'<li><img src="{source}" alt="" width="30" height="18">{text}</li>')
    return f'<ul class="legend" aria-label="{escape(values.word("legend", lang))}">{"".join(items)}</ul>'


def _labelled(work: Work) -> bool:
    return work.data.get("label") is not None and (work.shown is None or work.shown.data.get("label") is not False)


def accuracy(work: Work) -> None:
    """Shows the fields of how exactly the places are known."""
    desk, place = work.desk, ("layers", work.layer, "accuracy")
    value = desk.get(place)
    how = "" if value is None else f"column {value}" if isinstance(value, str) else "number"
    numbers = ask.columns(work, ["number"])
    names = {"": "Not stated", "number": "One distance for all"} | {
        f"column {name}": f"From column {name} (km)" for name in numbers
    }

    def change(chosen: str) -> None:
        said = None if not chosen else 1 if chosen == "number" else chosen.removeprefix("column ")
        desk.do(lambda story: edits.set_part(story, place, said))

    left, right = st.columns([3, 2])
    with left:
        ask.choose(
            f"{fields.key_of(desk, place)}/how", "How exact the places are", list(names), how, change, names=names,
            help="Readers are told, and points that are known roughly are drawn soft.",
        )  # fmt: skip
    if how == "number":
        with right:
            checked.text(desk, place, "Within, in km", may_be_empty(_km), shown=lambda km: f"{km:g}")


def _km(entered: str) -> float | int:
    try:
        km = float(entered.lower().removesuffix("km").strip().replace(",", "."))
    except ValueError:
        raise ValueError("Write a distance in kilometres, as 0.5.") from None
    if not 0 < km < 20_000:
        raise ValueError("Write a distance above 0 km.")
    return int(km) if km.is_integer() else km
