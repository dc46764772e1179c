"""Lettering: the typographic roles of the map, how wide a text is, and where each label goes.

The page's script reads the same tables (`tables`) and places by the same rules, so a still and the live map agree.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple

from storymap.drawing import Box, Label

__all__ = [
    "FONT",
    "HALO",
    "LINE",
    "ROLE_STYLES",
    "Placed",
    "RoleStyle",
    "overlap",
    "place",
    "role_css",
    "tables",
    "width",
    "wrap",
]

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif'
HALO = 3.0
"""Width of the halo's stroke in pixels: half of it shows around the letters."""
LINE = 1.2
"""Line height in em."""
BASELINE = 0.95
"""From the top of a line to its baseline, in em."""
BOLD = 1.07
"""Advance of bold against regular letters, the mean over the table's faces."""
WRAP = 18
"""Labels of more letters are set in two lines where their role allows it."""
MARGIN = 2.0
"""Pixels kept free around a label."""
CORE = 40.0
"""Half the side in pixels of what a symbol keeps free of foreign labels at most."""
RING_AIR = 4.0
"""Pixels between a symbol and its label."""
BESIDE = 10.0
"""Pixels between the middle of a line and its label beside it."""
NEAR = 5.0
NEAR_COST = 3
"""A label within so many pixels of another symbol could be read as its name; that costs as much as so many strokes."""
EDGE = 8.0
EDGE_COST = 2
"""A label within so many pixels of the map's edge looks cut off; that costs as much as so many strokes."""
SAME_PLACE = 40.0
"""The same text is not written twice within so many pixels."""


@dataclass(frozen=True, slots=True)
class RoleStyle:
    """How a role is set. Lower ``rank`` is placed first among labels of one priority."""

    size: float
    weight: int
    ink: str
    rank: int
    italic: bool = False
    spacing: float = 0.0
    """Letter-spacing in em."""
    upper: bool = False
    wrap: bool = False
    dot: float = 0.0
    """Radius in pixels of the mark that the label sets at its place; 0 for none."""


ROLE_STYLES: Mapping[str, RoleStyle] = {
    "feature": RoleStyle(13, 600, "ink", 0, wrap=True),
    "figure": RoleStyle(15, 700, "ink", 1, wrap=True),
    "country": RoleStyle(12, 500, "ink-country", 2, spacing=0.14, upper=True, wrap=True),
    "capital": RoleStyle(12.5, 600, "ink-place", 3, dot=2.4),
    "city": RoleStyle(12, 500, "ink-place", 4, dot=2.0),
    "region": RoleStyle(11, 500, "ink-region", 5, spacing=0.08, upper=True, wrap=True),
    "water": RoleStyle(11.5, 400, "ink-water", 6, italic=True, spacing=0.04),
    "range": RoleStyle(11.5, 400, "ink-region", 7, italic=True, spacing=0.1, wrap=True),
    "town": RoleStyle(11, 400, "ink-place", 8, dot=1.6),
    "quiet": RoleStyle(11, 400, "ink-quiet", 9),
}

# Advances in hundredths of an em: the mean of Arial's metrics (Liberation Sans), Noto Sans and DejaVu Sans,
# weighted 2:2:1, which stand for the system faces of readers' machines.
_ADVANCES: Mapping[int, str] = {
    23: "'’ijlіїIІЇ!",
    28: " ,.:;·",
    33: "/[]f()-t",
    38: 'Jr“”"²',
    44: "г°ғґұү",
    50: "*зқ?_csкстҒҰҮәz",
    53: "kvxy–ухэөһєL«»ГңҐ",
    57: "FaавьяҚҺ0123456789TeoТеёоч",
    61: "bdghnpquЗбдлнпрӘҢ+EPSYZ±×ЕЁКРУийцӨ",
    65: "#KVXБХABАВЬъ",
    70: "CRСЧЭЯЄДЛ",
    74: "&UмDHNИЙНПЦж",
    78: "GwЪыOQОФюф",
    87: "MМш%Ыщ",
    93: "m…ЖW",
    99: "@—ШЩ№Ю",
}
_ADVANCE = {letter: hundredths / 100 for hundredths, letters in _ADVANCES.items() for letter in letters}
_OTHER = 0.6
_WIDE = 1.0

Align = Literal["start", "middle", "end"]


class Placed(NamedTuple):
    """A label that found room. ``x``, ``y``: anchor of the first line's baseline; ``box``: its extent; pixels."""

    label: Label
    lines: tuple[str, ...]
    x: float
    y: float
    align: Align
    box: Box
    at: tuple[float, float]
    """The place that the label names."""


def width(text: str, size_px: float, *, bold: bool = False, spaced: float = 0.0) -> float:
    """About how many pixels wide ``text`` is in a system sans face. ``spaced``: letter-spacing in em.

    Latin and Cyrillic with Kazakh and Ukrainian letters come from a table; accents are measured as their base
    letters; East Asian letters take one em. Within 10 % of the faces in `FONT`.
    """
    ems = sum(_advance(letter) for letter in text) * (BOLD if bold else 1.0)
    return (ems + spaced * len(text)) * size_px


