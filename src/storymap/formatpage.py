"""``docs/story-format.md``: a head written by hand, and below it every key, taken from the model.

Each key's example comes from the example story in the head, so that no example can be wrong while that story loads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from storymap.errors import Problem, StoryError
from storymap.modelshape import Shape, models, pattern_words, shape, words
from storymap.references import BUILTIN_COLORS
from storymap.story import Story
from storymap.storypaths import DATA_SUFFIXES, MEDIA_SUFFIXES
from storymap.yamlsource import read

__all__ = ["MARK", "example_story", "format_page"]

MARK = "<!-- Below this line everything is generated from the model: python -m storymap.schema -->"
_EXAMPLE = re.compile(r"^```yaml\n(# yaml-language-server:.*?)^```$", re.MULTILINE | re.DOTALL)


_QUOTED_DAY = re.compile(r"'(\d{4}-\d\d-\d\d)'")
_LONGEST = 90


def example_story(page: str) -> str:
    """The example in the head: the ``story.yaml`` that begins with the line for the language server."""
    found = _EXAMPLE.search(page)
    if not found or MARK not in page:
        raise StoryError([Problem("story-format.md", None, "", f"needs an example story, and the line {MARK}")])
    return found.group(1)


def format_page(page: str) -> str:
    """``page`` with its generated part made anew. Raises `StoryError` when the example can not be read."""
    data = read(example_story(page), "story-format.md").data
    places = dict(_places(Shape(Story), ""))
    sections = [_section(model, places, _examples(model, data)) for model in models()]
    return "\n".join([page.partition(MARK)[0] + MARK, "", "## Every key", "", *sections, _lists()])


def _places(here: Shape, name: str) -> Iterator[tuple[type[BaseModel], str]]:
    """Each model with the place where it stands, the outer ones last, so that a dict keeps the first of each."""
    if here.item is not None:
        yield from _places(here.item, f"{name}[]")
    elif here.value is not None:
        yield from _places(here.value, f"{name}.<name>")
    elif here.model is not None:
        for key, field in reversed(here.model.model_fields.items()):
            yield from _places(shape(field.annotation, field.metadata), f"{name}.{key}" if name else key)
        yield here.model, name


def _examples(model: type[BaseModel], data: Any) -> dict[str, Any]:
    """The first value of each key of ``model`` in the example story; those that are a set of keys last."""
    found: dict[str, Any] = {}

    def look(value: Any, here: Shape | None) -> None:
        if here is None:
            return
        if here.model is model and isinstance(value, dict):
            for key, part in value.items():
                if key not in found or (isinstance(found[key], dict) and not isinstance(part, dict)):
                    found[key] = part
        if isinstance(value, list):
            for part in value:
                look(part, here.item)
        elif isinstance(value, dict):
            fields = here.model.model_fields if here.model else {}
            for key, part in value.items():
                look(part, shape(fields[key].annotation, fields[key].metadata) if key in fields else here.value)

    look(data, Shape(Story))
    return found


def _section(model: type[BaseModel], places: dict[type[BaseModel], str], examples: dict[str, Any]) -> str:
    place = places[model]
    title = f"`{place}`" if place else "The story"
    about = re.sub(r"``", "`", (model.__doc__ or "").strip())
    rows = ["| Key | What it is | Write | Default | Example |", "| --- | --- | --- | --- | --- |"]
    for key, field in model.model_fields.items():
        here = shape(field.annotation, field.metadata)
        default = "**required**" if field.is_required() else _default(field.get_default(call_default_factory=True))
        cells = [f"`{key}`", field.description or "", _type(here, places), default, _example(key, examples.get(key))]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([f"### {title}", "", about, "", *rows, ""])


def _type(here: Shape, places: dict[type[BaseModel], str]) -> str:
    inner, around = here, ""
    while inner.model is None:
        if inner.item is not None:
            inner, around = inner.item, "a list; each entry: "
        elif inner.value is not None:
            inner, around = inner.value, "names, each with "
        else:
            return pattern_words(here.limit("pattern") or "") or words(here)
    place = places[inner.model]
    anchor = re.sub(r"[^a-z_ -]", "", place.lower())
    short = inner.short()
    text = f"text (its {' and '.join(f'`{key}`' for key in short)}), or " if short else ""
    return f"{around}{text}the keys of [`{place}`](#{anchor})"


def _default(value: Any) -> str:
    if value is None or value in ((), {}) or isinstance(value, BaseModel):
        return "—"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _example(key: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and "\n" in value:
        return f"`{key}: |` and the text below, indented"
    if isinstance(value, dict | list):
        value = CommentedMap(value) if isinstance(value, dict) else CommentedSeq(value)
        value.fa.set_flow_style()
    yaml = YAML()
    yaml.width = 10_000
    out = StringIO()
    yaml.dump({key: value}, out)
    line = _QUOTED_DAY.sub(r"\1", out.getvalue().strip())
    # A long set of keys has a section of its own.
    return f"`{line}`" if len(line) <= _LONGEST or isinstance(value, str) else ""


def _lists() -> str:
    colors = ", ".join(f"`{name}`" for name in BUILTIN_COLORS)
    data, media = (", ".join(f"`{name}`" for name in names) for names in (DATA_SUFFIXES, MEDIA_SUFFIXES))
    return "\n".join(
        [
            "## Names and files",
            "",
            f"Colours that every story has, beside its own in `theme.colors`: {colors}.",
            "",
            f"Files of layers end in {data}. Files of `media` end in {media}.",
            "",
        ]
    )
