"""Saving: what others wrote in the meantime, two at once, folders that can not be written to, the history."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from storyfolder import write_story
from storymap import edits, load
from storymap.document import compile_story
from storymap.durable import SaveError, locked, replace, write_new
from storymap.errors import StoryError
from storymap.gitversions import Commit, commit_files, commits
from storymap.history import private, version_files, versions
from storymap.manuscript import Manuscript
from storymap.merge import Value
from storymap.saving import Conflicted, changed_on_disk, open_story, restore, save

SAVER = Path(__file__).with_name("saver.py")
RUSSIAN = "title: История\nsteps:\n  one:\n    title: Один\n  two: # a note\n    title: Два\n  three:\n    title: Три\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A story of three steps in two languages."""
    made = write_story(tmp_path)
    (made / "story.ru.yaml").write_text(RUSSIAN, encoding="utf-8")
    return made


def texts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.yaml"))}


def retitled(story: Manuscript, step: str, title: str) -> Manuscript:
    return edits.set_part(story, ("steps", step, "title"), title).after


def by_hand(folder: Path, old: str, new: str, file: str = "story.yaml") -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")


def test_a_save_of_nothing_writes_nothing(folder: Path) -> None:
    before = texts(folder)
    story = open_story(folder)
    assert save(folder, story, story, "Anna").version is None
    back = retitled(retitled(story, "one", "Other"), "one", "One")
    assert save(folder, story, back, "Anna").version is None
    assert texts(folder) == before
    assert versions(folder) == ()


def test_what_was_written_by_hand_meanwhile_stays(folder: Path) -> None:
    story = open_story(folder)
    by_hand(folder, "title: Two", "title: By hand # and why")
    assert changed_on_disk(folder, story) == ("Change the title of step 'By hand'",)
    saved = save(folder, story, retitled(story, "one", "Mine"), "Anna")
    assert saved.theirs == ("Change the title of step 'By hand'",)
    assert [step.title for step in load(folder).steps] == ["Mine", "By hand", "Three"]
    assert "title: By hand # and why" in (folder / "story.yaml").read_text(encoding="utf-8")
    assert saved.story.contents == texts(folder)
    assert changed_on_disk(folder, saved.story) == ()


def test_a_true_conflict_is_shown_and_decided_by_the_editor(folder: Path) -> None:
    story = open_story(folder)
    by_hand(folder, "title: Two", "title: Theirs")
    before = texts(folder)
    mine = retitled(story, "two", "Mine")
    with pytest.raises(Conflicted) as caught:
        save(folder, story, mine, "Anna")
    (conflict,) = caught.value.conflicts
    assert (conflict.what, conflict.base, conflict.ours, conflict.theirs) == (
        "title of step 'Theirs'",
        "Two",
        "Mine",
        "Theirs",
    )
    assert texts(folder) == before
    for answer, title in [("ours", "Mine"), ("theirs", "Theirs"), (Value("Both"), "Both")]:
        shutil.copytree(folder, folder.parent / title)
        save(folder.parent / title, story, mine, "Anna", decided={conflict.key: answer})  # type: ignore[dict-item]
        assert load(folder.parent / title).steps[1].title == title


def test_a_story_that_can_not_be_shown_is_not_saved(folder: Path) -> None:
    story = open_story(folder)
    before = texts(folder)
    with pytest.raises(StoryError, match=r"steps\[0\].view.fit: no layer 'nowhere'"):
        save(folder, story, edits.set_part(story, ("steps", "one", "view"), {"fit": "nowhere"}).after, "Anna")
    assert texts(folder) == before
    assert versions(folder) == ()


def test_translations_follow_the_story_in_one_save(folder: Path) -> None:
    story = open_story(folder)
    now = edits.delete_step(story, "two").after
    now = edits.duplicate_step(now, "one", "Copy").after
    now = edits.translate(now, "ru", ("steps", "one-copy", "title"), "Копия").after
    now = edits.translate(now, "kk", ("title",), "Оқиға").after
    save(folder, story, now, "Anna")
    assert [step.title for step in load(folder, "ru").steps] == ["Один", "Копия", "Три"]
    assert load(folder, "kk").title == "Оқиға"
    assert load(folder).languages == ("en", "kk", "ru")


