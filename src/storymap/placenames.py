"""Which place a cell of a table means: ``Тараз``, ``г. Тараз``, ``Taraz, Kazakhstan``; without a network.

Kinds of places in front of a name are passed over, and a country behind it narrows the towns that have the name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from babel import Locale

from storymap.gazetteer import CREDIT, LICENSE, Place, country_codes, largest_towns, places_called

__all__ = [
    "CREDIT",
    "CREDIT_URL",
    "LICENSE",
    "Place",
    "country_code",
    "country_codes",
    "country_name",
    "largest_towns",
    "look_up",
    "place_label",
    "sure",
]

CREDIT_URL = "https://www.geonames.org/"
MOST = 12
"""Candidates of one name."""
CLEARLY = 10
"""A town with so many times more people than the next of its name is the one that is meant, unless the editor says no."""
_KIND = re.compile(
    r"(?i)^(?:г|гор|город|пос|посёлок|поселок|пгт|село|с|аул|ауылы|қаласы)\b[. ]\s*|\s+(?:city|town|қаласы|ауылы)$"
)


def look_up(text: str, country: str | None = None) -> tuple[Place, ...]:
    """Towns called ``text``, the one with most people first; ``country``: only there (two letters)."""
    name, *more = [part.strip() for part in text.split(",")]
    said = next((code for part in reversed(more) if (code := country_code(part))), None)
    found = _called(text) or _called(name)
    for wanted in (said, country):
        found = [place for place in found if place.code == wanted] if wanted else found
    return tuple(found[:MOST])


def _called(name: str) -> list[Place]:
    return list(places_called(name) or places_called(_KIND.sub("", name)))


def sure(found: tuple[Place, ...]) -> Place | None:
    """The one that is surely meant: the only one, or one far larger than all others."""
    if found and (len(found) == 1 or found[0].population >= CLEARLY * max(found[1].population, 1)):
        return found[0]
    return None


def place_label(place: Place) -> str:
    """As an editor tells it from others of its name: two towns in one country differ by where they are."""
    return f"{place.label} ({place.lat:.2f}, {place.lon:.2f})"


def country_code(name: str) -> str | None:
    """Two letters of the country that is called so in English, Russian or Kazakh; None for none."""
    plain = _plain(name)
    return _country_names().get(plain) or (plain.upper() if plain.upper() in country_codes() else None)


def country_name(code: str, lang: str = "en") -> str:
    """Its name in ``lang``."""
    return str(Locale.parse(lang, sep="-").territories.get(code, code))


@cache
def _country_names() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for lang in ("en", "ru", "kk"):
        for code, name in Locale.parse(lang).territories.items():
            if len(code) == 2 and code.isalpha():
                names.setdefault(_plain(name), code)
    more = {"usa": "US", "uk": "GB", "england": "GB", "сша": "US", "рф": "RU", "turkey": "TR", "czech republic": "CZ"}
    return {**more, **names}


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("ё", "е").split())
