"""A sensitive place, moved so that nobody can find it from what is published.

Method: each place is moved once, in a direction drawn at random, by a distance drawn at random between 30 % and 100 %
of the radius, so that every spot of that ring is as likely as any other (the distance is the root of a number that is
evenly spread between the squares of both). A random draw, from the system's source of randomness, can not be worked back
as rounding to a grid can; the hole in the middle keeps the draw from being the place itself. The result is rounded to
three decimals, since more would promise an exactness that is not there. It is drawn once and then kept: the mean of many
draws would tell the place, so a place that was blurred is not to be drawn anew from the exact one.
"""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

import pyproj

from storymap.placecolumns import named_as_place

__all__ = ["INNER", "NEAR", "displaced", "telltale", "without_telltales"]

INNER = 0.3
"""The hole in the ring, as a part of its radius."""
NEAR = 0.02
"""Degrees from the exact longitude or latitude within which a number tells it."""
DECIMALS = 3
"""0.001° is about 100 m."""
_RANDOM = secrets.SystemRandom()
_NAMES = re.compile(
    r"lon|lat|lng|long|longitude|latitude|x|y|easting|northing|x_?coord|y_?coord|point_[xy]|wkt|wkb|geom|geometry|"
    r"coord|coords|coordinates|position|gps|geohash|plus_?code|what3words|query|found|address|addr.*|moved_from|"
    r"долгота|широта|бойлық|ендік|координаты|адрес|мекенжай",
    re.IGNORECASE,
)


def displaced(lon: float, lat: float, km: float, draw: Callable[[], float] = _RANDOM.random) -> tuple[float, float]:
    """The place moved by 0.3 to 1 times ``km`` (lon, lat in degrees, EPSG:4326; on the ellipsoid), rounded.

    ``draw``: numbers evenly spread over 0 to 1. Raises ValueError for a radius that is below 1 or above 1000 km.
    """
    if not 1 <= km <= 1000:
        raise ValueError("the radius is to be between 1 and 1000 km")
    inner, geod = INNER * km, pyproj.Geod(ellps="WGS84")
    while True:
        distance = math.sqrt(inner**2 + draw() * (km**2 - inner**2))
        east, north, _ = geod.fwd(lon, lat, 360 * draw(), distance * 1000)
        moved = round(east, DECIMALS), round(north, DECIMALS)
        # Rounding must lead neither into the hole nor out of the ring.
        if inner <= geod.inv(lon, lat, *moved)[2] / 1000 <= km:
            return moved


def telltale(column: str, value: Any, lon: float, lat: float) -> bool:
    """Whether a property gives the exact place away: by its name, or because it holds one of its numbers."""
    if value is None or isinstance(value, bool):
        return False
    if _NAMES.fullmatch(column.strip()) or named_as_place(column, value):
        return True
    numbers = [float(text.replace(",", ".")) for text in re.findall(r"-?\d{1,3}[.,]\d{2,}", str(value))]
    return any(abs(number - exact) < NEAR for number in numbers for exact in (lon, lat))


def without_telltales(properties: Mapping[str, Any], lon: float, lat: float) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The properties with what gives the place away emptied, and the names of those."""
    gone = tuple(name for name, value in properties.items() if telltale(name, value, lon, lat))
    return {name: None if name in gone else value for name, value in properties.items()}, gone
