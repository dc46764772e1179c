"""CSV with a column of longitudes and one of latitudes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from storymap.errors import nearest
from storymap.geocontent import GeodataError, Options, Raw, check_counts, listed, shown

__all__ = ["coordinate_columns", "numbers_or_text", "read_csv"]

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,3})?")
_USUAL_NAMES = (("lon", "lat"), ("longitude", "latitude"), ("lng", "lat"), ("long", "lat"))


def read_csv(name: str, data: bytes, options: Options) -> Raw:
    """A table with a column each of longitudes (or eastings) and latitudes (or northings), as points.

    The delimiter (comma, semicolon, tab) is seen from the header. CRS is EPSG:4326 unless stated. A column is
    numeric when every value in it is written as a plain number; an empty cell is None, "NA" is a text (Namibia).
    Raises GeodataError, with the number of the feature (from 1) where there is one.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise GeodataError(name, "not UTF-8 text; save it as 'CSV UTF-8'") from None
    if "\0" in text:
        raise GeodataError(name, "not a CSV text; save it as 'CSV UTF-8'")
    delimiter, header = _header(name, text)
    lon, lat = coordinate_columns(name, [cell.strip() for cell in header], options)
    try:
        table = pd.read_csv(io.StringIO(text), sep=delimiter, dtype=object, keep_default_na=False, na_values=[""])
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError) as error:
        raise GeodataError(name, f"not a regular table ({shown(error, 150)}); save it again as CSV") from None
    table.columns = pd.Index([str(column).strip() for column in table.columns])
    if not isinstance(table.index, pd.RangeIndex) or not {lon, lat} <= set(table.columns):
        advice = "write a decimal comma as a point, and a text that has the delimiter in it in quotes"
        raise GeodataError(name, f"its rows have more cells than its header; {advice}")
    check_counts(name, features=len(table), columns=len(table.columns))
    x, y = _coordinates(name, table[lon], lon), _coordinates(name, table[lat], lat)
    geometries = np.full(len(table), None, dtype=object)
    there = ~(np.isnan(x) | np.isnan(y))
    geometries[there] = shapely.points(x[there], y[there])
    columns = {
        key: numbers_or_text([None if pd.isna(cell) else str(cell) for cell in table[key]])
        for key in dict.fromkeys(table.columns)
    }
    return Raw(geometries, columns, options.crs or "EPSG:4326")


def _header(name: str, text: str) -> tuple[str, list[str]]:
    """The delimiter, and the cells of the first line that is not blank."""
    line = next((line for line in io.StringIO(text) if line.strip()), "")
    delimiter = "\t" if PurePosixPath(name).suffix.lower() == ".tsv" else max(",;\t", key=line.count)
    try:
        return delimiter, next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error as error:
        raise GeodataError(name, f"its header is not readable ({error}); save it again as CSV") from None


def coordinate_columns(name: str, header: Sequence[str], options: Options) -> tuple[str, str]:
    """The columns that give longitude (or easting) and latitude (or northing): those that are stated, else the usual
    names. Raises GeodataError."""
    if options.lon is None and options.lat is None:
        by_lower = {column.lower(): column for column in reversed(header)}
        for lon, lat in _USUAL_NAMES:
            if lon in by_lower and lat in by_lower:
                return by_lower[lon], by_lower[lat]
        question = "which columns are the coordinates? name them with 'lon' and 'lat'"
        raise GeodataError(name, f"{question}; it has: {listed(header)}")
    if options.lon is None or options.lat is None:
        missing = "lon" if options.lon is None else "lat"
        raise GeodataError(name, f"'lon' and 'lat' belong together; name '{missing}' as well")
    for key, wanted in (("lon", options.lon), ("lat", options.lat)):
        if wanted not in header:
            guess = nearest(wanted, header).split("; known")[0]
            raise GeodataError(name, f"no column {shown(wanted)!r} for '{key}'{guess}; it has: {listed(header)}")
    return options.lon, options.lat


def _coordinates(name: str, cells: pd.Series[Any], column: str) -> NDArray[np.float64]:
    """Numbers, NaN where the cell is empty. Raises GeodataError for the first cell that is neither."""
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64)
    for at in np.flatnonzero(~np.isfinite(numbers) & cells.notna().to_numpy()):
        value = str(cells.iloc[at]).strip()
        if value:
            comma = re.fullmatch(r"-?\d+,\d+", value)
            advice = f"write {value.replace(',', '.')}, with a point" if comma else "a coordinate is a plain number"
            raise GeodataError(name, f"feature {at + 1}: {shown(column)} is {shown(value)!r}; {advice}")
    return numbers


def numbers_or_text(values: Sequence[str | None]) -> list[Any]:
    """The same texts, or numbers when every one of them is written as a plain number (007 and +7 are codes)."""
    there = [value for value in values if value is not None]
    if not all(_NUMBER.fullmatch(value) for value in there):
        return list(values)
    whole = all(re.fullmatch(r"-?\d{1,18}", value) for value in there)
    return [None if value is None else int(value) if whole else float(value) for value in values]
