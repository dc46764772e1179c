"""The same, killed by the kernel's tracer at the system calls of a save, where strace is installed and allowed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from killing import Saver, saver_in, whole

CHANGING = os.environ.get("STORYMAP_CALLS") or (
    "openat,write,fsync,?rename,renameat,renameat2,?link,linkat,?unlink,unlinkat,?mkdir,mkdirat,fchmod,ftruncate,flock"
)
"""System calls that change the disk or what others may do: between two of them, a kill is the same at any moment."""
EVERY = int(os.environ.get("STORYMAP_EVERY_CALL", "5"))
"""1 kills at each call, which takes a minute; 5 at each fifth one."""


@pytest.fixture(scope="module")
def saver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Saver]:
    with saver_in(tmp_path_factory.mktemp("saver")) as process:
        yield process


def attaches() -> bool:
    """Whether strace is there and may attach to a process that it did not start."""
    if shutil.which("strace") is None:
        return False
    with subprocess.Popen(["sleep", "60"]) as other:
        command = ["strace", "-o", os.devnull, "-p", str(other.pid)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
            assert tracer.stderr
            said = tracer.stderr.readline()
            other.kill()
    return "attached" in said


def traced(saver: Saver, folder: Path, state: Path, calls: str, fault: str = "") -> tuple[str, bool, list[str]]:
    """What a save said, whether it was killed, and the system calls that it made of those asked for."""
    log = folder.parent / "calls"
    saver.tell({"folder": str(folder), "state": str(state), "fault": "wait"})
    pid = saver.hear()["pid"]
    inject = ["-e", f"inject={fault}"] if fault else []
    command = ["strace", "-o", str(log), "-e", f"trace={calls}", *inject, "-p", str(pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr
        attached = "attached" in tracer.stderr.readline()
        saver.tell("go")
        answer = saver.hear()
        tracer.stderr.read()
    assert attached, "strace could attach to another process just before"
    return answer["said"], answer["killed"], re.findall(r"(?m)^([a-z0-9_]+)\(", log.read_text(encoding="utf-8"))


@pytest.mark.skipif(
    not attaches(),
    reason="no strace, or a system that lets it attach to no process (macOS, most containers); "
    "test_saving_faults.py kills the same save at each call of Python's, everywhere",
)
def test_killed_at_a_system_call_the_story_is_the_old_one_or_the_new_one(saver: Saver) -> None:
    said, killed, calls = traced(saver, *saver.story(), CHANGING)
    assert (said, killed) == ("saved 2", False)
    assert len(calls) > 100
    seen = []
    for at in range(0, len(calls), EVERY):
        name = calls[at]
        folder, state = saver.story()
        turn = calls[: at + 1].count(name)
        _, killed, _ = traced(saver, folder, state, CHANGING, f"{name}:signal=KILL:when={turn}")
        assert killed, (at, name)
        seen.append(whole(folder, state, saver.outcome))
    assert seen == sorted(seen, reverse=True)
    assert set(seen) == {"old", "new"}
