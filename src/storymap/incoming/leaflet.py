"""Leaflet Storymaps with Google Sheets (Hands-On Data Visualization): its sheets *Chapters* and *Options* as CSV, or both
in one XLSX → a trip. GeoJSON overlays are taken when they came along; overlays of tiles are on the web and stay there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from storymap.geocontent import GeodataError, Options
from storymap.geofile import read_bytes
from storymap.incoming.attachments import find_file, is_address
from storymap.incoming.carry import Refused, add_media, color, number, prose
from storymap.incoming.htmltext import plain_text
from storymap.incoming.stops import Report, Spot, Stop, Trip, bounds_at, place_fault
from storymap.slugs import free, slug_of

__all__ = ["is_chapters", "is_options", "read_leaflet"]

ZOOM = 15.0
"""That of a chapter which states none."""
MOST_CHAPTERS = 500
DEFAULT_TILES = ("", "CartoDB.Positron", "Stamen.TonerLite")
_MORE_OPTIONS = (
    "Storymap Logo", "Narrative Background Color", "Narrative Text Color", "Narrative Link Color",
    "Active Chapter Background Color", "Author GitHub Repo Link", "Code Credit",
)  # fmt: skip


def is_chapters(header: Sequence[str]) -> bool:
    """Whether a table with this header is the sheet *Chapters*."""
    return {"chapter", "latitude", "longitude"} <= {name.strip().lower() for name in header}


def is_options(header: Sequence[str]) -> bool:
    """Whether a table with this header is the sheet *Options*."""
    return {"setting", "customize"} <= {name.strip().lower() for name in header}


def read_leaflet(
    header: Sequence[str], rows: Sequence[Sequence[str]], options: Mapping[str, str], source: str,
    files: Mapping[str, bytes], lang: str = "",
) -> Trip:  # fmt: skip
    """The trip of the *Chapters*. ``options``: what *Options* says, by setting. ``files``: what came along."""
    if not is_chapters(header):
        raise Refused(f"{source} is not the sheet 'Chapters': it needs the columns Chapter, Latitude and Longitude")
    trip = Trip(Report(source), lang=lang or "en", attached=files)
    trip.title, trip.subtitle = (plain_text(options.get(f"Storymap {part}", "")) for part in ("Title", "Subtitle"))
    trip.byline = plain_text(options.get("Author Name", ""))
    if not options:
        trip.report.check("Title, subtitle and author: they stand in the sheet 'Options', which did not come along.")
    names = [name.strip().lower() for name in header]
    for at, row in enumerate(rows[:MOST_CHAPTERS], 1):
        cells = {name: cell.strip() for name, cell in zip(names, row, strict=False)}
        trip.stops.append(_stop(trip, cells, f"chapter {at}"))
    _tell_options(trip, options)
    return trip


def _stop(trip: Trip, cells: Mapping[str, str], where: str) -> Stop:
    stop = Stop(title=plain_text(cells.get("chapter", "")), marked=cells.get("marker", "").lower() != "hidden")
    stop.color = color(cells.get("marker color", ""))
    prose(trip, stop, cells.get("description", ""), where)
    lat, lon = number(cells.get("latitude") or None), number(cells.get("longitude") or None)
    if cells.get("latitude") or cells.get("longitude"):
        fault = place_fault(lon, lat)
        if fault or lon is None or lat is None:
            trip.report.left(where, f"its place: {fault}")
        else:
            stop.spot = Spot(lon, lat, plain_text(cells.get("location", "")) or stop.title)
            stop.bounds = bounds_at(lon, lat, number(cells.get("zoom") or None) or ZOOM)
    elif cells.get("location"):
        trip.report.left(where, f"its place '{cells['location'][:60]}' has no latitude and longitude in the sheet")
    if media := cells.get("media link"):
        add_media(trip, stop, media, where, credit=cells.get("media credit", ""))
        link = cells.get("media credit link", "")
        if stop.image and is_address(link):
            trip.report.check(f"{where}: the picture's credit led to {link}.")
    _overlays(trip, stop, cells, where)
    return stop


def _overlays(trip: Trip, stop: Stop, cells: Mapping[str, str], where: str) -> None:
    if tiles := cells.get("overlay"):
        trip.report.left(where, f"the map laid over it ({tiles[:120]}): a story shows no tiles but its basemap")
    name = cells.get("geojson overlay", "")
    if not name:
        return
    path = find_file(name, trip.attached) if not is_address(name) else None
    if path is None:
        why = "is on the web and was not fetched" if is_address(name) else "did not come along"
        trip.report.left(where, f"the outlines '{name[:120]}': the file {why}; add it under Data")
        return
    if (file := _taken(trip, path, where)) is None:
        return
    stop.overlays = (file,)
    if style := cells.get("geojson feature properties"):
        trip.report.left(where, f"how the outlines '{path}' are drawn ({style[:80]}): set it under Layers")


def _taken(trip: Trip, path: str, where: str) -> str | None:
    """The name in the story of a file of outlines; None when it is no GeoJSON that can be shown."""
    content = trip.attached[path]
    same = next((name for name, known in trip.files.items() if known == content), None)
    file = same or f"overlays/{free(slug_of(PurePosixPath(path).stem, 'outlines'), _stems(trip))}.geojson"
    try:
        read_bytes(file, content, Options())
    except GeodataError as error:
        trip.report.left(where, f"the outlines: {error}")
        return None
    trip.files[file] = content
    return file


def _stems(trip: Trip) -> set[str]:
    return {PurePosixPath(name).stem for name in trip.files}


def _tell_options(trip: Trip, options: Mapping[str, str]) -> None:
    tiles = options.get("Basemap Tiles", "").strip()
    if tiles not in DEFAULT_TILES:
        trip.report.left(
            "map", f"its background '{tiles[:60]}': the story has its own basemap; choose online tiles under Story"
        )
    for name in _MORE_OPTIONS:
        if options.get(name, "").strip():
            trip.report.left("options", f"{name}: {plain_text(options[name])[:80]}")
