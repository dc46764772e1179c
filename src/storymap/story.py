"""The model of a story: frozen, typed, unknown keys refused.

Coordinates are always lon, lat in EPSG:4326; bounds are ``[west, south, east, north]`` in degrees, and west > east
means that the box crosses the antimeridian. Every text is reached by an id (step, layer, source), so that a
translation (``story.<lang>.yaml``) can name it: fields of the types `Words`, `Markdown` and `Legal` are those texts.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, Strict, model_validator

__all__ = [
    "CategoryStyle",
    "Claim",
    "Correction",
    "Figure",
    "FigureKind",
    "Label",
    "Layer",
    "LayerView",
    "Media",
    "Quote",
    "Reference",
    "Source",
    "Step",
    "Story",
    "Style",
    "Theme",
    "ThemeColor",
    "Translated",
    "View",
]

HEX = r"^#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"
SLUG = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
COLOR = r"^(?:#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})|[a-z][a-z0-9]*(?:-[a-z0-9]+)*)$"
COLOR_NAME = r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$"
PARTIAL_DATE = r"[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?"

Slug = Annotated[str, Field(pattern=SLUG, max_length=64)]
Color = Annotated[str, Field(pattern=COLOR)]
ColorName = Annotated[str, Field(pattern=COLOR_NAME, max_length=64)]
HexColor = Annotated[str, Field(pattern=HEX)]
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]


@dataclass(frozen=True)
class Translated:
    """Marks a text that a translation holds; ``needed``: one that lacks it is told so."""

    needed: bool = True


Words = Annotated[Text, Translated()]
Legal = Annotated[Text, Translated(needed=False)]
"""Names and terms that mostly stay as they are."""
Markdown = Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"\S"), Translated()]
WebUrl = Annotated[str, Field(pattern=r"^https?://[^\s<>\"]+$")]
Ref = Annotated[str, Field(pattern=r"^[^\s/][^/]*(?:/[^/]+)?$")]
"""``layer`` or ``layer/feature``."""
Number = Annotated[float, Strict()]
Flag = Annotated[bool, Strict()]
Percent = Annotated[Number, Field(ge=0, le=1)]


def _day(value: Any) -> Any:
    # pydantic takes a bare number, even a quoted one, for seconds since 1970; as "" it is refused as no day.
    day = isinstance(value, dt.date) or (isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value))
    return value if day else ""


Day = Annotated[dt.date, BeforeValidator(_day)]


def _one_or_many(value: Any) -> Any:
    return [value] if isinstance(value, str | int | float | bool) else value


Refs = Annotated[tuple[Ref, ...], BeforeValidator(_one_or_many)]
Values = Annotated[tuple[str | int | float | bool, ...], BeforeValidator(_one_or_many)]
Where = Mapping[str, Values]


def _shorthand(key: str) -> BeforeValidator:
    """``deposits`` stands for ``{layer: deposits}``: a plain string fills the one key that is required."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


class Model(BaseModel):
    """Base of all parts of a story."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


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


class CategoryStyle(Model):
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


class Style(Model):
    """How a layer is drawn. Names as in `geopandas.explore` and Leaflet; a step may override any of them."""

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
    label: Annotated[Label, _shorthand("column")] | None = None
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
    """Changes to the layer's style, for this step only."""
    grow: Flag = False
    """Lines grow with the scroll."""
    label: Flag = True
    """Write the layer's labels."""
    legend: Flag = True
    """Keep the layer in the legend."""


class Quote(Model):
    """A short quotation."""

    text: Words
    """The words quoted, without quotation marks."""
    who: Words
    """Who said it."""
    source: Slug | None = None
    """Id from `sources`."""


class Media(Model):
    """An image, a sound or a film that the step shows."""

    file: Text
    """Path inside the story folder: jpg, png, webp, avif, gif, mp3, ogg, wav, mp4, webm."""
    alt: Words
    """What it shows or says, in words."""
    caption: Words | None = None
    """Caption."""
    credit: Legal
    """Who made it."""
    license: Legal | None = None
    """On what terms it is used."""


