"""What an editor may enter into a field, and what it then means. Each check gives the value for the story, None to take
the part away, or raises `ValueError` with what is wrong, in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from storymap.dating import machine_date
from storymap.storytypes import COLOR_NAME, HEX

__all__ = ["Check", "address", "color_name", "date", "hex_color", "may_be_empty", "needed", "optional"]

Check = Callable[[str], Any]


def needed(what: str) -> Check:
    """Text that must not be empty; ``what``: "a step needs a title"."""

    def check(entered: str) -> str | None:
        if not entered.strip():
            raise ValueError(f"{what}: what stood here before is kept")
        return entered.rstrip()

    return check


def optional(entered: str) -> str | None:
    """Any text; none takes the part away."""
    return entered.rstrip() if entered.strip() else None


def may_be_empty(check: Check) -> Check:
    """``check``, which nothing passes too: that takes the part away."""
    return lambda entered: check(entered.strip()) if entered.strip() else None


def date(lang: str, *, spans: bool = True) -> Check:
    """A date for machines, from what people write in English or ``lang``."""

    def check(entered: str) -> str | None:
        if not entered.strip():
            return None
        found = machine_date(entered, lang)
        if found is None:
            more = "; two with a / for a time between them" if spans else ""
            raise ValueError(f"write a year, a month or a day, as 1964, 1964-11 or 1964-11-02{more}")
        if not spans and "/" in found:
            raise ValueError("write one date, not two")
        return found

    return check


def address(entered: str) -> str | None:
    """An address on the web; one without a scheme gets https."""
    said = entered.strip()
    if not said:
        return None
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", said):
        said = f"https://{said.removeprefix('//')}"
    try:
        parts = urlsplit(said)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    if (
        parts.scheme not in ("http", "https")
        or re.search(r'[\s<>"]', said)
        or not re.fullmatch(r"[^.]+(\..+)+|localhost", host)
    ):
        raise ValueError("write an address as https://example.org/page")
    return said


def hex_color(entered: str) -> str | None:
    """A colour as ``#rrggbb``."""
    said = entered.strip().lower()
    if not re.fullmatch(HEX, said):
        raise ValueError("write a colour as #b5451b")
    return said


def color_name(taken: set[str]) -> Check:
    """A name for a colour that no other has: small letters, digits and hyphens."""

    def check(entered: str) -> str | None:
        said = re.sub(r"[\s_]+", "-", entered.strip().lower())
        if not re.fullmatch(COLOR_NAME, said) or len(said) > 64:
            raise ValueError("write a name in small letters a to z, with hyphens, as rail or sea-ice")
        if said in taken:
            raise ValueError(f"there is a colour '{said}' already")
        return said

    return check
