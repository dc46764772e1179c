"""The texts that a newsroom pastes."""

from __future__ import annotations

from typing import Any

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storymap import embed, words
from storymap.embed import EmbedError, EmbedOptions, frame_address, page_address, snippet

STORY = {
    "url": "https://maps.example.org/story/ridge/",
    "title": 'The <ridge> & "the town"',
    "script_url": "https://maps.example.org/embed.js",
    "picture_url": "https://maps.example.org/story/ridge/picture.svg?step=one&lang=ru",
    "alt": 'A "map" <of> it',
    "steps": ("one", "two"),
}


def parsed(kind: Any, **more: Any) -> Any:
    text = snippet(kind, **{**STORY, **more})
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parseFragment(text)


def test_the_ladder_has_every_rung() -> None:
    tree = parsed("ladder", options=EmbedOptions(top_offset=64, height=500), words=words.page_words("ru"))
    figure = tree.find("figure")
    assert figure.get("data-top-offset") == "64"
    assert figure.get("data-skip") == "Пропустить рассказ на карте"
    frame, picture = figure.find("div/iframe"), figure.find("div/img")
    assert (frame.get("src"), frame.get("title"), frame.get("loading")) == (STORY["url"], STORY["title"], "lazy")
    assert "height:min(80svh,500px)" in frame.get("style") and frame.get("height") == "500"
    assert (picture.get("src"), picture.get("alt")) == (STORY["picture_url"], STORY["alt"])
    assert (figure.find("figcaption/a").get("href"), figure.find("figcaption/a").text) == (STORY["url"], STORY["title"])
    script = tree.find("script")
    assert (script.get("src"), script.get("async")) == (STORY["script_url"], "")
    assert [child.tag for child in figure.find("div")] == ["img", "iframe"], "nothing else: it sticks in there"


def test_the_other_kinds_are_its_parts() -> None:
    assert [item.tag for item in parsed("iframe").iter() if isinstance(item.tag, str)][1:] == ["iframe"]
    assert parsed("picture").find("figure/figcaption/a").get("href") == STORY["url"]
    assert parsed("picture").find(".//iframe") is None and parsed("picture").find(".//script") is None
    assert parsed("link").find("a").text == STORY["title"]


def test_what_the_document_can_be_asked_for_holds_without_the_script() -> None:
    options = EmbedOptions(step="two", lang="kk", theme="dark", layout="step", top_offset=".site > header")
    assert frame_address("https://x.example/a/?v=1", options) == (
        "https://x.example/a/?v=1&lang=kk&step=two&theme=dark&layout=step"
    )
    assert page_address("https://x.example/a/?v=1", options) == "https://x.example/a/?v=1&lang=kk#two"
    assert frame_address("index.html", EmbedOptions()) == "index.html"
    assert parsed("ladder", options=options).find("figure").get("data-top-offset") == ".site > header"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"step": "Two"}, "step: 'Two' is no id of a step"),
        ({"lang": "../x"}, "lang: '../x' is no code of a language"),
        ({"theme": "blue"}, "theme: 'blue' is not one of auto, light, dark"),
        ({"layout": "tall"}, "layout: 'tall' is not one of auto, scroll, step, page"),
        ({"height": 20}, "height: 20 is not between 300 and 2000 pixels"),
        ({"top_offset": -1}, "top_offset: -1 is not 0 to 500 pixels"),
        ({"top_offset": "a{}"}, "top_offset: 'a{}' is no simple CSS selector"),
    ],
)
def test_options_that_can_not_be_say_why(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(EmbedError) as refused:
        EmbedOptions(**options)
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("kind", "more", "reason"),
    [
        ("poster", {}, "kind: 'poster' is not one of ladder, iframe, picture, link"),
        ("ladder", {"script_url": None}, "script_url: the ladder needs the address of embed.js"),
        ("picture", {"picture_url": None}, "picture_url: a picture needs the address of a picture"),
        (
            "link",
            {"url": "javascript:alert(1)"},
            "url: 'javascript:alert(1)' is no web address (http or https, without spaces)",
        ),
        ("iframe", {"url": "https://x/a b"}, "url: 'https://x/a b' is no web address (http or https, without spaces)"),
        ("iframe", {"options": EmbedOptions(step="three")}, "step: the story has no step 'three'"),
    ],
)
def test_a_snippet_that_can_not_be_says_why(kind: Any, more: dict[str, Any], reason: str) -> None:
    with pytest.raises(EmbedError) as refused:
        parsed(kind, **more)
    assert str(refused.value) == reason


@given(st.text(), st.text())
def test_no_text_leaves_its_place(title: str, alt: str) -> None:
    text = snippet("ladder", **{**STORY, "title": title, "alt": alt})
    tree = html5lib.parseFragment(text, namespaceHTMLElements=False)
    assert [item.tag for item in tree.iter() if isinstance(item.tag, str)][1:] == (
        ["figure", "div", "img", "iframe", "figcaption", "a", "script"]
    )
    for item in tree.iter():
        assert not [name for name in item.attrib if name.startswith("on")]


@given(st.text())
def test_no_address_leaves_its_place(url: str) -> None:
    try:
        text = snippet("iframe", url=url, title="T")
    except (EmbedError, ValueError):
        return
    (frame,) = html5lib.parseFragment(text, namespaceHTMLElements=False)
    assert set(frame.attrib) == {"src", "title", "loading", "width", "height", "style"}


def test_the_script_is_the_page_s_file() -> None:
    assert embed.script().startswith(b"/* storymap embed, protocol 1")