class FigureKind(Model):
    """How one kind of value is drawn and named, so that none is told by its colour."""

    label: Words
    """Name, written beside the first of these values."""
    symbol: Literal["circle", "square", "diamond", "triangle"] = "circle"
    """Shape of the mark."""
    hollow: Flag = False
    """Outline only."""
    line: Literal["none", "dashed", "dotted"] = "none"
    """Line across the gaps between these values; between neighbouring years it is solid."""


class Figure(Model):
    """A small chart over time, from a table in the story folder; the time of the step is marked."""

    file: Text
    """Path inside the story folder: csv, or json with a list of objects."""
    x: Text
    """Column of the time: a year, a month, a day, or two with a `/` when it lies somewhere between them."""
    y: Text
    """Column of the quantity, numbers from 0; empty where none is known."""
    when: Text | None = None
    """Column of the time as readers see it; made from `x` where that is empty."""
    kind: Text | None = None
    """Column that says what kind of value it is, as `census`."""
    kinds: Mapping[str, FigureKind] = {}
    """How each kind is drawn."""
    table: tuple[Text, ...] = ()
    """More columns for the table below the chart."""
    title: Words
    """What the chart shows, with its unit."""
    alt: Words
    """What can be seen in it, in words."""
    caption: Words | None = None
    """Caption."""
    source: Annotated[tuple[Slug, ...], BeforeValidator(_one_or_many)] = ()
    """Id or ids from `sources`."""
    mark: Annotated[str, Field(pattern=rf"^{PARTIAL_DATE}(?:/{PARTIAL_DATE})?$")] | None = None
    """Time to mark; the step's `date` when absent."""

    @model_validator(mode="after")
    def _kinds_of_a_column(self) -> Figure:
        if self.kinds and self.kind is None:
            raise ValueError("'kinds' are the values of a column: name it with 'kind'")
        return self


class Reference(Model):
    """A source of claims: an article, a report, a data set."""

    title: Words
    """Title."""
    publisher: Words | None = None
    """Who published it."""
    url: WebUrl | None = None
    """Where it can be read."""
    date: Annotated[str, Field(pattern=rf"^{PARTIAL_DATE}$")] | None = None
    """When it was published."""
    accessed: Day | None = None
    """When it was read."""
    note: Words | None = None
    """Anything a reader should know of it."""


class Claim(Model):
    """How we know something that a step says."""

    source: Slug
    """Id from `sources`."""
    note: Words | None = None
    """What it says, and how sure it is."""


Part = Literal[
    "borders",
    "regions",
    "rivers",
    "lakes",
    "railways",
    "graticule",
    "country-labels",
    "city-labels",
    "water-labels",
    "range-labels",
    "overview",
]


class Step(Model):
    """One state of the map with its text: a full snapshot, never a change against the step before."""

    id: Slug
    """Name in links: `#step-id`."""
    title: Words
    """Heading."""
    when: Words | None = None
    """Time as shown to readers, as `2 November 1964`."""
    date: Annotated[str, Field(pattern=rf"^{PARTIAL_DATE}(?:/{PARTIAL_DATE})?$")] | None = None
    """The same for machines: `1964`, `1964-11-02`, `1997-12/1998-01`."""
    view: View
    """What must be seen."""
    move: Literal["auto", "fly", "follow", "cut"] = "auto"
    """How the camera comes here: `auto` flies when near and cross-fades when far, `follow` moves with the scroll."""
    tone: Literal["light", "dark"] = "light"
    """Palette of the map."""
    without: tuple[Part, ...] = ()
    """Parts of the basemap left out."""
    show: tuple[Annotated[LayerView, _shorthand("layer")], ...] = ()
    """Layers, drawn from bottom to top."""
    alt: Words
    """What the map shows, in words."""
    text: Markdown
    """Markdown."""
    quote: Quote | None = None
    """A short quotation."""
    media: Media | None = None
    """Image, sound or film."""
    figure: Figure | None = None
    """A small chart."""
    sources: tuple[Annotated[Claim, _shorthand("source")], ...] = ()
    """How we know this."""


