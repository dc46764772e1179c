import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storymap.values import (
    distance,
    distance_span,
    filtered,
    is_missing,
    localised,
    named,
    number,
    shown,
    text_of,
    word,
)  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (np.bool_(False), "false"), (1, "1"), (1.0, "1"), (np.float64(2.5), "2.5"), (" Ore ", "Ore")],
)
def test_values_are_compared_in_one_form(value: object, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), "", "  ", pd.NA, pd.NaT, np.float32("nan")])
def test_missing_values(value: object) -> None:
    assert is_missing(value)
    assert shown(value, "en") == ""


def test_filter_takes_rows_that_match_in_every_column() -> None:
    frame = pd.DataFrame({"kind": ["mine", "plant", "mine"], "open": [True, True, False], "year": [1964, 1970, 1980]})
    assert filtered(frame, {"kind": ("mine",), "open": (True,)}).tolist() == [True, False, False]
    assert filtered(frame, {"year": ("1970", 1980)}).tolist() == [False, True, True]
    assert filtered(frame, None).all()
    with pytest.raises(KeyError):
        filtered(frame, {"colour": ("red",)})


def test_names_come_in_the_readers_language_where_there_is_one() -> None:
    frame = pd.DataFrame({"name": ["Taraz", "Aksai"], "name_ru": ["Тараз", None]})
    assert localised(frame, "name", "ru") == ["Тараз", "Aksai"]
    assert localised(frame, "name", "ru-KZ") == ["Тараз", "Aksai"]
    assert localised(frame, "name", "kk") == ["Taraz", "Aksai"]


def test_numbers_follow_the_language() -> None:
    assert number(57000, "en") == "57,000"
    assert number(57000, "ru") == "57\u00a0000"
    assert number(1964, "en") == "1964"
    assert number(-0.5, "kk") == "−0,5"
    assert number(2.34567, "en") == "2.346"
    assert number(2.34567, "en", exact=True) == "2.34567"


@settings(deadline=None)
@given(st.floats(-1e9, 1e9, allow_nan=False))
def test_exact_numbers_lose_nothing(value: float) -> None:
    text = number(value, "en", exact=True).replace(",", "").replace("−", "-")
    assert float(text) == value


def test_values_as_readers_see_them() -> None:
    assert shown(True, "kk") == "иә"
    assert shown(dt.date(1964, 11, 2), "en") == "November 2, 1964"
    assert shown(pd.Timestamp("1964-11-02"), "ru").startswith("2 ноября 1964")
    assert shown(np.int64(24000), "en") == "24,000"
    assert shown(" open pit ", "en") == "open pit"


@pytest.mark.parametrize(
    ("column", "lang", "name"),
    [
        ("accuracy_km", "en", "Accuracy (km)"),
        ("accuracy_km", "ru", "Точность (км)"),
        ("area_km2", "en", "Area (km²)"),
        ("located_by", "en", "Located by"),
        ("name", "kk", "Атауы"),
        ("name_ru", "en", "Name"),
        ("what", "en", "What"),
        ("industry_unverified", "en", "Industry unverified"),
        ("km", "en", "Km"),
    ],
)
def test_columns_get_names_for_readers(column: str, lang: str, name: str) -> None:
    assert named(column, lang) == name


def test_distances_in_the_languages_units() -> None:
    assert distance(5, "en") == "5 km"
    assert distance(0.5, "ru") == "500 м"
    assert distance_span(4, 10, "en") == "4–10 km"
    assert distance_span(4, 10, "kk") == "4–10 км"
    assert distance_span(5, 5, "ru") == "5 км"
    assert distance_span(0.5, 2, "en") == "0.5–2 km"


def test_words_fall_back_to_english() -> None:
    assert word("no-data", "de") == "No data"
    assert word("no-data", "kk") == "Дерек жоқ"
