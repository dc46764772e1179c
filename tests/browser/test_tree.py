"""What a screen reader reads at each step, in each language, against ``trees/<lang>/<step>.txt``.

``STORYMAP_REWRITE=1 pytest tests/browser/test_tree.py`` writes the files anew. Read each that has changed aloud before
it is committed.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Page

import storymap
from again import again, at_length
from browser.reading import DESKTOP, PHONE, STILL, ZHANATAS, open_story, settled
from browser.spoken import spoken
from storymap.document import Document, compile_story
from storymap.geocache import user_cache
from storymap.prose import smart
from storymap.story import Story

pytestmark = pytest.mark.xdist_group("tree")  # one worker, so that each language is compiled and read once

TREES = Path(__file__).with_name("trees")
REWRITE = bool(os.environ.get("STORYMAP_REWRITE"))
LANGUAGES = storymap.load(ZHANATAS).languages
PAGE = "page"
"""Name of the file for what is around the steps."""

OPEN = "selector => document.querySelectorAll(selector).forEach((part) => { part.open = true; })"


@cache
def story(lang: str) -> Story:
    return storymap.load(ZHANATAS, lang)


@cache
def document(lang: str) -> Document:
    """The story in a language, as a shell shows it that has all of them."""
    addresses = {code: f"{code}.html" for code in LANGUAGES}
    return compile_story(story(lang), languages=addresses if len(addresses) > 1 else None, cache=user_cache())


@pytest.fixture
def opened(new_page: Callable[..., Page], serve: Callable[..., str]) -> Callable[..., Page]:
    """``opened("ru", PHONE)``: the story at rest."""

    def start(lang: str, viewport: dict[str, int] = DESKTOP) -> Page:
        page = new_page(viewport=viewport, **STILL)
        open_story(page, serve({"index.html": document(lang).html}))
        return page

    return start


def read(page: Page, step: str) -> str:
    """The controls over the map and the card of a step, with what can be opened in it."""
    page.evaluate("step => storymap.go(step)", step)
    settled(page, step)
    page.evaluate(OPEN, f"#{step} details")
    return spoken(page, ".stage", f"#{step}")


def compare(lang: str, name: str, now: str) -> str | None:
    """The lines that differ from those of a file; None when none do."""
    path = TREES / lang / f"{name}.txt"
    if REWRITE:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(now, "utf-8")
    assert path.is_file(), f"no trees/{lang}/{name}.txt: run with STORYMAP_REWRITE=1, and read it aloud"
    before = path.read_text("utf-8")
    where = f"trees/{lang}/{name}.txt"
    lines = difflib.unified_diff(before.splitlines(), now.splitlines(), where, "now", lineterm="", n=1)
    return "\n".join(lines) or None


@pytest.fixture
def heard(opened: Callable[..., Page]) -> Callable[[str], dict[str, str]]:
    """``heard("ru")``: what is read at each step, in a wide window. It takes a while, and is the same for every test."""

    def listen(lang: str) -> dict[str, str]:
        if lang not in _heard:
            page = opened(lang)
            _heard[lang] = {step.id: read(page, step.id) for step in story(lang).steps}
        return _heard[lang]

    return listen


_heard: dict[str, dict[str, str]] = {}


@pytest.mark.parametrize("lang", again(LANGUAGES))
def test_each_step_reads_as_it_did(heard: Callable[[str], dict[str, str]], lang: str) -> None:
    said = [compare(lang, step, text) for step, text in heard(lang).items()]
    assert not any(said), "\n".join(filter(None, said))


@pytest.mark.parametrize("lang", again(LANGUAGES))
def test_what_is_around_the_steps_reads_as_it_did(opened: Callable[..., Page], lang: str) -> None:
    page = opened(lang)
    page.evaluate(OPEN, ".stage details")
    said = compare(lang, PAGE, spoken(page, ".skip", ".masthead", ".stage", ".about"))
    assert said is None, said


def test_there_is_a_file_for_each_step_and_language() -> None:
    wanted = {f"{lang}/{name}.txt" for lang in LANGUAGES for name in (PAGE, *(step.id for step in story(lang).steps))}
    assert {path.relative_to(TREES).as_posix() for path in TREES.rglob("*.*")} == wanted


NAMELESS = re.compile(r"^ *(?:button|link|more|picture|heading \d|navigation|table)(?: \(.*\))?$")
SIGNS = re.compile(r"\d / \d|[+–✕▸▾](?: \(|$)|undefined|[{}]")


@pytest.mark.parametrize("lang", again(LANGUAGES))
@at_length
def test_every_step_reads_well(heard: Callable[[str], dict[str, str]], lang: str) -> None:
    """What holds of every text that is read aloud, whatever it says."""
    faults = []
    for number, step in enumerate(story(lang).steps, 1):
        text = heard(lang)[step.id]
        lines = [line.strip() for line in text.splitlines()]
        found = [f"{line!r} has no name" for line in lines if NAMELESS.match(line)]
        found += [f"{line!r} is read as signs" for line in lines if SIGNS.search(line)]
        found += [f"{line!r} is read twice" for line, after in pairwise(lines) if line == after]
        if text.count(step.alt.strip()) != 1:
            found.append(f"what the map shows is told {text.count(step.alt.strip())} times")
        if f": {smart(step.title, story(lang).lang_of(f'steps.{step.id}.title'))}\n" not in text:
            found.append("its title is not read")
        # Kazakh names the total first.
        here = {str(number), str(len(story(lang).steps))}
        if not any(line.startswith("more: ") and here <= set(re.findall(r"\d+", line)) for line in lines):
            found.append(f"nothing says that it is step {number}")
        faults += [f"{step.id}: {fault}" for fault in found]
    assert not faults, "\n".join(faults)


@at_length
def test_wide_and_narrow_pages_read_the_same(
    opened: Callable[..., Page], heard: Callable[[str], dict[str, str]]
) -> None:
    narrow = opened(LANGUAGES[0], PHONE)
    for step, text in heard(LANGUAGES[0]).items():
        assert text == read(narrow, step)


SPOILT = {
    "a name that is gone": "() => document.querySelector('.next').removeAttribute('aria-label')",
    "a text that is hidden": "() => document.querySelector('#belt h2').setAttribute('aria-hidden', 'true')",
    "another order": "() => { const card = document.querySelector('#belt .words'); card.append(card.querySelector('h2')); }",
    "another state": "() => { document.querySelector('.next').disabled = true; }",
    "another level": "() => document.querySelector('#belt h2').setAttribute('aria-level', '3')",
    "something read twice": "() => { const part = document.querySelector('#belt .words'); part.append(part.cloneNode(true)); }",
}


@pytest.mark.parametrize("change", again(SPOILT.values(), keep=2), ids=SPOILT.keys())
def test_what_is_spoilt_is_heard(opened: Callable[..., Page], change: str) -> None:
    page = opened(LANGUAGES[0])
    before = read(page, "belt")
    page.evaluate(change)
    assert spoken(page, ".stage", "#belt") != before
