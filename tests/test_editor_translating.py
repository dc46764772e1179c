"""The texts of a story beside their translation."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from storyfolder import write_story
from storymap import edits
from storymap.app.editor.translating import Line, groups, languages_of, lines, older, summary
from storymap.history import version_files, versions
from storymap.manuscript import Manuscript
from storymap.saving import open_story, save


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    def change(story: dict[str, Any]) -> None:
        story["corrections"] = [{"date": "2026-01-02", "text": "A number was wrong."}]
        story["sources"] = {"book": {"title": "A book", "url": "https://example.org/book"}}
        story["steps"][0]["sources"] = [{"source": "book", "note": "Page 7"}]

    made = write_story(tmp_path, change)
    (made / "story.ru.yaml").write_text(
        "title: История\ncorrections: {2026-01-02: Число было неверно.}\nsteps:\n  one: {title: Один, text: Первое.}\n",
        "utf-8",
    )
    return made


def look(folder: Path, now: Manuscript, lang: str = "ru", old: set[tuple[str, ...]] = frozenset()) -> dict[Any, Line]:  # type: ignore[assignment]
    return {line.place: line for line in lines(now.story(folder), now, lang, old)}


def test_every_text_stands_beside_its_translation(folder: Path) -> None:
    now = open_story(folder)
    found = look(folder, now)
    assert languages_of(now) == ["ru"]
    title = found["steps", "one", "title"]
    assert (title.what, title.original, title.translated, title.state) == ("Title", "One", "Один", "done")
    assert found["corrections", "2026-01-02", "text"].translated == "Число было неверно."
    missing = found["steps", "two", "title"]
    assert (missing.translated, missing.state, missing.to_do) == ("", "missing", True)
    assert found["layers", "area", "legend"].what == "Legend of layer 'area'"
    assert found["review",].state == "free"


def test_texts_are_in_the_order_of_the_story_by_step(folder: Path) -> None:
    now = edits.move(open_story(folder), ("steps", "three"), 0).after
    story = now.story(folder)
    made = groups(story, lines(story, now, "ru", ()))
    assert [group.key for group in made] == [
        "story", "step/three", "step/one", "step/two", "layers", "sources", "corrections",
    ]  # fmt: skip
    assert made[1].title == "1. Three"
    assert {line.place[1] for line in made[2].lines} == {"one"}
    assert made[2].to_do == sum(line.state == "missing" for line in made[2].lines)
    assert sum(len(group.lines) for group in made) == len(lines(story, now, "ru", ()))


def test_the_count_says_how_far_it_is(folder: Path) -> None:
    now = open_story(folder)
    found = lines(now.story(folder), now, "ru", {("title",)})
    asked = [line for line in found if line.state != "free"]
    assert summary(found) == f"4 of {len(asked)} texts translated, 1 older than the original"
    now = edits.add_translation(now, "kk").after
    assert summary(lines(now.story(folder), now, "kk", ())).startswith("0 of ")


def test_a_text_of_an_entry_with_one_text_is_translated_where_it_stands(folder: Path) -> None:
    now = open_story(folder)
    now = edits.translate(now, "ru", ("corrections", "2026-01-02", "text"), "Исправлено.").after
    assert look(folder, now)["corrections", "2026-01-02", "text"].translated == "Исправлено."
    assert now.story(folder, "ru").corrections[0].text == "Исправлено."


def test_texts_are_older_when_the_original_changed_after_them(folder: Path) -> None:
    known: dict[Any, Any] = {}

    def aged(now: Manuscript) -> set[tuple[str, ...]]:
        past = [partial(version_files, folder, one) for one in versions(folder)]
        return older(now, base, "ru", past, known)

    base = open_story(folder)
    assert aged(base) == set()
    now = edits.set_part(base, ("steps", "one", "text"), "First, and more.").after
    # At once, before anything is saved; and not what is translated in the same draft.
    assert aged(now) == {("steps", "one", "text")}
    assert aged(edits.translate(now, "ru", ("steps", "one", "text"), "Первое и ещё.").after) == set()
    base = save(folder, base, now, "Anna").story
    assert aged(base) == {("steps", "one", "text")}
    now = edits.set_part(base, ("title",), "Another title").after
    assert aged(now) == {("steps", "one", "text"), ("title",)}
    now = edits.translate(now, "ru", ("steps", "one", "text"), "Первое и ещё.").after
    assert aged(now) == {("title",)}
    line = look(folder, now, old={("title",)})["title",]
    assert line.state == "older" and line.to_do
