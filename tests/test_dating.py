"""`storymap.dating`: times as people write them."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storymap.dating import date_fault, machine_date
from storymap.storytypes import PARTIAL_DATE
from storymap.words import span


@pytest.mark.parametrize(
    ("said", "lang", "date"),
    [
        ("1964", "en", "1964"),
        ("1964-11", "en", "1964-11"),
        ("1964-11-2", "en", "1964-11-02"),
        ("2 November 1964", "en", "1964-11-02"),
        ("November 2nd, 1964", "en", "1964-11-02"),
        ("Nov. 1964", "en", "1964-11"),
        ("2.11.1964", "en", "1964-11-02"),
        ("2 ноября 1964 г.", "ru", "1964-11-02"),
        ("ноябрь 1964", "ru", "1964-11"),
        ("1964 жылғы 2 қараша", "kk", "1964-11-02"),
        ("1989 to 2023", "en", "1989/2023"),
        ("1989–2023", "en", "1989/2023"),
        ("1989-2023", "en", "1989/2023"),
        ("1997–98", "en", "1997/1998"),
        ("1997-98", "en", "1997/1998"),
        ("December 1997 to January 1998", "en", "1997-12/1998-01"),
        ("1997-12/1998-01", "en", "1997-12/1998-01"),
        ("2–4 November 1964", "en", "1964-11-02/1964-11-04"),
        ("November–December 1997", "en", "1997-11/1997-12"),
        ("с 1989 по 2023", "ru", "1989/2023"),
        ("1980s", "en", "1980/1989"),
        ("the 1980s", "en", "1980/1989"),
        ("1980-е", "ru", "1980/1989"),
    ],
)
def test_what_people_write_is_understood(said: str, lang: str, date: str) -> None:
    assert machine_date(said, lang) == date


@pytest.mark.parametrize(
    "said",
    ["", "soon", "2/11/1964", "1964-13", "1964-02-30", "31 November 1964", "2023–1989", "2 1964", "64", "November",
     "1964 1965", "1 to 2 to 3", "2 ноября 1964"],
)  # fmt: skip
def test_what_is_unclear_or_impossible_is_not_guessed(said: str) -> None:
    assert machine_date(said, "en") is None


@given(st.dates(dt.date(1000, 1, 1), dt.date(2100, 1, 1)), st.sampled_from(["en", "ru", "kk"]))
def test_dates_as_readers_see_them_come_back(day: dt.date, lang: str) -> None:
    for date in (day.isoformat(), day.isoformat()[:7], day.isoformat()[:4]):
        assert machine_date(span(date, lang), lang) == date


@given(st.text(alphabet="0123456789-/.–s NovemberДек", max_size=24))
def test_what_is_understood_is_a_date_that_a_story_takes(said: str) -> None:
    date = machine_date(said)
    if date is not None:
        assert re.fullmatch(rf"{PARTIAL_DATE}(?:/{PARTIAL_DATE})?", date)
        assert date_fault(date) is None


def test_what_is_wrong_with_a_date_is_told() -> None:
    assert date_fault("1964-11-02") is None
    assert date_fault("1964-02-30") == "'1964-02-30' is no day of the calendar"
    assert date_fault("1990/1980") == "'1990/1980' ends before it begins"
    assert str(date_fault("soon")).startswith("write a year")
