"""The model itself: what it takes, what it refuses, and what it says of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from storymap.story import Layer, LayerView, Reference, Step, Story, Style, Theme, View
from storymap.storyfile import load

MINIMAL = Path(__file__).parent / "stories" / "minimal"
SOURCE = {"file": "a.geojson", "credit": "Someone", "license": "CC0-1.0"}
STEP = {"id": "one", "title": "One", "view": {"bounds": [68, 42, 72, 45]}, "alt": "A map.", "text": "A ridge."}


def refused(model: Any, **values: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        model(**values)
    return caught.value.errors()[0]["msg"]


def test_nothing_can_be_changed_or_added() -> None:
    story = Story(title="A story", steps=[STEP])
    with pytest.raises(ValidationError, match="frozen"):
        story.title = "Another"
    with pytest.raises(ValidationError, match="frozen"):
        story.steps[0].view.max_zoom = 3
    assert refused(Step, **STEP, camera="close") == "Extra inputs are not permitted"


def test_a_story_needs_a_step() -> None:
    assert "at least 1" in refused(Story, title="A story", steps=[])


@pytest.mark.parametrize(
    "bounds",
    [(68, 42, 72, 45), (170, 50, -170, 60), (-180, -85, 180, 85), (180, 0, -180, 1)],
    ids=["plain", "across the antimeridian", "the world", "both sides of the antimeridian"],
)
def test_bounds_inside_the_world(bounds: tuple[float, ...]) -> None:
    assert View(bounds=bounds).bounds == bounds


@pytest.mark.parametrize(
    "bounds",
    [
        (42, 68, 45, 90),
        (68, 45, 72, 42),
        (-181, 0, 0, 1),
        (0, 0, 181, 1),
        (5, 0, 5, 1),
        (0, 1, 1, 1),
        (0, 0, float("nan"), 1),
    ],
    ids=["lat first", "north below south", "west", "east", "no width", "no height", "not a number"],
)
def test_bounds_outside_the_world(bounds: tuple[float, ...]) -> None:
    assert "outside the world" in refused(View, bounds=bounds)


def test_a_view_has_one_of_fit_and_bounds() -> None:
    assert View(fit="deposits").fit == ("deposits",)
    assert "either" in refused(View)
    assert "either" in refused(View, fit="deposits", bounds=(68, 42, 72, 45))


def test_shorthands() -> None:
    step = Step(**{**STEP, "show": ["deposits", {"layer": "rails", "grow": True}], "sources": ["survey"]})
    assert step.show == (LayerView(layer="deposits"), LayerView(layer="rails", grow=True))
    assert step.sources[0].source == "survey"
    layer = Layer(
        id="deposits", source=SOURCE, label="name", where={"kind": "mine", "year": [1964, "1965"], "open": True}
    )
    assert layer.label is not None and layer.label.column == "name"
    assert repr(layer.where) == "{'kind': ('mine',), 'year': (1964, '1965'), 'open': (True,)}"
    assert Theme(colors={"ore": "#aa5500"}).colors["ore"].dark == "#aa5500"


@pytest.mark.parametrize("color", ["#fff", "#A0b1C2", "phosphate", "data-1"])
def test_colors(color: str) -> None:
    assert Style(color=color).color == color


@pytest.mark.parametrize(
    "color", ["#ffff", "red;", "url(x)", "rgb(1,2,3)", "RED", "", "#fff\n", "expression(alert(1))", "-a"]
)
def test_what_is_no_color(color: str) -> None:
    assert refused(Style, color=color)


@pytest.mark.parametrize("value", ["5", True, None, float("nan"), float("inf"), -1, 25])
def test_numbers_are_numbers_in_their_range(value: Any) -> None:
    if value is not None:
        assert refused(Style, weight=value)
    assert refused(Layer, id="a", source=SOURCE, accuracy=[value])


@pytest.mark.parametrize("value", ["true", 1, 0, "yes"])
def test_yes_and_no_are_true_and_false(value: Any) -> None:
    assert refused(LayerView, layer="a", grow=value)


@pytest.mark.parametrize("date", ["1964", "1964-11", "1964-11-02", "1997-12/1998-01", "1964/1965-01-02"])
def test_dates_of_steps(date: str) -> None:
    assert Step(**STEP, date=date).date == date


@pytest.mark.parametrize(
    "date", ["64", "1964-13", "1964-00", "1964-11-32", "1964/", "spring", "1964-11-02T10:00", "1964 "]
)
def test_what_is_no_date(date: str) -> None:
    assert refused(Step, **STEP, date=date)
    assert refused(Reference, title="Survey", date=date)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//example.org", "ftp://example.org", 'https://x"onclick=', "https://a b"]
)
def test_what_is_no_address(url: str) -> None:
    assert refused(Reference, title="Survey", url=url)


@pytest.mark.parametrize("lang", ["en", "ru", "kk", "pt-BR", "zh-Hant"])
def test_languages(lang: str) -> None:
    assert Story(title="A story", steps=[STEP], lang=lang).lang == lang


@pytest.mark.parametrize("lang", ["english", "xx", "", "en us", '"><script>'])
def test_what_is_no_language(lang: str) -> None:
    assert "is not a language code" in refused(Story, title="A story", steps=[STEP], lang=lang)


def test_layer_by_id() -> None:
    story = load(MINIMAL)
    assert story.layer("railway") is story.layers[2]
    with pytest.raises(KeyError):
        story.layer("nothing")


def test_a_story_made_in_python_has_no_folder_and_no_lines() -> None:
    story = Story(title="A story", steps=[STEP])
    assert story.folder == Path()
    assert story.line(("steps", 0)) is None
