"""Times as an editor reads them: ``14:02`` today, ``yesterday, 14:02``, ``21 November, 14:02``."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["dated", "told"]


def told(time: dt.datetime, zone: str | None, now: dt.datetime | None = None) -> str:
    """``time`` (with its zone) as the clock of a browser in ``zone`` shows it; in UTC, and said so, where that is unknown."""
    try:
        here: dt.tzinfo = ZoneInfo(zone) if zone else dt.UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        here, zone = dt.UTC, None
    then, today = time.astimezone(here), (now or dt.datetime.now(dt.UTC)).astimezone(here).date()
    clock = f"{then:%H:%M}" + ("" if zone else " UTC")
    days = (today - then.date()).days
    if days == 0:
        return clock
    if days == 1:
        return f"yesterday, {clock}"
    year = "" if then.year == today.year else f" {then.year}"
    return f"{then.day} {then:%B}{year}, {clock}"


def dated(time: dt.datetime, zone: str | None) -> str:
    """``time`` so that it can be read at any later day: ``21 November 2026, 14:02``."""
    try:
        then = time.astimezone(ZoneInfo(zone) if zone else dt.UTC)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        then = time.astimezone(dt.UTC)
    return f"{then.day} {then:%B %Y, %H:%M}"
