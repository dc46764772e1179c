"""One document for each language: readers switch and stay at their step; map, words and figures follow."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

import storymap
from again import again, at_length
from browser.reading import SCREENS, STILL, ZHANATAS, open_story, settled, step_ids, story_frame
from storymap.document import compile_story
from storymap.geocache import user_cache

pytestmark = pytest.mark.xdist_group("languages")  # one worker, so that each language is compiled once

Open = Callable[..., Page]

LANGS = ("en", "kk", "ru")
NAMES = {"en": "English", "kk": "Қазақша", "ru": "Русский"}


@cache
def editions() -> dict[str, str]:
    """The flagship in its languages, each linked to the others."""
    addresses = {lang: f"{lang}.html" for lang in LANGS}
    made = {
        lang: compile_story(storymap.load(ZHANATAS, lang), languages=addresses, cache=user_cache()) for lang in LANGS
    }
    return {f"{lang}.html": document.html for lang, document in made.items()}


@pytest.fixture
def site(serve: Callable[..., str]) -> str:
    return serve(dict(editions()))


@pytest.fixture
def story(new_page: Open, site: str, complaints: list[str]) -> Iterator[Open]:
    def start(screen: str, lang: str, at: str = "", **options: Any) -> Page:
        page = new_page(viewport=SCREENS[screen], **{**STILL, **options})
        open_story(page, f"{site}{lang}.html{at}")
        return page

    yield start
    assert complaints == []


def switch(page: Page, lang: str) -> None:
    """By the menu on the map, with a pointer."""
    page.click(".language-menu summary")
    with page.expect_navigation():
        page.click(f".language-menu a[hreflang={lang}]")


# Switching


@pytest.mark.parametrize("screen", again(["phone", "desktop"]))
def test_readers_switch_and_stay_at_their_step(story: Open, screen: str) -> None:
    page = story(screen, "en", f"#{step_ids()[2]}")
    before = {}
    for number, lang in enumerate(("ru", "kk", "en", "kk"), start=3):
        page.keyboard.press("ArrowRight")
        settled(page, step_ids()[number])
        switch(page, lang)
        state = settled(page, step_ids()[number])
        assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == [lang, "ltr"]
        card = page.locator(f"#{step_ids()[number]} .card").bounding_box()
        assert card and card["y"] < SCREENS[screen]["height"] * 0.75, "the step is where it is read"
        before[lang] = state
    assert len({state["alt"] for state in before.values()}) == 3


def test_at_the_start_the_other_language_begins_with_its_title(story: Open) -> None:
    page = story("desktop", "en")
    with page.expect_navigation():
        page.click("nav.languages a[hreflang=kk]")
    settled(page, step_ids()[0])
    assert "#" not in page.url and page.evaluate("scrollY") == 0
    expect(page.locator("h1")).to_be_in_viewport()


def test_what_else_the_address_asks_for_is_kept(story: Open) -> None:
    page = story("desktop", "en", f"?shell=app&utm=a%26b&lang=en&step={step_ids()[1]}#{step_ids()[4]}")
    settled(page, step_ids()[4])
    switch(page, "ru")
    settled(page, step_ids()[4])
    assert page.url.endswith(f"/ru.html?shell=app&utm=a%26b#{step_ids()[4]}")


def test_the_menu_works_by_keyboard_and_gives_the_focus_back(story: Open) -> None:
    page = story("desktop", "en", f"#{step_ids()[1]}")
    menu = page.locator(".language-menu")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu.locator("ul")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu.locator("ul")).to_be_hidden()
    assert page.evaluate("document.activeElement.closest('.language-menu') !== null")
    assert settled(page)["step"] == step_ids()[1]
    page.keyboard.press("Enter")
    page.mouse.click(900, 300)
    expect(menu.locator("ul")).to_be_hidden()
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert settled(page, step_ids()[1]) and page.evaluate("document.documentElement.lang") == "kk"


@pytest.mark.parametrize("screen", again(SCREENS, keep=2))
def test_links_are_named_in_their_language_and_large_enough(story: Open, screen: str) -> None:
    page = story(screen, "ru", f"#{step_ids()[1]}")
    page.click(".language-menu summary")
    assert page.evaluate("document.querySelector('nav.languages').getAttribute('aria-label')") == "Язык"
    expect(page.locator(".language-menu summary")).to_have_accessible_name("Язык: Русский")
    for place in ("nav.languages", ".language-menu"):
        shown = page.evaluate(
            """place => [...document.querySelectorAll(`${place} li > *`)].map((one) => {
                const box = one.getBoundingClientRect();
                return [one.textContent, one.lang, one.hreflang ?? null, one.ariaCurrent, box.width >= 24 && box.height >= 24];
            })""",
            place,
        )
        assert shown == [
            ["English", "en", "en", None, True], ["Қазақша", "kk", "kk", None, True], ["Русский", "ru", None, "true", True],
        ]  # fmt: skip


def test_without_script_the_switch_is_at_the_title(new_page: Open, site: str, complaints: list[str]) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(f"{site}en.html")
    expect(page.locator(".language-menu")).to_be_hidden()
    page.click("nav.languages a[hreflang=ru]")
    assert page.url == f"{site}ru.html"
    expect(page.locator("h1")).to_have_text(storymap.load(ZHANATAS, "ru").title)
    expect(page.locator("#peak .chart-drawing")).to_be_visible()
    assert complaints == []


def test_search_engines_find_every_language(story: Open) -> None:
    page = story("desktop", "kk")
    links = page.evaluate(
        "[...document.querySelectorAll('link[rel=alternate]')].map((one) => [one.hreflang, one.getAttribute('href')])"
    )
    assert links == [[lang, f"{lang}.html"] for lang in ("en", "kk", "ru")]


# What is read


@pytest.mark.parametrize(
    ("lang", "said"), [("ru", "Шаг 3 из 16"), ("kk", "16 қадамның 3-қадамы"), ("en", "Step 3 of 16")]
)
def test_the_page_speaks_the_language(story: Open, lang: str, said: str) -> None:
    page = story("desktop", lang, f"#{step_ids()[1]}")
    page.keyboard.press("ArrowRight")
    settled(page, step_ids()[2])
    own = storymap.load(ZHANATAS, lang)
    spoken = page.locator(".live-region").text_content() or ""
    assert spoken.startswith(f"{said}: {own.steps[2].title}. ") and own.steps[2].alt in spoken
    if lang == "en":
        return
    # Words of the page that nobody translated would be in Latin letters.
    controls = page.evaluate(
        """() => [...document.querySelectorAll('button, summary, .explore-text, .about h2, .about h3, .scale-text, .skip')]
            .flatMap((one) => [one.textContent, one.getAttribute('aria-label')]).filter(Boolean)"""
    )
    assert [text for text in controls if re.search(r"[A-Za-z]", text)] == []
    expect(page.locator(".review")).to_contain_text("openDemocracy")


@pytest.mark.parametrize("lang", ["ru", "kk"])
def test_every_name_on_the_map_is_in_the_language(story: Open, lang: str) -> None:
    page = story("desktop", lang)
    latin: dict[str, list[str]] = {}
    seen: set[str] = set()
    for name in step_ids():
        page.evaluate("name => storymap.go(name)", name)
        labels = settled(page, name)["labels"]
        seen |= set(labels)
        wrong = [label for label in labels if re.search(r"[A-Za-z]", label)]
        if wrong:
            latin[name] = wrong
    assert latin == {}
    assert {"ru": {"Жанатас", "Тараз", "Чулактау"}, "kk": {"Жаңатас", "Тараз", "Шолақтау"}}[lang] <= seen


# What a step writes in figures on the map, and the names of what must be seen: these are what it says.
TOLD = """() => {
    const data = JSON.parse(document.getElementById('storymap-data').textContent);
    const { step } = storymap.state();
    const { show, view } = data.steps.find((one) => one.id === step);
    const must = new Set(view.must.map((item) => item.ref));
    return show.flatMap(([id]) => data.draw[id].labels
        .filter((label) => label.role === 'figure' || must.has(`${data.draw[id].layer}/${label.key}`))
        .map((label) => label.text));
}"""


@pytest.mark.parametrize("lang", LANGS)
def test_what_a_step_says_on_the_map_has_room_on_a_phone(story: Open, lang: str) -> None:
    page = story("phone", lang)
    lost: dict[str, list[str]] = {}
    told = 0
    for name in step_ids():
        page.evaluate("name => storymap.go(name)", name)
        labels = settled(page, name)["labels"]
        wanted = page.evaluate(TOLD)
        told += len(wanted)
        if missing := [text for text in wanted if text not in labels]:
            lost[name] = missing
    assert lost == {}
    assert told > 20


# What is not translated


def test_what_is_not_translated_is_shown_and_said_in_its_own_language(
    tmp_path: Path, new_page: Open, serve: Callable[..., str], complaints: list[str]
) -> None:
    folder = tmp_path / "partly"
    folder.mkdir()
    step = {"id": "one", "title": 'A "ridge"', "view": {"bounds": [46, 40, 88, 56]}, "alt": "Map", "text": "Words."}
    quote = {"text": "We drove.", "who": "A driver"}
    whole = {"title": "Whole", "subtitle": "Part", "steps": [{**step, "quote": quote}, {**step, "id": "two"}]}
    (folder / "story.yaml").write_text(json.dumps(whole), "utf-8")
    (folder / "story.ru.yaml").write_text(
        'title: Целое\nsteps: {one: {text: "Слова.", quote: {who: Водитель}}, two: {title: "«Хребет»"}}', "utf-8"
    )
    document = compile_story(storymap.load(folder, "ru"), languages={"en": "en.html", "ru": "ru.html"})
    page = new_page()
    open_story(page, serve({"index.html": document.html}))
    spoken = page.evaluate(
        """parts => parts.map((part) => document.querySelector(part))
            .map((one) => [one.textContent.trim(), one.closest('[lang]').lang])""",
        [
            "h1",
            ".subtitle",
            "#one h2",
            "#one .words > p",
            "#one .quote p",
            "#one .quote footer",
            "#two h2",
            "#two .prose",
        ],
    )
    assert spoken == [
        ["Целое", "ru"], ["Part", "en"], ["A “ridge”", "en"], ["Слова.", "ru"], ["“We drove.”", "en"], ["Водитель", "ru"],
        ["«Хребет»", "ru"], ["Words.", "en"],
    ]  # fmt: skip
    assert complaints == []


@at_length
def test_a_story_in_one_language_has_no_switch(tmp_path: Path, new_page: Open, serve: Callable[..., str]) -> None:
    folder = tmp_path / "alone"
    folder.mkdir()
    step = {"id": "one", "title": "One", "view": {"bounds": [46, 40, 88, 56]}, "alt": "Map", "text": "Words."}
    (folder / "story.yaml").write_text(json.dumps({"title": "Alone", "steps": [step]}), "utf-8")
    for languages in (None, {}, {"en": "?lang=en"}):
        page = new_page()
        open_story(page, serve({"index.html": compile_story(storymap.load(folder), languages=languages).html}))
        assert page.locator(".languages").count() == 0


# Figures


@pytest.mark.parametrize("lang", again(LANGS))
@pytest.mark.parametrize(("width", "least"), again([(320, 9.5), (1280, 11.0), (340, 10.0), (390, 11.0)], keep=2))
def test_a_figure_can_be_read_at_every_width(
    new_page: Open, site: str, complaints: list[str], lang: str, width: int, least: float
) -> None:
    page = new_page(viewport={"width": width, "height": 800}, **STILL)
    open_story(page, f"{site}{lang}.html#peak")
    drawn = page.evaluate(
        """() => {
            const svg = document.querySelector('#peak .chart-drawing');
            const outer = svg.getBoundingClientRect();
            const scale = outer.width / svg.viewBox.baseVal.width;
            const texts = [...svg.querySelectorAll('text')];
            const boxes = texts.map((one) => one.getBoundingClientRect());
            const across = (a, b) => a.left < b.right - 1 && b.left < a.right - 1;
            const overlap = (a, b) => across(a, b) && a.top < b.bottom - 4 && b.top < a.bottom - 4;
            const hit = (i) => boxes.some((box, j) => i < j && overlap(boxes[i], box));
            return {
                size: Math.min(...texts.map((one) => parseFloat(one.getAttribute('font-size')) * scale)),
                outside: boxes.filter((box) => box.left < outer.left - 2 || box.right > outer.right + 2).length,
                overlapping: texts.filter((_, i) => hit(i)).map((one) => one.textContent),
                wide: document.documentElement.scrollWidth,
            };
        }"""
    )
    assert drawn["size"] >= least and drawn["outside"] == 0 and drawn["overlapping"] == []
    assert drawn["wide"] == width, "no sideways scrolling"
    page.click("#peak .chart summary")
    table = page.locator("#peak .chart-table")
    fits = table.evaluate("one => one.scrollWidth <= one.clientWidth")
    # Where it can not, it scrolls, by keyboard too.
    assert fits or (width < 390 and table.get_attribute("tabindex") == "0")
    assert complaints == []


def test_a_figure_is_named_and_its_table_opens(story: Open) -> None:
    page = story("phone", "en", "#peak")
    figure = storymap.load(ZHANATAS).steps[step_ids().index("peak")].figure
    assert figure
    chart = page.locator("#peak .chart")
    expect(chart.get_by_role("img")).to_have_accessible_name(f"{figure.alt} Marked: 1970 to 1989.")
    table = chart.get_by_role("table")
    expect(table).to_be_hidden()
    chart.locator("summary").click()
    expect(table).to_be_visible()
    expect(table.get_by_role("row", name=re.compile("^1980s 57,000 reported"))).to_have_count(1)


MARKS = """() => ['peak', 'those-who-left', 'now'].map((id) => {
    const band = document.querySelector(`#${id} .chart-drawing rect[fill="var(--accent)"]`);
    return [Number(band.getAttribute('x')), Number(band.getAttribute('x')) + Number(band.getAttribute('width'))];
})"""


def test_the_mark_moves_from_step_to_step(story: Open) -> None:
    page = story("desktop", "ru")
    spans = page.evaluate(MARKS)
    assert spans == sorted(spans) and len({tuple(span) for span in spans}) == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", again(["phone", "desktop"]))
def test_the_inks_of_a_figure_stand_out(story: Open, screen: str, scheme: str) -> None:
    page = story(screen, "en", "#peak", color_scheme=scheme)
    ratios = page.evaluate(
        """() => {
            const light = (rgb) => rgb.map((n) => n / 255).map((n) => (n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4))
                .reduce((sum, n, i) => sum + n * [0.2126, 0.7152, 0.0722][i], 0);
            const ground = (one) => {
                const color = getComputedStyle(one).backgroundColor;
                return /, 0\\)$|transparent/.test(color) && one.parentElement ? ground(one.parentElement) : color;
            };
            const numbers = (color) => color.match(/[\\d.]+/g).slice(0, 3).map(Number);
            const chart = document.querySelector('#peak .chart');
            const below = light(numbers(ground(chart)));
            return [...chart.querySelectorAll('text')].map((one) => {
                const own = light(numbers(getComputedStyle(one).fill));
                return (Math.max(own, below) + 0.05) / (Math.min(own, below) + 0.05);
            });
        }"""
    )
    assert min(ratios) >= 4.5


# In the app


@pytest.fixture(scope="module")
def app(run_app: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("stories") / "ridge"
    folder.mkdir()
    steps = [
        {
            "id": name,
            "title": f"Step {name}",
            "view": {"bounds": [46, 40, 88, 56]},
            "alt": f"Map {name}",
            "text": "Words.",
        }
        for name in ("one", "two", "three")
    ]
    (folder / "story.yaml").write_text(json.dumps({"title": "The ridge", "steps": steps}), "utf-8")
    (folder / "story.ru.yaml").write_text("title: Хребет\nsteps: {two: {title: Шаг два}}\n", "utf-8")
    (folder / "story.kk.yaml").write_text("titel: Жота\n", "utf-8")
    return run_app(folder.parent)


def test_each_language_has_an_address_and_a_tag_of_its_own(app: Any, ask: Callable[..., Any]) -> None:
    url = f"{app.url}story/ridge/"
    own, russian = ask(url), ask(f"{url}?lang=ru")
    assert [answer.headers["content-language"] for answer in (own, russian)] == ["en", "ru"]
    assert own.headers["etag"] != russian.headers["etag"] and "Хребет" in russian.body.decode()
    assert f'<link rel="alternate" hreflang="ru" href="{url}?lang=ru">' in own.body.decode()
    again = ask(f"{url}?lang=ru", headers={"If-None-Match": russian.headers["etag"]})
    assert again.status == 304
    assert ask(url, headers={"If-None-Match": russian.headers["etag"]}).status == 200
    assert ask(f"{url}?lang=ru-KZ").headers["etag"] == russian.headers["etag"], "the nearest there is"


@pytest.mark.parametrize("lang", ["fr", "en", "", "ru%00", "../ru", "<b>", "x" * 90])
def test_an_unknown_language_is_the_storys_own(app: Any, ask: Callable[..., Any], lang: str) -> None:
    url = f"{app.url}story/ridge/"
    answer = ask(f"{url}?lang={lang}")
    assert (answer.status, answer.headers["etag"]) == (200, ask(url).headers["etag"])


def test_a_fault_in_a_translation_leaves_readers_the_original(app: Any, ask: Callable[..., Any]) -> None:
    answer = ask(f"{app.url}story/ridge/?lang=kk")
    assert (answer.status, answer.headers["content-language"]) == (200, "en"), "readers get the original"
    assert ask(f"{app.url}story/ridge/").status == 200


def test_the_reader_page_carries_the_language_through(app: Any, new_page: Open, complaints: list[str]) -> None:
    page = new_page(**STILL)
    page.goto(f"{app.url}?story=ridge&lang=ru#two")
    handle = story_frame(page, "two")
    assert page.title() == "Хребет" and handle.evaluate("document.documentElement.lang") == "ru"
    handle.click(".language-menu summary")
    with page.expect_request(re.compile(r"/story/ridge/\?lang=en&shell=app")):
        handle.click(".language-menu a[hreflang=en]")
    settled(handle, "two")
    assert handle.evaluate("[document.documentElement.lang, window.origin]") == ["en", "null"]
    assert complaints == []
