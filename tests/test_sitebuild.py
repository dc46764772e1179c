"""Building a site: what is in it, the same bytes each time, whole or not at all, and nothing made twice."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import storymap
from builtsite import URL, built, tree, write_full
from storymap import cli, raster, sitebuild
from storymap.manifest import MANIFEST, entry, read_manifest
from storymap.sitebuild import BuildRefused, site_address

HASH = r"[0-9a-f]{16}"
LAYERS = ("area", "line", "pit", "town")
STEPS = ("one", "two", "three")


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
    """A build of its own to be changed."""
    return shutil.copytree(dist, tmp_path / "dist")


def command(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [*map(str, words)], prog_name="storymap")


def paths(folder: Path) -> set[str]:
    return {re.sub(HASH, "HASH", name) for name in tree(folder)}


def test_a_site_has_all_its_files_in_every_language(dist: Path) -> None:
    page = {"index.html", "embed.html", "card.png", "cover.png"}
    page |= {f"images/{step}.{kind}" for step in STEPS for kind in ("svg", "png")}
    addressed = {"feed.xml", "oembed.json", "embed.txt"}
    shared = {"embed.js", "story.json", "_headers", MANIFEST, "sitemap.xml", "media/HASH.png"}
    shared |= {f"data/{layer}-HASH.geojson" for layer in LAYERS}
    assert paths(dist) == shared | {at + name for at in ("", "ru/") for name in page | addressed}


def test_without_an_address_what_needs_one_is_left_out_and_that_is_said(
    story: Path, dist: Path, tmp_path: Path
) -> None:
    done = built(story, tmp_path / "dist")
    left_out = {"feed.xml", "oembed.json", "embed.txt", "ru/feed.xml", "ru/oembed.json", "ru/embed.txt", "sitemap.xml"}
    assert paths(dist) - paths(tmp_path / "dist") == left_out
    (note,) = done.notes
    assert all(name in note for name in ("sitemap.xml", "feed.xml", "oembed.json", "embed.txt", "--url"))
    assert "example.org" not in (tmp_path / "dist/index.html").read_text("utf-8")


def test_the_address_may_stand_in_the_story(dist: Path, tmp_path: Path) -> None:
    folder = write_full(tmp_path, lambda story: story.update(url=URL))
    done = built(folder, tmp_path / "dist")
    assert done.notes == () and done.manifest.url == URL
    here, there = tree(tmp_path / "dist"), tree(dist)
    assert {name for name in there if here.get(name) != there[name]} == {MANIFEST}, "only what it was made from differs"


def test_the_manifest_names_every_file_as_it_is(dist: Path) -> None:
    manifest = read_manifest(dist)
    files = tree(dist)
    assert {item.path for item in manifest.files} == set(files) - {MANIFEST}
    for item in manifest.files:
        assert item == entry(item.path, files[item.path])
    assert (manifest.slug, manifest.lang, manifest.url, manifest.withdrawn) == ("a-story", "en", URL, False)
    assert manifest.languages == {"en": "index.html", "ru": "ru/index.html"}


def test_the_same_story_is_the_same_bytes_in_every_process(story: Path, dist: Path, tmp_path: Path) -> None:
    code = "import sys, storymap; storymap.build(storymap.load(sys.argv[1]), sys.argv[2], url=sys.argv[3])"
    moved = shutil.copytree(story, tmp_path / "elsewhere" / "a-story")
    for path in moved.rglob("*"):
        os.utime(path, (0, 0))
    subprocess.run(
        [sys.executable, "-c", code, moved, tmp_path / "dist", URL],
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Almaty", "LC_ALL": "C"},
    )
    assert tree(tmp_path / "dist") == tree(dist)


def test_every_address_in_a_page_is_relative_and_names_a_file(story: Path, tmp_path: Path) -> None:
    built(story, tmp_path / "dist")
    for name in ("index.html", "ru/index.html", "embed.html"):
        html = (tmp_path / "dist" / name).read_text("utf-8")
        addresses = re.findall(r'(?:href|src)="([^"#][^"]*)"', html)
        own = [address for address in addresses if not re.match(r"https?:|data:", address)]
        assert own, name
        for address in own:
            assert not address.startswith("/") and (tmp_path / "dist" / name).parent.joinpath(address).is_file(), (
                address
            )


def test_nothing_changed_nothing_is_written(story: Path, copied: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in copied.rglob("*")}
    done = built(story, copied, url=URL)
    assert not done.fresh
    assert {path: path.stat().st_mtime_ns for path in copied.rglob("*")} == before


def test_a_changed_text_draws_no_picture_anew(copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    real = raster.png
    monkeypatch.setattr(raster, "png", lambda svg, **more: (drawn.append(svg), real(svg, **more))[1])
    folder = write_full(tmp_path, lambda story: story["steps"][1].update(text="Another text."))
    done = built(folder, copied, url=URL)
    assert (done.fresh, done.drawn, done.reused, drawn) == (True, 0, 10, [])
    assert {"index.html", "feed.xml", "story.json"} <= set(done.changed)
    assert not any(name.endswith(".png") for name in done.changed)
    fresh = tmp_path / "fresh"
    built(folder, fresh, url=URL)
    assert tree(copied) == tree(fresh), "what is reused is what would be made"


def test_a_changed_map_draws_its_pictures_only(copied: Path, tmp_path: Path) -> None:
    folder = write_full(tmp_path, lambda story: story["steps"][2].update(tone="light"))
    done = built(folder, copied, url=URL)
    assert (done.drawn, done.reused) == (2, 8)
    assert {name for name in done.changed if name.endswith(".png")} == {"images/three.png", "ru/images/three.png"}


def test_what_goes_away_is_gone_and_said(copied: Path, tmp_path: Path) -> None:
    def without_the_last(story: dict[str, Any]) -> None:
        del story["steps"][2]

    folder = write_full(tmp_path, without_the_last)
    (folder / "story.ru.yaml").unlink()
    done = built(folder, copied, url=URL)
    assert {"images/three.png", "images/three.svg", "ru/index.html"} <= set(done.removed)
    assert not (copied / "ru").exists() and not (copied / "images/three.png").exists()


def test_a_file_that_someone_changed_is_made_anew(story: Path, dist: Path, copied: Path) -> None:
    (copied / "images/one.png").write_bytes(b"not what was built")
    (copied / "index.html").unlink()
    done = built(story, copied, url=URL)
    assert done.fresh and done.drawn == 1
    assert tree(copied) == tree(dist)


def test_anew_reuses_nothing(story: Path, dist: Path, copied: Path) -> None:
    done = built(story, copied, url=URL, anew=True)
    assert (done.fresh, done.drawn, done.reused) == (True, 10, 0)
    assert tree(copied) == tree(dist)


def test_files_that_no_build_made_stay(story: Path, copied: Path) -> None:
    (copied / "CNAME").write_text("maps.example.org\n")
    (copied / ".git").mkdir()
    (copied / ".git/HEAD").write_text("ref: x\n")
    (copied / "link").symlink_to("CNAME")
    done = built(story, copied, url=URL, anew=True)
    assert done.carried == (".git/HEAD", "CNAME", "link")
    assert (copied / "CNAME").read_text() == "maps.example.org\n" and (copied / ".git/HEAD").is_file()
    assert (copied / "link").is_symlink()
    assert built(story, copied, url=URL).carried == done.carried


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda out: (out.mkdir(), (out / "thesis.doc").write_text("years of work")), "is no build"),
        (lambda out: out.write_text("a file"), "is a file"),
        (lambda out: (out.mkdir(), (out / MANIFEST).write_text("{}")), "is no manifest"),
    ],
)
def test_what_is_no_build_of_ours_is_not_replaced(
    story: Path, tmp_path: Path, prepare: Callable[[Path], object], said: str
) -> None:
    out = tmp_path / "dist"
    prepare(out)
    before = out.read_bytes() if out.is_file() else tree(out)
    with pytest.raises(BuildRefused, match=said):
        built(story, out)
    assert (out.read_bytes() if out.is_file() else tree(out)) == before


def test_the_build_of_another_story_is_not_replaced(copied: Path, tmp_path: Path) -> None:
    other = write_full(tmp_path).rename(tmp_path / "another")
    before = tree(copied)
    with pytest.raises(BuildRefused, match="holds the story 'a-story', not 'another'"):
        built(other, copied)
    assert tree(copied) == before


def test_the_story_s_own_folder_is_not_replaced(tmp_path: Path) -> None:
    folder = write_full(tmp_path)
    before = tree(folder)
    with pytest.raises(BuildRefused, match="is no build"):
        built(folder, folder)
    assert tree(folder) == before


def test_a_build_inside_the_story_s_folder_does_not_count_as_part_of_it(tmp_path: Path) -> None:
    folder = write_full(tmp_path)
    assert built(folder, folder / "dist").fresh
    assert not built(folder, folder / "dist").fresh


def test_a_build_that_fails_leaves_the_old_one_and_nothing_beside_it(
    story: Path, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(copied)

    def full_disk(*_: object) -> object:
        raise OSError(28, "No space left on device", "disk")

    monkeypatch.setattr(sitebuild.sitecheck, "weights", full_disk)
    with pytest.raises(OSError, match="No space"):
        built(story, copied, url=URL, anew=True)
    assert tree(copied) == before
    assert [path.name for path in copied.parent.iterdir()] == ["dist"]


def test_a_link_that_leads_nowhere_stops_the_build(copied: Path, tmp_path: Path) -> None:
    before = tree(copied)
    folder = write_full(
        tmp_path, lambda story: story["steps"][0].update(text="See [there](#nowhere) and [here](#two).")
    )
    with pytest.raises(BuildRefused) as refused:
        built(folder, copied, url=URL)
    assert str(refused.value) == "index.html: leads to a part that is not there: #nowhere"
    assert tree(copied) == before


def test_an_unchanged_site_keeps_what_a_snippet_names(copied: Path, tmp_path: Path) -> None:
    """The first step may get another name: the snippet in the article holds all the same."""
    snippet = (copied / "embed.txt").read_text("utf-8")

    def renamed(story: dict[str, Any]) -> None:
        story["steps"][0]["id"] = "beginning"

    folder = write_full(tmp_path, renamed)
    (folder / "story.ru.yaml").unlink()
    built(folder, copied, url=URL)
    assert (copied / "embed.txt").read_text("utf-8") == snippet
    for address in re.findall(rf'{re.escape(URL)}([^"#?]*)', snippet):
        assert (copied / (address or "index.html")).is_file(), address


@pytest.mark.parametrize(
    ("given", "made"),
    [
        (None, None),
        ("https://a.example", "https://a.example/"),
        ("https://a.example/b", "https://a.example/b/"),
        ("http://a.example:8080/b/index.html", "http://a.example:8080/b/"),
    ],
)
def test_addresses_are_those_of_a_folder(given: str | None, made: str | None) -> None:
    assert site_address(given) == made


@pytest.mark.parametrize(
    "given", ["maps.example", "", "ftp://a.example/", "https://", "https://a.example/?x=1", "/here"]
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(BuildRefused, match="--url"):
        site_address(given)


def test_the_command_says_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORYMAP_CACHE", str(tmp_path / "cache"))
    folder = write_full(tmp_path)
    out = tmp_path / "dist"
    first = command("build", folder, "-o", out)
    assert first.exit_code == 0, first.output
    assert "compiling en" in first.stderr and "compiling ru" in first.stderr and "left out" in first.stderr
    head, *weights = first.stdout.splitlines()
    assert re.fullmatch(
        rf"{re.escape(str(out))}: 28 files, [\d.]+ MB; 28 new or changed, 0 as before; 10 pictures drawn, 0 reused",
        head,
    )
    assert [line.split(":")[0] for line in weights] == ["index.html", "ru/index.html"]
    assert all(
        re.search(r"kB of 250\.0 kB compressed, .* of 130\.0 kB up to the first step$", line) for line in weights
    )
    again = command("build", folder, "-o", out)
    assert again.stdout.splitlines()[0].startswith(f"{out}: nothing has changed: 28 files")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("-o", "dist", "--url", "nowhere"), 1, "--url: 'nowhere'"),
        (("-o", "dist", "--url", ""), 1, "--url: ''"),
        (("-o", "dist", "--lang", "ru"), 2, "--lang goes with"),
        (("-o", "story.htm"), 2, "story.htm: build writes a folder, or a file named .html"),
        (("-o", "one.html", "--print"), 2, "leave out --print"),
        (("-o", "one.html", "--url", URL), 2, "takes no option but --lang"),
        (("-o", "one.html", "--lang", "fr"), 1, "is not translated into 'fr'"),
        ((), 2, "Missing option"),
    ],
)
def test_refusals_are_one_line(story: Path, tmp_path: Path, words: tuple[str, ...], code: int, said: str) -> None:
    placed = [str(tmp_path / word) if word in ("dist", "one.html") else word for word in words]
    done = command("build", story, *placed)
    assert done.exit_code == code and said in done.stderr and "Traceback" not in done.stderr
    if code == 1:
        assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["dist", "one.html", "one.pdf", "site.zip"])
def test_a_place_that_can_not_be_written_is_named_before_the_work(story: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    done = command("build", story, "-o", tmp_path / "file" / name)
    assert (done.exit_code, done.stderr) == (1, f"{tmp_path / 'file'}: can not be written: not a directory\n")


def test_build_is_in_the_library(story: Path, dist: Path, tmp_path: Path) -> None:
    done = storymap.build(storymap.load(story), tmp_path / "dist", url=URL)
    assert done.fresh and tree(tmp_path / "dist") == tree(dist)
