"""``story.<lang>.yaml``: the texts of a story in another language, and nothing else.

It has the keys of ``story.yaml``, where a list (layers, steps, what a step shows, its sources, corrections) is named by
what its entries are known by: ``steps: {peak: {title: …}}``. Where an entry has one text only, that text may stand for
it. What is not translated stays in the story's language, and `missing` tells it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from pydantic import BaseModel

from storymap.errors import Problem, StoryError, nearest, place_name
from storymap.modelshape import Shape, shape
from storymap.story import CategoryStyle, Claim, Correction, FigureKind, Layer, LayerView, Reference, Step, Story
from storymap.storypaths import story_bytes
from storymap.storytypes import Translated
from storymap.yamlsource import MAX_BYTES, Place, YamlSource, brief, decode, read

__all__ = [
    "KINDS",
    "NAMED_BY",
    "Text",
    "apply",
    "languages",
    "misfits",
    "missing",
    "read_translation",
    "short_key",
    "text_fields",
    "text_mark",
    "texts",
    "translation_file",
]

NAMED_BY: Mapping[type[BaseModel], str] = {
    Layer: "id", LayerView: "layer", Step: "id", Claim: "source", Correction: "date",
}  # fmt: skip
"""The key by which a translation knows the entries of a list. A second entry of the same name is ``name/2``."""

_FILE = re.compile(r"story\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.yaml")
KINDS: Mapping[type[BaseModel], str] = {
    Layer: "layer", LayerView: "layer of this step", Step: "step", Claim: "source of this step", Reference: "source",
    Correction: "correction of the day", CategoryStyle: "category", FigureKind: "kind",
}  # fmt: skip
"""What the entries of lists and of named parts are called."""


def translation_file(lang: str) -> str:
    """Name of the file that holds a language."""
    return f"story.{lang}.yaml"


def languages(folder: Path, own: str) -> tuple[str, ...]:
    """``own``, and the languages for which ``folder`` has a translation, in order of their codes."""
    try:
        names = [found[1] for path in folder.iterdir() if (found := _FILE.fullmatch(path.name)) and path.is_file()]
    except OSError:
        names = []
    return (own, *sorted(name for name in names if name != own and _is_language(name)))


def _is_language(name: str) -> bool:
    try:
        Locale.parse(name, sep="-")
    except (ValueError, UnknownLocaleError):
        return False
    return True


@dataclass(frozen=True)
class _Slot:
    """A text of the story. ``original`` is None where a translation may have one though the story has none."""

    original: str | None
    needed: bool
    longest: int | None


@dataclass(frozen=True)
class _Part:
    """What a set of keys may hold: the texts of a model, or entries of a ``kind`` by their name."""

    inner: dict[str, _Part | _Slot]
    model: type[BaseModel] | None = None
    kind: str = ""


def text_mark(here: Shape) -> Translated | None:
    """The mark of a text that translations hold; None for anything else."""
    return next((limit for limit in here.limits if isinstance(limit, Translated)), None)


@cache
def text_fields(model: type[BaseModel]) -> Mapping[str, Shape]:
    """The keys of ``model`` with texts in them, or below them."""
    fields = {key: shape(field.annotation, field.metadata) for key, field in model.model_fields.items()}
    return {key: here for key, here in fields.items() if _holds_texts(here)}


def short_key(model: type[BaseModel] | None) -> str | None:
    """The key that plain text stands for: that of the only text which ``model`` has."""
    fields = text_fields(model) if model else {}
    return next((key for key, here in fields.items() if text_mark(here)), None) if len(fields) == 1 else None


def _holds_texts(here: Shape) -> bool:
    inner = here.item or here.value
    return (
        text_mark(here) is not None
        or (inner is not None and _holds_texts(inner))
        or (here.model is not None and bool(text_fields(here.model)))
    )


def _names(items: Sequence[BaseModel]) -> list[str]:
    """The name of each entry of a list in a translation."""
    names = [str(getattr(item, NAMED_BY[type(item)])) for item in items]
    return [
        name if name not in names[:index] else f"{name}/{names[:index].count(name) + 1}"
        for index, name in enumerate(names)
    ]


def _form(value: Any, here: Shape) -> _Part | _Slot | None:
    """The texts in ``value``, as a translation names them; None when there is no room for any."""
    mark = text_mark(here)
    if value is None or not _holds_texts(here):
        return None
    if mark is not None:
        return _Slot(value, mark.needed, here.limit("max_length"))
    if here.model is not None:
        texts = {key: _form(getattr(value, key), inner) for key, inner in text_fields(here.model).items()}
        # Entries are known by name whether they have texts or not; other parts only when they have.
        kept = {key: part for key, part in texts.items() if part and (isinstance(part, _Slot) or part.inner)}
        return _Part(kept, here.model)
    inner = here.item or here.value
    assert inner is not None and inner.model is not None
    entries = zip(_names(value), value, strict=True) if here.item else value.items()
    return _Part({name: part for name, item in entries if (part := _form(item, inner))}, None, KINDS[inner.model])


def _whole(story: Story) -> _Part:
    form = _form(story, Shape(Story))
    assert isinstance(form, _Part)
    # A note on the state of the texts belongs to one language: it is neither asked for nor handed on.
    return _Part({**form.inner, "review": _Slot(None, False, None)}, Story)


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a story that a translation may hold."""

    place: tuple[str, ...]
    """Where a translation has it: entries of lists by what they are known by."""
    original: str
    """Empty where the story itself has none."""
    needed: bool
    longest: int | None


