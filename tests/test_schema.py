"""The JSON Schema and the page about the format say what the loader does, and are up to date."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from pydantic import BaseModel

import storymap
from any_story import stories
from storymap.errors import StoryError
from storymap.formatpage import example_story, format_page
from storymap.modelshape import Shape, models, shape
from storymap.references import BUILTIN_COLORS
from storymap.schema import PAGE_FILE, SCHEMA_FILE, TRANSLATION_FILE, story_schema, translation_schema, write
from storymap.story import Story, Style
from storymap.storyfile import dump
from storymap.yamlsource import read

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGE = (DOCS / PAGE_FILE).read_text(encoding="utf-8")
VALIDATOR = Draft202012Validator(story_schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)
STEP = {"id": "one", "title": "One", "view": {"fit": "deposits"}, "alt": "A map.", "text": "A ridge."}


def accepts(**changes: Any) -> bool:
    return bool(VALIDATOR.is_valid({"title": "A story", "steps": [{**STEP, **changes}]}))


def test_the_files_are_up_to_date() -> None:
    advice = "run: python -m storymap.schema"
    assert (DOCS / SCHEMA_FILE).read_text(encoding="utf-8") == json.dumps(
        story_schema(), indent=2, ensure_ascii=False
    ) + "\n", advice
    assert (DOCS / TRANSLATION_FILE).read_text(encoding="utf-8") == json.dumps(
        translation_schema(), indent=2, ensure_ascii=False
    ) + "\n", advice
    assert format_page(PAGE) == PAGE, advice


def test_the_command_writes_them(tmp_path: Path) -> None:
    shutil.copy(DOCS / PAGE_FILE, tmp_path)
    (tmp_path / PAGE_FILE).write_text(PAGE.replace("| `title` |", "| `old` |"), encoding="utf-8")
    command = [sys.executable, "-m", "storymap.schema", str(tmp_path)]
    subprocess.run(command, check=True, env={"PYTHONPATH": str(ROOT / "src")})
    assert (tmp_path / PAGE_FILE).read_text(encoding="utf-8") == PAGE
    for name in (SCHEMA_FILE, TRANSLATION_FILE):
        assert (tmp_path / name).read_bytes() == (DOCS / name).read_bytes()


def test_a_page_without_an_example_or_the_mark_is_refused(tmp_path: Path) -> None:
    for page in ("", PAGE.replace("# yaml-language-server", "# yaml")):
        (tmp_path / PAGE_FILE).write_text(page, encoding="utf-8")
        with pytest.raises(StoryError, match="needs an example story"):
            write(tmp_path)


def example_folder(folder: Path) -> Path:
    for name in re.findall(r"file: ([^\s,}]+)", example_story(PAGE)):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    return folder


def example_translation() -> str:
    return next(
        block for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.M | re.S) if "translation.schema" in block
    )


def test_the_example_loads(tmp_path: Path) -> None:
    (example_folder(tmp_path) / "story.yaml").write_text(example_story(PAGE), encoding="utf-8")
    (tmp_path / "story.ru.yaml").write_text(example_translation(), encoding="utf-8")
    story = storymap.load(tmp_path)
    assert story.sources["survey"].date == "1964-11"
    assert storymap.load(tmp_path, "ru").steps[0].title == "Хребет"
    assert story.steps[0].show[0].layer == "basin"


def keys_in(value: Any, here: Shape | None) -> set[tuple[type[BaseModel], str]]:
    found: set[tuple[type[BaseModel], str]] = set()
    if here is not None and isinstance(value, list):
        found = found.union(*(keys_in(part, here.item) for part in value))
    elif here is not None and isinstance(value, dict):
        for key, part in value.items():
            if here.model is None:
                found |= keys_in(part, here.value)
            else:
                field = here.model.model_fields[key]
                found |= {(here.model, key)} | keys_in(part, shape(field.annotation, field.metadata))
    return found


def test_the_example_has_every_key() -> None:
    every = {(model, key) for model in models() for key in model.model_fields}
    assert keys_in(read(example_story(PAGE), "").data, Shape(Story)) == every


def test_the_page_describes_every_key_and_names_every_color() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+)", PAGE, re.MULTILINE)
    assert len(rows) == sum(len(model.model_fields) for model in models())
    assert all(about.strip() for _, about in rows)
    assert all(f"`{name}`" in PAGE for name in BUILTIN_COLORS)


def test_links_of_the_page_lead_to_its_headings() -> None:
    headings = {re.sub(r"[^a-z_ -]", "", line.lower()) for line in re.findall(r"^### (.+)$", PAGE, re.MULTILINE)}
    links = set(re.findall(r"\]\(#([^)]*)\)", PAGE.partition("## Every key")[2]))
    assert len(links) > 10
    assert links <= headings


def test_the_schema_is_one_and_describes_every_key() -> None:
    schema = story_schema()
    Draft202012Validator.check_schema(schema)
    described = [schema, *schema["$defs"].values()]
    assert {part["title"] for part in described} == {model.__name__ for model in models()}
    # pydantic leaves out a description that the part referred to has word for word.
    assert all("description" in key or "$ref" in key for part in described for key in part["properties"].values())
    assert "x-short" not in json.dumps(schema)


def test_real_stories_fit_the_schema() -> None:
    texts = [example_story(PAGE), (ROOT / "tests/stories/minimal/story.yaml").read_text(encoding="utf-8")]
    for text in texts:
        assert [error.message for error in VALIDATOR.iter_errors(read(text, "story.yaml").data)] == []


def test_translations_fit_their_schema() -> None:
    validator = Draft202012Validator(translation_schema())
    Draft202012Validator.check_schema(translation_schema())
    found = sorted((ROOT / "geodata").glob("*/story.*.yaml"))
    texts = [example_translation(), *(path.read_text(encoding="utf-8") for path in found)]
    for text in texts:
        assert re.match(r"# yaml-language-server: \$schema=\.\./\.\./docs/translation\.schema\.json\n", text)
        assert [error.message for error in validator.iter_errors(read(text, "story.ru.yaml").data)] == []
    for wrong in (
        {"lang": "ru"},
        {"steps": []},
        {"steps": {"One": {}}},
        {"title": 5},
        {"steps": {"one": {"view": {}}}},
    ):
        assert not validator.is_valid(wrong), wrong
    notes = {"steps": {"one": {"sources": {"survey": "Х", "survey/2": {"note": "Х"}}}}}
    assert validator.is_valid(notes) and not validator.is_valid(
        {"steps": {"one": {"sources": {"survey": {"title": "Х"}}}}}
    )


def test_stories_of_the_project_name_the_schema() -> None:
    found = sorted((ROOT / "geodata").glob("*/story.yaml"))
    assert found
    for path in found:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# yaml-language-server: $schema=../../docs/story.schema.json\n")
        assert [error.message for error in VALIDATOR.iter_errors(read(text, "story.yaml").data)] == []


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(story=stories())
def test_whatever_is_dumped_fits_the_schema(story: Story) -> None:
    data = read(dump(story), "story.yaml").data
    assert [error.message for error in VALIDATOR.iter_errors(data)] == []


def test_only_a_step_drops_a_rule_with_null() -> None:
    for rule in Style.model_fields:
        assert accepts(show=[{"layer": "a", "style": {rule: None}}]), rule
    assert accepts(show=[{"layer": "a", "style": {"categories": {"mine": {"color": None}}}}])
    assert not accepts(show=[{"layer": "a", "style": None}])
    assert not accepts(show=[{"layer": "a", "label": None}])
    source = {"file": "a.geojson", "credit": "A desk", "license": "CC0-1.0"}
    story = {"title": "A story", "steps": [STEP]}
    for style, fits in (({"weight": 2}, True), ({"weight": None}, False)):
        assert VALIDATOR.is_valid({**story, "layers": [{"id": "a", "source": source, "style": style}]}) == fits


def test_shorthands_are_in_the_schema() -> None:
    assert accepts(show=["deposits", {"layer": "rails"}], sources=["survey", {"source": "diary"}])
    assert accepts(view={"fit": ["a", "b/c"], "must_see": "a/b"})
    assert accepts(show=[{"layer": "a", "where": {"kind": "mine", "year": [1964, True]}}])
    assert accepts(date=1964) and accepts(date="1964-11-02")


@pytest.mark.parametrize(
    "changes",
    [
        {"show": ["Deposits"]},
        {"show": [5]},
        {"show": "deposits"},
        {"sources": [{"note": "x"}]},
        {"view": {"bounds": [1, 2, 3]}},
        {"view": {"fit": 5}},
        {"view": None},
        {"date": 64},
        {"move": "jump"},
        {"alt": ""},
        {"figure": 3},
        {"show": [{"layer": "a", "style": {"color": "RED"}}]},
        {"show": [{"layer": "a", "style": {"opacity": 1.5}}]},
        {"show": [{"layer": "a", "where": {"kind": {}}}]},
    ],
)
def test_what_the_loader_refuses_the_schema_refuses(changes: dict[str, Any]) -> None:
    assert accepts()
    assert not accepts(**changes)


def test_names_in_the_schema_follow_the_rule() -> None:
    base = {"title": "A story", "steps": [STEP]}
    assert VALIDATOR.is_valid({**base, "sources": {"survey": {"title": "x"}}, "theme": {"colors": {"ore": "#fff"}}})
    assert not VALIDATOR.is_valid({**base, "sources": {"The Survey": {"title": "x"}}})
    assert not VALIDATOR.is_valid({**base, "theme": {"colors": {"ore": "red"}}})
