"""The model of what is on the map: layers with their data and symbology, and what a step shows of them.

Coordinates are always lon, lat in EPSG:4326; bounds are ``[west, south, east, north]`` in degrees, and west > east
means that the box crosses the antimeridian.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, Strict, model_serializer, model_validator

from storymap.storytypes import (
    Color,
    Day,
    Flag,
    Legal,
    Model,
    Number,
    Percent,
    Refs,
    Slug,
    Text,
    WebUrl,
    Where,
    Words,
    shorthand,
)

__all__ = ["CategoryStyle", "Label", "Layer", "LayerView", "Source", "Style", "View"]


class Source(Model):
    """Where a layer's data comes from, and on what terms."""

    file: Text
    """Path inside the story folder: GeoJSON, TopoJSON, GeoPackage, zipped Shapefile, FlatGeobuf, KML, GPX, GeoParquet, CSV."""
    credit: Legal
    """Who is to be named, as the licence asks."""
    license: Legal
    """Licence of the data, an SPDX name where there is one (`ODbL-1.0`, `CC-BY-4.0`, `public domain`)."""
    url: WebUrl | None = None
    """Where the data can be had."""
    accessed: Day | None = None
    """Day on which it was fetched."""
    note: Words | None = None
    """What was done to the data, in words."""
    layer: Text | None = None
    """Table of a file that holds several (GeoPackage, GPX, KML)."""
    crs: Text | None = None
    """Coordinate reference system (`EPSG:28414`) of a file that does not state one."""
    lon: Text | None = None
    """CSV: column of the longitude."""
    lat: Text | None = None
    """CSV: column of the latitude."""


Symbol = Literal["circle", "square", "diamond", "triangle", "ring"]
Pattern = Literal["none", "hatch", "cross", "dots"]


