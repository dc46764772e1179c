"""Addresses by name, asked from the geocoder that the operator names; nothing is asked where none is named.

``STORYMAP_GEOCODER``: address of a search of Nominatim's kind, ``https://nominatim.example.org/search``.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pyproj

__all__ = ["Answer", "GeocoderError", "address_of_geocoder", "geocode"]

PAUSE_S = 1.0
"""Between two questions, as public services ask it."""
PATIENCE_S = 15
MOST_BYTES = 2_000_000
_turn = threading.Lock()
_last = [0.0]


class GeocoderError(RuntimeError):
    """Why there is no answer, in one line."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A place that the geocoder found. ``km``: half of the extent that it gives."""

    name: str
    lon: float
    lat: float
    km: float
    terms: str = ""
    """Licence, as the service states it."""


def address_of_geocoder() -> str | None:
    """The geocoder that the operator named; None when there is none. Raises `GeocoderError` for no web address."""
    url = os.environ.get("STORYMAP_GEOCODER", "").strip()
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise GeocoderError("STORYMAP_GEOCODER is no web address: write it as https://nominatim.example.org/search")
    return url


def geocode(query: str, most: int = 8, now: Callable[[], float] = time.monotonic,
            sleep: Callable[[float], None] = time.sleep) -> tuple[Answer, ...]:  # fmt: skip
    """Places for ``query``. One question a second, whoever asks. Raises `GeocoderError`."""
    url = address_of_geocoder()
    if url is None or not query.strip():
        return ()
    ask = f"{url}{'&' if '?' in url else '?'}{urlencode({'q': query.strip()[:200], 'format': 'jsonv2', 'limit': most})}"
    with _turn:
        wait = _last[0] + PAUSE_S - now()
        if wait > 0:
            sleep(wait)
        try:
            said = _ask(ask)
        finally:
            _last[0] = now()
    return tuple(answer for entry in said for answer in [_answer(entry)] if answer)


def _version() -> str:
    try:
        return version("storymap-desk")
    except PackageNotFoundError:
        return "0"


class _Stay(HTTPRedirectHandler):
    """Follows no redirect: only the address that the operator named is asked."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _ask(url: str) -> list[Any]:
    headers = {"User-Agent": f"storymap/{_version()} (story map editor)", "Accept": "application/json"}
    try:
        with build_opener(_Stay).open(Request(url, headers=headers), timeout=PATIENCE_S) as answer:  # noqa: S310 - checked
            content = answer.read(MOST_BYTES + 1)
    except HTTPError as error:
        told = "it asks for fewer questions" if error.code == 429 else f"it answers {error.code}"
        raise GeocoderError(f"The geocoder gives no answer: {told}. Try again later.") from None
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason: object = error.reason if isinstance(error, URLError) else error
        raise GeocoderError(f"The geocoder can not be reached ({str(reason)[:100]}). Try again later.") from None
    try:
        said = json.loads(content) if len(content) <= MOST_BYTES else None
    except ValueError:
        said = None
    if not isinstance(said, list):
        raise GeocoderError("The geocoder answers something else than a list of places: is its address right?")
    return said


def _answer(entry: Any) -> Answer | None:
    try:
        lon, lat = float(entry["lon"]), float(entry["lat"])
        name = "".join(c if c.isprintable() else " " for c in str(entry["display_name"]))[:200]
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            return None
        return Answer(name, lon, lat, _extent_km(entry.get("boundingbox")), str(entry.get("licence") or "")[:300])
    except (KeyError, TypeError, ValueError):
        return None


def _extent_km(box: Any) -> float:
    """Half of the diagonal of ``[south, north, west, east]``, at least 100 m; 1 km when it is not given."""
    try:
        south, north, west, east = map(float, box)
        metres = float(pyproj.Geod(ellps="WGS84").inv(west, south, east, north)[2])
    except (TypeError, ValueError):
        return 1.0
    return round(max(0.1, metres / 2000), 1)
