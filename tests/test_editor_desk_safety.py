"""A desk beside other editors: saving, taking over, conflicts, drafts, restoring, and a right that is withdrawn."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest

from storyfolder import write_story
from storymap import edits
from storymap.app.editor.clock import dated, told
from storymap.app.editor.desk import Desk, open_desk
from storymap.app.editor.past import saved
from storymap.app.editor.saving_bar import packed, state_in_words, who_is_here
from storymap.app.editor.tabs import Tabs
from storymap.drafts import Session
from storymap.merge import Value
from storymap.saving import open_story, save

PICTURE = b"\x89PNG not really"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_story(tmp_path)


def desk_of(folder: Path, editor: str = "Anna", token: str = "1") -> Desk:
    return open_desk(folder, Session(editor, token), folder.parent / "state")


def title(desk: Desk, step: str, text: str) -> bool:
    return desk.do(lambda story: edits.set_part(story, ("steps", step, "title"), text))


def titles(desk: Desk) -> list[str]:
    return [str(step["title"]) for step in desk.steps]


def on_disk(folder: Path) -> list[str]:
    return [step["title"] for step in open_story(folder).data["steps"]]


def other_saves(folder: Path, step: str, text: str, who: str = "Boris") -> None:
    base = open_story(folder)
    save(folder, base, edits.set_part(base, ("steps", step, "title"), text).after, who)


def test_news_of_others_come_with_their_name_and_go_with_a_save(folder: Path) -> None:
    desk = desk_of(folder)
    assert not desk.news()
    other_saves(folder, "two", "Deux")
    news = desk.news()
    assert (news.authors, news.sentences) == (("Boris",), ("Change the title of step 'Deux'",))
    title(desk, "one", "Uno")
    assert desk.save()
    assert on_disk(folder) == ["Uno", "Deux", "Three"]
    assert not desk.news()


def test_a_file_that_is_changed_by_hand_has_no_author(folder: Path) -> None:
    desk = desk_of(folder)
    path = folder / "story.yaml"
    path.write_text(path.read_text("utf-8").replace("title: Two", "title: Handmade"), "utf-8")
    assert desk.news().authors == ()
    assert desk.news().line == "Change the title of step 'Handmade'"


def test_what_others_changed_is_taken_over_without_saving_and_without_losing_undo(folder: Path) -> None:
    desk = desk_of(folder)
    title(desk, "one", "Uno")
    title(desk, "three", "Tres")
    other_saves(folder, "two", "Deux")
    assert desk.take_in()
    assert titles(desk) == ["Uno", "Deux", "Tres"]
    assert on_disk(folder) == ["One", "Deux", "Three"]
    assert not desk.news()
    assert desk.undo() and titles(desk) == ["Uno", "Deux", "Three"]
    assert desk.undo() and titles(desk) == ["One", "Deux", "Three"]
    assert not desk.undo()
    assert not desk.changed


def test_undo_after_a_save_takes_back_nothing_of_others(folder: Path) -> None:
    desk = desk_of(folder)
    title(desk, "one", "Uno")
    other_saves(folder, "two", "Deux")
    assert desk.save()
    assert desk.undo()
    assert titles(desk) == ["One", "Deux", "Three"]
    assert desk.save()
    assert on_disk(folder) == ["One", "Deux", "Three"]


@pytest.mark.parametrize(("answer", "wanted"), [("ours", "Uno"), ("theirs", "Eins"), (Value("Both"), "Both")])
def test_a_conflict_is_decided_and_then_saved(folder: Path, answer: object, wanted: str) -> None:
    desk = desk_of(folder)
    title(desk, "one", "Uno")
    title(desk, "three", "Tres")
    other_saves(folder, "one", "Eins")
    before = (folder / "story.yaml").read_bytes()
    assert not desk.save()
    assert (folder / "story.yaml").read_bytes() == before
    (conflict,) = desk.conflicts
    assert state_in_words(desk, None) == "Not saved: 1 place to decide"
    desk.decided[conflict.key] = answer  # type: ignore[assignment]
    assert desk.settle()
    assert on_disk(folder) == [wanted, "Two", "Tres"]
    assert desk.conflicts == ()
    desk.undo()
    assert titles(desk)[2] == "Three"


def test_a_conflict_while_taking_over_is_asked_as_well(folder: Path) -> None:
    desk = desk_of(folder)
    title(desk, "one", "Uno")
    other_saves(folder, "one", "Eins")
    assert not desk.take_in()
    (conflict,) = desk.conflicts
    desk.decided[conflict.key] = "theirs"
    assert desk.settle()
    assert titles(desk)[0] == "Eins"
    assert not desk.changed


def test_a_right_that_is_withdrawn_stops_every_write(folder: Path) -> None:
    desk = desk_of(folder)
    title(desk, "one", "Uno")
    left = desk_of(folder, token="2")
    title(left, "one", "Left")
    left.drafts.left(left.session)
    (draft,) = desk.found()
    files = saved(folder)
    assert files == []
    allowed = [True]
    desk.may = lambda: allowed[0]
    allowed[0] = False
    before, state = desk.now, sorted((path.name, path.read_bytes()) for path in desk.drafts.place.glob("*.draft"))
    assert not title(desk, "one", "Never")
    assert not desk.undo() and not desk.redo() and not desk.save() and not desk.take_in()
    assert not desk.restore({"story.yaml": b"title: x"}, "Restore")
    desk.adopt(draft)
    desk.give_up(draft)
    desk.reload()
    assert desk.now is before
    assert on_disk(folder) == ["One", "Two", "Three"]
    assert sorted((path.name, path.read_bytes()) for path in desk.drafts.place.glob("*.draft")) == state
    assert {notice.kind for notice in desk.told()} == {"error"}
    allowed[0] = True
    assert desk.save()
    assert on_disk(folder)[0] == "Uno"


def test_a_draft_is_taken_up_and_unsaved_work_stays_a_draft(folder: Path) -> None:
    left = desk_of(folder, token="left")
    name = left.drafts.bring_in(left.session, "media/plant.png", PICTURE)
    left.do(lambda story: edits.set_part(story, ("steps", "two", "media"), {"file": name, "alt": "A", "credit": "B"}))
    left.drafts.left(left.session)
    desk = desk_of(folder)
    title(desk, "one", "Uno")
    # The preview asks for the folder of files even where nothing was brought in.
    desk.drafts.files(desk.session)
    (draft,) = desk.found()
    desk.adopt(draft)
    assert desk.get(("steps", "two", "media", "file")) == name
    assert [one.now.data["steps"][0]["title"] for one in desk.found()] == ["Uno"]
    assert desk.save()
    assert (folder / name).read_bytes() == PICTURE


def test_files_that_were_brought_in_survive_undo_a_save_and_redo(folder: Path) -> None:
    desk = desk_of(folder)
    name = desk.drafts.bring_in(desk.session, "media/plant.png", PICTURE)
    desk.do(lambda story: edits.set_part(story, ("steps", "two", "media"), {"file": name, "alt": "A", "credit": "B"}))
    assert desk.undo() and not desk.changed
    title(desk, "one", "Uno")
    assert desk.undo()
    assert desk.save() or True
    desk.do(lambda story: edits.set_part(story, ("steps", "two", "media"), {"file": name, "alt": "A", "credit": "B"}))
    assert desk.save()
    assert (folder / name).read_bytes() == PICTURE


def test_restoring_is_a_version_and_leaves_unsaved_work_as_a_draft(folder: Path) -> None:
    desk = desk_of(folder)
    title(desk, "one", "Uno")
    assert desk.save()
    title(desk, "one", "Dos")
    assert desk.save()
    title(desk, "two", "Unsaved")
    past = saved(folder)
    assert [one.story().data["steps"][0]["title"] for one in past] == ["Dos", "Uno", "One"]
    assert desk.restore(past[-1].files(), "Restore version 1")
    assert on_disk(folder) == ["One", "Two", "Three"]
    assert titles(desk) == ["One", "Two", "Three"]
    assert not desk.changed
    assert saved(folder)[0].sentences == ("Restore version 1",)
    (draft,) = desk.found()
    assert draft.now.data["steps"][1]["title"] == "Unsaved"
    assert desk.undo() and titles(desk) == ["Dos", "Unsaved", "Three"]
    assert desk.save() and on_disk(folder) == ["Dos", "Unsaved", "Three"]


def test_a_version_that_can_not_be_shown_is_not_restored(folder: Path) -> None:
    desk = desk_of(folder)
    title(desk, "one", "Uno")
    assert not desk.restore({"story.yaml": b"title: x\nsteps: []\n"}, "Restore")
    assert "Not restored" in desk.told()[-1].text
    assert titles(desk)[0] == "Uno" and desk.changed


def test_a_folder_that_is_gone_is_told_and_the_work_can_be_taken_home(folder: Path) -> None:
    desk = desk_of(folder)
    name = desk.drafts.bring_in(desk.session, "media/plant.png", PICTURE)
    title(desk, "one", "Uno")
    folder.rename(folder.with_name("elsewhere"))
    assert not desk.save()
    assert "moved or deleted" in desk.told()[-1].text
    with zipfile.ZipFile(io.BytesIO(packed(desk.slug, desk.now, desk.drafts, desk.session.key))) as inside:
        assert b"Uno" in inside.read("a-story/story.yaml")
        assert inside.read(f"a-story/{name}") == PICTURE


def test_a_draft_that_can_not_be_kept_is_told_as_long_as_it_is_so(folder: Path) -> None:
    desk = desk_of(folder)
    state = desk.drafts.place
    (state / f"{desk.session.key}.draft").mkdir()
    title(desk, "one", "Uno")
    assert "draft could not be kept" in desk.unkept
    assert state_in_words(desk, None) == "1 change, no draft"
    (state / f"{desk.session.key}.draft").rmdir()
    title(desk, "two", "Dos")
    assert desk.unkept == ""
    assert state_in_words(desk, None) == "2 changes, kept as a draft"


def test_the_state_is_told_in_words(folder: Path) -> None:
    desk = desk_of(folder)
    assert state_in_words(desk, None) == "Nothing to save"
    title(desk, "one", "Uno")
    assert state_in_words(desk, "Asia/Almaty") == "1 change, kept as a draft"
    desk.save()
    desk.saved_at = dt.datetime.now(dt.UTC).replace(hour=12, minute=2)
    assert state_in_words(desk, "UTC").startswith("Saved ") and state_in_words(desk, "UTC").endswith("12:02")


def test_a_closed_tab_lets_go_of_its_draft_at_once(folder: Path) -> None:
    left, desk, tabs = desk_of(folder, token="left"), desk_of(folder), Tabs()
    title(left, "one", "Left")
    tabs.note("connection 1", left.session, left.drafts)
    tabs.note("connection 2", desk.session, desk.drafts)
    tabs.sweep(lambda connection: True)
    assert desk.found() == ()
    tabs.sweep(lambda connection: connection == "connection 2")
    assert [draft.key for draft in desk.found()] == [left.session.key]
    tabs.sweep(lambda connection: True)


def test_others_are_told_of_by_name() -> None:
    assert who_is_here((), "Anna") == []
    assert who_is_here(("Boris (boris@news.example)",), "Anna") == ["Boris has this story open"]
    assert who_is_here(("Anna", "Boris", "Boris", "Vera"), "Anna") == [
        "Boris and Vera have this story open",
        "You have this story open in another tab",
    ]
    assert who_is_here(("[x](y)",), "Anna") == [r"\[x\]\(y\) has this story open"]


def test_times_are_told_as_the_reader_of_the_clock_knows_them() -> None:
    now = dt.datetime(2026, 11, 22, 20, 0, tzinfo=dt.UTC)
    then = dt.datetime(2026, 11, 22, 14, 2, tzinfo=dt.UTC)
    assert told(then, "UTC", now) == "14:02"
    assert told(then, "Asia/Almaty", now) == "yesterday, 19:02"
    assert told(then, None, now) == "14:02 UTC"
    assert told(then, "No/Where", now) == "14:02 UTC"
    assert told(then - dt.timedelta(days=9), "Europe/Berlin", now) == "13 November, 15:02"
    assert told(then - dt.timedelta(days=400), "UTC", now) == "18 October 2025, 14:02"
    assert dated(then, "Asia/Almaty") == "22 November 2026, 19:02"
