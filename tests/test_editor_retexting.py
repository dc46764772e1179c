"""Which versions of a draft differ in their texts only, and what of them is put into the document that stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest

import storymap
from storyfolder import write_story
from storymap.app.editor.retexting import Texts, texts_of
from storymap.document import compile_story

Change = Callable[[dict[str, Any]], object]


def document(folder: Path, change: Change = lambda story: None) -> str:
    def both(story: dict[str, Any]) -> None:
        quote = {"text": "It was </div> cold", "who": "A miner"}
        story["steps"][0].update(quote=quote, when="In 1964", date="1964-11-02")
        change(story)

    return compile_story(storymap.load(write_story(folder, both)), desk=True).html


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> str:
    return document(tmp_path_factory.mktemp("before"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("title", "Two & <more>"),
        ("text", "Second.\n\n- with a list\n- of *two*"),
        ("quote", {"text": "A quotation", "who": "Somebody"}),
        ("when", "Later"),
    ],
)
def test_a_text_leaves_the_rest_as_it_is(before: str, tmp_path: Path, key: str, value: Any) -> None:
    after = document(tmp_path, lambda story: story["steps"][1].update({key: value}))
    old, new = texts_of(before), texts_of(after)
    assert before != after and old.rest == new.rest
    assert [step.id for step in new.steps] == ["one", "two", "three"]
    assert [a == b for a, b in zip(old.steps, new.steps, strict=True)] == [True, False, True]
    assert put(before, old, new) == after


def put(html: str, old: Texts, new: Texts) -> str:
    """The document ``html`` with the texts of another one, as the page does it."""
    for a, b in zip(old.steps, new.steps, strict=True):
        html = html.replace(f'<div class="words">{a.words}</div>', f'<div class="words">{b.words}</div>')
        listed = f'<li><a href="#{a.id}">%s</a></li>'
        html = html.replace(listed % escape(a.listed), listed % escape(b.listed))
        said = f'"id":"{a.id}","title":%s'
        html = html.replace(said % in_page(a.title), said % in_page(b.title))
    return html


def in_page(text: str) -> str:
    said = json.dumps(text, ensure_ascii=False)
    return said.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@pytest.mark.parametrize(
    "change",
    [
        lambda story: story.update(title="Another story"),
        lambda story: story["steps"][1].update(alt="Another map."),
        lambda story: story["steps"][1].update(show=["area"]),
        lambda story: story["steps"][1].update(view={"bounds": [60, 40, 80, 50]}),
        lambda story: story["steps"][1].update(tone="dark"),
        lambda story: story["layers"][0].update(legend="Another"),
        lambda story: story["layers"][0].update(style={"color": "#993366"}),
        lambda story: story["steps"].reverse(),
        lambda story: story["steps"].pop(),
        lambda story: story.update(byline="Somebody"),
    ],
)
def test_all_else_asks_for_a_document_of_its_own(before: str, tmp_path: Path, change: Change) -> None:
    assert texts_of(document(tmp_path, change)).rest != texts_of(before).rest


def test_a_document_that_is_written_in_another_way_has_no_texts(before: str) -> None:
    strange = before.replace('<div class="words">', '<div class="words x">', 1)
    assert texts_of(strange).steps == ()
    assert texts_of(strange).rest != texts_of(strange + " ").rest
    assert texts_of("<p>").steps == ()
