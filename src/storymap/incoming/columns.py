"""Which column of a spreadsheet holds what: told by its name, in English, Russian or Kazakh."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

__all__ = ["FIELDS", "guess_fields"]

FIELDS: Mapping[str, tuple[str, ...]] = {
    "title": ("title", "headline", "heading", "chapter", "заголовок", "название", "наименование", "тақырып", "атауы"),
    "text": ("text", "description", "story", "body", "content", "note", "notes", "текст", "описание", "содержание",
             "мәтін", "сипаттама"),
    "place": ("place", "location", "city", "town", "place name", "where", "address", "место", "город", "населенный пункт",
              "локация", "адрес", "орын", "қала", "мекен"),
    "lat": ("lat", "latitude", "широта", "ендік", "y"),
    "lon": ("lon", "lng", "long", "longitude", "долгота", "бойлық", "x"),
    "both": ("coordinates", "coords", "latlon", "lat lon", "latlng", "координаты", "координаталар"),
    "date": ("date", "when", "time", "year", "дата", "когда", "время", "год", "күні", "уақыты", "жылы"),
    "media": ("media", "image", "photo", "picture", "file", "video", "audio", "media link", "медиа", "изображение", "фото",
              "картинка", "файл", "сурет"),
    "alt": ("alt", "alt text", "image description", "photo description", "описание фото", "описание изображения", "альт"),
    "caption": ("caption", "подпись", "подпись к фото"),
    "credit": ("credit", "author", "photographer", "media credit", "copyright", "автор", "автор фото", "авторство",
               "источник фото"),
    "link": ("link", "url", "source", "website", "ссылка", "источник", "сайт", "сілтеме"),
}  # fmt: skip
"""What a story takes from a table, and how columns of it are usually called, the most usual first."""


def guess_fields(header: Sequence[str]) -> dict[str, str]:
    """Field → column, for the fields that some column's name tells; no column twice."""
    plain: dict[str, str] = {}
    for name in header:
        plain.setdefault(_plain(name), name)
    found: dict[str, str] = {}
    taken: set[str] = set()
    for exact in (True, False):
        # "Photo credit" and "photo description" are no photos.
        order = FIELDS if exact else {**{name: FIELDS[name] for name in ("credit", "alt", "caption")}, **FIELDS}
        for field, usual in order.items():
            if field in found:
                continue
            for word in usual:
                fits = [name for key, name in plain.items() if name not in taken and _fits(key, word, exact=exact)]
                if fits:
                    found[field] = fits[0]
                    taken.add(fits[0])
                    break
    if "title" not in found and "place" not in found:
        # A column "name" is the title of a row, or its place: with coordinates beside it, it is both.
        named = next((plain[key] for key in ("name", "имя", "аты") if key in plain and plain[key] not in taken), None)
        if named:
            found["title"] = named
    return found


def _fits(key: str, word: str, *, exact: bool) -> bool:
    if exact:
        return key == word
    # "x" and "y" are letters of many names; "title (en)" is a title.
    return len(word) > 2 and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", key) is not None


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", name.casefold().replace("ё", "е")).split())
