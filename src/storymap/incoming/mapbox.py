"""Mapbox' storytelling template: its ``config.js`` → a trip.

The camera's centre and zoom become what is to be seen; markers stand at the centres when the configuration shows them.
What a chapter does to layers of a Mapbox style has no counterpart: the data is on Mapbox' servers, and stays there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from storymap.incoming.carry import Refused, add_media, color, mapping, number, prose, text
from storymap.incoming.htmltext import plain_text
from storymap.incoming.jsobject import ScriptError, read_script
from storymap.incoming.stops import Bounds, Report, Spot, Stop, Trip, bounds_at, place_fault

__all__ = ["is_mapbox", "read_mapbox"]

MOST_CHAPTERS = 500


def is_mapbox(said: Any) -> bool:
    """Whether this is a configuration of the template."""
    chapters = mapping(said).get("chapters")
    return isinstance(chapters, list) and any("location" in mapping(one) or "bbox" in mapping(one) for one in chapters)


def read_mapbox(content: bytes, source: str, files: Mapping[str, bytes], lang: str = "") -> Trip:
    """The trip of a configuration, as JavaScript or JSON. ``files``: pictures that came along. Raises `Refused`."""
    said, unknown = _configuration(content, source)
    trip = Trip(Report(source), lang=lang or "en", attached=files)
    for what in unknown:
        trip.report.left("", what)
    for key in ("title", "subtitle", "byline"):
        setattr(trip, key, plain_text(text(said.get(key))))
    trip.dark = said.get("theme") == "dark"
    trip.marker_color = color(said.get("markerColor")) if said.get("showMarkers") is True else ""
    chapters = [chapter for chapter in said["chapters"] if isinstance(chapter, dict)]
    for at, chapter in enumerate(chapters[:MOST_CHAPTERS], 1):
        trip.stops.append(_stop(trip, chapter, f"chapter {at}", said))
    _close(trip, said)
    if style := text(said.get("style")):
        trip.report.left("map", f"its style '{style[:100]}', with the layers in it: bring the data in as layers")
    return trip


def _configuration(content: bytes, source: str) -> tuple[Mapping[str, Any], list[str]]:
    try:
        said = json.loads(content.decode("utf-8-sig"))
        unknown: list[str] = []
    except (ValueError, RecursionError):
        try:
            script = read_script(content)
        except ScriptError as error:
            raise Refused(f"{source}: {error}") from None
        said, unknown = next((one for one in script.objects if is_mapbox(one)), None), script.unknown
    if not is_mapbox(said):
        raise Refused(
            f"{source} is no configuration of the storytelling template: it has no 'chapters' with a 'location'"
        )
    return mapping(said), unknown


def _close(trip: Trip, said: Mapping[str, Any]) -> None:
    """The foot of the page goes to the end of the last step."""
    if (foot := text(said.get("footer"))) and trip.stops:
        prose(trip, trip.stops[-1], f"<p>{foot}</p>", "footer")
    for key, what in (("use3dTerrain", "terrain in three dimensions"), ("inset", "the small map in the corner")):
        if said.get(key) is True:
            trip.report.left("map", what)
    if text(said.get("logo")):
        trip.report.left("map", "the logo")


def _stop(trip: Trip, chapter: Mapping[str, Any], where: str, said: Mapping[str, Any]) -> Stop:
    stop = Stop(
        title=plain_text(text(chapter.get("title"))), id=text(chapter.get("id")), marked=said.get("showMarkers") is True
    )
    prose(trip, stop, text(chapter.get("description")) or text(chapter.get("content")), where)
    if not stop.title:
        stop.title = _first_heading(stop)
    if picture := text(chapter.get("image")):
        add_media(trip, stop, picture, where)
    _look(trip, stop, chapter, where)
    stop.cut = chapter.get("mapAnimation") == "jumpTo"
    for key, what in (
        ("rotateAnimation", "the map that turns by itself"),
        ("hidden", "that it has no card of its own"),
    ):
        if chapter.get(key) is True:
            trip.report.left(where, what)
    if text(chapter.get("callback")):
        trip.report.left(where, f"the function '{text(chapter['callback'])[:60]}' that it calls")
    if layers := list(_layers(chapter)):
        trip.report.left(where, f"layers of the Mapbox style that it shows or hides: {', '.join(layers)}")
    return stop


def _first_heading(stop: Stop) -> str:
    """Older configurations have all of a chapter in one text, the title as its first heading."""
    first, _, rest = stop.text.partition("\n")
    if not first.startswith("#"):
        return ""
    stop.text = rest.strip()
    return plain_text(first.lstrip("# ").replace("\\", ""))


def _look(trip: Trip, stop: Stop, chapter: Mapping[str, Any], where: str) -> None:
    place = mapping(chapter.get("location"))
    centre = place.get("center")
    lon, lat = (number(part) for part in centre) if isinstance(centre, list) and len(centre) == 2 else (None, None)
    box = _box(chapter.get("bbox") or place.get("bbox"))
    fault = place_fault(lon, lat)
    if box:
        stop.bounds = box
    elif fault or lon is None or lat is None:
        trip.report.left(where, f"its place: {fault}")
        return
    else:
        zoom = number(place.get("zoom"))
        # Mapbox counts zoom by tiles of 512 pixels.
        stop.bounds = bounds_at(lon, lat, 8 if zoom is None else zoom + 1)
    if not fault and lon is not None and lat is not None:
        stop.spot = Spot(lon, lat)
    turned = [f"{what} of {number(place.get(key)) or 0:g}°" for key, what in (("pitch", "tilt"), ("bearing", "turn"))
              if number(place.get(key))]  # fmt: skip
    if turned:
        trip.report.left(where, f"the camera's {' and '.join(turned)}: the map lies flat, with north above")


def _box(value: Any) -> Bounds | None:
    """``[[west, south], [east, north]]`` in any order of the corners."""
    if (
        not isinstance(value, list)
        or len(value) != 2
        or not all(isinstance(one, list) and len(one) == 2 for one in value)
    ):
        return None
    lons, lats = ([number(corner[at]) for corner in value] for at in (0, 1))
    known: Sequence[float] = [part for part in (*lons, *lats) if part is not None]
    if len(known) < 4 or known[2] == known[3] or known[0] == known[1] or place_fault(known[0], known[2]):
        return None
    south, north = sorted(known[2:])
    return (
        (min(known[:2]), max(south, -85.0), max(known[:2]), min(north, 85.0))
        if place_fault(known[1], north) is None
        else None
    )


def _layers(chapter: Mapping[str, Any]) -> Iterator[str]:
    seen = set()
    for key in ("onChapterEnter", "onChapterExit"):
        for entry in chapter.get(key) or []:
            name = text(mapping(entry).get("layer"))
            if name and name not in seen:
                seen.add(name)
                yield name[:60]
