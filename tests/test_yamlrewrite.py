"""Other data in the same text: it means what was asked for, and all that was not changed stays as it was written."""

from __future__ import annotations

import difflib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from any_yaml import changed, reworded, written_in_any_style
from storymap.errors import StoryError
from storymap.yamlmatch import same
from storymap.yamlnodes import written
from storymap.yamlrewrite import rewrite, rewritten
from storymap.yamlsource import read

ZHANATAS = Path(__file__).resolve().parents[1] / "geodata/zhanatas"
RELAXED = settings(max_examples=40, suppress_health_check=list(HealthCheck))


def plain(value: Any) -> Any:
    """A copy with nothing shared, so that one part can be changed alone."""
    return json.loads(json.dumps(value))


@RELAXED
@given(written_in_any_style())
def test_what_is_not_changed_changes_no_byte(case: tuple[str, Any, list[str]]) -> None:
    text, data, _ = case
    assert same(read(text, "").data, data)
    assert rewrite(text, data) == text


@RELAXED
@given(st.data())
def test_any_change_to_any_text_means_what_was_asked_for(draw: st.DataObject) -> None:
    text, data, _ = draw.draw(written_in_any_style())
    new = draw.draw(changed(data))
    source, node = written(text, "")
    made, read_again, _, lost = rewritten(text, source, node, new, "")
    assert same(read(made, "").data, new)
    assert same(read_again.data, new)
    assert lost == 0
    assert same(read(rewrite(made, data), "").data, data)


@RELAXED
@given(st.data())
def test_comments_stay_while_nothing_is_deleted(draw: st.DataObject) -> None:
    text, data, comments = draw.draw(written_in_any_style())
    made = rewrite(text, draw.draw(reworded(data)))
    for comment in comments:
        assert len(re.findall(rf"{re.escape(comment)}(?![0-9])", made)) == text.count(comment), comment


@pytest.fixture(scope="module")
def zhanatas() -> tuple[str, Any]:
    text = (ZHANATAS / "story.yaml").read_text(encoding="utf-8")
    return text, plain(read(text, "").data)


