"""Which texts of a translation are older than the text that they translate, as far as the story's versions tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from storymap.errors import StoryError
from storymap.manuscript import Data, Manuscript
from storymap.translation import translation_file
from storymap.yamlmatch import named_apart

__all__ = ["outdated"]

Place = tuple[str, ...]


def outdated(now: Manuscript, lang: str, earlier: Iterable[Callable[[], Mapping[str, bytes]]]) -> tuple[Place, ...]:
    """Places (``("steps", "influx", "title")``) of texts in the translation into ``lang`` that have not changed since their
    original did.

    ``earlier``: the versions of the story, newest first, each as a function that gives its files (from
    `history.version_files` or `gitversions.commit_files`); they are asked for until every text is decided. A version that
    can not be read is passed over. What was so from the first version on counts as up to date.
    """
    undecided = dict(_texts(now.translation(lang)))
    originals = dict(_originals(now.data, undecided))
    old: list[Place] = []
    for files in earlier:
        if not undecided:
            break
        try:
            then = Manuscript.of({file: text for file, text in files().items() if file in _files(lang)})
        except (StoryError, KeyError):
            continue
        translated = dict(_texts(then.translation(lang)))
        before = dict(_originals(then.data, undecided))
        for place, text in list(undecided.items()):
            if translated.get(place) != text:
                # It came, or was changed, after this version: newer than all that went before.
                del undecided[place]
            elif before.get(place) != originals.get(place):
                old.append(place)
                del undecided[place]
    return tuple(sorted(old))


def _files(lang: str) -> tuple[str, ...]:
    return ("story.yaml", translation_file(lang))


def _texts(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*place, key))
    elif isinstance(value, str):
        yield place, value


def _originals(data: Data, places: Iterable[Place]) -> Iterator[tuple[Place, Any]]:
    """What stands in the story at the places of a translation."""
    for place in places:
        here: Any = data
        for part in place:
            if isinstance(here, list):
                here = dict(zip(named_apart(here), here, strict=True)).get(part)
            else:
                here = here.get(part) if isinstance(here, dict) else None
        yield place, here
