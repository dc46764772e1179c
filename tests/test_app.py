"""The app without a browser: what is asked for, what is served, what is refused."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

import brotli
import html5lib
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route, WebSocketRoute
from streamlit import config

from loops import in_a_loop
from storymap.app import story_routes
from storymap.app.address import Wanted, app_path, document_address, reader_address, wanted
from storymap.app.compiled import About, Broken, Compiled, Page
from storymap.app.editor import rights
from storymap.app.gallery import gallery
from storymap.app.guard import Guard
from storymap.app.library import Library, compile_folder
from storymap.app.negotiation import accepts_gzip, coding, matches
from storymap.app.notices import NOTICE_CSP, away_page, broken_page, missing_page
from storymap.app.packing import Packed

STORY = """\
title: {title}
subtitle: A small story
description: Two steps without a layer.
steps:
  - {{id: far, title: From afar, view: {{bounds: [46, 40, 88, 56]}}, alt: Kazakhstan, text: All of it.}}
  - {{id: near, title: Near by, view: {{bounds: [68, 42, 72, 45]}}, alt: The ridge, text: A part of it.{media}}}
"""
MEDIA = ", media: {file: tone.wav, alt: A tone, credit: The storymap project}"


def write_story(stories: Path, name: str, title: str = "A title", *, media: str = "") -> Path:
    folder = stories / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "story.yaml").write_text(STORY.format(title=title, media=media), "utf-8")
    return folder


def about(slug: str, title: str = "", subtitle: str = "", description: str = "", lang: str = "en") -> About:
    return About(slug, title or slug, subtitle, description, lang)


def eventually(look: Callable[[], Any]) -> Any:
    """What ``look`` gives as soon as that is something; within 30 s."""
    until = time.monotonic() + 30
    while not (found := look()):
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)
    return found


def page(slug: str, title: str = "", plain: bytes = b"") -> Compiled:
    return Compiled(about(slug, title), csp="", tag="t", content=Packed(plain), assets={})


# What a request asks for


@pytest.mark.parametrize(
    ("header", "wanted_gzip"),
    [
        ("", False),
        ("gzip", True),
        ("br, gzip;q=0.5", True),
        ("GZIP ; Q=1.000", True),
        ("x-gzip", True),
        ("*", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000, *", False),
        ("*;q=0", False),
        ("identity", False),
        ("deflate, br", False),
        ("gzip;q=nonsense", False),
        ("gzippy", False),
    ],
)
def test_gzip_is_sent_only_to_those_who_accept_it(header: str, wanted_gzip: bool) -> None:
    assert accepts_gzip(header) is wanted_gzip


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("gzip, deflate, br", "br"),
        ("br;q=0.1, gzip", "br"),
        ("gzip, br;q=0", "gzip"),
        ("*", "br"),
        ("*, br;q=0", "gzip"),
        ("x-gzip", "gzip"),
        ("zstd", ""),
        ("", ""),
    ],
)
def test_the_smallest_coding_that_a_reader_takes(header: str, chosen: str) -> None:
    assert coding(header, ("br", "gzip")) == chosen


@pytest.mark.parametrize(
    ("header", "same"),
    [
        ('"abc"', True),
        ('W/"abc"', True),
        ('"x", W/"abc" ,"y"', True),
        ("*", True),
        ('"abc-gzip"', False),
        ('"ABC"', False),
        ("abc", False),
        ("", False),
    ],
)
def test_entity_tags_are_compared_weakly(header: str, same: bool) -> None:
    assert matches(header, '"abc"') is same


@given(st.text())
def test_no_header_stops_the_server(header: str) -> None:
    accepts_gzip(header)
    matches(header, '"abc"')


def test_query_words_that_are_checked_get_through() -> None:
    query = {"story": "zhanatas", "step": "the-influx", "lang": "kk-Cyrl", "embed": "true"}
    assert wanted(query) == Wanted("zhanatas", "the-influx", "kk-Cyrl", embed=True)


@given(st.text())
def test_only_words_of_a_strict_kind_get_into_an_address(word: str) -> None:
    asked = wanted({"story": word, "step": word, "lang": word})
    for value in (asked.story, asked.step, asked.lang):
        assert value is None or re.fullmatch(r"[A-Za-z0-9-]{1,64}", value)


@pytest.mark.parametrize("step", ["../x", "a b", "A", "x'", "a\n", "-a", "a--b", "é", "a" * 65, "%2e"])
def test_a_step_that_can_not_be_an_id_is_left_out(step: str) -> None:
    assert wanted({"step": step}).step is None


@pytest.mark.parametrize(
    ("page_url", "path"),
    [
        ("http://localhost:8501", "/"),
        ("http://localhost:8501/", "/"),
        ("https://example.org/maps", "/maps/"),
        ("https://example.org/news/maps-2/", "/news/maps-2/"),
        ("https://example.org//evil.example/", "/"),
        ("https://example.org/a/../b/", "/"),
        ("https://example.org/a%2f/", "/"),
        (None, "/"),
    ],
)
def test_the_app_is_found_behind_a_proxy(page_url: str | None, path: str) -> None:
    assert app_path(page_url) == path


@given(st.text())
def test_the_app_path_never_names_another_host(text: str) -> None:
    with contextlib.suppress(ValueError):  # not an address at all
        assert re.fullmatch(r"/([A-Za-z0-9._~-]+/)*", app_path(f"http://localhost/{text}"))


def test_addresses_carry_step_language_and_embedding() -> None:
    asked = Wanted("a", "b", "ru", embed=True)
    assert document_address("/maps/", "a", "b", "ru") == "/maps/story/a/?step=b&lang=ru&shell=app"
    assert document_address("/", "a") == "/story/a/?shell=app"
    assert reader_address("a", asked) == "?story=a&lang=ru&embed=true"


# Pages of words


@pytest.mark.parametrize(
    "html",
    [missing_page("../../"), broken_page(Broken("x", ("a < b", "<script>1</script>"))), away_page("../../", "x")],
)
def test_notices_are_valid_and_run_nothing(html: str) -> None:
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    assert tree.get("lang") == "en"
    assert tree.findtext("head/title") == tree.findtext(".//main/h1")
    assert tree.findall(".//script") == []
    assert "script-src" not in NOTICE_CSP and "default-src 'none'" in NOTICE_CSP


def test_a_broken_story_lists_each_problem() -> None:
    tree = html5lib.parse(broken_page(Broken("x", ("first <b>", "second"))), namespaceHTMLElements=False)
    assert [item.text for item in tree.iter("li")] == ["first <b>", "second"]


def test_the_gallery_shows_texts_as_they_are() -> None:
    texts = {"title": "<img onerror=x>", "subtitle": "{{a}}", "description": "*b*", "lang": "ru"}
    html = gallery({"one": about("one", **texts), "bad": Broken("bad", ("<i>why</i>",))}, Wanted(lang="ru"))
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    link = tree.find(".//li/h2/a")
    assert (link.text, link.get("href")) == ("<img onerror=x>", "?story=one&lang=ru")
    assert tree.find(".//li[@lang='ru']") is not None
    assert [p.text for p in tree.findall(".//li/p")][:2] == ["{{a}}", "*b*"]
    assert tree.findtext(".//ul[@class='problems']/li") == "<i>why</i>"
    assert tree.findall(".//img") == []


def test_the_gallery_puts_broken_stories_last_and_says_when_there_is_none() -> None:
    stories = {"a": Broken("a", ("x",)), "z": about("z", "Zoo"), "m": about("m", "ark")}
    headings = re.findall(r"<h2>(?:<a[^>]*>)?([^<]+)", gallery(stories, Wanted()))
    assert headings == ["ark", "Zoo", "a"]
    assert "There are no stories yet" in gallery({}, Wanted())


# Library


@pytest.fixture(scope="session")
def compile_real(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Compiled]:
    """The real compiler, with prepared geodata kept between tests."""
    return partial(compile_folder, cache=tmp_path_factory.getbasetemp() / "geocache")


def result(future: Future[Page] | None) -> Page:
    assert future is not None
    return future.result(timeout=60)


def title(library: Library, name: str = "one") -> str:
    made = result(library.find(name))
    assert isinstance(made, Compiled)
    return made.about.title


def settle(*folders: Path) -> None:
    """Lets the files look as if they had been there for an hour."""
    past = time.time() - 3600
    for folder in folders:
        for path in folder.rglob("*"):
            os.utime(path, (past, past))


def counting(made: list[str]) -> Callable[[Path], Compiled]:
    def make(folder: Path) -> Compiled:
        made.append(folder.name)
        return page(folder.name, title=(folder / "story.yaml").read_text("utf-8"))

    return make


def test_a_story_is_compiled_once_for_its_content(tmp_path: Path) -> None:
    made: list[str] = []
    folder = write_story(tmp_path, "one")
    library = Library(tmp_path, make=counting(made))
    first = result(library.find("one"))
    assert result(library.find("one")) is first
    settle(folder)
    assert result(library.find("one")) is first, "new times, same content"
    assert made == ["one"]


def test_a_change_on_disk_shows_at_once(tmp_path: Path) -> None:
    folder = write_story(tmp_path, "one", "before")
    (folder / "extra.csv").write_text("a")
    library = Library(tmp_path, make=counting([]))
    assert "before" in title(library)
    write_story(tmp_path, "one", "after!")
    assert "after!" in title(library)
    before = result(library.find("one"))
    (folder / "extra.csv").write_text("b")
    assert result(library.find("one")) is not before


def test_a_change_within_the_clock_tick_shows(tmp_path: Path) -> None:
    file = write_story(tmp_path, "one", "abc") / "story.yaml"
    library = Library(tmp_path, make=counting([]))
    result(library.find("one"))
    status = file.stat()
    write_story(tmp_path, "one", "xyz")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert "xyz" in title(library)


def test_the_basemap_belongs_to_the_content(tmp_path: Path) -> None:
    made: list[str] = []
    write_story(tmp_path / "stories", "one")
    shared = tmp_path / "basemap"
    shared.mkdir()
    library = Library(tmp_path / "stories", shared=(shared,), make=counting(made))
    result(library.find("one"))
    (shared / "land.geojson").write_text("{}")
    result(library.find("one"))
    assert made == ["one", "one"]


def test_what_changes_during_a_compile_is_not_kept(tmp_path: Path) -> None:
    folder = write_story(tmp_path, "one", "first")

    def make(folder: Path) -> Compiled:
        text = (folder / "story.yaml").read_text("utf-8")
        if "first" in text:
            write_story(tmp_path, "one", "second")
        return page("one", title=text)

    library = Library(tmp_path, make=make)
    result(library.find("one"))
    write_story(tmp_path, "one", "third")
    settle(folder)
    assert "third" in title(library)
    write_story(tmp_path, "one", "second")
    assert "second" in title(library)


def test_a_slow_story_keeps_no_other_waiting_and_is_compiled_once(tmp_path: Path) -> None:
    go_on = threading.Event()
    made: list[str] = []

    def make(folder: Path) -> Compiled:
        made.append(folder.name)
        assert folder.name != "slow" or go_on.wait(60)
        return page(folder.name)

    settle(write_story(tmp_path, "slow"), write_story(tmp_path, "quick"))
    library = Library(tmp_path, make=make)
    waiting = [library.find("slow") for _ in range(5)]
    assert result(library.find("quick")).about.slug == "quick"
    assert not any(future.done() for future in waiting if future)
    go_on.set()
    assert {result(future).about.slug for future in waiting} == {"slow"}
    assert sorted(made) == ["quick", "slow"]


def test_a_list_waits_for_no_compile(tmp_path: Path) -> None:
    go_on = threading.Event()

    def make(folder: Path) -> Compiled:
        assert go_on.wait(60)
        return page(folder.name, "compiled")

    write_story(tmp_path, "one", "read")
    (write_story(tmp_path, "bad") / "story.yaml").write_text("titel: x")
    library = Library(tmp_path, make=make)
    overview = library.overview()
    steps = (("far", "From afar", "Kazakhstan"), ("near", "Near by", "The ridge"))
    texts = ("one", "read", "A small story", "Two steps without a layer.", "en")
    assert overview["one"] == About(*texts, steps=steps, languages=("en",))
    assert isinstance(overview["bad"], Broken)
    assert library.about("nowhere") is None
    go_on.set()
    result(library.find("one"))
    settle(tmp_path)
    result(library.find("one"))
    assert library.about("one") == about("one", "compiled")


def test_a_crash_is_told_without_a_traceback_and_stays_in_its_story(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def make(folder: Path) -> Compiled:
        if folder.name == "bad":
            raise KeyError("/secret/path")
        return page(folder.name)

    write_story(tmp_path, "bad")
    write_story(tmp_path, "good")
    pages = {name: result(future) for name, future in Library(tmp_path, make=make).all().items()}
    assert isinstance(pages["good"], Compiled)
    assert isinstance(pages["bad"], Broken)
    assert "secret" not in str(pages["bad"]) and "fault in storymap" in pages["bad"].problems[0]
    assert "KeyError: '/secret/path'" in caplog.text


def test_a_story_with_errors_names_them_all(tmp_path: Path, compile_real: Callable[[Path], Compiled]) -> None:
    (write_story(tmp_path, "bad") / "story.yaml").write_text("titel: x\nsteps: []\n")
    broken = result(Library(tmp_path, make=compile_real).find("bad"))
    assert isinstance(broken, Broken)
    assert len(broken.problems) >= 2
    assert any(line.startswith("story.yaml:1: titel:") for line in broken.problems)


def test_folders_that_are_no_stories_and_names_that_are_no_addresses(tmp_path: Path) -> None:
    (tmp_path / "basemap").mkdir()
    write_story(tmp_path, "My Story")
    library = Library(tmp_path, make=counting([]))
    assert list(library.all()) == ["My Story"]
    assert "a-z" in result(library.find("My Story")).problems[0]  # type: ignore[union-attr]
    assert library.find("basemap") is None
    assert library.find("..") is None
    assert Library(tmp_path / "nowhere").all() == {}


def test_a_story_that_is_removed_is_gone(tmp_path: Path) -> None:
    folder = write_story(tmp_path, "one")
    library = Library(tmp_path, make=counting([]))
    result(library.find("one"))
    (folder / "story.yaml").unlink()
    assert library.find("one") is None
    write_story(tmp_path, "one", "again")
    assert "again" in title(library)


# Over HTTP


@contextlib.contextmanager
def served(library: Library) -> Iterator[str]:
    app = Guard(Starlette(routes=story_routes(library)), lambda name: "")
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stories")
    (write_story(folder, "ridge", "The ridge", media=MEDIA) / "tone.wav").write_bytes(b"RIFF" + bytes(range(200)))
    (write_story(folder, "broken") / "story.yaml").write_text("title: <b>x</b>\nsteps: [1]\n")
    settle(folder)
    return folder


@pytest.fixture(scope="module")
def site(stories: Path, compile_real: Callable[[Path], Compiled]) -> Iterator[str]:
    library = Library(stories, make=compile_real)
    for future in library.all().values():
        future.result(timeout=60)
    with served(library) as url:
        yield url


def test_a_story_is_one_plain_page(site: str, ask: Callable[..., Any]) -> None:
    answer = ask(f"{site}/story/ridge/")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-language"] == "en"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert "max-age=0" in answer.headers["cache-control"] and "public" in answer.headers["cache-control"]
    assert "set-cookie" not in answer.headers and "content-encoding" not in answer.headers
    assert b"<title>The ridge" in answer.body


def test_the_compressed_page_is_the_same_page(site: str, ask: Callable[..., Any]) -> None:
    plain = ask(f"{site}/story/ridge/")
    small = ask(f"{site}/story/ridge/", headers={"Accept-Encoding": "deflate, gzip"})
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small.body) == plain.body
    assert int(small.headers["content-length"]) == len(small.body) < len(plain.body) / 2
    assert small.headers["etag"] != plain.headers["etag"], "two encodings are two representations"


def test_a_reader_who_has_the_page_is_told_so(site: str, ask: Callable[..., Any]) -> None:
    for encoding in ("identity", "gzip"):
        first = ask(f"{site}/story/ridge/", headers={"Accept-Encoding": encoding})
        for sent in (first.headers["etag"], f"W/{first.headers['etag']}", f'"old", {first.headers["etag"]}'):
            again = ask(f"{site}/story/ridge/", headers={"Accept-Encoding": encoding, "If-None-Match": sent})
            assert (again.status, again.body) == (304, b"")
            for name in ("etag", "vary", "cache-control", "content-security-policy"):
                assert again.headers[name] == first.headers[name]
        other = ask(f"{site}/story/ridge/", headers={"Accept-Encoding": encoding, "If-None-Match": '"other"'})
        assert other.status == 200


def test_asked_for_again_the_page_comes_in_brotli(site: str, ask: Callable[..., Any]) -> None:
    both = {"Accept-Encoding": "gzip, br"}
    plain = ask(f"{site}/story/ridge/")
    early = ask(f"{site}/story/ridge/", headers={"Accept-Encoding": "gzip"})

    def asked_again() -> Any:
        answer = ask(f"{site}/story/ridge/", headers=both)
        assert answer.headers["content-encoding"] in ("gzip", "br"), "nobody waits for the smaller one"
        return answer if answer.headers["content-encoding"] == "br" else None

    small = eventually(asked_again)
    assert brotli.decompress(small.body) == plain.body
    assert int(small.headers["content-length"]) == len(small.body) < 0.9 * len(early.body)
    assert len({small.headers["etag"], early.headers["etag"], plain.headers["etag"]}) == 3
    had = ask(f"{site}/story/ridge/", headers={**both, "If-None-Match": early.headers["etag"]})
    assert (had.status, had.headers["etag"]) == (304, early.headers["etag"]), "who has the page as gzip has the page"
    fresh = ask(f"{site}/story/ridge/", headers={"Accept-Encoding": "gzip", "If-None-Match": small.headers["etag"]})
    assert fresh.status == 200, "what is there is in a coding that this reader does not take"


def test_a_page_that_is_asked_for_once_costs_no_brotli(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    started = threading.Event()

    def compress(plain: bytes, **_: Any) -> bytes:
        started.set()
        made.append(len(plain))
        return b"small"

    monkeypatch.setattr("storymap.app.packing.brotli.compress", compress)
    content = Packed(b"a page " * 99)
    assert [content.answer(header)[0] for header in ("br, gzip", "gzip", "", "gzip")] == ["gzip", "gzip", "", "gzip"]
    assert not started.wait(0.2)
    content.answer("br, gzip")
    eventually(lambda: content.offered() == ("br", "gzip"))
    assert content.answer("br") == ("br", b"small")
    for _ in range(9):
        content.answer("br")
    assert made == [len(content.plain)]


def test_without_brotli_the_page_still_comes(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def compress(*_: Any, **__: Any) -> bytes:
        raise MemoryError

    monkeypatch.setattr("storymap.app.packing.brotli.compress", compress)
    content = Packed(b"a page")
    for _ in range(3):
        assert content.answer("br, gzip") == ("gzip", content.gzipped)
    assert eventually(lambda: "sent as gzip" in caplog.text)
    assert content.answer("br") == ("", b"a page")


def test_head_says_what_get_would(site: str, ask: Callable[..., Any]) -> None:
    get, head = ask(f"{site}/story/ridge/"), ask(f"{site}/story/ridge/", "HEAD")
    assert head.body == b""
    assert {**head.headers, "date": ""} == {**get.headers, "date": ""}


def test_the_policy_is_the_documents_own_and_frames_are_open(site: str, ask: Callable[..., Any]) -> None:
    policy = ask(f"{site}/story/ridge/").headers["content-security-policy"].split("; ")
    assert "default-src 'none'" in policy and "frame-ancestors * file:" in policy
    assert any(part.startswith("script-src 'sha256-") for part in policy)
    assert not any("unsafe" in part or part.startswith("sandbox") for part in policy)


def test_in_the_apps_own_frame_a_story_has_an_origin_of_its_own(site: str, ask: Callable[..., Any]) -> None:
    for slug in ("ridge", "broken"):
        policy = ask(f"{site}/story/{slug}/?step=near&shell=app").headers["content-security-policy"].split("; ")
        sandbox = next(part for part in policy if part.startswith("sandbox ")).split()
        assert "allow-scripts" in sandbox and "allow-same-origin" not in sandbox and "allow-forms" not in sandbox


def test_without_its_slash_the_address_leads_to_the_story(site: str, ask: Callable[..., Any]) -> None:
    answer = ask(f"{site}/story/ridge?step=near&lang=ru")
    assert answer.status == 308
    assert answer.headers["location"] == "ridge/?step=near&lang=ru", "relative: it holds behind any proxy"
    assert ask(f"{site}/story/ridge").headers["location"] == "ridge/"


@pytest.mark.parametrize(
    ("path", "home"),
    [
        ("/story", "../"),
        ("/story/", "../"),
        ("/story/nope", "../"),
        ("/story/nope/", "../../"),
        ("/story/basemap/", "../../"),
        ("/story/ridge/x", "../../"),
        ("/story/ridge/media/x/y", "../../../../"),
        ("/story/ridge/media/x.wav", "../../../"),
        ("/story/RIDGE/", "../../"),
        ("/story/%2e%2e/", "../../"),
    ],
)
def test_every_other_path_is_a_404_in_words(path: str, home: str, site: str, ask: Callable[..., Any]) -> None:
    answer = ask(f"{site}{path}")
    assert answer.status == 404
    assert answer.headers["cache-control"] == "no-store"
    tree = html5lib.parse(answer.body, namespaceHTMLElements=False)
    assert tree.findtext(".//main/h1") == "There is no story here"
    assert tree.find(".//a").get("href") == home


ELSEWHERE = {"X-Forwarded-For": "192.0.2.1"}
"""A reader who is not at the machine."""


@pytest.fixture
def at_the_machine() -> Iterator[None]:
    """The server listens to this machine only, as it does unless an operator says otherwise."""
    before = config.get_option("server.address")
    config.set_option("server.address", "localhost")
    yield
    config.set_option("server.address", before)


@pytest.mark.usefixtures("at_the_machine")
def test_a_broken_story_says_what_to_put_right_where_it_is_edited(
    site: str, ask: Callable[..., Any], stories: Path
) -> None:
    answer = ask(f"{site}/story/broken/")
    assert (answer.status, answer.headers["retry-after"]) == (503, "120")
    assert answer.headers["cache-control"] == "no-store"
    assert b"story.yaml:2: steps[0]" in answer.body
    assert str(stories).encode() not in answer.body and b"Traceback" not in answer.body
    assert ask(f"{site}/story/ridge/").status == 200


@pytest.mark.usefixtures("at_the_machine")
@pytest.mark.parametrize("headers", [ELSEWHERE, {"Host": "maps.example.org"}])
def test_readers_of_a_broken_story_are_told_no_more_than_that(
    headers: dict[str, str], site: str, ask: Callable[..., Any]
) -> None:
    answer = ask(f"{site}/story/broken/", headers=headers)
    assert (answer.status, answer.headers["retry-after"]) == (503, "120")
    assert b"can not be shown at the moment" in answer.body and b"story.yaml" not in answer.body
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(answer.body)
    assert [link.get("href") for link in tree.iter("a")] == ["../../", "../../edit?story=broken"]


@pytest.mark.usefixtures("at_the_machine")
def test_readers_keep_the_last_version_that_could_be_shown(
    tmp_path: Path, compile_real: Callable[[Path], Compiled], ask: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    folder = write_story(tmp_path, "one", "The first", media=MEDIA)
    (folder / "tone.wav").write_bytes(b"RIFF" + bytes(range(200)))
    library = Library(tmp_path, make=compile_real)
    with served(library) as site:
        first = ask(f"{site}/story/one/", headers=ELSEWHERE)
        media = re.search(rb'"(media/[0-9a-f]+\.wav)"', first.body)
        assert first.status == 200 and media
        (folder / "story.yaml").write_text("title: [")
        again = ask(f"{site}/story/one/", headers=ELSEWHERE)
        assert (again.status, again.body, again.headers["etag"]) == (200, first.body, first.headers["etag"])
        assert ask(f"{site}/story/one/?lang=ru", headers=ELSEWHERE).body == first.body
        assert "readers get the last version that could be shown" in caplog.text
        settle(tmp_path)
        ask(f"{site}/story/one/", headers=ELSEWHERE)
        told = json.loads(ask(f"{site}/healthz").body)["stories"]["one"]
        assert (told["state"], told["shown"]) == ("errors", "last good")
        here = ask(f"{site}/story/one/")
        assert here.status == 503 and b"story.yaml:1" in here.body, "at the machine the fault is told"
        address = f"{site}/story/one/{media[1].decode()}"
        assert ask(address, headers=ELSEWHERE).status == 200
        assert ask(f"{site}/story/one/picture.svg", headers=ELSEWHERE).status == 200
        (folder / "tone.wav").unlink()
        assert ask(address, headers=ELSEWHERE).status == 404
        write_story(tmp_path, "one", "The second")
        assert b"The second" in ask(f"{site}/story/one/", headers=ELSEWHERE).body
        (folder / "story.yaml").unlink()
        assert ask(f"{site}/story/one/", headers=ELSEWHERE).status == 404, "what is taken away is not kept"


def test_the_list_tells_readers_the_last_good_version_and_editors_the_fault(
    tmp_path: Path, compile_real: Callable[[Path], Compiled]
) -> None:
    folder = write_story(tmp_path, "one", "The first")
    library = Library(tmp_path, make=compile_real)
    result(library.find("one"))
    (folder / "story.yaml").write_text("title: [")
    result(library.find("one"))
    assert isinstance(library.overview()["one"], Broken)
    kept = library.overview(good=True)["one"]
    assert isinstance(kept, About) and kept.title == "The first"
    html = gallery(Library(tmp_path, make=compile_real).overview(good=True), Wanted(), details=False)
    assert "can not be shown at the moment" in html and "story.yaml" not in html


def test_where_editors_sign_in_nobody_is_told_more_for_sitting_at_the_machine(
    monkeypatch: pytest.MonkeyPatch, at_the_machine: None
) -> None:
    assert rights.reads_here({"host": "localhost:8501"}, "127.0.0.1")
    assert not rights.reads_here({"host": "localhost:8501"}, "192.0.2.1")
    assert not rights.reads_here({"host": "localhost:8501"}, None)
    monkeypatch.setattr(rights, "_sign_in", lambda: {"client_id": "x"})
    assert not rights.reads_here({"host": "localhost:8501"}, "127.0.0.1")


def test_health_names_each_story(site: str, ask: Callable[..., Any]) -> None:
    answer = ask(f"{site}/healthz")
    told = json.loads(answer.body)
    assert (answer.status, told["status"]) == (200, "ok")
    assert told["stories"]["ridge"]["state"] == "ok"
    assert told["stories"]["broken"]["state"] == "errors" and told["stories"]["broken"]["errors"] >= 1


def test_media_of_a_story_are_served_beside_it(site: str, ask: Callable[..., Any], stories: Path) -> None:
    address = re.search(rb'"(media/[0-9a-f]+\.wav)"', ask(f"{site}/story/ridge/").body)
    assert address
    url = f"{site}/story/ridge/{address[1].decode()}"
    whole = ask(url)
    assert whole.body == (stories / "ridge/tone.wav").read_bytes()
    assert "immutable" in whole.headers["cache-control"]
    assert whole.headers["content-security-policy"] == "default-src 'none'; sandbox"
    part = ask(url, headers={"Range": "bytes=4-7"})
    assert (part.status, part.body) == (206, whole.body[4:8])


@pytest.mark.usefixtures("at_the_machine")
def test_what_is_written_is_served_at_the_next_request(
    tmp_path: Path, ask: Callable[..., Any], compile_real: Callable[[Path], Compiled]
) -> None:
    write_story(tmp_path, "one", "Before")
    with served(Library(tmp_path, make=compile_real)) as url:
        first = ask(f"{url}/story/one/")
        write_story(tmp_path, "one", "Afterwards")
        second = ask(f"{url}/story/one/", headers={"If-None-Match": first.headers["etag"]})
        assert second.status == 200 and b"<title>Afterwards" in second.body
        (tmp_path / "one/story.yaml").write_text("title: [")
        assert ask(f"{url}/story/one/").status == 503
        write_story(tmp_path, "one", "Before")
        assert ask(f"{url}/story/one/").headers["etag"] == first.headers["etag"]


def test_a_reader_who_leaves_stops_no_compile(tmp_path: Path, ask: Callable[..., Any]) -> None:
    go_on = threading.Event()

    def make(folder: Path) -> Compiled:
        assert go_on.wait(60)
        return page("one", plain=b"whole")

    write_story(tmp_path, "one")
    with served(Library(tmp_path, make=make)) as url:
        leaving = http.client.HTTPConnection(url.removeprefix("http://"))
        leaving.request("GET", "/story/one/")
        leaving.close()
        assert ask(f"{url}/healthz").status == 200, "the server answers while a story compiles"
        go_on.set()
        assert ask(f"{url}/story/one/").body == b"whole"


# The guard


async def _page(_: Any) -> HTMLResponse:
    return HTMLResponse("<p>x")


async def _own_policy(_: Any) -> HTMLResponse:
    return HTMLResponse("<p>x", headers={"Content-Security-Policy": "default-src 'none'"})


async def _socket(socket: Any) -> None:
    await socket.accept()
    await socket.close()


BEHIND = Starlette(
    routes=[
        Route("/story/x/", _own_policy),
        WebSocketRoute("/_stcore/stream", _socket),
        Route("/{rest:path}", _page, methods=["GET", "PUT", "POST", "DELETE"]),
    ]
)


def run(app: Any, scope: dict[str, Any], receive: Any, send: Any) -> None:
    in_a_loop(lambda: app(scope, receive, send))


def call(
    path: str, *, method: str = "GET", query: str = "", base: str = "", root: str = ""
) -> tuple[int, dict[str, str]]:
    sent: list[Any] = []
    scope = {
        "type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": [], "root_path": root,
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    run(Guard(BEHIND, {"server.baseUrlPath": base}.__getitem__), scope, receive, send)
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/_stcore/upload_file/a/b", "/maps/_stcore/upload_file/a/b"])
def test_uploads_are_refused(path: str, method: str) -> None:
    assert call(path, method=method, base="maps")[0] == 405
    assert call("/_stcore/other", method=method)[0] == 200


@pytest.mark.parametrize(
    ("path", "query", "base", "root", "framed"),
    [
        ("/", "", "", "", False),
        ("/", "embed=true", "", "", True),
        ("/", "story=x&embed=TRUE&step=a", "", "", True),
        ("/", "embed=false", "", "", False),
        ("/", "embed=true&embed=false", "", "", False),
        ("/", "xembed=true", "", "", False),
        ("/editor", "embed=true", "", "", False),
        ("/maps/", "embed=true", "maps", "", True),
        ("/maps", "embed=true", "maps", "", True),
        ("/maps/editor", "embed=true", "maps", "", False),
        ("/studio/", "embed=true", "", "/studio", True),
    ],
)
def test_only_the_reader_page_may_be_framed(path: str, query: str, base: str, root: str, framed: bool) -> None:
    headers = call(path, query=query, base=base, root=root)[1]
    assert headers["content-security-policy"] == ("frame-ancestors * file:" if framed else "frame-ancestors 'self'")
    assert headers["x-content-type-options"] == "nosniff"


def test_own_addresses_are_found_below_the_base_path() -> None:
    assert call("/maps/story/x/", base="maps")[1]["content-security-policy"] == "default-src 'none'"
    assert call("/story/x/", base="maps")[1]["content-security-policy"] == "default-src 'none'"
    assert "frame-ancestors" in call("/maps/storyteller", base="maps")[1]["content-security-policy"]


def connects(origin: str | None, host: str = "maps.example.org", **options: str) -> bool:
    sent: list[Any] = []
    headers = [(b"host", host.encode()), *([(b"origin", origin.encode())] if origin is not None else [])]
    scope = {
        "type": "websocket",
        "path": "/_stcore/stream",
        "query_string": b"",
        "headers": headers,
        "subprotocols": [],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    run(Guard(BEHIND, lambda name: options.get(name.replace(".", "_"), "")), scope, receive, send)
    return bool(sent[0]["type"] == "websocket.accept")


def test_a_websocket_from_a_strange_page_is_refused_without_asking_anybody() -> None:
    assert connects("https://maps.example.org")
    assert connects(None)
    assert connects("http://localhost:3000")
    assert connects("https://news.example.org", browser_serverAddress="news.example.org")
    assert connects("https://cms.example.org", server_corsAllowedOrigins="https://a.example, https://cms.example.org")
    for strange in ("https://evil.example", "null", "http://[", "https://maps.example.org.evil.example", ""):
        assert not connects(strange), strange
