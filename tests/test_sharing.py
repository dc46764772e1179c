"""What a page says of itself: Open Graph, cards, schema.org, languages; and the feeds that say it elsewhere."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

import storymap
from builtsite import URL, write_full
from storymap import feeds
from storymap.sharing import Place, head_markup, news_article
from storymap.site import places
from storymap.story import Story

STEPS = ("one", "two", "three")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_full(tmp_path_factory.mktemp("story"))


@pytest.fixture(scope="module")
def story(folder: Path) -> Story:
    return storymap.load(folder)


@pytest.fixture(scope="module")
def russian(folder: Path) -> Story:
    return storymap.load(folder, "ru")


class Head(HTMLParser):
    """``meta`` by name or property, links as (rel, hreflang or type, href), the JSON of scripts."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.meta: dict[str, list[str]] = {}
        self.links: list[tuple[str, str, str]] = []
        self.data = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        if tag == "meta":
            self.meta.setdefault(values.get("name") or values["property"], []).append(values["content"])
        elif tag == "link":
            self.links.append((values["rel"], values.get("hreflang") or values.get("type", ""), values["href"]))

    def handle_data(self, data: str) -> None:
        self.data += data.strip()


def test_a_shared_link_has_title_text_and_picture(story: Story) -> None:
    meta = Head(head_markup(story, places(story, URL)["en"])).meta
    assert meta["og:type"] == ["article"]
    assert meta["og:title"] == ["A story of <rock> & “roll”"]
    assert meta["og:description"] == ["What it is about: “rock” & more."]
    assert meta["og:url"] == [URL] and meta["og:image"] == [f"{URL}card.png"]
    assert (meta["og:image:width"], meta["og:image:height"]) == (["1200"], ["630"])
    assert meta["og:image:alt"] == ["Alt 1."]
    assert (meta["og:locale"], meta["og:locale:alternate"]) == (["en_US"], ["ru_RU"])
    assert meta["article:published_time"] == ["2024-04-30"]
    assert meta["article:modified_time"] == ["2024-05-02"], "a correction is a change"
    assert meta["twitter:card"] == ["summary_large_image"]


def test_each_language_has_its_own_and_names_the_others(story: Story, russian: Story) -> None:
    known = places(story, URL)
    head = Head(head_markup(russian, known["ru"]))
    assert head.meta["og:url"] == [f"{URL}ru/"] and head.meta["og:image"] == [f"{URL}ru/card.png"]
    assert head.meta["og:locale"] == ["ru_RU"]
    assert head.links[:4] == [
        ("canonical", "", f"{URL}ru/"),
        ("alternate", "en", URL),
        ("alternate", "ru", f"{URL}ru/"),
        ("alternate", "x-default", URL),
    ]
    assert head.links[4:] == [
        ("alternate", "application/json", "../story.json"),
        ("alternate", "application/json+oembed", f"{URL}ru/oembed.json"),
        ("alternate", "application/rss+xml", f"{URL}ru/feed.xml"),
    ]


def test_without_an_address_nothing_false_is_said(story: Story) -> None:
    head = Head(head_markup(story, places(story, None)["ru"]))
    assert not any(name.startswith(("og:image", "og:url")) for name in head.meta)
    assert head.meta["twitter:card"] == ["summary"]
    assert head.links == [
        ("alternate", "en", "../index.html"), ("alternate", "ru", "../ru/index.html"),
        ("alternate", "x-default", "../index.html"), ("alternate", "application/json", "../story.json"),
    ]  # fmt: skip
    article = news_article(story, places(story, None)["en"])
    assert not {"url", "image", "mainEntityOfPage", "workTranslation"} & set(article)


