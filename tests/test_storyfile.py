"""story.yaml ⇄ Story: what loads, what does not and how it is said, and that nothing is lost on the way back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from any_story import DATA_FILES, MEDIA_FILES, stories
from storymap import geocontent, storypaths
from storymap.errors import StoryError
from storymap.modelshape import models, pattern_words, shape
from storymap.story import Story
from storymap.storyfile import dump, load, parse
from storymap.yamlsource import MAX_BYTES, read

STORIES = Path(__file__).parent / "stories"
MINIMAL = STORIES / "minimal"
BROKEN = sorted(path.name for path in (STORIES / "broken").iterdir())
RELAXED = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

STEP = """steps:
  - id: one
    title: One
    view: {bounds: [68, 42, 72, 45]}
    alt: A map.
    text: A ridge.
"""


def faults(text: str, folder: Path = MINIMAL) -> list[str]:
    """The lines of the error that ``text`` makes; none when it is a story."""
    try:
        parse(text, folder)
    except StoryError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize("kind", BROKEN)
def test_each_kind_of_fault_is_told_in_exactly_these_lines(kind: str) -> None:
    with pytest.raises(StoryError) as caught:
        load(STORIES / "broken" / kind)
    assert str(caught.value) + "\n" == (STORIES / "broken" / kind / "expected.txt").read_text(encoding="utf-8")


LAYERED = """title: A
layers:
  - id: towns
    source: {file: places.geojson, credit: x, license: CC0}
    style: {weight: 3}
steps:
  - id: one
    title: One
    view: {bounds: [68, 42, 72, 45]}
    alt: A map.
    text: A ridge.
    show:
      - layer: towns
        style:
          weight: null
