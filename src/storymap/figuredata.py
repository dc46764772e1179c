"""The table of a step's figure: its rows, with times as decimal years.

A time is a year, a month, a day, or two of them with a ``/`` for something that lies between. ``1989`` stands for the
whole year; the row is drawn in its middle.
"""

from __future__ import annotations

import calendar
import csv
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

import pandas as pd

from storymap.errors import Problem, StoryError, nearest, place_name
from storymap.story import Figure, Story
from storymap.storypaths import story_bytes
from storymap.storytypes import PARTIAL_DATE
from storymap.values import localised, shown
from storymap.words import span
from storymap.yamlsource import Place, brief, decode

__all__ = ["MAX_ROWS", "Row", "figure_mark", "figure_rows", "is_time", "read_table", "years"]

MAX_BYTES = 200_000
MAX_ROWS = 400
_TIME = re.compile(rf"{PARTIAL_DATE}(?:/{PARTIAL_DATE})?")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``start`` and ``end`` are decimal years; ``value`` is None where no figure is known."""

    start: float
    end: float
    ranged: bool
    """Whether the time is only known to lie somewhere between start and end."""
    value: float | None
    kind: str
    when: str
    """The time as readers see it."""
    cells: tuple[str, ...]
    """The figure's other columns, as readers see them."""

    @property
    def middle(self) -> float:
        """Where the row is drawn."""
        return (self.start + self.end) / 2


def years(date: str) -> tuple[float, float]:
    """First and last moment of a partial date, or of two with a ``/``, as decimal years: ``1989`` → 1989.0, 1990.0.

    A day is one moment, its beginning. Raises `ValueError` for a day that no month has, or an end before the start.
    """
    first, _, last = date.partition("/")
    start, end = _moments(first)
    if last:
        end = _moments(last)[1]
    if end < start:
        raise ValueError(f"'{date}' ends before it begins")
    return start, end


def _moments(date: str) -> tuple[float, float]:
    parts = [int(part) for part in date.split("-")]
    if len(parts) == 1:
        return float(parts[0]), parts[0] + 1.0
    year, month = parts[:2]
    length = 366 if calendar.isleap(year) else 365
    days = [calendar.monthrange(year, number)[1] for number in range(1, 13)]
    before = sum(days[: month - 1])
    if len(parts) == 2:
        return year + before / length, year + (before + days[month - 1]) / length
    if parts[2] > days[month - 1]:
        raise ValueError(f"'{date}' is no day of the calendar")
    moment = year + (before + parts[2] - 1) / length
    return moment, moment


def figure_rows(story: Story, index: int) -> tuple[Row, ...]:
    """The rows of step ``index``'s figure, in order of time; texts in the story's language (columns ``…_ru``).

    Raises `StoryError` with every fault of the file, each with its line, and of the columns that the story names.
    """
    figure = story.steps[index].figure
    assert figure is not None
    table, lines = _table(figure.file, decode(story_bytes(story.folder, figure.file, MAX_BYTES), figure.file))
    unknown = [
        Problem("story.yaml", story.line(("steps", index, "figure", key)), f"steps[{index}].figure.{key}",
                f"no column '{brief(name)}' in {figure.file}{nearest(name, map(str, table.columns))}")
        for key, name in _columns(figure) if name not in table.columns
    ]  # fmt: skip
    if unknown:
        raise StoryError(unknown)
    problems: list[Problem] = []
    rows = list(_rows(figure, table, lines, story.lang, problems))
    if not problems and not any(row.value is not None for row in rows):
        problems.append(Problem(figure.file, None, figure.y, "holds no figure that could be drawn"))
    if problems:
        raise StoryError(problems)
    return tuple(sorted(rows, key=lambda row: (row.middle, row.kind)))


def figure_mark(story: Story, index: int, rows: Sequence[Row]) -> tuple[float, float] | None:
    """Start and end of the time that step ``index`` marks, in decimal years; None for a step without a date.

    Raises `StoryError` when it lies outside the times of the rows.
    """
    step = story.steps[index]
    date = (step.figure.mark if step.figure else None) or step.date
    if date is None:
        return None
    own = step.figure is not None and step.figure.mark is not None
    place: Place = ("steps", index, "figure", "mark") if own else ("steps", index, "date")
    try:
        start, end = years(date)
        outside = end < min(row.start for row in rows) or start > max(row.end for row in rows)
        fault = "lies outside the times of the figure: give it a 'mark'" if outside else ""
    except ValueError as error:
        start, end, fault = 0.0, 0.0, str(error)
    if fault:
        raise StoryError([Problem("story.yaml", story.line(place), place_name(place), fault)])
    return start, end


