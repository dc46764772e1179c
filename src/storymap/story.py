"""The model of a story: frozen, typed, unknown keys refused.

Coordinates are always lon, lat in EPSG:4326; bounds are ``[west, south, east, north]`` in degrees, and west > east
means that the box crosses the antimeridian. Every text is reached by an id (step, layer, source), so that a
translation (``story.<lang>.yaml``) can name it: fields of the types `Words`, `Markdown` and `Legal` are those texts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, model_validator

from storymap.mapmodel import CategoryStyle, Label, Layer, LayerView, Source, Style, View
from storymap.storytypes import (
    PARTIAL_DATE,
    Color,
    ColorName,
    Day,
    Flag,
    HexColor,
    Legal,
    Markdown,
    Model,
    Slug,
    Text,
    WebUrl,
    Words,
    one_or_many,
    shorthand,
)

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
    "View",
]


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
    source: Annotated[tuple[Slug, ...], BeforeValidator(one_or_many)] = ()
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
    show: tuple[Annotated[LayerView, shorthand("layer")], ...] = ()
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
    sources: tuple[Annotated[Claim, shorthand("source")], ...] = ()
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
