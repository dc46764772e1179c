"""Attribute values as text: compared in filters and categories, written in the reader's language.

A table's values come as strings, numbers, booleans and dates of several libraries, a story's as YAML writes them;
`text_of` is the one form in which they are compared.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from babel.units import format_unit
from numpy.typing import NDArray

__all__ = [
    "distance",
    "distance_span",
    "filtered",
    "is_missing",
    "localised",
    "named",
    "number",
    "shown",
    "text_of",
    "word",
]

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "legend": "Legend",
        "no-data": "No data",
        "yes": "yes",
        "no": "no",
        "placed": "placed to within {distance}",
    },
    "ru": {
        "legend": "Условные обозначения",
        "no-data": "Нет данных",
        "yes": "да",
        "no": "нет",
        "placed": "положение с точностью до {distance}",
        "accuracy": "Точность",
        "country": "Страна",
        "from": "Откуда",
        "industry": "Отрасль",
        "kind": "Вид",
        "km": "Расстояние (км)",
        "length": "Длина",
        "located_by": "Как найдено место",
        "meaning": "Значение",
        "name": "Название",
        "people": "Население",
        "population": "Население",
        "region": "Область",
        "source": "Источник",
        "ssr": "Союзная республика",
        "then": "Тогдашнее название",
        "what": "Что это",
        "year": "Год",
    },
    "kk": {
        "legend": "Шартты белгілер",
        "no-data": "Дерек жоқ",
        "yes": "иә",
        "no": "жоқ",
        "placed": "орны {distance} дәлдікпен",
        "accuracy": "Дәлдігі",
        "country": "Ел",
        "from": "Қайдан",
        "industry": "Сала",
        "kind": "Түрі",
        "km": "Қашықтығы (км)",
        "length": "Ұзындығы",
        "located_by": "Орны қалай анықталған",
        "meaning": "Мағынасы",
        "name": "Атауы",
        "people": "Халқы",
        "population": "Халқы",
        "region": "Облыс",
        "source": "Дереккөз",
        "ssr": "Одақтас республика",
        "then": "Сол кездегі атауы",
        "what": "Бұл не",
        "year": "Жыл",
    },
}

_UNITS = {
    "km": "length-kilometer",
    "m": "length-meter",
    "km2": "area-square-kilometer",
    "ha": "area-hectare",
    "t": "mass-tonne",
    "kg": "mass-kilogram",
    "pct": "concentr-percent",
}


def word(key: str, lang: str) -> str:
    """One of the few words that maps need, in ``lang`` or else in English. Raises `KeyError`."""
    return _WORDS.get(_locale(lang).language, {}).get(key) or _WORDS["en"][key]


def _locale(lang: str) -> Locale:
    return Locale.parse(lang, sep="-")


def is_missing(value: Any) -> bool:
    """None, NaN, NaT, an infinite number, or a text without letters."""
    if isinstance(value, str):
        return not value.strip()
    if value is None or value is pd.NaT or value is pd.NA:
        return True
    return isinstance(value, float | np.floating) and not math.isfinite(value)


def text_of(value: Any) -> str:
    """The form in which values are compared: ``True`` → ``true``, ``1.0`` → ``1``, everything else as it prints."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def filtered(frame: pd.DataFrame, where: Mapping[str, Sequence[Any]] | None) -> NDArray[np.bool_]:
    """Which rows have, in every column named, one of the values asked for. Raises `KeyError` for an unknown column."""
    keep = np.ones(len(frame), dtype=bool)
    for column, values in (where or {}).items():
        wanted = {text_of(value) for value in values}
        keep &= np.array([text_of(value) in wanted for value in frame[column]], dtype=bool)
    return keep


def localised(frame: pd.DataFrame, column: str, lang: str) -> list[Any]:
    """Values of ``column``, each from ``<column>_<lang>`` where the table has that column and a value in it."""
    values = list(frame[column])
    own = f"{column}_{_locale(lang).language}"
    if own not in frame.columns:
        return values
    return [value if is_missing(other) else other for value, other in zip(values, frame[own], strict=True)]


def number(value: float, lang: str, *, exact: bool = False) -> str:
    """A number as the language writes it, in three decimals at most unless ``exact``; groups from five digits on."""
    digits = Decimal(repr(float(value)))
    if digits == digits.to_integral_value():
        digits = digits.quantize(Decimal(1))
    text = format_decimal(
        digits, locale=_locale(lang), decimal_quantization=not exact, group_separator=abs(digits) >= 10_000
    )
    return text.replace("-", "−", 1) if text.startswith("-") else text


def shown(value: Any, lang: str) -> str:
    """A value as readers see it: numbers and days in their language, yes and no in words, "" when it is missing."""
    if is_missing(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return word("yes" if value else "no", lang)
    if isinstance(value, int | float | np.integer | np.floating):
        return number(float(value), lang)
    if isinstance(value, dt.date | pd.Timestamp):
        return format_date(value, format="long", locale=_locale(lang))
    return str(value).strip()


def named(column: str, lang: str) -> str:
    """Name of a column for readers: ``accuracy_km`` → ``Accuracy (km)``, the word itself in ru and kk where known."""
    language = _locale(lang).language
    plain = re.sub(r"_(?:en|ru|kk)$", "", column)
    head, _, tail = plain.rpartition("_")
    unit = _unit(tail, lang) if head and tail in _UNITS else None
    if unit:
        plain = head
    own = _WORDS.get(language, {}).get(plain.casefold())
    text = own or re.sub(r"[_\s]+", " ", plain).strip()
    text = text[:1].upper() + text[1:]
    return f"{text} ({unit})" if unit else text


def _unit(suffix: str, lang: str) -> str:
    text = format_unit(2, _UNITS[suffix], length="short", locale=_locale(lang))
    return text.replace("2", "", 1).strip()


def distance(km: float, lang: str) -> str:
    """``4.0`` → ``4 km``, ``0.5`` → ``500 m``, in the language's own short units."""
    return distance_span(km, km, lang)


def distance_span(low_km: float, high_km: float, lang: str) -> str:
    """``4–10 km``; metres when all is below one kilometre; one number when both are written alike."""
    unit, scale = ("length-meter", 1000) if high_km < 1 else ("length-kilometer", 1)
    low, high = (number(round(float(f"{km * scale:.3g}"), 6), lang) for km in (low_km, high_km))
    text = format_unit(2, unit, length="short", locale=_locale(lang))
    return text.replace("2", high if low == high else f"{low}–{high}", 1)