def texts(story: Story) -> tuple[Text, ...]:
    """All texts of ``story`` (as in ``story.yaml``), in the order in which translations have them."""

    def look(form: _Part | _Slot, place: tuple[str, ...]) -> Iterator[Text]:
        if isinstance(form, _Slot):
            yield Text(place, form.original or "", form.needed, form.longest)
        else:
            for key, part in form.inner.items():
                yield from look(part, (*place, key))

    return tuple(look(_whole(story), ()))


def misfits(story: Story, data: Any) -> list[Place]:
    """Places in ``data``, read from a translation, for which ``story`` has no room: of steps that are gone, say."""

    def look(form: _Part | _Slot, data: Any, place: Place) -> Iterator[Place]:
        if isinstance(form, _Slot):
            return
        if isinstance(data, dict):
            for key, value in data.items():
                yield from look(form.inner[key], value, (*place, key)) if key in form.inner else [(*place, key)]
        elif short_key(form.model) not in form.inner:
            yield place

    return list(look(_whole(story), {} if data is None else data, ()))


def apply(story: Story, lang: str, source: YamlSource) -> Story:
    """``story`` with the texts of ``source``, what was read from its translation into ``lang``.

    Raises `StoryError` with every fault, in the order of the file.
    """
    form = _whole(story)
    data = {} if source.data is None else source.data
    findings = [(source.offset(place), place, message) for place, message in _check(form, data, ())]
    found = sorted([*source.findings, *findings], key=lambda finding: finding[0])
    if found:
        raise StoryError(
            Problem(translation_file(lang), source.line(offset), _name(place), message)
            for offset, place, message in found
        )
    made: Story = _put(story, Shape(Story), data).model_copy(update={"lang": lang, "review": data.get("review")})
    lacking = frozenset(_name(place) for place, _, _ in _missing(story, source))
    made._untranslated = (story.lang, lacking)  # noqa: SLF001 - there for this module to fill
    return made


def missing(story: Story, lang: str) -> tuple[Problem, ...]:
    """Each text of ``story`` (as in ``story.yaml``) that its translation into ``lang`` lacks: readers get the story's
    language there. Raises `StoryError` when the translation can not be read or has faults."""
    source = read_translation(story, lang)
    apply(story, lang, source)
    told = [(_name(place), line) for place, slot, line in _missing(story, source) if slot.needed]
    return tuple(Problem(translation_file(lang), line, place, f"is not translated: readers get it in {story.lang}")
                 for place, line in told)  # fmt: skip


