"""Stories to begin with: valid, on real places, and good to look at before a word is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from storymap import placenames
from storymap.countries import Country
from storymap.incoming.compose import compose
from storymap.incoming.stops import Report, Spot, Stop, Trip
from storymap.newstory import NewStory

__all__ = ["TEMPLATES", "Kind", "Template", "from_template"]

Kind = Literal["blank", "places", "route"]


@dataclass(frozen=True, slots=True)
class Template:
    """What an editor chooses by."""

    name: str
    about: str


TEMPLATES: Mapping[Kind, Template] = {
    "blank": Template("Blank", "One step that shows the country."),
    "places": Template("Places", "One place for each step, all of them at the beginning and the end."),
    "route": Template("Route", "A line that grows from place to place as the reader scrolls."),
}
COUNT = 4
"""Places of a story to begin with."""

WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Untitled story", "first": "Where we are",
        "first_text": "Say here what this story is about, and why it happens in this place.",
        "place_text": "What happened here? Each step has one thought, and the map shows where.",
        "last": "The whole picture", "last_text": "What do all these places have in common? End with what stays.",
        "on": "On to {}", "start": "It begins in {}", "alt": "A map of {}.",
    },
    "ru": {
        "title": "История без названия", "first": "Где мы",
        "first_text": "Напишите здесь, о чём эта история и почему она происходит именно здесь.",
        "place_text": "Что здесь произошло? В каждом шаге — одна мысль, а карта показывает где.",
        "last": "Общая картина", "last_text": "Что объединяет все эти места? Закончите тем, что остаётся.",
        "on": "Дальше — {}", "start": "Начало пути — {}", "alt": "Карта: {}.",
    },
    "kk": {
        "title": "Атаусыз оқиға", "first": "Біз қайдамыз",
        "first_text": "Бұл оқиға не туралы және неге дәл осы жерде болғанын осында жазыңыз.",
        "place_text": "Мұнда не болды? Әр қадамда — бір ой, ал карта қай жер екенін көрсетеді.",
        "last": "Жалпы көрініс", "last_text": "Осы орындардың бәріне ортақ не бар? Есте қалатын оймен аяқтаңыз.",
        "on": "Әрі қарай — {}", "start": "Жолдың басы — {}", "alt": "Карта: {}.",
    },
}  # fmt: skip


def from_template(
    kind: Kind, country: Country, *, title: str = "", lang: str = "en", names: Mapping[str, str] | None = None
) -> NewStory:
    """A story on this country, whose largest cities stand in for the places to come. ``lang``: en, ru, kk; ``names``: of
    cities in that language, by their English ones."""
    words = WORDS.get(lang, WORDS["en"])
    trip = Trip(Report(""), title=title or words["title"], lang=lang, grow=kind == "route")
    cities = placenames.largest_towns(_two_letters(country), COUNT) if kind != "blank" else ()
    if cities:
        trip.credit, trip.license, trip.credit_url = placenames.CREDIT, placenames.LICENSE, placenames.CREDIT_URL
    opening = Stop(title=words["first"], text=words["first_text"], bounds=country.bounds)
    if kind != "route" or not cities:
        trip.stops.append(opening)
    for number, city in enumerate(_in_order(cities) if kind == "route" else cities):
        name = (names or {}).get(city.name, city.name)
        heading = words["start" if number == 0 else "on"].format(name) if kind == "route" else name
        stop = Stop(
            title=heading, text=words["place_text"], spot=Spot(city.lon, city.lat, name), on_route=kind == "route"
        )
        trip.stops.append(stop)
    if cities:
        trip.stops.append(Stop(title=words["last"], text=words["last_text"]))
    story = compose(trip)
    return NewStory(
        {**story.data, "steps": [_said(step, words, country, lang) for step in story.data["steps"]]}, story.files
    )


def _said(step: dict[str, object], words: Mapping[str, str], country: Country, lang: str) -> dict[str, object]:
    """The step with what its map shows in words, where that is the country."""
    view = step["view"]
    whole = isinstance(view, dict) and "bounds" in view
    return {**step, "alt": words["alt"].format(country.name(lang))} if whole else step


def _two_letters(country: Country) -> str:
    return placenames.country_code(country.name()) or country.code


def _in_order(cities: tuple[placenames.Place, ...]) -> list[placenames.Place]:
    """From west to east: a route that does not cross itself."""
    return sorted(cities, key=lambda city: city.lon)
