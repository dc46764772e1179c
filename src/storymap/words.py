"""The page's own words and dates, by language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from babel import Locale
from babel.dates import format_date, format_skeleton

__all__ = ["day", "direction", "page_words", "partial_date"]

_ENGLISH: Mapping[str, str] = {
    "skip": "Skip to the story",
    "explore": "Explore the map",
    "back": "Back to the story",
    "close": "Close",
    "steps": "Steps of the story",
    "previous": "Previous step",
    "next": "Next step",
    "contents": "Contents",
    "position": "Step {n} of {total}",
    "map": "Map",
    "how_we_know": "How we know this",
    "about": "About this story",
    "article": "The article that this story belongs to",
    "updated": "Updated",
    "corrections": "Corrections",
    "sources": "Sources",
    "map_data": "Map data",
    "km": "km",
}


def page_words() -> dict[str, str]:
    """Buttons, headings and announcements by their key. English; translations of them are a later step."""
    return dict(_ENGLISH)


def direction(lang: str) -> str:
    """``rtl`` for languages written from right to left, else ``ltr``."""
    order: str = Locale.parse(lang, sep="-").character_order
    return "rtl" if order == "right-to-left" else "ltr"


def day(date: dt.date, lang: str) -> str:
    """A day as readers write it: ``17 March 2021``, ``March 17, 2021`` or as the language has it."""
    return format_date(date, format="long", locale=_locale(lang))


def partial_date(date: str, lang: str) -> str:
    """``2021``, ``2021-03`` or ``2021-03-17`` as readers write it in ``lang``."""
    parts = [int(part) for part in date.split("-")]
    if len(parts) == 1:
        return str(parts[0])
    if len(parts) == 2:
        return format_skeleton("yMMMM", dt.date(parts[0], parts[1], 1), locale=_locale(lang))
    return day(dt.date(parts[0], parts[1], parts[2]), lang)


def _locale(lang: str) -> Locale:
    # "en" alone would write American dates; the stories' English is international.
    return Locale.parse("en_GB" if lang == "en" else lang.replace("-", "_"))
