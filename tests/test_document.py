"""The document as a file: valid, complete, the same each time, and closed to everything that it does not need."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import html5lib
import pytest

import storymap
from browser.reading import ZHANATAS, compiled, layer, step, zhanatas
from builtsite import write_full
from storymap.document import Document, compile_story
from storymap.errors import StoryError

VOID = {"meta", "link", "img", "br", "hr", "path", "circle", "rect", "line", "use", "stop"}


def document() -> Document:
    return zhanatas()


class Reader(HTMLParser):
    """Elements in the order of the document: (tag, attributes, text directly inside)."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str], list[str]]] = []
        self.open: list[tuple[str, dict[str, str], list[str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = (tag, {name: value or "" for name, value in attrs}, [])
        self.found.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}, []))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.open:
            self.open[-1][2].append(data)

    def all(self, *tags: str) -> list[tuple[str, dict[str, str], str]]:
        return [(tag, attrs, "".join(text)) for tag, attrs, text in self.found if not tags or tag in tags]


@cache
def elements() -> Reader:
    return Reader(document().html)


def test_the_same_folder_gives_the_same_bytes() -> None:
    again = compile_story(storymap.load(ZHANATAS))
    assert again.html == document().html
    assert again.csp == document().csp
    assert again.assets == document().assets


def test_other_maps_made_meanwhile_change_nothing(tmp_path: Path) -> None:
    import folium

    story = {"title": "T", "steps": [step("one", [60, 40, 70, 50])]}
    first = compiled(tmp_path / "a", story).html
    folium.Map().get_root().render()
    assert compiled(tmp_path / "b", story).html == first


def test_a_cache_changes_nothing(tmp_path: Path) -> None:
    story = {
        "title": "T",
        "layers": [layer("places", label="name", tooltip=["name"])],
        "steps": [step("one", [60, 40, 70, 50], show=["places"])],
    }
    places = [
        ("Point", [65, 45], {"name": "A"}),
        ("Polygon", [[[61, 41], [62, 41], [62, 42], [61, 41]]], {"name": "B"}),
    ]
    plain = compiled(tmp_path / "a", story, places=places).html
    for _ in range(2):
        assert compile_story(storymap.load(tmp_path / "a"), cache=tmp_path / "cache").html == plain


def test_it_is_valid_html() -> None:
    html5lib.HTMLParser(strict=True).parse(document().html)


def test_it_says_its_language_title_and_direction() -> None:
    (_, attrs, _), *more = elements().all("html")
    assert not more
    assert (attrs["lang"], attrs["dir"]) == ("en", "ltr")
    story = storymap.load(ZHANATAS)
    assert [text for _, _, text in elements().all("title") if text] == [story.title]
    assert document().title == story.title
    viewport = next(attrs for _, attrs, _ in elements().all("meta") if attrs.get("name") == "viewport")
    assert "user-scalable" not in viewport["content"], "readers may zoom"
    assert "maximum-scale" not in viewport["content"]


@pytest.mark.parametrize(("lang", "direction"), [("ru", "ltr"), ("kk", "ltr"), ("ar", "rtl"), ("fa", "rtl")])
def test_the_direction_is_that_of_the_language(tmp_path: Path, lang: str, direction: str) -> None:
    html = compiled(tmp_path, {"title": "T", "lang": lang, "steps": [step("one", [60, 40, 70, 50])]}).html
    (_, attrs, _) = Reader(html).all("html")[0]
    assert (attrs["lang"], attrs["dir"]) == (lang, direction)


def test_ids_are_there_once_and_what_refers_to_them_finds_them() -> None:
    ids = Counter(attrs["id"] for _, attrs, _ in elements().all() if "id" in attrs)
    assert [name for name, times in ids.items() if times > 1] == []
    referred: set[str] = set()
    for _, attrs, _ in elements().all():
        referred |= {attrs[name][1:] for name in ("href", "xlink:href") if attrs.get(name, "").startswith("#")}
        referred |= {
            word for name in ("aria-labelledby", "aria-describedby", "for") for word in attrs.get(name, "").split()
        }
        for value in attrs.values():
            referred |= set(re.findall(r"url\(#([^)]+)\)", value))
    assert referred <= set(ids), sorted(referred - set(ids))


@cache
def data() -> dict[str, Any]:
    (text,) = [text for _, attrs, text in elements().all("script") if attrs.get("id") == "storymap-data"]
    assert "<" not in text
    return dict(json.loads(text))


