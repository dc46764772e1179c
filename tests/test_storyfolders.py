"""Stories are begun, duplicated, renamed, put away and brought back, each in one step, and nothing is lost on the way."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyfolder import contents, write_story
from storymap import edits, load, redirects, storyfolders
from storymap.drafts import Drafts, Session
from storymap.durable import SaveError
from storymap.history import versions
from storymap.saving import at_rest, open_story, save
from storymap.slugs import free, slug_of
from storymap.storyfolders import archive, bring_back, create, duplicate, is_archived, name_fault, rename, shelf


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    folder = tmp_path / "stories"
    write_story(folder)
    return folder


def names(stories: Path) -> list[str]:
    return [one.name for one in shelf(stories)]


# Names


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("The road of salt", "the-road-of-salt"),
        ("Жаңатас: начало пути", "zhanatas-nachalo-puti"),
        ("Щучинск — ёлка, объект", "shchuchinsk-yolka-obekt"),
        ("Йод и Ïle", "yod-i-ile"),
        ("Łódź & Øresund's ß", "lodz-oresunds-ss"),
        ("  --  ", ""),
        ("汉字", ""),
        ("x" * 90, "x" * 56),
    ],
)
def test_titles_make_names_that_can_be_addresses(title: str, slug: str) -> None:
    assert slug_of(title) == slug


@given(st.text(max_size=80))
def test_any_title_makes_a_name_or_none(title: str) -> None:
    made = slug_of(title, "story")
    assert name_fault(Path("/nowhere"), made) is None or made == "basemap"


def test_a_taken_name_gets_a_number() -> None:
    assert free("a", {"b"}) == "a"
    assert free("a", {"a", "a-2"}) == "a-3"


@pytest.mark.parametrize("name", ["A", "a b", "-a", "a--b", "", "x" * 65, "../a", ".a", "basemap", "a-story", "ä"])
def test_a_story_is_never_given_a_name_that_does_not_fit(stories: Path, name: str) -> None:
    (stories / "basemap").mkdir()
    before = sorted(path.name for path in stories.iterdir())
    for work in (
        lambda: create(stories, name, lambda _: pytest.fail("nothing is made")),
        lambda: duplicate(stories, "a-story", name),
        lambda: rename(stories, "a-story", name),
    ):
        with pytest.raises(SaveError) as refused:
            work()
        assert "\n" not in str(refused.value)
    assert [name for name in sorted(path.name for path in stories.iterdir()) if name != ".storymap"] == before


# New stories


def test_a_story_that_can_not_be_written_leaves_nothing(stories: Path) -> None:
    def fill(folder: Path) -> None:
        (folder / "story.yaml").write_text("title: half\n")
        raise SaveError("no")

    with pytest.raises(SaveError, match="no"):
        create(stories, "new", fill)
    assert sorted(path.name for path in stories.iterdir()) == [".storymap", "a-story"]


def test_while_a_story_is_made_nobody_sees_it(stories: Path) -> None:
    def fill(folder: Path) -> None:
        (folder / "story.yaml").write_text("title: half\n")
        assert names(stories) == ["a-story"]
        assert folder.name == "new"

    assert create(stories, "new", fill) == stories / "new"
    assert names(stories) == ["a-story", "new"]


def test_what_a_killed_run_left_is_cleared_up(stories: Path) -> None:
    (stories / ".new.x7.new" / "new").mkdir(parents=True)
    create(stories, "other", lambda folder: (folder / "story.yaml").write_text("title: other\n"))
    assert not list(stories.glob(".*.new"))


# Duplicates


def test_a_duplicate_has_all_files_but_no_history(stories: Path) -> None:
    base = open_story(stories / "a-story")
    after = edits.set_part(base, ("url",), "https://maps.example.org/a/").after
    save(stories / "a-story", base, after, "Anna")
    assert versions(stories / "a-story")
    archive(stories, "a-story", "Anna")
    folder = duplicate(stories, "a-story", "b-story", "Another title")
    assert load(folder).title == "Another title"
    assert load(folder).url is None, "two stories never state one address"
    assert contents(folder)["places.geojson"] == contents(stories / "a-story")["places.geojson"]
    assert not versions(folder) and not is_archived(folder)
    assert load(stories / "a-story").title == "A story"


def test_a_duplicate_without_a_title_is_the_same_byte_for_byte(stories: Path) -> None:
    path = stories / "a-story" / "story.yaml"
    path.write_text("# A comment.\n" + path.read_text())
    folder = duplicate(stories, "a-story", "b-story")
    assert contents(folder) == contents(stories / "a-story")


def test_a_story_that_can_not_be_read_is_duplicated_as_it_is(stories: Path) -> None:
    (stories / "a-story" / "story.yaml").write_text("title: [\n")
    assert contents(duplicate(stories, "a-story", "b-story", "T")) == contents(stories / "a-story")


# New names


def test_a_new_name_leads_there_from_the_old_one(stories: Path) -> None:
    before = contents(stories / "a-story")
    assert rename(stories, "a-story", "b-story") == stories / "b-story"
    assert names(stories) == ["b-story"]
    assert contents(stories / "b-story") == before
    assert redirects.target(stories, "a-story") == "b-story"
    assert redirects.target(stories, "b-story") is None


def test_chains_are_collapsed_and_the_way_back_is_no_circle(stories: Path) -> None:
    for old, new in (("a-story", "b"), ("b", "c"), ("c", "d")):
        rename(stories, old, new)
    assert redirects.read(stories) == {"a-story": "d", "b": "d", "c": "d"}
    rename(stories, "d", "a-story")
    assert redirects.read(stories) == {"b": "a-story", "c": "a-story", "d": "a-story"}
    assert [redirects.target(stories, name) for name in ("a-story", "b", "c", "d")] == [None, *["a-story"] * 3]


def test_a_new_story_with_the_old_name_wins(stories: Path) -> None:
    rename(stories, "a-story", "b-story")
    write_story(stories)
    assert redirects.target(stories, "a-story") is None


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")), max_size=14))
def test_any_renames_lead_each_old_name_to_its_story_in_one_step(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str, str]]
) -> None:
    stories = tmp_path_factory.mktemp("stories")
    where: dict[str, str] = {}  # story → its name
    led: dict[str, str] = {}  # old name → story that had it last
    for number, (old, new) in enumerate(moves):
        if old not in where.values():
            (stories / old).mkdir()
            (stories / old / "story.yaml").write_text("title: x\n")
            where[str(number)] = old
        if new in where.values():
            with contextlib.suppress(SaveError):
                rename(stories, old, new)
                pytest.fail("a story was put over another")
            continue
        rename(stories, old, new)
        story = next(one for one, name in where.items() if name == old)
        where[story], led[old] = new, story
        for name in "abcde":
            expected = None if name in where.values() else where.get(led.get(name, ""))
            assert redirects.target(stories, name) == expected
        table = redirects.read(stories)
        assert all(table.get(name) is None or name not in table.values() for name in table)


def test_comments_of_the_file_stay_and_odd_lines_do_no_harm(stories: Path) -> None:
    (stories / redirects.FILE).write_text(
        "# Ours.\nold: a-story   # since spring\n: broken\nx: y: z\nself: self\nround: about\nabout: round\n"
    )
    for name, expected in (("old", "a-story"), ("self", None), ("round", None), ("x", None), ("../old", None)):
        assert redirects.target(stories, name) == expected
    rename(stories, "a-story", "b")
    text = (stories / redirects.FILE).read_text()
    assert text.startswith("# Ours.\nold: b\n: broken\nx: y: z\n")
    assert redirects.target(stories, "old") == "b"


def test_drafts_move_with_the_story(stories: Path, tmp_path: Path) -> None:
    state, tab = tmp_path / "state", Session("Anna", "one")
    base = open_story(stories / "a-story")
    drafts = Drafts(stories / "a-story", state)
    drafts.keep(tab, base, edits.set_part(base, ("title",), "Unsaved").after)
    drafts.left(tab)
    rename(stories, "a-story", "b-story", state=state)
    (found,) = Drafts(stories / "b-story", state).found("Anna")
    assert found.now.data["title"] == "Unsaved"
    assert not drafts.place.exists()


def test_a_story_that_someone_has_open_keeps_its_name(stories: Path, tmp_path: Path) -> None:
    drafts, tab = Drafts(stories / "a-story", tmp_path / "state"), Session("Anna", "one")
    drafts.seen(tab)
    with pytest.raises(SaveError, match="Anna has it open"):
        rename(stories, "a-story", "b-story", state=tmp_path / "state")
    assert names(stories) == ["a-story"] and not redirects.read(stories)
    drafts.left(tab)
    rename(stories, "a-story", "b-story", state=tmp_path / "state")


def test_drafts_that_a_killed_run_left_behind_are_moved_later(stories: Path, tmp_path: Path) -> None:
    state, tab = tmp_path / "state", Session("Anna", "one")
    base = open_story(stories / "a-story")
    drafts = Drafts(stories / "a-story", state)
    drafts.keep(tab, base, edits.set_part(base, ("title",), "Unsaved").after)
    drafts.left(tab)
    rename(stories, "a-story", "b-story")  # no state: as if killed before the drafts were moved
    assert not Drafts(stories / "b-story", state).found("Anna")
    storyfolders.follow(stories, state)
    assert Drafts(stories / "b-story", state).found("Anna")


def test_a_save_that_waited_for_a_rename_says_so_and_writes_nothing(stories: Path) -> None:
    """Also when another story has meanwhile taken the name."""
    folder = stories / "a-story"
    base = open_story(folder)
    save(folder, base, base, "Anna")
    mine = edits.set_part(base, ("title",), "Mine").after
    said: list[BaseException] = []

    def saving() -> None:
        try:
            save(folder, base, mine, "Anna")
        except SaveError as error:
            said.append(error)

    with at_rest(folder):
        thread = threading.Thread(target=saving)
        thread.start()
        while not _waits(folder / ".storymap" / "lock"):
            pass
        folder.rename(stories / "b-story")
    thread.join(60)
    assert said and "moved or deleted" in str(said[0])
    assert load(stories / "b-story").title == "A story"


def _waits(lock: Path) -> bool:
    """Whether a second handle on the lock is open in this process."""
    real = os.path.realpath(lock)
    handles = 0
    for handle in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            handles += str(handle.readlink()) == real
    return handles > 1


KILLED = """
import os, sys
from pathlib import Path
from storymap import durable, folderswap, storyfolders
stories, what, at = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
calls = 0
def counted(real):
    def call(*args, **kwargs):
        global calls
        calls += 1
        if calls == at:
            os._exit(9)
        return real(*args, **kwargs)
    return call
