"""In which coordinate reference system a file's numbers may be: candidates to be looked at on a map, the likely ones first.

x is longitude or easting, y latitude or northing; ``swapped`` says that the file has them the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.aoi import AreaOfInterest
from pyproj.database import query_crs_info
from pyproj.enums import PJType

__all__ = ["Candidate", "Near", "candidates", "doubt", "known_crs"]

Near = tuple[float, float, float, float]
"""Where the story's other layers lie: west, south, east, north in degrees; west > east across the antimeridian."""
Doubt = Literal["missing", "outside", "swapped"]

_FAMILIES = (
    r"WGS 84 / UTM zone \d+[NS]",
    r"Pulkovo 1942 / Gauss-Kruger (?:zone \d+|CM \d+[EW])",
    r"Pulkovo 1942 / 3-degree Gauss-Kruger (?:zone \d+|CM \d+[EW])",
    r"Pulkovo 1995 / Gauss-Kruger (?:zone \d+|CM \d+[EW])",
)
_FAMILY = re.compile("|".join(f"({pattern})" for pattern in _FAMILIES))
_ROOM = 4.0
"""Degrees beyond a zone in which it is still used."""
_FAR_KM = 1500.0
"""What lies farther from all the story's other layers is asked about when swapping it would bring it near."""


@dataclass(frozen=True)
class Candidate:
    """One way to read the numbers. ``places``: where the sample then lies (lon, lat in degrees, EPSG:4326)."""

    crs: str
    name: str
    swapped: bool
    places: tuple[tuple[float, float], ...]
    fits: bool
    """All of it lies on the Earth, and where this CRS is used."""
    km: float | None
    """How far its middle is from the story's other layers; 0 among them, None when there are none."""

    @property
    def label(self) -> str:
        """``WGS 84 / UTM zone 42N (EPSG:32642), x and y swapped``."""
        return f"{self.name} ({self.crs}){', x and y swapped' if self.swapped else ''}"


def doubt(crs: str | None, degrees: bool, sample: Sequence[tuple[float, float]], near: Near | None) -> Doubt | None:
    """Why the editor is to be asked for the CRS of a file: it says none, its coordinates are not on the Earth, or they
    lie near the story's other layers only when swapped. None when there is nothing to ask.

    ``degrees``: whether the CRS that it says (``crs``) is of longitudes and latitudes.
    """
    if crs is None:
        return "missing"
    if not degrees or not sample:
        return None
    xy = np.asarray(sample, dtype=np.float64)
    if not _on_earth(xy, runs_on=True):
        return "outside"
    here, there = _km(xy, near), _km(xy[:, ::-1], near) if _on_earth(xy[:, ::-1]) else None
    if here is not None and there is not None and here > _FAR_KM and there < here / 10:
        return "swapped"
    return None


def candidates(
    sample: Sequence[tuple[float, float]], near: Near | None, used: Iterable[str] = (), most: int = 8
) -> tuple[Candidate, ...]:
    """What the numbers may mean: those that lie in the world and near the story's other layers first.

    ``used``: CRSs of the story's other layers. Empty when nothing puts them on the Earth.
    """
    xy = np.asarray(sample, dtype=np.float64).reshape(-1, 2)
    if not len(xy):
        return ()
    codes = _geographic() if np.abs(xy).max() <= 360 else _projected(xy, near)
    own = [code for code in used if _known(code)]
    found = []
    for order, code in enumerate(dict.fromkeys([*own, *codes])):
        for swapped in (False, True):
            made = _candidate(code, xy[:, ::-1] if swapped else xy, swapped, near)
            if made is not None:
                found.append((_rank(made, code in own, order), made))
    return tuple(made for _, made in sorted(found, key=lambda item: item[0])[:most])


def known_crs(text: str) -> str | None:
    """``EPSG:28414`` for what an editor types (``28414``, ``epsg 28414``); None when there is no such CRS."""
    match = re.fullmatch(r"\s*(?:EPSG)?\s*:?\s*(\d{4,6})\s*", text, re.IGNORECASE)
    code = f"EPSG:{match[1]}" if match else text.strip().upper()
    crs = _known(code) if re.fullmatch(r"(EPSG|ESRI):\d{4,6}", code) else None
    return code if crs is not None and (crs.is_geographic or crs.is_projected) else None


def _rank(made: Candidate, own: bool, order: int) -> tuple[bool, float, bool, bool, int]:
    # What lies beside the other layers is as likely as what lies among them; the next zone is 250 to 500 km away.
    return (not made.fits, round((made.km or 0.0) / 100), made.swapped, not own, order)