def test_the_data_names_paths_that_are_there() -> None:
    paths = {attrs["id"]: attrs["d"] for tag, attrs, _ in elements().all("path") if "id" in attrs}
    named = {key for _, _, parts in data()["levels"] for _, key, _ in parts}
    named |= {shape["path"] for one in data()["draw"].values() for shape in one["shapes"] if shape["kind"] != "point"}
    assert named <= set(data()["paths"])
    assert set(data()["paths"]) <= set(paths)
    for key in named:
        assert re.fullmatch(r"(M-?\d+[ -]?\d+(l( ?-?\d+)+)?z?)+", paths[key].replace(",", " ")), key
    assert [one["id"] for one in data()["steps"]] == [one.id for one in storymap.load(ZHANATAS).steps]
    for one in data()["steps"]:
        assert {name for name, _ in one["show"]} <= set(data()["draw"])


def test_nothing_is_loaded_from_anywhere() -> None:
    for tag, attrs, _ in elements().all():
        for name in ("src", "srcset", "poster", "data", "action", "formaction", "background", "ping", "manifest"):
            assert "//" not in attrs.get(name, ""), (tag, name)
        if tag not in ("a", "use"):
            assert not re.match(r"\s*(https?:)?//", attrs.get("href", ""), re.IGNORECASE), (tag, attrs)
        if tag == "a" and not attrs["href"].startswith("#"):
            assert attrs["href"].startswith(("https://", "http://", "mailto:")), attrs
            assert attrs["target"] == "_blank", "out of an embed's frame"
            assert {"noopener", "noreferrer"} <= set(attrs["rel"].split())
    late = [text for _, attrs, text in elements().all("script") if attrs.get("type") == "text/css"]
    assert late, "Leaflet's"
    for text in (*late, *(text for _, _, text in elements().all("style"))):
        assert "@import" not in text
        assert not re.search(r"url\(\s*['\"]?(https?:)?//", text)


def policy(html: str) -> dict[str, list[str]]:
    metas = [attrs for _, attrs, _ in Reader(html).all("meta")]
    (content,) = [attrs["content"] for attrs in metas if attrs.get("http-equiv") == "Content-Security-Policy"]
    return {words[0]: words[1:] for words in (part.split() for part in content.split(";"))}


def test_the_policy_lets_in_nothing_but_what_stands_in_the_document() -> None:
    rules = policy(document().html)
    assert document().csp.startswith("default-src 'none'")
    assert rules["default-src"] == ["'none'"]
    for words in rules.values():
        assert not any("unsafe" in word or word == "*" or "://" in word or word == "https:" for word in words), words
    assert rules["base-uri"] == rules["form-action"] == ["'none'"]
    for kind, tag in (("script-src", "script"), ("style-src", "style")):
        # A style sheet that comes with the script stands there as data until the script lets it in.
        late = [text for _, attrs, text in elements().all("script") if attrs.get("type") == "text/css"]
        texts = [
            text for _, attrs, text in elements().all(tag) if attrs.get("type") not in ("application/json", "text/css")
        ]
        texts += late if tag == "style" else []
        own = {f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts}
        assert own == set(rules[kind]), f"{kind}: a hash too many or too few"
    # The policy has to stand before what it is about.
    assert document().html.index("Content-Security-Policy") < document().html.index("<style")


def test_nothing_needs_what_the_policy_forbids() -> None:
    for tag, attrs, _ in elements().all():
        assert "style" not in attrs, (tag, attrs)
        assert not [name for name in attrs if name.startswith("on")], (tag, attrs)


def test_the_first_picture_stands_before_any_script_and_each_step_has_its_own() -> None:
    tags = elements().found
    first_script = next(n for n, (tag, _, _) in enumerate(tags) if tag == "script")
    before = [(tag, attrs.get("class", "")) for tag, attrs, _ in tags[:first_script]]
    hero = next(n for n, (_, kind) in enumerate(before) if "hero" in kind.split())
    assert "svg" in [tag for tag, _ in before[hero:]]
    used = {attrs.get("href", attrs.get("xlink:href", "")) for tag, attrs, _ in tags[hero:first_script] if tag == "use"}
    there = {f"#{attrs['id']}" for tag, attrs, _ in tags[:first_script] if tag == "path" and "id" in attrs}
    assert used, "the picture is drawn from paths"
    assert used <= there, "every path that the first picture needs stands before the script"
    stills = [n for n, (_, attrs, _) in enumerate(tags) if attrs.get("class") == "still"]
    assert len(stills) == len(storymap.load(ZHANATAS).steps)
    for n in stills:
        assert tags[n + 1][0] == "svg", "a picture in each"


