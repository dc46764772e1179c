"""Withdrawing a built story."""

from __future__ import annotations

import shutil
from pathlib import Path

import html5lib
import PIL.Image
import pytest
from click.testing import CliRunner, Result

from builtsite import URL, built, tree, write_full
from storymap import cli, embed
from storymap.manifest import MANIFEST, BadManifest, entry, read_manifest
from storymap.siteheaders import FRAMED_BY
from storymap.withdrawal import notice_page, withdraw


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_full(tmp_path_factory.mktemp("story"))


@pytest.fixture(scope="module")
def dist(story: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "dist"
    built(story, out, url=URL)
    return out


@pytest.fixture
def copied(dist: Path, tmp_path: Path) -> Path:
    return shutil.copytree(dist, tmp_path / "dist")


def command(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [*map(str, words)], prog_name="storymap")


LEFT = {
    "index.html",
    "cover.png",
    "card.png",
    "ru/index.html",
    "ru/cover.png",
    "ru/card.png",
    "embed.js",
    "_headers",
    MANIFEST,
}


def test_only_the_notice_is_left_at_the_same_addresses(dist: Path, copied: Path) -> None:
    done = withdraw(copied)
    files = tree(copied)
    assert set(files) == LEFT
    assert set(done.removed) == set(tree(dist)) - LEFT
    assert files["embed.js"] == embed.script()
    for lang, said in (("", "This story has been withdrawn"), ("ru/", "Эта история отозвана")):
        html = files[f"{lang}index.html"].decode()
        title = "История" if lang else "A story of &lt;rock&gt; &amp; &quot;roll&quot;"
        assert f'<p class="title">{title}</p>' in html
        assert f"<h1>{said}</h1>" in html and 'name="robots" content="noindex"' in html
        for text in ("First.", "Первый", "A miner", "storymap-data"):
            assert text not in html
    assert not any(b"First." in content or b"A miner" in content for content in files.values())


def test_pictures_of_pasted_snippets_say_so_in_the_same_size(dist: Path, copied: Path) -> None:
    withdraw(copied)
    for name, size in (("cover.png", (900, 600)), ("card.png", (1200, 630))):
        assert PIL.Image.open(copied / name).size == PIL.Image.open(dist / name).size == size
        assert (copied / name).read_bytes() != (dist / name).read_bytes()
        assert (copied / name).read_bytes() != (copied / "ru" / name).read_bytes()


def test_the_manifest_is_that_of_a_withdrawn_story(copied: Path) -> None:
    withdraw(copied)
    manifest = read_manifest(copied)
    assert (manifest.withdrawn, manifest.slug, manifest.url, manifest.made_from) == (True, "a-story", URL, {})
    withdraw(copied)
    assert '<p class="title">История</p>' in (copied / "ru/index.html").read_text("utf-8"), (
        "still known the second time"
    )
    assert [item.path for item in manifest.files] == sorted(LEFT - {MANIFEST})
    for item in manifest.files:
        assert item == entry(item.path, (copied / item.path).read_bytes())
    headers = (copied / "_headers").read_text("utf-8")
    assert headers.count(f"Content-Security-Policy: {notice_page('', 'en', None)[1]}; {FRAMED_BY}\n") == 4


def test_the_reason_is_text_whatever_it_holds() -> None:
    html, csp = notice_page("A <b>", "en", 'A court: <script>alert("1")</script>\n\nSecond.')
    document = html5lib.HTMLParser(strict=True).parse(html)
    found = [element.tag.rpartition("}")[2] for element in document.iter() if isinstance(element.tag, str)]
    assert "script" not in found and found.count("p") == 3
    assert "script-src" not in csp and "default-src 'none'" in csp


def test_withdrawing_twice_is_the_same_as_once(copied: Path) -> None:
    withdraw(copied, "Why.")
    before = tree(copied)
    assert withdraw(copied, "Why.").removed == ()
    assert tree(copied) == before


def test_withdrawing_again_keeps_the_reason_unless_another_is_given(copied: Path) -> None:
    withdraw(copied, "A court has asked us to.")
    before = tree(copied)
    withdraw(copied)
    assert tree(copied) == before
    withdraw(copied, "It was wrong.")
    page = (copied / "index.html").read_text("utf-8")
    assert "It was wrong." in page and "A court" not in page
    withdraw(copied, "")
    assert "It was wrong." not in (copied / "index.html").read_text("utf-8")
    assert read_manifest(copied).reason is None


def test_building_again_takes_it_back(story: Path, dist: Path, copied: Path) -> None:
    withdraw(copied)
    assert built(story, copied, url=URL).fresh
    assert tree(copied) == tree(dist)


def test_files_that_no_build_made_stay(copied: Path) -> None:
    (copied / "CNAME").write_text("maps.example.org\n")
    assert withdraw(copied).carried == ("CNAME",)
    assert (copied / "CNAME").read_text() == "maps.example.org\n"


def test_what_is_no_build_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(BadManifest):
        withdraw(tmp_path)
    done = command("withdraw", tmp_path)
    assert done.exit_code == 1 and "is no build of a story" in done.stderr and done.stderr.count("\n") == 1
    assert "storymap build STORY -o FOLDER" in done.stderr
    assert "there is no such folder" in command("withdraw", tmp_path / "nosuch").stderr
    assert tree(tmp_path) == {"thesis.doc": b"years of work"}


def test_the_command_says_what_it_did_and_what_is_left_to_do(copied: Path) -> None:
    done = command("withdraw", copied, "--reason", "A court has asked us to.")
    assert done.exit_code == 0
    assert done.stdout.startswith(f"{copied}: 'A story of <rock> & \"roll\"' is withdrawn: 2 pages with a notice, ")
    assert "publish the folder again" in done.stderr
    assert "A court has asked us to." in (copied / "ru/index.html").read_text("utf-8")
