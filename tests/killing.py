"""Saves that are cut short, and what has to be true of the folder afterwards."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from saver import PICTURE
from storyfolder import write_story
from storymap import load
from storymap.drafts import Drafts
from storymap.history import version_files, versions
from storymap.saving import open_story

__all__ = ["RUSSIAN", "Saver", "saver_in", "whole"]

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

    @cached_property
    def outcome(self) -> dict[str, Any]:
        """The files before a save and after it, when nothing goes wrong."""
        folder, state = self.story()
        old, told = texts(folder), titles(folder)
        assert self.run(folder, state) == ("saved 2", False)
        return {"old": old, "new": texts(folder), "titles": {"old": told, "new": titles(folder)}}

    def run(self, folder: Path, state: Path, fault: Any = None) -> tuple[str, bool]:
        self.tell({"folder": str(folder), "state": str(state), "fault": fault})
        answer = self.hear()
        return answer["said"], answer["killed"]


@contextlib.contextmanager
def saver_in(top: Path) -> Iterator[Saver]:
    """The process, with its stories below ``top``."""
    command = [sys.executable, str(SAVER)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=ENVIRONMENT) as process:
        yield Saver(process, top)
        assert process.stdin
        process.stdin.close()


def titles(folder: Path) -> list[list[str]]:
    """What readers get, in both languages."""
    return [[step.title for step in load(folder, lang).steps] for lang in ("en", "ru")]


def whole(folder: Path, state: Path, outcome: dict[str, Any]) -> str:
    """Checks that a folder holds the old or the new story, readable as it is and complete once it is opened; says which."""
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
        drafts = Drafts(folder, state)
        if list(drafts.place.glob("*.draft")):
            assert [draft.now.contents for draft in drafts.found("Anna")] == [outcome["new"]]
    else:
        assert (folder / load(folder).steps[0].media.file).read_bytes() == PICTURE  # type: ignore[union-attr]
    return "old" if now == outcome["old"] else "new"
