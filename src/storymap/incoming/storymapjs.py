"""StoryMapJS (Knight Lab): the JSON that it exports and publishes → a trip.

Slides with a location are connected by a line, unless the map is an image or says otherwise; an overview, and a slide
without a location, shows all places.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from storymap.incoming.attachments import find_file
from storymap.incoming.carry import Refused, add_media, color, mapping, number, prose, text
from storymap.incoming.dates import read_date
from storymap.incoming.htmltext import plain_text
from storymap.incoming.stops import Report, Spot, Stop, Trip, bounds_at, place_fault

__all__ = ["is_storymapjs", "read_storymapjs"]

MOST_SLIDES = 500
_IMAGES = ("zoomify", "iiif")
_DEFAULT_MAPS = ("", "stamen:toner-lite", "osm:standard")


def is_storymapjs(said: Any) -> bool:
    """Whether this JSON is an export of StoryMapJS."""
    return isinstance(mapping(mapping(said).get("storymap")).get("slides"), list)


def read_storymapjs(content: bytes, source: str, files: Mapping[str, bytes], lang: str = "") -> Trip:
    """The trip of an export. ``files``: media that came along. Raises `Refused`."""
    try:
        said = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise Refused(f"{source} can not be read as JSON: export it again") from None
    if not is_storymapjs(said):
        raise Refused(f"{source} is no export of StoryMapJS: it has no 'storymap' with 'slides'")
    options = {**said, **said["storymap"]}
    trip = Trip(Report(source), lang=lang or _language(options), attached=files)
    as_image = options.get("map_type") in _IMAGES or options.get("map_as_image") is True
    _tell_options(trip, options)
    line = options.get("show_lines") is not False and not as_image
    trip.route_color = color(options.get("line_color"))
    for at, slide in enumerate(said["storymap"]["slides"][:MOST_SLIDES], 1):
        trip.stops.append(
            _stop(trip, mapping(slide), f"slide {at}", on_image=options.get("map_type") in _IMAGES, line=line)
        )
    if len(said["storymap"]["slides"]) > MOST_SLIDES:
        trip.report.left("", f"slides after number {MOST_SLIDES}")
    trip.title = text(options.get("title")) or _title(said["storymap"]["slides"])
    trip.byline = plain_text(text(options.get("author")))
    return trip


def _language(options: Mapping[str, Any]) -> str:
    said = text(options.get("language"))[:2].lower()
    return said if said.isalpha() and len(said) == 2 else "en"


def _title(slides: list[Any]) -> str:
    """That of the opening slide: an export has no title of its own."""
    opening = next((slide for slide in slides if mapping(slide).get("type") == "overview"), None)
    first = mapping(mapping(opening or (slides[0] if slides else {})).get("text"))
    return plain_text(text(first.get("headline")))


def _tell_options(trip: Trip, options: Mapping[str, Any]) -> None:
    kind = text(options.get("map_type"))
    if kind in _IMAGES:
        trip.report.left("map", "the map is a large picture, not a place on Earth: its positions mean nothing on a map, and "
                                "no marker was made")  # fmt: skip
    elif kind not in _DEFAULT_MAPS:
        trip.report.left("map", f"its background '{kind[:100]}': the story is on the basemap that comes along; choose online "
                                "tiles under Story")  # fmt: skip
    for key, what in (("call_to_action_text", "the words on its start button"), ("font_css", "its typefaces")):
        if text(options.get(key)):
            trip.report.left("options", f"{what} ('{text(options[key])[:60]}')")
    if options.get("map_mini") is True:
        trip.report.left("options", "the small map beside the large one")


def _stop(trip: Trip, slide: Mapping[str, Any], where: str, *, on_image: bool, line: bool) -> Stop:
    words, place = mapping(slide.get("text")), mapping(slide.get("location"))
    stop = Stop(title=plain_text(text(words.get("headline"))))
    stop.date, stop.when = read_date(plain_text(text(slide.get("date"))), trip.lang)
    prose(trip, stop, text(words.get("text")), where)
    overview = slide.get("type") == "overview"
    if not overview and not on_image and (place.get("lat") or place.get("lon")):
        _put(trip, stop, place, where)
        stop.on_route = line and stop.spot is not None and place.get("line") is not False
    media = mapping(slide.get("media"))
    if text(media.get("url")):
        said = {key: text(media.get(key)) for key in ("caption", "credit")}
        add_media(trip, stop, text(media["url"]), where, **said)
    _tell_look(trip, mapping(slide.get("background")), place, where)
    return stop


def _put(trip: Trip, stop: Stop, place: Mapping[str, Any], where: str) -> None:
    lon, lat, zoom = (number(place.get(key)) for key in ("lon", "lat", "zoom"))
    fault = place_fault(lon, lat)
    if fault or lon is None or lat is None:
        trip.report.left(where, f"its place: {fault}")
        return
    stop.spot = Spot(lon, lat, plain_text(text(place.get("name"))))
    if zoom:
        stop.bounds = bounds_at(lon, lat, zoom)


def _tell_look(trip: Trip, background: Mapping[str, Any], place: Mapping[str, Any], where: str) -> None:
    if picture := text(background.get("url")):
        kept = " (it is among the files)" if find_file(picture, trip.attached) else ""
        trip.report.left(where, f"its background picture {picture[:120]}{kept}")
    elif text(background.get("color")) not in ("", "#fff", "#ffffff"):
        trip.report.left(where, f"its background colour {text(background['color'])[:30]}")
    icon = text(place.get("image")) or text(place.get("icon"))
    if icon and "mapfiles/ms/micons" not in icon:
        trip.report.left(where, f"its own marker {icon[:120]}")
