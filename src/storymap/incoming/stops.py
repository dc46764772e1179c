"""What every source of stories comes down to: stops with a place and words, and a report of what was left behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from storymap.mercator import MAX_LAT, WORLD, lonlat, world

__all__ = ["Bounds", "Image", "Report", "Spot", "Stop", "Trip", "bounds_at", "place_fault"]

Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees (EPSG:4326); west > east across the antimeridian."""

SEEN_PX = (600.0, 450.0)
"""What of a map at some centre and zoom surely was to be seen: the middle of a small window, beside the text."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place, EPSG:4326."""

    lon: float
    lat: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture, sound or film that comes along. ``file``: its name in the story, as ``media/plant.jpg``."""

    file: str
    content: bytes
    alt: str = ""
    caption: str = ""
    credit: str = ""


@dataclass
class Stop:
    """One step of the source. ``text`` is Markdown; all other texts are plain."""

    title: str = ""
    text: str = ""
    spot: Spot | None = None
    bounds: Bounds | None = None
    """What is to be seen; without it, the place, or all places."""
    when: str = ""
    date: str = ""
    image: Image | None = None
    id: str = ""
    marked: bool = True
    """Whether the place has a marker."""
    on_route: bool = False
    color: str = ""
    """Of the marker, ``#rrggbb``."""
    cut: bool = False
    """The camera jumps here."""
    overlays: tuple[str, ...] = ()
    """Files of `Trip.files` that only this step shows, above the basemap."""


@dataclass
class Report:
    """What became of a source, in sentences."""

    source: str
    """What it is, as ``StoryMapJS export 'story.json'``."""
    lost: list[tuple[str, str]] = field(default_factory=list)
    """Where, and what could not be carried over."""
    ask: list[str] = field(default_factory=list)
    """What the editor has to add or check."""

    def left(self, where: str, what: str) -> None:
        """Notes something that is not in the story; the same thing once."""
        if (where, what) not in self.lost:
            self.lost.append((where, what))

    def check(self, what: str) -> None:
        """Notes something for the editor to do."""
        if what not in self.ask:
            self.ask.append(what)

    def lines(self) -> Iterator[str]:
        """What was lost, a sentence for each, with its place."""
        for where, what in self.lost:
            yield f"{where}: {what}" if where else what

    def markdown(self, made: str) -> str:
        """The report as ``IMPORT.md``. ``made``: what came of it, in a sentence."""
        parts = ["# Import", "", f"From: {self.source}.", made, ""]
        for heading, lines in (("To be checked", self.ask), ("Not carried over", list(self.lines()))):
            if lines:
                parts += [f"## {heading}", "", *(f"- {line}" for line in lines), ""]
        if not self.lost:
            parts += ["Everything was carried over.", ""]
        return "\n".join(parts)


@dataclass
class Trip:
    """A whole source."""

    report: Report
    title: str = ""
    subtitle: str = ""
    byline: str = ""
    description: str = ""
    lang: str = "en"
    stops: list[Stop] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    """Data for layers, by name in the story."""
    attached: Mapping[str, bytes] = field(default_factory=dict)
    """Files that came along with the source, by path; media are taken from them."""
    marker_color: str = ""
    route_color: str = ""
    grow: bool = False
    """The route grows with the reading: at each stop it has come as far as its place."""
    dark: bool = False
    credit: str = ""
    """Of the places."""
    license: str = ""
    credit_url: str = ""


def bounds_at(lon: float, lat: float, zoom: float) -> Bounds:
    """What a map of 256-pixel tiles centred there surely shows at this zoom (Leaflet's; Mapbox' is one less)."""
    scale = 2.0 ** max(0.0, min(zoom, 20.0))
    x, y = world(lon, lat)
    across, down = SEEN_PX[0] / 2 / scale, SEEN_PX[1] / 2 / scale
    (west, north), (east, south) = lonlat(x - across, max(y - down, 0)), lonlat(x + across, min(y + down, WORLD))
    if across * 2 >= WORLD:
        west, east = -180.0, 180.0
    edge = MAX_LAT - 0.06
    digits = 5 if scale > 4096 else 3
    box = (_wrapped(west), max(-edge, south), _wrapped(east, east=True), min(edge, north))
    made = [round(value, digits) for value in box]
    return (made[0], made[1], made[2], made[3])


def _wrapped(lon: float, *, east: bool = False) -> float:
    if -180 <= lon <= 180:
        return lon
    around = (lon + 180) % 360 - 180
    return 180.0 if east and around == -180 else around


def place_fault(lon: float | None, lat: float | None) -> str | None:
    """Why this is no place; None when it is one."""
    if lon is None or lat is None:
        return "one of latitude and longitude is missing, or no number"
    if -90 <= lat <= 90 and -180 <= lon <= 180:
        return None
    if -90 <= lon <= 90 and -180 <= lat <= 180:
        return f"latitude {lat:g} lies beyond 90: latitude and longitude seem to be swapped"
    return f"longitude {lon:g}, latitude {lat:g} is no place on Earth"
