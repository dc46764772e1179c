"""A spreadsheet → a trip: a row for each step, with its title, text, place, date and media.

A place that several towns are called by is a question (`questions`), which the editor answers; a row whose place is not
found becomes a step without one, and the report says so.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from storymap import placenames
from storymap.columnguess import number_in
from storymap.incoming.attachments import find_file, is_address, kind_of, media_name
from storymap.incoming.compose import WORDS
from storymap.incoming.dates import read_date
from storymap.incoming.stops import Image, Report, Spot, Stop, Trip, place_fault
from storymap.placenames import Place

__all__ = ["MOST_ROWS", "Choices", "Question", "questions", "read_sheet", "rows_of"]

MOST_ROWS = 300
"""A story with more steps is read by nobody; a table with more rows is data, which belongs into a layer."""
LINKS: Mapping[str, Mapping[str, str]] = {
    "en": {"picture": "Picture", "sound": "Recording", "film": "Film", "page": "Link"},
    "ru": {"picture": "Изображение", "sound": "Запись", "film": "Видео", "page": "Ссылка"},
    "kk": {"picture": "Сурет", "sound": "Жазба", "film": "Бейне", "page": "Сілтеме"},
}
_PAIR = re.compile(r"\s*([+-]?[0-9]+(?:[.,][0-9]+)?)\s*[,;\s]\s*([+-]?[0-9]+(?:[.,][0-9]+)?)\s*")


@dataclass(frozen=True)
class Choices:
    """What the editor said of a table."""

    fields: Mapping[str, str]
    """Field (`columns.FIELDS`) → column."""
    title: str = ""
    lang: str = "en"
    country: str | None = None
    """Places are looked for there only (two letters)."""
    route: bool = False
    """A line that grows from place to place."""
    answers: Mapping[int, Place | None] = field(default_factory=dict)
    """Which place a row means, by its number, where its name did not tell."""


@dataclass(frozen=True)
class Question:
    """A name in a row that several places have."""

    row: int
    """From 1, below the header."""
    name: str
    found: tuple[Place, ...]


def rows_of(table: str) -> list[list[str]]:
    """The rows of a table (CSV, comma separated, with a header) below its header."""
    return list(csv.reader(io.StringIO(table)))[1:]


def questions(header: Sequence[str], rows: Sequence[Sequence[str]], choices: Choices) -> tuple[Question, ...]:
    """The rows in which the editor has to say which place is meant; those with an answer in sight are not among them."""
    found = []
    for number, cells in _cells(header, rows[:MOST_ROWS], choices):
        name = cells.get("place", "")
        if name and _coordinates(cells) is None:
            candidates = placenames.look_up(name, choices.country)
            if len(candidates) > 1 and placenames.sure(candidates) is None:
                found.append(Question(number, name, candidates))
    return tuple(found)


def read_sheet(
    header: Sequence[str], rows: Sequence[Sequence[str]], choices: Choices, files: Mapping[str, bytes], source: str
) -> Trip:
    """The trip of a table. ``files``: media that came along, by path. ``source``: what the table is, for the report."""
    trip = Trip(Report(source), title=choices.title, lang=choices.lang, grow=choices.route)
    if len(rows) > MOST_ROWS:
        trip.report.left("", f"{len(rows) - MOST_ROWS} rows at the end: a story has at most {MOST_ROWS} steps")
    for number, cells in _cells(header, rows[:MOST_ROWS], choices):
        where = f"row {number} ('{_short(cells)}')"
        stop = Stop(title=cells.get("title", ""), text=cells.get("text", ""))
        stop.spot = _place(trip, number, cells, choices, where)
        stop.on_route = choices.route and stop.spot is not None
        stop.date, stop.when = read_date(cells.get("date", ""), choices.lang)
        if stop.when and not stop.date:
            trip.report.check(f"{where}: the date '{stop.when}' is only for readers; machines need 1964-11-02.")
        _add_media(trip, stop, cells, files, where)
        _add_link(stop, cells.get("link", ""), "page", trip.lang)
        trip.stops.append(stop)
    unused = [name for name in header if name not in choices.fields.values()]
    if unused:
        trip.report.left("columns that have no place in a step", ", ".join(unused))
    return trip


def _cells(
    header: Sequence[str], rows: Sequence[Sequence[str]], choices: Choices
) -> Iterator[tuple[int, dict[str, str]]]:
    """Number of each row and its cells by field, empty ones left out."""
    at = {name: header.index(column) for name, column in choices.fields.items() if column in header}
    for number, row in enumerate(rows, 1):
        cells = {name: row[place].strip() for name, place in at.items() if place < len(row)}
        yield number, {name: cell for name, cell in cells.items() if cell}


def _short(cells: Mapping[str, str]) -> str:
    text = cells.get("title") or cells.get("place") or cells.get("text", "")
    return text if len(text) <= 40 else f"{text[:39]}…"


def _coordinates(cells: Mapping[str, str]) -> tuple[float | None, float | None] | None:
    """(lon, lat) that the row states; None when it states none."""
    if "both" in cells:
        pair = _PAIR.fullmatch(cells["both"])
        return (number_in(pair[2]), number_in(pair[1])) if pair else (None, None)
    if "lon" in cells or "lat" in cells:
        return number_in(cells.get("lon")), number_in(cells.get("lat"))
    return None


def _place(trip: Trip, number: int, cells: Mapping[str, str], choices: Choices, where: str) -> Spot | None:
    name = cells.get("place", "")
    stated = _coordinates(cells)
    if stated is not None:
        lon, lat = stated
        fault = place_fault(lon, lat)
        if fault is None and lon is not None and lat is not None:
            return Spot(lon, lat, name)
        trip.report.left(where, f"its place: {fault}")
        return None
    if not name:
        return None
    found = placenames.look_up(name, choices.country)
    meant = choices.answers[number] if number in choices.answers else placenames.sure(found)
    if meant is None:
        why = (
            "is the name of several places"
            if found
            else "was not found; write its longitude and latitude into the table"
        )
        trip.report.left(where, f"its place: '{name}' {why}")
        return None
    if number not in choices.answers and len(found) > 1:
        trip.report.check(f"{where}: '{name}' was taken for {placenames.place_label(meant)}.")
    _credit_places(trip)
    return Spot(meant.lon, meant.lat, name.split(",")[0].strip())


def _credit_places(trip: Trip) -> None:
    trip.credit, trip.license = placenames.CREDIT, placenames.LICENSE
    trip.credit_url = placenames.CREDIT_URL


def _add_media(trip: Trip, stop: Stop, cells: Mapping[str, str], files: Mapping[str, bytes], where: str) -> None:
    said = cells.get("media", "")
    if not said:
        return
    if is_address(said):
        trip.report.left(where, f"{said} is on the web and was not fetched: the text links to it")
        _add_link(stop, said, kind_of(said), trip.lang)
        return
    path = find_file(said, files)
    name = media_name(path) if path else None
    if path is None:
        trip.report.left(where, f"'{said}': no such file came with the table; zip the files and add the zip")
    elif name is None:
        trip.report.left(where, f"'{said}' is no kind of picture, sound or film that a story shows")
    else:
        more = {key: cells.get(key, "") for key in ("alt", "caption", "credit")}
        stop.image = Image(name, files[path], **more)


def _add_link(stop: Stop, address: str, kind: str, lang: str) -> None:
    if re.fullmatch(r"(?i)https?://[^\s<>()]+", address):
        label = LINKS.get(lang, LINKS["en"])[kind]
        stop.text = f"{stop.text.rstrip()}\n\n[{label}]({address})".lstrip()


assert LINKS.keys() == WORDS.keys()
