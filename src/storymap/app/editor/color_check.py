"""The colours that a step shows: how they stand out from the ground, and which readers can tell them apart.

It knows no Streamlit.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from storymap.app.editor import swatches
from storymap.app.editor.desk import Desk
from storymap.app.editor.layer_desk import Shown, Work, colors_of, shown_in, work_on
from storymap.colorvision import ALIKE, VISIONS, Vision, blended, difference, simulate, six_digits
from storymap.drawing import Paint
from storymap.layerrules import merged, mode
from storymap.painting import Kind
from storymap.palette import contrast
from storymap.symbology import Symbolised

__all__ = ["Finding", "Use", "alike", "faint", "findings", "is_faint", "uses_in"]

LINE_RATIO = 3.0
"""Contrast that lines and symbols need against the ground (WCAG 2.2, 1.4.11)."""
TEXT_RATIO = 4.5
"""Contrast that text needs (1.4.3)."""
AREA_RATIO = 1.12
"""Below it, the fill of an area can hardly be seen."""
_WITHOUT: Mapping[Vision, str] = {"protan": "red", "deutan": "green", "tritan": "blue"}


@dataclass(frozen=True, slots=True)
class Use:
    """A colour as a step shows it."""

    layer: str
    name: str
    """What it stands for, as the legend says."""
    what: Literal["area", "line", "point", "text"]
    token: str
    """``#rrggbb`` or a name."""
    seen: str
    """``#rrggbb`` on the ground, mixed with it as far as it is see-through."""
    ground: str
    mark: tuple[object, ...] = ()
    """What else it is told by: dashes, symbol, pattern, width."""
    ramp: bool = False
    """One of the colours of a ramp, which are told by their order."""
    edge: str | None = None
    """Its outline on the ground, which may make a pale fill stand out."""

    @property
    def ratio(self) -> float:
        """Contrast against the ground, 1 to 21."""
        return max(contrast(color, self.ground) for color in (self.seen, self.edge) if color)

    @property
    def needed(self) -> float:
        """The contrast that it needs."""
        return {"text": TEXT_RATIO, "area": AREA_RATIO}.get(self.what, LINE_RATIO)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with colours of a step, in words."""

    layer: str
    text: str


def uses_in(desk: Desk, step: str, tone: str | None = None) -> tuple[Use, ...]:
    """The colours that the step shows, from the top of its map to the bottom. ``tone``: another than its own."""
    tone = tone or str(desk.get(("steps", step, "tone"), "light"))
    colors = swatches.colors_in(tone, colors_of(desk))
    found: dict[Use, None] = {}
    for shown in reversed(shown_in(desk, step)):
        work = work_on(desk, shown.layer, shown)
        for use in _layer_uses(work, shown, colors):
            found.setdefault(use)
    return tuple(found)


def _layer_uses(work: Work, shown: Shown, colors: Mapping[str, str]) -> list[Use]:
    symbols = work.symbolised()
    if symbols is None:
        return []
    uses = []
    ramp = work.known is not None and _is_ramp(work, shown)
    names = _class_names(symbols, work.title)
    for kind, paint in swatches.classes_in(symbols):
        if swatches.visible(paint):
            use = _use(shown.layer, names[kind, paint], kind, paint, colors, ramp=ramp)
            if use is not None:
                uses.append(use)
    label = work.data.get("label")
    if isinstance(label, dict) and label.get("color") and shown.data.get("label") is not False:
        color = _value(str(label["color"]), colors)
        if color:
            uses.append(Use(shown.layer, f"Labels of {work.title}", "text", str(label["color"]), color, colors["halo"]))
    return uses


def _class_names(symbols: Symbolised, title: str) -> dict[tuple[Kind, Paint], str]:
    """Name of every class that is drawn."""
    said = {entry.paint: entry.text for entry in symbols.legend if entry.paint is not None and entry.kind != "heading"}
    several = len({row.paint for row in symbols.rows}) > 1
    names: dict[tuple[Kind, Paint], str] = {}
    for row in symbols.rows:
        paint = symbols.paints[row.paint]
        text = said.get(paint)
        names[row.kind, paint] = f"{title}: {text}" if several and text and text != title else title
    return names


def _is_ramp(work: Work, shown: Shown) -> bool:
    assert work.known is not None
    return mode(merged(work.data, shown.data), work.known) == "classes"


def _use(layer: str, name: str, kind: Kind, paint: Paint, colors: Mapping[str, str], *, ramp: bool) -> Use | None:
    fill = paint.fill if paint.fill_opacity > 0 else None
    line = paint.stroke if paint.weight > 0 and paint.opacity > 0 else None
    # What is told of a shape is its fill, unless that is faint and there is a line.
    strong = fill is not None and (paint.fill_opacity >= 0.25 or line is None)
    token, opacity = (fill, paint.fill_opacity) if kind != "line" and strong else (line, paint.opacity)
    color = _value(token or "", colors)
    if color is None or token is None:
        return None
    mark: tuple[object, ...] = {
        "area": (paint.pattern,), "line": (paint.dash, round(paint.weight / 2), paint.arrow), "point": (paint.symbol, paint.soft),
    }[kind]  # fmt: skip
    what: Literal["area", "line", "point"] = "line" if kind == "area" and token == line and token != fill else kind
    outline = _value(line, colors) if line and paint.weight >= 1 and not paint.soft else None
    edge = blended(outline, colors["land"], paint.opacity) if outline else None
    seen = blended(color, colors["land"], opacity)
    return Use(layer, name, what, token, seen, colors["land"], (kind, *mark), ramp, edge)


def _value(token: str, colors: Mapping[str, str]) -> str | None:
    if token.startswith("#"):
        return six_digits(token)
    return colors.get(token)


def is_faint(use: Use) -> bool:
    """Whether a colour does not stand out from its ground; of a ramp, some are to be pale."""
    return use.ratio < use.needed and not use.ramp


def faint(uses: Sequence[Use]) -> list[Finding]:
    """Colours that do not stand out from their ground."""
    out = []
    for use in uses:
        if is_faint(use):
            need = "can hardly be seen" if use.what == "area" else f"needs {use.needed:g}:1 to be seen by all"
            need = f"needs {use.needed:g}:1 to be read" if use.what == "text" else need
            out.append(
                Finding(use.layer, f"“{use.name}” is faint on this map: its contrast is {use.ratio:.1f}:1, it {need}.")
            )
    return out


@lru_cache(maxsize=256)
def _alike(uses: tuple[Use, ...]) -> tuple[tuple[Use, Use, tuple[Vision, ...]], ...]:
    found = []
    for one, other in itertools.combinations(uses, 2):
        if one.mark != other.mark or one.name == other.name or (one.ramp and other.ramp and one.layer == other.layer):
            continue
        if "text" in (one.what, other.what) or difference(one.seen, other.seen) < 1:
            # Labels say themselves what they are; and one colour for two things is meant so.
            continue
        close = tuple(
            vision for vision in VISIONS if difference(simulate(one.seen, vision), simulate(other.seen, vision)) < ALIKE
        )
        if close:
            found.append((one, other, close))
    return tuple(found)


def alike(uses: Sequence[Use]) -> list[Finding]:
    """Colours that are hard to tell apart, for all readers or for some, where nothing else tells them apart."""
    out = []
    for one, other, visions in _alike(tuple(uses)):
        if "full" in visions:
            said = f"“{one.name}” and “{other.name}” have colours that are hard to tell apart"
        else:
            lacking = [_WITHOUT[vision] for vision in visions]
            said = f"“{one.name}” and “{other.name}” look nearly alike to readers who do not see {_listed(lacking)}"
        mark = {"area": "pattern", "line": "dash", "point": "symbol"}[str(one.mark[0])]
        out.append(Finding(one.layer, f"{said}: make one lighter or darker, or give it another {mark}."))
    return out


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def findings(desk: Desk, step: str) -> list[Finding]:
    """All that is to be said of the colours of a step."""
    uses = uses_in(desk, step)
    return [*faint(uses), *alike(uses)]
