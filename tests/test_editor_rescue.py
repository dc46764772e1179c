"""A story whose file was broken by hand: the editor says where, keeps the draft, and brings earlier versions back."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from editorpages import PATIENCE_S, desk_of, edit_page, stories_folder, told
from storymap import edits, load
from storymap.app.editor import rights
from storymap.app.editor.rights import Editor
from storymap.app.editor.saving_bar import packed
from storymap.drafts import Drafts, Session
from storymap.durable import SaveError
from storymap.history import version_files, versions
from storymap.manuscript import Manuscript
from storymap.saving import open_story, restore, save

ANNA = Editor("Anna")
BROKEN = b"# \xd0\x96\xff not even UTF-8\ntitle: [\n"


@pytest.fixture
def stories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(rights, "current_editor", lambda: ANNA)
    return stories_folder(tmp_path)


@pytest.fixture
def folder(stories: Path) -> Path:
    """The story, saved once in the editor."""
    retitle(stories / "a-story", "Saved")
    return stories / "a-story"


def retitle(folder: Path, title: str) -> Manuscript:
    base = open_story(folder)
    return save(folder, base, edits.set_part(base, ("title",), title).after, "Anna").story


def break_it(folder: Path, line: str = "oops: [1,,2]\n") -> bytes:
    path = folder / "story.yaml"
    path.write_bytes(path.read_bytes() + line.encode())
    return path.read_bytes()


def plain(page: AppTest) -> str:
    return "\n".join(one.value for one in [*page.text, *page.markdown, *page.caption, *page.code])


def test_the_place_is_told_in_words_with_the_way_back(stories: Path, folder: Path, tmp_path: Path) -> None:
    line = break_it(folder).count(b"\n")
    page = edit_page(stories, tmp_path / "state")
    assert not page.exception
    assert f"story.yaml, line {line}: not readable as YAML: ',' stands where a value is expected" in plain(page)
    assert f"→ {line:>4}  oops: [1,,2]" in plain(page)
    page.button(key="to the stories").click().run(timeout=PATIENCE_S)
    assert not page.exception and "story" not in page.query_params
    assert [one.value for one in page.title] == ["Stories"]


def test_a_version_is_brought_back_and_the_broken_file_is_kept(stories: Path, folder: Path, tmp_path: Path) -> None:
    broken = break_it(folder)
    before = len(versions(folder))
    page = edit_page(stories, tmp_path / "state")
    page.button(key=f"restore/{before}").click().run(timeout=PATIENCE_S)
    assert not page.exception
    assert desk_of(page).get(("title",)) == "Saved" == load(folder).title
    assert any(line.startswith("Restored.") for line in told(page))
    newest, lost, *_ = versions(folder)
    assert (newest.number, newest.author) == (before + 2, "Anna") and newest.changes[0].startswith("Restore version")
    assert version_files(folder, lost)["story.yaml"] == broken


def test_the_draft_is_kept_counted_downloaded_and_offered_after(stories: Path, folder: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    base, drafts, mine = open_story(folder), Drafts(folder, state), Session("Anna", "the tab of before")
    now = edits.set_part(base, ("title",), "Mine").after
    drafts.keep(mine, base, now, ["Typed once", "Typed twice"])
    drafts.left(mine)
    break_it(folder)
    page = edit_page(stories, state)
    assert "Your draft is kept" in plain(page) and "1 change)" in plain(page)
    assert [one.label for one in page.get("download_button")] == ["Download your version"]
    with zipfile.ZipFile(io.BytesIO(packed("a-story", now, drafts, mine.key))) as inside:
        assert b"Mine" in inside.read("a-story/story.yaml")
    page.button(key=f"rescue/{mine.key}").click().run(timeout=PATIENCE_S)
    assert load(folder).title == "Saved"
    assert page.button(key=f"take/{mine.key}").label == "Take it up"


def test_who_may_not_edit_any_more_brings_nothing_back(
    stories: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = break_it(folder)
    page = edit_page(stories, tmp_path / "state")
    monkeypatch.setattr(rights, "is_still", lambda name: False)
    page.button(key=f"restore/{len(versions(folder))}").click().run(timeout=PATIENCE_S)
    assert (folder / "story.yaml").read_bytes() == broken


@pytest.mark.parametrize("broken", [BROKEN, b"", b"- 1\n", b"\x00"])
def test_no_byte_of_a_file_that_can_not_be_read_is_lost(folder: Path, broken: bytes) -> None:
    good = open_story(folder).contents
    (folder / "story.yaml").write_bytes(broken)
    (folder / "story.ru.yaml").write_bytes(b"title: [\n")
    made = restore(folder, good, "Anna", "Back")
    assert made.version and (folder / "story.yaml").read_bytes() == good["story.yaml"]
    kept = version_files(folder, versions(folder)[1])
    assert kept["story.yaml"] == broken
    assert kept.get("story.ru.yaml", b"") == b"title: [\n" or (folder / "story.ru.yaml").read_bytes() == b"title: [\n"


def test_a_story_that_is_gone_is_not_written_anew(folder: Path) -> None:
    good = open_story(folder).contents
    (folder / "story.yaml").unlink()
    with pytest.raises(SaveError, match="it was moved or deleted; nothing is written"):
        restore(folder, good, "Anna", "Back")
    assert not (folder / "story.yaml").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1,,2]", "',' stands where a value is expected"),
        ("a: ]", "']' stands where a value is expected"),
        ('a: "\\q"', "between double quotation marks"),
        ("a: &", "'&' has a meaning of its own"),
        ("a: * x", "'*' has a meaning of its own"),
        ("a: !<x", "'!' has a meaning of its own"),
        ("a: |x", "'|' and '>' have a meaning of their own"),
        ("  a: 1\n b: 2", "wrong indent"),
        ("a: '\n---\nb'", "a quotation mark is opened here and never closed"),
        ("%YAML 9.1\n---\na: 1", "something here has a meaning of its own in YAML"),
    ],
)
def test_no_fault_is_told_in_the_parsers_words(text: str, said: str) -> None:
    with pytest.raises(Exception, match="not readable as YAML") as caught:
        Manuscript.of({"story.yaml": text.encode()})
    assert said in str(caught.value)
    assert not any(word in str(caught.value) for word in ("while ", "node", "scalar", "<", "token", "expected '"))
