"""Old addresses of a built story: pages that lead on to it, which no build or withdrawal takes for strays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import html5lib
import pytest
from click.testing import CliRunner, Result

from builtsite import built, tree, write_full
from storymap import cli, embed, movedsite, redirects, sitecheck
from storymap.manifest import MANIFEST, read_manifest
from storymap.sitebuild import BuildRefused
from storymap.withdrawal import withdraw

URL = "https://maps.example.org/stories/a-story/"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stories ``a-story``, once called ``middle`` and before that ``first``, and its site in ``dist/a-story``."""
    folder = tmp_path_factory.mktemp("moved")
    story = write_full(folder / "stories")
    redirects.add(folder / "stories", "first", "middle")
    redirects.add(folder / "stories", "middle", "a-story")
    built(story, folder / "dist" / "a-story", url=URL)
    return folder


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "copied")


def command(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [*map(str, words)], prog_name="storymap")


def parsed(page: bytes | str) -> Any:
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def test_each_old_name_leads_to_the_newest_in_one_step_in_every_language(made: Path) -> None:
    assert sorted(path.name for path in (made / "dist").iterdir()) == ["a-story", "first", "middle"]
    pages = {"index.html": "en", "embed.html": "en", "ru/index.html": "ru", "ru/embed.html": "ru"}
    for name in ("first", "middle"):
        files = tree(made / "dist" / name)
        assert {path for path in files if path.endswith(".html")} == set(pages)
        for path, lang in pages.items():
            page = parsed(files[path])
            target = "../" * (path.count("/") + 1) + f"a-story/{path}"
            assert page.get("lang") == lang
            assert page.find(".//a").get("href") == target
            assert (made / "dist" / name / path).parent.joinpath(target).is_file()
            assert page.find(".//meta[@name='robots']").get("content") == "noindex"
            canonical = page.find(".//link[@rel='canonical']").get("href")
            assert canonical == URL + path.removesuffix("index.html")
            assert page.find(".//noscript").text is None
            assert f'<meta http-equiv="refresh" content="0; url={target}">' in files[path].decode()
            assert "_top" not in files[path].decode(), "in a frame it leads on inside the frame"
        assert (
            "Эта" not in files["index.html"].decode()
            and "У этой истории новый адрес" in files["ru/index.html"].decode()
        )
        assert "&lt;rock&gt;" in files["index.html"].decode()


def test_snippets_that_were_pasted_keep_their_script_and_their_pictures(made: Path) -> None:
    new, old = tree(made / "dist" / "a-story"), tree(made / "dist" / "first")
    kept = {"embed.js", "cover.png", "card.png", "feed.xml", "oembed.json", "embed.txt"}
    kept |= {f"ru/{name}" for name in kept - {"embed.js"}}
    assert old["embed.js"] == embed.script()
    assert {path: old[path] for path in kept} == {path: new[path] for path in kept}
    assert set(old) - kept == {"index.html", "embed.html", "ru/index.html", "ru/embed.html", "_headers", MANIFEST}


def test_the_manifests_know_each_other_and_no_link_leads_nowhere(made: Path) -> None:
    new, old = (read_manifest(made / "dist" / name) for name in ("a-story", "first"))
    assert (new.former, new.moved) == (("first", "middle"), None)
    assert (old.slug, old.moved, old.url) == ("first", "a-story", "https://maps.example.org/stories/first/")
    assert old.languages == {"en": "index.html", "ru": "ru/index.html"}
    assert sitecheck.broken_links(made / "dist" / "first", old, {"a-story": new}) == []
    lost = sitecheck.broken_links(made / "dist" / "first", old)
    assert len(lost) == 4 and all("leads out of the site" in line for line in lost)


def test_a_refresh_that_leads_nowhere_is_found(made: Path, tmp_path: Path) -> None:
    site = shutil.copytree(made / "dist" / "first", tmp_path / "first")
    page = (site / "index.html").read_text("utf-8").replace("url=../a-story/index.html", "url=../a-story/none.html")
    (site / "index.html").write_text(page, "utf-8")
    new = read_manifest(made / "dist" / "a-story")
    (line,) = sitecheck.broken_links(site, read_manifest(site), {"a-story": new})
    assert line == "index.html: leads out of the site: ../a-story/none.html"


def test_building_again_changes_nothing_and_a_damaged_page_is_made_again(copied: Path) -> None:
    before = tree(copied / "dist")
    site = copied / "dist" / "a-story"
    again = built(copied / "stories" / "a-story", site, url=URL)
    assert (again.fresh, again.carried, again.notes) == (False, (), ())
    assert [path.name for path in again.moved] == ["first", "middle"]
    assert tree(copied / "dist") == before
    (copied / "dist/first/index.html").write_text("broken", "utf-8")
    (copied / "dist/first/CNAME").write_text("maps.example.org", "utf-8")
    built(copied / "stories" / "a-story", site, url=URL)
    assert tree(copied / "dist") == {**before, "first/CNAME": b"maps.example.org"}


