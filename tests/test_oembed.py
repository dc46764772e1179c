"""oEmbed answers, as the specification at its version 1.0 has them."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import html5lib
import pytest

from storymap.embed import EmbedOptions
from storymap.oembed import Embeddable, as_json, as_xml, discovery_links, oembed

STORY = Embeddable(
    title="The ridge & <b>the town</b>",
    url="https://maps.example.org/story/ridge/",
    script_url="https://maps.example.org/embed.js",
    picture_url="https://maps.example.org/story/ridge/picture.svg",
    alt="A map",
    author="A desk",
    picture_size=(960, 600),
    provider="storymap",
    provider_url="https://maps.example.org/",
)


def frame_of(answer: Any) -> Any:
    return html5lib.parseFragment(answer["html"], namespaceHTMLElements=False).find(".//iframe")


def test_an_answer_has_all_that_a_rich_one_must_have() -> None:
    answer = oembed(STORY)
    assert {"type": "rich", "version": "1.0", "width": 960, "height": 640}.items() <= answer.items()
    assert (answer["title"], answer["author_name"], answer["provider_name"]) == (STORY.title, "A desk", "storymap")
    assert (answer["thumbnail_url"], answer["thumbnail_width"], answer["thumbnail_height"]) == (
        STORY.picture_url,
        960,
        600,
    )
    assert frame_of(answer).get("src") == STORY.url


@pytest.mark.parametrize(
    ("width", "height", "given"), [(500, None, (500, 640)), (None, 400, (960, 400)), (5000, 5000, (960, 640))]
)
def test_the_most_pixels_are_honoured(width: int | None, height: int | None, given: tuple[int, int]) -> None:
    answer = oembed(STORY, max_width=width, max_height=height)
    assert (answer["width"], answer["height"]) == given
    assert frame_of(answer).get("height") == str(given[1])
    assert answer["thumbnail_width"] <= given[0]  # type: ignore[operator]
    # Led by the article's scroll the frame would fill the window, so a most height means that it stays as it is.
    assert ("layout=step" in frame_of(answer).get("src")) is (height is not None)


def test_below_what_can_be_read_they_are_not() -> None:
    answer = oembed(STORY, max_width=10, max_height=10)
    assert (answer["width"], answer["height"]) == (200, 300)


def test_json_and_xml_say_the_same() -> None:
    answer = oembed(STORY, options=EmbedOptions(step="two"))
    text = as_json(answer)
    assert json.loads(text) == answer
    assert "<" not in text
    tree = ElementTree.fromstring(as_xml(answer))
    assert {child.tag: child.text for child in tree} == {key: str(value) for key, value in answer.items()}


def test_discovery_links_name_both() -> None:
    html = discovery_links(
        "https://maps.example.org/oembed", "https://maps.example.org/story/ridge/?lang=ru", STORY.title
    )
    links = html5lib.parseFragment(html, container="head", namespaceHTMLElements=False)
    assert [link.get("type") for link in links] == ["application/json+oembed", "text/xml+oembed"]
    story = "url=https%3A%2F%2Fmaps.example.org%2Fstory%2Fridge%2F%3Flang%3Dru"
    assert links[0].get("href") == f"https://maps.example.org/oembed?{story}&format=json"
    assert {link.get("title") for link in links} == {STORY.title}