def _both_tones(value: Any) -> Any:
    return {"light": value, "dark": value} if isinstance(value, str) else value


class ThemeColor(Model):
    """A colour for light and for dark maps."""

    light: HexColor
    """On light maps."""
    dark: HexColor
    """On dark maps."""


class Theme(Model):
    """Colours and type of the story."""

    colors: Mapping[ColorName, Annotated[ThemeColor, BeforeValidator(_both_tones)]] = {}
    """Named colours that styles refer to."""
    accent: Color | None = None
    """Colour of links, progress and focus."""
    serif: Flag = True
    """Headings in a serif face."""


class Correction(Model):
    """What was wrong, and when it was put right."""

    date: Day
    """Day of the correction."""
    text: Words
    """What was changed."""
    step: Slug | None = None
    """Step it belongs to."""


def _language(value: str) -> str:
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(value, sep="-")
    except (ValueError, UnknownLocaleError) as error:
        raise ValueError(f"'{value}' is not a language code such as en, ru or kk") from error
    return value


class Story(Model):
    """A story: a folder of plain files whose ``story.yaml`` holds this."""

    title: Words
    """Title."""
    subtitle: Words | None = None
    """One line under the title."""
    byline: Words | None = None
    """Who made it."""
    description: Words | None = None
    """One or two sentences for search engines and shared links."""
    published: Day | None = None
    """Day of publication."""
    updated: Day | None = None
    """Day of the last change."""
    lang: Annotated[str, AfterValidator(_language)] = "en"
    """Language of the texts."""
    review: Words | None = None
    """What readers should know of the state of these texts, as that nobody has read a translation yet."""
    article: WebUrl | None = None
    """Address of the article that the story belongs to."""
    url: WebUrl | None = None
    """Address of the folder that the built story will stand in; `storymap build --url` overrules it."""
    corrections: tuple[Correction, ...] = ()
    """What was corrected."""
    theme: Theme = Theme()
    """Colours and type."""
    basemap: Annotated[str, Field(pattern=r"^[A-Za-z0-9]+(?:[.-][A-Za-z0-9_]+)*$")] = "natural-earth"
    """`natural-earth` (in the repository, works offline), or the `xyzservices` name of online tiles."""
    sources: Mapping[Slug, Reference] = {}
    """Sources that steps refer to."""
    layers: tuple[Layer, ...] = ()
    """Layers."""
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    """Steps, in reading order."""

    _folder: Path = PrivateAttr(default=Path())
    _lines: dict[tuple[str | int, ...], int] = PrivateAttr(default_factory=dict)
    _languages: tuple[str, ...] = PrivateAttr(default=())
    _untranslated: tuple[str, frozenset[str]] = PrivateAttr(default=("", frozenset()))

    @property
    def folder(self) -> Path:
        """Folder that the story was loaded from; relative paths start here."""
        return self._folder

    @property
    def slug(self) -> str:
        """Name of the story in addresses: its folder's name."""
        return self._folder.name

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages in which the story exists, the one of ``story.yaml`` first."""
        return self._languages or (self.lang,)

    @property
    def modified(self) -> dt.date | None:
        """Day of the last change that readers are told of: ``updated``, or a correction after it."""
        days = [item.date for item in self.corrections] + ([self.updated] if self.updated else [])
        return max(days, default=None)

    def lang_of(self, text: str) -> str:
        """Language of the text at a place of a translation (``steps.peak.title``): the story's own where it lacks it."""
        own, untranslated = self._untranslated
        return own if text in untranslated else self.lang

    def line(self, place: tuple[str | int, ...]) -> int | None:
        """Line in ``story.yaml`` of ``place`` (``("steps", 2, "view", "fit")``), or of the nearest part around it."""
        for end in range(len(place), 0, -1):
            if place[:end] in self._lines:
                return self._lines[place[:end]]
        return None

    def layer(self, layer_id: str) -> Layer:
        """The layer with this id. Raises `KeyError`."""
        for layer in self.layers:
            if layer.id == layer_id:
                return layer
        raise KeyError(layer_id)
