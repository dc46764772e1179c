"""The saving bar, conflicts, history and translations in the page ``/edit``, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from editorpages import desk_of, edit_page, key, saved, stories_folder, told
from storymap import edits
from storymap.app.editor.desk import open_desk
from storymap.drafts import Session
from storymap.saving import open_story, save

TITLE = key("a-story", "steps", "one", "title")


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    return stories_folder(tmp_path)


@pytest.fixture
def page(stories: Path, tmp_path: Path) -> AppTest:
    return edit_page(stories, tmp_path / "state")


def entered(page: AppTest, text: str) -> AppTest:
    page.text_input(key=TITLE).set_value(text)
    return page.run()


def other_saves(stories: Path, text: str, step: str = "one") -> None:
    base = open_story(stories / "a-story")
    save(
        stories / "a-story", base, edits.set_part(base, ("steps", step, "title"), text).after, "Boris (b@news.example)"
    )


def captions(page: AppTest) -> list[str]:
    return [caption.value for caption in page.caption]


def plain(page: AppTest) -> str:
    return "\n".join(text.value for text in page.text)


def test_the_bar_says_what_there_is_to_save(page: AppTest, stories: Path) -> None:
    assert page.button(key="save").disabled
    assert "Nothing to save" in captions(page)
    entered(page, "Uno")
    assert "1 change, kept as a draft" in captions(page)
    assert page.button(key="undo").label == "Undo: Change the title of step 'Uno'"
    page.button(key="undo").click().run()
    assert page.text_input(key=TITLE).value == "One"
    assert page.button(key="redo").label == "Redo: Change the title of step 'Uno'"
    page.button(key="redo").click().run()
    page.button(key="save").click().run()
    assert not page.exception
    assert saved(stories)["steps"][0]["title"] == "Uno"
    assert any(one.startswith("Saved ") for one in captions(page))


def test_what_others_saved_is_told_and_taken_over(page: AppTest, stories: Path) -> None:
    other_saves(stories, "Deux", "two")
    page.run()
    assert "Boris saved: Change the title of step 'Deux'" in plain(page)
    page.button(key="take in").click().run()
    assert [step["title"] for step in desk_of(page).steps] == ["One", "Deux", "Three"]
    assert "Boris saved" not in plain(page)


def test_a_conflict_is_decided_by_a_radio_button(page: AppTest, stories: Path) -> None:
    entered(page, "Uno")
    other_saves(stories, "Eins")
    page.button(key="save").click().run()
    assert [one.value for one in page.header] == ["Decide what stands there"]
    assert page.button(key="settle").disabled
    assert page.radio[0].options == ["Mine", "Boris's", "In other words"]
    page.radio[0].set_value("ours").run()
    assert not page.button(key="settle").disabled
    page.button(key="settle").click().run()
    assert saved(stories)["steps"][0]["title"] == "Uno"
    assert not page.header


def test_deciding_later_leads_back_to_the_work(page: AppTest, stories: Path) -> None:
    entered(page, "Uno")
    other_saves(stories, "Eins")
    page.button(key="save").click().run()
    page.button(key="decide later").click().run()
    assert page.text_input(key=TITLE).value == "Uno"
    assert saved(stories)["steps"][0]["title"] == "Eins"


def test_a_draft_that_was_left_is_offered(stories: Path, tmp_path: Path) -> None:
    left = open_desk(stories / "a-story", Session(desk_of(edit_page(stories, tmp_path / "state")).session.editor, "left"),
                     tmp_path / "state")  # fmt: skip
    left.do(lambda story: edits.set_part(story, ("title",), "Left"))
    left.drafts.left(left.session)
    page = edit_page(stories, tmp_path / "state")
    (offered,) = [one for one in page.button if one.label == "Take it up"]
    offered.click().run()
    assert not page.exception
    assert desk_of(page).get(("title",)) == "Left"
    assert not [one for one in page.button if one.label == "Take it up"]


def test_a_folder_that_disappears_leaves_the_work_on_the_table(page: AppTest, stories: Path) -> None:
    entered(page, "Uno")
    (stories / "a-story").rename(stories / "elsewhere")
    page.run()
    assert not page.exception
    assert page.text_input(key=TITLE).value == "Uno"
    assert any("moved or deleted" in one for one in told(page))
    page.button(key="save").click().run()
    assert any("Not saved" in one for one in told(page))
    (stories / "elsewhere").rename(stories / "a-story")
    page.button(key="save").click().run()
    assert saved(stories)["steps"][0]["title"] == "Uno"


def test_history_lists_compares_and_restores(stories: Path, tmp_path: Path) -> None:
    page = edit_page(stories, tmp_path / "state", panel="History")
    assert any("no earlier version" in one.value for one in page.markdown)
    other_saves(stories, "Eins")
    page.run()
    assert "Boris" in plain(page) and "• Change the title of step 'Eins'" in plain(page)
    page.button(key="compare version/2").click().run()
    assert not page.exception
    assert [one.value for one in page.subheader] == ["What changed"]
    labels = [one.label for one in page.selectbox]
    assert labels == ["Compare", "with", "At the step"]
    [back] = [one for one in page.button if one.label == "Back to the list"]
    back.click().run()
    page.button(key="restore/1").click().run()
    assert saved(stories)["steps"][0]["title"] == "One"
    assert any(one.startswith("Restored.") for one in told(page))


def test_a_translation_is_added_and_written(stories: Path, tmp_path: Path) -> None:
    page = edit_page(stories, tmp_path / "state", step="one", panel="Translations")
    chosen = "translate a-story into"
    page.selectbox(key=f"{chosen}/new").set_value("kk").run()
    page.button(key=f"{chosen}/add").click().run()
    assert not page.exception
    assert page.selectbox(key=chosen).value == "kk"
    field = "translation/a-story/kk/steps/one/title"
    page.text_input(key=field).set_value("Бірінші").run()
    assert desk_of(page).now.translation("kk") == {"steps": {"one": {"title": "Бірінші"}}}
    assert any(one.value.startswith("**1 of ") for one in page.markdown)
    page.text_input(key=field).set_value("").run()
    assert desk_of(page).now.translation("kk") == {}
    page.selectbox(key="texts a-story/kk").set_value("All that is to do").run()
    assert not page.exception
    assert len([one for one in [*page.text_input, *page.text_area] if str(one.key).startswith("translation/")]) > 5


def test_a_text_older_than_its_original_is_marked(stories: Path, tmp_path: Path) -> None:
    (stories / "a-story/story.ru.yaml").write_text("steps: {one: {title: Один}}\n", "utf-8")
    page = edit_page(stories, tmp_path / "state", step="one")
    entered(page, "One, and more")
    page.session_state["panel"] = "Translations"
    page.run()
    assert ":orange-badge[Older than the original]" in [one.value for one in page.markdown]
