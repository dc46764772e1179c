"""A draft compiled with parts of the versions before it is the same document, byte for byte."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from again import at_length
from storyfolder import write_story
from storymap import edits
from storymap.document import compile_story, draw
from storymap.edits import Edit
from storymap.manuscript import Manuscript
from storymap.reuse import ROUNDS, Reuse
from storymap.story import Story

# Each of these changes another part of what a document is made of.
PARTS: tuple[tuple[tuple[str, ...], tuple[Any, ...]], ...] = (
    (("title",), ("A story", "Another <name>")),
    (("steps", "one", "title"), ("One", "Eins")),
    (("steps", "two", "text"), ("Second.", "Second, *longer*.\n\nWith more.")),
    (("steps", "one", "alt"), ("Alt 1.", "Alt & more")),
    (
        ("steps", "one", "view"),
        ({"fit": "area"}, {"bounds": [60, 40, 80, 50]}, {"fit": ["town", "pit"], "max_zoom": 7}),
    ),
    (("steps", "two", "view", "must_see"), (["town/town"], ["pit/pit"], None)),
    (("steps", "three", "tone"), ("dark", "light")),
    (("steps", "three", "without"), (None, ["rivers", "city-labels"])),
    (("steps", "three", "show"), (["area"], ["area", "line"], [{"layer": "area", "style": {"color": "#884422"}}])),
    (("layers", "area", "style", "color"), ("#336699", "#993366")),
    (("layers", "town", "legend"), ("Town", "A town", None)),
    (("layers", "area", "style", "soft"), (None, True)),
    (("layers", "pit", "accuracy"), ("km", 12)),
    (("layers", "town", "where"), ({"kind": "town"}, {"kind": ["town", "pit"]})),
    (("theme", "colors", "rail"), (None, "#112233")),
)


def change(story: Manuscript, number: int, which: int) -> Edit:
    place, options = PARTS[number]
    return edits.set_part(story, place, options[which % len(options)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_story(tmp_path_factory.mktemp("reuse"))


def html(story: Story, reuse: Reuse | None) -> str:
    if reuse is not None:
        reuse.begin()
    drawn = draw(story, reuse=reuse)
    return compile_story(story, drawn=drawn, reuse=reuse, desk=reuse is not None).html


def reader(story: Story) -> str:
    return compile_story(story, drawn=draw(story), desk=True).html


steps = st.lists(st.tuples(st.integers(0, len(PARTS) - 1), st.integers(0, 2)), min_size=1, max_size=6)


@given(steps)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@at_length
def test_any_walk_of_edits_gives_what_a_fresh_compile_gives(folder: Path, walk: list[tuple[int, int]]) -> None:
    reuse = Reuse()
    now = Manuscript.read(folder)
    assert html(now.story(folder), reuse) == reader(now.story(folder))
    for number, which in walk:
        now = change(now, number, which).after
        story = now.story(folder)
        assert html(story, reuse) == reader(story)


def test_every_one_of_these_edits_shows(folder: Path) -> None:
    reuse = Reuse()
    start = Manuscript.read(folder)
    seen = {html(start.story(folder), reuse)}
    for number in range(len(PARTS)):
        made = html(change(start, number, 1).after.story(folder), reuse)
        assert made not in seen, PARTS[number]
        seen.add(made)


def test_a_data_file_that_is_changed_by_hand_is_read_again(tmp_path: Path) -> None:
    folder, reuse = write_story(tmp_path), Reuse()
    story = Manuscript.read(folder).story(folder)
    before = html(story, reuse)
    file = folder / "places.geojson"
    file.write_text(file.read_text("utf-8").replace("43.5", "43.7"), "utf-8")
    assert html(story, reuse) != before
    assert html(story, reuse) == reader(story)


def test_the_reader_gets_nothing_of_the_desk(folder: Path) -> None:
    story = Manuscript.read(folder).story(folder)
    plain = compile_story(story, drawn=draw(story))
    desk = compile_story(story, drawn=draw(story), desk=True)
    assert "storymap:desk" in desk.html and "storymap:desk" not in plain.html
    assert plain.html == html(story, None)
    assert desk.csp != plain.csp and "unsafe" not in desk.csp


def test_parts_are_kept_by_value_and_by_identity() -> None:
    reuse, made = Reuse(), []

    def make() -> object:
        made.append(object())
        return made[-1]

    one, other = [1], [1]
    first = reuse.part(("kind", "a", 1), (one,), make)
    assert reuse.part(("kind", "a", 1), (one,), make) is first
    assert reuse.part(("kind", "a", 1), (other,), make) is not first
    assert reuse.part(("kind", "a", 2), (one,), make) is not first
    assert len(made) == 3


def test_an_object_that_is_gone_lends_its_name_to_no_other() -> None:
    """``id`` is given again to a new object once the old one is freed: a part holds what it was made of."""
    reuse = Reuse()
    for number in range(200):
        thing = [number]
        assert reuse.part(("kind",), (thing,), lambda thing=thing: list(thing)) == [number]
        del thing
        gc.collect(0)


def test_what_is_not_needed_any_more_is_given_up() -> None:
    reuse = Reuse()
    reuse.part(("kind", 1), (), object)
    for _ in range(ROUNDS + 1):
        reuse.begin()
        reuse.part(("kind", 2), (), object)
    assert reuse.size == 1


def test_a_part_that_can_not_be_made_is_tried_again() -> None:
    reuse = Reuse()
    with pytest.raises(ZeroDivisionError):
        reuse.part(("kind",), (), lambda: 1 // 0)
    assert reuse.part(("kind",), (), lambda: 7) == 7
