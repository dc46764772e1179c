"""Quotation marks, dashes and spaces of plain text, by language. Knows nothing of HTML and makes none."""

from __future__ import annotations

import re
from functools import cache

from markdown_it import MarkdownIt

__all__ = ["quoted", "quotes", "smart", "spaced"]

_LOW_HIGH = "„“‚‘"
_ANGLE = "«»„“"
_QUOTES = {
    "be": _ANGLE, "bg": _LOW_HIGH, "cs": _LOW_HIGH, "da": "“”‘’", "de": _LOW_HIGH, "el": "«»“”", "es": "«»“”",
    "et": _LOW_HIGH, "fi": "””’’", "hu": "„”»«", "hy": "«»“”", "it": "«»“”", "ka": _LOW_HIGH, "kk": _ANGLE,
    "ky": _ANGLE, "lt": _LOW_HIGH, "mn": _ANGLE, "nb": "«»‘’", "nn": "«»‘’", "no": "«»‘’", "pl": "„”«»",
    "ro": "„”«»", "ru": _ANGLE, "sk": _LOW_HIGH, "sl": _LOW_HIGH, "sr": _LOW_HIGH, "sv": "””’’", "tg": _ANGLE,
    "tt": _ANGLE, "uk": _ANGLE,
}  # fmt: skip
# Spaces inside the marks, which may not break.
_FRENCH = ["«\u00a0", "\u00a0»", "“", "”"]
# Languages that set a dash between spaces long.
_LONG_DASH = {"be", "bg", "kk", "ky", "mn", "pl", "ru", "tg", "tt", "uk"}

_UNITS = (
    "km²|km2|km/h|km|m²|m³|cm|mm|m|kg|g|t|ha|°C|°|%|‰|kW|MW|GW|kWh|MWh|GWh|V|Hz|million|billion|thousand|a.m.|p.m."
    "|км²|км/ч|км/сағ|км|м²|м³|см|мм|м|кг|г|т|га|кВт|МВт|ГВт|год|года|году|лет|г.|гг.|жыл|жылы|тыс.|млн|млрд|мың"
    "|тенге|теңге|руб.|тг|₸|₽|€|\\$"
).replace(".", r"\.")
_UNIT_SPACE = re.compile(rf"(?<=\d) (?=(?:{_UNITS})(?![\w²³]))")
_GROUP_SPACE = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_MINUS = re.compile(r"(?<![\w.,-])-(?=\d)")
_YEARS = re.compile(r"(?<![\d-][12]\d{3})(?<=[12]\d{3})-(?=[12]\d{3}(?![\d-]))")


def _primary(lang: str) -> str:
    return lang.partition("-")[0].lower()


def quotes(lang: str) -> str | list[str]:
    """The four quotation marks of a language (outer, inner), as markdown-it takes them; English ones by default."""
    primary = _primary(lang)
    return _FRENCH if primary == "fr" else _QUOTES.get(primary, "“”‘’")


def spaced(text: str, lang: str) -> str:
    """Dashes, ellipses, minus signs, and spaces that may not break (``5 km``, ``24 000``). Leaves quotes alone."""
    dash = "—" if _primary(lang) in _LONG_DASH else "–"
    text = re.sub(r"(?<!-)---(?!-)", "—", text)
    text = re.sub(r"(?<=[^-\s])--(?=[^-\s])", "–", text)
    text = re.sub(r"(?<=\s)--(?=\s)|(?<=[^\s\d] )-(?= )|(?<= )-(?= [^\s\d])", dash, text)
    text = re.sub(r"(?<!\.)\.\.\.(?!\.)", "…", text).replace("+-", "±")
    text = _YEARS.sub("–", text)
    text = _MINUS.sub("−", text)
    # A dash may not begin a line.
    text = re.sub(r"(?<=\S) (?=[—–] )", "\u00a0", text)
    return _UNIT_SPACE.sub("\u00a0", _GROUP_SPACE.sub("\u00a0", text))


def smart(text: str, lang: str = "en") -> str:
    """Plain text with the quotation marks, dashes and spaces of ``lang``. ``<`` and ``&`` stay as they are."""
    return _with_quotes(spaced(text, lang), tuple(quotes(lang)))


def quoted(text: str, lang: str = "en") -> str:
    """A quotation in the marks of ``lang``; quotes inside it take the inner marks. Plain text, as in `smart`."""
    outer, closing, *inner = list(quotes(lang))
    return outer + _with_quotes(spaced(text, lang).strip(), (*inner, *inner)) + closing


def _with_quotes(text: str, marks: tuple[str, ...]) -> str:
    tokens = _quoter(marks).parseInline(text)
    return "".join(child.content for token in tokens for child in token.children or ())


@cache
def _quoter(marks: tuple[str, ...]) -> MarkdownIt:
    return MarkdownIt("zero", {"typographer": True, "quotes": list(marks)}).enable("smartquotes")