def test_each_step_is_there_as_text_in_order() -> None:
    story = storymap.load(ZHANATAS)
    sections = [attrs["id"] for tag, attrs, _ in elements().all("section") if "step" in attrs.get("class", "").split()]
    assert sections == [one.id for one in story.steps]
    words = re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", "", re.sub(r"<(script|style).*?</\1>", "", document().html, flags=re.S))
    )
    place = 0
    for one in story.steps:
        opening = re.sub(r"[*_“”\"’']", "", one.text).split(".")[0].split("–")[0].strip()[:40]
        found = re.sub(r"[“”\"’']", "", words).find(re.sub(r"\s+", " ", opening), place)
        assert found >= 0, f"{one.id}: its text is not there, in order"
        place = found


def test_headings_descend_one_at_a_time() -> None:
    levels = [int(tag[1]) for tag, _, _ in elements().all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_each_picture_has_words_instead() -> None:
    for tag, attrs, _ in elements().all("svg"):
        told = attrs.get("aria-hidden") == "true" or (attrs.get("role") == "img" and "aria-label" in attrs)
        assert told or "aria-labelledby" in attrs, (tag, attrs)


def test_a_step_may_not_take_the_name_of_a_part_of_the_page(tmp_path: Path) -> None:
    with pytest.raises(StoryError, match=r"steps\[1\]\.id: 'story'"):
        compiled(tmp_path, {"title": "T", "steps": [step("one", [60, 40, 70, 50]), step("story", [60, 40, 70, 50])]})


def test_a_layers_credit_leads_to_where_the_data_is_and_tells_the_licence_once(tmp_path: Path) -> None:
    named = [("one", "A desk (CC BY 4.0)"), ("two", "Another desk")]
    layers = [layer(name) for name, _ in named]
    for made, (_, credit) in zip(layers, named, strict=True):
        made["source"].update(credit=credit, license="CC-BY-4.0", url="https://example.org/data")
    story = {"title": "T", "layers": layers, "steps": [step("a", [60, 40, 70, 50], show=["one", "two"])]}
    html = compiled(tmp_path, story, **{name: [("Point", [65, 45], {})] for name, _ in named}).html
    about = html[html.index('<footer class="about">') :]
    link = '<a href="https://example.org/data" target="_blank" rel="noopener noreferrer">'
    assert f"{link}A desk (CC BY 4.0)</a>." in about
    assert f"{link}Another desk (CC-BY-4.0)</a>." in about


def corrected(folder: Path) -> Document:
    story = {
        "title": "T",
        "updated": "2024-05-01",
        "corrections": [
            {"date": "2024-04-02", "text": 'It was "9", not 8.', "step": "two"},
            {"date": "2024-05-03", "text": "The name."},
        ],
        "steps": [step("one", [60, 40, 70, 50]), step("two", [60, 40, 70, 50])],
    }
    return compiled(folder, story)


def test_a_correction_stands_in_its_step_and_in_the_log(tmp_path: Path) -> None:
    html = corrected(tmp_path).html
    one, two = (
        html.partition(f'<section class="step" id="{name}"')[2].partition("</section>")[0] for name in ("one", "two")
    )
    said = '<p class="correction"><strong>Corrected <time datetime="2024-04-02">2 April 2024</time>.</strong>'
    assert said in two and "It was “9”, not 8." in two
    assert "correction" not in one
    log = html.partition("<h3>Corrections</h3>")[2].partition("</ul>")[0]
    entries = re.findall(r"<li>(.*?)</li>", log)
    assert ["The name." in entries[0], "It was “9”" in entries[1]] == [True, True], "the latest first"
    assert '<a href="#two">Title of two</a>' in entries[1] and "<a " not in entries[0]


def test_a_correction_is_a_change_of_the_story(tmp_path: Path) -> None:
    assert 'Updated <time datetime="2024-05-03">3 May 2024</time>' in corrected(tmp_path).html


def test_media_may_stand_elsewhere_or_inside(tmp_path: Path) -> None:
    story = storymap.load(write_full(tmp_path))
    beside = compile_story(story, media="../media/")
    (address,) = beside.assets
    assert re.fullmatch(r"\.\./media/[0-9a-f]{16}\.png", address) and f'src="{address}"' in beside.html
    inside = compile_story(story, media=None)
    assert inside.assets == {} and 'src="data:image/png;base64,' in inside.html
    assert "media-src data:" in inside.csp and "media-src 'self'" in beside.csp
    assert "connect-src" not in inside.csp and "connect-src 'self';" in beside.csp


def test_the_phones_first_picture_comes_before_the_desks() -> None:
    html = document().html
    assert 0 < html.index('class="hero-narrow"') < html.index('class="hero-wide"')


def test_no_style_sheet_of_a_library_comes_before_the_first_picture() -> None:
    html = document().html
    assert ".leaflet-container" in html, "it has to come at all"
    assert html.index(".leaflet-tile") > html.index('<div class="map"') > html.index("</style>")
