"""The page's own words are whole in every catalogue, and dates and units are the language's."""

from __future__ import annotations

import datetime as dt
import re
from importlib.resources import files

import pytest
from babel.messages.catalog import Catalog
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from storymap import words

SLOT = re.compile(r"\{\w+\}")


def catalogue(lang: str) -> Catalog:
    with (files("storymap") / "locale" / lang / "LC_MESSAGES" / "storymap.po").open("rb") as file:
        return read_po(file, locale=lang, abort_invalid=True)


def test_every_folder_of_catalogues_is_known() -> None:
    found = {folder.name for folder in (files("storymap") / "locale").iterdir() if folder.is_dir()}
    assert found == set(words.CATALOGUES)


@pytest.mark.parametrize("lang", words.CATALOGUES)
def test_a_catalogue_has_every_word_and_no_other(lang: str) -> None:
    singles, counted = {}, {}
    for message in catalogue(lang):
        if message.id:
            (counted if message.pluralizable else singles)[
                message.id if isinstance(message.id, str) else message.id[0]
            ] = message
    assert set(singles) == {*words.KEYS, *words.NOTICE, *words.MOVED}
    assert set(counted) == set(words.COUNTED)
    for message in singles.values():
        assert message.string.strip() and not message.fuzzy, f"{lang}: {message.id} is empty"
    for message in counted.values():
        assert len(message.string) == get_plural(lang).num_plurals == catalogue(lang).num_plurals
        assert all(form.strip() for form in message.string), f"{lang}: {message.id} lacks a form"


@pytest.mark.parametrize("lang", words.CATALOGUES)
def test_words_keep_their_slots(lang: str) -> None:
    english, own = words.page_words("en"), words.page_words(lang)
    for key, text in own.items():
        assert set(SLOT.findall(text)) == set(SLOT.findall(english[key])), (lang, key)


def test_only_english_is_in_english() -> None:
    english = words.page_words("en")
    for lang in ("ru", "kk"):
        assert not [key for key, text in words.page_words(lang).items() if text == english[key]]
        assert not set(words.notice_words(lang).values()) & set(words.notice_words("en").values())


def test_words_in_context() -> None:
    said = {lang: words.page_words(lang)["position"].format(n=3, total=14) for lang in words.CATALOGUES}
    assert said == {"en": "Step 3 of 14", "ru": "Шаг 3 из 14", "kk": "14 қадамның 3-қадамы"}
    assert [words.page_words(lang)["km"] for lang in words.CATALOGUES] == ["km", "км", "км"]


@pytest.mark.parametrize(
    ("n", "text"), [(1, "1 значение"), (3, "3 значения"), (11, "11 значений"), (21, "21 значение")]
)
def test_counted_words_follow_the_plural_of_the_language(n: int, text: str) -> None:
    assert words.counted("show_figures", n, "ru") == f"Показать {text}"
    assert words.counted("show_figures", n, "kk") == f"{n} көрсеткішті көрсету"


@settings(deadline=None)
@given(st.sampled_from(["en", "ru", "kk", "de", "ar", "pt-BR"]), st.integers(0, 10_000))
def test_no_number_and_no_language_leaves_a_slot_open(lang: str, n: int) -> None:
    assert "{" not in words.counted("show_figures", n, lang)


def test_a_language_without_a_catalogue_has_english_words_and_its_own_dates() -> None:
    assert words.page_words("de") == {**words.page_words("en"), "km": "km"}
    assert words.page_words("ar")["km"] == "كم"
    assert words.day(dt.date(2021, 3, 17), "de") == "17. März 2021"
    assert words.page_words("ru-KZ") == words.page_words("ru")


def test_languages_are_named_in_themselves() -> None:
    assert [words.language_name(lang) for lang in ("en", "ru", "kk", "de")] == [
        "English",
        "Русский",
        "Қазақша",
        "Deutsch",
    ]
    for lang in ("en", "ru", "kk", "de", "uk", "ar"):
        # What is seen is the beginning of what is read aloud.
        assert words.language_name(lang).upper().startswith(words.language_short(lang))


@pytest.mark.parametrize(
    ("date", "lang", "text"),
    [
        ("1964", "ru", "1964"),
        ("1964-11", "ru", "ноябрь 1964 г."),
        ("1964-11-02", "en", "2 November 1964"),
        ("1964-11-02", "kk", "1964 ж. 2 қараша"),
        ("1980/1989", "ru", "1980–1989"),
        ("1997-12/1998-01", "en", "December 1997 – January 1998"),
    ],
)
def test_dates_are_those_of_the_language(date: str, lang: str, text: str) -> None:
    assert words.span(date, lang).replace("\u202f", " ").replace("\xa0", " ") == text


def test_direction() -> None:
    assert [words.direction(lang) for lang in ("en", "ru", "kk", "ar", "he")] == ["ltr"] * 3 + ["rtl"] * 2