def test_the_site_that_stood_at_the_old_address_makes_way_and_its_languages_still_answer(tmp_path: Path) -> None:
    story = write_full(tmp_path / "stories")
    built(story, tmp_path / "dist" / "a-story")
    (tmp_path / "dist/a-story/notes.txt").write_text("mine", "utf-8")
    story = story.rename(tmp_path / "stories" / "renamed")
    redirects.add(tmp_path / "stories", "a-story", "renamed")
    (story / "story.ru.yaml").unlink()
    done = built(story, tmp_path / "dist" / "renamed")
    assert [path.name for path in done.moved] == ["a-story"]
    files = tree(tmp_path / "dist" / "a-story")
    assert files["notes.txt"] == b"mine"
    assert "story.json" not in files and not any(path.startswith("data/") for path in files)
    assert parsed(files["ru/index.html"]).find(".//a").get("href") == "../../renamed/index.html"
    assert parsed(files["index.html"]).find(".//link[@rel='canonical']").get("href") == "../renamed/index.html"
    withdraw(tmp_path / "dist" / "renamed")
    assert "withdrawn" in (tmp_path / "dist/a-story/ru/index.html").read_text("utf-8") or "отозвана" in (
        tmp_path / "dist/a-story/ru/index.html"
    ).read_text("utf-8")


def test_what_leads_on_is_withdrawn_with_the_story_and_comes_back_with_it(copied: Path) -> None:
    before = tree(copied / "dist")
    result = command("withdraw", copied / "dist" / "a-story", "--reason", "It was wrong.")
    assert result.exit_code == 0
    assert f"{copied / 'dist' / 'first'}: withdrawn as well; it led on to the story" in result.output
    for name in ("a-story", "first", "middle"):
        assert read_manifest(copied / "dist" / name).withdrawn
        for page in ("index.html", "ru/index.html"):
            assert "It was wrong." in (copied / "dist" / name / page).read_text("utf-8")
    assert [path.name for path in withdraw(copied / "dist" / "a-story").moved] == ["first", "middle"]
    built(copied / "stories" / "a-story", copied / "dist" / "a-story", url=URL)
    assert tree(copied / "dist") == before


def test_what_is_not_ours_at_an_old_address_stays_and_is_told(copied: Path) -> None:
    shutil.rmtree(copied / "dist" / "first")
    (copied / "dist" / "first").mkdir()
    (copied / "dist/first/index.html").write_text("mine", "utf-8")
    done = built(copied / "stories" / "a-story", copied / "dist" / "a-story", url=URL)
    assert [path.name for path in done.moved] == ["middle"]
    (note,) = done.notes
    assert note.startswith("nothing leads on from the old address 'first': ") and note.endswith("; move it away")
    assert tree(copied / "dist" / "first") == {"index.html": b"mine"}


def test_the_old_address_itself_is_no_place_for_the_renamed_story(copied: Path) -> None:
    with pytest.raises(
        BuildRefused, match="is the old address of 'a-story'; name .*a-story, and this one leads on to it$"
    ):
        built(copied / "stories" / "a-story", copied / "dist" / "first")


def test_a_folder_whose_address_does_not_say_the_name_stays_the_address(tmp_path: Path) -> None:
    story = write_full(tmp_path / "stories")
    built(story, tmp_path / "public", url="https://maps.example.org/2024/map/")
    story = story.rename(tmp_path / "stories" / "renamed")
    redirects.add(tmp_path / "stories", "a-story", "renamed")
    done = built(story, tmp_path / "public", url="https://maps.example.org/2024/map/")
    assert (done.moved, done.manifest.slug) == ((), "renamed")
    assert not any("old address" in note for note in done.notes)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()].count("a-story") == 0
    unknown = built(story, tmp_path / "public")
    assert any("build into a folder called 'renamed', or give the --url" in note for note in unknown.notes)


@pytest.fixture
def stories(tmp_path: Path) -> Iterator[Path]:
    write_full(tmp_path)
    (tmp_path / "other").mkdir()
    shutil.copy(tmp_path / "a-story" / "story.yaml", tmp_path / "other")
    yield tmp_path


@pytest.mark.parametrize(("lines", "names"), [
    ("", ()), ("old: a-story", ("old",)), ("old: a-story\nolder: old\noldest: older", ("old", "older", "oldest")),
    ("old: gone", ()), ("one: two\ntwo: one\nold: a-story", ("old",)), ("other: a-story", ()),
    ("a-story: gone\nold: a-story", ("old",)),
])  # fmt: skip
def test_names_are_followed_to_the_story(stories: Path, lines: str, names: tuple[str, ...]) -> None:
    (stories / redirects.FILE).write_text(lines, "utf-8")
    assert movedsite.former_names(stories / "a-story") == names


def test_names_that_lead_in_a_circle_are_refused_in_one_line(stories: Path) -> None:
    (stories / redirects.FILE).write_text("old: a-story\na-story: older\nolder: old\n", "utf-8")
    with pytest.raises(movedsite.NameCircle) as caught:
        movedsite.former_names(stories / "a-story")
    said = "redirects.yaml: 'a-story', 'older', 'old' lead in a circle: take the line away that begins with 'a-story'"
    assert str(caught.value) == said
    result = command("build", stories / "a-story", "-o", stories / "dist")
    assert (result.exit_code, result.output) == (1, said + "\n")
    assert not (stories / "dist").exists()


def test_an_archive_holds_the_story_alone(copied: Path, tmp_path: Path) -> None:
    done = built(copied / "stories" / "a-story", tmp_path / "a-story", url=URL, alone=True)
    assert (done.moved, [path.name for path in tmp_path.iterdir()].count("first")) == ((), 0)


def test_the_command_tells_what_leads_on(copied: Path) -> None:
    result = command("build", copied / "stories" / "a-story", "-o", copied / "dist" / "a-story", "--url", URL)
    assert f"{copied / 'dist' / 'first'}: leads on to a-story; publish it at the old address" in result.output