def _advance(letter: str) -> float:
    known = _ADVANCE.get(letter)
    if known is not None:
        return known
    if letter == "\u00a0":
        return _ADVANCE[" "]
    if ord(letter) < 0x300:
        return 0.74 if letter.isupper() else 0.57
    return 0.0 if ord(letter) < 0x370 else _WIDE if ord(letter) >= 0x2E80 else _OTHER


def wrap(text: str, role: RoleStyle, *, narrow: bool = False) -> tuple[str, ...]:
    """``text`` as the role sets it: in capitals where it says so, and long names in two lines of like length.

    ``narrow``: short names of more than one word, too.
    """
    text = text.upper() if role.upper else text
    # A space between digits groups a number, and is as fixed as one that the writer fixed.
    words = re.split(r"[^\S\u00a0]+", re.sub(r"(\d)\s+(?=\d)", "\\1\u00a0", text.strip()))
    if not role.wrap or (len(text) <= WRAP and not narrow) or len(words) < 2:
        return (text,)
    halves = [(" ".join(words[:n]), " ".join(words[n:])) for n in range(1, len(words))]
    return min(halves, key=lambda half: max(map(len, half)))


def place(
    labels: Sequence[tuple[Label, float, float]],
    viewport: Box,
    obstacles: Sequence[Box] = (),
    *,
    scale: float = 0.0,
    strokes: Sequence[tuple[float, float]] = (),
    roles: Mapping[str, RoleStyle] = ROLE_STYLES,
) -> tuple[Placed, ...]:
    """Labels that find room, the most important first.

    ``labels``: each with the x, y in pixels of its place. ``viewport`` (x0, y0, x1, y1) holds all of every label.
    ``obstacles``: square boxes of symbols, in pixels. ``strokes``: points along the lines that the step draws, some
    pixels apart. ``scale``: pixels a world unit, for `Label.blur`. Greedy by priority, then the role's rank, then the
    given order; a point label tries E, W, N, S, NE, NW, SE, SW of its place, one that is set on its place moves off it
    by a line. A label keeps clear of labels, of marks and of symbols other than its own; of the places left it takes
    the one that covers the least of lines, comes nearest to no other symbol and touches no edge of the viewport. Where
    none is clear of all that, it tries them in two lines. One without room is left out. The same input gives the same
    output.
    """
    order = sorted(range(len(labels)), key=lambda n: (-labels[n][0].priority, roles[labels[n][0].role].rank, n))
    placed: list[Placed] = []
    taken: list[Box] = []
    for number in order:
        label, x, y = labels[number]
        role = roles[label.role]
        if not _inside((x, y, x, y), viewport) or _repeats(label, x, y, placed):
            continue
        own = [box for box in obstacles if _own(box, x, y, label.anchor)]
        gap = _gap(label, own, scale)
        in_the_way = taken + [_core(box) for box in obstacles if box not in own]
        mark = (x - role.dot, y - role.dot, x + role.dot, y + role.dot)
        marked = role.dot > 0 and label.anchor == "point"
        if marked and any(overlap(mark, box) for box in taken):
            continue
        foreign = [box for box in obstacles if box not in own]
        best: Placed | None = None
        least = math.inf
        for lines in dict.fromkeys((wrap(label.text, role), wrap(label.text, role, narrow=True))):
            for candidate in _candidates(label, role, lines, x, y, gap):
                grown = _grow(candidate.box, MARGIN)
                if least == 0 or not _inside(grown, viewport) or any(overlap(grown, box) for box in in_the_way):
                    continue
                at_edge = not _inside(_grow(candidate.box, EDGE), viewport)
                cost = _cost(candidate.box, strokes, foreign) + (EDGE_COST if at_edge else 0)
                if cost < least:
                    best, least = candidate, cost
        if best:
            placed.append(best)
            taken += [best.box, mark] if marked else [best.box]
    return tuple(placed)


def _cost(box: Box, strokes: Sequence[tuple[float, float]], symbols: Sequence[Box]) -> int:
    """How much a label in ``box`` would cover of lines, and of which other symbols it could be taken for the name."""
    x0, y0, x1, y1 = _grow(box, MARGIN)
    crossed = sum(1 for x, y in strokes if x0 < x < x1 and y0 < y < y1)
    near = _grow(box, NEAR)
    return crossed + NEAR_COST * sum(1 for symbol in symbols if overlap(near, _core(symbol)))


def _repeats(label: Label, x: float, y: float, placed: Sequence[Placed]) -> bool:
    text = label.text.casefold()
    return any(
        other.label.text.casefold() == text and max(abs(other.at[0] - x), abs(other.at[1] - y)) < SAME_PLACE
        for other in placed
    )


