"""Dates as people write them into tables → a date for machines, and as readers see it."""

from __future__ import annotations

import datetime as dt
import re

from storymap.words import span

__all__ = ["read_date"]

_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_RANGE = re.compile(r"\s*(?:/|–|—| - |-(?=[0-9]{4}))\s*")
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


def read_date(text: str, lang: str) -> tuple[str, str]:
    """(date for machines, date for readers). The first is empty for what can not be told for sure: ``3/4/1964``."""
    text = " ".join(text.split())
    if not text:
        return "", ""
    whole = _one(text)
    parts = [whole] if whole else [_one(part) for part in _RANGE.split(text)]
    if 1 <= len(parts) <= 2 and all(parts):
        date = "/".join(part for part in parts if part)
        if len(parts) == 1 or parts[0] < parts[1]:  # type: ignore[operator]
            return date, span(date, lang)
    return "", text


def _one(text: str) -> str | None:
    if iso := _ISO.fullmatch(text):
        return _checked(iso[1], iso[2], iso[3])
    if dotted := _DOTTED.fullmatch(text):
        return _checked(dotted[3], dotted[2], dotted[1])
    slashed = _SLASHED.fullmatch(text)
    if slashed and int(slashed[1]) > 12:
        return _checked(slashed[3], slashed[2], slashed[1])
    return None


def _checked(year: str, month: str | None, day: str | None) -> str | None:
    try:
        dt.date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return "-".join([year, *(f"{int(part):02d}" for part in (month, day) if part)])
