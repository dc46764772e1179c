"""Columns of a table that say where its points are: they hold each point's longitude and latitude, or are named so."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from storymap.columnguess import number_in

__all__ = ["named_as_place", "place_columns", "with_place"]

NEAR = 0.006
"""Degrees: a table may round its coordinates to two decimals."""
_WORDS = frozenset(
    (
        "lon", "lat", "lng", "long", "longitude", "latitude", "easting", "northing", "eastings", "northings", "utm",
        "xcoord", "ycoord", "coord", "долгота", "широта", "бойлық", "ендік", "восток", "север",
    )
)  # fmt: skip


def place_columns(features: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns with the longitudes, and those with the latitudes (degrees, EPSG:4326) of the features' own points.

    A column counts when most of its cells are what the geometry says. None of either kind unless there are both.
    """
    held: dict[str, list[int]] = {}
    for feature in features:
        point = _point(feature)
        for name, value in feature["properties"].items() if point else ():
            number = _number(value)
            if point is None or number is None:
                continue
            counts = held.setdefault(name, [0, 0, 0])
            for at, is_there in enumerate((True, abs(number - point[0]) <= NEAR, abs(number - point[1]) <= NEAR)):
                counts[at] += is_there
    lon, lat = (tuple(name for name, counts in held.items() if 2 * counts[at] > counts[0]) for at in (1, 2))
    return (lon, lat) if lon and lat and lon != lat else ((), ())


def with_place(
    properties: Mapping[str, Any], columns: tuple[tuple[str, ...], tuple[str, ...]], lon: float, lat: float
) -> dict[str, Any]:
    """The properties with the place (degrees) in ``columns``, as `place_columns` gives them; a text stays a text."""
    made = dict(properties)
    for names, degrees in zip(columns, (lon, lat), strict=True):
        for name in names:
            made[name] = _like(degrees, properties.get(name))
    return made


def named_as_place(column: str, value: Any) -> bool:
    """Whether a word of the column's name says that this number is a coordinate: ``Lon (WGS84)``, ``pit_lat``."""
    return _number(value) is not None and not _WORDS.isdisjoint(re.split(r"[\W_]+", column.lower()))


def _like(degrees: float, before: Any) -> Any:
    if not isinstance(before, str):
        return round(degrees, 6)
    text = f"{degrees:.6f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if "," in before else text


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    return float(value) if isinstance(value, int | float) else number_in(value) if isinstance(value, str) else None


def _point(feature: Mapping[str, Any]) -> tuple[float, float] | None:
    geometry = feature.get("geometry") or {}
    if geometry.get("type") != "Point":
        return None
    lon, lat = geometry["coordinates"][:2]
    return float(lon), float(lat)