def _own(box: Box, x: float, y: float, anchor: str) -> bool:
    """Whether the symbol in ``box`` is the label's own: round its place, or, for a label set on its place, below it."""
    if anchor == "centre":
        return box[0] <= x <= box[2] and box[1] <= y <= box[3]
    return abs(box[0] + box[2] - 2 * x) < 1 and abs(box[1] + box[3] - 2 * y) < 1


def _gap(label: Label, own: Sequence[Box], scale: float) -> float:
    """Pixels from the place to the text: outside the widest of the circles round it, and outside a soft disc."""
    widest = max(((box[2] - box[0]) / 2 + RING_AIR for box in own), default=0.0) if label.anchor == "point" else 0.0
    return max(label.gap, widest, label.blur * scale + 3 if label.blur else 0.0)


def _core(box: Box) -> Box:
    """The part of a symbol that foreign labels keep off: all of it, of large circles the middle."""
    x, y, half = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, min((box[2] - box[0]) / 2, CORE)
    return (x - half, y - half, x + half, y + half)


def _candidates(
    label: Label, role: RoleStyle, lines: tuple[str, ...], x: float, y: float, gap: float
) -> Iterator[Placed]:
    wide = max(width(line, role.size, bold=role.weight >= 600, spaced=role.spacing) for line in lines)
    high = role.size * LINE * len(lines)
    if label.anchor == "centre":
        # On its place; or, where a line or a symbol lies there, beside it.
        for up in (0.0, -1.0, 1.0):
            top = y - high / 2 + up * (high / 2 + BESIDE)
            yield _set(label, lines, role, (x, y), x - wide / 2, top, wide, high, "middle")
        for up in (-1.0, 1.0):
            top = y - high / 2 + up * (high / 2 + BESIDE / 2)
            yield _set(label, lines, role, (x, y), x + BESIDE, top, wide, high, "start")
            yield _set(label, lines, role, (x, y), x - BESIDE - wide, top, wide, high, "end")
        return
    near = 0.7 * gap
    spots: tuple[tuple[float, float, Align], ...] = (
        (x + gap, y - high / 2, "start"),
        (x - gap - wide, y - high / 2, "end"),
        (x - wide / 2, y - gap - high, "middle"),
        (x - wide / 2, y + gap, "middle"),
        (x + near, y - near - high, "start"),
        (x - near - wide, y - near - high, "end"),
        (x + near, y + near, "start"),
        (x - near - wide, y + near, "end"),
    )
    for left, top, align in spots:
        yield _set(label, lines, role, (x, y), left, top, wide, high, align)


def _set(
    label: Label, lines: tuple[str, ...], role: RoleStyle, at: tuple[float, float],
    left: float, top: float, wide: float, high: float, align: Align,
) -> Placed:  # fmt: skip
    anchor = left if align == "start" else left + wide if align == "end" else left + wide / 2
    return Placed(label, lines, anchor, top + BASELINE * role.size, align, (left, top, left + wide, top + high), at)


def _grow(box: Box, by: float) -> Box:
    return (box[0] - by, box[1] - by, box[2] + by, box[3] + by)


def _inside(box: Box, outer: Box) -> bool:
    return box[0] >= outer[0] and box[1] >= outer[1] and box[2] <= outer[2] and box[3] <= outer[3]


def overlap(first: Box, second: Box) -> bool:
    """Whether two boxes share more than an edge."""
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def tables() -> dict[str, Any]:
    """The roles and widths as plain data for the page's script (JSON)."""
    return {
        "font": FONT,
        "halo": HALO,
        "line": LINE,
        "baseline": BASELINE,
        "bold": BOLD,
        "wrap": WRAP,
        "margin": MARGIN,
        "core": CORE,
        "ringAir": RING_AIR,
        "beside": BESIDE,
        "near": NEAR,
        "nearCost": NEAR_COST,
        "edge": EDGE,
        "edgeCost": EDGE_COST,
        "samePlace": SAME_PLACE,
        "roles": {name: asdict(style) for name, style in ROLE_STYLES.items()},
        "advance": {str(hundredths): letters for hundredths, letters in _ADVANCES.items()},
    }


def role_css() -> str:
    """Style sheet of the lettering: one class ``l-<role>`` each, colours from the tokens."""
    every = ",".join(f".l-{name}" for name in ROLE_STYLES)
    halo = f"stroke:var(--c-halo);stroke-width:{HALO:g}px;stroke-linejoin:round"
    rules = [f"{every}{{font-family:{FONT};paint-order:stroke;{halo}}}"]
    for name, role in ROLE_STYLES.items():
        slant = "font-style:italic;" if role.italic else ""
        spacing = f"letter-spacing:{role.spacing:g}em;" if role.spacing else ""
        rules.append(
            f".l-{name}{{font-size:{role.size:g}px;font-weight:{role.weight};{slant}{spacing}fill:var(--c-{role.ink})}}"
        )
    return "\n".join(rules) + "\n"
