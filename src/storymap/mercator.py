"""Web Mercator in world units: pixels at zoom 0, x and y in 0…256, y down (EPSG:3857 as web maps cut it).

Source of the formulas: Snyder, *Map Projections: A Working Manual* (USGS 1395, 1987), spherical Mercator.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAX_LAT", "WORLD", "km_to_world", "lonlat", "world", "world_array"]

WORLD = 256.0
MAX_LAT = 85.0511287798066
EARTH_KM = 6378.137


def world(lon: float, lat: float) -> tuple[float, float]:
    """(lon, lat) in degrees → (x, y) in world units. Latitudes beyond ±85.05° are clipped."""
    lat = max(-MAX_LAT, min(MAX_LAT, lat))
    y = 0.5 - math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)
    return (lon / 360 + 0.5) * WORLD, y * WORLD


def world_array(lonlats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Array (n, 2) of lon, lat in degrees → array (n, 2) of x, y in world units."""
    out = np.empty_like(lonlats, dtype=np.float64)
    lat = np.clip(lonlats[:, 1], -MAX_LAT, MAX_LAT)
    out[:, 0] = (lonlats[:, 0] / 360 + 0.5) * WORLD
    out[:, 1] = (0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2 * np.pi)) * WORLD
    return out


def lonlat(x: float, y: float) -> tuple[float, float]:
    """(x, y) in world units → (lon, lat) in degrees."""
    lat = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / WORLD))))
    return (x / WORLD - 0.5) * 360, lat


def km_to_world(km: float, lat: float) -> float:
    """Length of ``km`` kilometres on the ground at latitude ``lat``, in world units (local scale, exact to 1 % below 200 km)."""
    return km * WORLD / (2 * math.pi * EARTH_KM * math.cos(math.radians(lat)))