def test_a_text_that_was_never_in_its_place_is_not_taken_away(folder: Path) -> None:
    by_hand(folder, "  three:", "  treh: {title: Опечатка}\n  three:", "story.ru.yaml")
    story = open_story(folder)
    save(folder, story, edits.delete_step(story, "two").after, "Anna")
    russian = (folder / "story.ru.yaml").read_text(encoding="utf-8")
    assert "Опечатка" in russian
    assert "Два" not in russian


def test_new_files_come_before_the_story_and_never_over_another(folder: Path, tmp_path: Path) -> None:
    story = open_story(folder)
    (tmp_path / "new/media").mkdir(parents=True)
    (tmp_path / "new/media/a.png").write_bytes(b"new")
    (tmp_path / "new/places.geojson").write_bytes(b"not this one")
    (tmp_path / "new/secret.png").symlink_to("/etc/passwd")
    kept = (folder / "places.geojson").read_bytes()
    media = {"file": "media/a.png", "alt": "A", "credit": "B"}
    save(
        folder,
        story,
        edits.set_part(story, ("steps", "one", "media"), media).after,
        "Anna",
        files_from=tmp_path / "new",
    )
    assert (folder / "media/a.png").read_bytes() == b"new"
    assert (folder / "places.geojson").read_bytes() == kept
    for name in ("secret.png", "../new/media/a.png", "/etc/passwd"):
        wrong = edits.set_part(story, ("steps", "two", "media"), {**media, "file": name}).after
        with pytest.raises(StoryError):
            save(folder, story, wrong, "Anna", files_from=tmp_path / "new")
    assert not (folder / "secret.png").exists()


def test_every_version_can_be_read_and_had_back(folder: Path) -> None:
    first = texts(folder)
    story = open_story(folder)
    saved = save(folder, story, retitled(story, "one", "Second"), "Anna")
    by_hand(folder, "title: Three", "title: By hand")
    saved = save(folder, saved.story, edits.delete_step(saved.story, "two").after, "Ben", changes=("My own words",))
    told = [(version.number, version.author, version.changes) for version in reversed(versions(folder))]
    assert told == [
        (1, "outside the editor", ("The story before the first save",)),
        (2, "Anna", ("Change the title of step 'Second'",)),
        (3, "outside the editor", ("Change the title of step 'By hand'",)),
        (4, "Ben", ("My own words",)),
    ]
    oldest = versions(folder)[-1]
    assert version_files(folder, oldest) == first
    again = restore(folder, version_files(folder, oldest), "Cy", "Restore version 1")
    assert texts(folder) == first == again.story.contents
    assert again.version is not None
    assert (again.version.number, again.version.changes) == (5, ("Restore version 1",))
    assert restore(folder, version_files(folder, oldest), "Cy", "Again").version is None
    newest = restore(folder, version_files(folder, versions(folder)[1]), "Cy", "Restore version 4")
    assert [step.title for step in load(folder).steps] == ["Second", "By hand"]
    assert newest.version is not None and newest.version.number == 6


def test_without_hard_links_new_files_come_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", link)
    assert write_new(tmp_path / "a", b"one")
    assert not write_new(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="files are known by their handles here")
