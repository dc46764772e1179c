"""Saves stories in processes that a test can kill. Started once, since imports take long; each save has its own fork.

Reads one JSON object a line: ``{"folder", "state", "fault"}``, and answers with one. ``fault``: none; ``{"at": n, "how": …}``,
what happens instead of the n-th call that changes the disk (``kill``, in the midst of it, or the name of an error); or ``wait``:
the process says its id and waits for a line before it saves, so that a tracer can take hold of it.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from storymap import edits
from storymap.drafts import Drafts, Session
from storymap.durable import SaveError
from storymap.manuscript import Manuscript
from storymap.saving import open_story, save

CALLS = ("open", "write", "fsync", "link", "rename", "replace", "unlink", "mkdir", "rmdir", "fchmod", "symlink")
PICTURE = b"\x89PNG not really"


def new_story(old: Manuscript, drafts: Drafts, session: Session) -> Manuscript:
    """``old`` with a step less, a step more, a changed text in both languages, and a picture."""
    now = edits.set_part(old, ("steps", "one", "title"), "Changed").after
    now = edits.translate(now, "ru", ("steps", "one", "title"), "Изменено").after
    now = edits.delete_step(now, "two").after
    now = edits.duplicate_step(now, "one", "A copy").after
    now = edits.translate(now, "ru", ("steps", "one-copy", "title"), "Копия").after
    name = drafts.bring_in(session, "media/plant.png", PICTURE)
    media = {"file": name, "alt": "A plant.", "credit": "A desk"}
    return edits.set_part(now, ("steps", "one", "media"), media).after


def work(folder: Path, state: Path) -> str:
    drafts, session = Drafts(folder, state), Session("Anna", "1")
    old = open_story(folder)
    again = [step["id"] for step in old.data["steps"]] != ["one", "two", "three"]
    now = edits.set_part(old, ("byline",), "Again").after if again else new_story(old, drafts, session)
    drafts.keep(session, old, now, ["Change much"])
    saved = save(folder, old, now, "Anna", files_from=drafts.files(session))
    drafts.discard(session.key)
    return f"saved {saved.version.number if saved.version else 0}"


def spoil(fault: dict[str, Any]) -> None:
    """Makes the n-th call that changes the disk fail."""
    left = [int(fault["at"])]

    def spoilt(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if name != "open" or arguments[1] & (os.O_CREAT | os.O_WRONLY | os.O_RDWR):
                left[0] -= 1
                if left[0] == 0:
                    if fault["how"] == "kill" and name == "write":
                        real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                    if fault["how"] == "kill":
                        os._exit(9)
                    raise OSError(getattr(errno, fault["how"]), os.strerror(getattr(errno, fault["how"])))
            return real(*arguments, **named)

        return call

    for name in CALLS:
        setattr(os, name, spoilt(name, getattr(os, name)))


def child(job: dict[str, Any], out: int, gate: int) -> None:
    said = ""
    write = os.write
    try:
        if job["fault"] == "wait":
            os.read(gate, 1)
        elif job["fault"]:
            spoil(job["fault"])
        said = work(Path(job["folder"]), Path(job["state"]))
    except SaveError as error:
        said = f"SaveError {error}"
    except BaseException:  # noqa: BLE001 - told to the test
        said = traceback.format_exc()
    write(out, said.encode())
    os._exit(0)


def main() -> None:
    for line in sys.stdin:
        job = json.loads(line)
        out, into = os.pipe()
        gate, opener = os.pipe()
        pid = os.fork()
        if pid == 0:
            child(job, into, gate)
        os.close(into)
        os.close(gate)
        if job["fault"] == "wait":
            print(json.dumps({"pid": pid}), flush=True)
            sys.stdin.readline()
            os.write(opener, b"x")
        _, status = os.waitpid(pid, 0)
        with os.fdopen(out, "rb") as answer:
            said = answer.read().decode()
        os.close(opener)
        print(json.dumps({"said": said, "killed": status != 0}), flush=True)


def in_parallel(folder: Path, who: str, times: int) -> None:
    """Adds a correction ``times`` times, and changes a title of its own, as fast as it can."""
    own = "one" if who == "Anna" else "two"
    story = open_story(folder)
    for number in range(times):
        now = edits.add(story, ("corrections",), {"date": "2024-01-01", "text": f"{who} {number}"}).after
        now = edits.set_part(now, ("steps", own, "title"), f"{who} {number}").after
        story = save(folder, story, now, who).story


if __name__ == "__main__":
    if len(sys.argv) > 1:
        in_parallel(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
    else:
        main()
