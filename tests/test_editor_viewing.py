"""A view taken from the map, faults in words, and bounds in words."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storymap.app.editor.faults import PANELS, Fault, faults_of
from storymap.app.editor.view_panel import in_words
from storymap.app.editor.viewing import bounds_of_box, framed, rounded, taken, toggled
from storymap.camera import fit_box
from storymap.errors import Problem
from storymap.story import View

DATA = {
    "title": "A story",
    "layers": [{"id": "area", "title": "The area"}],
    "steps": [{"id": "one", "title": "One"}, {"id": "two"}],
}


def test_a_view_that_is_taken_keeps_what_must_be_seen() -> None:
    before = {"fit": ["area"], "must_see": ["town/town"], "max_zoom": 8}
    said = {"step": "one", "bounds": [66.123456, 41.987654, 71.5, 45.25], "zoom": 6.3}
    assert taken(before, said) == {"must_see": ["town/town"], "max_zoom": 8, "bounds": [66.12, 41.99, 71.5, 45.25]}
    assert before == {"fit": ["area"], "must_see": ["town/town"], "max_zoom": 8}


@pytest.mark.parametrize(
    ("zoom", "limit", "expected"),
    [
        (8.9, None, None),
        (9.0, None, None),
        (9.62, None, 9.7),
        (11.96, None, 12),
        (7.31, 7, 7.4),
        (6, 7, 7),
        (20, 7, 14),
    ],
)
def test_a_view_from_nearer_than_allowed_is_allowed(zoom: float, limit: float | None, expected: float | None) -> None:
    before = {"fit": "area"} | ({} if limit is None else {"max_zoom": limit})
    made = taken(before, {"bounds": [69, 43, 70, 44], "zoom": zoom})
    assert made is not None and made.get("max_zoom") == expected


@pytest.mark.parametrize(
    "said",
    [
        None, [], "x", {}, {"bounds": [1, 2, 3], "zoom": 4}, {"bounds": [1, 2, 3, "4"], "zoom": 4},
        {"bounds": [1, 2, 3, 4]}, {"bounds": [1, 2, 3, 4], "zoom": math.nan}, {"bounds": [1, 5, 3, 4], "zoom": 4},
        {"bounds": [1, 2, 1, 4], "zoom": 4}, {"bounds": [-181, 2, 3, 4], "zoom": 4}, {"bounds": [1, 2, 3, 86], "zoom": 4},
        {"bounds": [True, 2, 3, 4], "zoom": 4}, {"bounds": [1, 2, 3, math.inf], "zoom": 4},
    ],
)  # fmt: skip
def test_what_a_browser_says_is_checked(said: object) -> None:
    assert taken({"fit": "area"}, said) is None


bounds = st.tuples(st.floats(-180, 180), st.floats(-85, 84), st.floats(-180, 180), st.floats(-84, 85))


@given(bounds, st.floats(0.5, 14))
def test_whatever_is_taken_is_a_view(box: tuple[float, float, float, float], zoom: float) -> None:
    made = taken({}, {"bounds": list(box), "zoom": zoom})
    if made is not None:
        view = View.model_validate(made)
        assert view.bounds is not None
        pixel = 360 / (256 * 2**zoom)
        assert all(abs(one - other) <= pixel for one, other in zip(view.bounds, box, strict=True))


@given(bounds)
def test_bounds_of_a_box_come_back(box: tuple[float, float, float, float]) -> None:
    west, south, east, north = box
    if south >= north or abs(west - east) < 1e-3 or north - south < 1e-3:
        return
    there = fit_box(box)
    back = bounds_of_box(there)
    size = max(there[2] - there[0], there[3] - there[1]) * 360 / 256
    for one, other in zip(back, box, strict=True):
        difference = abs(one - other)
        assert min(difference, 360 - difference) <= size / 100


def test_numbers_stay_short() -> None:
    assert rounded((66.123456789, 41.1, 70.0, 45.987654321), 6) == (66.12, 41.1, 70.0, 45.99)
    assert rounded((-0.0001, 41.1, 70.0, 45.9), 1) == (0.0, 41.1, 70.0, 45.9)


def test_must_see_is_switched_on_and_off() -> None:
    assert toggled(None, "town/town") == ["town/town"]
    assert toggled("pit/pit", "town/town") == ["pit/pit", "town/town"]
    assert toggled(["pit/pit", "town/town"], "pit/pit") == ["town/town"]


def test_a_view_is_framed_the_other_way() -> None:
    view = {"fit": ["area"], "must_see": ["town/town"]}
    assert framed(view, "bounds", (1.0, 2.0, 3.0, 4.0), []) == {"bounds": [1, 2, 3, 4], "must_see": ["town/town"]}
    assert framed(view, "bounds", None, []) is None
    assert framed({"bounds": [1, 2, 3, 4], "max_zoom": 5}, "fit", None, ["area"]) == {"fit": "area", "max_zoom": 5}
    assert framed({"bounds": [1, 2, 3, 4]}, "fit", None, ["a", "b"]) == {"fit": ["a", "b"]}
    assert framed({"bounds": [1, 2, 3, 4]}, "fit", None, []) is None


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ([66.2, 42, 71.5, 45], "66.2° to 71.5° east, 42° to 45° north"),
        ([-74, -10, -60, 5], "74° to 60° west, 10° south to 5° north"),
        ([170, -50, -170, -30], "170° east to 170° west, 50° to 30° south"),
        (None, "These bounds can not be read."),
    ],
)
def test_bounds_in_words(bounds: object, words: str) -> None:
    assert in_words(bounds) == words


@pytest.mark.parametrize(
    ("problem", "fault"),
    [
        (Problem("story.yaml", 3, "steps[0].view.fit[1]", "no layer 'x'"),
         Fault("Step 'One', what is framed: no layer 'x'.", "Map view", "one")),
        (Problem("story.yaml", None, "steps[1].text", "this key is missing"),
         Fault("Step 'two', text: this key is missing.", "Text", "two")),
        (Problem("story.yaml", None, "steps[1].show[0].style.color", "unknown"),
         Fault("Step 'two', color: unknown.", "Layers", "two")),
        (Problem("story.yaml", None, "steps[7].alt", "this key is missing"),
         Fault("Step '8', map in words: this key is missing.", "Text")),
        (Problem("story.yaml", None, "layers[0].source.file", "no such file"),
         Fault("Layer 'The area', file: no such file.", "Data")),
        (Problem("story.yaml", None, "layers[0].style.column", "no column 'x'; did you mean 'y'?"),
         Fault("Layer 'The area', column: no column 'x'; did you mean 'y'?", "Layers")),
        (Problem("story.yaml", None, "theme.accent", "no colour 'x'"), Fault("Story, accent: no colour 'x'.", "Story")),
        (Problem("story.yaml", None, "", "write keys"), Fault("Story: write keys.", "Story")),
        (Problem("story.ru.yaml", 4, "steps.three.title", "no step 'three'"),
         Fault("Translation 'ru', steps.three.title: no step 'three'.", "Translations")),
        (Problem("basemap.yaml", 4, "", "can not be read"), Fault("basemap.yaml: can not be read.")),
    ],
)  # fmt: skip
def test_faults_name_the_place_in_words(problem: Problem, fault: Fault) -> None:
    assert faults_of([problem], DATA) == (fault,)
    assert fault.panel in ("", *PANELS)