def read_translation(story: Story, lang: str) -> YamlSource:
    """What ``story.<lang>.yaml`` holds. Raises `StoryError` when there is none, or none that can be read."""
    file = translation_file(lang)
    if lang not in languages(story.folder, story.lang)[1:]:
        there = ", ".join(story.languages)
        raise StoryError([Problem("story.yaml", None, "", f"is not translated into '{brief(lang)}': there is {there}")])
    return read(decode(story_bytes(story.folder, file, MAX_BYTES), file), file)


def _name(place: Place) -> str:
    return place_name([brief(part) if isinstance(part, str) else part for part in place])


def _check(form: _Part | _Slot, data: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(form, _Slot):
        yield from _check_text(form, data, place)
        return
    short = short_key(form.model)
    if not isinstance(data, dict):
        if short is None or not isinstance(data, str):
            wanted = f"text, or keys ({short})" if short else "keys" if place else "keys, as in story.yaml"
            yield place, f"is empty: write {wanted}" if data is None else f"write {wanted}, not {_kind(data)}"
        elif short in form.inner:
            yield from _check(form.inner[short], data, place)
        else:
            yield place, f"story.yaml has no '{short}' here"
        return
    for key, value in data.items():
        if key in form.inner:
            yield from _check(form.inner[key], value, (*place, key))
        else:
            yield (*place, key), _unknown(form, key)


def _check_text(slot: _Slot, data: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if data is None or (isinstance(data, str) and not data.strip()):
        yield place, "is empty: write text, or leave the key out"
    elif not isinstance(data, str):
        hint = ": put it in quotes" if isinstance(data, bool | int | float) else ""
        yield place, f"write text, not {_kind(data)}{hint}"
    elif slot.longest is not None and len(data) > slot.longest:
        yield place, f"write at most {slot.longest} characters, not {len(data)}"


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return {str: "text", int: "a number", float: "a number", list: "a list", dict: "keys"}[type(value)]


def _unknown(form: _Part, key: str) -> str:
    said = brief(key)
    if form.model is None:
        return f"no {form.kind} '{said}'{nearest(key, form.inner)}"
    if key in text_fields(form.model):
        return f"story.yaml has no '{said}' here"
    if key in form.model.model_fields:
        return f"'{said}' is no text: a translation holds texts only"
    return f"unknown key '{said}'{nearest(key, form.inner)}"


def _put(value: Any, here: Shape, data: Any) -> Any:
    """``value`` with the texts of ``data``, which fits it."""
    if data is None or value is None:
        return value
    if text_mark(here) is not None:
        return data
    if here.model is not None:
        given = {short_key(here.model): data} if isinstance(data, str) else data
        fields = text_fields(here.model).items()
        return value.model_copy(update={key: _put(getattr(value, key), inner, given.get(key)) for key, inner in fields})
    inner = here.item or here.value
    assert inner is not None
    if here.item is None:
        return {name: _put(item, inner, data.get(name)) for name, item in value.items()}
    return tuple(_put(item, inner, data.get(name)) for name, item in zip(_names(value), value, strict=True))


def _missing(story: Story, source: YamlSource) -> list[tuple[Place, _Slot, int]]:
    """(place, text, line of the nearest part that is there) of each text that a translation lacks."""
    out: list[tuple[Place, _Slot, int]] = []

    def look(form: _Part | _Slot, data: Any, place: Place) -> None:
        if isinstance(form, _Slot):
            if data is None and form.original is not None:
                out.append((place, form, source.line(source.offset(place))))
            return
        given = {short_key(form.model): data} if isinstance(data, str) else data or {}
        for key, part in form.inner.items():
            look(part, given.get(key), (*place, key))

    look(_whole(story), source.data, ())
    return out
