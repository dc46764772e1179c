"""``story.yaml`` ⇄ `Story`.

A story is a folder: its ``story.yaml``, and for each translation a ``story.<lang>.yaml`` with texts. The files that
layers, media and figures name are looked for, not opened.
"""

from __future__ import annotations

import os
import re
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from storymap.errors import Problem, StoryError, place_name
from storymap.modelshape import Shape, shape
from storymap.references import reference_findings
from storymap.story import Story
from storymap.storypaths import story_bytes
from storymap.translation import apply, languages, read_translation
from storymap.validation import validate
from storymap.yamlsource import MAX_BYTES, Place, YamlSource, brief, decode, read

__all__ = ["STORY_FILE", "dump", "from_source", "load", "parse"]

STORY_FILE = "story.yaml"


def load(folder: Path | str, lang: str | None = None) -> Story:
    """The story in ``folder``, with the texts of its translation into ``lang`` where that is not its own language.

    Raises `StoryError` with every fault found, in the order of the file; also when there is no such translation.
    """
    # Not resolve(): a story that is a link is called by the link's name.
    where = Path(os.path.abspath(folder))  # noqa: PTH100
    story = parse(decode(_content(where), STORY_FILE), where)
    return story if lang in (None, story.lang) else apply(story, lang, read_translation(story, lang))


def parse(text: str, folder: Path) -> Story:
    """The story that ``text`` (a whole ``story.yaml``) makes in ``folder``, where its files are looked for.

    Raises `StoryError` with every fault found, in the order of the text.
    """
    return from_source(read(text, STORY_FILE), folder)


def from_source(source: YamlSource, folder: Path) -> Story:
    """As `parse`, of what is read already. ``source.data`` may be changed: years become text in it."""
    _years_as_text(source.data)
    story, wrong = validate(source.data, source.blanks)
    told = {place for place, _ in wrong}
    dangling = [
        (place, message)
        for place, message in reference_findings(source.data, folder, lambda place: source.line(source.offset(place)))
        if place not in told
    ]
    if story is None or dangling or source.findings:
        raise StoryError(_problems(source, [*wrong, *dangling]))
    story._folder = folder  # noqa: SLF001 - both are there for this module to fill
    story._lines = source.lines()  # noqa: SLF001
    story._languages = languages(folder, story.lang)  # noqa: SLF001
    return story


def dump(story: Story, *, schema: str | None = None) -> str:
    """``story`` as the text of a ``story.yaml``: defaults left out, shorthands used, long texts as blocks.

    ``parse(dump(story), folder)`` makes an equal story. ``schema`` is the path of the JSON Schema, relative to the
    story folder; editors that know the YAML language server complete keys by it.
    """
    data = _tidy(story.model_dump(mode="json", exclude_defaults=True), Shape(Story))
    parts = []
    for key, value in data.items():
        if key in ("layers", "steps"):
            parts.append(f"\n{key}:\n" + "\n".join(_yaml([entry]) for entry in value))
        else:
            parts.append(("\n" if isinstance(value, dict | list) else "") + _yaml({key: value}))
    head = f"# yaml-language-server: $schema={schema}\n" if schema else ""
    return head + "".join(parts)


def _tidy(value: Any, here: Shape | None) -> Any:
    if here is None:
        return value
    if isinstance(value, dict):
        fields = here.model.model_fields if here.model else {}
        inner = {
            key: _tidy(part, shape(fields[key].annotation, fields[key].metadata) if fields else here.value)
            for key, part in value.items()
        }
        return here.shorten(inner)
    if isinstance(value, list):
        items = CommentedSeq(_tidy(item, here.item) for item in value)
        if not any(isinstance(item, dict | list) for item in items):
            items.fa.set_flow_style()
        return here.shorten(items)
    if isinstance(value, str) and "\n" in value and _BLOCK.fullmatch(value):
        return LiteralScalarString(value)
    if isinstance(value, str) and value.startswith(("?", ":")):
        # ruamel writes ?x and : x bare, and in a list [a, ?x] it reads the mark as that of a key or of its value.
        return DoubleQuotedScalarString(value)
    if value is not None and here.type is float and float(value).is_integer() and abs(value) < 1e9:
        return int(value)
    return value


# Text that a literal block holds unchanged: several lines, none of them with blanks at either end.
_BLOCK = re.compile(r"\S(?:[^\r\n]*\S)?(?:\n+\S(?:[^\r\n]*\S)?)*\n?")


class _Representer(RoundTripRepresenter):
    """ruamel's, but null is written out: what is left empty is a mistake."""

    def represent_none(self, data: Any) -> ScalarNode:  # noqa: ARG002 - ruamel gives it
        node: ScalarNode = self.represent_scalar("tag:yaml.org,2002:null", "null")
        return node


_Representer.add_representer(type(None), _Representer.represent_none)


def _yaml(value: Any) -> str:
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 1_000_000
    out = StringIO()
    yaml.dump(value, out)
    return out.getvalue()


def _content(folder: Path) -> bytes:
    name = brief(folder.name)
    path = folder / STORY_FILE
    try:
        if not folder.is_dir():
            hint = ": name the folder, not a file in it" if folder.exists() else ": name the one that holds story.yaml"
            raise StoryError([Problem(name, None, "", f"no such folder{hint}")])
        if not path.is_file():
            others = (other for other in ("story.yml", "Story.yaml", "story.json") if (folder / other).is_file())
            hint = next(
                (f": rename {other}" for other in others), f": a story folder holds one{_stories_below(folder)}"
            )
            raise StoryError([Problem(STORY_FILE, None, "", f"not in folder '{name}'{hint}")])
    except OSError as error:
        reason = (error.strerror or "can not be opened").lower()
        raise StoryError([Problem(STORY_FILE, None, "", f"can not be read: {reason}")]) from None
    return story_bytes(folder, STORY_FILE, MAX_BYTES)


def _stories_below(folder: Path) -> str:
    stories = sorted(path.parent.name for path in folder.glob(f"*/{STORY_FILE}"))
    if not stories:
        return ""
    return f"; in it are the stories {', '.join(brief(name) for name in stories[:6])}: name one of them"


def _problems(source: YamlSource, findings: list[tuple[Place, str]]) -> list[Problem]:
    placed = [(source.offset(place), place, message) for place, message in findings]
    return [
        Problem(STORY_FILE, source.line(offset), _name(place), message)
        for offset, place, message in sorted([*source.findings, *placed], key=lambda found: found[0])
    ]


def _name(place: Place) -> str:
    return place_name([brief(part) if isinstance(part, str) else part for part in place])


def _years_as_text(data: Any) -> None:
    """``date: 1964`` means the year, though YAML takes it for a number."""
    if not isinstance(data, dict):
        return
    steps, sources = data.get("steps"), data.get("sources")
    entries = [*(steps if isinstance(steps, list) else []), *(sources.values() if isinstance(sources, dict) else [])]
    parts = [entry for entry in entries if isinstance(entry, dict)]
    for part, key in [*((part, "date") for part in parts), *((part.get("figure"), "mark") for part in parts)]:
        year = part.get(key) if isinstance(part, dict) else None
        if isinstance(part, dict) and type(year) is int and 1000 <= year <= 9999:
            part[key] = str(year)