def read_table(file: str, content: bytes) -> pd.DataFrame:
    """The table that ``content`` of a file called ``file`` (csv or json) holds, every value as text. Raises `StoryError`."""
    if len(content) > MAX_BYTES:
        raise StoryError(
            [Problem(file, None, "", f"larger than {MAX_BYTES // 1000} kB: a chart takes {MAX_ROWS} rows at most")]
        )
    return _table(file, decode(content, file))[0]


def is_time(cell: str) -> bool:
    """Whether a cell can stand in the column of times."""
    if not _TIME.fullmatch(cell.strip()):
        return False
    try:
        years(cell.strip())
    except ValueError:
        return False
    return True


def _columns(figure: Figure) -> Iterator[tuple[str, str]]:
    for key in ("x", "y", "when", "kind"):
        if getattr(figure, key) is not None:
            yield key, getattr(figure, key)
    yield from (("table", name) for name in figure.table)


def _table(file: str, text: str) -> tuple[pd.DataFrame, list[int | None]]:
    """The table with every value as text, and the line of each row (None in JSON)."""
    if file.lower().endswith(".json"):
        records = _json(file, text)
        lines: list[int | None] = [None] * len(records)
    else:
        reader = csv.DictReader(StringIO(text), restkey="", strict=True)
        records, lines = [], []
        try:
            for record in reader:
                records.append({key: value or "" for key, value in record.items() if key})
                lines.append(reader.line_num)
        except csv.Error as error:
            raise StoryError([Problem(file, reader.line_num + 1, "", f"not readable as CSV: {error}")]) from None
    if not records or len(records) > MAX_ROWS:
        fault = f"has {len(records)} rows: a figure takes 1 to {MAX_ROWS}, with the names of the columns above them"
        raise StoryError([Problem(file, None, "", fault)])
    return pd.DataFrame(records).fillna(""), lines


def _json(file: str, text: str) -> list[dict[str, str]]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None)
        raise StoryError([Problem(file, line, "", "not readable as JSON")]) from None
    flat = isinstance(data, list) and all(
        isinstance(row, dict) and all(value is None or isinstance(value, str | int | float) for value in row.values())
        for row in data
    )
    if not flat:
        raise StoryError([Problem(file, None, "", "write a list of objects whose values are text, numbers or null")])
    return [{key: "" if value is None else _plain(value) for key, value in row.items()} for row in data]


def _plain(value: str | float) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _rows(
    figure: Figure, table: pd.DataFrame, lines: Sequence[int | None], lang: str, problems: list[Problem]
) -> Iterator[Row]:
    when = localised(table, figure.when, lang) if figure.when else [""] * len(table)
    more = [localised(table, name, lang) for name in figure.table]
    records: list[dict[Any, Any]] = table.to_dict("records")
    for number, (line, record) in enumerate(zip(lines, records, strict=True)):
        faults = {key: fault for key, fault in _faults(figure, record).items() if fault}
        if faults:
            at = "" if line else f"[{number}]."
            problems.extend(Problem(figure.file, line, f"{at}{key}", fault) for key, fault in faults.items())
            continue
        time = record[figure.x].strip()
        start, end = years(time)
        said = str(when[number]).strip() or span(time, lang)
        value = float(record[figure.y]) if record[figure.y].strip() else None
        kind = record[figure.kind].strip() if figure.kind else ""
        cells = tuple(shown(column[number], lang) for column in more)
        yield Row(start, end, "/" in time, value, kind, said, cells)


def _faults(figure: Figure, record: Mapping[str, Any]) -> dict[str, str]:
    time, value = record[figure.x].strip(), record[figure.y].strip()
    found = {figure.x: "", figure.y: ""}
    if not _TIME.fullmatch(time):
        found[figure.x] = f"write a time as '1964', '1964-11', '1964-11-02' or '1980/1989', not '{brief(time)}'"
    else:
        try:
            years(time)
        except ValueError as error:
            found[figure.x] = str(error)
    if value and not _number(value):
        found[figure.y] = f"write a number from 0, or nothing where none is known, not '{brief(value)}'"
    if figure.kind:
        kind = record[figure.kind].strip()
        known = not figure.kinds or kind in figure.kinds
        found[figure.kind] = "" if known else f"no kind '{brief(kind)}'{nearest(kind, figure.kinds)}"
    return found


def _number(text: str) -> bool:
    try:
        number = float(text)
    except ValueError:
        return False
    return math.isfinite(number) and number >= 0 and "_" not in text
