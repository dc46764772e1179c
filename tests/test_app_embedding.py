"""What articles of other sites get from the app, without a browser: script, oEmbed, pictures, who may frame what."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from asking import Site
from storymap import embed
from storymap.app import story_routes
from storymap.app.guard import Guard
from storymap.app.library import Library, compile_folder
from storymap.app.settings import SettingError, Settings, read_settings

STORY = """\
title: The ridge & <the> town
byline: A desk
steps:
  - {id: far, title: From afar, view: {bounds: [46, 40, 88, 56]}, alt: Kazakhstan, text: All of it.}
  - {id: near, title: Near by, view: {bounds: [68, 42, 72, 45]}, alt: The <ridge>, text: A part of it.}
"""
RUSSIAN = "title: Хребет\n"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("stories")
    for name in ("ridge", "second"):
        (folder / name).mkdir()
        (folder / name / "story.yaml").write_text(STORY, "utf-8")
    (folder / "ridge" / "story.ru.yaml").write_text(RUSSIAN, "utf-8")
    (folder / "broken").mkdir()
    (folder / "broken" / "story.yaml").write_text("titel: x\n", "utf-8")
    return Library(folder, make=compile_folder)


def site(library: Library, settings: Settings | None = None, base: str = "") -> Site:
    settings = settings or Settings()
    guard = Middleware(Guard, option=lambda name: base if name == "server.baseUrlPath" else "", settings=settings)
    return Site(Starlette(routes=story_routes(library, settings), middleware=[guard]))


def told(client: Site, url: str, **more: str) -> Any:
    return client.get("/oembed", params={"url": url, **more})


def test_the_script_is_sent_packed_and_is_not_sent_twice(library: Library) -> None:
    client = site(library)
    plain = client.get("/embed.js", headers={"Accept-Encoding": "identity"})
    assert plain.content == embed.script()
    assert plain.headers["content-type"].startswith("text/javascript")
    packed = client.get("/embed.js", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip" and packed.content == embed.script()
    assert len(gzip.compress(embed.script(), 9)) < 4096
    again = client.get("/embed.js", headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("url", "frame"),
    [
        ("http://maps.example/story/ridge/", "http://maps.example/story/ridge/"),
        ("https://MAPS.example/story/ridge", "http://maps.example/story/ridge/"),
        ("http://maps.example/story/ridge/?lang=ru#near", "http://maps.example/story/ridge/?lang=ru&step=near"),
        ("http://maps.example/?story=ridge&lang=ru#near", "http://maps.example/story/ridge/?lang=ru&step=near"),
        ("http://maps.example/story/ridge/#nowhere", "http://maps.example/story/ridge/"),
    ],
)
def test_an_address_is_enough_to_embed_a_story(library: Library, url: str, frame: str) -> None:
    answer = told(site(library), url)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    fields = answer.json()
    assert f'<iframe src="{frame.replace("&", "&amp;")}"' in fields["html"]
    assert fields["title"] == ("Хребет" if "lang=ru" in frame else "The ridge & <the> town")
    assert fields["author_name"] == "A desk"
    assert fields["provider_url"] == "http://maps.example/"


@pytest.mark.parametrize(
    "url",
    [
        "", "ridge", "http://maps.example/", "http://maps.example/story/nowhere/", "http://other.example/story/ridge/",
        "http://maps.example.evil/story/ridge/", "http://maps.example@evil/story/ridge/", "javascript:alert(1)",
        "http://maps.example/story/ridge/../second/", "http://maps.example/story/broken/", "http://[",
        "//maps.example/story/ridge/",
    ],
)  # fmt: skip
def test_an_address_of_no_story_is_refused(library: Library, url: str) -> None:
    assert told(site(library), url).status_code == 404


def test_formats_and_sizes_of_answers(library: Library) -> None:
    client, url = site(library), "http://maps.example/story/ridge/"
    xml = told(client, url, format="xml")
    assert xml.headers["content-type"].startswith("text/xml")
    assert ElementTree.fromstring(xml.text).findtext("title") == "The ridge & <the> town"
    assert told(client, url, maxwidth="400", maxheight="500").json()["width"] == 400
    assert told(client, url, maxwidth="400", maxheight="500").json()["height"] == 500
    assert told(client, url, format="yaml").status_code == 501
    for wrong in ("-1", "a", "1e9", "9" * 40):
        assert told(client, url, maxwidth=wrong).status_code == 400


def test_the_document_says_where_its_answers_are(library: Library) -> None:
    client = site(library)
    for encoding in ("identity", "gzip"):
        page = client.get("/story/ridge/?lang=ru", headers={"Accept-Encoding": encoding})
        head = page.text.partition("</head>")[0]
        story = quote("http://maps.example/story/ridge/?lang=ru", safe="")
        assert f'href="http://maps.example/oembed?url={story}&amp;format=json" title="Хребет"' in head
        again = client.get(
            "/story/ridge/?lang=ru", headers={"Accept-Encoding": encoding, "If-None-Match": page.headers["etag"]}
        )
        assert again.status_code == 304


@pytest.mark.parametrize(
    ("settings", "base", "headers", "address"),
    [
        (Settings(), "", {}, "http://maps.example/"),
        (Settings(), "", {"X-Forwarded-Proto": "https"}, "https://maps.example/"),
        (Settings(), "news/maps", {"X-Forwarded-Proto": "https, http"}, "https://maps.example/news/maps/"),
        (Settings(), "", {"X-Forwarded-Proto": "javascript"}, "http://maps.example/"),
        (Settings(), "", {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}, "http://maps.example/"),
        (Settings(), "", {"Host": 'x"><script>'}, "http://localhost/"),
        (Settings(url="https://www.example.org/maps/"), "", {"Host": "10.0.0.1:8501"}, "https://www.example.org/maps/"),
    ],
)
def test_addresses_hold_behind_a_path_and_a_proxy(
    library: Library, settings: Settings, base: str, headers: dict[str, str], address: str
) -> None:
    client = site(library, settings, base)
    prefix = f"/{base}" if base else ""
    head = client.get(f"{prefix}/story/ridge/", headers=headers).text.partition("</head>")[0]
    assert f'href="{address}oembed?' in head
    answer = client.get(f"{prefix}/oembed", params={"url": f"{address}story/ridge/"}, headers=headers)
    assert f'src="{address}embed.js"' in answer.json()["html"]


def test_a_flood_of_hosts_does_not_fill_the_memory(library: Library) -> None:
    client = site(library)
    pages = {client.get("/story/ridge/", headers={"Host": f"h{n}.example"}).headers["etag"] for n in range(12)}
    assert len(pages) == 12
    page = library.find("ridge")
    assert page is not None
    assert page.result().addressed.cache_info().currsize <= 4  # type: ignore[union-attr]


def test_each_step_has_a_picture(library: Library) -> None:
    client = site(library)
    first, near = client.get("/story/ridge/picture.svg"), client.get("/story/ridge/picture.svg?step=near")
    assert first.headers["content-type"] == near.headers["content-type"] == "image/svg+xml"
    assert ElementTree.fromstring(near.text).get("aria-label") == "The <ridge>"
    assert first.text != near.text
    assert (ElementTree.fromstring(first.text).get("width"), ElementTree.fromstring(first.text).get("height")) == (
        "900",
        "600",
    )
    assert "Natural Earth" in first.text, "a picture that travels names its sources"
    assert first.text == client.get("/story/ridge/picture.svg?step=far").text
    assert "sandbox" in first.headers["content-security-policy"]
    for wrong in ("/story/ridge/picture.svg?step=nowhere", "/story/nowhere/picture.svg", "/story/broken/picture.svg"):
        assert client.get(wrong).status_code == 404, wrong


def test_a_translation_with_a_fault_leaves_readers_the_original(tmp_path: Path) -> None:
    for lang, text in (("ru", RUSSIAN), ("kk", "titel: x\n"), ("uz", "title: [\n")):
        (tmp_path / "ridge").mkdir(exist_ok=True)
        (tmp_path / "ridge" / f"story.{lang}.yaml").write_text(text, "utf-8")
    (tmp_path / "ridge" / "story.yaml").write_text(STORY, "utf-8")
    client = site(Library(tmp_path, make=compile_folder))
    assert client.get("/story/ridge/?lang=ru").headers["content-language"] == "ru"
    for lang in ("kk", "uz"):
        page = client.get(f"/story/ridge/?lang={lang}")
        assert (page.status_code, page.headers["content-language"]) == (200, "en")
        assert "The ridge &amp; &lt;the&gt; town" in page.text


def test_search_engines_find_the_languages_and_not_the_editor(library: Library) -> None:
    client = site(library, base="maps")
    home = "http://maps.example/maps/story/ridge/"
    for query, own in (("", home), ("?lang=ru", f"{home}?lang=ru"), ("?lang=en&shell=app", home)):
        head = client.get(f"/maps/story/ridge/{query}").text.partition("</head>")[0]
        found = re.findall(r'<link rel="(canonical|alternate)"(?: hreflang="([^"]+)")? href="([^"]+)">', head)
        assert found == [
            ("canonical", "", own), ("alternate", "en", home), ("alternate", "ru", f"{home}?lang=ru"),
            ("alternate", "x-default", home),
        ]  # fmt: skip
    assert 'alternate" hreflang' not in client.get("/maps/story/second/").text
    robots = client.get("/robots.txt")
    assert robots.headers["content-type"].startswith("text/plain")
    assert "Disallow: /edit\n" in robots.text


def test_the_trial_article_shows_what_is_asked_for_and_nothing_else(library: Library) -> None:
    client = site(library)
    query = {"kind": "ladder", "step": "near", "lang": "ru", "top_offset": "64"}
    page = client.get("/story/ridge/article", params=query)
    assert '<iframe src="../../story/ridge/?lang=ru&amp;step=near"' in page.text
    assert 'src="../../embed.js"' in page.text and 'data-top-offset="64"' in page.text
    assert "frame-ancestors 'self'" in page.headers["content-security-policy"]
    for wrong in (
        {"kind": "<b>"},
        {"step": "<b>"},
        {"height": "1"},
        {"height": "²"},
        {"top_offset": "<b>"},
        {"theme": "x"},
    ):
        refused = client.get("/story/ridge/article", params=wrong)
        assert (refused.status_code, refused.headers["content-type"]) == (400, "text/plain; charset=utf-8"), wrong
    assert client.get("/story/nowhere/article").status_code == 404


@pytest.mark.parametrize(
    ("value", "directive"),
    [
        (None, "frame-ancestors * file:"),
        ("https://news.example *.example.org", "frame-ancestors 'self' https://news.example *.example.org"),
        ("'none'", "frame-ancestors 'self'"),
        ("*", "frame-ancestors *"),
    ],
)
def test_the_operator_says_who_may_show_a_story(library: Library, value: str | None, directive: str) -> None:
    settings = read_settings({} if value is None else {"STORYMAP_FRAME_ANCESTORS": value})
    client = site(library, settings)
    for path in ("/story/ridge/", "/story/nowhere/", "/story/broken/"):
        assert directive in client.get(path).headers["content-security-policy"].split("; "), path


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STORYMAP_FRAME_ANCESTORS", "news.example; script-src *"), ("STORYMAP_FRAME_ANCESTORS", "a,b"),
        ("STORYMAP_URL", "maps.example.org"), ("STORYMAP_URL", "ftp://maps.example.org/"),
        ("STORYMAP_URL", "https://maps.example.org//x/"), ("STORYMAP_URL", "https://u:p@maps.example.org/"),
        ("STORYMAP_URL", "https://maps.example.org/?x"),
    ],
)  # fmt: skip
def test_a_setting_that_can_not_be_used_says_so(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"^{name}: '"):
        read_settings({name: value})


def test_a_public_address_is_taken_as_it_is() -> None:
    assert (
        read_settings({"STORYMAP_URL": "https://Maps.example.org:8443/news"}).url
        == "https://maps.example.org:8443/news/"
    )
    assert json.dumps(read_settings({}).url) == "null"