def diff(old: str, new: str) -> list[str]:
    """Lines that went (-) and came (+)."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


def test_one_word_in_the_flagship_story_changes_one_line(zhanatas: tuple[str, Any]) -> None:
    text, data = zhanatas
    new = plain(data)
    new["theme"]["colors"]["supply"]["dark"] = "#ff0000"
    new["layers"][0]["style"]["weight"] = 3
    new["steps"][0]["title"] = "Half: a town"
    assert diff(text, rewrite(text, new)) == [
        '-    supply: {light: "#7d2b20", dark: "#e58a72"}      # goods and money from Moscow',
        '+    supply: {light: "#7d2b20", dark: "#ff0000"}      # goods and money from Moscow',
        "-    style: {color: stone, weight: 1.4, opacity: 0.7, fill_color: phosphate, fill_opacity: 0.08}",
        "+    style: {color: stone, weight: 3, opacity: 0.7, fill_color: phosphate, fill_opacity: 0.08}",
        "-    title: Less than half a town",
        '+    title: "Half: a town"',
    ]


def test_a_moved_entry_takes_its_comment_along_and_no_line_is_lost(zhanatas: tuple[str, Any]) -> None:
    text, data = zhanatas
    new = plain(data)
    at = next(number for number, layer in enumerate(data["layers"]) if layer["id"] == "new-borders")
    new["layers"].insert(0, new["layers"].pop(at))
    new["steps"].append(new["steps"].pop(2))
    made = rewrite(text, new)
    assert sorted(made.splitlines()) == sorted(text.splitlines())
    assert "layers:\n  # Their borders as lines of their own" in made
    assert made.split("\nsteps:\n")[1].count("\n\n  - id: ") == len(data["steps"]) - 1
    assert rewrite(made, data) == text


def test_a_copy_is_written_as_what_it_is_a_copy_of(zhanatas: tuple[str, Any]) -> None:
    text, data = zhanatas
    new = plain(data)
    new["steps"].insert(4, {**plain(data["steps"][3]), "id": "copy", "title": "Copy"})
    lines = diff(text, rewrite(text, new))
    start = text.index(f"  - id: {data['steps'][3]['id']}\n")
    block = text[start : text.index("\n  - id: ", start + 5)].splitlines()
    assert [line[1:] for line in lines if line != "+"][2:] == [line for line in block if line][2:]
    assert all(line.startswith("+") for line in lines)


def test_the_first_user_of_an_anchor_that_goes_holds_it(zhanatas: tuple[str, Any]) -> None:
    text, data = zhanatas
    new = plain(data)
    first = next(number for number, step in enumerate(data["steps"]) if "figure" in step)
    users = text.count("*people-by-year")
    del new["steps"][first]
    made = rewrite(text, new)
    assert (made.count("&people-by-year"), made.count("*people-by-year")) == (1, users - 1)
    new = plain(data)
    new["steps"][first]["figure"]["title"] = "Another chart"
    made = rewrite(text, new)
    assert (made.count("&people-by-year\n"), made.count("&people-by-year-2\n")) == (1, 1)
    assert made.count("*people-by-year-2\n") == users - 1


def test_a_change_of_all_users_of_an_anchor_leaves_it(zhanatas: tuple[str, Any]) -> None:
    text, data = zhanatas
    new = plain(data)
    for step in new["steps"]:
        if "figure" in step:
            step["figure"]["title"] = "People"
    lines = diff(text, rewrite(text, new))
    assert lines == ["-      title: People in Zhanatas", "+      title: People"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_new_lines_end_as_the_old_ones_do(newline: str) -> None:
    text = "title: A\nsteps:\n- id: a\n  text: |\n    One.\n".replace("\n", newline)
    made = rewrite(
        text, {"title": "A", "steps": [{"id": "a", "text": "One.\n\nTwo.\n"}, {"id": "b", "text": "Three."}]}
    )
    assert made == (
        "title: A\nsteps:\n- id: a\n  text: |\n    One.\n\n    Two.\n- id: b\n  text: Three.\n".replace("\n", newline)
    )


@pytest.mark.parametrize(
    ("text", "data", "wanted"),
    [
        ("a: 1  # one\nb: 2\n", {"a": "x\ny\n", "b": 2}, "a: |  # one\n  x\n  y\nb: 2\n"),
        ("a: |  # one\n  x\n  y\nb: 2\n", {"a": "z", "b": 2}, "a: |-  # one\n  z\nb: 2\n"),
        ("a: {b: 1}\n", {"a": {"b": 1, "c": "x, y"}}, 'a: {b: 1, c: "x, y"}\n'),
        ("a: {b: 1, c: 2}\n", {"a": {"c": 2}}, "a: {c: 2}\n"),
        ("a: deposits\n", {"a": ["deposits", "towns"]}, "a: [deposits, towns]\n"),
        ("a: [x,\n    y,\n    z]\n", {"a": ["z", "x"]}, "a: [z, x]\n"),
        ("# h\n\n# about a\na: 1\n\n# about b\nb: 2\n", {"b": 2}, "# h\n\n# about a\n# about b\nb: 2\n"),
        ("a: 1\n# part two\n\nb: 2\nc: 3\n", {"a": 1, "c": 3}, "a: 1\n# part two\n\nc: 3\n"),
        ("a: 'x'\nb: \"y\"\n", {"a": "it's", "b": "z"}, "a: 'it''s'\nb: \"z\"\n"),
        ("? a\n: 1\nb: 2\n", {"a": 2, "b": 2}, "a: 2\nb: 2\n"),
        ("{title: A, steps: []}\n", {"title": "B", "steps": []}, "{title: B, steps: []}\n"),
        ("a: |\n  x", {"a": "x", "b": 1}, "a: |-\n  x\nb: 1\n"),
        ("a: [b: 1, c]\nd: 1 # d\n", {"a": [{"b": 2}, "c"], "d": 1}, "a: [{b: 2}, c]\nd: 1 # d\n"),
    ],
)
def test_single_changes(text: str, data: Any, wanted: str) -> None:
    assert rewrite(text, data) == wanted
    assert same(read(wanted, "").data, data)


def test_what_no_yaml_text_can_hold_is_refused() -> None:
    with pytest.raises(StoryError, match=r"text holds U\+0007"):
        rewrite("title: A\n", {"title": "A\x07"})
