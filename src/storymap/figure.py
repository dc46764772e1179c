"""A step's figure: a small chart over time as SVG that needs no script, and the table that says the same.

Kinds of values differ in shape and line, not in colour. A time that is only known to lie within a span is drawn with that
span. What lies between two values is not known: their line is broken unless their years are neighbours. Names and values
stand beside the marks; what finds no room there is in the table. Colours are the page's own (``--ink``, ``--accent`` …).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

from storymap import values, words
from storymap.figuredata import Row
from storymap.lettering import overlap, width
from storymap.marks import number, symbol_shape
from storymap.story import Figure, FigureKind

__all__ = ["HEIGHT", "WIDTH", "Plot", "drawing", "key_html", "kinds_of", "table_html", "value_ticks", "year_ticks"]

WIDTH, HEIGHT = 340.0, 204.0
"""Pixels of the drawing; the page scales it to the width of the text."""
TOP, FOOT, EDGE = 18.0, 20.0, 8.0
RADIUS = 3.8
VALUE_SIZE, NOTE_SIZE, TICK_SIZE = 12.5, 11.0, 11.0
LINE = 13.0
BEYOND_DATA = 0.25
"""Share of the data's time by which the axis goes on, at most, to where the step's own time begins or ends."""
NEAR_YEARS = 1.5
"""Values no further apart are neighbours: a solid line joins them."""
TICK_ROOM = 36.0
DASHES = {"dashed": "5 4", "dotted": "0.1 4.5"}
SYMBOLS = ("circle", "square", "diamond", "triangle")

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Plot:
    """Where the data goes: decimal years to x, values from zero to y, in pixels."""

    first: float
    last: float
    most: float
    left: float
    right: float = WIDTH - EDGE
    top: float = TOP
    bottom: float = HEIGHT - FOOT

    def x(self, year: float) -> float:
        """Pixel of a decimal year; years outside the plot are put at its edge."""
        share = (year - self.first) / (self.last - self.first)
        return self.left + min(1.0, max(0.0, share)) * (self.right - self.left)

    def y(self, value: float) -> float:
        """Pixel of a value; the axis begins at zero."""
        return self.bottom - value / self.most * (self.bottom - self.top)


def value_ticks(most: float) -> list[float]:
    """Zero, and two to five more values of 1, 2 or 5 times a power of ten, the last at or above ``most``."""
    if most < 1e-9:
        return [0.0, 1.0]
    power = 10.0 ** math.floor(math.log10(most))
    step = next(step for step in (power / 5, power / 2, power, power * 2) if most / step <= 5 + 1e-9)
    count = max(2, math.ceil(most / step - 1e-9))
    return [step * index for index in range(count + 1)]


def year_ticks(first: float, last: float, pixels: float) -> list[int]:
    """Round years from ``first`` to ``last`` that find room on ``pixels``; at least one where a whole year lies between."""
    for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        years = list(range(math.ceil(first / step - 1e-9) * step, math.floor(last + 1e-9) + 1, step))
        if (len(years) - 1) * TICK_ROOM <= pixels * max(0.0, (years[-1] - years[0]) / (last - first) if years else 0):
            return years if len(years) > 1 or step == 1 else [math.ceil(first - 1e-9)]
    return []


def kinds_of(figure: Figure, rows: Iterable[Row]) -> dict[str, FigureKind]:
    """How each kind among ``rows`` is drawn, in the story's order, else in the order of the rows."""
    if figure.kinds:
        return dict(figure.kinds)
    found = list(dict.fromkeys(row.kind for row in rows if row.kind))
    return {
        name: FigureKind(label=name, symbol=SYMBOLS[index % 4], hollow=index >= 4) for index, name in enumerate(found)
    }


def drawing(
    figure: Figure, rows: Sequence[Row], lang: str, *, alt: str, mark: tuple[float, float] | None = None, when: str = ""
) -> tuple[str, tuple[str, ...]]:
    """The chart as ``<svg role="img">`` described by ``alt``, and the kinds that found no room for their name.

    ``mark``: start and end of the step's time in decimal years; ``when``: its name for readers.
    """
    sheet = _Sheet(figure, rows, kinds_of(figure, rows), lang, mark)
    parts = [sheet.axes(), sheet.marked(when), sheet.lines(), sheet.symbols(), sheet.letters()]
    box = f"0 0 {number(WIDTH)} {number(HEIGHT)}"
    svg = f'<svg class="chart-drawing" role="img" aria-label="{escape(alt)}" viewBox="{box}">{"".join(parts)}</svg>'
    unnamed = (row.kind for row in rows if row.value is not None and row.kind and row.kind not in sheet.named)
    return svg, tuple(dict.fromkeys(unnamed))


