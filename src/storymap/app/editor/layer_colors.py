"""The colours of the step at work, as all readers see them: beside each other, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from storymap.app.editor import color_check
from storymap.app.editor.color_check import Use
from storymap.app.editor.desk import Desk
from storymap.colorvision import ALIKE, VISIONS, Vision, simulate

__all__ = ["show"]

_NAMES: dict[Vision, str] = {"full": "Full", "protan": "No red", "deutan": "No green", "tritan": "No blue"}


def show(desk: Desk) -> None:
    """Shows the table, what is wrong, and where other steps have something to look at."""
    uses = color_check.uses_in(desk, desk.step)
    if not uses:
        st.info("This step shows no layers of its own.")
    else:
        tone = desk.get(("steps", desk.step, "tone"), "light")
        st.caption(
            f"Every colour of this step on its {tone} map, as readers with full and with partial colour vision see it."
        )
        st.html(_table(uses, color_check.uses_in(desk, desk.step, "light" if tone == "dark" else "dark"), str(tone)))
        found = [*color_check.faint(uses), *color_check.alike(uses)]
        for finding in found:
            st.warning(finding.text, icon=":material/visibility:")
        if not found:
            st.success(
                "Every colour stands out from the map, and all readers can tell them apart.", icon=":material/check:"
            )
    _others(desk)
    with st.expander("How this is judged"):
        st.markdown(
            "Colours are compared by CIEDE2000, as full colour vision sees them and as simulated after Machado, Oliveira "
            "and Fernandes (2009) for readers without the cones for red (protanopia), green (deuteranopia) or blue "
            "(tritanopia). Two things of one kind are told when their colours are closer than "
            f"{ALIKE:g} and no dash, symbol or pattern tells them apart. Contrast is that of WCAG 2.2 "
            "against the land: lines and symbols need 3:1, text 4.5:1."
        )


def _table(uses: Sequence[Use], otherwise: Sequence[Use], tone: str) -> str:
    """``otherwise``: the same colours on maps of the other tone."""
    other = {(use.layer, use.name, use.what): use for use in otherwise}
    heads = "".join(f"<th scope='col'>{_NAMES[vision]}</th>" for vision in VISIONS)
    rows = ""
    for use in uses:
        both = [use, other.get((use.layer, use.name, use.what), use)]
        rows += _row(use, both if tone == "light" else both[::-1])
    heads += "<th scope='col' class='what'>What</th><th scope='col'>On light</th><th scope='col'>On dark</th>"
    return f"<table class='numbers'><tr>{heads}</tr>{rows}</table>"


def _row(use: Use, on_light_and_dark: Sequence[Use]) -> str:
    cells = "".join(
        f'<td><span class="is" style="background:{simulate(use.ground, vision)}">'
        f'<i style="background:{simulate(use.seen, vision)}"></i></span></td>'
        for vision in VISIONS
    )
    ratios = "".join(f'<td class="number">{_ratio(one)}</td>' for one in on_light_and_dark)
    return f'<tr>{cells}<td class="what">{escape(use.name)}</td>{ratios}</tr>'


def _ratio(use: Use) -> str:
    return f"{use.ratio:.1f}:1" + ("<br>faint" if color_check.is_faint(use) else "")


def _others(desk: Desk) -> None:
    told = []
    for step in desk.steps:
        found = color_check.findings(desk, str(step.get("id"))) if step.get("id") != desk.step else []
        if found:
            told.append((str(step.get("id")), str(step.get("title") or step.get("id")), len(found)))
    if not told:
        return
    with st.expander(f"Other steps with something to look at ({len(told)})"):
        for one, title, count in told:
            st.button(
                f"{title} ({count})",
                key=f"colors of {desk.slug}/{one}",
                on_click=_go,
                args=(desk, one),
                type="tertiary",
            )


def _go(desk: Desk, step: str) -> None:
    desk.step = step