def test_the_article_is_told_to_search_engines(story: Story, russian: Story) -> None:
    known = places(story, URL)
    assert json.loads(Head(head_markup(story, known["en"])).data) == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": 'A story of <rock> & "roll"',
        "alternativeHeadline": "Under the title",
        "description": "What it is about: “rock” & more.",
        "inLanguage": "en",
        "datePublished": "2024-04-30",
        "dateModified": "2024-05-02",
        "author": {"@type": "Organization", "name": "A desk"},
        "url": URL,
        "mainEntityOfPage": URL,
        "image": [f"{URL}card.png"],
        "isPartOf": {"@type": "NewsArticle", "url": "https://news.example/article"},
        "workTranslation": [{"@id": f"{URL}ru/"}],
        "citation": [
            {"@type": "CreativeWork", "name": "A book", "url": "https://books.example/1", "datePublished": "1999",
             "publisher": {"@type": "Organization", "name": "A house"}},
        ],
        "correction": [{"@type": "CorrectionComment", "text": "It was 9, not 8.", "datePublished": "2024-05-02"}],
    }  # fmt: skip
    translated = news_article(russian, known["ru"])
    assert (translated["inLanguage"], translated["translationOfWork"]) == ("ru", {"@id": URL})


def test_no_text_of_a_story_ends_the_script_that_holds_it(tmp_path: Path) -> None:
    def hostile(story: dict[str, Any]) -> None:
        story |= {"title": "</script><script>alert(1)</script>", "description": '"><img src=x>', "byline": "<!--"}

    story = storymap.load(write_full(tmp_path, hostile))
    markup = head_markup(story, places(story, URL)["en"])
    assert markup.count("<script") == markup.count("</script>") == 1
    assert "<img" not in markup and "<!--" not in markup
    assert json.loads(Head(markup).data)["headline"] == "</script><script>alert(1)</script>"


@pytest.mark.parametrize(
    ("path", "url", "there", "made"),
    [
        ("index.html", URL, "index.html", URL),
        ("index.html", URL, "ru/index.html", f"{URL}ru/"),
        ("ru/index.html", URL, "card.png", f"{URL}card.png"),
        ("index.html", None, "card.png", None),
    ],
)
def test_addresses_of_files(path: str, url: str | None, there: str, made: str | None) -> None:
    assert Place(path, {"en": path}, url).address(there) == made


def test_the_sitemap_has_every_page_with_its_languages(story: Story, russian: Story) -> None:
    known = places(story, URL)
    root = ET.fromstring(feeds.sitemap([(story, known["en"]), (russian, known["ru"])]))
    name = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    assert [item.findtext(f"{name}loc") for item in root] == [URL, f"{URL}ru/"]
    for item in root:
        assert item.findtext(f"{name}lastmod") == "2024-05-02"
        links = {
            (link.get("hreflang"), link.get("href")) for link in item.findall("{http://www.w3.org/1999/xhtml}link")
        }
        assert links == {("en", URL), ("ru", f"{URL}ru/")}


def test_the_feed_has_the_whole_story(story: Story, russian: Story) -> None:
    place = places(story, URL)["ru"]
    pictures = {step: f"ru/images/{step}.png" for step in STEPS}
    channel = ET.fromstring(feeds.feed(russian, place, pictures)).find("channel")
    assert channel is not None and channel.findtext("language") == "ru"
    item = channel.find("item")
    assert item is not None
    assert item.findtext("title") == "История" and item.findtext("link") == item.findtext("guid") == f"{URL}ru/"
    assert item.findtext("pubDate") == "Tue, 30 Apr 2024 12:00:00 GMT"
    article = item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded") or ""
    assert re.findall(r"<h2>(.*?)</h2>", article) == ["Первый", "Второй", "Третий"]
    assert re.findall(r'<img src="(.*?)" alt="(.*?)"', article) == [
        (f"{URL}ru/images/{step}.png", f"Карта {n}.") for n, step in enumerate(STEPS, 1)
    ]
    for text in ("Первый текст.", "It rocks", "A miner", "Было неверно."):
        assert text in article
    assert "<script" not in article


def test_a_story_without_a_day_of_publication_has_none_in_its_feed(tmp_path: Path) -> None:
    story = storymap.load(write_full(tmp_path, lambda story: story.pop("published")))
    text = feeds.feed(story, places(story, URL)["en"], dict.fromkeys(STEPS, "x.png"))
    assert "pubDate" not in text
