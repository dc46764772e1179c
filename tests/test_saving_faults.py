"""A save that is killed, or that the disk refuses, at any call: the story is the old one or the new one."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from killing import Saver, saver_in, whole

EVERY = int(os.environ.get("STORYMAP_EVERY_CALL", "4"))
"""1 kills at each call, 4 at each fourth one."""


@pytest.fixture(scope="module")
def saver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Saver]:
    with saver_in(tmp_path_factory.mktemp("saver")) as process:
        yield process


def test_killed_at_any_call_the_story_is_the_old_one_or_the_new_one(saver: Saver) -> None:
    seen = []
    for at in range(1, 1000, EVERY):
        folder, state = saver.story()
        said, killed = saver.run(folder, state, {"at": at, "how": "kill"})
        if not killed:
            assert said == "saved 2"
            break
        seen.append(whole(folder, state, saver.outcome))
        if len(seen) % 3 == 0:
            assert saver.run(folder, state)[0].startswith("saved"), "the next save works"
            assert not list(folder.rglob("*.partial"))
    assert len(seen) > 60 // EVERY
    assert seen == sorted(seen, reverse=True), "once it is the new story, it stays so"
    assert set(seen) == {"old", "new"}


WORDS = {"ENOSPC": "the disk is full", "EIO": "the disk can not be written to", "EROFS": "the folder is read-only"}


@pytest.mark.parametrize(("error", "first", "stride"), [("ENOSPC", 1, 5), ("EIO", 2, 12), ("EROFS", 6, 12)])
def test_a_call_that_the_disk_refuses_is_told_in_one_line(saver: Saver, error: str, first: int, stride: int) -> None:
    told = []
    for at in range(first, 1000, stride):
        folder, state = saver.story()
        said, killed = saver.run(folder, state, {"at": at, "how": error})
        assert not killed
        assert said == "saved 2" or (said.startswith("SaveError") and "\n" not in said), said
        done = said == "saved 2" or "the story is saved" in said
        assert whole(folder, state, saver.outcome) == ("new" if done else "old"), said
        told.append(said)
        if said == "saved 2" and told[-6:] == ["saved 2"] * 6:
            break
    assert sum(WORDS[error] in said for said in told) > 4
