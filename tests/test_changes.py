"""Sentences that say what changed, and manuscripts that say what the files say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from storymap import edits
from storymap.changes import describe, summary
from storymap.edits import Edit, EditError
from storymap.errors import StoryError
from storymap.manuscript import Manuscript
from storymap.trail import Trail
from threesteps import BASE, RUSSIAN

ZHANATAS = Path(__file__).resolve().parents[1] / "geodata/zhanatas"


@pytest.fixture
def story() -> Manuscript:
    return Manuscript.of({"story.yaml": BASE.encode(), "story.ru.yaml": RUSSIAN.encode()})


def test_every_edit_says_what_it_does(story: Manuscript) -> None:
    told = [
        edits.set_part(story, ("title",), "New"),
        edits.set_part(story, ("subtitle",), "New"),
        edits.set_part(story, ("steps", "one", "text"), "New"),
        edits.set_part(story, ("steps", "one", "view", "must_see"), "towns/a"),
        edits.set_part(story, ("steps", "three", "view", "max_zoom"), None),
        edits.set_part(story, ("steps", "one", "media"), {"file": "a.png", "alt": "A", "credit": "B"}),
        edits.set_part(story, ("theme", "colors", "rail"), {"light": "#fff", "dark": "#000"}),
        edits.move(story, ("steps", "three"), 0),
        edits.move(story, ("layers", "rail"), 0),
        edits.duplicate_step(story, "one"),
        edits.delete_step(story, "two"),
        edits.delete_layer(story, "rail"),
        edits.show_layer(story, "one", "rail"),
        edits.hide_layer(story, "one", "towns"),
        edits.set_style(story, "towns", "color", "#fff"),
        edits.set_style(story, "towns", "color", "#fff", "one"),
        edits.set_part(story, ("sources", "report", "title"), "Other"),
        edits.delete_source(story, "diary"),
        edits.translate(story, "ru", ("steps", "one", "title"), "Раз"),
        edits.translate(story, "kk", ("title",), "Оқиға"),
        edits.add(story, ("steps", "two", "sources"), "diary"),
        edits.add(story, ("corrections",), {"date": "2024-01-01", "text": "Wrong."}),
        edits.set_part(story, ("title",), "A story"),
    ]
    assert [edit.sentence for edit in told] == [
        "Change the title of the story",
        "Add the subtitle to the story",
        "Change the text of step 'One'",
        "Add the features that must be seen to step 'One'",
        "Remove the closest zoom from step 'Three'",
        "Add the picture or sound to step 'One'",
        "Add the colours to the theme",
        "Move step 'Three'",
        "Move layer 'rail'",
        "Duplicate step 'One'",
        "Delete step 'Two'",
        "Delete layer 'rail'",
        "Show layer 'rail' in step 'One'",
        "Hide layer 'towns' in step 'One'",
        "Change the colour of layer 'towns'",
        "Change layer 'towns' for step 'One' only",
        "Change the title of source 'Other'",
        "Delete source 'A diary'",
        "Translate the title of step 'One' into 'ru'",
        "Translate the title into 'kk'",
        "Add the sources to step 'Two'",
        "Add correction of '2024-01-01'",
        "Change nothing",
    ]


@pytest.mark.parametrize(("moved", "to"), [("one", 1), ("two", 0), ("two", 2), ("three", 1), ("one", 2), ("three", 0)])
def test_what_was_moved_is_named_in_both_directions(story: Manuscript, moved: str, to: int) -> None:
    made = edits.move(story, ("steps", moved), to)
    assert made.sentence == f"Move step '{moved.capitalize()}'"
    assert [step["id"] for step in made.after.data["steps"]].index(moved) == to


@pytest.mark.parametrize(("number", "to"), [(0, 1), (1, 0)])
def test_the_layer_that_was_moved_is_named_in_both_directions(story: Manuscript, number: int, to: int) -> None:
    both = edits.set_part(story, ("steps", "one", "show"), ["towns", "rail"]).after
    name = ("towns", "rail")[number]
    assert edits.move(both, ("steps", "one", "show", number), to).sentence == f"Move layer '{name}' in step 'One'"
    assert edits.move(both, ("layers", name), to if name == "towns" else 0).sentence == f"Move layer '{name}'"
    assert edits.move(both, ("steps", "one", "show", number), number).sentence == "Change nothing"


def test_a_frame_that_is_said_in_another_way_is_one_change(story: Manuscript) -> None:
    fitted = edits.set_part(story, ("steps", "two", "view"), {"fit": ["towns"], "max_zoom": 8}).after
    bounded = edits.set_part(fitted, ("steps", "two", "view"), {"bounds": [1, 2, 3, 4], "max_zoom": 9})
    assert bounded.sentence == "Change the frame of step 'Two'; Change the closest zoom of step 'Two'"
    back = edits.set_part(bounded.after, ("steps", "two", "view"), {"fit": ["towns"], "max_zoom": 9})
    assert back.sentence == "Change the frame of step 'Two'"


def test_many_changes_become_one_line(story: Manuscript) -> None:
    now = story
    for step in ("one", "two", "three"):
        now = edits.set_part(now, ("steps", step, "alt"), "New").after
    now = edits.set_part(now, ("title",), "New").after
    told = describe(story, now)
    assert len(told) == 4
    assert summary(told) == (
        "Change the title of the story; Change the description of the map of step 'One'; "
        "Change the description of the map of step 'Two'; and 1 more"
    )
    assert describe(story, story) == ()


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda s: edits.set_part(s, ("steps", "tow", "title"), "x"), "there is no step 'tow'; did you mean 'two'?"),
        (lambda s: edits.set_part(s, ("steps", "two", "tilte"), "x"), "there is no 'tilte' in a story at this place"),
        (lambda s: edits.set_part(s, ("steps", "two", "id"), "x"), "an id is an address"),
        (lambda s: edits.set_part(s, ("title",), "a\x07b"), "the text holds U\\+0007, which no page can show"),
        (lambda s: edits.set_part(s, ("title", "x"), "y"), "'title' holds no keys"),
        (lambda s: edits.add(s, ("steps",), {"id": "two", "title": "x"}), "there is a step 'two' already"),
        (lambda s: edits.add(s, ("layers",), {"title": "x"}), "a new layer needs an id"),
        (lambda s: edits.delete_layer(s, "towns"), "step 'One' frames layer 'towns' only: give it another view first"),
        (lambda s: edits.show_layer(s, "one", "roads"), "there is no layer 'roads'"),
        (lambda s: edits.hide_layer(s, "one", "rail"), "there is no layer on this step 'rail'"),
        (lambda s: edits.move(s, ("steps", "one", "show", 7), 0), "there is no entry number 8: there are 1"),
        (lambda s: edits.delete_source(s, "book"), "there is no source 'book'"),
        (lambda s: edits.delete(s, ("steps", "one", "quote")), "there is no 'quote' to take away"),
    ],
)
def test_what_can_not_be_done_is_said_in_one_line(story: Manuscript, edit: Any, told: str) -> None:
    with pytest.raises(EditError, match=f"^{told}") as caught:
        edit(story)
    assert "\n" not in str(caught.value)


def test_new_keys_stand_where_the_model_has_them(story: Manuscript) -> None:
    now = edits.set_part(story, ("steps", "one", "date"), "1964").after
    now = edits.set_part(now, ("layers", "towns", "legend"), "Towns").after
    now = edits.set_part(now, ("subtitle",), "S").after
    text = now.contents["story.yaml"].decode()
    assert '    title: One\n    date: "1964"\n    view:' in text
    assert "weight: 2}\n    legend: Towns\n  - id: rail # the line" in text
    assert text.startswith("title: A story\nsubtitle: S\nsources:")


def test_shorthands_are_taken_apart_and_put_together(story: Manuscript) -> None:
    wide = edits.set_style(story, "towns", "weight", 4, "one").after
    assert wide.data["steps"][0]["show"] == [{"layer": "towns", "style": {"weight": 4}}]
    back = edits.set_style(wide, "towns", "weight", None, "one").after
    assert back.contents == story.contents
    off = edits.set_part(story, ("steps", "one", "show", "towns", "label"), False).after
    on = edits.set_part(off, ("steps", "one", "show", "towns", "label"), True).after
    assert on.contents == story.contents


def test_translations_follow_what_is_copied_moved_and_deleted(story: Manuscript) -> None:
    now = edits.duplicate_step(story, "one").after
    assert now.translation("ru")["steps"]["one-copy"] == {"title": "Один"}
    assert edits.duplicate_step(story, "one", "New").after.translation("ru") == story.translation("ru")
    assert edits.delete_step(story, "one").after.translation("ru") == {"steps": {"two": {"title": "Два"}}}
    text = BASE.replace(
        "{source: report, note: page 4}", "{source: report, note: a}\n      - {source: report, note: b}"
    )
    russian = "steps: {one: {sources: {report: А, report/2: Б}}}\n"
    twice = Manuscript.of({"story.yaml": text.encode(), "story.ru.yaml": russian.encode()})
    moved = edits.move(twice, ("steps", "one", "sources", 1), 0).after
    assert moved.translation("ru")["steps"]["one"]["sources"] == {"report/2": "А", "report": "Б"}
    gone = edits.delete(twice, ("steps", "one", "sources", 0)).after
    assert gone.translation("ru")["steps"]["one"]["sources"] == {"report": "Б"}


def test_undo_and_redo_have_names_and_give_the_same_bytes(story: Manuscript) -> None:
    trail = Trail(story)
    assert (trail.undo_name, trail.redo_name, trail.undo(), trail.redo()) == (None, None, trail, trail)
    trail = trail.do(edits.delete_step(trail.now, "two")).do(edits.set_part(trail.now, ("title",), "New"))
    assert trail.undo_name == "Change the title of the story"
    trail = trail.undo().undo()
    assert trail.now.contents == story.contents
    assert (trail.undo_name, trail.redo_name) == (None, "Delete step 'Two'")
    trail = trail.redo().do(edits.set_part(trail.now, ("title",), "Other"))
    assert trail.redo_name is None
    assert trail.do(edits.set_part(trail.now, ("title",), "Other")) is trail
    for number in range(3):
        trail = trail.do(edits.set_style(trail.now, "towns", "weight", number + 5), join=True)
    assert [sentence for sentence, _ in trail.done][1:] == [
        "Change the title of the story",
        "Change the line width of layer 'towns'",
    ]
    assert trail.undo().now.data["layers"][0]["style"]["weight"] == 2


def test_ids_are_made_of_titles(story: Manuscript) -> None:
    assert edits.free_id(story, "steps", "The Ridge, 1964!") == "the-ridge-1964"
    assert edits.free_id(story, "steps", "One") == "one-2"
    assert edits.free_id(story, "steps", "Жаңатас") == "zhanatas"
    assert edits.free_id(story, "steps", "…") == "step"
    assert edits.free_id(story, "layers", "Éclair") == "eclair"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_mark_stay(newline: str, mark: bytes) -> None:
    content = mark + BASE.replace("\n", newline).encode()
    story = Manuscript.of({"story.yaml": content})
    assert story.contents["story.yaml"] == content
    now = edits.set_part(story, ("steps", "one", "text"), "A\n\nB\n").after
    text = "First.\n".replace("\n", newline)
    changed = f"A\n\n{' ' * 6}B\n".replace("\n", newline)
    assert now.contents["story.yaml"] == content.replace(text.encode(), changed.encode())


def test_a_translation_that_can_not_be_read_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "story.yaml").write_text(BASE)
    (tmp_path / "story.ru.yaml").write_text("]")
    assert list(Manuscript.read(tmp_path).sheets) == ["story.yaml"]
    for text in ("a: 1\na: 2\n", "]", "- a\n"):
        (tmp_path / "story.yaml").write_text(text)
        with pytest.raises(StoryError, match=r"^story.yaml:\d"):
            Manuscript.read(tmp_path)


def test_a_story_made_of_data_is_the_one_made_of_its_text() -> None:
    story = Manuscript.read(ZHANATAS)
    for lang in (None, "ru", "kk"):
        fresh = Manuscript.of(story.contents).story(ZHANATAS, lang)
        assert story.story(ZHANATAS, lang).model_dump() == fresh.model_dump()
    wrong: Edit = edits.set_part(story, ("steps", "where", "view"), {"fit": "nowhere"})
    line = (
        story.contents["story.yaml"]
        .decode()[: story.contents["story.yaml"].decode().index("  - id: where")]
        .count("\n")
    )
    with pytest.raises(StoryError, match=rf"^story.yaml:{line + 5}: steps\[1\].view.fit: no layer 'nowhere'"):
        wrong.after.story(ZHANATAS)
