"""Which columns of a table are the longitude and the latitude, told by their names and by their values."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["ColumnGuess", "guess_columns", "guess_name", "number_in"]

# Both words of a pair come from one language or habit; x and y may as well be metres.
_PAIRS = (
    ("longitude", "latitude"), ("lon", "lat"), ("lng", "lat"), ("long", "lat"), ("долгота", "широта"),
    ("бойлық", "ендік"), ("lon_wgs84", "lat_wgs84"), ("x_coord", "y_coord"), ("easting", "northing"),
    ("point_x", "point_y"), ("xcoord", "ycoord"), ("x", "y"), ("восток", "север"),
)  # fmt: skip
_NAMES = ("name", "title", "label", "название", "имя", "наименование", "атауы", "name_en", "town", "place", "city")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d{1,3})?")


@dataclass(frozen=True)
class ColumnGuess:
    """``lon`` and ``lat``: names of columns, None where nothing fits. ``sure``: the names say it and the values agree."""

    lon: str | None = None
    lat: str | None = None
    sure: bool = False
    why: str = ""
    """For the editor, in a sentence."""


def number_in(cell: str | None) -> float | None:
    """A cell as a number; a decimal comma is one, too. None for anything else."""
    text = (cell or "").strip().replace("\N{NO-BREAK SPACE}", "").replace("\N{MINUS SIGN}", "-")
    if not _NUMBER.fullmatch(text):
        return None
    number = float(text.replace(",", "."))
    return number if math.isfinite(number) else None


def guess_name(header: Sequence[str]) -> str | None:
    """The column that is named as one of names; capital letters do not count."""
    plain = {name.strip().lower(): name for name in reversed(header)}
    return next((plain[name] for name in _NAMES if name in plain), None)


def guess_columns(header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> ColumnGuess:
    """The pair of columns that hold places. ``rows``: some or all rows, cells in the order of ``header``."""
    numbers = {name: _numbers(rows, at) for at, name in enumerate(header)}
    numeric = {name: values for name, values in numbers.items() if values}
    named = _by_name(header, numeric)
    if named:
        lon, lat = named
        fits = _within(numeric[lon], 180) and _within(numeric[lat], 90)
        metres = not _within(numeric[lon], 360) and not _within(numeric[lat], 360)
        if fits and _varied(numeric[lon]):
            return ColumnGuess(lon, lat, True, f"'{lon}' and '{lat}' are named so, and their values are degrees.")
        if _within(numeric[lat], 180) and _within(numeric[lon], 90):
            why = f"'{lat}' goes beyond 90, which no latitude does: the two columns seem to be swapped."
            return ColumnGuess(lat, lon, False, why)
        what = "metres of some projection" if metres else "odd values"
        return ColumnGuess(lon, lat, metres, f"'{lon}' and '{lat}' are named so; they hold {what}.")
    return _by_values(numeric)


def _numbers(rows: Sequence[Sequence[str | None]], at: int) -> list[float]:
    """The column's numbers, if nearly all of its cells that are not empty are numbers."""
    cells = [row[at] for row in rows if at < len(row) and (row[at] or "").strip()]
    found = [number for number in map(number_in, cells) if number is not None]
    return found if found and len(found) >= 0.9 * len(cells) else []


def _by_name(header: Sequence[str], numeric: dict[str, list[float]]) -> tuple[str, str] | None:
    plain = {re.sub(r"[\s_-]+", "_", name.strip().lower()): name for name in reversed(header) if name in numeric}
    for lon, lat in _PAIRS:
        if lon in plain and lat in plain:
            return plain[lon], plain[lat]
    # 'lon (WGS84)', 'town_lat': a word of the name says it.
    words = {key: set(re.split(r"[\W_]+", key)) for key in plain}
    for lon, lat in _PAIRS[:6]:
        pair = [[name for key, name in plain.items() if word in words[key]] for word in (lon, lat)]
        if len(pair[0]) == len(pair[1]) == 1 and pair[0] != pair[1]:
            return pair[0][0], pair[1][0]
    return None


def _by_values(numeric: dict[str, list[float]]) -> ColumnGuess:
    """Two neighbouring columns of fractions within the world, the first pair of that kind."""
    names = [name for name, values in numeric.items() if _fractions(values)]
    for first, second in itertools.pairwise(names):
        a, b = numeric[first], numeric[second]
        if not (_within(a, 180) and _within(b, 180)):
            continue
        if not _within(a, 90) and _within(b, 90):
            return ColumnGuess(first, second, False, f"'{first}' and '{second}' look like longitude and latitude.")
        if _within(a, 90):
            sure = "" if not _within(b, 90) else " Both could be either: look at the map."
            return ColumnGuess(
                second, first, False, f"'{first}' and '{second}' look like latitude and longitude.{sure}"
            )
    return ColumnGuess(why="No two columns look like longitude and latitude: choose them.")


def _within(values: Sequence[float], most: float) -> bool:
    return bool(values) and max(map(abs, values)) <= most


def _varied(values: Sequence[float]) -> bool:
    return any(value != 0 for value in values)


def _fractions(values: Sequence[float]) -> bool:
    """Places are rarely whole degrees; counts and years are."""
    return sum(not value.is_integer() for value in values) > len(values) / 2
