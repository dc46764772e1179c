"""Two versions beside each other: places in words, values in words, words told apart; and conflicts as questions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storymap import edits
from storymap.app.editor import differences as differences_module
from storymap.app.editor.deciding import OWN, answer, choices, columns, is_text, kept_choice
from storymap.app.editor.differences import Difference, differences, in_words, told_apart
from storymap.manuscript import Manuscript
from storymap.merge import Value, merge
from storymap.placing import DROPPED

STORY = Manuscript.of(
    {
        "story.yaml": b"title: Town\nlayers:\n- {id: rail, source: {file: a.geojson, credit: A}, style: {weight: 2}}\n"
        b"steps:\n- {id: one, title: One, view: {fit: rail}, text: First words.}\n- {id: two, title: Two, text: Second.}\n",
        "story.ru.yaml": "steps:\n  one: {title: Один}\n".encode(),
    }
)


def test_places_that_differ_are_named() -> None:
    now = edits.set_part(STORY, ("steps", "one", "text"), "First new words.").after
    now = edits.set_style(now, "rail", "weight", 4).after
    now = edits.delete_step(now, "two").after
    now = edits.translate(now, "ru", ("steps", "one", "title"), "Раз").after
    found = differences(STORY, now)
    assert Difference("Text of step 'One'", "First words.", "First new words.") in found
    assert Difference("Line width of the style of layer 'rail'", "2", "4") in found
    assert Difference("Title of step 'Two'", "Two", "") in found
    assert Difference("Title of step 'One', in Русский", "Один", "Раз") in found
    assert len(found) == 5
    assert differences(STORY, STORY) == []


def test_values_are_told_without_signs_of_yaml() -> None:
    assert in_words(None) == ""
    assert in_words(True) == "yes"
    assert in_words(["one", "two"]) == "one, two"
    assert in_words({"fit": "rail", "must_see": ["rail/a"], "style": {"dash_array": "4 2"}}) == (
        "frame: rail\nfeatures that must be seen: rail/a\nstyle: \n  dashes: 4 2"
    )
    assert in_words([{"id": "a", "title": "A"}, {"layer": "rail"}]) == "A, rail"


def test_the_words_that_differ_are_told_apart() -> None:
    old, new = told_apart("The town has 57 000 people.", "The town had 40 000 people.")
    assert old == [("same", "The town "), ("gone", "has"), ("same", " "), ("gone", "57"), ("same", " 000 people.")]
    assert [text for kind, text in new if kind == "new"] == ["had", "40"]
    assert told_apart("", "All") == ([], [("new", "All")])
    assert told_apart("All", "") == ([("gone", "All")], [])


@given(st.text(), st.text())
def test_no_word_gets_lost(old: str, new: str) -> None:
    left, right = told_apart(old, new)
    assert "".join(text for _, text in left) == old
    assert "".join(text for _, text in right) == new
    assert [text for kind, text in left if kind == "same"] == [text for kind, text in right if kind == "same"] or (
        "".join(text for kind, text in left if kind == "same")
        == "".join(text for kind, text in right if kind == "same")
    )


def test_very_long_texts_are_told_apart_by_lines(monkeypatch: object) -> None:
    assert differences_module.MOST_PIECES >= 1000
    old = "\n".join(f"{number} words and words and words" for number in range(2000))
    left, _ = told_apart(old, f"{old}\nmore")
    assert "".join(text for kind, text in left if kind == "same").count("\n") >= 1998


def conflict(ours: Manuscript, theirs: Manuscript):  # type: ignore[no-untyped-def]
    (found,) = merge(STORY, ours, theirs).conflicts
    return found


def test_a_conflict_of_texts_is_a_question_with_three_answers() -> None:
    ours = edits.set_part(STORY, ("steps", "one", "text"), "My words.").after
    theirs = edits.set_part(STORY, ("steps", "one", "text"), "Their words.").after
    asked = conflict(ours, theirs)
    heading, names, cells = columns(asked, ours, "Boris")
    assert (heading, names) == ("Text of step 'One'", ["Before", "Yours", "Boris"])
    assert cells[0] == [("same", "First words.")]
    assert ("new", "My") in cells[1] and ("new", "Their") in cells[2]
    assert choices(asked, "Boris") == {"ours": "Mine", "theirs": "Boris's", OWN: "In other words"}
    assert is_text(asked)
    decided = {asked.key: answer(OWN, "Our words.\n")}
    assert merge(STORY, ours, theirs, decided).story.data["steps"][0]["text"] == "Our words."
    assert answer(OWN, " ") == Value(None)
    assert kept_choice(Value("x")) == OWN
    assert kept_choice("ours") == "ours"


def test_a_dropped_rule_is_told_as_such() -> None:
    place = ("steps", "one", "show", "rail", "style", "weight")
    before = edits.set_part(edits.show_layer(STORY, "one", "rail").after, place, 5).after
    (found,) = differences(before, edits.set_part(before, place, DROPPED).after)
    assert (found.old, found.new) == ("5", "dropped: not as in the whole story")
    assert in_words({"weight": None}) == "line width: dropped: not as in the whole story"


def test_a_step_deleted_here_and_changed_there_is_a_question_of_keeping_it() -> None:
    asked = conflict(
        edits.delete_step(STORY, "two").after, edits.set_part(STORY, ("steps", "two", "title"), "Deux").after
    )
    heading, _, cells = columns(asked, STORY, "Someone else")
    assert heading == "Step 'Two'"
    assert cells[1] == []
    assert choices(asked, "Someone else") == {"ours": "Mine: take it away", "theirs": "Theirs: keep it"}


def test_two_new_steps_of_one_name_can_both_stay() -> None:
    new = {"id": "three", "title": "Three", "text": "Mine."}
    ours = edits.add(STORY, ("steps",), new).after
    theirs = edits.add(STORY, ("steps",), {**new, "text": "Theirs."}).after
    asked = conflict(ours, theirs)
    _, names, cells = columns(asked, ours, "Boris")
    assert names == ["Yours", "Boris"]
    assert all(kind in ("same", "new") for cell in cells for kind, _ in cell)
    assert list(choices(asked, "Boris")) == ["ours", "theirs", "both"]


def test_an_order_of_two_is_asked_with_names() -> None:
    long = edits.add(STORY, ("steps",), {"id": "three", "title": "Three", "text": "Third."}).after
    long = edits.add(long, ("steps",), {"id": "four", "title": "Four", "text": "Fourth."}).after
    ours, theirs = edits.move(long, ("steps", "two"), 0).after, edits.move(long, ("steps", "two"), 3).after
    (asked,) = merge(long, ours, theirs).conflicts
    heading, _, cells = columns(asked, ours, "Boris")
    assert heading.startswith("The order of")
    assert "".join(text for _, text in cells[1]) == "two, one, three, four"
    assert list(choices(asked, "Boris")) == ["ours", "theirs"]
