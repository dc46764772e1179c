"""The format of ``story.yaml`` and of its translations as JSON Schema (for editors that complete keys) and as a page.

``python -m storymap.schema`` writes ``docs/story.schema.json``, ``docs/translation.schema.json`` and the generated
part of ``docs/story-format.md``.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from storymap.errors import StoryError
from storymap.formatpage import format_page
from storymap.modelshape import Shape
from storymap.story import Reference, Story
from storymap.storytypes import PARTIAL_DATE, SLUG
from storymap.translation import NAMED_BY, short_key, text_fields, text_mark

__all__ = ["PAGE_FILE", "SCHEMA_FILE", "TRANSLATION_FILE", "story_schema", "translation_schema", "write"]

SCHEMA_FILE = "story.schema.json"
TRANSLATION_FILE = "translation.schema.json"
PAGE_FILE = "story-format.md"

_SHORT = "x-short"
_YEAR = {"type": "integer", "minimum": 1000, "maximum": 9999}
_ENTRY = SLUG.removesuffix("$") + "(?:/[0-9]+)?$"
"""An id, or ``id/2`` for the second entry of that name."""


class _Generator(GenerateJsonSchema):
    """pydantic's, without titles and nulls, and with a mark where a validator takes plain text for a set of keys."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic asks
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> dict[str, Any]:
        return self.generate_inner(schema["schema"])

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> dict[str, Any]:
        inner = super().function_before_schema(schema)
        made: Any = schema["function"]["function"]("x")  # type: ignore[call-arg]
        if made == ["x"]:
            return {"anyOf": [inner["items"], inner]}
        if isinstance(made, dict):
            return {"anyOf": [{_SHORT: next(iter(made))}, inner]}
        return inner


def story_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a ``story.yaml``."""
    schema = Story.model_json_schema(schema_generator=_Generator)
    definitions = schema["$defs"]
    definitions |= {f"{name}InStep": _with_nulls(definitions[name]) for name in ("Style", "CategoryStyle")}
    definitions["LayerView"]["properties"]["style"]["$ref"] += "InStep"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_tidy(schema, definitions),
    }


def _with_nulls(style: dict[str, Any]) -> dict[str, Any]:
    """A style whose rules may be null: as a step has it, which drops rules of the whole story so."""
    rules = {}
    for key, rule in style["properties"].items():
        value = {name: inner for name, inner in rule.items() if name not in ("default", "description")}
        if value.get("additionalProperties", {}).get("$ref"):
            value["additionalProperties"] = {"$ref": value["additionalProperties"]["$ref"] + "InStep"}
        rules[key] = {"anyOf": [value, {"type": "null"}], "description": rule["description"]}
    return {**style, "properties": rules}


def _tidy(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_tidy(item, definitions) for item in part]
    if not isinstance(part, dict):
        return part
    if part.get("anyOf") and _SHORT in part["anyOf"][0]:
        short, full = part["anyOf"]
        meant = definitions[full["$ref"].rpartition("/")[2]]["properties"][short[_SHORT]]
        said = {key: value for key, value in meant.items() if key != "description"}
        return _tidy({**part, "anyOf": [said, full]}, definitions)
    tidy = {key: _tidy(value, definitions) for key, value in part.items()}
    default = tidy.get("default", "")
    if default is None or isinstance(default, dict):
        del tidy["default"]
    names = tidy.get("patternProperties")
    if names:
        tidy["propertyNames"] = {**tidy["propertyNames"], "pattern": next(iter(names))}
    if str(tidy.get("pattern", "")).startswith(f"^{PARTIAL_DATE}"):
        text = {key: tidy.pop(key) for key in ("type", "pattern")}
        tidy["anyOf"] = [text, _YEAR]
    if isinstance(tidy.get("description"), str):
        tidy["description"] = _plain(tidy["description"])
    return tidy


def _plain(about: str) -> str:
    return re.sub(r"`+", "", about)


def translation_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a ``story.<lang>.yaml``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Translation",
        **_texts(Shape(Story)),
        "description": "Texts of a story in another language, by the keys of story.yaml; lists are named by id.",
    }


def _texts(here: Shape) -> dict[str, Any]:
    if text_mark(here) is not None:
        longest = here.limit("max_length")
        limits: dict[str, Any] = {"maxLength": longest} if longest else {}
        return {"type": "string", "minLength": 1, "pattern": here.limit("pattern"), **limits}
    inner = here.item or here.value
    if inner is not None:
        assert inner.model is not None
        named = inner.model in NAMED_BY or inner.model is Reference
        names = {"propertyNames": {"pattern": _ENTRY}} if named else {}
        return {"type": "object", **names, "additionalProperties": _texts(inner)}
    assert here.model is not None
    fields = text_fields(here.model)
    about = {key: _plain(here.model.model_fields[key].description or "") for key in fields}
    keys = {
        "type": "object",
        "properties": {key: {**_texts(part), "description": about[key]} for key, part in fields.items()},
        "additionalProperties": False,
    }
    short = short_key(here.model)
    return {"anyOf": [{**_texts(fields[short]), "description": about[short]}, keys]} if short else keys


def write(docs: Path) -> None:
    """Bring the three files in the folder ``docs`` up to date. Raises `StoryError` when the page's example is no story."""
    for file, schema in ((SCHEMA_FILE, story_schema()), (TRANSLATION_FILE, translation_schema())):
        (docs / file).write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    page = docs / PAGE_FILE
    page.write_text(format_page(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    try:
        write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
    except (OSError, StoryError) as error:
        sys.exit(str(error))
