"""The page's own words, dates and names of languages, in the language of the story.

Words stand in gettext catalogues, ``locale/<lang>/LC_MESSAGES/storymap.po``, which are read as they are: there is no
build step. A language without a catalogue, or a word that one lacks, gets English. Dates and units are CLDR's.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib.resources import files
from io import BytesIO

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from babel.units import format_unit

__all__ = [
    "CATALOGUES",
    "COUNTED",
    "KEYS",
    "MOVED",
    "NOTICE",
    "counted",
    "day",
    "direction",
    "language_name",
    "language_short",
    "moved_words",
    "notice_words",
    "page_words",
    "partial_date",
    "span",
]

CATALOGUES = ("en", "ru", "kk")
"""Languages that the page itself speaks."""

KEYS = (
    "skip", "explore", "back", "close", "steps", "previous", "next", "contents", "position", "map", "how_we_know",
    "about", "article", "updated", "corrections", "corrected", "sources", "map_data", "languages", "language",
    "language_short", "marked", "kind", "when", "not_known", "skip_embed", "read_on", "by_scroll", "by_step", "full",
    "share", "show_picture",
)  # fmt: skip
NOTICE = ("withdrawn", "withdrawn_why")
"""Words of the notice that stands in for a withdrawn story."""
MOVED = ("moved",)
"""Words of the page at an old address."""
COUNTED = ("show_figures",)
"""Words that depend on a number."""


def page_words(lang: str) -> dict[str, str]:
    """Buttons, headings and announcements by their key (`KEYS`), and ``km``, the unit."""
    return {
        **_said(KEYS, lang),
        "km": format_unit(2, "length-kilometer", "short", locale=_locale(lang)).replace("2", "").strip(),
    }


def notice_words(lang: str) -> dict[str, str]:
    """The words of `NOTICE`."""
    return _said(NOTICE, lang)


def moved_words(lang: str) -> dict[str, str]:
    """The words of `MOVED`."""
    return _said(MOVED, lang)


def _said(keys: tuple[str, ...], lang: str) -> dict[str, str]:
    own, english = _catalogue(lang), _catalogue("en")
    found = {key: own.gettext(key) for key in keys}
    return {key: text if text != key else english.gettext(key) for key, text in found.items()}


def counted(key: str, n: int, lang: str) -> str:
    """The form of `COUNTED` word ``key`` that goes with ``n``, which it may hold as ``{n}``."""
    text = _catalogue(lang).ngettext(key, key, n)
    return (text if text != key else _catalogue("en").ngettext(key, key, n)).replace("{n}", str(n))


@cache
def _catalogue(lang: str) -> Translations:
    language = Locale.parse(lang, sep="-").language
    name = language if language in CATALOGUES else "en"
    with (files("storymap") / "locale" / name / "LC_MESSAGES" / "storymap.po").open("rb") as file:
        words = read_po(file, locale=name)
    compiled = BytesIO()
    write_mo(compiled, words)
    compiled.seek(0)
    return Translations(compiled)


def language_name(lang: str) -> str:
    """The language as its own readers call it: ``Қазақша``."""
    locale = Locale.parse(lang, sep="-")
    own = (
        _catalogue(lang).gettext("language")
        if locale.language in CATALOGUES
        else locale.get_display_name(locale) or lang
    )
    return own[:1].upper() + own[1:]


def language_short(lang: str) -> str:
    """The same in few letters: ``ҚАЗ``."""
    known = Locale.parse(lang, sep="-").language in CATALOGUES
    return _catalogue(lang).gettext("language_short") if known else language_name(lang)[:3].upper()


def direction(lang: str) -> str:
    """``rtl`` for languages written from right to left, else ``ltr``."""
    order: str = Locale.parse(lang, sep="-").character_order
    return "rtl" if order == "right-to-left" else "ltr"


def day(date: dt.date, lang: str) -> str:
    """A day as readers write it: ``17 March 2021``, ``17 марта 2021 г.``"""
    return format_date(date, format="long", locale=_locale(lang))


def partial_date(date: str, lang: str) -> str:
    """``2021``, ``2021-03`` or ``2021-03-17`` as readers write it in ``lang``."""
    parts = [int(part) for part in date.split("-")]
    if len(parts) == 1:
        return str(parts[0])
    if len(parts) == 2:
        return format_skeleton("yMMMM", dt.date(parts[0], parts[1], 1), locale=_locale(lang))
    return day(dt.date(parts[0], parts[1], parts[2]), lang)


def span(date: str, lang: str) -> str:
    """A partial date, or two with a ``/``: ``1980/1989`` → ``1980–1989``."""
    first, _, last = date.partition("/")
    dash = "–" if first.isdigit() and last.isdigit() else " – "
    return dash.join(partial_date(part, lang) for part in (first, last) if part)


def _locale(lang: str) -> Locale:
    # "en" alone would write American dates; the stories' English is international.
    return Locale.parse("en_GB" if lang == "en" else lang.replace("-", "_"))