@dataclass
class _Sheet:
    """One chart while it is drawn; ``taken`` is what letters must not cover, ``rules`` what they cross only at need."""

    figure: Figure
    rows: Sequence[Row]
    kinds: Mapping[str, FigureKind]
    lang: str
    mark: tuple[float, float] | None = None
    named: set[str] = field(default_factory=set)
    taken: list[Box] = field(default_factory=list)
    rules: list[Box] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.known = [row for row in self.rows if row.value is not None]
        self.ticks = value_ticks(max(row.value or 0.0 for row in self.known))
        left = max(width(self._text(tick), TICK_SIZE) for tick in self.ticks) + 6
        first, last = min(row.start for row in self.rows), max(row.end for row in self.rows)
        if last - first < 1:
            first, last = first - 0.5, last + 0.5
        if self.mark:
            # A time that goes on past the data is seen to do so, unless the data would have to shrink for it.
            most = BEYOND_DATA * (last - first)
            first = min(first, self.mark[0]) if first - self.mark[0] <= most else first
            last = max(last, self.mark[1]) if self.mark[1] - last <= most else last
        self.plot = Plot(first, last, self.ticks[-1], left, right=WIDTH - EDGE - RADIUS)

    def _text(self, value: float) -> str:
        return values.number(value, self.lang)

    def axes(self) -> str:
        plot, out = self.plot, []
        for tick in self.ticks:
            y = plot.y(tick)
            line = "var(--quiet)" if tick == 0 else "var(--line)"
            out.append(f'<path d="M{number(plot.left)} {number(y)}H{number(WIDTH)}" stroke="{line}" stroke-width="1"/>')
            out.append(_letters(self._text(tick), plot.left - 5, y + 4, TICK_SIZE, "end", "var(--quiet)"))
        for year in year_ticks(plot.first, plot.last, plot.right - plot.left):
            x = plot.x(year)
            out.append(f'<path d="M{number(x)} {number(plot.bottom)}v4" stroke="var(--quiet)" stroke-width="1"/>')
            at, align = (WIDTH, "end") if x + 14 > WIDTH else (x, "middle")
            out.append(_letters(str(year), at, HEIGHT - 5, TICK_SIZE, align, "var(--quiet)"))
        return "".join(out)

    def marked(self, when: str) -> str:
        if self.mark is None:
            return ""
        plot, mark = self.plot, self.mark
        x0, x1 = plot.x(mark[0]), plot.x(mark[1])
        top = number(TOP - 2)
        down = f"{top}V{number(plot.bottom)}"
        if x1 - x0 < 3:
            shown = [(x0 + x1) / 2]
            body = f'<path d="M{number(shown[0])} {down}" stroke="var(--accent)" stroke-width="2"/>'
        else:
            box = f'x="{number(x0)}" y="{top}" width="{number(x1 - x0)}" height="{number(plot.bottom - TOP + 2)}"'
            # A time that goes on past the axis has no edge there.
            shown = [x for x, year in ((x0, mark[0]), (x1, mark[1])) if plot.first <= year <= plot.last]
            edges = "".join(f"M{number(x)} {down}" for x in shown)
            body = (
                f'<rect {box} fill="var(--accent)" fill-opacity="0.13"/>'
                f'<path d="{edges}" stroke="var(--accent)" stroke-width="1.2"/>'
            )
        self.rules = [(x - 1, TOP - 2, x + 1, plot.bottom) for x in shown]
        half = width(when, NOTE_SIZE, bold=True) / 2
        middle = min(WIDTH - half - 1, max(half + 1, (x0 + x1) / 2))
        self.taken.append((middle - half, 0, middle + half, TOP - 3))
        return body + _letters(when, middle, TOP - 7, NOTE_SIZE, "middle", "var(--accent-text)", bold=True)

    def lines(self) -> str:
        """Lines between the values of a kind: solid between neighbours, broken over gaps."""
        out = []
        for name, kind in self.kinds.items():
            if kind.line == "none":
                continue
            for one, other in pairwise(row for row in self.known if row.kind == name):
                start, end = self._at(one), self._at(other)
                close = other.middle - one.middle <= NEAR_YEARS and not (one.ranged or other.ranged)
                dash = "" if close else f' stroke-dasharray="{DASHES[kind.line]}"'
                d = f"M{number(start[0])} {number(start[1])}L{number(end[0])} {number(end[1])}"
                out.append(
                    f'<path d="{d}" fill="none" stroke="var(--ink)" stroke-width="1.6" stroke-linecap="round"{dash}/>'
                )
                self.taken.extend(_along(start, end))
        return "".join(out)

    def symbols(self) -> str:
        # Hollow marks first: they are the wider ones, and show around a solid mark at the same place.
        out = []
        for row in sorted(self.known, key=lambda row: not (row.kind in self.kinds and self.kinds[row.kind].hollow)):
            x, y = self._at(row)
            kind = self.kinds.get(row.kind)
            if row.ranged:
                x0, x1 = self.plot.x(row.start), self.plot.x(row.end)
                ends = f"M{number(x0)} {number(y - 4)}v8M{number(x0)} {number(y)}H{number(x1)}M{number(x1)} {number(y - 4)}v8"
                out.append(f'<path d="{ends}" fill="none" stroke="var(--ink)" stroke-width="1.6"/>')
                self.taken.append((x0, y - 4, x1, y + 4))
            fill = "var(--card)" if kind and kind.hollow else "var(--ink)"
            shape = symbol_shape(kind.symbol if kind else "circle", x, y, RADIUS)
            out.append(f'{shape} fill="{fill}" stroke="var(--ink)" stroke-width="1.6"/>')
            self.taken.append((x - RADIUS - 2, y - RADIUS - 1, x + RADIUS + 2, y + RADIUS + 1))
        return "".join(out)

    def letters(self) -> str:
        """Values beside their marks, the first of each kind with its name, and kinds that have no values at all."""
        out = [self._event(row) for row in self.rows if not any(known.kind == row.kind for known in self.known)]
        for row in self._by_weight():
            kind = self.kinds.get(row.kind)
            name = kind.label if kind and row.kind not in self.named else ""
            when = row.when if row.ranged else ""
            both = [part for part in (name, when) if part]
            for notes in dict.fromkeys([(", ".join(both),), tuple(both), (when,), ()]):
                placed = self._beside(row, [note for note in notes if note])
                if placed:
                    out.append(placed)
                    self.named.update([row.kind] if name and name in ", ".join(notes) else [])
                    break
        return "".join(out)

    def _by_weight(self) -> list[Row]:
        """Rows in the order in which they get room: highest, last, lowest, those of the step's time, then the others."""
        heights = [row.value or 0.0 for row in self.known]
        highest, lowest = self.known[heights.index(max(heights))], self.known[heights.index(min(heights))]
        mark = self.mark
        inside = [row for row in self.known if mark and row.end >= mark[0] and row.start <= mark[1]]
        first = {row.kind: row for row in reversed(self.known)}.values()
        ordered = [highest, self.known[-1], lowest, *inside, *first, *self.known]
        return [row for index, row in enumerate(ordered) if row not in ordered[:index]]

    def _at(self, row: Row) -> tuple[float, float]:
        return self.plot.x(row.middle), self.plot.y(row.value or 0.0)

    def _beside(self, row: Row, notes: Sequence[str]) -> str:
        """The value, and below it the notes, at the first place around its mark that is free; else ``""``."""
        x, y = self._at(row)
        value = self._text(row.value or 0.0)
        wide = max([width(value, VALUE_SIZE, bold=True), *(width(note, NOTE_SIZE) for note in notes)]) + 2
        high = LINE * (1 + len(notes))

        def box(place: tuple[float, float, str]) -> Box:
            at, top, align = place
            left = at - {"start": 0.0, "middle": wide / 2, "end": wide}[align]
            return (left, top, left + wide, top + high)

        # Beside a rule of the step's time, where there is room; else across it.
        for place in sorted(self._around(row, x, y, wide, high), key=lambda place: _meets(box(place), self.rules)):
            at, top, align = place
            if self._free(box(place)):
                self.taken.append(box(place))
                lines = [_letters(value, at, top + LINE - 3, VALUE_SIZE, align, "var(--ink)", bold=True)]
                for index, note in enumerate(notes, start=2):
                    lines.append(_letters(note, at, top + index * LINE - 3, NOTE_SIZE, align, "var(--ink)"))
                return "".join(lines)
        return ""

    def _around(self, row: Row, x: float, y: float, wide: float, high: float) -> list[tuple[float, float, str]]:
        """Places for a label of that size, the best first: x, top, and which part of it stands at x."""
        gap = RADIUS + 3.5
        reach = (self.plot.x(row.end) - self.plot.x(row.start)) / 2 + 3 if row.ranged else gap
        middle = min(WIDTH - wide / 2, max(self.plot.left + wide / 2, x))
        over, under = (middle, y - gap - high, "middle"), (middle, y + gap, "middle")
        lowest = row.value == min(known.value or 0.0 for known in self.known)
        beside = [(x + reach, y - high / 2, "start"), (x - reach, y - high / 2, "end")]
        below = [(x + reach, y - LINE / 2, "start"), (x - reach, y - LINE / 2, "end")]
        corners = [(x + gap - 1, y - gap - high + 3, "start"), (x - gap + 1, y - gap - high + 3, "end"),
                   (x + gap - 1, y + gap - 3, "start"), (x - gap + 1, y + gap - 3, "end")]  # fmt: skip
        return [*([under, over] if lowest else [over, under]), *beside, *below, *corners]

    def _event(self, row: Row) -> str:
        kind = self.kinds.get(row.kind)
        x, y = self.plot.x(row.start), self.plot.bottom
        tick = f'<path d="M{number(x)} {number(y)}v-9" stroke="var(--ink)" stroke-width="1.6"/>'
        text = f"{row.when}: {kind.label if kind else row.kind}"
        box = (x + 4, y - 16, x + 6 + width(text, NOTE_SIZE), y - 2)
        if not self._free(box):
            return tick
        self.taken.append(box)
        self.named.add(row.kind)
        return tick + _letters(text, x + 4, y - 5, NOTE_SIZE, "start", "var(--ink)")

    def _free(self, box: Box) -> bool:
        x0, y0, x1, y1 = box
        inside = x0 >= self.plot.left and x1 <= WIDTH and y0 >= 0 and y1 <= self.plot.bottom - 1
        return inside and not _meets(box, self.taken)


