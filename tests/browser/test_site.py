"""The built site in a browser: under its own headers, from a sub-folder, from the disk with the network off, withdrawn."""

from __future__ import annotations

import contextlib
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from browser.reading import DESKTOP, PHONE, settled
from builtsite import built, write_full
from storymap import redirects
from storymap.onefile import write_zip
from storymap.withdrawal import withdraw

Open = Callable[..., Page]
STILL = {"reduced_motion": "reduce"}
SHOWN = "() => [...document.images].every((image) => image.complete && image.naturalWidth > 0)"


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built(write_full(folder), folder / "dist", single_file=True)
    return folder / "dist"


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site in ``new-name``, and what leads on to it from ``a-story``."""
    folder = tmp_path_factory.mktemp("renamed")
    story = write_full(folder / "stories").rename(folder / "stories" / "new-name")
    redirects.add(folder / "stories", "a-story", "new-name")
    built(story, folder / "dist" / "new-name")
    return folder / "dist"


def rules(folder: Path) -> dict[str, dict[str, str]]:
    """``_headers`` as a host reads it: path → headers; a name that stands in two rules for a path is an error."""
    found: dict[str, dict[str, str]] = {}
    path = ""
    for line in (folder / "_headers").read_text("utf-8").splitlines():
        if line.startswith("  "):
            name, _, value = line.strip().partition(": ")
            assert name not in found[path], f"{path}: {name} twice"
            found[path][name] = value
        else:
            path = line
            assert path not in found
            found[path] = {}
    return found


def headers_for(path: str, known: dict[str, dict[str, str]]) -> dict[str, str]:
    out: dict[str, str] = {}
    for rule, values in known.items():
        if path == rule or (rule.endswith("*") and path.startswith(rule[:-1])):
            assert not out.keys() & values.keys(), f"{path}: {out.keys() & values.keys()} come from two rules"
            out |= values
    return out


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """``host(site)``: a web host that shows the site in a sub-folder, with the headers that the site asks for."""
    with contextlib.ExitStack() as running:

        def start(site: Path, below: str = "maps/2024/") -> str:
            root = tmp_path / f"root{len(list(tmp_path.iterdir()))}"
            shutil.copytree(site, root / below)
            known = rules(site)

            class Handler(SimpleHTTPRequestHandler):
                def end_headers(self) -> None:
                    own = "/" + urlsplit(self.path).path.removeprefix(f"/{below}")
                    for name, value in headers_for(own, known).items():
                        self.send_header(name, value)
                    super().end_headers()

                def log_message(self, *_: Any) -> None:
                    """Quiet."""

            server = running.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=root)))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            running.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}/{below}"

        yield start


def requests_of(page: Page) -> list[str]:
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    return seen


def read_through(page: Page) -> None:
    """To the last step, with all that it shows on the way."""
    assert settled(page, "one")["step"] == "one"
    page.wait_for_function(SHOWN)
    for step in ("two", "three"):
        page.evaluate("step => storymap.go(step)", step)
        assert settled(page, step)["step"] == step


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_site_works_in_a_sub_folder_under_its_own_headers(
    dist: Path, host: Callable[..., str], new_page: Open, complaints: list[str], size: dict[str, int]
) -> None:
    address = host(dist)
    page = new_page(viewport=size, **STILL)
    seen = requests_of(page)
    answer = page.goto(address)
    assert answer is not None
    assert "frame-ancestors * file:" in (answer.header_value("content-security-policy") or "")
    assert "must-revalidate" in (answer.header_value("cache-control") or "")
    assert answer.header_value("x-content-type-options") == "nosniff"
    read_through(page)
    assert all(url.startswith((address, "data:")) for url in seen), seen
    media = page.evaluate("() => document.querySelector('.media img').src")
    assert "immutable" in (page.request.get(media).headers["cache-control"])
    assert complaints == []


def test_a_reader_who_changes_the_language_stays_at_the_step(
    dist: Path, host: Callable[..., str], new_page: Open, complaints: list[str]
) -> None:
    page = new_page(viewport=DESKTOP, **STILL)
    page.goto(host(dist) + "index.html#two")
    settled(page, "two")
    page.locator(".language-menu summary").click()
    page.locator(".language-menu a[hreflang=ru]").click()
    page.wait_for_url("**/maps/2024/ru/index.html#two")
    assert settled(page, "two")["step"] == "two"
    expect(page.locator("#h-two")).to_have_text("Второй")
    page.locator(".language-menu summary").click()
    page.locator(".language-menu a[hreflang=en]").click()
    page.wait_for_url("**/maps/2024/index.html#two")
    assert complaints == []


def test_an_address_may_ask_for_the_language(
    dist: Path, host: Callable[..., str], new_page: Open, complaints: list[str]
) -> None:
    page = new_page(viewport=DESKTOP, **STILL)
    address = host(dist)
    for asked in ("?lang=ru&theme=dark#two", "index.html?theme=dark&lang=ru#two"):
        page.goto(address + asked)
        page.wait_for_url("**/maps/2024/ru/index.html?theme=dark#two")
        assert settled(page, "two")["step"] == "two"
    for asked in ("?lang=en", "?lang=fr", "?lang=constructor"):
        page.goto(address + asked)
        assert settled(page, "one") and page.url == address + asked
    assert complaints == []


def test_from_the_disk_with_the_network_off_it_is_the_same_site(
    dist: Path, tmp_path: Path, new_page: Open, complaints: list[str]
) -> None:
    """Out of an archive, too: the zip is what was unpacked here."""
    write_zip(dist, tmp_path / "site.zip")
    with zipfile.ZipFile(tmp_path / "site.zip") as archive:
        archive.extractall(tmp_path / "unpacked here")
    home = tmp_path / "unpacked here" / "dist"
    page = new_page(viewport=DESKTOP, offline=True, **STILL)
    seen = requests_of(page)
    page.goto((home / "index.html").as_uri())
    read_through(page)
    page.locator(".language-menu summary").click()
    page.locator(".language-menu a[hreflang=ru]").click()
    page.wait_for_url("**/ru/index.html*")
    settled(page)
    page.wait_for_function(SHOWN)
    assert all(url.startswith((home.as_uri(), "data:")) for url in seen), seen
    assert complaints == []


@pytest.mark.parametrize("framed", [False, True])
@pytest.mark.parametrize("script", [True, False])
def test_an_old_address_leads_on_also_inside_a_frame(
    renamed: Path, host: Callable[..., str], new_page: Open, complaints: list[str], script: bool, framed: bool
) -> None:
    (renamed / "_headers").write_text("/*\n  X-Content-Type-Options: nosniff\n", "utf-8")
    address = host(renamed)
    page = new_page(viewport=DESKTOP, java_script_enabled=script, **STILL)
    old, new = (f"{address}{name}/ru/index.html" for name in ("a-story", "new-name"))
    tail = "?theme=dark#two"
    if framed:
        article = f'<!doctype html><title>Article</title><iframe src="{old}{tail}" width="800" height="600"></iframe>'
        page.route("**/article.html", lambda route: route.fulfill(body=article, content_type="text/html"))
        page.goto(f"{address}article.html")
        frame = page.frame_locator("iframe")
        expect(frame.locator("#h-two")).to_have_text("Второй")
        assert page.url == f"{address}article.html"
        assert page.frames[1].url == new + (tail if script else "")
    else:
        page.goto(old + tail)
        page.wait_for_url(new + (tail if script else ""))
        expect(page.locator("#h-two")).to_have_text("Второй")
        page.go_back()
        assert page.url == "about:blank", "the old address is no stop on the way back"
    assert complaints == []


@pytest.mark.parametrize("script", [True, False])
def test_the_single_file_is_whole_wherever_it_lies(
    dist: Path, tmp_path: Path, new_page: Open, complaints: list[str], script: bool
) -> None:
    alone = tmp_path / "downloads" / "a story (1).html"
    alone.parent.mkdir()
    shutil.copy(dist / "offline.html", alone)
    page = new_page(viewport=DESKTOP, offline=True, java_script_enabled=script, **STILL)
    seen = requests_of(page)
    page.goto(alone.as_uri())
    if script:
        read_through(page)
    picture = page.locator(".media img")
    picture.scroll_into_view_if_needed()
    assert (picture.get_attribute("src") or "").startswith("data:image/png;base64,")
    expect(picture).to_have_js_property("naturalWidth", 200)
    assert all(url == alone.as_uri() or url.startswith("data:") for url in seen), seen
    assert complaints == []


@pytest.mark.parametrize("at", ["http", "file"])
def test_the_embed_page_shows_the_story_in_an_article(
    dist: Path, host: Callable[..., str], new_page: Open, complaints: list[str], at: str
) -> None:
    page = new_page(viewport=DESKTOP, offline=at == "file", **STILL)
    page.goto(host(dist) + "embed.html" if at == "http" else (dist / "embed.html").as_uri())
    frame = page.locator("iframe")
    frame.scroll_into_view_if_needed()
    inside = frame.element_handle().content_frame()
    assert inside is not None
    settled(inside)
    expect(page.frame_locator("iframe").locator("h1")).to_contain_text("A story of")
    page.wait_for_function(SHOWN)
    assert complaints == []


def test_a_withdrawn_story_is_a_notice_in_the_article_too(
    dist: Path,
    tmp_path: Path,
    host: Callable[..., str],
    new_page: Open,
    serve: Callable[..., str],
    complaints: list[str],
) -> None:
    site = shutil.copytree(dist, tmp_path / "withdrawn")
    withdraw(site, "A court has asked us to.")
    address = host(site)
    article = serve(
        {
            "index.html": "<!doctype html><html lang=en><meta charset=utf-8><title>Article</title><link rel=icon href=data:,>"
            f'<figure data-storymap="1"><div style="display:grid"><img src="{address}cover.png" alt="">'
            f'<iframe src="{address}" title="A story" style="height:500px;width:100%"></iframe></div></figure>'
            f'<script async src="{address}embed.js"></script>'
        }
    )
    page = new_page(viewport=DESKTOP, **STILL)
    page.goto(article)
    notice = page.frame_locator("iframe")
    expect(notice.locator("h1")).to_have_text("This story has been withdrawn")
    expect(notice.locator("main")).to_contain_text("A court has asked us to.")
    page.wait_for_function(SHOWN)
    page.goto(f"{address}ru/")
    expect(page.locator("h1")).to_have_text("Эта история отозвана")
    assert complaints == []
