"""Texts of a translation that are older than their original."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from storyfolder import write_story
from storymap import edits
from storymap.aging import outdated
from storymap.history import private, version_files, versions
from storymap.manuscript import Manuscript
from storymap.saving import open_story, save

RUSSIAN = "title: История\nsteps:\n  one: {title: Один, alt: Вид}\n  two: {title: Два}\n"


def saved(folder: Path, edit: edits.Edit) -> Manuscript:
    return save(folder, open_story(folder), edit.after, "Anna").story


def old(folder: Path, story: Manuscript) -> tuple[tuple[str, ...], ...]:
    return outdated(story, "ru", [partial(version_files, folder, version) for version in versions(folder)])


def test_a_text_is_outdated_until_its_translation_changes(tmp_path: Path) -> None:
    folder = write_story(tmp_path)
    (folder / "story.ru.yaml").write_text(RUSSIAN, encoding="utf-8")
    story = open_story(folder)
    assert old(folder, story) == ()
    story = saved(folder, edits.set_part(story, ("steps", "one", "title"), "Changed"))
    assert old(folder, story) == (("steps", "one", "title"),)
    story = saved(folder, edits.move(story, ("steps", "one"), 2))
    story = saved(folder, edits.set_part(story, ("title",), "Changed"))
    assert old(folder, story) == (("steps", "one", "title"), ("title",))
    story = saved(folder, edits.translate(story, "ru", ("steps", "one", "title"), "Изменено"))
    assert old(folder, story) == (("title",),)
    unsaved = edits.set_part(story, ("steps", "one", "alt"), "Not saved yet").after
    assert old(folder, unsaved) == (("steps", "one", "alt"), ("title",))


def test_a_text_translated_with_its_change_is_up_to_date_and_lost_versions_are_passed_over(tmp_path: Path) -> None:
    folder = write_story(tmp_path)
    (folder / "story.ru.yaml").write_text(RUSSIAN, encoding="utf-8")
    story = open_story(folder)
    both = edits.translate(edits.set_part(story, ("title",), "New").after, "ru", ("title",), "Новая")
    story = saved(folder, both)
    assert old(folder, story) == ()
    story = saved(folder, edits.set_part(story, ("title",), "Newer"))
    assert old(folder, story) == (("title",),)
    for path in (private(folder) / "history/contents").iterdir():
        path.unlink()
    assert old(folder, story) == ()