@lru_cache(maxsize=512)
def _known(code: str) -> pyproj.CRS | None:
    try:
        return pyproj.CRS.from_user_input(code)
    except pyproj.exceptions.CRSError:
        return None


def _geographic() -> list[str]:
    return ["EPSG:4326", "EPSG:4284"]


def _projected(xy: NDArray[np.float64], near: Near | None) -> list[str]:
    """Web Mercator, and the zones of the usual families for the story's region; zones that numbers name themselves."""
    named = []
    for values in (xy[:, 0], xy[:, 1]):
        # Eastings of Gauss-Krüger zones begin with the zone's number: 14 532 000.
        zone = int(np.median(values) // 1_000_000)
        if 2 <= zone <= 32 and np.ptp(values) < 1_000_000:
            named += [f"EPSG:{28400 + zone}", f"EPSG:{20000 + zone}"] if zone >= 4 else [f"EPSG:{28400 + zone}"]
    return ["EPSG:3857", *named, *_zones(_grown(near))]


@lru_cache(maxsize=64)
def _zones(region: Near | None) -> tuple[str, ...]:
    """Zones of the usual families that are used in ``region``; all UTM zones when there is none."""
    area = AreaOfInterest(*region) if region else None
    found: list[tuple[int, str]] = []
    for info in query_crs_info("EPSG", PJType.PROJECTED_CRS, area_of_interest=area):
        match = _FAMILY.fullmatch(info.name)
        if match and (area is not None or match.lastindex == 1):
            found.append((match.lastindex or 0, f"EPSG:{info.code}"))
    return tuple(code for _, code in sorted(found))


def _grown(near: Near | None) -> Near | None:
    """The region with a zone around it; None when it is most of the world, so that it says nothing."""
    if near is None or near[0] > near[2] or near[2] - near[0] > 120:
        return None
    west, south, east, north = near
    return (max(-180.0, west - 6), max(-80.0, south - 3), min(180.0, east + 6), min(84.0, north + 3))


def _candidate(code: str, xy: NDArray[np.float64], swapped: bool, near: Near | None) -> Candidate | None:
    crs = _known(code)
    if crs is None:
        return None
    lonlat = _placed(code, xy)
    if lonlat is None or not _on_earth(lonlat, runs_on=crs.is_geographic):
        return None
    places = tuple((float(lon), float(lat)) for lon, lat in lonlat)
    return Candidate(code, crs.name, swapped, places, _within_use(crs, lonlat), _km(lonlat, near))


@lru_cache(maxsize=256)
def _transformer(code: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(code, "EPSG:4326", always_xy=True)


def _placed(code: str, xy: NDArray[np.float64]) -> NDArray[np.float64] | None:
    if code == "EPSG:4326":
        return xy
    try:
        lon, lat = _transformer(code).transform(xy[:, 0], xy[:, 1], errcheck=False)
        back = _transformer(code).transform(lon, lat, direction="INVERSE", errcheck=False)
    except pyproj.exceptions.ProjError:
        return None
    lonlat = np.column_stack([lon, lat])
    # PROJ wraps what is far outside round the Earth: then the way back leads elsewhere. A metre, or a degree's 100,000th.
    same = np.abs(np.column_stack(back) - xy) < (1e-5 if np.abs(xy).max() <= 360 else 1.0)
    return lonlat if np.isfinite(lonlat).all() and same.all() else None


def _on_earth(lonlat: NDArray[np.float64], *, runs_on: bool = False) -> bool:
    return bool(np.abs(lonlat[:, 0]).max() <= (360 if runs_on else 180) and np.abs(lonlat[:, 1]).max() <= 90)


def _within_use(crs: pyproj.CRS, lonlat: NDArray[np.float64]) -> bool:
    area = crs.area_of_use
    if area is None or area.west > area.east:
        return True
    (west, south), (east, north) = lonlat.min(axis=0), lonlat.max(axis=0)
    inside = area.west - _ROOM <= west and east <= area.east + _ROOM
    return bool(inside and area.south - _ROOM <= south and north <= area.north + _ROOM)


def _km(lonlat: NDArray[np.float64], near: Near | None) -> float | None:
    """From the middle of the places to the nearest point of the region, kilometres."""
    if near is None:
        return None
    west, south, east, north = near
    lon, lat = (float(value) for value in np.median(lonlat, axis=0))
    lat_there = min(max(lat, south), north)
    inside = west <= lon <= east if west <= east else (lon >= west or lon <= east)
    lon_there = lon if inside else min((west, east), key=lambda side: abs((lon - side + 180) % 360 - 180))
    return float(pyproj.Geod(ellps="WGS84").inv(lon, lat, lon_there, lat_there)[2]) / 1000
