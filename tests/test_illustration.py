"""Pictures that travel without the page: they name their sources, and the card holds its text."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import PIL.Image
import pytest

import storymap
from builtsite import write_full
from storymap.document import Drawn, draw
from storymap.illustration import CARD, PICTURE, illustration, notice_card, social_card
from storymap.palette import tone_colors
from storymap.raster import png
from storymap.story import Story

SVG = "{http://www.w3.org/2000/svg}"
COLORS = tone_colors("light", {})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, Drawn]:
    story = storymap.load(write_full(tmp_path_factory.mktemp("story")))
    return story, draw(story)


def texts(svg: str) -> list[tuple[float, float, float, str]]:
    """(x, y, size, text) of the texts of the outermost sheet."""
    root = ET.fromstring(svg)
    found = root.findall(f"{SVG}text")
    return [
        (float(one.get("x", 0)), float(one.get("y", 0)), float(one.get("font-size", 0)), one.text or "")
        for one in found
    ]


def test_a_step_s_picture_names_whose_data_it_shows(made: tuple[Story, Drawn]) -> None:
    _, drawn = made
    step = replace(drawn.scene.steps[1], credits=("Natural Earth", "A <desk> & sons (CC BY 4.0)"))
    svg = illustration(drawn.scene, step, COLORS)
    root = ET.fromstring(svg)
    assert (root.get("width"), root.get("height")) == tuple(map(str, PICTURE))
    assert root.findtext(f"{SVG}title") == "Alt 2."
    (line,) = [text for *_, text in texts(svg) if "Natural Earth" in text]
    assert line == "Natural Earth · A <desk> & sons (CC BY 4.0)"
    assert 'href="#' in svg and "var(--" not in svg and "class=" not in svg.partition(">")[2], "a file of its own"


def test_many_credits_take_several_lines_and_the_map_gives_way(made: tuple[Story, Drawn]) -> None:
    _, drawn = made
    step = drawn.scene.steps[1]
    long = replace(step, credits=tuple(f"The {n}th institute of geography and cartography" for n in range(8)))
    lines = [one for one in texts(illustration(drawn.scene, long, COLORS)) if one[0] > 880]
    assert len(lines) > 1 and all(0 < y <= PICTURE[1] for _, y, _, _ in lines)
    with_none = illustration(drawn.scene, replace(step, credits=()), COLORS)
    assert with_none.count('fill-opacity=".8"') == 0


@pytest.mark.parametrize(
    ("title", "subtitle"),
    [
        ("Short", None),
        ("A title of a length that editors do write now and then, though they should not", "And a subtitle. " * 20),
        ("Donaudampfschifffahrtsgesellschaft", "x"),
        ("Жаңатас қаласының тарихы мен бүгіні", "Кен әлі орнында."),
    ],
)
def test_the_card_holds_its_text(made: tuple[Story, Drawn], title: str, subtitle: str | None) -> None:
    story, drawn = made
    changed = story.model_copy(update={"title": title, "subtitle": subtitle, "byline": "A desk, " * 30})
    svg = social_card(changed, drawn.scene, COLORS)
    root = ET.fromstring(svg)
    assert (int(root.get("width", 0)), int(root.get("height", 0))) == CARD == (1200, 630)
    assert root.findtext(f"{SVG}title") == title
    lines = texts(svg)
    assert lines[0][3] in title and all(0 < x <= 500 and 30 <= y <= 630 for x, y, _, _ in lines)
    baselines = [(y, size) for _, y, size, _ in lines]
    assert all(below[0] - above[0] >= below[1] * 0.99 for above, below in pairwise(baselines))


@pytest.mark.parametrize(
    "title", ["Wide WWWW MMMM words of a wide title WWWW", "Donaudampfschifffahrtsgesellschaftskapitän"]
)
def test_text_of_the_card_does_not_run_into_the_map(made: tuple[Story, Drawn], title: str) -> None:
    """Measured in the picture: left of the map there is nothing but paper at the panel's edge."""
    story, drawn = made
    changed = story.model_copy(update={"title": title, "subtitle": "MMMM WWWW " * 20})
    picture = PIL.Image.open(BytesIO(png(social_card(changed, drawn.scene, COLORS)))).convert("RGB")
    assert picture.size == CARD
    edge = {picture.getpixel((x, y)) for x in range(486, 498) for y in range(630)}
    assert len(edge) == 1, "nothing is written so close to the map"


def test_a_right_to_left_story_has_its_text_on_the_right(made: tuple[Story, Drawn]) -> None:
    story, drawn = made
    changed = story.model_copy(update={"lang": "ar", "title": "مدينة", "subtitle": None, "byline": None})
    ((x, _, _, text),) = texts(social_card(changed, drawn.scene, COLORS))
    assert x > 1000 and text == "مدينة"
    assert re.search(r'<svg x="0"', social_card(changed, drawn.scene, COLORS))


def test_a_notice_is_nothing_but_its_sentence() -> None:
    svg = notice_card("This story <has> been withdrawn", COLORS, PICTURE)
    assert " ".join(text for *_, text in texts(svg)) == "This story <has> been withdrawn"
    root = ET.fromstring(svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "rect", "text"}


def test_the_map_of_the_card_shows_what_step_one_is_about(made: tuple[Story, Drawn], tmp_path: Path) -> None:
    story, drawn = made
    picture = PIL.Image.open(BytesIO(png(social_card(story, drawn.scene, COLORS)))).convert("RGB")
    found = [
        (x, y)
        for x in range(500, 1200, 4)
        for y in range(0, 630, 4)
        if (pixel := picture.getpixel((x, y))) and isinstance(pixel, tuple) and pixel[2] - pixel[0] > 30
    ]
    assert found, "the blue area of step 1 is there"
    xs = [x for x, _ in found]
    assert min(xs) > 510 and max(xs) < 1190, "and whole"
