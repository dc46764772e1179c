"""What the readers of other programs' exports share: texts, media and values that may be anything."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from storymap.incoming.attachments import find_file, is_address, kind_of, media_name
from storymap.incoming.htmltext import plain_text, to_markdown
from storymap.incoming.sheet import LINKS
from storymap.incoming.stops import Image, Stop, Trip

__all__ = ["Refused", "add_media", "color", "mapping", "number", "prose", "text"]

_ADDRESS = re.compile(r"(?i)https?://[^\s<>()\"]+")


class Refused(ValueError):
    """A file that no story can be made of. ``str()`` is one line: what is wrong, and what to do."""


def mapping(value: Any) -> Mapping[str, Any]:
    """``value`` if it has keys, else nothing."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """A text, or a number as one; nothing for anything else."""
    if isinstance(value, str):
        return value.strip()
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else ""


def number(value: Any) -> float | None:
    """A number, also one that is written as a text."""
    if isinstance(value, bool):
        return None
    try:
        found = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def prose(trip: Trip, stop: Stop, html: str, where: str) -> None:
    """Adds an HTML text to the stop; pictures in it become the stop's, as far as it has none and they came along."""
    made = to_markdown(html, LINKS.get(trip.lang, LINKS["en"]))
    stop.text = f"{stop.text}\n\n{made.text}".strip()
    for what in made.lost:
        trip.report.left(where, what)
    for address, alt in made.pictures:
        add_media(trip, stop, address, where, alt=alt)


def add_media(
    trip: Trip, stop: Stop, name: str, where: str,
    *, alt: str = "", caption: str = "", credit: str = "",
) -> None:  # fmt: skip
    """The media that ``name`` means, when it came along; else a link in the text, or a line
    in the report. Caption and credit may be HTML."""
    files = trip.attached
    alt, caption, credit = plain_text(alt), plain_text(caption), plain_text(credit)
    path = None if name.startswith(("<", "data:")) else find_file(re.sub(r"(?i)^https?://[^/]+/", "", name), files)
    made = media_name(path) if path else None
    if path and made and stop.image is None:
        stop.image = Image(made, files[path], alt, caption, credit)
        return
    address = f"https:{name}" if name.startswith("//") else name
    if is_address(name) and _ADDRESS.fullmatch(address):
        label = LINKS.get(trip.lang, LINKS["en"])[kind_of(address)]
        said = ". ".join(part.rstrip(".") for part in (caption, credit) if part)
        after = f": {_bare(said)}" if said else ""
        stop.text = f"{stop.text}\n\n[{label}]({address}){after}".strip()
        trip.report.left(where, f"{address} is on the web and was not fetched: the text links to it")
    elif name.startswith("<"):
        trip.report.left(where, "something that was embedded as HTML in place of a picture")
    elif path and made:
        trip.report.left(where, f"'{path}': a step shows one picture, sound or film")
    elif path:
        trip.report.left(where, f"'{path}' is no kind of picture, sound or film that a story shows")
    else:
        trip.report.left(where, f"'{name[:80]}' did not come along: add a zip with the files, or the picture by hand")


def color(value: Any) -> str:
    """``#rrggbb`` of a colour as CSS writes it: hexadecimal, ``rgb(…)``, or one of the usual names; else nothing."""
    said = text(value).lower()
    if re.fullmatch(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", said):
        return said
    if parts := re.fullmatch(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})\b.*\)", said):
        return "#" + "".join(f"{min(int(part), 255):02x}" for part in parts.groups())
    return _NAMED.get(said, "")


def _bare(said: str) -> str:
    """A plain text in the midst of Markdown."""
    return re.sub(r"([\\`*_\[\]~^<])", r"\\\1", said)


# As Leaflet.ExtraMarkers and CSS call them; those that no map shows well are made darker.
_NAMED: Mapping[str, str] = {
    "red": "#c0392b", "orange-dark": "#c75b12", "orange": "#d9822b", "yellow": "#b58900", "blue": "#2a6fb0",
    "blue-dark": "#1f4e79", "cyan": "#1a8a9a", "purple": "#6c4a9a", "violet": "#6c4a9a", "pink": "#b8437c",
    "green-dark": "#2d6a2f", "green": "#3a8f3d", "green-light": "#5d9e2f", "black": "#222222", "gray": "#6b6b6b",
    "grey": "#6b6b6b", "brown": "#7a4a21",
}  # fmt: skip