def _meets(box: Box, others: Iterable[Box]) -> bool:
    return any(overlap(box, other) for other in others)


def _along(start: tuple[float, float], end: tuple[float, float]) -> list[Box]:
    """Small boxes along a line."""
    count = max(1, math.ceil(math.dist(start, end) / 4))
    spots = [tuple(a + (b - a) * index / count for a, b in zip(start, end, strict=True)) for index in range(count + 1)]
    return [(x - 1, y - 1, x + 1, y + 1) for x, y in spots]


def _letters(text: str, x: float, y: float, size: float, anchor: str, fill: str, *, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    place = f'x="{number(x, 1)}" y="{number(y, 1)}" font-size="{number(size)}"'
    halo = 'stroke="var(--card)" stroke-width="2.6" stroke-linejoin="round" paint-order="stroke"'
    return f'<text {place}{weight} text-anchor="{anchor}" fill="{fill}" {halo}>{escape(text)}</text>'


def key_html(figure: Figure, rows: Sequence[Row], names: Sequence[str]) -> str:
    """A list of marks with the names of kinds that found no room in the drawing; ``""`` when all did."""
    kinds = kinds_of(figure, rows)
    items = []
    for name in names:
        kind = kinds[name]
        shape = symbol_shape(kind.symbol, 7, 7, RADIUS)
        fill = "var(--card)" if kind.hollow else "var(--ink)"
        drawn = f'{shape} fill="{fill}" stroke="var(--ink)" stroke-width="1.6"/>'
        svg = f'<svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" focusable="false">{drawn}</svg>'
        items.append(f"<li>{svg}{escape(kind.label)}</li>")
    return f'<ul class="chart-key">{"".join(items)}</ul>' if items else ""


def table_html(figure: Figure, rows: Sequence[Row], lang: str) -> str:
    """``<table>`` with every row: time, value, kind, and the figure's other columns."""
    said, kinds = words.page_words(lang), kinds_of(figure, rows)
    heads = [said["when"], values.named(figure.y, lang)]
    heads += [said["kind"]] if figure.kind else []
    heads += [values.named(name, lang) for name in figure.table]
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = []
    for row in rows:
        known = values.number(row.value, lang) if row.value is not None else said["not_known"]
        cells = [
            known,
            *([kinds[row.kind].label if row.kind in kinds else row.kind] if figure.kind else []),
            *row.cells,
        ]
        data = "".join(f"<td>{escape(text)}</td>" for text in cells)
        body.append(f'<tr><th scope="row">{escape(row.when)}</th>{data}</tr>')
    caption = f'<caption class="hidden">{escape(figure.title)}</caption>'
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
