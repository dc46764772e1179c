"""What the app answers at the address of a story that was renamed, or put away."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin

import pytest

from storymap.app.library import Library, compile_folder
from storymap.storyfolders import archive, bring_back, rename
from test_app_embedding import Site, site

STORY = """\
title: The ridge
steps:
  - {id: near, title: Near by, view: {bounds: [68, 42, 72, 45]}, alt: The ridge, text: A part of it.}
"""


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    for name in ("ridge", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "story.yaml").write_text(STORY, "utf-8")
    return tmp_path


@pytest.fixture
def client(stories: Path) -> Site:
    return site(Library(stories, make=compile_folder))


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/story/ridge/", "/story/hill/"),
        ("/story/ridge", "/story/hill/"),
        ("/story/ridge/?lang=ru&step=near", "/story/hill/?lang=ru&step=near"),
        ("/story/ridge/picture.svg?step=near", "/story/hill/picture.svg?step=near"),
        ("/story/ridge/media/0123.jpg", "/story/hill/media/0123.jpg"),
        ("/story/ridge/article", "/story/hill/article"),
    ],
)
def test_the_old_address_leads_to_the_new_one(stories: Path, client: Site, asked: str, led: str) -> None:
    assert client.get("/story/ridge/").status_code == 200
    rename(stories, "ridge", "slope")
    rename(stories, "slope", "hill")
    answer = client.get(asked)
    assert answer.status_code == 308
    for base in ("http://maps.example", "https://news.example/maps"):
        assert urljoin(f"{base}{asked}", answer.headers["location"]) == f"{base}{led}"
    assert client.get("/story/hill/").status_code == 200
    assert client.get("/oembed?url=http://maps.example/story/ridge/").status_code == 200


def test_a_new_story_with_the_old_name_answers_itself(stories: Path, client: Site) -> None:
    rename(stories, "ridge", "hill")
    assert client.get("/story/ridge/").status_code == 308
    rename(stories, "second", "ridge")
    assert client.get("/story/ridge/").status_code == 200
    assert urljoin("/story/second/", client.get("/story/second/").headers["location"]) == "/story/ridge/"


@pytest.mark.parametrize("name", ["nowhere", "..", "redirects.yaml", ".storymap", "%2e%2e"])
def test_what_never_was_a_story_is_not_there(stories: Path, client: Site, name: str) -> None:
    rename(stories, "ridge", "hill")
    assert client.get(f"/story/{name}/").status_code == 404


def test_a_story_that_is_put_away_is_gone_until_it_is_back(stories: Path, client: Site) -> None:
    library = Library(stories, make=compile_folder)
    assert client.get("/story/ridge/").status_code == 200
    archive(stories, "ridge", "Anna <b>")
    for path in (
        "/story/ridge/",
        "/story/ridge",
        "/story/ridge/picture.svg",
        "/story/ridge/article",
        "/story/ridge/media/x",
    ):
        answer = client.get(path)
        assert answer.status_code == 410, path
        assert "no longer shown" in answer.text and "Anna" not in answer.text
        assert (
            answer.headers["cache-control"] == "no-store"
            and "default-src 'none'" in answer.headers["content-security-policy"]
        )
    assert library.names() == ("second",) and library.about("ridge") is None
    assert "ridge" not in client.get("/healthz").json()["stories"]
    assert client.get("/oembed?url=http://maps.example/story/ridge/").status_code == 404
    bring_back(stories, "ridge")
    assert client.get("/story/ridge/").status_code == 200


def test_an_old_address_of_a_story_that_is_put_away_leads_to_the_notice(stories: Path, client: Site) -> None:
    rename(stories, "ridge", "hill")
    archive(stories, "hill", "Anna")
    assert client.get("/story/ridge/").status_code == 308
    assert client.get("/story/hill/").status_code == 410


def test_a_story_that_is_being_made_is_not_listed(stories: Path) -> None:
    (stories / ".new.x.new").mkdir()
    (stories / ".new.x.new" / "story.yaml").write_text(STORY)
    assert Library(stories).names() == ("ridge", "second")
