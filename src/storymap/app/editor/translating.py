"""The texts of a story beside their translation: which there are, which are missing or older than what they translate.

It knows no Streamlit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from storymap.aging import outdated
from storymap.changes import word
from storymap.manuscript import Manuscript
from storymap.story import Story
from storymap.storyfile import STORY_FILE
from storymap.translation import texts

__all__ = ["Group", "Line", "Place", "groups", "languages_of", "lines", "older", "summary"]

Place = tuple[str, ...]
State = Literal["done", "missing", "older", "free"]
"""``free``: a text that need not be there."""

_ENTRIES = {"show": "layer", "layers": "layer", "sources": "source", "corrections": "correction of"}


@dataclass(frozen=True, slots=True)
class Line:
    """One text and its translation."""

    place: Place
    what: str
    """``Title``, ``Caption of the picture or sound``: within its group."""
    original: str
    translated: str
    state: State
    longest: int | None = None

    @property
    def to_do(self) -> bool:
        """Whether somebody has to look at it."""
        return self.state in ("missing", "older")


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that belong together: those of the story, of a step, of all layers."""

    key: str
    """The step's id behind ``step/``; else ``story``, ``layers``, ``sources``, ``corrections``."""
    title: str
    lines: tuple[Line, ...]

    @property
    def to_do(self) -> int:
        """How many of its texts somebody has to look at."""
        return sum(line.to_do for line in self.lines)


def languages_of(story: Manuscript) -> list[str]:
    """The languages that the story is translated into."""
    return sorted(file.split(".")[1] for file in story.sheets if file != STORY_FILE)


def lines(story: Story, now: Manuscript, lang: str, old: Iterable[Place]) -> list[Line]:
    """Every text that a translation may hold. ``story``: in its own language; ``old``: places as of `older`."""
    known = texts(story)
    places = {text.place for text in known}
    given = {_whole(place, places): text for place, text in _texts(now.translation(lang))}
    aged = {_whole(place, places) for place in old}
    out = []
    for text in known:
        translated = given.get(text.place, "")
        if not text.original and not translated and text.place != ("review",):
            continue
        state: State = "done" if translated else "missing" if text.needed and text.original else "free"
        if translated and text.place in aged:
            state = "older"
        out.append(Line(text.place, _what(text.place), text.original, translated, state, text.longest))
    return out


def _whole(place: Place, places: set[Place]) -> Place:
    """The place of a text that stands for an entry with one text only, with the key that is left out."""
    if place in places:
        return place
    return next((one for one in places if one[:-1] == place), place)


def older(
    now: Manuscript, base: Manuscript, lang: str, earlier: Sequence[Callable[[], Mapping[str, bytes]]],
    known: dict[tuple[str, int], tuple[Manuscript, tuple[Place, ...]]],
) -> set[Place]:  # fmt: skip
    """Places of texts that have not changed since their original did; ``earlier`` as in `aging.outdated`.

    ``known`` keeps what was found for ``base``, since that takes a look at every version; what was edited since is
    compared with ``base`` alone.
    """
    key = (lang, len(earlier))
    if key not in known or known[key][0] is not base:
        known[key] = (base, outdated(base, lang, earlier))
    since = set(outdated(now, lang, [lambda: base.contents]))
    before, after = (dict(_texts(story.translation(lang))) for story in (base, now))
    return since | {place for place in known[key][1] if before.get(place) == after.get(place)}


def _texts(value: object, place: Place = ()) -> Iterable[tuple[Place, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*place, str(key)))
    elif isinstance(value, str):
        yield place, value


def _what(place: Place) -> str:
    """A text's name within its group."""
    inside = place[2:] if place[0] == "steps" and len(place) > 2 else place
    kind = _ENTRIES.get(inside[0])
    said = f"{_words(inside[2:])} of {kind} '{inside[1]}'" if kind and len(inside) > 2 else _words(inside)
    return said[:1].upper() + said[1:]


def _words(parts: Place) -> str:
    return " of the ".join(word(part) for part in reversed(parts))


def groups(story: Story, found: Sequence[Line]) -> list[Group]:
    """The lines in the order in which a reader meets them: the story's own, the steps', and what belongs to all."""
    steps = {step.id: f"{number}. {step.title}" for number, step in enumerate(story.steps, 1)}
    titles = {"story": "The story", **{f"step/{name}": title for name, title in steps.items()},
              "layers": "Layers", "sources": "Sources", "corrections": "Corrections"}  # fmt: skip
    sorted_out: dict[str, list[Line]] = {key: [] for key in titles}
    for line in found:
        head = line.place[0]
        key = f"step/{line.place[1]}" if head == "steps" else head if head in titles else "story"
        sorted_out.setdefault(key, []).append(line)
    return [Group(key, titles.get(key, word(key)), tuple(some)) for key, some in sorted_out.items() if some]


def summary(found: Sequence[Line]) -> str:
    """How far the translation is, in a line."""
    asked = [line for line in found if line.state != "free"]
    missing = sum(line.state == "missing" for line in asked)
    aged = sum(line.state == "older" for line in asked)
    done = len(asked) - missing
    said = f"{done} of {len(asked)} texts translated"
    return said + (f", {aged} older than the original" if aged else "")
