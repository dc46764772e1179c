"""A trip → a story: steps, a layer of places with the present one marked, a route, media, and the report beside it."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from storymap.incoming.stops import Bounds, Spot, Stop, Trip
from storymap.newstory import NewStory
from storymap.prose import plain
from storymap.slugs import free, slug_of

__all__ = ["REPORT", "compose"]

REPORT = "IMPORT.md"
LONGEST_TEXT = 20_000
LONGEST_TITLE = 300
WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {"map": "Map", "all": "all places of the story", "world": "the world", "step": "Step", "story": "A story",
           "route": "Route", "places": "Places"},
    "ru": {"map": "Карта", "all": "все места истории", "world": "мир", "step": "Шаг", "story": "История",
           "route": "Маршрут", "places": "Места"},
    "kk": {"map": "Карта", "all": "оқиғаның барлық орындары", "world": "әлем", "step": "Қадам", "story": "Оқиға",
           "route": "Бағыт", "places": "Орындар"},
}  # fmt: skip
WORLD_VIEW: Bounds = (-170.0, -56.0, 179.0, 74.0)
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def compose(trip: Trip) -> NewStory:
    """The story of a trip, with its report as ``IMPORT.md`` when there is anything to tell.

    The report is added to: what had to be cut, and what the editor should look at.
    """
    words = WORDS.get(trip.lang, WORDS["en"])
    if not trip.stops:
        trip.stops.append(Stop())
    _name_steps(trip, words)
    files: dict[str, bytes] = dict(trip.files)
    layers = _layers(trip, files, words)
    steps = [_step(trip, number, layers, files, words) for number in range(len(trip.stops))]
    data: dict[str, Any] = {"title": _one_line(trip.title) or words["story"]}
    for key in ("subtitle", "byline", "description"):
        if text := _one_line(getattr(trip, key)):
            data[key] = text
    data |= {"lang": trip.lang, "layers": layers, "steps": steps}
    if trip.report.source:
        made = (
            f"It became {len(steps)} step{'s' * (len(steps) != 1)} and {len(layers)} layer{'s' * (len(layers) != 1)}."
        )
        files[REPORT] = trip.report.markdown(made).encode()
    return NewStory({key: value for key, value in data.items() if value}, files)


def _name_steps(trip: Trip, words: Mapping[str, str]) -> None:
    taken: set[str] = set()
    for number, stop in enumerate(trip.stops, 1):
        title = _one_line(stop.title) or (stop.spot.name if stop.spot else "") or f"{words['step']} {number}"
        if len(title) > LONGEST_TITLE:
            trip.report.left(f"step {number}", f"the title was cut: '{title[:40]}…'")
            title = f"{title[: LONGEST_TITLE - 1].rstrip()}…"
        stop.title = title
        stop.id = free(slug_of(stop.id or plain(title), f"step-{number}"), taken)
        taken.add(stop.id)


def _marks(trip: Trip) -> list[tuple[Stop, Spot]]:
    return [(stop, stop.spot) for stop in trip.stops if stop.spot and stop.marked]


def _way(trip: Trip) -> list[tuple[int, Spot]]:
    found = [(number, stop.spot) for number, stop in enumerate(trip.stops) if stop.spot and stop.on_route]
    return found if len({(spot.lon, spot.lat) for _, spot in found}) > 1 else []


def _layers(trip: Trip, files: dict[str, bytes], words: Mapping[str, str]) -> list[dict[str, Any]]:
    """Layers from bottom to top: what came along, the route, the places."""
    source = {"credit": trip.credit or "not stated", "license": trip.license or "not stated"}
    if trip.credit_url:
        source["url"] = trip.credit_url
    layers: list[dict[str, Any]] = [
        {"id": _overlay_id(name), "source": {"file": name, **source}, "style": {"weight": 2, "fill_opacity": 0.25}}
        for name in dict.fromkeys(name for stop in trip.stops for name in stop.overlays)
    ]
    if way := _way(trip):
        files["route.geojson"] = _geojson(_legs(trip, way))
        style: dict[str, Any] = {"color": _hex(trip.route_color) or "accent", "weight": 2.5}
        style |= {} if trip.grow else {"dash_array": "6 5", "opacity": 0.7}
        layers.append(
            {"id": "route", "title": words["route"], "source": {"file": "route.geojson", **source}, "style": style}
        )
    if marks := _marks(trip):
        files["places.geojson"] = _geojson([_point(stop, spot) for stop, spot in marks])
        style = {"color": _hex(trip.marker_color) or "accent", "radius": 5, "fill_opacity": 0.9}
        layer: dict[str, Any] = {
            "id": "places",
            "title": words["places"],
            "source": {"file": "places.geojson", **source},
        }
        layer |= {"style": style, "label": {"column": "name", "priority": 5}, "tooltip": ["name"]}
        layers.append(layer)
    if layers and not (trip.credit and trip.license):
        trip.report.check(
            "Who is to be named for the places, and on what terms: the source does not say (Layers, credit)."
        )
    return layers


def _legs(trip: Trip, way: Sequence[tuple[int, Spot]]) -> list[dict[str, Any]]:
    """The route as one line, or as the part that leads to each stop, when it grows."""
    if not trip.grow:
        return [_line([spot for _, spot in way], {"id": "route"})]
    legs: list[dict[str, Any]] = []
    for (_, before), (number, spot) in itertools.pairwise(way):
        legs.append(_line([before, spot], {"id": trip.stops[number].id, "leg": len(legs) + 1}))
    return legs


def _line(spots: Sequence[Spot], properties: dict[str, Any]) -> dict[str, Any]:
    coordinates = [[round(spot.lon, 6), round(spot.lat, 6)] for spot in spots]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "LineString", "coordinates": coordinates}}


def _point(stop: Stop, spot: Spot) -> dict[str, Any]:
    properties = {"id": stop.id, "name": _one_line(spot.name) or stop.title}
    coordinates = [round(spot.lon, 6), round(spot.lat, 6)]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": coordinates}}


def _geojson(features: list[dict[str, Any]]) -> bytes:
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'.encode()


def _step(
    trip: Trip, number: int, layers: list[dict[str, Any]], files: dict[str, bytes], words: Mapping[str, str]
) -> dict[str, Any]:
    stop = trip.stops[number]
    step: dict[str, Any] = {"id": stop.id, "title": stop.title}
    step |= {key: value for key, value in (("when", _one_line(stop.when)), ("date", stop.date)) if value}
    marked = stop.spot is not None and stop.marked
    step["view"] = _view(trip, stop, marked=marked)
    step |= {"move": "cut"} if stop.cut else {}
    step |= {"tone": "dark"} if trip.dark else {}
    step["show"] = _show(trip, number, {str(layer["id"]) for layer in layers}, marked=marked)
    where = (_one_line(stop.spot.name) or stop.title) if stop.spot else words["all" if _marks(trip) else "world"]
    step["alt"] = f"{words['map']}: {where}."
    step["text"] = _text(trip, number, stop)
    if stop.image:
        files[stop.image.file] = stop.image.content
        step["media"] = _media(trip, number, stop)
    return {key: value for key, value in step.items() if value}


def _view(trip: Trip, stop: Stop, *, marked: bool) -> dict[str, Any]:
    must_see = {"must_see": [f"places/{stop.id}"]} if marked else {}
    if stop.bounds:
        return {"bounds": list(stop.bounds), **must_see}
    if marked:
        # A leg that grows is seen from its beginning.
        fit = [f"places/{one.id}" for one in (_before(trip, stop), stop) if one]
        return {"fit": fit if len(fit) > 1 else fit[0], **(must_see if len(fit) > 1 else {}), "max_zoom": 6}
    marks = _marks(trip)
    if len({(spot.lon, spot.lat) for _, spot in marks}) > 1:
        return {"fit": "places"}
    return {"fit": "places", "max_zoom": 5} if marks else {"bounds": list(WORLD_VIEW)}


def _before(trip: Trip, stop: Stop) -> Stop | None:
    """The stop from which a growing route comes here."""
    way = [trip.stops[at] for at, _ in _way(trip)] if trip.grow else []
    at = next((number for number, one in enumerate(way) if one is stop), 0)
    return way[at - 1] if at else None


def _show(trip: Trip, number: int, there: set[str], *, marked: bool) -> list[Any]:
    stop = trip.stops[number]
    show: list[Any] = [_overlay_id(name) for name in stop.overlays]
    if "route" in there:
        show += _route_so_far(trip, number) if trip.grow else ["route"]
    if "places" not in there:
        return show
    if not marked:
        return [*show, "places"]
    # All places stay in sight; that of the step is larger, and the only one with its name.
    show.append({"layer": "places", "style": {"fill_opacity": 0.45, "opacity": 0.6}, "label": False})
    if before := _before(trip, stop):
        show.append({"layer": "places", "where": {"id": before.id}})
    own: dict[str, Any] = {"layer": "places", "where": {"id": stop.id}, "style": {"radius": 8}}
    if color := _hex(stop.color):
        own["style"]["color"] = color
    return [*show, own]


def _route_so_far(trip: Trip, number: int) -> list[Any]:
    """The legs up to this stop, the last of which grows; all of them, where a step shows no place of its own."""
    way = _way(trip)
    come = [trip.stops[at].id for at, _ in way[1:] if at <= number]
    if all(at != number for at, _ in way):
        return ["route"]
    done: list[Any] = [{"layer": "route", "where": {"id": come[:-1]}}] if come[:-1] else []
    return done + ([{"layer": "route", "where": {"id": come[-1]}, "grow": True}] if come else [])


def _media(trip: Trip, number: int, stop: Stop) -> dict[str, Any]:
    image = stop.image
    assert image
    alt, credit = _one_line(image.alt) or _one_line(image.caption), _one_line(image.credit)
    if not alt:
        trip.report.check(f"Step {number + 1}: say in words what '{image.file}' shows.")
    if not credit:
        trip.report.check(f"Step {number + 1}: say who made '{image.file}'.")
    media = {"file": image.file, "alt": alt or stop.title, "credit": credit or "not stated"}
    return media | ({"caption": _one_line(image.caption)} if image.caption.strip() else {})


def _text(trip: Trip, number: int, stop: Stop) -> str:
    text = stop.text.strip()
    if not text:
        return stop.title
    if len(text) > LONGEST_TEXT:
        trip.report.left(
            f"step {number + 1}", f"the end of the text: it has {len(text)} characters, {LONGEST_TEXT} were kept"
        )
        text = text[:LONGEST_TEXT].rstrip()
    return text


def _overlay_id(name: str) -> str:
    stem = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return f"overlay-{stem}"[:64].rstrip("-")


def _hex(color: str) -> str:
    return color.lower() if _HEX.fullmatch(color) else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