class _Rules(Model):
    """Rules, each of which a step can drop: a null that was written is kept, and is no rule that was never set."""

    @model_serializer(mode="wrap")
    def _as_set(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        made: dict[str, Any] = handler(self)
        dropped = {name for name in self.model_fields_set if getattr(self, name) is None}
        values = {name: None if name in dropped else made.get(name) for name in type(self).model_fields}
        return {name: value for name, value in values.items() if value is not None or name in dropped}


class CategoryStyle(_Rules):
    """How one value of a category column is drawn."""

    label: Words | None = None
    """Legend text; the value itself when absent."""
    color: Color | None = None
    """Colour of this value."""
    symbol: Symbol | None = None
    """Symbol of this value (points)."""
    pattern: Pattern | None = None
    """Fill pattern of this value (areas)."""
    dash_array: Annotated[str, Field(pattern=r"^[0-9]+(?:\.[0-9]+)?(?:[ ,]+[0-9]+(?:\.[0-9]+)?)*$")] | None = None
    """Dash of this value (lines), as `"6 4"`, in pixels."""


class Style(_Rules):
    """How a layer is drawn. Names as in `geopandas.explore` and Leaflet; a step may override any, or drop it (`null`)."""

    color: Color | None = None
    """Line and symbol colour: `#rrggbb` or a name from `theme.colors`."""
    fill_color: Color | None = None
    """Fill colour; `color` when absent."""
    fill_opacity: Percent | None = None
    """0 to 1."""
    opacity: Percent | None = None
    """Opacity of lines and outlines, 0 to 1."""
    weight: Annotated[Number, Field(ge=0, le=24)] | None = None
    """Line width in pixels."""
    dash_array: Annotated[str, Field(pattern=r"^[0-9]+(?:\.[0-9]+)?(?:[ ,]+[0-9]+(?:\.[0-9]+)?)*$")] | None = None
    """Dashes in pixels, as `"6 4"`."""
    radius: Annotated[Number, Field(gt=0, le=80)] | None = None
    """Radius of point symbols in pixels."""
    symbol: Symbol | None = None
    """Shape of point symbols."""
    pattern: Pattern | None = None
    """Fill pattern of areas, so that no meaning rests on colour alone."""
    soft: Flag | None = None
    """Draw with a soft edge (schematic areas and places known roughly). Points with an accuracy are soft by themselves."""
    arrow: Flag | None = None
    """Arrowhead at the end of lines."""
    column: Text | None = None
    """Column that decides the colour: numbers are classed by `scheme`, anything else makes categories."""
    scheme: (
        Literal["quantiles", "equal_interval", "natural_breaks", "fisher_jenks", "user_defined", "pretty_breaks"] | None
    ) = None
    """Classification of `column` (mapclassify)."""
    k: Annotated[int, Strict(), Field(ge=2, le=9)] | None = None
    """Number of classes."""
    breaks: tuple[Number, ...] | None = None
    """Upper bounds of the classes, for `scheme: user_defined`."""
    cmap: Annotated[str, Field(pattern=r"^[A-Za-z]+[0-9]?(?:_[0-9][0-9])?$")] | None = None
    """ColorBrewer ramp (`YlGnBu`, `PuOr`, `Set2` …)."""
    categories: Mapping[str, CategoryStyle] | None = None
    """How single values of `column` are drawn, in the order of the legend."""
    size_column: Text | None = None
    """Column of numbers shown by the area of circles."""
    radius_max: Annotated[Number, Field(gt=0, le=120)] | None = None
    """Radius in pixels of the largest circle of `size_column`."""


class Label(Model):
    """Which column is written on the map, and how."""

    column: Text
    """Column of the text; `name_ru`, `name_kk` … are taken by themselves when the reader's language has one."""
    role: Literal["feature", "quiet", "region", "country", "water", "figure"] = "feature"
    """Typographic role."""
    priority: Annotated[int, Strict()] = 0
    """Higher wins where labels collide."""
    color: Color | None = None
    """Colour of the text, where several labels stand round one place; the role's when absent."""


class Layer(Model):
    """A set of features with one source and one style."""

    id: Slug
    """Name of the layer inside the story."""
    source: Source
    """The data."""
    title: Words | None = None
    """Name for readers (popups, layer lists)."""
    where: Where | None = None
    """Only features whose column has this value, or one of these values."""
    key: Text | None = None
    """Column that names features in `layer/feature`; default `id`, else `name`."""
    style: Style = Style()
    """How it is drawn."""
    label: Annotated[Label, shorthand("column")] | None = None
    """Column written beside the features."""
    tooltip: tuple[Text, ...] = ()
    """Columns shown when a reader explores the map, as plain text."""
    legend: Words | None = None
    """Legend text; without it the layer has no legend entry."""
    accuracy: Text | Annotated[Number, Field(gt=0)] | None = None
    """How exact the places are, in kilometres: a number, or the column that holds it."""


class View(Model):
    """What must be seen: the page finds the camera for each screen."""

    fit: Refs | None = None
    """Layers or features to frame (`deposits`, `deposits/zhanatas`)."""
    bounds: tuple[Number, Number, Number, Number] | None = None
    """`[west, south, east, north]` in degrees."""
    must_see: Refs = ()
    """Features that have to be inside the free part of the map on every screen."""
    max_zoom: Annotated[Number, Field(ge=0, le=14)] | None = None
    """Never closer than this (0 to 14); 9 when nothing is said. The basemap that comes along is detailed up to 10 around
    Kazakhstan, elsewhere much coarser: a story of a single place does well with online tiles (`basemap`)."""

    @model_validator(mode="after")
    def _one_of(self) -> View:
        if (self.fit is None) == (self.bounds is None):
            raise ValueError("give either 'fit' (layers or features) or 'bounds' ([west, south, east, north])")
        if self.bounds is not None:
            west, south, east, north = self.bounds
            if not (-180 <= west <= 180 and -180 <= east <= 180 and -85 <= south < north <= 85) or west == east:
                raise ValueError(
                    "bounds lie outside the world: [west, south, east, north], lon -180 to 180, lat -85 to 85, south < north"
                )
        return self


class LayerView(Model):
    """How a step shows one layer."""

    layer: Slug
    """The layer."""
    where: Where | None = None
    """Only these features, in this step."""
    style: Style | None = None
    """Changes to the layer's style, for this step only; `null` drops a rule of the whole story."""
    grow: Flag = False
    """Lines grow with the scroll."""
    label: Flag = True
    """Write the layer's labels."""
    legend: Flag = True
    """Keep the layer in the legend."""
