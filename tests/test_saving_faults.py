"""A save that is killed, or that the disk refuses, at any call: the story is the old one or the new one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from saver import PICTURE
from storyfolder import write_story
from storymap import load
from storymap.drafts import Drafts
from storymap.history import version_files, versions
from storymap.saving import open_story

SAVER = Path(__file__).with_name("saver.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
RUSSIAN = "title: История\nsteps:\n  one:\n    title: Один\n  two: # a note\n    title: Два\n  three:\n    title: Три\n"


def texts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.yaml"))}


class Saver:
    """A process that saves stories in forks of itself."""

    def __init__(self, process: subprocess.Popen[str], top: Path) -> None:
        self.process, self.top = process, top
        self.count = 0

    def story(self) -> tuple[Path, Path]:
        self.count += 1
        folder = write_story(self.top / str(self.count))
        (folder / "story.ru.yaml").write_text(RUSSIAN, encoding="utf-8")
        return folder, self.top / str(self.count) / "state"

    def tell(self, said: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(said) + "\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def run(self, folder: Path, state: Path, fault: Any = None) -> tuple[str, bool]:
        self.tell({"folder": str(folder), "state": str(state), "fault": fault})
        answer = self.hear()
        return answer["said"], answer["killed"]


@pytest.fixture(scope="module")
def saver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Saver]:
    command = [sys.executable, str(SAVER)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as process:
        yield Saver(process, tmp_path_factory.mktemp("saver"))
        assert process.stdin
        process.stdin.close()


@pytest.fixture(scope="module")
def outcome(saver: Saver) -> dict[str, Any]:
    """The files before a save and after it, when nothing goes wrong."""
    folder, state = saver.story()
    before = texts(folder)
    assert saver.run(folder, state) == ("saved 2", False)
    return {"old": before, "new": texts(folder), "titles": {"old": titles(*saver.story()[:1]), "new": titles(folder)}}


def titles(folder: Path) -> list[list[str]]:
    """What readers get, in both languages."""
    return [[step.title for step in load(folder, lang).steps] for lang in ("en", "ru")]


def whole(folder: Path, state: Path, outcome: dict[str, Any]) -> str:
    """Checks that a folder holds the old or the new story; says which."""
    seen = titles(folder)
    which = "new" if seen[0] == outcome["titles"]["new"][0] else "old"
    assert seen[0] == outcome["titles"][which][0]
    # A translation can be read at any moment; for one, it may be a save behind.
    known = {*outcome["titles"]["old"][1], *outcome["titles"]["new"][1]}
    assert all(russian in known or russian == english for english, russian in zip(*seen, strict=True))
    opened = open_story(folder)
    now = texts(folder)
    assert now in (outcome["old"], outcome["new"]), "half a save is left after the story was opened"
    assert opened.contents == now
    for version in versions(folder):
        assert version_files(folder, version)
    if now == outcome["old"]:
        drafts = Drafts(folder, state).found("Anna")
        if drafts:
            assert drafts[0].now.contents == outcome["new"]
    else:
        assert (folder / load(folder).steps[0].media.file).read_bytes() == PICTURE  # type: ignore[union-attr]
    return "old" if now == outcome["old"] else "new"


def test_killed_at_any_call_the_story_is_the_old_one_or_the_new_one(saver: Saver, outcome: dict[str, Any]) -> None:
    seen = []
    for at in range(1, 1000):
        folder, state = saver.story()
        said, killed = saver.run(folder, state, {"at": at, "how": "kill"})
        if not killed:
            assert said == "saved 2"
            break
        seen.append(whole(folder, state, outcome))
        if at % 5 == 0:
            assert saver.run(folder, state)[0].startswith("saved"), "the next save works"
            assert not list(folder.rglob("*.partial"))
    assert len(seen) > 60
    assert seen == sorted(seen, reverse=True), "once it is the new story, it stays so"
    assert set(seen) == {"old", "new"}


WORDS = {"ENOSPC": "the disk is full", "EIO": "the disk can not be written to", "EROFS": "the folder is read-only"}


@pytest.mark.parametrize(("error", "first", "stride"), [("ENOSPC", 1, 3), ("EIO", 2, 8), ("EROFS", 6, 8)])
def test_a_call_that_the_disk_refuses_is_told_in_one_line(
    saver: Saver, outcome: dict[str, Any], error: str, first: int, stride: int
) -> None:
    told = []
    for at in range(first, 1000, stride):
        folder, state = saver.story()
        said, killed = saver.run(folder, state, {"at": at, "how": error})
        assert not killed
        assert said == "saved 2" or (said.startswith("SaveError") and "\n" not in said), said
        done = said == "saved 2" or "the story is saved" in said
        assert whole(folder, state, outcome) == ("new" if done else "old"), said
        told.append(said)
        if said == "saved 2" and told[-6:] == ["saved 2"] * 6:
            break
    assert sum(WORDS[error] in said for said in told) > 6
