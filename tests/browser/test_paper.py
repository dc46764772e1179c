"""On paper: an illustrated article."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable

import pypdf
import pytest
from playwright.sync_api import Page

import storymap
from again import again, at_length
from browser.reading import DESKTOP, PHONE, STILL, ZHANATAS, files, open_story, settled, step_ids, zhanatas
from storymap.words import page_words

Open = Callable[..., Page]


def printed(page: Page) -> tuple[pypdf.PdfReader, str]:
    """(the pages, all of their text with plain spaces and without ligatures)."""
    pages = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4", print_background=True)))
    return pages, plain(" ".join(one.extract_text() for one in pages.pages))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize(("size", "script"), again([(PHONE, True), (DESKTOP, False)]))
@at_length
def test_printed_it_is_an_article_with_a_picture_for_each_step(
    new_page: Open, serve: Callable[..., str], complaints: list[str], size: dict[str, int], script: bool
) -> None:
    address = serve(files(zhanatas()))
    page = new_page(viewport=size, java_script_enabled=script, **STILL)
    if script:
        open_story(page, address)
        page.evaluate("step => storymap.go(step)", step_ids()[9])
        settled(page, step_ids()[9])
    else:
        page.goto(address)
    pages, text = printed(page)
    place = 0
    for one in storymap.load(ZHANATAS).steps:
        title = plain(one.title)
        found = text.find(title, place)
        assert found >= 0, f"{one.id}: no title, or not in order"
        place = found + len(title)
        for claim in one.sources:
            opening = re.split(r"[^\w ]", plain(claim.note or ""))[0]
            assert opening in text, f"{one.id}: how we know this is left out"
    words = page_words("en")
    for control in ("explore", "previous", "next", "skip", "contents", "back"):
        assert words[control] not in text, "nothing to press on paper"
    assert not re.search(r"\b\d+ / 16\b", text)
    assert len(step_ids()) / 2 <= len(pages.pages) <= 2.5 * len(step_ids())
    assert all(one.extract_text().strip() for one in pages.pages), "no page is empty"
    assert complaints == []


def test_printed_each_step_has_one_still_and_nothing_is_cut(
    new_page: Open, serve: Callable[..., str], complaints: list[str]
) -> None:
    page = new_page(viewport={"width": 718, "height": 1000}, **STILL)
    open_story(page, serve(files(zhanatas())))
    page.emulate_media(media="print")
    found = page.evaluate(
        """() => [...document.querySelectorAll('.step')].map((step) => {
            const pictures = [...step.querySelectorAll('.still svg')].map((one) => one.getBoundingClientRect());
            const title = step.querySelector('h2').getBoundingClientRect();
            const sizes = pictures.map((box) => [box.width, box.height, box.right]);
            return {id: step.id, pictures: sizes, above: pictures[0].bottom <= title.top};
        })"""
    )
    assert [one["id"] for one in found] == list(step_ids())
    for one in found:
        assert len(one["pictures"]) == 1, one["id"]
        ((width, height, right),) = one["pictures"]
        assert width > 250 and height > 150 and right <= 718, one
        assert one["above"], one["id"]
    assert page.evaluate("getComputedStyle(document.querySelector('.stage')).display") == "none"
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    # The three charts have one table, which stands under the first; nothing that would open it.
    shown = """(what) => [...document.querySelectorAll(what)].map((one) => getComputedStyle(one).display !== 'none')"""
    assert page.evaluate(shown, ".chart details") == [True, False, False]
    assert page.evaluate(shown, ".chart summary") == [False] * 3
    marks = """() => [...document.querySelectorAll('.sources')].map((one) => {
        one.open = true;
        return getComputedStyle(one.querySelector('summary'), '::after').content;
    })"""
    assert set(page.evaluate(marks)) == {"none"}
    page.emulate_media(media="screen")
    settled(page, step_ids()[0])
    assert complaints == []


def test_on_paper_the_ink_is_dark_whatever_the_screen(new_page: Open, serve: Callable[..., str]) -> None:
    page = new_page(viewport=DESKTOP, color_scheme="dark", **STILL)
    open_story(page, serve(files(zhanatas())))
    page.emulate_media(media="print", color_scheme="dark")
    pale = page.evaluate(
        """() => {
            const bright = (color) => color.match(/[\\d.]+/g).slice(0, 3).map(Number).reduce((a, b) => a + b) / 3;
            const texts = [...document.querySelectorAll('.masthead > *, .words > *, .words li, .about p, .about li')];
            return texts.filter((one) => bright(getComputedStyle(one).color) > 120).map((one) => one.outerHTML.slice(0, 60));
        }"""
    )
    assert pale == []