def test_nothing_unflushed_stands_behind_the_pointer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When ``story.yaml`` is renamed, every byte and every name that came before it is on the disk, and then it is too."""
    dirty: set[str] = set()
    at_the_pointer: list[set[str]] = []
    real = {name: getattr(os, name) for name in ("write", "fsync", "link", "replace", "mkdir")}

    def name_of(handle: int) -> str:
        return str(Path(f"/proc/self/fd/{handle}").readlink())

    def write(handle: int, content: bytes) -> int:
        dirty.add(name_of(handle))
        return int(real["write"](handle, content))

    def fsync(handle: int) -> None:
        real["fsync"](handle)
        dirty.discard(name_of(handle))

    def name(call: str, source: str, target: str) -> None:
        assert str(source) not in dirty, f"{source} gets its name before it is flushed"
        if Path(target) == folder / "story.yaml":
            at_the_pointer.append(set(dirty))
        real[call](source, target)
        dirty.add(str(Path(target).parent))

    def mkdir(path: str, *arguments: int) -> None:
        real["mkdir"](path, *arguments)
        dirty.add(str(Path(path).parent))

    story = open_story(folder)
    now = edits.delete_step(retitled(story, "one", "New"), "two").after
    for call, made in (("write", write), ("fsync", fsync), ("mkdir", mkdir)):
        monkeypatch.setattr(os, call, made)
    monkeypatch.setattr(os, "link", partial(name, "link"))
    monkeypatch.setattr(os, "replace", partial(name, "replace"))
    save(folder, story, now, "Anna")
    monkeypatch.undo()
    assert at_the_pointer == [set()]
    assert dirty == set()
    assert load(folder).steps[0].title == "New"


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Dana", "-c", "user.email=dana@example.org", "-c", "init.defaultBranch=main"]
    command = ["git", *who, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_commits_of_a_checkout_are_versions_as_well(folder: Path) -> None:
    assert commits(folder) == ()
    first = texts(folder)
    git(folder.parent, "init", "-q")
    git(folder.parent, "add", ".")
    git(folder.parent, "commit", "-qm", "The first\n\nAnd more.")
    story = open_story(folder)
    saved = save(folder, story, edits.delete_step(story, "two").after, "Anna")
    git(folder.parent, "add", ".")
    git(folder.parent, "commit", "-qm", "Without \u2019two\u2019: «ä»")
    (folder / "notes.txt").write_text("not of the story")
    git(folder.parent, "add", ".")
    git(folder.parent, "commit", "-qm", "Notes")
    assert ".storymap" not in git(folder.parent, "ls-files")
    told = commits(folder)
    assert [(commit.author, commit.subject) for commit in told] == [
        ("Dana", "Without ’two’: «ä»"),
        ("Dana", "The first"),
    ]
    assert commit_files(folder, told[1]) == first
    assert commit_files(folder, told[0]) == saved.story.contents
    restore(folder, commit_files(folder, told[1]), "Anna", "Restore a commit")
    assert texts(folder) == first
    with pytest.raises(StoryError, match="holds no such story"):
        commit_files(folder, Commit("--output=x", "", told[0].time, ""))


def test_a_damaged_history_is_told_and_stops_no_save(folder: Path) -> None:
    story = open_story(folder)
    saved = save(folder, story, retitled(story, "one", "Second"), "Anna")
    for path in private(folder).glob("history/contents/*"):
        path.write_bytes(b"x")
    (private(folder) / "history/000002.json").write_text("{")
    assert [version.number for version in versions(folder)] == [1]
    with pytest.raises(StoryError, match="this version can not be read any more"):
        version_files(folder, versions(folder)[0])
    save(folder, saved.story, retitled(saved.story, "one", "Third"), "Anna")
    assert load(folder).steps[0].title == "Third"


def test_history_and_locks_are_hidden_from_git_readers_and_builds(folder: Path, tmp_path: Path) -> None:
    story = open_story(folder)
    plain = compile_story(load(folder)).html
    saved = save(folder, story, retitled(story, "one", "Other"), "Anna")
    save(folder, saved.story, retitled(saved.story, "one", "One"), "Anna")
    assert texts(folder) == story.contents
    assert compile_story(load(folder)).html == plain
    assert (private(folder) / ".gitignore").read_text().endswith("\n*\n")


def test_a_file_that_is_gone_or_broken_is_told_and_not_written_over(folder: Path) -> None:
    story = open_story(folder)
    mine = retitled(story, "one", "Mine")
    (folder / "story.yaml").write_text("title: [", encoding="utf-8")
    with pytest.raises(
        SaveError, match=r"^story.yaml:\d+: not readable as YAML.*is written over it, your draft is kept$"
    ):
        save(folder, story, mine, "Anna")
    assert (folder / "story.yaml").read_text(encoding="utf-8") == "title: ["
    (folder / "story.yaml").unlink()
    with pytest.raises(SaveError, match=r"^story.yaml: not in folder 'a-story': it was moved or deleted"):
        save(folder, story, mine, "Anna")
    with pytest.raises(SaveError, match="it was moved or deleted"):
        changed_on_disk(folder, story)
    shutil.rmtree(folder)
    with pytest.raises(SaveError, match=r"^a-story: the folder was moved or deleted"):
        save(folder, story, mine, "Anna")


@pytest.mark.skipif(os.geteuid() == 0, reason="the rights of a folder do not bind root")
def test_a_folder_without_rights_is_told(folder: Path) -> None:
    story = open_story(folder)
    folder.chmod(0o555)
    try:
        with pytest.raises(SaveError, match="read-only for this server: nothing was saved, your draft is kept"):
            save(folder, story, retitled(story, "one", "Mine"), "Anna")
    finally:
        folder.chmod(0o755)


def test_a_lock_that_stays_held_is_told_and_a_dead_holder_holds_nothing(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "lock"),
        pytest.raises(SaveError, match="someone else"),
        locked(tmp_path / "lock", patience_s=0),
    ):
        pass
    code = (
        "import os, sys; from pathlib import Path; from storymap.durable import locked\n"
        "locked(Path(sys.argv[1])).__enter__(); os._exit(9)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "lock")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    assert subprocess.run(command, env=environment, check=False).returncode == 9
    with locked(tmp_path / "lock", patience_s=0):
        pass


def test_rights_and_links_stay_when_a_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = tmp_path / "real/story.yaml"
    target.write_text("old")
    target.chmod(0o640)
    (tmp_path / "story.yaml").symlink_to("real/story.yaml")
    replace(tmp_path / "story.yaml", b"new")
    assert (target.read_text(), target.stat().st_mode & 0o777) == ("new", 0o640)
    assert (tmp_path / "story.yaml").is_symlink()


def test_bytes_are_flushed_before_the_name_and_the_folder_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    for name in ("write", "fsync", "rename", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, name=name, real=real: (calls.append(name), real(*a))[1])
    replace(tmp_path / "story.yaml", b"new")
    assert calls == ["write", "fsync", "replace", "fsync"]


def test_what_is_written_by_hand_at_the_last_moment_is_merged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = open_story(folder)
    real, left = os.fsync, [0]
    for at in range(1, 40):
        copy = folder.parent / f"copy-{at}"
        shutil.copytree(folder, copy)
        left[0] = at
        monkeypatch.setattr(os, "fsync", lambda handle, copy=copy: late(copy, left, real, handle))
        save(copy, story, retitled(story, "one", "Mine"), "Anna")
        told = [step.title for step in load(copy).steps][:2]
        if left[0] > 0:
            assert told == ["Mine", "Two"]
            break
        assert told == ["Mine", "By hand"], at


def late(folder: Path, left: list[int], real: Callable[[int], None], handle: int) -> None:
    left[0] -= 1
    if left[0] == 0:
        by_hand(folder, "title: Two", "title: By hand")
    real(handle)


def in_parallel(folder: Path, times: int) -> None:
    command = [sys.executable, str(SAVER), str(folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    both = [subprocess.Popen([*command, who, str(times)], env=environment) for who in ("Anna", "Ben")]
    assert [process.wait(timeout=600) for process in both] == [0, 0]


def test_two_that_save_at_the_same_time_lose_nothing(folder: Path) -> None:
    times = int(os.environ.get("STORYMAP_SAVES", "25"))
    in_parallel(folder, times)
    story = load(folder)
    told = sorted(correction.text for correction in story.corrections)
    assert told == sorted(f"{who} {number}" for who in ("Anna", "Ben") for number in range(times))
    assert [step.title for step in story.steps] == [f"Anna {times - 1}", f"Ben {times - 1}", "Three"]
    authors = [version.author for version in versions(folder)]
    assert (authors.count("Anna"), authors.count("Ben")) == (times, times)
    assert not list(folder.rglob("*.partial"))
    assert (folder / "story.ru.yaml").read_text(encoding="utf-8") == RUSSIAN
