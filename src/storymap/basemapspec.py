"""The model of ``basemap.yaml``: frozen, typed, unknown keys refused. Places are lon, lat in degrees (EPSG:4326)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

__all__ = ["BasemapSpec", "City", "CountryMark", "Labels", "LevelSpec", "Lines", "Mark", "Names", "Pick"]

Degrees = tuple[float, float, float, float]
"""West, south, east, north."""


def _with_english(names: Mapping[str, str]) -> Mapping[str, str]:
    if "en" not in names:
        raise ValueError("the English name (en) is missing")
    return names


def _in_order(zooms: tuple[float, float]) -> tuple[float, float]:
    if not 0 <= zooms[0] < zooms[1] <= 24:
        raise ValueError("zooms run from the smaller to the larger, 0 to 24")
    return zooms


Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
SomeNames = Mapping[Language, Annotated[str, Field(min_length=1)]]
Names = Annotated[SomeNames, AfterValidator(_with_english)]
DataFile = Annotated[str, Field(pattern=r"^[a-z0-9-]+\.geojson$")]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]
Zoom = Annotated[float, Field(ge=0, le=24)]
Zooms = Annotated[tuple[float, float], AfterValidator(_in_order)]
LonLat = tuple[Annotated[float, Field(ge=-180, le=180)], Annotated[float, Field(ge=-85, le=85)]]


class Model(BaseModel):
    """Base of all parts of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Borders(Model):
    """The one place that says whose view of borders the map takes."""

    depiction: Literal["un"]
    """`un`: resolutions of the UN General Assembly where the data and they differ."""
    note: Names
    """What readers are told of it, in the credits."""
    join: Mapping[str, str] = {}
    """Features drawn as part of another one: `{CYN: CYP}`."""
    unlabelled: tuple[str, ...] = ()
    """Countries whose name is not written."""


class Pick(Model):
    """Which features of a file a level draws."""

    max_rank: int = 99
    """Only features of this rank or more important (a smaller number)."""
    within: tuple[str, ...] = ()
    """Only inside these countries (ids), where the file ends at an edge that would show."""
    from_zoom: Zoom = 0
    """Not drawn before this zoom."""


class LevelSpec(Model):
    """One level of detail."""

    id: Slug
    """Name, used in the keys of paths."""
    max_zoom: Zoom
    """Used up to this zoom."""
    detail: Zoom
    """Zoom for which the geometry is simplified."""
    countries: DataFile
    """Country areas that share borders (`id`, and `name`, `label_x`, `label_y` where labels come from here)."""
    covers: Degrees | None = None
    """What the files of this level cover; nothing for the world."""
    wanted_from: Zoom = 0
    """The level is cut to what the story's views show from this zoom on."""
    beyond: bool = False
    """Outside its own area the world level goes on in it, so that it serves every view."""
    lakes: Pick | None = None
    rivers: Pick | None = None
    railways: Pick | None = None
    regions: Pick | None = None


class Lakes(Model):
    """Inland water."""

    file: DataFile
    period: str
    """State of the lakes that are there in several (`period` in the file)."""


class Lines(Model):
    """Rivers, railways, regions."""

    file: DataFile
    major_rank: int = 0
    """Features up to this rank are drawn heavier."""
    detail: Zoom = 24
    """Zoom up to which the file is exact: no level draws it with more detail."""


class Mark(Model):
    """A name written on the map."""

    key: Slug
    at: LonLat
    """Lon, lat."""
    zoom: Zooms
    names: Names
    rank: int = 5
    """Importance where labels collide; 0 is the highest."""
    beside: bool = False
    """The name stands beside its place (rivers), not on it."""


class CountryMark(Model):
    """Where else, or when else, a country's name is written."""

    at: LonLat | None = None
    """Lon, lat; where the data has it, when absent."""
    zoom: Zooms


class City(Model):
    """A city that no file has."""

    at: LonLat
    rank: int
    capital: bool = False
    names: Names


class Labels(Model):
    """All names."""

    countries: Mapping[str, tuple[CountryMark, ...]] = {}
    """By id, in place of the rule (a name shows while it fits into its country)."""
    water: tuple[Mark, ...] = ()
    ranges: tuple[Mark, ...] = ()
    cities: tuple[City, ...] = ()
    city_files: tuple[DataFile, ...] = ()
    """Files of places (`name`, `name_ru` …, `rank`, `capital`)."""
    names: Mapping[str, SomeNames] = {}
    """Names that replace or add to those of the files, by country id or by the place's name in the file."""


class BasemapSpec(Model):
    """The whole file."""

    languages: tuple[Language, ...]
    """Languages in which the basemap has names; a place without a name in one of these is left out there."""
    short_credit: str
    """What the attribution line on the map says."""
    credits: tuple[str, ...]
    """What the page says of the sources of the basemap, in English."""
    borders: Borders
    levels: Annotated[tuple[LevelSpec, ...], Field(min_length=1)]
    """From coarse to fine; the first one is the world."""
    lakes: Lakes
    rivers: Lines
    railways: Lines
    regions: Lines
    labels: Labels = Labels()
