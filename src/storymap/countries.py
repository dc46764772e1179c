"""Countries of the basemap: what they are called, and which part of the map shows one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import shapely

from storymap.basemapfile import Feature, load_basemap
from storymap.geodata import bounds

__all__ = ["Country", "basemap_beside", "city_names", "countries", "country_at"]

FAR_PART = 0.05
"""A part smaller than this share of the largest one, such as an island overseas, does not widen the view."""


@dataclass(frozen=True, slots=True)
class Country:
    """One country. ``code``: three letters, as KAZ."""

    code: str
    names: Mapping[str, str]
    """By language: en, ru, kk."""
    bounds: tuple[float, float, float, float]
    """West, south, east, north in degrees; west > east across the antimeridian."""

    def name(self, lang: str = "en") -> str:
        """Its name in ``lang``, else in English."""
        return self.names.get(lang) or self.names["en"]


def basemap_beside(stories: Path) -> Path:
    """The basemap of the stories in a folder: beside them, in the repository, or in the installed package."""
    own = Path(__file__).parents[2] / "geodata" / "basemap"
    packed = Path(str(files("storymap") / "basemap"))
    there = (path for path in (stories / "basemap", own, packed) if (path / "basemap.yaml").is_file())
    return next(there, stories / "basemap")


@lru_cache(maxsize=4)
def countries(basemap: Path) -> tuple[Country, ...]:
    """The countries that the basemap in this folder writes names of, by English name. Raises `StoryError`."""
    base = load_basemap(basemap)
    left = {*base.spec.borders.unlabelled, *base.spec.borders.join}
    found = (
        _country(feature)
        for feature in base.files[base.spec.levels[0].countries]
        if str(feature.properties["id"]) not in left and feature.properties.get("name")
    )
    return tuple(sorted(found, key=lambda country: country.name()))


def country_at(basemap: Path, lon: float, lat: float) -> str | None:
    """The English name of the country in which a place (degrees, EPSG:4326) lies; None at sea, and in areas that the
    basemap writes no name of. Raises `StoryError`."""
    names = {country.code: country.name() for country in countries(basemap)}
    place = shapely.Point((lon + 180) % 360 - 180, lat)
    for codes, tree in _outlines(basemap):
        found = tree.query(place, predicate="intersects")
        if len(found):
            return names.get(codes[int(found[0])])
    return None


@lru_cache(maxsize=2)
def _outlines(basemap: Path) -> tuple[tuple[tuple[str, ...], shapely.STRtree], ...]:
    """The countries of each level, the finest first: their codes, and their areas."""
    base = load_basemap(basemap)
    levels = [base.files[level.countries] for level in reversed(base.spec.levels)]
    join = base.spec.borders.join
    return tuple(
        (
            tuple(join.get(str(one.properties["id"]), str(one.properties["id"])) for one in level),
            shapely.STRtree([one.geometry for one in level]),
        )
        for level in levels
    )


@lru_cache(maxsize=8)
def city_names(basemap: Path, lang: str) -> Mapping[str, str]:
    """English name of each city of the basemap → its name in ``lang``, where the basemap has one. Raises `StoryError`."""
    base = load_basemap(basemap)
    cities = (feature.properties for name in base.spec.labels.city_files for feature in base.files[name])
    return {str(said["name"]): str(said[f"name_{lang}"]) for said in cities if said.get(f"name_{lang}")}


def _country(feature: Feature) -> Country:
    said = feature.properties
    names = {"en": str(said["name"])} | {
        key.removeprefix("name_"): str(value) for key, value in said.items() if key.startswith("name_") and value
    }
    parts = shapely.get_parts(feature.geometry)
    largest = max(part.area for part in parts)
    near = [part for part in parts if part.area >= FAR_PART * largest]
    west, south, east, north = (round(value, 2) for value in bounds(gpd.GeoSeries(near, crs="EPSG:4326")))
    return Country(str(said["id"]), names, (west, max(south, -85.0), east, min(north, 85.0)))