for name in ("open", "rename", "replace", "link", "unlink", "mkdir", "fsync", "rmdir"):
    setattr(os, name, counted(getattr(os, name)))
if what == "rename":
    storyfolders.rename(stories, "a-story", "b-story")
elif what == "duplicate":
    storyfolders.duplicate(stories, "a-story", "b-story")
else:
    storyfolders.archive(stories, "a-story", "Anna")
"""


@pytest.mark.parametrize("what", ["rename", "duplicate", "archive"])
def test_killed_at_any_call_every_story_is_whole_and_found(tmp_path: Path, what: str) -> None:
    seen = set()
    for at in range(1, 400, 3):
        stories = tmp_path / str(at)
        write_story(stories)
        before = contents(stories / "a-story")
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(stories), what, str(at)], check=False, env=_environment()
        )
        there = [one.name for one in shelf(stories)]
        found = stories / (redirects.target(stories, "a-story") or "a-story")
        assert {name: data for name, data in contents(found).items() if name != "ARCHIVED"} == before
        assert all(contents(stories / name).keys() >= before.keys() for name in there)
        seen.add((tuple(there), is_archived(found)))
        if done.returncode == 0:
            break
        assert done.returncode == 9
        if at % 4 == 0:  # the next run works, and clears up
            bring_back(stories, found.name)
            assert not list(stories.glob(".*.new"))
    else:
        pytest.fail("never came to an end")
    assert len(seen) == 2, "the old state, and the new one"


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


# Put away


def test_a_story_is_put_away_and_brought_back(stories: Path) -> None:
    before = contents(stories / "a-story")
    archive(stories, "a-story", "Anna")
    assert [(one.name, one.archived) for one in shelf(stories)] == [("a-story", True)]
    assert "Anna" in (stories / "a-story" / "ARCHIVED").read_text()
    archive(stories, "a-story", "Berik")
    bring_back(stories, "a-story")
    assert contents(stories / "a-story") == before
    bring_back(stories, "a-story")


@pytest.mark.parametrize("name", ["gone", ".storymap", "a-story/../a-story", "", ".."])
def test_a_story_that_is_not_there_is_told(stories: Path, name: str) -> None:
    works: list[Any] = [archive, lambda *_: duplicate(stories, name, "b"), lambda *_: rename(stories, name, "b")]
    for work in (*works, lambda *_: bring_back(stories, name)):
        with pytest.raises(SaveError, match="there is no story"):
            work(stories, name, "Anna")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_told_in_words(stories: Path) -> None:
    stories.chmod(0o555)
    try:
        for work in (lambda: duplicate(stories, "a-story", "b"), lambda: rename(stories, "a-story", "b")):
            with pytest.raises(SaveError, match="read-only"):
                work()
    finally:
        stories.chmod(0o755)


@pytest.mark.parametrize(("error", "words"), [(30, "the folder is read-only"), (28, "the disk is full")])
def test_a_disk_that_refuses_is_told_in_words(
    stories: Path, monkeypatch: pytest.MonkeyPatch, error: int, words: str
) -> None:
    before = contents(stories / "a-story")

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(error, "refused")

    for works in (
        lambda: duplicate(stories, "a-story", "b"),
        lambda: rename(stories, "a-story", "b"),
        lambda: archive(stories, "a-story", "Anna"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", refuse)
            with pytest.raises(SaveError, match=words) as refused:
                works()
        assert "\n" not in str(refused.value)
        assert names(stories) == ["a-story"] and contents(stories / "a-story") == before
        assert redirects.target(stories, "a-story") is None
