"""The page of stories, without a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from editorpages import PATIENCE_S, desk_of, edit_page, stories_folder, told
from storymap import edits, load, redirects
from storymap.app.editor import rights
from storymap.app.editor.desk import open_desk
from storymap.app.editor.languages import LANGS
from storymap.app.editor.layer_list import titles_in
from storymap.app.editor.rights import Editor
from storymap.countries import basemap_beside, countries
from storymap.drafts import Drafts, Session
from storymap.saving import open_story
from storymap.storyfolders import create, is_archived, shelf
from storymap.storyzip import pack
from storymap.templates import Kind, from_template

FIXTURES = Path(__file__).parent / "incoming"
ANNA = Editor("Anna")


@pytest.fixture
def stories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(rights, "current_editor", lambda: ANNA)
    return stories_folder(tmp_path)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def names(stories: Path) -> list[str]:
    return [one.name for one in shelf(stories)]


def page(stories: Path, state: Path) -> AppTest:
    at = edit_page(stories, state, "")
    assert not at.exception
    return at


def press(at: AppTest, key: str) -> AppTest:
    done = at.button(key=key).click().run(timeout=PATIENCE_S)
    assert not done.exception
    return done


def test_a_story_is_begun_from_a_template_and_opened(stories: Path, state: Path) -> None:
    at = press(page(stories, state), "new-story")
    at.radio(key="begin-kind").set_value("places")
    at.text_input(key="begin-title").set_value("Города у моря")
    at.selectbox(key="begin-lang").set_value("ru")
    at = press(at, "begin-go")
    assert load(stories / "goroda-u-morya").title == "Города у моря"
    assert at.query_params["story"] in ("goroda-u-morya", ["goroda-u-morya"])


@pytest.mark.parametrize(
    ("title", "lang", "first"),
    [("Дорога соли", "ru", "Где мы"), ("Тұз жолы", "kk", "Біз қайдамыз"), ("The road of salt", "en", "Where we are")],
)
def test_a_story_is_in_the_language_of_its_title(stories: Path, state: Path, title: str, lang: str, first: str) -> None:
    at = press(page(stories, state), "new-story")
    at.text_input(key="begin-title").set_value(title)
    at = at.run()
    assert at.selectbox(key="begin-lang").proto.placeholder == LANGS[lang]
    press(at, "begin-go")
    (made,) = (load(stories / name) for name in names(stories) if name != "a-story")
    assert (made.title, made.lang, made.steps[0].title) == (title, lang, first)


@pytest.mark.parametrize("kind", ["places", "route"])
def test_no_two_layers_of_a_step_to_begin_with_are_called_the_same(stories: Path, state: Path, kind: Kind) -> None:
    made = from_template(kind, next(one for one in countries(basemap_beside(stories)) if one.code == "KAZ"))
    story = load(create(stories, "new", made.write))
    several = 0
    for step in story.steps:
        desk = open_desk(stories / "new", Session("Anna", step.id), state, step.id)
        titles = list(titles_in(desk).values())
        assert len(titles) == len(set(titles)) == len(step.show), titles
        several += len({part.layer for part in step.show}) < len(step.show)
    assert several, "the template has steps that show one layer several times"


def test_the_language_that_is_chosen_is_kept(stories: Path, state: Path) -> None:
    at = press(page(stories, state), "new-story")
    at.selectbox(key="begin-lang").set_value("en")
    at.text_input(key="begin-title").set_value("Дорога соли")
    press(at, "begin-go")
    assert load(stories / "doroga-soli").lang == "en"


def test_a_name_that_does_not_fit_is_told_beside_the_field(stories: Path, state: Path) -> None:
    at = press(page(stories, state), "new-story")
    at.text_input(key="begin-name").set_value("../evil")
    at = press(at, "begin-go")
    assert any("can not be an address" in line for line in told(at))
    assert names(stories) == ["a-story"]


def test_duplicate_rename_archive_and_back(stories: Path, state: Path) -> None:
    at = press(press(page(stories, state), "duplicate-a-story"), "go-duplicate-a-story")
    assert names(stories) == ["a-story", "a-story-copy"]
    assert load(stories / "a-story-copy").title == "A story (copy)"
    at = press(at, "rename-a-story-copy")
    next(box for box in at.text_input if box.label == "Name in addresses").set_value("another")
    at = press(at, "go-rename-a-story-copy")
    assert names(stories) == ["a-story", "another"]
    assert redirects.target(stories, "a-story-copy") == "another"
    at = press(press(at, "archive-another"), "go-archive-another")
    assert is_archived(stories / "another")
    at = press(at, "back-another")
    assert not is_archived(stories / "another")
    assert any("'another' is back" in line for line in told(at))


def test_cancel_changes_nothing(stories: Path, state: Path) -> None:
    at = press(press(page(stories, state), "archive-a-story"), "cancel-a-story")
    assert not is_archived(stories / "a-story")
    assert at.button(key="archive-a-story")


def test_each_write_asks_for_the_right_again(stories: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = press(page(stories, state), "archive-a-story")
    asked: list[Editor | None] = [ANNA]
    monkeypatch.setattr(rights, "current_editor", lambda: asked.pop() if asked else None)
    at = press(at, "go-archive-a-story")
    assert not is_archived(stories / "a-story")
    assert any("you may not edit any more" in line for line in told(at))


def test_faults_drafts_and_others_are_told(stories: Path, state: Path) -> None:
    (stories / "broken").mkdir()
    (stories / "broken" / "story.yaml").write_text("titel: x\n")
    base = open_story(stories / "a-story")
    drafts, mine = Drafts(stories / "a-story", state), Session("Anna", "one")
    drafts.keep(mine, base, edits.set_part(base, ("title",), "New").after, ["Change the title"])
    drafts.left(mine)
    drafts.seen(Session("Berik", "two"))
    at = page(stories, state)
    html = " ".join(box.proto.body for box in at.get("html"))
    assert "Unsaved draft: 1 change" in html and "Open: Berik" in html and "Can not be shown yet" in html
    assert any("titel" in box.value for box in at.code)


def test_the_changes_of_a_draft_are_counted_as_the_editor_counts_them(stories: Path, state: Path) -> None:
    base = open_story(stories / "a-story")
    drafts, mine = Drafts(stories / "a-story", state), Session("Anna", "one")
    now = edits.set_part(edits.set_part(base, ("title",), "New").after, ("title",), "Newer").after
    drafts.keep(mine, base, now, ["Change the title", "Change the title"])
    drafts.left(mine)
    assert "Unsaved draft: 1 change<" in " ".join(box.proto.body for box in page(stories, state).get("html"))
    editor = edit_page(stories, state)
    assert any("1 change)" in box.value for box in editor.markdown)
    assert "1 change, kept as a draft" in [box.value for box in press(editor, f"take/{mine.key}").caption]


def test_the_address_in_the_list_leads_to_the_readers_page(stories: Path, state: Path) -> None:
    html = " ".join(box.proto.body for box in page(stories, state).get("html"))
    assert re.search(r'<a href="/story/a-story/" target="_blank" rel="noopener"[^>]*>/story/a-story/</a>', html)


def test_the_editor_leads_back_to_the_list_and_to_the_readers_page(stories: Path, state: Path) -> None:
    at = edit_page(stories, state, step="two")
    html = " ".join(box.proto.body for box in at.get("html"))
    assert re.search(r'<a href="/story/a-story/#two" target="_blank"[^>]*>Reader’s page</a>', html)
    at = press(at, "to the stories")
    assert [one.value for one in at.title] == ["Stories"] and "story" not in at.query_params


def test_a_title_is_never_markup(stories: Path, state: Path) -> None:
    path = stories / "a-story" / "story.yaml"
    path.write_text(path.read_text().replace("A story", "'<img src=x onerror=alert(1)> *x*'"))
    html = " ".join(box.proto.body for box in page(stories, state).get("html"))
    assert "&lt;img src=x onerror=alert(1)&gt; *x*" in html and "<img src=x" not in html


def test_an_export_of_another_program_is_imported(stories: Path, state: Path) -> None:
    at = press(page(stories, state), "import-story")
    content = (FIXTURES / "storymapjs.json").read_bytes()
    at.file_uploader(key="bring-in-files").set_value(("salt.json", content, "application/json"))
    at = press(at.run(), "begin-go")
    assert load(stories / "the-road-of-salt").title == "The road of salt"
    assert (stories / "the-road-of-salt" / "IMPORT.md").is_file()
    assert any("was not fetched" in box.value for box in at.text)


def test_an_imported_story_is_told_by_title_and_address_and_opened(stories: Path, state: Path) -> None:
    at = press(page(stories, state), "import-story")
    content = pack(stories / "a-story")
    at.file_uploader(key="bring-in-files").set_value(("a-story.zip", content, "application/zip"))
    at = press(at.run(), "begin-go")
    said = "“A story” was imported\\. It is at /story/a\\-story\\-2/\\."
    assert [box.value for box in at.success] == [said]
    assert [box.value for box in at.run().success] == [said], "said until something else is begun"
    html = " ".join(box.proto.body for box in at.get("html"))
    assert '<span class="way"><a href="/story/a-story-2/" target="_blank"' in html
    opened = press(at, "open-new")
    assert opened.query_params["story"] in ("a-story-2", ["a-story-2"]) and desk_of(opened, "a-story-2")
    assert not press(opened, "to the stories").success


def test_what_was_said_goes_when_something_else_is_begun(stories: Path, state: Path) -> None:
    at = press(press(page(stories, state), "duplicate-a-story"), "go-duplicate-a-story")
    assert at.success and at.button(key="open-new")
    assert not press(at, "new-story").success


def test_a_title_that_is_told_is_never_markup(stories: Path, state: Path) -> None:
    path = stories / "a-story" / "story.yaml"
    path.write_text(path.read_text().replace("A story", "'[x](javascript:1) *y* :red[z]'", 1))
    at = press(page(stories, state), "import-story")
    at.file_uploader(key="bring-in-files").set_value(("b.zip", pack(stories / "a-story"), "application/zip"))
    (box,) = press(at.run(), "begin-go").success
    assert box.value.startswith("“\\[x\\]\\(javascript\\:1\\) \\*y\\* \\:red\\[z\\]”")


def test_a_spreadsheet_is_asked_about(stories: Path, state: Path) -> None:
    at = press(page(stories, state), "import-story")
    at.file_uploader(key="bring-in-files").set_value(
        ("places.csv", (FIXTURES / "places-en.csv").read_bytes(), "text/csv")
    )
    at = at.run()
    question = next(box for box in at.selectbox if box.label == "Row 1: Springfield")
    assert len(question.options) > 3
    question.select_index(1)
    at = press(at.run(), "begin-go")
    assert "places.geojson" in (stories / "places" / "story.yaml").read_text()