"""


def test_null_in_a_step_drops_a_rule_and_is_kept() -> None:
    story = parse(LAYERED, MINIMAL)
    style = story.steps[0].show[0].style
    assert style is not None and style.model_fields_set == {"weight"} and style.weight is None
    assert "weight: null" in dump(story)
    again = parse(dump(story), MINIMAL).steps[0].show[0].style
    assert again is not None and again.model_fields_set == {"weight"}


@pytest.mark.parametrize(("changed", "told"), [
    (("weight: null", "color:  # b5451b"), "15: steps[0].show[0].style.color: is empty: write a colour in quotes, as '#b5451b'; "
     "without them a '#' begins a comment; 'null' drops the rule of the whole story"),
    (("{weight: 3}", "{weight: null}"), "5: layers[0].style.weight: is empty: write a number from 0 to 24, or leave the key "
     "out; only a step drops a rule, with 'null' in its own style for the layer"),
    (("layer: towns", "layer: null"), "13: steps[0].show[0].layer: is empty: write text; 'null' drops single rules of a "
     "layer's style, not this"),
    (("style:\n          weight: null", "label: null"), "14: steps[0].show[0].label: is empty: write true or false, or leave "
     "the key out; 'null' drops single rules of a layer's style, not this"),
    (("title: One", "title: null"), "8: steps[0].title: is empty: write text"),
])  # fmt: skip
def test_what_no_step_can_drop_is_told_in_one_line(changed: tuple[str, str], told: str) -> None:
    assert faults(LAYERED.replace(*changed)) == [f"story.yaml:{told}"]


def test_every_problem_knows_its_file_line_and_place() -> None:
    with pytest.raises(StoryError) as caught:
        load(STORIES / "broken" / "dangling-layer")
    problem = caught.value.problems[0]
    assert (problem.file, problem.line, problem.place) == ("story.yaml", 8, "steps[0].view.fit")


def test_the_minimal_story_loads() -> None:
    story = load(MINIMAL)
    assert story.folder == MINIMAL
    assert story.slug == "minimal"
    assert [step.id for step in story.steps] == ["the-ridge", "the-line", "now"]
    assert [shown.layer for shown in story.steps[1].show] == ["region", "railway", "sites"]
    assert story.layer("sites").label is not None and story.layer("sites").label.column == "name"
    assert story.steps[1].show[1].grow
    assert story.steps[0].sources[0].source == "survey"
    assert story.steps[1].view.must_see == ("sites/Zhanatas",)
    assert story.layer("region").where == {"kind": ("region",)}
    assert story.theme.colors["rail"].light == story.theme.colors["rail"].dark == "#777777"


def test_days_and_years_need_no_quotes() -> None:
    story = load(MINIMAL)
    assert story.published == dt.date(2021, 3, 17)
    assert story.layers[1].source.accessed == dt.date(2021, 3, 1)
    assert story.sources["survey"].date == "1964"
    assert [step.date for step in story.steps] == ["1964-11-02", "1975/1978", None]


def test_lines_are_known_at_all_depths() -> None:
    story = load(MINIMAL)
    text = (MINIMAL / "story.yaml").read_text(encoding="utf-8").splitlines()
    assert "must_see: sites/Zhanatas" in text[(story.line(("steps", 1, "view", "must_see")) or 0) - 1]
    assert "layer: railway" in text[(story.line(("steps", 1, "show", 1)) or 0) - 1]
    assert story.line(("steps", 1, "show", 1, "style", "color")) == story.line(("steps", 1, "show", 1))
    assert "id: now" in text[(story.line(("steps", 2, "id")) or 0) - 1]
    assert story.line(("nothing",)) is None


def test_yaml_one_two_words_stay_text_and_keys_are_text(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").touch()
    text = (
        "title: NO\nsubtitle: yes\nlayers:\n  - id: a\n    source: {file: a.geojson, credit: off, license: on}\n"
        "    where: {code: [NO, 1964, 1.5, true, 2021-03-17]}\n    style: {categories: {NO: {label: Norway}, 1964: {}}}\n"
    )
    story = parse(text + STEP, tmp_path)
    assert (story.title, story.subtitle, story.layers[0].source.credit) == ("NO", "yes", "off")
    assert repr(story.layers[0].where) == "{'code': ('NO', 1964, 1.5, True, '2021-03-17')}"
    assert list(story.layers[0].style.categories or {}) == ["NO", "1964"]


def test_anchors_work(tmp_path: Path) -> None:
    text = "title: A story\n" + STEP + "  - {id: two, title: Two, view: &v {bounds: [1, 2, 3, 4]}, alt: A., text: T.}\n"
    story = parse(text + "  - {id: three, title: Three, view: *v, alt: A., text: T.}\n", tmp_path)
    assert story.steps[2].view == story.steps[1].view
    assert story.line(("steps", 2, "view", "bounds")) == 9


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "story.yaml").write_bytes(b"\xef\xbb\xbf" + f"title: A story\n{STEP}".replace("\n", "\r\n").encode())
    story = load(tmp_path)
    assert story.title == "A story"
    assert story.line(("steps", 0, "alt")) == 6


def test_translations_beside_the_story_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "story.yaml").write_text(f"title: A story\n{STEP}", encoding="utf-8")
    (tmp_path / "story.ru.yaml").write_text("]", encoding="utf-8")
    assert load(str(tmp_path)).title == "A story"


@pytest.mark.parametrize("made", ["nothing", "file", "no story.yaml", "story.yml", "folder", "too large"])
def test_what_is_no_story_folder_is_told_in_one_line(tmp_path: Path, made: str) -> None:
    folder = tmp_path / "ridge"
    if made != "nothing":
        folder.touch() if made == "file" else folder.mkdir()
    if made == "story.yml":
        (folder / "story.yml").touch()
    if made == "folder":
        (folder / "story.yaml").mkdir()
    if made == "too large":
        (folder / "story.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(StoryError) as caught:
        load(folder)
    assert (
        str(caught.value)
        == {
            "nothing": "ridge: no such folder: name the one that holds story.yaml",
            "file": "ridge: no such folder: name the folder, not a file in it",
            "no story.yaml": "story.yaml: not in folder 'ridge': a story folder holds one",
            "story.yml": "story.yaml: not in folder 'ridge': rename story.yml",
            "folder": "story.yaml: not in folder 'ridge': a story folder holds one",
            "too large": "story.yaml: larger than 1000 kB: a story is text, data has files of its own",
        }[made]
    )


def test_a_folder_of_stories_names_them(tmp_path: Path) -> None:
    for name in ("ridge", "aral"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "story.yaml").touch()
    with pytest.raises(StoryError, match="holds one; in it are the stories aral, ridge: name one of them$"):
        load(tmp_path)


def test_links_may_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.geojson").write_text("{}", encoding="utf-8")
    folder = tmp_path / "story"
    folder.mkdir()
    (folder / "link.geojson").symlink_to(outside / "secret.geojson")
    (folder / "linked").symlink_to(outside)
    (folder / "loop.geojson").symlink_to(folder / "loop.geojson")
    (folder / "real.geojson").write_text("{}", encoding="utf-8")
    (folder / "inside.geojson").symlink_to("real.geojson")
    said = {
        name: storypaths.path_fault(folder, name, storypaths.DATA_SUFFIXES)
        for name in ("link.geojson", "linked/secret.geojson", "loop.geojson", "inside.geojson", "./real.geojson")
    }
    out = "is a link that leads out of the story folder: copy the file into it"
    assert said["link.geojson"] == f"'link.geojson' {out}"
    assert said["linked/secret.geojson"] == f"'linked/secret.geojson' {out}"
    assert said["loop.geojson"] is not None
    assert said["inside.geojson"] is said["./real.geojson"] is None
    (folder / "story.yaml").symlink_to(outside / "story.yaml")
    (outside / "story.yaml").write_text(f"title: A story\n{STEP}", encoding="utf-8")
    with pytest.raises(StoryError, match="is a link that leads out of the story folder"):
        load(folder)


def test_a_story_folder_may_itself_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(MINIMAL)
    assert load(tmp_path / "link").slug == "link"


def test_layers_may_name_what_geodata_reads() -> None:
    assert set(storypaths.DATA_SUFFIXES) == set(geocontent.FORMATS)


def test_the_same_fault_is_told_once_though_two_checks_see_it() -> None:
    assert faults(f"title: A story\ntheme: {{accent: 'Red '}}\n{STEP}") == [
        "story.yaml:2: theme.accent: write a colour as '#b5451b', or the name of one in theme.colors, in small letters, not 'Red'"
    ]


def test_a_misspelt_required_key_is_one_fault() -> None:
    assert faults(f"titel: A story\n{STEP}") == ["story.yaml:1: titel: unknown key 'titel'; did you mean 'title'?"]


def test_every_pattern_of_the_model_has_words() -> None:
    patterns = set()
    for model in models():
        for field in model.model_fields.values():
            here = shape(field.annotation, field.metadata)
            patterns |= {part.limit("pattern") for part in (here, here.item, here.value) if part is not None}
    assert len(patterns) > 5
    assert all(pattern_words(pattern) for pattern in patterns if pattern)


def test_dump_uses_shorthands_blocks_and_no_defaults() -> None:
    text = dump(load(MINIMAL), schema="../../docs/story.schema.json")
    assert text.startswith(
        "# yaml-language-server: $schema=../../docs/story.schema.json\ntitle: The ridge and the town\n"
    )
    assert "    show: [region, sites]\n" in text
    assert "    rail: '#777777'\n" in text
    assert "    label: name\n" in text
    assert "    text: |\n      A ridge of *phosphorite*, and a town beside it.\n" in text
    assert "      bounds: [68, 42, 72, 45]\n" in text
    assert "null" not in text and "move: auto" not in text and "lang:" not in text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("any-story")
    for name in (*DATA_FILES, *MEDIA_FILES):
        (made / name).parent.mkdir(exist_ok=True)
        (made / name).touch()
    return made


@RELAXED
@given(story=stories())
def test_what_is_dumped_loads_as_the_same_story(story: Story, folder: Path) -> None:
    (folder / "story.yaml").write_text(dump(story), encoding="utf-8", newline="")
    again = load(folder)
    # Fields only: pydantic's == also compares where the story was loaded from.
    assert dict(again) == dict(story)
    # 1, 1.0 and true are equal in Python and not in a filter.
    assert repr([layer.where for layer in again.layers]) == repr([layer.where for layer in story.layers])
    assert dump(again) == dump(story)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    keys = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for key in keys:
        yield data, key
        yield from _places(data[key])


@RELAXED
@given(changes=st.lists(st.tuples(st.integers(0, 10_000), values), min_size=1, max_size=3))
def test_a_story_with_anything_anywhere_loads_or_is_refused_in_plain_lines(changes: list[tuple[int, Any]]) -> None:
    data = read((MINIMAL / "story.yaml").read_text(encoding="utf-8"), "story.yaml").data
    for where, value in changes:
        places = list(_places(data))
        inside, key = places[where % len(places)]
        inside[key] = value
    text = json.dumps(data, ensure_ascii=False, indent=1).replace("NaN", ".nan").replace("Infinity", ".inf")
    for line in faults(text):
        head, number, _ = line.split(":", 2)
        assert head == "story.yaml"
        assert 1 <= int(number) <= text.count("\n") + 1
        assert len(line) < 500


@RELAXED
@given(text=st.text(st.sampled_from("ab:-?[]{}&*!|>%@`,'\"#~0.\n\t \\<=\ufeff\x85\u2028"), max_size=60))
def test_any_text_is_a_story_or_refused(text: str) -> None:
    assert all(line.startswith("story.yaml:") for line in faults(text))
    assert faults(text)


def test_the_real_size_of_aliases_counts() -> None:
    rows = "\n".join(f"r{n}: *row" for n in range(600))
    assert "more than 50000 values" in faults(f"row: &row [{', '.join('x' * 100)}]\n{rows}\n")[0]


@pytest.mark.parametrize("column", [": 0", ":a", "?a", "? a", "- a", "a: b", "#a", "a, b", "]"])
def test_names_of_columns_with_marks_of_yaml_come_back(folder: Path, column: str) -> None:
    (folder / "story.yaml").write_text(dump(_story_with_tooltip(column)), encoding="utf-8", newline="")
    assert load(folder).layers[0].tooltip == (column,)


def _story_with_tooltip(column: str) -> Story:
    return Story.model_validate(
        {
            "title": "Marks",
            "layers": [
                {
                    "id": "places",
                    "source": {"file": "places.geojson", "credit": "A", "license": "B"},
                    "tooltip": [column],
                }
            ],
            "steps": [{"id": "one", "title": "One", "view": {"fit": "places"}, "alt": "A map", "text": "A text"}],
        }
    )
