"""The format of ``story.yaml`` as JSON Schema (for editors that complete keys) and as a page of documentation.

``python -m storymap.schema`` writes ``docs/story.schema.json`` and the generated part of ``docs/story-format.md``.
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
from storymap.story import PARTIAL_DATE, Story

__all__ = ["PAGE_FILE", "SCHEMA_FILE", "story_schema", "write"]

SCHEMA_FILE = "story.schema.json"
PAGE_FILE = "story-format.md"

_SHORT = "x-short"
_YEAR = {"type": "integer", "minimum": 1000, "maximum": 9999}


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
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_tidy(schema, definitions),
    }


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
        tidy["description"] = re.sub(r"`+", "", tidy["description"])
    return tidy


def write(docs: Path) -> None:
    """Bring both files in the folder ``docs`` up to date. Raises `StoryError` when the page's example is no story."""
    schema = json.dumps(story_schema(), indent=2, ensure_ascii=False) + "\n"
    (docs / SCHEMA_FILE).write_text(schema, encoding="utf-8")
    page = docs / PAGE_FILE
    page.write_text(format_page(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    try:
        write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
    except (OSError, StoryError) as error:
        sys.exit(str(error))
