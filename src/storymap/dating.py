"""Times as people write them → the date that machines read: "2 November 1964" → ``1964-11-02``."""

from __future__ import annotations

import calendar
import re
from functools import cache

from babel import Locale, UnknownLocaleError

from storymap.figuredata import years

__all__ = ["date_fault", "machine_date"]

_ISO = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
_DOTTED = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_DECADE = re.compile(r"(?:the )?([0-9]{3}0)(?:s|'s|-е|-х|-е годы|-х годов|-жылдар|-жылдары)", re.IGNORECASE)
# A hyphen parts two times only where none of them is written with hyphens.
_BETWEEN = re.compile(r"\s*/\s*|\s*[–—]\s*|\s+-\s+|\s+(?:to|until|till|по|до)\s+", re.IGNORECASE)
_YEARS = re.compile(r"([0-9]{4})-([0-9]{2}|[0-9]{4})")
_NOISE = frozenset({"in", "on", "of", "the", "from", "г", "гг", "год", "года", "в", "с", "жыл", "жылы", "жылғы", "ж"})

Parts = tuple[int | None, int | None, int | None]
"""Year, month and day, as far as they are said."""


def machine_date(text: str, lang: str = "en") -> str | None:
    """``text`` as a date for machines (``1964``, ``1964-11-02``, ``1997-12/1998-01``); None when it is not understood.

    Names of months are those of English and of ``lang``. What could be read in two ways (2/11/1964) is not understood.
    """
    said = " ".join(text.replace("\u00a0", " ").split())
    decade = _DECADE.fullmatch(said)
    if decade:
        return f"{decade[1]}/{int(decade[1]) + 9}"
    both = _YEARS.fullmatch(said)
    # 1997-98 is a span of years, 1997-12 a month.
    if both and (len(both[2]) == 4 or int(both[2]) > 12):
        said = f"{both[1]}/{both[2]}"
    halves = _BETWEEN.split(said)
    if len(halves) > 2:
        return None
    found = [_parts(half, lang) for half in halves]
    if any(part is None for part in found):
        return None
    first, last = found[0], found[-1]
    assert first is not None
    assert last is not None
    first, last = _completed(first, last)
    made = [_written(first), _written(last)]
    if made[0] is None or made[1] is None:
        return None
    date = made[0] if made[0] == made[1] else f"{made[0]}/{made[1]}"
    return None if date_fault(date) else date


def date_fault(date: str) -> str | None:
    """What is wrong with a date for machines, in words; None when it is one."""
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?(/[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?", date):
        return "write a year, a month or a day, as 1964, 1964-11 or 1964-11-02"
    for part in date.split("/"):
        year, month, day = (*map(int, part.split("-")), 1, 1)[:3]
        if not 1 <= year <= 9999 or not 1 <= month <= 12 or not 1 <= day <= calendar.monthrange(year, month)[1]:
            return f"'{part}' is no day of the calendar"
    try:
        years(date)
    except ValueError as error:
        return str(error)
    return None


def _parts(text: str, lang: str) -> Parts | None:
    iso = _ISO.fullmatch(text)
    if iso:
        return int(iso[1]), int(iso[2]) if iso[2] else None, int(iso[3]) if iso[3] else None
    dotted = _DOTTED.fullmatch(text)
    if dotted:
        return int(dotted[3]), int(dotted[2]), int(dotted[1])
    year: int | None = None
    month: int | None = None
    day: int | None = None
    for token in re.findall(r"[^\s,.]+", text.lower()):
        number = re.fullmatch(r"([0-9]{1,4})(?:st|nd|rd|th)?", token)
        if token in _NOISE:
            continue
        if number and len(number[1]) == 4 and year is None:
            year = int(number[1])
        elif number and len(number[1]) < 3 and day is None:
            day = int(number[1])
        elif not number and token in _months(lang) and month is None:
            month = _months(lang)[token]
        else:
            return None
    return year, month, day


def _completed(first: Parts, last: Parts) -> tuple[Parts, Parts]:
    """What only one of two times says, it says for both: ``2–4 November 1964``, ``1997–98``."""
    if first[0] is not None and last == (None, None, last[2]) and last[2] is not None:
        # "1997–98": what was taken for a day is a year of the same century.
        if first[1] is None:
            return first, (first[0] // 100 * 100 + last[2], None, None)
        return first, (first[0], first[1], last[2])
    if last[0] is None:
        last = (first[0], last[1], last[2])
    if first[0] is None:
        month = first[1] if first[1] is not None else last[1]
        first = (last[0], month, first[2])
    return first, last


def _written(parts: Parts) -> str | None:
    year, month, day = parts
    if year is None or (day is not None and month is None):
        return None
    return "-".join([f"{year:04}", *(f"{part:02}" for part in (month, day) if part is not None)])


@cache
def _months(lang: str) -> dict[str, int]:
    """Names of months in English and ``lang``, in small letters, without full stops."""
    out: dict[str, int] = {"sept": 9}
    for code in ("en", lang):
        try:
            locale = Locale.parse(code, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    out[str(name).lower().rstrip(".")] = int(number)
    return out
