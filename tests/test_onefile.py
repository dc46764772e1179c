"""A story as one file: HTML, PDF, zip."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pypdf
import pytest

import storymap
from again import at_length
from builtsite import URL, tree, write_full
from storymap.onefile import write_html, write_zip
from storymap.sitebuild import build_site

OFFLINE = Path(__file__).with_name("offline.py")


def run(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """``storymap words…`` in a process of its own, without a network."""
    return subprocess.run(
        [sys.executable, str(OFFLINE), "-m", "storymap", *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, **environment},
    )


def test_one_html_holds_everything(tmp_path: Path) -> None:
    story = write_full(tmp_path)
    done = run("build", story, "-o", tmp_path / "one.html", STORYMAP_CACHE=str(tmp_path / "cache"))
    assert (done.returncode, done.stderr) == (0, "")
    html = (tmp_path / "one.html").read_text("utf-8")
    assert re.findall(r'<img src="([^"]{22})', html) == ["data:image/png;base64,"]
    assert "media-src data:" in html
    markup = re.sub(r"(?s)<script.*?</script>", "", html)
    addresses = re.findall(r'(?:href|src)="([^"#][^"]*)"', markup)
    assert [
        one for one in addresses if not one.startswith(("data:", "https://news.example", "https://books.example"))
    ] == []
    assert write_html(storymap.load(story), tmp_path / "two.html") == len(html.encode())
    assert (tmp_path / "two.html").read_bytes() == (tmp_path / "one.html").read_bytes()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_one_html_may_be_a_translation(tmp_path: Path) -> None:
    write_html(storymap.load(write_full(tmp_path), "ru"), tmp_path / "ru.html")
    html = (tmp_path / "ru.html").read_text("utf-8")
    assert '<html lang="ru"' in html and "Первый текст." in html and ' hreflang="' not in html


@at_length
def test_a_zip_is_the_site_under_the_story_s_name_and_the_same_each_time(tmp_path: Path) -> None:
    story = write_full(tmp_path)
    site = tmp_path / "site" / "a-story"
    build_site(storymap.load(story), site, url=URL)
    done = run("build", story, "-o", tmp_path / "a.zip", "--url", URL, STORYMAP_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        held = {name.removeprefix("a-story/"): archive.read(name) for name in archive.namelist()}
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert held == tree(site)
    assert write_zip(site, tmp_path / "b.zip") == (tmp_path / "b.zip").stat().st_size
    assert (tmp_path / "b.zip").read_bytes() == (tmp_path / "a.zip").read_bytes()


@at_length
def test_a_handout_is_printed_whole_and_the_same_each_time(tmp_path: Path) -> None:
    story = write_full(tmp_path)
    for name in ("a.pdf", "b.pdf"):
        done = run("build", story, "-o", tmp_path / name, "--lang", "ru", STORYMAP_CACHE=str(tmp_path / "cache"))
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    paper = pypdf.PdfReader(tmp_path / "a.pdf")
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in paper.pages))
    for said in ("История", "Первый текст.", "Второй текст.", "Третий текст.", "It rocks", "Было неверно."):
        assert said in text, said
    assert f"{len(paper.pages)} / {len(paper.pages)}" in text, "pages are numbered"
    assert paper.trailer["/Root"]["/Lang"] == "ru" and "/StructTreeRoot" in paper.trailer["/Root"]
    assert b"story.invalid" not in (tmp_path / "a.pdf").read_bytes()
    pictures = [image for page in paper.pages for image in page.images]
    assert any(image.image and image.image.convert("RGB").getpixel((5, 5)) == (255, 0, 0) for image in pictures)


@pytest.mark.thorough
def test_handouts_of_a_site_are_not_printed_twice(tmp_path: Path) -> None:
    story, dist, cache = write_full(tmp_path), tmp_path / "dist", str(tmp_path / "cache")
    first = run("build", story, "-o", dist, "--print", STORYMAP_CACHE=cache)
    assert first.returncode == 0 and first.stderr.count("printing") == 2, first.stderr
    printed = {name: (dist / name).read_bytes() for name in ("handout.pdf", "ru/handout.pdf")}
    again = run("build", story, "-o", dist, "--print", "--single-file", STORYMAP_CACHE=cache)
    assert again.returncode == 0 and "printing" not in again.stderr
    assert {name: (dist / name).read_bytes() for name in printed} == printed


@pytest.mark.parametrize("whole", [True, False])
@at_length
def test_without_a_browser_a_site_lacks_its_handout_and_says_so(tmp_path: Path, whole: bool) -> None:
    story = write_full(tmp_path)
    words = ("-o", tmp_path / "dist", "--print") if whole else ("-o", tmp_path / "one.pdf")
    done = run("build", story, *words, STORYMAP_BROWSER="/nowhere", STORYMAP_CACHE=str(tmp_path / "cache"))
    assert "STORYMAP_BROWSER names '/nowhere', which is no file" in done.stderr and "Traceback" not in done.stderr
    assert done.returncode == (0 if whole else 1)
    assert (tmp_path / "dist" / "index.html").is_file() == whole
    assert not list(tmp_path.rglob("*.pdf"))
